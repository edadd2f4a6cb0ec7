//! The slips that are known of a column: what `compare` looks for in sheets built by hand.

use crate::compare::change::everywhere;
use crate::compare::form::Form;
use crate::compare::rewrite::Rewritten;
use crate::formula::Expr;
use crate::optimizer::Definition;
use crate::sheet::{Group, Ref, Sheet};

/// A column's formula as somebody writes it wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Slip {
    /// The formula.
    pub formula: Expr<Ref>,
    /// What is wrong with it, as a phrase: `has the other sign`.
    pub text: String,
}

/// The known slips in the formula of a column, over the same columns and inputs; then those that take a
/// column for another of its kind: the slope of the wrong neuron.
pub fn all_slips(definition: &Definition, sheet: &Sheet, column: usize) -> Vec<Slip> {
    let mut slips = slips(definition, sheet, column);
    let right = &sheet.columns[column].formula;
    let mut found = Vec::new();
    for other in (0..column).filter(|other| sheet.columns[*other].group != Group::Index) {
        let taken = |part: &Expr<Ref>| match *part {
            Expr::Name(Ref::Column(own)) if own != other => {
                let (own, taken) = (&sheet.columns[own], &sheet.columns[other]);
                let text = format!("takes {} where {} belongs", taken.header, own.header);
                (own.group == taken.group).then(|| (Expr::Name(Ref::Column(other)), text))
            }
            _ => None,
        };
        everywhere(right, &taken, true, &mut found);
    }
    for (formula, departure) in found {
        if slips.iter().all(|slip| slip.formula != formula) {
            slips.push(Slip { formula, text: departure.text });
        }
    }
    slips
}

/// The known slips in the formula of a column, over the same columns and inputs.
pub fn slips(definition: &Definition, sheet: &Sheet, column: usize) -> Vec<Slip> {
    let form = Form::of(definition, sheet.clone());
    let right = &sheet.columns[column].formula;
    // A form has inputs that the sheet does not have, for what somebody may add.
    let is_own = |formula: &Expr<Ref>| {
        !formula.has_name(|name| matches!(name, Ref::Input(input) if *input >= sheet.inputs.len()))
    };
    let mut slips: Vec<Slip> = Vec::new();
    for changed in Rewritten::original(right.clone()).next(&form, column) {
        let is_known = slips.iter().any(|slip| slip.formula == changed.formula);
        if let Some(departure) = changed.departures.first().filter(|_| !is_known)
            && is_own(&changed.formula)
        {
            slips.push(Slip { formula: changed.formula, text: departure.text.clone() });
        }
    }
    slips
}
