//! A weight whose updates follow another rule than those of the others: which of its formulas is the
//! one that is made otherwise.

mod alike;
mod pairing;
mod start;

use super::Followed;
use super::findings::finding;
use super::recurrence::Recurrence;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::{CellId, Tree};
use pairing::{COMPARED, Odd, Pairing};

/// Weights whose updates do the same with their gradients, each kind by itself, the largest first.
pub(super) fn kinds<'r, 'c, 'a>(all: &'r [Recurrence<'c, 'a>]) -> Vec<Vec<&'r Recurrence<'c, 'a>>> {
    let mut kinds: Vec<Vec<&Recurrence>> = Vec::new();
    for one in all {
        // What takes from another weight is like that one, which is not like it.
        let is_same = |kind: &&mut Vec<&Recurrence>| {
            Pairing::new(kind[0], one).is_same() && Pairing::new(one, kind[0]).is_same()
        };
        match kinds.iter_mut().find(is_same) {
            Some(kind) => kind.push(one),
            None => kinds.push(vec![one]),
        }
    }
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.len()));
    kinds
}

/// The findings about a weight that is not updated as the usual one is: about the formula that is made
/// otherwise, and about the one that the first iteration has in its place.
pub(super) fn findings_of(followed: &Followed, odd: &Recurrence) -> Vec<Finding> {
    let (case, usual) = (odd.case, followed.recurrence);
    let (name, other) = (case.weight_name(odd.weight), case.weight_name(usual.weight));
    let title = followed.title();
    let message = match case.group().len() {
        2 => format!("{name} is not updated as {other} is, which follows {title}."),
        _ => format!(
            "{name} is not updated as {other} and the other weights are, which follow {title}."
        ),
    };
    let Some(found) = Pairing::new(usual, odd).cause() else {
        let cells = odd.cells_of_updates().collect();
        return vec![told(odd, finding(case, Kind::OddWeight, cells, COMPARED, None, message))];
    };
    let Odd { cells, tree, first } = found;
    let about = |cells: Vec<CellId>, tree: Tree| {
        told(odd, finding(case, Kind::OddWeight, cells, COMPARED, Some(tree), message.clone()))
    };
    let start = first.map(|tree| about(vec![tree.home], tree));
    let mut findings: Vec<Finding> = start.into_iter().collect();
    findings.push(about(cells, tree));
    findings
}

/// The findings about weights that start otherwise than the others, though all later updates are the same:
/// what a formula gives where there is nothing before it is right.
pub(super) fn starts(all: &[&Recurrence]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for odd in all {
        let mut others = all.iter().filter(|other| other.weight != odd.weight);
        let found = others.find_map(|usual| Some((usual, Pairing::new(usual, odd).start()?)));
        let Some((usual, tree)) = found else { continue };
        let (name, other) = (odd.case.weight_name(odd.weight), odd.case.weight_name(usual.weight));
        let message = format!("{name} does not start as {other} does, though it goes on as that.");
        let one = finding(odd.case, Kind::OddWeight, vec![tree.home], 0, Some(tree), message);
        findings.push(told(odd, one));
    }
    findings
}

fn told(odd: &Recurrence, mut finding: Finding) -> Finding {
    finding.weight = odd.case.variable(odd.weight, 0);
    finding
}
