//! What breaks the pattern of a column of a table.

use super::{Lint, describe, short};
use crate::compare::result::{Finding, Kind};
use crate::compare::table::{Patterns, Table};
use crate::data::address::{Position, cell_name, column_name};
use crate::data::grid::looks_like_number;
use crate::graph::{Cell, Content, SharedFormula};

/// How many cells below each other with the same other formula make one finding.
const RUN: usize = 3;
/// How many findings a column gets; one with more has a pattern of its own.
const MOST: usize = 20;

/// A column of a table with its formula.
struct Column<'a> {
    table: &'a Table,
    at: u32,
    formula: usize,
    shared: &'a SharedFormula,
    class: usize,
    /// Whether it refers to the row above, so that its first row must be something else.
    is_chain: bool,
    /// After how many rows the samples begin again.
    epoch: Option<usize>,
}

impl Lint<'_> {
    /// Looks through all columns of the table.
    pub(super) fn columns(&mut self, table: &Table, patterns: &mut Patterns) {
        let epoch = table.epoch();
        for index in 0..table.columns.len() {
            let at = table.machine.columns[index].column;
            match table.columns[index].formula {
                Some(formula) => {
                    let shared = &self.sheet.formulas()[formula];
                    let class = patterns.class(formula, at);
                    let is_chain = shared.refers_up();
                    let column = Column { table, at, formula, shared, class, is_chain, epoch };
                    self.formulas(&column, patterns);
                    self.stray(table, at, shared);
                }
                None => self.typed(table, index),
            }
        }
        self.blank_rows(table);
        self.skipped_steps(table);
    }

    /// A column of formulas.
    fn formulas(&mut self, column: &Column, patterns: &mut Patterns) {
        let rows = &column.table.machine.rows;
        let mut index = 0;
        let before = self.findings.len();
        while index < rows.len() && self.findings.len() < before + MOST {
            let at = (rows[index], column.at);
            let is_start = column.is_chain && column.starts(index);
            let cell = self.sheet.get(at);
            let formula = cell.and_then(Cell::formula);
            let class = formula.map(|formula| patterns.class(formula, column.at));
            index += 1;
            if is_start || class == Some(column.class) {
                continue;
            }
            let Some(cell) = cell else {
                self.blank(column, at);
                continue;
            };
            // The same other formula in the rows below is the same mistake.
            let same = |row: &&u32| {
                let below = self.sheet.get((**row, column.at));
                let formula = below.and_then(Cell::formula);
                below.is_some() && formula.map(|f| patterns.class(f, column.at)) == class
            };
            let run = match 1 + rows[index..].iter().take_while(same).count() {
                run if run >= RUN => run,
                _ => 1,
            };
            index += run - 1;
            let Some(formula) = formula else {
                self.constant(column, cell, run);
                continue;
            };
            if self.sheet.formulas()[formula].formula.broken.is_some() {
                continue; // It is told as a broken reference.
            }
            self.other_formula(column, cell, formula, run);
        }
    }

    fn other_formula(&mut self, column: &Column, cell: &Cell, formula: usize, run: usize) {
        let found = &self.sheet.formulas()[formula];
        let expected = column.shared.text(cell.at);
        let name = cell_name(cell.at);
        let why = describe::difference(found, column.shared, cell.at);
        let why = why.map_or(String::new(), |why| format!(": {why}"));
        let further = below("do", run);
        let message = format!(
            "{name} breaks the pattern of its column{further}{why}. It has {}; the other rows have \
             the formula that would be {expected} here",
            found.text(cell.at)
        );
        self.report(Finding {
            expected: Some(expected.clone()),
            found: Some(found.text(cell.at)),
            fix: Some(self.fix(column, cell.at, &expected)),
            ..self.finding(Kind::InconsistentFormula, cell.at, message)
        });
    }

    /// A typed value where formulas should be.
    fn constant(&mut self, column: &Column, cell: &Cell, run: usize) {
        let expected = column.shared.text(cell.at);
        let name = cell_name(cell.at);
        let (kind, message) = match &cell.content {
            Content::Text(text) if looks_like_number(text) => (
                Kind::TextNumber,
                format!("{name} holds the number {text} as a text, in a column of formulas"),
            ),
            Content::Error(_) => {
                (Kind::ErrorCell, format!("{name} holds {}, in a column of formulas", cell.content))
            }
            content => (
                Kind::InconsistentFormula,
                format!(
                    "{name} holds {content} where the other rows of its column have a formula\
                     {}: it does not change with what it should depend on",
                    below("are numbers in", run)
                ),
            ),
        };
        self.report(Finding {
            expected: Some(expected.clone()),
            found: Some(short(&cell.content)),
            fix: Some(self.fix(column, cell.at, &expected)),
            ..self.finding(kind, cell.at, message)
        });
    }

    fn blank(&mut self, column: &Column, at: Position) {
        let expected = column.shared.text(at);
        let message = format!(
            "{} is blank where the other rows of its column have a formula; formulas take it for 0",
            cell_name(at)
        );
        self.report(Finding {
            expected: Some(expected.clone()),
            fix: Some(self.fix(column, at, &expected)),
            ..self.finding(Kind::Missing, at, message)
        });
    }

    /// The edit that restores the pattern.
    fn fix(&self, column: &Column, at: Position, expected: &str) -> String {
        let name = cell_name(at);
        let has_pattern = |row: &u32| {
            let cell = self.sheet.get((*row, column.at));
            cell.and_then(Cell::formula) == Some(column.formula)
        };
        let rows = &column.table.machine.rows;
        let index = column.table.row_at(at.0).unwrap_or_default();
        let above = index.checked_sub(1).map(|above| rows[above]).filter(has_pattern);
        match (above, rows.get(index + 1).copied().filter(has_pattern)) {
            (Some(above), _) => {
                format!("write {expected} into {name}, or copy {} down", cell_name((above, at.1)))
            }
            (None, Some(below)) => {
                format!("write {expected} into {name}, or copy {} up", cell_name((below, at.1)))
            }
            (None, None) => format!("write {expected} into {name}"),
        }
    }

    /// A column of typed values.
    fn typed(&mut self, table: &Table, index: usize) {
        let column = table.machine.columns[index].column;
        let is_used = is_used(table, index);
        for row in &table.machine.rows {
            let at = (*row, column);
            let name = cell_name(at);
            match self.sheet.get(at).map(|cell| &cell.content) {
                None if is_used => {
                    let message = format!(
                        "{name} is blank where the other rows have a number; formulas take it for 0"
                    );
                    self.report(Finding {
                        expected: Some("a number".to_owned()),
                        fix: Some(format!("write the number into {name}, or delete the row")),
                        ..self.finding(Kind::Missing, at, message)
                    });
                }
                Some(Content::Text(text)) if looks_like_number(text) => {
                    self.text_number(at, text);
                }
                Some(content @ Content::Text(_)) if is_used => {
                    let message = format!("{name} holds {content} where a number is needed");
                    self.report(Finding {
                        expected: Some("a number".to_owned()),
                        found: Some(short(content)),
                        fix: Some(format!("write the number into {name}")),
                        ..self.finding(Kind::TextNumber, at, message)
                    });
                }
                _ => {}
            }
        }
    }

    /// A number that is stored as text.
    pub(super) fn text_number(&mut self, at: Position, text: &str) {
        let name = cell_name(at);
        let message = format!(
            "{name} holds the number {text} as a text: sums pass over it, and what is computed \
             from it depends on the program"
        );
        self.report(Finding {
            expected: Some(format!("the number {text}")),
            found: Some(format!("the text \"{text}\"")),
            fix: Some(format!("give {name} a number format and enter {text} again")),
            ..self.finding(Kind::TextNumber, at, message)
        });
    }

    /// Blank rows that the row below them refers to.
    fn blank_rows(&mut self, table: &Table) {
        for row in &table.blank_rows {
            let below = (row + 1, table.first.1);
            let refers = table.machine.columns.iter().any(|column| {
                let shared = self.sheet.formula_at((below.0, column.column));
                shared.is_some_and(SharedFormula::refers_up)
            });
            if !refers {
                continue; // It parts two epochs.
            }
            let at = (*row, table.first.1);
            let message = format!(
                "the row {} is blank inside the table, and the row below it starts from its blank \
                 cells, which count as 0",
                row + 1
            );
            let fix =
                format!("delete the row {}, or fill in the sample and copy the formulas", row + 1);
            self.report(Finding {
                expected: Some("a sample".to_owned()),
                fix: Some(fix),
                ..self.finding(Kind::Missing, at, message)
            });
        }
    }

    /// Typed numbers of steps that skip one.
    fn skipped_steps(&mut self, table: &Table) {
        for (index, column) in table.machine.columns.iter().enumerate() {
            if table.columns[index].formula.is_some() || is_used(table, index) {
                continue;
            }
            let steps = || column.values.windows(2).map(|pair| Some(pair[1]? - pair[0]?));
            let by_one = steps().filter(|step| *step == Some(1.0)).count();
            if column.values.len() < 5 || 10 * by_one < 8 * (column.values.len() - 1) {
                continue;
            }
            let skipped: Vec<usize> = steps()
                .enumerate()
                .filter(|(_, step)| step.is_some_and(|step| (2.0..10.0).contains(&step)))
                .map(|(index, _)| index + 1)
                .collect();
            for row in skipped {
                self.skipped(table, index, row);
            }
        }
    }

    fn skipped(&mut self, table: &Table, column: usize, row: usize) {
        let hand = &table.machine.columns[column];
        let at = (table.machine.rows[row], hand.column);
        let (Some(before), Some(here)) = (hand.values[row - 1], hand.values[row]) else { return };
        let name = column_name(hand.column);
        let message = format!(
            "a row is missing above the row {}: the column {name} goes from {before} to {here}",
            at.0 + 1
        );
        self.report(Finding {
            expected: Some((before + 1.0).to_string()),
            found: Some(here.to_string()),
            fix: Some(format!("insert the missing row above the row {}", at.0 + 1)),
            ..self.finding(Kind::Missing, at, message)
        });
    }
}

/// That further cells are like the one above them.
fn below(verb: &str, run: usize) -> String {
    match run {
        1 => String::new(),
        run => format!(", and so {verb} the {} cells below it", run - 1),
    }
}

/// Whether a formula of the table refers to a column.
fn is_used(table: &Table, index: usize) -> bool {
    use crate::compare::machine::Leaf;
    table.machine.columns.iter().filter_map(|column| column.pattern.as_ref()).any(|pattern| {
        pattern.has_name(|leaf| matches!(leaf, Leaf::Column(at) | Leaf::Above(at) if *at == index))
    })
}

impl Column<'_> {
    /// Whether a row begins the table or an epoch, and so may start from somewhere else: it is the
    /// first, stands behind a gap, or the samples begin again.
    fn starts(&self, index: usize) -> bool {
        let rows = &self.table.machine.rows;
        index == 0
            || rows[index] != rows[index - 1] + 1
            || self.epoch.is_some_and(|epoch| index.is_multiple_of(epoch))
    }
}
