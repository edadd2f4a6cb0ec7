//! A rule's formulas as a flat list of instructions, computed for all weights at once, with several
//! values of the hyperparameters side by side.
//!
//! The search tries a rule with thousands of values of its hyperparameters. What depends on these
//! alone is computed once, what depends on the number of the step once for all weights; every number
//! is the one that [`evaluate`](crate::formula::evaluate) gives, an error as NaN.

use super::fit::nearest_within;
use crate::formula::{Compiler, Expr, Function, Operation, Operator, TOTALS};
use crate::sheet::{Ref, Sheet};
use crate::value::Value;
use std::cell::Cell;
use std::ops::Range;

/// So many invented steps tell how a rule follows its learning rate.
const INVENTED: u32 = 30;

/// What an instruction computes from its operands.
#[derive(Debug, Clone, Copy)]
enum Task {
    Copy,
    /// The sum of the operand over all weights, or over those of each tensor.
    Total(bool),
    Formula(Operation),
}

/// A task, the slots of its operands and that of its result.
#[derive(Debug, Clone)]
struct Instruction {
    task: Task,
    from: [usize; 4],
    to: usize,
}

/// How often a slot's number changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// With the inputs.
    Once,
    /// With the number of the step.
    EachStep,
    /// From weight to weight.
    EachWeight,
}

/// The formulas of a rule, compiled.
#[derive(Debug, Clone)]
pub(super) struct Program {
    scopes: Vec<Scope>,
    numbers: Vec<(usize, f64)>,
    initial: Vec<Instruction>,
    once: Vec<Instruction>,
    steps: Vec<Instruction>,
    /// The columns of which a formula wants the value of the row above.
    remembered: Vec<usize>,
    columns: usize,
    row: usize,
    start: usize,
    current: usize,
    gradient: usize,
    loss: usize,
    next: usize,
}

impl Program {
    /// Compiles the formulas of these columns of a sheet with one weight.
    pub fn new(sheet: &Sheet, formulas: &[Expr<Ref>], columns: &[usize]) -> Program {
        let count = sheet.columns.len();
        let weight = sheet.weights.first();
        let at = |of: fn(&crate::sheet::Weight) -> usize| weight.map_or(sheet.row, of);
        let mut program = Program {
            scopes: vec![Scope::EachWeight; 2 * count],
            numbers: Vec::new(),
            initial: Vec::new(),
            once: Vec::new(),
            steps: Vec::new(),
            remembered: Vec::new(),
            columns: count,
            row: sheet.row,
            start: 2 * count + at(|one| one.start),
            current: at(|one| one.current),
            gradient: at(|one| one.gradient),
            loss: sheet.loss,
            next: at(|one| one.next),
        };
        program.scopes.extend(sheet.inputs.iter().map(|_| Scope::Once));
        program.scopes[sheet.row] = Scope::EachStep;
        program.scopes[sheet.loss] = Scope::EachStep;
        let start = program.start;
        program.scopes[start] = Scope::EachWeight;
        columns.iter().for_each(|column| program.scopes[*column] = Scope::Once);
        for column in columns {
            if let Some(initial) = &sheet.columns[*column].initial {
                program.column(*column, initial);
            }
        }
        program.initial = program.once.drain(..).chain(program.steps.drain(..)).collect();
        for column in columns {
            program.column(*column, &formulas[*column]);
        }
        program
    }

    /// Whether twice the learning rate makes every step twice as long.
    pub fn is_proportional(&self, sheet: &Sheet) -> bool {
        let Some(rate) = sheet.input("lr") else { return true };
        let moves = |value: f64| {
            let mut inputs: Vec<f64> = sheet.inputs.iter().map(|input| input.value).collect();
            inputs[rate] = value;
            let mut machine = Machine::new(self, &[&inputs], &[0.7], &[0]);
            let mut moves = Vec::new();
            (0..INVENTED).for_each(|step| {
                machine.step(&[0.7], &[0.3 + 0.1 * f64::from(step % 3)], 0.5, &mut moves);
            });
            moves
        };
        let is_same = |(long, short): (f64, f64)| (long - 100.0 * short).abs() <= 1e-9 * long.abs();
        moves(1.0)
            .into_iter()
            .zip(moves(0.01))
            .all(|(a, b)| is_same((a, b)) || a.is_nan() && b.is_nan())
    }

    fn column(&mut self, column: usize, formula: &Expr<Ref>) {
        let from = self.compile(formula);
        self.scopes[column] = self.scopes[column].max(self.scopes[from]);
        self.push(Instruction { task: Task::Copy, from: [from; 4], to: column });
    }

    fn slot(&mut self, scope: Scope) -> usize {
        self.scopes.push(scope);
        self.scopes.len() - 1
    }

    /// Adds an instruction where it runs as often as its result changes.
    fn push(&mut self, instruction: Instruction) {
        let is_once = self.scopes[instruction.to] == Scope::Once;
        if is_once { &mut self.once } else { &mut self.steps }.push(instruction);
    }
}

impl Compiler<Ref> for Program {
    fn number(&mut self, number: f64) -> usize {
        let slot = self.slot(Scope::Once);
        self.numbers.push((slot, number));
        slot
    }

    fn name(&mut self, name: &Ref) -> usize {
        match *name {
            Ref::Column(at) => at,
            Ref::Above(at) => {
                if !self.remembered.contains(&at) {
                    self.remembered.push(at);
                }
                self.columns + at
            }
            Ref::Input(at) => 2 * self.columns + at,
            Ref::Data(_) | Ref::Order => self.number(f64::NAN),
        }
    }

    fn operation(&mut self, operation: Operation, operands: &[usize]) -> usize {
        let task = match operation {
            Operation::Call(function, _) => is_total(function).map(Task::Total),
            _ => None,
        };
        let task = task.unwrap_or(Task::Formula(operation));
        let scope = match task {
            Task::Total(_) => Scope::EachWeight,
            _ => operands.iter().map(|at| self.scopes[*at]).max().unwrap_or(Scope::Once),
        };
        let to = self.slot(scope);
        let mut from = [0; 4];
        from.iter_mut().zip(operands).for_each(|(slot, operand)| *slot = *operand);
        self.push(Instruction { task, from, to });
        to
    }
}

/// A program at some step of a training, with the numbers of all weights.
#[derive(Debug, Clone)]
pub(super) struct Machine<'p> {
    program: &'p Program,
    weights: usize,
    /// So many values of the inputs are tried side by side.
    lanes: usize,
    /// The tensor that each weight belongs to.
    tensors: &'p [usize],
    /// The numbers by slot, then by weight, then by lane.
    cells: Vec<f64>,
    /// How many steps were taken.
    steps: usize,
}

impl<'p> Machine<'p> {
    /// A program before its first step, from these weights, in a lane for each of several lists of the
    /// inputs' values.
    pub fn new(
        program: &'p Program,
        inputs: &[&[f64]],
        start: &[f64],
        tensors: &'p [usize],
    ) -> Machine<'p> {
        let (weights, lanes) = (start.len(), inputs.len());
        let cells = vec![0.0; program.scopes.len() * weights * lanes];
        let mut machine = Machine { program, weights, lanes, tensors, cells, steps: 0 };
        for (slot, number) in &program.numbers {
            machine.fill(*slot, *number);
        }
        for at in 0..inputs.first().map_or(0, |one| one.len()) {
            let to = machine.column(2 * program.columns + at);
            for of_weight in machine.cells[to].chunks_exact_mut(lanes) {
                of_weight.iter_mut().zip(inputs).for_each(|(cell, inputs)| *cell = inputs[at]);
            }
        }
        machine.put(program.start, start);
        machine.run(&program.initial);
        machine.run(&program.once);
        machine
    }

    /// Gives an input another value, in all lanes.
    pub fn set(&mut self, input: usize, value: f64) {
        self.fill(2 * self.program.columns + input, value);
        self.run(&self.program.once);
    }

    /// Takes a step from these weights with these gradients, from where the loss is this; how far each
    /// goes, in each lane, behind `moves`.
    pub fn step(&mut self, before: &[f64], gradients: &[f64], loss: f64, moves: &mut Vec<f64>) {
        let program = self.program;
        for column in &program.remembered {
            let (from, to) = (self.column(*column), self.column(program.columns + column));
            self.cells.copy_within(from, to.start);
        }
        self.steps += 1;
        self.fill(program.row, self.steps as f64);
        self.put(program.current, before);
        self.put(program.gradient, gradients);
        self.fill(program.loss, loss);
        self.run(&program.steps);
        let next = &self.cells[self.column(program.next)];
        for (next, before) in next.chunks_exact(self.lanes).zip(before) {
            moves.extend(next.iter().map(|next| next - before));
        }
    }

    /// Takes the last step back.
    pub fn undo(&mut self) {
        for column in &self.program.remembered {
            let (from, to) = (self.column(self.program.columns + column), self.column(*column));
            self.cells.copy_within(from, to.start);
        }
        self.steps -= 1;
    }

    /// The learning rate with which the next step comes nearest to how far the log says each weight went, as a
    /// share of what this may be off, in the only lane; the step goes as far as the rate, and a part that has
    /// nothing to do with it.
    pub fn nearest_rate(
        &mut self,
        rate: usize,
        before: &[f64],
        (gradients, loss): (&[f64], f64),
        logged: impl Iterator<Item = (f64, f64)>,
    ) -> f64 {
        let own = self.cells[self.column(2 * self.program.columns + rate).start];
        let [without, with] = [0.0, 1.0].map(|value| {
            let mut moves = Vec::with_capacity(self.weights);
            self.set(rate, value);
            self.step(before, gradients, loss, &mut moves);
            self.undo();
            moves
        });
        self.set(rate, own);
        let pairs = with.iter().zip(&without).zip(logged);
        nearest_within(
            pairs.map(|((with, without), (logged, off))| (with - without, (logged - without, off))),
        )
    }

    /// Where the numbers of a slot are.
    fn column(&self, slot: usize) -> Range<usize> {
        let size = self.weights * self.lanes;
        slot * size..(slot + 1) * size
    }

    /// Gives each weight a number.
    fn put(&mut self, slot: usize, numbers: &[f64]) {
        let to = self.column(slot);
        let cells = self.cells[to].chunks_exact_mut(self.lanes);
        cells.zip(numbers).for_each(|(of_weight, number)| of_weight.fill(*number));
    }

    fn fill(&mut self, slot: usize, number: f64) {
        let to = self.column(slot);
        self.cells[to].fill(number);
    }

    fn run(&mut self, instructions: &[Instruction]) {
        for instruction in instructions {
            if self.program.scopes[instruction.to] == Scope::EachWeight {
                self.compute(instruction, self.weights);
            } else {
                self.compute(instruction, 1);
                let all = self.column(instruction.to);
                let first = all.start..all.start + self.lanes;
                for to in all.skip(self.lanes).step_by(self.lanes) {
                    self.cells.copy_within(first.clone(), to);
                }
            }
        }
    }

    /// Computes an instruction for the first weights.
    fn compute(&mut self, instruction: &Instruction, count: usize) {
        let cells = Cell::from_mut(self.cells.as_mut_slice()).as_slice_of_cells();
        let size = self.weights * self.lanes;
        let column = |slot: usize| &cells[slot * size..][..count * self.lanes];
        let ([a, b, c, d], to) = (instruction.from.map(column), column(instruction.to));
        match instruction.task {
            Task::Copy => each(to, a, a, |one, _| one),
            Task::Total(is_of_all) => {
                let of = |weight: usize| if is_of_all { 0 } else { self.tensors[weight] };
                let place = |at: usize| of(at / self.lanes) * self.lanes + at % self.lanes;
                let mut sums = vec![0.0; size];
                a.iter().enumerate().for_each(|(at, one)| sums[place(at)] += one.get());
                to.iter().enumerate().for_each(|(at, cell)| cell.set(sums[place(at)]));
            }
            Task::Formula(Operation::Negate) => each(to, a, a, |one, _| -one),
            Task::Formula(Operation::Binary(Operator::Add)) => each(to, a, b, |a, b| a + b),
            Task::Formula(Operation::Binary(Operator::Subtract)) => each(to, a, b, |a, b| a - b),
            Task::Formula(Operation::Binary(Operator::Multiply)) => each(to, a, b, |a, b| a * b),
            Task::Formula(Operation::Binary(Operator::Divide)) => each(to, a, b, |a, b| a / b),
            Task::Formula(Operation::Call(function, 1)) => each(to, a, a, |one, _| {
                let value = || (function.value)(&[one]).get().unwrap_or(f64::NAN);
                if one.is_finite() { value() } else { one }
            }),
            Task::Formula(operation) => {
                for at in 0..to.len() {
                    let operands = [a, b, c, d].map(|column| Value::number(column[at].get()));
                    to[at].set(operation.of(operands).get().unwrap_or(f64::NAN));
                }
            }
        }
    }
}

/// What an operation makes of each two numbers; an error is NaN.
fn each(to: &[Cell<f64>], a: &[Cell<f64>], b: &[Cell<f64>], of: impl Fn(f64, f64) -> f64) {
    for ((to, a), b) in to.iter().zip(a).zip(b) {
        let value = of(a.get(), b.get());
        to.set(if value.is_finite() { value } else { f64::NAN });
    }
}

/// Whether a function sums over all weights, or over those of a tensor; none for other functions.
fn is_total(function: &Function) -> Option<bool> {
    let at = TOTALS.iter().position(|one| one.name == function.name)?;
    Some(at == 1)
}
