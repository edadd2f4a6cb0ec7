//! What stands before a run's name: a piece of its line with its mark. The style sheet draws it.

use serde::Serialize;

use super::markup::Markup;

/// How many dashes and marks the style sheet has. They are not in step with the colours, so that
/// the ninth run, which has the first one's colour, looks different.
const DASHES: usize = 5;
const MARKS: usize = 6;

/// A line of a legend.
#[derive(Debug, Serialize)]
pub struct LegendEntry {
    /// A piece of the line with its mark.
    pub key: Markup,
    /// The series.
    pub name: String,
}

/// A piece of the line of the run with the given index.
pub fn key(run: usize) -> Markup {
    let (dash, mark) = (dash(run), run % MARKS);
    let class = format!("key run-{run} dash-{dash} mark-{mark}");
    Markup::trusted(format!("<i class=\"{class}\" aria-hidden=\"true\"></i>"))
}

/// Which of the style sheet's dashes a run's line has.
pub fn dash(run: usize) -> usize {
    run % DASHES
}
