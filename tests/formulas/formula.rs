//! Random formula trees through their faces: what is printed means what was meant.
//!
//! The Excel face is also recalculated by LibreOffice (`examples/random_formulas.rs` writes the
//! sheet); here a small evaluator with Excel's own precedence reads it.

use crate::common::cases::cases;
use gdtrace::formula::{
    Expr, FUNCTIONS, Function, Name, Operator, Written, evaluate, excel, mathml, parse,
};
use gdtrace::value::Value;
use proptest::prelude::*;

const NAMES: [(&str, f64); 3] = [("p", 2.5), ("q", -1.25), ("r", 0.375)];

fn value_of(name: &Name) -> Value {
    let known = NAMES.iter().find(|(id, _)| *id == name.id);
    Value::number(known.map_or(0.0, |(_, value)| *value))
}

/// Trees of numbers, names, all operators, unary minus and calls.
fn tree() -> impl Strategy<Value = Expr> {
    let number = prop_oneof![Just(0.5), Just(1.0), Just(2.0), Just(3.0), Just(1e-3), Just(12.75)];
    let name = prop::sample::select(&NAMES[..]).prop_map(|(id, _)| Expr::Name(Name::here(id)));
    let leaf = prop_oneof![number.prop_map(Expr::Number), name];
    leaf.prop_recursive(6, 60, 2, |inner| {
        let operator = prop::sample::select(vec![
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
            Operator::Power,
        ]);
        prop_oneof![
            4 => (operator, inner.clone(), inner.clone())
                .prop_map(|(operator, left, right)| left.binary(operator, right)),
            1 => inner.clone().prop_map(|operand| Expr::Negate(Box::new(operand))),
            1 => inner.prop_map(|one| Expr::Call(Function::find("abs").unwrap(), vec![one])),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256)))]

    #[test]
    fn text_reads_back_to_the_same_tree(tree in tree()) {
        prop_assert_eq!(parse(&tree.to_string()), Ok(tree));
    }

    #[test]
    fn excel_computes_the_same_number(tree in tree()) {
        let formula = excel(&tree, &|name: &Name| name.id.clone());
        let mut reader = ExcelReader { text: formula.as_bytes(), at: 0 };
        let read = reader.level(0);
        prop_assert_eq!(reader.at, formula.len(), "{}", formula);
        // Both sides follow the same order of operations, so even the last digit agrees.
        prop_assert_eq!(evaluate(&read, &value_of), evaluate(&tree, &value_of), "{}", formula);
    }
}

/// Reads a formula as Excel does: unary minus binds most tightly, `^` groups to the left.
struct ExcelReader<'a> {
    text: &'a [u8],
    at: usize,
}

impl ExcelReader<'_> {
    const LEVELS: [&'static [(u8, Operator)]; 3] = [
        &[(b'+', Operator::Add), (b'-', Operator::Subtract)],
        &[(b'*', Operator::Multiply), (b'/', Operator::Divide)],
        &[(b'^', Operator::Power)],
    ];

    fn level(&mut self, level: usize) -> Expr {
        let Some(operators) = Self::LEVELS.get(level) else { return self.operand() };
        let mut left = self.level(level + 1);
        while let Some((_, operator)) =
            operators.iter().find(|(sign, _)| self.text.get(self.at) == Some(sign))
        {
            self.at += 1;
            left = left.binary(*operator, self.level(level + 1));
        }
        left
    }

    fn operand(&mut self) -> Expr {
        match self.text[self.at] {
            b'-' => {
                self.at += 1;
                Expr::Negate(Box::new(self.operand()))
            }
            b'(' => self.in_parentheses(),
            _ => {
                let start = self.at;
                let belongs = |c: &u8| c.is_ascii_alphanumeric() || *c == b'.';
                let exponent = |at: usize, text: &[u8]| {
                    text[at] == b'-' && text[at - 1] == b'e' && text[start].is_ascii_digit()
                };
                while self.at < self.text.len()
                    && (belongs(&self.text[self.at]) || exponent(self.at, self.text))
                {
                    self.at += 1;
                }
                let word = std::str::from_utf8(&self.text[start..self.at]).unwrap();
                match word.parse() {
                    Ok(number) => Expr::Number(number),
                    Err(_) if word == "ABS" => {
                        let abs = Function::find("abs").unwrap();
                        Expr::Call(abs, vec![self.in_parentheses()])
                    }
                    Err(_) => Expr::Name(Name::here(word)),
                }
            }
        }
    }

    fn in_parentheses(&mut self) -> Expr {
        assert_eq!(self.text[self.at], b'(');
        self.at += 1;
        let inside = self.level(0);
        assert_eq!(self.text[self.at], b')');
        self.at += 1;
        inside
    }
}

#[test]
fn every_function_has_all_its_faces() {
    for function in FUNCTIONS {
        let arguments = ["0.5", "0.25"][..function.arity].join(", ");
        let text = match function.arity {
            0 => function.name.to_owned(),
            _ => format!("{}({arguments})", function.name),
        };
        let tree = parse(&text).unwrap();
        assert_eq!(tree.to_string(), text);
        let value = evaluate(&tree, &value_of).get().unwrap();
        let formula = excel(&tree, &|name: &Name| name.id.clone());
        match function.excel {
            Written::Named(name) => {
                assert_eq!(formula, format!("{name}({})", arguments.replace(' ', "")));
            }
            Written::Formula(_) => {
                // What stands for the function in a spreadsheet has the function's value.
                let written = parse(&formula.to_lowercase()).unwrap();
                assert_eq!(evaluate(&written, &value_of), Value::number(value), "{formula}");
            }
        }
        assert!(mathml(&tree, &|name: &Name| name.id.clone()).contains("<m"), "{text}");
    }
}

#[test]
fn errors_are_a_spreadsheets() {
    for (text, shown) in [
        ("1/0", "#DIV/0!"),
        ("0^-1", "#DIV/0!"),
        ("0^0", "#NUM!"),
        ("sqrt(-1)", "#NUM!"),
        ("ln(0)", "#NUM!"),
        ("1e300*1e300", "#NUM!"),
        ("mod(1, 0)", "#DIV/0!"),
        ("max(1/0, sqrt(-1))", "#DIV/0!"),
        ("sqrt(-1) + 1/0", "#NUM!"),
        ("(1/0)^0", "#DIV/0!"),
        ("if(1 > 0, 2, 1/0)", "2"),
        ("if(1/0 > 0, 2, 3)", "#DIV/0!"),
    ] {
        assert_eq!(evaluate(&parse(text).unwrap(), &value_of).to_string(), shown, "{text}");
    }
}
