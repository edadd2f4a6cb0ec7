//! The notes themselves, in numbers.

use serde_json::{Value as Json, json};

use super::Note;
use super::bench::{Bench, Ran};
use crate::error::Result;
use crate::formula::Name;
use crate::optimizer::{self, Definition, Training};
use crate::trace::Results;
use crate::value::{Value, counted, number_text};

/// The heads over the weights and their RMSE.
fn heads(bench: &Bench) -> Vec<String> {
    bench.model.weights.iter().cloned().chain(["RMSE".to_owned()]).collect()
}

/// A note with a table of what runs came to.
fn finals(note: (&'static str, Json), bench: &Bench, what: &str, runs: &[(String, Ran)]) -> Note {
    let caption = format!("{what} after {}", counted(bench.epochs, "epoch"));
    let rows = runs.iter().map(|(label, ran)| (label.clone(), ran.last())).collect();
    Note::new(note, caption, heads(bench), rows)
}

/// The default of a hyperparameter that the optimizer has.
fn default(definition: &Definition, name: &str) -> f64 {
    definition.hyperparameter(name).map_or(f64::NAN, |hyper| hyper.default)
}

/// β1 and β2, which the notes have the other way round.
pub fn swapped(bench: &Bench) -> Result<Note> {
    let adam = optimizer::find("adam")?;
    let lr = bench.rate("adam")?;
    let paper = |name: &str| default(adam, name);
    let notes = adam.presets.get("notes");
    let preset = |name: &str| notes.and_then(|set| set.get(name)).copied().unwrap_or(f64::NAN);
    let run = |value: &dyn Fn(&str) -> f64| {
        let (beta1, beta2) = (value("beta1"), value("beta2"));
        let label = format!("β1 = {}, β2 = {}", number_text(beta1), number_text(beta2));
        let ran = bench.run(adam, &[("lr", lr), ("beta1", beta1), ("beta2", beta2)])?;
        Ok::<_, crate::error::Error>((label, ran))
    };
    let (paper, swapped) = (run(&paper)?, run(&preset)?);
    let rmse = |ran: &Ran| ran.outcome.last().map(|last| last.rmse);
    let says = json!({
        "swapped": swapped.0,
        "paper": paper.0,
        "lr": lr,
        "rmse_of_paper": rmse(&paper.1),
        "rmse_of_swapped": rmse(&swapped.1),
    });
    let runs = [
        ("the paper: ".to_owned() + &paper.0, paper.1),
        ("the notes: ".to_owned() + &swapped.0, swapped.1),
    ];
    Ok(finals(("swapped", says), bench, "Adam", &runs))
}

/// The walkthrough's rmse, which is not divided by n.
pub fn root_of_the_sum(results: &Results) -> Option<Note> {
    let rmse = results.runs.first()?.outcome.start_rmse;
    let samples = results.data.samples() as f64;
    let root = rmse.get().map_or_else(Value::from, |rmse| Value::number(rmse * samples.sqrt()));
    let says = json!({ "root": root, "rmse": rmse, "times": samples.sqrt() });
    let rows = vec![
        ("the walkthrough's rmse, √Σ(ŷ − y)²".into(), vec![root]),
        ("RMSE, √(Σ(ŷ − y)²/n)".into(), vec![rmse]),
    ];
    Some(Note::new(("rmse", says), "The start weights".into(), vec!["value".into()], rows))
}

/// The suspected sign error, which is none.
pub fn sign(bench: &Bench) -> Result<Note> {
    let sgd = optimizer::find("sgd")?;
    let mut rows = Vec::new();
    for (shown, loss) in [("(ŷ − y)²", "(y_pred - y)^2"), ("(y − ŷ)²", "(y - y_pred)^2")] {
        let ran = bench.with(&bench.model_with_loss(loss)?, &bench.start, 1).run(sgd, &[])?;
        let sheet = &ran.sheet;
        let columns = [sheet.loss].into_iter().chain(sheet.weights.iter().map(|one| one.gradient));
        let values = columns.map(|column| ran.first_step(column).unwrap_or(Value::ZERO)).collect();
        rows.push((format!("e = {shown}"), values));
    }
    let slopes = bench.model.weights.iter().map(|weight| format!("∂e/∂{weight}"));
    let heads = ["e".to_owned()].into_iter().chain(slopes).collect();
    Ok(Note::new(("sign", Json::Null), "The first step".into(), heads, rows))
}

/// The walkthrough's hand-over from epoch to epoch, which loses an update.
pub fn hand_over(bench: &Bench) -> Result<Note> {
    const EPOCHS: usize = 2;
    let (sgd, lr) = (optimizer::find("sgd")?, [("lr", bench.rate("sgd")?)]);
    let right = bench.with(&bench.model, &bench.start, EPOCHS).run(sgd, &lr)?;
    let mut start = bench.start.clone();
    let mut rows = Vec::new();
    for epoch in &right.outcome.epochs {
        let ran = bench.with(&bench.model, &start, 1).run(sgd, &lr)?;
        let Some(used) = ran.used_last() else { break };
        let kept = [&epoch.weights[..], &[epoch.rmse]].concat();
        rows.push((format!("epoch {}, all updates", epoch.epoch), kept));
        let next = bench.with(&bench.model, &used, 1).run(sgd, &lr)?;
        let lost = used.iter().map(|weight| Value::number(*weight));
        let lost = lost.chain([next.outcome.start_rmse]).collect();
        rows.push((format!("epoch {}, the last one lost", epoch.epoch), lost));
        start = used;
    }
    let says = json!({ "is_lost_here": bench.results.plan.dialect.is_some() });
    let caption =
        format!("Gradient descent, learning rate {}, sample by sample", number_text(lr[0].1));
    Ok(Note::new(("hand-over", says), caption, heads(bench), rows))
}

/// RMSProp that divides by the row above, and Adam without its corrections.
pub fn forms(bench: &Bench) -> Result<Note> {
    let lagged = optimizer::find("rmsprop:walkthrough")?;
    let (rmsprop_lr, adam_lr) = (bench.rate("rmsprop")?, bench.rate("adam")?);
    let (beta, start) = (default(lagged, "beta"), default(lagged, "S0"));
    // The same from the same S, but divided by this row's.
    let mut prompt = lagged.clone();
    prompt.update.formula = prompt.update.formula.rename(|name| Name::here(name.id.clone()));
    let plain = optimizer::find("adam:walkthrough")?;
    let (beta1, beta2) = (default(plain, "beta1"), default(plain, "beta2"));
    let of_rmsprop = [("lr", rmsprop_lr), ("beta", beta)];
    let of_adam = [("lr", adam_lr), ("beta1", beta1), ("beta2", beta2)];
    let says = json!({
        "start": start,
        "rmsprop": [rmsprop_lr, beta],
        "adam": [adam_lr, beta1, beta2],
    });
    let start = number_text(start);
    let runs = [
        ("RMSProp, S from 0".to_owned(), bench.run(optimizer::find("rmsprop")?, &of_rmsprop)?),
        (format!("RMSProp, S from {start}"), bench.run(&prompt, &of_rmsprop)?),
        (
            format!("the walkthrough: S from {start}, the row above's"),
            bench.run(lagged, &of_rmsprop)?,
        ),
        ("Adam".to_owned(), bench.run(optimizer::find("adam")?, &of_adam)?),
        ("the walkthrough's Adam: not corrected".to_owned(), bench.run(plain, &of_adam)?),
    ];
    Ok(finals(("forms", says), bench, "The forms", &runs))
}

/// The penalty and the decay, which are the same for plain gradient descent alone.
pub fn decay(bench: &Bench) -> Result<Note> {
    const DECAY: f64 = 0.1;
    let l2 = DECAY * bench.results.data.samples() as f64;
    let penalty = || Training { l2: Some(l2), ..Training::default() };
    let decoupled = || Training { weight_decay: Some(DECAY), ..Training::default() };
    let mut runs = Vec::new();
    for (label, title) in [("sgd", "gradient descent"), ("adam", "Adam")] {
        let (definition, lr) = (optimizer::find(label)?, [("lr", bench.rate(label)?)]);
        runs.push((format!("{title}, L2"), bench.run_with(definition, &lr, penalty())?));
        runs.push((format!("{title}, decay"), bench.run_with(definition, &lr, decoupled())?));
    }
    Ok(finals(("decay", json!({ "decay": DECAY })), bench, "Penalty and decay", &runs))
}
