//! Stamping a definition out: one weight's formulas become columns for every weight of a model.

use std::collections::BTreeMap;

use super::Definition;
use super::definition::ColumnDefinition;
use crate::circuit::{self, DIFFERENCE_WIDTH, Model, gradient_id, next_id};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name};
use crate::sheet::{Draft, Group, Input, InputKind, Ref, Sheet, Weight, resolve};

/// What a sheet needs to know beside the optimizer and the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// The hyperparameter values that depart from the defaults, by name.
    pub hyper: BTreeMap<String, f64>,
    /// The start values of the weights, in the model's order.
    pub start: Vec<f64>,
    /// The number of samples.
    pub samples: usize,
}

impl Setup {
    /// The defaults, from `start`, with `samples` samples.
    pub fn new(start: &[f64], samples: usize) -> Self {
        Setup { hyper: BTreeMap::new(), start: start.to_vec(), samples }
    }
}

/// The sheet of `definition` for `model`.
///
/// # Errors
/// A weight whose name collides with a column or hyperparameter.
pub fn sheet(definition: &Definition, model: &Model, setup: &Setup) -> Result<Sheet> {
    let inputs = inputs(definition, model, setup);
    let mut drafts = model.columns()?;
    for column in &definition.columns {
        let stamps = if column.shared { 1 } else { model.weights.len() };
        for weight in &model.weights[..stamps] {
            drafts.push(stamp(definition, model, column, weight, Group::State));
        }
    }
    for weight in &model.weights {
        let mut update = stamp(definition, model, &definition.update, weight, Group::Update);
        update.initial = Some(Expr::Name(Name::here(start_id(weight))));
        drafts.push(update);
    }
    if model.shows_gates {
        drafts.extend(model.gate_columns());
    }
    check_names(definition, model, &drafts, &inputs)?;
    let columns = resolve(drafts, &inputs, &model.data())?;
    let find = |id: &str| columns.iter().position(|column| column.id == id).unwrap_or_default();
    let weights = model.weights.iter().map(|name| Weight {
        name: name.clone(),
        start: inputs.iter().position(|one| one.id == start_id(name)).unwrap_or_default(),
        current: find(name),
        gradient: find(&gradient_id(name)),
        next: find(&next_id(name)),
    });
    let weights: Vec<Weight> = weights.collect();
    Ok(Sheet {
        name: definition.sheet_name(),
        title: definition.title.clone(),
        rule: definition.rule(),
        prediction: of_sample(&model.formula, model, &weights, &inputs),
        sample_loss: of_sample(&model.loss.of(&model.formula), model, &weights, &inputs),
        sample: find("sample"),
        loss: find(model.loss_id()),
        error: find("error"),
        data: model.data().into_iter().map(str::to_owned).collect(),
        model: model.text(),
        weights,
        inputs,
        columns,
    })
}

/// Refuses a name of the model that means something else in the sheet too.
fn check_names(
    definition: &Definition,
    model: &Model,
    drafts: &[Draft],
    inputs: &[Input],
) -> Result<()> {
    let fail = |what: String, help: &str| {
        Err(Error::new(what).in_argument(circuit::argument(&model.formula.to_string())).help(help))
    };
    let optimizer = &definition.name;
    let weights = model.weights.iter().map(|name| (name, "weight"));
    for (name, kind) in weights.chain(model.inputs.iter().map(|name| (name, "data column"))) {
        if inputs.iter().any(|input| input.id == *name) {
            return fail(
                format!("the {kind} `{name}` is called like a hyperparameter of {optimizer}"),
                "call it something else, or leave the optimizer out with --optimizers",
            );
        }
        if let Some(other) = drafts.iter().filter(|draft| draft.id == *name).nth(1) {
            return fail(
                format!("the {kind} `{name}` is called like a column of {optimizer}"),
                &format!("call it something else: the column is {}", other.meaning),
            );
        }
    }
    let ids: Vec<&str> = drafts.iter().map(|draft| draft.id.as_str()).collect();
    match ids.iter().enumerate().find(|(index, id)| ids[..*index].contains(id)) {
        Some((_, id)) => fail(
            format!("two columns of {optimizer} would be called `{id}`"),
            "give the weights names of which none ends like another, such as a, b, c",
        ),
        None => Ok(()),
    }
}

fn start_id(weight: &str) -> String {
    format!("start {weight}")
}

/// The cells above the trace: hyperparameters, the width of the finite differences, the start.
fn inputs(definition: &Definition, model: &Model, setup: &Setup) -> Vec<Input> {
    let input = |kind, id: &str, symbol: &str, value, meaning: &str| Input {
        id: id.into(),
        symbol: symbol.into(),
        value,
        meaning: meaning.into(),
        kind,
    };
    let mut inputs: Vec<Input> = definition
        .hyper
        .iter()
        .map(|one| {
            let value = setup.hyper.get(&one.name).copied().unwrap_or(one.default);
            input(InputKind::Hyperparameter, &one.name, &one.symbol, value, &one.meaning)
        })
        .collect();
    let width = "how much is added to a weight to estimate a slope";
    inputs.push(input(InputKind::Width, "h", "h", DIFFERENCE_WIDTH, width));
    for (weight, value) in model.weights.iter().zip(&setup.start) {
        let meaning = format!("the weight {weight} before the first step");
        let symbol = format!("{weight}_0");
        inputs.push(input(InputKind::Start, &start_id(weight), &symbol, *value, &meaning));
    }
    if let Some(delta) = model.loss.delta {
        let meaning = "the error up to which Huber's loss is a square, a straight line beyond";
        inputs.push(input(InputKind::Loss, "delta", "δ", delta, meaning));
    }
    let count = "the number of samples, counted from the sheet data";
    inputs.push(input(InputKind::Samples, "n", "n", setup.samples as f64, count));
    inputs
}

/// The column `column` of `definition` for the weight `weight`.
fn stamp(
    definition: &Definition,
    model: &Model,
    column: &ColumnDefinition,
    weight: &str,
    group: Group,
) -> Draft {
    let text = |template: &str| template.replace("{w}", weight);
    let own = |column: &ColumnDefinition| match column.shared {
        true => column.id.clone(),
        false => format!("{}_{weight}", column.id),
    };
    let rename = |name: &Name| {
        let state = definition.columns.iter().find(|column| column.id == name.id);
        let id = match (name.id.as_str(), state) {
            ("w", _) => weight.to_owned(),
            ("g", _) => gradient_id(weight),
            ("t", _) => "step".to_owned(),
            ("loss", _) => model.loss_id().to_owned(),
            ("epoch_steps", _) => "n".to_owned(),
            (_, Some(column)) => own(column),
            (id, None) => id.to_owned(),
        };
        Name { id, previous: name.previous }
    };
    Draft {
        id: if group == Group::Update { next_id(weight) } else { own(column) },
        header: text(&column.header),
        symbol: text(&column.symbol),
        group,
        meaning: text(&column.meaning),
        formula: column.formula.rename(rename),
        initial: column.start.clone(),
    }
}

/// A formula of one sample over start inputs (the weights), parameters of the loss and data.
fn of_sample(
    formula: &Expr<Name>,
    model: &Model,
    weights: &[Weight],
    inputs: &[Input],
) -> Expr<Ref> {
    let data = model.data();
    formula.rename(|name| {
        let weight = weights.iter().find(|weight| weight.name == name.id).map(|one| one.start);
        let parameter = || inputs.iter().position(|input| input.id == name.id);
        match data.iter().position(|id| *id == name.id) {
            Some(column) => Ref::Data(column),
            None => Ref::Input(weight.or_else(parameter).unwrap_or_default()),
        }
    })
}
