//! Trials of the optimizers of a command, over its data or a part of them.

use super::{Fate, Why};
use crate::cli::chosen::{Chosen, LR};
use crate::cli::job::{Prepared, Recipe};
use crate::data::Data;
use crate::error::Result;
use crate::trace::Plan;
use crate::trace::fit::{Ladder, Tried, below, part_of};

/// Whether a rate suits the data does not depend on a run being cut short: it has at least so many
/// epochs to show it.
pub const LEAST_EPOCHS: usize = 10;

/// What trials run over.
pub struct Bench {
    recipe: Recipe,
    plan: Plan,
    /// The samples of the trials.
    pub data: Data,
}

impl Bench {
    /// Trials of at most `rows` rows, or a little more, over `data`.
    ///
    /// # Errors
    /// Those of a sheet.
    pub fn new(ready: &Prepared, data: &Data, rows: usize) -> Result<Self> {
        let planned = ready.plan.epochs.max(LEAST_EPOCHS);
        let affordable = (rows / data.samples().max(1)).max(LEAST_EPOCHS);
        let epochs = planned.min(affordable);
        let sheet = ready.recipe.plain_sheet(&ready.chosen[0])?;
        let data = part_of(data, &sheet, rows / epochs)?;
        let plan = Plan { dialect: ready.plan.dialect, ..Plan::new(epochs) };
        let plan = match ready.recipe.training.shuffle {
            Some(seed) => plan.shuffled(data.samples(), seed),
            None => plan,
        };
        Ok(Bench { recipe: ready.recipe.over(&data, epochs), plan, data })
    }

    /// The rows of a trial.
    pub fn rows(&self) -> usize {
        self.plan.epochs * self.data.samples()
    }

    /// What the optimizer comes to with this learning rate, or with the one that it has.
    ///
    /// # Errors
    /// Those of a sheet and of a run.
    pub fn tried(&self, one: &Chosen, rate: Option<f64>) -> Result<Tried> {
        let mut hyper = one.hyper.clone();
        hyper.extend(rate.map(|rate| (LR.to_owned(), rate)));
        let (_, sheet) = self.recipe.sheet(one, hyper, self.recipe.training.clone())?;
        Tried::of(&sheet, &self.data, &self.plan)
    }

    /// What becomes of the optimizer's rate, which came to `before` and is to be replaced.
    ///
    /// # Errors
    /// Those of the trials.
    pub fn fate(&self, one: &Chosen, before: Tried, why: Why, exact: Option<f64>) -> Result<Fate> {
        let left = Fate { before, found: None };
        let Some(hyper) = one.definition.hyperparameter(LR) else { return Ok(left) };
        let tries = |rate: f64| self.tried(one, Some(rate));
        let own = one.value(LR).unwrap_or(hyper.default);
        let Some((rate, tried)) = Ladder::new(hyper.range, &tries).best(own)? else {
            return Ok(left);
        };
        if why == Why::Asked {
            let own_one = self.tried(one, None)?;
            let is_better = own_one.score() <= tried.score();
            let (rate, tried) = if is_better { (own, own_one) } else { (rate, tried) };
            return Ok(Fate { before, found: Some((why, rate, tried)) });
        }
        // What an optimizer could have come to is known only now, where there is no exact solution.
        let stands = match why {
            Why::Hardly if exact.is_none() => !before.hardly_moved(tried.score()),
            Why::Asked | Why::Hardly | Why::Wrong | Why::Far => {
                tried.score() >= self.tried(one, None)?.score()
            }
        };
        let stands = stands || rate == own;
        Ok(if stands { left } else { Fate { before, found: Some((why, rate, tried)) } })
    }

    /// The same with what the rate that was found comes to here, and with a smaller one where it goes
    /// wrong here.
    ///
    /// # Errors
    /// Those of the trials.
    pub fn confirmed(&self, one: &Chosen, fate: Fate) -> Result<Fate> {
        const MOST: usize = 9;
        let Some((why, mut rate, _)) = fate.found else { return Ok(fate) };
        let mut tried = self.tried(one, Some(rate))?;
        for _ in 0..MOST {
            if !tried.is_wild() {
                break;
            }
            rate = below(rate);
            tried = self.tried(one, Some(rate))?;
        }
        Ok(Fate { found: Some((why, rate, tried)), ..fate })
    }
}
