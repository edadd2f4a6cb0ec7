//! Understanding formulas: from Excel's text to trees over references.
//!
//! The parser knows Excel's grammar, where `-2^2` is 4 and `2^3^2` is 64; a tree has no precedence,
//! so what comes out evaluates as the spreadsheet does. What a tree cannot say is told in words
//! rather than guessed at.

mod functions;
mod structured;

use formualizer_parse::parser::ReferenceType;
use formualizer_parse::{
    ASTNode, ASTNodeType, BinaryOperator, ExcelErrorKind, LiteralValue, UnaryOperator,
};

use self::structured::Place;
use super::key::plain_name;
use super::reference::{ArrayName, Axis, CellReference, Fold, Operand, Reference};
use crate::data::address::{MAX_COLUMNS, MAX_ROWS, Position};
use crate::formula::{Choice, Comparison, Expr, Operator};

/// How deep names may stand for formulas with names.
const MAX_NAMES: usize = 8;
/// How many names may be looked up for one formula.
const MAX_LOOKED_UP: usize = 500;
/// How many parts of trees may be repeated where `AND` and `OR` become choices.
const MAX_REPEATED: usize = 10_000;

/// What a formula says.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// The formula as a tree, or why it is not understood: "uses VLOOKUP".
    pub tree: Result<Expr<Reference>, String>,
    /// The function in it that gives another value at each calculation: `RANDBETWEEN`.
    pub volatile: Option<String>,
    /// What in it refers to nothing: `#REF!`, or the name that does.
    pub broken: Option<String>,
    /// The cells that it refers to, each once, also where it is not understood.
    pub cells: Vec<CellReference>,
    /// The ranges that it refers to, by their corners.
    pub ranges: Vec<(CellReference, CellReference)>,
}

/// Gives the formula that a defined name stands for.
pub(super) type Names<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Understands `text` (without its `=`), the formula of the cell `home` on the sheet `sheet`.
pub(super) fn understand(text: &str, home: Position, sheet: &str, names: Names) -> Formula {
    let mut reader = Reader {
        home,
        sheet,
        names,
        depth: 0,
        looked_up: 0,
        repeated: 0,
        volatile: None,
        broken: None,
        cells: Vec::new(),
        ranges: Vec::new(),
    };
    let tree = match formualizer_parse::parse(format!("={text}")) {
        Ok(node) => {
            reader.look_over(&node);
            reader.tree(&node)
        }
        Err(_) => Err("cannot be read as a formula".to_owned()),
    };
    let Reader { volatile, broken, cells, ranges, .. } = reader;
    Formula { tree, volatile, broken, cells, ranges }
}

/// Reads one formula.
struct Reader<'a> {
    home: Position,
    sheet: &'a str,
    names: Names<'a>,
    depth: usize,
    looked_up: usize,
    repeated: usize,
    volatile: Option<String>,
    broken: Option<String>,
    cells: Vec<CellReference>,
    ranges: Vec<(CellReference, CellReference)>,
}

/// The names of a tree: a cell each, or also ranges.
trait Terms: Sized + Clone {
    fn reference(reference: Reference) -> Self;
    fn range(from: CellReference, to: CellReference) -> Result<Self, String>;
}

impl Terms for Reference {
    fn reference(reference: Reference) -> Self {
        reference
    }

    fn range(_: CellReference, _: CellReference) -> Result<Self, String> {
        Err("uses a range of cells where a single cell is needed".to_owned())
    }
}

impl Terms for ArrayName {
    fn reference(reference: Reference) -> Self {
        ArrayName::One(reference)
    }

    fn range(from: CellReference, to: CellReference) -> Result<Self, String> {
        Ok(ArrayName::Range(from, to))
    }
}

type Read<N> = Result<Expr<N>, String>;

impl Reader<'_> {
    /// Notes references, volatile functions and broken references, understood or not.
    fn look_over(&mut self, node: &ASTNode) {
        match &node.node_type {
            ASTNodeType::Literal(LiteralValue::Error(error))
                if error.kind == ExcelErrorKind::Ref =>
            {
                self.broken.get_or_insert_with(|| "#REF!".to_owned());
            }
            ASTNodeType::Literal(_) | ASTNodeType::Omitted => {}
            ASTNodeType::Reference { reference, .. } => self.note(reference),
            ASTNodeType::UnaryOp { expr, .. } => self.look_over(expr),
            ASTNodeType::BinaryOp { left, right, .. } => {
                self.look_over(left);
                self.look_over(right);
            }
            ASTNodeType::Function { name, args } => {
                let name = plain_name(name);
                // Where a cell stands does not depend on what it holds.
                if !functions::is_place(&name) {
                    args.iter().for_each(|argument| self.look_over(argument));
                }
                if functions::is_volatile(&name) {
                    self.volatile.get_or_insert(name);
                }
            }
            ASTNodeType::Call { callee, args } => {
                self.look_over(callee);
                args.iter().for_each(|argument| self.look_over(argument));
            }
            ASTNodeType::Array(rows) => rows.iter().flatten().for_each(|one| self.look_over(one)),
        }
    }

    fn note(&mut self, reference: &ReferenceType) {
        match reference {
            ReferenceType::NamedRange(name) => {
                // An unknown name is told when the tree is made.
                let _ = self.within_name(name, |reader, node| {
                    let broken = reader.broken.is_some();
                    reader.look_over(node);
                    if !broken && reader.broken.is_some() {
                        reader.broken = Some(format!("the name {name}, which stands for #REF!"));
                    }
                    Ok(())
                });
            }
            reference => match self.place(reference) {
                Ok(Place::Cell(cell)) if !self.cells.contains(&cell) => self.cells.push(cell),
                Ok(Place::Range(from, to)) => self.ranges.push((from, to)),
                _ => {}
            },
        }
    }

    /// Does something with the formula that a name stands for.
    fn within_name<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Self, &ASTNode) -> Result<T, String>,
    ) -> Result<T, String> {
        let text = (self.names)(name)
            .ok_or_else(|| format!("uses the name {name}, which stands for nothing"))?;
        let node = formualizer_parse::parse(format!("={}", text.trim_start_matches('=')))
            .map_err(|_| format!("uses the name {name}, whose formula cannot be read"))?;
        self.looked_up += 1;
        if self.depth == MAX_NAMES || self.looked_up > MAX_LOOKED_UP {
            return Err(format!("uses the name {name}, which stands for itself"));
        }
        self.depth += 1;
        // A relative reference of a name counts from the cell A1.
        let home = std::mem::take(&mut self.home);
        let result = work(self, &node);
        self.home = home;
        self.depth -= 1;
        result
    }

    fn tree<N: Terms>(&mut self, node: &ASTNode) -> Read<N> {
        match &node.node_type {
            ASTNodeType::Literal(value) => literal(value),
            ASTNodeType::Omitted => Ok(Expr::Number(0.0)),
            ASTNodeType::Reference { reference, .. } => self.reference(reference),
            ASTNodeType::UnaryOp { op, expr } => self.unary(*op, expr),
            ASTNodeType::BinaryOp { op, left, right } => self.binary(*op, left, right, node),
            ASTNodeType::Function { name, args } => self.function(&plain_name(name), args),
            ASTNodeType::Call { .. } => Err("uses LAMBDA".to_owned()),
            ASTNodeType::Array(_) => Err("has a list of constants in braces".to_owned()),
        }
    }

    fn unary<N: Terms>(&mut self, operator: UnaryOperator, operand: &ASTNode) -> Read<N> {
        let operand = self.tree(operand)?;
        match operator {
            UnaryOperator::Minus => Ok(Expr::Negate(Box::new(operand))),
            UnaryOperator::Percent => Ok(operand.binary(Operator::Divide, Expr::Number(100.0))),
            UnaryOperator::Plus | UnaryOperator::ImplicitIntersection => Ok(operand),
            _ => Err("uses # for a whole spilled range".to_owned()),
        }
    }

    fn binary<N: Terms>(
        &mut self,
        operator: BinaryOperator,
        left: &ASTNode,
        right: &ASTNode,
        node: &ASTNode,
    ) -> Read<N> {
        let operator = match operator {
            BinaryOperator::Add => Operator::Add,
            BinaryOperator::Subtract => Operator::Subtract,
            BinaryOperator::Multiply => Operator::Multiply,
            BinaryOperator::Divide => Operator::Divide,
            BinaryOperator::Power => Operator::Power,
            BinaryOperator::Concat => return Err("joins texts with &".to_owned()),
            BinaryOperator::Range | BinaryOperator::Union | BinaryOperator::Intersection => {
                return Err("computes a range of cells".to_owned());
            }
            _ => return self.condition(node, Expr::Number(1.0), Expr::Number(0.0)),
        };
        Ok(self.tree(left)?.binary(operator, self.tree(right)?))
    }

    /// `then` where the condition holds, else `otherwise`.
    fn condition<N: Terms>(
        &mut self,
        node: &ASTNode,
        then: Expr<N>,
        otherwise: Expr<N>,
    ) -> Read<N> {
        match &node.node_type {
            ASTNodeType::BinaryOp { op, left, right } => {
                if let Some(comparison) = comparison(*op) {
                    let (left, right) = (self.tree(left)?, self.tree(right)?);
                    return Ok(choice(left, comparison, right, then, otherwise));
                }
            }
            ASTNodeType::Function { name, args } => match plain_name(name).as_str() {
                "NOT" if args.len() == 1 => return self.condition(&args[0], otherwise, then),
                "AND" => return self.all(args, then, otherwise),
                // Any of them holds, unless each of them fails.
                "OR" => return self.any(args, then, otherwise),
                _ => {}
            },
            _ => {}
        }
        let value = self.tree(node)?;
        Ok(choice(value, Comparison::NotEqual, Expr::Number(0.0), then, otherwise))
    }

    fn all<N: Terms>(&mut self, nodes: &[ASTNode], then: Expr<N>, otherwise: Expr<N>) -> Read<N> {
        nodes.iter().rev().try_fold(then, |then, node| {
            self.repeat(&otherwise)?;
            self.condition(node, then, otherwise.clone())
        })
    }

    fn any<N: Terms>(&mut self, nodes: &[ASTNode], then: Expr<N>, otherwise: Expr<N>) -> Read<N> {
        nodes.iter().rev().try_fold(otherwise, |otherwise, node| {
            self.repeat(&then)?;
            self.condition(node, then.clone(), otherwise)
        })
    }

    /// Counts what is repeated, so that nested conditions cannot grow without bounds.
    fn repeat<N>(&mut self, tree: &Expr<N>) -> Result<(), String> {
        self.repeated += tree.size();
        if self.repeated > MAX_REPEATED {
            return Err("has too many conditions".to_owned());
        }
        Ok(())
    }

    fn reference<N: Terms>(&mut self, reference: &ReferenceType) -> Read<N> {
        if let ReferenceType::NamedRange(name) = reference {
            return self.within_name(name, |reader, node| reader.tree(node));
        }
        Ok(Expr::Name(match self.place(reference)? {
            Place::Cell(cell) => N::reference(Reference::Cell(cell)),
            Place::Range(from, to) => N::range(from, to)?,
        }))
    }

    /// What a reference means, seen from the formula's own cell.
    fn place(&self, reference: &ReferenceType) -> Result<Place, String> {
        match reference {
            ReferenceType::Cell { sheet, row, col, row_abs, col_abs } => Ok(Place::Cell(
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
                Ok(if from == to { Place::Cell(from) } else { Place::Range(from, to) })
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

fn literal<N>(value: &LiteralValue) -> Read<N> {
    match value {
        LiteralValue::Int(number) => Ok(Expr::Number(*number as f64)),
        LiteralValue::Number(number) => Ok(Expr::Number(*number)),
        LiteralValue::Boolean(logical) => Ok(Expr::Number(f64::from(u8::from(*logical)))),
        LiteralValue::Empty => Ok(Expr::Number(0.0)),
        LiteralValue::Text(_) => Err("has a text in it".to_owned()),
        LiteralValue::Error(error) if error.kind == ExcelErrorKind::Ref => {
            Err("refers to #REF!, a cell that was deleted".to_owned())
        }
        LiteralValue::Error(error) => Err(format!("has the error value {} in it", error.kind)),
        _ => Err("has a value in it that is no number".to_owned()),
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

fn choice<N>(
    left: Expr<N>,
    comparison: Comparison,
    right: Expr<N>,
    then: Expr<N>,
    otherwise: Expr<N>,
) -> Expr<N> {
    Expr::If(Box::new(Choice { left, comparison, right, then, otherwise }))
}

#[cfg(test)]
mod tests;
