//! Which numbers of a table a form's hyperparameters may be.

use super::Matcher;
use crate::compare::forced::{Constant, Source};
use crate::compare::machine::Leaf;
use crate::compare::rewrite::Departure;
use crate::formula::{Expr, operands};
use crate::sheet::Ref;

/// Columns of the table that may be one of the form.
pub(super) struct Targets {
    pub each: Vec<Source>,
    /// The numbers that the formula of each uses.
    pub pools: Vec<Vec<Constant>>,
    /// All of these, once.
    pub all: Vec<Constant>,
}

impl Targets {
    pub fn new(each: Vec<Source>, pool: impl Fn(&Source) -> Vec<Constant>) -> Targets {
        let pools: Vec<Vec<Constant>> = each.iter().map(pool).collect();
        Targets { all: union(&pools), each, pools }
    }
}

impl Matcher<'_> {
    /// The hyperparameters without a number that the formula needs, itself or through columns
    /// that the table does not show.
    pub(super) fn open_inputs(&self, formula: &Expr<Ref>, column: usize) -> Vec<usize> {
        let mut open = Vec::new();
        let mut seen = vec![false; self.form.sheet.columns.len()];
        seen[column] = true;
        self.collect_open(formula, &mut seen, &mut open);
        open
    }

    fn collect_open(&self, formula: &Expr<Ref>, seen: &mut [bool], open: &mut Vec<usize>) {
        for name in formula.names() {
            match *name {
                Ref::Input(input) => {
                    let needed = self.form.is_open(input) && self.places.inputs[input].is_none();
                    if needed && !open.contains(&input) {
                        open.push(input);
                    }
                }
                Ref::Column(column) | Ref::Above(column) => {
                    let is_shown = self.places.columns[column].is_some();
                    if !is_shown && !std::mem::replace(&mut seen[column], true) {
                        self.collect_open(&self.places.formulas[column], seen, open);
                    }
                }
                Ref::Data(_) | Ref::Order => {}
            }
        }
    }

    /// The formula of the table's `column`, and those of the columns that it is computed from and that are
    /// not placed yet, themselves or through such.
    pub(super) fn patterns(&self, column: usize) -> Vec<&Expr<Leaf>> {
        let columns = &self.given.machine.columns;
        let (mut patterns, mut open) = (Vec::new(), vec![column]);
        let mut seen = vec![false; columns.len()];
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let Some(pattern) = &columns[at].pattern else { continue };
            patterns.push(pattern);
            for leaf in pattern.names() {
                if let Leaf::Column(other) | Leaf::Above(other) = *leaf
                    && !self.used[other]
                {
                    open.push(other);
                }
            }
        }
        patterns
    }

    /// The numbers that the formula of the table's `column` uses: cells, and typed ones.
    pub(super) fn pool(&self, column: usize) -> Vec<Constant> {
        let machine = self.given.machine;
        let mut pool: Vec<Constant> = Vec::new();
        for pattern in self.patterns(column) {
            for leaf in pattern.names() {
                if let Leaf::Fixed(cell) = leaf {
                    self.add_cell(*cell, &mut pool);
                }
            }
            each_number(pattern, &mut |number| {
                let typed = Constant::Typed(number);
                // Exponents, the 1 of 1 - β and the 0 of a case are no hyperparameters.
                if !pool.contains(&typed) && ![0.0, 1.0, 2.0].contains(&number) {
                    pool.push(typed);
                }
            });
        }
        if self.given.trials.len() == 1 && machine.columns[column].pattern.is_none() {
            // A table of numbers alone: any labelled cell may be meant.
            (0..machine.fixed.len()).for_each(|cell| self.add_cell(cell, &mut pool));
        }
        pool
    }

    /// Gives the hyperparameters each combination of their numbers that one of the targets uses, until an
    /// `attempt` with those that use it succeeds: a column that does not use a number is not computed from it.
    pub(super) fn try_numbers(
        &mut self,
        choices: &[(usize, Vec<Constant>)],
        targets: &Targets,
        using: &[usize],
        attempt: &mut impl FnMut(&mut Self, &[usize]) -> bool,
    ) -> bool {
        if using.is_empty() || self.given.is_spent() {
            return false;
        }
        let Some(((input, constants), others)) = choices.split_last() else {
            return attempt(self, using);
        };
        constants.iter().any(|constant| {
            let is_decided = self.is_decided(*constant);
            let is_used = |at: &&usize| is_decided || targets.pools[**at].contains(constant);
            let using: Vec<usize> = using.iter().filter(is_used).copied().collect();
            self.places.inputs[*input] = Some(*constant);
            self.try_numbers(others, targets, &using, attempt)
        })
    }

    /// Whether a number need not be in the table: it stands for nothing, or the user has set it.
    pub(super) fn is_decided(&self, constant: Constant) -> bool {
        match constant {
            Constant::Absent(_) => true,
            Constant::Typed(number) => {
                self.given.trials.len() == 1
                    && self.given.set.iter().any(|(_, value)| *value == number)
            }
            Constant::Cell(_) => false,
        }
    }

    /// The cell, and those that it follows from.
    fn add_cell(&self, cell: usize, pool: &mut Vec<Constant>) {
        if pool.contains(&Constant::Cell(cell)) {
            return;
        }
        // What others follow from comes first: β before 1 - β.
        let formula = &self.given.machine.fixed[cell].formula;
        for leaf in formula.iter().flat_map(Expr::names) {
            if let Leaf::Fixed(other) = leaf
                && *other != cell
            {
                self.add_cell(*other, pool);
            }
        }
        pool.push(Constant::Cell(cell));
    }

    /// The departure, which is no slip where the number of its hyperparameter makes sense of it.
    pub(super) fn weighed(&self, departure: Departure) -> Departure {
        let constant = departure.right_if_small.and_then(|input| self.places.inputs[input]);
        let value = match constant {
            Some(Constant::Cell(cell)) => self.given.machine.fixed[cell].value,
            Some(Constant::Typed(number)) => number,
            Some(Constant::Absent(_)) | None => return departure,
        };
        Departure { is_mistake: departure.is_mistake && value >= 0.5, ..departure }
    }

    /// Whether the cell is what was found to be β2, where `input` is β1, or the reverse.
    fn is_other_decay(&self, input: usize, constant: Constant) -> bool {
        let sheet = &self.form.sheet;
        let other = match sheet.inputs[input].id.as_str() {
            "beta1" => sheet.input("beta2"),
            "beta2" => sheet.input("beta1"),
            _ => None,
        };
        let is_cell = matches!(constant, Constant::Cell(_));
        is_cell && other.is_some_and(|other| self.places.inputs[other] == Some(constant))
    }

    /// What the form's `input` may be: a number of the pool, or nothing where 0 is nothing.
    pub(super) fn constants(&self, input: usize, pool: &[Constant]) -> Vec<Constant> {
        let one = &self.form.sheet.inputs[input];
        let set = self.given.set.iter().find(|(name, _)| *name == one.id);
        if let (Some((_, value)), [_]) = (set, self.given.trials) {
            return vec![Constant::Typed(*value)];
        }
        let mut constants = pool.to_vec();
        if !self.given.may_share_decays {
            constants.retain(|constant| !self.is_other_decay(input, *constant));
        }
        if one.value == 0.0 || one.id.starts_with("eps") {
            constants.push(Constant::Absent(0.0));
        } else if one.value == 1.0 {
            constants.push(Constant::Absent(1.0));
        }
        constants
    }
}

/// All that is in one of the pools, once.
fn union(pools: &[Vec<Constant>]) -> Vec<Constant> {
    let mut all: Vec<Constant> = Vec::new();
    for constant in pools.iter().flatten() {
        if !all.contains(constant) {
            all.push(*constant);
        }
    }
    all
}

/// Calls `visit` with every number in the formula.
fn each_number(formula: &Expr<Leaf>, visit: &mut impl FnMut(f64)) {
    if let Expr::Number(number) = formula {
        visit(*number);
    }
    for operand in operands(formula) {
        each_number(operand, visit);
    }
}
