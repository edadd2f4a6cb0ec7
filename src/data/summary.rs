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
    // Nearly all cells are numbers, in a text file too.
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        return None;
    }
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

/// Whether `formula`, in the cell at `at`, computes something from the cells above it in its column:
/// `SUM(B2:B30)`, `AVERAGE(B2:B30)/2`.
pub(crate) fn sums_above(formula: &str, at: Position) -> bool {
    // The totals row of an Excel table names its column, not its cells: SUBTOTAL(109,Table1[y]).
    let names_column = formula.to_ascii_uppercase().starts_with("SUBTOTAL(");
    (names_column && !formula.contains(':'))
        || areas(formula).any(|area| {
            area.first.1 == at.1 && area.last.1 == at.1 && area.last.0 < at.0 && is_several(&area)
        })
}

/// The same with the cells at the left in its row.
pub(crate) fn sums_left(formula: &str, at: Position) -> bool {
    areas(formula).any(|area| {
        area.first.0 == at.0 && area.last.0 == at.0 && area.last.1 < at.1 && is_several(&area)
    })
}

fn is_several(area: &Area) -> bool {
    area.first != area.last
}

/// The ranges of cells in a formula; those of other sheets among them have no harm.
fn areas(formula: &str) -> impl Iterator<Item = Area> {
    let words = formula.split(|c: char| !(c.is_ascii_alphanumeric() || c == '$' || c == ':'));
    words.filter_map(Area::parse)
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
        for formula in [
            "SUM(B2:B30)",
            "AVERAGE($B$2:$B$30)",
            "SQRT(SUMSQ(B2:B30)/29)",
            "SUBTOTAL(109,Table1[y])",
        ] {
            assert!(sums_above(formula, at), "{formula}");
        }
        for formula in ["SUM(A2:A30)", "SUM(C31:D31)", "SUM(B2:B40)", "2*A31+30", "RAND()", "SUM("]
        {
            assert!(!sums_above(formula, at), "{formula}");
        }
        assert!(sums_left("SUM(A5:B5)", (4, 2)) && !sums_left("SUM(A5:C5)", (4, 2)));
    }
}
