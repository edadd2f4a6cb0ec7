//! Whether formulas can refer to the data where they stand in the user's workbook, and if not, why.
//!
//! A formula looks a sample up by its number in one range of cells, and has to find there the very
//! number that gdtrace read, today and after each recalculation.

use std::fmt;

use crate::data::address::cell_name;
use crate::data::{Data, DataColumn};
use crate::error::Result;
use crate::graph::{CellId, Content, Graph, Options, Workbook};
use crate::value::listed;

/// How many ranges are named of a column in pieces.
const MOST_RANGES: usize = 3;

/// What keeps formulas from referring to the cells that the data were read from. It is shown as the
/// clause after "since".
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// The run is over scaled columns.
    Scaled { columns: Vec<String> },
    /// The numbers of a column were never in cells.
    NoCells { column: String },
    /// A column is not one range: the row of a cell was left out, or something else stands there.
    Apart { column: String, left_out: Option<String>, ranges: String },
    /// A cell holds something else than the number that was read from it.
    Holds { cell: String, what: String },
    /// A cell gives another number at each recalculation: by its own formula, or by that of a cell
    /// that it is computed with.
    Drifts { cell: String, by: Option<String>, formula: String },
    /// Formulas that name the sheet once for every number that they take would be too long.
    LongName,
}

impl Obstacle {
    /// What is said of a copy of `data`.
    pub fn told(&self, data: &Data) -> String {
        let sheet = &data.sheet;
        format!("Copied, since {self}: a change in the sheet '{sheet}' does not come here.")
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Scaled { columns } => match &columns[..] {
                [] => f.write_str("the columns are scaled"),
                [one] => write!(f, "{one} is scaled"),
                columns => write!(f, "{} are scaled", listed(columns)),
            },
            Obstacle::NoCells { column } => write!(f, "{column} is in no cells"),
            Obstacle::Apart { column, left_out: Some(cell), .. } => {
                write!(f, "{column} is not one range (the cell {cell} is left out)")
            }
            Obstacle::Apart { column, left_out: None, ranges } => {
                write!(f, "{column} is not one range but {ranges}")
            }
            Obstacle::Holds { cell, what } => write!(f, "the cell {cell} holds {what}"),
            Obstacle::LongName => {
                f.write_str("formulas of this model have no room for the name of its sheet")
            }
            Obstacle::Drifts { cell, by: None, formula } => {
                write!(f, "the cell {cell} changes at each recalculation ({formula})")
            }
            Obstacle::Drifts { cell, by: Some(by), formula } => write!(
                f,
                "the cell {cell} changes at each recalculation (it is computed with {by}, {formula})"
            ),
        }
    }
}

/// What keeps formulas from referring to the cells of `data`; none where they can.
///
/// # Errors
/// Where the workbook has to be read once more for that, and cannot be.
pub fn obstacle(data: &Data) -> Result<Option<Obstacle>> {
    if let Some(scale) = &data.scale {
        let columns = data.columns.iter().enumerate();
        let scaled = columns.filter(|(index, _)| scale.column(*index).is_some());
        let columns = scaled.map(|(_, column)| column.name.clone()).collect();
        return Ok(Some(Obstacle::Scaled { columns }));
    }
    let in_pieces = data.columns.iter().enumerate().find_map(|(at, one)| in_pieces(data, at, one));
    if in_pieces.is_some() || data.columns.iter().all(|column| column.cells.are_plain()) {
        return Ok(in_pieces);
    }
    let workbook = Workbook::read(&data.file, &Options::default())?;
    let other = data.columns.iter().find_map(|column| holds_other(&workbook, data, column));
    Ok(other.or_else(|| drifts(&workbook, data)))
}

/// What keeps a column from being one range.
fn in_pieces(data: &Data, index: usize, column: &DataColumn) -> Option<Obstacle> {
    let name = column.name.clone();
    if column.cells.is_empty() {
        return Some(Obstacle::NoCells { column: name });
    }
    if column.cells.range().is_some() && column.cells.len() == column.values.len() {
        return None;
    }
    let ranges = column.cells.to_string();
    let shown: Vec<&str> = ranges.split(", ").take(MOST_RANGES).collect();
    let is_cut = ranges.split(", ").nth(MOST_RANGES).is_some();
    let ranges = format!("{}{}", shown.join(", "), if is_cut { ", ..." } else { "" });
    let area = column.cells.area();
    let left_out = data
        .left_out
        .get(index)
        .into_iter()
        .flat_map(|cells| (0..cells.len()).filter_map(|at| cells.position(at)));
    let between = left_out.into_iter().find(|at| area.is_some_and(|area| area.contains(*at)));
    Some(Obstacle::Apart { column: name, left_out: between.map(cell_name), ranges })
}

/// A cell of the column that holds no number, or another one.
fn holds_other(workbook: &Workbook, data: &Data, column: &DataColumn) -> Option<Obstacle> {
    let sheet = workbook.sheet(&data.sheet).map(|at| &workbook.sheets[at]);
    (0..).zip(&column.values).find_map(|(index, value)| {
        let at = column.cells.position(index)?;
        let what = match sheet.and_then(|sheet| sheet.content(at)) {
            Some(Content::Number(number)) if is_same(*number, *value) => return None,
            Some(Content::Date(day)) if day.days == Some(*value) => return None,
            Some(Content::Number(_)) => "another number than the sample".to_owned(),
            Some(content) => content.to_string(),
            None => "no number".to_owned(),
        };
        Some(Obstacle::Holds { cell: cell_name(at), what })
    })
}

/// Whether a cell's number is that of the sample: samples of a hand-built training are computed
/// afresh, and may be off by a last digit.
fn is_same(number: f64, value: f64) -> bool {
    const NEAR: f64 = 1e-12;
    (number - value).abs() <= NEAR * value.abs()
}

/// A cell of the data that changes at each recalculation.
fn drifts(workbook: &Workbook, data: &Data) -> Option<Obstacle> {
    let mut formulas = workbook.sheets.iter().flat_map(|sheet| sheet.formulas());
    // Few workbooks have any such function, and then nothing has to be followed.
    formulas.find(|shared| shared.formula.volatile.is_some())?;
    let graph = Graph::lift(workbook);
    let sheet = workbook.sheet(&data.sheet)?;
    let cells = data.columns.iter().flat_map(|column| {
        (0..column.cells.len()).filter_map(|index| graph.id(sheet, column.cells.position(index)?))
    });
    let cells: Vec<CellId> = cells.collect();
    let (cell, source) = graph.drifting(&cells)?;
    let by = match graph.sheet(source) == sheet {
        true => cell_name(graph.position(source)),
        false => graph.address(source),
    };
    Some(Obstacle::Drifts {
        cell: cell_name(graph.position(cell)),
        by: (source != cell).then_some(by),
        formula: graph.formula_text(source).unwrap_or_default(),
    })
}
