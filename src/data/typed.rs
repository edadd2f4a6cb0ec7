//! The command line that the user typed, to be offered again with something else in it.

/// Options whose values say where the data are; an offer replaces those that it names.
const WITH_VALUES: &[&str] = &["x", "y", "sheet", "range", "decimal", "delimiter"];

/// A command as its words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Typed {
    words: Vec<String>,
}

impl Typed {
    /// The command of these words, the program first.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        Typed { words: words.into_iter().collect() }
    }

    /// The same command with these options, ready to be pasted: what it says itself about them, and
    /// about cells if the columns change, is left out.
    pub fn with(&self, options: &[(&str, &str)]) -> String {
        let mut words = Vec::new();
        let mut skips = false;
        for word in &self.words {
            if std::mem::take(&mut skips) {
                continue;
            }
            let key = word.strip_prefix("--").map(|rest| rest.split('=').next().unwrap_or(rest));
            let is_replaced = key.is_some_and(|key| {
                WITH_VALUES.contains(&key) && options.iter().any(|(name, _)| *name == key)
            });
            match is_replaced {
                true => skips = !word.contains('='),
                false => words.push(quoted(word)),
            }
        }
        words.extend(options.iter().map(|(name, value)| option(name, value)));
        words.join(" ")
    }
}

/// What to do for `options`: the whole command, or what to say where no command was typed.
pub(crate) fn offer(typed: Option<&Typed>, options: &[(&str, &str)]) -> String {
    match typed {
        Some(typed) => typed.with(options),
        None => {
            let words: Vec<String> =
                options.iter().map(|(name, value)| option(name, value)).collect();
            format!("say {}", words.join(" "))
        }
    }
}

/// An option with its value; in one word where the value would be taken for an option.
fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { "=" } else { " " };
    format!("--{name}{between}{}", quoted(value))
}

/// A word as a shell takes it for one.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    match word.contains(['"', '$', '`', '\\', '!']) {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => format!("\"{word}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("lr=1e-6"), "lr=1e-6");
        assert_eq!(quoted("a*x + b"), "\"a*x + b\"");
        assert_eq!(quoted("my $file's"), "'my $file'\\''s'");
    }

    #[test]
    fn a_command_is_offered_with_other_columns() {
        let words = ["gdtrace", "run", "my file.xlsx", "--x", "B", "--epochs", "3", "--y=C"];
        let typed = Typed::new(words.map(str::to_owned));
        assert_eq!(
            typed.with(&[("x", "Living area")]),
            "gdtrace run \"my file.xlsx\" --epochs 3 --y=C --x \"Living area\""
        );
        assert_eq!(
            typed.with(&[("x", "-5"), ("y", "D")]),
            "gdtrace run \"my file.xlsx\" --epochs 3 --x=-5 --y D"
        );
        assert_eq!(offer(None, &[("y", "E")]), "say --y E");
    }
}
