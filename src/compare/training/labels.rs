//! What the cells of one iteration are called: weights by their names, others by the sheet's labels.

use std::collections::HashMap;

use super::chain::{Chain, Factor, Quantity};
use super::names;
use super::result::Training;
use super::terms::Part;
use crate::data::address::cell_name;
use crate::formula::{self, Expr};
use crate::graph::{CellExpr, CellId, Graph, Leaf, Node, Target, Tree, Values};
use crate::value::{Value, number_text};

/// Longer names are no names in formulas.
const LONGEST: usize = 24;
/// Longer names of a loss are not differentiated.
const LONGEST_LOSS: usize = 16;
/// So many numbers of a range are told.
const MOST_NUMBERS: usize = 4;

/// The names of the cells of an iteration.
pub struct Labels<'a> {
    graph: &'a Graph,
    /// The sheet whose cells are called without it.
    sheet: Option<usize>,
    names: HashMap<CellId, String>,
}

impl<'a> Labels<'a> {
    /// Names for all cells that an iteration of a training computes with.
    pub fn new(graph: &'a Graph, training: &Training, iteration: usize) -> Labels<'a> {
        let sheet = match training.sheets[..] {
            [only] => Some(only),
            _ => None,
        };
        let mut labels = Labels { graph, sheet, names: HashMap::new() };
        for one in &training.anatomy {
            for (weight, cells) in training.weights.iter().zip(&one.weights) {
                for cell in [cells.value, cells.shown].into_iter().flatten() {
                    labels.names.insert(cell, weight.name.clone());
                }
            }
        }
        let Some(iteration) = training.anatomy.get(iteration) else { return labels };
        let mut cells: Vec<CellId> = iteration.cells.clone();
        cells.extend(iteration.cells.iter().flat_map(|id| graph.inputs(*id)));
        cells.extend(iteration.loss);
        cells.retain(|id| !labels.names.contains_key(id));
        cells.sort_unstable();
        cells.dedup();
        labels.add(&cells);
        labels
    }

    /// Names cells by their labels, those of the same label by their cells too.
    fn add(&mut self, cells: &[CellId]) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let label = |id: &CellId| {
            let name = names::of_cell(self.graph, *id)?;
            (name.chars().count() <= LONGEST).then_some(name)
        };
        let named: Vec<(CellId, Option<String>)> =
            cells.iter().map(|id| (*id, label(id))).collect();
        for name in self.names.values().chain(named.iter().filter_map(|(_, name)| name.as_ref())) {
            *counts.entry(name.clone()).or_default() += 1;
        }
        for (id, name) in named {
            let name = match name {
                Some(name) if counts[&name] == 1 => name,
                Some(name) => format!("{name} ({})", cell_name(self.graph.position(id))),
                None => self.address(id),
            };
            self.names.insert(id, name);
        }
    }

    /// The address of a cell, without its sheet where the training is on one sheet.
    pub fn address(&self, id: CellId) -> String {
        match self.sheet {
            Some(sheet) if sheet == self.graph.sheet(id) => cell_name(self.graph.position(id)),
            _ => self.graph.address(id),
        }
    }

    /// What a cell is called.
    pub fn of(&self, id: CellId) -> String {
        let known = self.names.get(&id).cloned();
        known.or_else(|| names::of_cell(self.graph, id)).unwrap_or_else(|| self.address(id))
    }

    /// What stands in a derivative.
    pub fn quantity(&self, quantity: Quantity, loss: Quantity) -> String {
        match quantity {
            Quantity::Loss => "loss".to_owned(),
            Quantity::Residual(at) => format!("error {}", at + 1),
            Quantity::Cell(id) => {
                let name = self.of(id);
                let is_long = name.chars().count() > LONGEST_LOSS;
                if quantity == loss && is_long { "loss".to_owned() } else { name }
            }
        }
    }

    /// `∂E/∂w3`.
    pub fn derivative(&self, of: Quantity, by: Quantity, loss: Quantity) -> String {
        format!("∂{}/∂{}", self.quantity(of, loss), self.quantity(by, loss))
    }

    /// The name of a factor: `∂E/∂a`.
    pub fn factor(&self, factor: &Factor, loss: Quantity) -> String {
        self.derivative(factor.of, factor.by, loss)
    }

    /// A derivative as the chain rule has it: `∂E/∂a·∂a/∂w`, a sum where there are several ways.
    pub fn rule(&self, chain: &Chain) -> String {
        let product = |factors: &[Factor]| {
            let names = factors.iter().map(|factor| self.factor(factor, chain.loss));
            names.collect::<Vec<_>>().join("·")
        };
        let rest = product(&chain.rest);
        let mut ways: Vec<String> = chain.ways.iter().map(|way| product(way)).collect();
        if chain.more > 0 {
            ways.push("…".to_owned());
        }
        match (&ways[..], rest.as_str()) {
            ([only], "") => only.clone(),
            ([only], rest) => format!("{only}·{rest}"),
            (_, "") => ways.join(" + "),
            (_, rest) => format!("({})·{rest}", ways.join(" + ")),
        }
    }

    /// A formula with labels for cells: `w1*i1 + w2*i2`.
    pub fn text(&self, formula: &CellExpr) -> String {
        formula::text(formula, &|id| self.of(*id))
    }

    /// A formula with the numbers that the cells hold.
    pub fn numbers(&self, formula: &CellExpr, values: &Values) -> String {
        let value = |id: &CellId| Value::number(values.number(*id).unwrap_or(0.0));
        formula::with_numbers(formula, &value)
    }

    /// A formula over cells, as it would stand in a cell of this sheet, without its `=`.
    pub fn cells(&self, formula: &CellExpr, home: CellId) -> String {
        formula::excel(formula, &|id| self.reference(*id, home))
    }

    /// A local derivative over cells, without `=`; none where no formula says it.
    pub fn factor_in_cells(&self, factor: &Factor, home: CellId) -> Option<String> {
        let own = factor.formula.as_ref().map(|formula| self.cells(formula, home));
        own.or_else(|| {
            let tree = factor.over_ranges.as_ref()?;
            let moved = tree.map(&mut |_, leaf| Leaf { slot: None, ..*leaf });
            Some(self.graph.part_text(&moved.root, home))
        })
    }

    /// A local derivative in labels.
    pub fn factor_in_labels(&self, factor: &Factor) -> Option<String> {
        let own = factor.formula.as_ref().map(|formula| self.text(formula));
        own.or_else(|| Some(self.formula(factor.over_ranges.as_ref()?)))
    }

    fn reference(&self, id: CellId, home: CellId) -> String {
        self.graph.part_text(&Node::Leaf(Leaf::cell(id)), home)
    }

    /// What a cell's formula says in labels; ranges are called by their label where all cells have
    /// the same.
    pub fn formula(&self, tree: &Tree) -> String {
        match is_plain(&tree.root).then(|| self.graph.expression(tree)).flatten() {
            Some(formula) => self.text(&formula),
            None => self.graph.text_with(tree, &|leaf| self.leaf(leaf)),
        }
    }

    fn leaf(&self, leaf: &Leaf) -> Option<String> {
        match leaf.target {
            Target::Cell(id) => Some(self.of(id)),
            Target::Block(block) => {
                let cells = self.graph.within(block);
                let mut labels = cells.map(|id| names::of_cell(self.graph, id));
                let first = labels.next()??;
                labels.all(|label| label.as_ref() == Some(&first)).then_some(first)
            }
            Target::Nowhere(_) | Target::Unknown => None,
        }
    }

    /// What a cell's formula says in numbers.
    pub fn formula_in_numbers(&self, tree: &Tree) -> String {
        let values = self.graph.values();
        if let Some(formula) = is_plain(&tree.root).then(|| self.graph.expression(tree)).flatten() {
            return self.numbers(&formula, values);
        }
        let number = |id: CellId| {
            let number = formula::readable(values.number(id)?);
            Some(number_text(number))
        };
        self.graph.text_with(tree, &|leaf| match leaf.target {
            Target::Cell(id) => {
                let text = number(id)?;
                Some(if text.starts_with('-') { format!("({text})") } else { text })
            }
            Target::Block(block) => {
                let mut cells = self.graph.within(block).filter_map(number);
                let mut shown: Vec<String> = cells.by_ref().take(MOST_NUMBERS).collect();
                if cells.next().is_some() {
                    shown.push("…".to_owned());
                }
                Some(format!("{{{}}}", shown.join("; ")))
            }
            Target::Nowhere(_) | Target::Unknown => None,
        })
    }
}

/// Whether a formula has no ranges in it, nor what the formula layer would say otherwise.
fn is_plain(part: &Part) -> bool {
    match part {
        Node::Leaf(leaf) => matches!(leaf.target, Target::Cell(_)),
        Node::Call(function, arguments) => {
            const OTHERWISE: [&str; 4] = ["SUM", "ROUND", "SUMPRODUCT", "MMULT"];
            !OTHERWISE.contains(&function.name) && arguments.iter().all(is_plain)
        }
        other => other.parts().into_iter().all(is_plain),
    }
}

/// A formula that is nothing but a number.
pub fn is_number(formula: &CellExpr) -> bool {
    matches!(formula, Expr::Number(_))
}
