//! An L2 penalty and decoupled weight decay, which any optimizer can have: the same for plain
//! gradient descent, and for no optimizer that remembers or scales its gradients.

use super::definition::{Definition, Hyperparameter};
use super::interval::Interval;
use super::translation::{Agreement, Translation};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name, Operator, differentiate, parse};

/// A way to keep weights small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// The loss has a penalty on the squares of the weights: `g + lambda/n*w` in place of `g`.
    Penalty,
    /// Every step shrinks the weights: `lr*weight_decay*w` is taken off.
    Decoupled,
}

impl Decay {
    /// Both.
    pub const ALL: [Decay; 2] = [Decay::Penalty, Decay::Decoupled];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Decay::Penalty => "l2",
            Decay::Decoupled => "weight-decay",
        }
    }

    /// The hyperparameter that it adds.
    fn hyperparameter(self) -> Hyperparameter {
        let (name, symbol, default, meaning) = match self {
            Decay::Penalty => ("lambda", "λ", 0.1, "the strength of the L2 penalty"),
            Decay::Decoupled => {
                ("weight_decay", "λ", 0.01, "by which part of itself times lr a weight shrinks")
            }
        };
        Hyperparameter {
            name: name.into(),
            symbol: symbol.into(),
            default,
            range: Interval { low: (0.0, true), high: (f64::INFINITY, false) },
            meaning: meaning.into(),
            source: "an example".into(),
        }
    }
}

/// `definition` with the penalty or the decay on one side and the other of the two, `to`, on the
/// other side, and the way between them.
///
/// # Errors
/// A definition that has a hyperparameter of that name, or no learning rate.
pub fn decay_forms(
    definition: &Definition,
    to: Decay,
) -> Result<(Definition, Definition, Translation)> {
    let from = if to == Decay::Penalty { Decay::Decoupled } else { Decay::Penalty };
    let (source, target) = (with(definition, from)?, with(definition, to)?);
    let mut translation = Translation::identity(definition);
    let (name, setting) = match to {
        Decay::Penalty => ("lambda", "weight_decay*n"),
        Decay::Decoupled => ("weight_decay", "lambda/n"),
    };
    translation.settings.push((name.into(), formula(setting)?));
    let (agreement, note) = if is_plain(definition) {
        (
            Agreement::Exact,
            "The penalty adds lambda/n*w to the gradient and the step multiplies that with lr; the \
             decay takes lr*weight_decay*w off.",
        )
    } else {
        (
            Agreement::None,
            "What the penalty adds to the gradient is averaged, remembered or scaled with it; the \
             decay goes past all that.",
        )
    };
    translation.agreement = agreement;
    translation.notes.push(note.into());
    Ok((source, target, translation))
}

/// Whether a step is the learning rate times the gradient, and nothing else.
fn is_plain(definition: &Definition) -> bool {
    let slope = differentiate(&definition.update.formula, &|name: &Name| name.id == "g");
    definition.columns.is_empty() && slope.to_string() == "-lr"
}

fn with(definition: &Definition, decay: Decay) -> Result<Definition> {
    let own = decay.hyperparameter();
    let label = definition.label();
    let is_taken = |name: &str| {
        definition.hyperparameter(name).is_some()
            || definition.columns.iter().any(|column| column.id == name)
    };
    if ["decay", "lambda", "weight_decay"].into_iter().any(is_taken) {
        return Err(Error::new(format!("{label} has a decay of its own"))
            .help("take an optimizer that has none, such as sgd or adam"));
    }
    if !is_taken("lr") {
        return Err(Error::new(format!("{label} has no learning rate lr"))
            .help("decay is in proportion to it"));
    }
    let mut form = definition.clone();
    form.variant = Some(decay.name().into());
    form.hyper.push(own);
    match decay {
        Decay::Penalty => {
            let penalized = formula("g + lambda/n*w")?;
            let formulas = form.columns.iter_mut().map(|column| &mut column.formula);
            for one in formulas.chain([&mut form.update.formula]) {
                *one = one.map(&|part| match part {
                    Expr::Name(name) if *name == Name::here("g") => Some(penalized.clone()),
                    _ => None,
                });
            }
        }
        Decay::Decoupled => {
            let update = form.update.formula.clone();
            let shrinking = formula("lr*weight_decay*w")?;
            form.update.formula = update.binary(Operator::Subtract, shrinking);
        }
    }
    Ok(form)
}

/// A formula that the program itself has.
fn formula(text: &str) -> Result<Expr<Name>> {
    parse(text).map_err(|error| error.in_formula("formula", text))
}
