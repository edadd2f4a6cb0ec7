//! The numbers of the traces within the page, for the parts of it that a reader moves through.
//!
//! Values are stored as the bytes of doubles, so that the page shows the numbers of the workbook
//! and not roundings of them. Of a long run the page keeps the beginning, the end and rows between
//! at even distances, each with the row above it, which formulas look at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::formulas;
use super::markup::Markup;
use super::same::{self, Known, Same};
use crate::error::{Error, Result};
use crate::export::xlsx::Addresses;
use crate::formula::{Expr, mathml, symbol};
use crate::sheet::{Column, Ref, Sheet};
use crate::trace::{Block, Results, Run, Sink};
use crate::value::Value;

/// About how many values the page stores at most, over all runs: eleven characters each.
const MOST_VALUES: usize = 185_000;

/// What the page knows of the runs.
#[derive(Debug, Serialize)]
pub struct Store {
    /// What a row is called: `step`, or `row` where an update takes several.
    row_head: String,
    samples: usize,
    /// The address of the workbook, beside the page.
    workbook: String,
    /// Where rows look things up.
    places: Places,
    /// The runs.
    runs: Vec<StoredRun>,
    /// The formulas of the sections that look into one step.
    parts: super::parts::Script,
    /// What the charts are made of besides the runs.
    problem: super::charts::Problem,
}

/// Where rows look things up, in words: `the sheet data`.
#[derive(Debug, Serialize)]
struct Places {
    data: String,
    order: String,
}

/// A run.
#[derive(Debug, Serialize)]
struct StoredRun {
    name: String,
    /// The name of its sheet in the workbook.
    sheet: String,
    title: String,
    /// The row on the sheet of row 0.
    first_row: usize,
    /// How many rows the run has.
    rows: usize,
    /// The numbers of the rows that are stored, as runs of neighbours: first and last.
    stored: Vec<(usize, usize)>,
    inputs: Vec<StoredInput>,
    columns: Vec<StoredColumn>,
    /// The places among the columns of what the page asks for by part.
    parts: Parts,
    /// Row 0; null where it has no value.
    initial: Vec<Option<Value>>,
    /// Row after row, a little-endian double for each column that is not the same as another, in base64.
    values: String,
}

/// Columns that play a part.
#[derive(Debug, Serialize)]
struct Parts {
    sample: usize,
    /// For each weight: its value before, its gradient, its value after.
    weights: Vec<[usize; 3]>,
}

#[derive(Debug, Serialize)]
struct StoredInput {
    id: String,
    value: Value,
    cell: String,
}

#[derive(Debug, Serialize)]
struct StoredColumn {
    id: String,
    header: String,
    /// The letters of the column in the workbook.
    letters: String,
    /// What fills the slots of its formula: `c` a column of this row, `p` of the row above, `i` an input, `d` a
    /// data column, `o` the drawn order, each with its index.
    slots: Vec<(char, usize)>,
    /// The formula in the workbook with `{row}` and `{above}`.
    excel: String,
    /// Where the same numbers are stored already.
    #[serde(skip_serializing_if = "Option::is_none")]
    same: Option<Same>,
}

impl Store {
    /// The store of `results`, with the rows that were `kept` of each run.
    pub fn new(
        results: &Results,
        (addresses, workbook): (&Addresses, &str),
        kept: Vec<Keeper>,
        parts: super::parts::Script,
    ) -> Result<Self> {
        let mut known = Known::default();
        let runs = kept.into_iter().enumerate();
        let runs = runs.map(|(at, kept)| StoredRun::new(results, at, addresses, kept, &mut known));
        Ok(Store {
            row_head: results.runs[0].sheet.row_name().to_owned(),
            samples: results.data.samples(),
            workbook: super::markup::relative_address(workbook),
            places: Places {
                data: addresses.data_place(),
                order: format!("the sheet {}", addresses.order_sheet()),
            },
            runs: runs.collect(),
            parts,
            problem: super::charts::Problem::new(results)?,
        })
    }

    /// The store as JSON that can stand in a `<script>`: nothing in it ends the element.
    ///
    /// # Errors
    /// None that a run can cause.
    pub fn json(&self) -> Result<Markup> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::new(format!("cannot write the report: {error}")))?;
        Ok(Markup::trusted(json.replace('<', "\\u003c")))
    }
}

impl StoredRun {
    fn new(
        results: &Results,
        at: usize,
        addresses: &Addresses,
        kept: Keeper,
        known: &mut Known,
    ) -> Self {
        let run = &results.runs[at];
        let sheet = &run.sheet;
        let same = known.add(at, sheet, &kept);
        let input = |(index, input): (usize, &crate::sheet::Input)| StoredInput {
            id: input.id.clone(),
            value: Value::number(input.value),
            cell: addresses.input(at, index),
        };
        StoredRun {
            name: sheet.name.clone(),
            sheet: addresses.sheet(at).to_owned(),
            title: results.title(at),
            first_row: addresses.first_row(at),
            rows: run.rows,
            inputs: sheet.inputs.iter().enumerate().map(input).collect(),
            columns: (0..sheet.columns.len())
                .map(|column| stored(run, at, column, addresses, same[column]))
                .collect(),
            parts: Parts::of(sheet),
            values: STANDARD.encode(kept.without(&same)),
            initial: kept.initial,
            stored: kept.ranges,
        }
    }
}

impl Parts {
    fn of(sheet: &Sheet) -> Self {
        let weights = sheet.weights.iter();
        Parts {
            sample: sheet.sample,
            weights: weights.map(|one| [one.current, one.gradient, one.next]).collect(),
        }
    }
}

fn stored(
    run: &Run,
    at: usize,
    index: usize,
    addresses: &Addresses,
    same: Option<Same>,
) -> StoredColumn {
    let column = &run.sheet.columns[index];
    let slots = slots(column).iter().map(slot).collect();
    StoredColumn {
        id: column.id.clone(),
        header: column.header.clone(),
        letters: Addresses::letters(index),
        slots,
        excel: addresses.template(at, index),
        same,
    }
}

/// What fills the slots of a column's formula.
pub fn slots(column: &Column) -> Vec<Ref> {
    column.formula.names().into_iter().copied().collect()
}

/// The formula of a column with the symbol of each name, numbered as its slot is.
pub fn symbols(sheet: &Sheet, column: &Column) -> String {
    let mut slots = 0;
    let numbered = column.formula.substitute(&mut |name: &Ref| {
        slots += 1;
        Ok::<_, std::convert::Infallible>(Expr::Name((*name, slots - 1)))
    });
    let Ok(numbered) = numbered;
    mathml(&numbered, &|(name, slot): &(Ref, i32)| {
        let symbol = match name {
            Ref::Column(column) | Ref::Above(column) => column_symbol(sheet, *column),
            Ref::Data(_) => {
                let sample = symbol(&sheet.columns[sheet.sample].symbol);
                format!("<msub>{}{sample}</msub>", symbol(formulas::reference_symbol(sheet, name)))
            }
            name => symbol(formulas::reference_symbol(sheet, name)),
        };
        let above = matches!(name, Ref::Above(above) if sheet.columns[*above].id == column.id
            || uses_here(column, *above));
        let symbol = match above {
            // The row above and this one are told apart where both stand in the formula.
            true => format!("<msup>{symbol}<mtext>prev</mtext></msup>"),
            false => symbol,
        };
        format!("<mrow class=\"term\" data-slot=\"{slot}\">{symbol}</mrow>")
    })
}

/// The symbol of a column; a weight after its update is told apart from the weight before.
pub fn column_symbol(sheet: &Sheet, index: usize) -> String {
    let symbol = symbol(&sheet.columns[index].symbol);
    match sheet.weights.iter().any(|weight| weight.next == index) {
        true => format!("<msup>{symbol}<mtext>new</mtext></msup>"),
        false => symbol,
    }
}

/// Whether the formula uses the column of this row too.
fn uses_here(column: &Column, other: usize) -> bool {
    column.formula.has_name(|name| *name == Ref::Column(other))
}

fn slot(name: &Ref) -> (char, usize) {
    match *name {
        Ref::Column(column) => ('c', column),
        Ref::Above(column) => ('p', column),
        Ref::Input(input) => ('i', input),
        Ref::Data(column) => ('d', column),
        Ref::Order => ('o', 0),
    }
}

/// Which of so many rows are kept where there is room for `room`: neighbours as first and last.
fn kept(rows: usize, room: usize) -> Vec<(usize, usize)> {
    if rows <= room {
        return vec![(1, rows)];
    }
    // A third each for the beginning, the end, and pairs between them.
    let part = (room / 3).max(2);
    let (from, to) = (part + 1, rows - part);
    let pairs = part / 2;
    let mut kept = vec![(1, part)];
    for pair in 0..pairs {
        let second = from + 1 + (to - from - 1) * (pair + 1) / (pairs + 1);
        if kept.last().is_some_and(|last| second > last.1 + 1) && second < to {
            kept.push((second - 1, second));
        }
    }
    kept.push((to.max(kept[kept.len() - 1].1) + 1, rows));
    kept
}

/// Keeps the rows of a run that the page stores.
#[derive(Debug)]
pub struct Keeper {
    pub(super) ranges: Vec<(usize, usize)>,
    /// The range that the next row is in or before.
    next: usize,
    pub(super) initial: Vec<Option<Value>>,
    bytes: Vec<u8>,
}

impl Keeper {
    /// For the rows of `run` that there is room for among all `results`.
    pub fn new(results: &Results, run: &Run) -> Self {
        let runs = results.runs.iter().enumerate();
        let columns: usize = runs.map(|(at, run)| same::most_own(at, &run.sheet)).sum();
        let ranges = kept(run.rows, MOST_VALUES / columns.max(1));
        Keeper { ranges, next: 0, initial: Vec::new(), bytes: Vec::new() }
    }

    /// The stored doubles of a column of so many.
    pub(super) fn column(&self, index: usize, columns: usize) -> Vec<u8> {
        let rows = self.bytes.chunks_exact(8 * columns);
        rows.flat_map(|row| row[8 * index..8 * (index + 1)].iter().copied()).collect()
    }

    /// All doubles but those that are the same as others.
    fn without(&self, same: &[Option<Same>]) -> Vec<u8> {
        let doubles = self.bytes.chunks_exact(8).enumerate();
        let own = doubles.filter(|(at, _)| same[at % same.len()].is_none());
        own.flat_map(|(_, double)| double.iter().copied()).collect()
    }
}

impl Sink for Keeper {
    fn initial(&mut self, values: &[Option<Value>]) -> Result<()> {
        self.initial = values.to_vec();
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<()> {
        for index in 0..block.rows() {
            let row = block.first_row + index;
            while self.ranges.get(self.next).is_some_and(|range| range.1 < row) {
                self.next += 1;
            }
            if self.ranges.get(self.next).is_some_and(|range| range.0 <= row) {
                let values = block.columns.iter().map(|column| column[index]);
                self.bytes.extend(values.flat_map(|value| value.raw().to_le_bytes()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn a_short_run_is_kept_whole_and_of_a_long_one_pairs_between_its_ends() {
        assert_eq!(kept(290, 2000), [(1, 290)]);
        let ranges = kept(100_000, 900);
        assert_eq!((ranges[0], ranges[ranges.len() - 1].1), ((1, 300), 100_000));
        let rows: usize = ranges.iter().map(|(first, last)| last - first + 1).sum();
        assert!((800..=900).contains(&rows), "{rows}");
        for (one, other) in ranges.iter().zip(&ranges[1..]) {
            assert!(one.1 < other.0, "{one:?} {other:?}");
        }
        for (rows, room) in [(10, 9), (7, 3), (100, 1)] {
            let ranges = kept(rows, room);
            assert_eq!(ranges[ranges.len() - 1].1, rows, "{rows} {room}");
            assert!(ranges.iter().all(|(first, last)| first <= last), "{ranges:?}");
        }
    }
}
