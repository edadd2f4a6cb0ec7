//! Slips that are no change of a single sign or name, and gradients by finite differences.

use super::change::{Changed, all_at_once, each_everywhere, everywhere};
use super::form::{FIXED_STEP, WIDTH};
use super::rewrite::{Context, Departure};
use crate::formula::{Expr, Operator};
use crate::sheet::{Group, Ref};

/// A correction that is the same at every step.
pub(super) const WITHOUT_POWER: &str = "has β itself where β to the power t belongs";

impl Context<'_> {
    /// The step counted wrong, a gradient with the other sign, an average with its factors
    /// exchanged, a column of the other weight.
    pub(super) fn other_slips(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        self.other_step(formula, found);
        self.negated(formula, found);
        self.weights_exchanged(formula, found);
        everywhere(formula, &|part| self.of_the_other(part), true, found);
        each_everywhere(formula, &|part| self.other_state(part), true, found);
    }

    /// A column of the other weight: `v_b` where `v_a` belongs; or y for x.
    fn of_the_other(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let (column, is_above) = match part {
            Expr::Name(Ref::Column(column)) => (*column, false),
            Expr::Name(Ref::Above(column)) => (*column, true),
            _ => return None,
        };
        let other = self.counterpart(column)?;
        let header = |column: usize| &self.form.sheet.columns[column].header;
        let text = format!("takes {} where {} belongs", header(other), header(column));
        let reference = if is_above { Ref::Above(other) } else { Ref::Column(other) };
        Some((Expr::Name(reference), text))
    }

    /// The same column of the other weight, for gradients and states; y for x.
    fn counterpart(&self, column: usize) -> Option<usize> {
        let sheet = &self.form.sheet;
        let id = &sheet.columns[column].id;
        if id == "x" {
            return sheet.column("y");
        }
        let [one, other] = sheet.weights.as_slice() else { return None };
        [(one, other), (other, one)].into_iter().find_map(|(one, other)| {
            if column == one.gradient {
                return Some(other.gradient);
            }
            let stem = id.strip_suffix(&format!("_{}", one.name))?;
            let is_state = sheet.columns[column].group == Group::State;
            sheet.column(&format!("{stem}_{}", other.name)).filter(|_| is_state)
        })
    }

    /// `β^t` with the step before or behind, with one number for all steps, or as no power.
    fn other_step(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        let sheet = &self.form.sheet;
        let Some(step) = sheet.column("step").map(|column| Expr::Name(Ref::Column(column))) else {
            return;
        };
        let by = |operator| step.clone().binary(operator, Expr::Number(1.0));
        let fixed = sheet.input(FIXED_STEP).map(|input| Expr::Name(Ref::Input(input)));
        let others = [
            (Operator::Power, Some(by(Operator::Subtract)), "counts one step too few"),
            (Operator::Power, Some(by(Operator::Add)), "counts one step too many"),
            (Operator::Power, Some(Expr::Number(1.0)), WITHOUT_POWER),
            (
                Operator::Multiply,
                Some(step.clone()),
                "has β times t where β to the power t belongs",
            ),
            (Operator::Power, fixed, "has a fixed number where the step's belongs"),
        ];
        for (operator, other, text) in others {
            let Some(other) = other else { continue };
            let exchanged = |part: &Expr<Ref>| match part {
                Expr::Binary(Operator::Power, base, exponent) if **exponent == step => {
                    let instead = base.as_ref().clone().binary(operator, other.clone());
                    Some((instead, text.to_owned()))
                }
                _ => None,
            };
            all_at_once(formula, &exchanged, true, found);
            everywhere(formula, &exchanged, true, found);
        }
    }

    /// Another thing that is computed of the same gradients: the squares where the average belongs, the
    /// gradient where the step does.
    fn other_state(&self, part: &Expr<Ref>) -> Vec<(Expr<Ref>, String)> {
        let sheet = &self.form.sheet;
        let Expr::Name(Ref::Column(column)) = part else { return Vec::new() };
        let is_state = |at: usize| sheet.columns[at].group == Group::State;
        let weight = |at: usize| sheet.columns[at].id.rsplit_once('_').map(|(_, weight)| weight);
        if !is_state(*column) || *column == self.column {
            return Vec::new();
        }
        let own = sheet.weights.iter().find(|one| weight(*column) == Some(&one.name));
        let gradient = own.map(|one| one.gradient);
        let is_other = |at: usize| {
            let is_of_weight = is_state(at) && weight(at) == weight(*column);
            // A moment in the place of what is made of it, its correction or its largest so far, is left as it is:
            // that is another way to write the optimizer.
            let is_made_of_it = self.is_made_of(*column, at);
            (is_of_weight && !is_made_of_it || gradient == Some(at))
                && ![*column, self.column].contains(&at)
        };
        let header = |at: usize| &sheet.columns[at].header;
        let others = (0..sheet.columns.len()).filter(|at| is_other(*at));
        let told = others.map(|other| {
            let text = format!("takes {} where {} belongs", header(other), header(*column));
            (Expr::Name(Ref::Column(other)), text)
        });
        told.collect()
    }

    /// Whether a column of a row is computed from another one of it, directly or through others.
    fn is_made_of(&self, column: usize, other: usize) -> bool {
        self.form.sheet.columns[column].formula.has_name(|name| match *name {
            Ref::Column(at) => at == other || self.is_made_of(at, other),
            _ => false,
        })
    }

    /// A gradient with the other sign.
    fn negated(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        if self.form.sheet.columns[self.column].group == Group::Gradient {
            let negated = Expr::Negate(Box::new(formula.clone()));
            let departure = Departure::choice("has the other sign".to_owned());
            found.push((negated, Departure { is_mistake: true, ..departure }));
        }
    }

    /// `β·X + (1 - β)·Y` as `(1 - β)·X + β·Y`, which is right where β is the small number.
    fn weights_exchanged(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        let Expr::Binary(Operator::Add, kept, added) = formula else { return };
        let (
            Expr::Binary(Operator::Multiply, decay, old),
            Expr::Binary(Operator::Multiply, rest, new),
        ) = (kept.as_ref(), added.as_ref())
        else {
            return;
        };
        let Expr::Name(Ref::Input(input)) = decay.as_ref() else { return };
        let one_minus = Expr::Number(1.0).binary(Operator::Subtract, decay.as_ref().clone());
        if **rest != one_minus {
            return;
        }
        let times = |left: &Expr<Ref>, right: &Expr<Ref>| {
            left.clone().binary(Operator::Multiply, right.clone())
        };
        let exchanged = times(rest, old).binary(Operator::Add, times(decay, new));
        let name = self.input(*input);
        let text = format!("weighs the old average with 1 - {name} and what is new with {name}");
        let departure = Departure::choice(text);
        let departure = Departure { is_mistake: true, right_if_small: Some(*input), ..departure };
        found.push((exchanged, departure));
    }

    /// The gradient as forward difference: of a squared error it is off by h, or h·x².
    pub(super) fn differences(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        let sheet = &self.form.sheet;
        let Some(width) = sheet.input(WIDTH).map(|input| Expr::Name(Ref::Input(input))) else {
            return;
        };
        let text = "takes the gradient from forward differences of width h";
        let off = |gradient: usize| -> Option<Expr<Ref>> {
            let x = Expr::Name(Ref::Column(sheet.column("x")?));
            let square = x.clone().binary(Operator::Power, Expr::Number(2.0));
            let has_x = sheet.columns[gradient].formula.has_name(|name| Expr::Name(*name) == x);
            Some(match has_x {
                true => width.clone().binary(Operator::Multiply, square),
                false => width.clone(),
            })
        };
        if sheet.columns[self.column].group == Group::Gradient {
            if let Some(off) = off(self.column) {
                let formula = formula.clone().binary(Operator::Add, off);
                found.push((formula, Departure::choice(text.to_owned())));
            }
            return;
        }
        let differing = |part: &Expr<Ref>| match part {
            Expr::Name(Ref::Column(gradient)) if self.is_gradient(part) => {
                Some((part.clone().binary(Operator::Add, off(*gradient)?), text.to_owned()))
            }
            _ => None,
        };
        all_at_once(formula, &differing, false, found);
    }
}
