//! What to say where the columns cannot be decided: what is there, and what to type.

use super::Selection;
use super::address::{Area, column_name, parse_column};
use super::choose::Roles;
use super::columns::{Column, Habits, columns};
use super::fault::Fault;
use super::find::{Sheet, listed};
use super::grid::{Cell, Grid, Value};
use super::headers;
use super::kinds::{Kind, kind};
use super::regions::{Head, Region};
use super::typed::offer;
use super::wanted::{Wanted, by_letters, find, headers_found, letters};
use crate::error::{Error, Result};

/// More columns than these are not listed.
const MOST_LISTED: usize = 12;

/// Why the columns were not found in a sheet.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn why(
    sheet: &Sheet,
    wanted: &Wanted,
    habits: Habits,
    area: Option<&Area>,
) -> Result<Fault> {
    let grid = &sheet.grid;
    if grid.cells().is_empty() {
        if let Some(area) = area.filter(|area| area.width() <= 26) {
            let columns: Vec<u32> = (area.first.1..=area.last.1).collect();
            return Ok(no_numbers(&columns));
        }
        return Ok(Fault::new(
            "there are no cells to read",
            "name another sheet with --sheet or cells with --range",
        ));
    }
    let regions = sheet.regions();
    if let Some(fault) = asked_for(grid, &regions, wanted) {
        return Ok(fault);
    }
    if let Some(fault) = too_few_targets(&regions, wanted) {
        return Ok(fault);
    }
    let names = &wanted.selection.names;
    if !names.is_empty() && !names.iter().any(|name| name == "x") && !regions.is_empty() {
        return Ok(no_input(grid, &regions, names));
    }
    if let Some(fault) = headers_alone(grid) {
        return Ok(fault);
    }
    undecided(sheet, &regions, wanted, habits)
}

/// A column that the user asks for is not there.
fn asked_for(grid: &Grid, regions: &[Region], wanted: &Wanted) -> Option<Fault> {
    let heads: Vec<_> = regions.iter().flat_map(|region| region.columns.clone()).collect();
    let x = wanted.x(&heads);
    let asked = x.iter().map(|text| ("x", *text));
    let asked = asked.chain(wanted.y().into_iter().map(|text| ("y", text)));
    let mut columns = Vec::new();
    for (name, text) in asked {
        let by_header = || regions.iter().find_map(|region| find(region, text));
        let lying = || regions.iter().any(|one| one.across && by_letters(text, true).is_some());
        match by_header().or_else(|| parse_column(text.trim())) {
            Some(column) => columns.push(column),
            None if lying() => return None,
            None => return Some(not_named(grid, name, text)),
        }
    }
    let has_number = |column: &u32| {
        grid.cells().iter().any(|(at, value)| at.1 == *column && kind(value) == Kind::Number)
    };
    let empty: Vec<u32> = columns.iter().copied().filter(|column| !has_number(column)).collect();
    (!empty.is_empty()).then(|| no_numbers(&empty))
}

/// Several outputs have not a column each beside the inputs that are there.
fn too_few_targets(regions: &[Region], wanted: &Wanted) -> Option<Fault> {
    let outputs = wanted.selection.outputs.filter(|_| wanted.selection.y.is_none())?;
    let region = regions.iter().find(|region| region.has_headers()).or(regions.first())?;
    let names = &wanted.selection.names;
    let is_input = |head: &&Head| names.iter().any(|name| head.is_called(name));
    let (inputs, others): (Vec<&Head>, Vec<&Head>) = region.numeric().partition(is_input);
    if inputs.is_empty() || others.len() >= outputs {
        return None;
    }
    let left = match others.len() {
        0 => "no column of numbers is left".to_owned(),
        1 => "one column of numbers is left".to_owned(),
        count => format!("{count} columns of numbers are left"),
    };
    Some(Fault::new(
        format!(
            "the model has {outputs} outputs, but beside its inputs {left} to compare them with"
        ),
        "write a column of y for each output beside the inputs, or name them: --y C,D",
    ))
}

fn no_numbers(columns: &[u32]) -> Fault {
    let what = match columns {
        [column] => format!("there are no numbers in the column {}", column_name(*column)),
        columns => format!("there are no numbers in the columns {}", letters(columns)),
    };
    Fault::new(what, "name other columns with --x and --y, or the sheet with --sheet")
}

/// What the user wrote is neither a header nor a column letter.
fn not_named(grid: &Grid, name: &str, chosen: &str) -> Fault {
    let known = headers_found(grid).map(|(_, texts)| texts).unwrap_or_default();
    let names = Error::known_names(chosen, &known);
    let help = match name == "y" && chosen.contains(',') {
        true => "a model of one output has one column of y; --model \"a*x + b; c*x + d\" has two"
            .to_owned(),
        false => format!("{names}; or give a column letter, such as --{name} B"),
    };
    Fault::new(format!("there is no column with the header `{chosen}` for {name}"), help)
}

/// No name of a model is a header.
fn no_input(grid: &Grid, regions: &[Region], names: &[String]) -> Fault {
    let region = regions.iter().find(|region| region.has_headers());
    let headers = match region.and_then(|region| Some((region, region.header_row?))) {
        Some((region, row)) => {
            let heads = region.columns.iter().filter_map(|head| head.header.as_deref());
            headers_in(row, &heads.collect::<Vec<_>>())
        }
        None => header_list(grid),
    };
    Fault::new(
        format!("no name of the model is a column: {}", names.join(", ")),
        format!("name a column by its header; {headers}"),
    )
}

/// Two names of a model are the same header.
pub(crate) fn same_column(roles: &Roles) -> Option<Fault> {
    let names: Vec<&str> = roles.inputs.iter().filter_map(|(name, _)| name.as_deref()).collect();
    let twin = |index: usize| {
        let name = names[index];
        let twin = names[..index].iter().find(|other| headers::is_named(other, name))?;
        Some(Fault::new(
            format!("the model's names {twin} and {name} mean the same column"),
            "write its name in one way, or call the weight something else",
        ))
    };
    (0..names.len()).find_map(twin)
}

/// The headers as a list for a message.
fn header_list(grid: &Grid) -> String {
    match headers_found(grid) {
        None => "no texts were found".to_owned(),
        Some((row, texts)) => headers_in(row, &texts),
    }
}

fn headers_in(row: u32, texts: &[&str]) -> String {
    let shown: Vec<_> = texts.iter().take(12).map(|text| format!("'{text}'")).collect();
    let more = if texts.len() > shown.len() { ", ..." } else { "" };
    format!("the headers in row {} are {}{more}", row + 1, shown.join(", "))
}

/// The headers x and y stand in a row without numbers below.
pub(crate) fn headers_alone(grid: &Grid) -> Option<Fault> {
    let rank = |value: &Value, name: &str| value.text().and_then(|text| headers::rank(text, name));
    let rows = grid.cells().chunk_by(|a, b| a.0.0 == b.0.0);
    let find = |row: &[Cell], name: &str| {
        row.iter().find(|(_, value)| rank(value, name).is_some_and(|r| r < 2)).map(|(at, _)| *at)
    };
    let mut both = rows.filter_map(|row| Some((find(row, "x")?, find(row, "y")?)));
    let (x, y) = both.next()?;
    let columns = [x.1, y.1];
    let number = grid.cells().iter().find(|(at, value)| {
        at.0 > x.0 && columns.contains(&at.1) && matches!(value, Value::Number(_))
    });
    let help = match number {
        Some(((row, _), _)) => {
            let first = super::address::cell_name((*row, columns[0].min(columns[1])));
            let last = super::address::cell_name((row + 9, columns[0].max(columns[1])));
            format!(
                "numbers stand further down, from {first}: name them with --range, such as \
                 --range {first}:{last}"
            )
        }
        None => "write at least one row of numbers there".to_owned(),
    };
    Some(Fault::new("there is no sample below the headers x and y", help).at((x.0 + 1, x.1)))
}

/// Too few columns hold numbers: what is there, and the command for each.
fn undecided(sheet: &Sheet, regions: &[Region], wanted: &Wanted, habits: Habits) -> Result<Fault> {
    let selection = wanted.selection;
    let say = "say which with --x and --y (a header or a column letter), or --range A3:B32";
    let standing = regions.iter().filter(|region| !region.across);
    let texts = texts_alone(&sheet.grid);
    let Some(region) = standing.max_by_key(|region| region.columns.len()).or(texts.as_ref()) else {
        return Ok(Fault::new("no column holds numbers; x and y need two", say));
    };
    let (rows, grid) = (sheet.rows_of(region), sheet.grid_of(region));
    let columns = columns(rows, grid, region, habits)?;
    let lines = listed(&columns, region, rows)?;
    let commands: Vec<String> =
        lines.iter().map(|line| command(selection, region, &columns, &line[0])).collect();
    let what = too_few(region, &columns, selection);
    Ok(Fault::new(what, format!("{say}\n{}", table(&lines, &commands))))
}

/// What is missing of x and y.
fn too_few(region: &Region, columns: &[Column], selection: &Selection) -> String {
    let named = |name: &str, chosen: &Option<String>| {
        let is_called = |one: &Column| {
            one.header.as_deref().is_some_and(|header| headers::rank(header, name).is_some())
        };
        chosen.is_some() || columns.iter().any(is_called)
    };
    match (named("x", &selection.x), named("y", &selection.y)) {
        (true, false) => return "there is no column y".to_owned(),
        (false, true) => return "there is no column x".to_owned(),
        _ => {}
    }
    let with_numbers: Vec<&Column> = columns.iter().filter(|one| one.numbers > 0).collect();
    match with_numbers.as_slice() {
        [] => "no column holds numbers; x and y need two".to_owned(),
        [one] => {
            let header = one.header.as_ref().map_or(String::new(), |header| format!(" '{header}'"));
            let place = region.column_name(one.column);
            format!("only {place}{header} holds numbers; x and y need two columns")
        }
        _ => "no two columns hold numbers that differ, in the same rows".to_owned(),
    }
}

/// A table of nothing but texts, below the row with most of them.
fn texts_alone(grid: &Grid) -> Option<Region> {
    let (row, _) = headers_found(grid)?;
    let head = |(at, value): &Cell| Head {
        column: at.1,
        header: value.text().map(str::to_owned),
        has_numbers: false,
    };
    let columns: Vec<Head> = grid.row(row).iter().map(head).collect();
    let (first_row, last_row) = (row + 1, grid.cells().last().map_or(row, |(at, _)| at.0));
    Some(Region { header_row: Some(row), first_row, last_row, columns, ..Region::default() })
}

/// The command that takes the column of these letters as x.
fn command(selection: &Selection, region: &Region, columns: &[Column], letters: &str) -> String {
    let column = parse_column(letters);
    let other = columns.iter().rfind(|one| Some(one.column) != column && one.numbers > 0);
    let other = other.map(|one| column_name(one.column));
    let has_numbers = column.is_some_and(|c| region.head(c).is_some_and(|head| head.has_numbers));
    match (other, has_numbers) {
        (Some(y), true) => offer(selection.typed.as_ref(), &[("x", letters), ("y", &y)]),
        (None, true) => offer(selection.typed.as_ref(), &[("y", letters)]),
        (_, false) => "no numbers".to_owned(),
    }
}

fn table(lines: &[[String; 4]], commands: &[String]) -> String {
    let heads = ["column", "header", "numbers", "first values", "to take it"];
    let mut rows: Vec<[String; 5]> = vec![heads.map(str::to_owned)];
    for (line, command) in lines.iter().zip(commands).take(MOST_LISTED) {
        let [letters, header, numbers, first] = line.each_ref().map(|text| shortened(text));
        rows.push([letters, header, numbers, first, command.clone()]);
    }
    let width = |index: usize| rows.iter().map(|row| row[index].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..4).map(width).collect();
    let line = |row: &[String; 5]| {
        let cell = |index: usize| {
            let gap = widths[index] - row[index].chars().count();
            format!("{}{}", row[index], " ".repeat(gap + 2))
        };
        let cells: String = (0..4).map(cell).collect();
        format!("    {cells}{}", row[4])
    };
    let mut out: Vec<String> = rows.iter().map(line).collect();
    if lines.len() > MOST_LISTED {
        out.push(format!("    ... and {} more", lines.len() - MOST_LISTED));
    }
    out.join("\n")
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() > 32 {
        true => line.chars().take(29).chain("...".chars()).collect(),
        false => line,
    }
}
