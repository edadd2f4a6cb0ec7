//! Markup that is safe to place as it is, and the little that is needed to make it.

use serde::Serialize;

use super::paper::is_long;
use crate::error::{Error, Result};
use crate::export::address::encoded;
use crate::formula::escape;

/// HTML, MathML, SVG or CSS that needs no more escaping: templates place it with `| safe`, and
/// nothing else so.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Markup(String);

impl Markup {
    /// Markup that was made from constants, numbers and escaped text.
    pub fn trusted(markup: String) -> Self {
        Markup(markup)
    }

    /// A formula within a line, from the inside of its `<math>`.
    pub fn math(inside: &str) -> Self {
        Markup(math(inside))
    }

    /// A formula on a line of its own, from the inside of its `<math>`.
    pub fn display_math(inside: &str) -> Self {
        Markup(math_with(" display=\"block\"", inside))
    }

    /// What a script knows, as JSON that can stand in a `<script>`.
    ///
    /// # Errors
    /// None that what is shown can cause.
    pub fn json(known: &impl Serialize) -> Result<Self> {
        let json = serde_json::to_string(known)
            .map_err(|error| Error::new(format!("cannot write the report: {error}")))?;
        Ok(Markup(json.replace('<', "\\u003c")))
    }

    /// Parts one after the other, with what stands between them.
    pub fn joined(parts: impl Iterator<Item = Markup>, between: &str) -> Self {
        Markup(parts.map(|part| part.0).collect::<Vec<_>>().join(between))
    }

    /// The markup itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Plain text.
    pub fn text(text: &str) -> Self {
        Markup(escape(text))
    }
}

/// A `<math>` in a line.
pub fn math(inside: &str) -> String {
    math_with("", inside)
}

/// The same with these attributes. One that is longer than a line can break on paper (math.js says how).
fn math_with(attributes: &str, inside: &str) -> String {
    let class = if is_long(inside) { " class=\"long\"" } else { "" };
    format!("<math{attributes}{class}>{inside}</math>")
}

/// The address of the file called `name` beside the page. Whatever the name, it is neither an
/// address elsewhere nor a script.
pub fn relative_address(name: &str) -> String {
    format!("./{}", encoded(name, ""))
}

/// What an element is called in addresses: `kind` with `name`, made of plain letters; where the
/// name has others, its number makes it unique.
pub fn anchor(kind: &str, name: &str, number: usize) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match !name.is_empty() && name.chars().all(plain) {
        true => format!("{kind}-{name}"),
        false => format!("{kind}-number-{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_beside_the_page() {
        assert_eq!(relative_address("graddes.trace.xlsx"), "./graddes.trace.xlsx");
        assert_eq!(relative_address("javascript:alert(1)"), "./javascript%3Aalert%281%29");
        assert_eq!(relative_address("a b/ü"), "./a%20b%2F%C3%BC");
    }

    #[test]
    fn an_anchor_is_made_of_plain_letters() {
        assert_eq!(anchor("optimizer", "adam", 3), "optimizer-adam");
        assert_eq!(anchor("optimizer", "<b>", 3), "optimizer-number-3");
    }
}
