//! Samples: the terms of a loss that say the same of other cells.

use super::super::Training;
use super::super::optimizer::definition::Fault;
use super::written_out::{Part, loss};
use crate::formula::{Expr, Operator, operands};
use crate::graph::{CellId, Graph};
use crate::value::number_text;

/// What the loss of a sample is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Slot {
    /// A weight, by its place.
    Weight(usize),
    /// A cell of the sample, by its place.
    Cell(usize),
}

/// The samples of a training.
#[derive(Debug)]
pub(super) struct Samples {
    /// The loss of one, such that the mean over a batch is the loss of its iteration.
    pub formula: Expr<Slot>,
    /// The cells of each sample of an epoch, in the order in which they are seen.
    pub cells: Vec<Vec<CellId>>,
    /// How many samples an epoch has.
    pub count: usize,
    /// How many an update averages over.
    pub batch: usize,
    /// How many updates there are.
    pub iterations: usize,
    /// Iterations whose loss is made otherwise than that of the others; their samples stand where
    /// they should.
    pub odd: Vec<Fault>,
}

impl Samples {
    /// Finds the samples of all iterations, of the loss or of its square.
    pub fn find(graph: &Graph, training: &Training, squared: bool) -> Result<Samples, Fault> {
        let mut formula: Option<(Expr<Slot>, usize)> = None;
        let mut seen: Vec<Vec<CellId>> = Vec::new();
        let is_updated = |at: &usize| {
            let weights = training.anatomy.get(*at).map(|one| &one.weights);
            weights.is_some_and(|weights| weights.iter().any(|one| one.update.is_some()))
        };
        let iterations = (0..training.iterations).take_while(is_updated).count();
        let mut odd = Vec::new();
        for at in 0..iterations {
            let iteration = &training.anatomy[at];
            let loss = loss(graph, iteration).map(|loss| match squared {
                true => loss.binary(Operator::Power, Expr::Number(2.0)),
                false => loss,
            });
            let batch = loss.map(|loss| split(graph, &loss));
            match (batch, &formula) {
                (Err(fault), None) => return Err(fault),
                (Ok(batch), None) => {
                    formula = Some((batch.formula, batch.cells.len()));
                    seen.extend(batch.cells);
                }
                (Ok(batch), Some((known, size)))
                    if *known == batch.formula && *size == batch.cells.len() =>
                {
                    seen.extend(batch.cells);
                }
                (batch, Some((_, size))) => {
                    let update = iteration.weights.iter().find_map(|one| one.update);
                    let found = batch.err().and_then(|fault| fault.cell);
                    let cell = found.or(iteration.loss).or(update);
                    let what =
                        "the loss of this iteration is made otherwise than that of the first";
                    let fault = Fault::of_loss(cell, what);
                    let moved = moved_on(graph, &seen, *size).ok_or_else(|| fault.clone())?;
                    seen.extend(moved);
                    odd.push(fault);
                }
            }
        }
        let Some((formula, batch)) = formula else {
            let cell = training.weights.first().map(|one| one.start);
            return Err(Fault::of_loss(cell, "no update of these weights is a formula"));
        };
        let count = period(graph, &seen, batch);
        seen.truncate(count);
        Ok(Samples { formula, cells: seen, count, batch, iterations, odd })
    }

    /// Whether a place is the same cell in all samples, of which there are several.
    pub fn is_constant(&self, slot: usize) -> bool {
        self.count > 1 && self.cells.iter().all(|cells| cells[slot] == self.cells[0][slot])
    }

    /// Whether two places are the same cell in each sample.
    pub fn are_same(&self, one: usize, other: usize) -> bool {
        self.cells.iter().all(|cells| cells[one] == cells[other])
    }

    /// Whether the cells of a place stand beside each other.
    pub fn go_across(&self, graph: &Graph, slot: Option<usize>) -> bool {
        let Some((slot, [first, second, ..])) = slot.zip(Some(&self.cells[..])) else {
            return false;
        };
        graph.position(first[slot]).0 == graph.position(second[slot]).0
    }
}

/// The cells of the next iteration, where they stand as far from those of the last as these do from
/// those before.
fn moved_on(graph: &Graph, seen: &[Vec<CellId>], batch: usize) -> Option<Vec<Vec<CellId>>> {
    let last = seen.get(seen.len().checked_sub(2 * batch)?..)?;
    let (before, last) = last.split_at(batch);
    let moved = |(before, last): (&CellId, &CellId)| {
        let (from, to) = (graph.position(*before), graph.position(*last));
        let on = |from: u32, to: u32| (2 * to).checked_sub(from);
        match graph.sheet(*before) == graph.sheet(*last) {
            true => graph.id(graph.sheet(*last), (on(from.0, to.0)?, on(from.1, to.1)?)),
            false => None,
        }
    };
    let samples = before.iter().zip(last);
    samples.map(|(before, last)| before.iter().zip(last).map(moved).collect()).collect()
}

/// After how many samples the same ones come again; the number of all where they do not.
fn period(graph: &Graph, seen: &[Vec<CellId>], batch: usize) -> usize {
    let value = |cells: &Vec<CellId>| -> Vec<Option<f64>> {
        cells.iter().map(|id| graph.value(*id).number()).collect()
    };
    let values: Vec<Vec<Option<f64>>> = seen.iter().map(value).collect();
    let comes_again = |by: &usize| (*by..values.len()).all(|at| values[at] == values[at - by]);
    let mut all = (batch..=values.len()).step_by(batch.max(1));
    all.find(comes_again).unwrap_or(values.len())
}

/// The samples of one iteration.
struct Batch {
    formula: Expr<Slot>,
    cells: Vec<Vec<CellId>>,
}

/// A term of a sum with what it is multiplied by.
struct Term {
    times: f64,
    formula: Expr<Part>,
    shape: String,
}

/// Takes a loss apart into samples.
fn split(graph: &Graph, loss: &Expr<Part>) -> Batch {
    let mut terms = Vec::new();
    collect(graph, loss, 1.0, &mut terms);
    let mut shapes: Vec<(&str, Vec<&Term>)> = Vec::new();
    for term in terms.iter().filter(|term| !is_free(&term.formula)) {
        match shapes.iter_mut().find(|(shape, _)| *shape == term.shape) {
            Some((_, all)) => all.push(term),
            None => shapes.push((&term.shape, vec![term])),
        }
    }
    let count = shapes.iter().map(|(_, all)| all.len()).max().unwrap_or(1);
    let is_even = shapes
        .iter()
        .all(|(_, all)| all.len() == count || all.len() == 1 && !has_cells(&all[0].formula));
    let whole = || Batch { formula: slots(loss, &mut Vec::new()), cells: vec![cells(loss)] };
    if count == 1 || !is_even {
        return whole();
    }
    let sample = |at: usize| {
        let parts = shapes.iter().map(|(_, all)| match all.len() {
            // What is of the weights alone counts once in the mean.
            1 => scaled(all[0].times, all[0].formula.clone()),
            _ => scaled(all[at].times * count as f64, all[at].formula.clone()),
        });
        parts.reduce(|sum, part| sum.binary(Operator::Add, part))
    };
    let samples: Option<Vec<Expr<Part>>> = (0..count).map(sample).collect();
    let Some(samples) = samples else { return whole() };
    let formula = slots(&samples[0], &mut Vec::new());
    if samples.iter().any(|one| slots(one, &mut Vec::new()) != formula) {
        return whole();
    }
    Batch { formula, cells: samples.iter().map(cells).collect() }
}

fn scaled(times: f64, formula: Expr<Part>) -> Expr<Part> {
    // What comes of 1/n times n is 1.
    let whole = times.round();
    let times = if (times - whole).abs() < 1e-12 * times.abs() { whole } else { times };
    match times {
        1.0 => formula,
        times => Expr::Number(times).binary(Operator::Multiply, formula),
    }
}

/// The terms of a sum, with numbers and divisors in front of it.
fn collect(graph: &Graph, formula: &Expr<Part>, times: f64, terms: &mut Vec<Term>) {
    let number = |part: &Expr<Part>| is_free(part).then(|| value(graph, part)).flatten();
    match formula {
        Expr::Binary(Operator::Add, left, right) => {
            collect(graph, left, times, terms);
            collect(graph, right, times, terms);
            return;
        }
        Expr::Binary(Operator::Subtract, left, right) => {
            collect(graph, left, times, terms);
            collect(graph, right, -times, terms);
            return;
        }
        Expr::Negate(inner) => return collect(graph, inner, -times, terms),
        Expr::Binary(Operator::Multiply, left, right) => {
            for (factor, sum) in [(left, right), (right, left)] {
                if let Some(factor) = number(factor).filter(|_| is_sum(sum)) {
                    return collect(graph, sum, times * factor, terms);
                }
            }
        }
        Expr::Binary(Operator::Divide, sum, divisor) if is_sum(sum) => {
            if let Some(divisor) = number(divisor) {
                return collect(graph, sum, times / divisor, terms);
            }
        }
        _ => {}
    }
    terms.push(Term { times, formula: formula.clone(), shape: shape(formula) });
}

/// Whether a formula has several terms, behind factors.
fn is_sum(formula: &Expr<Part>) -> bool {
    match formula {
        Expr::Binary(Operator::Add | Operator::Subtract, ..) => true,
        Expr::Binary(Operator::Multiply | Operator::Divide, left, right) => {
            is_sum(left) || is_sum(right)
        }
        Expr::Negate(inner) => is_sum(inner),
        _ => false,
    }
}

/// Whether no weight is in a formula.
fn is_free(formula: &Expr<Part>) -> bool {
    !formula.has_name(|part| matches!(part, Part::Weight(_)))
}

fn has_cells(formula: &Expr<Part>) -> bool {
    formula.has_name(|part| matches!(part, Part::Cell(_)))
}

fn value(graph: &Graph, formula: &Expr<Part>) -> Option<f64> {
    let look_up = |part: &Part| match part {
        Part::Cell(id) => {
            crate::value::Value::number(graph.value(*id).number().unwrap_or(f64::NAN))
        }
        Part::Weight(_) => crate::value::Value::number(f64::NAN),
    };
    crate::formula::evaluate(formula, &look_up).get().ok()
}

/// The formula with all cells alike.
fn shape(formula: &Expr<Part>) -> String {
    match formula {
        Expr::Number(number) => number_text(*number),
        Expr::Name(Part::Weight(at)) => format!("w{at}"),
        Expr::Name(Part::Cell(_)) => "c".to_owned(),
        other => {
            let head = match other {
                Expr::Negate(_) => "-".to_owned(),
                Expr::Binary(operator, ..) => operator.sign().to_string(),
                Expr::Call(function, _) => function.name.to_owned(),
                Expr::If(choice) => choice.comparison.sign().to_owned(),
                _ => String::new(),
            };
            let inner: Vec<String> = operands(other).into_iter().map(shape).collect();
            format!("{head}({})", inner.join(","))
        }
    }
}

fn cells(formula: &Expr<Part>) -> Vec<CellId> {
    let cell = |part: &Part| if let Part::Cell(id) = part { Some(*id) } else { None };
    formula.names().into_iter().filter_map(cell).collect()
}

/// The formula with its cells numbered.
fn slots(formula: &Expr<Part>, known: &mut Vec<CellId>) -> Expr<Slot> {
    let mut next = 0;
    let numbered = formula.substitute(&mut |part| {
        Ok::<_, std::convert::Infallible>(Expr::Name(match *part {
            Part::Weight(at) => Slot::Weight(at),
            Part::Cell(id) => {
                known.push(id);
                next += 1;
                Slot::Cell(next - 1)
            }
        }))
    });
    match numbered {
        Ok(numbered) => numbered,
        Err(never) => match never {},
    }
}
