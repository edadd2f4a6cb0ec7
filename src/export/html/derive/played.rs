//! What the page's script computes at any point: the functions, their derivatives and gates, printed as JavaScript over
//! the values of the names, `v`. No name is code.

use serde::Serialize;

use super::super::gates::{Computed, Gates};
use crate::circuit::{AtPoint, Derivatives, Formulas};
use crate::formula::{Expr, Name, javascript, javascript_functions};

/// Formulas with more parts together are not computed in the page.
const LARGEST: usize = 20_000;

/// What is computed, and what the script knows of it.
pub struct Played {
    /// Functions in JavaScript.
    pub functions: String,
    pub store: Store,
}

/// What the script knows.
#[derive(Serialize)]
pub struct Store {
    row_head: &'static str,
    /// What saved charts are called after.
    workbook: &'static str,
    /// Every name of the functions, and the places of those that are derived by.
    names: Vec<String>,
    variables: Vec<usize>,
    functions: Vec<String>,
    point: Option<Vec<f64>>,
}

impl Played {
    /// What the page of `derivatives` computes; none where that would be too much.
    pub fn new(derivatives: &Derivatives, at: Option<&AtPoint>, gates: &[Gates]) -> Option<Self> {
        let matrices = || std::iter::once(&derivatives.jacobian).chain(&derivatives.hessians);
        let entries = matrices().flatten().flatten();
        let size: usize = derivatives.functions.iter().chain(entries).map(Expr::size).sum();
        if size > LARGEST {
            return None;
        }
        let names = names(derivatives);
        let place = |name: &Name| names.iter().position(|one| one == name);
        let value = |name: &Name| place(name).map_or("NaN".into(), |at| format!("v[{at}]"));
        let print = |formula: &Expr<Name>| format!("(v)=>{}", javascript(formula, &value));
        let matrix = |rows: &Formulas| list(rows, |row| list(row, print));
        let gate = |gate: &Computed| {
            let local = |one: &Option<Expr<Name>>| one.as_ref().map_or("null".to_owned(), print);
            let [forward, backward] = [&gate.forward, &gate.backward].map(print);
            format!("[{forward},{},{backward}]", list(&gate.local, local))
        };
        let functions = format!(
            "{}gd.printed = {{\nfunctions: {},\nmatrices: {},\ngates: {},\n}};\n",
            javascript_functions(),
            list(&derivatives.functions, print),
            list(matrices(), matrix),
            list(gates, |one| list(one.rows.iter().map(|row| &row.computed), gate)),
        );
        let value_of = |at: &AtPoint, name: &Name| {
            at.point.iter().find(|(one, _)| one == name).map_or(f64::NAN, |(_, value)| *value)
        };
        let store = Store {
            row_head: "point",
            workbook: "derivatives",
            variables: derivatives.variables.iter().filter_map(place).collect(),
            functions: (0..derivatives.functions.len())
                .map(|index| derivatives.function_name(index))
                .collect(),
            point: at.map(|at| names.iter().map(|name| value_of(at, name)).collect()),
            names: names.iter().map(|name| name.id.clone()).collect(),
        };
        Some(Played { functions, store })
    }
}

/// The variables, and behind them the other names.
fn names(derivatives: &Derivatives) -> Vec<Name> {
    let mut names = derivatives.variables.clone();
    for name in derivatives.functions.iter().flat_map(Expr::names) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn list<T>(all: impl IntoIterator<Item = T>, print: impl Fn(T) -> String) -> String {
    format!("[{}]", all.into_iter().map(print).collect::<Vec<_>>().join(",\n"))
}
