//! Cell by cell: what stands in a table against what should, and which cell is to blame.
//!
//! A cell that differs from the recomputed run either computes something else from the numbers of
//! its own row, which makes it a cause, or follows rightly from a cell that differs.

use std::collections::BTreeSet;

use super::forced::{Forced, Places, Source};
use super::form::Form;
use super::invented::Trial;
use super::machine::Leaf;
use super::recompute::Recomputed;
use super::result::{ColumnComparison, Finding, Kind};
use super::rewrite::Departure;
use super::words::{Words, shown};
use crate::formula::{Expr, Operator, evaluate, operands};
use crate::sheet::{Group, Ref};
use crate::value::Value;

/// A cell of a table: its column and its row there.
pub(super) type Cell = (usize, usize);

/// So many wrong cells of one column are listed; the rest is counted.
const MOST_LISTED: usize = 3;

/// What is compared with what.
pub(super) struct Blame<'a> {
    /// The name of the sheet, for addresses.
    pub sheet: &'a str,
    /// The table in words, with the form as it fits.
    pub words: Words<'a>,
    /// The form, run.
    pub run: &'a Recomputed<'a>,
    /// The numbers of the table.
    pub real: &'a Trial,
    /// Whether the update is a known one: otherwise nothing that follows from it can be judged.
    pub is_known: bool,
    /// The largest relative difference of numbers that agree.
    pub tolerance: f64,
}

/// What came out.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// How each column agrees.
    pub columns: Vec<ColumnComparison>,
    /// What is wrong, cell by cell.
    pub findings: Vec<Finding>,
    /// How many cells differ although their formulas are right.
    pub consequences: usize,
}

impl Blame<'_> {
    /// Compares all columns. `flagged` are cells that something is known to be wrong with, and
    /// `slips` are the columns of the form that the table has wrong in every row.
    pub fn judge(&self, flagged: &BTreeSet<Cell>, slips: &[(usize, Departure)]) -> Judgement {
        let mut judgement = Judgement::default();
        let hand = 0..self.words.machine.columns.len();
        judgement.columns = hand.map(|column| self.column(column)).collect();
        for (column, departure) in slips {
            let finding = self.slip(*column, departure);
            let cause = self.slip_before(*column, departure, slips);
            judgement.findings.extend(finding.map(|one| Finding { cause, ..one }));
        }
        let mut causes: BTreeSet<Cell> = BTreeSet::new();
        for column in self.own_columns() {
            if slips.iter().any(|(slipped, _)| *slipped == column) {
                continue;
            }
            let wrong: Vec<(Cell, f64, usize)> = self
                .causes(column)
                .into_iter()
                .filter(|(cell, ..)| !self.follows_any(*cell, flagged) && causes.insert(*cell))
                .collect();
            let listed = wrong.iter().take(MOST_LISTED);
            let more = wrong.len().saturating_sub(MOST_LISTED);
            for (index, (cell, expected, row)) in listed.enumerate() {
                let more = if index + 1 == MOST_LISTED.min(wrong.len()) { more } else { 0 };
                judgement.findings.push(self.wrong_cell(column, *cell, *expected, *row, more));
            }
        }
        let differing: usize = judgement.columns.iter().map(|column| column.mismatches).sum();
        let own = causes.len() + flagged.len();
        judgement.consequences = differing.saturating_sub(own);
        judgement
    }

    /// Whether a cell is one of the `flagged`, or computed from one by the formula of its column,
    /// in its row or from the row above.
    fn follows_any(&self, (hand, row): Cell, flagged: &BTreeSet<Cell>) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![hand];
        while let Some(at) = open.pop() {
            if flagged.contains(&(at, row)) {
                return true;
            }
            let pattern = self.words.machine.columns[at].pattern.as_ref();
            let Some(pattern) = pattern.filter(|_| seen.insert(at)) else { continue };
            let from_above = |leaf: &Leaf| match *leaf {
                Leaf::Above(other) => row > 0 && flagged.contains(&(other, row - 1)),
                _ => false,
            };
            if pattern.has_name(from_above) {
                return true;
            }
            let column = |leaf: &Leaf| if let Leaf::Column(at) = leaf { Some(*at) } else { None };
            open.extend(pattern.names().into_iter().filter_map(column));
        }
        false
    }

    fn form(&self) -> &Form<'_> {
        self.words.form
    }

    fn places(&self) -> &Places {
        self.words.places
    }

    /// The columns of the form that the table shows and that follow from others.
    fn own_columns(&self) -> impl Iterator<Item = usize> {
        let sheet = &self.form().sheet;
        let is_judged = |at: usize| match sheet.columns[at].group {
            Group::Index | Group::Data => false,
            Group::Weights => self.is_known,
            _ => true,
        };
        (0..sheet.columns.len())
            .filter(move |&at| self.places().columns[at].is_some() && is_judged(at))
    }

    /// The form's column that a column of the table is.
    pub fn match_of(&self, hand: usize) -> Option<(usize, Source)> {
        let sources = self.places().columns.iter().enumerate();
        let mut matches = sources.filter_map(|(at, source)| Some((at, (*source)?)));
        matches.find(|(_, source)| source.column == hand && source.below == 0)
    }

    fn column(&self, hand: usize) -> ColumnComparison {
        let machine = self.words.machine;
        let found = machine.columns[hand].values.clone();
        let matched = self.match_of(hand);
        let expected: Vec<Option<f64>> = match matched {
            // Of an unknown run nothing but the samples is known.
            _ if !self.is_known => vec![None; found.len()],
            None => vec![None; found.len()],
            Some((column, source)) => {
                let values = self.run.columns[column].iter();
                values.map(|value| (!value.is_nan()).then_some(source.sign * value)).collect()
            }
        };
        let mut comparison = ColumnComparison {
            range: self.words.range(hand),
            header: machine.columns[hand].header.clone(),
            matches: matched.map(|(column, _)| self.form().sheet.columns[column].id.clone()),
            ours: matched.map(|(column, _)| column),
            is_negated: matched.is_some_and(|(_, source)| source.sign < 0.0),
            meaning: self.meaning(hand, matched),
            cells: 0,
            mismatches: 0,
            max_abs: 0.0,
            max_rel: 0.0,
            first_mismatch: None,
            expected,
            found,
        };
        let slack = matched.map(|(column, _)| self.slack(column));
        let differs = |row: usize, expected: f64, found: f64| {
            let slack = || slack.as_ref().map_or(0.0, |slack| slack(row));
            self.differs(expected, found, 0.0) && self.differs(expected, found, slack())
        };
        comparison.tally(&differs, &|row| self.words.cell(hand, row));
        comparison
    }

    /// What the column computes: the form's words for it, or its own formula.
    fn meaning(&self, hand: usize, matched: Option<(usize, Source)>) -> Option<String> {
        if let Some((column, source)) = matched {
            let column = &self.form().sheet.columns[column];
            let sign = if source.sign < 0.0 { "with the other sign: " } else { "" };
            return Some(format!("{sign}{}", column.meaning));
        }
        let pattern = self.words.machine.columns[hand].pattern.as_ref()?;
        Some(self.words.of_table(pattern))
    }

    /// Whether two numbers differ by more than the tolerance and so much besides.
    pub fn differs(&self, expected: f64, found: f64, slack: f64) -> bool {
        (expected - found).abs() > self.tolerance * expected.abs().max(found.abs()) + slack
    }

    /// What rounding alone may move each row of the form's column by.
    fn slack(&self, column: usize) -> impl Fn(usize) -> f64 {
        let formula = &self.places().formulas[column];
        move |row| {
            let look_up = |name: &Ref| match *name {
                Ref::Column(other) => self.run.columns[other][row],
                Ref::Above(other) if row > 0 => self.run.columns[other][row - 1],
                Ref::Above(_) | Ref::Data(_) | Ref::Order => 0.0,
                Ref::Input(input) => self.places().input(self.form(), self.real, input),
            };
            let (_, rounding) = with_rounding(formula, &look_up);
            if rounding.is_finite() { rounding } else { 0.0 }
        }
    }

    /// The cells of the form's column that do not follow from the numbers around them: the cell,
    /// what it should hold, and the form's row.
    fn causes(&self, column: usize) -> Vec<(Cell, f64, usize)> {
        let Some(source) = self.places().columns[column] else { return Vec::new() };
        let slack = self.slack(column);
        let differs = |row: usize, expected: f64, found: f64| {
            // What rounding may do is only asked for where numbers differ.
            self.differs(expected, found, 0.0) && self.differs(expected, found, slack(row))
        };
        let found = |row: usize| source.at(self.real, row as isize);
        let expected = &self.run.columns[column];
        let first = usize::from(self.form().sheet.columns[column].group == Group::Weights);
        let rows = first..expected.len();
        let Some(last) = rows.clone().rev().find(|&row| differs(row, expected[row], found(row)))
        else {
            return Vec::new();
        };
        let forced = Forced::new(&self.run.form, self.places(), self.real);
        let mut causes = Vec::new();
        for row in rows.take_while(|row| *row <= last) {
            // Row by row from the top, so that what is carried down never has far to go back.
            let local = forced.evaluate(&self.places().formulas[column], row as isize);
            let is_off = differs(row, expected[row], found(row)) && differs(row, local, found(row));
            let place = usize::try_from(row as isize + source.below).ok();
            if let Some(place) = place.filter(|at| is_off && *at < self.real.rows()) {
                causes.push(((source.column, place), source.sign * local, row));
            }
        }
        causes
    }

    fn wrong_cell(
        &self,
        column: usize,
        (hand, place): Cell,
        expected: f64,
        row: usize,
        more: usize,
    ) -> Finding {
        let words = &self.words;
        let found = self.real.at(hand, place as isize);
        let (title, cell) = (words.title(hand), words.cell(hand, place));
        let (kind, mut message) = match self.hand_over(column, found, row) {
            Some(message) => (Kind::HandOver, message),
            None => {
                let rule = words.in_words(column);
                let message = format!(
                    "{title} in {cell} is {}, but the numbers that it goes with give {}: {rule}",
                    shown(found),
                    shown(expected)
                );
                (Kind::Value, message)
            }
        };
        if more > 0 {
            message += &format!("; so it is in {more} more cells of this column");
        }
        let fix = words.in_cells(column, row).map(|formula| format!("write {formula} into {cell}"));
        Finding {
            expected: Some(shown(expected)),
            found: Some(shown(found)),
            fix,
            ..self.about(kind, &cell, message)
        }
    }

    /// A finding about a cell of the sheet.
    pub fn about(&self, kind: Kind, cell: &str, message: String) -> Finding {
        Finding::new(kind, format!("{}!{cell}", self.sheet), message)
    }

    /// What is wrong with the weight that a row starts with, in words; none for other columns.
    fn hand_over(&self, column: usize, found: f64, row: usize) -> Option<String> {
        let weight = self.form().sheet.weights.iter().find(|weight| weight.current == column)?;
        let source = self.places().columns[column]?;
        let before = source.at(self.real, row as isize - 1);
        let start = source.at(self.real, 0);
        let title = self.words.title(source.column);
        let sheet_row = |row: usize| self.words.machine.rows[row] + 1;
        let (here, above) = (sheet_row(row), sheet_row(row - 1));
        let is = |number: f64| !self.differs(number, found, 0.0);
        let what = if is(before) {
            format!("the {title} that row {above} started with: the update of row {above} is lost")
        } else if is(start) {
            format!("the {title} of the first row: all that was learned is thrown away")
        } else {
            format!("another {title} than row {above} ended with")
        };
        Some(format!("row {here} starts from {what} (weight {})", weight.name))
    }

    /// The cell of a column with the same slip, which this column has it from.
    fn slip_before(
        &self,
        column: usize,
        departure: &Departure,
        slips: &[(usize, Departure)],
    ) -> Option<String> {
        let hand = |column: usize| Some(self.places().columns[column]?.column);
        let pattern = self.words.machine.columns[hand(column)?].pattern.as_ref()?;
        let same = slips.iter().filter(|(other, one)| *other != column && one == departure);
        same.filter_map(|(other, one)| {
            let before = hand(*other)?;
            let refers = pattern.has_name(|leaf| *leaf == Leaf::Column(before));
            refers.then(|| self.slip(*other, one)).flatten()
        })
        .map(|finding| finding.cell)
        .next()
    }

    /// A column that is wrong in every row.
    fn slip(&self, column: usize, departure: &Departure) -> Option<Finding> {
        let source = self.places().columns[column]?;
        let words = &self.words;
        let places = self.places();
        let forced = Forced::new(&self.run.form, places, self.real);
        let hand = &words.machine.columns[source.column];
        // A first row with a formula of its own has nothing to copy down.
        let first = usize::from(hand.first.is_some() && self.form().remembers(column));
        let rows = first..words.machine.rows.len();
        let local = |row: usize| forced.evaluate(&places.formulas[column], row as isize);
        let found = |row: usize| source.at(self.real, row as isize);
        let wrong = rows.clone().find(|&row| {
            let (local, found) = (local(row), found(row));
            !local.is_nan() && !found.is_nan() && self.differs(local, found, 0.0)
        });
        let row = wrong.unwrap_or(first);
        let place = usize::try_from(row as isize + source.below).unwrap_or(0).min(rows.end - 1);
        let cell = words.cell(source.column, place);
        let title = words.title(source.column);
        let message = format!(
            "{title} {} in every row: it should be {}",
            departure.text,
            words.in_words(column)
        );
        let fix = words
            .in_cells(column, row)
            .map(|formula| format!("write {formula} into {cell} and copy it down"))
            .map(|fix| match first {
                0 => fix,
                _ => format!("{fix}; change {} likewise", words.cell(source.column, 0)),
            });
        Some(Finding {
            expected: Some(shown(source.sign * local(row))),
            found: Some(shown(source.sign * found(row))),
            fix,
            ..self.about(Kind::Value, &cell, message)
        })
    }
}

/// The value of a formula and what rounding may have moved it by.
pub(super) fn with_rounding(formula: &Expr<Ref>, look_up: &impl Fn(&Ref) -> f64) -> (f64, f64) {
    /// A few units in the last place for each operation.
    const UNITS: f64 = 8.0 * f64::EPSILON;
    let value = evaluate(formula, &|name| Value::number(look_up(name))).get().unwrap_or(f64::NAN);
    let own = UNITS * value.abs();
    let parts: Vec<(f64, f64)> =
        operands(formula).into_iter().map(|part| with_rounding(part, look_up)).collect();
    let inherited = match (formula, parts.as_slice()) {
        (Expr::Binary(Operator::Multiply, ..), [(u, du), (v, dv)]) => u.abs() * dv + v.abs() * du,
        (Expr::Binary(Operator::Divide, ..), [(_, du), (v, dv)]) => {
            (du + value.abs() * dv) / v.abs()
        }
        (Expr::Binary(Operator::Power, ..), [(u, du), (v, _)]) => (v * value / u).abs() * du,
        (Expr::Call(function, _), [(_, du)]) if function.name == "sqrt" => du / (2.0 * value),
        (_, parts) => parts.iter().map(|(_, rounding)| rounding).sum(),
    };
    (value, own + inherited)
}
