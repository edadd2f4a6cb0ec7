//! Comma-separated values as RFC 4180 has them.

/// What ends a line.
pub const END: &str = "\r\n";

/// A text as a field: in quotes where it must be.
pub fn field(text: &str) -> String {
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
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
        fields.push(field);
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
    fn a_line_is_read_back() {
        for texts in [&["adam keras", "a,b", "", "5\" disk"][..], &[""], &["\"", ","]] {
            let line = texts.iter().map(|text| field(text)).collect::<Vec<_>>().join(",") + END;
            assert_eq!(fields(&line).unwrap(), texts);
        }
        for wrong in ["1,2", "1,2\n", "\"a\r\n", "\"a\"b,2\r\n"] {
            assert_eq!(fields(wrong), None, "{wrong:?}");
        }
    }
}
