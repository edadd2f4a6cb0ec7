//! What a sweep found, in words: the same ones on the console, in the workbook and in the report.

use super::{Block, Sweep, SweptRun};
use crate::value::{counted, number_text, significant};

impl Sweep {
    /// What became of a run, in a word or two.
    pub fn mark(&self, run: &SweptRun) -> String {
        match run.diverged_at {
            Some(step) => format!("diverged at step {step}"),
            None if self.is_best(run) => "best".to_owned(),
            None if self.moved_away(run) => "moved away".to_owned(),
            None => String::new(),
        }
    }

    /// Whether it is the best of all runs.
    pub fn is_best(&self, run: &SweptRun) -> bool {
        let best = self.best.map(|best| &self.runs[best]);
        best.is_some_and(|best| (best.block, &best.values) == (run.block, &run.values))
    }

    /// Which of all runs are here, where they are not all of them: a sentence.
    pub fn sampled(&self) -> Option<String> {
        let whole = self.whole.as_ref()?;
        Some(format!(
            "Of {} runs these are {}: on each axis some values at equal distances, with the first, the last and \
             that of each optimizer's best run; the folder of the runs has every one.",
            whole.runs,
            self.runs.len(),
        ))
    }

    /// The values of a run: `lr 0.0001, beta 0.9`.
    pub fn values_of(&self, run: &SweptRun) -> String {
        let axes = self.setting.axes.iter().zip(&run.values);
        let values = axes.filter_map(|(axis, value)| Some((axis, (*value)?)));
        let values = values.map(|(axis, value)| format!("{} {}", axis.name, number_text(value)));
        values.collect::<Vec<String>>().join(", ")
    }

    /// What came out: the best run, how many diverged, whether it may be worth to look further. A
    /// few clauses without a full stop.
    pub fn finding(&self) -> String {
        let diverged = match self.diverged() {
            0 => String::new(),
            count => format!("; {count} of {} diverged", counted(self.count(), "run")),
        };
        let Some(best) = self.best.map(|best| &self.runs[best]) else {
            return "every run diverged".to_owned();
        };
        let block = &self.setting.blocks[best.block];
        let values = self.values_of(best);
        let with = if values.is_empty() { String::new() } else { format!(" with {values}") };
        let rmse = brief(best.error().unwrap_or_default());
        let edges = self.edges(block, best);
        format!("the best is {}{with}: an RMSE of {rmse}{diverged}{edges}", block.name)
    }

    /// Which of the best values are the outermost ones that were tried.
    fn edges(&self, block: &Block, best: &SweptRun) -> String {
        let edge = |axis: usize| {
            let (values, value) = (&block.values[axis], best.values[axis]?);
            let name = &self.setting.axes[axis].name;
            // Nothing is beyond no penalty at all, one sample, all samples.
            if value == 0.0 || name == "batch-size" {
                return None;
            }
            match values.as_slice() {
                [first, _, ..] if *first == value => Some(format!("smallest {name}")),
                [_, .., last] if *last == value => Some(format!("largest {name}")),
                _ => None,
            }
        };
        let edges: Vec<String> = (0..block.values.len()).filter_map(edge).collect();
        match edges.is_empty() {
            true => String::new(),
            false => format!("; it has the {} that was tried", edges.join(" and the ")),
        }
    }
}

/// A number with six digits.
fn brief(number: f64) -> String {
    number_text(significant(number, 6))
}
