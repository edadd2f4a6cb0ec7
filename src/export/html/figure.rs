//! A chart on the page with what stands around it: legend, caption, and the numbers as a table.

use serde::Serialize;

use super::markup::Markup;
use super::numbers::Cell;

/// A chart on the page, with what stands around it.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Its name in addresses.
    pub id: String,
    /// The question that it answers.
    pub question: &'static str,
    /// The picture for wide screens.
    pub wide: Markup,
    /// The picture for narrow screens.
    pub narrow: Markup,
    /// What stands for which series.
    pub legend: Vec<LegendEntry>,
    /// What there is to see, in a sentence or two.
    pub caption: String,
    /// The same numbers as a table.
    pub table: Table,
}

/// A line of a legend.
#[derive(Debug, Serialize)]
pub struct LegendEntry {
    /// A piece of the line with its mark.
    pub key: Markup,
    /// The series.
    pub name: String,
}

/// The numbers of a chart.
#[derive(Debug, Serialize)]
pub struct Table {
    /// What the table is.
    pub caption: String,
    /// The heads.
    pub heads: Vec<String>,
    /// The rows.
    pub rows: Vec<TableRow>,
    /// How many characters stand behind the point in each column of numbers.
    pub fractions: Vec<usize>,
}

/// A row of the numbers of a chart.
#[derive(Debug, Serialize)]
pub struct TableRow {
    /// Where on the horizontal axis it is.
    pub head: String,
    /// A number of each series.
    pub cells: Vec<Cell>,
}
