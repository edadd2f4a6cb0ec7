//! The largest stable learning rates, and what they say about those of a run.
//!
//! A step on the mean loss (full batch) sees the Hessian's largest eigenvalue, a step on one
//! sample that sample's own curvature; the steepest sample sets the limit. An optimizer's
//! definition says what its limit is for a given curvature.

use super::{Derivatives, Spectrum, Working};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name};
use crate::trace::{Results, Run};
use crate::value::Value;

/// The limits, as places in a [`Working`].
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// 2/λ for the mean loss.
    pub full_batch: usize,
    /// For steps on one sample; `None` where the formula of a sample's curvature would be too long.
    pub sample: Option<Steepest>,
    /// Each run's.
    pub runs: Vec<Limit>,
}

/// The sample whose loss curves most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steepest {
    /// Its curvature.
    pub curvature: usize,
    /// Its number, counted from 1.
    pub number: usize,
    /// 2/curvature.
    pub limit: usize,
}

/// A run's learning rate and its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The learning rate, where there is one.
    pub lr: Option<usize>,
    /// The limit on the mean loss, where the definition has one.
    pub full_batch: Option<usize>,
    /// The limit on the steepest sample, where the definition has one.
    pub sample: Option<usize>,
    /// What is said where there is no limit.
    pub otherwise: Verdict,
}

/// What is said about a learning rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no curvature to limit it.
    Flat,
    /// Below both limits.
    Stable,
    /// Between the limits.
    TooLargeForASample,
    /// Above both limits.
    Unstable,
    /// The optimizer has no such limit.
    NoLimit,
    /// Nothing is known: the theorem behind the limit does not hold for the way to train, or the
    /// optimizer is the user's own and says none.
    Unknown,
}

impl Verdict {
    /// In plain words.
    pub fn text(self) -> &'static str {
        match self {
            Verdict::Flat => "the loss does not curve upwards here: no limit",
            Verdict::Stable => "below both limits: stable",
            Verdict::TooLargeForASample => "too large for the steepest sample",
            Verdict::Unstable => "above both limits: expect it to diverge",
            Verdict::NoLimit => "divides by the gradient's size: no such limit",
            Verdict::Unknown => "no limit is known for this way to train",
        }
    }
}

impl Limits {
    /// The limits of all runs.
    ///
    /// # Errors
    /// None: the formulas are constants that a test reads, and those of definitions are checked.
    pub fn of(
        working: &mut Working,
        results: &Results,
        derivatives: &Derivatives,
        point: &[usize],
        spectrum: &Spectrum,
    ) -> Result<Self> {
        let largest = spectrum.largest;
        let full_batch = working.formula("2/curvature", &[("curvature", largest)])?;
        let sample = match super::is_too_long(&derivatives.curvature) {
            true => None,
            false => {
                let (curvature, number) = working.largest(&derivatives.curvature, point);
                let limit = working.formula("2/curvature", &[("curvature", curvature)])?;
                Some(Steepest { curvature, number, limit })
            }
        };
        let mut runs = Vec::new();
        for (index, run) in results.runs.iter().enumerate() {
            let lr = run.sheet.input("lr").map(|lr| working.input(index, &run.sheet, lr));
            let full_batch = bound(working, index, run, largest)?;
            let steepest = sample.map(|steepest| bound(working, index, run, steepest.curvature));
            let sample = steepest.transpose()?.flatten();
            runs.push(Limit { lr, full_batch, sample, otherwise: without_limit(run) });
        }
        Ok(Limits { full_batch, sample, runs })
    }
}

/// The largest stable learning rate of a run for the curvature at the place `curvature`.
fn bound(
    working: &mut Working,
    index: usize,
    run: &Run,
    curvature: usize,
) -> Result<Option<usize>> {
    let Some(formula) = &run.definition.largest_lr else { return Ok(None) };
    let tree = formula.substitute(&mut |name: &Name| match run.sheet.input(&name.id) {
        Some(input) => Ok(Expr::Name(working.input(index, &run.sheet, input))),
        None if name.id == "curvature" => Ok(Expr::Name(curvature)),
        None => Err(Error::new(format!("largest_lr uses `{name}`, which nothing defines"))),
    })?;
    Ok(Some(working.tree(tree)))
}

/// What is said of a run without a limit: the built-in optimizers that have none divide by the
/// gradient's size.
fn without_limit(run: &Run) -> Verdict {
    match crate::optimizer::find(&run.definition.label()) {
        Ok(plain) if plain.largest_lr.is_none() => Verdict::NoLimit,
        _ => Verdict::Unknown,
    }
}

impl Limit {
    /// What is said about the learning rate, given the curvatures of the mean loss and of the
    /// steepest sample; `None` where one of the numbers is an error.
    pub fn verdict(&self, value: impl Fn(usize) -> Value, curvature: usize) -> Option<Verdict> {
        let (Some(lr), Some(full_batch)) = (self.lr, self.full_batch) else {
            return Some(self.otherwise);
        };
        let curvature = value(curvature).get().ok()?;
        if curvature <= 0.0 {
            return Some(Verdict::Flat);
        }
        let lr = value(lr).get().ok()?;
        if lr >= value(full_batch).get().ok()? {
            return Some(Verdict::Unstable);
        }
        match self.sample {
            Some(sample) if lr >= value(sample).get().ok()? => Some(Verdict::TooLargeForASample),
            _ => Some(Verdict::Stable),
        }
    }
}
