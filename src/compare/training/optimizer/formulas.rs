//! A definition's formula as it should stand in the sheet, over the sheet's own cells.

use super::recurrence::Recurrence;
use crate::compare::forced::Constant;
use crate::compare::form::Form;
use crate::compare::matching::Fit;
use crate::compare::training::describe;
use crate::formula::{Expr, Function, Operator, Written};
use crate::graph::functions::SheetFunction;
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Node, Tree};
use crate::sheet::Ref;

/// So many formulas are written out one in the other.
const MOST_LEVELS: usize = 8;

/// A form with the cells that it was found in.
pub(super) struct Placed<'r, 'c, 'a> {
    pub recurrence: &'r Recurrence<'c, 'a>,
    pub form: &'r Form<'r>,
    pub fit: &'r Fit,
}

/// The cell that a formula belongs into, and its iteration.
#[derive(Clone, Copy)]
struct Spot {
    home: CellId,
    iteration: usize,
}

impl Placed<'_, '_, '_> {
    /// The formula that belongs into the cell of a form's column in an iteration.
    pub fn tree(&self, column: usize, iteration: usize) -> Option<Tree> {
        let source = self.fit.places.columns[column]?;
        let home = self.recurrence.columns[source.column].cells.get(iteration).copied()??;
        let spot = Spot { home, iteration };
        let root = self.node(&self.fit.places.formulas[column], spot, MOST_LEVELS)?;
        let root = if source.sign < 0.0 { Node::Negate(Box::new(root)) } else { root };
        Some(self.held(Tree { home, root }))
    }

    /// Words about the form's columns, with what the sheet calls those of a weight.
    pub fn in_words_of_sheet(&self, text: &str) -> String {
        let (columns, case) = (&self.form.sheet.columns, self.recurrence.case);
        let own = |word: &str| {
            let at = columns.iter().position(|one| one.header == word && word.contains("_w"))?;
            let cells = &self.recurrence.columns[self.fit.places.columns[at]?.column].cells;
            cells.iter().flatten().next().map(|cell| describe::name(case.ground, *cell))
        };
        let words = text.split(' ').map(|word| own(word).unwrap_or_else(|| word.to_owned()));
        words.collect::<Vec<String>>().join(" ")
    }

    /// A formula with the `$` that the one in its cell has.
    fn held(&self, tree: Tree) -> Tree {
        let own = self.recurrence.case.ground.graph.tree(tree.home);
        let own = own.iter().flat_map(Tree::leaves).copied().collect::<Vec<Leaf>>();
        tree.map(&mut |_, leaf| match own.iter().find(|own| own.target == leaf.target) {
            Some(own) => Leaf { fixed: own.fixed, ..*leaf },
            None => *leaf,
        })
    }

    fn node(&self, formula: &Expr<Ref>, spot: Spot, levels: usize) -> Option<Node<Leaf>> {
        let inner = |part: &Expr<Ref>| self.node(part, spot, levels);
        Some(match formula {
            Expr::Number(number) => Node::Number(*number),
            Expr::Negate(part) => Node::Negate(Box::new(inner(part)?)),
            Expr::Binary(operator, left, right) => joined(*operator, inner(left)?, inner(right)?),
            Expr::Call(function, arguments) => {
                let arguments = arguments.iter().map(inner).collect::<Option<_>>()?;
                Node::Call(sheet_function(function)?, arguments)
            }
            Expr::If(choice) => Node::Call(
                SheetFunction::find("IF")?,
                vec![
                    Node::Compare(
                        choice.comparison,
                        Box::new(inner(&choice.left)?),
                        Box::new(inner(&choice.right)?),
                    ),
                    inner(&choice.then)?,
                    inner(&choice.otherwise)?,
                ],
            ),
            Expr::Name(Ref::Column(column)) => self.column(*column, spot, levels)?,
            Expr::Name(Ref::Above(column)) => self.above(*column, spot.iteration)?,
            Expr::Name(Ref::Input(input)) => self.input(*input)?,
            Expr::Name(Ref::Data(_) | Ref::Order) => return None,
        })
    }

    fn column(&self, column: usize, spot: Spot, levels: usize) -> Option<Node<Leaf>> {
        if column == self.form.sheet.row {
            return Some(self.step(spot));
        }
        let Some(source) = self.fit.places.columns[column] else {
            let levels = levels.checked_sub(1)?;
            let node = self.node(&self.form.sheet.columns[column].formula, spot, levels)?;
            return Some(self.own_cell(&node).map_or(node, leaf));
        };
        let cell = self.recurrence.columns[source.column].cells.get(spot.iteration).copied()?;
        signed(leaf(cell?), source.sign)
    }

    /// The cell that has a formula already, whether or not anything is computed from it.
    fn own_cell(&self, node: &Node<Leaf>) -> Option<CellId> {
        let graph = self.recurrence.case.ground.graph;
        let targets = |node: &Node<Leaf>| node.map_leaves(&mut |leaf| leaf.target);
        let mut first = None;
        node.each_leaf(&mut |leaf| first = first.or(leaf.id()));
        let is_it =
            |id: &CellId| graph.tree(*id).is_some_and(|tree| targets(&tree.root) == targets(node));
        graph.users(first?).iter().copied().find(is_it)
    }

    fn above(&self, column: usize, iteration: usize) -> Option<Node<Leaf>> {
        let source = self.fit.places.columns[column]?;
        let column = &self.recurrence.columns[source.column];
        let cell = match iteration.checked_sub(1) {
            Some(before) => column.cells.get(before).copied()?,
            None => column.before,
        };
        signed(leaf(cell?), source.sign)
    }

    fn input(&self, input: usize) -> Option<Node<Leaf>> {
        match self.fit.places.inputs[input] {
            Some(Constant::Cell(at)) => {
                let cell = self.recurrence.fixed[at];
                Some(Node::Leaf(Leaf { fixed: [true; 4], ..Leaf::cell(cell) }))
            }
            Some(Constant::Typed(number) | Constant::Absent(number)) => Some(Node::Number(number)),
            None => None,
        }
    }

    /// The number of the iteration, as it stands in some cell or follows from where the formula stands.
    fn step(&self, Spot { home, iteration }: Spot) -> Node<Leaf> {
        let column = self.fit.places.columns[self.form.sheet.row].map(|source| source.column);
        let counter = column.or_else(|| self.recurrence.counter());
        let cells = match counter {
            Some(column) => Some(self.recurrence.columns[column].cells.clone()),
            None => self.recurrence.numbers_beside(),
        };
        let Some(cell) = cells.as_ref().and_then(|cells| cells[iteration]) else {
            let number = iteration as f64 + 1.0 + self.fit.places.steps_before;
            return self.place_number(home, number).unwrap_or(Node::Number(number));
        };
        let first = cells.and_then(|cells| cells[0]);
        let lacks = first.map_or(0.0, |first| 1.0 - self.recurrence.number(first));
        match lacks == 1.0 {
            true => leaf(cell).binary(Operator::Add, Node::Number(1.0)),
            false => leaf(cell),
        }
    }

    /// `ROW()-9`, which fills down or to the right as iterations follow on each other.
    fn place_number(&self, home: CellId, number: f64) -> Option<Node<Leaf>> {
        let case = self.recurrence.case;
        let (row, column) = case.ground.graph.position(home);
        let (function, at) = match case.shifts.first()? {
            Place { sheet: 0, row: 1, column: 0 } => ("ROW", row),
            Place { sheet: 0, row: 0, column: 1 } => ("COLUMN", column),
            _ => return None,
        };
        let place = Node::Call(SheetFunction::find(function)?, Vec::new());
        Some(place.binary(Operator::Subtract, Node::Number(f64::from(at) + 1.0 - number)))
    }
}

/// Two parts joined, without what stands for a hyperparameter that the sheet does not have.
fn joined(operator: Operator, left: Node<Leaf>, right: Node<Leaf>) -> Node<Leaf> {
    match (operator, &left, &right) {
        (Operator::Multiply, Node::Number(0.0), _) | (Operator::Multiply, _, Node::Number(0.0)) => {
            Node::Number(0.0)
        }
        (Operator::Multiply, Node::Number(1.0), _) | (Operator::Add, Node::Number(0.0), _) => right,
        (Operator::Add | Operator::Subtract, _, Node::Number(0.0)) => left,
        _ => left.binary(operator, right),
    }
}

fn leaf(cell: CellId) -> Node<Leaf> {
    Node::Leaf(Leaf::cell(cell))
}

fn signed(part: Node<Leaf>, sign: f64) -> Option<Node<Leaf>> {
    Some(if sign < 0.0 { Node::Number(-1.0).binary(Operator::Multiply, part) } else { part })
}

/// The spreadsheet's function of the same meaning.
fn sheet_function(function: &Function) -> Option<&'static SheetFunction> {
    match function.excel {
        Written::Named(name) => SheetFunction::find(name),
        Written::Formula(_) => None,
    }
}
