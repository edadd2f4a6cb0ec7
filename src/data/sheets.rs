//! Choosing the sheet: the one that was named, the one called `data`, or the first that fits.

use std::path::Path;

use super::address::{Area, split_sheet};
use super::fault::Fault;
use super::grid::Grid;
use super::locate::{self, Table, Wanted};
use super::source::{self, Kind};
use super::workbook::Workbook;
use super::{Data, Selection, csv, headers, samples};
use crate::error::{Error, Result};

/// The sheet that is taken before others, in any case.
const USUAL_SHEET: &str = "data";

/// What to look for in a sheet.
struct Search<'a> {
    selection: &'a Selection,
    sheet: Option<String>,
    area: Option<Area>,
}

/// A way to find the table; the stricter comes first.
type Method = fn(&Search, &Grid) -> Result<Table, Fault>;

/// Reads the samples from the file at `path`.
///
/// # Errors
///
/// As [`super::read`].
pub(super) fn read(path: &Path, selection: &Selection) -> Result<Data> {
    let search = Search::new(selection)?;
    match source::examine(path)? {
        Kind::Csv => read_csv(path, selection, &search),
        kind => read_workbook(path, kind, &search),
    }
}

impl<'a> Search<'a> {
    fn new(selection: &'a Selection) -> Result<Self> {
        let (named, area) = match &selection.range {
            None => (None, None),
            Some(range) => {
                let (sheet, area) = split_sheet(range);
                let wrong = || {
                    Error::new(format!("`{range}` is not a range of cells"))
                        .in_argument(format!("--range {range}"))
                        .help("give the first and the last cell, such as --range A3:B32")
                };
                (sheet, Some(Area::parse(area).ok_or_else(wrong)?))
            }
        };
        if let (Some(named), Some(sheet)) = (&named, &selection.sheet)
            && named != sheet
        {
            return Err(Error::new(format!("two sheets are named: '{sheet}' and '{named}'"))
                .in_argument("--range")
                .help("leave out one of them"));
        }
        Ok(Search { selection, sheet: selection.sheet.clone().or(named), area })
    }

    /// The columns to find: x where the model has it, other names of the model where they are
    /// headers, and y.
    fn wanted(&self, grid: &Grid) -> Vec<Wanted<'a>> {
        let selection = self.selection;
        let x = Wanted { name: "x", chosen: selection.x.as_deref() };
        let y = Wanted { name: "y", chosen: selection.y.as_deref() };
        if selection.names.is_empty() {
            return vec![x, y];
        }
        let headers = locate::named_beside_y(grid, &selection.names, &y);
        let mut wanted = Vec::new();
        for name in &selection.names {
            if name == "x" {
                wanted.push(x);
            } else if headers.contains(&name.as_str()) {
                wanted.push(Wanted { name, chosen: None });
            }
        }
        wanted.push(y);
        wanted
    }

    /// Checks that the names of the model give at least one column, and each column once.
    fn check_names(&self, grid: &Grid) -> Result<(), Fault> {
        let wanted = self.wanted(grid);
        let names = &self.selection.names;
        let only_y = wanted.len() == 1 && locate::by_headers(grid, &wanted).is_ok();
        if only_y {
            return Err(locate::no_input(grid, names, &wanted[0]));
        }
        let same = |index: usize| {
            let name = wanted[index].name;
            let twin = wanted[..index].iter().find(|w| headers::is_named(w.name, name))?;
            Some(locate::same_column(twin.name, name))
        };
        (0..wanted.len()).find_map(same).map_or(Ok(()), Err)
    }

    /// The table by what the user said and by its headers.
    fn strict(&self, grid: &Grid) -> Result<Table, Fault> {
        self.check_names(grid)?;
        match &self.area {
            Some(area) => locate::in_area(grid, &self.wanted(grid), area),
            None => locate::by_headers(grid, &self.wanted(grid)),
        }
    }

    /// The table as the only two columns with numbers.
    fn loose(&self, grid: &Grid) -> Result<Table, Fault> {
        if self.area.is_some() {
            return self.strict(grid);
        }
        locate::without_headers(grid, &self.wanted(grid))
    }

    /// The cells that may be read.
    fn crop(&self, grid: Grid) -> Grid {
        match &self.area {
            Some(area) => grid.within(area),
            None => grid,
        }
    }

    /// The table in one sheet, strictly or loosely; the strict fault says more.
    fn either(&self, grid: &Grid) -> Result<Table, Fault> {
        self.strict(grid).or_else(|fault| self.loose(grid).map_err(|_| fault))
    }
}

fn read_csv(path: &Path, selection: &Selection, search: &Search) -> Result<Data> {
    if let Some(sheet) = &search.sheet {
        return Err(Error::new("a .csv file has no sheets")
            .in_argument(format!("--sheet {sheet}"))
            .help("leave the sheet out"));
    }
    let csv = csv::read(path, selection)?;
    let grid = search.crop(csv.grid);
    let table = search.either(&grid).map_err(|fault| fault.into_error(path, ""))?;
    finish(path, "", &grid, table, csv.notes)
}

fn read_workbook(path: &Path, kind: Kind, search: &Search) -> Result<Data> {
    let mut workbook = Workbook::open(path, kind)?;
    let names = workbook.sheets.clone();
    let named = match &search.sheet {
        Some(sheet) => Some(find_sheet(path, sheet, &names)?),
        None => names.iter().find(|name| name.eq_ignore_ascii_case(USUAL_SHEET)),
    };
    let only = named.or(names.first().filter(|_| names.len() == 1));
    if let Some(sheet) = only {
        let grid = search.crop(workbook.grid(sheet)?);
        let table = search.either(&grid).map_err(|mut fault| {
            if fault.cell.is_none() && names.len() > 1 {
                fault.help += &format!("; or another sheet with --sheet: {}", names.join(", "));
            }
            fault.into_error(path, sheet)
        })?;
        return finish(path, sheet, &grid, table, Vec::new());
    }
    // First by headers in all sheets, then the first sheet with just two columns of numbers.
    let methods: [Method; 2] = [|s, grid| s.strict(grid), |s, grid| s.loose(grid)];
    for find in methods {
        let mut without_numbers = None;
        for sheet in &names {
            let grid = search.crop(workbook.grid(sheet)?);
            match find(search, &grid) {
                Ok(table) if table.has_numbers => {
                    return finish(path, sheet, &grid, table, Vec::new());
                }
                Ok(table) => without_numbers = without_numbers.or(Some((sheet, grid, table))),
                Err(_) => {}
            }
        }
        if let Some((sheet, grid, table)) = without_numbers {
            return finish(path, sheet, &grid, table, Vec::new());
        }
    }
    Err(nowhere(path, search, &names))
}

/// The sheet called `wanted`: as written, else in any case.
fn find_sheet<'a>(path: &Path, wanted: &str, names: &'a [String]) -> Result<&'a String> {
    let exact = names.iter().find(|name| *name == wanted);
    let lower = wanted.trim().to_lowercase();
    exact.or_else(|| names.iter().find(|name| name.to_lowercase() == lower)).ok_or_else(|| {
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        Error::new(format!("there is no sheet called '{wanted}'"))
            .in_file(path)
            .help(Error::known_names(wanted, &known))
    })
}

/// No sheet has the columns.
fn nowhere(path: &Path, search: &Search, names: &[String]) -> Error {
    let label = |wanted: &Wanted| match wanted.chosen {
        Some(chosen) => format!("a column {chosen} for {}", wanted.name),
        None => format!("a column {}", wanted.name),
    };
    let mut wanted: Vec<_> = search.wanted(&Grid::default()).iter().map(label).collect();
    if wanted.len() == 1 {
        let names = search.selection.names.join(", ");
        wanted.insert(0, format!("a column that the model names ({names})"));
    }
    let list = names.join(", ");
    Error::new(format!("no sheet has {}", wanted.join(" and "))).in_file(path).help(format!(
        "the sheets are {list}; say where the data is with --sheet and, where the headers are \
         others, --x and --y"
    ))
}

/// Reads the samples of the table and puts everything together.
fn finish(
    path: &Path,
    sheet: &str,
    grid: &Grid,
    table: Table,
    mut notes: Vec<String>,
) -> Result<Data> {
    let samples = samples::read(grid, &table).map_err(|fault| fault.into_error(path, sheet))?;
    notes.extend(table.notes);
    notes.extend(samples.notes);
    Ok(Data {
        file: path.to_owned(),
        sheet: sheet.to_owned(),
        range: samples.range,
        columns: samples.columns,
        notes,
        scale: None,
    })
}
