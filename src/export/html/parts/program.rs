//! Formulas that the page computes for whichever step is chosen.
//!
//! They are trees of the program's own kind over the columns and inputs of a run. Here they are
//! computed for the first step, for a page without its script; the script gets the same trees as
//! functions and computes them for any other.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::formula::{Expr, Name, evaluate, parse};
use crate::sheet::{Ref, Sheet};
use crate::trace::Row;
use crate::value::{CellError, Value};

/// Formulas with names, each over columns (`v_a`, `prev.v_a`), inputs, and what stands before it.
#[derive(Debug, Clone, Default)]
pub struct Program(pub Vec<(String, Expr<Name>)>);

impl Program {
    /// Adds `formula` under `name`.
    pub fn add(&mut self, name: impl Into<String>, formula: Expr<Name>) {
        self.0.push((name.into(), formula));
    }

    /// Adds what `text` says, with the `parts` in the place of their names.
    ///
    /// # Errors
    /// A text that does not parse; all are constants that a test reads.
    pub fn formula(
        &mut self,
        name: impl Into<String>,
        text: &str,
        parts: &[(&str, &Expr<Name>)],
    ) -> Result<()> {
        let tree = parse(text).map_err(|error| error.in_formula("formula", text))?;
        let filled = tree.map(&|part| match part {
            Expr::Name(name) => {
                let known = parts.iter().find(|(known, _)| *known == name.id);
                known.map(|(_, tree)| (*tree).clone())
            }
            _ => None,
        });
        self.add(name, filled);
        Ok(())
    }
}

/// A column's formula over names.
pub fn named(sheet: &Sheet, formula: &Expr<Ref>) -> Expr<Name> {
    formula.rename(|name| match *name {
        Ref::Column(column) => Name::here(&sheet.columns[column].id),
        Ref::Above(column) => Name::above(&sheet.columns[column].id),
        Ref::Input(input) => {
            let weight = sheet.weights.iter().find(|weight| weight.start == input);
            Name::here(weight.map_or(&sheet.inputs[input].id, |weight| &weight.name))
        }
        Ref::Data(column) => Name::here(&sheet.data[column]),
        Ref::Order => Name::here("sample"),
    })
}

/// What names mean in a row of a run.
#[derive(Debug, Default)]
pub struct Values {
    known: BTreeMap<String, Value>,
}

impl Values {
    /// The columns and inputs in a row of a run.
    pub fn of_row(sheet: &Sheet, row: &Row) -> Self {
        let mut known = BTreeMap::new();
        for input in &sheet.inputs {
            known.insert(input.id.clone(), Value::number(input.value));
        }
        for (index, column) in sheet.columns.iter().enumerate() {
            if let Some(value) = row.above[index] {
                known.insert(format!("prev.{}", column.id), value);
            }
            known.insert(column.id.clone(), row.values[index]);
        }
        Values { known }
    }

    /// Computes a program; its names are known from then on.
    pub fn compute(&mut self, program: &Program) {
        for (name, formula) in &program.0 {
            let value = evaluate(formula, &|name: &Name| self.get(&name.to_string()));
            self.known.insert(name.clone(), value);
        }
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Value {
        self.known.get(name).copied().unwrap_or(CellError::Number.into())
    }
}
