//! The formulas of the sections that look into one step, as functions over names.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Functions;
use crate::export::html::parts::{Formulas, Program};
use crate::formula::javascript;

/// Formulas by name, each with the place of its function; in their order.
type Printed = Vec<(String, usize)>;

/// What the script knows of these sections.
#[derive(Debug, Serialize)]
pub struct PrintedParts {
    /// What functions name, each by its place.
    names: Vec<String>,
    /// What every run computes in the same way.
    shared: Printed,
    /// What is a run's own, by its name.
    runs: BTreeMap<String, Printed>,
}

impl PrintedParts {
    /// The `formulas` as `functions` over `v`, which knows the value of a name.
    pub(super) fn new(formulas: &Formulas, functions: &mut Functions) -> Self {
        let mut names = Vec::new();
        let mut print = |program: &Program| -> Printed {
            let formulas = program.0.iter();
            formulas
                .map(|(name, formula)| {
                    for used in formula.names() {
                        let used = used.to_string();
                        if !names.contains(&used) {
                            names.push(used);
                        }
                    }
                    let text = javascript(formula, &|used| {
                        let used = used.to_string();
                        let at = names.iter().position(|known| *known == used);
                        format!("v({})", at.unwrap_or_default())
                    });
                    (name.clone(), functions.add(format!("(v)=>{text}")))
                })
                .collect()
        };
        let shared = print(&formulas.shared);
        let runs = formulas.runs.iter().map(|(name, program)| (name.clone(), print(program)));
        let runs = runs.collect();
        PrintedParts { names, shared, runs }
    }
}
