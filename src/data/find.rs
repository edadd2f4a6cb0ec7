//! Finding the table in one sheet, standing or lying, and deciding about its columns.

use super::address::{Area, column_name};
use super::choose::{Roles, roles};
use super::columns::{Column, Habits, Holds, columns};
use super::grid::{Grid, Value};
use super::kinds::{Kind, kind};
use super::regions::{Head, Region, regions};
use super::rows::{Rows, in_column};
use super::text::Text;
use super::wanted::{Known, Wanted, by_letters, find};
use crate::error::Result;

/// So many tables of a sheet are looked at where there are many: each is read to its end.
const MOST_TABLES: usize = 30;

/// A sheet with more cells than this is too large to lie.
const MOST_ACROSS: usize = 20_000;

/// Of two tables the larger is taken where it has so many times the samples of the first.
const MUCH_LARGER: usize = 3;

/// The cells of a sheet.
pub(crate) struct Sheet {
    pub grid: Grid,
    /// The text that the grid is only the beginning of.
    pub text: Option<Text>,
    /// Tables that the workbook itself knows.
    pub known: Vec<Region>,
    /// The grid with rows and columns exchanged, where it may be read so.
    across: Option<Grid>,
}

/// A table with what was decided about its columns.
pub(crate) struct Found {
    pub region: Region,
    pub known: Known,
    pub columns: Vec<Column>,
    pub roles: Roles,
    /// Where other tables stand that could have been taken.
    pub others: Vec<Area>,
}

impl Found {
    /// How good it is, the best first: by headers, in part by headers, or by rules alone.
    pub fn class(&self) -> u8 {
        match (self.known.is_complete(), self.known.is_empty()) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        }
    }

    /// The number of samples, at most.
    pub fn samples(&self) -> usize {
        let chosen = |one: &&Column| {
            self.roles.targets().any(|target| target == one.column)
                || self.roles.inputs.iter().any(|(_, c)| *c == one.column)
        };
        self.columns.iter().filter(chosen).map(|one| one.numbers).min().unwrap_or(0)
    }
}

impl Sheet {
    /// The sheet of these cells.
    pub fn new(grid: Grid, text: Option<Text>, known: Vec<Region>) -> Self {
        let is_whole = text.as_ref().is_none_or(|text| text.is_whole);
        let may_lie = is_whole && grid.cells().len() <= MOST_ACROSS;
        let across = may_lie.then(|| grid.transposed());
        Sheet { grid, text, known, across }
    }

    /// The cells as `region` has them.
    pub fn grid_of(&self, region: &Region) -> &Grid {
        match &self.across {
            Some(across) if region.across => across,
            _ => &self.grid,
        }
    }

    /// The rows as `region` has them.
    pub fn rows_of(&self, region: &Region) -> &dyn Rows {
        match &self.text {
            Some(text) if !text.is_whole => text,
            _ => self.grid_of(region),
        }
    }

    /// All tables: those that stand, and those that lie.
    pub fn regions(&self) -> Vec<Region> {
        let mut all = self.known.clone();
        let overlaps = |one: &Region, other: &Region| {
            one.columns.iter().any(|head| other.head(head.column).is_some())
                && one.first_row <= other.last_row
                && other.first_row <= one.last_row
        };
        let found = regions(&self.grid);
        let is_new = |one: &Region| !self.known.iter().any(|known| overlaps(one, known));
        all.extend(found.into_iter().filter(is_new));
        if let Some(across) = &self.across {
            all.extend(regions(across).into_iter().map(|one| Region { across: true, ..one }));
        }
        all
    }

    /// The best table; none where none has enough columns.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn find(
        &self,
        wanted: &Wanted,
        habits: Habits,
        area: Option<&Area>,
    ) -> Result<Option<Found>> {
        let regions = self.regions();
        let mut matched: Vec<(Region, Known)> = regions
            .iter()
            .filter_map(|one| Some((one.clone(), wanted.in_region(self.grid_of(one), one)?)))
            .collect();
        if matched.is_empty() && wanted.selection.x.is_some() && wanted.selection.y.is_some() {
            matched.extend(self.by_columns(wanted, &regions));
        }
        // All by headers: the plainest, and of those the first.
        let complete = matched.iter().filter(|(_, known)| known.is_complete());
        if let Some((region, known)) = complete.min_by_key(|(_, known)| known.rank)
            && let Some(found) = self.decide(region, known, habits)?
        {
            return Ok(Some(found));
        }
        let mut found = Vec::new();
        matched.retain(|(_, known)| !known.is_complete());
        if matched.len() > MOST_TABLES {
            let rows = |(region, _): &(Region, Known)| region.last_row - region.first_row;
            let mut all: Vec<u32> = matched.iter().map(rows).collect();
            all.sort_unstable_by(|a, b| b.cmp(a));
            // The first ones of the largest.
            matched.retain(|one| rows(one) >= all[MOST_TABLES - 1]);
            matched.truncate(MOST_TABLES);
        }
        for (region, known) in &matched {
            found.extend(self.decide(region, known, habits)?);
        }
        Ok(best(found, area))
    }

    fn decide(&self, region: &Region, known: &Known, habits: Habits) -> Result<Option<Found>> {
        let mut region = region.clone();
        for head in &mut region.columns {
            let is_named = known.inputs.iter().any(|(_, column)| *column == head.column);
            head.has_numbers |= is_named || known.is_target(head.column);
        }
        let region = &region;
        let (rows, grid) = (self.rows_of(region), self.grid_of(region));
        let columns = columns(rows, grid, region, habits)?;
        let roles = roles(rows, grid, region, &columns, known)?;
        let (own, known) = (region.clone(), known.clone());
        let found = |roles| Found { region: own, known, columns, roles, others: Vec::new() };
        Ok(roles.map(found))
    }

    /// A table of the columns that the user names, which stand in no table together.
    fn by_columns(&self, wanted: &Wanted, regions: &[Region]) -> Option<(Region, Known)> {
        let standing = || regions.iter().filter(|region| !region.across);
        let column = |text: &str| {
            let by_header = || standing().find_map(|region| find(region, text));
            by_letters(text, false).filter(|_| true).or_else(by_header)
        };
        let heads: Vec<Head> = standing().flat_map(|region| region.columns.clone()).collect();
        let mut columns: Vec<u32> =
            wanted.x(&heads).into_iter().map(column).collect::<Option<_>>()?;
        let targets = wanted.y().into_iter().map(column);
        columns.extend(targets.collect::<Option<Vec<u32>>>()?);
        let region = of_columns(&self.grid, &columns)?;
        let known = wanted.in_region(&self.grid, &region)?;
        Some((region, known))
    }
}

/// The best of tables that rules decided about: what headers say in part comes first, then the
/// first table, unless another is much larger.
fn best(mut found: Vec<Found>, area: Option<&Area>) -> Option<Found> {
    // One or two numbers beside each other are no samples in a row.
    found.retain(|one| !one.region.across || one.samples() > 2 || one.class() == 0);
    let standing = found.iter().position(|one| !one.region.across);
    let lying = found.iter().position(|one| one.region.across);
    if let (Some(standing), Some(lying)) = (standing, lying) {
        let lies = lies(&found[standing], &found[lying], area);
        found.retain(|one| one.region.across == lies);
    }
    let class = found.iter().map(Found::class).min()?;
    found.retain(|one| one.class() == class);
    let largest = found.iter().map(Found::samples).max().unwrap_or(0);
    let at = found.iter().position(|one| one.samples() * MUCH_LARGER > largest)?;
    let mut best = found.remove(at);
    let taken = best.region.area();
    let areas = found.iter().filter(|one| one.samples() > 1).map(|one| one.region.area());
    for area in areas.filter(|area| !area.meets(&taken)) {
        if !best.others.iter().any(|other| other.meets(&area)) {
            best.others.push(area);
        }
    }
    Some(best)
}

/// Whether the numbers lie in rows rather than stand in columns: it is so where that gives names
/// and more samples than columns.
fn lies(standing: &Found, lying: &Found, area: Option<&Area>) -> bool {
    if standing.class() != lying.class() {
        return lying.class() < standing.class();
    }
    let (samples, lines) = (lying.samples(), lying.columns.len());
    if samples < 3 || samples <= lines || standing.samples() >= samples {
        return false;
    }
    // Two columns that the user marks are columns.
    if area.is_some_and(|area| area.width() == 2) {
        return false;
    }
    let named = |found: &Found| {
        let heads = || found.region.numeric();
        2 * heads().filter(|head| head.header.is_some()).count() > heads().count()
    };
    match (named(standing), named(lying)) {
        (false, _) => true,
        (true, false) => false,
        (true, true) => samples >= 2 * lines,
    }
}

/// The table of these columns, wherever they stand: it begins where they first hold numbers side by
/// side.
fn of_columns(grid: &Grid, columns: &[u32]) -> Option<Region> {
    let is_number = |row: u32, column: u32| {
        grid.get((row, column)).is_some_and(|value| kind(value) == Kind::Number)
    };
    let mut rows: Vec<u32> = grid.cells().iter().map(|((row, _), _)| *row).collect();
    rows.dedup();
    let all = |row: &&u32| columns.iter().all(|column| is_number(**row, *column));
    let any = |row: &&u32| columns.iter().any(|column| is_number(**row, *column));
    let first_row = *rows.iter().find(all).or_else(|| rows.iter().find(any))?;
    let header = |column: u32| {
        let above = (first_row.saturating_sub(3)..first_row).rev();
        above.filter_map(|row| grid.get((row, column))).find_map(Value::text).map(str::to_owned)
    };
    let head = |column: &u32| Head { column: *column, header: header(*column), has_numbers: true };
    let mut columns: Vec<Head> = columns.iter().map(head).collect();
    columns.sort_by_key(|head| head.column);
    columns.dedup_by_key(|head| head.column);
    let last_row = rows.last().copied().unwrap_or(first_row);
    Some(Region { first_row, last_row, columns, ..Region::default() })
}

/// A line for each column of the table: where it is, its header, its numbers and its first values.
pub(crate) fn listed(
    columns: &[Column],
    region: &Region,
    rows: &dyn Rows,
) -> Result<Vec<[String; 4]>> {
    let mut lines: Vec<([String; 4], u32)> = Vec::new();
    for head in &region.columns {
        let known = columns.iter().find(|one| one.column == head.column);
        let first = match known {
            Some(column) => column.first.clone(),
            None => first_values(rows, region, head.column)?,
        };
        let numbers = known.map_or(0, |one| one.numbers);
        let why = match known.map(|one| one.holds) {
            Some(Holds::OneValue) => ", all the same",
            Some(Holds::Dates) => ", dates",
            _ => "",
        };
        let letters = match region.across {
            true => format!("row {}", head.column + 1),
            false => column_name(head.column),
        };
        let header = head.header.clone().unwrap_or_default();
        lines.push(([letters, header, format!("{numbers}{why}"), first.join(", ")], head.column));
    }
    Ok(lines.into_iter().map(|(line, _)| line).collect())
}

fn first_values(rows: &dyn Rows, region: &Region, column: u32) -> Result<Vec<String>> {
    let mut first = Vec::new();
    rows.each(region.first_row, &mut |_, cells| {
        first.extend(in_column(cells, column).map(super::columns::shown));
        first.len() < 3
    })?;
    Ok(first)
}
