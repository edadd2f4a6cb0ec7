//! Which rows of a trace stand where: all of them on one sheet, on as many sheets as they fill, or a
//! part of them.
//!
//! Above each row stands what its formulas take from the row above. Where that row is not written,
//! its values stand there as numbers: above the first row of the end of a trace, and above each row
//! of those that are apart.

use rust_xlsxwriter::utility::column_number_to_name;

use super::host::RowOptions;
use super::sheet_names::SheetName;
use crate::trace::{KeptRows, Run};

/// How many rows of a trace are written, and how many of them a sheet has room for.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    kept: KeptRows,
    room: usize,
    /// The row above the first one, counted from 0.
    start: u32,
}

impl Extent {
    /// Those of `run` below the row `start`, which is counted from 0.
    pub fn new(run: &Run, samples: usize, start: u32, options: RowOptions) -> Self {
        let kept = options.keep.of(run.rows, samples);
        let room = Extent::room(options.height, start, kept.stride);
        Extent { kept, room, start }
    }

    /// How many rows have room below the row `start` of a sheet of so many rows.
    pub fn room(height: usize, start: u32, stride: usize) -> usize {
        height.saturating_sub(start as usize + 1) / lines(stride)
    }

    /// How many sheets they take.
    pub fn sheets(&self) -> usize {
        self.kept.count.div_ceil(self.room.max(1)).max(1)
    }
}

/// Where each row of a trace stands.
#[derive(Debug)]
pub struct Spread {
    sheets: Vec<SheetName>,
    extent: Extent,
    rows: usize,
}

/// The rows on one of the sheets.
#[derive(Debug, Clone)]
pub struct Page {
    /// The place of the sheet among those of the trace.
    pub at: usize,
    /// Its rows of the trace.
    pub kept: KeptRows,
    /// The last row on it, counted from 0.
    pub last: u32,
}

impl Page {
    /// Whether the values above each row are written with it.
    pub fn is_apart(&self) -> bool {
        self.lines() > 1
    }

    /// How many rows of the sheet a row of the trace takes.
    pub fn lines(&self) -> usize {
        lines(self.kept.stride)
    }
}

/// How many rows of a sheet each of those at such a distance takes: two where the values of the row above, which is not
/// written, stand above it.
fn lines(stride: usize) -> usize {
    if stride > 1 { 2 } else { 1 }
}

impl Spread {
    /// The rows of `run` on these `sheets`, as many as their extent takes.
    pub fn new(run: &Run, sheets: Vec<SheetName>, extent: Extent) -> Self {
        Spread { sheets, extent, rows: run.rows }
    }

    /// All that are written.
    pub fn kept(&self) -> KeptRows {
        self.extent.kept
    }

    /// Whether all rows of the trace stand on one sheet.
    pub fn is_whole(&self) -> bool {
        self.sheets.len() == 1 && self.kept().count == self.rows
    }

    /// The sheets.
    pub fn sheets(&self) -> &[SheetName] {
        &self.sheets
    }

    /// What stands on each of the sheets.
    pub fn pages(&self) -> impl Iterator<Item = Page> {
        (0..self.sheets.len()).map(|at| self.page(at))
    }

    /// The rows on the sheet at that place.
    pub fn page(&self, at: usize) -> Page {
        let Extent { kept, room, start } = self.extent;
        let before = at * room;
        let count = room.min(kept.count - before.min(kept.count));
        let kept = KeptRows { first: kept.number(before), count, ..kept };
        Page { at, kept, last: start + (count * self.lines()) as u32 }
    }

    /// How many rows of a sheet a row of the trace takes.
    fn lines(&self) -> usize {
        lines(self.kept().stride)
    }

    /// The sheet and the row on it, counted from 0, of the row of the trace called `number`, where it is
    /// written.
    fn place(&self, number: usize) -> Option<(&SheetName, u32)> {
        let place = self.kept().place(number)?;
        let below = (place % self.extent.room + 1) * self.lines();
        Some((&self.sheets[place / self.extent.room], self.extent.start + below as u32))
    }

    /// The cell of a column in the row called `number`, from any sheet: `'adam (2)'!$J$303`.
    pub fn cell(&self, number: usize, column: usize) -> Option<String> {
        let (sheet, row) = self.place(number)?;
        Some(sheet.cell(&format!("${}${}", column_number_to_name(column as u16), row + 1)))
    }

    /// The cells of a column in the rows from `first` to `last`, one range or several, where all of
    /// these are written: `adam!$J$300:$J$303,'adam (2)'!$J$15:$J$20`.
    pub fn ranges(&self, (first, last): (usize, usize), column: usize) -> Option<String> {
        self.place(first).filter(|_| self.kept().stride == 1)?;
        self.place(last)?;
        let ranges = self.pages().filter_map(|page| {
            let (first, last) = (first.max(page.kept.first), last.min(page.kept.last()));
            (first <= last).then(|| self.range(&page, (first, last), column))
        });
        Some(ranges.collect::<Vec<_>>().join(","))
    }

    /// The cells of a column from one row of a page to another, with those between.
    fn range(&self, page: &Page, (first, last): (usize, usize), column: usize) -> String {
        let name = column_number_to_name(column as u16);
        let row = |number: usize| self.place(number).map_or(0, |(_, row)| row + 1);
        let (first, last) = (row(first), row(last));
        self.sheets[page.at].cell(&format!("${name}${first}:${name}${last}"))
    }

    /// The value of a column in the row whose number stands in the cell `number`, by a formula.
    pub fn look_up(&self, column: usize, number: &str) -> String {
        let KeptRows { first, stride, .. } = self.kept();
        // Counted from 0.
        let place = match (first, stride) {
            (1, 1) => format!("({number}-1)"),
            (first, 1) => format!("({number}-{first})"),
            (first, stride) => format!("({number}-{first})/{stride}"),
        };
        let room = self.extent.room;
        let within = match self.sheets.len() {
            1 => place.clone(),
            _ => format!("MOD({place},{room})"),
        };
        let line = self.lines();
        let index = if line == 1 { format!("{within}+1") } else { format!("{within}*{line}+1") };
        let on_page = |page: Page| {
            let rows = (page.kept.first, page.kept.last());
            format!("INDEX({},{index})", self.range(&page, rows, column))
        };
        let pages: Vec<String> = self.pages().map(on_page).collect();
        match &pages[..] {
            [one] => one.clone(),
            pages => format!("CHOOSE(INT({place}/{room})+1,{})", pages.join(",")),
        }
    }

    /// The number of the row nearest to that in the cell `number` that is written, by a formula.
    pub fn nearest(&self, number: &str) -> String {
        let KeptRows { first, stride, .. } = self.kept();
        let bounded = format!("MAX({first},MIN({},{number}))", self.kept().last());
        match stride {
            1 => bounded,
            stride => format!("{first}+{stride}*ROUND(({bounded}-{first})/{stride},0)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(kept: KeptRows, room: usize) -> Spread {
        let extent = Extent { kept, room, start: 9 };
        let name = |at: usize| {
            SheetName::new(if at == 0 { "adam".into() } else { format!("adam ({})", at + 1) })
        };
        let sheets = (0..extent.sheets()).map(name).collect();
        Spread { sheets, extent, rows: 100 }
    }

    #[test]
    fn rows_go_on_on_the_next_sheet() {
        let spread = spread(KeptRows { first: 1, stride: 1, count: 100 }, 40);
        assert!(!spread.is_whole());
        assert_eq!(spread.cell(40, 1).unwrap(), "adam!$B$50");
        assert_eq!(spread.cell(41, 1).unwrap(), "'adam (2)'!$B$11");
        assert_eq!(spread.cell(101, 1), None);
        assert_eq!(spread.ranges((39, 42), 0).unwrap(), "adam!$A$49:$A$50,'adam (2)'!$A$11:$A$12");
        let pages: Vec<_> = spread.pages().map(|page| (page.kept.first, page.last)).collect();
        assert_eq!(pages, [(1, 49), (41, 49), (81, 29)]);
        assert_eq!(
            spread.look_up(0, "$B$5"),
            "CHOOSE(INT(($B$5-1)/40)+1,INDEX(adam!$A$11:$A$50,MOD(($B$5-1),40)+1),\
             INDEX('adam (2)'!$A$11:$A$50,MOD(($B$5-1),40)+1),\
             INDEX('adam (3)'!$A$11:$A$30,MOD(($B$5-1),40)+1))"
        );
    }

    #[test]
    fn rows_that_are_apart_take_two() {
        let spread = spread(KeptRows { first: 10, stride: 10, count: 10 }, 40);
        assert_eq!(spread.cell(10, 0).unwrap(), "adam!$A$12");
        assert_eq!(spread.cell(20, 0).unwrap(), "adam!$A$14");
        assert_eq!((spread.cell(15, 0), spread.ranges((10, 20), 0)), (None, None));
        assert_eq!(spread.look_up(0, "$B$7"), "INDEX(adam!$A$12:$A$30,($B$7-10)/10*2+1)");
        assert_eq!(spread.nearest("$B$5"), "10+10*ROUND((MAX(10,MIN(100,$B$5))-10)/10,0)");
        assert_eq!(spread.page(0).last, 29);
    }

    #[test]
    fn the_end_has_the_row_above_in_the_place_of_the_start() {
        let spread = spread(KeptRows { first: 81, stride: 1, count: 20 }, 40);
        assert!(!spread.is_whole());
        assert_eq!(spread.cell(81, 0).unwrap(), "adam!$A$11");
        assert_eq!(spread.ranges((80, 90), 0), None);
        assert_eq!(spread.look_up(0, "$B$7"), "INDEX(adam!$A$11:$A$30,($B$7-81)+1)");
    }
}
