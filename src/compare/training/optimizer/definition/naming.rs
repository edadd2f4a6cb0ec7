//! What the parts of a sheet's rule are called in its definition: as the optimizer that it follows
//! calls them, else by the sheet's own labels.

use std::collections::{BTreeMap, HashMap};

use super::Followed;
use super::rule::{Rule, Term};
use crate::circuit::{Model, TAKEN};
use crate::compare::forced::Constant;
use crate::compare::training::log::named;
use crate::compare::training::names;
use crate::compare::training::optimizer::recurrence::{GRADIENT, NEXT, Recurrence, WEIGHT};
use crate::formula::{Expr, Name};
use crate::graph::CellId;
use crate::optimizer::{Definition, Hyperparameter, Interval};

/// Names that every trace has for something else, beside those that no model may use.
const OF_TRACE: [&str; 9] = ["w", "g", "update", "penalty", "cost", "l2", "clip", "order", "prev"];
/// Names that mean something else in a definition.
const OF_DEFINITION: [&str; 9] =
    ["x", "epoch_steps", "new", "de", "decay", "sum", "mean", "norm", "if"];
/// So long may a name be.
const LONGEST: usize = 24;
/// What Greek letters and signs are called in formulas.
const LETTERS: [(char, &str); 16] = [
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('Δ', "delta"),
    ('∂', "d"),
    ('ε', "eps"),
    ('ϵ', "eps"),
    ('η', "eta"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('√', "root"),
    ('²', "2"),
];

/// A text as a name of formulas; none where nothing of it can be in one.
pub(crate) fn identifier(text: &str) -> Option<String> {
    let mut out = String::new();
    for letter in text.chars() {
        let known = LETTERS.iter().find(|(one, _)| *one == letter);
        match (known, letter.to_digit(10)) {
            (Some((_, name)), _) => out.push_str(name),
            (None, _) if letter.is_ascii_alphanumeric() => out.push(letter),
            _ if out.ends_with('_') || out.is_empty() => {}
            _ => out.push('_'),
        }
    }
    let out: String = out.trim_matches('_').chars().take(LONGEST).collect();
    let out = out.trim_matches('_').to_owned();
    out.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(out)
}

/// `wanted`, or with a number behind it, so that no formula takes it for something else.
pub(crate) fn free(wanted: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let is_free = |name: &str| !Model::has_word(name) && !taken(name);
    let numbered = (2..).map(|number| format!("{wanted}{number}"));
    let mut all = std::iter::once(wanted.to_owned()).chain(numbered);
    all.find(|name| is_free(name)).unwrap_or_default()
}

/// What a column is called.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub id: String,
    pub header: String,
    pub symbol: String,
    pub meaning: String,
}

/// What everything of a rule is called.
pub(super) struct Names {
    columns: HashMap<usize, Text>,
    fixed: BTreeMap<usize, Hyperparameter>,
    /// Columns with the same number in all iterations.
    constants: BTreeMap<usize, Hyperparameter>,
    /// Whether the learning rate is typed into the formulas.
    has_rate: bool,
}

impl Names {
    pub fn new(recurrence: &Recurrence, rule: &Rule, followed: Option<&Followed>) -> Names {
        let mut names = Names {
            columns: HashMap::new(),
            fixed: BTreeMap::new(),
            constants: BTreeMap::new(),
            has_rate: rule.rate.is_some(),
        };
        if let Some(followed) = followed {
            names.take_over(recurrence, followed);
        }
        for term in terms(rule) {
            match term {
                Term::Fixed(at) if !names.fixed.contains_key(&at) => {
                    let hyper = names.hyperparameter(recurrence, recurrence.fixed[at]);
                    names.fixed.insert(at, hyper);
                }
                Term::Constant(at) if !names.constants.contains_key(&at) => {
                    let Some(cell) = recurrence.columns[at].cells[1] else { continue };
                    let hyper = names.hyperparameter(recurrence, cell);
                    names.constants.insert(at, hyper);
                }
                _ => {}
            }
        }
        for (at, _) in rule.columns.iter().filter(|(at, _)| *at != NEXT) {
            if !names.columns.contains_key(at) {
                names.own_column(recurrence, *at);
            }
        }
        names
    }

    /// Takes the names of the optimizer that the sheet follows.
    fn take_over(&mut self, recurrence: &Recurrence, followed: &Followed) {
        let Some(form) = &followed.found.form else { return };
        let (places, sheet) = (&followed.found.fit.places, &form.sheet);
        let definition = form.definition;
        for (input, place) in sheet.inputs.iter().zip(&places.inputs) {
            let Some(Constant::Cell(at)) = place else { continue };
            let value = recurrence.number(recurrence.fixed[*at]);
            self.fixed.entry(*at).or_insert_with(|| known(definition, named(&input.id), value));
        }
        for (column, place) in sheet.columns.iter().zip(&places.columns) {
            let own = definition.columns.iter().find(|own| own.id_for("w") == column.id);
            let place = place.filter(|place| place.sign > 0.0 && place.below == 0);
            let (Some(own), Some(place)) = (own, place) else { continue };
            if place.column > NEXT && !self.is_taken(&own.id) {
                let text = Text {
                    id: own.id.clone(),
                    header: own.header.clone(),
                    symbol: own.symbol.clone(),
                    meaning: own.meaning.clone(),
                };
                self.columns.entry(place.column).or_insert(text);
            }
        }
    }

    fn is_taken(&self, name: &str) -> bool {
        is_of_trace(name)
            || OF_DEFINITION.contains(&name)
            || self.columns.values().any(|one| one.id == name)
            || self.fixed.values().chain(self.constants.values()).any(|one| one.name == name)
            || self.has_rate && name == "lr"
    }

    /// Names a number by its label.
    fn hyperparameter(&self, recurrence: &Recurrence, cell: CellId) -> Hyperparameter {
        let case = recurrence.case;
        let graph = case.ground.graph;
        let is_rate =
            case.rates.cells.contains(&Some(cell)) || names::is_called_learning_rate(graph, cell);
        let label = names::own_label(graph, cell).or_else(|| names::left_label(graph, cell));
        let wanted = match is_rate {
            true => "lr".to_owned(),
            false => label.as_deref().and_then(identifier).unwrap_or_else(|| "k".to_owned()),
        };
        let name = free(&wanted, &|name| self.is_taken(name));
        let told = label.unwrap_or_else(|| "a number".to_owned());
        let mut hyper = any(&name, recurrence.number(cell));
        hyper.meaning = format!("{told} in {}", case.address(cell));
        if is_rate {
            hyper.symbol = "α".to_owned();
        }
        hyper
    }

    /// Names a column by its header, without the weight's name.
    fn own_column(&mut self, recurrence: &Recurrence, at: usize) {
        let case = recurrence.case;
        let cell = recurrence.columns[at].cells.iter().flatten().next().copied();
        let (wanted, meaning) = match at {
            WEIGHT => ("kept".to_owned(), "{w} before the step, for the next one".to_owned()),
            GRADIENT => ("slope".to_owned(), "de/d{w}, for the next step".to_owned()),
            _ => {
                let label = cell.and_then(|cell| names::of_cell(case.ground.graph, cell));
                let weight = case.weight_name(recurrence.weight);
                let own = label.as_deref().and_then(|label| without(label, &weight));
                let at = cell.map_or(String::new(), |cell| case.address(cell));
                let told = label.map_or(String::new(), |label| format!(", {label}"));
                (own.unwrap_or_else(|| "s".to_owned()), format!("as in {at}{told}"))
            }
        };
        let id = free(&wanted, &|name| self.is_taken(name));
        let (header, symbol) = (format!("{id}_{{w}}"), id.replace('_', ""));
        self.columns.insert(at, Text { id, header, symbol, meaning });
    }

    pub fn column(&self, at: usize) -> &Text {
        &self.columns[&at]
    }

    /// The name of a term.
    pub fn name(&self, term: Term) -> Name {
        match term {
            Term::Column(WEIGHT) => Name::here("w"),
            Term::Column(GRADIENT) => Name::here("g"),
            Term::Column(at) => Name::here(self.columns[&at].id.as_str()),
            Term::Above(at) => Name::above(self.columns[&at].id.as_str()),
            Term::Fixed(at) => Name::here(self.fixed[&at].name.as_str()),
            Term::Step => Name::here("t"),
            Term::Rate => Name::here("lr"),
            Term::Constant(at) => Name::here(self.constants[&at].name.as_str()),
        }
    }

    /// The hyperparameters that the rule has, the learning rate first.
    pub fn hyperparameters(&self, recurrence: &Recurrence, rule: &Rule) -> Vec<Hyperparameter> {
        let mut used: Vec<(CellId, &Hyperparameter)> = Vec::new();
        for term in terms(rule) {
            match term {
                Term::Fixed(at) => used.push((recurrence.fixed[at], &self.fixed[&at])),
                Term::Constant(at) => {
                    used.extend(
                        recurrence.columns[at].cells[1].map(|cell| (cell, &self.constants[&at])),
                    );
                }
                _ => {}
            }
        }
        used.sort_by_key(|(cell, hyper)| (hyper.name != "lr", *cell));
        used.dedup_by_key(|(cell, _)| *cell);
        let rate = rule.rate.map(|rate| Hyperparameter {
            symbol: "α".to_owned(),
            meaning: "learning rate, which the sheet has in its formulas".to_owned(),
            ..any("lr", rate)
        });
        rate.into_iter().chain(used.into_iter().map(|(_, hyper)| hyper.clone())).collect()
    }
}

/// Whether every trace has the name for something.
pub(crate) fn is_of_trace(name: &str) -> bool {
    TAKEN.contains(&name) || OF_TRACE.contains(&name)
}

/// Everything that stands in the formulas of a rule.
fn terms(rule: &Rule) -> Vec<Term> {
    let formulas = rule.columns.iter().map(|(_, formula)| formula).chain(rule.starts.values());
    formulas.flat_map(Expr::names).copied().collect()
}

/// A hyperparameter as a definition has it, with the sheet's value.
fn known(definition: &Definition, name: &str, value: f64) -> Hyperparameter {
    let Some(own) = definition.hyperparameter(name) else { return any(name, value) };
    let range = if own.range.contains(value) { own.range } else { ANY };
    Hyperparameter { default: value, range, source: "the sheet".to_owned(), ..own.clone() }
}

const ANY: Interval = Interval { low: (f64::NEG_INFINITY, false), high: (f64::INFINITY, false) };

fn any(name: &str, value: f64) -> Hyperparameter {
    Hyperparameter {
        name: name.to_owned(),
        symbol: name.replace('_', ""),
        default: value,
        range: ANY,
        meaning: format!("{name}, as the sheet has it"),
        source: "the sheet".to_owned(),
    }
}

/// A column's label as a name, without that of the weight: `velocity slope` is `velocity`.
fn without(label: &str, weight: &str) -> Option<String> {
    let is_word = |c: char| c.is_alphanumeric();
    let own: Vec<&str> = weight.split(|c| !is_word(c)).filter(|word| !word.is_empty()).collect();
    let words = label.split(|c| !is_word(c)).filter(|word| !word.is_empty());
    let kept: Vec<&str> = words.filter(|word| !own.contains(word)).collect();
    let name = identifier(&kept.join("_")).or_else(|| identifier(label))?;
    // `vw1` is the v of w1.
    let compact: String = weight.chars().filter(|c| is_word(*c)).collect();
    let shorter = name.strip_suffix(compact.as_str()).filter(|rest| !rest.is_empty());
    shorter.and_then(identifier).or(Some(name))
}
