//! An optimizer for the page: its formulas, written for one weight, as functions that run them for
//! every weight.

use std::fmt::Write;
use std::ops::Not;

use serde::Serialize;

use super::shared::{Column, Frames, Hyper, Made, Shared, place};
use crate::formula::{Expr, Inside, Name, javascript, javascript_of_weight, operands};
use crate::optimizer::{
    ColumnDefinition, Definition, OWN_DECAY, SCHEDULED, Training, started_state,
};
use crate::sheet::{Group, Input, InputKind, Sheet};
use crate::trace::Run;

/// An optimizer that the page can run.
#[derive(Debug, Serialize)]
pub struct Optimizer {
    name: String,
    title: String,
    /// The place of its frames.
    frames: usize,
    /// The place of its frame in the file, and how many rows it has there; none where it is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<usize>,
    /// The place of its functions.
    printed: usize,
    /// Its hyperparameters by their places, each with its default, and its value in the file where that is another.
    hyper: Vec<Set>,
    /// The inputs that formulas name, in the order of `h`.
    inputs: Vec<String>,
    /// The frame's columns that they name, in the order of `f`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refers: Vec<String>,
    /// Its own columns and the one of the new weight, by their places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<usize>,
    update: usize,
    /// The places of the libraries that have this form of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    libraries: Vec<usize>,
    /// Whether the update's formula has the penalty in itself.
    #[serde(skip_serializing_if = "Not::not")]
    penalizes: bool,
    /// Whether nothing is known of a largest stable learning rate, which is not the same as that there is none.
    #[serde(skip_serializing_if = "Not::not")]
    no_limit_known: bool,
    /// What columns start from instead of what the definition says; none for an error value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    states: Vec<(String, Option<f64>)>,
    /// The epochs that make these states.
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<Reset>,
}

/// A hyperparameter by its place, with its default, and its value in the file where that is another.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Set {
    Default(usize, f64),
    Value(usize, f64, f64),
}

/// Epochs before the first one, of which nothing is kept but the states.
#[derive(Debug, Serialize)]
pub struct Reset {
    epochs: usize,
    optimizer: Box<Optimizer>,
}

impl Optimizer {
    /// The optimizer of a run, as its sheet has it.
    pub fn of_run(run: &Run, shared: &mut Shared) -> Self {
        let sheet = &run.sheet;
        let inputs = || sheet.inputs.iter();
        let value = |id: &str| sheet.input(id).map(|at| sheet.inputs[at].value);
        let weight = sheet.weights.first().map_or("", |weight| &weight.name);
        let is_own = |column: &ColumnDefinition| {
            let at = sheet.column(&column.id_for(weight));
            at.is_some_and(|at| sheet.columns[at].group == Group::State)
        };
        let is_input = |id: &str| sheet.input(id).is_some();
        // A reset trains with a constant learning rate.
        let is_constant = sheet.column(SCHEDULED).is_none();
        let printer = Printer::new(&run.definition, &is_own, &is_input, is_constant);
        let made = Optimizer::new(&run.definition, printer, &value, shared);
        let number = |value: f64| Some(value).filter(|value| value.is_finite());
        let state = |input: &Input| Some((started_state(input)?.to_owned(), number(input.value)));
        Optimizer {
            name: sheet.name.clone(),
            rows: Some(run.rows),
            no_limit_known: knows_no_limit(&run.definition),
            penalizes: sheet.weights.iter().any(|weight| weight.given != weight.given_in_update),
            states: inputs().filter_map(state).collect(),
            reset: run.reset.as_ref().map(|reset| Reset {
                epochs: reset.epochs(),
                optimizer: Box::new(Optimizer::of_run(reset, shared)),
            }),
            ..made
        }
    }

    /// A `definition` that no run has, as it trains in the way of the plan of a run with this `sheet`.
    pub fn of_definition(
        definition: &Definition,
        training: &Training,
        sheet: &Sheet,
        shared: &mut Shared,
    ) -> Self {
        let is_own = |column: &ColumnDefinition| !training.is_of_schedule(&column.id);
        let is_input = |id: &str| {
            let of_sheet =
                |input: &Input| input.id == id && !matches!(input.kind, InputKind::Hyperparameter);
            definition.hyperparameter(id).is_some() || sheet.inputs.iter().any(of_sheet)
        };
        let printer = Printer::new(definition, &is_own, &is_input, false);
        let made = Optimizer::new(definition, printer, &|_| None, shared);
        let penalizes = training.penalizes_in_update(definition);
        Optimizer { penalizes, no_limit_known: knows_no_limit(definition), ..made }
    }

    /// Gives it its `frames`; that of the file is number `own`.
    pub fn set_frames(&mut self, frames: Frames, own: Option<usize>, shared: &mut Shared) {
        (self.frames, self.frame) = (place(frames, &mut shared.frames), own);
    }

    /// Gives its reset the frame number `own`, of this loss.
    pub fn set_frame_of_reset(&mut self, loss: &str, own: usize, shared: &mut Shared) {
        if let Some(reset) = &mut self.reset {
            let frames = [(loss.to_owned(), [Some(own), None])].into();
            reset.optimizer.set_frames(frames, Some(own), shared);
        }
    }

    fn new(
        definition: &Definition,
        mut printer: Printer,
        value: &dyn Fn(&str) -> Option<f64>,
        shared: &mut Shared,
    ) -> Self {
        let printed = shared.definitions.add(printer.print());
        let hyper = definition.hyper.iter().map(|one| {
            let set = value(&one.name).unwrap_or(one.default);
            let at = place(Hyper::of(one), &mut shared.hyper);
            match set == one.default {
                true => Set::Default(at, set),
                false => Set::Value(at, one.default, set),
            }
        });
        let hyper = hyper.collect();
        let libraries = definition.libraries.iter().map(|library| {
            let made = Made::of(library, definition, &mut shared.conditions);
            place(made, &mut shared.libraries)
        });
        let libraries = libraries.collect();
        let own = printer.own.iter();
        let columns = own.map(|column| place(Column::of(column), &mut shared.columns));
        Optimizer {
            name: definition.sheet_name(),
            title: definition.title.clone(),
            frames: 0,
            frame: None,
            rows: None,
            printed,
            hyper,
            columns: columns.collect(),
            update: place(Column::of(&definition.update), &mut shared.columns),
            inputs: printer.inputs,
            refers: printer.refers,
            libraries,
            penalizes: false,
            no_limit_known: false,
            states: Vec::new(),
            reset: None,
        }
    }
}

/// Whether a definition says no largest stable learning rate for another reason than that there is none: the way to train,
/// or that it is the user's own.
fn knows_no_limit(definition: &Definition) -> bool {
    let plain = crate::optimizer::find(&definition.label());
    definition.largest_lr.is_none() && !plain.is_ok_and(|plain| plain.largest_lr.is_none())
}

/// Prints the functions of an optimizer. In them `r` is the row, `p` the row above, `h` the inputs,
/// `f` the places of the frame's columns that are named, `c` those of the optimizer's own, `w` that
/// of the first weight, `g` those of the gradients and `k` of the update's, `y` which weights decay,
/// `m` how many weights there are.
struct Printer<'a> {
    definition: &'a Definition,
    /// The columns that are its own: not those of a schedule, which are the frame's.
    own: Vec<&'a ColumnDefinition>,
    is_input: &'a dyn Fn(&str) -> bool,
    /// Whether the learning rate stays what it is, whatever schedule the formulas have.
    is_constant: bool,
    inputs: Vec<String>,
    refers: Vec<String>,
}

impl<'a> Printer<'a> {
    fn new(
        definition: &'a Definition,
        is_own: &dyn Fn(&ColumnDefinition) -> bool,
        is_input: &'a dyn Fn(&str) -> bool,
        is_constant: bool,
    ) -> Self {
        let own = definition.columns.iter().filter(|column| is_own(column)).collect();
        let (inputs, refers) = (Vec::new(), Vec::new());
        Printer { definition, own, is_input, is_constant, inputs, refers }
    }

    fn print(&mut self) -> String {
        let (mut statements, mut start) = (Vec::new(), String::new());
        for (index, column) in self.own.clone().into_iter().enumerate() {
            statements.push(self.statement(index, column, "g"));
            if let Some(initial) = &column.start {
                let value = self.start(initial);
                // A String takes all that is written to it.
                let _ = match column.shared {
                    true => writeln!(start, "r[c[{index}]]={value};"),
                    false => writeln!(start, "for(let i=0;i<m;i++)r[c[{index}]+i]={value};"),
                };
            }
        }
        statements.push(self.statement(self.own.len(), &self.definition.update, "k"));
        let columns = looped(&statements);
        let limit = self.limit();
        format!(
            "{{columns(r,p,h,f,c,w,g,k,y){{\n{columns}}},\nstart(r,h,c,m){{\n{start}}}{limit}}}"
        )
    }

    /// The function of the largest stable learning rate for the curvature `u`, where there is one.
    fn limit(&mut self) -> String {
        let Some(limit) = &self.definition.largest_lr else { return String::new() };
        let name = |name: &Name| match name.id.as_str() {
            "curvature" => "u".to_owned(),
            id => self.input(id),
        };
        format!(",\nlimit(u,h){{return {}}}", javascript(limit, &name))
    }

    /// The statement that computes own column number `index` from the gradients that are called `gradient`.
    fn statement(&mut self, index: usize, column: &ColumnDefinition, gradient: &str) -> Statement {
        let weight = if column.shared { "0" } else { "i" };
        let value = self.formula(&column.formula, weight, gradient);
        let is_over = |part: &Expr<Name>| matches!(part, Expr::Call(function, _) if function.is_over_weights());
        let looks_at_all = has_part(&column.formula, &is_over);
        match column.shared {
            true => {
                Statement { text: format!("r[c[{index}]]={value};"), shared: true, looks_at_all }
            }
            false => {
                let text = format!("r[c[{index}]+i]={value};");
                Statement { text, shared: false, looks_at_all }
            }
        }
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
            let id = self.meant(&name.id);
            if self.own.iter().any(|column| column.id == id) || ["w", "g"].contains(&id) {
                continue;
            }
            let is_input = id == EPOCH_STEPS || (self.is_input)(id);
            let list = if is_input { &mut self.inputs } else { &mut self.refers };
            if !list.iter().any(|known| known == id) {
                list.push(id.to_owned());
            }
        }
    }

    /// The name that is meant by `id`.
    fn meant<'n>(&self, id: &'n str) -> &'n str {
        if self.is_constant && id == SCHEDULED { "lr" } else { id }
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
        match self.meant(&name.id) {
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

/// What computes a column.
struct Statement {
    text: String,
    /// Whether it is computed once for all weights, or for that with the index `i`.
    shared: bool,
    /// Whether it looks at more than one weight.
    looks_at_all: bool,
}

/// The statements in their order, those for each weight in loops. A weight's columns may follow each
/// other in one loop as long as they look at no other weight.
fn looped(statements: &[Statement]) -> String {
    let mut text = String::new();
    let mut is_open = false;
    for statement in statements {
        if is_open && (statement.shared || statement.looks_at_all) {
            text += "}\n";
            is_open = false;
        }
        if !statement.shared && !is_open {
            text += "for(let i=0;i<g.length;i++){\n";
            is_open = true;
        }
        text = text + &statement.text + "\n";
    }
    text + if is_open { "}\n" } else { "" }
}

/// Whether some part of a formula is such.
fn has_part(formula: &Expr<Name>, is: &dyn Fn(&Expr<Name>) -> bool) -> bool {
    is(formula) || operands(formula).into_iter().any(|part| has_part(part, is))
}

/// The number of updates an epoch, which is an input of no sheet.
const EPOCH_STEPS: &str = "epoch_steps";

/// What is 0 for a weight that does not decay.
const DECAYS: [&str; 3] = ["l2", "weight_decay", OWN_DECAY];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer;

    #[test]
    fn names_are_places() {
        let definition = optimizer::find("adam").unwrap();
        let is_input = |id: &str| definition.hyperparameter(id).is_some();
        let mut printer = Printer::new(definition, &|_| true, &is_input, false);
        let text = printer.print();
        let first = "for(let i=0;i<g.length;i++){\n\
                     r[c[0]+i]=add(mul(h[0],p[c[0]+i]),mul(sub(1,h[0]),r[g[i]]));";
        assert!(text.contains(first), "{text}");
        assert!(text.contains("r[c[2]+i]=div(r[c[0]+i],sub(1,power(h[0],r[f[0]])));"), "{text}");
        assert!(text.contains("start(r,h,c,m){\nfor(let i=0;i<m;i++)r[c[0]+i]=0;"), "{text}");
        assert_eq!(printer.inputs, ["beta1", "beta2", "lr", "eps"]);
        assert_eq!(printer.refers, ["t"]);
    }
}
