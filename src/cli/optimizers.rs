//! `gdtrace optimizers`: what there is, what each does, and how settings translate.

use std::path::{Path, PathBuf};

use super::{console, described, translated};
use crate::error::Result;
use crate::optimizer::Registry;

/// List the optimizers, show one with its formulas, or translate its settings
///
/// Without a name it lists all. With a name it shows the formulas, the hyperparameters and the
/// variants: how books and libraries write the same optimizer.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gdtrace optimizers
  gdtrace optimizers adam
  gdtrace optimizers adam:keras
  gdtrace optimizers adam --toml > mine.toml
  gdtrace optimizers momentum --translate pytorch --set lr=0.01
  gdtrace optimizers momentum:pytorch --translate textbook
  gdtrace optimizers sgd --translate weight-decay

mine.toml can be changed and run: gdtrace run FILE --optimizer-file mine.toml

--translate measures what it says: it runs both forms for 1000 steps and prints how far their
weights are apart. To l2 and to weight-decay it translates an L2 penalty of the loss and decoupled
weight decay into each other.

Exit codes: 0 done, 2 usage or input errors")]
pub struct Args {
    /// The optimizer: adam, or adam:keras for a variant
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// The definition of an optimizer of your own, called like the file
    #[arg(long, value_name = "FILE.toml")]
    optimizer_file: Vec<PathBuf>,

    /// Print the definition as TOML, to start one of your own from
    #[arg(long, requires = "name", conflicts_with_all = ["json", "translate"])]
    toml: bool,

    /// Which settings of another form give the same steps: a variant (keras), textbook, l2 or
    /// weight-decay
    #[arg(long, value_name = "FORM", requires = "name")]
    translate: Option<String>,

    /// The value of a hyperparameter to translate
    #[arg(long, value_name = "NAME=NUMBER", requires = "translate")]
    set: Vec<String>,

    /// Print the list, the definition or the translation as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// Unknown names, a definition that cannot be read, settings that are out of range.
pub fn run(args: &Args) -> Result<()> {
    let registry = Registry::with_files(&args.optimizer_file)?;
    let text = args.text(&registry)?;
    console::print(text.strip_suffix('\n').unwrap_or(&text));
    Ok(())
}

impl Args {
    fn text(&self, registry: &Registry) -> Result<String> {
        let Some(name) = &self.name else {
            return match self.json {
                true => described::list_json(registry),
                false => Ok(described::list(registry)),
            };
        };
        let form = registry.find(name)?;
        let textbook = registry.find(&form.name)?;
        if let Some(target) = &self.translate {
            let translated = translated::Translated::new(registry, form, target, &self.set)?;
            return if self.json { translated.json() } else { Ok(translated.text()) };
        }
        match (self.toml, self.json) {
            (true, _) if form.variant.is_some() => Ok(form.to_toml()),
            (true, _) => Ok(registry.text(&form.name).unwrap_or_default().to_owned()),
            (_, true) => described::json(form),
            _ => Ok(described::text(form, textbook, self.file_of(&form.name))),
        }
    }

    /// The file with the definition of the optimizer called `name`, where it is a user's own.
    fn file_of(&self, name: &str) -> Option<&Path> {
        let files = self.optimizer_file.iter().map(PathBuf::as_path);
        let mut files = files.filter(|file| file.file_stem().is_some_and(|stem| stem == name));
        files.next()
    }
}
