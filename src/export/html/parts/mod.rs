//! The sections that look into one step: the circuit, what made the step, what the averages
//! remember, the check of the gradient; and how large a step may be.
//!
//! Each is written here for the first step of the first optimizer, with its numbers in marked
//! places; the script puts those of any other step there, computed from the same formulas.

mod cells;
mod check;
mod circuit;
mod curvature;
mod memory;
mod program;
mod split;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::markup::Markup;
use crate::error::Result;
use crate::export::xlsx::Addresses;
use crate::formula::escape;
use crate::trace::curvature::Curvature;
use crate::trace::{Results, Row};
use check::Check;
use circuit::Circuit;
pub use program::Program;
use program::Values;

/// The formulas of these sections.
#[derive(Debug)]
pub struct Formulas {
    /// What every run computes in the same way.
    pub shared: Program,
    /// What is a run's own, with the run's name.
    pub runs: Vec<(String, Program)>,
}

/// The sections and what the script needs for them.
pub struct Parts {
    /// The sections.
    pub sections: Vec<Section>,
    /// What of them is another for each run but the first.
    pub blanks: Vec<Blank>,
    /// For the script.
    pub formulas: Formulas,
}

/// The content of a section for a run, with empty places for the numbers.
#[derive(Debug, Serialize)]
pub struct Blank {
    section: &'static str,
    run: usize,
    content: Markup,
}

/// A section.
#[derive(Debug, Serialize)]
pub struct Section {
    /// Its name in addresses.
    pub id: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// What it is about.
    lead: Markup,
    /// Which optimizer and step it shows.
    shows: String,
    content: Markup,
}

const SPLIT: &str = "<p>The step <math><mi mathvariant=\"normal\">Δ</mi><mi>w</mi></math> of a weight, the new \
    one less the old one, taken apart so that the parts add up to it:</p>\
    <dl class=\"defined\"><div><dt>Gradient</dt><dd><math><mo>−</mo><mi>α</mi><mo>·</mo><mi>g</mi></math>: what \
    plain gradient descent would do with the gradient <math><mi>g</mi></math> that the optimizer gets, at its \
    learning rate <math><mi>α</mi></math>.</dd></div><div><dt>Momentum</dt><dd><math><mo>−</mo><mi>α</mi><mo>·</mo>\
    <mo>(</mo><mi>m</mi><mo>−</mo><mi>g</mi><mo>)</mo></math>: what changes when the rule's average \
    <math><mi>m</mi></math> stands in the place of <math><mi>g</mi></math>.</dd></div><div><dt>Decay</dt><dd>the \
    step less what the same formula gives with a decay of 0.</dd></div><div><dt>Adaptive scaling</dt>\
    <dd>what is left of the step. Where a rule scales nothing, that is its momentum; where it does \
    neither by a name, the rest of the rule.</dd></div></dl>";

const MEMORY: &str = "<p>In an average that decays with <math><mi>β</mi></math>, the gradient of \
    <math><mi>k</mi></math> steps ago has the weight <math><mo>(</mo><mn>1</mn><mo>−</mo><mi>β</mi><mo>)</mo>\
    <mo>·</mo><msup><mi>β</mi><mi>k</mi></msup></math>. It starts at 0, so at first the weights do not add \
    up to 1: the average is too small, and bias correction divides by what is missing.</p>";

impl Parts {
    /// The sections on `results`, at the first `row` of the first run.
    ///
    /// # Errors
    /// None for formulas that parse.
    pub fn new(results: &Results, addresses: &Addresses, row: &Row) -> Result<Self> {
        let sheet = &results.runs[0].sheet;
        let mut shared = Program::default();
        let circuit = Circuit::of(sheet);
        circuit.compute(&mut shared);
        let check = Check::of(sheet, &mut shared)?;
        let curvature = Curvature::of(results)?;
        if let Some(curvature) = &curvature {
            curvature::compute(results, curvature, &mut shared)?;
        }
        let (mut runs, mut blanks) = (Vec::new(), Vec::new());
        let mut values = Values::of_row(sheet, row);
        values.compute(&shared);
        let (mut first_split, mut first_memory) = (String::new(), String::new());
        for (index, run) in results.runs.iter().enumerate() {
            let mut program = Program::default();
            let splits = split::splits(&run.sheet, &mut program)?;
            let averages = memory::averages(&run.sheet, &mut program)?;
            if index == 0 {
                values.compute(&program);
                first_split = split::markup(&run.sheet, &splits, Some(&values));
                first_memory = memory::markup(&run.sheet, &averages, Some(&values));
            }
            runs.push((run.sheet.name.clone(), program));
            let mut blank = |section, content| {
                blanks.push(Blank { section, run: index, content: Markup::trusted(content) });
            };
            // The first run's content stands in the page, and the script keeps it.
            if index > 0 {
                blank("split", split::markup(&run.sheet, &splits, None));
                blank("remembered", memory::markup(&run.sheet, &averages, None));
            }
        }
        let shown = Some(&values);
        let row = sheet.row_name();
        let shows = format!("{}, {} 1", escape(&sheet.title), escape(row));
        let section = |id, question, lead: &str, content| Section {
            id,
            question,
            lead: Markup::trusted(String::from(lead)),
            shows: shows.clone(),
            content: Markup::trusted(content),
        };
        let too_large = || "<p>This model is too large for its second derivatives.</p>".to_owned();
        let limits = curvature
            .as_ref()
            .map_or_else(too_large, |one| curvature::markup(results, addresses, one, shown));
        let sections = vec![
            section(
                "circuit",
                "How does the error find its way back to the weights?",
                "",
                circuit.markup(shown)?,
            ),
            section("split", "What made this step?", SPLIT, first_split),
            section("remembered", "Whom does the average still remember?", MEMORY, first_memory),
            section("check", "Is the gradient right?", "", check.markup(shown)),
            section("limits", "How large may a step be?", "", limits),
        ];
        Ok(Parts { sections, blanks, formulas: Formulas { shared, runs } })
    }
}
