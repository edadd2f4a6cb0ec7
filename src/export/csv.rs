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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_in_quotes_where_they_must_be() {
        assert_eq!(field("adam keras"), "adam keras");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("5\" disk"), "\"5\"\" disk\"");
    }
}
