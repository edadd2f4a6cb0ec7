//! What stands before a run's name: a piece of its line with its mark. The style sheet draws it.

use super::markup::Markup;

/// How many dashes and marks the style sheet has. They are not in step with the colours, so that
/// the ninth run, which has the first one's colour, looks different.
const DASHES: usize = 5;
const MARKS: usize = 6;

/// A piece of the line of the run with the given index.
pub fn key(run: usize) -> Markup {
    let (dash, mark) = (run % DASHES, run % MARKS);
    let class = format!("key run-{run} dash-{dash} mark-{mark}");
    Markup::trusted(format!("<i class=\"{class}\" aria-hidden=\"true\"></i>"))
}
