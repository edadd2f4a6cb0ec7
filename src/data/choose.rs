//! Which columns of a table are x and y: as the user says, as the headers say, or by what the
//! columns hold.
//!
//! A rule decides only what nobody said, and what it decided is told with the command for
//! something else. Columns that were measured come before columns that were computed from them; an
//! index, dates and a column of one value are taken only where too little else is there.

use super::columns::{Column, Holds};
use super::correlation::correlations;
use super::grid::Grid;
use super::headers;
use super::regions::Region;
use super::rows::Rows;
use super::wanted::Known;
use crate::error::Result;
use crate::value::steers;

/// A column with the name that formulas use for it.
#[derive(Debug, Clone)]
pub(crate) struct Pick<'a> {
    pub name: String,
    pub column: &'a Column,
}

/// The columns that are read, and what was thought about the others.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Roles {
    /// The inputs with their names: none yet where a model has several features.
    pub inputs: Vec<(Option<String>, u32)>,
    pub y: u32,
    /// The targets of the other outputs, where a model has several.
    pub further: Vec<u32>,
    /// Whether a rule chose the inputs, and y.
    pub chose: (bool, bool),
    /// The columns that could have been x, with their correlation with y, where that decided.
    pub rivals: Vec<(u32, f64)>,
    /// Columns with numbers that were not thought of, in the order of the reasons.
    pub passed_over: Vec<u32>,
}

impl Roles {
    /// All columns that are predicted.
    pub fn targets(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.y).chain(self.further.iter().copied())
    }
}

/// Decides about all that `known` leaves open; none where there are too few columns.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn roles(
    rows: &dyn Rows,
    grid: &Grid,
    region: &Region,
    columns: &[Column],
    known: &Known,
) -> Result<Option<Roles>> {
    let chooser = Chooser { rows, grid, region, columns };
    let mut roles = Roles { inputs: known.inputs.clone(), ..Roles::default() };
    roles.chose = (known.needs_x(), known.y.is_none());
    roles.further = known.further.clone();
    let inputs = known.inputs.iter().map(|(_, column)| *column);
    let taken: Vec<u32> = inputs.chain(roles.further.iter().copied()).collect();
    let pool = chooser.pool(&taken, known.y, known.missing());
    let Some(y) = known.y.or_else(|| last_as_y(&pool, known.needs_x())) else { return Ok(None) };
    roles.y = y;
    if known.needs_x() {
        let others: Vec<&Column> = pool.into_iter().filter(|one| one.column != y).collect();
        if others.is_empty() {
            return Ok(None);
        }
        if known.takes_all {
            roles.inputs = others.iter().map(|one| (None, one.column)).collect();
        } else {
            let x = chooser.nearest(&others, y, &mut roles)?;
            roles.inputs.push((Some("x".to_owned()), x));
        }
    }
    let is_taken = |column: u32| {
        roles.targets().any(|target| target == column)
            || roles.inputs.iter().any(|(_, input)| *input == column)
            || roles.rivals.iter().any(|(rival, _)| *rival == column)
    };
    roles.passed_over =
        columns.iter().map(|one| one.column).filter(|column| !is_taken(*column)).collect();
    Ok(Some(roles))
}

/// How gladly a column is taken, the best first; none where it must be asked for.
fn tier(column: &Column) -> Option<u8> {
    match (column.holds, column.is_computed) {
        (Holds::Numbers, false) => Some(0),
        (Holds::Numbers, true) => Some(1),
        (Holds::Dates, _) => Some(2),
        (Holds::Index, _) => Some(3),
        (Holds::Few, _) if column.numbers > 1 => Some(4),
        _ => None,
    }
}

/// The column that is y where nothing says so: the last of the best ones. Beside a measured column
/// alone it is the first that was computed from it, and dates are no y.
fn last_as_y(pool: &[&Column], needs_x: bool) -> Option<u32> {
    let measured: Vec<_> = pool.iter().filter(|one| tier(one) == Some(0)).collect();
    if let [x] = measured[..] {
        let computed = pool.iter().find(|one| tier(one) == Some(1));
        if let Some(y) = computed.filter(|_| needs_x) {
            return Some(y.column);
        }
        // Few numbers at its right may be y; dates and an index may not.
        let few = pool.iter().rfind(|one| tier(one) == Some(4) && one.column > x.column);
        return Some(few.filter(|_| needs_x).map_or(x.column, |few| few.column));
    }
    let is_date = |one: &&&Column| one.holds == Holds::Dates;
    match measured.last() {
        Some(last) => Some(last.column),
        None if !needs_x => pool.iter().find(|one| !is_date(one)).map(|one| one.column),
        None => pool.iter().rfind(|one| !is_date(one)).map(|one| one.column),
    }
}

struct Chooser<'a> {
    rows: &'a dyn Rows,
    grid: &'a Grid,
    region: &'a Region,
    columns: &'a [Column],
}

impl Chooser<'_> {
    /// The columns to choose from: the best that are not taken, and others where those are too few.
    fn pool(&self, taken: &[u32], y: Option<u32>, needed: usize) -> Vec<&Column> {
        let mut pool: Vec<&Column> = Vec::new();
        for wanted in 0..=4 {
            if pool.len() >= needed {
                break;
            }
            let is_free = |one: &&Column| !taken.contains(&one.column) && Some(one.column) != y;
            pool.extend(
                self.columns.iter().filter(is_free).filter(|one| tier(one) == Some(wanted)),
            );
        }
        pool.sort_by_key(|one| one.column);
        pool
    }

    /// Of `others` the column that correlates most with y; the only one needs no reason.
    fn nearest(&self, others: &[&Column], y: u32, roles: &mut Roles) -> Result<u32> {
        if let [only] = others {
            return Ok(only.column);
        }
        let Some(y) = self.columns.iter().find(|one| one.column == y) else {
            return Ok(others[0].column);
        };
        let r = correlations(self.rows, self.grid, self.region, others, y)?;
        roles.rivals = others.iter().map(|one| one.column).zip(r).collect();
        // Of equally good ones the first.
        let best =
            roles.rivals.iter().fold(None, |best: Option<(u32, f64)>, (column, r)| match best {
                Some((_, most)) if r.abs() <= most.abs() => best,
                _ => Some((*column, *r)),
            });
        Ok(best.map_or(others[0].column, |(column, _)| column))
    }
}

/// The longest header that one types, or reads in a line.
pub(crate) const LONGEST: usize = 80;

/// A column as `--x` and `--y` take it: its header where that is clear, otherwise its letters.
pub(crate) fn option_value(region: &Region, column: u32) -> String {
    let letters = match region.across {
        true => (column + 1).to_string(),
        false => super::address::column_name(column),
    };
    let named = |text: &str| {
        let heads = region.columns.iter().filter_map(|head| head.header.as_deref());
        heads.filter(|other| headers::is_named(other, text)).count()
    };
    // Where a header is called like the column, a dollar sign makes it no header.
    let letters = if named(&letters) > 0 { format!("${letters}") } else { letters };
    let Some(header) = region.head(column).and_then(|head| head.header.as_deref()) else {
        return letters;
    };
    let is_odd = |c: char| steers(c) || matches!(c, ',' | '"');
    let is_clear = named(header) == 1
        && header.chars().count() <= LONGEST
        && !header.contains(is_odd)
        && !header.eq_ignore_ascii_case("all");
    if is_clear { header.to_owned() } else { letters }
}
