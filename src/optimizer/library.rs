//! Which library has an optimizer in this very form, and the expression that makes it there: what a
//! reader runs to see the same numbers come from somebody else's program.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::schema::{Source, inside};
use crate::error::{Error, Result};
use crate::formula::Condition;

/// A library of optimizers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// PyTorch.
    PyTorch,
    /// Keras 3.
    Keras,
    /// Optax.
    Optax,
}

impl Product {
    /// Its name in prose.
    pub fn title(self) -> &'static str {
        match self {
            Product::PyTorch => "PyTorch",
            Product::Keras => "Keras",
            Product::Optax => "Optax",
        }
    }

    /// Its name in definitions.
    pub(super) fn key(self) -> &'static str {
        match self {
            Product::PyTorch => "pytorch",
            Product::Keras => "keras",
            Product::Optax => "optax",
        }
    }

    /// What its optimizers begin with.
    fn prefix(self) -> &'static str {
        match self {
            Product::PyTorch => "torch.optim.",
            Product::Keras => "keras.optimizers.",
            Product::Optax => "optax.",
        }
    }
}

/// A library that has the optimizer, and how it is made there.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    /// The library.
    pub product: Product,
    /// The expression with `{lr}` and the like for hyperparameters.
    pub made_with: String,
    /// What must hold of the hyperparameters, for a library that does something else otherwise.
    pub when: Vec<Condition>,
}

/// The libraries as a definition has them.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LibraryEntry {
    pytorch: Option<Spanned<String>>,
    keras: Option<Spanned<String>>,
    optax: Option<Spanned<String>>,
    #[serde(default)]
    when: Vec<Spanned<String>>,
}

impl LibraryEntry {
    /// Reads the expressions over the hyperparameters `known`.
    ///
    /// # Errors
    /// An expression that is of no such library, or has something else in its braces.
    pub fn read(&self, known: &[&str], source: &Source) -> Result<Vec<Library>> {
        let when = self.when.iter().map(|one| source.condition(one, known));
        let when = when.collect::<Result<Vec<Condition>>>()?;
        let entries = [
            (Product::PyTorch, &self.pytorch),
            (Product::Keras, &self.keras),
            (Product::Optax, &self.optax),
        ];
        let mut libraries = Vec::new();
        for (product, written) in entries {
            let Some(written) = written else { continue };
            check(product, written, known, source)?;
            let made_with = written.get_ref().clone();
            libraries.push(Library { product, made_with, when: when.clone() });
        }
        Ok(libraries)
    }
}

fn check(
    product: Product,
    written: &Spanned<String>,
    known: &[&str],
    source: &Source,
) -> Result<()> {
    let (text, start) = (written.get_ref(), inside(written).start);
    let at = |range: Range<usize>| start + range.start..start + range.end;
    if !text.starts_with(product.prefix()) {
        let what = format!("an optimizer of {} begins with {}", product.title(), product.prefix());
        return Err(source.error(&what, at(0..text.len())));
    }
    if text.contains(['\n', '\r']) {
        return Err(source.error("the expression stands on one line", at(0..text.len())));
    }
    let mut end = 0;
    while let Some(open) = text[end..].find(['{', '}']).map(|found| found + end) {
        let close = text[open..].find('}').map(|found| found + open);
        let Some(close) = close.filter(|close| *close > open) else {
            let message = "a hyperparameter stands between { and }";
            return Err(source.error(message, at(open..open + 1)));
        };
        let name = &text[open + 1..close];
        if !known.contains(&name) {
            let message = format!("there is no hyperparameter `{name}`");
            let help = Error::known_names(name, known);
            return Err(source.error(&message, at(open + 1..close.max(open + 2))).help(help));
        }
        end = close + 1;
    }
    Ok(())
}
