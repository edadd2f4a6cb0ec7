//! The derivative of the loss by a weight as a formula over the user's own cells.
//!
//! Where no small edit mends a formula, the chain rule writes it anew: from the weight through every
//! cell that it leads to, on to the loss. A cell that already holds the derivative by one of these (a
//! delta) is used instead of going on. What is the same for all samples is written over their ranges.

use std::collections::{HashMap, HashSet};

use super::case::Case;
use super::chain::{local, names};
use super::check::agrees;
use super::terms::Part;
use crate::formula::{self, Expr, Operator};
use crate::graph::functions::SheetFunction;
use crate::graph::{Block, CellExpr, CellId, Graph, Leaf, Node, Target, Tree};

/// Longer formulas fit into no cell.
const MOST_PARTS: usize = 1_500;
/// So many terms of the same shape are written over ranges.
const FEWEST_IN_RANGE: usize = 3;

/// What the derivative by a cell should be, as gradients are of it, for the cell `home`; checked at all
/// invented points.
pub(super) fn derivative(case: &Case, iteration: usize, by: CellId, home: CellId) -> Option<Tree> {
    let mut chain = Chain {
        case,
        cells: case.cells(iteration).iter().copied().collect(),
        known: known(case, iteration, home),
        seeds: seeds(case, iteration)?,
        found: HashMap::new(),
    };
    let expr = chain.by(by).unwrap_or(Expr::Number(0.0));
    let expr = expr.rename(|id| case.shown(*id, iteration));
    let tree = Tree { home, root: Writer { case }.part(&expr)? };
    let holds = case.ground.invented.points.iter().all(|values| {
        let value = case.ground.graph.evaluate_tree(&tree, values).number();
        let expected = case.derivatives(iteration, values).map(|all| case.factor * all.get(by));
        value.zip(expected).is_some_and(|(value, expected)| agrees(value, expected))
    });
    holds.then_some(tree)
}

/// The cells that the loss is made of directly, with its derivatives by them, times the training's
/// factor.
fn seeds(case: &Case, iteration: usize) -> Option<HashMap<CellId, CellExpr>> {
    let factor = || Expr::Number(case.factor);
    let Some(implied) = &case.implied else {
        let loss = case.loss(iteration)?;
        return Some(HashMap::from([(loss, factor())]));
    };
    let mut seeds: HashMap<CellId, CellExpr> = HashMap::new();
    for residual in implied.parts(case, iteration) {
        for cell in names(&residual.value) {
            let inner = formula::differentiate(&residual.value, &|id: &CellId| *id == cell);
            let seed = product(product(factor(), residual.slope.clone()), inner);
            let sum = match seeds.remove(&cell) {
                Some(other) => other.binary(Operator::Add, seed),
                None => seed,
            };
            seeds.insert(cell, sum);
        }
    }
    Some(seeds)
}

/// The cells that hold the derivative by another, as gradients are of them, and that do not depend
/// on `home`.
fn known(case: &Case, iteration: usize, home: CellId) -> HashMap<CellId, CellId> {
    let graph = case.ground.graph;
    let ahead = case.ahead(iteration);
    let points = &case.ground.invented.points;
    let all: Option<Vec<_>> =
        points.iter().map(|values| case.derivatives(iteration, values)).collect();
    let mut known = HashMap::new();
    let Some(all) = all else { return known };
    let mut behind: HashSet<CellId> = HashSet::from([home]);
    for id in case.cells(iteration) {
        if graph.inputs(*id).iter().any(|input| behind.contains(input)) {
            behind.insert(*id);
        }
    }
    for holder in
        case.cells(iteration).iter().filter(|id| !ahead.contains(id) && !behind.contains(id))
    {
        let of = ahead.iter().find(|of| {
            points.iter().zip(&all).all(|(values, derivatives)| {
                let derivative = case.factor * derivatives.get(**of);
                derivative != 0.0
                    && values.number(*holder).is_some_and(|value| agrees(value, derivative))
            })
        });
        if let Some(of) = of {
            known.entry(*of).or_insert(*holder);
        }
    }
    known
}

struct Chain<'a, 'b> {
    case: &'a Case<'b>,
    cells: HashSet<CellId>,
    known: HashMap<CellId, CellId>,
    /// What the loss is made of directly, with its derivatives.
    seeds: HashMap<CellId, CellExpr>,
    found: HashMap<CellId, Option<CellExpr>>,
}

impl Chain<'_, '_> {
    /// The derivative of the loss by a cell; none where it is 0 or too long.
    fn by(&mut self, id: CellId) -> Option<CellExpr> {
        if let Some(holder) = self.known.get(&id) {
            return Some(Expr::Name(*holder));
        }
        if let Some(done) = self.found.get(&id) {
            return done.clone();
        }
        let graph = self.case.ground.graph;
        let users = graph.users(id).iter().filter(|user| self.cells.contains(user));
        let users: Vec<CellId> = users.copied().collect();
        let mut total = self.seeds.get(&id).cloned();
        for user in users {
            let Some(outer) = self.by(user) else { continue };
            let inner = local(graph, user, id).filter(|inner| inner.size() <= MOST_PARTS);
            let path = match inner {
                Some(Expr::Number(0.0)) | None => continue,
                Some(inner) => product(outer, inner),
            };
            total = Some(match total {
                Some(total) => total.binary(Operator::Add, path),
                None => path,
            });
        }
        let total = total.filter(|one| one.size() <= MOST_PARTS);
        self.found.insert(id, total.clone());
        total
    }
}

fn product(outer: CellExpr, inner: CellExpr) -> CellExpr {
    formula::simplify(&outer.binary(Operator::Multiply, inner))
}

/// Writes expressions as formulas of a sheet.
struct Writer<'a, 'b> {
    case: &'a Case<'b>,
}

impl Writer<'_, '_> {
    fn part(&self, expr: &CellExpr) -> Option<Part> {
        let boxed = |one: &CellExpr| self.part(one).map(Box::new);
        Some(match expr {
            Expr::Number(number) => Node::Number(*number),
            Expr::Name(id) => Node::Leaf(self.leaf(Target::Cell(*id), *id)),
            Expr::Negate(one) => Node::Negate(boxed(one)?),
            Expr::Binary(Operator::Add, ..) => self.sum(expr)?,
            Expr::Binary(operator, left, right) => {
                Node::Binary(*operator, boxed(left)?, boxed(right)?)
            }
            Expr::Call(function, arguments) => {
                let formula::Written::Named(name) = function.excel else { return None };
                let arguments = arguments.iter().map(|one| self.part(one));
                call(name, arguments.collect::<Option<_>>()?)?
            }
            Expr::If(choice) => {
                let (left, right) = (boxed(&choice.left)?, boxed(&choice.right)?);
                let condition = Node::Compare(choice.comparison, left, right);
                call(
                    "IF",
                    vec![condition, self.part(&choice.then)?, self.part(&choice.otherwise)?],
                )?
            }
        })
    }

    /// A reference, with `$` where it is to what all iterations share.
    fn leaf(&self, target: Target, first: CellId) -> Leaf {
        let fixed = match target {
            Target::Block(_) => [self.case.ground.tags.is_fixed(first); 4],
            _ => self.case.absolute.get(&first).copied().unwrap_or_default(),
        };
        Leaf { target, slot: None, fixed }
    }

    /// A sum, its terms of the same shape written over ranges.
    fn sum(&self, expr: &CellExpr) -> Option<Part> {
        let mut groups: Vec<(String, Vec<&CellExpr>)> = Vec::new();
        for term in added(expr) {
            let shape = formula::text(term, &|_: &CellId| "#".to_owned());
            match groups.iter_mut().find(|(known, _)| *known == shape) {
                Some((_, terms)) => terms.push(term),
                None => groups.push((shape, vec![term])),
            }
        }
        let mut parts = Vec::new();
        for (_, terms) in &groups {
            match self.over_ranges(terms) {
                Some(part) => parts.push(part),
                None => parts
                    .extend(terms.iter().map(|one| self.part(one)).collect::<Option<Vec<_>>>()?),
            }
        }
        parts.into_iter().reduce(|sum, part| match part {
            Node::Negate(one) => sum.binary(Operator::Subtract, *one),
            part => sum.binary(Operator::Add, part),
        })
    }

    /// Terms of the same shape as one sum of products, where their cells stand in ranges.
    fn over_ranges(&self, terms: &[&CellExpr]) -> Option<Part> {
        if terms.len() < FEWEST_IN_RANGE || formula::has_choice(terms[0]) {
            return None;
        }
        let cells = |term: &CellExpr| term.names().into_iter().copied().collect();
        let all: Vec<Vec<CellId>> = terms.iter().map(|term| cells(term)).collect();
        let mut steps = HashSet::new();
        let mut leaves = Vec::new();
        for (at, first) in all[0].iter().enumerate() {
            let run: Vec<CellId> = all.iter().map(|cells| cells[at]).collect();
            let target = match run.iter().all(|id| id == first) {
                true => Target::Cell(*first),
                false => {
                    let (block, step) = run_of(self.case.ground.graph, &run)?;
                    steps.insert(step);
                    Target::Block(block)
                }
            };
            leaves.push(self.leaf(target, *first));
        }
        let mut leaves = leaves.into_iter();
        let single = self.part(terms[0])?;
        let inside = single.map_leaves(&mut |leaf| leaves.next().unwrap_or(*leaf));
        (steps.len() == 1).then(|| call("SUMPRODUCT", vec![inside]))?
    }
}

fn call(name: &str, arguments: Vec<Part>) -> Option<Part> {
    Some(Node::Call(SheetFunction::find(name)?, arguments))
}

/// The terms of a sum, as they are written.
fn added(expr: &CellExpr) -> Vec<&CellExpr> {
    match expr {
        Expr::Binary(Operator::Add, left, right) => [added(left), added(right)].concat(),
        other => vec![other],
    }
}

/// The range of cells that stand below or beside each other, and which of these.
fn run_of(graph: &Graph, cells: &[CellId]) -> Option<(Block, (u32, u32))> {
    let (sheet, first) = (graph.sheet(cells[0]), graph.position(cells[0]));
    let second = graph.position(*cells.get(1)?);
    let step = (second.0.checked_sub(first.0)?, second.1.checked_sub(first.1)?);
    let is_next = |(by, id): (u32, &CellId)| {
        graph.sheet(*id) == sheet
            && graph.position(*id) == (first.0 + by * step.0, first.1 + by * step.1)
    };
    let is_run = (0..).zip(cells).all(is_next) && step.0 + step.1 == 1;
    let last = graph.position(*cells.last()?);
    is_run.then(|| (Block::between(sheet, first, last), step))
}
