//! From arguments to settings: which optimizers, with which values, from which start.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::circuit::Model;
use crate::error::{Error, Result};
use crate::optimizer::{self, Definition};

/// The seed where none is given.
pub const DEFAULT_SEED: u64 = 1;

/// An optimizer that is to run, with the hyperparameter values that depart from its defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The optimizer.
    pub definition: &'static Definition,
    /// Values by name.
    pub hyper: BTreeMap<String, f64>,
}

/// The optimizers called `names`, with the values of `preset` and then of `sets`
/// (`lr=0.001` for all that have it, `adam.beta1=0.9` for one).
///
/// # Errors
/// Unknown or repeated names, values that are no numbers or out of range.
pub fn optimizers(names: &[String], preset: Option<&str>, sets: &[String]) -> Result<Vec<Chosen>> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for name in names {
        let argument = format!("--optimizers {}", names.join(","));
        let definition = match optimizer::find(name.trim()) {
            Ok(definition) => definition,
            Err(error) => return Err(error.in_argument(argument)),
        };
        if chosen.iter().any(|one| one.definition.name == definition.name) {
            return Err(Error::new(format!("the optimizer `{name}` is named twice"))
                .in_argument(argument)
                .help("name each optimizer once"));
        }
        chosen.push(Chosen { definition, hyper: BTreeMap::new() });
    }
    if let Some(preset) = preset {
        apply_preset(&mut chosen, preset)?;
    }
    for set in sets {
        apply_set(&mut chosen, set).map_err(|error| error.in_argument(format!("--set {set}")))?;
    }
    Ok(chosen)
}

fn apply_preset(chosen: &mut [Chosen], preset: &str) -> Result<()> {
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
    Err(unknown_preset(preset)?.in_argument(format!("--preset {preset}")))
}

/// The error for a preset that none of the chosen optimizers has.
fn unknown_preset(preset: &str) -> Result<Error> {
    let all = optimizer::registry()?;
    let owners: Vec<&str> = all
        .iter()
        .filter(|one| one.presets.contains_key(preset))
        .map(|one| one.name.as_str())
        .collect();
    if !owners.is_empty() {
        let what = format!("the preset `{preset}` says nothing about the chosen optimizers");
        let help = format!("it is for {}: add that to --optimizers", owners.join(", "));
        return Ok(Error::new(what).help(help));
    }
    let mut names: Vec<&str> =
        all.iter().flat_map(|one| one.presets.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let what = format!("there is no preset `{preset}`");
    Ok(Error::new(what).help(Error::known_names(preset, &names)))
}

fn apply_set(chosen: &mut [Chosen], set: &str) -> Result<()> {
    let (target, number) = set.split_once('=').ok_or_else(|| {
        Error::new("a setting is NAME=NUMBER").help("for example lr=0.001, or adam.beta1=0.9")
    })?;
    let value = number_of(number)?;
    let (wanted, name) = match target.trim().split_once('.') {
        Some((optimizer, name)) => (Some(optimizer), name),
        None => (None, target.trim()),
    };
    if let Some(wanted) = wanted {
        check_is_run(chosen, wanted)?;
    }
    let mut found = false;
    for one in chosen.iter_mut() {
        let meant = wanted.is_none_or(|wanted| wanted == one.definition.name);
        if let Some(hyper) = one.definition.hyperparameter(name).filter(|_| meant) {
            found = true;
            if !hyper.range.contains(value) {
                let optimizer = &one.definition.name;
                return Err(Error::new(format!(
                    "{name} = {number} is out of range for {optimizer}"
                ))
                .help(format!("{} must hold", hyper.range.of(name))));
            }
            one.hyper.insert(name.to_owned(), value);
        }
    }
    if found { Ok(()) } else { Err(unknown_hyperparameter(chosen, wanted, name)) }
}

fn check_is_run(chosen: &[Chosen], wanted: &str) -> Result<()> {
    if chosen.iter().any(|one| one.definition.name == wanted) {
        return Ok(());
    }
    // An optimizer that exists but is not run deserves other words than one that does not exist.
    let known = optimizer::find(wanted)?;
    Err(Error::new(format!("`{}` is not among the optimizers of this run", known.name))
        .help(format!("add it to --optimizers, or leave `{wanted}.` out")))
}

fn unknown_hyperparameter(chosen: &[Chosen], wanted: Option<&str>, name: &str) -> Error {
    let mut known: Vec<&str> = Vec::new();
    for one in chosen.iter().filter(|one| wanted.is_none_or(|name| name == one.definition.name)) {
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

fn number_of(text: &str) -> Result<f64> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(Error::new(format!("`{text}` is not a number"))
            .help("write a number such as 0.001 or 1e-3")),
    }
}

/// The start value of each weight of `model`: `random`, `a=1,b=1`, or one number for all. What is
/// not said is 1.
///
/// Random weights are drawn uniformly from −1 to 1, the same for the same seed everywhere.
///
/// # Errors
/// Unknown or repeated weights, values that are no numbers.
pub fn start(init: Option<&str>, seed: u64, model: &Model) -> Result<Vec<f64>> {
    let Some(init) = init else { return Ok(vec![1.0; model.weights.len()]) };
    if let Ok(value) = number_of(init) {
        return Ok(vec![value; model.weights.len()]);
    }
    if init.trim() == "random" {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        return Ok(model.weights.iter().map(|_| random.random_range(-1.0..1.0)).collect());
    }
    let mut values = vec![None; model.weights.len()];
    for part in init.split(',') {
        let (name, number) = part.split_once('=').ok_or_else(|| {
            Error::new(format!("`{part}` is not WEIGHT=NUMBER"))
                .help("for example --init a=1,b=1, or --init random")
        })?;
        let known: Vec<&str> = model.weights.iter().map(String::as_str).collect();
        let weight = known.iter().position(|known| *known == name.trim()).ok_or_else(|| {
            Error::new(format!("the model has no weight `{}`", name.trim()))
                .help(Error::known_names(name.trim(), &known))
        })?;
        if values[weight].replace(number_of(number)?).is_some() {
            return Err(Error::new(format!("the weight `{}` is given twice", name.trim()))
                .help("give each weight one start value"));
        }
    }
    Ok(values.into_iter().map(|value| value.unwrap_or(1.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    fn message(set: &str) -> String {
        optimizers(&names(&["sgd", "adam"]), None, &names(&[set])).unwrap_err().to_string()
    }

    #[test]
    fn a_setting_reaches_all_optimizers_or_one() {
        let sets = names(&["lr=0.5", "adam.beta1=0.8", "adam.lr=0.25"]);
        let chosen = optimizers(&names(&["sgd", "adam"]), Some("notes"), &sets).unwrap();
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

    #[test]
    fn start_weights_are_given_or_drawn() {
        let model = Model::line().unwrap();
        assert_eq!(start(Some("b=3"), 1, &model).unwrap(), [1.0, 3.0]);
        let drawn = start(Some("random"), 7, &model).unwrap();
        assert_eq!(start(Some("-0.5"), 1, &model).unwrap(), [-0.5, -0.5]);
        assert_eq!(start(None, 1, &model).unwrap(), [1.0, 1.0]);
        assert_eq!(drawn, start(Some("random"), 7, &model).unwrap());
        assert_ne!(drawn, start(Some("random"), 8, &model).unwrap());
        assert_eq!(
            start(Some("c=1"), 1, &model).unwrap_err().to_string(),
            "the model has no weight `c`\n  help: known: a, b"
        );
        assert_eq!(
            start(Some("a=1,a=2"), 1, &model).unwrap_err().to_string(),
            "the weight `a` is given twice\n  help: give each weight one start value"
        );
        assert_eq!(
            start(Some(""), 1, &model).unwrap_err().to_string(),
            "`` is not WEIGHT=NUMBER\n  help: for example --init a=1,b=1, or --init random"
        );
    }
}
