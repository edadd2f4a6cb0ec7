//! The notes themselves.

use super::bench::{Bench, Ran};
use super::{Note, Table};
use crate::error::Result;
use crate::export::html::numbers::brief;
use crate::formula::Name;
use crate::optimizer::{self, Definition, Training};
use crate::trace::Results;
use crate::value::{Value, counted, number_text};

/// The heads over the weights and their RMSE.
fn heads(bench: &Bench) -> Vec<String> {
    bench.model.weights.iter().cloned().chain(["RMSE".to_owned()]).collect()
}

/// A table of what runs came to.
fn finals(bench: &Bench, what: &str, runs: &[(String, Ran)]) -> Table {
    let caption = format!("{what} after {}", counted(bench.epochs, "epoch"));
    let rows = runs.iter().map(|(label, ran)| (label.clone(), ran.last())).collect();
    Table::new(caption, heads(bench), rows)
}

/// The RMSE that a run ended with, in words.
fn rmse(ran: &Ran) -> String {
    ran.outcome.last().map_or_else(String::new, |last| brief(last.rmse))
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
    let text = vec![
        format!(
            "The notes suggest {} for Adam. Its paper has them the other way round, {}: gradients \
             are averaged over about the last ten, so that the step turns when they turn, and \
             their squares over about the last thousand, so that the step's length stays steady. \
             Swapped, the step follows gradients of long ago and is divided by the size of the \
             newest ones.",
            swapped.0, paper.0
        ),
        format!(
            "On these data, with a learning rate of {}, the paper's order comes to an RMSE of {} \
             and the notes' to {}.",
            number_text(lr),
            rmse(&paper.1),
            rmse(&swapped.1)
        ),
    ];
    let runs = [
        ("the paper: ".to_owned() + &paper.0, paper.1),
        ("the notes: ".to_owned() + &swapped.0, swapped.1),
    ];
    Ok(Note {
        id: "notes-swapped",
        title: "β1 and β2 stand the other way round",
        text,
        table: Some(finals(bench, "Adam", &runs)),
    })
}

/// The walkthrough's rmse, which is not divided by n.
pub fn root_of_the_sum(results: &Results) -> Option<Note> {
    let rmse = results.runs.first()?.outcome.start_rmse;
    let samples = results.data.samples() as f64;
    let root = rmse.get().map_or_else(Value::from, |rmse| Value::number(rmse * samples.sqrt()));
    let text = format!(
        "The cell that the walkthrough calls rmse is the root of the sum of the squared errors; it \
         is not divided by the number of samples. For the start weights of this run it would show \
         {}, where the root mean squared error is {}: it is √{} = {} times as large. It goes up \
         and down with the RMSE, but it grows with the number of samples and is no typical error.",
        brief(root),
        brief(rmse),
        number_text(samples),
        brief(Value::number(samples.sqrt()))
    );
    let table = Table::new(
        "The start weights".into(),
        vec!["value".into()],
        vec![
            ("the walkthrough's rmse, √Σ(ŷ − y)²".into(), vec![root]),
            ("RMSE, √(Σ(ŷ − y)²/n)".into(), vec![rmse]),
        ],
    );
    Some(Note {
        id: "notes-rmse",
        title: "The walkthrough's rmse is not divided by n",
        text: vec![text],
        table: Some(table),
    })
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
    let text = "The notes suspect that the workbook takes predicted − actual where it should be \
                actual − predicted, and that a sign of the derivative flips. It does not: a square \
                is the same for a number and its opposite, and so is its slope. By the chain rule \
                (y − ŷ)² gives 2(y − ŷ)·(−1), which is 2(ŷ − y). The first step of this run has \
                the same numbers both ways.";
    Ok(Note {
        id: "notes-sign",
        title: "The sign that seems wrong is right",
        text: vec![text.into()],
        table: Some(Table::new("The first step".into(), heads, rows)),
    })
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
    let here = match bench.results.plan.dialect {
        None => "In this workbook all epochs stand below each other and nothing is copied.",
        Some(_) => {
            "This run loses them in the same way, by a formula: in the first row of an epoch the \
             weights are those that the row above used."
        }
    };
    let text = format!(
        "After each epoch the walkthrough's macro copies the weights to the top that the last row \
         used, not those that it made: the update of the last sample is lost every time. With \
         momentum, RMSProp and Adam, v and S are copied with that sample's gradient, so that they \
         know of a step that the weights never took. {here}"
    );
    Ok(Note {
        id: "notes-hand-over",
        title: "The hand-over between epochs loses an update",
        text: vec![text],
        table: Some(Table::new(
            format!("Gradient descent, learning rate {}, sample by sample", number_text(lr[0].1)),
            heads(bench),
            rows,
        )),
    })
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
    let text = format!(
        "The walkthrough's RMSProp divides by the S of the row above, which does not know of this \
         row's gradient yet: a sudden large gradient is not tamed until a step later. That needs \
         an S to begin with, {start}, which makes its first steps short or long by chance. Its \
         Adam leaves the correction of both moments out; they start at 0 and are too small in the \
         first steps, S more so where β2 is near 1. Below each with equal settings: learning rate \
         {} and β = {} for RMSProp, {} and β1 = {}, β2 = {} for Adam.",
        number_text(rmsprop_lr),
        number_text(beta),
        number_text(adam_lr),
        number_text(beta1),
        number_text(beta2)
    );
    Ok(Note {
        id: "notes-forms",
        title: "A lagged S and moments without correction",
        text: vec![text],
        table: Some(finals(bench, "The forms", &runs)),
    })
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
    let text = format!(
        "The notes' formula w′ = (1 − ηλ/n)·w − η·∂C/∂w is plain gradient descent, where it is the \
         same whether the cost has the penalty λ/(2n)·Σw² or the weight is shrunk beside the step. \
         It is not the same for an optimizer that averages or scales its gradients: the penalty's \
         slope goes through v and √S with the rest, and a weight with large gradients hardly \
         shrinks; the decoupled decay of AdamW goes past both. Below with λ/n = {}, on all \
         weights.",
        number_text(DECAY)
    );
    Ok(Note {
        id: "notes-decay",
        title: "L2 and weight decay are two things",
        text: vec![text],
        table: Some(finals(bench, "Penalty and decay", &runs)),
    })
}
