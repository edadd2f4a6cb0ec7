//! Stamping a definition out: one weight's formulas become columns for every weight of a model.

use std::collections::BTreeMap;

use super::Definition;
use super::definition::ColumnDefinition;
use super::training::{HandOver, OWN_DECAY, Training};
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
    /// The way to train.
    pub training: Training,
    /// What state columns start from instead of what the definition says, by id.
    pub states: BTreeMap<String, State>,
}

/// What a state column starts from, and where that comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The value.
    pub value: f64,
    /// What it is, in a line.
    pub meaning: String,
}

impl Setup {
    /// The defaults, from `start`, with `samples` samples.
    pub fn new(start: &[f64], samples: usize) -> Self {
        let training = Training::default();
        let (hyper, states) = (BTreeMap::new(), BTreeMap::new());
        Setup { hyper, start: start.to_vec(), samples, training, states }
    }
}

/// The sheet of `definition` for `model`.
///
/// # Errors
/// Those of [`stamp`].
pub fn sheet(definition: &Definition, model: &Model, setup: &Setup) -> Result<Sheet> {
    stamp(definition, model, setup).map(|(_, sheet)| sheet)
}

/// The sheet of `definition` for `model`, and the definition as it trains the way that `setup`
/// says: with the scheduled learning rate, the decayed weight, the penalty in the update.
///
/// # Errors
/// A weight whose name collides with a column or hyperparameter; a way to train that does not suit
/// the data, the model or the optimizer.
pub fn stamp(definition: &Definition, model: &Model, setup: &Setup) -> Result<(Definition, Sheet)> {
    let training = &setup.training;
    training.check(setup.samples, &model.weights)?;
    let inputs = inputs(definition, model, setup)?;
    let definition = training.apply(definition, &model.weights)?;
    let sheet = build(&definition, model, setup, inputs)?;
    Ok((definition, sheet))
}

fn build(
    definition: &Definition,
    model: &Model,
    setup: &Setup,
    inputs: Vec<Input>,
) -> Result<Sheet> {
    let training = &setup.training;
    let stamp = Stamp::new(definition, model, setup)?;
    let drafts = stamp.drafts()?;
    check_names(definition, model, &drafts, &inputs)?;
    let columns = resolve(drafts, &inputs, &model.data())?;
    let find = |id: &str| columns.iter().position(|column| column.id == id).unwrap_or_default();
    let weights = model.weights.iter().map(|name| Weight {
        name: name.clone(),
        start: inputs.iter().position(|one| one.id == start_id(name)).unwrap_or_default(),
        current: find(name),
        gradient: find(&gradient_id(name)),
        next: find(&next_id(name)),
        carried: match training.hand_over {
            HandOver::Used => find(name),
            HandOver::Made | HandOver::Restarted => find(&next_id(name)),
        },
        given: find(&training.gradient(name)),
        given_in_update: find(&stamp.gradient_of_update(name)),
        decays: training.decays(name),
    });
    let weights: Vec<Weight> = weights.collect();
    let sample = |formula: &Expr<Name>| of_sample(formula, model, &weights, &inputs);
    let predictions = model.outputs.iter().map(|output| sample(&output.formula)).collect();
    let sample_loss = sample(&model.loss_of_sample());
    Ok(Sheet {
        name: definition.sheet_name(),
        title: definition.title.clone(),
        rule: training.gradient_rule().into_iter().chain(definition.rule()).collect(),
        training: training.describe(),
        row: find(training.row()),
        predictions,
        sample_loss,
        sample: find("sample"),
        loss: find(model.loss_id()),
        update_loss: find(&stamp.loss.0),
        error: find("error"),
        data: model.data().into_iter().map(str::to_owned).collect(),
        model: model.text(),
        weights,
        inputs,
        columns,
        reset: None,
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
        Err(Error::new(what).in_argument(circuit::argument(&model.written())).help(help))
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

/// What the ids of start values begin with.
const START: &str = "start ";

/// The id of the input with the start value of the weight or state column `id`.
fn start_id(id: &str) -> String {
    format!("{START}{id}")
}

/// The state column whose start value the input is, where it is one.
pub fn started_state(input: &Input) -> Option<&str> {
    input.id.strip_prefix(START).filter(|_| input.kind == InputKind::State)
}

/// The cells above the trace: hyperparameters, the width of the finite differences, the start.
fn inputs(definition: &Definition, model: &Model, setup: &Setup) -> Result<Vec<Input>> {
    let input = |kind, id: &str, symbol: &str, value, meaning: &str| Input {
        id: id.into(),
        symbol: symbol.into(),
        value,
        meaning: meaning.into(),
        kind,
        formula: None,
    };
    let training = &setup.training;
    let has_own_decay = definition.hyperparameter(OWN_DECAY).is_some();
    let own_decay = |name: &str| training.weight_decay.filter(|_| name == OWN_DECAY);
    let mut inputs: Vec<Input> = definition
        .hyper
        .iter()
        .map(|one| {
            let set = setup.hyper.get(&one.name).copied();
            let value = set.or_else(|| own_decay(&one.name)).unwrap_or(one.default);
            input(InputKind::Hyperparameter, &one.name, &one.symbol, value, &one.meaning)
        })
        .collect();
    inputs.extend(training.inputs(setup.samples, has_own_decay)?);
    let width = "how much is added to a weight to estimate a slope";
    inputs.push(input(InputKind::Width, "h", "h", DIFFERENCE_WIDTH, width));
    for (weight, value) in model.weights.iter().zip(&setup.start) {
        let meaning = format!("the weight {weight} before the first step");
        let symbol = format!("{weight}_0");
        inputs.push(input(InputKind::Start, &start_id(weight), &symbol, *value, &meaning));
    }
    for (id, state) in &setup.states {
        let symbol = format!("{id}_0");
        let (kind, start) = (InputKind::State, start_id(id));
        inputs.push(input(kind, &start, &symbol, state.value, &state.meaning));
    }
    if let Some(delta) = model.loss.delta {
        let meaning = "the error up to which Huber's loss is a square, a straight line beyond";
        inputs.push(input(InputKind::Loss, "delta", "δ", delta, meaning));
    }
    let count = "the number of samples";
    inputs.push(input(InputKind::Samples, "n", "n", setup.samples as f64, count));
    Ok(inputs)
}

/// An optimizer under the stamp: its formulas for one weight become columns for each.
struct Stamp<'a> {
    definition: &'a Definition,
    model: &'a Model,
    training: &'a Training,
    states: &'a BTreeMap<String, State>,
    /// The column that the name `loss` means, and what that column is made from.
    loss: (String, Vec<Draft>),
    epoch_steps: Expr<Name>,
}

impl<'a> Stamp<'a> {
    fn new(definition: &'a Definition, model: &'a Model, setup: &'a Setup) -> Result<Self> {
        let (training, states) = (&setup.training, &setup.states);
        let loss = training.loss_columns(model)?;
        let epoch_steps = training.epoch_steps()?;
        Ok(Stamp { definition, model, training, states, loss, epoch_steps })
    }

    /// All columns of the sheet, in their order.
    fn drafts(&self) -> Result<Vec<Draft>> {
        let (model, training) = (self.model, self.training);
        let mut drafts = training.index_columns()?;
        let (of_schedule, own): (Vec<_>, Vec<_>) =
            self.definition.columns.iter().partition(|one| training.is_of_schedule(&one.id));
        // A schedule goes by rows and updates, not by what an update makes.
        for column in of_schedule {
            drafts.push(Draft { group: Group::Index, ..self.shared(column) });
        }
        for draft in model.columns()? {
            drafts.push(match draft.group {
                Group::Weights => self.weight(draft)?,
                _ => draft,
            });
        }
        let loss = drafts.iter().position(|draft| draft.id == model.loss_id());
        let behind_loss = loss.map_or(drafts.len(), |loss| loss + 1);
        drafts.splice(behind_loss..behind_loss, training.penalty_columns(model)?);
        drafts.extend(training.gradient_columns(model)?);
        if self.uses("loss") {
            drafts.extend(self.loss.1.iter().cloned());
        }
        for column in own {
            let stamps = if column.shared { 1 } else { model.weights.len() };
            for weight in &model.weights[..stamps] {
                drafts.push(self.state(column, weight)?);
            }
        }
        for weight in &model.weights {
            drafts.push(self.update(weight)?);
        }
        if model.shows_gates {
            drafts.extend(model.gate_columns());
        }
        Ok(drafts)
    }

    /// The column with a weight that a row starts with.
    fn weight(&self, draft: Draft) -> Result<Draft> {
        let weight = draft.id.clone();
        self.training.handed_over(draft, &weight, &start_id(&weight))
    }

    /// Whether a formula of the definition uses the given name.
    fn uses(&self, id: &str) -> bool {
        let mut columns = self.definition.columns.iter().chain([&self.definition.update]);
        columns.any(|column| column.formula.has_name(|name| name.id == id))
    }

    /// A column that serves all weights.
    fn shared(&self, column: &ColumnDefinition) -> Draft {
        Draft { initial: column.start.clone(), ..self.column(column, "", Group::State, "") }
    }

    fn state(&self, column: &ColumnDefinition, weight: &str) -> Result<Draft> {
        let gradient = self.training.gradient(weight);
        let draft = Draft {
            id: column.id_for(weight),
            initial: self.start_of(column, weight),
            ..self.column(column, weight, Group::State, &gradient)
        };
        let kept = Name::above(draft.id.clone());
        self.training.held(draft, kept)
    }

    /// What a state column starts from.
    fn start_of(&self, column: &ColumnDefinition, weight: &str) -> Option<Expr<Name>> {
        let id = column.id_for(weight);
        match self.states.contains_key(&id) {
            true => Some(Expr::Name(Name::here(start_id(&id)))),
            false => column.start.clone(),
        }
    }

    /// The column with the gradient that the update's formula gets.
    fn gradient_of_update(&self, weight: &str) -> String {
        match self.training.penalizes_in_update(self.definition) {
            true => self.training.loss_gradient(weight),
            false => self.training.gradient(weight),
        }
    }

    fn update(&self, weight: &str) -> Result<Draft> {
        let gradient = self.gradient_of_update(weight);
        let update = self.column(&self.definition.update, weight, Group::Update, &gradient);
        let kept = Name::here(weight);
        let held = self.training.held(Draft { id: next_id(weight), ..update }, kept)?;
        Ok(Draft { initial: Some(Expr::Name(Name::here(start_id(weight)))), ..held })
    }

    /// The column for the weight `weight`, whose gradient is in the column `gradient`.
    fn column(
        &self,
        column: &ColumnDefinition,
        weight: &str,
        group: Group,
        gradient: &str,
    ) -> Draft {
        let text = |template: &str| template.replace("{w}", weight);
        let formula = self.stamped(&column.formula, weight, gradient);
        Draft {
            id: column.id.clone(),
            header: text(&column.header),
            symbol: text(&column.symbol),
            group,
            meaning: text(&column.meaning),
            formula,
            initial: None,
        }
    }

    /// A formula of the definition for the weight `weight`: names become those of its columns, and
    /// functions over all weights are written out.
    fn stamped(&self, formula: &Expr<Name>, weight: &str, gradient: &str) -> Expr<Name> {
        formula.map(&|part| match part {
            Expr::Name(name) => Some(self.meaning(name, weight, gradient)),
            Expr::Call(function, arguments) if function.is_over_weights() => {
                let each = self.model.weights.iter().map(|weight| {
                    self.stamped(&arguments[0], weight, &self.training.gradient(weight))
                });
                function.over_weights(each)
            }
            _ => None,
        })
    }

    /// What a name of the definition means for the weight `weight`.
    fn meaning(&self, name: &Name, weight: &str, gradient: &str) -> Expr<Name> {
        let state = self.definition.columns.iter().find(|column| column.id == name.id);
        let id = match (name.id.as_str(), state) {
            ("w", _) => weight.to_owned(),
            ("g", _) => gradient.to_owned(),
            ("t", _) => "step".to_owned(),
            ("loss", _) => self.loss.0.clone(),
            ("epoch_steps", _) => return self.epoch_steps.clone(),
            ("l2" | "weight_decay" | OWN_DECAY, None) if !self.training.decays(weight) => {
                return Expr::Number(0.0);
            }
            (_, Some(column)) => column.id_for(weight),
            (id, None) => id.to_owned(),
        };
        Expr::Name(Name { id, previous: name.previous })
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
