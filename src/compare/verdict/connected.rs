//! What of a sheet has to do with its table: what the columns of the form are computed from, and what
//! is computed from them. A budget beside a training may be as wrong as it likes.

use std::collections::HashSet;

use super::Compared;
use crate::compare::result::Finding;
use crate::graph::CellId;

impl Compared<'_> {
    /// The findings without mistakes in cells that have nothing to do with the table.
    pub(super) fn connected(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        if self.recognized.form.is_none() || findings.is_empty() {
            return findings;
        }
        let cells = self.connected_cells();
        let columns: HashSet<u32> = cells
            .iter()
            .filter(|id| self.graph.sheet(**id) == self.sheet.index)
            .map(|id| self.graph.position(*id))
            .filter(|(row, _)| self.table.row_at(*row).is_some())
            .map(|(_, column)| column)
            .collect();
        findings.retain(|finding| {
            let Some(at) = finding.position().filter(|_| finding.kind.is_mistake()) else {
                return true;
            };
            let is_table = (self.table.first.0..=self.table.last.0).contains(&at.0)
                && self.table.column_at(at.1).is_some();
            match self.graph.id(self.sheet.index, at) {
                _ if is_table => columns.contains(&at.1),
                Some(id) => cells.contains(&id),
                None => true,
            }
        });
        findings
    }

    /// The cells of the form's columns, all that they are computed from, and all that is computed from
    /// them.
    fn connected_cells(&self) -> HashSet<CellId> {
        let machine = &self.table.machine;
        let columns = self.places().columns.iter().flatten();
        let columns = columns.map(|source| machine.columns[source.column].column);
        let own: Vec<CellId> = columns
            .flat_map(|column| machine.rows.iter().map(move |row| (*row, column)))
            .filter_map(|at| self.graph.id(self.sheet.index, at))
            .collect();
        let mut connected = reached(&own, |id| self.graph.inputs(id));
        connected.extend(reached(&own, |id| self.graph.users(id)));
        connected
    }
}

fn reached<'a>(from: &[CellId], next: impl Fn(CellId) -> &'a [CellId]) -> HashSet<CellId> {
    let mut open = from.to_vec();
    let mut seen: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(next(id).iter().copied().filter(|other| seen.insert(*other)));
    }
    seen
}
