//! The formula as text: what [`parse`](super::parse) reads, and what a person can say aloud.

use std::fmt;

use super::Expr;
use super::functions::Written;
use super::linear::Spelling;

/// `expr` as text, with `name` writing each name. With numbers put in for the names it is the
/// middle of an explanation: `1 - 0.02*(-86)/(sqrt(9309.63) + 1e-8)`.
pub fn text<N: Clone>(expr: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    let spelling = Spelling {
        name,
        function: |function| Written::Named(function.name),
        empty_parentheses: false,
        choice: "if",
        separator: ", ",
        power_first: true,
        spaces: true,
    };
    spelling.print(expr)
}

/// A symbol such as `β_1`, `hat v` or `v_{w}` as plain text: `β₁`, `v̂`, `v`. An index that has no
/// small letters stays behind its `_`; that of the weight is left out.
pub fn plain_symbol(symbol: &str) -> String {
    const HAT: char = '\u{302}';
    let symbol = symbol.replace("_{w}", "").replace("{w}", "w");
    if let Some(rest) = symbol.strip_prefix("hat ") {
        let (base, index) = rest.split_once('_').map_or((rest, None), |(b, i)| (b, Some(i)));
        let index = index.map(|index| plain_symbol(&format!("_{index}")));
        return format!("{base}{HAT}{}", index.unwrap_or_default());
    }
    let Some((base, index)) = symbol.split_once('_') else { return symbol };
    match index.chars().map(subscript).collect::<Option<String>>() {
        Some(index) => format!("{base}{index}"),
        None => symbol,
    }
}

fn subscript(c: char) -> Option<char> {
    const SMALL: [(char, char); 14] = [
        ('a', 'ₐ'),
        ('e', 'ₑ'),
        ('h', 'ₕ'),
        ('i', 'ᵢ'),
        ('k', 'ₖ'),
        ('m', 'ₘ'),
        ('n', 'ₙ'),
        ('o', 'ₒ'),
        ('p', 'ₚ'),
        ('r', 'ᵣ'),
        ('s', 'ₛ'),
        ('t', 'ₜ'),
        ('u', 'ᵤ'),
        ('x', 'ₓ'),
    ];
    match c.to_digit(10) {
        Some(digit) => char::from_u32('₀' as u32 + digit),
        None => SMALL.iter().find(|(letter, _)| *letter == c).map(|(_, small)| *small),
    }
}

impl<N: fmt::Display + Clone> fmt::Display for Expr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self, &N::to_string))
    }
}

#[cfg(test)]
mod tests {
    use super::plain_symbol;

    #[test]
    fn symbols_are_plain_text_where_that_has_the_letters() {
        for (symbol, plain) in [
            ("β_1", "β₁"),
            ("hat v_{w}", "v\u{302}"),
            ("v_{w}", "v"),
            ("{w}", "w"),
            ("μ_t", "μₜ"),
            ("ρ_∞", "ρ_∞"),
            ("ε", "ε"),
            ("S_0", "S₀"),
        ] {
            assert_eq!(plain_symbol(symbol), plain);
        }
    }
}
