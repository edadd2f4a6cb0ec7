//! Writing trees as formulas of a spreadsheet, with the parentheses that its precedence needs.

use super::cells::{Block, Target};
use super::formula::{Node, Reference, Slot};
use super::relative::CellReference;
use super::tree::{Leaf, Tree, fixed};
use super::{CellId, Graph};
use crate::data::address::{MAX_ROWS, column_name};
use crate::formula::Operator;
use crate::value::number_text;

/// How tightly the parts of a formula bind: comparisons, `&`, sums, products, powers, signs, `%`.
const COMPARISON: u8 = 1;
const JOIN: u8 = 2;
const SUM: u8 = 3;
const PRODUCT: u8 = 4;
const POWER: u8 = 5;
const SIGN: u8 = 6;
const PERCENT: u8 = 7;

impl Graph {
    /// A tree as a formula of its cell: `=F12-$C$2*L12`. References that mean what they did are
    /// written as they were.
    pub fn tree_text(&self, tree: &Tree) -> String {
        format!("={}", self.part_text(&tree.root, tree.home))
    }

    /// A part of the formula of a cell, without `=`.
    pub fn part_text(&self, part: &Node<Leaf>, home: CellId) -> String {
        let mut text = String::new();
        write(part, 0, &mut |leaf, text| self.write_leaf(leaf, home, text), &mut text);
        text
    }

    /// A tree as a formula without its `=`, with other words for references; those that `word` has
    /// none for are written as they are.
    pub fn text_with(&self, tree: &Tree, word: &dyn Fn(&Leaf) -> Option<String>) -> String {
        let mut text = String::new();
        let mut leaf = |leaf: &Leaf, text: &mut String| match word(leaf) {
            Some(word) => text.push_str(&word),
            None => self.write_leaf(leaf, tree.home, text),
        };
        write(&tree.root, 0, &mut leaf, &mut text);
        text
    }

    fn write_leaf(&self, leaf: &Leaf, home: CellId, text: &mut String) {
        if let Some(slot) = leaf.slot
            && let Some((reference, _)) =
                self.formula(home).and_then(|formula| formula.references.get(slot))
            && self.targets(home).get(slot) == Some(&leaf.target)
            && (fixed(reference) == leaf.fixed)
        {
            return self.write_slot(slot, home, text);
        }
        match leaf.target {
            Target::Cell(id) => {
                let block = Block::cell(self.sheet(id), self.position(id));
                self.write_block(block, leaf.fixed, home, text);
            }
            Target::Block(block) => self.write_block(block, leaf.fixed, home, text),
            Target::Nowhere(_) | Target::Unknown => text.push_str("#REF!"),
        }
    }

    /// A reference of a cell's own formula, as it is written there.
    fn write_slot(&self, slot: Slot, home: CellId, text: &mut String) {
        let names = self.formula(home).map_or(&[][..], |formula| &formula.names);
        if let Some((_, name)) = names.iter().find(|(named, _)| *named == slot) {
            return text.push_str(name);
        }
        self.write_address(slot, home, text);
    }

    /// A reference of a cell's own formula as an address.
    pub(super) fn write_address(&self, slot: Slot, home: CellId, text: &mut String) {
        let Some((reference, _)) = self.formula(home).and_then(|one| one.references.get(slot))
        else {
            return;
        };
        let at = self.home(home).1;
        let sheet = |cell: &CellReference| {
            cell.sheet.as_deref().map(|name| quoted(name) + "!").unwrap_or_default()
        };
        let [a, b, c, d] = fixed(reference);
        match reference {
            Reference::Cell(cell) => match cell.resolve(at) {
                Some(place) => {
                    text.push_str(&sheet(cell));
                    text.push_str(&address(place, a, b));
                }
                None => text.push_str("#REF!"),
            },
            Reference::Range(from, to) => match from.resolve(at).zip(to.resolve(at)) {
                Some((first, last)) => {
                    text.push_str(&sheet(from));
                    text.push_str(&range(first, last, [a, b, c, d]));
                }
                None => text.push_str("#REF!"),
            },
            Reference::Computed(node) => {
                write(node, 0, &mut |slot, text| self.write_slot(*slot, home, text), text);
            }
        }
    }

    fn write_block(&self, block: Block, fixed: [bool; 4], home: CellId, text: &mut String) {
        if block.sheet != self.sheet(home) {
            text.push_str(&quoted(&self.cells.sheets[block.sheet]));
            text.push('!');
        }
        if block.first() == block.last() {
            text.push_str(&address(block.first(), fixed[0], fixed[1]));
        } else {
            text.push_str(&range(block.first(), block.last(), fixed));
        }
    }
}

/// `$B$7`
fn address(at: (u32, u32), row: bool, column: bool) -> String {
    let sign = |fixed| if fixed { "$" } else { "" };
    format!("{}{}{}{}", sign(column), column_name(at.1), sign(row), at.0 + 1)
}

/// `A$1:B7`, or `A:B` for whole columns.
fn range(first: (u32, u32), last: (u32, u32), [a, b, c, d]: [bool; 4]) -> String {
    if first.0 == 0 && last.0 == MAX_ROWS - 1 {
        let sign = |fixed| if fixed { "$" } else { "" };
        let (from, to) = (column_name(first.1), column_name(last.1));
        return format!("{}{from}:{}{to}", sign(b), sign(d));
    }
    format!("{}:{}", address(first, a, b), address(last, c, d))
}

/// The name of a sheet as formulas write it.
pub(super) fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_plain { name.to_owned() } else { format!("'{}'", name.replace('\'', "''")) }
}

/// Writes a node, in parentheses where it binds less than `least`.
pub(super) fn write<L>(
    node: &Node<L>,
    least: u8,
    leaf: &mut dyn FnMut(&L, &mut String),
    text: &mut String,
) {
    let level = level(node);
    if level < least {
        text.push('(');
    }
    match node {
        Node::Number(number) => text.push_str(&number_text(*number)),
        Node::Text(one) => {
            text.push('"');
            text.push_str(&one.replace('"', "\"\""));
            text.push('"');
        }
        Node::Logical(logical) => text.push_str(if *logical { "TRUE" } else { "FALSE" }),
        Node::Error(error) => text.push_str(&error.to_string()),
        Node::Omitted => {}
        Node::Leaf(one) => leaf(one, text),
        Node::Negate(one) => {
            text.push('-');
            write(one, SIGN, leaf, text);
        }
        Node::Percent(one) => {
            write(one, PERCENT, leaf, text);
            text.push('%');
        }
        Node::Binary(operator, left, right) => {
            write_pair(left, operator.sign().encode_utf8(&mut [0; 4]), right, level, leaf, text);
        }
        Node::Compare(comparison, left, right) => {
            write_pair(left, comparison.sign(), right, level, leaf, text);
        }
        Node::Join(left, right) => write_pair(left, "&", right, level, leaf, text),
        Node::Call(function, arguments) if function.name == ":" => {
            write_pair(&arguments[0], ":", &arguments[1], level, leaf, text);
        }
        Node::Call(function, arguments) => {
            text.push_str(function.name);
            text.push('(');
            for (at, argument) in arguments.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write(argument, 0, leaf, text);
            }
            text.push(')');
        }
        Node::Array(rows) => {
            text.push('{');
            for (row, items) in rows.iter().enumerate() {
                for (column, item) in items.iter().enumerate() {
                    match (row, column) {
                        (0, 0) => {}
                        (_, 0) => text.push(';'),
                        _ => text.push(','),
                    }
                    write(item, 0, leaf, text);
                }
            }
            text.push('}');
        }
    }
    if level < least {
        text.push(')');
    }
}

/// What stands on the right binds more tightly: `a-(b-c)`.
fn write_pair<L>(
    left: &Node<L>,
    sign: &str,
    right: &Node<L>,
    level: u8,
    leaf: &mut dyn FnMut(&L, &mut String),
    text: &mut String,
) {
    write(left, level, leaf, text);
    text.push_str(sign);
    write(right, level.saturating_add(1), leaf, text);
}

fn level<L>(node: &Node<L>) -> u8 {
    match node {
        Node::Compare(..) => COMPARISON,
        Node::Join(..) => JOIN,
        Node::Binary(Operator::Add | Operator::Subtract, ..) => SUM,
        Node::Binary(Operator::Multiply | Operator::Divide, ..) => PRODUCT,
        Node::Binary(Operator::Power, ..) => POWER,
        Node::Negate(_) => SIGN,
        Node::Number(number) if *number < 0.0 => SIGN,
        Node::Percent(_) => PERCENT,
        _ => u8::MAX,
    }
}
