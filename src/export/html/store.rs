//! What the page's script knows: what to compute the runs from, and where the workbook has each
//! number, with its formula there.

use serde::Serialize;

use super::Origin;
use super::engine::{PrintedParts, Program};
use super::formulas;
use super::markup::Markup;
use crate::error::{Error, Result};
use crate::export::xlsx::Addresses;
use crate::formula::{Expr, latex, latex_symbol, mathml, symbol};
use crate::sheet::{Column, Ref, Sheet};
use crate::trace::{Results, Run};
use crate::value::Value;

/// What the script knows.
#[derive(Debug, Serialize)]
pub struct Store {
    /// What a row is called: `step`, or `row` where an update takes several.
    row_head: String,
    samples: usize,
    /// The address of the workbook, beside the page.
    workbook: String,
    /// Where rows look things up.
    places: Places,
    /// The sheets of the runs.
    sheets: Vec<RunSheet>,
    /// What the runs are computed from.
    program: Program,
    /// The formulas of the sections that look into one step.
    parts: PrintedParts,
    /// What the charts are made of besides the runs.
    problem: super::charts::Problem,
    /// Where the runs come from, where a command line made them.
    origin: Option<Origin>,
}

/// Where rows look things up, in words: `the sheet data`.
#[derive(Debug, Serialize)]
struct Places {
    data: String,
    order: String,
}

/// What the workbook has of a run.
#[derive(Debug, Serialize)]
struct RunSheet {
    /// The name of the run.
    name: String,
    title: String,
    /// The name of its sheet in the workbook.
    sheet: String,
    /// The row on the sheet of row 0.
    first_row: usize,
    inputs: Vec<SheetInput>,
    columns: Vec<SheetColumn>,
}

#[derive(Debug, Serialize)]
struct SheetInput {
    id: String,
    value: Value,
    cell: String,
}

#[derive(Debug, Serialize)]
struct SheetColumn {
    id: String,
    header: String,
    /// The letters of the column in the workbook.
    letters: String,
    /// What fills the slots of its formula: `c` a column of this row, `p` of the row above, `i` an input, `d` a
    /// data column, `o` the drawn order, each with its index.
    slots: Vec<(char, usize)>,
    /// The formula in the workbook with `{row}` and `{above}`.
    excel: String,
    /// The formula as LaTeX.
    latex: String,
}

impl Store {
    /// The store of `results`, with the `program` that computes them.
    pub fn new(
        results: &Results,
        (addresses, workbook): (&Addresses, &str),
        (program, parts): (Program, PrintedParts),
        origin: Option<Origin>,
    ) -> Result<Self> {
        let runs = results.runs.iter().enumerate();
        Ok(Store {
            row_head: results.runs[0].sheet.row_name().to_owned(),
            samples: results.data.samples(),
            workbook: super::markup::relative_address(workbook),
            places: Places {
                data: addresses.data_place(),
                order: format!("the sheet {}", addresses.order_sheet()),
            },
            sheets: runs.map(|(at, run)| RunSheet::new(results, (at, run), addresses)).collect(),
            program,
            parts,
            problem: super::charts::Problem::new(results)?,
            origin,
        })
    }

    /// The store as JSON that can stand in a `<script>`: nothing in it ends the element.
    ///
    /// # Errors
    /// None that a run can cause.
    pub fn json(&self) -> Result<Markup> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::new(format!("cannot write the report: {error}")))?;
        Ok(Markup::trusted(json.replace('<', "\\u003c")))
    }
}

impl RunSheet {
    fn new(results: &Results, (at, run): (usize, &Run), addresses: &Addresses) -> Self {
        let sheet = &run.sheet;
        let input = |(index, input): (usize, &crate::sheet::Input)| SheetInput {
            id: input.id.clone(),
            value: Value::number(input.value),
            cell: addresses.input(at, index),
        };
        let column = |(index, column): (usize, &Column)| SheetColumn {
            id: column.id.clone(),
            header: column.header.clone(),
            letters: Addresses::letters(index),
            slots: slots(column).iter().map(slot).collect(),
            excel: addresses.template(at, index),
            latex: latex_of(sheet, column),
        };
        RunSheet {
            name: sheet.name.clone(),
            title: results.title(at),
            sheet: addresses.sheet(at).to_owned(),
            first_row: addresses.first_row(at),
            inputs: sheet.inputs.iter().enumerate().map(input).collect(),
            columns: sheet.columns.iter().enumerate().map(column).collect(),
        }
    }
}

/// The formula of a column as LaTeX, as an equation; what is of the row above is of step t − 1.
fn latex_of(sheet: &Sheet, column: &Column) -> String {
    let set = |symbol: &str| match symbol.contains('∂') {
        true => symbol.replace('∂', "\\partial "),
        false => latex_symbol(symbol),
    };
    let name = |reference: &Ref| {
        let symbol = set(formulas::reference_symbol(sheet, reference));
        if matches!(reference, Ref::Above(_)) { format!("{{{symbol}}}^{{(t-1)}}") } else { symbol }
    };
    format!("{} = {}", set(&column.symbol), latex(&column.formula, &name))
}

/// What fills the slots of a column's formula.
pub fn slots(column: &Column) -> Vec<Ref> {
    column.formula.names().into_iter().copied().collect()
}

/// The formula of a column with the symbol of each name, numbered as its slot is.
pub fn symbols(sheet: &Sheet, column: &Column) -> String {
    let mut slots = 0;
    let numbered = column.formula.substitute(&mut |name: &Ref| {
        slots += 1;
        Ok::<_, std::convert::Infallible>(Expr::Name((*name, slots - 1)))
    });
    let Ok(numbered) = numbered;
    mathml(&numbered, &|(name, slot): &(Ref, i32)| {
        let symbol = match name {
            Ref::Column(column) | Ref::Above(column) => column_symbol(sheet, *column),
            Ref::Data(_) => {
                let sample = symbol(&sheet.columns[sheet.sample].symbol);
                format!("<msub>{}{sample}</msub>", symbol(formulas::reference_symbol(sheet, name)))
            }
            name => symbol(formulas::reference_symbol(sheet, name)),
        };
        let above = matches!(name, Ref::Above(above) if sheet.columns[*above].id == column.id
            || uses_here(column, *above));
        let symbol = match above {
            // The row above and this one are told apart where both stand in the formula.
            true => format!("<msup>{symbol}<mtext>prev</mtext></msup>"),
            false => symbol,
        };
        format!("<mrow class=\"term\" data-slot=\"{slot}\">{symbol}</mrow>")
    })
}

/// The symbol of a column; a weight after its update is told apart from the weight before.
pub fn column_symbol(sheet: &Sheet, index: usize) -> String {
    let symbol = symbol(&sheet.columns[index].symbol);
    match sheet.weights.iter().any(|weight| weight.next == index) {
        true => format!("<msup>{symbol}<mtext>new</mtext></msup>"),
        false => symbol,
    }
}

/// Whether the formula uses the column of this row too.
fn uses_here(column: &Column, other: usize) -> bool {
    column.formula.has_name(|name| *name == Ref::Column(other))
}

fn slot(name: &Ref) -> (char, usize) {
    match *name {
        Ref::Column(column) => ('c', column),
        Ref::Above(column) => ('p', column),
        Ref::Input(input) => ('i', input),
        Ref::Data(column) => ('d', column),
        Ref::Order => ('o', 0),
    }
}
