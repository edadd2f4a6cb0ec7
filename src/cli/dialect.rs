//! `--dialect`: the arguments that go with it, and the resets that its sheets start from.

use std::collections::BTreeMap;

use super::chosen::Chosen;
use crate::circuit::Model;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::optimizer::{
    self, Batch, Definition, Dialect, HandOver, Schedule, Setup, State, Training,
};
use crate::sheet::{Reset, Sheet};
use crate::trace;
use crate::value::{counted, number_text};

/// What the name of a reset's sheet adds to that of the sheet that starts from it.
const RESET: &str = " reset";

/// How many characters the name of a sheet may have.
const LONGEST_NAME: usize = 31;

/// `training` as `dialect` has it.
///
/// # Errors
/// Something that the dialect does not have.
pub fn training(dialect: &Dialect, training: Training) -> Result<Training> {
    let size = match training.batch {
        Batch::One => None,
        Batch::Of(size) => Some(format!("--batch-size {size}")),
        Batch::All => Some("--batch-size all".to_owned()),
    };
    let number = |option: &str, value: Option<f64>| {
        value.map(|value| format!("--{option} {}", number_text(value)))
    };
    let schedule = (training.schedule != Schedule::Constant)
        .then(|| format!("--schedule {}", training.schedule));
    let foreign = size
        .or_else(|| training.shuffle.map(|_| "--shuffle".to_owned()))
        .or_else(|| number("l2", training.l2))
        .or_else(|| number("weight-decay", training.weight_decay))
        .or_else(|| number("clip", training.clip))
        .or(schedule);
    match foreign {
        Some(argument) => {
            let option = argument.split(' ').next().unwrap_or(&argument).to_owned();
            let what = format!("{} has no {}", dialect.title, &option[2..]);
            let help = format!("leave {option} out, or --dialect {}", dialect.name);
            Err(Error::new(what).in_argument(argument).help(help))
        }
        None => Ok(Training { hand_over: dialect.hand_over, ..training }),
    }
}

/// What the user should know of a run with `dialect`.
pub fn notes(dialect: &Dialect, chosen: &[Chosen]) -> Vec<String> {
    let resets: Vec<String> = chosen
        .iter()
        .filter(|one| one.manner.resets > 0)
        .map(|one| format!("{} ({})", one.sheet, counted(one.manner.resets, "epoch")))
        .collect();
    let lost = format!(
        "as in {}, the last update of each epoch is lost: the next one starts with the weights \
         that the last row used",
        dialect.title
    );
    let before = format!(
        "states start from what a reset leaves in them, epochs from the start weights: {}",
        resets.join(", ")
    );
    let is_lost = (dialect.hand_over == HandOver::Used).then_some(lost);
    is_lost.into_iter().chain((!resets.is_empty()).then_some(before)).collect()
}

/// The optimizer `one` with its sheet for `setup`, starting from its reset over `data` where it has
/// one.
///
/// # Errors
/// Those of [`optimizer::stamp`].
pub fn sheet(
    one: &Chosen,
    model: &Model,
    mut setup: Setup,
    data: Option<&Data>,
) -> Result<(Definition, Sheet)> {
    let manner = &one.manner;
    setup.training = scheduled(one, &setup.training);
    let mut before = None;
    if let Some(data) = data.filter(|_| manner.resets > 0) {
        let reset = reset(one, model, &setup)?;
        setup.states = states(one, model, &reset, &trace::end_of_reset(&reset, data)?);
        before = Some(Box::new(reset));
    }
    let (definition, sheet) = optimizer::stamp(&one.definition, model, &setup)?;
    Ok((definition, Sheet { name: one.sheet.clone(), reset: before, ..sheet }))
}

/// `training` with the schedule that the dialect has for `one`.
pub fn scheduled(one: &Chosen, training: &Training) -> Training {
    let schedule = one.manner.schedule.as_ref().unwrap_or(&training.schedule);
    Training { schedule: schedule.clone(), ..training.clone() }
}

/// `training` as resets have it: every epoch from the start weights, with a constant learning rate.
pub fn restarted(training: &Training) -> Training {
    let (hand_over, schedule) = (HandOver::Restarted, Schedule::Constant);
    Training { hand_over, schedule, ..training.clone() }
}

/// The reset of `one`: every epoch from the start weights, with a constant learning rate.
fn reset(one: &Chosen, model: &Model, setup: &Setup) -> Result<Reset> {
    let mut model = model.clone();
    model.shows_gates = false;
    let setup = Setup { training: restarted(&setup.training), ..setup.clone() };
    let (_, sheet) = optimizer::stamp(&one.definition, &model, &setup)?;
    let kept = one.sheet.chars().take(LONGEST_NAME - RESET.len()).collect::<String>();
    let sheet = Sheet { name: kept + RESET, ..sheet };
    Ok(Reset { sheet, epochs: one.manner.resets })
}

/// What the states start from: the values at the `end` of the reset.
fn states(one: &Chosen, model: &Model, reset: &Reset, end: &[f64]) -> BTreeMap<String, State> {
    let kept = one.definition.columns.iter().filter(|column| column.start.is_some());
    let ids = kept.flat_map(|column| model.weights.iter().map(|weight| column.id_for(weight)));
    let state = |id: String| {
        let at = reset.sheet.column(&id)?;
        let meaning = format!(
            "{id} after {} from the start weights, of which nothing else is kept",
            counted(reset.epochs, "epoch")
        );
        Some((id, State { value: end[at], meaning }))
    };
    ids.filter_map(state).collect()
}
