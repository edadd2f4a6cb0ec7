//! Which cells of a trace are blank.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sheet::{Column, Group, Sheet};

/// The groups of columns whose cells may be blank: what a step computes.
const GROUPS: [Group; 6] =
    [Group::Forward, Group::Check, Group::Gradient, Group::State, Group::Update, Group::Circuit];

/// Which cells of a trace are blank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blanks {
    /// Groups (`gradient`), headers or names of columns.
    pub columns: Vec<String>,
    /// Only every so many rows.
    pub every: Option<usize>,
    /// Only so many cells of a sheet, at random.
    pub random: Option<usize>,
    /// The seed of what is random.
    pub seed: u64,
}

impl Blanks {
    /// Reads `gradient,update`, `every:7`, `random:20` or parts of these, separated by commas.
    ///
    /// # Errors
    /// A part that is none of these, or names no column of any of the `sheets`.
    pub fn read(text: &str, seed: u64, sheets: &[&Sheet]) -> Result<Blanks> {
        let mut blanks = Blanks { columns: Vec::new(), every: None, random: None, seed };
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = |told: String| Error::new(told).in_argument(format!("--blank {text}"));
            let count = |number: &str| match number.trim().parse::<usize>() {
                Ok(count) if count > 0 => Ok(Some(count)),
                _ => Err(wrong(format!("'{number}' is no whole number above 0"))
                    .help("write for example every:7 or random:20")),
            };
            match part.split_once(':') {
                Some(("every", number)) => blanks.every = count(number)?,
                Some(("random", number)) => blanks.random = count(number)?,
                _ if sheets
                    .iter()
                    .any(|sheet| columns(sheet).any(|(_, one)| is_called(one, part))) =>
                {
                    blanks.columns.push(part.to_owned());
                }
                _ => {
                    let mut known: Vec<&str> = GROUPS.iter().map(|group| group.title()).collect();
                    let headers = sheets.iter().flat_map(|sheet| columns(sheet));
                    known.extend(headers.map(|(_, column)| column.header.as_str()));
                    let known: Vec<&str> = known
                        .iter()
                        .enumerate()
                        .filter(|(at, one)| !known[..*at].contains(one))
                        .map(|(_, one)| *one)
                        .collect();
                    return Err(wrong(format!("there is no column '{part}' to leave blank"))
                        .help(Error::known_names(part, &known)));
                }
            }
        }
        if blanks.columns.is_empty() {
            blanks.columns = ["gradient", "update"].map(str::to_owned).to_vec();
        }
        Ok(blanks)
    }

    /// The blank cells of a sheet with so many rows, by row: the row, counted from 1, and the column.
    pub fn cells(&self, sheet: &Sheet, rows: usize) -> Vec<(usize, usize)> {
        let is_wanted = |column: &Column| self.columns.iter().any(|name| is_called(column, name));
        let wanted: Vec<usize> =
            columns(sheet).filter(|(_, column)| is_wanted(column)).map(|(at, _)| at).collect();
        let every = self.every.unwrap_or(1);
        let rows = (1..=rows).filter(|row| row % every == 0);
        let mut cells: Vec<(usize, usize)> =
            rows.flat_map(|row| wanted.iter().map(move |column| (row, *column))).collect();
        if let Some(count) = self.random {
            // A seed gives the same cells on every machine, and other ones on the next sheet.
            let name = sheet
                .name
                .bytes()
                .fold(self.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
            let mut random = ChaCha8Rng::seed_from_u64(name);
            for at in 0..count.min(cells.len()) {
                let left = (cells.len() - at) as u64;
                cells.swap(at, at + (random.next_u64() % left) as usize);
            }
            cells.truncate(count);
            cells.sort_unstable();
        }
        cells
    }
}

/// The columns that may be blank.
fn columns(sheet: &Sheet) -> impl Iterator<Item = (usize, &Column)> {
    let may_be = |column: &Column| GROUPS.contains(&column.group);
    sheet.columns.iter().enumerate().filter(move |(_, column)| may_be(column))
}

fn is_called(column: &Column, name: &str) -> bool {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    same(column.group.title()) || same(&column.header) || same(&column.id)
}
