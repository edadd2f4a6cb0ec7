//! The formula as Python, for programs that compute the same numbers without this one.
//!
//! Python's precedence is that of mathematics (`-2**2` is −4, `2**3**2` is 512), but a reader need
//! not know that: round a base, an exponent or a right operand of the same level parentheses stand.

use super::functions::{Function, Written, expand};
use super::{Choice, Comparison, Expr, Operator};
use crate::value::number_text;

/// The library whose functions are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Python {
    /// NumPy, with plain numbers.
    NumPy,
    /// PyTorch, with tensors that autograd follows.
    Torch,
    /// JAX, with arrays that it differentiates.
    Jax,
}

/// How NumPy, PyTorch and JAX call each function; what none of them is said for is written with the
/// formula that spreadsheets get.
const NAMES: [(&str, [Option<&str>; 3]); 16] = [
    ("sqrt", [Some("np.sqrt"), Some("torch.sqrt"), Some("jnp.sqrt")]),
    ("exp", [Some("np.exp"), Some("torch.exp"), Some("jnp.exp")]),
    ("ln", [Some("np.log"), Some("torch.log"), Some("jnp.log")]),
    ("log10", [Some("np.log10"), Some("torch.log10"), Some("jnp.log10")]),
    ("sin", [Some("np.sin"), Some("torch.sin"), Some("jnp.sin")]),
    ("cos", [Some("np.cos"), Some("torch.cos"), Some("jnp.cos")]),
    ("tan", [Some("np.tan"), Some("torch.tan"), Some("jnp.tan")]),
    ("tanh", [Some("np.tanh"), Some("torch.tanh"), Some("jnp.tanh")]),
    ("relu", [None, Some("torch.relu"), Some("jax.nn.relu")]),
    ("abs", [Some("np.abs"), Some("torch.abs"), Some("jnp.abs")]),
    ("sign", [Some("np.sign"), Some("torch.sign"), Some("jnp.sign")]),
    ("floor", [Some("np.floor"), Some("torch.floor"), Some("jnp.floor")]),
    ("mod", [Some("np.mod"), Some("torch.remainder"), Some("jnp.mod")]),
    ("min", [Some("np.minimum"), Some("torch.minimum"), Some("jnp.minimum")]),
    ("max", [Some("np.maximum"), Some("torch.maximum"), Some("jnp.maximum")]),
    ("pi", [Some("np.pi"), Some("torch.pi"), Some("jnp.pi")]),
];

/// `expr` as a Python expression, with `name` giving each name's: a single thing.
pub fn python<N: Clone>(expr: &Expr<N>, library: Python, name: &dyn Fn(&N) -> String) -> String {
    Printer { library, name }.print(expr)
}

struct Printer<'a, N> {
    library: Python,
    name: &'a dyn Fn(&N) -> String,
}

impl<N: Clone> Printer<'_, N> {
    fn print(&self, expr: &Expr<N>) -> String {
        match expr {
            Expr::Number(number) => number_text(*number),
            Expr::Name(name) => (self.name)(name),
            Expr::Negate(operand) => {
                let fits = level(operand) >= Operator::Power.level();
                format!("-{}", self.inside(operand, fits))
            }
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right),
            Expr::Call(function, arguments) => self.call(function, arguments),
            Expr::If(choice) => self.choice(choice),
        }
    }

    fn binary(&self, operator: Operator, left: &Expr<N>, right: &Expr<N>) -> String {
        let own = operator.level();
        let (left_fits, right_fits, sign) = match operator {
            Operator::Power => (level(left) == ATOM, level(right) == ATOM, "**"),
            Operator::Add => (level(left) >= own, level(right) > own, " + "),
            Operator::Subtract => (level(left) >= own, level(right) > own, " - "),
            Operator::Multiply => (level(left) >= own, level(right) > own, " * "),
            Operator::Divide => (level(left) >= own, level(right) > own, " / "),
        };
        format!("{}{sign}{}", self.inside(left, left_fits), self.inside(right, right_fits))
    }

    fn inside(&self, expr: &Expr<N>, fits: bool) -> String {
        let text = self.print(expr);
        if fits { text } else { format!("({text})") }
    }

    fn call(&self, function: &Function, arguments: &[Expr<N>]) -> String {
        let own = NAMES.iter().find(|(known, _)| *known == function.name);
        match own.and_then(|(_, names)| names[self.library as usize]) {
            Some(name) if arguments.is_empty() => name.to_owned(),
            Some(name) => {
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| self.tensor(argument)).collect();
                format!("{name}({})", arguments.join(", "))
            }
            None => match function.excel {
                Written::Formula(text) => self.inside(&expand(text, arguments), false),
                // Every function of the table has a name above or a formula: a test looks.
                Written::Named(name) => name.to_owned(),
            },
        }
    }

    /// PyTorch's functions take tensors alone, so that a number by itself has to become one.
    fn tensor(&self, expr: &Expr<N>) -> String {
        let text = self.print(expr);
        match self.library {
            Python::Torch if !expr.has_name(|_| true) => format!("torch.tensor({text})"),
            _ => text,
        }
    }

    fn choice(&self, choice: &Choice<N>) -> String {
        let sign = match choice.comparison {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            other => other.sign(),
        };
        let condition =
            format!("{} {sign} {}", self.tensor(&choice.left), self.print(&choice.right));
        let (then, otherwise) = (self.print(&choice.then), self.print(&choice.otherwise));
        match self.library {
            Python::NumPy => format!("({then} if {condition} else {otherwise})"),
            Python::Torch => format!("torch.where({condition}, {then}, {otherwise})"),
            Python::Jax => format!("jnp.where({condition}, {then}, {otherwise})"),
        }
    }
}

/// A number, a name, a call: what never needs parentheses.
const ATOM: u8 = 4;

/// How tightly the printed form binds; a minus, not at all.
fn level<N>(expr: &Expr<N>) -> u8 {
    match expr {
        Expr::Number(number) if number.is_sign_negative() => 0,
        Expr::Negate(_) => 0,
        Expr::Number(_) | Expr::Name(_) | Expr::Call(..) | Expr::If(_) => ATOM,
        Expr::Binary(operator, ..) => operator.level(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{FUNCTIONS, Name, parse};

    fn of(text: &str, library: Python) -> String {
        python(&parse(text).unwrap(), library, &|name: &Name| name.id.clone())
    }

    #[test]
    fn precedence_is_spelt_out() {
        for (formula, written) in [
            ("-a^2", "-a**2"),
            ("(-a)^2", "(-a)**2"),
            ("a^-b", "a**(-b)"),
            ("a^b^c", "a**(b**c)"),
            ("(a^b)^c", "(a**b)**c"),
            ("a - (b - c)", "a - (b - c)"),
            ("a - b - c", "a - b - c"),
            ("a/(b*c)", "a / (b * c)"),
            ("-a*b", "(-a) * b"),
            ("a*(-b)", "a * (-b)"),
            ("-(a + b)", "-(a + b)"),
            ("2^-3*e", "2**(-3) * (np.exp(1))"),
        ] {
            assert_eq!(of(formula, Python::NumPy), written, "{formula}");
        }
    }

    #[test]
    fn functions_are_those_of_the_library() {
        let relu = "if(a <> 1, relu(a), max(a, 0))";
        assert_eq!(of(relu, Python::NumPy), "((np.maximum(0, a)) if a != 1 else np.maximum(a, 0))");
        assert_eq!(
            of(relu, Python::Torch),
            "torch.where(a != 1, torch.relu(a), torch.maximum(a, torch.tensor(0)))"
        );
        assert_eq!(of(relu, Python::Jax), "jnp.where(a != 1, jax.nn.relu(a), jnp.maximum(a, 0))");
        for function in FUNCTIONS {
            let named = NAMES.iter().any(|(name, _)| *name == function.name);
            let is_formula = matches!(function.excel, Written::Formula(_));
            assert!(named || is_formula, "{}", function.name);
        }
    }
}
