//! The headers of a table, and the labels of single cells.

use crate::graph::{Content, Sheet};

/// How far above the first sample a header may stand.
const REACH: u32 = 6;

/// The row with the headers: of the rows above the samples the one with the most texts above
/// columns of the table, the lowest of equals.
pub(super) fn row(sheet: &Sheet, columns: &[u32], first: u32) -> Option<u32> {
    let texts =
        |row: u32| columns.iter().filter(move |column| text(sheet, (row, **column)).is_some());
    let counted = (first.saturating_sub(REACH)..first).map(|row| (texts(row).count(), row));
    counted.filter(|(count, _)| *count > 0).max().map(|(_, row)| row)
}

/// The text of a cell, where it holds one.
pub(super) fn text(sheet: &Sheet, at: (u32, u32)) -> Option<&str> {
    match sheet.content(at) {
        Some(Content::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// What stands to the left of a cell, or above it where that is a number or nothing.
pub(super) fn label(sheet: &Sheet, (row, column): (u32, u32)) -> Option<String> {
    let left = column.checked_sub(1).and_then(|column| text(sheet, (row, column)));
    let above = row.checked_sub(1).and_then(|row| text(sheet, (row, column)));
    let label = match (left, above) {
        // Of two texts the one that is known to name such a number says more.
        (Some(left), Some(above)) if !is_known(left) && is_known(above) => Some(above),
        (left, above) => left.or(above),
    };
    label.map(str::to_owned)
}

/// Names of hyperparameters and weights, without signs between letters.
const KNOWN: &[&str] = &[
    "learn",
    "learningrate",
    "learnrate",
    "lr",
    "rate",
    "stepsize",
    "alpha",
    "α",
    "eta",
    "η",
    "beta",
    "β",
    "beta1",
    "β1",
    "β₁",
    "beta2",
    "β2",
    "β₂",
    "gamma",
    "γ",
    "rho",
    "ρ",
    "mu",
    "μ",
    "eps",
    "epsilon",
    "ε",
    "momentum",
    "decay",
    "weightdecay",
    "lambda",
    "λ",
    "l2",
    "tau",
    "dampening",
    "slope",
    "intercept",
    "const",
    "constant",
    "a",
    "b",
    "w",
    "w0",
    "w1",
    "bias",
    "weight",
    "m",
    "k",
    "v",
    "s",
    "h",
    "n",
    "t",
];

/// Whether the text names a hyperparameter, a weight or its start.
pub(super) fn is_known(text: &str) -> bool {
    let plain = plain(text);
    let rest = ["start", "initial", "init"].iter().find_map(|word| plain.strip_prefix(word));
    rest.is_some() || KNOWN.contains(&plain.as_str())
}

/// The text in small letters, without signs and without what stands in parentheses.
pub(in crate::compare) fn plain(text: &str) -> String {
    full(text.split(['(', '[', '=', ':']).next().unwrap_or(text))
}

/// The same with what stands in parentheses.
pub(super) fn full(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
