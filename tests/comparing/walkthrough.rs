//! `gdtrace compare` on the hand-built walkthrough: as it is, laid out otherwise, and with mistakes put in.
//!
//! The sheets are read by calamine and written again without results, so that nothing of what
//! gdtrace computes goes into what it is asked.

use std::fmt::Write as _;

use crate::common::walkthrough;
use crate::common::walkthrough::{Grid, Held, Place, named, read, replaced};
use gdtrace::compare::result::{Finding, Kind, SheetComparison, Status};
use gdtrace::compare::{Settings, compare};
use gdtrace::optimizer::registry;

/// The first and the last row of the samples, counted from 0.
const FIRST: u32 = 3;
const LAST: u32 = 31;
/// A row in the middle, where a mistake in one cell is made.
const MIDDLE: u32 = 9;

/// A sheet with a table, and where things stand in it.
struct Plan {
    sheet: &'static str,
    form: (&'static str, Option<&'static str>),
    /// The columns: of the learning rate's cell, of the new weight b, of its gradient, of its
    /// state and of what is computed from no other row.
    rate: &'static str,
    update: &'static str,
    gradient: &'static str,
    state: Option<&'static str>,
    local: &'static str,
    width: u32,
    /// What is wrong with the sheet as it is.
    known: &'static [(Kind, &'static str)],
}

const PLANS: &[Plan] = &[
    Plan {
        sheet: "basic",
        form: ("sgd", None),
        rate: "$F$1",
        update: "N",
        gradient: "K",
        state: None,
        local: "E",
        width: 14,
        known: &[(Kind::Label, "F33"), (Kind::HandOver, "C38")],
    },
    Plan {
        sheet: "momentum",
        form: ("momentum", None),
        rate: "$D$2",
        update: "H",
        gradient: "F",
        state: Some("J"),
        local: "E",
        width: 12,
        known: &[],
    },
    Plan {
        sheet: "rmsprop",
        form: ("rmsprop", Some("walkthrough")),
        rate: "$D$2",
        update: "H",
        gradient: "F",
        state: Some("J"),
        local: "E",
        width: 11,
        known: &[],
    },
    Plan {
        sheet: "adam",
        form: ("adam", Some("walkthrough")),
        rate: "$D$2",
        update: "H",
        gradient: "F",
        state: Some("L"),
        local: "E",
        width: 13,
        known: &[],
    },
    Plan {
        sheet: "adam_ann",
        form: ("adam", Some("walkthrough")),
        rate: "$D$2",
        update: "H",
        gradient: "F",
        state: Some("J"),
        local: "E",
        width: 13,
        known: &[],
    },
];

/// What the comparison says of the only sheet of a workbook.
fn compared(grid: &Grid) -> SheetComparison {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("walkthrough.xlsx");
    grid.write(&path);
    let comparison = compare(&path, &Settings::default(), registry().unwrap()).unwrap();
    comparison.sheets.into_iter().next().unwrap()
}

/// The address of a finding without its sheet.
fn address(finding: &Finding) -> &str {
    finding.cell.rsplit_once('!').map_or(finding.cell.as_str(), |(_, cell)| cell)
}

/// The mistakes that are no consequences.
fn mistakes(result: &SheetComparison) -> Vec<&Finding> {
    let is_told = |one: &&Finding| one.kind.is_mistake() && one.cause.is_none();
    result.findings.iter().filter(is_told).collect()
}

fn told(result: &SheetComparison) -> String {
    let mut lines = format!(
        "{:?}:{:?} {:?} {:?}",
        result.optimizer, result.variant, result.status, result.departures
    );
    for one in &result.findings {
        let _ = write!(lines, "\n        {} {}: {}", one.kind.name(), one.cell, one.message);
    }
    lines
}

/// A way to lay a sheet out: where each cell goes.
struct Layout {
    name: &'static str,
    place: fn(&Plan, Place) -> Place,
    is_renamed: bool,
}

/// The columns of the table in a ring, so that a label keeps the cell on its right.
fn turned(plan: &Plan, (row, column): Place, by: u32) -> Place {
    match row >= 2 && column < plan.width {
        true => (row, (column + by) % plan.width),
        false => (row, column),
    }
}

const LAYOUTS: &[Layout] = &[
    Layout { name: "as it is", place: |_, at| at, is_renamed: false },
    Layout { name: "renamed", place: |_, at| at, is_renamed: true },
    Layout {
        name: "columns in another order",
        place: |plan, at| turned(plan, at, 5),
        is_renamed: false,
    },
    Layout {
        name: "rows inserted above",
        place: |_, (row, column)| (row + 17, column),
        is_renamed: false,
    },
    Layout {
        name: "hyperparameters moved",
        place: |_, (row, column)| if row < 2 { (row + 50, column + 20) } else { (row, column) },
        is_renamed: false,
    },
    Layout {
        name: "all of that",
        place: |plan, at| {
            let (row, column) = turned(plan, at, 8);
            if at.0 < 2 { (row + 2, column + 30) } else { (row + 7, column + 4) }
        },
        is_renamed: true,
    },
];

/// The sheet in this layout.
fn laid_out(grid: &Grid, plan: &Plan, layout: &Layout) -> Grid {
    let mut grid = grid.clone();
    if layout.is_renamed {
        for column in 0..plan.width {
            if let Some(Held::Text(header)) = grid.cells.get_mut(&(2, column)) {
                *header = format!("quantity {}", (column * 7 + 3) % 23);
            }
        }
    }
    grid.moved(&|at| (layout.place)(plan, at))
}

/// A mistake: what is changed, and what has to be said where.
struct Mutation {
    name: &'static str,
    /// The sheet with the mistake; none where it cannot be made. The cell is where it begins.
    make: fn(&Grid, &Plan) -> Option<(Grid, Place)>,
    told: Told,
    /// The layouts in which it is made.
    layouts: [usize; 2],
}

/// The sheet as it is, and everything moved, turned and renamed.
const ALL: [usize; 2] = [0, 5];
/// Layouts that move the sheet as one, so that what is filled down stays filled down.
const AS_ONE: [usize; 2] = [0, 3];

/// What has to be said.
enum Told {
    /// A finding of this kind at the cell.
    Cell(Kind),
    /// One of these kinds at a cell of its column.
    Column(&'static [Kind]),
    /// One of this kind at a cell of its row.
    Row(Kind),
    /// This departure from the textbook not any more: the change is none of its own.
    Not(&'static str),
}

/// Formulas of `columns` in `rows` as `change` has them.
fn changed(
    grid: &Grid,
    columns: &[&str],
    rows: std::ops::RangeInclusive<u32>,
    change: &dyn Fn(&str, u32) -> String,
) -> Option<(Grid, Place)> {
    let mut new = grid.clone();
    let mut first = None;
    for column in columns {
        for row in rows.clone() {
            let place = named(&format!("{column}{}", row + 1));
            if let Some(Held::Formula(formula)) = new.cells.get_mut(&place) {
                let text = change(formula, row);
                if text != *formula {
                    *formula = text;
                    first.get_or_insert(place);
                }
            }
        }
    }
    Some((new, first?))
}

/// `C4-J4*$D$2` with a plus.
fn flipped(formula: &str) -> String {
    match formula.contains("-J") || formula.contains("-K") || formula.contains("-F") {
        true => formula.replacen('-', "+", 1),
        false => formula.to_owned(),
    }
}

fn next(column: &str) -> String {
    char::from(column.as_bytes()[0] + 1).to_string()
}

const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "a sign flipped in one cell",
        make: |grid, plan| changed(grid, &[plan.update], MIDDLE..=MIDDLE, &|text, _| flipped(text)),
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
    Mutation {
        name: "a sign flipped in a column",
        make: |grid, plan| changed(grid, &[plan.update], FIRST..=LAST, &|text, _| flipped(text)),
        told: Told::Column(&[Kind::Value]),
        layouts: ALL,
    },
    Mutation {
        name: "beta and 1 - beta exchanged in one cell",
        make: |grid, plan| {
            let swap = |text: &str, _| exchanged(text, plan);
            changed(grid, &[plan.state?], MIDDLE..=MIDDLE, &swap)
        },
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
    Mutation {
        name: "beta and 1 - beta exchanged in a column",
        make: |grid, plan| {
            changed(grid, &[plan.state?], FIRST..=LAST, &|text, _| exchanged(text, plan))
        },
        told: Told::Column(&[Kind::Value]),
        layouts: ALL,
    },
    Mutation {
        name: "an absolute reference made relative in one cell",
        make: |grid, plan| {
            let loose = plan.rate.replace('$', "");
            changed(grid, &[plan.update], MIDDLE..=MIDDLE, &|text, _| {
                text.replace(plan.rate, &loose)
            })
        },
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
    Mutation {
        name: "an absolute reference made relative and filled down",
        make: |grid, plan| {
            let (row, column) = named(&plan.rate.replace('$', ""));
            let made = changed(grid, &[plan.update], FIRST..=LAST, &|text, at| {
                text.replace(plan.rate, &walkthrough::name((row + at - FIRST, column)))
            })?;
            // The first row still finds the rate; the next ones do not.
            Some((made.0, (made.1.0 + 1, made.1.1)))
        },
        told: Told::Column(&[Kind::InconsistentFormula, Kind::Value, Kind::ErrorCell]),
        layouts: AS_ONE,
    },
    Mutation {
        name: "a constant pasted over a formula",
        make: |grid, plan| {
            let place = named(&format!("{}{}", plan.local, MIDDLE + 1));
            let mut new = grid.clone();
            new.cells.insert(place, Held::Number(41.5));
            Some((new, place))
        },
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
    Mutation {
        name: "a constant pasted over a new weight",
        make: |grid, plan| {
            let place = named(&format!("{}{}", plan.update, MIDDLE + 1));
            let mut new = grid.clone();
            new.cells.insert(place, Held::Number(1.25));
            Some((new, place))
        },
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
    Mutation {
        name: "a row deleted",
        // What refers to the row that is gone has #REF!: the weights of the next one.
        make: |grid, _| Some((grid.without_row(MIDDLE), (MIDDLE, 2))),
        told: Told::Row(Kind::BrokenReference),
        layouts: ALL,
    },
    Mutation {
        name: "eps added in a column",
        make: |grid, plan| {
            let next = next(plan.update);
            changed(grid, &[plan.update, &next], FIRST..=LAST, &|text, _| with_eps(text))
        },
        told: Told::Not("has no eps"),
        layouts: ALL,
    },
    Mutation {
        name: "eps added in one cell",
        make: |grid, plan| {
            changed(grid, &[plan.update], MIDDLE..=MIDDLE, &|text, _| with_eps(text))
        },
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
    Mutation {
        name: "the factor 2 dropped",
        make: |grid, plan| {
            changed(grid, &[plan.gradient], FIRST..=LAST, &|text, _| text.replacen("2*", "", 1))
        },
        told: Told::Column(&[Kind::Variant]),
        layouts: ALL,
    },
    Mutation {
        name: "the factor 2 dropped in one cell",
        make: |grid, plan| {
            changed(grid, &[plan.gradient], MIDDLE..=MIDDLE, &|text, _| text.replacen("2*", "", 1))
        },
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
    Mutation {
        name: "the state of this row instead of the row above",
        make: |grid, plan| {
            let state = plan.state?;
            changed(grid, &[state], MIDDLE..=MIDDLE, &|text, row| {
                text.replacen(&format!("{state}{row}*"), &format!("{state}{}*", row - 1), 1)
            })
        },
        told: Told::Cell(Kind::InconsistentFormula),
        layouts: ALL,
    },
];

/// `J3*$J$1+$K$1*F4` with the two factors exchanged.
fn exchanged(formula: &str, plan: &Plan) -> String {
    let state = plan.state.unwrap_or_default();
    let (beta, rest) = (format!("${state}$1"), format!("${}$1", next(state)));
    replaced(formula, &|found| match found {
        found if found == beta => rest.clone(),
        found if found == rest => beta.clone(),
        found => found.to_owned(),
    })
}

/// `C4-J4*$D$2/SQRT(L4)` with 1e-8 beside the root.
fn with_eps(formula: &str) -> String {
    match formula.split_once("SQRT(") {
        Some((before, behind)) => format!("{before}(SQRT({behind}+0.00000001)"),
        None => formula.to_owned(),
    }
}

/// Whether the mistake is named where it is and nothing else is said to be wrong.
fn is_named(result: &SheetComparison, told: &Told, cell: Place, known: &[Place]) -> bool {
    let in_place = |one: &&Finding| {
        let at = named(address(one));
        match told {
            Told::Cell(kind) => one.kind == *kind && at == cell,
            Told::Column(kinds) => kinds.contains(&one.kind) && at.1 == cell.1,
            Told::Row(kind) => one.kind == *kind && at.0 == cell.0,
            Told::Not(_) => false,
        }
    };
    let is_told = match told {
        Told::Not(departure) => {
            !result.departures.iter().any(|one| one == departure || one.contains("ε"))
        }
        _ => result.findings.iter().filter(in_place).count() > 0,
    };
    let is_known = |one: &&Finding| known.contains(&named(address(one)));
    let wrong = mistakes(result);
    // One mistake is one finding.
    let own = wrong.iter().filter(|one| in_place(one)).count();
    is_told && own <= 1 && wrong.iter().all(|one| in_place(one) || is_known(one))
}

#[test]
fn the_walkthrough_is_the_same_in_every_layout() {
    let Some(sheets) = read() else { return };
    let mut complaints = Vec::new();
    for plan in PLANS {
        let grid = &sheets[plan.sheet];
        for layout in LAYOUTS {
            let result = compared(&laid_out(grid, plan, layout));
            let form = (result.optimizer.as_deref(), result.variant.as_deref());
            let place = |cell: &str| walkthrough::name((layout.place)(plan, named(cell)));
            let mut expected: Vec<_> =
                plan.known.iter().map(|(kind, cell)| (*kind, place(cell))).collect();
            let mut found: Vec<_> =
                mistakes(&result).iter().map(|one| (one.kind, address(one).to_owned())).collect();
            expected.sort();
            found.sort();
            let status = if expected.is_empty() { Status::Agrees } else { Status::Differs };
            let differing: usize = result.columns.iter().map(|column| column.mismatches).sum();
            let compared: usize = result.columns.iter().filter(|column| column.cells > 0).count();
            if form != (Some(plan.form.0), plan.form.1)
                || result.status != status
                || found != expected
                || differing > 0
                || result.samples != 29
                || compared != plan.width as usize
            {
                complaints.push(format!("{} {}: {}", plan.sheet, layout.name, told(&result)));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_mistake_in_the_walkthrough_is_named_in_every_layout() {
    let Some(sheets) = read() else { return };
    let (mut named_ones, mut all, mut table) = (0, 0, String::new());
    for mutation in MUTATIONS {
        let (mut right, mut made, mut wrong) = (0, 0, String::new());
        for plan in PLANS {
            let Some((grid, cell)) = (mutation.make)(&sheets[plan.sheet], plan) else { continue };
            for layout in mutation.layouts.map(|at| &LAYOUTS[at]) {
                let known: Vec<Place> =
                    plan.known.iter().map(|(_, at)| (layout.place)(plan, named(at))).collect();
                let result = compared(&laid_out(&grid, plan, layout));
                made += 1;
                if is_named(&result, &mutation.told, (layout.place)(plan, cell), &known) {
                    right += 1;
                } else {
                    let at = walkthrough::name((layout.place)(plan, cell));
                    let _ = write!(
                        wrong,
                        "\n    {} {} at {at}: {}",
                        plan.sheet,
                        layout.name,
                        told(&result)
                    );
                }
            }
        }
        let _ = writeln!(table, "{:<50} {right:>3} of {made:>3}{wrong}", mutation.name);
        named_ones += right;
        all += made;
    }
    println!("{table}");
    assert!(named_ones * 100 >= all * 95, "{named_ones} of {all} mistakes are named:\n{table}");
}
