//! A frame: the columns of a row that are no optimizer's own, with their formulas as functions.

use std::fmt::Write;

use serde::Serialize;

use super::Functions;
use super::shared::{Column, place};
use crate::formula::{Expr, javascript};
use crate::sheet::{Group, Input, InputKind, Ref, Sheet};

/// What frames have in common: their functions, their columns, what their inputs are called.
#[derive(Debug, Default)]
pub struct Known {
    pub functions: Functions,
    pub columns: Vec<Column>,
    pub inputs: Vec<NamedInput>,
}

/// What an input is that is no hyperparameter.
#[derive(Debug, PartialEq, Serialize)]
pub struct NamedInput {
    id: String,
    symbol: String,
    meaning: String,
}

/// The columns before and behind those of an optimizer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Frame {
    /// The place of its functions.
    pub printed: usize,
    /// The inputs that its formulas name, in the order of `h`.
    inputs: Vec<String>,
    /// What the way to train and the loss set.
    values: Vec<(String, f64)>,
    /// The columns before the optimizer's own, by their places among the known ones.
    columns: Vec<usize>,
    /// Those of the gates, behind the new weights.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gates: Vec<usize>,
    /// The first column with a weight before its update.
    current: usize,
    /// For each weight the columns with its derivative, with the gradient that optimizers get, and with
    /// the one that an update's own formula gets.
    gradient: Vec<usize>,
    given: Vec<usize>,
    given_in_update: Vec<usize>,
    /// 1 for each weight that decays.
    decays: Vec<u8>,
    /// The column that says whether a row ends a batch; −1 where each does.
    update: i32,
    sample: usize,
    error: usize,
    /// The columns with the loss of the row, and with that of the update, at which an optimizer may look.
    row_loss: usize,
    loss: usize,
    /// Whether an epoch starts with the weights that the row above used.
    carries_used: bool,
}

impl Frame {
    /// The frame of a sheet.
    pub fn new(sheet: &Sheet, known: &mut Known) -> Self {
        let mut printer = Printer::new(sheet);
        let text = printer.print();
        let is_common = |input: &&Input| input.kind != InputKind::Hyperparameter;
        for input in sheet.inputs.iter().filter(is_common) {
            place(NamedInput::of(input), &mut known.inputs);
        }
        let columns = &mut known.columns;
        let mut named = |list: &[crate::sheet::Column]| {
            list.iter().map(|column| place(Column::of_frame(column), columns)).collect()
        };
        let update = sheet.batch_size().and_then(|_| sheet.column("update"));
        let set = [InputKind::Training, InputKind::Width, InputKind::Loss];
        let parameters = sheet.inputs.iter().filter(|input| set.contains(&input.kind));
        let weights = || sheet.weights.iter();
        Frame {
            printed: known.functions.add(text),
            inputs: printer.inputs.iter().map(|at| sheet.inputs[*at].id.clone()).collect(),
            values: parameters.map(|input| (input.id.clone(), input.value)).collect(),
            columns: named(&sheet.columns[..printer.own]),
            gates: named(&sheet.columns[printer.gates..]),
            current: weights().next().map_or(0, |weight| weight.current),
            gradient: weights().map(|weight| weight.gradient).collect(),
            given: weights().map(|weight| weight.given).collect(),
            given_in_update: weights().map(|weight| weight.given_in_update).collect(),
            decays: weights().map(|weight| u8::from(weight.decays)).collect(),
            update: update.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1),
            sample: sheet.sample,
            error: sheet.error,
            row_loss: sheet.loss,
            loss: sheet.update_loss,
            carries_used: weights().any(|weight| weight.carried == weight.current),
        }
    }
}

impl NamedInput {
    fn of(input: &Input) -> Self {
        let Input { id, symbol, meaning, .. } = input;
        NamedInput { id: id.clone(), symbol: symbol.clone(), meaning: meaning.clone() }
    }
}

impl Frame {
    /// Whether an update takes several rows.
    pub fn is_batched(&self) -> bool {
        self.update >= 0
    }

    /// Whether another optimizer's frame is the same: what its update's formula gets is its own affair.
    pub fn is_like(&self, other: &Frame) -> bool {
        let with_own = Frame { given_in_update: other.given_in_update.clone(), ..self.clone() };
        with_own == *other
    }
}

/// Prints the functions of a frame. In them `r` is the row, `p` the row above, `h` the inputs, `d`
/// the data, `o` the order of the samples, `u` the place of the first new weight, `q` that of the
/// first gate; of one sample `s`, `v` are the weights.
struct Printer<'a> {
    sheet: &'a Sheet,
    /// The inputs that are named, by their places in the sheet.
    inputs: Vec<usize>,
    /// The first column of the optimizer's own, the first new weight, the first gate.
    own: usize,
    updates: usize,
    gates: usize,
}

impl<'a> Printer<'a> {
    fn new(sheet: &'a Sheet) -> Self {
        let columns = &sheet.columns;
        let first = |groups: &[Group]| {
            columns.iter().position(|one| groups.contains(&one.group)).unwrap_or(columns.len())
        };
        let own = first(&[Group::State, Group::Update, Group::Circuit]);
        let updates = first(&[Group::Update, Group::Circuit]);
        Printer { sheet, inputs: Vec::new(), own, updates, gates: first(&[Group::Circuit]) }
    }

    fn print(&mut self) -> String {
        let sheet = self.sheet;
        let columns = self.statements(0..self.own, 0, "r[");
        let gates = self.statements(self.gates..sheet.columns.len(), self.gates, "r[q+");
        let start = self.start();
        let one = |formula| format!("(v,h,d,s)=>{{return {}}}", self.of_sample(formula));
        let predictions: Vec<String> = sheet.predictions.iter().map(one).collect();
        let predictions = predictions.join(",");
        let loss = self.of_sample(&sheet.sample_loss);
        format!(
            "{{columns(r,p,h,d,o,u){{\n{columns}}},\ngates(r,p,h,q){{\n{gates}}},\n\
             start(r,h){{\n{start}}},\npredictions:[{predictions}],\n\
             loss(v,h,d,s){{return {loss}}}}}"
        )
    }

    fn statements(&mut self, range: std::ops::Range<usize>, from: usize, list: &str) -> String {
        let mut out = String::new();
        for index in range {
            let value = self.formula(&self.sheet.columns[index].formula);
            // A String takes all that is written to it.
            let _ = writeln!(out, "{list}{}]={value};", index - from);
        }
        out
    }

    /// The start values of the columns before the optimizer's own.
    fn start(&mut self) -> String {
        let mut out = String::new();
        for index in 0..self.own {
            if let Some(initial) = &self.sheet.columns[index].initial {
                let _ = writeln!(out, "r[{index}]={};", self.formula(initial));
            }
        }
        out
    }

    fn formula(&mut self, formula: &Expr<Ref>) -> String {
        self.look_up(formula, &|_| false);
        javascript(formula, &|name| self.place(name))
    }

    /// A formula of one sample, which has the start of a weight for the weight itself.
    fn of_sample(&mut self, formula: &Expr<Ref>) -> String {
        let weights = &self.sheet.weights;
        let weight = |input: usize| weights.iter().position(|weight| weight.start == input);
        self.look_up(formula, &|input| weight(input).is_some());
        javascript(formula, &|name| match *name {
            Ref::Data(column) => format!("d[{column}][s]"),
            Ref::Input(input) => match weight(input) {
                Some(weight) => format!("v[{weight}]"),
                None => self.place(name),
            },
            _ => self.place(name),
        })
    }

    /// Makes room for the inputs that a formula names.
    fn look_up(&mut self, formula: &Expr<Ref>, is_known: &dyn Fn(usize) -> bool) {
        for name in formula.names() {
            if let Ref::Input(input) = *name
                && !is_known(input)
                && !self.inputs.contains(&input)
            {
                self.inputs.push(input);
            }
        }
    }

    fn place(&self, name: &Ref) -> String {
        let sheet = self.sheet;
        match *name {
            Ref::Column(column) if column >= self.gates => format!("r[q+{}]", column - self.gates),
            Ref::Column(column) => format!("r[{column}]"),
            Ref::Above(column) if (self.updates..self.gates).contains(&column) => {
                format!("p[u+{}]", column - self.updates)
            }
            Ref::Above(column) => format!("p[{column}]"),
            Ref::Input(input) => {
                let at = self.inputs.iter().position(|known| *known == input);
                format!("h[{}]", at.unwrap_or_default())
            }
            Ref::Data(column) => format!("at(d[{column}],r[{}])", sheet.sample),
            Ref::Order => format!("at(o,r[{}])", sheet.row),
        }
    }
}
