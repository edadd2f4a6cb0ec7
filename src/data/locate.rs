//! Finding the table in a sheet: which columns, and where the numbers begin.
//!
//! People put a title above, parameters beside and totals below. What tells a table from all that
//! is a row with all its headers; so the search goes by rows, and prefers a row of headers with
//! numbers below it. The search knows any list of columns; x and y are its usual one.

use super::address::{Area, column_name, parse_column};
use super::fault::{Fault, wrong_value};
use super::grid::{Grid, Value, looks_like_number};
use super::headers;
use crate::error::Error;

/// The number of rows, of those that hold anything, in which headers are looked for.
const HEADER_ROWS: usize = 20;

/// The blank rows that may stand between a header and its first number.
const ROWS_TO_SKIP: u32 = 2;

/// A column to be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The name that formulas use: `x` or `y`, or another input of a model.
    pub name: &'a str,
    /// What the user wrote for it: a header or the letters of a column.
    pub chosen: Option<&'a str>,
}

/// A column that was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub name: String,
    pub column: u32,
    pub header: Option<String>,
}

/// Where the table is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// The columns, in the order in which they were wanted.
    pub columns: Vec<Found>,
    /// The first row with numbers.
    pub first_row: u32,
    /// Whether numbers begin there; where not, another place may fit better.
    pub has_numbers: bool,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// Finds the table by its headers or the columns that the user named.
///
/// # Errors
///
/// Where a column is not found; the headers that are there are listed.
pub(crate) fn by_headers(grid: &Grid, wanted: &[Wanted]) -> Result<Table, Fault> {
    let letters = letters(grid, wanted)?;
    if letters.iter().all(Option::is_some) {
        let columns: Vec<u32> = letters.into_iter().flatten().collect();
        return by_columns(grid, wanted, &columns);
    }
    let tables = header_rows(grid).filter_map(|row| table_under(grid, wanted, &letters, row));
    match tables.min_by_key(|(quality, _)| *quality) {
        Some((_, table)) => distinct(table),
        None => Err(missing(grid, wanted)),
    }
}

/// Takes the only two columns with numbers as x and y where nothing says otherwise.
///
/// # Errors
///
/// Where there are headers, or more or fewer columns with numbers than wanted.
pub(crate) fn without_headers(grid: &Grid, wanted: &[Wanted]) -> Result<Table, Fault> {
    let mut columns: Vec<u32> = Vec::new();
    for ((_, column), value) in grid.cells() {
        if matches!(value, Value::Number(_)) && !columns.contains(column) {
            columns.push(*column);
            if columns.len() > wanted.len() {
                break;
            }
        }
    }
    columns.sort_unstable();
    if columns.len() != wanted.len() || wanted.iter().any(|w| w.chosen.is_some()) {
        return Err(missing(grid, wanted));
    }
    let mut table = by_columns(grid, wanted, &columns)?;
    let headers = table.columns.iter().filter(|found| found.header.is_some()).count();
    let is_known = |found: &Found| {
        let header = found.header.as_deref().unwrap_or("");
        wanted.iter().any(|w| headers::rank(header, w.name).is_some())
    };
    if headers == columns.len() || table.columns.iter().any(is_known) {
        return Err(missing(grid, wanted));
    }
    // A text over one of two columns is a title.
    table.columns.iter_mut().for_each(|found| found.header = None);
    table.notes.push(format!("the columns have no headers: {}", roles(&table.columns)));
    Ok(table)
}

/// Takes the rows and columns of `--range`; `grid` holds only its cells.
///
/// # Errors
///
/// As [`by_headers`]; also where the range has too few columns.
pub(crate) fn in_area(grid: &Grid, wanted: &[Wanted], area: &Area) -> Result<Table, Fault> {
    if (area.width() as usize) < wanted.len() {
        return Err(Fault::new(
            format!("the range {area} has {} column; x and y need two", area.width()),
            "name both columns, such as --range A3:B32",
        ));
    }
    let by_headers = by_headers(grid, wanted);
    let is_plain = wanted.iter().all(|w| w.chosen.is_none());
    if by_headers.is_ok() || !is_plain || area.width() as usize != wanted.len() {
        return by_headers;
    }
    let columns: Vec<u32> = (area.first.1..=area.last.1).collect();
    by_columns(grid, wanted, &columns)
}

/// `column A is x, column B is y`.
fn roles(columns: &[Found]) -> String {
    let role =
        |found: &Found| format!("column {} is read as {}", column_name(found.column), found.name);
    columns.iter().map(role).collect::<Vec<_>>().join(", ")
}

/// Which of the `candidates` are headers beside one of `y`, in the row that has most of them.
pub(crate) fn named_beside_y<'a>(
    grid: &Grid,
    candidates: &'a [String],
    y: &Wanted,
) -> Vec<&'a str> {
    let in_row = |row: u32, name: &str| {
        let mut texts = grid.row(row).iter().filter_map(|(_, value)| value.text());
        // A synonym would be a guess: the model's own words are looked for.
        texts.any(|text| headers::rank(text, name).is_some_and(|rank| rank < 2))
    };
    let by_letter = letters(grid, &[*y]).is_ok_and(|letters| letters[0].is_some());
    let with_y =
        header_rows(grid).filter(|row| by_letter || matching(grid, y, *row, &[]).is_some());
    let named = with_y.map(|row| -> Vec<&str> {
        candidates.iter().map(String::as_str).filter(|name| in_row(row, name)).collect()
    });
    // Of equally good rows the first.
    named.fold(Vec::new(), |best, names| if names.len() > best.len() { names } else { best })
}

fn header_rows(grid: &Grid) -> impl Iterator<Item = u32> {
    grid.rows().take(HEADER_ROWS)
}

/// For each wanted column the column that its letters name, where they are no header.
fn letters(grid: &Grid, wanted: &[Wanted]) -> Result<Vec<Option<u32>>, Fault> {
    let is_header = |chosen: &str| {
        header_rows(grid).any(|row| {
            let mut texts = grid.row(row).iter().filter_map(|(_, value)| value.text());
            texts.any(|text| headers::is_named(text, chosen))
        })
    };
    let column = |w: &Wanted| match w.chosen {
        None => Ok(None),
        Some(chosen) if is_header(chosen) => Ok(None),
        Some(chosen) => match parse_column(chosen.trim()) {
            Some(column) => Ok(Some(column)),
            None => Err(not_named(grid, w.name, chosen)),
        },
    };
    wanted.iter().map(column).collect()
}

/// How good a row of headers is; the smallest is taken: numbers below, plain names, high up.
type Quality = (bool, u8, u32);

/// The table whose headers are in `row`, where they all are.
fn table_under(
    grid: &Grid,
    wanted: &[Wanted],
    letters: &[Option<u32>],
    row: u32,
) -> Option<(Quality, Table)> {
    let mut columns: Vec<Found> = Vec::new();
    let mut notes = Vec::new();
    let mut ranks = 0;
    for (w, letter) in wanted.iter().zip(letters) {
        if let Some(column) = *letter {
            let header = grid.get((row, column)).and_then(Value::text).map(str::to_owned);
            columns.push(Found { name: w.name.to_owned(), column, header });
            continue;
        }
        let (rank, matches) = matching(grid, w, row, &columns)?;
        let behind = columns.last().map_or(0, |found| found.column);
        let column = matches.iter().find(|column| **column >= behind).or(matches.first())?;
        notes.extend(ambiguity(w.name, *column, &matches));
        ranks += rank;
        let header = grid.get((row, *column)).and_then(Value::text).map(str::to_owned);
        columns.push(Found { name: w.name.to_owned(), column: *column, header });
    }
    let first_row = first_row_below(grid, &columns, row).unwrap_or(row + 1);
    let has_numbers = begins_with_numbers(grid, &columns, first_row);
    Some(((!has_numbers, ranks, row), Table { columns, first_row, has_numbers, notes }))
}

/// The columns of `row` whose headers say best that they are `wanted`, and how well.
fn matching(grid: &Grid, wanted: &Wanted, row: u32, taken: &[Found]) -> Option<(u8, Vec<u32>)> {
    let rank = |text: &str| match wanted.chosen {
        Some(chosen) => headers::is_named(text, chosen).then_some(0),
        None => headers::rank(text, wanted.name),
    };
    let ranked: Vec<(u8, u32)> = grid
        .row(row)
        .iter()
        .filter(|((_, column), _)| taken.iter().all(|found| found.column != *column))
        .filter_map(|((_, column), value)| Some((rank(value.text()?)?, *column)))
        .collect();
    let best = ranked.iter().map(|(rank, _)| *rank).min()?;
    Some((best, ranked.iter().filter(|(rank, _)| *rank == best).map(|(_, c)| *c).collect()))
}

/// Says which of several equally good headers is taken.
fn ambiguity(name: &str, taken: u32, matches: &[u32]) -> Option<String> {
    let others: Vec<_> =
        matches.iter().filter(|column| **column != taken).map(|c| column_name(*c)).collect();
    let other = others.first()?;
    Some(format!(
        "{name} is read from column {}; column {} could be {name} too: for it, say --{name} {other}",
        column_name(taken),
        others.join(", ")
    ))
}

/// The first row that holds something in one of the columns, at most a few rows below `row`.
fn first_row_below(grid: &Grid, columns: &[Found], row: u32) -> Option<u32> {
    (row + 1..=row + 1 + ROWS_TO_SKIP)
        .find(|row| columns.iter().any(|found| grid.get((*row, found.column)).is_some()))
}

/// Whether the first rows hold numbers, if only as text, rather than an explanation of x and y.
fn begins_with_numbers(grid: &Grid, columns: &[Found], first_row: u32) -> bool {
    let is_number = |value: &Value| match value.text() {
        Some(text) => looks_like_number(text),
        None => true,
    };
    (first_row..first_row + 3)
        .any(|row| columns.iter().filter_map(|f| grid.get((row, f.column))).any(is_number))
}

/// The table in columns that are known: it begins where they first hold a number side by side.
fn by_columns(grid: &Grid, wanted: &[Wanted], columns: &[u32]) -> Result<Table, Fault> {
    let is_start = |row: &u32| {
        let values: Vec<_> = columns.iter().filter_map(|c| grid.get((*row, *c))).collect();
        values.len() == columns.len() && values.iter().any(|value| value.is_number_like())
    };
    let any_start =
        |row: &u32| columns.iter().filter_map(|c| grid.get((*row, *c))).any(Value::is_number_like);
    let start = grid.rows().find(is_start).or_else(|| grid.rows().find(any_start));
    let Some(first_row) = start else { return Err(no_numbers(grid, columns)) };
    // Numbers stored as text in the row above are samples, not headers.
    let above = columns.iter().filter_map(|column| Some((first_row.checked_sub(1)?, *column)));
    for position in above {
        if let Some(value) = grid.get(position)
            && value.text().is_some_and(looks_like_number)
        {
            return Err(wrong_value("x or y", position, value));
        }
    }
    let header = |column: u32| {
        let above = grid.get((first_row.checked_sub(1)?, column))?;
        above.text().map(str::to_owned)
    };
    let found = |(w, column): (&Wanted, &u32)| Found {
        name: w.name.to_owned(),
        column: *column,
        header: header(*column),
    };
    let columns = wanted.iter().zip(columns).map(found).collect();
    distinct(Table { columns, first_row, has_numbers: true, notes: Vec::new() })
}

/// Refuses a table in which two columns are one.
fn distinct(table: Table) -> Result<Table, Fault> {
    for (index, found) in table.columns.iter().enumerate() {
        if let Some(other) = table.columns[..index].iter().find(|o| o.column == found.column) {
            let column = column_name(found.column);
            return Err(Fault::new(
                format!("{} and {} are both column {column}", other.name, found.name),
                format!("name another column with --{} or --{}", other.name, found.name),
            ));
        }
    }
    Ok(table)
}

fn no_numbers(grid: &Grid, columns: &[u32]) -> Fault {
    let names: Vec<_> = columns.iter().map(|column| column_name(*column)).collect();
    let names = names.join(" and ");
    let text = grid.cells().iter().find(|((_, column), value)| {
        columns.contains(column) && value.text().is_some_and(looks_like_number)
    });
    match text {
        Some((position, value)) => wrong_value("x or y", *position, value),
        None => Fault::new(
            format!("there are no numbers in the columns {names}"),
            "name other columns with --x and --y, or the sheet with --sheet",
        ),
    }
}

/// The texts of the row that looks most like a row of headers, with the row.
fn headers_found(grid: &Grid) -> Option<(u32, Vec<&str>)> {
    let texts = |row| grid.row(row).iter().filter_map(|(_, value)| value.text()).collect();
    let rows: Vec<(u32, Vec<&str>)> = header_rows(grid).map(|row| (row, texts(row))).collect();
    let most = rows.iter().map(|(_, texts)| texts.len()).max().filter(|most| *most > 0)?;
    rows.into_iter().find(|(_, texts)| texts.len() == most)
}

/// The headers as a list for a message.
fn header_list(grid: &Grid) -> String {
    match headers_found(grid) {
        None => format!("no texts were found in the first {HEADER_ROWS} rows that hold anything"),
        Some((row, texts)) => headers_in(row, &texts),
    }
}

fn headers_in(row: u32, texts: &[&str]) -> String {
    let shown: Vec<_> = texts.iter().take(12).map(|text| format!("'{text}'")).collect();
    let more = if texts.len() > shown.len() { ", ..." } else { "" };
    format!("the headers in row {} are {}{more}", row + 1, shown.join(", "))
}

/// The columns were not found by their usual headers.
fn missing(grid: &Grid, wanted: &[Wanted]) -> Fault {
    if grid.cells().is_empty() {
        return Fault::new(
            "there are no cells to read",
            "name another sheet with --sheet or cells with --range",
        );
    }
    let is_there =
        |w: &&Wanted| !header_rows(grid).any(|row| matching(grid, w, row, &[]).is_some());
    let names: Vec<_> = wanted.iter().filter(is_there).map(|w| w.name).collect();
    let what = match names.as_slice() {
        [] => "the headers x and y do not stand in one row".to_owned(),
        names => format!("there is no column {}", names.join(" and no column ")),
    };
    let help = "say which with --x and --y (a header or a column letter), or --range A3:B32";
    Fault::new(what, format!("{}; {help}", header_list(grid)))
}

/// No name of a model is a header beside y.
pub(crate) fn no_input(grid: &Grid, names: &[String], y: &Wanted) -> Fault {
    let row = header_rows(grid).find(|row| matching(grid, y, *row, &[]).is_some());
    let texts =
        |row| -> Vec<&str> { grid.row(row).iter().filter_map(|(_, value)| value.text()).collect() };
    let headers = row.map_or_else(|| header_list(grid), |row| headers_in(row, &texts(row)));
    Fault::new(
        format!("no name of the model is a column: {}", names.join(", ")),
        format!("name a column by its header; {headers}"),
    )
}

/// Two names of a model are the same header.
pub(crate) fn same_column(one: &str, other: &str) -> Fault {
    Fault::new(
        format!("the model's names {one} and {other} mean the same column"),
        "write its name in one way, or call the weight something else",
    )
}

/// What the user wrote is neither a header nor a column letter.
fn not_named(grid: &Grid, name: &str, chosen: &str) -> Fault {
    let known = headers_found(grid).map(|(_, texts)| texts).unwrap_or_default();
    let names = Error::known_names(chosen, &known);
    Fault::new(
        format!("there is no column with the header `{chosen}` for {name}"),
        format!("{names}; or give a column letter, such as --{name} B"),
    )
}
