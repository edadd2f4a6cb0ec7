//! Reading the samples of a table, down to its end.
//!
//! A row that lacks a number is left out and named. A cell that holds something else is an error
//! that names it, for a guess there (a text taken as 0) would change what the whole program
//! computes. Only where nothing follows below, a text is taken for the note that it is.

use super::DataColumn;
use super::address::Position;
use super::body::{Body, Line};
use super::cells::Cells;
use super::choose::Pick;
use super::columns::is_no_number;
use super::fault::{Fault, wrong_value};
use super::grid::{Cell, Grid, Value};
use super::kinds::is_missing;
use super::regions::Region;
use super::rows::{Rows, in_column};
use crate::error::Result;

/// So many rows that were left out are named one by one.
const MOST_NAMED: usize = 5;

/// What was read.
pub(crate) struct Samples {
    pub columns: Vec<DataColumn>,
    /// The cells of rows that were left out, by column.
    pub left_out: Vec<Cells>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Where numbers stand below that were not read.
    pub below: Option<String>,
}

/// Reads the samples of `region` from the columns in `picks`.
///
/// # Errors
///
/// Where a cell holds no finite number, or there is no sample; the outer error where the file
/// cannot be read.
pub(crate) fn read(
    rows: &dyn Rows,
    grid: &Grid,
    region: &Region,
    picks: &[Pick],
) -> Result<Result<Samples, Fault>> {
    let columns: Vec<u32> = picks.iter().map(|pick| pick.column.column).collect();
    let body = Body { rows, grid, region, columns: &columns };
    let mut reader = Reader::new(grid, region, picks);
    let mut fault = None;
    body.each(&mut |row, line| {
        if fault.is_none() {
            fault = reader.line(row, line).err();
        }
    })?;
    Ok(match fault {
        Some(fault) => Err(fault),
        None => reader.finish(),
    })
}

struct Reader<'a> {
    grid: &'a Grid,
    region: &'a Region,
    picks: &'a [Pick<'a>],
    columns: Vec<DataColumn>,
    left_out: Vec<Cells>,
    /// The first rows that were left out and why, and how many there were.
    named: Vec<String>,
    left: usize,
    notes: Vec<String>,
    below: Option<String>,
    /// What to say, or to leave out, only if samples follow.
    waiting: Vec<Waiting>,
    /// A cell that is wrong if samples follow, and whether it is wrong if none do.
    trouble: Option<Trouble>,
    /// Whether an empty row or one of totals stands between here and the last sample.
    is_below: bool,
    has_totals: bool,
    last: Option<u32>,
    sums: Vec<f64>,
    has_formula: Vec<bool>,
    /// For each column, whether its cells hold numbers, and no texts that are read as some.
    are_numbers: Vec<bool>,
}

/// A cell that holds no number.
struct Trouble {
    fault: Fault,
    /// Whether it is a fault also where no samples follow.
    is_certain: bool,
    /// What to say where it is none.
    note: Option<String>,
}

enum Waiting {
    Note(String),
    Row(u32, String),
}

/// What a row has in one of the columns.
enum State<'c> {
    Number(f64),
    Missing(String),
    Wrong(Position, &'c Value),
}

impl<'a> Reader<'a> {
    fn new(grid: &'a Grid, region: &'a Region, picks: &'a [Pick<'a>]) -> Self {
        let column = |pick: &Pick| DataColumn {
            name: pick.name.clone(),
            header: pick.column.header.clone(),
            values: Vec::new(),
            cells: Cells::new(region.across),
        };
        let none = || picks.iter().map(|_| Cells::new(region.across)).collect();
        Reader {
            grid,
            region,
            picks,
            columns: picks.iter().map(column).collect(),
            left_out: none(),
            named: Vec::new(),
            left: 0,
            notes: Vec::new(),
            below: None,
            waiting: Vec::new(),
            trouble: None,
            is_below: false,
            has_totals: false,
            last: None,
            sums: vec![0.0; picks.len()],
            has_formula: vec![false; picks.len()],
            are_numbers: vec![true; picks.len()],
        }
    }

    fn line(&mut self, row: u32, line: Line) -> Result<(), Fault> {
        if !matches!(line, Line::Beyond(_)) {
            self.gap(row)?;
            self.last = Some(row);
        }
        match line {
            Line::Cells(cells) => self.cells(row, cells),
            Line::Totals(why) => {
                self.totals(row, &why);
                Ok(())
            }
            Line::Headers => {
                let name = self.region.line_name(row);
                self.waiting.push(Waiting::Note(format!("{name} has the headers once more")));
                Ok(())
            }
            Line::Beyond(at) => {
                let end = self.last.map_or(self.region.first_row, |last| last + 1);
                self.below = Some(format!(
                    "the table ends above {}; the numbers below it, from {} on, are not read",
                    self.region.line_name(end),
                    self.region.name(at)
                ));
                Ok(())
            }
        }
    }

    /// Notes the empty rows above `row`.
    fn gap(&mut self, row: u32) -> Result<(), Fault> {
        let Some(last) = self.last.filter(|last| last + 1 < row) else { return Ok(()) };
        self.unread(last + 1)?;
        let what = self.region.lines_name(last + 1, row - 1);
        let are = if last + 2 == row { "is" } else { "are" };
        let note = format!("{what} {are} empty: the table is read on below");
        self.waiting.push(Waiting::Note(note));
        self.is_below = true;
        Ok(())
    }

    /// An error where the blank cells of `row` may hold what cannot be read.
    fn unread(&self, row: u32) -> Result<(), Fault> {
        let first = self.picks.iter().map(|pick| pick.column.column).min().unwrap_or(0);
        let unread: Vec<_> = self.grid.unread_at((row, first)).collect();
        match unread.first() {
            Some(one) if unread.len() >= self.picks.len() => {
                Err(unreadable(self.region, &one.error, (row, first)))
            }
            _ => Ok(()),
        }
    }

    fn totals(&mut self, row: u32, why: &str) {
        let note = format!("{} is not read as a sample: {why}", self.region.line_name(row));
        // Of several rows the first says enough, and below an empty row nobody expects samples.
        if self.is_below {
            if !self.has_totals {
                self.waiting.push(Waiting::Note(note));
            }
        } else {
            self.notes.push(note);
        }
        (self.is_below, self.has_totals) = (true, true);
    }

    fn cells(&mut self, row: u32, cells: &[Cell]) -> Result<(), Fault> {
        let mut states = Vec::with_capacity(self.picks.len());
        for pick in self.picks {
            states.push(self.state(pick, row, in_column(cells, pick.column.column))?);
        }
        let numbers = states.iter().filter(|state| matches!(state, State::Number(_))).count();
        if numbers == states.len() {
            let number = |state: &State| if let State::Number(one) = state { *one } else { 0.0 };
            let values: Vec<f64> = states.iter().map(number).collect();
            return self.sample(row, &values, cells);
        }
        let wrong = states.iter().position(|state| matches!(state, State::Wrong(..)));
        match wrong.map(|index| &states[index]) {
            Some(State::Wrong(at, value)) => {
                let at = *at;
                let is_label = is_no_number(value) && self.is_label(&states, at.1, value);
                let note = format!(
                    "{} is not read as a sample: {} says \"{}\"",
                    self.region.line_name(row),
                    self.region.name(at),
                    super::columns::shown(value)
                );
                if numbers == 0 || is_label {
                    self.waiting.push(Waiting::Note(note));
                } else if self.trouble.is_none() {
                    let name = &self.picks[wrong.unwrap_or(0)].name;
                    let fault = wrong_value(name, self.region.place(at), value);
                    let first = states.iter().position(|state| matches!(state, State::Number(_)));
                    // A text at the left of the numbers is their label.
                    let may_stand = is_no_number(value) && (self.is_below || wrong < first);
                    let note = (!self.is_below).then_some(note);
                    self.trouble = Some(Trouble { fault, is_certain: !may_stand, note });
                }
                Ok(())
            }
            _ => {
                let why = states.iter().find_map(|state| match state {
                    State::Missing(why) => Some(why.clone()),
                    _ => None,
                });
                self.lacking(row, why.unwrap_or_default());
                Ok(())
            }
        }
    }

    fn state<'c>(
        &self,
        pick: &Pick,
        row: u32,
        value: Option<&'c Value>,
    ) -> Result<State<'c>, Fault> {
        let at = (row, pick.column.column);
        let name = || self.region.name(at);
        let Some(value) = value else {
            return match self.grid.unread_at(at).next() {
                Some(unread) => Err(unreadable(self.region, &unread.error, at)),
                None => Ok(State::Missing(format!("{} is blank", name()))),
            };
        };
        if is_missing(value) {
            let shown = super::columns::shown(value);
            return Ok(State::Missing(format!("{} says \"{shown}\"", name())));
        }
        Ok(match pick.column.reading.number(value) {
            Some(number) if number.is_finite() => State::Number(number),
            Some(number) => {
                let at = self.region.place(at);
                return Err(wrong_value(&pick.name, at, &Value::Number(number)));
            }
            _ => State::Wrong(at, value),
        })
    }

    /// Whether a text says what the numbers at its right are: `Avg=`.
    fn is_label(&self, states: &[State], column: u32, value: &Value) -> bool {
        let is_right = |(state, pick): (&State, &Pick)| {
            !matches!(state, State::Number(_)) || pick.column.column > column
        };
        let text = value.text().unwrap_or("").trim_end();
        text.ends_with(['=', ':']) && states.iter().zip(self.picks).all(is_right)
    }

    /// A row that lacks a number.
    fn lacking(&mut self, row: u32, why: String) {
        match self.is_below {
            true => self.waiting.push(Waiting::Row(row, why)),
            false => self.leave_out(row, &why),
        }
    }

    fn leave_out(&mut self, row: u32, why: &str) {
        for (cells, pick) in self.left_out.iter_mut().zip(self.picks) {
            cells.push(self.region.place((row, pick.column.column)));
        }
        self.left += 1;
        if self.named.len() < MOST_NAMED {
            self.named.push(format!("{} ({why})", self.region.line_name(row)));
        }
    }

    fn sample(&mut self, row: u32, values: &[f64], cells: &[Cell]) -> Result<(), Fault> {
        if self.is_below && self.is_aside(row, values) {
            return Ok(());
        }
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble.fault);
        }
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting {
                Waiting::Note(note) => self.notes.push(note),
                Waiting::Row(row, why) => self.leave_out(row, &why),
            }
        }
        (self.is_below, self.has_totals) = (false, false);
        for (index, value) in values.iter().enumerate() {
            let at = (row, self.picks[index].column.column);
            self.columns[index].values.push(*value);
            self.columns[index].cells.push(self.region.place(at));
            self.are_numbers[index] &= matches!(in_column(cells, at.1), Some(Value::Number(_)));
            self.sums[index] += value;
            self.has_formula[index] |= self.grid.formulas().has(at);
        }
        Ok(())
    }

    /// Whether numbers below the samples are sums, means or results rather than samples.
    fn is_aside(&self, row: u32, values: &[f64]) -> bool {
        let formulas = self.grid.formulas();
        let is_result =
            |(pick, has): (&Pick, &bool)| !has && formulas.has((row, pick.column.column));
        if self.picks.iter().zip(&self.has_formula).any(is_result) {
            return true;
        }
        let count = self.columns[0].values.len() as f64;
        let near = |value: f64, other: f64| (value - other).abs() <= 1e-6 * other.abs().max(1e-300);
        let all = |of: &dyn Fn(f64) -> f64| {
            values.iter().zip(&self.sums).all(|(value, sum)| near(*value, of(*sum)))
        };
        count > 2.0 && (all(&|sum| sum) || all(&|sum| sum / count))
    }

    fn finish(mut self) -> Result<Samples, Fault> {
        if let Some(last) = self.last {
            self.unread(last + 1)?;
        }
        if let Some(trouble) = self.trouble.take() {
            if trouble.is_certain || self.columns[0].values.is_empty() {
                return Err(trouble.fault);
            }
            self.notes.extend(trouble.note);
        }
        if self.columns[0].values.is_empty() {
            return Err(self.no_sample());
        }
        let more = self.left.saturating_sub(self.named.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = self.named.join(", ");
        match (self.left, self.named.as_slice()) {
            (0, _) => {}
            (1, [one]) => {
                let note = one.replacen(" (", " is left out: ", 1);
                self.notes.insert(0, note.trim_end_matches(')').to_owned());
            }
            (left, _) => {
                self.notes.insert(0, format!("{left} rows are left out: {named}{more}"));
            }
        }
        for (column, are_numbers) in self.columns.iter_mut().zip(&self.are_numbers) {
            column.cells.set_plain(*are_numbers && self.grid.formulas().are_none());
        }
        let (left_out, notes, below) = (self.left_out, self.notes, self.below);
        Ok(Samples { columns: self.columns, left_out, notes, below })
    }

    fn no_sample(&self) -> Fault {
        let names: Vec<_> = self.picks.iter().map(|pick| pick.name.as_str()).collect();
        let names = names.join(" and ");
        let first = self.picks.first().map_or(0, |pick| pick.column.column);
        let place = self.region.place((self.region.first_row, first));
        match self.named.first() {
            None => Fault::new(
                format!("there is no sample below the headers {names}"),
                "write at least one row of numbers there",
            ),
            Some(why) => Fault::new(
                format!("no row has a number for {names}: {why}"),
                "name other columns with --x and --y, or write the missing numbers",
            ),
        }
        .at(place)
    }
}

fn unreadable(region: &Region, error: &str, at: Position) -> Fault {
    let name = region.name(at);
    let what = format!("{name} seems to hold the error value {error}, where a number is needed");
    Fault::new(what, "correct the formula or write a number there").at(region.place(at))
}
