//! Choosing the sheet: the one that was named, the one called `data`, or the first that fits.

use std::path::Path;

use super::added;
use super::address::{Area, split_sheet};
use super::ask;
use super::choose::{Pick, Roles, option_value};
use super::columns::Habits;
use super::fault::Fault;
use super::find::{Found, Sheet};
use super::notes::Decided;
use super::source::{Kind, Source};
use super::text::{Delimiter, Text};
use super::typed::offer;
use super::wanted::Wanted;
use super::workbook::Workbook;
use super::{Data, Selection, samples, target};
use crate::error::{Error, Result};

/// The sheet that is taken before others, in any case.
const USUAL_SHEET: &str = "data";

/// What to look for in a sheet.
struct Search<'a> {
    selection: &'a Selection,
    sheet: Option<String>,
    area: Option<Area>,
}

/// Reads the samples from the file at `path`; `-` is standard input.
///
/// # Errors
///
/// As [`super::read`].
pub(super) fn read(path: &Path, selection: &Selection) -> Result<Data> {
    let search = Search::new(selection)?;
    let source = match &selection.content {
        Some(content) => Source::of_text(path, content)?,
        None => Source::open(path)?,
    };
    let data = match source.kind {
        Kind::Text => read_text(&source, selection, &search),
        kind => read_workbook(&source, kind, &search),
    };
    data.map_err(|error| source.named(error))
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

    fn wanted(&self) -> Wanted<'a> {
        Wanted { selection: self.selection }
    }

    fn habits(&self, usual: char) -> Habits {
        Habits { decimal: self.selection.decimal, usual }
    }

    /// The table in a sheet, or why there is none.
    fn find(&self, sheet: &Sheet, usual: char) -> Result<Result<Found, Fault>> {
        if let Some(fault) = self.too_narrow() {
            return Ok(Err(fault));
        }
        let (wanted, habits) = (self.wanted(), self.habits(usual));
        let area = self.area.as_ref();
        let found = sheet.find(&wanted, habits, area)?;
        // Headers far above numbers that have none are more likely to be theirs than not.
        let is_loose = |found: &Found| !found.region.has_headers() && found.class() == 2;
        if found.as_ref().is_some_and(is_loose)
            && area.is_none()
            && let Some(fault) = ask::headers_alone(&sheet.grid)
        {
            return Ok(Err(fault));
        }
        Ok(match found {
            Some(found) => match ask::same_column(&found.roles).or_else(|| twice(&found)) {
                Some(fault) => Err(fault),
                None => Ok(found),
            },
            None => Err(ask::why(sheet, &wanted, habits, area)?),
        })
    }

    /// A range of one column has no x and y.
    fn too_narrow(&self) -> Option<Fault> {
        let area = self.area.filter(|area| area.width() < 2)?;
        Some(Fault::new(
            format!("the range {area} has {} column; x and y need two", area.width()),
            "name both columns, such as --range A3:B32",
        ))
    }

    /// A sheet with the cells that may be read.
    fn sheet(&self, workbook: &mut Workbook, name: &str) -> Result<Sheet> {
        let grid = workbook.grid(name)?;
        let tables = workbook.list_objects(name);
        Ok(match &self.area {
            Some(area) => Sheet::new(grid.within(area), None, Vec::new()),
            None => Sheet::new(grid, None, tables),
        })
    }
}

/// What is predicted, with its names: `y`, or `y1`, `y2` and so on.
fn targets(roles: &Roles) -> impl Iterator<Item = (String, u32)> {
    let outputs = roles.targets().count();
    roles.targets().enumerate().map(move |(at, column)| (target(at, outputs), column))
}

/// Two names mean one column.
fn twice(found: &Found) -> Option<Fault> {
    let named = |index: usize, name: &Option<String>| {
        name.clone().unwrap_or_else(|| format!("feature {}", index + 1))
    };
    let mut columns: Vec<(String, u32)> = Vec::new();
    let inputs = found.roles.inputs.iter().enumerate();
    let all = inputs.map(|(index, (name, column))| (named(index, name), *column));
    for (name, column) in all.chain(targets(&found.roles)) {
        if let Some((other, _)) = columns.iter().find(|(_, one)| *one == column) {
            let place = found.region.column_name(column);
            return Some(Fault::new(
                format!("{other} and {name} are both {place}"),
                "name another column with --x or --y",
            ));
        }
        columns.push((name, column));
    }
    None
}

fn read_text(source: &Source, selection: &Selection, search: &Search) -> Result<Data> {
    if let Some(sheet) = &search.sheet {
        return Err(Error::new(format!("a {} file has no sheets", source.extension()))
            .in_argument(format!("--sheet {sheet}"))
            .help("leave the sheet out"));
    }
    let delimiter = selection.delimiter.map(Delimiter::of);
    let text = Text::open(source.path(), delimiter, search.area)?;
    let usual = text.usual_decimal();
    let sheet = Sheet::new(text.head.clone(), Some(text), Vec::new());
    let found = search.find(&sheet, usual)?.map_err(|fault| fault.into_error(source.path(), ""))?;
    finish(source, "", &sheet, found, selection)
}

fn read_workbook(source: &Source, kind: Kind, search: &Search) -> Result<Data> {
    let path = source.path();
    let mut workbook = Workbook::open(path, kind)?;
    let mut names = workbook.sheets.clone();
    let named = match &search.sheet {
        Some(sheet) => Some(find_sheet(path, sheet, &workbook.sheets)?.clone()),
        None => None,
    };
    if kind == Kind::Xlsx && search.sheet.is_none() {
        // What an earlier run made of the data is none.
        let added = added::names(path);
        names.retain(|name| !added.contains(name));
    }
    let only = named.or_else(|| names.first().filter(|_| names.len() == 1).cloned());
    if let Some(name) = only {
        let sheet = search.sheet(&mut workbook, &name)?;
        let found = search.find(&sheet, '.')?.map_err(|fault| fault.into_error(path, &name))?;
        return finish(source, &name, &sheet, found, search.selection);
    }
    let usual = names.iter().position(|name| name.eq_ignore_ascii_case(USUAL_SHEET));
    let mut order: Vec<&String> = usual.map(|at| &names[at]).into_iter().collect();
    order.extend(names.iter().enumerate().filter(|(at, _)| Some(*at) != usual).map(|(_, n)| n));
    let mut best: Option<(u8, &String, Sheet, Found)> = None;
    let mut others: Vec<&String> = Vec::new();
    let mut usual_fault = None;
    for name in order {
        let sheet = search.sheet(&mut workbook, name)?;
        match search.find(&sheet, '.')? {
            Ok(found) => {
                let class = found.class();
                let is_better = best.as_ref().is_none_or(|(other, _, _, before)| {
                    class < *other
                        || (class == *other && class > 0 && is_much_larger(&found, before))
                });
                others.push(name);
                if is_better {
                    best = Some((class, name, sheet, found));
                }
                if class == 0 {
                    break;
                }
            }
            Err(mut fault) if usual.is_some_and(|at| names[at] == *name) => {
                if fault.cell.is_none() {
                    fault.help += &format!("; or another sheet with --sheet: {}", names.join(", "));
                }
                usual_fault = Some(fault.into_error(path, name));
            }
            Err(_) => {}
        }
    }
    match (best, usual_fault) {
        (Some((class, name, sheet, found)), _) => {
            let mut data = finish(source, name, &sheet, found, search.selection)?;
            others.retain(|other| class > 0 && *other != name);
            if let Some(other) = others.first() {
                let for_it = offer(search.selection.typed.as_ref(), &[("sheet", other)]);
                data.notes.push(format!("the sheet '{other}' has a table too: for it, {for_it}"));
            }
            Ok(data)
        }
        (None, Some(fault)) => Err(fault),
        (None, None) => Err(nowhere(path, search, &names)),
    }
}

fn is_much_larger(found: &Found, before: &Found) -> bool {
    found.samples() >= 3 * before.samples()
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
    let selection = search.selection;
    let label = |name: &str, chosen: &Option<String>| match chosen {
        Some(chosen) => format!("a column {chosen} for {name}"),
        None => format!("a column {name}"),
    };
    let wants_x = selection.names.is_empty() || selection.names.iter().any(|name| name == "x");
    let x = match wants_x || selection.x.is_some() {
        true => label("x", &selection.x),
        false => format!("a column that the model names ({})", selection.names.join(", ")),
    };
    let list = names.join(", ");
    Error::new(format!("no sheet has {x} and {}", label("y", &selection.y))).in_file(path).help(
        format!(
            "the sheets are {list}; say where the data is with --sheet and, where the headers are \
             others, --x and --y"
        ),
    )
}

/// The options that say what was decided.
fn options(
    found: &Found,
    name: &str,
    sheet: &Sheet,
    selection: &Selection,
) -> Vec<(&'static str, Vec<String>)> {
    let Found { region, columns, roles, others, .. } = found;
    let mut options = Vec::new();
    let mut say = |key, values: Vec<String>| options.push((key, values));
    if !name.is_empty() {
        say("sheet", vec![name.to_owned()]);
    }
    let is_x = |name: &Option<String>| name.as_deref().is_none_or(|name| name == "x");
    let inputs = roles.inputs.iter().filter(|(name, _)| is_x(name));
    let x: Vec<String> = inputs.map(|(_, column)| option_value(region, *column)).collect();
    if !x.is_empty() {
        say("x", x);
    }
    say("y", roles.targets().map(|column| option_value(region, column)).collect());
    let range = selection.range.clone().or_else(|| match others.is_empty() {
        true => None,
        false => Some(region.area().to_string()),
    });
    if let Some(range) = range {
        say("range", vec![range]);
    }
    if let Some(text) = &sheet.text {
        say("delimiter", vec![text.delimiter()]);
        let styles = columns.iter().filter(|one| one.reading.dates.is_none());
        let mut decimals: Vec<char> = styles.map(|one| one.reading.style.decimal).collect();
        decimals.dedup();
        if let [decimal] = decimals[..] {
            say("decimal", vec![decimal.to_string()]);
        }
    } else if let Some(decimal) = selection.decimal {
        say("decimal", vec![decimal.to_string()]);
    }
    options
}

/// Reads the samples of the table and puts everything together.
fn finish(
    source: &Source,
    name: &str,
    sheet: &Sheet,
    found: Found,
    selection: &Selection,
) -> Result<Data> {
    let Found { region, known, columns, roles, others } = &found;
    let several = roles.inputs.iter().filter(|(name, _)| name.is_none()).count();
    let mut count = 0;
    let mut picks = Vec::new();
    let inputs = roles.inputs.iter().map(|(name, column)| (name.clone(), *column));
    let targets = targets(roles).map(|(name, column)| (Some(name), column));
    for (name, column) in inputs.chain(targets) {
        let Some(column) = columns.iter().find(|one| one.column == column) else { continue };
        count += usize::from(name.is_none());
        // A single feature is x.
        let own = if several > 1 { format!("x{count}") } else { "x".to_owned() };
        picks.push(Pick { name: name.unwrap_or(own), column });
    }
    let (rows, grid) = (sheet.rows_of(region), sheet.grid_of(region));
    let samples = samples::read(rows, grid, region, &picks)?
        .map_err(|fault| fault.into_error(source.path(), name))?;
    let decided = Decided { selection, region, columns, known, roles, others };
    let mut notes = decided.choice();
    notes.extend(decided.reading(sheet.text.is_some()));
    notes.extend(samples.notes);
    notes.extend(samples.below.filter(|_| others.is_empty()));
    Ok(Data {
        file: source.name.clone(),
        sheet: name.to_owned(),
        range: super::range(&samples.columns),
        options: options(&found, name, sheet, selection),
        columns: samples.columns,
        left_out: samples.left_out,
        notes,
        scale: None,
    })
}
