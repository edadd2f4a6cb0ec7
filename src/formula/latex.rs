//! The formula as LaTeX: for a paper, a slide or a forum.
//!
//! Factors stand side by side (`2 x y`); a dot comes only between what would run together, as two
//! numbers do. Only commands of LaTeX itself and of amsmath are used.

use super::functions::Notation;
use super::{Choice, Expr, Operator};
use crate::value::number_text;

/// `expr` as LaTeX for math mode, with `name` giving each name's LaTeX.
pub fn latex<N>(expr: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    match expr {
        Expr::Number(number) => number_latex(*number),
        Expr::Name(one) => name(one),
        Expr::Negate(operand) => format!("-{}", fenced(operand, level(operand) < 2, name)),
        Expr::Binary(operator, left, right) => binary(*operator, left, right, name),
        Expr::Call(function, arguments) => {
            let is_operator = matches!(function.notation, Notation::Infix(_));
            let argument = |one| fenced(one, is_operator && level(one) < 2, name);
            let arguments: Vec<String> = arguments.iter().map(argument).collect();
            call(function.notation, &arguments, None)
        }
        Expr::If(choice) => cases(choice, name),
    }
}

fn binary<N>(
    operator: Operator,
    left: &Expr<N>,
    right: &Expr<N>,
    name: &dyn Fn(&N) -> String,
) -> String {
    match operator {
        Operator::Divide => format!("\\frac{{{}}}{{{}}}", latex(left, name), latex(right, name)),
        Operator::Power => power(left, right, name),
        Operator::Multiply => {
            let left = fenced(left, level(left) < 2 && !leads_with_minus(left), name);
            let right = fenced(right, level(right) < 2 || leads_with_minus(right), name);
            let dot = right.starts_with(|c: char| c.is_ascii_digit());
            format!("{left}{}{right}", if dot { " \\cdot " } else { " " })
        }
        Operator::Add | Operator::Subtract => {
            let minus = operator == Operator::Subtract;
            let left = fenced(left, matches!(left, Expr::If(_)), name);
            let fence = level(right) < 1 || leads_with_minus(right) || minus && level(right) == 1;
            format!("{left} {} {}", operator.sign(), fenced(right, fence, name))
        }
    }
}

/// A power. Of functions with a name of their own the square is written behind the name: sin²(x).
fn power<N>(base: &Expr<N>, exponent: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    let raised = match latex(exponent, name) {
        one if one.chars().count() == 1 => one,
        more => format!("{{{more}}}"),
    };
    if let (Expr::Call(function, arguments), Expr::Number(times)) = (base, exponent)
        && matches!(function.notation, Notation::Named("sin" | "cos" | "tan" | "tanh"))
        && *times > 0.0
    {
        let arguments: Vec<String> = arguments.iter().map(|one| latex(one, name)).collect();
        return call(function.notation, &arguments, Some(&raised));
    }
    let stands = match base {
        Expr::Number(number) => !number.is_sign_negative() && !number_latex(*number).contains('\\'),
        Expr::Name(_) => true,
        Expr::Call(function, arguments) => {
            arguments.is_empty() || !matches!(function.notation, Notation::Named(_))
        }
        _ => false,
    };
    format!("{}^{raised}", fenced(base, !stands, name))
}

fn call(notation: Notation, arguments: &[String], power: Option<&str>) -> String {
    let listed = arguments.join(", ");
    match notation {
        Notation::Root => format!("\\sqrt{{{listed}}}"),
        Notation::Fenced("|", _) => format!("\\left|{listed}\\right|"),
        Notation::Fenced(..) => format!("\\left\\lfloor {listed} \\right\\rfloor"),
        Notation::Infix(operator) => in_parentheses(&arguments.join(&format!(" \\b{operator} "))),
        Notation::Named(name) => {
            let name = command(name);
            let power = power.map_or(String::new(), |power| format!("^{power}"));
            match arguments.is_empty() {
                true => name,
                false => format!("{name}{power}{}", in_parentheses(&listed)),
            }
        }
    }
}

/// The command for a function's name.
fn command(name: &str) -> String {
    match name {
        "exp" | "ln" | "sin" | "cos" | "tan" | "tanh" | "min" | "max" => format!("\\{name}"),
        "σ" => "\\sigma".into(),
        "π" => "\\pi".into(),
        "e" => "e".into(),
        "log10" => "\\log_{10}".into(),
        other => format!("\\operatorname{{{other}}}"),
    }
}

fn cases<N>(choice: &Choice<N>, name: &dyn Fn(&N) -> String) -> String {
    let sign = match choice.comparison.sign() {
        "<=" => "\\le",
        ">=" => "\\ge",
        "<>" => "\\ne",
        sign => sign,
    };
    let [left, right, then, otherwise] =
        [&choice.left, &choice.right, &choice.then, &choice.otherwise]
            .map(|part| latex(part, name));
    format!(
        "\\begin{{cases}} {then} & \\text{{if }} {left} {sign} {right} \\\\ \
         {otherwise} & \\text{{otherwise}} \\end{{cases}}"
    )
}

fn fenced<N>(expr: &Expr<N>, fence: bool, name: &dyn Fn(&N) -> String) -> String {
    let inside = latex(expr, name);
    if fence { in_parentheses(&inside) } else { inside }
}

/// Parentheses, which grow round what is taller than a line.
fn in_parentheses(inside: &str) -> String {
    let tall = ["\\frac", "\\sqrt", "\\begin", "^"].iter().any(|one| inside.contains(one));
    if tall { format!("\\left({inside}\\right)") } else { format!("({inside})") }
}

/// Whether what is written begins with a minus.
fn leads_with_minus<N>(expr: &Expr<N>) -> bool {
    match expr {
        Expr::Number(number) => number.is_sign_negative(),
        Expr::Negate(_) => true,
        // The bar of a fraction reaches over its minus.
        Expr::Binary(Operator::Divide | Operator::Power, ..) => false,
        Expr::Binary(_, left, _) => leads_with_minus(left),
        _ => false,
    }
}

/// How tightly what is written binds.
fn level<N>(expr: &Expr<N>) -> u8 {
    match expr {
        Expr::Number(number) if number.is_sign_negative() => 0,
        Expr::Negate(_) | Expr::If(_) => 0,
        Expr::Binary(operator, ..) => operator.level(),
        Expr::Number(_) | Expr::Name(_) | Expr::Call(..) => 4,
    }
}

fn number_latex(number: f64) -> String {
    let digits = number_text(number);
    match digits.split_once('e') {
        None => digits,
        Some((mantissa, exponent)) => {
            let exponent = exponent.trim_start_matches('+');
            match mantissa.trim_end_matches(".0") {
                "1" => format!("10^{{{exponent}}}"),
                "-1" => format!("-10^{{{exponent}}}"),
                mantissa => format!("{mantissa} \\cdot 10^{{{exponent}}}"),
            }
        }
    }
}

const GREEK: [&str; 20] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu",
    "nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega",
];

/// An identifier as LaTeX: one letter as it is, `alpha` as the Greek letter, `x1` and `w_a` with
/// an index, other words upright.
pub fn latex_symbol(id: &str) -> String {
    let digits = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let (base, index) = match id.split_once('_') {
        Some((base, index)) if !base.is_empty() && !index.is_empty() => (base, index),
        _ if digits.len() < id.len() && !digits.contains('_') => id.split_at(digits.len()),
        _ => (id, ""),
    };
    match index {
        "" => word(base),
        _ if index.chars().all(|c| c.is_ascii_digit()) => format!("{}_{{{index}}}", word(base)),
        index => format!("{}_{{{}}}", word(base), word(index)),
    }
}

fn word(text: &str) -> String {
    if GREEK.contains(&text) {
        return format!("\\{text}");
    }
    match text.chars().count() {
        1 if text != "_" => text.to_owned(),
        _ => format!("\\mathrm{{{}}}", text.replace('_', "\\_")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{Name, parse};

    #[test]
    fn formulas_are_written_as_a_paper_has_them() {
        for (formula, expected) in [
            ("2*x*y", "2 x y"),
            ("2*3*x", "2 \\cdot 3 x"),
            ("x*2^x", "x \\cdot 2^x"),
            ("x^12", "x^{12}"),
            ("1/(2*sqrt(x))", "\\frac{1}{2 \\sqrt{x}}"),
            ("-sin(2*x)^2", "-\\sin^2(2 x)"),
            ("(x + 1)^2*y", "(x + 1)^2 y"),
            ("(1/x)^2", "\\left(\\frac{1}{x}\\right)^2"),
            ("a - (b - c)", "a - (b - c)"),
            ("a - -b", "a - (-b)"),
            ("a*(-2)", "a (-2)"),
            ("exp(x)^2", "(\\exp(x))^2"),
            ("exp(-x^2)", "\\exp\\left(-x^2\\right)"),
            ("sigmoid(alpha*x1 + w_b)", "\\sigma(\\alpha x_{1} + w_{b})"),
            ("relu(x) + softplus(x)", "\\operatorname{ReLU}(x) + \\operatorname{softplus}(x)"),
            ("abs(x)*floor(x)", "\\left|x\\right| \\left\\lfloor x \\right\\rfloor"),
            ("mod(x, 3)", "(x \\bmod 3)"),
            ("mod(x - 1, 3)", "((x - 1) \\bmod 3)"),
            ("max(x, pi)*log10(rate)", "\\max(x, \\pi) \\log_{10}(\\mathrm{rate})"),
            ("1e-8*x", "10^{-8} x"),
            (
                "if(x >= 0, x, -x)",
                "\\begin{cases} x & \\text{if } x \\ge 0 \\\\ -x & \\text{otherwise} \\end{cases}",
            ),
        ] {
            let tree = parse(formula).unwrap();
            let written = latex(&tree, &|name: &Name| latex_symbol(&name.id));
            assert_eq!(written, expected, "{formula}");
        }
    }
}
