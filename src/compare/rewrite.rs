//! What people write otherwise, or wrong: each a small change of a formula, with its name.

use super::change::{Change, Changed, all_at_once, everywhere};
use super::form::{ADDED_EPS, CLIP, Form};
use crate::formula::{Expr, Function, Operator};
use crate::sheet::{Group, InputKind, Ref};

/// How a formula departs from the form's own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Departure {
    /// What is done otherwise, as a phrase: `uses S_b of the row above`.
    pub text: String,
    /// Whether it is a slip rather than a choice that somebody may make.
    pub is_mistake: bool,
    /// Whether the text is what a known variant says of itself, not a phrase.
    pub is_note: bool,
    /// The input below one half of which the slip is no slip.
    pub right_if_small: Option<usize>,
}

impl Departure {
    /// What is done otherwise by choice.
    pub fn choice(text: String) -> Self {
        Departure { text, is_mistake: false, is_note: false, right_if_small: None }
    }
}

/// The gradient of half the squared error.
pub(super) const WITHOUT_FACTOR: &str = "leaves the factor 2 out of the gradient";

const WITH_HALF: &str = "has the factor 1/2 instead of 2 in the gradient";
const WITH_COUNT: &str = "divides each gradient by the number of samples";

/// Whether a departure is another factor of the gradient.
pub(super) fn is_factor(text: &str) -> bool {
    [WITHOUT_FACTOR, WITH_HALF, WITH_COUNT].contains(&text)
}

/// A formula with the departures that it has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rewritten {
    /// The formula.
    pub formula: Expr<Ref>,
    /// The formula with what was chosen, but without slips.
    pub right: Expr<Ref>,
    /// How it departs.
    pub departures: Vec<Departure>,
}

impl Rewritten {
    /// The formula as the form has it.
    pub fn original(formula: Expr<Ref>) -> Self {
        Rewritten { right: formula.clone(), formula, departures: Vec::new() }
    }

    /// Whether one of the departures is a slip.
    pub fn has_slip(&self) -> bool {
        self.departures.iter().any(|departure| departure.is_mistake)
    }

    /// All formulas that are one change away from this one, which stands in `column` of the form.
    /// What was slipped cannot be chosen any more.
    pub fn next(&self, form: &Form, column: usize) -> Vec<Rewritten> {
        let context = Context { form, column };
        let mut changes = Vec::new();
        if !self.has_slip() {
            context.choices(&self.formula, &mut changes);
        }
        context.slips(&self.formula, &mut changes);
        changes.retain(|(formula, departure)| {
            *formula != self.formula && !self.departures.contains(departure)
        });
        let with = |(formula, departure): (Expr<Ref>, Departure)| {
            let right = if departure.is_mistake { &self.right } else { &formula }.clone();
            let departures = self.departures.iter().cloned().chain([departure]).collect();
            Rewritten { formula, right, departures }
        };
        changes.into_iter().map(with).collect()
    }
}

/// What a part of a column's formula becomes where the weights decay, and what that is called.
pub(super) fn decayed(form: &Form, column: usize, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
    Context { form, column }.decayed(part)
}

pub(super) struct Context<'a> {
    pub(super) form: &'a Form<'a>,
    pub(super) column: usize,
}

impl Context<'_> {
    /// What somebody may choose.
    fn choices(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        let mut add = |change: Change| everywhere(formula, change, false, found);
        add(&|part| self.without_average_factor(part));
        add(&|part| self.lagged(part));
        add(&|part| self.eps_moved(part));
        add(&|part| self.eps_added(part));
        add(&|part| self.rate_moved(part));
        add(&|part| self.decayed(part));
        add(&|part| self.clipped(part));
        self.other_corrections(formula, found);
        self.scaled_gradient(formula, found);
        self.differences(formula, found);
    }

    /// What is a slip.
    fn slips(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        let mut add = |change: Change| everywhere(formula, change, true, found);
        add(&|part| flipped(part));
        add(&|part| self.exchanged(part));
        add(&|part| self.one_after_the_other(part));
        add(&|part| without_root(part));
        add(&|part| without_square(part));
        add(&|part| without_size(part));
        add(&|part| self.without_x(part));
        self.exchanged_everywhere(formula, found);
        self.other_slips(formula, found);
    }

    fn header(&self, column: usize) -> &str {
        &self.form.sheet.columns[column].header
    }

    pub(super) fn input(&self, input: usize) -> &str {
        &self.form.sheet.inputs[input].id
    }

    fn is_hyperparameter(&self, input: usize) -> bool {
        self.form.sheet.inputs[input].kind == InputKind::Hyperparameter
    }

    /// `(1 - β)·X` as `X`.
    fn without_average_factor(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Binary(Operator::Multiply, factor, rest) = part else { return None };
        let Expr::Binary(Operator::Subtract, one, kept) = factor.as_ref() else { return None };
        match (one.as_ref(), kept.as_ref()) {
            (Expr::Number(1.0), Expr::Name(Ref::Input(input))) => {
                let name = self.input(*input);
                let text = format!(
                    "adds the gradient up without the factor 1 - {name} (heavy ball, no average)"
                );
                Some((rest.as_ref().clone(), text))
            }
            _ => None,
        }
    }

    /// A moment of this row as that of the row above.
    fn lagged(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Name(Ref::Column(other)) = part else { return None };
        // The step that is behind by one is a slip, and told as such.
        let is_state = self.form.remembers(*other) && *other != self.form.sheet.row;
        (is_state && *other != self.column).then(|| {
            let text = format!("uses {} of the row above", self.header(*other));
            (Expr::Name(Ref::Above(*other)), text)
        })
    }

    /// `√X + ε` as `√(X + ε)`, and the reverse.
    fn eps_moved(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        match part {
            Expr::Binary(Operator::Add, root, eps) => {
                let Expr::Call(function, arguments) = root.as_ref() else { return None };
                let Expr::Name(Ref::Input(_)) = eps.as_ref() else { return None };
                let [inner] = arguments.as_slice() else { return None };
                let moved = inner.clone().binary(Operator::Add, eps.as_ref().clone());
                let is_root = function.name == "sqrt";
                is_root.then(|| {
                    (Expr::Call(function, vec![moved]), "adds ε inside the root".to_owned())
                })
            }
            Expr::Call(function, arguments) if function.name == "sqrt" => {
                let [Expr::Binary(Operator::Add, inner, eps)] = arguments.as_slice() else {
                    return None;
                };
                let Expr::Name(Ref::Input(_)) = eps.as_ref() else { return None };
                let root = Expr::Call(function, vec![inner.as_ref().clone()]);
                let moved = root.binary(Operator::Add, eps.as_ref().clone());
                Some((moved, "adds ε outside of the root".to_owned()))
            }
            _ => None,
        }
    }

    /// `√X` as `√X + ε`.
    fn eps_added(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Call(function, _) = part else { return None };
        let eps = Expr::Name(Ref::Input(self.form.sheet.input(ADDED_EPS)?));
        let added = part.clone().binary(Operator::Add, eps);
        (function.name == "sqrt").then(|| (added, "adds an ε to the root".to_owned()))
    }

    /// The learning rate inside the velocity: `lr·g` there, no `lr·` in the update.
    fn rate_moved(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let rate = self.form.sheet.input("lr")?;
        let text = "has the learning rate inside the velocity";
        if self.form.remembers(self.column) && self.is_gradient(part) {
            let scaled = Expr::Name(Ref::Input(rate)).binary(Operator::Multiply, part.clone());
            return Some((scaled, text.to_owned()));
        }
        match part {
            Expr::Binary(Operator::Multiply, left, right)
                if **left == Expr::Name(Ref::Input(rate)) && self.is_update() =>
            {
                Some((right.as_ref().clone(), text.to_owned()))
            }
            _ => None,
        }
    }

    /// A penalty in the gradient, or a decay of the weight.
    fn decayed(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let sheet = &self.form.sheet;
        let input = |id: &str| sheet.input(id).map(|input| Expr::Name(Ref::Input(input)));
        let weight = sheet.weights.iter().find(|weight| self.serves(weight.gradient))?;
        let current = Expr::Name(Ref::Column(weight.current));
        // Without memory the two are the same.
        let remembers = (0..sheet.columns.len())
            .any(|at| self.form.remembers(at) && sheet.columns[at].group == Group::State);
        if *part == current && self.is_update() && remembers {
            let lambda = input("lr")?.binary(Operator::Multiply, input("weight_decay")?);
            let kept = Expr::Number(1.0).binary(Operator::Subtract, lambda);
            let text = "lets the weight decay by lr·λ·w beside the step (decoupled)";
            return Some((part.clone().binary(Operator::Multiply, kept), text.to_owned()));
        }
        if *part == Expr::Name(Ref::Column(weight.gradient)) {
            let penalty = input("l2")?.binary(Operator::Multiply, current);
            let text = "adds an L2 penalty λ·w to the gradient";
            return Some((part.clone().binary(Operator::Add, penalty), text.to_owned()));
        }
        None
    }

    /// A gradient that is not allowed to be large.
    fn clipped(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let largest = Expr::Name(Ref::Input(self.form.sheet.input(CLIP)?));
        let call = |name: &str, other: Expr<Ref>, part: Expr<Ref>| {
            Some(Expr::Call(Function::find(name)?, vec![other, part]))
        };
        let below = call("min", largest.clone(), part.clone())?;
        let clipped = call("max", Expr::Negate(Box::new(largest)), below)?;
        self.is_gradient(part).then(|| (clipped, "clips the gradient to ±clip".to_owned()))
    }

    /// The gradient of another loss: ½·e, 1/n·e.
    fn scaled_gradient(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        let samples = self.form.sheet.input_of(InputKind::Samples);
        let factors = [
            (Expr::Number(0.5), WITHOUT_FACTOR),
            (Expr::Number(0.25), WITH_HALF),
            (
                Expr::Number(1.0).binary(Operator::Divide, Expr::Name(Ref::Input(samples))),
                WITH_COUNT,
            ),
        ];
        for (factor, text) in factors {
            let scaled = |part: &Expr<Ref>| {
                let whole = part.clone().binary(Operator::Multiply, factor.clone());
                self.is_gradient(part).then(|| (whole, text.to_owned()))
            };
            if self.form.sheet.columns[self.column].group == Group::Gradient {
                let formula = formula.clone().binary(Operator::Multiply, factor.clone());
                found.push((formula, Departure::choice(text.to_owned())));
            } else {
                all_at_once(formula, &scaled, false, found);
            }
        }
    }

    /// Another decay in the place of this one.
    fn exchanged(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Name(Ref::Input(input)) = part else { return None };
        let other = self.other_decay(*input)?;
        let text = format!("has {} where {} belongs", self.input(other), self.input(*input));
        Some((Expr::Name(Ref::Input(other)), text))
    }

    /// Another decay in all places of this one.
    fn exchanged_everywhere(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        all_at_once(formula, &|part| self.exchanged(part), true, found);
    }

    /// β2 for β1 and the reverse.
    fn other_decay(&self, input: usize) -> Option<usize> {
        let other = match self.input(input) {
            "beta1" => "beta2",
            "beta2" => "beta1",
            _ => return None,
        };
        let other = self.form.sheet.input(other)?;
        (self.is_hyperparameter(input) && self.is_hyperparameter(other)).then_some(other)
    }

    /// The other weight as it is after its update.
    fn one_after_the_other(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Name(Ref::Column(column)) = part else { return None };
        let weights = &self.form.sheet.weights;
        let own = weights.iter().find(|weight| weight.gradient == self.column)?;
        let other = weights.iter().find(|one| one.current == *column && one.name != own.name)?;
        let text = format!(
            "uses {} where {} belongs: the weights are updated one after the other",
            self.header(other.next),
            self.header(other.current)
        );
        Some((Expr::Name(Ref::Column(other.next)), text))
    }

    /// A product with x as its other factor.
    fn without_x(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Binary(Operator::Multiply, left, right) = part else { return None };
        let x = Expr::Name(Ref::Column(self.form.sheet.column("x")?));
        let rest = match (**left == x, **right == x) {
            (true, _) => right,
            (_, true) => left,
            _ => return None,
        };
        Some((rest.as_ref().clone(), "leaves the factor x out".to_owned()))
    }

    pub(super) fn is_gradient(&self, part: &Expr<Ref>) -> bool {
        let is = |column: &usize| self.form.sheet.columns[*column].group == Group::Gradient;
        matches!(part, Expr::Name(Ref::Column(column)) if is(column))
    }

    fn is_update(&self) -> bool {
        self.form.sheet.columns[self.column].group == Group::Update
    }

    /// Whether the column belongs to the weight whose gradient is in the column `gradient`.
    fn serves(&self, gradient: usize) -> bool {
        let sheet = &self.form.sheet;
        let weight = sheet.weights.iter().find(|weight| weight.gradient == gradient);
        weight.is_some_and(|weight| {
            weight.next == self.column
                || sheet.columns[self.column].id.ends_with(&format!("_{}", weight.name))
        })
    }
}

/// `+` as `-` and the reverse.
fn flipped(part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
    let Expr::Binary(operator, left, right) = part else { return None };
    if **left == Expr::Number(1.0) {
        return None;
    }
    let (other, text) = match operator {
        Operator::Add => (Operator::Subtract, "subtracts where it should add"),
        Operator::Subtract => (Operator::Add, "adds where it should subtract"),
        Operator::Multiply | Operator::Divide | Operator::Power => return None,
    };
    Some((left.as_ref().clone().binary(other, right.as_ref().clone()), text.to_owned()))
}

fn without_root(part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
    match part {
        Expr::Call(function, arguments) if function.name == "sqrt" => {
            Some((arguments.first()?.clone(), "takes no square root".to_owned()))
        }
        _ => None,
    }
}

fn without_size(part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
    match part {
        Expr::Call(function, arguments) if function.name == "abs" => {
            Some((arguments.first()?.clone(), "takes no absolute value".to_owned()))
        }
        _ => None,
    }
}

fn without_square(part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
    match part {
        Expr::Binary(Operator::Power, base, exponent) if **exponent == Expr::Number(2.0) => {
            Some((base.as_ref().clone(), "does not square".to_owned()))
        }
        _ => None,
    }
}
