//! Names and numbers as Python writes them.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::Value;

/// What a program has for itself, and what no name of Python's may be.
const TAKEN: [&str; 58] = [
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "np",
    "jax",
    "jnp",
    "torch",
    "keras",
    "optax",
    "os",
    "print",
    "range",
    "int",
    "float",
    "len",
    "sum",
    "slice",
    "array",
    "order",
    "book",
    "optimizer",
    "weights",
    "rate",
    "prediction",
    "loss_of",
    "seen",
];

/// Gives every name of a sheet one that Python can have, each its own.
#[derive(Debug, Default)]
pub struct Names {
    given: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl Names {
    /// Keeps `name` for the program itself.
    pub fn reserve(&mut self, name: &str) {
        self.used.insert(name.to_owned());
    }

    /// The name for `id`, the same each time.
    pub fn of(&mut self, id: &str) -> String {
        if let Some(given) = self.given.get(id) {
            return given.clone();
        }
        let mut name: String = id.chars().map(letters).collect();
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, '_');
        }
        while TAKEN.contains(&name.as_str()) || self.used.contains(&name) {
            name.push('_');
        }
        self.used.insert(name.clone());
        self.given.insert(id.to_owned(), name.clone());
        name
    }
}

/// The character as it may stand in a name. Python takes some letters for others (µ for μ), so
/// that beyond plain and Greek ones each is written by its number.
fn letters(c: char) -> String {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | 'α'..='ω' | 'Γ' | 'Δ' | 'Λ' | 'Σ' | 'Ω' => {
            c.into()
        }
        c if c.is_ascii() => "_".into(),
        c => format!("u{:x}", u32::from(c)),
    }
}

/// A float as Python prints it: `29.0`, `1e-05`.
pub fn repr(number: f64) -> String {
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{number}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// The line that a program prints for an epoch, where all its weights are numbers.
pub fn line(epoch: usize, weights: &[Value]) -> Option<String> {
    let numbers = weights.iter().map(|weight| weight.get().ok().map(repr));
    let numbers = numbers.collect::<Option<Vec<String>>>()?;
    Some(format!("{epoch} {}", numbers.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_python_prints_them() {
        for (number, printed) in [
            (29.0, "29.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.5e-7, "-1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e300, "1.25e+300"),
        ] {
            assert_eq!(repr(number), printed);
        }
    }

    #[test]
    fn names_are_such_as_python_can_have_and_each_its_own() {
        let mut names = Names::default();
        let ids = ["lambda", "lambda_", "start a", "start_a", "β", "2nd", "ñ", "np", "lambda"];
        let given = ids.map(|id| names.of(id));
        assert_eq!(
            given,
            ["lambda_", "lambda__", "start_a", "start_a_", "β", "_2nd", "uf1", "np_", "lambda_"]
        );
    }
}
