//! The fields of a line, as RFC 4180 has them: a quote opens a quoted field only at the field's
//! start, and a quoted field may go on over several lines.

/// What parts fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// One character.
    Char(char),
    /// Spaces and tabs, as many as there are.
    Blanks,
}

impl Delimiter {
    /// What a person means by a character: a space stands for any number of them.
    pub fn of(c: char) -> Self {
        if c == ' ' { Delimiter::Blanks } else { Delimiter::Char(c) }
    }
}

/// Splits lines into fields.
pub(super) struct Splitter {
    delimiter: Delimiter,
    fields: Vec<String>,
    /// How many of `fields` belong to the record.
    used: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// Nothing but blanks so far.
    Start,
    Plain,
    Quoted,
    AfterQuote,
}

impl Splitter {
    pub fn new(delimiter: Delimiter) -> Self {
        Splitter { delimiter, fields: Vec::new(), used: 0, state: State::Start }
    }

    /// Takes the next line; whether the record ends with it.
    pub fn feed(&mut self, line: &str) -> bool {
        if self.state == State::Quoted {
            self.field().push('\n');
        } else {
            self.used = 0;
            if let Delimiter::Char(delimiter) = self.delimiter
                && !line.contains('"')
            {
                self.plain(line, delimiter);
                return true;
            }
            self.open();
        }
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match (self.state, c) {
                (State::Quoted, '"') if chars.next_if_eq(&'"').is_some() => self.field().push('"'),
                (State::Quoted, '"') => self.state = State::AfterQuote,
                (State::Quoted, c) => self.field().push(c),
                (State::Start, '"') => {
                    self.field().clear();
                    self.state = State::Quoted;
                }
                (_, c) if self.parts(c) => self.part(),
                (state, c) => {
                    if state == State::Start && !c.is_whitespace() {
                        self.state = State::Plain;
                    }
                    self.field().push(c);
                }
            }
        }
        if self.state == State::Quoted {
            return false;
        }
        self.close();
        true
    }

    /// Takes a line without quotes, which is parted wherever its delimiter stands.
    fn plain(&mut self, line: &str, delimiter: char) {
        if line.trim().is_empty() && !line.contains(delimiter) {
            return;
        }
        for part in line.split(delimiter) {
            self.open();
            self.field().push_str(part);
        }
        self.state = State::Start;
    }

    /// The fields of the record that was fed last.
    pub fn record(&self) -> &[String] {
        &self.fields[..self.used]
    }

    fn parts(&self, c: char) -> bool {
        match self.delimiter {
            Delimiter::Char(delimiter) => c == delimiter,
            Delimiter::Blanks => c == ' ' || c == '\t',
        }
    }

    fn part(&mut self) {
        // Blanks at the start, and those behind blanks, part nothing.
        if self.delimiter == Delimiter::Blanks && self.state == State::Start {
            return;
        }
        self.open();
    }

    fn open(&mut self) {
        if self.used == self.fields.len() {
            self.fields.push(String::new());
        }
        self.fields[self.used].clear();
        self.used += 1;
        self.state = State::Start;
    }

    fn close(&mut self) {
        let is_blank = self.fields[self.used - 1].trim().is_empty();
        let drops = is_blank && (self.used == 1 || self.delimiter == Delimiter::Blanks);
        if drops && self.state == State::Start {
            self.used -= 1;
        }
        self.state = State::Start;
    }

    fn field(&mut self) -> &mut String {
        &mut self.fields[self.used - 1]
    }
}

/// The fields of one line alone.
pub(super) fn of_line(line: &str, delimiter: Delimiter) -> Vec<String> {
    let mut splitter = Splitter::new(delimiter);
    splitter.feed(line);
    splitter.record().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str, delimiter: Delimiter) -> Vec<String> {
        of_line(line, delimiter)
    }

    #[test]
    fn fields_are_parted_and_quotes_taken_off() {
        let comma = Delimiter::Char(',');
        assert_eq!(split("1,\"a \"\"b\"\", c\", d", comma), ["1", "a \"b\", c", " d"]);
        assert_eq!(split("", comma), [""; 0]);
        assert_eq!(split(",", comma), ["", ""]);
        assert_eq!(split("5\" pipe,2", comma), ["5\" pipe", "2"]);
        assert_eq!(split("  1.5  \t 2 ", Delimiter::Blanks), ["1.5", "2"]);
        assert_eq!(split("\"living area\" 2", Delimiter::Blanks), ["living area", "2"]);
    }

    #[test]
    fn a_quoted_field_goes_on_over_lines() {
        let mut splitter = Splitter::new(Delimiter::Char(','));
        assert!(!splitter.feed("1,\"two"));
        assert!(splitter.feed("lines\",3"));
        assert_eq!(splitter.record(), ["1", "two\nlines", "3"]);
        assert!(splitter.feed("4"));
        assert_eq!(splitter.record(), ["4"]);
    }
}
