//! Reading a formula as text, by the rules of mathematics: `-2^2` is −4, `2^3^2` is 2^9.
//!
//! A Pratt parser: every operator has a binding power, and an expression goes on as long as the
//! next operator binds more tightly than the one before it.

use std::ops::Range;

use super::{Choice, Comparison, Condition, Expr, Function, Name, Operator};
use crate::error::{Error, Place};

/// Formulas nested more deeply than this are refused, so that no formula can overflow the stack.
pub const DEEPEST: usize = 128;

/// Formulas with more numbers, names and operators than this are refused: `1+1+1+…` is a tree as
/// deep as it is long.
pub const LARGEST: usize = 1000;

/// What is wrong with a formula, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What was expected or found.
    pub message: String,
    /// The bytes of the formula that are meant.
    pub span: Range<usize>,
}

impl ParseError {
    /// This error as one that shows the formula, called `name`, with a caret.
    pub fn in_formula(self, name: &str, text: &str) -> Error {
        Error::new(self.message).at(Place::Text {
            name: name.to_owned(),
            text: text.to_owned(),
            span: self.span,
        })
    }
}

/// Reads `text` as a formula.
///
/// # Errors
/// A [`ParseError`] that says what was expected where.
pub fn parse(text: &str) -> Result<Expr<Name>, ParseError> {
    let mut parser = Parser { text, at: 0, depth: 0, size: 0 };
    let expr = parser.expression(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return parser.fail("expected an operator or the end of the formula");
    }
    Ok(expr)
}

/// Reads `text` as a comparison of two formulas: `rmse < 0.1`.
///
/// # Errors
/// A [`ParseError`] that says what was expected where.
pub fn parse_condition(text: &str) -> Result<Condition<Name>, ParseError> {
    let mut parser = Parser { text, at: 0, depth: 0, size: 0 };
    let condition = parser.condition()?;
    parser.skip_space();
    if parser.at < text.len() {
        return parser.fail("expected an operator or the end of the comparison");
    }
    Ok(condition)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    size: usize,
}

/// Binding powers of sums and products; unary minus and powers bind more tightly.
const NEGATION: u8 = 5;
const POWER: u8 = 7;

type Parsed = Result<Expr<Name>, ParseError>;

impl<'a> Parser<'a> {
    /// An expression whose operators all bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(&format!("the formula is nested more than {DEEPEST} deep"));
        }
        let mut left = self.operand()?;
        while let Some((operator, left_power, right_power)) = self.peek_operator() {
            if left_power < least {
                break;
            }
            self.at += 1;
            left = left.binary(operator, self.expression(right_power)?);
        }
        self.depth -= 1;
        Ok(left)
    }

    /// The next operator with its binding power to the left and to the right.
    fn peek_operator(&mut self) -> Option<(Operator, u8, u8)> {
        self.skip_space();
        Some(match self.peek()? {
            '+' => (Operator::Add, 1, 2),
            '-' => (Operator::Subtract, 1, 2),
            '*' => (Operator::Multiply, 3, 4),
            '/' => (Operator::Divide, 3, 4),
            '^' => (Operator::Power, POWER + 1, POWER),
            _ => return None,
        })
    }

    /// A number, a name, a call, a parenthesis, or one of them under unary minus or plus.
    fn operand(&mut self) -> Parsed {
        self.skip_space();
        self.size += 1;
        if self.size > LARGEST {
            return self.fail(&format!("the formula has more than {LARGEST} terms"));
        }
        match self.peek() {
            Some('-') => {
                self.at += 1;
                Ok(Expr::Negate(Box::new(self.expression(NEGATION)?)))
            }
            Some('+') => {
                self.at += 1;
                self.expression(NEGATION)
            }
            Some('(') => {
                self.at += 1;
                let inside = self.expression(0)?;
                self.expect(')')?;
                Ok(inside)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if starts_name(c) => self.name_or_call(),
            _ => self.fail("expected a number, a name or `(`"),
        }
    }

    fn number(&mut self) -> Parsed {
        let start = self.at;
        self.skip_while(|c| c.is_ascii_digit() || c == '.');
        let rest = &self.text[self.at..];
        if rest.starts_with(['e', 'E']) {
            let sign = usize::from(rest[1..].starts_with(['+', '-']));
            if rest[1 + sign..].starts_with(|c: char| c.is_ascii_digit()) {
                self.at += 1 + sign;
                self.skip_while(|c| c.is_ascii_digit());
            }
        }
        match self.text[start..self.at].parse() {
            Ok(number) if f64::is_finite(number) => Ok(Expr::Number(number)),
            Ok(_) => self.fail_at(start, "this number is too large"),
            Err(_) => self.fail_at(start, "this is not a number"),
        }
    }

    fn name_or_call(&mut self) -> Parsed {
        let start = self.at;
        let mut id = self.identifier();
        let previous = id == "prev" && self.peek() == Some('.');
        if previous {
            self.at += 1;
            id = self.identifier();
            if id.is_empty() {
                return self.fail("expected a name after `prev.`");
            }
        }
        self.skip_space();
        if self.peek() != Some('(') || previous {
            return Ok(match Function::find(id) {
                Some(constant) if constant.arity == 0 && !previous => Expr::Call(constant, vec![]),
                _ => Expr::Name(Name { id: id.to_owned(), previous }),
            });
        }
        if id == "if" {
            return self.choice();
        }
        match Function::find(id).filter(|function| function.arity > 0) {
            Some(function) => self.call(start, function),
            None => {
                let known: Vec<_> = super::FUNCTIONS.iter().map(|known| known.name).collect();
                let names = Error::known_names(id, &known);
                self.at = start + id.len();
                self.fail_at(start, &format!("there is no function `{id}` ({names})"))
            }
        }
    }

    fn call(&mut self, start: usize, function: &'static Function) -> Parsed {
        self.expect('(')?;
        let mut arguments = vec![self.expression(0)?];
        while self.next_is(',') {
            arguments.push(self.expression(0)?);
        }
        self.expect(')')?;
        if arguments.len() != function.arity {
            let (name, arity, found) = (function.name, function.arity, arguments.len());
            let s = if arity == 1 { "" } else { "s" };
            return self
                .fail_at(start, &format!("`{name}` takes {arity} argument{s}, not {found}"));
        }
        Ok(Expr::Call(function, arguments))
    }

    fn condition(&mut self) -> Result<Condition<Name>, ParseError> {
        let left = self.expression(0)?;
        self.skip_space();
        let rest = &self.text[self.at..];
        let Some((sign, comparison)) =
            Comparison::SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign))
        else {
            return self.fail("expected a comparison: < <= > >= = <>");
        };
        self.at += sign.len();
        let right = self.expression(0)?;
        Ok(Condition { left, comparison, right })
    }

    fn choice(&mut self) -> Parsed {
        self.expect('(')?;
        let Condition { left, comparison, right } = self.condition()?;
        self.expect(',')?;
        let then = self.expression(0)?;
        self.expect(',')?;
        let otherwise = self.expression(0)?;
        self.expect(')')?;
        Ok(Expr::If(Box::new(Choice { left, comparison, right, then, otherwise })))
    }

    fn identifier(&mut self) -> &'a str {
        let start = self.at;
        if self.peek().is_some_and(starts_name) {
            self.skip_while(|c| starts_name(c) || c.is_ascii_digit());
        }
        &self.text[start..self.at]
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.skip_space();
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), ParseError> {
        if self.next_is(wanted) { Ok(()) } else { self.fail(&format!("expected `{wanted}`")) }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip_space(&mut self) {
        self.skip_while(char::is_whitespace);
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    /// An error at the next character.
    fn fail<T>(&self, message: &str) -> Result<T, ParseError> {
        let end = self.at + self.peek().map_or(0, char::len_utf8);
        Err(ParseError { message: message.to_owned(), span: self.at..end })
    }

    /// An error at what was read since `start`.
    fn fail_at<T>(&self, start: usize, message: &str) -> Result<T, ParseError> {
        Err(ParseError { message: message.to_owned(), span: start..self.at })
    }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::evaluate;
    use crate::value::Value;

    fn value(text: &str) -> Value {
        evaluate(&parse(text).unwrap(), &|_: &Name| Value::number(3.0))
    }

    #[test]
    fn mathematics_has_its_own_precedence() {
        for (text, expected) in [
            ("-2^2", -4.0),
            ("2^3^2", 512.0),
            ("2^-1", 0.5),
            ("1 - 2 - 3", -4.0),
            ("8/4/2", 1.0),
            ("2*-x", -6.0),
            ("-x^2*2", -18.0),
            ("1e-3*1.5E+3", 1.5),
            ("if(x >= 3, 1, 1/0)", 1.0),
            ("max(x, mod(-1, 5))", 4.0),
        ] {
            assert_eq!(value(text), Value::number(expected), "{text}");
        }
    }

    #[test]
    fn an_error_says_what_was_expected_where() {
        for (text, message, span) in [
            ("1 + * 2", "expected a number, a name or `(`", 4..5),
            ("(1 + 2", "expected `)`", 6..6),
            ("1 2", "expected an operator or the end of the formula", 2..3),
            ("sqrt(1, 2)", "`sqrt` takes 1 argument, not 2", 0..10),
            ("1.2.3", "this is not a number", 0..5),
            ("1e999", "this number is too large", 0..5),
            ("prev.", "expected a name after `prev.`", 5..5),
            ("if(1, 2, 3)", "expected a comparison: < <= > >= = <>", 4..5),
            ("", "expected a number, a name or `(`", 0..0),
        ] {
            let expected = ParseError { message: message.into(), span };
            assert_eq!(parse(text), Err(expected), "{text}");
        }
        let unknown = parse("2*sqr(x)").unwrap_err();
        assert!(unknown.message.starts_with("there is no function `sqr` (did you mean `sqrt`?"));
        assert_eq!(unknown.span, 2..5);
    }

    #[test]
    fn deep_and_long_formulas_are_refused() {
        for deep in ["(".repeat(100_000), "-".repeat(1000), "2^".repeat(1000)] {
            let message = parse(&deep).unwrap_err().message;
            assert_eq!(message, "the formula is nested more than 128 deep");
        }
        let long = "1+".repeat(100_000);
        assert_eq!(parse(&long).unwrap_err().message, "the formula has more than 1000 terms");
        let accepted = parse(&format!("{}1", "1+".repeat(999))).unwrap();
        assert_eq!(parse(&accepted.to_string()), Ok(accepted));
    }
}
