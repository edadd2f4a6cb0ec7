//! Where the samples stand: on our sheet `data`, or in the user's own cells.

use rust_xlsxwriter::utility::{column_number_to_name, row_col_to_cell, row_col_to_cell_absolute};

use super::sheet_names::SheetName;
use crate::data::address::Area;
use crate::data::{Data, DataColumn};

/// Where formulas find the samples.
#[derive(Debug)]
pub enum DataLayout {
    /// On a sheet of ours.
    Ours(OurData),
    /// In the cells of the user's sheet that they were read from.
    Theirs(TheirData),
}

/// Where things stand on our sheet `data`.
#[derive(Debug)]
pub struct OurData {
    /// The sheet.
    pub sheet: SheetName,
    /// The row of the line that says why the samples are copied, counted from 0, where it is needed.
    pub copied: Option<u32>,
    /// The row with what is taken from a column before it is scaled, where it is.
    pub center: u32,
    /// The row with what it is divided by.
    pub spread: u32,
    /// The row with the heads, counted from 0.
    pub heads: u32,
    /// The row of the first sample, counted from 0.
    pub first: u32,
    /// The row of the last sample, counted from 0.
    last: u32,
    /// The column of each data column's numbers as a run sees them.
    used: Vec<u16>,
}

/// The user's own cells.
#[derive(Debug)]
pub struct TheirData {
    sheet: SheetName,
    /// The cells of each data column, in their order.
    columns: Vec<Area>,
    /// Whether they go to the right.
    across: bool,
    /// The cells of all columns in words: `B5:C33`.
    range: String,
}

impl DataLayout {
    /// Our `sheet` for `data`, with a line for why they are copied where `is_copied`.
    pub fn ours(data: &Data, sheet: SheetName, is_copied: bool) -> Self {
        DataLayout::Ours(OurData::new(data, sheet, is_copied))
    }

    /// The cells of `sheet` that `data` were read from, each column of which is one range there.
    pub fn theirs(data: &Data, sheet: SheetName) -> Self {
        let area = |column: &DataColumn| column.cells.area();
        DataLayout::Theirs(TheirData {
            sheet,
            columns: data.columns.iter().filter_map(area).collect(),
            across: data.columns.first().is_some_and(|column| column.cells.go_across()),
            range: data.range.clone(),
        })
    }

    /// Our sheet, where it is written.
    pub fn our(&self) -> Option<&OurData> {
        match self {
            DataLayout::Ours(ours) => Some(ours),
            DataLayout::Theirs(_) => None,
        }
    }

    fn sheet(&self) -> &SheetName {
        match self {
            DataLayout::Ours(ours) => &ours.sheet,
            DataLayout::Theirs(theirs) => &theirs.sheet,
        }
    }

    /// The values of the data column with the given index, as a run sees them:
    /// `data!$B$6:$B$34`.
    pub fn values(&self, column: usize) -> String {
        self.sheet().cell(&match self {
            DataLayout::Ours(ours) => ours.rows(ours.used(column)),
            DataLayout::Theirs(theirs) => theirs.range(column),
        })
    }

    /// The value of the sample with the number in the cell `number`, by a formula.
    pub fn look_up(&self, column: usize, number: &str) -> String {
        match self {
            DataLayout::Theirs(TheirData { across: true, .. }) => {
                format!("INDEX({},1,{number})", self.values(column))
            }
            _ => format!("INDEX({},{number})", self.values(column)),
        }
    }

    /// The cell of a sample, counted from 0, in the data column with the given index.
    pub fn cell(&self, column: usize, sample: usize) -> String {
        let sample = sample as u32;
        self.sheet().cell(&match self {
            DataLayout::Ours(ours) => row_col_to_cell(ours.first + sample, ours.used(column)),
            DataLayout::Theirs(theirs) => {
                let (row, at) = theirs.columns[column].first;
                let (row, at) = if theirs.across { (row, at + sample) } else { (row + sample, at) };
                row_col_to_cell(row, at as u16)
            }
        })
    }

    /// The cell with the number of a sample, where there is one.
    pub fn number(&self, sample: usize) -> Option<String> {
        let ours = self.our()?;
        Some(ours.sheet.cell(&row_col_to_cell(ours.first + sample as u32, 0)))
    }

    /// The cell with what is taken from a column before it is scaled.
    pub fn center(&self, column: usize) -> String {
        self.above(column, |ours| ours.center)
    }

    /// The cell with what it is divided by.
    pub fn spread(&self, column: usize) -> String {
        self.above(column, |ours| ours.spread)
    }

    /// A cell above a column as it was read; scaled columns are always on our sheet.
    fn above(&self, column: usize, row: fn(&OurData) -> u32) -> String {
        let cell = |ours: &OurData| row_col_to_cell_absolute(row(ours), OurData::raw(column));
        self.our().map_or_else(String::new, |ours| ours.sheet.cell(&cell(ours)))
    }

    /// Where the samples stand, in words: `the sheet data`.
    pub fn place(&self) -> String {
        match self {
            DataLayout::Ours(ours) => format!("the sheet {}", ours.sheet.name),
            DataLayout::Theirs(theirs) => {
                format!("the sheet {}, cells {}", theirs.sheet.name, theirs.range)
            }
        }
    }
}

impl OurData {
    /// The column of `x` as it was read; `y` follows.
    const FIRST_COLUMN: u16 = 1;
    /// The first row below title, count and origin.
    const BELOW_TOP: u32 = 3;

    fn new(data: &Data, sheet: SheetName, is_copied: bool) -> Self {
        let copied = is_copied.then_some(Self::BELOW_TOP);
        let center = Self::BELOW_TOP + u32::from(is_copied);
        let spread = center + 1;
        // A blank row stands above the heads.
        let heads = if data.scale.is_some() { spread + 2 } else { center + 1 };
        let first = heads + 1;
        let last = first + data.samples().max(1) as u32 - 1;
        let mut next = Self::FIRST_COLUMN + data.columns.len() as u16;
        let used = (0..data.columns.len()).map(|index| {
            let is_scaled = data.scale.as_ref().and_then(|scale| scale.column(index)).is_some();
            next += u16::from(is_scaled);
            if is_scaled { next - 1 } else { Self::raw(index) }
        });
        let used = used.collect();
        OurData { sheet, copied, center, spread, heads, first, last, used }
    }

    /// The column of a data column's numbers as they were read.
    pub fn raw(index: usize) -> u16 {
        Self::FIRST_COLUMN + index as u16
    }

    /// The column of a data column's numbers as a run sees them: scaled, where they are.
    pub fn used(&self, index: usize) -> u16 {
        self.used[index]
    }

    /// The column with the source of a data column's numbers, right of all numbers.
    pub fn source(&self, index: usize) -> u16 {
        let last = self.used.iter().copied().max().unwrap_or(0);
        let last = last.max(Self::raw(self.used.len().saturating_sub(1)));
        last + 1 + index as u16
    }

    /// The cells of all samples in a column of the sheet: `$B$6:$B$34`.
    pub fn rows(&self, column: u16) -> String {
        let name = column_number_to_name(column);
        format!("${name}${}:${name}${}", self.first + 1, self.last + 1)
    }
}

impl TheirData {
    /// The cells of a data column: `$A$9:$A$37`.
    fn range(&self, column: usize) -> String {
        let Area { first, last } = self.columns[column];
        let cell = |(row, column): (u32, u32)| row_col_to_cell_absolute(row, column as u16);
        format!("{}:{}", cell(first), cell(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Cells;

    fn data(across: bool) -> Data {
        let column = |name: &str, at: u32| {
            let mut cells = Cells::new(across);
            let place = |sample: u32| if across { (at, 1 + sample) } else { (8 + sample, at) };
            (0..29).for_each(|sample| cells.push(place(sample)));
            DataColumn { name: name.into(), header: None, values: vec![1.0; 29], cells }
        };
        Data { columns: vec![column("x", 0), column("y", 3)], ..Data::default() }
    }

    #[test]
    fn samples_are_looked_up_in_the_users_cells() {
        let layout = DataLayout::theirs(&data(false), SheetName::new("my data"));
        assert_eq!(layout.values(0), "'my data'!$A$9:$A$37");
        assert_eq!(layout.look_up(1, "$C15"), "INDEX('my data'!$D$9:$D$37,$C15)");
        assert_eq!(layout.cell(1, 2), "'my data'!D11");
        assert_eq!(layout.number(2), None);
    }

    #[test]
    fn a_table_that_lies_is_looked_up_in_its_rows() {
        let layout = DataLayout::theirs(&data(true), SheetName::new("data"));
        assert_eq!(layout.values(1), "data!$B$4:$AD$4");
        assert_eq!(layout.look_up(0, "$C15"), "INDEX(data!$B$1:$AD$1,1,$C15)");
        assert_eq!(layout.cell(1, 2), "data!D4");
    }

    #[test]
    fn a_copy_has_a_line_more_above_the_samples() {
        let sheet = || SheetName::new("data (2)");
        let (own, copy) =
            (OurData::new(&data(false), sheet(), false), OurData::new(&data(false), sheet(), true));
        assert_eq!((own.copied, own.heads, own.first), (None, 4, 5));
        assert_eq!((copy.copied, copy.heads, copy.first), (Some(3), 5, 6));
        assert_eq!(DataLayout::Ours(copy).values(0), "'data (2)'!$B$7:$B$35");
    }
}
