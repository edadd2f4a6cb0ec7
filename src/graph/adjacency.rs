//! Who computes with whom.

use super::cells::{CellId, Target};
use super::formula::Use;
use super::{Graph, NONE};

/// Lists of cells, one for each cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Adjacency {
    from: Vec<u32>,
    cells: Vec<CellId>,
}

impl Adjacency {
    /// The list of a cell.
    pub fn of(&self, id: CellId) -> &[CellId] {
        let at = |index: usize| self.from.get(index).copied().unwrap_or_default() as usize;
        &self.cells[at(id.index())..at(id.index() + 1)]
    }
}

impl Adjacency {
    /// The same pairs, listed the other way.
    pub fn turned(&self) -> Adjacency {
        let count = self.from.len() - 1;
        let mut from = vec![0; count + 1];
        for cell in &self.cells {
            from[cell.index() + 1] += 1;
        }
        for at in 1..from.len() {
            from[at] += from[at - 1];
        }
        let mut next = from.clone();
        let mut cells = vec![CellId(0); self.cells.len()];
        for user in 0..count as u32 {
            for input in self.of(CellId(user)) {
                let place = &mut next[input.index()];
                cells[*place as usize] = CellId(user);
                *place += 1;
            }
        }
        Adjacency { from, cells }
    }
}

impl Graph {
    /// The cells of each family.
    pub(super) fn collect_families(&self) -> Vec<Vec<CellId>> {
        let count = self.formulas.iter().map(|one| one.family.0 + 1).max().unwrap_or(0);
        let mut families = vec![Vec::new(); count as usize];
        for id in self.cells() {
            if let Some(family) = self.family(id) {
                families[family.0 as usize].push(id);
            }
        }
        families
    }

    /// The cells that each cell computes with.
    pub(super) fn collect_inputs(&self) -> Adjacency {
        let mut inputs = Adjacency { from: vec![0], cells: Vec::new() };
        // The cell that an input was last noted for.
        let mut noted = vec![NONE; self.len()];
        for id in self.cells() {
            if let Some(formula) = self.formula(id).filter(|_| !self.is_leaf(id)) {
                for (target, (_, used)) in self.targets(id).iter().zip(&formula.references) {
                    if matches!(used, Use::Place | Use::Search) {
                        continue;
                    }
                    let mut note = |input: CellId| {
                        if std::mem::replace(&mut noted[input.index()], id.0) != id.0 {
                            inputs.cells.push(input);
                        }
                    };
                    match target {
                        Target::Cell(input) => note(*input),
                        Target::Block(block) => self.cells.within(*block).for_each(note),
                        Target::Nowhere(_) | Target::Unknown => {}
                    }
                }
            }
            inputs.from.push(inputs.cells.len() as u32);
        }
        inputs
    }
}
