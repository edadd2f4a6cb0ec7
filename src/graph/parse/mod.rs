//! Reading formulas: from Excel's text to trees over references.
//!
//! The parser knows Excel's grammar, where `-2^2` is 4 and `2^3^2` is 64; a tree has no precedence,
//! so what comes out evaluates as the spreadsheet does. What a tree cannot say is told in words
//! rather than guessed at.

mod local;
mod structured;

use std::sync::Arc;

use formualizer_parse::parser::ReferenceType;
use formualizer_parse::{
    ASTNode, ASTNodeType, BinaryOperator, ExcelErrorKind, LiteralValue, UnaryOperator,
};

use local::{Local, Scope};

use super::formula::{Formula, Node, Reference, Slot, Use};
use super::functions::{INDEX, SPAN, SheetFunction, Special};
use super::r1c1::plain_name;
use super::relative::{Axis, CellReference};
use super::scalar::ErrorValue;
use crate::data::address::{MAX_COLUMNS, MAX_ROWS, Position};
use crate::formula::{Comparison, Operator};

/// How deep names may stand for formulas with names.
const MAX_NAMES: usize = 8;
/// How high a tree may be; names put trees into trees.
const MAX_HEIGHT: usize = 400;
/// How many names may be looked up for one formula.
const MAX_LOOKED_UP: usize = 500;

/// Gives the formula that a defined name stands for.
pub(crate) type Names<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads `text` (without its `=`), the formula of the cell `home` on the sheet `sheet`.
pub(crate) fn parse(text: &str, home: Position, sheet: &str, names: Names) -> Formula {
    let mut reader = Reader {
        home,
        sheet,
        names,
        depth: 0,
        height: 0,
        looked_up: 0,
        locals: Vec::new(),
        floor: 0,
        volatile: None,
        broken: None,
        references: Vec::new(),
        named: Vec::new(),
    };
    let tree = match formualizer_parse::parse(format!("={text}")) {
        Ok(node) => reader.node(&node),
        Err(_) => Err("cannot be read as a formula".to_owned()),
    };
    let Reader { volatile, broken, references, named: names, .. } = reader;
    Formula { tree, references, names, volatile, broken }
}

/// Reads one formula.
struct Reader<'a> {
    home: Position,
    sheet: &'a str,
    names: Names<'a>,
    depth: usize,
    height: usize,
    looked_up: usize,
    /// The names within the formula, and where those begin that may be used here.
    locals: Vec<Local>,
    floor: usize,
    volatile: Option<String>,
    broken: Option<String>,
    references: Vec<(Reference, Use)>,
    named: Vec<(Slot, Arc<str>)>,
}

type Read = Result<Node<Slot>, String>;

/// Functions that give another value at each calculation.
const VOLATILE: &[&str] =
    &["RAND", "RANDBETWEEN", "RANDARRAY", "NOW", "TODAY", "RAND.NV", "RANDBETWEEN.NV"];

impl Reader<'_> {
    fn node(&mut self, node: &ASTNode) -> Read {
        if self.height == MAX_HEIGHT {
            return Err("is nested too deeply".to_owned());
        }
        self.height += 1;
        let read = self.node_within(node);
        self.height -= 1;
        read
    }

    fn node_within(&mut self, node: &ASTNode) -> Read {
        match &node.node_type {
            ASTNodeType::Literal(value) => self.literal(value),
            ASTNodeType::Omitted => Ok(Node::Omitted),
            ASTNodeType::Reference { reference, original } => {
                if let ReferenceType::NamedRange(name) = reference
                    && let Some(read) = self.local(name)
                {
                    return read;
                }
                let read = self.reference(reference);
                let is_named =
                    matches!(reference, ReferenceType::NamedRange(_) | ReferenceType::Table(_));
                if let (Ok(Node::Leaf(slot)), true, 0) = (&read, is_named, self.depth) {
                    self.named.push((*slot, original.as_str().into()));
                }
                read
            }
            ASTNodeType::UnaryOp { op, expr } => self.unary(*op, expr),
            ASTNodeType::BinaryOp { op, left, right } => self.binary(*op, left, right),
            ASTNodeType::Function { name, args } => self.call(&plain_name(name), args),
            ASTNodeType::Call { callee, args } => self.called_at_once(callee, args),
            ASTNodeType::Array(rows) => {
                let rows = rows.iter().map(|row| row.iter().map(|one| self.node(one)).collect());
                Ok(Node::Array(rows.collect::<Result<_, _>>()?))
            }
        }
    }

    fn literal(&mut self, value: &LiteralValue) -> Read {
        Ok(match value {
            LiteralValue::Int(number) => Node::Number(*number as f64),
            LiteralValue::Number(number) => Node::Number(*number),
            LiteralValue::Boolean(logical) => Node::Logical(*logical),
            LiteralValue::Text(text) => Node::Text(text.as_str().into()),
            LiteralValue::Empty => Node::Omitted,
            LiteralValue::Error(error) => Node::Error(match error.kind {
                ExcelErrorKind::Ref => {
                    self.broken.get_or_insert_with(|| "#REF!".to_owned());
                    ErrorValue::Reference
                }
                ExcelErrorKind::Div => ErrorValue::Division,
                ExcelErrorKind::Num => ErrorValue::Number,
                ExcelErrorKind::Value => ErrorValue::Value,
                ExcelErrorKind::Name => ErrorValue::Name,
                ExcelErrorKind::Na => ErrorValue::NotAvailable,
                _ => ErrorValue::Other,
            }),
            _ => return Err("has a value in it that is no number".to_owned()),
        })
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &ASTNode) -> Read {
        let operand = self.node(operand)?;
        match operator {
            UnaryOperator::Minus => Ok(Node::Negate(Box::new(operand))),
            UnaryOperator::Percent => Ok(Node::Percent(Box::new(operand))),
            UnaryOperator::Plus | UnaryOperator::ImplicitIntersection => Ok(operand),
            _ => Err("uses # for a whole spilled range".to_owned()),
        }
    }

    fn binary(&mut self, operator: BinaryOperator, left: &ASTNode, right: &ASTNode) -> Read {
        // Both are looked at, so that all references are known also where one side cannot be read.
        let (left, right) = (self.node(left), self.node(right));
        let (left, right) = (left?, right?);
        let boxed = |left, right| (Box::new(left), Box::new(right));
        let operator = match operator {
            BinaryOperator::Add => Operator::Add,
            BinaryOperator::Subtract => Operator::Subtract,
            BinaryOperator::Multiply => Operator::Multiply,
            BinaryOperator::Divide => Operator::Divide,
            BinaryOperator::Power => Operator::Power,
            BinaryOperator::Concat => {
                let (left, right) = boxed(left, right);
                return Ok(Node::Join(left, right));
            }
            BinaryOperator::Range => return self.computed(&SPAN, vec![left, right]),
            other => {
                let comparison =
                    comparison(other).ok_or_else(|| "computes a range of cells".to_owned())?;
                let (left, right) = boxed(left, right);
                return Ok(Node::Compare(comparison, left, right));
            }
        };
        Ok(left.binary(operator, right))
    }

    fn call(&mut self, name: &str, arguments: &[ASTNode]) -> Read {
        if VOLATILE.contains(&name) {
            self.volatile.get_or_insert_with(|| name.to_owned());
        }
        match (name, arguments) {
            ("TRUE", []) => return Ok(Node::Logical(true)),
            ("FALSE", []) => return Ok(Node::Logical(false)),
            ("LET", _) => return self.with_variables(arguments),
            ("LAMBDA", _) => return Err("uses LAMBDA".to_owned()),
            _ => {}
        }
        let known = SheetFunction::find(name);
        if known.is_none()
            && let Some(read) = self.called_by_name(name, arguments)
        {
            return read;
        }
        let before = self.references.len();
        let mut ends = Vec::with_capacity(arguments.len());
        let mut read = |one| {
            let read = self.node(one);
            ends.push(self.references.len());
            read
        };
        let arguments: Vec<Read> = arguments.iter().map(&mut read).collect();
        let arguments = arguments.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut function = known.ok_or_else(|| format!("uses {name}"))?;
        if !(function.arity.0..=function.arity.1).contains(&arguments.len()) {
            return Err(format!("gives {name} another number of arguments than it takes"));
        }
        if name == "INDEX" && matches!(arguments[0], Node::Leaf(_)) {
            function = &INDEX;
        }
        let Some(special) = function.special() else { return Ok(Node::Call(function, arguments)) };
        if special.finds_cells() {
            return self.computed(function, arguments);
        }
        if special.asks_for_places() {
            self.note(before, Use::Place);
        }
        for (argument, bounds) in ends.windows(2).enumerate() {
            if !special.needs(argument + 1) {
                self.note_between(bounds[0], bounds[1], Use::Perhaps);
            }
        }
        Ok(Node::Call(function, arguments))
    }

    /// Notes how the references from `from` on are used, as far as they are needed for sure.
    fn note(&mut self, from: usize, used: Use) {
        self.note_between(from, self.references.len(), used);
    }

    fn note_between(&mut self, from: usize, to: usize, used: Use) {
        for (_, noted) in &mut self.references[from..to] {
            if matches!(noted, Use::Value | Use::Perhaps) {
                *noted = used;
            }
        }
    }

    /// A reference that is computed by a function.
    fn computed(&mut self, function: &'static SheetFunction, arguments: Vec<Node<Slot>>) -> Read {
        let leaf = |nth: usize| matches!(arguments.get(nth), Some(Node::Leaf(_)));
        let is_found = match function.special() {
            Some(Special::Indirect) => true,
            Some(Special::Vlookup | Special::Hlookup) => leaf(1),
            Some(Special::Lookup) => leaf(1) && (arguments.len() == 2 || leaf(2)),
            Some(Special::Span) => leaf(0) && leaf(1),
            _ => leaf(0),
        };
        if !is_found {
            return Err(match function.name {
                ":" => "computes a range of cells".to_owned(),
                name => format!("uses {name} of something else than cells"),
            });
        }
        for argument in &arguments {
            argument.each_leaf(&mut |slot| {
                let (_, used) = &mut self.references[*slot];
                if *used != Use::Place {
                    *used = Use::Search;
                }
            });
        }
        Ok(self.leaf(Reference::Computed(Box::new(Node::Call(function, arguments)))))
    }

    fn reference(&mut self, reference: &ReferenceType) -> Read {
        if let ReferenceType::NamedRange(name) = reference {
            return self.within_name(name, |reader, node| reader.node(node));
        }
        let reference = self.place(reference)?;
        Ok(self.leaf(reference))
    }

    fn leaf(&mut self, reference: Reference) -> Node<Slot> {
        self.references.push((reference, Use::Value));
        Node::Leaf(self.references.len() - 1)
    }

    /// Does something with the formula that a name stands for.
    fn within_name<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Self, &ASTNode) -> Result<T, String>,
    ) -> Result<T, String> {
        let node = self.definition(name)?;
        if self.is_too_deep() {
            return Err(format!("uses the name {name}, which stands for itself"));
        }
        let broken = self.broken.is_some();
        let result = self.within(self.scope_of_names(), |reader| work(reader, &node));
        if !broken && self.broken.is_some() {
            self.broken = Some(format!("the name {name}, which stands for #REF!"));
        }
        result
    }

    /// The formula that a name stands for.
    fn definition(&self, name: &str) -> Result<ASTNode, String> {
        let text = (self.names)(name)
            .ok_or_else(|| format!("uses the name {name}, which stands for nothing"))?;
        formualizer_parse::parse(format!("={}", text.trim_start_matches('=')))
            .map_err(|_| format!("uses the name {name}, whose formula cannot be read"))
    }

    /// How the formula of a name is read: none of the names within this one are its own, and a relative reference
    /// counts from the cell A1.
    fn scope_of_names(&self) -> Scope {
        let end = self.locals.len();
        Scope { locals: end..end, home: Position::default(), depth: self.depth + 1 }
    }

    /// Notes that something is looked up; whether that is too deep within others, or too often.
    fn is_too_deep(&mut self) -> bool {
        self.looked_up += 1;
        self.depth == MAX_NAMES || self.looked_up > MAX_LOOKED_UP
    }

    /// What a reference means, seen from the formula's own cell.
    fn place(&self, reference: &ReferenceType) -> Result<Reference, String> {
        match reference {
            ReferenceType::Cell { sheet, row, col, row_abs, col_abs } => Ok(Reference::Cell(
                self.cell(sheet.as_deref(), (row - 1, *row_abs), (col - 1, *col_abs)),
            )),
            ReferenceType::Range {
                sheet,
                start_row,
                start_col,
                end_row,
                end_col,
                start_row_abs,
                start_col_abs,
                end_row_abs,
                end_col_abs,
            } => {
                let sheet = sheet.as_deref();
                // A whole column or row has no bounds the other way.
                let first = |at: Option<u32>, is_absolute| {
                    (at.map_or(0, |at| at - 1), at.is_none() || is_absolute)
                };
                let last = |at: Option<u32>, end: u32, is_absolute| {
                    (at.unwrap_or(end) - 1, at.is_none() || is_absolute)
                };
                let from = self.cell(
                    sheet,
                    first(*start_row, *start_row_abs),
                    first(*start_col, *start_col_abs),
                );
                let to = self.cell(
                    sheet,
                    last(*end_row, MAX_ROWS, *end_row_abs),
                    last(*end_col, MAX_COLUMNS, *end_col_abs),
                );
                Ok(match from == to {
                    true => Reference::Cell(from),
                    false => Reference::Range(from, to),
                })
            }
            ReferenceType::Cell3D { .. } | ReferenceType::Range3D { .. } => {
                Err("refers to several sheets at once".to_owned())
            }
            ReferenceType::External(_) => Err("refers to another workbook".to_owned()),
            ReferenceType::Table(table) => self.of_table(table),
            ReferenceType::NamedRange(name) => Err(format!("uses the name {name}")),
        }
    }

    fn cell(&self, sheet: Option<&str>, row: (u32, bool), column: (u32, bool)) -> CellReference {
        let axis = |(at, is_absolute): (u32, bool), home: u32| match is_absolute {
            true => Axis::Absolute(at),
            false => Axis::Relative(at as i32 - home as i32),
        };
        let other = |sheet: &&str| sheet.to_lowercase() != self.sheet.to_lowercase();
        CellReference {
            sheet: sheet.filter(other).map(str::to_owned),
            row: axis(row, self.home.0),
            column: axis(column, self.home.1),
        }
    }
}

fn comparison(operator: BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Equal => Comparison::Equal,
        BinaryOperator::NotEqual => Comparison::NotEqual,
        BinaryOperator::Less => Comparison::Less,
        BinaryOperator::Greater => Comparison::Greater,
        BinaryOperator::LessEqual => Comparison::LessOrEqual,
        BinaryOperator::GreaterEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
