//! What the texts of a column say about how its numbers are written: whether `1,000` is a thousand
//! or one.

use super::numbers::{Style, is_space, plain};

/// Whether a text is a number with a decimal point that can be nothing else: 12.5 and not 1.250.
fn has_plain_point(text: &str) -> bool {
    let after = text.split_once('.').map_or(0, |(_, after)| after.len());
    after > 0 && after != 3 && plain(text, '.').is_some()
}

/// What the texts of a column say about how its numbers are written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Evidence {
    /// Texts that are numbers only with a point, or only with a comma, as the decimal sign.
    point: usize,
    comma: usize,
    /// Texts with a comma, or a point, before three last digits: thousands or a fraction.
    open_comma: usize,
    open_point: usize,
    /// The first of those, for the question.
    example: Option<Box<str>>,
    /// Of those, how many end in 00, as round thousands do.
    round: usize,
    /// Whole numbers without a separator: between 100 and 999, and of four digits and more.
    hundreds: usize,
    longer: usize,
    /// Texts with a percent sign; the first one.
    pub percent: Option<Box<str>>,
}

/// How sure the style of a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// No text can be read in two ways, or the others of the column say which.
    Certain,
    /// The rest of the file decided.
    ByOthers,
    /// Nothing said so: it is a guess, to be told.
    Guessed,
}

impl Evidence {
    /// Hears a text; whether it is a number at all.
    pub fn hear(&mut self, text: &str) -> bool {
        if has_plain_point(text) {
            self.point += 1;
            return true;
        }
        let with = |decimal: char| Style { decimal }.number(text);
        let (point, comma) = (with('.'), with(','));
        match (point, comma) {
            (None, None) => return false,
            (Some(_), None) => self.point += 1,
            (None, Some(_)) => self.comma += 1,
            (Some(point), Some(comma)) if point != comma => self.hear_open(text),
            (Some(number), Some(_)) => self.hear_whole(number),
        }
        if self.percent.is_none() && text.contains(['%', '‰']) {
            self.percent = Some(text.trim().into());
        }
        true
    }

    /// Hears a whole number that has no separator.
    pub fn hear_whole(&mut self, number: f64) {
        let size = number.abs();
        self.hundreds += usize::from((100.0..1000.0).contains(&size));
        self.longer += usize::from(size >= 1000.0);
    }

    fn hear_open(&mut self, text: &str) {
        let text = text.trim_matches(is_space);
        *(if text.contains(',') { &mut self.open_comma } else { &mut self.open_point }) += 1;
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        self.round += usize::from(digits.ends_with("00"));
        self.example.get_or_insert_with(|| text.into());
    }

    /// A text that can be read in two ways.
    pub fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    /// The decimal sign that these texts prove.
    fn proof(&self) -> Option<char> {
        match (self.point, self.comma) {
            (0, 0) => None,
            (point, comma) if comma > point => Some(','),
            (point, comma) if point > comma => Some('.'),
            _ => None,
        }
    }

    /// What all columns of a file prove together; without a proof what one of them makes likely.
    pub fn proof_of_all<'e>(all: impl Iterator<Item = &'e Evidence> + Clone) -> Option<char> {
        let mut sum = Evidence::default();
        for one in all.clone() {
            sum.point += one.point;
            sum.comma += one.comma;
        }
        let likely = || all.filter(|one| one.looks_grouped()).map(Evidence::thousands).next();
        sum.proof().or_else(likely)
    }

    /// The decimal sign if what can be read in two ways are thousands.
    fn thousands(&self) -> char {
        Style { decimal: self.separator() }.grouping()
    }

    /// The sign that can be read in two ways.
    fn separator(&self) -> char {
        if self.open_comma >= self.open_point { ',' } else { '.' }
    }

    /// 950 beside 1,200 and no 1200, or nothing but round thousands.
    fn looks_grouped(&self) -> bool {
        let open = self.open_comma + self.open_point;
        let is_round = self.round == open && open > 1;
        open > 0 && self.longer == 0 && (self.hundreds > 0 || is_round)
    }

    /// How to read the column: by its own proof, by what is usual for thousands, by `others` (what
    /// the rest of the file proves), or as `usual` for such files.
    pub fn style(&self, others: Option<char>, usual: char) -> (Style, Certainty) {
        let style = |decimal, certainty| (Style { decimal }, certainty);
        let open = self.open_comma + self.open_point;
        if let Some(decimal) = self.proof() {
            return style(decimal, Certainty::Certain);
        }
        if open == 0 {
            return style(others.unwrap_or('.'), Certainty::Certain);
        }
        let separator = self.separator();
        if self.longer > 0 {
            return style(separator, Certainty::Certain);
        }
        if let Some(decimal) = others {
            return style(decimal, Certainty::ByOthers);
        }
        if self.looks_grouped() {
            return style(self.thousands(), Certainty::Guessed);
        }
        // A point with three digits behind it is a fraction wherever programs write.
        match separator {
            '.' => style('.', Certainty::Certain),
            _ => style(usual, Certainty::Guessed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_says_how_it_is_written() {
        let style = |texts: &[&str], others, usual| {
            let mut evidence = Evidence::default();
            texts.iter().for_each(|text| assert!(evidence.hear(text), "{text}"));
            let (style, certainty) = evidence.style(others, usual);
            (style.decimal, certainty)
        };
        use Certainty::{ByOthers, Certain, Guessed};
        for (texts, others, usual, expected) in [
            (&["1,000", "2,500.5"][..], None, ',', ('.', Certain)),
            (&["1,000", "2,5"], None, '.', (',', Certain)),
            (&["1,000", "1,234,567"], None, ',', ('.', Certain)),
            (&["1,234", "12345"], None, '.', (',', Certain)),
            (&["1,200", "950"], None, ',', ('.', Guessed)),
            (&["1,000", "2,500"], None, ',', ('.', Guessed)),
            (&["1,234", "5,678"], None, ',', (',', Guessed)),
            (&["1,234", "5,678"], Some('.'), ',', ('.', ByOthers)),
            (&["1.234", "5.678"], None, ',', ('.', Certain)),
            (&["1.234", "5.678"], Some(','), '.', (',', ByOthers)),
            (&["1 234,5"], None, '.', (',', Certain)),
            (&["12", "13"], None, '.', ('.', Certain)),
        ] {
            assert_eq!(style(texts, others, usual), expected, "{texts:?}");
        }
        assert!(!Evidence::default().hear("abc"));
    }
}
