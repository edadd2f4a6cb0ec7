//! Which header means x and which y.
//!
//! Headers are compared without regard to case, underscores, units and colons, so that
//! `Input (m)` is an input. A plain `x` always comes before a synonym: beside `x` and `y`, a
//! column `actual` is not y.

/// What a column is usually called, by the name that formulas use; all in lower case.
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "x",
        &[
            "xs",
            "xi",
            "x i",
            "x value",
            "x values",
            "x data",
            "input",
            "inputs",
            "feature",
            "features",
            "predictor",
            "regressor",
            "independent",
            "independent variable",
            "explanatory variable",
        ],
    ),
    (
        "y",
        &[
            "ys",
            "yi",
            "y i",
            "y value",
            "y values",
            "y data",
            "y true",
            "true y",
            "y actual",
            "actual y",
            "actual",
            "observed",
            "y observed",
            "target",
            "targets",
            "output",
            "outputs",
            "label",
            "labels",
            "response",
            "outcome",
            "dependent",
            "dependent variable",
            "ground truth",
        ],
    ),
];

/// How well a header says that its column is `name`: 0 is best, none is not at all.
pub(crate) fn rank(header: &str, name: &str) -> Option<u8> {
    let (plain, name) = (normalized(header), &normalized(name));
    let (base, bracket) = split_bracket(&plain);
    if plain == *name {
        return Some(0);
    }
    if base == name || bracket == name {
        return Some(1);
    }
    let (_, synonyms) = SYNONYMS.iter().find(|(column, _)| *column == name)?;
    synonyms.contains(&base).then_some(2)
}

/// What columns are called that somebody computed from x and y, in lower case.
const RESULTS: &[&str] = &[
    "y pred",
    "ypred",
    "pred",
    "predicted",
    "prediction",
    "predictions",
    "predicted y",
    "y hat",
    "yhat",
    "ŷ",
    "fit",
    "fitted",
    "estimate",
    "estimated",
    "forecast",
    "residual",
    "residuals",
    "resid",
    "error",
    "errors",
    "err",
    "abs error",
    "absolute error",
    "squared error",
    "squared errors",
    "error^2",
    "error²",
    "err^2",
    "err2",
    "loss",
    "sq error",
    "se",
    "diff",
    "difference",
    "deviation",
];

/// Whether a header says that its column was computed from x and y, as `Predicted` and `Residual`
/// do.
pub(crate) fn is_result(header: &str) -> bool {
    let plain = normalized(header);
    let (base, _) = split_bracket(&plain);
    RESULTS.contains(&base) || plain.starts_with("predicted ") || plain.ends_with(" predicted")
}

/// Whether a header is the one that the user wrote, or two names are one.
pub(crate) fn is_named(header: &str, wanted: &str) -> bool {
    normalized(header) == normalized(wanted)
}

/// Lower case, single spaces for all that separates words, no colon at the end.
fn normalized(header: &str) -> String {
    let words = header.to_lowercase().replace(['_', '-'], " ");
    let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.trim_end_matches([':', ' ']).to_owned()
}

/// The header before a bracket, and what the bracket holds: `hours (x)` is `hours` and `x`.
fn split_bracket(header: &str) -> (&str, &str) {
    let Some(open) = header.find(['(', '[']) else { return (header, "") };
    let inside = header[open + 1..].trim_end_matches([')', ']']);
    (header[..open].trim(), inside.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_ranked() {
        for (header, name, expected) in [
            ("x", "x", Some(0)),
            (" X: ", "x", Some(0)),
            ("x (m)", "x", Some(1)),
            ("Hours (x)", "x", Some(1)),
            ("Input_", "x", Some(2)),
            ("Y_True", "y", Some(2)),
            ("Target [kg]", "y", Some(2)),
            ("y_pred", "y", None),
            ("x", "y", None),
            ("x2", "x2", Some(0)),
            ("Living area [m2]", "living_area", Some(1)),
        ] {
            assert_eq!(rank(header, name), expected, "{header}");
        }
        assert!(is_named("Study_Hours", "study hours"));
    }
}
