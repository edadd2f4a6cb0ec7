//! What stops a run early, for the page.

use serde::Serialize;

use super::Functions;
use crate::formula::javascript;
use crate::trace::{EpochRef, Figure, Until};

/// When a run stops.
#[derive(Debug, Serialize)]
pub struct PrintedUntil {
    /// The place of the condition's function.
    printed: Option<usize>,
    patience: Option<usize>,
    /// The number that is to get better.
    measure: &'static str,
    /// Whether the condition names what the first epoch has none of before it.
    needs_predictions_before: bool,
    /// It in words.
    told: String,
}

impl PrintedUntil {
    /// `until` with its condition among the `functions`: over `n`, an epoch, and `b`, the one before.
    pub fn new(until: &Until, functions: &mut Functions) -> Self {
        let printed = until.condition().map(|condition| {
            let value = javascript(condition, &place);
            functions.add(format!("(n,b)=>{value}"))
        });
        PrintedUntil {
            printed,
            patience: until.patience(),
            measure: property(until.measure()),
            needs_predictions_before: until.needs_predictions_before(),
            told: until.to_string(),
        }
    }
}

fn place(name: &EpochRef) -> String {
    let epoch = if name.previous { "b" } else { "n" };
    match name.figure {
        Figure::Weight(weight) => format!("{epoch}.weights[{weight}]"),
        figure => format!("{epoch}.{}", property(figure)),
    }
}

/// What the page calls a number of an epoch.
fn property(figure: Figure) -> &'static str {
    match figure {
        Figure::Rmse => "rmse",
        Figure::OnlineRmse => "online_rmse",
        Figure::Loss => "loss",
        Figure::Epoch => "epoch",
        Figure::Weight(_) => "weights",
    }
}
