//! Families: formulas that say the same wherever they stand.
//!
//! In R1C1 terms a filled column is one formula. So is the same cell on the sheet of each iteration,
//! also where it refers to the sheet before: `='step 1'!J11` on the second sheet and `='step 2'!J11`
//! on the third are as far from their own sheets.

use std::collections::HashMap;
use std::fmt::Write;

use super::formula::{Formula, Reference};
use super::{FamilyId, SharedFormula, Workbook};

/// The family of each formula, of all sheets one after the other.
pub(super) fn families(workbook: &Workbook) -> Vec<FamilyId> {
    let mut groups = Groups::default();
    for (at, sheet) in workbook.sheets.iter().enumerate() {
        for shared in sheet.formulas() {
            let formula = groups.add();
            groups.join(formula, as_written(shared));
            if let Some(key) = by_distance(shared, workbook, at) {
                groups.join(formula, key);
            }
        }
    }
    groups.numbered()
}

/// The text in relative terms, with the place in the block of an array formula.
fn as_written(shared: &SharedFormula) -> String {
    match shared.element {
        None => shared.key().to_owned(),
        Some((row, column)) => format!("{}\u{3}{row},{column}", shared.key()),
    }
}

/// What the formula says with other sheets by their distance; none where it names none.
fn by_distance(shared: &SharedFormula, workbook: &Workbook, own: usize) -> Option<String> {
    let Formula { tree, references, .. } = shared.formula.as_ref();
    let tree = tree.as_ref().ok()?;
    references.iter().find(|(reference, _)| reference.sheet().is_some())?;
    let mut key = format!("\u{4}{:?}{tree:?}", shared.element);
    for (reference, _) in references {
        let distance = match reference.sheet() {
            Some(name) => workbook.sheet(name)? as i64 - own as i64,
            None => 0,
        };
        let _ = match reference {
            Reference::Cell(cell) => write!(key, "|{distance} {:?} {:?}", cell.row, cell.column),
            Reference::Range(from, to) => write!(
                key,
                "|{distance} {:?} {:?} {:?} {:?}",
                from.row, from.column, to.row, to.column
            ),
            Reference::Computed(node) => write!(key, "|{node:?}"),
        };
    }
    Some(key)
}

/// Formulas that are joined where they have a key in common.
#[derive(Default)]
struct Groups {
    /// For each formula another one of its group; itself for one of them.
    other: Vec<usize>,
    keys: HashMap<String, usize>,
}

impl Groups {
    fn add(&mut self) -> usize {
        self.other.push(self.other.len());
        self.other.len() - 1
    }

    fn join(&mut self, formula: usize, key: String) {
        let known = *self.keys.entry(key).or_insert(formula);
        let (one, other) = (self.first(known), self.first(formula));
        // The first formula of a group stands for it.
        self.other[one.max(other)] = one.min(other);
    }

    fn first(&mut self, mut formula: usize) -> usize {
        while self.other[formula] != formula {
            self.other[formula] = self.other[self.other[formula]];
            formula = self.other[formula];
        }
        formula
    }

    /// The groups in the order of their first formulas.
    fn numbered(mut self) -> Vec<FamilyId> {
        let mut numbers = HashMap::new();
        let all = 0..self.other.len();
        let of = |formula: usize| {
            let first = self.first(formula);
            let next = numbers.len() as u32;
            FamilyId(*numbers.entry(first).or_insert(next))
        };
        all.map(of).collect()
    }
}
