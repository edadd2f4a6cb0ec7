//! The gates of a function: what each computes, its local derivatives on the way forward, and the
//! derivative of the output that arrives at it on the way back.

use serde::Serialize;

use super::derive::{math, name_math, name_text, number_math};
use super::formulas::in_pieces;
use super::markup::Markup;
use super::numbers::Cell;
use super::paper;
use crate::circuit::Circuit;
use crate::export::digits::Digits;
use crate::formula::{Expr, Name, evaluate};
use crate::value::Value;

/// Functions with more gates than this get no table: nobody would read it.
const MOST_GATES: usize = 100;

/// The gates of one function.
#[derive(Serialize)]
pub struct Gates {
    pub anchor: String,
    /// What the function is called, set in letters and without markup.
    pub name: Markup,
    pub plain: String,
    /// Whether there are values.
    pub has_values: bool,
    pub rows: Vec<Row>,
    /// How many gates there are, where they are too many to show.
    pub too_many: Option<usize>,
    /// How wide the table is at most, in em.
    pub width: usize,
}

/// A gate.
#[derive(Serialize)]
pub struct Row {
    /// What it is called: as text, since it is the row's head.
    pub name: Markup,
    /// What it computes; a variable computes nothing.
    pub formula: Option<Markup>,
    /// Whether it is a variable that goes in.
    pub is_input: bool,
    pub forward: Option<Cell>,
    /// The derivative by each input that varies, an equation each.
    pub local: Vec<Markup>,
    /// The derivative of the output by this gate.
    pub backward: Markup,
    pub value: Option<Cell>,
    /// What the script computes of it.
    #[serde(skip)]
    pub computed: Computed,
}

/// A gate as formulas; a local derivative that is a number is none.
pub struct Computed {
    pub forward: Expr<Name>,
    pub local: Vec<Option<Expr<Name>>>,
    pub backward: Expr<Name>,
}

/// The gates of function number `index`, called `name`, at `point` where there is one.
pub fn of_function(
    index: usize,
    name: String,
    function: &Expr<Name>,
    point: Option<&[(Name, f64)]>,
) -> Gates {
    let empty = Gates {
        anchor: format!("gates-{}", index + 1),
        name: set(&name),
        plain: name.clone(),
        has_values: point.is_some(),
        rows: Vec::new(),
        too_many: None,
        width: 0,
    };
    // A circuit keeps a copy of every part of the function, so the size is looked at before.
    if function.size() > 4 * MOST_GATES {
        return Gates { too_many: Some(function.size()), ..empty };
    }
    let circuit = Circuit::new(function);
    if circuit.gates.len() > MOST_GATES {
        return Gates { too_many: Some(circuit.gates.len()), ..empty };
    }
    let backward = circuit.backward();
    let value = |formula: &Expr<Name>| point.map(|point| value_at(formula, point));
    let shown: Vec<(usize, &Expr<Name>)> = (0..circuit.gates.len())
        .filter(|at| !is_number(&circuit.gates[*at].formula))
        .filter_map(|at| Some((at, backward[at].as_ref()?)))
        .collect();
    let names = Names::of(&circuit, &shown, name);
    let digits = |formulas: &dyn Fn(usize) -> Option<Value>| {
        Digits::for_values((0..shown.len()).filter_map(formulas))
    };
    let forward_digits = digits(&|row| value(&circuit.gates[shown[row].0].formula));
    let backward_digits = digits(&|row| value(shown[row].1));
    let row = |&(at, arrived): &(usize, &Expr<Name>)| {
        let gate = &circuit.gates[at];
        let is_input = gate.inputs.is_empty();
        let local = locals(at, &circuit);
        Row {
            name: set(&names.0[at]),
            formula: (!is_input).then(|| in_pieces("<mo>=</mo>", &gate.formula, &name_math)),
            is_input,
            forward: value(&gate.formula).map(|value| forward_digits.show(value)),
            local: local.iter().map(|one| equation(at, one, &names, point)).collect(),
            backward: in_pieces("", arrived, &name_math),
            value: value(arrived).map(|value| backward_digits.show(value)),
            computed: Computed {
                forward: gate.formula.clone(),
                local: local
                    .into_iter()
                    .map(|(_, one)| Some(one).filter(|one| !is_number(one)))
                    .collect(),
                backward: arrived.clone(),
            },
        }
    };
    let rows: Vec<Row> = shown.iter().map(row).collect();
    let width = width_of(&rows);
    Gates { rows, width, ..empty }
}

/// How wide the table is at most where formulas break between terms, in em.
fn width_of(rows: &[Row]) -> usize {
    let widest = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let cell = |cell: &Option<Cell>| cell.as_ref().map_or(0, |cell| paper::width(&cell.whole) + 9);
    widest(&|row| {
        let formula = row.formula.as_ref().map_or(0, |one| paper::width_of_pieces(one.as_str()));
        formula.max(paper::width(row.name.as_str()))
    }) + widest(&|row| row.local.iter().map(|one| paper::width(one.as_str())).max().unwrap_or(0))
        + widest(&|row| paper::width_of_pieces(row.backward.as_str()))
        + widest(&|row| cell(&row.forward))
        + widest(&|row| cell(&row.value))
}

/// What the gates are called, by their place in the circuit: a variable as it is, the last one
/// like the function, the others g with a number. What is not shown has no name.
struct Names(Vec<String>);

impl Names {
    fn of(circuit: &Circuit<Name>, shown: &[(usize, &Expr<Name>)], function: String) -> Self {
        let mut names = vec![String::new(); circuit.gates.len()];
        let variable = |at: usize| match &circuit.gates[at].formula {
            Expr::Name(name) => Some(name.id.clone()),
            _ => None,
        };
        let taken = |letter: &&str| {
            let starts = |name: String| name.starts_with(*letter);
            (0..names.len()).filter_map(variable).any(starts)
        };
        let letter = ["g", "h", "u"].into_iter().find(|one| !taken(one)).unwrap_or("gate");
        let mut count = 0;
        for (at, _) in shown {
            names[*at] = variable(*at).unwrap_or_else(|| {
                count += 1;
                format!("{letter}{count}")
            });
        }
        if let Some(last) = names.len().checked_sub(1).filter(|last| variable(*last).is_none()) {
            names[last] = function;
        }
        Names(names)
    }

    /// The name as mathematics.
    fn math(&self, at: usize) -> String {
        name_math(&Name::here(self.0[at].as_str()))
    }
}

/// The local derivatives, each with the gate that it is by. Numbers that go in do not vary.
fn locals(at: usize, circuit: &Circuit<Name>) -> Vec<(usize, Expr<Name>)> {
    let gate = &circuit.gates[at];
    let inputs = gate.inputs.iter().zip(&gate.local).enumerate();
    // The sides of a comparison decide, but have no slope.
    let decides = |way: usize| matches!(gate.formula, Expr::If(_)) && way < 2;
    inputs
        .filter(|(way, (input, _))| !is_number(&circuit.gates[**input].formula) && !decides(*way))
        .map(|(_, (input, local))| (*input, crate::formula::simplify(local)))
        .collect()
}

/// A local derivative as an equation: ∂g/∂u = v = 3.
fn equation(
    at: usize,
    (input, local): &(usize, Expr<Name>),
    names: &Names,
    point: Option<&[(Name, f64)]>,
) -> Markup {
    let value = point.filter(|_| !is_number(local)).map_or(String::new(), |point| {
        format!("<mo>=</mo>{}", number_math(value_at(local, point)))
    });
    let (of, by) = (names.math(at), names.math(*input));
    let left = format!("<mrow><mo>∂</mo>{of}<mo>/</mo><mo>∂</mo>{by}</mrow>");
    Markup::math(&format!("{left}<mo>=</mo>{}{value}", math(local)))
}

fn set(name: &str) -> Markup {
    Markup::trusted(format!("<var>{}</var>", name_text(name)))
}

fn value_at(formula: &Expr<Name>, point: &[(Name, f64)]) -> Value {
    evaluate(formula, &|name: &Name| {
        let known = point.iter().find(|(one, _)| one == name);
        Value::number(known.map_or(f64::NAN, |(_, value)| *value))
    })
}

fn is_number(formula: &Expr<Name>) -> bool {
    match formula {
        Expr::Number(_) => true,
        Expr::Call(_, arguments) => arguments.is_empty(),
        _ => false,
    }
}
