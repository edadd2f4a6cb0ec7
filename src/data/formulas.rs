//! What the formulas of a sheet look at: whether a column is computed from others of its table, and
//! whether a cell sums up what stands above it.
//!
//! Only that is kept, in a few bytes a cell: the numbers that formulas gave are data like others.

use std::collections::BTreeMap;

use super::address::{Position, parse_cell};
use super::stream::FormulaText;
use super::summary;

/// The rows and columns from a formula to a cell that it uses.
type Step = (i32, i32);

/// More uses than these tell nothing new about a formula.
const MOST_STEPS: usize = 24;

/// The formulas of a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Formulas {
    cells: BTreeMap<Position, Formula>,
    /// The cells of its row and its column that a formula uses; those of filled cells are one.
    steps: Vec<Vec<Step>>,
    shared: BTreeMap<usize, Formula>,
}

/// What is known of the formula in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Formula {
    steps: usize,
    /// Whether it is a function over the cells above it.
    sums_above: bool,
    /// Whether it is a function over the cells at its left.
    sums_left: bool,
}

impl Formulas {
    /// Notes the formula of the cell at `at`.
    pub fn add(&mut self, at: Position, text: FormulaText) {
        let formula = match text {
            FormulaText::SharedWith(group) => self.shared.get(&group).copied(),
            FormulaText::Shared(group, text) => {
                let formula = self.read(at, text);
                self.shared.insert(group, formula);
                Some(formula)
            }
            FormulaText::Excel(text) | FormulaText::Open(text) => Some(self.read(at, text)),
        };
        if let Some(formula) = formula {
            self.cells.insert(at, formula);
        }
    }

    fn read(&mut self, at: Position, text: &str) -> Formula {
        let text = plain(text);
        let steps = steps(&text, at);
        let known = self.steps.iter().rposition(|one| *one == steps);
        let steps = known.unwrap_or_else(|| {
            self.steps.push(steps);
            self.steps.len() - 1
        });
        Formula {
            steps,
            sums_above: summary::sums_above(&text, at),
            sums_left: summary::sums_left(&text, at),
        }
    }

    /// Whether no cell of the sheet has a formula.
    pub fn are_none(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether the cell has a formula.
    pub fn has(&self, at: Position) -> bool {
        self.cells.contains_key(&at)
    }

    /// Whether the cell sums up the column above it.
    pub fn sums_above(&self, at: Position) -> bool {
        self.cells.get(&at).is_some_and(|formula| formula.sums_above)
    }

    /// The columns whose cells in its row the formula at `at` uses.
    pub fn columns_used(&self, at: Position) -> impl Iterator<Item = u32> + '_ {
        let steps = self.cells.get(&at).map_or(&[][..], |formula| &self.steps[formula.steps]);
        steps
            .iter()
            .filter(|(down, right)| *down == 0 && *right != 0)
            .filter_map(move |(_, right)| at.1.checked_add_signed(*right))
    }

    /// The same with rows for columns.
    pub fn transposed(&self) -> Formulas {
        let turned = |formula: &Formula| Formula {
            sums_above: formula.sums_left,
            sums_left: formula.sums_above,
            ..*formula
        };
        let cells = self.cells.iter().map(|((row, column), one)| ((*column, *row), turned(one)));
        let steps = self.steps.iter().map(|steps| steps.iter().map(|(d, r)| (*r, *d)).collect());
        Formulas { cells: cells.collect(), steps: steps.collect(), shared: BTreeMap::new() }
    }
}

/// A formula without what only its notation needs: `of:=[.A1]*2` and `=A1*2` are `A1*2`.
fn plain(text: &str) -> String {
    let text = match text.strip_prefix("of:") {
        Some(open) => open.replace("[.", "").replace(":.", ":").replace(']', ""),
        None => text.to_owned(),
    };
    text.trim_start_matches('=').to_owned()
}

/// The cells of its own row and its own column that the formula at `at` uses.
fn steps(text: &str, at: Position) -> Vec<Step> {
    let mut steps = Vec::new();
    // A column of an Excel table, in this row: it is some other column.
    if text.contains("[#This Row]") || text.contains("[@") {
        let left = if at.1 == 0 { 1 } else { -1 };
        steps.push((0, left));
    }
    for word in words(text) {
        let Some(cell) = parse_cell(word) else { continue };
        let fixed_row = word.trim_start_matches('$').contains('$');
        let step = (cell.0 as i32 - at.0 as i32, cell.1 as i32 - at.1 as i32);
        let is_near = (step.0 == 0) != (step.1 == 0) && !(step.0 != 0 && fixed_row);
        if is_near && !steps.contains(&step) && steps.len() < MOST_STEPS {
            steps.push(step);
        }
    }
    steps
}

/// The words of a formula that can be cells of its own sheet: no texts, no functions, no cells of
/// other sheets.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    let mut outside = String::new();
    let mut ends = Vec::new();
    let is_part = |c: char| c.is_alphanumeric() || c == '$' || c == '_' || c == '.';
    let mut start = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) => {
                if c == open {
                    quote = None;
                }
                continue;
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            None => outside.push(c),
        }
        match (start, is_part(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                ends.push((from, at, c));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        ends.push((from, text.len(), ' '));
    }
    ends.into_iter().filter_map(move |(from, to, behind)| {
        let is_elsewhere = text[..from].ends_with('!');
        (behind != '(' && behind != '!' && !is_elsewhere).then(|| &text[from..to])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(text: &str, at: Position) -> Vec<u32> {
        let mut formulas = Formulas::default();
        formulas.add(at, FormulaText::Excel(text));
        formulas.columns_used(at).collect()
    }

    #[test]
    fn a_formula_uses_columns_of_its_row() {
        let at = (4, 3);
        assert_eq!(used("$F$1*A5+B5^2", at), [0, 1]);
        assert!(used("A4+data!B5+RAND()+\"C5\"", at).is_empty());
        assert_eq!(used("SUM(A5:C5)", at), [0, 2]);
        assert_eq!(used("Table1[[#This Row],[x]]*2", at), [2]);
        assert_eq!(used("LOG10(A5)", at), [0]);
    }

    #[test]
    fn notations_and_filled_cells_are_one() {
        let mut formulas = Formulas::default();
        formulas.add((1, 1), FormulaText::Open("of:=[.A2]*2"));
        formulas.add((2, 1), FormulaText::Shared(0, "A3*2"));
        formulas.add((3, 1), FormulaText::SharedWith(0));
        for row in 1..4 {
            assert_eq!(formulas.columns_used((row, 1)).collect::<Vec<_>>(), [0]);
        }
        assert_eq!(formulas.steps.len(), 1);
        formulas.add((9, 0), FormulaText::Excel("SUM(A2:A9)"));
        assert!(formulas.sums_above((9, 0)) && formulas.has((9, 0)));
        assert_eq!(formulas.transposed().columns_used((1, 3)).count(), 0);
        assert!(!formulas.transposed().sums_above((0, 9)));
    }
}
