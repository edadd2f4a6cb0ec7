//! What is chosen for the user so that a first run teaches something: a learning rate that fits the
//! data where the default does not, and a scale where no rate does.
//!
//! Everything is decided by trials. A default that leads towards the data stands. What is chosen is
//! said in a note each, with how to choose otherwise.

mod bench;
mod words;

use crate::cli::again::Given;
use crate::cli::chosen::{Chosen, LR};
use crate::cli::job::Prepared;
use crate::data::{Data, ScaleKind};
use crate::error::Result;
use crate::trace::fit::{Tried, exact_rmse};
use crate::trace::{Units, sweep};
use bench::Bench;
pub use words::asked_scale;

/// Trials of defaults take so many rows, and those of the search for a rate so many.
const ROWS_OF_DEFAULTS: usize = 100_000;
const ROWS_OF_SEARCH: usize = 10_000;

/// A scale must bring the best run this much nearer, where it does not bring it near.
const WORTH_SCALING: f64 = 0.9;

/// What `--scale` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleWish {
    /// A scale where no learning rate comes near the exact solution without.
    Auto,
    /// The columns as they are.
    None,
    /// This scale.
    Kind(ScaleKind),
}

impl ScaleWish {
    /// Reads what `--scale` says.
    ///
    /// # Errors
    /// Another word.
    pub fn read(text: &str) -> std::result::Result<Self, String> {
        Ok(match text.trim() {
            "auto" => ScaleWish::Auto,
            "none" => ScaleWish::None,
            "zscore" => ScaleWish::Kind(ScaleKind::Zscore),
            "minmax" => ScaleWish::Kind(ScaleKind::Minmax),
            _ => return Err("write zscore, minmax, none or auto".to_owned()),
        })
    }
}

/// What the user left open.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Whether nothing at all is said about optimizers and training, so that it is up to the
    /// program that some optimizer comes near.
    pub is_usual: bool,
    /// Whether the learning rates may be chosen where nothing is said about them.
    pub rates: bool,
    /// Whether the data may be scaled where no rate comes near.
    pub scale: bool,
}

/// Why a rate is not left as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Why {
    /// The user asks for it.
    Asked,
    /// It leads away from the data.
    Wrong,
    /// It leaves the weights where they started.
    Hardly,
    /// Neither, but no optimizer comes near.
    Far,
}

/// What became of an optimizer's rate.
struct Fate {
    /// What the rate that it has comes to.
    before: Tried,
    /// What is wrong with that, and the rate that was found with what it comes to.
    found: Option<(Why, f64, Tried)>,
}

impl Fate {
    fn score(&self) -> f64 {
        self.found.map_or(self.before.score(), |(_, _, tried)| tried.score())
    }
}

/// What all optimizers come to on some data.
struct Outlook {
    fates: Vec<Fate>,
    /// The RMSE of the exact solution.
    exact: Option<f64>,
    /// Whether some optimizer comes near to it.
    is_near: bool,
}

impl Outlook {
    fn best(&self) -> f64 {
        self.fates.iter().map(Fate::score).fold(f64::INFINITY, f64::min)
    }
}

/// Chooses the learning rates and the scale of `ready`; `given` is what the user said.
///
/// # Errors
/// Those of the sheets and of the trials.
pub fn fit(ready: &mut Prepared, given: &Given) -> Result<()> {
    let wish = ready.wish;
    if !ready.chosen.iter().any(|one| is_open(one, wish)) {
        return Ok(());
    }
    let is_strict = wish.is_usual || ready.data.scale.is_some();
    // What is wrong with a sheet is said when the sheets are made.
    let Ok(mut outlook) = look(ready, &ready.data, is_strict) else { return Ok(()) };
    let has_failed = |fate: &Fate| fate.found.is_some_and(|(why, ..)| why != Why::Asked);
    let some_failed = outlook.fates.iter().any(has_failed);
    if some_failed && !outlook.is_near && may_scale(ready)? {
        let scaled = ready.data.clone().scaled(ScaleKind::Zscore, true);
        if let Ok(data) = scaled {
            let after = look(ready, &data, true)?;
            let spread =
                data.scale.as_ref().map_or(1.0, |scale| scale.of(data.columns.len() - 1).1);
            if after.is_near || after.best() * spread < WORTH_SCALING * outlook.best() {
                ready.notes.push(words::scaled(ready, &outlook, given));
                (ready.data, outlook) = (data, after);
            }
        }
    }
    take(ready, &outlook)
}

/// Whether the rate of an optimizer is open.
fn is_open(one: &Chosen, wish: Wish) -> bool {
    let has_lr = one.definition.hyperparameter(LR).is_some();
    has_lr && (one.asks_for_lr || (wish.rates && !one.hyper.contains_key(LR)))
}

/// Whether the data may be scaled: whoever sets a rate has chosen its units too.
fn may_scale(ready: &Prepared) -> Result<bool> {
    if !ready.wish.scale || ready.chosen.iter().any(|one| one.hyper.contains_key(LR)) {
        return Ok(false);
    }
    let Ok(scaled) = ready.data.clone().scaled(ScaleKind::Zscore, true) else { return Ok(false) };
    let sheet = ready.recipe.plain_sheet(&ready.chosen[0])?;
    Ok(Units::of(&sheet, &scaled).is_some_and(|units| units.parts.is_some()))
}

/// What the optimizers come to on `data` with their rates, and with better ones where those fail;
/// where it `is_strict`, also where none of them comes near to the exact solution.
fn look(ready: &Prepared, data: &Data, is_strict: bool) -> Result<Outlook> {
    let bench = Bench::new(ready, data, ROWS_OF_DEFAULTS)?;
    let exact = exact_rmse(&ready.recipe.plain_sheet(&ready.chosen[0])?, &bench.data);
    let before = sweep::parallel(&ready.chosen, |one| bench.tried(one, None))?;
    let is_near = |tried: &Tried| exact.is_none_or(|exact| tried.is_near(exact));
    let some_near = before.iter().any(is_near);
    let why = |(one, tried): (&Chosen, &Tried)| {
        if !is_open(one, ready.wish) {
            None
        } else if one.asks_for_lr {
            Some(Why::Asked)
        } else if tried.went_wrong() {
            Some(Why::Wrong)
        } else if tried.hardly_moved(exact.unwrap_or(0.0)) {
            Some(Why::Hardly)
        } else {
            // Nobody has chosen a default for scaled data.
            let needs_it = if data.scale.is_some() { !is_near(tried) } else { !some_near };
            (is_strict && needs_it).then_some(Why::Far)
        }
    };
    let whys: Vec<Option<Why>> = ready.chosen.iter().zip(&before).map(why).collect();
    let is_long = bench.rows() > ROWS_OF_SEARCH;
    let short = match whys.iter().any(Option::is_some) && is_long {
        true => Some(Bench::new(ready, data, ROWS_OF_SEARCH)?),
        false => None,
    };
    let search = short.as_ref().unwrap_or(&bench);
    let jobs: Vec<(&Chosen, Tried, Option<Why>)> = ready
        .chosen
        .iter()
        .zip(before)
        .zip(whys)
        .map(|((one, tried), why)| (one, tried, why))
        .collect();
    let fates = sweep::parallel(&jobs, |(one, before, why)| {
        let Some(why) = why else { return Ok(Fate { before: *before, found: None }) };
        let fate = search.fate(one, *before, *why, exact)?;
        // What a part of the samples says must hold for more of them.
        if is_long { bench.confirmed(one, fate) } else { Ok(fate) }
    })?;
    let is_near = fates.iter().any(|fate| match &fate.found {
        Some((_, _, tried)) => is_near(tried),
        None => is_near(&fate.before),
    });
    Ok(Outlook { fates, exact, is_near })
}

/// Gives the optimizers of `ready` the rates that were found, and says so.
fn take(ready: &mut Prepared, outlook: &Outlook) -> Result<()> {
    let mut reasons = Vec::new();
    for (one, fate) in ready.chosen.iter().zip(&outlook.fates) {
        let Some((why, rate, _)) = fate.found else {
            reasons.push(None);
            continue;
        };
        reasons.push(Some((rate, words::reason(ready, one, fate, (why, rate), outlook.exact)?)));
    }
    for (one, reason) in ready.chosen.iter_mut().zip(reasons) {
        let Some((rate, reason)) = reason else { continue };
        ready.notes.push(format!("{}: {reason}", one.label));
        one.hyper.insert(LR.to_owned(), rate);
        one.lr_reason = Some(reason);
    }
    Ok(())
}
