//! Functions that look at their arguments only as far as they need to, or at where they stand.

use super::cells::Block;
use super::evaluate::{Mode, Record, Sight, elementwise};
use super::formula::Node;
use super::functions::Special;
use super::item::{Array, Item, Outcome};
use super::operators::compare;
use super::scalar::ErrorValue;
use crate::formula::Comparison;

impl<L> Sight<'_, L> {
    pub fn special<'n>(
        &self,
        special: Special,
        node: &'n Node<L>,
        arguments: &'n [Node<L>],
        mode: Mode,
    ) -> Record<'n, L> {
        let mut record = Record::new(node, mode, Outcome::One(Item::Unknown));
        match special {
            Special::If | Special::Ifs => self.first_that_holds(&mut record, arguments),
            Special::IfError | Special::IfNotAvailable => {
                let is_meant = |item: &Item| match item {
                    Item::Error(ErrorValue::NotAvailable) => true,
                    Item::Error(_) => special == Special::IfError,
                    _ => false,
                };
                if is_meant(&self.part(&mut record, &arguments[0]).first()) {
                    self.part(&mut record, &arguments[1]);
                }
                record.choose_last();
            }
            Special::Single => {
                record.parts.push(self.run(&arguments[0], Mode::Single));
                record.choose_last();
            }
            Special::Choose => match self.part(&mut record, &arguments[0]).first().arithmetic() {
                Ok(nth) if nth >= 1.0 && nth < arguments.len() as f64 => {
                    self.part(&mut record, &arguments[nth as usize]);
                    record.choose_last();
                }
                Ok(_) => record.outcome = Outcome::One(Item::Error(ErrorValue::Value)),
                Err(failure) => record.outcome = Outcome::One(failure),
            },
            Special::Switch => self.switch(&mut record, arguments),
            Special::Row | Special::Column | Special::Rows | Special::Columns => {
                record.outcome = self.place(special, arguments.first(), mode);
            }
            // References that are computed are leaves.
            _ => {}
        }
        record
    }

    /// Computes one more part of a record.
    fn part<'r, 'n>(&self, record: &'r mut Record<'n, L>, node: &'n Node<L>) -> &'r Outcome {
        let part = self.run(node, record.mode);
        record.parts.push(part);
        let last = record.parts.len() - 1;
        &record.parts[last].outcome
    }

    /// `IF(condition, then, otherwise)` and `IFS(condition, value, ...)`: only the branch that is
    /// taken is looked at.
    fn first_that_holds<'n>(&self, record: &mut Record<'n, L>, arguments: &'n [Node<L>]) {
        for pair in arguments.chunks(2) {
            let (condition, value) = match pair {
                [condition, value] => (condition, value),
                [otherwise, ..] => {
                    self.part(record, otherwise);
                    return record.choose_last();
                }
                [] => return,
            };
            let outcome = self.part(record, condition);
            if matches!(outcome, Outcome::Many(_)) && arguments.len() <= 3 {
                return self.choose_each(record, arguments);
            }
            match outcome.first().arithmetic() {
                Err(failure) => {
                    record.outcome = Outcome::One(failure);
                    return;
                }
                Ok(number) if number != 0.0 => {
                    self.part(record, value);
                    return record.choose_last();
                }
                Ok(_) => {}
            }
        }
        record.outcome = Outcome::One(match arguments.len() {
            2 => Item::Logical(false),
            _ => Item::Error(ErrorValue::NotAvailable),
        });
    }

    /// An `IF` over arrays: all branches, element by element.
    fn choose_each<'n>(&self, record: &mut Record<'n, L>, arguments: &'n [Node<L>]) {
        for branch in &arguments[1..] {
            self.part(record, branch);
        }
        record.outcome = elementwise(&record.parts, |items| match items[0].arithmetic() {
            Err(failure) => failure,
            Ok(number) => match items.get(if number != 0.0 { 1 } else { 2 }) {
                Some(item) => item.clone().shown(),
                None => Item::Logical(false),
            },
        });
    }

    /// `SWITCH(value, case, result, ..., [otherwise])`
    fn switch<'n>(&self, record: &mut Record<'n, L>, arguments: &'n [Node<L>]) {
        let value = self.part(record, &arguments[0]).first();
        for pair in arguments[1..].chunks(2) {
            let (case, result) = match pair {
                [case, result] => (Some(case), result),
                [otherwise, ..] => (None, otherwise),
                [] => return,
            };
            let is_met = case.is_none_or(|case| {
                let case = self.part(record, case).first();
                compare(Comparison::Equal, &value, &case) == Item::Logical(true)
            });
            if is_met {
                self.part(record, result);
                return record.choose_last();
            }
        }
        record.outcome = Outcome::One(Item::Error(ErrorValue::NotAvailable));
    }

    /// The number of a row or a column, or how many there are.
    fn place(&self, special: Special, argument: Option<&Node<L>>, mode: Mode) -> Outcome {
        let block = match argument {
            None => Ok(Block::cell(self.home.0, self.home.1)),
            Some(Node::Leaf(leaf)) => self.block(self.leaves.resolve(leaf, self), Mode::Array),
            Some(other) if special == Special::Rows || special == Special::Columns => {
                let (rows, columns) = self.run(other, Mode::Array).outcome.shape();
                let count = if special == Special::Rows { rows } else { columns };
                return Outcome::One(Item::Number(count as f64));
            }
            Some(_) => Err(Item::Error(ErrorValue::Value)),
        };
        let block = match block {
            Ok(block) => block,
            Err(failure) => return Outcome::One(failure),
        };
        let (rows, columns) = block.shape();
        if mode == Mode::Array && !self.spend(rows, 1) {
            return Outcome::One(Item::Unknown);
        }
        let from = |first: u32, count: usize| {
            (0..count).map(|at| Item::Number(f64::from(first) + at as f64 + 1.0)).collect()
        };
        Outcome::One(Item::Number(match special {
            Special::Row if mode == Mode::Array && rows > 1 => {
                let items = from(block.first().0, rows);
                return Outcome::Many(Array { rows, columns: 1, items });
            }
            Special::Column if mode == Mode::Array && columns > 1 => {
                let items = from(block.first().1, columns);
                return Outcome::Many(Array { rows: 1, columns, items });
            }
            Special::Row => f64::from(block.first().0) + 1.0,
            Special::Column => f64::from(block.first().1) + 1.0,
            Special::Rows => rows as f64,
            _ => columns as f64,
        }))
    }
}
