//! Where tables lie in a sheet: columns of numbers that begin together, below a row of headers or
//! below none.
//!
//! People put titles above, parameters beside, notes below and other tables anywhere. What makes a
//! table of columns is that their numbers begin in one row; what makes a row of headers is that its
//! texts stand over numbers and not between them. Nothing here depends on what headers say.

use std::collections::BTreeMap;

use super::address::Position;
use super::grid::{Grid, Value};
use super::headers;
use super::kinds::{Kind, kind};

/// The rows above the first number of a column in which its header may stand: blank ones and one of
/// units between are allowed.
const ABOVE: u32 = 3;

/// A table goes on below so many empty rows.
pub(crate) const LONGEST_GAP: u32 = 10;

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Region {
    /// The row of the headers.
    pub header_row: Option<u32>,
    /// The first row with numbers.
    pub first_row: u32,
    /// The last one.
    pub last_row: u32,
    /// The row behind which nothing is its own, where that is known.
    pub end: Option<u32>,
    /// Whether it lies in rows: then rows and columns here are exchanged.
    pub across: bool,
    /// Its columns from the left.
    pub columns: Vec<Head>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    pub column: u32,
    pub header: Option<String>,
    /// Whether it holds numbers, rather than names or notes.
    pub has_numbers: bool,
}

impl Head {
    /// Whether its header is the name, as it is or in other signs; a synonym is another name.
    pub fn is_called(&self, name: &str) -> bool {
        let rank = |header: &str| headers::rank(header, name).is_some_and(|rank| rank < 2);
        self.header.as_deref().is_some_and(rank)
    }
}

impl Region {
    /// The columns that hold numbers.
    pub fn numeric(&self) -> impl Iterator<Item = &Head> {
        self.columns.iter().filter(|head| head.has_numbers)
    }

    /// What is known of a column.
    pub fn head(&self, column: u32) -> Option<&Head> {
        self.columns.iter().find(|head| head.column == column)
    }

    /// Whether any column has a header.
    pub fn has_headers(&self) -> bool {
        self.columns.iter().any(|head| head.header.is_some())
    }

    /// Both tables as one, where they stand side by side below one row of headers.
    fn joined(&self, other: &Region) -> Region {
        let mut columns = self.columns.clone();
        columns.extend(other.columns.iter().cloned());
        columns.sort_by_key(|head| head.column);
        Region {
            header_row: self.header_row,
            first_row: self.first_row.min(other.first_row),
            last_row: self.last_row.max(other.last_row),
            columns,
            ..self.clone()
        }
    }
}

/// The tables of a sheet, from the top and the left; behind them those that only empty columns part,
/// each taken as one.
pub(crate) fn regions(grid: &Grid) -> Vec<Region> {
    let columns = columns(grid);
    let mut regions: Vec<Region> =
        groups(grid, &columns).iter().flat_map(|group| in_group(grid, group)).collect();
    regions.sort_by_key(|region| (region.first_row, region.columns[0].column));
    let mut joined: Vec<Region> = Vec::new();
    for (index, region) in regions.iter().enumerate() {
        let beside = |other: &&Region| {
            other.first_row == region.first_row && other.header_row == region.header_row
        };
        let all = regions[index + 1..].iter().filter(beside);
        let whole = all.fold(region.clone(), |whole, other| whole.joined(other));
        let is_new = !joined.iter().any(|one| one.header_row == whole.header_row);
        if whole != *region && is_new {
            joined.push(whole);
        }
    }
    regions.extend(joined);
    regions
}

/// The cells of a column from the top.
type Column = Vec<(u32, Kind)>;

fn columns(grid: &Grid) -> BTreeMap<u32, Column> {
    let mut columns: BTreeMap<u32, Column> = BTreeMap::new();
    for ((row, column), value) in grid.cells() {
        columns.entry(*column).or_default().push((*row, kind(value)));
    }
    columns
}

/// A column with its cells.
type Member<'a> = (u32, &'a Column);

/// Columns without an empty one between them. A text alone, such as a title, joins nothing, unless
/// it is a header beside others.
fn groups<'a>(grid: &Grid, columns: &'a BTreeMap<u32, Column>) -> Vec<Vec<Member<'a>>> {
    let mut groups: Vec<Vec<Member>> = Vec::new();
    for (column, cells) in columns {
        let has_number = cells.iter().any(|(_, kind)| *kind == Kind::Number);
        let is_text = |at: Position| grid.get(at).is_some_and(|value| kind(value) == Kind::Text);
        let is_header = || {
            let row = cells[0].0;
            let has_number = |column: u32| {
                columns.get(&column).is_some_and(|c| c.iter().any(|(_, k)| *k == Kind::Number))
            };
            let left = column.checked_sub(1).filter(|left| is_text((row, *left)));
            left.is_some_and(|left| has_number(left) || is_text((row, column + 1)))
        };
        if !has_number && cells.len() < 2 && !is_header() {
            continue;
        }
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|(last, _)| last + 1 == *column) => {
                group.push((*column, cells));
            }
            _ => groups.push(vec![(*column, cells)]),
        }
    }
    groups
}

/// Numbers of a column that belong together.
#[derive(Debug)]
struct Segment {
    column: u32,
    /// The rows of texts right above, the nearest first.
    heads: Vec<u32>,
    first_row: u32,
    last_row: u32,
}

fn in_group(grid: &Grid, group: &[Member]) -> Vec<Region> {
    let header_rows = header_rows(group);
    let mut segments: Vec<Segment> =
        group.iter().flat_map(|(column, cells)| segments(*column, cells, &header_rows)).collect();
    segments.sort_by_key(|segment| (segment.first_row, segment.column));
    let mut drafts: Vec<Vec<Segment>> = Vec::new();
    for segment in segments {
        match drafts.iter_mut().find(|draft| belongs(draft, &segment)) {
            Some(draft) => draft.push(segment),
            None => drafts.push(vec![segment]),
        }
    }
    drafts.iter().map(|draft| finish(grid, group, draft)).collect()
}

/// Rows with texts over numbers, and which columns those are.
fn header_rows(group: &[Member]) -> BTreeMap<u32, Vec<u32>> {
    let mut rows: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut below_numbers: BTreeMap<u32, bool> = BTreeMap::new();
    for (column, cells) in group {
        let mut seen_number = false;
        for (index, (row, kind)) in cells.iter().enumerate() {
            seen_number |= *kind == Kind::Number;
            let next = || cells[index + 1..].iter().find(|(_, kind)| *kind == Kind::Number);
            if *kind == Kind::Text && next().is_some_and(|(next, _)| next - row <= ABOVE) {
                rows.entry(*row).or_default().push(*column);
                *below_numbers.entry(*row).or_default() |= seen_number;
            }
        }
    }
    rows.retain(|row, texts| {
        let has_number = |(_, cells): &&Member| {
            cells
                .binary_search_by_key(row, |(row, _)| *row)
                .is_ok_and(|at| cells[at].1 == Kind::Number)
        };
        let numbers = group.iter().filter(has_number).count();
        // One text between numbers is a slip in a sample.
        texts.len() > numbers && (texts.len() > 1 || !below_numbers[row])
    });
    rows
}

fn segments(column: u32, cells: &Column, header_rows: &BTreeMap<u32, Vec<u32>>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut heads: Vec<u32> = Vec::new();
    let mut is_open = false;
    for (row, kind) in cells {
        let is_head = || header_rows.get(row).is_some_and(|columns| columns.contains(&column));
        match kind {
            Kind::Text if is_head() => {
                heads.retain(|head| row - head <= ABOVE);
                heads.insert(0, *row);
                is_open = false;
            }
            Kind::Text | Kind::Missing => {}
            Kind::Number => match segments.last_mut() {
                Some(last) if is_open && row - last.last_row <= LONGEST_GAP + 1 => {
                    last.last_row = *row;
                }
                _ => {
                    let mut heads = std::mem::take(&mut heads);
                    heads.retain(|head| row - head <= ABOVE);
                    segments.push(Segment { column, heads, first_row: *row, last_row: *row });
                    is_open = true;
                }
            },
        }
    }
    segments
}

/// Whether the numbers of `segment` belong to the table that `draft` is to be.
fn belongs(draft: &[Segment], segment: &Segment) -> bool {
    let first_row = draft.iter().map(|one| one.first_row).min().unwrap_or(0);
    let last_row = draft.iter().map(|one| one.last_row).max().unwrap_or(0);
    let head = draft.iter().flat_map(|one| one.heads.first()).max();
    let is_there = draft.iter().any(|one| one.column == segment.column);
    if is_there {
        // The same column behind many blank cells, beside others that go on.
        return segment.heads.is_empty() && segment.first_row <= last_row;
    }
    match (head, segment.heads.first()) {
        (Some(head), Some(other)) => head == other || first_row == segment.first_row,
        (Some(head), None) => segment.first_row > *head && segment.first_row <= last_row,
        (None, Some(_)) => first_row == segment.first_row,
        (None, None) => segment.first_row <= last_row,
    }
}

fn finish(grid: &Grid, group: &[Member], draft: &[Segment]) -> Region {
    let mut heads: Vec<u32> = draft.iter().flat_map(|one| one.heads.iter().copied()).collect();
    heads.sort_unstable_by(|a, b| b.cmp(a));
    heads.dedup();
    let text = |row: u32, column: u32| grid.get((row, column)).and_then(Value::text);
    let numeric: Vec<u32> = group
        .iter()
        .map(|(column, _)| *column)
        .filter(|column| draft.iter().any(|one| one.column == *column))
        .collect();
    if let [unit_row, name_row, ..] = heads[..]
        && are_units(&numeric, |column| text(unit_row, column), |column| text(name_row, column))
    {
        heads.swap(0, 1);
    }
    let first_row = draft.iter().map(|one| one.first_row).min().unwrap_or(0);
    let name_row = heads.first().copied();
    if is_title(&heads, &numeric, text) {
        heads.clear();
    }
    let header = |column: u32| heads.iter().find_map(|row| text(*row, column)).map(str::to_owned);
    let head = |(column, _): &Member| {
        let has_numbers = numeric.contains(column);
        let is_named = name_row.is_some_and(|row| text(row, *column).is_some());
        let head = Head { column: *column, header: header(*column), has_numbers };
        (has_numbers || is_named).then_some(head)
    };
    Region {
        header_row: name_row.filter(|_| !heads.is_empty()),
        first_row,
        last_row: draft.iter().map(|one| one.last_row).max().unwrap_or(first_row),
        columns: group.iter().filter_map(head).collect(),
        ..Region::default()
    }
}

/// Whether the only text above the numbers is a title: it stands over the first of several columns.
fn is_title<'t>(
    heads: &[u32],
    numeric: &[u32],
    text: impl Fn(u32, u32) -> Option<&'t str>,
) -> bool {
    let over = |column: &u32| heads.iter().any(|row| text(*row, *column).is_some());
    numeric.len() > 1 && over(&numeric[0]) && !numeric[1..].iter().any(over)
}

/// Whether the nearer of two rows of texts has the units of what the farther one names.
fn are_units<'t>(
    columns: &[u32],
    near: impl Fn(u32) -> Option<&'t str>,
    far: impl Fn(u32) -> Option<&'t str>,
) -> bool {
    let pairs = columns.iter().filter_map(|column| Some((near(*column)?, far(*column))));
    let mut any = false;
    for (unit, name) in pairs {
        any = true;
        if name.is_none() || !is_unit(unit) {
            return false;
        }
    }
    any
}

/// Whether a text is a unit, such as `[kg]`, `€` or `m/s`.
fn is_unit(text: &str) -> bool {
    const UNITS: &[&str] = &[
        "m", "cm", "mm", "km", "nm", "µm", "in", "inch", "inches", "ft", "feet", "mi", "miles",
        "m2", "m3", "sqft", "sqm", "sq ft", "sq m", "ha", "kg", "g", "mg", "µg", "t", "lb", "lbs",
        "oz", "s", "sec", "ms", "min", "h", "hr", "hrs", "hours", "d", "day", "days", "week",
        "weeks", "month", "months", "yr", "yrs", "year", "years", "c", "k", "f", "j", "kj", "kcal",
        "w", "kw", "mw", "kwh", "v", "mv", "a", "ma", "n", "kn", "pa", "hpa", "kpa", "mpa", "bar",
        "l", "ml", "mol", "mmol", "ppm", "ppb", "hz", "khz", "mph", "kmh", "rpm", "eur", "usd",
        "gbp", "chf", "dollar", "dollars", "euro", "euros", "points", "pts", "pcs", "count",
        "percent", "deg", "rad", "db", "ph", "thousand", "million", "mio", "tsd", "stk", "uhr",
        "tage", "jahre", "stunden", "std", "punkte", "stück", "-", "–",
    ];
    let text = text.trim();
    let lower = text.to_lowercase();
    let is_bracketed = (text.starts_with('[') && text.ends_with(']'))
        || (text.starts_with('(') && text.ends_with(')'));
    let has_sign = text.contains(['/', '%', '°', '€', '$', '£', '¥', '²', '³', '₹', 'Ω', '·']);
    is_bracketed || UNITS.contains(&lower.as_str()) || (has_sign && text.chars().count() <= 10)
}
