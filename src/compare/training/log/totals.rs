//! Definitions for a log: written for one weight that stands for all, with what they say of many
//! weights together, their norm or a sum, left as such.

use crate::circuit::{Loss, Model};
use crate::compare::form::{Form, forms};
use crate::error::Result;
use crate::formula::{Expr, Function, Name, TOTALS};
use crate::optimizer::{self, ColumnDefinition, Definition, Registry, Setup};

/// Norms are looked at of so many weights at most: all have to be looked at together.
pub(super) const MOST_JOINT: usize = 8;

/// All definitions, for weights of these tensors. What a definition says of many weights is of those
/// of a tensor, or of all.
pub(super) fn definitions<'a>(registry: &'a Registry, tensors: &[usize]) -> Result<Vec<Form<'a>>> {
    if tensors.len() > MOST_JOINT {
        return forms(registry, &Form::of_weight);
    }
    let mut all = forms(registry, &|definition| form(definition, &TOTALS[0]))?;
    if tensors.iter().any(|one| *one != tensors[0]) {
        let of_all = all.iter().filter(|one| is_joint(one.definition));
        let of_all: Result<Vec<Form>> =
            of_all.map(|one| form(one.definition, &TOTALS[1])).collect();
        all.extend(of_all?);
    }
    Ok(all)
}

/// The tensor of each weight, by its name: what stands before an index.
pub(super) fn tensors<'n>(names: impl Iterator<Item = &'n str>) -> Vec<usize> {
    let mut known: Vec<&str> = Vec::new();
    let of = |name: &'n str| {
        let tensor = name.split('[').next().unwrap_or(name);
        known.iter().position(|one| *one == tensor).unwrap_or_else(|| {
            known.push(tensor);
            known.len() - 1
        })
    };
    names.map(of).collect()
}

fn form<'a>(definition: &'a Definition, total: &'static Function) -> Result<Form<'a>> {
    if !is_joint(definition) {
        return Form::of_weight(definition);
    }
    let left = |column: &ColumnDefinition| ColumnDefinition {
        formula: with_total(&column.formula, total),
        ..column.clone()
    };
    let left = Definition {
        columns: definition.columns.iter().map(left).collect(),
        update: left(&definition.update),
        ..definition.clone()
    };
    let (formula, _) = Model::read("w*x")?;
    let model = Model::new(formula, Loss::squared()?, &["x"])?;
    Ok(Form::of(definition, optimizer::sheet(&left, &model, &Setup::new(&[0.0], 1))?))
}

/// Whether a definition looks at all weights together.
fn is_joint(definition: &Definition) -> bool {
    let mut formulas = definition.columns.iter().chain([&definition.update]);
    formulas.any(|column| with_total(&column.formula, &TOTALS[0]) != column.formula)
}

/// A formula whose functions over all weights are written with a sum that is left as it is.
fn with_total(formula: &Expr<Name>, total: &'static Function) -> Expr<Name> {
    formula.map(&|part| match part {
        Expr::Call(function, arguments) if function.is_over_weights() => {
            let of_one = function.over_weights([with_total(&arguments[0], total)].into_iter())?;
            let summed = |part: &Expr<Name>| Expr::Call(total, vec![part.clone()]);
            Some(match &of_one {
                Expr::Call(root, inside) => Expr::Call(root, vec![summed(&inside[0])]),
                sum => summed(sum),
            })
        }
        _ => None,
    })
}
