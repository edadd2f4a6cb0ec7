//! The mathematics: MathML that a browser sets as a textbook does.

use super::functions::Notation;
use super::{Expr, Operator};
use crate::value::number_text;

/// `expr` as MathML (without the enclosing `<math>`), with `name` giving each name's MathML.
pub fn mathml<N>(expr: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    match expr {
        Expr::Number(number) => number_mathml(*number),
        Expr::Name(one) => name(one),
        Expr::Negate(operand) => {
            format!("<mrow><mo>−</mo>{}</mrow>", fenced(operand, level(operand) < 2, name))
        }
        Expr::Binary(operator, left, right) => binary(*operator, left, right, name),
        Expr::Call(function, arguments) => {
            // Within brackets and between commas a sum stands by itself, beside an operator not.
            let is_operator = matches!(function.notation, Notation::Infix(_));
            let argument = |one| fenced(one, is_operator && level(one) < 2, name);
            let arguments: Vec<String> = arguments.iter().map(argument).collect();
            call(function.notation, &arguments)
        }
        Expr::If(choice) => {
            let sign = match choice.comparison.sign() {
                "<=" => "≤",
                ">=" => "≥",
                "<>" => "≠",
                "<" => "&lt;",
                ">" => "&gt;",
                sign => sign,
            };
            let [left, right, then, otherwise] =
                [&choice.left, &choice.right, &choice.then, &choice.otherwise]
                    .map(|part| mathml(part, name));
            format!(
                "<mrow><mo>{{</mo><mtable displaystyle=\"true\"><mtr><mtd>{then}</mtd><mtd><mtext>if&#160;</mtext>{left}\
                 <mo>{sign}</mo>{right}</mtd></mtr><mtr><mtd>{otherwise}</mtd>\
                 <mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"
            )
        }
    }
}

/// `expr` in pieces, between which a line can break: the terms of its sums, also of those within the
/// calls that it is made of, as long as a piece is not `short`.
pub fn pieces<N>(
    expr: &Expr<N>,
    name: &dyn Fn(&N) -> String,
    is_short: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let whole = mathml(expr, name);
    if is_short(&whole) {
        return vec![whole];
    }
    let inside = |part| pieces(part, name, is_short);
    match expr {
        Expr::Binary(operator @ (Operator::Add | Operator::Subtract), left, right)
            if !leads_with_minus(right) && level(left) > 0 && level(right) > 1 =>
        {
            let sign = if *operator == Operator::Add { "+" } else { "−" };
            behind(inside(left), &format!("<mo form=\"infix\">{sign}</mo>"), inside(right))
        }
        Expr::Binary(Operator::Multiply, left, right)
            if level(left) > 1 && level(right) > 2 && !leads_with_minus(right) =>
        {
            let mut right = inside(right);
            let mut all = inside(left);
            let first = right.remove(0);
            if let Some(last) = all.last_mut() {
                *last += &format!("<mo>·</mo>{first}");
            }
            all.extend(right);
            all
        }
        Expr::Call(function, arguments) => match (function.notation, arguments.as_slice()) {
            (Notation::Named(called), [argument]) => {
                let mut all = inside(argument);
                if let Some(first) = all.first_mut() {
                    *first = format!("<mi>{called}</mi><mo>(</mo>{first}");
                }
                if let Some(last) = all.last_mut() {
                    *last += "<mo>)</mo>";
                }
                all
            }
            _ => vec![whole],
        },
        _ => vec![whole],
    }
}

/// Pieces behind others, with a sign before the first.
fn behind(mut before: Vec<String>, sign: &str, mut after: Vec<String>) -> Vec<String> {
    if let Some(first) = after.first_mut() {
        first.insert_str(0, sign);
    }
    before.append(&mut after);
    before
}

fn binary<N>(
    operator: Operator,
    left: &Expr<N>,
    right: &Expr<N>,
    name: &dyn Fn(&N) -> String,
) -> String {
    let own = operator.level();
    match operator {
        // The bar and the raised position group by themselves.
        Operator::Divide => format!("<mfrac>{}{}</mfrac>", mathml(left, name), mathml(right, name)),
        Operator::Power => {
            // A name may be set as a fraction too, as ∂e/∂a is.
            let base = mathml(left, name);
            let fence = level(left) < 4 || is_set_as_fraction(&base);
            let base = if fence { in_parentheses(&base) } else { base };
            format!("<msup>{base}{}</msup>", mathml(right, name))
        }
        Operator::Add | Operator::Subtract | Operator::Multiply => {
            let sign = match operator {
                Operator::Add => "+",
                Operator::Subtract => "−",
                _ => "·",
            };
            let left = fenced(left, level(left) < own && !leads_with_minus(left), name);
            let same_level = level(right) <= own.max(1) && !is_fraction(right);
            let right = fenced(right, same_level || leads_with_minus(right), name);
            format!("<mrow>{left}<mo>{sign}</mo>{right}</mrow>")
        }
    }
}

/// Whether a name's MathML is a fraction, which may stand in an element that marks it.
fn is_set_as_fraction(base: &str) -> bool {
    let marked = base.starts_with("<mrow class=").then(|| base.split_once('>')).flatten();
    marked.map_or(base, |(_, inside)| inside).starts_with("<mfrac")
}

fn call(notation: Notation, arguments: &[String]) -> String {
    let listed = arguments.join("<mo>,</mo>");
    match notation {
        Notation::Root => format!("<msqrt>{listed}</msqrt>"),
        Notation::Fenced(open, close) => {
            format!("<mrow><mo>{open}</mo>{listed}<mo>{close}</mo></mrow>")
        }
        Notation::Infix(operator) => {
            let listed =
                arguments.join(&format!("<mo lspace=\"0.3em\" rspace=\"0.3em\">{operator}</mo>"));
            format!("<mrow><mo>(</mo>{listed}<mo>)</mo></mrow>")
        }
        Notation::Named(name) if arguments.is_empty() => format!("<mi>{name}</mi>"),
        Notation::Named(name) => {
            format!("<mrow><mi>{name}</mi><mo>(</mo>{listed}<mo>)</mo></mrow>")
        }
    }
}

fn fenced<N>(expr: &Expr<N>, fence: bool, name: &dyn Fn(&N) -> String) -> String {
    let inside = mathml(expr, name);
    if fence { in_parentheses(&inside) } else { inside }
}

fn in_parentheses(inside: &str) -> String {
    format!("<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>")
}

fn is_fraction<N>(expr: &Expr<N>) -> bool {
    matches!(expr, Expr::Binary(Operator::Divide, ..))
}

/// Whether what is set begins with a minus on the line; the bar of a fraction reaches over it.
fn leads_with_minus<N>(expr: &Expr<N>) -> bool {
    match expr {
        Expr::Number(number) => number.is_sign_negative(),
        Expr::Negate(operand) => level(operand) >= 2,
        Expr::Binary(Operator::Multiply, left, _) => leads_with_minus(left),
        _ => false,
    }
}

/// How tightly what is set binds; a fraction stands by itself except under a power.
fn level<N>(expr: &Expr<N>) -> u8 {
    match expr {
        Expr::Number(number) if number.is_sign_negative() => 0,
        Expr::Negate(_) => 0,
        Expr::Binary(operator, ..) => operator.level(),
        Expr::Number(_) | Expr::Name(_) | Expr::Call(..) => 4,
        Expr::If(_) => 0,
    }
}

/// A number; an exponent is set as a power of ten.
fn number_mathml(number: f64) -> String {
    let digits = number_text(number.abs());
    let set = match digits.split_once('e') {
        None => format!("<mn>{digits}</mn>"),
        Some((mantissa, exponent)) => {
            let exponent: i32 = exponent.parse().unwrap_or_default();
            let sign = if exponent < 0 { "<mo>−</mo>" } else { "" };
            let power =
                format!("<msup><mn>10</mn><mrow>{sign}<mn>{}</mn></mrow></msup>", exponent.abs());
            if mantissa.trim_end_matches(".0") == "1" {
                power
            } else {
                format!("<mrow><mn>{mantissa}</mn><mo>·</mo>{power}</mrow>")
            }
        }
    };
    if number.is_sign_negative() { format!("<mrow><mo>−</mo>{set}</mrow>") } else { set }
}

/// A symbol such as `v_a`, `β_1`, `S̑` or `∂e/∂a` as MathML: `_` sets an index.
pub fn symbol(symbol: &str) -> String {
    if let Some((over, under)) = symbol.split_once('/') {
        return format!("<mfrac>{}{}</mfrac>", letters(over), letters(under));
    }
    match symbol.split_once('_') {
        None => letters(symbol),
        Some((base, index)) => format!("<msub>{}{}</msub>", letters(base), letters(index)),
    }
}

/// A base such as `S`, or `hat S` for a letter under a hat.
fn letters(text: &str) -> String {
    match text.strip_prefix("hat ") {
        Some(base) => format!("<mover accent=\"true\">{}<mo>^</mo></mover>", letters(base)),
        None if text.chars().all(|c| c.is_ascii_digit()) => format!("<mn>{text}</mn>"),
        // Letters that stand together are set upright, as one name; ∂ and Δ stand for themselves.
        None => match text.chars().next() {
            Some(sign @ ('∂' | 'Δ')) => {
                let rest = letters(&text[sign.len_utf8()..]);
                format!("<mrow><mi>{sign}</mi>{rest}</mrow>")
            }
            _ => with_index(text),
        },
    }
}

/// A name; the number that it ends in is its index.
fn with_index(name: &str) -> String {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let base_set = format!("<mi>{}</mi>", escape(base));
    match &name[base.len()..] {
        "" => base_set,
        index => format!("<msub>{base_set}<mn>{index}</mn></msub>"),
    }
}

/// `text` with the characters escaped that mean something in markup.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{Name, parse};

    /// The pieces of a formula as text, each short of ten letters where it can be.
    fn in_pieces(formula: &str) -> Vec<String> {
        let letters = |markup: &str| {
            let parts = markup.split('<').filter_map(|part| part.split_once('>'));
            parts.map(|(_, text)| text).collect::<String>()
        };
        let is_short = |markup: &str| letters(markup).chars().count() < 10;
        let name = |name: &Name| format!("<mi>{name}</mi>");
        let all = pieces(&parse(formula).unwrap(), &name, &is_short);
        all.iter().map(|piece| letters(piece)).collect()
    }

    #[test]
    fn a_long_formula_breaks_between_the_terms_of_its_sums() {
        for (formula, expected) in [
            ("a*x + b", &["a·x+b"][..]),
            ("a*x + b*y - c*z", &["a·x+b·y", "−c·z"]),
            ("sigmoid(w*tanh(a*x + b*y + c) + d)", &["σ(w·tanh(a·x+b·y+c)", "+d)"]),
            // What has parentheses, a bar or cases stays whole.
            ("(a*x + b*y + c*z)*d", &["(a·x+b·y+c·z)·d"]),
            ("(a*x + b*y + c)/(d + e*x)", &["a·x+b·y+cd+e·x"]),
            ("alpha - (beta - gamma)", &["alpha−(beta−gamma)"]),
        ] {
            assert_eq!(in_pieces(formula), expected, "{formula}");
        }
    }
}
