//! A column of the table as a strip, its first row on the left: flat where it agrees, higher the
//! worse, so that it reads without colours too.

use std::fmt::Write;

use super::super::markup::Markup;
use crate::compare::expected::{Beside, Pair};
use crate::compare::marks::{Mark, Marks};

/// More pieces than this could not be told apart.
const MOST: usize = 120;
const HEIGHT: usize = 10;

/// The strip of a column. It only shows what the numbers beside it say.
pub fn strip(beside: &Beside, pair: &Pair, marks: &Marks) -> Markup {
    let rows = beside.rows();
    let pieces = rows.min(MOST);
    let mut worst = vec![None; pieces];
    for row in 0..rows {
        let mark = marks.get(beside.index, beside.place(pair.hand, row));
        let mark = mark.filter(|mark| *mark != Mark::Remark);
        let piece = &mut worst[row * pieces / rows];
        *piece = mark.max(*piece);
    }
    let mut out = format!(
        "<svg class=\"strip\" viewBox=\"0 0 {pieces} {HEIGHT}\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><path class=\"agrees\" d=\"M0 {}H{pieces}V{HEIGHT}H0z\"/>",
        HEIGHT - 2
    );
    for mark in [Mark::Consequence, Mark::Cause] {
        let path = bars(&worst, mark);
        if !path.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(out, "<path class=\"{}\" d=\"{path}\"/>", mark.name());
        }
    }
    Markup::trusted(out + "</svg>")
}

/// The pieces with a mark; neighbours are one bar.
fn bars(worst: &[Option<Mark>], mark: Mark) -> String {
    let top = if mark == Mark::Cause { 0 } else { 4 };
    let mut path = String::new();
    let mut start = 0;
    while start < worst.len() {
        let length = worst[start..].iter().take_while(|one| **one == Some(mark)).count();
        if length > 0 {
            path += &format!("M{start} {top}h{length}V{HEIGHT}h-{length}z");
        }
        start += length.max(1);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_bar() {
        let cause = Some(Mark::Cause);
        let worst = [None, cause, cause, None, Some(Mark::Consequence), cause];
        assert_eq!(bars(&worst, Mark::Cause), "M1 0h2V10h-2zM5 0h1V10h-1z");
        assert_eq!(bars(&worst, Mark::Consequence), "M4 4h1V10h-1z");
    }
}
