//! The formula as JavaScript, for the page, which computes every number itself.
//!
//! An operation is a call (`add(mul(a, b), c)`): each looks whether its result is a number, as the
//! engine does, so that an error value is there what it is here. The order is that of the tree.
//! Names never come into the text: whoever prints says where each value lies.

use std::fmt::Write;

use super::functions::{FUNCTIONS, Function, Notation, expand};
use super::{Choice, Comparison, Expr, Name, Operator};
use crate::value::number_text;

/// Where a name stands, which decides what it is in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// In the formula itself.
    Formula,
    /// In what a sum or a norm over all weights adds up, for the weight that is being added.
    Total,
}

/// `expr` as an expression in JavaScript, with `name` giving the value of each name.
pub fn javascript<N>(expr: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    print(expr, &|one, _| name(one), false)
}

/// A formula of an optimizer, written for one weight with the index `i`: its sums and norms go over
/// all weights, of which there are `g.length`.
pub fn javascript_of_weight<N>(expr: &Expr<N>, name: &dyn Fn(&N, Inside) -> String) -> String {
    print(expr, name, true)
}

fn print<N>(expr: &Expr<N>, name: &dyn Fn(&N, Inside) -> String, totals: bool) -> String {
    let mut out = String::new();
    Printer { name, totals, inside: Inside::Formula, out: &mut out }.print(expr);
    out
}

/// The functions of the table as JavaScript: `const sqrt = (u) => ...;`, a line each. The first
/// argument that is an error is the result.
pub fn javascript_functions() -> String {
    let mut out = String::new();
    for function in FUNCTIONS {
        let (name, value) = (function.name, function.javascript);
        let definition = match function.arity {
            0 => continue,
            1 => format!("(u) => ok(u) ? {value} : u"),
            _ => format!("(u, v) => ok(u) ? ok(v) ? {value} : v : u"),
        };
        // A String takes all that is written to it.
        let _ = writeln!(out, "const {name} = {definition};");
    }
    out
}

/// What else the page knows of these functions, a line each: their values, their derivatives by `u` and `v` as text over
/// these, and how mathematics writes them, where that is not by their name.
pub fn javascript_table() -> String {
    let mut out = String::new();
    for function in FUNCTIONS {
        let [u, v] = ["u", "v"].map(|name| Expr::Name(Name::here(name)));
        let slopes: Vec<String> = function
            .derivatives
            .iter()
            .map(|text| {
                javascript(&expand(text, &[u.clone(), v.clone()]), &|name: &Name| name.id.clone())
            })
            .collect();
        let notation = match function.notation {
            Notation::Named(name) => format!("{name:?}"),
            Notation::Fenced(open, close) => format!("{:?}", [open, close]),
            Notation::Infix(operator) => format!("{:?}", [operator]),
            Notation::Root => "[]".to_owned(),
        };
        let value = if function.arity == 0 { function.javascript } else { function.name };
        // A String takes all that is written to it.
        let _ = writeln!(
            out,
            "{}: {{ value: {value}, slopes: {slopes:?}, notation: {notation} }},",
            function.name
        );
    }
    out
}

struct Printer<'a, N> {
    name: &'a dyn Fn(&N, Inside) -> String,
    /// Whether sums and norms go over all weights.
    totals: bool,
    inside: Inside,
    out: &'a mut String,
}

impl<N> Printer<'_, N> {
    fn print(&mut self, expr: &Expr<N>) {
        match expr {
            Expr::Number(number) => self.out.push_str(&number_text(*number)),
            Expr::Name(name) => self.out.push_str(&(self.name)(name, self.inside)),
            Expr::Negate(operand) => self.call("neg", &[operand]),
            Expr::Binary(Operator::Power, base, exponent) if is_two(exponent) => {
                self.call("square", &[base]);
            }
            Expr::Binary(operator, left, right) => {
                let name = match operator {
                    Operator::Add => "add",
                    Operator::Subtract => "sub",
                    Operator::Multiply => "mul",
                    Operator::Divide => "div",
                    Operator::Power => "power",
                };
                self.call(name, &[left, right]);
            }
            Expr::Call(function, arguments) => self.function(function, arguments),
            Expr::If(choice) => self.choice(choice),
        }
    }

    fn call(&mut self, name: &str, arguments: &[&Expr<N>]) {
        self.out.push_str(name);
        self.out.push('(');
        for (at, argument) in arguments.iter().enumerate() {
            self.out.push_str(if at > 0 { "," } else { "" });
            self.print(argument);
        }
        self.out.push(')');
    }

    fn function(&mut self, function: &'static Function, arguments: &[Expr<N>]) {
        match arguments {
            [] => self.out.push_str(function.javascript),
            [argument] if self.totals && function.is_over_weights() => {
                self.total(function.name, argument)
            }
            arguments => self.call(function.name, &arguments.iter().collect::<Vec<_>>()),
        }
    }

    fn total(&mut self, name: &str, argument: &Expr<N>) {
        let outer = std::mem::replace(&mut self.inside, Inside::Total);
        let _ = write!(self.out, "{name}Over(g.length,(i)=>");
        self.print(argument);
        self.out.push(')');
        self.inside = outer;
    }

    fn choice(&mut self, choice: &Choice<N>) {
        let test = match choice.comparison {
            Comparison::Less => "ifLess",
            Comparison::LessOrEqual => "ifAtMost",
            Comparison::Greater => "ifMore",
            Comparison::GreaterOrEqual => "ifAtLeast",
            Comparison::Equal => "ifEqual",
            Comparison::NotEqual => "ifNot",
        };
        self.call(test, &[&choice.left, &choice.right, &choice.then, &choice.otherwise]);
    }
}

fn is_two<N>(expr: &Expr<N>) -> bool {
    matches!(expr, Expr::Number(number) if *number == 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;

    fn of(text: &str) -> String {
        javascript_of_weight(&parse(text).unwrap(), &|name: &Name, inside| match inside {
            Inside::Formula => name.id.clone(),
            Inside::Total => format!("{}[i]", name.id),
        })
    }

    #[test]
    fn the_order_is_that_of_the_formula() {
        for (formula, written) in [
            ("a + b + c", "add(add(a,b),c)"),
            ("a + (b + c)", "add(a,add(b,c))"),
            ("-a^2", "neg(square(a))"),
            ("a^b^2", "power(a,square(b))"),
            ("1e-8*sqrt(a)", "mul(1e-8,sqrt(a))"),
            ("if(a <= b, 1, pi)", "ifAtMost(a,b,1,Math.PI)"),
            ("a/norm(b)", "div(a,normOver(g.length,(i)=>b[i]))"),
        ] {
            assert_eq!(of(formula), written, "{formula}");
        }
    }

    #[test]
    fn every_function_looks_at_its_arguments() {
        let functions = javascript_functions();
        assert!(functions.contains("const sqrt = (u) => ok(u) ? number(Math.sqrt(u)) : u;\n"));
        let two = "const min = (u, v) => ok(u) ? ok(v) ? Math.min(u, v) : v : u;\n";
        assert!(functions.contains(two));
        let expected = FUNCTIONS.iter().filter(|one| one.arity > 0).count();
        assert_eq!(functions.lines().count(), expected);
    }

    #[test]
    fn the_table_has_values_derivatives_and_notations() {
        let table = javascript_table();
        assert_eq!(table.lines().count(), FUNCTIONS.len());
        for line in [
            "sqrt: { value: sqrt, slopes: [\"div(1,mul(2,sqrt(u)))\"], notation: [] },",
            "mod: { value: mod, slopes: [\"1\", \"neg(floor(div(u,v)))\"], notation: [\"mod\"] },",
            "abs: { value: abs, slopes: [\"sign(u)\"], notation: [\"|\", \"|\"] },",
            "pi: { value: Math.PI, slopes: [], notation: \"π\" },",
        ] {
            assert!(table.contains(line), "{line} in {table}");
        }
    }
}
