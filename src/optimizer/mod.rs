//! Optimizers as data: a definition in TOML, the registry of the built-in ones, and stamping a
//! definition out for every weight of a model.

mod definition;
mod stamp;

pub use definition::{ColumnDefinition, Definition, Hyperparameter, Interval};
pub use stamp::sheet;

use std::sync::LazyLock;

use crate::error::{Error, Result};

/// The built-in definitions, in the order in which they are run by default.
const BUILT_IN: [(&str, &str); 4] = [
    ("sgd", include_str!("builtin/sgd.toml")),
    ("momentum", include_str!("builtin/momentum.toml")),
    ("rmsprop", include_str!("builtin/rmsprop.toml")),
    ("adam", include_str!("builtin/adam.toml")),
];

static REGISTRY: LazyLock<Result<Vec<Definition>>> = LazyLock::new(|| {
    BUILT_IN
        .iter()
        .map(|(name, text)| Definition::read(name, &format!("{name}.toml"), text))
        .collect()
});

/// All built-in optimizers, in the order in which they are run by default.
///
/// # Errors
/// A mistake in a built-in definition, which a test excludes.
pub fn registry() -> Result<&'static [Definition]> {
    REGISTRY.as_ref().map(Vec::as_slice).map_err(Clone::clone)
}

/// The optimizer called `name`.
///
/// # Errors
/// There is none; the known ones are listed with the nearest first.
pub fn find(name: &str) -> Result<&'static Definition> {
    let registry = registry()?;
    registry.iter().find(|definition| definition.name == name).ok_or_else(|| {
        let known: Vec<&str> = registry.iter().map(|definition| definition.name.as_str()).collect();
        Error::new(format!("there is no optimizer `{name}`")).help(Error::known_names(name, &known))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_definition_reads() {
        let names: Vec<&str> =
            registry().unwrap().iter().map(|definition| definition.name.as_str()).collect();
        assert_eq!(names, ["sgd", "momentum", "rmsprop", "adam"]);
    }

    #[test]
    fn an_unknown_optimizer_gets_the_known_ones() {
        assert_eq!(
            find("adma").unwrap_err().to_string(),
            "there is no optimizer `adma`\n  \
             help: did you mean `adam`? Known: sgd, momentum, rmsprop, adam"
        );
    }
}
