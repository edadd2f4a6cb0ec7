//! The number, many times: formulas as one flat list of operations.
//!
//! Walking a tree for every row of a long trace costs more than the arithmetic. A [`Program`] is
//! the same formulas, each operation once: what depends on constants alone is computed while it is
//! made, what two formulas share is computed for both. Neither changes a digit, since every
//! operation still gets the operands that [`evaluate`](super::evaluate) would give it.

use std::collections::HashMap;

use super::evaluate::{apply, called, negated};
use super::{Comparison, Expr, Function, Operator};
use crate::value::Value;

/// What a step of a program computes from its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Unary minus.
    Negate,
    /// `left op right`.
    Binary(Operator),
    /// A function with so many arguments.
    Call(&'static Function, usize),
    /// The third operand where the comparison of the first two holds, else the fourth.
    Choose(Comparison),
    /// What stands in a table, counted by whoever runs the program, at the number that is the operand.
    LookUp(usize),
}

impl Operation {
    /// The value that it makes of its operands, of which there may be fewer; a table has no part in this.
    pub fn of(self, operands: [Value; 4]) -> Value {
        let [a, b, then, otherwise] = operands;
        match self {
            Operation::Negate => negated(a),
            Operation::Binary(operator) => apply(operator, a, b),
            Operation::Call(function, arity) => called(function, &operands[..arity.min(4)]),
            Operation::Choose(_) if a.is_error() => a,
            Operation::Choose(_) if b.is_error() => b,
            Operation::Choose(comparison) if comparison.holds(a.raw(), b.raw()) => then,
            Operation::Choose(_) => otherwise,
            Operation::LookUp(_) => a,
        }
    }
}

/// Whoever makes a list of operations of formulas.
pub trait Compiler<N> {
    /// The slot of a number.
    fn number(&mut self, number: f64) -> usize;
    /// The slot of what a name stands for.
    fn name(&mut self, name: &N) -> usize;
    /// The slot of what an operation makes of these slots.
    fn operation(&mut self, operation: Operation, operands: &[usize]) -> usize;

    /// The slot of a formula's value.
    fn compile(&mut self, formula: &Expr<N>) -> usize {
        match formula {
            Expr::Number(number) => self.number(*number),
            Expr::Name(name) => self.name(name),
            Expr::Negate(operand) => {
                let operand = self.compile(operand);
                self.operation(Operation::Negate, &[operand])
            }
            Expr::Binary(operator, left, right) => {
                let operands = [self.compile(left), self.compile(right)];
                self.operation(Operation::Binary(*operator), &operands)
            }
            Expr::Call(function, arguments) => {
                let operands: Vec<usize> = arguments.iter().map(|one| self.compile(one)).collect();
                self.operation(Operation::Call(function, operands.len()), &operands)
            }
            Expr::If(choice) => {
                let parts = [&choice.left, &choice.right, &choice.then, &choice.otherwise];
                let operands = parts.map(|part| self.compile(part));
                self.operation(Operation::Choose(choice.comparison), &operands)
            }
        }
    }
}

/// The slots of an operation's operands, and that of its result.
#[derive(Debug, Clone, Copy)]
struct Step {
    operation: Operation,
    from: [u32; 4],
    to: u32,
}

/// Formulas as a list of operations over slots, each of which holds a value.
#[derive(Debug, Default)]
pub struct Program {
    values: Vec<Value>,
    /// Whether a slot's value is the same at every run.
    constant: Vec<bool>,
    steps: Vec<Step>,
    numbers: HashMap<u64, usize>,
    known: HashMap<(Operation, [u32; 4]), usize>,
}

impl Program {
    /// A slot with a value that stays.
    pub fn constant(&mut self, value: Value) -> usize {
        self.slot(value, true)
    }

    /// A slot that is given its value before each run.
    pub fn variable(&mut self) -> usize {
        self.slot(Value::ZERO, false)
    }

    /// The slot of a number.
    pub fn number(&mut self, number: f64) -> usize {
        if let Some(slot) = self.numbers.get(&number.to_bits()) {
            return *slot;
        }
        let slot = self.constant(Value::number(number));
        self.numbers.insert(number.to_bits(), slot);
        slot
    }

    /// The slot of what an operation makes of these slots.
    pub fn operation(&mut self, operation: Operation, operands: &[usize]) -> usize {
        let mut from = [0; 4];
        from.iter_mut().zip(operands).for_each(|(from, operand)| *from = *operand as u32);
        if let Some(slot) = self.known.get(&(operation, from)) {
            return *slot;
        }
        let is_table = matches!(operation, Operation::LookUp(_));
        let slot = if !is_table && operands.iter().all(|operand| self.constant[*operand]) {
            self.constant(operation.of(from.map(|slot| self.values[slot as usize])))
        } else {
            let slot = self.variable();
            self.steps.push(Step { operation, from, to: slot as u32 });
            slot
        };
        self.known.insert((operation, from), slot);
        slot
    }

    /// The value of a slot.
    pub fn get(&self, slot: usize) -> Value {
        self.values[slot]
    }

    /// Gives a slot its value.
    pub fn set(&mut self, slot: usize, value: Value) {
        self.values[slot] = value;
    }

    /// Computes all formulas; `look_up` knows what stands in a table at a number.
    pub fn run(&mut self, look_up: impl Fn(usize, Value) -> Value) {
        for step in &self.steps {
            let [a, b] = [step.from[0], step.from[1]].map(|slot| self.values[slot as usize]);
            self.values[step.to as usize] = match step.operation {
                Operation::Binary(operator) => apply(operator, a, b),
                Operation::LookUp(table) => look_up(table, a),
                other => other.of(step.from.map(|slot| self.values[slot as usize])),
            };
        }
    }

    fn slot(&mut self, value: Value, is_constant: bool) -> usize {
        self.values.push(value);
        self.constant.push(is_constant);
        self.values.len() - 1
    }
}
