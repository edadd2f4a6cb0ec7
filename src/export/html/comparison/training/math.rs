//! Formulas of cells as mathematics, in the sheet's own labels.
//!
//! A cell's formula becomes a tree of the formula layer, which knows how mathematics is set. What that has no word for,
//! such as a sum over a range, stands in the tree as a name that is set already.

use crate::compare::training::labels::Labels;
use crate::compare::training::names;
use crate::data::address::cell_name;
use crate::formula::{Expr, Function, Operator, escape, mathml, symbol};
use crate::graph::{Block, CellExpr, CellId, Graph, Leaf, Node, Target, Tree};

/// Writes formulas of one iteration.
#[derive(Clone, Copy)]
pub struct Writer<'a, 'b> {
    pub graph: &'a Graph,
    pub labels: &'b Labels<'a>,
    /// Whether cells are called by their labels alone, also where others have the same.
    pub is_plain: bool,
}

/// A formula whose names are MathML.
type Set = Expr<String>;

impl Writer<'_, '_> {
    /// A formula over cells, such as a local derivative.
    pub fn formula(&self, formula: &CellExpr) -> String {
        mathml(formula, &|id| self.cell(*id))
    }

    /// What a cell is called.
    pub fn cell(&self, id: CellId) -> String {
        let name = self.labels.of(id);
        // `e (F7)` is one of several called e.
        let address = format!(" ({})", cell_name(self.graph.position(id)));
        let own = name.strip_suffix(&address).unwrap_or(&name);
        name_of(if self.is_plain { own } else { &name })
    }

    /// `∂a/∂b`, each set as its name.
    pub fn derivative(&self, of: &str, by: &str) -> String {
        let set = |name: &str| format!("<mrow><mo>∂</mo>{}</mrow>", name_of(name));
        format!("<mfrac>{}{}</mfrac>", set(of), set(by))
    }

    /// What the formula of a cell says.
    pub fn tree(&self, tree: &Tree) -> String {
        self.side(&tree.root)
    }

    fn set(&self, node: &Node<Leaf>) -> Set {
        match node {
            Node::Number(number) => Expr::Number(*number),
            Node::Leaf(leaf) => Expr::Name(self.leaf(leaf)),
            Node::Negate(one) => Expr::Negate(Box::new(self.set(one))),
            Node::Binary(operator, left, right) => {
                self.set(left).binary(*operator, self.set(right))
            }
            Node::Call(function, arguments) => self.call(function.name, arguments),
            Node::Percent(one) => {
                Expr::Name(format!("<mrow>{}<mo>%</mo></mrow>", self.within(one)))
            }
            Node::Compare(..) | Node::Join(..) => Expr::Name(in_parentheses(&self.side(node))),
            Node::Text(text) => words(text),
            Node::Logical(is) => words(if *is { "TRUE" } else { "FALSE" }),
            Node::Error(error) => words(&error.to_string()),
            Node::Omitted => Expr::Name("<mrow></mrow>".to_owned()),
            Node::Array(_) => words("{…}"),
        }
    }

    /// What stands by itself: between commas, or on a side of a sign.
    fn side(&self, node: &Node<Leaf>) -> String {
        let (left, sign, right) = match node {
            Node::Compare(comparison, left, right) => (left, comparison.sign(), right),
            Node::Join(left, right) => (left, "&", right),
            other => return set(&self.set(other)),
        };
        let sign = match sign {
            "<=" => "≤".to_owned(),
            ">=" => "≥".to_owned(),
            "<>" => "≠".to_owned(),
            sign => escape(sign),
        };
        format!("<mrow>{}<mo>{sign}</mo>{}</mrow>", self.side(left), self.side(right))
    }

    /// What a sum sign or the like stands before or behind: a sum is fenced.
    fn within(&self, node: &Node<Leaf>) -> String {
        let inside = self.set(node);
        let is_sum = matches!(
            inside,
            Expr::Binary(Operator::Add | Operator::Subtract, ..) | Expr::Negate(_)
        );
        if is_sum { in_parentheses(&set(&inside)) } else { set(&inside) }
    }

    fn leaf(&self, leaf: &Leaf) -> String {
        match leaf.target {
            Target::Cell(id) => self.cell(id),
            Target::Block(block) => self.block(block),
            Target::Nowhere(error) => format!("<mtext>{}</mtext>", escape(&error.to_string())),
            Target::Unknown => "<mtext>?</mtext>".to_owned(),
        }
    }

    /// Cells by the label that all of them have, else by their addresses.
    fn block(&self, block: Block) -> String {
        let mut labels = self.graph.within(block).map(|id| names::of_cell(self.graph, id));
        let first = labels.next().flatten();
        match first.filter(|first| labels.all(|one| one.as_ref() == Some(first))) {
            Some(name) => name_of(&name),
            None => {
                let text = format!("{}:{}", cell_name(block.first()), cell_name(block.last()));
                format!("<mtext>{text}</mtext>")
            }
        }
    }

    fn call(&self, name: &str, arguments: &[Node<Leaf>]) -> Set {
        let all = || arguments.iter().map(|one| self.set(one));
        let joined = |operator: Operator| all().reduce(|left, right| left.binary(operator, right));
        let squared = |one: Set| one.binary(Operator::Power, Expr::Number(2.0));
        let term = |one: &Node<Leaf>| match has_range(one) {
            true => sum_over(&self.within(one)),
            false => self.set(one),
        };
        match (name, arguments) {
            ("SUM", [first, rest @ ..]) => {
                rest.iter().fold(term(first), |sum, one| sum.binary(Operator::Add, term(one)))
            }
            ("SUMSQ", [only]) => sum_over(&set(&squared(self.set(only)))),
            ("SUMXMY2", [left, right]) => {
                let difference = self.set(left).binary(Operator::Subtract, self.set(right));
                sum_over(&set(&squared(difference)))
            }
            ("SUMPRODUCT", [_, ..]) => {
                sum_over(&joined(Operator::Multiply).as_ref().map_or(String::new(), set))
            }
            ("AVERAGE", [only]) if has_range(only) => {
                let mean = set(&sum_over(&self.within(only)));
                Expr::Name(format!("<mrow><mfrac><mn>1</mn><mi>n</mi></mfrac>{mean}</mrow>"))
            }
            ("MMULT", [left, right]) => self.set(left).binary(Operator::Multiply, self.set(right)),
            ("POWER", [base, power]) => self.set(base).binary(Operator::Power, self.set(power)),
            ("TRANSPOSE", [one]) => {
                Expr::Name(format!("<msup>{}<mi>T</mi></msup>", self.within(one)))
            }
            ("EXP", [one]) => Expr::Name(format!("<msup><mi>e</mi>{}</msup>", self.side(one))),
            ("COUNT" | "ROWS", [_]) => Expr::Name("<mi>n</mi>".to_owned()),
            _ => match Function::find(&name.to_lowercase()) {
                Some(known) if known.arity == arguments.len() => Expr::Call(known, all().collect()),
                _ => {
                    let inside: Vec<String> = arguments.iter().map(|one| self.side(one)).collect();
                    let (name, inside) = (escape(&name.to_lowercase()), inside.join("<mo>,</mo>"));
                    Expr::Name(format!("<mrow><mi>{name}</mi><mo>(</mo>{inside}<mo>)</mo></mrow>"))
                }
            },
        }
    }
}

/// A label as a name: `a_h1` with an index, a label that is a formula itself as it stands.
pub fn name_of(label: &str) -> String {
    let is_letter = |c: char| c.is_alphanumeric() || "_ .∂'".contains(c);
    let has_bar = label.contains('/') && label.starts_with(['d', '∂']);
    match label.chars().all(|c| is_letter(c) || has_bar && c == '/') {
        true => symbol(label),
        false => format!("<mtext>{}</mtext>", escape(label)),
    }
}

fn has_range(node: &Node<Leaf>) -> bool {
    match node {
        Node::Leaf(leaf) => {
            matches!(leaf.target, Target::Block(block) if block.first() != block.last())
        }
        other => other.parts().into_iter().any(has_range),
    }
}

fn set(formula: &Set) -> String {
    mathml(formula, &String::clone)
}

fn words(text: &str) -> Set {
    Expr::Name(format!("<mtext>{}</mtext>", escape(text)))
}

fn sum_over(inside: &str) -> Set {
    Expr::Name(format!("<mrow><mo>∑</mo>{inside}</mrow>"))
}

fn in_parentheses(inside: &str) -> String {
    format!("<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>")
}
