//! Columns whose numbers are stored already: the data is the same in every run, and a weight before
//! a step is the weight after the step above.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;

use super::store::Keeper;
use crate::sheet::{Group, Sheet};

/// Where the numbers of a column are found: those of a column of a run, so many rows further up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Same {
    run: usize,
    column: usize,
    up: usize,
}

/// What stands in a column in which rows, bit by bit.
type Numbers = (Vec<(usize, usize)>, Vec<u8>);

/// The columns so far.
#[derive(Debug, Default)]
pub struct Known(HashMap<Numbers, (usize, usize)>);

impl Known {
    /// Adds the columns of run number `at`: for each, where it is known from.
    pub fn add(&mut self, at: usize, sheet: &Sheet, kept: &Keeper) -> Vec<Option<Same>> {
        let columns = sheet.columns.len();
        let from_above = |index: usize| {
            let weight = sheet.weights.iter().find(|weight| weight.current == index)?;
            is_moved(kept, columns, weight.current, weight.next).then_some(Same {
                run: at,
                column: weight.next,
                up: 1,
            })
        };
        let mut known = |index: usize| {
            let numbers = (kept.ranges.clone(), kept.column(index, columns));
            match self.0.entry(numbers) {
                Entry::Occupied(first) => {
                    let (run, column) = *first.get();
                    Some(Same { run, column, up: 0 })
                }
                Entry::Vacant(place) => {
                    let above = from_above(index);
                    // What stands further up is found there only, so that no column is looked for in a circle.
                    if above.is_none() {
                        place.insert((at, index));
                    }
                    above
                }
            }
        };
        (0..columns).map(&mut known).collect()
    }
}

/// About how many columns of run number `at` have numbers of their own: the index and the data stand in the first run,
/// and weights in the row above.
pub fn most_own(at: usize, sheet: &Sheet) -> usize {
    let is_shared = |group| match group {
        Group::Index | Group::Data => at > 0,
        group => group == Group::Weights,
    };
    sheet.columns.iter().filter(|column| !is_shared(column.group)).count()
}

/// Whether a column has in each row what another has in the row above, bit by bit. Only of a run that is stored as a
/// whole: elsewhere not each row has the one above.
fn is_moved(kept: &Keeper, columns: usize, current: usize, next: usize) -> bool {
    let [(1, _)] = kept.ranges[..] else { return false };
    let Some(start) = kept.initial.get(next).copied().flatten() else { return false };
    let (current, next) = (kept.column(current, columns), kept.column(next, columns));
    let is_start = start.get().is_ok_and(|start| current.starts_with(&start.to_le_bytes()));
    is_start && current[8..] == next[..next.len() - 8]
}
