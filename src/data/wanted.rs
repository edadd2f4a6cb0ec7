//! What is known of the columns before anybody looks at their numbers: what the user asks for, what
//! the model names, and what headers say.

use super::address::{column_name, parse_column};
use super::grid::{Cell, Grid};
use super::headers;
use super::regions::{Head, Region};
use super::{Selection, target};

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted<'a> {
    pub selection: &'a Selection,
}

/// What a table has of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Known {
    /// The inputs that are known, with their names; no names for several features.
    pub inputs: Vec<(Option<String>, u32)>,
    pub y: Option<u32>,
    /// The targets of the other outputs, where a model has several.
    pub further: Vec<u32>,
    /// Whether the targets are the last columns, for want of a name.
    pub took_last: bool,
    /// Whether all columns that could be x are wanted.
    pub takes_all: bool,
    /// Whether x is wanted and not known.
    lacks_x: bool,
    /// How far the headers are from plain names; 0 is best.
    pub rank: u8,
    /// What else could be meant, each with the name.
    pub others: Vec<(&'static str, u32)>,
}

impl Known {
    /// Whether the column is one that is predicted.
    pub fn is_target(&self, column: u32) -> bool {
        self.y == Some(column) || self.further.contains(&column)
    }

    fn set_targets(&mut self, columns: Vec<u32>) {
        let mut columns = columns.into_iter();
        self.y = columns.next();
        self.further = columns.collect();
    }

    /// Whether inputs are still to be chosen.
    pub fn needs_x(&self) -> bool {
        self.lacks_x || self.takes_all
    }

    /// How many columns are still to be chosen, at least.
    pub fn missing(&self) -> usize {
        usize::from(self.needs_x()) + usize::from(self.y.is_none())
    }

    /// Whether nothing is left to rules.
    pub fn is_complete(&self) -> bool {
        self.missing() == 0
    }

    /// Whether anything is known.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.y.is_none()
    }
}

impl<'a> Wanted<'a> {
    /// The columns that the user asks for as x; `all` apart.
    pub fn x(&self, heads: &[Head]) -> Vec<&'a str> {
        let Some(text) = self.selection.x.as_deref() else { return Vec::new() };
        let is_header = |text: &str| {
            heads
                .iter()
                .filter_map(|head| head.header.as_deref())
                .any(|h| headers::is_named(h, text))
        };
        if is_header(text) || !text.contains(',') {
            let all = text.trim().eq_ignore_ascii_case("all") && !is_header(text);
            return if all { Vec::new() } else { vec![text] };
        }
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// The columns that the user asks for as y: one for each output.
    pub fn y(&self) -> Vec<&'a str> {
        match (self.selection.y.as_deref(), self.selection.outputs) {
            (Some(text), Some(_)) => text.split(',').map(str::trim).collect(),
            (text, _) => text.into_iter().collect(),
        }
    }

    /// Whether all columns are asked for.
    fn takes_all(&self, heads: &[Head]) -> bool {
        self.selection.x.is_some() && self.x(heads).is_empty()
    }

    /// What `region` has of it; none where it lacks a column that the user or the model names. The
    /// `grid` has headers that stand beside the table.
    pub fn in_region(&self, grid: &Grid, region: &Region) -> Option<Known> {
        let mut known = Known::default();
        let heads = &region.columns;
        if self.selection.y.is_some() {
            let targets = self.y().into_iter().map(|text| find(region, text));
            known.set_targets(targets.collect::<Option<_>>()?);
        }
        let asked = self.x(heads);
        known.takes_all = self.takes_all(heads);
        let names = &self.selection.names;
        for name in names.iter().filter(|name| *name != "x" || asked.is_empty()) {
            let named = |head: &&Head| !known.is_target(head.column) && head.is_called(name);
            // A synonym would be a guess: the model's own words are looked for.
            if let Some(head) = heads.iter().find(named) {
                known.inputs.push((Some(name.clone()), head.column));
            }
        }
        let wants_x = names.is_empty() || names.iter().any(|name| name == "x");
        let has_x = known.inputs.iter().any(|(name, _)| name.as_deref() == Some("x"));
        for text in &asked {
            let name = (asked.len() == 1).then(|| "x".to_owned());
            known.inputs.push((name, find(region, text)?));
        }
        if asked.is_empty() && wants_x && !has_x && !known.takes_all {
            match self.by_name(grid, region, "x", &mut known) {
                Some(x) => known.inputs.insert(0, (Some("x".to_owned()), x)),
                None => known.lacks_x = true,
            }
        }
        if !names.is_empty() && known.inputs.is_empty() && !known.lacks_x {
            return None;
        }
        if let (None, Some(outputs)) = (known.y, self.selection.outputs) {
            let targets = numbered(region, outputs);
            known.took_last = targets.is_none();
            known.set_targets(targets.or_else(|| last(region, &known, outputs))?);
        }
        if known.y.is_none() {
            known.y = self.by_name(grid, region, "y", &mut known);
        }
        // The order in which the model names its inputs.
        let place = |name: &Option<String>| names.iter().position(|one| Some(one) == name.as_ref());
        known.inputs.sort_by_key(|(name, _)| place(name));
        Some(known)
    }

    /// The column whose header says best that it is `name`.
    fn by_name(
        &self,
        grid: &Grid,
        region: &Region,
        name: &'static str,
        known: &mut Known,
    ) -> Option<u32> {
        let is_free = |head: &&Head| {
            !known.is_target(head.column) && known.inputs.iter().all(|(_, c)| *c != head.column)
        };
        let rank = |head: &Head| headers::rank(head.header.as_deref()?, name);
        // A plain x that the user takes for y is a contradiction, which is told later.
        let plain = |head: &&Head| rank(head) == Some(0) && Some(head.column) == known.y;
        if name == "x"
            && let Some(head) = region.columns.iter().find(plain)
        {
            return Some(head.column);
        }
        // A plain name counts also where its cells turn out to hold something else.
        let fits = |head: &&Head| head.has_numbers || rank(head).is_some_and(|rank| rank < 2);
        let free = || region.columns.iter().filter(fits).filter(is_free);
        let best = free().filter_map(rank).min()?;
        let fits: Vec<u32> =
            free().filter(|head| rank(head) == Some(best)).map(|head| head.column).collect();
        let behind = known.inputs.last().map_or(0, |(_, column)| *column);
        let taken = *fits.iter().find(|column| **column >= behind).or(fits.first())?;
        // The same header in the row of the headers, also beside the table.
        let row = region.header_row;
        let beside =
            row.into_iter().flat_map(|row| grid.row(row)).filter(|((_, column), value)| {
                let is_same = value.text().and_then(|text| headers::rank(text, name)) == Some(best);
                is_same && *column != taken && !fits.contains(column)
            });
        let others = fits.iter().copied().filter(|column| *column != taken);
        let others: Vec<u32> = others.chain(beside.map(|((_, column), _)| *column)).collect();
        known.rank += best;
        known.others.extend(others.iter().map(|column| (name, *column)));
        Some(taken)
    }
}

/// The columns that are called `y1`, `y2` and so on, where there are so many.
fn numbered(region: &Region, outputs: usize) -> Option<Vec<u32>> {
    let column = |at: usize| {
        let name = target(at, outputs);
        region.columns.iter().find(|head| head.is_called(&name)).map(|head| head.column)
    };
    (0..outputs).map(column).collect()
}

/// The last columns with numbers that are no inputs, where there are so many.
fn last(region: &Region, known: &Known, outputs: usize) -> Option<Vec<u32>> {
    let is_free = |column: &u32| known.inputs.iter().all(|(_, input)| input != column);
    let free: Vec<u32> = region.numeric().map(|head| head.column).filter(is_free).collect();
    let needed = outputs + usize::from(known.needs_x());
    (free.len() >= needed).then(|| free[free.len() - outputs..].to_vec())
}

/// The column that the user means: by its header, by its name in formulas, or by its letters.
pub(crate) fn find(region: &Region, text: &str) -> Option<u32> {
    let heads = || region.columns.iter().filter_map(|head| Some((head, head.header.as_deref()?)));
    let exact = heads().find(|(_, header)| headers::is_named(header, text));
    let near = || heads().find(|(head, _)| head.is_called(text));
    let by_header = exact.or_else(near).map(|(head, _)| head.column);
    by_header.or_else(|| {
        let column = by_letters(text, region.across)?;
        region.head(column).map(|head| head.column)
    })
}

/// The column of letters, or the row of a number where tables lie in rows.
pub(crate) fn by_letters(text: &str, across: bool) -> Option<u32> {
    match across {
        true => text.trim().trim_start_matches('$').parse::<u32>().ok()?.checked_sub(1),
        false => parse_column(text.trim()),
    }
}

/// The headers that a person sees in the sheet, for messages: the row with most texts.
pub(crate) fn headers_found(grid: &Grid) -> Option<(u32, Vec<&str>)> {
    let texts = |row: &[Cell]| row.iter().filter(|(_, v)| v.text().is_some()).count();
    let rows = grid.cells().chunk_by(|a, b| a.0.0 == b.0.0);
    let mut best: Option<(usize, &[Cell])> = None;
    for row in rows.take(200) {
        let count = texts(row);
        if count > best.map_or(0, |(most, _)| most) {
            best = Some((count, row));
        }
    }
    let (_, row) = best?;
    Some((row[0].0.0, row.iter().filter_map(|(_, value)| value.text()).collect()))
}

/// The letters of columns in a list: `C and D`.
pub(crate) fn letters(columns: &[u32]) -> String {
    columns.iter().map(|column| column_name(*column)).collect::<Vec<_>>().join(" and ")
}
