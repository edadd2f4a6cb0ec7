//! What an optimizer is: formulas for one weight `w` with gradient `g`, and what they mean.

use std::collections::BTreeMap;

use super::interval::Interval;
use super::library::Library;
use super::translation::Way;
use crate::formula::{Condition, Expr, Name};
use crate::value::Value;

/// An optimizer, as defined: nothing of a model or of a run is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The name on the command line (`adam`).
    pub name: String,
    /// The variant that this is (`keras`); `None` for the textbook form.
    pub variant: Option<String>,
    /// The name in prose (`Adam`).
    pub title: String,
    /// What it does, in a line.
    pub summary: String,
    /// For a variant, what distinguishes it from the textbook form.
    pub note: String,
    /// The paper or library that it follows.
    pub source: String,
    /// The hyperparameters.
    pub hyper: Vec<Hyperparameter>,
    /// What it remembers and makes of it.
    pub columns: Vec<ColumnDefinition>,
    /// The new weight.
    pub update: ColumnDefinition,
    /// The new weight where the loss has an L2 penalty, over the gradient `g` without it, for an
    /// optimizer whose books write it so.
    pub update_with_l2: Option<Expr<Name>>,
    /// The largest stable learning rate, over hyperparameters and `curvature`, where there is one.
    pub largest_lr: Option<Expr<Name>>,
    /// Hyperparameter values that are allowed but seldom meant.
    pub suspicions: Vec<Suspicion>,
    /// The libraries that have this very form.
    pub libraries: Vec<Library>,
    /// Named sets of hyperparameter values (`notes`).
    pub presets: BTreeMap<String, BTreeMap<String, f64>>,
    /// How others write it: each a whole definition of its own.
    pub variants: Vec<Definition>,
    /// Which hyperparameters of one of these forms give the steps of another.
    pub translations: Vec<Way>,
}

/// A hyperparameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Hyperparameter {
    /// The name in formulas and in `--set`.
    pub name: String,
    /// What the mathematics shows.
    pub symbol: String,
    /// The value where nothing else is said.
    pub default: f64,
    /// The values that make sense.
    pub range: Interval,
    /// One line on what it does.
    pub meaning: String,
    /// Where the default comes from.
    pub source: String,
}

/// A column, written for one weight; `{w}` in texts stands for the weight's name.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    /// The name in the definition's formulas.
    pub id: String,
    /// What the sheet shows above it.
    pub header: String,
    /// What the mathematics shows.
    pub symbol: String,
    /// One line on what it is.
    pub meaning: String,
    /// How it is computed.
    pub formula: Expr<Name>,
    /// Its value before the first step, over hyperparameters.
    pub start: Option<Expr<Name>>,
    /// Whether one column serves all weights: nothing in its formula is of one weight.
    pub shared: bool,
}

impl ColumnDefinition {
    /// The id of the column for the weight `weight`: `v_b`, or its own where all weights share it.
    pub fn id_for(&self, weight: &str) -> String {
        match self.shared {
            true => self.id.clone(),
            false => format!("{}_{weight}", self.id),
        }
    }
}

/// Hyperparameter values that are allowed but seldom meant: `beta1 > beta2`.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspicion {
    /// Which values those are.
    pub when: Condition,
    /// What is odd about them.
    pub text: String,
}

impl Suspicion {
    /// Whether the hyperparameter values that `value` gives by name are such values.
    pub fn applies(&self, value: &dyn Fn(&str) -> f64) -> bool {
        self.when.holds(&|name: &Name| Value::number(value(&name.id)))
    }
}

impl Definition {
    /// The name by which a command line asks for it: `adam`, `adam:keras`.
    pub fn label(&self) -> String {
        self.joined(":")
    }

    /// The name of its sheet, which may hold no colon: `adam`, `adam keras`.
    pub fn sheet_name(&self) -> String {
        self.joined(" ")
    }

    fn joined(&self, between: &str) -> String {
        match &self.variant {
            Some(variant) => format!("{}{between}{variant}", self.name),
            None => self.name.clone(),
        }
    }

    /// The hyperparameter called `name`.
    pub fn hyperparameter(&self, name: &str) -> Option<&Hyperparameter> {
        self.hyper.iter().find(|hyper| hyper.name == name)
    }

    /// The variant called `name`.
    pub fn variant(&self, name: &str) -> Option<&Definition> {
        self.variants.iter().find(|one| one.variant.as_deref() == Some(name))
    }

    /// What it does and, for a variant, what distinguishes it.
    pub fn about(&self) -> String {
        match &self.variant {
            Some(_) => format!("{}. This variant: {}", self.summary, self.note),
            None => self.summary.clone(),
        }
    }

    /// Its own formulas as lines of text, as the definition has them.
    pub fn rule(&self) -> Vec<String> {
        let columns = self.columns.iter().map(|one| format!("{} = {}", one.id, one.formula));
        columns.chain([format!("new w = {}", self.update.formula)]).collect()
    }
}
