//! Which sheet of the other workbook a sheet is compared with.

use super::Target;
use crate::compare::result::{Comparison, SheetComparison, Status};

/// The sheet to compare with.
pub(super) enum Pairing {
    /// Its place among the sheets of the other workbook, and what was assumed.
    Found(usize, Option<String>),
    /// There is none, and why.
    None(String),
}

/// What makes a sheet of theirs the one to compare with.
type Rule = fn(&SheetComparison, &SheetComparison) -> bool;

/// The sheet of `theirs` that goes with `ours`: of the same name, else of the same optimizer and
/// variant, else of the same optimizer, else the only one with a table.
pub(super) fn pairing(ours: &SheetComparison, theirs: &Comparison, target: &Target) -> Pairing {
    let rules: [(Rule, &str); 3] = [
        (|ours, theirs| name(ours) == name(theirs), "name"),
        (
            |ours, theirs| is_same_optimizer(ours, theirs) && ours.variant == theirs.variant,
            "optimizer and variant",
        ),
        (is_same_optimizer, "optimizer"),
    ];
    let tables = || {
        let sheets = theirs.sheets.iter().enumerate();
        sheets.filter(|(_, sheet)| sheet.status != Status::Skipped)
    };
    if let (Some(_), Some((at, _))) = (&target.sheet, tables().next()) {
        return Pairing::Found(at, None);
    }
    let only = tables().count() == 1;
    for (rule, what) in rules {
        let fitting: Vec<usize> =
            tables().filter(|(_, sheet)| rule(ours, sheet)).map(|(at, _)| at).collect();
        let Some(&first) = fitting.first() else { continue };
        let sheet = &theirs.sheets[first].sheet;
        let by = (what != "name" && !only).then(|| {
            let taken = format!("compared with {sheet} of {}, since it is", target.name());
            match fitting.len() {
                1 => format!("{taken} of the same {what}"),
                count => format!(
                    "{taken} the first of {count} sheets of the same {what}; --against FILE#SHEET \
                     decides"
                ),
            }
        });
        return Pairing::Found(first, by);
    }
    match tables().next() {
        Some((at, _)) if only => Pairing::Found(at, None),
        _ => Pairing::None(nothing(ours, tables().map(|(_, sheet)| sheet), target)),
    }
}

fn name(sheet: &SheetComparison) -> String {
    sheet.sheet.trim().to_lowercase()
}

fn is_same_optimizer(ours: &SheetComparison, theirs: &SheetComparison) -> bool {
    ours.optimizer.is_some() && ours.optimizer == theirs.optimizer
}

fn nothing<'a>(
    ours: &SheetComparison,
    tables: impl Iterator<Item = &'a SheetComparison>,
    target: &Target,
) -> String {
    let known: Vec<&str> = tables.map(|sheet| sheet.sheet.as_str()).collect();
    let optimizer = match &ours.optimizer {
        Some(optimizer) => format!(" or of {optimizer}"),
        None => String::new(),
    };
    format!(
        "{} has no sheet of this name{optimizer}, but {}; --against FILE#SHEET decides",
        target.name(),
        known.join(", ")
    )
}
