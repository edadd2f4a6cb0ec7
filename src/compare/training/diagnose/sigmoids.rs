//! Units that should be sigmoids and are none: `1/(1+EXP(z))`, `1/1+EXP(-z)`, `1/(1+EXP(-a+b))`.
//!
//! The second is nothing that anybody wants. The others may be meant, so they are slips only where the
//! derivatives hold for the sigmoid, and do not hold, or lead up, for what stands there.

use std::collections::HashSet;

use super::explain;
use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::describe;
use crate::compare::training::edits::parts::{parts, replaced};
use crate::compare::training::repair::Bench;
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::terms::Part;
use crate::formula::Operator;
use crate::graph::{CellId, Graph, Node, Tree};

/// Of so many cells each is tried alone.
const MOST_ALONE: usize = 12;

/// What a sigmoid lacks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Slip {
    /// The parentheses round what 1 is divided by.
    Parentheses,
    /// The minus.
    Sign,
    /// The parentheses round what the minus is of.
    Inner,
}

/// A cell that may lack something of a sigmoid, and its formula with that.
#[derive(Clone)]
struct Suspect {
    cell: CellId,
    slip: Slip,
    tree: Tree,
}

/// The sigmoids that are none, each family once.
pub(super) fn findings(case: &mut Case, explained: &mut HashSet<(usize, usize)>) -> Vec<Finding> {
    let Some(sample) = case.sample() else { return Vec::new() };
    let graph = case.ground.graph;
    let ahead = case.ahead(sample);
    let mut cells = case.cells(sample).to_vec();
    cells.sort_unstable();
    // Behind an error that follows from it no loss is known.
    let suspects = cells.iter().filter_map(|cell| suspect(graph, *cell));
    let is_ahead = |one: &Suspect| one.slip == Slip::Parentheses || ahead.contains(&one.cell);
    let suspects: Vec<Suspect> = suspects.filter(is_ahead).collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    if let Some(found) = with_all_right(case, sample, &suspects) {
        let told = told(case, sample, &found);
        for (weight, verdicts) in case.verdicts.iter_mut().enumerate() {
            for (at, verdict) in
                verdicts.iter_mut().enumerate().filter(|(_, one)| **one == Some(false))
            {
                *verdict = Some(true);
                explained.insert((weight, at));
            }
        }
        return told;
    }
    let certain: Vec<Suspect> =
        suspects.into_iter().filter(|one| one.slip == Slip::Parentheses).collect();
    if certain.is_empty() {
        return Vec::new();
    }
    explain(case, 0..case.group().len(), 0..case.iterations(), explained);
    told(case, sample, &certain)
}

/// Those of the suspects with whose right formulas all derivatives hold and lead down, where they do not
/// without; the factor of the derivatives is set by them.
fn with_all_right(case: &mut Case, sample: usize, suspects: &[Suspect]) -> Option<Vec<Suspect>> {
    let own = case.factor;
    let down = if case.is_made_small() { case.down(sample) } else { own.signum() };
    let fails = |of: &Vec<Option<bool>>| of.get(sample).is_some_and(|one| *one == Some(false));
    let has_parentheses = suspects.iter().any(|one| one.slip == Slip::Parentheses);
    if !has_parentheses && own.signum() == down && !case.verdicts.iter().any(fails) {
        return None;
    }
    let (certain, others): (Vec<Suspect>, Vec<Suspect>) =
        suspects.iter().cloned().partition(|one| one.slip == Slip::Parentheses);
    let signs: Vec<Suspect> = others.iter().filter(|one| one.slip == Slip::Sign).cloned().collect();
    let mut tried =
        vec![certain.clone(), [&certain[..], &signs].concat(), [&certain[..], &others].concat()];
    if others.len() <= MOST_ALONE {
        tried.extend(others.iter().map(|one| [&certain[..], std::slice::from_ref(one)].concat()));
    }
    tried.retain(|one| !one.is_empty());
    let mut sizes = vec![own.abs(), 1.0, 2.0];
    sizes.dedup_by(|a, b| agrees(*a, *b));
    let weights: Vec<usize> = (0..case.group().len()).collect();
    for suspects in tried {
        for size in &sizes {
            case.factor = size * down;
            let mut bench = Bench::new(case, sample, &weights);
            let cells: Vec<CellId> = suspects.iter().map(|one| one.cell).collect();
            let trees: Vec<Tree> = suspects.iter().map(|one| one.tree.clone()).collect();
            let behind = bench.behind(&cells);
            if bench.all_hold_with(&cells, &trees, &behind) {
                case.check();
                return Some(suspects);
            }
        }
    }
    case.factor = own;
    None
}

/// The findings about suspects, with the same cells of all other iterations.
fn told(case: &Case, sample: usize, suspects: &[Suspect]) -> Vec<Finding> {
    let graph = case.ground.graph;
    let mut found: Vec<(CellId, Slip, Finding)> = Vec::new();
    for suspect in suspects {
        let cell = suspect.cell;
        let others = (0..case.iterations()).filter_map(|at| case.beside(cell, sample, at));
        let is_like =
            |id: &CellId| self::suspect(graph, *id).is_some_and(|one| one.slip == suspect.slip);
        let mut cells: Vec<CellId> = others.filter(is_like).chain([cell]).collect();
        cells.sort_unstable();
        cells.dedup();
        let known = found.iter_mut().find(|(other, slip, _)| {
            *slip == suspect.slip && graph.family(*other) == graph.family(cell)
        });
        if let Some((.., finding)) = known {
            finding.cells.extend(cells);
            continue;
        }
        let Some(first) = cells.first().and_then(|id| self::suspect(graph, *id)) else { continue };
        let lacks = match suspect.slip {
            Slip::Parentheses => "1/1+EXP(-z) divides 1 by 1 only, for want of parentheses",
            Slip::Sign => "1/(1+EXP(z)) falls where z rises, for want of the minus",
            Slip::Inner => "the minus is of the first term only, for want of parentheses",
        };
        let name = describe::name(case.ground, first.cell);
        let message = format!(
            "{name} ({}) is no sigmoid: {lacks}. A sigmoid is 1/(1+EXP(-z)).",
            case.address(first.cell)
        );
        let mut finding = Finding::new(Kind::WrongForward, cells, message);
        finding.loss = case.loss(sample);
        case.propose(&mut finding, &first.tree);
        found.push((cell, suspect.slip, finding));
    }
    let told = found.into_iter().map(|(.., mut finding)| {
        finding.cells.sort_unstable();
        finding.consequences = case.consequences(&finding.cells);
        finding
    });
    told.collect()
}

/// What a cell's formula lacks of a sigmoid.
fn suspect(graph: &Graph, cell: CellId) -> Option<Suspect> {
    let tree = graph.tree(cell)?;
    let mut found = parts(&tree.root).into_iter().filter_map(|(path, part)| {
        let (slip, mended) = mended(part)?;
        let root = replaced(&tree.root, &path, &mended);
        Some(Suspect { cell, slip, tree: Tree { home: cell, root } })
    });
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// A part that is nearly a sigmoid as a sigmoid, and what it lacks.
fn mended(part: &Part) -> Option<(Slip, Part)> {
    let one = || Node::Number(1.0);
    let sigmoid = |exponential: Part| {
        one().binary(Operator::Divide, one().binary(Operator::Add, exponential))
    };
    let is_one = |part: &Part| *part == one();
    let exponent = |part: &Part| match part {
        Node::Call(function, inner) if function.name == "EXP" => inner.first().cloned(),
        _ => None,
    };
    let exponential = |part: &Part, inner: Part| match part {
        Node::Call(function, _) => Node::Call(function, vec![inner]),
        other => other.clone(),
    };
    let negated = |inner: &Part| Node::Negate(Box::new(inner.clone()));
    match part {
        // `1/1+EXP(-z)`, whatever the sign.
        Node::Binary(Operator::Add, left, right) => {
            let Node::Binary(Operator::Divide, above, below) = &**left else { return None };
            let inner = exponent(right)?;
            let inner = if is_negative(&inner) { inner } else { negated(&inner) };
            (is_one(above) && is_one(below))
                .then(|| (Slip::Parentheses, sigmoid(exponential(right, inner))))
        }
        Node::Binary(Operator::Divide, above, below) if is_one(above) => {
            let Node::Binary(Operator::Add, left, right) = &**below else { return None };
            let term = if is_one(left) { right } else { left };
            let inner = exponent(term).filter(|_| is_one(left) || is_one(right))?;
            let with = |slip, inner: Part| Some((slip, sigmoid(exponential(term, inner))));
            match &inner {
                Node::Binary(operator @ (Operator::Add | Operator::Subtract), first, second) => {
                    match without_sign(first) {
                        // `-a-b` has the minus before each term.
                        Some(_) if *operator == Operator::Subtract => None,
                        Some(first) => {
                            let sum = first.binary(*operator, (**second).clone());
                            with(Slip::Inner, negated(&sum))
                        }
                        None => with(Slip::Sign, negated(&inner)),
                    }
                }
                inner if is_negative(inner) => None,
                inner => with(Slip::Sign, negated(inner)),
            }
        }
        _ => None,
    }
}

/// Whether a part begins with a minus.
fn is_negative(part: &Part) -> bool {
    without_sign(part).is_some()
}

/// A part without the minus that it begins with.
fn without_sign(part: &Part) -> Option<Part> {
    match part {
        Node::Negate(inner) => Some((**inner).clone()),
        Node::Number(number) if *number < 0.0 => Some(Node::Number(-number)),
        Node::Binary(operator @ (Operator::Multiply | Operator::Divide), left, right) => {
            Some(without_sign(left)?.binary(*operator, (**right).clone()))
        }
        _ => None,
    }
}
