//! Formulas of cells as mathematics, in the sheet's own labels.

use crate::compare::training::labels::Labels;
use crate::compare::training::names;
use crate::data::address::cell_name;
use crate::formula::{Expr, Operator, escape, mathml, symbol};
use crate::graph::{Block, CellExpr, CellId, Graph, Leaf, Node, Target, Tree};

/// How tightly what is set binds.
const SUM: u8 = 1;
const PRODUCT: u8 = 2;
const POWER: u8 = 3;
const ATOM: u8 = 4;

/// Writes formulas of one iteration.
#[derive(Clone, Copy)]
pub struct Writer<'a, 'b> {
    pub graph: &'a Graph,
    pub labels: &'b Labels<'a>,
    /// Whether cells are called by their labels alone, also where others have the same.
    pub is_plain: bool,
}

/// Set mathematics, and how tightly it binds.
type Set = (String, u8);

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
        self.name(if self.is_plain { own } else { &name })
    }

    /// A name as mathematics.
    pub fn name(&self, name: &str) -> String {
        name_of(name)
    }

    /// `∂a/∂b`, each set as its name.
    pub fn derivative(&self, of: &str, by: &str) -> String {
        let set = |name: &str| format!("<mrow><mo>∂</mo>{}</mrow>", self.name(name));
        format!("<mfrac>{}{}</mfrac>", set(of), set(by))
    }

    /// What the formula of a cell says.
    pub fn tree(&self, tree: &Tree) -> String {
        self.set(&tree.root).0
    }

    fn set(&self, node: &Node<Leaf>) -> Set {
        match node {
            Node::Number(number) => {
                let expr: Expr<()> = Expr::Number(*number);
                (mathml(&expr, &|()| String::new()), if *number < 0.0 { SUM } else { ATOM })
            }
            Node::Leaf(leaf) => (self.leaf(leaf), ATOM),
            Node::Negate(one) => {
                (format!("<mrow><mo>−</mo>{}</mrow>", self.fenced(one, PRODUCT)), SUM)
            }
            Node::Percent(one) => {
                (format!("<mrow>{}<mo>%</mo></mrow>", self.fenced(one, ATOM)), POWER)
            }
            Node::Binary(operator, left, right) => self.binary(*operator, left, right),
            Node::Compare(comparison, left, right) => {
                let sign = match comparison.sign() {
                    "<=" => "≤".to_owned(),
                    ">=" => "≥".to_owned(),
                    "<>" => "≠".to_owned(),
                    sign => escape(sign),
                };
                let (left, right) = (self.set(left).0, self.set(right).0);
                (format!("<mrow>{left}<mo>{sign}</mo>{right}</mrow>"), 0)
            }
            Node::Call(function, arguments) => self.call(function.name, arguments),
            Node::Text(text) => (format!("<mtext>{}</mtext>", escape(text)), ATOM),
            Node::Logical(is) => {
                (format!("<mtext>{}</mtext>", if *is { "TRUE" } else { "FALSE" }), ATOM)
            }
            Node::Error(error) => (format!("<mtext>{}</mtext>", escape(&error.to_string())), ATOM),
            Node::Omitted => ("<mrow></mrow>".to_owned(), ATOM),
            Node::Join(left, right) => {
                let (left, right) = (self.set(left).0, self.set(right).0);
                (format!("<mrow>{left}<mo>&amp;</mo>{right}</mrow>"), 0)
            }
            Node::Array(_) => ("<mtext>{…}</mtext>".to_owned(), ATOM),
        }
    }

    fn fenced(&self, node: &Node<Leaf>, least: u8) -> String {
        let (inside, level) = self.set(node);
        if level < least { in_parentheses(&inside) } else { inside }
    }

    fn binary(&self, operator: Operator, left: &Node<Leaf>, right: &Node<Leaf>) -> Set {
        match operator {
            Operator::Divide => {
                (format!("<mfrac>{}{}</mfrac>", self.set(left).0, self.set(right).0), PRODUCT)
            }
            Operator::Power => {
                let base = self.fenced(left, ATOM);
                (format!("<msup>{base}{}</msup>", self.set(right).0), POWER)
            }
            Operator::Add => self.row(left, "+", right, SUM, SUM),
            Operator::Subtract => self.row(left, "−", right, SUM, PRODUCT),
            Operator::Multiply => self.row(left, "·", right, PRODUCT, PRODUCT),
        }
    }

    fn row(&self, left: &Node<Leaf>, sign: &str, right: &Node<Leaf>, own: u8, least: u8) -> Set {
        let (left, right) = (self.fenced(left, own), self.fenced(right, least));
        (format!("<mrow>{left}<mo>{sign}</mo>{right}</mrow>"), own)
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
            Some(name) => self.name(&name),
            None => {
                let text = format!("{}:{}", cell_name(block.first()), cell_name(block.last()));
                format!("<mtext>{text}</mtext>")
            }
        }
    }

    fn call(&self, name: &str, arguments: &[Node<Leaf>]) -> Set {
        let set = |at: usize| arguments.get(at).map_or(String::new(), |one| self.set(one).0);
        let fenced = |at: usize, least| {
            arguments.get(at).map_or(String::new(), |one| self.fenced(one, least))
        };
        match (name, arguments) {
            ("SUM", [only]) if has_range(only) => (sum_over(&fenced(0, PRODUCT)), SUM),
            ("SUM", _) => {
                let terms: Vec<String> = arguments
                    .iter()
                    .map(|one| match has_range(one) {
                        true => sum_over(&self.fenced(one, PRODUCT)),
                        false => self.fenced(one, SUM),
                    })
                    .collect();
                (format!("<mrow>{}</mrow>", terms.join("<mo>+</mo>")), SUM)
            }
            ("SUMSQ", [_]) => (sum_over(&squared(&fenced(0, ATOM))), SUM),
            ("AVERAGE", [only]) if has_range(only) => {
                let mean = sum_over(&fenced(0, PRODUCT));
                (format!("<mrow><mfrac><mn>1</mn><mi>n</mi></mfrac>{mean}</mrow>"), PRODUCT)
            }
            ("SUMXMY2", [_, _]) => {
                let inside = format!("<mrow>{}<mo>−</mo>{}</mrow>", set(0), fenced(1, PRODUCT));
                (sum_over(&squared(&in_parentheses(&inside))), SUM)
            }
            ("SUMPRODUCT", _) => {
                let factors: Vec<String> =
                    (0..arguments.len()).map(|at| fenced(at, PRODUCT)).collect();
                (sum_over(&format!("<mrow>{}</mrow>", factors.join("<mo>·</mo>"))), SUM)
            }
            ("MMULT", [_, _]) => (
                format!("<mrow>{}<mo>·</mo>{}</mrow>", fenced(0, PRODUCT), fenced(1, PRODUCT)),
                PRODUCT,
            ),
            ("TRANSPOSE", [_]) => (format!("<msup>{}<mi>T</mi></msup>", fenced(0, ATOM)), POWER),
            ("COUNT" | "ROWS", [_]) => ("<mi>n</mi>".to_owned(), ATOM),
            ("SQRT", [_]) => (format!("<msqrt>{}</msqrt>", set(0)), ATOM),
            ("EXP", [_]) => (format!("<msup><mi>e</mi>{}</msup>", set(0)), POWER),
            ("ABS", [_]) => (format!("<mrow><mo>|</mo>{}<mo>|</mo></mrow>", set(0)), ATOM),
            ("POWER", [_, _]) => (format!("<msup>{}{}</msup>", fenced(0, ATOM), set(1)), POWER),
            ("PI", []) => ("<mi>π</mi>".to_owned(), ATOM),
            _ => {
                let inside: Vec<String> = (0..arguments.len()).map(set).collect();
                let name = escape(&name.to_lowercase());
                (
                    format!(
                        "<mrow><mi>{name}</mi><mo>(</mo>{}<mo>)</mo></mrow>",
                        inside.join("<mo>,</mo>")
                    ),
                    ATOM,
                )
            }
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

fn sum_over(inside: &str) -> String {
    format!("<mrow><mo>∑</mo>{inside}</mrow>")
}

fn squared(inside: &str) -> String {
    format!("<msup>{inside}<mn>2</mn></msup>")
}

fn in_parentheses(inside: &str) -> String {
    format!("<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>")
}
