//! What is told of a sheet beside its wrong cells, and what of it only follows.

use super::Compared;
use crate::compare::blame::Blame;
use crate::compare::result::{ColumnComparison, Finding, Kind};
use crate::compare::words::shown;
use crate::data::address::{column_name, parse_cell};
use crate::graph::Sheet;

impl Compared<'_> {
    /// A formula that breaks the pattern but gives the right number leads to nothing.
    pub(super) fn spare(
        &self,
        judge: &Blame,
        columns: &[ColumnComparison],
        findings: &mut [Finding],
    ) {
        for finding in findings.iter_mut().filter(|one| one.kind == Kind::InconsistentFormula) {
            let cell = finding.position().and_then(|(row, column)| {
                Some((self.table.column_at(column)?, self.table.row_at(row)?))
            });
            let numbers = cell.and_then(|(column, row)| {
                columns[column].expected[row].zip(columns[column].found[row])
            });
            if numbers.is_some_and(|(expected, found)| !judge.differs(expected, found, 0.0)) {
                finding.consequences = 0;
            }
        }
    }

    /// The row below a blank one starts from its blank cells: what is wrong there follows.
    pub(super) fn follow_blanks(&self, findings: &mut [Finding]) {
        let rows = &self.table.machine.rows;
        let below = |row: u32| rows.get(rows.partition_point(|known| *known <= row));
        let blanks = findings.iter().filter(|one| one.kind == Kind::Missing);
        let blanks: Vec<(u32, String)> =
            blanks.filter_map(|one| Some((*below(one.position()?.0)?, one.cell.clone()))).collect();
        for finding in findings.iter_mut().filter(|one| one.cause.is_none()) {
            if matches!(finding.kind, Kind::Value | Kind::HandOver)
                && let Some((at, _)) = finding.position()
            {
                let blank = blanks.iter().find(|(row, _)| *row == at);
                finding.cause = blank.map(|(_, cell)| cell.clone());
            }
        }
    }

    /// Rows that are counted from 0, where the first step is number 1: its corrections divide by 0.
    pub(super) fn counted_from_zero(&self, findings: &mut Vec<Finding>) {
        let Some(counter) = self.recognized.counts_from_zero else { return };
        let words = self.words();
        let cell = format!("{}!{}", self.sheet.name, words.cell(counter, 0));
        let first = self.table.machine.rows.first().copied();
        let mut count = 0;
        for finding in findings.iter_mut().filter(|one| one.cause.is_none()) {
            if finding.kind == Kind::ErrorCell
                && finding.position().is_some_and(|(row, _)| Some(row) == first)
            {
                finding.cause = Some(cell.clone());
                count = count.max(finding.consequences + 1);
            }
        }
        let message = format!(
            "{} counts the steps from 0, but the first step is number 1: before it nothing is \
             averaged, and a correction by 1 - beta^0 divides by 0",
            words.title(counter)
        );
        findings.push(Finding {
            expected: Some("1".to_owned()),
            found: Some("0".to_owned()),
            consequences: count,
            fix: Some(format!("write 1 into {} and count on", words.cell(counter, 0))),
            ..Finding::new(Kind::Value, cell, message)
        });
    }

    /// The first cell that differs where no cell is wrong by itself: a sheet that differs says where.
    pub(super) fn first_difference(&self, columns: &[ColumnComparison]) -> Option<Finding> {
        let differs = |column: &&ColumnComparison| column.first_mismatch.is_some();
        let row = |column: &&ColumnComparison| {
            let cell = column.first_mismatch.as_deref().and_then(parse_cell);
            cell.unwrap_or((u32::MAX, u32::MAX))
        };
        let column = columns.iter().filter(differs).min_by_key(row)?;
        let cell = column.first_mismatch.as_deref()?;
        let at = self.table.row_at(parse_cell(cell)?.0)?;
        let number = |values: &[Option<f64>]| values.get(at).copied().flatten().map(shown);
        let (expected, found) = (number(&column.expected)?, number(&column.found)?);
        let message = format!(
            "{cell} is {found}, but a run over the sheet's own samples from its own start gives \
             {expected}, though no row is wrong by itself"
        );
        Some(Finding {
            expected: Some(expected),
            found: Some(found),
            ..Finding::new(Kind::Value, format!("{}!{cell}", self.sheet.name), message)
        })
    }

    /// That the table holds the steps of other weights too, which nothing is compared with.
    pub(super) fn other_steps(&self, cells: &Sheet) -> Option<String> {
        self.recognized.form.as_ref()?;
        let rest = &self.recognized.fit.unexplained;
        if !self.table.descends_with(rest, cells) {
            return None;
        }
        let name = |at: &usize| column_name(self.table.machine.columns[*at].column);
        let (first, last) = (name(rest.first()?), name(rest.last()?));
        Some(format!(
            "the columns {first} to {last} hold steps of other weights, which are not compared: \
             give them a sheet of their own, with x and y"
        ))
    }

    /// That the weights are updated in a way that nobody knows, with the formula in words.
    pub(super) fn unknown_update(&self) -> Option<Finding> {
        if self.recognized.form.is_some() {
            return None;
        }
        let machine = &self.table.machine;
        let words = self.words();
        let source = self.places().columns[self.run.form.sheet.weights.first()?.current]?;
        let cell = words.cell(source.column, 0);
        let unexplained = &self.recognized.fit.unexplained;
        // Where all stands in the weights' own columns, these say how.
        let weights = self.run.form.sheet.weights.iter();
        let weights: Vec<usize> = weights
            .filter_map(|weight| Some(self.places().columns[weight.current]?.column))
            .collect();
        let told = if unexplained.is_empty() { &weights } else { unexplained };
        let formulas: Vec<String> = told
            .iter()
            .filter_map(|&column| {
                let formula = machine.columns[column].pattern.as_ref()?;
                Some(format!("{} = {}", words.title(column), words.of_table(formula)))
            })
            .collect();
        let computed = match formulas.is_empty() {
            true => "it has numbers, but no formulas that say how".to_owned(),
            false => format!("the sheet computes {}", formulas.join("; ")),
        };
        Some(Finding::new(
            Kind::Value,
            format!("{}!{cell}", self.sheet.name),
            format!("no optimizer that gdtrace knows updates the weights like this; {computed}"),
        ))
    }
}
