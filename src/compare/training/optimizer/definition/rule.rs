//! What the updates of a weight compute, as formulas over the weight, its gradient, what does not
//! change, and what an iteration remembers of the one before.

use std::collections::HashMap;

use super::Fault;
use super::marks::Marks;
use super::order::{inline, is_with_zero, ordered, take_out, unify};
use crate::compare::training::optimizer::recurrence::{GRADIENT, NEXT, Recurrence, WEIGHT};
use crate::compare::training::terms::only_cell;
use crate::formula::{Choice, Comparison, Expr, Operator};
use crate::graph::{CellId, Tree};

/// So many cells that no weight changes are written out as the formula that they hold.
const MOST_FIXED: usize = 6;
/// So many times a typed number may change from iteration to iteration.
const MOST_CHANGES: usize = 12;

/// What stands in a formula of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Term {
    /// A column of the recurrence in this iteration.
    Column(usize),
    /// The same in the iteration before.
    Above(usize),
    /// A cell that is the same in all iterations.
    Fixed(usize),
    /// The number of the iteration, counted from 1.
    Step,
    /// The learning rate, where it is typed into the formulas.
    Rate,
    /// A column that holds the same number in all iterations.
    Constant(usize),
}

/// A formula of a rule.
pub(super) type Formula = Expr<Term>;

/// The formulas of a rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// The columns beside weight and gradient, each behind those that it needs, the next weight last.
    pub columns: Vec<(usize, Formula)>,
    /// What columns are before the first iteration.
    pub starts: HashMap<usize, Formula>,
    /// The learning rate, where it was typed into them.
    pub rate: Option<f64>,
}

/// The formulas of a recurrence.
pub(super) fn rule(recurrence: &Recurrence, sign: f64) -> Result<Rule, Fault> {
    let mut reader = Reader { recurrence, sign, known: HashMap::new(), starts: HashMap::new() };
    reader.read(NEXT)?;
    let Reader { mut known, mut starts, .. } = reader;
    inline(&mut known, &mut starts);
    let rate = recurrence.case.rates.typed.map(f64::abs);
    let rate = rate.filter(|rate| {
        recurrence.case.rates.cells.iter().all(Option::is_none) && take_out(&mut known, *rate)
    });
    Ok(Rule { columns: ordered(known, recurrence)?, starts, rate })
}

struct Reader<'r, 'c, 'a> {
    recurrence: &'r Recurrence<'c, 'a>,
    /// What the gradient of the loss is of the gradient of the sheet.
    sign: f64,
    known: HashMap<usize, Formula>,
    starts: HashMap<usize, Formula>,
}

impl Reader<'_, '_, '_> {
    /// Reads the formula of a column, and of all that it needs.
    fn read(&mut self, column: usize) -> Result<(), Fault> {
        if self.known.contains_key(&column) {
            return Ok(());
        }
        let formula = self.usual(column)?;
        self.known.insert(column, formula.clone());
        let mut needed: Vec<Term> = formula.names().into_iter().copied().collect();
        if let Some(first) = self.first(column)? {
            needed.extend(first.names());
            let formula = self.starting_with(formula, first);
            self.known.insert(column, formula);
        } else {
            for term in &needed {
                if let Term::Above(above) = *term {
                    self.start_from_sheet(above);
                }
            }
        }
        for term in needed {
            match term {
                Term::Column(other) | Term::Above(other) if other > GRADIENT => self.read(other)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The formula of a column, as it is from the second iteration on.
    fn usual(&self, column: usize) -> Result<Formula, Fault> {
        let cell = self.recurrence.columns[column].cells.get(1).copied().flatten();
        let Some(cell) = cell else {
            return Err(self.fault(None, "a part of the rule stands in no cell"));
        };
        if self.graph().tree(cell).is_none() {
            return self.typed(column, cell);
        }
        self.formula(cell, 1)
    }

    /// What the first iteration has, where it is made otherwise.
    fn first(&self, column: usize) -> Result<Option<Formula>, Fault> {
        let own = &self.recurrence.columns[column];
        let Some(cell) = own.cells[0].filter(|_| own.first.is_some()) else { return Ok(None) };
        match self.graph().tree(cell) {
            Some(_) => self.formula(cell, 0).map(Some),
            None => Ok(Some(Expr::Number(self.recurrence.number(cell)))),
        }
    }

    /// The formula that is `first` in the first iteration: with a start that gives just that, where
    /// there is one.
    fn starting_with(&mut self, usual: Formula, first: Formula) -> Formula {
        let mut found = HashMap::new();
        let fits = unify(&usual, &first, &mut found);
        let is_new = |(at, start): (&usize, &Formula)| {
            self.starts.get(at).is_none_or(|known| known == start)
        };
        if fits && found.iter().all(is_new) {
            self.starts.extend(found);
            return usual;
        }
        let names = usual.names().into_iter();
        let above =
            names.filter_map(|term| if let Term::Above(at) = term { Some(*at) } else { None });
        let mut above: Vec<usize> = above.collect();
        above.sort_unstable();
        above.dedup();
        if above.iter().all(|at| !self.starts.contains_key(at)) && is_with_zero(&usual, &first) {
            self.starts.extend(above.into_iter().map(|at| (at, Expr::Number(0.0))));
            return usual;
        }
        for at in above {
            self.starts.entry(at).or_insert(Expr::Number(0.0));
        }
        Expr::If(Box::new(Choice {
            left: Expr::Name(Term::Step),
            comparison: Comparison::Equal,
            right: Expr::Number(1.0),
            then: first,
            otherwise: usual,
        }))
    }

    /// What the first iteration has for a column of the one before.
    fn start_from_sheet(&mut self, column: usize) {
        let before = self.recurrence.columns[column].before;
        let number = before.map_or(0.0, |cell| self.recurrence.number(cell));
        let number = if column == GRADIENT { self.sign * number } else { number };
        self.starts.entry(column).or_insert(Expr::Number(number));
    }

    /// Numbers that are typed into each iteration: the step, one number, or one that changes.
    fn typed(&self, column: usize, cell: CellId) -> Result<Formula, Fault> {
        if let Some(step) = self.step(column, 1) {
            return Ok(step);
        }
        let cells = self.recurrence.all_cells(column);
        let numbers: Option<Vec<f64>> = cells.map(|id| self.graph().value(id).number()).collect();
        let Some(numbers) = numbers.filter(|all| !all.is_empty()) else {
            return Err(self.fault(Some(cell), "a cell that the rule needs holds no number"));
        };
        let changes: Vec<usize> =
            (1..numbers.len()).filter(|at| numbers[*at] != numbers[*at - 1]).collect();
        if changes.is_empty() {
            return Ok(Expr::Name(Term::Constant(column)));
        }
        if changes.len() > MOST_CHANGES {
            return Err(self.fault(
                Some(cell),
                "numbers are typed for each step, which no formula of a definition can give",
            ));
        }
        let last = Expr::Number(numbers[numbers.len() - 1]);
        Ok(changes.iter().rev().fold(last, |then, at| {
            Expr::If(Box::new(Choice {
                left: Expr::Name(Term::Step),
                comparison: Comparison::LessOrEqual,
                right: Expr::Number(*at as f64),
                then: Expr::Number(numbers[*at - 1]),
                otherwise: then,
            }))
        }))
    }

    /// What a column that counts is, of the number of the iteration that its cell belongs to.
    fn step(&self, column: usize, behind: usize) -> Option<Formula> {
        let cells = &self.recurrence.columns[column].cells;
        let number = |cell: &Option<CellId>| self.graph().value((*cell)?).number();
        let numbers: Option<Vec<f64>> =
            cells.iter().take_while(|one| one.is_some()).map(number).collect();
        let numbers = numbers.filter(|all| all.len() > 1)?;
        let is_count = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1.0);
        let cell = cells.get(1).copied().flatten()?;
        let is_free = self.recurrence.case.ground.tags.is_fixed(cell);
        (is_count && is_free).then(|| step_and(numbers[0] - 1.0 - (1 - behind) as f64))
    }

    /// The formula in a cell of an iteration.
    fn formula(&self, cell: CellId, iteration: usize) -> Result<Formula, Fault> {
        let graph = self.graph();
        let Some(tree) = graph.tree(cell) else {
            return Err(self.fault(Some(cell), "a formula of the rule cannot be read"));
        };
        let marks = Marks::new(self.recurrence, &tree, iteration);
        let root = marks.marked(&tree.root);
        let Some(written) = graph.expression(&Tree { home: cell, root }) else {
            let text = graph.formula_text(cell).unwrap_or_default();
            let what = format!("the rule has a formula that a definition cannot say: {text}");
            return Err(self.fault(Some(cell), &what));
        };
        let found = written.substitute(&mut |id| match *id {
            id if id == marks.gradient => Ok(self.gradient()),
            id if id == marks.step => Ok(Expr::Name(Term::Step)),
            id => self.term(id, iteration).ok_or_else(|| self.beyond(cell, id)),
        })?;
        Ok(found.map(&counted))
    }

    /// The gradient of the loss.
    fn gradient(&self) -> Formula {
        signed(Expr::Name(Term::Column(GRADIENT)), self.sign)
    }

    /// What a cell is for a formula of an iteration.
    fn term(&self, id: CellId, iteration: usize) -> Option<Formula> {
        let (recurrence, case) = (self.recurrence, self.recurrence.case);
        let origin = case.ground.updates.origin(id);
        let is_weight = |at: usize| {
            let variable = case.variable(recurrence.weight, at);
            variable.is_some_and(|own| own == id || own == origin)
        };
        let before = iteration.checked_sub(1);
        if is_weight(iteration) {
            return Some(Expr::Name(Term::Column(WEIGHT)));
        }
        if before.is_some_and(is_weight) {
            return Some(Expr::Name(Term::Above(WEIGHT)));
        }
        let holds = |column: usize, at: usize| {
            recurrence.columns[column].cells.get(at).copied().flatten() == Some(id)
        };
        if holds(GRADIENT, iteration) {
            return Some(self.gradient());
        }
        if before.is_some_and(|before| holds(GRADIENT, before)) {
            return Some(signed(Expr::Name(Term::Above(GRADIENT)), self.sign));
        }
        if let Some(at) = recurrence.fixed.iter().position(|known| *known == id) {
            return Some(self.fixed(at));
        }
        let columns = NEXT..recurrence.columns.len();
        if let Some(column) = columns.clone().find(|column| holds(*column, iteration)) {
            let count = self.step(column, 1);
            return Some(count.unwrap_or(Expr::Name(Term::Column(column))));
        }
        if let Some(before) = before
            && let Some(column) = columns.clone().find(|column| holds(*column, before))
        {
            let count = self.step(column, 0);
            return Some(count.unwrap_or(Expr::Name(Term::Above(column))));
        }
        if iteration == 0 && case.ground.tags.is_fixed(id) {
            return Some(Expr::Number(self.recurrence.number(id)));
        }
        let only = self.graph().tree(id).and_then(|tree| only_cell(&tree.root))?;
        self.term(only, iteration)
    }

    /// A cell that does not change: itself, or the formula that it holds over others.
    fn fixed(&self, at: usize) -> Formula {
        let (graph, cell) = (self.graph(), self.recurrence.fixed[at]);
        let own = Expr::Name(Term::Fixed(at));
        let Some(written) = graph.tree(cell).and_then(|tree| graph.expression(&tree)) else {
            return own;
        };
        let leaves = written.names().len();
        let inner = written.substitute(&mut |id| {
            let known = self.recurrence.fixed.iter().position(|known| known == id);
            known
                .filter(|other| *other != at && leaves <= MOST_FIXED)
                .map(|at| self.fixed(at))
                .ok_or(())
        });
        inner.ok().filter(|_| leaves > 0).unwrap_or(own)
    }

    fn beyond(&self, cell: CellId, id: CellId) -> Fault {
        let address = self.recurrence.case.address(id);
        let what = format!(
            "the rule is made of more than the weight's own gradient: {} refers to {address}",
            self.recurrence.case.address(cell)
        );
        self.fault(Some(cell), &what)
    }

    fn fault(&self, cell: Option<CellId>, what: &str) -> Fault {
        let cell = cell.or(self.recurrence.columns[NEXT].cells[1]);
        Fault::new(cell, what)
    }

    fn graph(&self) -> &crate::graph::Graph {
        self.recurrence.case.ground.graph
    }
}

/// `t`, or so much more.
fn step_and(more: f64) -> Formula {
    let step = Expr::Name(Term::Step);
    match more {
        0.0 => step,
        less if less < 0.0 => step.binary(Operator::Subtract, Expr::Number(-less)),
        more => step.binary(Operator::Add, Expr::Number(more)),
    }
}

/// The number of the iteration and two numbers, such as `t + 4 - 4` of `ROW()-4`, as one.
fn counted(part: &Formula) -> Option<Formula> {
    let more = |part: &Formula| match part {
        Expr::Name(Term::Step) => Some(0.0),
        Expr::Binary(operator, left, right) => match (operator, left.as_ref(), right.as_ref()) {
            (Operator::Add, Expr::Name(Term::Step), Expr::Number(more)) => Some(*more),
            (Operator::Subtract, Expr::Name(Term::Step), Expr::Number(less)) => Some(-less),
            _ => None,
        },
        _ => None,
    };
    let Expr::Binary(operator, left, right) = part else { return None };
    match (operator, more(left), right.as_ref()) {
        (Operator::Add, Some(one), Expr::Number(other)) => Some(step_and(one + other)),
        (Operator::Subtract, Some(one), Expr::Number(other)) => Some(step_and(one - other)),
        _ => None,
    }
}

fn signed(formula: Formula, sign: f64) -> Formula {
    if sign < 0.0 { Expr::Negate(Box::new(formula)) } else { formula }
}
