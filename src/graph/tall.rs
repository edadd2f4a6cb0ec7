//! Logs with a row for each number, `step,tag,value`, as TensorBoard and tidy tables have them: made
//! a row a step, with a column for each tag.

use std::collections::{BTreeMap, HashMap};

use super::sheet::Content;
use crate::data::address::Position;

/// What the columns of such a log are called.
const STEPS: &[&str] = &["step", "_step", "global_step", "iteration", "iter", "epoch", "t"];
const TAGS: &[&str] =
    &["tag", "name", "variable", "metric", "key", "param", "parameter", "weight", "series"];
/// When a number was written says nothing of a training.
const TIMES: &[&str] = &["wall_time", "wall time", "walltime", "time", "timestamp", "run"];

/// The columns of a log with a row for each number.
struct Tall {
    step: u32,
    tag: u32,
    /// The columns with numbers, and their headers.
    values: Vec<(u32, String)>,
}

/// The cells with a row a step, where they have a row for each of its numbers.
pub(super) fn widened(cells: Vec<(Position, Content)>) -> Vec<(Position, Content)> {
    match Tall::of(&cells).and_then(|tall| tall.widened(&cells)) {
        Some(wide) => wide,
        None => cells,
    }
}

impl Tall {
    /// The columns, by the texts of the first row.
    fn of(cells: &[(Position, Content)]) -> Option<Tall> {
        let first = cells.iter().take_while(|((row, _), _)| *row == 0);
        let heads: Vec<(u32, String)> = first
            .filter_map(|((_, column), content)| Some((*column, content.text()?.trim().to_owned())))
            .collect();
        let called = |known: &[&str]| {
            let is_one = |(_, head): &&(u32, String)| known.contains(&head.to_lowercase().as_str());
            heads.iter().find(is_one).map(|(column, _)| *column)
        };
        let (step, tag) = (called(STEPS)?, called(TAGS)?);
        let is_value = |(column, head): &&(u32, String)| {
            ![step, tag].contains(column) && !TIMES.contains(&head.to_lowercase().as_str())
        };
        let values = heads.iter().filter(is_value).cloned().collect();
        Some(Tall { step, tag, values })
    }

    /// The same numbers a row a step; none where a row lacks its step or its tag, or a step has a
    /// number twice.
    fn widened(&self, cells: &[(Position, Content)]) -> Option<Vec<(Position, Content)>> {
        let mut tags: Vec<String> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut steps: BTreeMap<i64, BTreeMap<usize, Content>> = BTreeMap::new();
        let rows = cells.chunk_by(|one, other| one.0.0 == other.0.0);
        for row in rows.filter(|row| row[0].0.0 > 0) {
            let of = |column: u32| row.iter().find(|(at, _)| at.1 == column).map(|one| &one.1);
            let Content::Number(step) = *of(self.step)? else { return None };
            let tag = of(self.tag)?.text()?.trim();
            (step.fract() == 0.0).then_some(())?;
            let numbers =
                self.values.iter().filter_map(|(column, head)| Some((of(*column)?, head)));
            for (number, head) in numbers {
                let name =
                    if self.values.len() == 1 { tag.to_owned() } else { format!("{tag}.{head}") };
                let at = *known.entry(name).or_insert_with_key(|name| {
                    tags.push(name.clone());
                    tags.len()
                });
                let is_twice = steps.entry(step as i64).or_default().insert(at, number.clone());
                is_twice.is_none().then_some(())?;
            }
        }
        // A table with a name in each row has as many names as rows.
        (steps.len() > 1 && steps.values().any(|row| row.len() > 1)).then(|| {
            let heads = std::iter::once("step".to_owned()).chain(tags);
            let heads = (0..).zip(heads).map(|(at, head)| ((0, at), Content::Text(head.into())));
            let rows = (1..).zip(&steps).flat_map(|(row, (step, numbers))| {
                let step = ((row, 0), Content::Number(*step as f64));
                let numbers = numbers.iter();
                std::iter::once(step)
                    .chain(numbers.map(move |(at, number)| ((row, *at as u32), number.clone())))
            });
            heads.chain(rows).collect()
        })
    }
}
