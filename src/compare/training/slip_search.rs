//! A training that one slip hides: one with several things wrong, until one formula is another.
//!
//! Where all updates take what stands a column too far, or predictions are made with the weights of the row
//! before, nothing can be held against anything, or each of them is said to be wrong by itself. So the
//! formulas that take the steps are tried with one small change each, and the workbook is read again with
//! that: where every derivative holds then and the rule is a known one, the change is what is wrong.

use super::fill::{shifted, translated};
use super::result::{Finding, Kind, Rule, Training, Trainings, Verdict};
use super::siblings::is_same;
use super::{Depth, as_they_are, names};
use crate::graph::place::Place;
use crate::graph::{CellId, Graph, Leaf, Target, Tree};

/// So many cells are evaluated for a search: a second's work or two.
const MOST_EVALUATED: usize = 25_000;

/// So many formulas are tried.
const MOST_FAMILIES: usize = 12;

/// What is changed of a formula.
enum Slip {
    /// It takes one cell where another belongs.
    Exchange(CellId, CellId),
    /// It takes a blank cell where this one belongs.
    Blank(CellId),
    /// All that it takes stands beside what it should take.
    Beside,
    /// All that it takes of the iteration before should be of its own.
    Before,
}

/// The trainings with what hides one put right, and told; none where no small change does that.
pub(super) fn found(graph: &Graph, known: &Trainings) -> Option<Trainings> {
    let [before] = &known.trainings[..] else { return None };
    if !has_several(before) {
        return None;
    }
    let mut tried: Vec<(&[CellId], Slip, Tree)> = Vec::new();
    for cells in units(graph, before).take(MOST_FAMILIES) {
        let Some(tree) = graph.tree(cells[0]) else { continue };
        let changes = changes(graph, (cells, &tree), before).into_iter();
        tried.extend(changes.map(|(slip, edited)| (cells, slip, edited)));
    }
    // Nobody writes down a column for nothing; what stands so in the first iteration, which has none before it,
    // is meant so; and the same of another iteration is sooner taken than something else.
    let is_of_column = |slip: &Slip| match slip {
        Slip::Exchange(old, new) => graph.family(*old) == graph.family(*new),
        _ => false,
    };
    tried.sort_by_cached_key(|(cells, slip, edited)| {
        let is_meant = stands_before(graph, cells, edited);
        (leaves_unused(graph, cells, slip), !is_meant, !is_of_column(slip))
    });
    for (cells, slip, edited) in tried.into_iter().take(MOST_EVALUATED / graph.len().max(1)) {
        let Some(other) = graph.rewritten(cells, &edited) else { continue };
        let found = as_they_are(&other, Depth::Known);
        if is_right(&found, before) {
            let mut found = as_they_are(&other, Depth::Rules);
            let finding = told(graph, &found.trainings[0], (cells, &slip, &edited));
            found.trainings[0].findings.push(finding);
            return Some(found);
        }
    }
    None
}

/// Whether nothing but its own column takes a cell any more where these take another.
fn leaves_unused(graph: &Graph, cells: &[CellId], slip: &Slip) -> bool {
    let Slip::Exchange(old, new) = *slip else { return false };
    let is_other = |user: &CellId| graph.family(*user) != graph.family(old);
    let is_left = |user: &CellId| is_other(user) && !cells.contains(user);
    is_other(&new) && !graph.users(old).iter().any(is_left)
}

/// Whether the cell before the first of these has the formula that they get.
fn stands_before(graph: &Graph, cells: &[CellId], edited: &Tree) -> bool {
    let [first, second, ..] = *cells else { return false };
    let (first, second) = (Place::of(graph, first), Place::of(graph, second));
    let before = (first - (second - first)).cell(graph);
    before.is_some_and(|before| {
        let meant = translated(graph, edited, before);
        meant.zip(graph.tree(before)).is_some_and(|(meant, there)| is_same(&meant, &there))
    })
}

/// Whether several formulas of a plain descent are said to be others than they should be, or of any rule where nobody
/// knows what belongs in an update.
fn has_several(training: &Training) -> bool {
    let mut mistakes = training.findings.iter().filter(|one| one.kind.is_mistake());
    let is_formula = |kind| {
        matches!(
            kind,
            Kind::WrongDerivative
                | Kind::WrongWeight
                | Kind::InconsistentFormula
                | Kind::WrongForward
                | Kind::OddWeight
        )
    };
    let is_unknown = |one: &Finding| one.kind == Kind::OddWeight && one.proposed.is_none();
    (training.rule_name() == "sgd" || mistakes.clone().any(is_unknown))
        && mistakes.clone().count() > 1
        && mistakes.all(|one| is_formula(one.kind))
}

/// Whether there is one training, of weights that were known, in which everything holds, by a known rule.
fn is_right(found: &Trainings, before: &Training) -> bool {
    let [only] = &found.trainings[..] else { return false };
    let is_verified = |one: &super::result::Weight| one.verdict == Verdict::Verified;
    only.loss.cell().is_some()
        && (only.rule == Rule::Descent || only.optimizer.is_some())
        && only
            .weights
            .iter()
            .all(|one| before.weights.iter().any(|known| known.start == one.start))
        && only.weights.iter().all(is_verified)
        && only.holds()
}

/// The cells that formulas are filled over which refer to what was before.
fn units<'g>(graph: &'g Graph, training: &'g Training) -> impl Iterator<Item = &'g [CellId]> {
    let refers_back = |first: CellId| {
        graph.inputs(first).iter().any(|input| {
            let by = Place::of(graph, *input) - Place::of(graph, first);
            (by.sheet, by.row, by.column) < (0, 0, 0) && !graph.is_leaf(*input)
                || graph.inputs(*input).is_empty() && by.column == 0
        })
    };
    let is_own = |first: CellId| training.sheets.contains(&graph.sheet(first));
    let filled = graph.families().map(|family| graph.members(family));
    // What the first of them takes may be typed.
    filled.filter(move |cells| {
        cells.len() > 2 && is_own(cells[0]) && cells[..2].iter().any(|cell| refers_back(*cell))
    })
}

/// Small changes of a formula: a reference, or all of them, to what stands beside, to the iteration before where its
/// own belongs, or to a gradient.
fn changes(
    graph: &Graph,
    (members, tree): (&[CellId], &Tree),
    training: &Training,
) -> Vec<(Slip, Tree)> {
    let mut found = Vec::new();
    let is_row =
        members.windows(2).any(|pair| graph.position(pair[0]).0 < graph.position(pair[1]).0);
    let (across, along) =
        if is_row { (Place::RIGHT, Place::DOWN) } else { (Place::DOWN, Place::RIGHT) };
    let ways = [across * -1, across];
    let home = Place::of(graph, tree.home);
    let is_before = |leaf: &Leaf| {
        leaf.id().is_some_and(|id| {
            let by = Place::of(graph, id) - home;
            by.sheet == 0 && if is_row { by.row == -1 } else { by.column == -1 }
        })
    };
    let moved = |leaf: &Leaf, way: Place| -> Option<Leaf> {
        let target = shifted(graph, &leaf.free(), way)?;
        Some(Leaf { target, slot: None, ..*leaf })
    };
    let is_relative = |leaf: &Leaf| leaf.fixed != [true; 4];
    let gradients = || training.weights.iter().filter_map(|one| one.gradient);
    let leaves: Vec<Leaf> = tree.leaves().into_iter().copied().collect();
    for (nth, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| is_relative(leaf)) {
        let along = is_before(leaf).then_some(along);
        let news = ways.into_iter().chain(along).filter_map(|way| moved(leaf, way));
        let gradients =
            gradients().map(|id| Leaf { slot: None, target: Target::Cell(id), ..*leaf });
        for new in news.chain(gradients).filter(|new| new.target != leaf.target) {
            let other = tree.map(&mut |at, leaf| if at == nth { new } else { *leaf });
            let slip = match (leaf.id(), new.id()) {
                (Some(old), Some(new)) => Slip::Exchange(old, new),
                (None, Some(new)) => Slip::Blank(new),
                _ => continue,
            };
            found.push((slip, other));
        }
    }
    let with = |is_meant: &dyn Fn(&Leaf) -> bool, way| {
        tree.map(&mut |_, leaf| match is_relative(leaf) && is_meant(leaf) {
            true => moved(leaf, way).unwrap_or(*leaf),
            false => *leaf,
        })
    };
    found.push((Slip::Before, with(&is_before, along)));
    found.extend(ways.map(|way| (Slip::Beside, with(&|_| true, way))));
    found
}

/// What is told of the cells whose formula hid the training.
fn told(
    graph: &Graph,
    training: &Training,
    (cells, slip, edited): (&[CellId], &Slip, &Tree),
) -> Finding {
    let rule = training.optimizer.as_ref().map_or("gradient descent", |one| &one.title);
    let address = |id: CellId| names::address(graph, id);
    let called = |id: CellId| match names::of_cell(graph, id) {
        Some(name) => format!("{} ({name})", address(id)),
        None => address(id),
    };
    let what = match slip {
        Slip::Exchange(old, new) => {
            format!("it takes {}, where {} belongs", called(*old), called(*new))
        }
        Slip::Blank(new) => format!("it takes a blank cell, where {} belongs", called(*new)),
        Slip::Beside => "all that it takes stands beside what it should take".to_owned(),
        Slip::Before => "it takes the iteration before, where its own belongs".to_owned(),
    };
    let message = format!(
        "{} hides what this training is: {what}. With that the steps are those of {rule}, and every \
         derivative holds.",
        address(edited.home),
    );
    let mut finding = Finding::new(Kind::WrongWeight, cells.to_vec(), message);
    finding.propose(graph, edited, &address(edited.home));
    finding.consequences = graph.dependents(cells).len();
    finding
}
