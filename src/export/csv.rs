//! Comma-separated values as RFC 4180 has them.

/// What ends a line.
pub const END: &str = "\r\n";

/// What a spreadsheet takes a field for a formula by that begins with it.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text as a field: in quotes where it must be, and behind an apostrophe where a spreadsheet would
/// compute it. A number is no formula, whatever its sign.
pub fn field(text: &str) -> String {
    let mark = if is_formula(text) && text.parse::<f64>().is_err() { "'" } else { "" };
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{mark}{}\"", text.replace('"', "\"\"")),
        false => format!("{mark}{text}"),
    }
}

/// Whether a spreadsheet would compute a text, or would but for its apostrophes.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// The text of a field without the apostrophe that [`field`] put before it.
fn unmarked(field: String) -> String {
    match field.strip_prefix('\'') {
        Some(text) if is_formula(text) => text.to_owned(),
        _ => field,
    }
}

/// The fields of a line without line ends in fields; none where it is no such line.
pub fn fields(line: &str) -> Option<Vec<String>> {
    let mut rest = line.strip_suffix(END)?;
    let mut fields = Vec::new();
    loop {
        let (field, more) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => match rest.split_once(',') {
                Some((field, more)) => (field.to_owned(), Some(more)),
                None => (rest.to_owned(), None),
            },
        };
        fields.push(unmarked(field));
        match more {
            Some(more) => rest = more,
            None => return Some(fields),
        }
    }
}

/// A field behind its first quote, and what follows its comma.
fn unquoted(text: &str) -> Option<(String, Option<&str>)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (inside, behind) = rest.split_once('"')?;
        field.push_str(inside);
        match behind.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None if behind.is_empty() => return Some((field, None)),
            None => return Some((field, Some(behind.strip_prefix(',')?))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_in_quotes_where_they_must_be() {
        assert_eq!(field("adam keras"), "adam keras");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("5\" disk"), "\"5\"\" disk\"");
    }

    #[test]
    fn no_field_is_a_formula() {
        for (text, written) in [
            ("=HYPERLINK(\"http://a\")", "\"'=HYPERLINK(\"\"http://a\"\")\""),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1+cmd", "'+1+cmd"),
            ("-a*x", "'-a*x"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("-1.5e-3", "-1.5e-3"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(field(text), written);
        }
    }

    #[test]
    fn a_line_is_read_back() {
        for texts in [
            &["adam keras", "a,b", "", "5\" disk"][..],
            &[""],
            &["\"", ","],
            &["=1", "'=1", "''-x", "'", "'a", "-1", "'-1"],
        ] {
            let line = texts.iter().map(|text| field(text)).collect::<Vec<_>>().join(",") + END;
            assert_eq!(fields(&line).unwrap(), texts);
        }
        for wrong in ["1,2", "1,2\n", "\"a\r\n", "\"a\"b,2\r\n"] {
            assert_eq!(fields(wrong), None, "{wrong:?}");
        }
    }
}
