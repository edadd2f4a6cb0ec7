//! The gates of a function: what each computes, its local derivatives on the way forward, and the
//! derivative of the output that arrives at it on the way back.

use serde::Serialize;

use super::derive::{math, number_math};
use super::markup::Markup;
use super::numbers::Cell;
use crate::circuit::{Circuit, Gate};
use crate::export::digits::Digits;
use crate::formula::{Expr, Name, evaluate};
use crate::value::Value;

/// Functions with more gates than this get no table: nobody would read it.
const MOST_GATES: usize = 100;

/// The gates of one function.
#[derive(Serialize)]
pub struct Gates {
    pub anchor: String,
    /// The function's symbol.
    pub name: Markup,
    /// Whether there are values.
    pub has_values: bool,
    pub rows: Vec<Row>,
    /// How many gates there are, where they are too many to show.
    pub too_many: Option<usize>,
    /// How many characters stand behind the point in the columns of numbers.
    pub fractions: [usize; 2],
}

/// A gate.
#[derive(Serialize)]
pub struct Row {
    pub formula: Markup,
    /// Whether it is a variable that goes in.
    pub is_input: bool,
    pub forward: Option<Cell>,
    /// The derivative by each input that varies, an equation each.
    pub local: Vec<Markup>,
    /// The derivative of the output by this gate.
    pub backward: Markup,
    pub value: Option<Cell>,
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
        name: Markup::math(&name),
        has_values: point.is_some(),
        rows: Vec::new(),
        too_many: None,
        fractions: [0; 2],
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
    let shown: Vec<(&Gate<Name>, &Expr<Name>)> = circuit
        .gates
        .iter()
        .zip(&backward)
        .filter(|(gate, _)| !is_number(&gate.formula))
        .filter_map(|(gate, arrived)| Some((gate, arrived.as_ref()?)))
        .collect();
    let digits = |formulas: &dyn Fn(usize) -> Option<Value>| {
        Digits::for_values((0..shown.len()).filter_map(formulas))
    };
    let forward_digits = digits(&|at| value(&shown[at].0.formula));
    let backward_digits = digits(&|at| value(shown[at].1));
    let rows: Vec<Row> = shown
        .iter()
        .map(|(gate, arrived)| Row {
            formula: Markup::math(&math(&gate.formula)),
            is_input: gate.inputs.is_empty(),
            forward: value(&gate.formula).map(|value| forward_digits.show(value)),
            local: local(gate, &circuit, point),
            backward: Markup::math(&math(arrived)),
            value: value(arrived).map(|value| backward_digits.show(value)),
        })
        .collect();
    let width = |cell: &dyn Fn(&Row) -> Option<usize>| rows.iter().filter_map(cell).max();
    let fractions = [
        width(&|row| row.forward.as_ref().map(Cell::fraction_width)).unwrap_or(0),
        width(&|row| row.value.as_ref().map(Cell::fraction_width)).unwrap_or(0),
    ];
    Gates { rows, fractions, ..empty }
}

/// The local derivatives as equations: ∂/∂u = v = 3. Numbers that go in do not vary.
fn local(gate: &Gate<Name>, circuit: &Circuit<Name>, point: Option<&[(Name, f64)]>) -> Vec<Markup> {
    let mut equations = Vec::new();
    for (way, (input, local)) in gate.inputs.iter().zip(&gate.local).enumerate() {
        let input = &circuit.gates[*input].formula;
        // The sides of a comparison decide, but have no slope.
        let decides = matches!(gate.formula, Expr::If(_)) && way < 2;
        if is_number(input) || decides {
            continue;
        }
        let local = crate::formula::simplify(local);
        let value = point.filter(|_| !is_number(&local)).map_or(String::new(), |point| {
            format!("<mo>=</mo>{}", number_math(value_at(&local, point)))
        });
        let by = match input {
            Expr::Name(_) => math(input),
            other => format!("<mrow><mo>(</mo>{}<mo>)</mo></mrow>", math(other)),
        };
        let left = format!("<mrow><mo>∂</mo><mo>/</mo><mo>∂</mo>{by}</mrow>");
        equations.push(Markup::math(&format!("{left}<mo>=</mo>{}{value}", math(&local))));
    }
    equations
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
