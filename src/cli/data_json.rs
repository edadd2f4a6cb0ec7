//! The data as `--json` prints them: where every number stood.

use serde::Serialize;

use crate::data::{Data, DataColumn};

/// Where the samples stood.
#[derive(Serialize)]
pub struct PrintedData<'a> {
    /// Empty where the format has no sheets.
    sheet: &'a str,
    range: &'a str,
    /// The inputs of the model, in the order in which it names them.
    x: Vec<PrintedColumn<'a>>,
    y: Option<PrintedTargets<'a>>,
    /// The cells of the rows that were left out for lack of a number.
    left_out: Vec<String>,
}

/// What is predicted: a column, or a list of them for several outputs.
#[derive(Serialize)]
#[serde(untagged)]
enum PrintedTargets<'a> {
    One(PrintedColumn<'a>),
    Several(Vec<PrintedColumn<'a>>),
}

/// A column: its cells are ranges, `A2:A7, A9:A30` where a row was left out.
#[derive(Serialize)]
struct PrintedColumn<'a> {
    header: Option<&'a str>,
    cells: String,
}

impl<'a> PrintedData<'a> {
    /// Of these data.
    pub fn new(data: &'a Data) -> Self {
        let column = |column: &'a DataColumn| PrintedColumn {
            header: column.header.as_deref(),
            cells: column.cells.to_string(),
        };
        let x = &data.columns[..data.columns.len() - data.targets().len()];
        let mut rows: Vec<_> = data.left_out.iter().map(|cells| cells.iter()).collect();
        let mut left_out: Vec<String> = Vec::new();
        loop {
            let before = left_out.len();
            left_out.extend(rows.iter_mut().filter_map(Iterator::next));
            if left_out.len() == before {
                break;
            }
        }
        PrintedData {
            sheet: &data.sheet,
            range: &data.range,
            x: x.iter().map(column).collect(),
            y: match data.targets() {
                [] => None,
                [one] => Some(PrintedTargets::One(column(one))),
                several => Some(PrintedTargets::Several(several.iter().map(column).collect())),
            },
            left_out,
        }
    }
}
