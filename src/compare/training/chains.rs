//! Chains of updates, put together from the pieces that they come in.
//!
//! A chain breaks where someone typed a value over a formula, or refers to the wrong cell. The place
//! where the next update should stand says which pieces belong together.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::updates::{Update, Updates};
use super::weights::{Break, Weight, behind};
use crate::graph::place::{Place, most_common, usual_shift};
use crate::graph::{CellId, Graph};

/// So many iterations back a value may be taken by mistake.
const MOST_MISSED: i64 = 4;

/// Which update steps from what.
pub(super) struct Links<'a> {
    graph: &'a Graph,
    updates: &'a HashMap<CellId, Update>,
    /// For each update, the cell that the value comes from that it steps from.
    from: HashMap<CellId, CellId>,
    children: HashMap<CellId, Vec<CellId>>,
    /// How many updates follow on each other from a cell on.
    depth: HashMap<CellId, usize>,
}

/// A chain that is being put together.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub start: Option<CellId>,
    steps: Vec<Option<Update>>,
    /// The value after each step.
    values: Vec<CellId>,
    breaks: Vec<(usize, Break)>,
}

impl<'a> Links<'a> {
    pub fn new(graph: &'a Graph, updates: &Updates, accepted: &'a HashMap<CellId, Update>) -> Self {
        let origins = |update: &Update| {
            // The cell itself where other weights start from the same one.
            updates.origin(update.previous)
        };
        let mut shared: HashMap<CellId, HashSet<CellId>> = HashMap::new();
        for update in accepted.values() {
            shared.entry(origins(update)).or_default().insert(update.previous);
        }
        let mut from = HashMap::new();
        for (id, update) in accepted {
            let origin = origins(update);
            let is_shared = !accepted.contains_key(&origin) && shared[&origin].len() > 1;
            from.insert(*id, if is_shared { update.previous } else { origin });
        }
        let mut children: HashMap<CellId, Vec<CellId>> = HashMap::new();
        for (child, parent) in &from {
            children.entry(*parent).or_default().push(*child);
        }
        children.values_mut().for_each(|all| all.sort_unstable());
        let mut depth = HashMap::new();
        for id in graph.order().iter().rev().filter(|id| accepted.contains_key(id)) {
            let below = children.get(id).into_iter().flatten();
            let deepest = below.map(|child| depth.get(child).copied().unwrap_or(0)).max();
            depth.insert(*id, 1 + deepest.unwrap_or(0));
        }
        Links { graph, updates: accepted, from, children, depth }
    }

    /// The chains from every start, then those that branch off from another.
    pub fn chains(&self) -> Vec<Chain> {
        let mut starts: Vec<CellId> =
            self.children.keys().copied().filter(|id| !self.updates.contains_key(id)).collect();
        starts.sort_unstable();
        let mut chains = Vec::new();
        let mut orphans = Vec::new();
        for start in starts {
            chains.push(self.follow(Some(start), start, &mut orphans));
        }
        let mut at = 0;
        while at < orphans.len() {
            let first: CellId = orphans[at];
            at += 1;
            let mut chain = Chain {
                start: None,
                steps: vec![self.updates.get(&first).cloned()],
                values: vec![first],
                breaks: Vec::new(),
            };
            let rest = self.follow(None, first, &mut orphans);
            chain.steps.extend(rest.steps);
            chain.values.extend(rest.values);
            chains.push(chain);
        }
        chains
    }

    /// Follows the updates from `from` on, at each fork the one that goes on as before.
    fn follow(&self, start: Option<CellId>, from: CellId, orphans: &mut Vec<CellId>) -> Chain {
        let mut chain = Chain { start, steps: Vec::new(), values: Vec::new(), breaks: Vec::new() };
        let (mut at, mut shift, mut steady) = (from, None, 0);
        while let Some(children) = self.children.get(&at) {
            let best = children.iter().copied().max_by_key(|child| {
                let step = Place::of(self.graph, *child) - Place::of(self.graph, at);
                let depth = self.depth.get(child).copied().unwrap_or(0);
                let goes_on = self.children.get(child).into_iter().flatten().any(|next| {
                    Place::of(self.graph, *next) - Place::of(self.graph, *child) == step
                });
                let is_strict = i64::from(depth > 0);
                (shift == Some(step), depth, goes_on, is_strict, -step.length())
            });
            let Some(next) = best.map(|best| self.nearer(at, best, shift).unwrap_or(best)) else {
                break;
            };
            let step = Place::of(self.graph, next) - Place::of(self.graph, at);
            let is_stray = steady > 1 && shift != Some(step) && self.depth.get(&next) == Some(&1);
            if is_stray {
                orphans.extend(children);
                break;
            }
            steady = if shift == Some(step) { steady + 1 } else { 1 };
            orphans.extend(children.iter().filter(|child| **child != next));
            shift = Some(Place::of(self.graph, next) - Place::of(self.graph, at));
            chain.steps.push(self.updates.get(&next).cloned());
            chain.values.push(next);
            at = next;
        }
        chain
    }

    /// The update that stands where the one after `at` should, as far off as those after `next` are from
    /// each other: `next` looks back over it, so that it is wrong, not the first of another chain.
    fn nearer(&self, at: CellId, next: CellId, shift: Option<Place>) -> Option<CellId> {
        let place = |id: CellId| Place::of(self.graph, id);
        let far = place(next) - place(at);
        let after = self.children.get(&next)?.iter().map(|one| place(*one) - place(next));
        let after: Vec<Place> = after.collect();
        let mut others = self.children[&at].iter().copied().filter(|one| *one != next);
        others.find(|one| {
            let near = place(*one) - place(at);
            let is_further = (2..=MOST_MISSED).any(|times| near * times == far);
            shift != Some(far) && is_further && after.contains(&near)
        })
    }
}

/// Where a chain would go on.
struct End {
    /// Where its next update should stand.
    next: Option<Place>,
    /// Where that should look for the value that it steps from.
    shown: Option<Place>,
}

impl Chain {
    fn end(&self, graph: &Graph, usual: Option<Place>) -> End {
        End { next: self.next_update(graph, usual), shown: self.next_shown(graph, usual) }
    }

    /// The start, where it is known, and the values after it.
    fn all(&self) -> impl Iterator<Item = CellId> {
        self.start.iter().chain(&self.values).copied()
    }

    fn last(&self) -> Option<CellId> {
        self.values.last().copied().or(self.start)
    }

    /// Where the update after the last one should stand.
    fn next_update(&self, graph: &Graph, usual: Option<Place>) -> Option<Place> {
        let places: Vec<_> = self.values.iter().map(|id| Some(Place::of(graph, *id))).collect();
        let shift = match usual_shift(&places).or(usual) {
            Some(shift) => shift,
            None => Place::of(graph, *self.values.last()?) - Place::of(graph, self.start?),
        };
        Some(Place::of(graph, self.last()?) + shift)
    }

    /// Where the next update should look for the value that it steps from.
    fn next_shown(&self, graph: &Graph, usual: Option<Place>) -> Option<Place> {
        let shown = self.steps.iter().map(|step| Some(Place::of(graph, step.as_ref()?.previous)));
        let shown: Vec<_> = shown.collect();
        let last = shown.iter().rposition(Option::is_some)?;
        let ahead = (shown.len() - last) as i64;
        Some(shown[last]? + usual_shift(&shown).or(usual)? * ahead)
    }

    pub fn weight(self, updates: &Updates) -> Weight {
        let values: Vec<CellId> = self.all().collect();
        let mut shown = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let typed = self.breaks.iter().find_map(|(at, kind)| match kind {
                Break::Typed(cell) | Break::HandOver(cell) if *at + 1 == index => Some(*cell),
                _ => None,
            });
            let is_other = self.breaks.contains(&(index, Break::OtherWeight));
            let previous = step.as_ref().filter(|_| !is_other).map(|step| step.previous);
            shown.push(previous.or(typed).unwrap_or(values[index]));
        }
        if let Some(last) = values.last()
            && shown.iter().zip(&values).all(|(shown, value)| shown == value)
            && !updates.is_alias(*last)
        {
            shown.push(*last);
        }
        let mut variables = values.clone();
        for (at, kind) in &self.breaks {
            if let Break::Typed(cell) | Break::HandOver(cell) = kind
                && let Some(value) = variables.get_mut(at + 1)
            {
                *value = *cell;
            }
        }
        Weight { values, shown, variables, updates: self.steps, breaks: self.breaks }
    }
}

/// Puts chains together that were broken.
pub(super) fn join(graph: &Graph, links: &Links, chains: &mut Vec<Chain>) {
    let usual = most_common(chains.iter().flat_map(|chain| {
        let places = chain.values.iter().map(|id| Place::of(graph, *id));
        let places: Vec<Place> = places.collect();
        places.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
    }));
    let mut starts = Starts::of(graph, chains);
    let mut is_gone = vec![false; chains.len()];
    let mut ends: Vec<End> = chains.iter().map(|chain| chain.end(graph, usual)).collect();
    // Pieces in the order in which a spreadsheet computes, so that each finds its predecessor whole.
    let mut order: Vec<usize> = (0..chains.len()).collect();
    order.sort_by_key(|at| chains[*at].steps.first().and_then(|step| Some(step.as_ref()?.cell)));
    let mut again = true;
    while again {
        again = false;
        for &later in &order {
            if is_gone[later] {
                continue;
            }
            let found = (0..chains.len())
                .filter(|earlier| *earlier != later && !is_gone[*earlier])
                .find_map(|earlier| {
                    let end = &ends[earlier];
                    let piece = (&chains[earlier], end);
                    Some((earlier, broken(graph, &mut starts, piece, &chains[later])?))
                });
            if let Some((earlier, kind)) = found {
                let piece = chains[later].clone();
                let next = ends[earlier].next;
                let is_update = piece.start.is_some_and(|at| next == Some(Place::of(graph, at)));
                append(&mut chains[earlier], piece, (kind, is_update));
                ends[earlier] = chains[earlier].end(graph, usual);
                is_gone[later] = true;
                again = true;
            }
        }
    }
    let mut gone = is_gone.iter();
    chains.retain(|_| !gone.next().copied().unwrap_or(false));
    copied_columns(graph, links, chains);
}

/// Whether `later` goes on where `earlier` ends, and what broke.
fn broken(
    graph: &Graph,
    starts: &mut Starts,
    (earlier, end): (&Chain, &End),
    later: &Chain,
) -> Option<Break> {
    earlier.start?;
    let first = later.steps.first()?.as_ref()?;
    let End { next, shown } = *end;
    let is_shown = shown == Some(Place::of(graph, first.previous));
    let is_handed = is_shown && earlier.last() != Some(first.previous);
    match later.start {
        Some(start) if next == Some(Place::of(graph, start)) => Some(Break::Typed(start)),
        Some(start) if is_handed => Some(Break::Typed(start)),
        None if is_handed => Some(Break::HandOver(first.previous)),
        None if next == Some(Place::of(graph, first.cell)) => Some(Break::OtherWeight),
        Some(_) => handed_on(graph, starts, earlier, later),
        None => None,
    }
}

/// Whether the one update of `later` starts from a number that is what `earlier` ends with: each
/// iteration's start is typed from the last result.
fn handed_on(graph: &Graph, starts: &mut Starts, earlier: &Chain, later: &Chain) -> Option<Break> {
    let (start, first) = (later.start?, later.steps.first()?.as_ref()?);
    let last = earlier.steps.last()?.as_ref()?;
    let is_same_formula = graph.family(last.cell).is_some()
        && graph.family(last.cell) == graph.family(first.cell)
        && first.cell > last.cell;
    let (value, typed) = (graph.value(last.cell).number()?, graph.value(start).number()?);
    let is_same = (value - typed).abs() <= 1e-3 * value.abs().max(1e-9);
    let is_handed = is_same_formula
        && is_same
        && graph.tree(start).is_none()
        && !starts.are_beside((earlier.start?, last.cell), (start, first.cell));
    is_handed.then_some(Break::Typed(start))
}

/// What chains start from, and which of these cells are computed from.
struct Starts<'a> {
    graph: &'a Graph,
    all: HashSet<CellId>,
    /// By cell, as far as it was asked for: behind the last update of a chain stands its whole history.
    behind: HashMap<CellId, Rc<HashSet<CellId>>>,
}

impl<'a> Starts<'a> {
    fn of(graph: &'a Graph, chains: &[Chain]) -> Self {
        let all = chains.iter().filter_map(|chain| chain.start).collect();
        Starts { graph, all, behind: HashMap::new() }
    }

    fn behind(&mut self, cell: CellId) -> Rc<HashSet<CellId>> {
        let found = self.behind.entry(cell).or_insert_with(|| {
            let mut cells = behind(self.graph, vec![cell]);
            cells.retain(|id| self.all.contains(id));
            Rc::new(cells)
        });
        found.clone()
    }

    /// Whether a weight with this start and this first update is stepped beside another, of which the start and the
    /// last update are known, in the same iterations: that one is computed from its start, or both from a third.
    /// What is computed from nothing else may start alike.
    fn are_beside(
        &mut self,
        (own, last): (CellId, CellId),
        (start, first): (CellId, CellId),
    ) -> bool {
        let (behind_last, behind_first) = (self.behind(last), self.behind(first));
        let mut others = behind_first.iter().filter(|id| **id != start);
        behind_last.contains(&start)
            || !behind_first.contains(&own) && others.clone().any(|id| behind_last.contains(id))
            || others.next().is_none() && self.graph.value(own) == self.graph.value(start)
    }
}

/// Adds a piece behind a chain, and what broke; `is_update` where its start stands in the place of an update.
fn append(chain: &mut Chain, later: Chain, (kind, is_update): (Break, bool)) {
    let at = chain.steps.len();
    match kind {
        // Where the update itself was typed over, the value takes its place.
        Break::Typed(start) if is_update => {
            chain.breaks.push((at, kind));
            chain.steps.push(None);
            chain.values.push(start);
        }
        Break::Typed(_) | Break::HandOver(_) => {
            chain.breaks.push((at.saturating_sub(1), kind));
        }
        _ => chain.breaks.push((at, kind)),
    }
    let offset = chain.steps.len();
    chain.breaks.extend(later.breaks.into_iter().map(|(index, kind)| (index + offset, kind)));
    chain.steps.extend(later.steps);
    chain.values.extend(later.values);
}

/// A column of updates that was copied from its neighbour steps from the neighbour's values only;
/// what stands above it is a start that other formulas use.
fn copied_columns(graph: &Graph, links: &Links, chains: &mut Vec<Chain>) {
    let mut pieces: Vec<Chain> =
        chains.iter().filter(|chain| chain.start.is_none()).cloned().collect();
    pieces.sort_by_key(|chain| chain.values.first().copied());
    // What a chain ends with goes on nowhere: what else refers to it is no copy of its next update.
    let next: HashMap<CellId, CellId> =
        chains.iter().flat_map(|chain| chain.all().zip(chain.all().skip(1))).collect();
    let mut made: Vec<Chain> = Vec::new();
    for piece in pieces {
        let (Some(first), Some(step)) = (piece.values.first(), piece.steps.first()) else {
            continue;
        };
        let Some(step) = step else { continue };
        let parent = links.from.get(&step.cell).copied();
        let Some((parent, next)) = parent.and_then(|id| Some((id, *next.get(&id)?))) else {
            continue;
        };
        let shift = Place::of(graph, next) - Place::of(graph, parent);
        let before = (Place::of(graph, *first) - shift).cell(graph);
        let Some(before) = before.filter(|id| graph.value(*id).number().is_some()) else {
            continue;
        };
        if let Some(chain) = made.iter_mut().find(|chain| chain.last() == Some(before)) {
            append(chain, piece, (Break::OtherWeight, false));
        } else if graph.tree(before).is_none()
            && !graph.users(before).is_empty()
            && !graph.users(*first).is_empty()
        {
            let mut chain = Chain {
                start: Some(before),
                steps: Vec::new(),
                values: Vec::new(),
                breaks: Vec::new(),
            };
            append(&mut chain, piece, (Break::OtherWeight, false));
            made.push(chain);
        }
    }
    chains.extend(made);
}
