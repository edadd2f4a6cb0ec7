//! The known optimizers: the built-in ones, and those of a user's own files.

use std::path::Path;
use std::sync::LazyLock;

use super::Definition;
use crate::error::{Error, Result};

/// The built-in definitions.
const BUILT_IN: [(&str, &str); 14] = [
    ("sgd", include_str!("builtin/sgd.toml")),
    ("momentum", include_str!("builtin/momentum.toml")),
    ("nesterov", include_str!("builtin/nesterov.toml")),
    ("adagrad", include_str!("builtin/adagrad.toml")),
    ("adadelta", include_str!("builtin/adadelta.toml")),
    ("rmsprop", include_str!("builtin/rmsprop.toml")),
    ("adam", include_str!("builtin/adam.toml")),
    ("amsgrad", include_str!("builtin/amsgrad.toml")),
    ("adamw", include_str!("builtin/adamw.toml")),
    ("adamax", include_str!("builtin/adamax.toml")),
    ("nadam", include_str!("builtin/nadam.toml")),
    ("radam", include_str!("builtin/radam.toml")),
    ("lion", include_str!("builtin/lion.toml")),
    ("eve", include_str!("builtin/eve.toml")),
];

static REGISTRY: LazyLock<Result<Registry>> = LazyLock::new(|| {
    let read = |(name, text): &(&str, &str)| Definition::read(name, &format!("{name}.toml"), text);
    let definitions: Result<Vec<Definition>> = BUILT_IN.iter().map(read).collect();
    let texts = BUILT_IN.iter().map(|(_, text)| (*text).to_owned()).collect();
    Ok(Registry { definitions: definitions?, texts })
});

/// The optimizers that a command may name.
#[derive(Debug, Clone)]
pub struct Registry {
    definitions: Vec<Definition>,
    /// The files that they were read from.
    texts: Vec<String>,
}

/// All built-in optimizers.
///
/// # Errors
/// A mistake in a built-in definition, which a test excludes.
pub fn registry() -> Result<&'static Registry> {
    REGISTRY.as_ref().map_err(Clone::clone)
}

/// The built-in optimizer called `label`: `adam`, `adam:keras`.
///
/// # Errors
/// There is none; the known ones are listed with the nearest first.
pub fn find(label: &str) -> Result<&'static Definition> {
    registry()?.find(label)
}

impl Registry {
    /// The definitions, each with its variants.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The file from which the optimizer called `name` was read, with all its variants.
    pub fn text(&self, name: &str) -> Option<&str> {
        let at = self.definitions.iter().position(|one| one.name == name)?;
        self.texts.get(at).map(String::as_str)
    }

    /// Adds the definition in the file at `path`, which is called like the file.
    ///
    /// # Errors
    /// A file that cannot be read, whatever is wrong with the definition, a name that is taken.
    pub fn add_file(&mut self, path: &Path) -> Result<&Definition> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::new(format!("cannot read it: {error}")).in_file(path))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let fault = |what: String, help: &str| Err(Error::new(what).in_file(path).help(help));
        if !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            let help = "use letters, digits, _ and - in the name of the file";
            return fault(format!("`{name}` cannot be the name of an optimizer"), help);
        }
        if self.definitions.iter().any(|one| one.name == name) {
            let help = "call the file something else: its name is the optimizer's";
            return fault(format!("there is an optimizer `{name}` already"), help);
        }
        let definition = Definition::read(&name, &path.display().to_string(), &text)?;
        self.definitions.push(definition);
        self.texts.push(text);
        Ok(&self.definitions[self.definitions.len() - 1])
    }

    /// The optimizer called `label`: `adam`, `adam:keras`.
    ///
    /// # Errors
    /// There is none; the known ones are listed with the nearest first.
    pub fn find(&self, label: &str) -> Result<&Definition> {
        let (name, variant) = match label.split_once(':') {
            Some((name, variant)) => (name, Some(variant)),
            None => (label, None),
        };
        let named = self.definitions.iter().find(|definition| definition.name == name);
        let definition = named.ok_or_else(|| {
            let known: Vec<&str> = self.definitions.iter().map(|one| one.name.as_str()).collect();
            Error::new(format!("there is no optimizer `{name}`"))
                .help(Error::known_names(name, &known))
        })?;
        let Some(variant) = variant else { return Ok(definition) };
        definition.variant(variant).ok_or_else(|| {
            let known: Vec<&str> =
                definition.variants.iter().filter_map(|one| one.variant.as_deref()).collect();
            let error = Error::new(format!("{name} has no variant `{variant}`"));
            match known.is_empty() {
                true => error.help(format!("it has none at all: write {name}")),
                false => error.help(Error::known_names(variant, &known)),
            }
        })
    }
}
