//! `gdtrace compare` on sheets of every optimizer, as they are and with a mistake put in.

use std::fmt::Write as _;

use crate::common;
use crate::common::cases;
use crate::common::hand;
use crate::common::hand::{Hand, Held, Layout, Slips, write};
use gdtrace::circuit::Model;
use gdtrace::compare::result::{Kind, SheetComparison};
use gdtrace::compare::{Settings, compare};
use gdtrace::formula::{Expr, Operator, operands, with_operands};
use gdtrace::optimizer::{self, Definition, Setup, registry};
use gdtrace::sheet::{Group, Ref, Sheet};

/// The row of the table where a mistake in one cell is made.
const ROW: usize = 6;

/// A sheet of every form over the walkthrough's samples.
fn sheets() -> Vec<(String, Sheet)> {
    let definitions = registry().unwrap().definitions().iter();
    let all: Vec<&Definition> =
        definitions.flat_map(|one| std::iter::once(one).chain(&one.variants)).collect();
    let model = Model::line().unwrap();
    let samples = common::walkthrough().samples();
    let sheet = |definition: &&Definition| {
        let setup = Setup::new(&[1.0, 1.0], samples);
        (definition.label(), optimizer::sheet(definition, &model, &setup).unwrap())
    };
    all.iter().map(sheet).collect()
}

/// What the comparison says of the sheet.
fn compared(cells: &std::collections::BTreeMap<(u32, u32), Held>) -> SheetComparison {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hand.xlsx");
    write(&path, cells);
    let comparison = compare(&path, &Settings::default(), registry().unwrap()).unwrap();
    comparison.sheets.into_iter().next().unwrap()
}

/// The form that it took the sheet for.
fn form(result: &SheetComparison) -> String {
    match (&result.optimizer, &result.variant) {
        (Some(name), Some(variant)) => format!("{name}:{variant}"),
        (Some(name), None) => name.clone(),
        (None, _) => "unknown".to_owned(),
    }
}

/// What it found, in a line.
fn summary(result: &SheetComparison) -> String {
    let mut line = format!("{} {:?} {:?}", form(result), result.status, result.departures);
    for finding in &result.findings {
        let _ =
            write!(line, "\n      {} {}: {}", finding.kind.name(), finding.cell, finding.message);
    }
    line
}

/// Whether nothing but departures from the textbook was found.
fn is_clean(result: &SheetComparison) -> bool {
    result.optimizer.is_some() && result.findings.iter().all(|one| !one.kind.is_mistake())
}

/// The forms whose formulas are the same but for defaults, or written otherwise.
fn are_the_same(wanted: &str, found: &str, sheets: &[(String, Sheet)]) -> bool {
    let rule =
        |label: &str| sheets.iter().find(|(known, _)| known == label).map(|(_, sheet)| &sheet.rule);
    wanted == found || rule(wanted) == rule(found) || [wanted, found] == ["adamw:pytorch", "adamw"]
}

#[test]
fn a_sheet_without_a_mistake_is_clean_in_every_layout() {
    let sheets = sheets();
    let data = common::walkthrough();
    let plain = Layout::default();
    let layouts = [
        plain.clone(),
        Layout { is_full: false, ..plain.clone() },
        Layout { turned: 5, is_renamed: true, ..plain.clone() },
        Layout { header: 31, left: 3, is_beside: true, ..plain.clone() },
    ];
    let mut complaints = Vec::new();
    for (at, (label, sheet)) in sheets.iter().enumerate() {
        // Variants differ in formulas, not in layout; those of the walkthrough stand in all.
        let in_turn = at % layouts.len();
        let layouts = match label.as_str() {
            "sgd" | "momentum" | "rmsprop" | "adam" => &layouts[..],
            _ if label.contains(':') => &layouts[..1],
            _ => &layouts[in_turn..=in_turn],
        };
        for layout in layouts {
            let hand = Hand { sheet, data: &data, layout: layout.clone() };
            let result = compared(&hand.cells(&|_, _| None));
            if !is_clean(&result) || !are_the_same(label, &form(&result), &sheets) {
                complaints.push(format!("{label} {layout:?}: {}", summary(&result)));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// A mistake that somebody may make.
struct Mutation {
    name: &'static str,
    /// The formulas that the sheet has instead; none where the mistake cannot be made in it.
    make: fn(&Sheet) -> Option<Slip>,
}

/// One wrong column, in one row or in all.
struct Slip {
    column: usize,
    formula: Expr<Ref>,
    row: Option<usize>,
    kinds: &'static [Kind],
}

/// The column with the new `b`.
fn update(sheet: &Sheet) -> usize {
    sheet.weights[1].next
}

/// The first column that remembers something of the weight `b`.
fn state(sheet: &Sheet) -> Option<usize> {
    let is_state = |at: &usize| {
        let column = &sheet.columns[*at];
        column.group == Group::State && column.id.ends_with("_b") && column.initial.is_some()
    };
    (0..sheet.columns.len()).find(is_state)
}

/// The formula with the first part that `change` changes changed.
fn changed(
    formula: &Expr<Ref>,
    change: &dyn Fn(&Expr<Ref>) -> Option<Expr<Ref>>,
) -> Option<Expr<Ref>> {
    if let Some(new) = change(formula) {
        return Some(new);
    }
    let parts = operands(formula);
    let found = parts.iter().enumerate().find_map(|(at, part)| Some((at, changed(part, change)?)));
    let (at, new) = found?;
    let mut parts: Vec<Expr<Ref>> = parts.into_iter().cloned().collect();
    parts[at] = new;
    with_operands(formula, &parts)
}

/// The column with another formula in one row.
fn in_one_cell(
    sheet: &Sheet,
    column: usize,
    change: &dyn Fn(&Expr<Ref>) -> Option<Expr<Ref>>,
) -> Option<Slip> {
    let formula = changed(&sheet.columns[column].formula, change)?;
    Some(Slip { column, formula, row: Some(ROW), kinds: ONE_CELL })
}

/// The column with another formula in all rows.
fn in_every_row(
    sheet: &Sheet,
    column: usize,
    change: &dyn Fn(&Expr<Ref>) -> Option<Expr<Ref>>,
    kinds: &'static [Kind],
) -> Option<Slip> {
    let formula = changed(&sheet.columns[column].formula, change)?;
    Some(Slip { column, formula, row: None, kinds })
}

fn flip(part: &Expr<Ref>) -> Option<Expr<Ref>> {
    match part {
        Expr::Binary(Operator::Subtract, left, right) if **left != Expr::Number(1.0) => {
            Some(left.as_ref().clone().binary(Operator::Add, right.as_ref().clone()))
        }
        Expr::Binary(Operator::Add, left, right) => {
            Some(left.as_ref().clone().binary(Operator::Subtract, right.as_ref().clone()))
        }
        _ => None,
    }
}

const ONE_CELL: &[Kind] = &[Kind::InconsistentFormula];
const EVERY_ROW: &[Kind] = &[Kind::Value];

const MUTATIONS: &[Mutation] = &[
    Mutation {
        name: "sign flipped in one cell",
        make: |sheet| in_one_cell(sheet, update(sheet), &flip),
    },
    Mutation {
        name: "sign flipped in the update",
        make: |sheet| in_every_row(sheet, update(sheet), &flip, EVERY_ROW),
    },
    Mutation {
        name: "sign flipped in a state",
        make: |sheet| in_every_row(sheet, state(sheet)?, &flip, EVERY_ROW),
    },
    Mutation {
        name: "beta exchanged",
        make: |sheet| {
            let (one, two) = (sheet.input("beta1")?, sheet.input("beta2")?);
            let exchange = |part: &Expr<Ref>| match part {
                Expr::Name(Ref::Input(input)) if *input == one => Some(Expr::Name(Ref::Input(two))),
                Expr::Name(Ref::Input(input)) if *input == two => Some(Expr::Name(Ref::Input(one))),
                _ => None,
            };
            in_every_row(sheet, state(sheet)?, &exchange, EVERY_ROW)
        },
    },
    Mutation {
        name: "constant pasted over a formula",
        make: |sheet| {
            let column = update(sheet);
            Some(Slip { column, formula: Expr::Number(1.25), row: Some(ROW), kinds: ONE_CELL })
        },
    },
    Mutation {
        name: "factor 2 dropped",
        make: |sheet| {
            let drop = |part: &Expr<Ref>| match part {
                Expr::Binary(Operator::Multiply, left, right) if **left == Expr::Number(2.0) => {
                    Some(right.as_ref().clone())
                }
                _ => None,
            };
            in_every_row(sheet, sheet.weights[1].gradient, &drop, &[Kind::Value])
        },
    },
    Mutation {
        name: "eps added",
        make: |sheet| {
            // Any small cell will do for ε; the width of the differences is one.
            if sheet.input("eps").is_some() {
                return None;
            }
            let eps = Expr::Name(Ref::Input(sheet.input("h")?));
            let add = |part: &Expr<Ref>| match part {
                Expr::Call(function, _) if function.name == "sqrt" => {
                    Some(part.clone().binary(Operator::Add, eps.clone()))
                }
                _ => None,
            };
            in_every_row(sheet, update(sheet), &add, &[Kind::Variant])
        },
    },
    Mutation {
        name: "gradient of the row above",
        make: |sheet| {
            let gradient = sheet.weights[1].gradient;
            let stray = |part: &Expr<Ref>| {
                let is = *part == Expr::Name(Ref::Column(gradient));
                is.then_some(Expr::Name(Ref::Above(gradient)))
            };
            in_one_cell(sheet, update(sheet), &stray)
        },
    },
    Mutation {
        name: "root left out",
        make: |sheet| {
            let drop = |part: &Expr<Ref>| match part {
                Expr::Call(function, arguments) if function.name == "sqrt" => {
                    arguments.first().cloned()
                }
                _ => None,
            };
            in_every_row(sheet, update(sheet), &drop, EVERY_ROW)
        },
    },
];

/// Those that differ most in what they keep.
const FEW: [&str; 6] = ["sgd", "momentum", "rmsprop:walkthrough", "adam", "adagrad", "nadam"];

/// So many `GDTRACE_CASES` make each mistake in every sheet.
const ALL: u32 = 12;

/// Whether a mistake is made in a sheet, both by their numbers. With `GDTRACE_CASES` also in other optimizers
/// in their textbook form and in those of the walkthrough: each of them with some mistakes, each mistake in some.
fn is_tried(mutation: usize, (number, label): (usize, &str)) -> bool {
    let share = (ALL / cases::times()).max(1) as usize;
    let is_other = !label.contains(':') || label.ends_with(":walkthrough");
    FEW.contains(&label)
        || share < ALL as usize && is_other && (number + mutation).is_multiple_of(share)
}

#[test]
fn a_mistake_is_named_with_its_cell() {
    let sheets = sheets();
    let data = common::walkthrough();
    let mut table = String::new();
    let (mut named, mut all) = (0, 0);
    for (turn, mutation) in MUTATIONS.iter().enumerate() {
        let (mut right, mut made) = (0, 0);
        let mut wrong = String::new();
        for (number, (label, sheet)) in sheets.iter().enumerate() {
            if !is_tried(turn, (number, label)) {
                continue;
            }
            let Some(slip) = (mutation.make)(sheet) else { continue };
            let slips: Slips = &|column, row| {
                let here = column == slip.column && slip.row.is_none_or(|one| one == row);
                here.then(|| slip.formula.clone())
            };
            let hand = Hand { sheet, data: &data, layout: Layout::default() };
            let mut cells = hand.cells(slips);
            let place = hand.place(slip.column, slip.row.unwrap_or(0) as isize);
            if let Expr::Number(number) = slip.formula {
                cells.insert(place, Held::Number(number));
            }
            let result = compared(&cells);
            made += 1;
            if is_named(&result, &slip, &hand::name(place), place.1) {
                right += 1;
            } else {
                let _ =
                    write!(wrong, "\n    {label} at {}: {}", hand::name(place), summary(&result));
            }
        }
        let _ = writeln!(table, "{:<34} {right:>3} of {made:>3}{wrong}", mutation.name);
        named += right;
        all += made;
    }
    println!("{table}");
    assert!(named * 100 >= all * 95, "{named} of {all} mistakes are named:\n{table}");
}

/// Whether the one thing that is said to be wrong is the slip: of the right kind, in its cell or,
/// for a column that is wrong as a whole, in its column.
fn is_named(result: &SheetComparison, slip: &Slip, cell: &str, column: u32) -> bool {
    let told: Vec<_> = result
        .findings
        .iter()
        .filter(|one| one.cause.is_none())
        .filter(|one| one.kind.is_mistake() || slip.kinds.contains(&one.kind))
        .collect();
    let letters: String =
        hand::name((0, column)).chars().filter(char::is_ascii_alphabetic).collect();
    let in_place = |address: &str| match slip.row {
        Some(_) => address == format!("hand!{cell}"),
        None => {
            let address = address.strip_prefix("hand!").unwrap_or_default();
            address.trim_end_matches(|c: char| c.is_ascii_digit()) == letters
        }
    };
    let (named, others): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|one| slip.kinds.contains(&one.kind) && in_place(&one.cell));
    !named.is_empty() && others.iter().all(|one| !one.kind.is_mistake())
}
