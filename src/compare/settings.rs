//! How to compare: what the user decides beforehand.

use super::machine::Machine;
use super::reading::Reading;
use crate::data::address::{column_name, parse_column};
use crate::error::{Error, Result};
use crate::graph::Options;

/// How to compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What to read.
    pub options: Options,
    /// The largest relative difference of numbers that agree.
    pub tolerance: f64,
    /// The only optimizer to think of: `adam`, `adam:keras`.
    pub optimizer: Option<String>,
    /// Hyperparameters that the sheet is meant to have, whatever its cells say: `lr`, 0.001.
    pub set: Vec<(String, f64)>,
    /// What columns of the sheet are, by header or letter: `velocity`, `v_b`.
    pub map: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            options: Options::default(),
            tolerance: 1e-9,
            optimizer: None,
            set: Vec::new(),
            map: Vec::new(),
        }
    }
}

impl Settings {
    /// The columns of a table that are mapped, with what they are.
    pub(super) fn pins(&self, machine: &Machine) -> Vec<(usize, String)> {
        let pinned = self.map.iter().flat_map(|(header, column)| {
            columns_called(machine, header).into_iter().map(|at| (at, column.clone()))
        });
        pinned.collect()
    }

    /// Checks that some table has each column that is mapped.
    ///
    /// # Errors
    /// A header that no table has, with those that there are.
    pub(super) fn check_map(&self, reading: &Reading) -> Result<()> {
        let tables = || reading.sheets.iter().filter_map(|sheet| sheet.table.as_ref().ok());
        if tables().next().is_none() {
            return Ok(());
        }
        for (header, column) in &self.map {
            if tables().any(|table| !columns_called(&table.machine, header).is_empty()) {
                continue;
            }
            let mut known: Vec<String> = Vec::new();
            for name in tables().flat_map(|table| names(&table.machine)) {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            return Err(Error::new(format!("no table has a column `{header}`"))
                .in_argument(format!("--map {header}={column}"))
                .help(Error::known_names(header, &known)));
        }
        Ok(())
    }
}

/// The columns of a table that `name` means: those with the header, in any case, else the one with
/// the letters.
pub(super) fn columns_called(machine: &Machine, name: &str) -> Vec<usize> {
    let wanted = name.trim().to_lowercase();
    let is_header = |at: &usize| {
        let header = machine.columns[*at].header.as_ref();
        header.is_some_and(|header| header.trim().to_lowercase() == wanted)
    };
    let all = || 0..machine.columns.len();
    let found: Vec<usize> = all().filter(is_header).collect();
    if !found.is_empty() {
        return found;
    }
    let letters = parse_column(name.trim());
    all().filter(|at| Some(machine.columns[*at].column) == letters).collect()
}

/// What a user may call the columns of a table: the header, or the letters where there is none.
fn names(machine: &Machine) -> impl Iterator<Item = String> {
    machine.columns.iter().map(|column| match &column.header {
        Some(header) => header.trim().to_owned(),
        None => column_name(column.column),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::machine::HandColumn;

    #[test]
    fn columns_are_called_by_header_in_any_case_or_by_letter() {
        let column = |header: Option<&str>, column| HandColumn {
            header: header.map(str::to_owned),
            column,
            pattern: None,
            first: None,
            values: Vec::new(),
            before: None,
        };
        // A header that looks like a letter goes before the letter.
        let columns = vec![column(Some("B"), 0), column(Some("new a "), 1), column(None, 2)];
        let machine = Machine { columns, ..Machine::default() };
        assert_eq!(columns_called(&machine, "b"), [0]);
        assert_eq!(columns_called(&machine, "New A"), [1]);
        assert_eq!(columns_called(&machine, "c"), [2]);
        assert_eq!(columns_called(&machine, "velocity"), [0_usize; 0]);
        assert_eq!(names(&machine).collect::<Vec<_>>(), ["B", "new a", "C"]);
    }
}
