//! One error type for everything that can go wrong from outside.
//!
//! An error says four things: what happened, where (file, sheet and cell, or a place in a
//! formula or definition), what to do about it, and with which code the process exits. Its words
//! are a part of the product: a beginner reads them, and tests hold them.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// The result of anything that reads from outside.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and what to do about it.
///
/// `Display` gives the whole message over several lines, without a leading `error:`.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    what: String,
    place: Place,
    help: Option<String>,
}

/// Where an error is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Place {
    /// Nowhere in particular: the message says all there is.
    #[default]
    Nowhere,
    /// An argument of the command line, as it was written (`--set adam.beta1=2`).
    Argument(String),
    /// A file as a whole.
    File(PathBuf),
    /// A sheet of a workbook.
    Sheet {
        /// The workbook.
        file: PathBuf,
        /// The sheet's name.
        sheet: String,
    },
    /// A cell of a workbook (for .csv files the sheet is empty).
    Cell {
        /// The workbook.
        file: PathBuf,
        /// The sheet's name; empty where the format has no sheets.
        sheet: String,
        /// The cell's address, such as `B7`.
        cell: String,
    },
    /// A place in a text: a formula, an optimizer definition, a settings file.
    Text {
        /// What the text is, such as `adam.toml`.
        name: String,
        /// The whole text.
        text: String,
        /// The bytes of `text` that are meant.
        span: Range<usize>,
    },
}

impl Error {
    /// An error that says `what` happened, so far without a place or advice.
    pub fn new(what: impl Into<String>) -> Self {
        Error { what: what.into(), place: Place::Nowhere, help: None }
    }

    /// An input or output failure of the system on `file`.
    pub fn io(doing: &str, file: &Path, source: &std::io::Error) -> Self {
        Error::new(format!("cannot {doing}: {source}")).in_file(file)
    }

    /// Says where it happened.
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Says in which file it happened.
    pub fn in_file(self, file: &Path) -> Self {
        self.at(Place::File(file.to_owned()))
    }

    /// The same with `name` for the file at `path`, where it is there.
    pub fn of_file(mut self, path: &Path, name: &Path) -> Self {
        if let Place::File(file) | Place::Sheet { file, .. } | Place::Cell { file, .. } =
            &mut self.place
            && file == path
        {
            name.clone_into(file);
        }
        self
    }

    /// Says in which sheet it happened.
    pub fn in_sheet(self, file: &Path, sheet: &str) -> Self {
        self.at(Place::Sheet { file: file.to_owned(), sheet: sheet.to_owned() })
    }

    /// Says in which cell it happened.
    pub fn in_cell(self, file: &Path, sheet: &str, cell: &str) -> Self {
        self.at(Place::Cell {
            file: file.to_owned(),
            sheet: sheet.to_owned(),
            cell: cell.to_owned(),
        })
    }

    /// Says which argument of the command line it is about.
    pub fn in_argument(self, argument: impl Into<String>) -> Self {
        self.at(Place::Argument(argument.into()))
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What to do, where it is known.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// What happened, in one line.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Where it happened.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The exit code of a process that ends with this error: 2, an input or usage error.
    pub fn exit_code(&self) -> u8 {
        2
    }

    /// `known` as a list for a help line, with the name nearest to `wanted` first.
    pub fn known_names(wanted: &str, known: &[&str]) -> String {
        let nearest = known
            .iter()
            .map(|name| (strsim::damerau_levenshtein(&wanted.to_lowercase(), name), name))
            .min_by_key(|(distance, _)| *distance);
        let list = known.join(", ");
        match nearest {
            // A name is near when more of it is right than wrong.
            Some((distance, name)) if 2 * distance <= wanted.chars().count() => {
                format!("did you mean `{name}`? Known: {list}")
            }
            _ => format!("known: {list}"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Place::Text { name, text, span } = &self.place {
            f.write_str(&excerpt(&self.what, name, text, span))?;
        } else {
            f.write_str(&self.what)?;
        }
        match &self.place {
            Place::Nowhere | Place::Text { .. } => {}
            Place::Argument(argument) => write!(f, "\n  --> {argument}")?,
            Place::File(file) => write!(f, "\n  --> {}", file.display())?,
            Place::Sheet { file, sheet } => {
                write!(f, "\n  --> {}, sheet '{sheet}'", file.display())?
            }
            Place::Cell { file, sheet, cell } if sheet.is_empty() => {
                write!(f, "\n  --> {}, cell {cell}", file.display())?
            }
            Place::Cell { file, sheet, cell } => {
                write!(f, "\n  --> {}, sheet '{sheet}', cell {cell}", file.display())?
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The message with the line of the text that it is about and a caret under the place.
fn excerpt(what: &str, name: &str, text: &str, span: &Range<usize>) -> String {
    let span = span.start.min(text.len())..span.end.min(text.len());
    let snippet = Snippet::source(text).path(name).annotation(AnnotationKind::Primary.span(span));
    let report = [Level::ERROR.primary_title(what).element(snippet)];
    let rendered = Renderer::plain().render(&report);
    rendered.strip_prefix("error: ").unwrap_or(&rendered).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_error_names_file_sheet_cell_and_what_to_do() {
        let error = Error::new("the cell holds the text \"abc\" where a number is needed")
            .in_cell(Path::new("book.xlsx"), "data", "B7")
            .help("write a number there");
        assert_eq!(
            error.to_string(),
            "the cell holds the text \"abc\" where a number is needed\n  \
             --> book.xlsx, sheet 'data', cell B7\n  \
             help: write a number there"
        );
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn an_error_in_a_text_shows_the_line_and_a_caret() {
        let error = Error::new("expected a number, a name or `(`").at(Place::Text {
            name: "formula".into(),
            text: "1 + * 2".into(),
            span: 4..5,
        });
        assert_eq!(
            error.to_string(),
            "expected a number, a name or `(`\n --> formula:1:5\n  |\n1 | 1 + * 2\n  |     ^"
        );
    }

    #[test]
    fn the_nearest_known_name_is_offered() {
        let known = ["sgd", "momentum", "adam"];
        assert_eq!(
            Error::known_names("Adm", &known),
            "did you mean `adam`? Known: sgd, momentum, adam"
        );
        assert_eq!(Error::known_names("quasi-newton", &known), "known: sgd, momentum, adam");
        assert_eq!(Error::known_names("c", &["a", "b"]), "known: a, b");
    }
}
