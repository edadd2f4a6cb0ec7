//! A loss that the sheet does not compute, inferred from its gradients.
//!
//! Gradients of a sum of squares are made of residuals, what is predicted less what was measured;
//! each times the derivative of the prediction. So the residuals in a gradient say which loss it
//! should be of; with a sigmoid's output in them, and without its slope, it is the cross-entropy.

mod term;

use std::collections::HashSet;

use super::case::Case;
use super::check::agrees;
use super::describe;
use super::elements::{is_scalar, written_out};
use super::iterations::Tag;
use super::terms::{Part, cells_in, only_cell, sum, terms};
use crate::formula::{Expr, Function, Operator};
use crate::graph::{CellExpr, CellId, Graph, Node, Tree, Values};

/// So deep are residuals looked for behind each other.
const DEEPEST: usize = 12;

/// What a loss is of its residuals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A sum of squares.
    Squares,
    /// The cross-entropy of sigmoids.
    CrossEntropy,
    /// The cross-entropy of a softmax, or the likelihood of Poisson's distribution.
    Logarithmic,
    /// A sum of absolute values.
    Absolute,
}

const FORMS: [Form; 4] = [Form::Squares, Form::CrossEntropy, Form::Logarithmic, Form::Absolute];

/// A loss that is not written down.
#[derive(Debug, Clone)]
pub(super) struct Implied {
    form: Form,
    /// The weights whose gradients have the right residuals.
    sources: Vec<usize>,
    /// What the gradients are of the derivatives.
    pub factor: f64,
    /// What the sum is multiplied by.
    scale: f64,
    /// What it is called.
    pub name: String,
}

/// One residual of a loss.
#[derive(Debug, Clone)]
pub(super) struct Residual {
    /// What is predicted less what was measured, or the other way round.
    pub tree: Tree,
    /// The terms that depend on weights.
    pub predicted: Tree,
    /// The terms that do not.
    pub measured: Part,
}

/// Infers the loss of an iteration, with the number of weights whose gradients are its derivatives.
pub(super) fn find(case: &Case, iteration: usize) -> Option<(Implied, usize)> {
    let mut best: Option<(Implied, usize)> = None;
    let weights = 0..case.group().len();
    // All of them together have all residuals, or each has, where one has wrong ones.
    let all = (weights.len() > 1).then(|| weights.clone().collect());
    for sources in all.into_iter().chain(weights.map(|one| vec![one])) {
        let residuals = residuals(case, &sources, iteration);
        if residuals.is_empty() {
            continue;
        }
        for form in FORMS {
            let Some((factor, agreeing)) = fit(case, iteration, &residuals, form) else { continue };
            if best.as_ref().is_none_or(|(_, most)| agreeing > *most) {
                let (scale, factor, words) = scale(form, factor, residuals.len());
                let name = describe::implied(case, words, &residuals, iteration);
                let sources = sources.clone();
                best = Some((Implied { form, sources, factor, scale, name }, agreeing));
            }
        }
    }
    best
}

/// Whether each weight steps by a difference of its own, which it is in, as values do that are learned from
/// each other's: where their steps do not agree, they follow no function.
///
/// Source: R. S. Sutton, "Learning to predict by the methods of temporal differences" (1988):
/// V(s) ← V(s) + α·(r + γ·V(s') − V(s)).
pub(super) fn are_temporal_differences(case: &Case, iteration: usize) -> bool {
    let graph = case.ground.graph;
    let points = &case.ground.invented.points;
    let of = |weight: usize| -> Option<Vec<f64>> {
        let [only] = &residuals(case, &[weight], iteration)[..] else { return None };
        let variable = case.variable(weight, iteration)?;
        let slope = |values: &Values| {
            let seeds = graph.tree_adjoints(&only.tree, values);
            graph.adjoints_from(&seeds, values, case.cells(iteration)).get(variable)
        };
        let is_own = points.iter().all(|values| slope(values) != 0.0);
        let values = points.iter().map(|values| graph.evaluate_tree(&only.tree, values).number());
        values.collect::<Option<Vec<f64>>>().filter(|_| is_own)
    };
    let all: Option<Vec<Vec<f64>>> = (0..case.group().len()).map(of).collect();
    let is_same =
        |one: &[f64], other: &[f64]| one.iter().zip(other).all(|(one, other)| agrees(*one, *other));
    all.is_some_and(|all| {
        let mut before = all.iter().enumerate().map(|(at, one)| (one, &all[..at]));
        all.len() > 1 && before.all(|(one, before)| !before.iter().any(|two| is_same(one, two)))
    })
}

/// The usual name of a sum with gradients that are `factor` times those of the plain sum: what the
/// sum is multiplied by, what the gradients are then of its derivatives, and the words.
fn scale(form: Form, factor: f64, count: usize) -> (f64, f64, &'static str) {
    let n = count as f64;
    let is = |wanted: f64| (factor.abs() - wanted).abs() < 1e-6 * wanted;
    let sign = factor.signum();
    match form {
        Form::Squares if count == 1 && is(1.0) => (1.0, sign, "squared error"),
        Form::Squares if count == 1 && is(0.5) => (0.5, sign, "half the squared error"),
        Form::Squares if is(1.0) => (1.0, sign, "sum of squared errors"),
        Form::Squares if is(0.5) => (0.5, sign, "half the sum of squared errors"),
        Form::Squares if is(1.0 / n) => (1.0 / n, sign, "mean squared error"),
        Form::Squares if is(0.5 / n) => (0.5 / n, sign, "half the mean squared error"),
        Form::Squares => (1.0, factor, "sum of squared errors"),
        Form::CrossEntropy if is(1.0 / n) && count > 1 => (1.0 / n, sign, "mean cross-entropy"),
        Form::CrossEntropy if is(1.0) => (1.0, sign, "cross-entropy"),
        Form::CrossEntropy => (1.0, factor, "cross-entropy"),
        Form::Logarithmic if is(1.0) => (1.0, sign, "negative log-likelihood"),
        Form::Logarithmic => (1.0, factor, "negative log-likelihood"),
        Form::Absolute if is(1.0 / n) && count > 1 => (1.0 / n, sign, "mean absolute error"),
        Form::Absolute if is(1.0) => (1.0, sign, "sum of absolute errors"),
        Form::Absolute => (1.0, factor, "sum of absolute errors"),
    }
}

/// How usual a loss with gradients of this factor is: the mean of squares is more so than a sum, or half
/// of either. Where two gradients differ, the one without the factor is the wrong one.
fn usualness(form: Form, factor: f64, count: usize) -> usize {
    let (by, rest, _) = scale(form, factor, count);
    let n = count as f64;
    let usual = [1.0 / n, 0.5 / n, 1.0, 0.5];
    let place = usual.iter().position(|one| agrees(*one, by)).filter(|_| rest.abs() == 1.0);
    place.map_or(0, |place| usual.len() - place)
}

/// The factor between gradients and the derivatives of the sum, and how many weights have it.
fn fit(case: &Case, iteration: usize, residuals: &[Residual], form: Form) -> Option<(f64, usize)> {
    let graph = case.ground.graph;
    let mut ratios: Vec<Option<Vec<f64>>> = vec![Some(Vec::new()); case.group().len()];
    for values in &case.ground.invented.points {
        let seeds = seeds(case, residuals, form, 1.0, values)?;
        let adjoints = graph.adjoints_from(&seeds, values, case.cells(iteration));
        for (weight, ratios) in ratios.iter_mut().enumerate() {
            let derivative = case.variable(weight, iteration).map_or(0.0, |id| adjoints.get(id));
            let ratio = case.gradient(weight, iteration, values) / derivative;
            match ratios {
                Some(all) if ratio.is_finite() && ratio != 0.0 => all.push(ratio),
                _ => *ratios = None,
            }
        }
    }
    let constant = |all: &Vec<f64>| all.iter().all(|one| agrees(*one, all[0])).then_some(all[0]);
    let factors: Vec<f64> = ratios.iter().flatten().filter_map(constant).collect();
    let like = |factor: f64| factors.iter().filter(|one| agrees(**one, factor)).count();
    let down = case.down(iteration);
    let best = factors.iter().copied().max_by_key(|factor| {
        (like(*factor), factor.signum() == down, usualness(form, *factor, residuals.len()))
    })?;
    Some((best, like(best)))
}

impl Implied {
    /// Whether it is the cross-entropy of sigmoids.
    pub fn is_cross_entropy(&self) -> bool {
        self.form == Form::CrossEntropy
    }

    /// What the derivatives of the loss start from: cells, with its derivatives by them.
    pub fn seeds(
        &self,
        case: &Case,
        iteration: usize,
        values: &Values,
    ) -> Option<Vec<(CellId, f64)>> {
        let found = residuals(case, &self.sources, iteration);
        // Behind the last update nothing may be left of the residuals.
        if found.is_empty() {
            return None;
        }
        seeds(case, &found, self.form, self.scale, values)
    }

    /// The residuals of an iteration with the derivatives of the loss by them, as formulas.
    pub fn parts(&self, case: &Case, iteration: usize) -> Vec<super::anatomy::Residual> {
        let graph = case.ground.graph;
        let scaled = |by: f64, one: CellExpr| match by {
            1.0 => one,
            by => Expr::Number(by).binary(Operator::Multiply, one),
        };
        let part = |residual: Residual| {
            let value = graph.expression(&residual.tree)?;
            let output = || {
                let [(_, output)] = terms(&residual.predicted.root)[..] else { return None };
                graph.expression(&Tree { home: residual.tree.home, root: output.clone() })
            };
            let slope = match self.form {
                Form::Squares => scaled(2.0 * self.scale, value.clone()),
                Form::CrossEntropy => {
                    let rest = Expr::Number(1.0).binary(Operator::Subtract, output()?);
                    let slope = output()?.binary(Operator::Multiply, rest);
                    scaled(self.scale, value.clone()).binary(Operator::Divide, slope)
                }
                Form::Logarithmic => {
                    scaled(self.scale, value.clone()).binary(Operator::Divide, output()?)
                }
                Form::Absolute => {
                    let sign = Function::find("sign")?;
                    scaled(self.scale, Expr::Call(sign, vec![value.clone()]))
                }
            };
            let term = self.term(graph, &residual, &value)?;
            Some(super::anatomy::Residual { value, slope, term })
        };
        residuals(case, &self.sources, iteration).into_iter().filter_map(part).collect()
    }

    /// The cells that the predictions of an iteration are compared with.
    pub fn measured(&self, case: &Case, iteration: usize) -> HashSet<CellId> {
        let found = residuals(case, &self.sources, iteration);
        found.iter().flat_map(|one| cells_in(case.ground.graph, &one.measured)).collect()
    }

    /// The cells that predictions refer to.
    pub fn predicted(&self, case: &Case, iteration: usize) -> Vec<CellId> {
        let found = residuals(case, &self.sources, iteration);
        found.iter().flat_map(|one| cells_in(case.ground.graph, &one.predicted.root)).collect()
    }
}

fn seeds(
    case: &Case,
    residuals: &[Residual],
    form: Form,
    scale: f64,
    values: &Values,
) -> Option<Vec<(CellId, f64)>> {
    let graph = case.ground.graph;
    let mut seeds = Vec::new();
    for residual in residuals {
        let value = graph.evaluate_tree(&residual.tree, values).number()?;
        let slopes = graph.tree_adjoints(&residual.tree, values);
        let weight = match form {
            Form::Squares => 2.0 * value,
            Form::CrossEntropy => {
                let output = output(case, residual, values, |_, part| is_sigmoid(part))?;
                value / (output * (1.0 - output))
            }
            Form::Logarithmic => value / output(case, residual, values, is_exponential)?,
            Form::Absolute => value.signum(),
        };
        seeds.extend(slopes.into_iter().map(|(id, slope)| (id, scale * weight * slope)));
    }
    Some(seeds)
}

/// The value of a prediction that is a cell or a part of the kind.
fn output(
    case: &Case,
    residual: &Residual,
    values: &Values,
    is_kind: fn(&Graph, &Part) -> bool,
) -> Option<f64> {
    let graph = case.ground.graph;
    let [(_, term)] = terms(&residual.predicted.root)[..] else { return None };
    let whole = only_cell(term).and_then(|id| graph.tree(id)).map(|tree| tree.root);
    let tree = Tree { home: residual.tree.home, root: term.clone() };
    let output = graph.evaluate_tree(&tree, values).number()?;
    is_kind(graph, whole.as_ref().unwrap_or(term)).then_some(output)
}

/// `EXP(z)`, or a part of a sum of such: what is always above 0.
fn is_exponential(graph: &Graph, part: &Part) -> bool {
    match part {
        Node::Call(function, _) => function.name == "EXP",
        Node::Binary(Operator::Divide, above, _) => match only_cell(above) {
            Some(cell) => graph.tree(cell).is_some_and(|tree| is_exponential(graph, &tree.root)),
            None => is_exponential(graph, above),
        },
        _ => false,
    }
}

/// `1/(1+EXP(-z))` in any of its forms.
pub(super) fn is_sigmoid(part: &Part) -> bool {
    let is_one = |part: &Part| *part == Node::Number(1.0);
    let is_exp = |part: &Part| matches!(part, Node::Call(function, _) if function.name == "EXP");
    let Node::Binary(Operator::Divide, above, below) = part else { return false };
    let Node::Binary(Operator::Add, left, right) = below.as_ref() else { return false };
    (is_one(above) || is_exp(above))
        && (is_one(left) && is_exp(right) || is_exp(left) && is_one(right))
}

/// The residuals that the gradients of some weights are made of.
fn residuals(case: &Case, weights: &[usize], iteration: usize) -> Vec<Residual> {
    let graph = case.ground.graph;
    let mut search = Search { case, iteration, seen: Vec::new(), found: Vec::new() };
    for weight in weights {
        let role = case.roles[*weight].get(iteration).and_then(Option::as_ref);
        let tree = role.and_then(|role| match (&role.cell, &role.part) {
            (Some(cell), _) => graph.tree(*cell),
            (None, Some((tree, _))) => Some(tree.clone()),
            _ => None,
        });
        if let Some(tree) = tree {
            search.tree(&tree, DEEPEST);
        }
    }
    search.distinct()
}

struct Search<'a, 'b> {
    case: &'a Case<'b>,
    iteration: usize,
    seen: Vec<CellId>,
    found: Vec<Residual>,
}

impl Search<'_, '_> {
    /// Looks through a formula, its arrays written out as far as that can be done.
    fn tree(&mut self, tree: &Tree, depth: usize) {
        let root = written_out(self.case.ground.graph, &tree.root);
        self.part(tree, root.as_ref().unwrap_or(&tree.root), depth);
    }

    fn part(&mut self, tree: &Tree, part: &Part, depth: usize) {
        if let Some(residual) = self.residual(tree, part) {
            self.found.push(residual);
            return;
        }
        match part {
            Node::Leaf(_) => {
                for id in cells_in(self.case.ground.graph, part) {
                    self.cell(id, depth);
                }
            }
            other => other.parts().into_iter().for_each(|part| self.part(tree, part, depth)),
        }
    }

    fn cell(&mut self, id: CellId, depth: usize) {
        let tags = &self.case.ground.tags;
        let is_here = matches!(tags.get(id), Tag::Of { training, first, .. }
            if training == self.case.training && first == self.iteration);
        if depth == 0 || !is_here || tags.is_variable(id) || self.seen.contains(&id) {
            return;
        }
        self.seen.push(id);
        if let Some(tree) = self.case.ground.graph.tree(id) {
            self.tree(&tree, depth - 1);
        }
    }

    /// The part as what is predicted less what was measured.
    fn residual(&self, tree: &Tree, part: &Part) -> Option<Residual> {
        let terms = terms(part);
        if terms.len() < 2 || !is_scalar(part) || self.is_sum_of_residuals(part) {
            return None;
        }
        let graph = self.case.ground.graph;
        let tags = &self.case.ground.tags;
        let is_fixed = |part: &Part| cells_in(graph, part).into_iter().all(|id| tags.is_fixed(id));
        let (measured, predicted): (Vec<_>, Vec<_>) =
            terms.into_iter().partition(|(_, term)| is_fixed(term));
        let is_data = measured.iter().any(|(_, term)| !cells_in(graph, term).is_empty());
        if !is_data || predicted.is_empty() {
            return None;
        }
        Some(Residual {
            tree: Tree { home: tree.home, root: part.clone() },
            predicted: Tree { home: tree.home, root: sum(&predicted) },
            measured: sum(&measured),
        })
    }

    /// Whether both sides of a sum are residuals themselves.
    fn is_sum_of_residuals(&self, part: &Part) -> bool {
        let graph = self.case.ground.graph;
        let tags = &self.case.ground.tags;
        let has_both = |part: &Part| {
            let terms = terms(part);
            let is_fixed =
                |part: &Part| cells_in(graph, part).into_iter().all(|id| tags.is_fixed(id));
            let is_data = |part: &Part| is_fixed(part) && !cells_in(graph, part).is_empty();
            terms.iter().any(|(_, term)| is_data(term))
                && terms.iter().any(|(_, term)| !is_fixed(term))
        };
        match part {
            Node::Binary(Operator::Add | Operator::Subtract, left, right) => {
                has_both(left) && has_both(right)
            }
            _ => false,
        }
    }

    /// Each residual once, though a gradient has it in several places.
    fn distinct(self) -> Vec<Residual> {
        let graph = self.case.ground.graph;
        let values = |residual: &Residual| -> Vec<Option<f64>> {
            let points = self.case.ground.invented.points.iter();
            points.map(|point| graph.evaluate_tree(&residual.tree, point).number()).collect()
        };
        let mut known: Vec<Vec<Option<f64>>> = Vec::new();
        let mut distinct = Vec::new();
        for residual in &self.found {
            let here = values(residual);
            let same = |other: &Vec<Option<f64>>, sign: f64| {
                here.iter().zip(other).all(|pair| match pair {
                    (Some(a), Some(b)) => agrees(*a, sign * b),
                    _ => false,
                })
            };
            if !known.iter().any(|other| same(other, 1.0) || same(other, -1.0)) {
                known.push(here);
                distinct.push(residual.clone());
            }
        }
        distinct
    }
}
