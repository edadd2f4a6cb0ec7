//! The rule of a sheet as a definition: what `gdtrace run --optimizer-file` takes, with the sheet's
//! own formulas, names, settings and start states, whether or not it is a known optimizer's.

mod marks;
mod naming;
mod nearest;
mod order;
mod replay;
mod rule;

use std::collections::BTreeMap;

use super::Followed;
use super::recurrence::{GRADIENT, NEXT, Recurrence, WEIGHT};
use crate::compare::training::case::Case;
use crate::formula::{Expr, Name, evaluate};
use crate::graph::CellId;
use crate::optimizer::{ColumnDefinition, Definition};
use crate::value::Value;
use naming::Names;
pub(crate) use naming::{free, identifier, is_of_trace};
pub use nearest::{Nearest, nearest};
use rule::{Formula, Rule, Term};

/// Why something of a training cannot be taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The cell to look at.
    pub cell: Option<CellId>,
    /// What was found there.
    pub what: String,
    /// What to do.
    pub help: &'static str,
}

impl Fault {
    /// Something that was found in a cell of a rule.
    pub fn new(cell: Option<CellId>, what: impl Into<String>) -> Fault {
        let help = "a rule must be the same in all iterations, and made of the weight, its own \
                    gradient, numbers, and what the iteration before left";
        Fault { cell, what: what.into(), help }
    }

    /// The same where it is the loss that cannot be taken over.
    pub fn of_loss(cell: Option<CellId>, what: impl Into<String>) -> Fault {
        let help = "gdtrace compare FILE --save-optimizer saves the rule alone, which gdtrace run \
                    trains any --model with";
        Fault { help, ..Fault::new(cell, what) }
    }
}

/// The rule of a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// As a definition, which takes the steps of the training.
    pub definition: Definition,
    /// The cell of the update that it was read from.
    pub cell: CellId,
    /// What columns of weights start from, where weights start from different numbers.
    pub states: Vec<Start>,
    /// The known optimizer that is nearest, where it is none.
    pub nearest: Option<Nearest>,
}

/// What a column of a weight is before the first iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The column, by its id.
    pub column: String,
    /// The weight, by its place.
    pub weight: usize,
    /// The number.
    pub value: f64,
    /// The cell that holds it, where there is one.
    pub cell: Option<CellId>,
}

/// The definition that gives the updates of a training; `followed` is the known optimizer that they
/// follow, if any.
pub(super) fn written(case: &Case, followed: Option<&Followed>) -> Result<Written, Fault> {
    let own;
    let recurrence = match followed {
        Some(followed) => followed.recurrence,
        None => {
            let weights = 0..case.group().len();
            own = weights.filter_map(|at| Recurrence::new(case, at)).next();
            own.as_ref().ok_or_else(|| too_short(case))?
        }
    };
    let sign = if case.factor < 0.0 { -1.0 } else { 1.0 };
    let mut rule = rule::rule(recurrence, sign)?;
    let names = Names::new(recurrence, &rule, followed);
    let states = states(recurrence, &mut rule, sign, &names);
    let definition = definition(recurrence, &rule, &names, followed);
    Ok(Written {
        definition,
        cell: recurrence.columns[NEXT].cells[1].unwrap_or(case.group()[0].values[0]),
        states,
        nearest: None,
    })
}

/// What columns start from, where that is not the same number for all weights; a definition has one
/// for all.
fn states(recurrence: &Recurrence, rule: &mut Rule, sign: f64, names: &Names) -> Vec<Start> {
    if rule.starts.is_empty() {
        return Vec::new();
    }
    let case = recurrence.case;
    let number = |start: &Formula| {
        evaluate(start, &|term| match *term {
            Term::Fixed(at) => {
                let number = case.ground.graph.value(recurrence.fixed[at]).number();
                Value::number(number.unwrap_or(f64::NAN))
            }
            _ => Value::number(f64::NAN),
        })
    };
    let mut found: Vec<(usize, Start)> = Vec::new();
    for weight in 0..case.group().len() {
        let Some(other) = Recurrence::new(case, weight) else { continue };
        let Ok(own) = rule::rule(&other, sign) else { continue };
        for (column, start) in &own.starts {
            if rule.starts.contains_key(column)
                && let Ok(value) = number(start).get()
            {
                let cell = other.columns[*column].before;
                let column_id = names.column(*column).id.clone();
                found.push((*column, Start { column: column_id, weight, value, cell }));
            }
        }
    }
    let differs = |column: usize| {
        let mut of = found.iter().filter(|(at, _)| *at == column).map(|(_, one)| one.value);
        let first = of.next();
        of.any(|value| Some(value) != first)
    };
    let mut odd: Vec<usize> = found.iter().map(|(column, _)| *column).collect();
    odd.retain(|column| differs(*column));
    for column in &odd {
        rule.starts.insert(*column, Expr::Number(0.0));
    }
    let states = found.into_iter().filter(|(column, _)| odd.contains(column));
    states.map(|(_, start)| start).collect()
}

fn too_short(case: &Case) -> Fault {
    let updates = case.group().iter().flat_map(|weight| weight.updates.iter().flatten());
    let cell = updates.map(|update| update.cell).next();
    let what = "no weight has two updates by formulas that can be followed, which it takes to tell \
                what an iteration remembers of the one before";
    Fault::new(cell, what)
}

fn definition(
    recurrence: &Recurrence,
    rule: &Rule,
    names: &Names,
    followed: Option<&Followed>,
) -> Definition {
    let named = |formula: &Formula| formula.rename(|term| names.name(*term));
    let mut shared: Vec<usize> = Vec::new();
    let mut columns = Vec::new();
    for (at, formula) in rule.columns.iter().filter(|(at, _)| *at != NEXT) {
        let is_shared = is_shared(*at, formula, &shared);
        shared.extend(is_shared.then_some(*at));
        let text = names.column(*at);
        columns.push(ColumnDefinition {
            id: text.id.clone(),
            header: if is_shared { text.id.clone() } else { text.header.clone() },
            symbol: text.symbol.clone(),
            meaning: text.meaning.clone(),
            formula: named(formula),
            start: rule.starts.get(at).map(named),
            shared: is_shared,
        });
    }
    let update = rule.columns.iter().find(|(at, _)| *at == NEXT).map(|(_, formula)| named(formula));
    let title = followed.map_or("A rule of its own", Followed::title).to_owned();
    let departures = followed.map(|one| one.found.fit.departures.len());
    Definition {
        name: String::new(),
        variant: None,
        summary: match departures {
            Some(0) => format!("{title}, with the formulas and settings of a spreadsheet"),
            Some(_) => format!("{title} as a spreadsheet has it, with what it does otherwise"),
            None => "the rule of a spreadsheet".to_owned(),
        },
        title,
        note: String::new(),
        source: "a spreadsheet".to_owned(),
        hyper: names.hyperparameters(recurrence, rule),
        columns,
        update: ColumnDefinition {
            id: "w".to_owned(),
            header: "new {w}".to_owned(),
            symbol: "{w}".to_owned(),
            meaning: "{w} after the step".to_owned(),
            formula: update.unwrap_or(Expr::Name(Name::here("w"))),
            start: None,
            shared: false,
        },
        update_with_l2: None,
        largest_lr: None,
        suspicions: Vec::new(),
        libraries: Vec::new(),
        presets: BTreeMap::new(),
        variants: Vec::new(),
        translations: Vec::new(),
    }
}

/// Whether a column is the same for all weights: nothing in it is of one of them.
fn is_shared(own: usize, formula: &Formula, shared: &[usize]) -> bool {
    let is_other = |term: &Term| match term {
        Term::Column(at) | Term::Above(at) => *at != own && !shared.contains(at),
        Term::Fixed(_) | Term::Constant(_) | Term::Step | Term::Rate => false,
    };
    own != WEIGHT && own != GRADIENT && !formula.has_name(is_other)
}
