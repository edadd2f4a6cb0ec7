//! An optimizer for the page: its formulas, written for one weight, as functions that run them for
//! every weight.

use std::fmt::Write;

use serde::Serialize;

use super::{Functions, is_of_training};
use crate::formula::{Expr, Inside, Name, javascript, javascript_of_weight};
use crate::optimizer::{ColumnDefinition, Definition, OWN_DECAY, started_state};
use crate::sheet::Sheet;
use crate::trace::Run;

/// An optimizer with the values of its inputs in the file.
#[derive(Debug, Serialize)]
pub struct Optimizer {
    name: String,
    title: String,
    /// The place of its frame.
    frame: usize,
    /// The place of its functions.
    printed: usize,
    hyper: Vec<Hyper>,
    /// The inputs that formulas name, in the order of `h`.
    inputs: Vec<String>,
    /// The frame's columns that they name, in the order of `f`.
    refers: Vec<String>,
    columns: Vec<Column>,
    update: Column,
    /// Whether the update's formula has the penalty in itself.
    penalizes: bool,
    /// What the way to train sets.
    training: Vec<(String, f64)>,
    /// What columns start from instead of what the definition says.
    states: Vec<(String, f64)>,
}

/// A hyperparameter.
#[derive(Debug, Serialize)]
struct Hyper {
    id: String,
    symbol: String,
    meaning: String,
    value: f64,
    default: f64,
    /// The bounds of its range; none where it is open to infinity.
    low: Option<f64>,
    high: Option<f64>,
}

/// A column that each weight has, or that all share; `{w}` stands for the weight's name.
#[derive(Debug, Serialize)]
struct Column {
    id: String,
    header: String,
    shared: bool,
}

impl Optimizer {
    /// The optimizer of a run, whose sheet has the frame number `frame`.
    pub fn new(run: &Run, frame: usize, functions: &mut Functions) -> Self {
        let (definition, sheet) = (&run.definition, &run.sheet);
        let mut printer = Printer::new(definition, sheet);
        let text = printer.print();
        let value = |id: &str| sheet.input(id).map_or(f64::NAN, |at| sheet.inputs[at].value);
        let hyper = definition.hyper.iter().map(|one| Hyper {
            id: one.name.clone(),
            symbol: one.symbol.clone(),
            meaning: one.meaning.clone(),
            value: value(&one.name),
            default: one.default,
            low: Some(one.range.low.0).filter(|bound| bound.is_finite()),
            high: Some(one.range.high.0).filter(|bound| bound.is_finite()),
        });
        let inputs = || sheet.inputs.iter();
        let state =
            |input: &crate::sheet::Input| Some((started_state(input)?.to_owned(), input.value));
        Optimizer {
            name: sheet.name.clone(),
            title: definition.title.clone(),
            frame,
            printed: functions.add(text),
            hyper: hyper.collect(),
            columns: printer.own.iter().map(|column| Column::of(column)).collect(),
            update: Column::of(&definition.update),
            inputs: printer.inputs,
            refers: printer.refers,
            penalizes: sheet.weights.iter().any(|weight| weight.given != weight.given_in_update),
            training: inputs()
                .filter(|input| is_of_training(input.kind))
                .map(|input| (input.id.clone(), input.value))
                .collect(),
            states: inputs().filter_map(state).collect(),
        }
    }
}

impl Column {
    fn of(column: &ColumnDefinition) -> Self {
        Column { id: column.id.clone(), header: column.header.clone(), shared: column.shared }
    }
}

/// Prints the functions of an optimizer. In them `r` is the row, `p` the row above, `h` the inputs,
/// `f` the places of the frame's columns that are named, `c` those of the optimizer's own, `w` that
/// of the first weight, `g` those of the gradients and `k` of the update's, `y` which weights decay,
/// `m` how many weights there are.
struct Printer<'a> {
    definition: &'a Definition,
    sheet: &'a Sheet,
    /// The columns that are its own: not those of a schedule, which are the frame's.
    own: Vec<&'a ColumnDefinition>,
    inputs: Vec<String>,
    refers: Vec<String>,
}

impl<'a> Printer<'a> {
    fn new(definition: &'a Definition, sheet: &'a Sheet) -> Self {
        let weight = sheet.weights.first().map_or("", |weight| &weight.name);
        let is_own = |column: &&ColumnDefinition| {
            let at = sheet.column(&column.id_for(weight));
            at.is_some_and(|at| sheet.columns[at].group == crate::sheet::Group::State)
        };
        let own = definition.columns.iter().filter(is_own).collect();
        Printer { definition, sheet, own, inputs: Vec::new(), refers: Vec::new() }
    }

    fn print(&mut self) -> String {
        let (mut columns, mut start) = (String::new(), String::new());
        for (index, column) in self.own.clone().into_iter().enumerate() {
            let value = self.formula(&column.formula, if column.shared { "0" } else { "i" }, "g");
            // A String takes all that is written to it.
            let _ = match column.shared {
                true => writeln!(columns, "r[c[{index}]]={value};"),
                false => writeln!(columns, "for(let i=0;i<g.length;i++)r[c[{index}]+i]={value};"),
            };
            if let Some(initial) = &column.start {
                let value = self.start(initial);
                let _ = match column.shared {
                    true => writeln!(start, "r[c[{index}]]={value};"),
                    false => writeln!(start, "for(let i=0;i<m;i++)r[c[{index}]+i]={value};"),
                };
            }
        }
        let update = self.formula(&self.definition.update.formula, "i", "k");
        let last = self.own.len();
        format!(
            "{{columns(r,p,h,f,c,w,g,k,y){{\n{columns}\
             for(let i=0;i<g.length;i++)r[c[{last}]+i]={update};\n}},\nstart(r,h,c,m){{\n{start}}}}}"
        )
    }

    fn start(&mut self, initial: &Expr<Name>) -> String {
        self.look_up(initial);
        javascript(initial, &|name| self.input(&name.id))
    }

    fn formula(&mut self, formula: &Expr<Name>, weight: &str, gradient: &str) -> String {
        self.look_up(formula);
        javascript_of_weight(formula, &|name, inside| match inside {
            Inside::Formula => self.place(name, weight, gradient),
            Inside::Total => self.place(name, "i", "g"),
        })
    }

    /// Makes room for what a formula names of the inputs and of the frame.
    fn look_up(&mut self, formula: &Expr<Name>) {
        for name in formula.names() {
            let is_own = self.own.iter().any(|column| column.id == name.id);
            if is_own || ["w", "g"].contains(&name.id.as_str()) {
                continue;
            }
            let is_input = name.id == EPOCH_STEPS || self.sheet.input(&name.id).is_some();
            let list = if is_input { &mut self.inputs } else { &mut self.refers };
            if !list.contains(&name.id) {
                list.push(name.id.clone());
            }
        }
    }

    fn input(&self, id: &str) -> String {
        let at = self.inputs.iter().position(|known| known == id);
        format!("h[{}]", at.unwrap_or_default())
    }

    /// Where the value of `name` lies, for the weight with the index `weight`.
    fn place(&self, name: &Name, weight: &str, gradient: &str) -> String {
        let row = if name.previous { "p" } else { "r" };
        if let Some(at) = self.own.iter().position(|column| column.id == name.id) {
            return match self.own[at].shared {
                true => format!("{row}[c[{at}]]"),
                false => format!("{row}[c[{at}]+{weight}]"),
            };
        }
        match name.id.as_str() {
            "w" => format!("{row}[w+{weight}]"),
            "g" => format!("{row}[{gradient}[{weight}]]"),
            id => match self.refers.iter().position(|known| known == id) {
                Some(at) => format!("{row}[f[{at}]]"),
                None if DECAYS.contains(&id) => format!("(y[{weight}]?{}:0)", self.input(id)),
                None => self.input(id),
            },
        }
    }
}

/// The number of updates an epoch, which is an input of no sheet.
const EPOCH_STEPS: &str = "epoch_steps";

/// What is 0 for a weight that does not decay.
const DECAYS: [&str; 3] = ["l2", "weight_decay", OWN_DECAY];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Model;
    use crate::optimizer::{self, Setup};

    #[test]
    fn names_are_places() {
        let definition = optimizer::find("adam").unwrap();
        let setup = Setup::new(&[1.0, 1.0], 29);
        let (definition, sheet) =
            optimizer::stamp(definition, &Model::line().unwrap(), &setup).unwrap();
        let mut printer = Printer::new(&definition, &sheet);
        let text = printer.print();
        let first = "for(let i=0;i<g.length;i++)\
                     r[c[0]+i]=add(mul(h[0],p[c[0]+i]),mul(sub(1,h[0]),r[g[i]]));";
        assert!(text.contains(first), "{text}");
        assert!(text.contains("r[c[2]+i]=div(r[c[0]+i],sub(1,power(h[0],r[f[0]])));"), "{text}");
        assert!(text.contains("start(r,h,c,m){\nfor(let i=0;i<m;i++)r[c[0]+i]=0;"), "{text}");
        assert_eq!(
            (printer.inputs, printer.refers),
            (["beta1", "beta2", "lr", "eps"].map(str::to_owned).to_vec(), vec!["t".to_owned()])
        );
    }
}
