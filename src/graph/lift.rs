//! From a workbook to its graph.
//!
//! Cells are taken in the order of rows, and what a cell needs goes before it, by a stack of our own:
//! a table of a hundred thousand rows is a chain of a hundred thousand cells. What a formula needs
//! is known for sure only when it runs: the branch of an `IF` that is taken, the cell that an `INDEX`
//! finds. So a formula whose cells are not all there yet is put off and run again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{Block, CellId, Cells, Target};
use super::evaluate::{Mode, Resolve, Sight};
use super::families::families;
use super::formula::{Formula, Reference, Slot, Use};
use super::item::{Item, Outcome};
use super::parse::parse;
use super::relative::CellReference;
use super::scalar::ErrorValue;
use super::sheet::origin;
use super::{Adjacency, Content, FamilyId, Graph, NONE, Tree, Values, Workbook, Written, r1c1};
use crate::data::address::Position;
use crate::watch;

/// How many cells all formulas together may refer to, so that a long column of running sums cannot
/// exhaust the memory.
const MAX_EDGES: usize = 20_000_000;
/// Why a formula keeps the result of the file.
const TOO_WIDE: &str = "takes in too many cells together with the others";
const UNKNOWN: &str = "asks for something that is not computed here";

/// How many circles are named.
const MAX_CYCLES: usize = 1_000;
/// How many elements of ranges may be looked at: some seconds of work.
const MAX_VISITS: usize = 100_000_000;

impl Graph {
    /// Lifts a workbook: reads each family once, resolves references, orders and evaluates all cells.
    pub fn lift(workbook: &Workbook) -> Graph {
        Graph::lift_within(workbook, MAX_EDGES)
    }

    /// As [`Graph::lift`], with at most so many cells referred to by all formulas together.
    pub(super) fn lift_within(workbook: &Workbook, edges: usize) -> Graph {
        let (formulas, formula_of) = formulas(workbook);
        let stored = workbook
            .sheets
            .iter()
            .flat_map(|sheet| sheet.cells().iter().map(|cell| stored(&cell.content)))
            .collect();
        Graph::ordered(Cells::of(workbook), (formulas, formula_of), stored, edges)
    }

    /// The graph with cells that have the formula of another, each as it would be filled from there; what
    /// the file says that formulas gave is forgotten.
    pub fn refilled(&self, cells: &[(CellId, CellId)]) -> Graph {
        let mut formula_of = self.formula_of.clone();
        for (cell, source) in cells {
            formula_of[cell.index()] = formula_of[source.index()];
        }
        self.again((self.formulas.clone(), formula_of))
    }

    /// The graph with other formulas, without what the file says that formulas gave.
    fn again(&self, (formulas, formula_of): (Vec<Written>, Vec<u32>)) -> Graph {
        let is_computed =
            |id: CellId| !self.is_leaf(id) || formula_of[id.index()] != self.formula_of[id.index()];
        let stored =
            self.cells().map(|id| self.stored[id.index()].clone().filter(|_| !is_computed(id)));
        let stored = stored.collect();
        Graph::ordered(self.cells.clone(), (formulas, formula_of), stored, MAX_EDGES)
    }

    /// The graph with another formula in some cells, filled from that of one of them; what the file says that
    /// formulas gave is forgotten. None where the formula cannot be written.
    pub fn rewritten(&self, cells: &[CellId], tree: &Tree) -> Option<Graph> {
        let (sheet, home) = (self.sheet(tree.home), self.position(tree.home));
        let text = self.tree_text(tree);
        let text = text.strip_prefix('=')?;
        let formula = parse(text, home, &self.sheets()[sheet], &|_| None);
        if formula.tree.is_err() || formula.broken.is_some() {
            return None;
        }
        let mut key = String::new();
        r1c1::write(text, home, &mut key);
        let on = |name: &str| self.sheets().iter().position(|sheet| sheet == name);
        let sheets = formula.references.iter().map(|(one, _)| one.sheet().and_then(on)).collect();
        let family = FamilyId(self.families.len() as u32);
        let written =
            Written { key: key.into(), sheets, formula: Arc::new(formula), family, element: None };
        let (mut formulas, mut formula_of) = (self.formulas.clone(), self.formula_of.clone());
        cells.iter().for_each(|cell| formula_of[cell.index()] = formulas.len() as u32);
        formulas.push(written);
        Some(self.again((formulas, formula_of)))
    }

    /// Resolves references, orders and evaluates all cells.
    fn ordered(
        cells: Cells,
        (formulas, formula_of): (Vec<Written>, Vec<u32>),
        stored: Vec<Option<Item>>,
        edges: usize,
    ) -> Graph {
        let mut lift = Lift {
            state: vec![State::New; cells.len()],
            values: stored.iter().map(|item| item.clone().unwrap_or(Item::Unknown)).collect(),
            is_leaf: vec![true; cells.len()],
            targets_from: vec![0; cells.len()],
            targets: Vec::new(),
            edges,
            visits: MAX_VISITS,
            order: Vec::new(),
            cycles: Vec::new(),
            kept: BTreeMap::new(),
            array: None,
            cells: &cells,
            formulas: &formulas,
            formula_of: &formula_of,
        };
        for id in (0..cells.len() as u32).map(CellId) {
            watch::look();
            lift.settle(id);
        }
        lift.keep_found();
        let Lift { values, is_leaf, targets_from, targets, order, cycles, kept, .. } = lift;
        let mut graph = Graph {
            families: Vec::new(),
            inputs: Adjacency::default(),
            users: Adjacency::default(),
            cells,
            formulas,
            formula_of,
            targets_from,
            targets,
            order,
            cycles,
            kept,
            is_leaf,
            stored,
            values: Values { items: values, is_smooth: false },
        };
        graph.families = graph.collect_families();
        graph.inputs = graph.collect_inputs();
        graph.users = graph.inputs.turned();
        graph
    }
}

fn stored(content: &Content) -> Option<Item> {
    Some(match content {
        Content::Number(number) => Item::number(*number),
        Content::Text(text) => Item::Text(text.as_ref().into()),
        Content::Date(day) => {
            day.days.map_or_else(|| Item::Text(day.shown.as_str().into()), Item::number)
        }
        Content::Logical(logical) => Item::Logical(*logical),
        Content::Error(text) => Item::Error(ErrorValue::from_text(text)),
        Content::Uncalculated => return None,
    })
}

/// All formulas, and for each cell the place of its formula.
fn formulas(workbook: &Workbook) -> (Vec<Written>, Vec<u32>) {
    let mut written: Vec<Written> = Vec::new();
    let mut formula_of = Vec::new();
    let families = families(workbook);
    for sheet in &workbook.sheets {
        let first = written.len() as u32;
        for shared in sheet.formulas() {
            let family = families[written.len()];
            let references = shared.formula.references.iter();
            let sheets = references
                .map(|(one, _)| one.sheet().and_then(|name| workbook.sheet(name)))
                .collect();
            written.push(Written {
                key: shared.key().into(),
                sheets,
                formula: Arc::clone(&shared.formula),
                family,
                element: shared.element,
            });
        }
        let formula = |formula: Option<usize>| formula.map_or(NONE, |at| first + at as u32);
        formula_of.extend(sheet.cells().iter().map(|cell| formula(cell.formula())));
    }
    (written, formula_of)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

struct Lift<'a> {
    cells: &'a Cells,
    formulas: &'a [Written],
    formula_of: &'a [u32],
    state: Vec<State>,
    values: Vec<Item>,
    is_leaf: Vec<bool>,
    targets_from: Vec<u32>,
    targets: Vec<Target>,
    /// How many more cells may be referred to.
    edges: usize,
    /// How many more elements of ranges may be looked at.
    visits: usize,
    order: Vec<CellId>,
    cycles: Vec<Vec<CellId>>,
    kept: BTreeMap<CellId, &'static str>,
    /// The array formula that was computed last.
    array: Option<((usize, Position), Outcome)>,
}

impl Lift<'_> {
    /// Computes a cell and all that it needs.
    fn settle(&mut self, first: CellId) {
        let mut stack = vec![first];
        while let Some(&id) = stack.last() {
            let needed = match self.state[id.index()] {
                State::Done => {
                    stack.pop();
                    continue;
                }
                State::New => self.open(id),
                State::Open => self.run(id),
            };
            if needed.is_empty() && self.state[id.index()] == State::Done {
                stack.pop();
            }
            for needed in needed {
                match self.state[needed.index()] {
                    State::New => stack.push(needed),
                    State::Open => self.break_circle(needed, &stack),
                    State::Done => {}
                }
            }
        }
    }

    /// Resolves the references of a cell; gives the cells that it needs for sure.
    fn open(&mut self, id: CellId) -> Vec<CellId> {
        let Some(written) = self.formulas.get(self.formula_of[id.index()] as usize) else {
            self.state[id.index()] = State::Done;
            return Vec::new();
        };
        let (sheet, at) = self.home(id);
        self.targets_from[id.index()] = self.targets.len() as u32;
        let mut needed = Vec::new();
        for ((reference, used), on) in written.formula.references.iter().zip(&written.sheets) {
            let mut target = self.target(reference, on.unwrap_or(sheet), at, *on);
            if let Target::Block(block) = &mut target
                && !matches!(used, Use::Place | Use::Search)
            {
                *block = self.cells.used(*block);
            }
            self.targets.push(target);
            if *used != Use::Value {
                continue;
            }
            match target {
                Target::Cell(cell) => needed.push(cell),
                Target::Block(block) => {
                    // Blank rows are looked at too.
                    self.visits = self.visits.saturating_sub(block.shape().0);
                    if self.visits == 0 {
                        self.edges = 0;
                    }
                    let before = needed.len();
                    needed.extend(self.cells.within(block).take(self.edges + 1));
                    let count = needed.len() - before;
                    needed.retain(|cell| self.state[cell.index()] != State::Done);
                    match self.edges.checked_sub(count) {
                        Some(left) => self.edges = left,
                        None => {
                            self.kept.insert(id, TOO_WIDE);
                            self.state[id.index()] = State::Done;
                            return Vec::new();
                        }
                    }
                }
                Target::Nowhere(_) | Target::Unknown => {}
            }
        }
        let is_read = written.formula.tree.is_ok() && written.formula.volatile.is_none();
        self.state[id.index()] = if is_read { State::Open } else { State::Done };
        if !is_read {
            return Vec::new();
        }
        needed.retain(|cell| self.state[cell.index()] != State::Done);
        needed
    }

    fn target(
        &self,
        reference: &Reference,
        sheet: usize,
        at: Position,
        on: Option<usize>,
    ) -> Target {
        let names_none = |cell: &CellReference| cell.sheet.is_some() && on.is_none();
        let target = match reference {
            Reference::Cell(cell) if !names_none(cell) => {
                cell.resolve(at).map(|place| self.cells.target(sheet, place))
            }
            Reference::Range(from, to) if !names_none(from) => {
                let area = from.resolve(at).zip(to.resolve(at));
                area.map(|(from, to)| Target::Block(Block::between(sheet, from, to)))
            }
            _ => None,
        };
        target.unwrap_or(Target::Nowhere(ErrorValue::Reference))
    }

    /// Computes a cell, or gives what it needs first.
    fn run(&mut self, id: CellId) -> Vec<CellId> {
        let written = &self.formulas[self.formula_of[id.index()] as usize];
        let Ok(tree) = &written.formula.tree else { return Vec::new() };
        // The elements of an array formula are computed together.
        if let Some((home, outcome)) = self.array.as_ref().filter(|_| written.element.is_some())
            && *home == self.home(id)
        {
            self.values[id.index()] = outcome.shown(written.element);
            self.finish(id);
            return Vec::new();
        }
        let (outcome, missing, visits) = self.seen(id, |sight| {
            let mode = if written.element.is_some() { Mode::Array } else { Mode::Single };
            let outcome = sight.run(tree, mode).outcome;
            (outcome, sight.missing.take(), sight.visits.get())
        });
        self.visits = visits;
        if missing.is_empty() {
            let value = outcome.shown(written.element);
            let is_known = self.values[id.index()] != Item::Unknown;
            if value == Item::Unknown && is_known {
                self.kept.insert(id, UNKNOWN);
                self.state[id.index()] = State::Done;
                return Vec::new();
            }
            self.values[id.index()] = value;
            if written.element.is_some() {
                self.array = Some((self.home(id), outcome));
            }
            self.finish(id);
        }
        missing
    }

    fn finish(&mut self, id: CellId) {
        self.state[id.index()] = State::Done;
        self.is_leaf[id.index()] = false;
        self.order.push(id);
    }

    /// The sheet and the place that a cell's references count from.
    fn home(&self, id: CellId) -> (usize, Position) {
        let written = self.formulas.get(self.formula_of[id.index()] as usize);
        let element = written.and_then(|written| written.element);
        (self.cells.sheet(id), origin(element, self.cells.position(id)))
    }

    /// Does something with what the formula of a cell sees now.
    fn seen<T>(&self, id: CellId, work: impl FnOnce(&Sight<'_, Slot>) -> T) -> T {
        let written = &self.formulas[self.formula_of[id.index()] as usize];
        let from = self.targets_from[id.index()] as usize;
        let leaves = Searched { targets: &self.targets[from..], formula: &written.formula };
        let look = |cell: CellId| {
            let is_done = self.state[cell.index()] == State::Done;
            is_done.then(|| self.values[cell.index()].clone())
        };
        let home = self.home(id);
        let sight = Sight::new(self.cells, home, &leaves, &look);
        sight.visits.set(self.visits);
        work(&sight)
    }

    /// Keeps what computed references have found, now that all values are there.
    fn keep_found(&mut self) {
        for id in (0..self.cells.len() as u32).map(CellId) {
            let Some(written) = self.formulas.get(self.formula_of[id.index()] as usize) else {
                continue;
            };
            let from = self.targets_from[id.index()] as usize;
            for (slot, (reference, _)) in written.formula.references.iter().enumerate() {
                let Reference::Computed(node) = reference else { continue };
                let target = self.seen(id, |sight| sight.find(node));
                if let Target::Block(block) = target {
                    let count = self.cells.within(block).take(self.edges + 1).count();
                    self.edges = self.edges.saturating_sub(count);
                }
                self.targets[from + slot] = target;
            }
        }
    }

    /// Makes a leaf of a cell that needs itself.
    fn break_circle(&mut self, id: CellId, stack: &[CellId]) {
        if self.values[id.index()] == Item::Unknown {
            self.values[id.index()] = Item::Error(ErrorValue::Circle);
        }
        if self.cycles.len() == MAX_CYCLES {
            self.state[id.index()] = State::Done;
            return;
        }
        let is_open = |cell: &&CellId| self.state[cell.index()] == State::Open;
        let from = stack.iter().position(|cell| *cell == id).unwrap_or_default();
        let mut cycle: Vec<CellId> = stack[from..].iter().filter(is_open).copied().collect();
        cycle.dedup();
        self.cycles.push(cycle);
        self.state[id.index()] = State::Done;
    }
}

/// References of a formula, of which some must be searched for.
struct Searched<'a> {
    targets: &'a [Target],
    formula: &'a Formula,
}

impl Resolve<Slot> for Searched<'_> {
    fn resolve(&self, slot: &Slot, sight: &Sight<'_, Slot>) -> Target {
        match &self.formula.references[*slot].0 {
            Reference::Computed(node) => sight.find(node),
            _ => self.targets[*slot],
        }
    }
}
