//! Why a learning rate or a scale was chosen, in a line each.

use super::bench::LEAST_EPOCHS;
use super::{Fate, Outlook, Why};
use crate::cli::again::Given;
use crate::cli::chosen::{Chosen, LR};
use crate::cli::job::Prepared;
use crate::data::{Data, ScaleKind};
use crate::error::Result;
use crate::optimizer::{Schedule, Training};
use crate::sheet::{InputKind, Sheet};
use crate::trace::fit::{Tried, stable};
use crate::trace::{Exact, exact_solution};
use crate::value::{counted, listed, number_text, significant};

/// Why the optimizer takes `rate`, in a line.
///
/// # Errors
/// Those of a sheet.
pub fn reason(
    ready: &Prepared,
    one: &Chosen,
    fate: &Fate,
    (why, rate): (Why, f64),
    exact: Option<f64>,
) -> Result<String> {
    let (_, sheet) = ready.recipe.sheet(one, one.hyper.clone(), ready.recipe.training.clone())?;
    let own = one.value(LR).unwrap_or(f64::NAN);
    let limit = limit(one, &sheet, ready);
    let took = number_text(rate);
    if why == Why::Asked {
        let about = limit.map(|(text, _)| text).or_else(|| distance(&sheet, ready));
        return Ok(match about {
            Some(about) => format!("lr=auto ({about}): took {took}"),
            None => format!("lr=auto: took {took}"),
        });
    }
    let spread = spread(&ready.data);
    let measure = if sheet.model.is_squared { "RMSE" } else { "mean loss" };
    let figure = |value: f64| match sheet.model.is_squared {
        true => short(value * spread, 3),
        false => short(value, 3),
    };
    let went = || {
        let start = figure(fate.before.start);
        fate.before.end.map(|end| format!("{measure} {start} to {}", figure(end)))
    };
    let in_brackets =
        |text: Option<String>| text.map_or(String::new(), |text| format!(" ({text})"));
    let own_text = number_text(own);
    let what = match (why, limit) {
        (Why::Wrong, Some((text, largest))) if own > largest => {
            format!("lr {own_text} would diverge here ({text})")
        }
        (Why::Wrong, _) => {
            // A run that is thrown far away, and back, has lost its way as much.
            const FAR: f64 = 10.0;
            let Tried { start, end, .. } = fate.before;
            let diverges = end.is_none_or(|end| end <= start || end > FAR * start);
            let does = if diverges { "diverge" } else { "lead away from the data" };
            let about = went().filter(|_| end.is_some_and(|end| end > start));
            format!("lr {own_text} would {does} here{}", in_brackets(about))
        }
        (Why::Hardly, _) => {
            let about = distance(&sheet, ready).or_else(went);
            format!("lr {own_text} would hardly move here{}", in_brackets(about))
        }
        _ => {
            let end = figure(fate.before.score());
            let exact = exact.map_or(String::new(), |exact| {
                format!(", the {} has {}", name_of_exact(&sheet), figure(exact))
            });
            format!("lr {own_text} would end at an RMSE of {end} here{exact}")
        }
    };
    Ok(format!("{what}: took {took}"))
}

/// That x and y are scaled, and how to run without.
pub fn scaled(ready: &Prepared, outlook: &Outlook, given: &Given) -> String {
    let names = columns(&ready.data);
    let what = if ready.data.columns.len() == 2 { "line" } else { "solution" };
    let epochs = counted(ready.plan.epochs.max(LEAST_EPOCHS), "epoch");
    let (best, exact) = (outlook.best(), outlook.exact.unwrap_or(0.0));
    let best = if best.is_finite() { short(best, 3) } else { "none".to_owned() };
    format!(
        "{names} are scaled, {}: as they are, no learning rate comes near the exact {what} in \
         {epochs} (RMSE {best} at best, {} is possible); weights and RMSE are given in the data's \
         own units too; without: {}",
        ScaleKind::Zscore.words(),
        short(exact, 3),
        given.with(&ready.data.file, "scale", "none")
    )
}

/// That the columns are scaled as the user asks for.
pub fn asked_scale(data: &Data) -> String {
    let Some(scale) = &data.scale else { return String::new() };
    let scaled = data.columns.iter().zip(&scale.columns).filter(|(_, one)| one.is_some());
    let names: Vec<&str> = scaled.map(|(column, _)| column.name.as_str()).collect();
    let (verb, each) = match names.len() {
        1 => ("is", scale.kind.words().replace("each", "it")),
        _ => ("are", scale.kind.words().to_owned()),
    };
    format!("{} {verb} scaled, {each}", listed(&names))
}

/// The names of the columns: `x and y`.
pub fn columns(data: &Data) -> String {
    listed(&data.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>())
}

/// What the largest stable rate is and why, where every row is a plain update and one is known.
fn limit(one: &Chosen, sheet: &Sheet, ready: &Prepared) -> Option<(String, f64)> {
    if !is_plain(&ready.recipe.training) {
        return None;
    }
    let stable = stable(&one.definition, sheet, &ready.data)?;
    let (name, value) = (&stable.input, short(stable.value, 6));
    let largest = stable.largest;
    Some((format!("{name} reaches {value}; the largest stable is {}", short(largest, 2)), largest))
}

/// Whether the theorem behind the largest stable rate holds.
fn is_plain(training: &Training) -> bool {
    !training.has_batches() && training.clip.is_none() && training.schedule == Schedule::Constant
}

/// How far the weight that has farthest to go has to go, and in how many steps.
fn distance(sheet: &Sheet, ready: &Prepared) -> Option<String> {
    let Exact { weights, .. } = exact_solution(sheet, &ready.data)?;
    let starts = sheet.inputs.iter().filter(|input| input.kind == InputKind::Start);
    let ways = sheet.weights.iter().zip(starts).zip(&weights);
    let ways = ways.filter_map(|((weight, start), exact)| {
        Some((&weight.name, (exact.get().ok()? - start.value).abs()))
    });
    let (name, way) = ways.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let samples = ready.data.samples();
    let updates = samples.div_ceil(ready.recipe.training.batch_size(samples).max(1));
    let steps = counted(updates * ready.plan.epochs, "step");
    Some(format!("{name} has {} to go in {steps}", short(way, 3)))
}

fn name_of_exact(sheet: &Sheet) -> &'static str {
    if sheet.model.is_line { "exact line" } else { "exact solution" }
}

/// What an error in scaled units is multiplied with.
fn spread(data: &Data) -> f64 {
    data.scale.as_ref().map_or(1.0, |scale| scale.of(data.columns.len() - 1).1)
}

/// A number with so many digits, for sentences.
pub fn short(number: f64, digits: usize) -> String {
    number_text(significant(number, digits))
}
