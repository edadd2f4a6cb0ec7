//! What the page's script knows: what to compute the runs from, and where the workbook has each
//! number, with its formula there.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Origin;
use super::engine::Program;
use crate::error::Result;
use crate::export::xlsx::Addresses;
use crate::sheet::Input;
use crate::trace::curvature::Curvature;
use crate::trace::{Results, Run};
use crate::value::Value;

/// What the script knows.
#[derive(Debug, Serialize)]
pub struct Store {
    /// What a row is called: `step`, or `row` where an update takes several.
    pub row_head: String,
    pub samples: usize,
    /// The address of the workbook, beside the page, where there is one.
    pub workbook: Option<String>,
    /// Where rows look things up.
    places: Places,
    /// The sheets of the runs.
    sheets: Vec<RunSheet>,
    /// What the runs are computed from.
    program: Program,
    /// What the charts are made of besides the runs.
    pub problem: super::charts::Problem,
    /// Where the runs come from, where a command line made them.
    origin: Option<Origin>,
}

/// Where rows look things up, in words: `the sheet data`.
#[derive(Debug, Serialize)]
struct Places {
    data: String,
    order: String,
    /// Where the workbook says how the loss curves, where it does.
    curvature: Option<String>,
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
    /// The cells above the trace: the name, the address and the value of each.
    inputs: Vec<(String, String, Value)>,
    /// What an input means, where the workbook says more than the program.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, String>,
    /// The formula of each column, with `{row}` and `{above}`.
    formulas: Vec<String>,
}

impl Store {
    /// The store of `results`, with the `program` that computes them.
    pub fn new(
        results: &Results,
        (addresses, workbook): (&Addresses, Option<&str>),
        program: Program,
        origin: Option<Origin>,
    ) -> Result<Self> {
        let runs = results.runs.iter().enumerate();
        let curvature = Curvature::of(results)?;
        let sheet = |name: &str| format!("the sheet {name}");
        Ok(Store {
            row_head: results.runs[0].sheet.row_name().to_owned(),
            samples: results.data.samples(),
            workbook: workbook.map(super::markup::relative_address),
            places: Places {
                data: addresses.data_place(),
                order: sheet(addresses.order_sheet()),
                curvature: curvature.as_ref().map(|_| sheet(addresses.curvature_sheet())),
            },
            sheets: runs.map(|(at, run)| RunSheet::new(results, (at, run), addresses)).collect(),
            program,
            problem: super::charts::Problem::new(results, curvature.as_ref()),
            origin,
        })
    }
}

impl RunSheet {
    fn new(results: &Results, (at, run): (usize, &Run), addresses: &Addresses) -> Self {
        let sheet = &run.sheet;
        let input = |(index, input): (usize, &Input)| {
            (input.id.clone(), addresses.input(at, index), Value::number(input.value))
        };
        let notes = sheet.inputs.iter().filter_map(|input| {
            let meaning = addresses.meaning(at, input);
            (meaning != input.meaning).then(|| (input.id.clone(), meaning))
        });
        RunSheet {
            name: sheet.name.clone(),
            title: results.title(at),
            sheet: addresses.sheet(at).to_owned(),
            first_row: addresses.first_row(at),
            inputs: sheet.inputs.iter().enumerate().map(input).collect(),
            notes: notes.collect(),
            formulas: (0..sheet.columns.len()).map(|index| addresses.template(at, index)).collect(),
        }
    }
}
