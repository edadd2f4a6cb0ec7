//! Which hyperparameter a label names, where it names one for certain.

use super::machine::Machine;
use super::table::plain_label;

/// The names of hyperparameters, by their ids, without signs between letters.
const NAMES: [(&str, &[&str]); 5] = [
    ("lr", &["lr", "learn", "learningrate", "learnrate", "alpha", "α", "eta", "η"]),
    ("beta", &["beta", "β", "momentum", "mu", "μ"]),
    ("beta1", &["beta1", "β1", "β₁", "b1"]),
    ("beta2", &["beta2", "β2", "β₂", "b2"]),
    ("eps", &["eps", "epsilon", "ε"]),
];

/// A hyperparameter by its id, and the fixed cell that it is.
pub(super) type Bound = (&'static str, usize);

/// The id of the hyperparameter that a label names.
pub(super) fn named(label: &str) -> Option<&'static str> {
    let plain = plain_label(label);
    let known = NAMES.iter().find(|(_, names)| names.contains(&plain.as_str()));
    known.map(|(id, _)| *id)
}

/// The inputs whose cells are labelled as other ones, each with that other one, given the `ids` of all
/// inputs, their cells, and what these are called.
pub(super) fn exchanged<C: PartialEq>(
    ids: &[&str],
    cell: &dyn Fn(usize) -> Option<C>,
    label: &dyn Fn(&C) -> Option<String>,
) -> Vec<(usize, usize)> {
    let says = |cell: &C| named(&label(cell)?);
    let other = |input: usize| {
        let own = cell(input)?;
        let other = ids.iter().position(|id| says(&own) == Some(*id))?;
        // One unusual name is a name; two that are exchanged, or one cell for both, are not.
        let beside = cell(other)?;
        let is_other = other != input && (beside == own || says(&beside) == Some(ids[input]));
        is_other.then_some((input, other))
    };
    (0..ids.len()).filter_map(other).collect()
}

/// The cells of a machine that are labelled as one of two decays, where both are: what to go by
/// when one stands in the place of the other.
pub(super) fn decays(machine: &Machine) -> Vec<Bound> {
    let labelled = machine.fixed.iter().enumerate().filter_map(|(index, fixed)| {
        let id = named(fixed.label.as_deref()?)?;
        matches!(id, "beta1" | "beta2").then_some((id, index))
    });
    let labelled: Vec<Bound> = labelled.collect();
    match labelled.as_slice() {
        [(one, _), (other, _)] if one != other => labelled,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn labels_name_hyperparameters_however_they_are_written() {
        for (label, id) in [
            ("Learning rate", Some("lr")),
            ("α =", Some("lr")),
            ("beta_1", Some("beta1")),
            ("β₂", Some("beta2")),
            ("epsilon (small)", Some("eps")),
            ("rent", None),
        ] {
            assert_eq!(named(label), id, "{label}");
        }
    }
}
