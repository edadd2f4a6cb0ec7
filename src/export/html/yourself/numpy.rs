//! A run as a program with nothing but NumPy: the columns of the sheet, each from its formula tree,
//! in the order in which the sheet computes them. It works for every definition, a user's own too.

use super::names::Names;
use super::samples::Samples;
use crate::formula::{Expr, Python, python};
use crate::sheet::{InputKind, Ref, Sheet};
use crate::trace::Run;
use crate::value::number_text;

/// The program for `run`.
pub fn program(run: &Run, samples: Samples) -> String {
    let sheet = &run.sheet;
    let needed = needed(sheet);
    let mut writer = Writer { sheet, names: Names::default() };
    let mut out = format!("import numpy as np\n{}\n{}", samples.import(), samples.opening());
    let used = |reference: Ref| {
        let columns = needed.iter().map(|column| &sheet.columns[*column]);
        let mut formulas =
            columns.flat_map(|one| std::iter::once(&one.formula).chain(&one.initial));
        formulas.any(|formula| formula.has_name(|name| *name == reference))
    };
    for (index, name) in sheet.data.iter().enumerate() {
        if used(Ref::Data(index)) {
            let (array, values) = (writer.data(index), samples.column(index, name));
            out.push_str(&format!("{array} = np.array({values}, dtype=np.float64)\n"));
            out.push_str(&samples.scaling(index, &array));
        }
    }
    if let Some(order) = samples.order(run.rows).filter(|_| used(Ref::Order)) {
        out.push_str(&format!("order = {order}\n"));
    }
    out.push('\n');
    for (index, input) in sheet.inputs.iter().enumerate() {
        if used(Ref::Input(index)) || input.kind == InputKind::Samples {
            let value = match input.value.is_nan() {
                // What a reset that diverged leaves.
                true => "np.nan".to_owned(),
                false => number_text(input.value),
            };
            let name = writer.input(index);
            out.push_str(&format!("{name} = np.float64({value})\n"));
        }
    }
    out.push_str("\n# Before the first step.\n");
    let kept: Vec<usize> =
        needed.iter().copied().filter(|column| used(Ref::Above(*column))).collect();
    for &column in &kept {
        let start = sheet.columns[column].initial.as_ref();
        let start = start.map_or("0".to_owned(), |start| writer.expression(start));
        out.push_str(&format!("{} = np.float64({start})\n", writer.above(column)));
    }
    let count = writer.input(sheet.input_of(InputKind::Samples));
    out.push_str(&format!(
        "\nfor seen in range({}):\n    for _ in range(int({count})):\n",
        run.epochs()
    ));
    let mut group = None;
    for &column in &needed {
        let one = &sheet.columns[column];
        if group.replace(one.group) != Some(one.group) {
            out.push_str(&format!("        # {}\n", one.group.title()));
        }
        let formula = writer.expression(&one.formula);
        out.push_str(&format!("        {} = {formula}\n", writer.column(column)));
    }
    out.push_str("        # this row is the row above of the next\n");
    for &column in &kept {
        let (above, here) = (writer.above(column), writer.column(column));
        out.push_str(&format!("        {above} = {here}\n"));
    }
    let weights =
        sheet.weights.iter().map(|weight| format!("float({})", writer.column(weight.carried)));
    let weights: Vec<String> = weights.collect();
    out.push_str(&format!("    print(seen + 1, {})\n", weights.join(", ")));
    out.push_str(&samples.ending(&weights));
    out
}

/// The columns that the new weights come from, in the sheet's order.
fn needed(sheet: &Sheet) -> Vec<usize> {
    let mut marked = vec![false; sheet.columns.len()];
    let mut open: Vec<usize> = sheet.weights.iter().map(|weight| weight.next).collect();
    while let Some(column) = open.pop() {
        if std::mem::replace(&mut marked[column], true) {
            continue;
        }
        open.extend(sheet.columns[column].formula.names().into_iter().filter_map(
            |name| match *name {
                Ref::Column(other) | Ref::Above(other) => Some(other),
                Ref::Data(_) => Some(sheet.sample),
                Ref::Order => Some(sheet.row),
                Ref::Input(_) => None,
            },
        ));
    }
    (0..marked.len()).filter(|column| marked[*column]).collect()
}

struct Writer<'a> {
    sheet: &'a Sheet,
    names: Names,
}

impl Writer<'_> {
    fn column(&mut self, index: usize) -> String {
        self.names.of(&self.sheet.columns[index].id)
    }

    fn above(&mut self, index: usize) -> String {
        self.names.of(&format!("prev_{}", self.sheet.columns[index].id))
    }

    fn input(&mut self, index: usize) -> String {
        self.names.of(&self.sheet.inputs[index].id)
    }

    fn data(&mut self, index: usize) -> String {
        self.names.of(&format!("all_{}", self.sheet.data[index]))
    }

    fn expression(&mut self, formula: &Expr<Ref>) -> String {
        let mut given: Vec<(Ref, String)> = Vec::new();
        for name in formula.names() {
            let text = match *name {
                Ref::Column(column) => self.column(column),
                Ref::Above(column) => self.above(column),
                Ref::Input(input) => self.input(input),
                Ref::Data(column) => {
                    let sample = self.column(self.sheet.sample);
                    format!("{}[int({sample}) - 1]", self.data(column))
                }
                Ref::Order => format!("order[int({}) - 1]", self.column(self.sheet.row)),
            };
            given.push((*name, text));
        }
        let look_up = |name: &Ref| {
            let found = given.iter().find(|(known, _)| known == name);
            found.map_or_else(String::new, |(_, text)| text.clone())
        };
        python(formula, Python::NumPy, &look_up)
    }
}
