//! What goes on from an epoch to the next.

use serde::{Deserialize, Serialize};

use super::{Training, formula_of};
use crate::circuit::next_id;
use crate::error::Result;
use crate::formula::{Expr, Name};
use crate::sheet::Draft;

/// Which weights the first row of an epoch starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandOver {
    /// Those that the last row of the epoch before made.
    #[default]
    Made,
    /// Those that the last row of the epoch before used: its update is lost.
    Used,
    /// The start weights: every epoch begins anew, and only states go on.
    Restarted,
}

impl HandOver {
    /// What is special about it, in words.
    pub(super) fn describe(self) -> Option<&'static str> {
        match self {
            HandOver::Made => None,
            HandOver::Used => Some("the last update of each epoch lost"),
            HandOver::Restarted => Some("every epoch from the start weights"),
        }
    }
}

impl Training {
    /// The column of the weight `weight`, whose start value is the input `start`, as epochs hand it
    /// over.
    pub(in crate::optimizer) fn handed_over(
        &self,
        draft: Draft,
        weight: &str,
        start: &str,
    ) -> Result<Draft> {
        let first = match self.hand_over {
            HandOver::Made => return Ok(draft),
            HandOver::Used => Name::above(weight),
            HandOver::Restarted => Name::here(start),
        };
        let choice = formula_of("if(place = 1, first, made)")?;
        let formula = choice.rename(|name| match name.id.as_str() {
            "place" => Name::here(self.place()),
            "first" => first.clone(),
            _ => Name::above(next_id(weight)),
        });
        let told = match self.hand_over {
            HandOver::Used => format!(
                "in the first row of an epoch the {weight} that the row above used, whose update \
                 is lost"
            ),
            _ => format!("in the first row of an epoch the start value of {weight}"),
        };
        let meaning = format!("{}; {told}", draft.meaning);
        // The row above the first one uses the start weight too.
        let initial = Some(Expr::Name(Name::here(start)));
        let initial = initial.filter(|_| self.hand_over == HandOver::Used);
        Ok(Draft { formula, meaning, initial, ..draft })
    }
}
