//! What sheets without a training are, as far as their formulas say it: a fit by least squares, a
//! recurrence (a balance, a moving average, a simulation), a loss that nothing makes small, a table.
//!
//! A recurrence is known by families of formulas that need themselves: what is filled down refers to
//! what it gave in the row before, directly or through other columns.

use std::collections::{HashMap, HashSet};

use super::check::agrees;
use super::names;
use super::terms::{Part, cells_in, factors, only_cell, terms};
use crate::data::address::cell_name;
use crate::formula::Operator;
use crate::graph::{CellId, FamilyId, Graph, Node, Tree};
use crate::value::counted;

/// So many columns of a recurrence, and so many numbers behind a loss, are named.
const MOST_NAMED: usize = 3;
/// Numbers that so many formulas share may be what a loss is to be made small by.
const FEWEST_USERS: usize = 3;
/// So many cells are looked at between one value and the next.
const MOST_BETWEEN: usize = 10_000;
/// A recurrence goes on for so many steps at least.
const FEWEST_STEPS: usize = 3;

/// What a sheet is; none where it has no formulas.
pub(super) fn told(graph: &Graph, sheet: usize) -> Option<String> {
    let formulas: Vec<CellId> =
        graph.order().iter().copied().filter(|id| graph.sheet(*id) == sheet).collect();
    let drawn =
        graph.cells().filter(|id| graph.sheet(*id) == sheet && is_drawn(graph, *id)).count();
    if formulas.is_empty() && drawn == 0 {
        return None;
    }
    let found = recurrence(graph, &formulas).or_else(|| loss_without_steps(graph, &formulas));
    Some(found.unwrap_or_else(|| in_one_go(formulas.len(), drawn)))
}

fn is_drawn(graph: &Graph, id: CellId) -> bool {
    graph.is_leaf(id) && graph.formula_text(id).is_some_and(|text| text.contains("RAND"))
}

/// A table without steps.
fn in_one_go(computed: usize, drawn: usize) -> String {
    let computed = match computed {
        0 => None,
        1 => Some("1 formula, which computes no next value from the one before".to_owned()),
        many => Some(format!(
            "{}, none of which computes a next value from the one before",
            counted(many, "formula")
        )),
    };
    let drawn = (drawn > 0).then(|| format!("{} at random", counted(drawn, "number")));
    let parts: Vec<String> = drawn.into_iter().chain(computed).collect();
    format!("no training but a table: {}", parts.join(", and "))
}

/// Values each of which follows from the one before.
fn recurrence(graph: &Graph, formulas: &[CellId]) -> Option<String> {
    let mut families = circular(graph, formulas);
    families.retain(|family| graph.members(*family).len() >= FEWEST_STEPS);
    // What counts on by itself is the number of a step, not its result.
    families.retain(|family| !counts(graph, *family));
    families.sort_by_key(|family| (step(graph, *family).is_none(), graph.members(*family)[0]));
    let named: Vec<String> =
        families.iter().take(MOST_NAMED).map(|family| column(graph, *family)).collect();
    let more = match families.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let follows = if families.len() == 1 { "follows" } else { "follow" };
    let kinds: Vec<_> = families.iter().filter_map(|family| kind(graph, *family)).collect();
    let kind = kinds.first().copied().flatten().filter(|kind| {
        kinds.iter().all(|one| *one == Some(*kind)) && (*kind != BALANCE || kinds.len() == 1)
    });
    let kind = kind.or((families.len() > 1).then_some("as in a schedule or a simulation"));
    (!families.is_empty()).then(|| {
        format!(
            "no training but a recurrence: {}{more} {follows} from the values before{}; its formulas are no \
             gradient descent, since no step is along the slope of a loss",
            named.join(", "),
            kind.map_or(String::new(), |kind| format!(", {kind}")),
        )
    })
}

/// The families that need themselves, or stand between such that do.
fn circular(graph: &Graph, formulas: &[CellId]) -> Vec<FamilyId> {
    let mut inputs: HashMap<FamilyId, HashSet<FamilyId>> = HashMap::new();
    for id in formulas {
        let Some(family) = graph.family(*id) else { continue };
        let needed = graph.inputs(*id).iter().filter_map(|input| graph.family(*input));
        inputs.entry(family).or_default().extend(needed);
    }
    loop {
        let known: HashSet<FamilyId> = inputs.keys().copied().collect();
        let used: HashSet<FamilyId> = inputs.values().flatten().copied().collect();
        let before = inputs.len();
        inputs.values_mut().for_each(|needed| needed.retain(|family| known.contains(family)));
        inputs.retain(|family, needed| !needed.is_empty() && used.contains(family));
        if inputs.len() == before {
            return inputs.into_keys().collect();
        }
    }
}

/// Whether each cell of a family is the one before and a number that is the same for all.
fn counts(graph: &Graph, family: FamilyId) -> bool {
    let Some((tree, before)) = step(graph, family) else { return false };
    let is_same =
        |id: CellId| graph.is_leaf(id) && graph.users(id).len() >= graph.members(family).len();
    let terms = terms(&tree.root);
    terms.len() > 1
        && terms.iter().all(|(_, term)| {
            only_cell(term) == Some(before) || cells_in(graph, term).into_iter().all(is_same)
        })
}

/// The formula of a cell in the midst of a family, with the cell of the family that it steps from.
fn step(graph: &Graph, family: FamilyId) -> Option<(Tree, CellId)> {
    let members = graph.members(family);
    step_of(graph, members[members.len() / 2])
}

fn step_of(graph: &Graph, id: CellId) -> Option<(Tree, CellId)> {
    let family = graph.family(id);
    let before = graph.inputs(id).iter().rfind(|input| graph.family(**input) == family)?;
    Some((graph.tree(id)?, *before))
}

const BALANCE: &str = "as a balance does that grows or shrinks by a share of itself";

/// What kind of recurrence a family is; none where it does not step from itself, and where it does in
/// no way that has a name.
fn kind(graph: &Graph, family: FamilyId) -> Option<Option<&'static str>> {
    let (tree, before) = step(graph, family)?;
    if is_newton(graph, &tree, before) {
        return Some(Some("by Newton's method, which divides a function by its slope"));
    }
    let is_member = |input: &&CellId| graph.family(**input) == Some(family);
    if graph.inputs(tree.home).iter().filter(is_member).count() > 1 {
        return Some(None);
    }
    let (own, found) = slopes(graph, &tree, before);
    let next = graph.members(family).last().and_then(|last| step_of(graph, *last));
    let Some((next, known)) = next.map(|(tree, before)| slopes(graph, &tree, before)) else {
        return Some(None);
    };
    let is_steady = agrees(own, next);
    // What other steps take, too, is no new number.
    let data =
        found.iter().filter(|(id, slope)| *slope != 0.0 && known.iter().all(|one| one.0 != *id));
    let data: Vec<f64> = data.map(|(_, slope)| *slope).collect();
    let is_average = data.iter().any(|slope| agrees(own + slope, 1.0));
    Some(match data[..] {
        [_] if is_average && own > 0.0 && own < 1.0 => {
            Some("as a moving average does, which goes a share of the way to each new number")
        }
        [one] if one.abs() == 1.0 && own == 1.0 => Some("as a running total does"),
        [] if is_steady && is_line(graph, family) && own > 0.0 && own != 1.0 => Some(BALANCE),
        _ => None,
    })
}

/// Whether a family stands in one column or one row.
fn is_line(graph: &Graph, family: FamilyId) -> bool {
    let members = graph.members(family);
    let [first, last] = [members[0], members[members.len() - 1]].map(|id| graph.position(id));
    first.0 == last.0 || first.1 == last.1
}

/// How a value moves with the one before it, through whatever columns, and with each number behind it.
fn slopes(graph: &Graph, tree: &Tree, before: CellId) -> (f64, Vec<(CellId, f64)>) {
    let mut open = vec![tree.home];
    let mut between: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop().filter(|_| between.len() < MOST_BETWEEN) {
        let inputs = graph.inputs(id).iter().copied();
        open.extend(inputs.filter(|input| *input != before && between.insert(*input)));
    }
    let among = graph.order().iter().copied().filter(|id| between.contains(id));
    let among: Vec<CellId> = among.collect();
    let adjoints = graph.adjoints(tree.home, graph.values(), &among);
    let data = between.iter().filter(|id| graph.is_leaf(**id));
    (adjoints.get(before), data.map(|id| (*id, adjoints.get(*id))).collect())
}

/// Whether a step from a cell is a quotient whose divisor is the slope of what is divided.
fn is_newton(graph: &Graph, tree: &Tree, before: CellId) -> bool {
    let values = graph.values();
    let of = |part: &Part| Tree { home: tree.home, root: part.clone() };
    terms(&tree.root).into_iter().any(|(sign, term)| {
        let Node::Binary(Operator::Divide, above, below) = term else { return false };
        let whole = factors(below);
        let above = match only_cell(above).and_then(|id| graph.tree(id)) {
            Some(inner) => inner,
            None => of(above),
        };
        let slopes = graph.tree_adjoints(&above, values);
        let slope = slopes.iter().find(|(id, _)| *id == before).map(|(_, slope)| *slope);
        let divisor = graph.evaluate_tree(&of(below), values).number();
        sign < 0.0
            && !whole.parts.is_empty()
            && slope.zip(divisor).is_some_and(|(a, b)| a != 0.0 && agrees(a, b))
    })
}

/// A loss and the numbers that it could be made small by, where no formula does.
fn loss_without_steps(graph: &Graph, formulas: &[CellId]) -> Option<String> {
    let mut losses = formulas.iter().copied().filter(|id| {
        graph.users(*id).is_empty()
            && names::is_called_loss(graph, *id)
            && graph.value(*id).number().is_some_and(|value| value >= 0.0)
    });
    losses.find_map(|loss| {
        let mut open = vec![loss];
        let mut seen: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            open.extend(graph.inputs(id).iter().copied().filter(|input| seen.insert(*input)));
        }
        let mut shared: Vec<CellId> =
            seen.iter().copied().filter(|id| is_parameter(graph, *id)).collect();
        shared.sort_unstable();
        let data = seen.iter().filter(|id| graph.is_leaf(**id)).count() - shared.len();
        (!shared.is_empty() && data >= FEWEST_USERS).then(|| {
            let shown: Vec<String> =
                shared.iter().take(MOST_NAMED).map(|id| cell_name(graph.position(*id))).collect();
            let more = match shared.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let name = names::of_cell(graph, loss).unwrap_or_default();
            format!(
                "no training: it computes a loss ({name}, {}) with {}{more}, but no formula changes these step by \
                 step, as for Solver, or as the result of a training elsewhere",
                cell_name(graph.position(loss)),
                shown.join(", "),
            )
        })
    })
}

/// Whether a typed number is what several formulas filled from one another share.
fn is_parameter(graph: &Graph, id: CellId) -> bool {
    let mut counts: HashMap<FamilyId, usize> = HashMap::new();
    for family in graph.users(id).iter().filter_map(|user| graph.family(*user)) {
        *counts.entry(family).or_default() += 1;
    }
    graph.tree(id).is_none()
        && graph.value(id).number().is_some()
        && counts.values().any(|count| *count >= FEWEST_USERS)
}

/// A family by its header and its first and last cell: `balance (B8:B30)`.
fn column(graph: &Graph, family: FamilyId) -> String {
    let members = graph.members(family);
    let ends = [members[0], members[members.len() - 1]];
    let [first, last] = ends.map(|id| graph.position(id));
    let range = format!("{}:{}", cell_name(first), cell_name(last));
    let is_row = first.0 == last.0;
    let labels = match is_row {
        true => [names::left_label(graph, ends[0]), None],
        false => ends.map(|id| names::header(graph, id)),
    };
    match labels {
        [Some(one), Some(other)] if one != other => format!("{one} to {other} ({range})"),
        [Some(one), _] => format!("{one} ({range})"),
        [None, _] => range,
    }
}
