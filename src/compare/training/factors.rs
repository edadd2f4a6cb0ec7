//! Which factors of a derivative a formula of the sheet has, and which it has not.
//!
//! Both are taken apart: the derivative into the local ones of its chain, the formula into its factors
//! and, where it is a sum, its terms; cells on the way back to the weights into what they are computed
//! from. Parts that agree at all invented points are the same up to a number. What is left over on the
//! one side is missing, on the other too much.

use super::chain::{Chain, Factor, Forward, Quantity, evaluated};
use super::check::agrees;
use super::terms::{self, Part, only_cell};
use crate::formula::{Expr, Operator};
use crate::graph::{CellExpr, CellId, Graph, Node, Tree, Values};

/// So many cells behind each other are looked into.
const DEEPEST: usize = 6;

/// What a formula has of a derivative.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// For each factor of the chain, in the order of [`Chain::factors`], whether the formula has it.
    pub has: Vec<bool>,
    /// The parts of the formula that are no factor of the derivative, as formulas without `=`.
    pub extra: Vec<String>,
    /// What the formula is of the derivative, where it has all factors but another number or sign.
    pub times: Option<f64>,
}

/// A part of the formula.
#[derive(Debug, Clone)]
struct Unit {
    part: Part,
    home: CellId,
    values: Vec<f64>,
}

/// A part of a factor.
#[derive(Debug, Clone)]
struct Atom {
    /// Its place among the factors; none for the sum of all ways.
    factor: Option<usize>,
    values: Vec<f64>,
}

struct Search<'a, 'b> {
    graph: &'a Graph,
    forward: &'b Forward<'a>,
    points: &'b [Values],
    has: Vec<bool>,
    extra: Vec<String>,
}

/// Compares the formula `tree` with `factor` times the derivative of `chain`; none where that cannot be
/// done factor by factor.
pub fn held(
    graph: &Graph,
    forward: &Forward,
    chain: &Chain,
    tree: &Tree,
    factor: f64,
    points: &[Values],
) -> Option<Held> {
    let mut search = Search {
        graph,
        forward,
        points,
        has: vec![true; chain.factors().count()],
        extra: Vec::new(),
    };
    let unit = search.unit(&tree.root, tree.home)?;
    let expected: Vec<f64> = points
        .iter()
        .map(|values| factor * forward.derivatives(values).get(chain.target))
        .collect();
    if let Some(times) = ratio(&unit.values, &expected) {
        let times = super::check::clean(times);
        let is_same = (times - 1.0).abs() < 1e-6;
        return Some(Held {
            has: search.has,
            extra: Vec::new(),
            times: (!is_same).then_some(times),
        });
    }
    if chain.more > 0 {
        return None;
    }
    search.compare(chain, unit)?;
    // What is built otherwise altogether lacks no single factor.
    if !search.has.contains(&true) {
        return None;
    }
    Some(Held { has: search.has, extra: search.extra, times: None })
}

/// What one is of the other, where that is the same at all points but those at which both are 0, as
/// where a neuron is at rest.
fn ratio(one: &[f64], other: &[f64]) -> Option<f64> {
    let moving = one.iter().zip(other).filter(|(one, other)| **one != 0.0 || **other != 0.0);
    let ratios: Vec<f64> = moving.map(|(one, other)| one / other).collect();
    let first = *ratios.first()?;
    let is_same = ratios.iter().all(|ratio| agrees(*ratio, first));
    (first.is_finite() && first != 0.0 && is_same).then_some(first)
}

impl Search<'_, '_> {
    fn unit(&self, part: &Part, home: CellId) -> Option<Unit> {
        let tree = Tree { home, root: part.clone() };
        let values = self.points.iter().map(|one| self.graph.evaluate_tree(&tree, one).number());
        Some(Unit { part: part.clone(), home, values: values.collect::<Option<_>>()? })
    }

    fn values(&self, formula: &CellExpr) -> Option<Vec<f64>> {
        self.points.iter().map(|values| evaluated(formula, values)).collect()
    }

    fn compare(&mut self, chain: &Chain, unit: Unit) -> Option<()> {
        let ways: Vec<usize> = chain.ways.iter().map(Vec::len).collect();
        let in_ways: usize = ways.iter().sum();
        let mut rest = Vec::new();
        for (at, factor) in chain.rest.iter().enumerate() {
            rest.extend(self.atoms(in_ways + at, factor)?);
        }
        if let [only] = &chain.ways[..] {
            let mut atoms = Vec::new();
            for (at, factor) in only.iter().enumerate() {
                atoms.extend(self.atoms(at, factor)?);
            }
            atoms.extend(rest);
            self.product(atoms, unit, None)
        } else {
            let Quantity::Cell(joint) = chain.joint else { return None };
            let values = self.points.iter().map(|one| self.forward.derivatives(one).get(joint));
            let mut atoms = vec![Atom { factor: None, values: values.collect() }];
            let is_sum = terms::terms(&unit.part).len() > 1;
            if is_sum {
                return self.sum(chain, &rest, unit);
            }
            atoms.extend(rest);
            self.product(atoms, unit, Some(chain))
        }
    }

    /// The parts of a factor that are multiplied: `a` and `1-a` of `a*(1-a)`.
    fn atoms(&self, at: usize, factor: &Factor) -> Option<Vec<Atom>> {
        if let (None, Some(tree)) = (&factor.formula, &factor.over_ranges) {
            let units = self.factors_of(&self.unit(&tree.root, tree.home)?).into_iter();
            return Some(
                units.map(|unit| Atom { factor: Some(at), values: unit.values }).collect(),
            );
        }
        let mut parts = Vec::new();
        split(factor.formula.as_ref()?, false, &mut parts);
        let atom = |(part, is_divisor): (&CellExpr, bool)| {
            let values = self.values(part)?.into_iter();
            let values = values.map(|value| if is_divisor { 1.0 / value } else { value });
            Some(Atom { factor: Some(at), values: values.collect() })
        };
        parts.into_iter().map(atom).collect()
    }

    /// Finds the factors of a product among the parts of a formula.
    fn product(&mut self, mut atoms: Vec<Atom>, unit: Unit, chain: Option<&Chain>) -> Option<()> {
        let mut units = self.factors_of(&unit);
        for _ in 0..DEEPEST {
            cancel(&mut atoms, &mut units);
            let opened = units.iter().position(|unit| self.inside(unit).is_some());
            if atoms.is_empty() || units.is_empty() {
                break;
            }
            // A sum of all ways is compared way by way.
            let Some(at) = opened else { break };
            let inside = self.inside(&units[at])?;
            let parts = self.factors_of(&inside);
            units.splice(at..=at, parts);
        }
        if let (Some(at), Some(chain)) = (atoms.iter().position(|one| one.factor.is_none()), chain)
        {
            atoms.remove(at);
            let is_sum = |unit: &Unit| terms::terms(&unit.part).len() > 1;
            match units.iter().position(is_sum) {
                Some(at) => {
                    let unit = units.remove(at);
                    self.sum(chain, &[], unit)?;
                }
                // One way only, without the others.
                None if !units.is_empty() => {
                    let rest: Vec<Unit> = std::mem::take(&mut units);
                    self.only_way(chain, rest);
                }
                None => self.miss_ways(chain, 0..chain.ways.len()),
            }
        }
        for atom in atoms {
            if let Some(factor) = atom.factor {
                self.has[factor] = false;
            }
        }
        self.exceed(&units);
        Some(())
    }

    /// Compares the terms of a sum with the ways, each times what all of them share.
    fn sum(&mut self, chain: &Chain, rest: &[Atom], unit: Unit) -> Option<()> {
        let parts = terms::terms(&unit.part);
        let mut units = Vec::new();
        for (_, part) in parts {
            units.push(self.unit(part, unit.home)?);
        }
        let mut missing = Vec::new();
        let mut first = 0;
        for (number, way) in chain.ways.iter().enumerate() {
            let mut atoms = rest.to_vec();
            for (at, factor) in way.iter().enumerate() {
                atoms.extend(self.atoms(first + at, factor)?);
            }
            first += way.len();
            let product = product_of(&atoms, self.points.len());
            match units.iter().position(|unit| ratio(&unit.values, &product).is_some()) {
                Some(at) => drop(units.remove(at)),
                None => missing.push((number, atoms)),
            }
        }
        if let ([(_, atoms)], [_]) = (&missing[..], &units[..]) {
            let unit = units.remove(0);
            return self.product(atoms.clone(), unit, None);
        }
        for (number, _) in missing {
            self.miss_ways(chain, number..number + 1);
        }
        units.iter().for_each(|unit| self.exceed(std::slice::from_ref(unit)));
        Some(())
    }

    /// Finds the way that the parts of a formula are the product of.
    fn only_way(&mut self, chain: &Chain, units: Vec<Unit>) {
        let mut product = vec![1.0; self.points.len()];
        for unit in &units {
            product.iter_mut().zip(&unit.values).for_each(|(all, one)| *all *= one);
        }
        let mut first = 0;
        let mut found = None;
        for (number, way) in chain.ways.iter().enumerate() {
            let atoms: Option<Vec<Vec<Atom>>> =
                way.iter().enumerate().map(|(at, factor)| self.atoms(first + at, factor)).collect();
            first += way.len();
            let atoms = atoms.unwrap_or_default().concat();
            if ratio(&product, &product_of(&atoms, self.points.len())).is_some() {
                found = Some(number);
            }
        }
        for number in (0..chain.ways.len()).filter(|number| Some(*number) != found) {
            self.miss_ways(chain, number..number + 1);
        }
        if found.is_none() {
            self.exceed(&units);
        }
    }

    fn miss_ways(&mut self, chain: &Chain, missing: std::ops::Range<usize>) {
        let mut first = 0;
        for (number, way) in chain.ways.iter().enumerate() {
            if missing.contains(&number) {
                self.has[first..first + way.len()].fill(false);
            }
            first += way.len();
        }
    }

    /// Notes a product that the derivative has no place for.
    fn exceed(&mut self, units: &[Unit]) {
        let text = |unit: &Unit| {
            let text = self.graph.part_text(&unit.part, unit.home);
            let is_sum = terms::terms(&unit.part).len() > 1 && units.len() > 1;
            if is_sum { format!("({text})") } else { text }
        };
        if !units.is_empty() {
            self.extra.push(units.iter().map(text).collect::<Vec<_>>().join("*"));
        }
    }

    /// The factors of a part, without numbers.
    fn factors_of(&self, unit: &Unit) -> Vec<Unit> {
        let found = terms::factors(&unit.part);
        let units = found.parts.into_iter().filter_map(|(part, is_divisor)| {
            let part = match is_divisor {
                true => Node::Number(1.0).binary(Operator::Divide, part.clone()),
                false => part.clone(),
            };
            self.unit(&part, unit.home)
        });
        units.collect()
    }

    /// The formula of a cell on the way back to the weights.
    fn inside(&self, unit: &Unit) -> Option<Unit> {
        let cell = only_cell(&unit.part)?;
        let tree = self.graph.tree(cell).filter(|_| !self.forward.is_ahead(cell))?;
        self.unit(&tree.root, tree.home)
    }
}

/// Takes away what both sides have.
fn cancel(atoms: &mut Vec<Atom>, units: &mut Vec<Unit>) {
    units.retain(|unit| {
        let found = atoms.iter().position(|atom| ratio(&unit.values, &atom.values).is_some());
        if let Some(at) = found {
            atoms.remove(at);
        }
        found.is_none()
    });
    // One part may stand for several factors behind each other.
    units.retain(|unit| {
        let count = unit.values.len();
        for from in 0..atoms.len() {
            for to in from + 2..=atoms.len() {
                if ratio(&unit.values, &product_of(&atoms[from..to], count)).is_some() {
                    atoms.drain(from..to);
                    return false;
                }
            }
        }
        true
    });
}

fn product_of(atoms: &[Atom], points: usize) -> Vec<f64> {
    let at = |point: usize| atoms.iter().map(|atom| atom.values[point]).product();
    (0..points).map(at).collect()
}

/// The factors of a formula, without numbers; those that it is divided by are marked.
fn split<'a>(formula: &'a CellExpr, is_divisor: bool, parts: &mut Vec<(&'a CellExpr, bool)>) {
    match formula {
        Expr::Number(_) => {}
        Expr::Negate(one) => split(one, is_divisor, parts),
        Expr::Binary(Operator::Multiply, left, right) => {
            split(left, is_divisor, parts);
            split(right, is_divisor, parts);
        }
        Expr::Binary(Operator::Divide, left, right) => {
            split(left, is_divisor, parts);
            split(right, !is_divisor, parts);
        }
        other => parts.push((other, is_divisor)),
    }
}
