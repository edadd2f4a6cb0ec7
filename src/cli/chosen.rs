//! Which optimizers run, under which names and with which hyperparameter values.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::optimizer::{Definition, Dialect, Hyperparameter, Manner, Registry};
use crate::value::number_text;

/// The optimizers that run where none are named.
pub const DEFAULT: [&str; 4] = ["sgd", "momentum", "rmsprop", "adam"];

/// Names that sheets of the workbook have already.
pub const SHEETS: [&str; 6] = ["summary", "data", "order", "epochs", "circuit", "curvature"];

/// An optimizer that is to run, with the hyperparameter values that depart from its defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The name by which `--set` knows it: `adam`, `adam:keras`, or the user's own name for it.
    pub label: String,
    /// The name of its sheet: the label, which there may hold no colon.
    pub sheet: String,
    /// What the command line calls the optimizer: its label, or the name that a dialect has for it.
    pub asked: String,
    /// The optimizer.
    pub definition: Definition,
    /// What a dialect adds to it.
    pub manner: Manner,
    /// Values by name.
    pub hyper: BTreeMap<String, f64>,
    /// Whether the learning rate is to be chosen from the data (`lr=auto`).
    pub asks_for_lr: bool,
    /// Why the learning rate is what it is, where it was chosen from the data.
    pub lr_reason: Option<String>,
}

/// The hyperparameter that can be chosen from the data.
pub const LR: &str = "lr";

/// What asks for that.
const AUTO: &str = "auto";

/// The optimizers of `registry` called `names` (`adam`, `adam:keras`, `fast=sgd`), in the form of the
/// `dialect` where it has them, with the values of `preset` and then of `sets` (`lr=0.001` for all
/// that have it, `adam.beta1=0.9` for one).
///
/// # Errors
/// Unknown or repeated names, values that are no numbers or out of range.
pub fn optimizers(
    registry: &Registry,
    dialect: Option<&Dialect>,
    names: &[String],
    preset: Option<&str>,
    sets: &[String],
) -> Result<Vec<Chosen>> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for name in names {
        let in_argument =
            |error: Error| error.in_argument(format!("--optimizers {}", names.join(",")));
        let one = choose(registry, dialect, name.trim()).map_err(in_argument)?;
        let same = |other: &Chosen| other.sheet.to_lowercase() == one.sheet.to_lowercase();
        if chosen.iter().any(same) {
            let label = &one.label;
            let error = Error::new(format!("the optimizer `{label}` is named twice"));
            return Err(in_argument(error.help(format!(
                "name each once, or give the second a name of its own: second={label}"
            ))));
        }
        chosen.push(one);
    }
    if let Some(preset) = preset {
        apply_preset(registry, &mut chosen, preset)?;
    }
    for set in sets {
        apply_set(registry, &mut chosen, set)
            .map_err(|error| error.in_argument(format!("--set {set}")))?;
    }
    Ok(chosen)
}

/// The optimizer that `text` asks for: a label, or `NAME=LABEL` to give it another name.
fn choose(registry: &Registry, dialect: Option<&Dialect>, text: &str) -> Result<Chosen> {
    let (own, label) = match text.split_once('=') {
        Some((own, label)) => (Some(own.trim()), label.trim()),
        None => (None, text),
    };
    let found = || registry.find(label).map_err(|error| known_in(dialect, label, error));
    let one = match dialect.and_then(|dialect| Some((dialect, dialect.form(label)?))) {
        Some((dialect, form)) => {
            let (definition, manner) = form.read(registry, dialect)?;
            let name = || form.name.clone();
            Chosen {
                label: name(),
                sheet: name(),
                asked: name(),
                manner,
                ..Chosen::new(definition)
            }
        }
        None => Chosen::new(found()?.clone()),
    };
    let Some(own) = own else { return Ok(one) };
    let own = check_own_name(own)?;
    Ok(Chosen { label: own.to_owned(), sheet: own.to_owned(), ..one })
}

/// The name and the label of `NAME=LABEL`; a label alone is both.
pub fn name_and_label(text: &str) -> (&str, &str) {
    let (name, label) = text.split_once('=').unwrap_or((text, text));
    (name.trim(), label.trim())
}

/// `error`, which says that there is no optimizer called `label`, with what the `dialect` has.
fn known_in(dialect: Option<&Dialect>, label: &str, error: Error) -> Error {
    let Some(dialect) = dialect.filter(|_| !label.contains(':')) else { return error };
    let known = Error::known_names(label, &dialect.names());
    error.help(format!("{known}; all others as without a dialect"))
}

/// Checks a name that the user gives to an optimizer, which becomes the name of a sheet.
fn check_own_name(name: &str) -> Result<&str> {
    const LONGEST: usize = 31;
    let allowed = |c: char| c.is_alphanumeric() || "_- ".contains(c);
    let fits = !name.is_empty() && name.chars().count() <= LONGEST && name.chars().all(allowed);
    if !fits {
        return Err(Error::new(format!("`{name}` cannot be the name of a sheet"))
            .help(format!("use up to {LONGEST} letters, digits, spaces, _ and -: fast=sgd")));
    }
    if SHEETS.contains(&name.to_lowercase().as_str()) {
        return Err(Error::new(format!("the workbook has a sheet `{name}` already"))
            .help("give the optimizer another name: fast=sgd"));
    }
    Ok(name)
}

impl Chosen {
    /// An optimizer as its definition has it, under its own name.
    pub fn new(definition: Definition) -> Self {
        let (label, sheet) = (definition.label(), definition.sheet_name());
        let (manner, hyper) = (Manner::default(), BTreeMap::new());
        let asked = label.clone();
        Chosen {
            label,
            sheet,
            asked,
            definition,
            manner,
            hyper,
            asks_for_lr: false,
            lr_reason: None,
        }
    }

    /// Whether `name` means it: its label, or the name of its sheet.
    pub fn is_called(&self, name: &str) -> bool {
        let (name, _) = name_and_label(name);
        self.label == name || self.sheet == name
    }

    /// How the command line asks for it.
    pub fn argument(&self) -> String {
        match self.label == self.asked {
            true => self.asked.clone(),
            false => format!("{}={}", self.label, self.asked),
        }
    }

    /// The value of a hyperparameter in this run.
    pub fn value(&self, name: &str) -> Option<f64> {
        let default = || self.definition.hyperparameter(name).map(|hyper| hyper.default);
        self.hyper.get(name).copied().or_else(default)
    }

    /// What is odd about its hyperparameter values, though they are allowed.
    pub fn suspicions(&self) -> Vec<String> {
        let value = |name: &str| self.value(name).unwrap_or(f64::NAN);
        let applies = self.definition.suspicions.iter().filter(|one| one.applies(&value));
        applies.map(|one| format!("{}: {}", self.label, one.text)).collect()
    }
}

fn apply_preset(registry: &Registry, chosen: &mut [Chosen], preset: &str) -> Result<()> {
    let mut known = false;
    for one in chosen.iter_mut() {
        if let Some(values) = one.definition.presets.get(preset) {
            known = true;
            one.hyper.extend(values.iter().map(|(name, value)| (name.clone(), *value)));
        }
    }
    if known {
        return Ok(());
    }
    Err(unknown_preset(registry, preset).in_argument(format!("--preset {preset}")))
}

/// The error for a preset that none of the chosen optimizers has.
fn unknown_preset(registry: &Registry, preset: &str) -> Error {
    let all = registry.definitions();
    let owners: Vec<&str> = all
        .iter()
        .filter(|one| one.presets.contains_key(preset))
        .map(|one| one.name.as_str())
        .collect();
    if !owners.is_empty() {
        let what = format!("the preset `{preset}` says nothing about the chosen optimizers");
        let help = format!("it is for {}: add that to --optimizers", owners.join(", "));
        return Error::new(what).help(help);
    }
    let mut names: Vec<&str> =
        all.iter().flat_map(|one| one.presets.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let what = format!("there is no preset `{preset}`");
    Error::new(what).help(Error::known_names(preset, &names))
}

/// Gives the hyperparameter that `set` names its value, in all of `chosen` that have it.
///
/// # Errors
/// Unknown names, values that are no numbers or out of range.
pub fn apply_set(registry: &Registry, chosen: &mut [Chosen], set: &str) -> Result<()> {
    let (target, number) = set.split_once('=').ok_or_else(|| {
        Error::new("a setting is NAME=NUMBER").help("for example lr=0.001, or adam.beta1=0.9")
    })?;
    let (wanted, name) = match target.trim().rsplit_once('.') {
        Some((optimizer, name)) => (Some(optimizer), name),
        None => (None, target.trim()),
    };
    let value = match (number.trim(), name) {
        (AUTO, LR) => None,
        (AUTO, _) => {
            return Err(Error::new(format!("{name} is not chosen from the data"))
                .help("only lr=auto is; write a number"));
        }
        (number, _) => Some(number_of(number)?),
    };
    if let Some(wanted) = wanted {
        check_is_run(registry, chosen, wanted)?;
    }
    let mut found = false;
    for one in chosen.iter_mut() {
        let meant = wanted.is_none_or(|wanted| wanted == one.label);
        if let Some(hyper) = one.definition.hyperparameter(name).filter(|_| meant) {
            found = true;
            one.asks_for_lr &= name != LR;
            match value {
                Some(value) => {
                    check_range(&one.label, hyper, value)?;
                    one.hyper.insert(name.to_owned(), value);
                }
                None => {
                    one.asks_for_lr = true;
                    one.hyper.remove(name);
                }
            }
        }
    }
    if found { Ok(()) } else { Err(unknown_hyperparameter(chosen, wanted, name)) }
}

/// Checks that the value is in the range of the hyperparameter of the optimizer called `label`.
pub fn check_range(label: &str, hyper: &Hyperparameter, value: f64) -> Result<()> {
    if hyper.range.contains(value) {
        return Ok(());
    }
    let name = &hyper.name;
    Err(Error::new(format!("{name} = {} is out of range for {label}", number_text(value)))
        .help(format!("{} must hold", hyper.range.of(name))))
}

/// Checks that the optimizer `wanted` is among those that run.
pub fn check_is_run(registry: &Registry, chosen: &[Chosen], wanted: &str) -> Result<()> {
    if chosen.iter().any(|one| one.label == wanted) {
        return Ok(());
    }
    // An optimizer that exists but is not run deserves other words than one that does not exist.
    registry.find(wanted)?;
    Err(Error::new(format!("`{wanted}` is not among the optimizers of this run"))
        .help(format!("add it to --optimizers, or leave `{wanted}.` out")))
}

/// The error for a hyperparameter that no optimizer has, or not the one that is wanted.
pub fn unknown_hyperparameter(chosen: &[Chosen], wanted: Option<&str>, name: &str) -> Error {
    let mut known: Vec<&str> = Vec::new();
    for one in chosen.iter().filter(|one| wanted.is_none_or(|name| name == one.label)) {
        for hyper in &one.definition.hyper {
            if !known.contains(&hyper.name.as_str()) {
                known.push(&hyper.name);
            }
        }
    }
    let what = match wanted {
        Some(wanted) => format!("{wanted} has no hyperparameter `{name}`"),
        None => format!("no optimizer of this run has a hyperparameter `{name}`"),
    };
    Error::new(what).help(Error::known_names(name, &known))
}

pub fn number_of(text: &str) -> Result<f64> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(Error::new(format!("`{text}` is not a number"))
            .help("write a number such as 0.001 or 1e-3")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::registry;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    fn message(set: &str) -> String {
        optimizers(registry().unwrap(), None, &names(&["sgd", "adam"]), None, &names(&[set]))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_setting_reaches_all_optimizers_or_one() {
        let sets = names(&["lr=0.5", "adam.beta1=0.8", "adam.lr=0.25"]);
        let chosen =
            optimizers(registry().unwrap(), None, &names(&["sgd", "adam"]), Some("notes"), &sets)
                .unwrap();
        assert_eq!(chosen[0].hyper, BTreeMap::from([("lr".into(), 0.5)]));
        let adam = [("beta1".into(), 0.8), ("beta2".into(), 0.9), ("lr".into(), 0.25)];
        assert_eq!(chosen[1].hyper, BTreeMap::from(adam));
    }

    #[test]
    fn wrong_settings_are_explained() {
        assert_eq!(
            message("adam.bta1=0.9"),
            "adam has no hyperparameter `bta1`\n  --> --set adam.bta1=0.9\n  \
             help: did you mean `beta1`? Known: lr, beta1, beta2, eps"
        );
        assert_eq!(
            message("rho=0.9"),
            "no optimizer of this run has a hyperparameter `rho`\n  --> --set rho=0.9\n  \
             help: known: lr, beta1, beta2, eps"
        );
        assert_eq!(
            message("momentum.beta=0.5"),
            "`momentum` is not among the optimizers of this run\n  --> --set momentum.beta=0.5\n  \
             help: add it to --optimizers, or leave `momentum.` out"
        );
        assert_eq!(
            message("adam.beta1=1.2"),
            "beta1 = 1.2 is out of range for adam\n  --> --set adam.beta1=1.2\n  \
             help: 0 <= beta1 < 1 must hold"
        );
        assert_eq!(
            message("lr=fast"),
            "`fast` is not a number\n  --> --set lr=fast\n  \
             help: write a number such as 0.001 or 1e-3"
        );
        assert_eq!(
            message("lr"),
            "a setting is NAME=NUMBER\n  --> --set lr\n  \
             help: for example lr=0.001, or adam.beta1=0.9"
        );
    }
}
