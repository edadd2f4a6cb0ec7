//! Invented points: weights, data and constants drawn at random, everything evaluated from them.
//!
//! Formulas are compared as functions. At the sheet's own numbers a wrong term hides behind an x of
//! 0, or behind two neurons that agree to four digits; at invented ones it cannot. Numbers that say
//! how a sheet computes rather than what from (a count that sums are divided by, an exponent, what is
//! compared or looked up) keep their values, and logarithms get positive arguments.

use std::collections::{HashMap, HashSet};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::iterations::Tags;
use super::shares::Shares;
use super::thresholds::Thresholds;
use crate::formula::Operator;
use crate::graph::{CellId, FamilyId, Graph, Node, Scalar, Slot, Target, Values};

/// How many points there are.
const POINTS: usize = 3;

/// How many there are where values depend on the side of a threshold on which something lies that
/// weights change: at few points a wrong one lies on the same side by chance.
const POINTS_BESIDE_THRESHOLDS: usize = 8;

/// So often the weights of an iteration are drawn again where a cell has no value.
const MOST_DRAWN: usize = 10;

/// So often of either sign.
const OF_EITHER_SIGN: usize = 4;

/// So far from 0 thresholds are looked for on both sides.
const MOST_REACHED: f64 = 2.0;

/// The values of all cells at each point.
#[derive(Debug)]
pub struct Invented {
    /// The points.
    pub points: Vec<Values>,
}

impl Invented {
    /// Draws the points for all trainings of `tags`.
    pub fn new(graph: &Graph, tags: &Tags, trainings: usize) -> Invented {
        let constants = Constants::find(graph, tags);
        let mut thresholds = Thresholds::find(graph, tags);
        let count = if thresholds.is_empty() { POINTS } else { POINTS_BESIDE_THRESHOLDS };
        let points = (0..count).map(|number| {
            let mut random = ChaCha8Rng::seed_from_u64(number as u64 + 1);
            let mut values = constants.drawn(graph, number, &mut random);
            forget(tags, &constants.drawn, &mut values);
            for training in 0..trainings {
                for iteration in 0..tags.iterations(training) {
                    let of = (training, iteration);
                    let drawn = (&mut values, &mut random);
                    draw_weights(graph, tags, of, drawn, &thresholds, number);
                    let cells = tags.cells(training, iteration);
                    let weights = tags.variables_of(training, iteration);
                    thresholds.note(cells.iter().chain(&weights), &values);
                    forget(tags, cells, &mut values);
                }
            }
            values
        });
        Invented { points: points.collect() }
    }
}

/// Has nothing remembered of what looks ahead of the weights, so that it looks at them.
fn forget(tags: &Tags, cells: &[CellId], values: &mut Values) {
    let memory = cells.iter().filter(|id| tags.looks_ahead_by(**id));
    memory.for_each(|id| values.set(*id, 0.0));
}

/// Draws the weights of an iteration until its cells have values wherever the sheet's have; where
/// no neuron may be at rest, as many as possible others than 0; and of a few draws the one that tells
/// most of the compared numbers from each other.
fn draw_weights(
    graph: &Graph,
    tags: &Tags,
    (training, iteration): (usize, usize),
    (values, random): (&mut Values, &mut ChaCha8Rng),
    thresholds: &Thresholds,
    point: usize,
) {
    let cells = tags.cells(training, iteration);
    let weights = tags.variables_of(training, iteration);
    // Beyond a threshold that is far from 0 only larger weights lead.
    let reach =
        if point % 2 == 1 { 1.0 + 2.0 * thresholds.farthest.min(MOST_REACHED) } else { 1.0 };
    let mut best: Option<((usize, usize), Vec<f64>)> = None;
    for attempt in 0..MOST_DRAWN {
        let drawn: Vec<f64> =
            weights.iter().map(|id| reach * weight(graph, *id, attempt, random)).collect();
        set(&weights, &drawn, values);
        graph.evaluate(values, cells);
        let lost = cells
            .iter()
            .filter(|id| values.number(**id).is_none() && graph.value(**id).number().is_some());
        let at_rest = cells.iter().filter(|id| values.number(**id) == Some(0.0)).count();
        let lost = lost.count() * cells.len() + if point == 0 { at_rest } else { 0 };
        let badness = (lost, thresholds.alike(cells.iter().chain(&weights), values, point));
        let is_best = best.as_ref().is_none_or(|(least, _)| badness < *least);
        if is_best {
            best = Some((badness, drawn));
        }
        let is_enough = best.as_ref().is_some_and(|((lost, alike), _)| {
            *lost == 0 && (*alike == 0 || attempt + 1 >= OF_EITHER_SIGN)
        });
        match is_enough {
            true if is_best => return,
            true => break,
            false => {}
        }
    }
    if let Some((_, drawn)) = best {
        set(&weights, &drawn, values);
        graph.evaluate(values, cells);
    }
}

fn set(cells: &[CellId], numbers: &[f64], values: &mut Values) {
    cells.iter().zip(numbers).for_each(|(id, number)| values.set(*id, *number));
}

/// A weight: of either sign at first, then positive, then near to the sheet's own.
fn weight(graph: &Graph, id: CellId, attempt: usize, random: &mut ChaCha8Rng) -> f64 {
    let size = random.random_range(0.15..0.9);
    let own = graph.value(id).number().unwrap_or(0.0);
    match attempt {
        0..OF_EITHER_SIGN if random.random_bool(0.5) => -size,
        0..7 => size,
        _ => own * (1.0 + 0.1 * size) + 0.01 * size,
    }
}

/// The numbers that trainings start from and that no weight changes.
struct Constants {
    /// Those that are drawn.
    drawn: Vec<CellId>,
    /// Those of them that must be 1 together.
    shares: Vec<Shares>,
    /// The formulas that are computed from them.
    formulas: Vec<CellId>,
}

impl Constants {
    fn find(graph: &Graph, tags: &Tags) -> Constants {
        let mut open: Vec<CellId> = Vec::new();
        let mut keeping = Keeping::default();
        for id in graph.order().iter().filter(|id| !tags.is_fixed(**id)) {
            keeping.note(graph, tags, *id);
            open.extend(graph.inputs(*id).iter().filter(|input| tags.is_fixed(**input)));
        }
        let mut seen: HashSet<CellId> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            keeping.note(graph, tags, id);
            open.extend(graph.inputs(id).iter().filter(|input| seen.insert(**input)));
        }
        let texts = std::mem::take(&mut keeping.texts);
        let kept = keeping.all(graph);
        let is_drawn = |id: &CellId| {
            graph.inputs(*id).is_empty()
                && graph.is_leaf(*id)
                && !kept.contains(id)
                && !tags.is_variable(*id)
                && (matches!(graph.value(*id), Scalar::Number(_) | Scalar::Text(Some(_)))
                    || texts.contains(id))
        };
        let mut drawn: Vec<CellId> = seen.iter().copied().filter(is_drawn).collect();
        drawn.sort_unstable();
        let formulas =
            graph.order().iter().copied().filter(|id| seen.contains(id) && !kept.contains(id));
        let formulas = formulas.collect();
        let mut shares = super::shares::targets(graph, tags);
        shares.retain(|one| one.cells.iter().all(|id| drawn.binary_search(id).is_ok()));
        Constants { drawn, shares, formulas }
    }

    /// The values of the sheet with the constants drawn for a point.
    fn drawn(&self, graph: &Graph, point: usize, random: &mut ChaCha8Rng) -> Values {
        // Rounding is meant for the eye: derivatives are those of what is rounded.
        let mut values = graph.values().clone().without_rounding();
        for attempt in 0..MOST_DRAWN {
            for id in &self.drawn {
                let own = graph.value(*id).number().unwrap_or(0.0);
                let size = random.random_range(0.15..0.85);
                let sign = if own < 0.0 && attempt < MOST_DRAWN / 2 { -1.0 } else { 1.0 };
                values.set(*id, sign * size);
            }
            for (row, Shares { cells, pick }) in self.shares.iter().enumerate() {
                let sum: f64 = cells.iter().filter_map(|id| values.number(*id)).sum();
                for (at, id) in cells.iter().enumerate() {
                    let is_picked = at == (row + point) % cells.len();
                    let share = values.number(*id).unwrap_or(0.0) / sum;
                    values.set(*id, if *pick { f64::from(u8::from(is_picked)) } else { share });
                }
            }
            graph.evaluate(&mut values, &self.formulas);
            let is_lost = |id: &&CellId| {
                values.number(**id).is_none() && graph.value(**id).number().is_some()
            };
            if self.formulas.iter().find(is_lost).is_none() {
                return values;
            }
        }
        // Whatever these formulas need of their numbers, the sheet's own have it.
        graph.values().clone().without_rounding()
    }
}

/// Finds the numbers that say how a sheet computes.
#[derive(Default)]
struct Keeping {
    /// For each family the references that do, and those that do only where they hold a whole number.
    slots: HashMap<FamilyId, (Vec<Slot>, Vec<Slot>)>,
    kept: HashSet<CellId>,
    /// What formulas calculate with by mistake, which gives errors: words, as headers are. With a number
    /// in them everything else can be seen.
    texts: HashSet<CellId>,
}

impl Keeping {
    /// Notes what the formula of a cell keeps.
    fn note(&mut self, graph: &Graph, tags: &Tags, id: CellId) {
        let (Some(family), Some(formula)) = (graph.family(id), graph.formula(id)) else { return };
        let Ok(root) = &formula.tree else { return };
        let (slots, divisors) = self.slots.entry(family).or_insert_with(|| {
            let (mut slots, mut divisors) = (Vec::new(), Vec::new());
            kept_slots(root, &mut slots, &mut divisors);
            (slots, divisors)
        });
        if matches!(graph.value(id), Scalar::Error(_)) {
            let is_word = |id: &CellId| matches!(graph.value(*id), Scalar::Text(None));
            let mut terms = Vec::new();
            calculated_slots(root, &mut terms);
            self.texts.extend(cells_at(graph, id, &terms).filter(is_word));
        }
        self.kept.extend(cells_at(graph, id, slots).filter(|id| tags.is_fixed(*id)));
        for slot in divisors {
            if let Some(Target::Cell(id)) = graph.targets(id).get(*slot)
                && graph
                    .value(*id)
                    .number()
                    .is_some_and(|value| value > 1.5 && value.fract() == 0.0)
            {
                self.kept.insert(*id);
            }
        }
    }

    /// All of them, and what they are computed from: no weight, so that none is reached.
    fn all(self, graph: &Graph) -> HashSet<CellId> {
        let mut kept = self.kept;
        let mut open: Vec<CellId> = kept.iter().copied().collect();
        while let Some(id) = open.pop() {
            open.extend(graph.inputs(id).iter().filter(|input| kept.insert(**input)));
        }
        kept
    }
}

/// The cells to which references of a cell's formula lead, those of ranges one by one.
pub(super) fn cells_at<'a>(
    graph: &'a Graph,
    id: CellId,
    slots: &'a [Slot],
) -> impl Iterator<Item = CellId> + 'a {
    let targets = slots.iter().filter_map(move |slot| graph.targets(id).get(*slot));
    targets.flat_map(|target| match target {
        Target::Cell(id) => vec![*id],
        Target::Block(block) => graph.within(*block).collect(),
        Target::Nowhere(_) | Target::Unknown => Vec::new(),
    })
}

/// Functions whose arguments are looked up, counted or rounded.
const KEEPING: &[&str] = &[
    "INT",
    "TRUNC",
    "MOD",
    "CHOOSE",
    "INDEX",
    "MATCH",
    "VLOOKUP",
    "HLOOKUP",
    "LOOKUP",
    "SUMIF",
    "COUNTIF",
    "AVERAGEIF",
    "LARGE",
    "SMALL",
    "OFFSET",
    "INDIRECT",
    "EXACT",
    "SWITCH",
    "XLOOKUP",
];

/// The references that arithmetic takes for numbers.
fn calculated_slots(part: &Node<Slot>, slots: &mut Vec<Slot>) {
    if let Node::Binary(_, left, right) = part {
        let leaves = [left, right].into_iter().filter_map(|side| match side.as_ref() {
            Node::Leaf(slot) => Some(*slot),
            _ => None,
        });
        slots.extend(leaves);
    }
    part.parts().into_iter().for_each(|part| calculated_slots(part, slots));
}

/// The references whose numbers are compared, looked up or exponents, and those that are divisors.
fn kept_slots(part: &Node<Slot>, slots: &mut Vec<Slot>, divisors: &mut Vec<Slot>) {
    let all =
        |part: &Node<Slot>, slots: &mut Vec<Slot>| part.each_leaf(&mut |slot| slots.push(*slot));
    match part {
        Node::Compare(..) => all(part, slots),
        Node::Binary(Operator::Power, _, exponent) => all(exponent, slots),
        Node::Binary(Operator::Divide, _, divisor) => {
            if let Node::Leaf(slot) = divisor.as_ref() {
                divisors.push(*slot);
            }
        }
        Node::Call(function, arguments) if KEEPING.contains(&function.name) => {
            arguments.iter().for_each(|one| all(one, slots));
        }
        Node::Call(function, arguments) if function.name == "POWER" => {
            arguments.iter().skip(1).for_each(|one| all(one, slots));
        }
        _ => {}
    }
    part.parts().into_iter().for_each(|part| kept_slots(part, slots, divisors));
}
