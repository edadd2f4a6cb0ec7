//! A model: a formula over weights and data columns, with its loss and the gradient that the
//! circuit of both gives.

use super::outputs::{Output, Predictions, without_target};
use super::{Circuit, Loss};
use crate::data::target;
use crate::error::{Error, Result};
use crate::formula::{Expr, Function, Name, Operator, ParseError, parse, simplify, written_parts};
use crate::sheet::ModelText;

/// Names that columns and inputs of every trace have; a model may not use them for a weight.
pub(crate) const TAKEN: [&str; 12] =
    ["y", "y_pred", "error", "loss", "err2", "step", "epoch", "sample", "t", "n", "h", "delta"];

/// A formula with more parts than this is far from fitting a cell, and to simplify and to write it
/// would take minutes.
const LARGEST: usize = 20_000;

/// A model with its loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What it predicts: at least one output.
    pub outputs: Vec<Output>,
    /// The data columns that it uses, in the order in which the formula names them.
    pub inputs: Vec<String>,
    /// The weights, in the order in which the formula names them.
    pub weights: Vec<String>,
    /// The loss of a prediction.
    pub loss: Loss,
    /// ∂e/∂w of each weight, over this row's columns.
    pub gradients: Vec<Expr<Name>>,
    /// Whether a trace has columns for every gate.
    pub shows_gates: bool,
}

impl Model {
    /// The line `a*x + b` with the squared error e = (ax + b − y)², so that
    /// ∂e/∂a = 2x(ax + b − y) and ∂e/∂b = 2(ax + b − y).
    ///
    /// # Errors
    /// None: the formulas are constants that a test reads.
    pub fn line() -> Result<Self> {
        Model::new(formula("a*x + b")?, Loss::squared()?, &["x"])
    }

    /// Reads the formula of a model, and says which names it has, in the order of first use. Several
    /// outputs stand with `;` between them: `a*x + b; c*x + d`, or `y1 = a*x + b; y2 = c*x + d`.
    ///
    /// # Errors
    /// A formula that does not parse, uses `prev.`, or predicts y from y.
    pub fn read(text: &str) -> Result<(Predictions, Vec<String>)> {
        let parts: Vec<&str> = text.split(';').collect();
        let formulas = parts.iter().enumerate().map(|(at, part)| {
            let text = without_target(part, &target(at, parts.len()));
            parse(text).map_err(|error| error.in_formula("--model", text))
        });
        let formulas = Predictions(formulas.collect::<Result<_>>()?);
        let outputs = formulas.clone().into_outputs();
        let mut names: Vec<String> = Vec::new();
        for name in formulas.0.iter().flat_map(Expr::names) {
            if let Some(error) = refusal(name, &outputs) {
                return Err(error.in_argument(argument(text)));
            }
            if !names.contains(&name.id) {
                names.push(name.id.clone());
            }
        }
        Ok((formulas, names))
    }

    /// The model with the given formulas; of their names those in `data` are data columns, the
    /// others weights.
    ///
    /// # Errors
    /// A formula without a weight or a data column, with a function's name for a weight, or too
    /// large.
    pub fn new(formulas: impl Into<Predictions>, loss: Loss, data: &[&str]) -> Result<Self> {
        let model = Model::of(formulas, loss, data)?;
        if !model.inputs.is_empty() {
            return Ok(model);
        }
        Err(Error::new(format!("the model {} has no data column", model.written()))
            .in_argument(argument(&model.written()))
            .help(
                "name a column by its header, such as x in a*x + b; all headers stand in one row \
                 with that of y",
            ))
    }

    /// The same where there need be no data column: a function of the weights alone.
    ///
    /// # Errors
    /// Those of [`Model::new`], but for that.
    pub fn of(formulas: impl Into<Predictions>, loss: Loss, data: &[&str]) -> Result<Self> {
        let formulas = formulas.into();
        let mut inputs: Vec<String> = Vec::new();
        let mut weights: Vec<String> = Vec::new();
        for name in formulas.0.iter().flat_map(Expr::names) {
            let list = if data.contains(&name.id.as_str()) { &mut inputs } else { &mut weights };
            if !list.contains(&name.id) {
                list.push(name.id.clone());
            }
        }
        let written = formulas.to_string();
        let place = argument(&written);
        if let Some(name) = weights.iter().find(|name| is_word(name)) {
            return Err(Error::new(format!("`{name}` is a function, not a weight"))
                .in_argument(place)
                .help(format!("write {name}(...), or call the weight something else")));
        }
        let missing = |what: &str, help: &str| {
            Err(Error::new(format!("the model {written} has no {what}"))
                .in_argument(place)
                .help(help))
        };
        if weights.is_empty() {
            return missing("weight", "a name that is no data column is a weight: a*x + b has two");
        }
        let outputs = formulas.into_outputs();
        let gradients = Vec::new();
        let mut model = Model { outputs, inputs, weights, loss, gradients, shows_gates: false };
        model.gradients = model.gradients()?;
        Ok(model)
    }

    /// Whether formulas have `name` for something else than a weight or a column: a function, `if`,
    /// `prev`.
    pub fn has_word(name: &str) -> bool {
        is_word(name)
    }

    /// The names of the data columns in the order in which `Ref::Data` counts them: what is
    /// predicted is last.
    pub fn data(&self) -> Vec<&str> {
        let targets = self.outputs.iter().map(|output| output.target.as_str());
        self.inputs.iter().map(String::as_str).chain(targets).collect()
    }

    /// Its formulas, one for each output.
    pub fn predictions(&self) -> Predictions {
        Predictions(self.outputs.iter().map(|output| output.formula.clone()).collect())
    }

    /// The model as `--model` has it.
    pub fn written(&self) -> String {
        self.predictions().to_string()
    }

    /// The loss of one sample over weights, data columns and the loss's parameters: the sum of those
    /// of the outputs.
    pub fn loss_of_sample(&self) -> Expr<Name> {
        self.loss_with(&|output| output.formula.clone())
    }

    /// The same over the columns of predictions and errors.
    pub fn loss_of_predictions(&self) -> Expr<Name> {
        if let [_] = self.outputs.as_slice() {
            return self.loss.formula.clone();
        }
        self.loss_with(&|output| Name::here(&output.prediction).into())
    }

    /// The loss of one sample with what `prediction` gives for each output.
    pub(super) fn loss_with(&self, prediction: &dyn Fn(&Output) -> Expr<Name>) -> Expr<Name> {
        let losses = self.outputs.iter().map(|one| self.loss.of(&prediction(one), &one.target));
        let sum = losses.reduce(|sum, loss| sum.binary(Operator::Add, loss));
        sum.unwrap_or(Expr::Number(0.0))
    }

    /// The model in words.
    pub fn text(&self) -> ModelText {
        ModelText {
            prediction: self.written(),
            equation: self.predictions().equation(),
            loss: self.loss.text.clone(),
            loss_of_sample: self.loss_of_sample(),
            is_squared: self.loss.is_squared(),
            is_line: self.is_line(),
        }
    }

    /// Whether this is weight·input + weight with the squared error.
    fn is_line(&self) -> bool {
        let [slope, intercept] = self.weights.as_slice() else { return false };
        let name = |id: &str| Expr::Name(Name::here(id));
        let Some(input) = self.inputs.first() else { return false };
        let [output] = self.outputs.as_slice() else { return false };
        let product = name(slope).binary(Operator::Multiply, name(input));
        let line = product.binary(Operator::Add, name(intercept));
        self.loss.is_squared() && output.formula == line
    }

    /// ∂e/∂w of each weight by the chain rule: back through the loss to each prediction, then
    /// through the model; what comes on several ways is added up.
    fn gradients(&self) -> Result<Vec<Expr<Name>>> {
        let weights: Vec<Name> = self.weights.iter().map(Name::here).collect();
        let mut sums: Vec<Option<Expr<Name>>> = vec![None; weights.len()];
        for output in &self.outputs {
            let prediction = Name::here(&output.prediction);
            let loss = self.loss.of(&prediction.clone().into(), &output.target);
            let slope = Circuit::new(&loss).derivative(&prediction);
            let circuit = Circuit::new(&output.formula);
            self.check_size(
                written_parts(&output.formula).max(circuit.largest_derivative(&weights)),
            )?;
            for (sum, way) in sums.iter_mut().zip(circuit.derivatives(&weights)) {
                let share = simplify(&slope.clone().binary(Operator::Multiply, way));
                if share == Expr::Number(0.0) {
                    continue;
                }
                *sum = Some(match sum.take() {
                    Some(sum) => sum.binary(Operator::Add, share),
                    None => share,
                });
            }
        }
        let gradient = |sum: Option<_>| self.with_columns(&sum.unwrap_or(Expr::Number(0.0)));
        let gradients: Vec<Expr<Name>> = sums.into_iter().map(gradient).collect();
        self.check_size(gradients.iter().map(written_parts).max().unwrap_or(0))?;
        Ok(gradients)
    }

    /// Refuses a model of which a formula has so many parts that no cell has room for it.
    fn check_size(&self, parts: usize) -> Result<()> {
        if parts <= LARGEST {
            return Ok(());
        }
        Err(Error::new("the model is too large to be written out in cells")
            .in_argument(argument(&self.written()))
            .help("take a model with fewer or less nested parts"))
    }

    /// `expr` with the parts that columns hold already named after them: errors and predictions.
    fn with_columns(&self, expr: &Expr<Name>) -> Expr<Name> {
        let columns = self.outputs.iter().map(|output| {
            let prediction: Expr<Name> = Name::here(&output.prediction).into();
            let target = Name::here(&output.target).into();
            let error = prediction.clone().binary(Operator::Subtract, target);
            [
                (error, Name::here(&output.error)),
                (output.formula.clone(), Name::here(&output.prediction)),
            ]
        });
        let columns: Vec<(Expr<Name>, Name)> = columns.flatten().collect();
        let named = expr.map(&|part| {
            let column = columns.iter().find(|(formula, _)| formula == part);
            column.map(|(_, name)| name.clone().into())
        });
        simplify(&named)
    }
}

/// Why a model cannot use `name`, where it cannot.
fn refusal(name: &Name, outputs: &[Output]) -> Option<Error> {
    if name.previous {
        return Some(
            Error::new(format!("a model cannot look at the row above, as `{name}` does"))
                .help("prev. is for what an optimizer remembers; a model is about one sample"),
        );
    }
    if let Some(output) = outputs.iter().filter(|_| outputs.len() > 1).find(|one| one.has(name)) {
        let what = format!("a model cannot use the name `{name}`");
        let told = match output.target == name.id {
            true => format!("{name} is what it predicts"),
            false => format!("a column of the output {} is called so", output.target),
        };
        return Some(Error::new(what).help(format!("{told}: call the weight something else")));
    }
    TAKEN.contains(&name.id.as_str()).then(|| {
        Error::new(format!("a model cannot use the name `{name}`")).help(format!(
            "these names have a meaning of their own: {}; a column that is called so can be \
             chosen with --x",
            TAKEN.join(", ")
        ))
    })
}

/// Whether formulas have the name for something else: a function, `if`, `prev`.
fn is_word(name: &str) -> bool {
    ["if", "prev"].contains(&name)
        || Function::find(name).is_some_and(|function| !function.is_over_weights())
}

/// The argument that gives the model, as a shell takes it.
pub fn argument(formula: &str) -> String {
    format!("--model \"{formula}\"")
}

/// A formula that the program itself has.
pub(super) fn formula(text: &str) -> Result<Expr<Name>> {
    parse(text).map_err(|error: ParseError| error.in_formula("formula", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradients(model: &str, loss: &str, data: &[&str]) -> Vec<String> {
        let (formula, _) = Model::read(model).unwrap();
        let model = Model::new(formula, Loss::read(loss).unwrap(), data).unwrap();
        model.gradients.iter().map(Expr::to_string).collect()
    }

    #[test]
    fn gradients_come_from_the_circuit() {
        assert_eq!(gradients("a*x + b", "squared", &["x"]), ["2*x*error", "2*error"]);
        assert_eq!(gradients("a*x + b", "half-squared", &["x"]), ["x*error", "error"]);
        assert_eq!(gradients("a*x + b", "absolute", &["x"]), ["x*sign(error)", "sign(error)"]);
        assert_eq!(
            gradients("a*x1 + c*x2 + b", "squared", &["x1", "x2"]),
            ["2*x1*error", "2*x2*error", "2*error"]
        );
        assert_eq!(
            gradients("a*x + b", "huber:2", &["x"])[1],
            "if(abs(error) <= delta, error, delta*sign(error))"
        );
        assert_eq!(
            gradients("sigmoid(a*x + b)", "log", &["x"])[1],
            "y_pred*(1 - y_pred)*if(y > 0.5, -1/y_pred, 1/(1 - y_pred))"
        );
        assert_eq!(
            gradients("sigmoid(a*x + b)", "squared", &["x"])[1],
            "2*y_pred*error*(1 - y_pred)"
        );
    }

    #[test]
    fn weights_are_what_is_no_data_column() {
        let (formula, names) = Model::read("c*relu(a*x + b) + d").unwrap();
        assert_eq!(names, ["c", "a", "x", "b", "d"]);
        let model = Model::new(formula, Loss::squared().unwrap(), &["x"]).unwrap();
        assert_eq!(model.weights, ["c", "a", "b", "d"]);
        assert_eq!(model.inputs, ["x"]);
    }

    #[test]
    fn models_that_cannot_be_trained_are_explained() {
        assert_eq!(
            Model::read("a*y + b").unwrap_err().to_string(),
            "a model cannot use the name `y`\n  --> --model \"a*y + b\"\n  help: these names have a \
             meaning of their own: y, y_pred, error, loss, err2, step, epoch, sample, t, n, h, \
             delta; a column that is called so can be chosen with --x"
        );
        assert_eq!(
            Model::read("prev.a*x").unwrap_err().to_string(),
            "a model cannot look at the row above, as `prev.a` does\n  --> --model \"prev.a*x\"\n  \
             help: prev. is for what an optimizer remembers; a model is about one sample"
        );
        let new = |text: &str, data: &[&str]| {
            let (formula, _) = Model::read(text).unwrap();
            Model::new(formula, Loss::squared().unwrap(), data).unwrap_err().to_string()
        };
        assert_eq!(
            new("relu*x", &["x"]),
            "`relu` is a function, not a weight\n  --> --model \"relu*x\"\n  \
             help: write relu(...), or call the weight something else"
        );
        let deep = format!("{}a*x{}", "softplus(".repeat(40), ")".repeat(40));
        assert!(
            new(&deep, &["x"]).starts_with("the model is too large to be written out in cells")
        );
        assert!(new("2*x", &["x"]).starts_with("the model 2*x has no weight"));
        assert!(new("a*z", &["x"]).starts_with("the model a*z has no data column"));
    }
}
