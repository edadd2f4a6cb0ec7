//! The known optimizers: the built-in ones, and those of a user's own files.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::Definition;
use crate::data::source;
use crate::error::{Error, Result};

/// The built-in definitions, group by group.
const BUILT_IN: [(&str, &[(&str, &str)]); 5] = [
    (
        "Gradient descent and momentum",
        &[
            ("sgd", include_str!("builtin/sgd.toml")),
            ("momentum", include_str!("builtin/momentum.toml")),
            ("nesterov", include_str!("builtin/nesterov.toml")),
            ("optimistic", include_str!("builtin/optimistic.toml")),
            ("asgd", include_str!("builtin/asgd.toml")),
            ("schedule_free", include_str!("builtin/schedule_free.toml")),
        ],
    ),
    (
        "Steps scaled by squared gradients",
        &[
            ("adagrad", include_str!("builtin/adagrad.toml")),
            ("adadelta", include_str!("builtin/adadelta.toml")),
            ("rmsprop", include_str!("builtin/rmsprop.toml")),
            ("adafactor", include_str!("builtin/adafactor.toml")),
            ("sm3", include_str!("builtin/sm3.toml")),
            ("ftrl", include_str!("builtin/ftrl.toml")),
        ],
    ),
    (
        "Adam and its relatives",
        &[
            ("adam", include_str!("builtin/adam.toml")),
            ("amsgrad", include_str!("builtin/amsgrad.toml")),
            ("adamw", include_str!("builtin/adamw.toml")),
            ("adamax", include_str!("builtin/adamax.toml")),
            ("adamaxw", include_str!("builtin/adamaxw.toml")),
            ("nadam", include_str!("builtin/nadam.toml")),
            ("nadamw", include_str!("builtin/nadamw.toml")),
            ("radam", include_str!("builtin/radam.toml")),
            ("adabelief", include_str!("builtin/adabelief.toml")),
            ("yogi", include_str!("builtin/yogi.toml")),
            ("adan", include_str!("builtin/adan.toml")),
            ("ademamix", include_str!("builtin/ademamix.toml")),
            ("eve", include_str!("builtin/eve.toml")),
        ],
    ),
    (
        "Steps by the sign of the gradient",
        &[
            ("sign_sgd", include_str!("builtin/sign_sgd.toml")),
            ("rprop", include_str!("builtin/rprop.toml")),
            ("lion", include_str!("builtin/lion.toml")),
        ],
    ),
    (
        "Steps by norms of all weights",
        &[
            ("lars", include_str!("builtin/lars.toml")),
            ("lamb", include_str!("builtin/lamb.toml")),
            ("fromage", include_str!("builtin/fromage.toml")),
            ("novograd", include_str!("builtin/novograd.toml")),
            ("polyak_sgd", include_str!("builtin/polyak_sgd.toml")),
            ("dog", include_str!("builtin/dog.toml")),
        ],
    ),
];

/// The group of definitions that are a user's own.
const OWN: &str = "Your own";

static REGISTRY: LazyLock<Result<Registry>> = LazyLock::new(|| {
    let read = |(name, text): &(&str, &str)| Definition::read(name, &format!("{name}.toml"), text);
    let files = || BUILT_IN.iter().flat_map(|(_, files)| *files);
    let definitions: Result<Vec<Definition>> = files().map(read).collect();
    let texts = files().map(|(_, text)| (*text).to_owned()).collect();
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

    /// The definitions in groups, each with its title; the last one has the user's own, if any.
    pub fn groups(&self) -> Vec<(&'static str, &[Definition])> {
        let mut rest = self.definitions();
        let mut groups = Vec::new();
        let built_in = BUILT_IN.iter().map(|(title, files)| (*title, files.len()));
        for (title, count) in built_in.chain([(OWN, self.definitions.len())]) {
            let (group, others) = rest.split_at(count.min(rest.len()));
            groups.push((title, group));
            rest = others;
        }
        groups.retain(|(_, group)| !group.is_empty());
        groups
    }

    /// The file from which the optimizer called `name` was read, with all its variants.
    pub fn text(&self, name: &str) -> Option<&str> {
        let at = self.definitions.iter().position(|one| one.name == name)?;
        self.texts.get(at).map(String::as_str)
    }

    /// The built-in optimizers with the definitions in files, which are called like these.
    ///
    /// # Errors
    /// Those of [`Registry::add_file`].
    pub fn with_files(paths: &[PathBuf]) -> Result<Registry> {
        let mut registry = registry()?.clone();
        for path in paths {
            registry.add_file(path)?;
        }
        Ok(registry)
    }

    /// Adds the definition in the file at `path`, which is called like the file.
    ///
    /// # Errors
    /// A file that cannot be read, whatever is wrong with the definition, a name that is taken.
    pub fn add_file(&mut self, path: &Path) -> Result<&Definition> {
        let text = source::small_text(path)
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

    /// Adds a definition that stands in no file.
    pub fn add(&mut self, definition: Definition) {
        self.texts.push(definition.to_toml());
        self.definitions.push(definition);
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
