//! An optimizer's section: its formulas and its hyperparameters.

use serde::Serialize;

use super::formulas::{self, Formula};
use super::key::key;
use super::markup::{Markup, anchor};
use crate::export::xlsx::Addresses;
use crate::trace::{Results, Run};
use crate::value::sentence;

/// An optimizer's section.
#[derive(Debug, Serialize)]
pub struct Optimizer {
    /// Its name in addresses.
    pub anchor: String,
    /// A piece of its line in the charts.
    pub key: Markup,
    /// The name of its sheet in the workbook.
    pub sheet: String,
    /// Its title.
    pub title: String,
    /// What it does, as a sentence, and what distinguishes a variant.
    pub summary: String,
    /// The paper or library that it follows.
    pub source: String,
    /// What went wrong.
    pub warning: Option<String>,
    /// After which epoch it stopped and why, where something could stop it.
    pub end: Option<String>,
    /// The update.
    pub formulas: Vec<Formula>,
    /// The hyperparameters.
    pub hyper: Vec<Hyperparameter>,
}

/// A row of the table of hyperparameters.
#[derive(Debug, Serialize)]
pub struct Hyperparameter {
    symbol: Markup,
    name: String,
    value: Markup,
    range: Markup,
    meaning: String,
}

impl Optimizer {
    /// The section on the run with the given index.
    pub fn new(results: &Results, index: usize, addresses: &Addresses) -> Self {
        let run = &results.runs[index];
        let definition = &run.definition;
        let until = results.plan.until.as_ref();
        Optimizer {
            anchor: anchor("optimizer", &run.sheet.name, index),
            key: key(index),
            sheet: addresses.sheet(index).to_owned(),
            title: results.title(index),
            summary: sentence(&definition.about()),
            source: definition.source.clone(),
            warning: run.warning.clone(),
            end: until.map(|until| sentence(&until.told(&run.outcome, results.plan.epochs))),
            formulas: formulas::update(definition),
            hyper: hyperparameters(run),
        }
    }
}

fn hyperparameters(run: &Run) -> Vec<Hyperparameter> {
    let row = |input: &crate::sheet::Input| Hyperparameter {
        symbol: formulas::inline(&input.symbol),
        name: input.id.clone(),
        value: formulas::value(input),
        range: match run.definition.hyperparameter(&input.id) {
            Some(hyper) => formulas::inequality(&input.symbol, hyper.range),
            None => Markup::text(""),
        },
        meaning: input.meaning.clone(),
    };
    run.sheet.hyperparameters().map(row).collect()
}
