//! What people choose to do with the bias correction of an average: leave it out, or correct with
//! another step.

use super::change::{Changed, everywhere};
use super::form::Form;
use super::rewrite::Context;
use crate::formula::{Expr, Operator};
use crate::sheet::Ref;

/// What it is called where a moment has no bias correction.
pub(super) fn uncorrected_words(form: &Form, raw: usize) -> String {
    format!("does not correct the bias of {}", form.sheet.columns[raw].header)
}

impl Context<'_> {
    /// The formula with other corrections.
    pub(super) fn other_corrections(&self, formula: &Expr<Ref>, found: &mut Vec<Changed>) {
        everywhere(formula, &|part| self.uncorrected(part), false, found);
        everywhere(formula, &|part| self.without_correction(part), false, found);
        everywhere(formula, &|part| self.corrected_with_own_step(part), false, found);
    }

    /// A moment with its bias correction as the moment itself.
    fn uncorrected(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Name(Ref::Column(other)) = part else { return None };
        let raw = self.form.corrects(*other)?;
        Some((Expr::Name(Ref::Column(raw)), uncorrected_words(self.form, raw)))
    }

    /// `X/(1 - β^t)` or `(1 - β^t)*X` within another formula as `X`.
    fn without_correction(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Binary(operator, left, right) = part else { return None };
        let is_moment = |part: &Expr<Ref>| matches!(part, Expr::Name(Ref::Column(_)));
        let rest = match operator {
            Operator::Multiply if self.is_correction(left) => right,
            Operator::Multiply | Operator::Divide if self.is_correction(right) => left,
            _ => return None,
        };
        let text = "does not correct the bias of the average";
        is_moment(rest).then(|| (rest.as_ref().clone(), text.to_owned()))
    }

    /// `1 - β^t`
    fn is_correction(&self, part: &Expr<Ref>) -> bool {
        let Expr::Binary(Operator::Subtract, one, power) = part else { return false };
        let is_step = |part: &Expr<Ref>| *part == Expr::Name(Ref::Column(self.form.sheet.row));
        let is_power = matches!(power.as_ref(), Expr::Binary(Operator::Power, _, t) if is_step(t));
        **one == Expr::Number(1.0) && is_power
    }

    /// `β^(t + 1)` as `β^t`: NAdam as S. Ruder's overview of 2016 has it.
    fn corrected_with_own_step(&self, part: &Expr<Ref>) -> Option<(Expr<Ref>, String)> {
        let Expr::Binary(Operator::Power, base, exponent) = part else { return None };
        let step = Expr::Name(Ref::Column(self.form.sheet.row));
        let next = step.clone().binary(Operator::Add, Expr::Number(1.0));
        (**exponent == next).then(|| {
            let text = "corrects the average that looks ahead with t, not t + 1 (Ruder's overview)";
            (base.as_ref().clone().binary(Operator::Power, step), text.to_owned())
        })
    }
}
