//! Telling a row of totals from a sample.
//!
//! Below a table people write sums and means, often without a blank row between. Read as a
//! sample such a row would spoil the fit without a word, so it is recognized: by its label, or by
//! its formulas, which sum up the column above them.

use super::address::{Area, Position};

/// Words that begin the label of a row of totals, in lower case.
const LABELS: &[&str] = &[
    "total",
    "totals",
    "subtotal",
    "sum",
    "sums",
    "average",
    "averages",
    "avg",
    "mean",
    "median",
    "rmse",
    "mse",
    "mae",
    "sse",
    "std",
    "stdev",
    "stddev",
    "variance",
    "var",
    "count",
    "min",
    "max",
    "minimum",
    "maximum",
    "grand total",
    "standard deviation",
    "σ",
    "∑",
    "μ",
    "summe",
    "gesamt",
    "mittelwert",
    "durchschnitt",
    "anzahl",
    "somme",
    "moyenne",
    "suma",
    "promedio",
    "media",
    "totale",
    "totaal",
    "gemiddelde",
    "som",
];

/// Functions that sum up a column.
const FUNCTIONS: &[&str] = &[
    "SUM",
    "AVERAGE",
    "SUBTOTAL",
    "AGGREGATE",
    "COUNT",
    "COUNTA",
    "MEDIAN",
    "MIN",
    "MAX",
    "STDEV",
    "STDEV.S",
    "STDEV.P",
    "STDEVP",
    "VAR",
    "VAR.S",
    "VAR.P",
    "VARP",
    "PRODUCT",
    "SUMSQ",
    "DEVSQ",
];

/// Labels that are also names or abbreviations of other things.
const UNCERTAIN: &[&str] = &["max", "min", "media", "som", "count", "var", "std", "mae"];

/// How sure it is that a text labels a row of totals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Label {
    /// The whole text is such a word: `Total:`.
    Certain,
    /// It begins with such a word, or the word may mean something else: `Mean of y`, `Max`.
    Likely,
}

/// Whether a text is the label of a row of totals.
pub(crate) fn label(text: &str) -> Option<Label> {
    let text = text.trim().to_lowercase();
    let text = text.trim_end_matches([':', '.', ' ', '=']);
    if LABELS.contains(&text) {
        return Some(if UNCERTAIN.contains(&text) { Label::Likely } else { Label::Certain });
    }
    let first = text.split([' ', ':', '(', '=']).next().unwrap_or("").trim_end_matches(['.', ',']);
    let begins = LABELS.contains(&first)
        || text.starts_with("grand total")
        || text.starts_with("standard deviation");
    begins.then_some(Label::Likely)
}

/// Whether `formula`, in the cell at `at`, is a function over the cells above it in its column.
pub(crate) fn sums_column_above(formula: &str, at: Position) -> bool {
    let plain: String = formula
        .trim_start_matches("of:")
        .trim_start_matches('=')
        .chars()
        .filter(|c| !matches!(c, '$' | '[' | ']' | ' '))
        .collect();
    let Some((function, arguments)) = plain.split_once('(') else { return false };
    let function = function.to_ascii_uppercase();
    if !FUNCTIONS.contains(&function.as_str()) || !arguments.ends_with(')') {
        return false;
    }
    // The totals row of an Excel table names its column, not its cells: SUBTOTAL(109,Table1[y]).
    if function == "SUBTOTAL" && !arguments.contains(':') {
        return true;
    }
    arguments.trim_end_matches(')').split([',', ';']).any(|argument| {
        // OpenDocument writes a cell of the same sheet as `.B2`.
        let argument = argument.replace('.', "");
        Area::parse(&argument)
            .is_some_and(|area| area.first.1 == at.1 && area.last.1 == at.1 && area.last.0 < at.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_totals() {
        for text in ["Total", "SUM:", "Summe", "Grand Total", "Avg.", "RMSE", "Σ"] {
            assert_eq!(label(text), Some(Label::Certain), "{text}");
        }
        for text in [" Mean of y", "Max", "Standard deviation of x"] {
            assert_eq!(label(text), Some(Label::Likely), "{text}");
        }
        for text in ["Summer", "note", "x", "Maximilian", "the total", ""] {
            assert_eq!(label(text), None, "{text}");
        }
    }

    #[test]
    fn formulas_over_the_column_above() {
        let at = (30, 1);
        for formula in
            ["SUM(B2:B30)", "AVERAGE($B$2:$B$30)", "of:=SUM([.B2:.B30])", "SUBTOTAL(109,Table1[y])"]
        {
            assert!(sums_column_above(formula, at), "{formula}");
        }
        for formula in ["SUM(A2:A30)", "SUM(C31:D31)", "SUM(B2:B40)", "2*A31+30", "RAND()", "SUM("]
        {
            assert!(!sums_column_above(formula, at), "{formula}");
        }
    }
}
