//! The steps of a log: what the weights were, their gradients, and what they became.

use super::clip::Clip;

/// The steps of some weights, all numbers of a row beside each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps {
    /// How many weights there are.
    pub weights: usize,
    /// Their values in each row.
    values: Vec<f64>,
    /// Their gradients in each row.
    gradients: Vec<f64>,
    /// Whether a row has the weights behind the step with its gradients, not before it.
    is_after: bool,
    /// The tensor that each weight belongs to.
    tensors: Vec<usize>,
    /// The loss in each row, where the log has it.
    losses: Vec<f64>,
    /// Half of what the last digit of each weight's values is worth.
    rounding: Vec<f64>,
    /// The same of its gradients.
    gradient_rounding: Vec<f64>,
    /// How far numbers with so many digits lead each weight's steps off, and how large a share of them.
    slack: Vec<(f64, f64)>,
    /// The size of each weight's steps: their root mean square.
    pub sizes: Vec<f64>,
    /// How far these lead off in all, of the size of each weight's steps.
    blurs: Vec<f64>,
}

/// A weight or its gradients by row, with half of what the last digit is worth.
pub(super) type Numbers<'n> = (&'n [f64], f64);

impl Steps {
    /// The steps between rows of weights, each row with the gradients that the next is reached with.
    pub fn new(
        values: Vec<f64>,
        gradients: Vec<f64>,
        rounding: Vec<f64>,
        gradient_rounding: Vec<f64>,
    ) -> Steps {
        let weights = rounding.len();
        let none = Steps { tensors: vec![0; weights], ..Steps::default() };
        Steps { weights, values, gradients, rounding, gradient_rounding, ..none }.measured()
    }

    /// The steps of columns: weights, each with its gradients.
    pub fn of_columns(pairs: &[(Numbers, Numbers)]) -> Steps {
        let rows = |of: fn(&(Numbers, Numbers)) -> usize| pairs.iter().map(of).min().unwrap_or(0);
        let by_row = |rows: usize, of: &dyn Fn(usize, usize) -> f64| {
            (0..rows * pairs.len()).map(|at| of(at / pairs.len(), at % pairs.len())).collect()
        };
        Steps::new(
            by_row(rows(|(values, _)| values.0.len()), &|row, weight| pairs[weight].0.0[row]),
            by_row(rows(|(_, gradients)| gradients.0.len()), &|row, weight| pairs[weight].1.0[row]),
            pairs.iter().map(|(values, _)| values.1).collect(),
            pairs.iter().map(|(_, gradients)| gradients.1).collect(),
        )
    }

    /// The same where a row has the weights behind the step with its gradients, or before it where it had
    /// those behind.
    pub fn turned(self) -> Steps {
        Steps { is_after: !self.is_after, ..self }.measured()
    }

    /// How far a weight's step may be from one of the rule's, with the digits that a log has.
    pub fn allowed(&self, weight: usize, own: f64) -> f64 {
        let (digits, share) = self.slack[weight];
        4.0 * (digits + share * self.sizes[weight].max(own.abs()))
    }

    /// Whether a weight's step is another than the rule's, with the digits that a log has.
    pub fn differs(&self, weight: usize, own: f64, logged: f64) -> bool {
        !logged.is_nan() && (own.is_nan() || (own - logged).abs() > self.allowed(weight, own))
    }

    /// Whether a step is one of these moves, with the digits that a log has.
    pub fn is(&self, step: usize, moves: &[f64]) -> bool {
        let mut each = moves.iter().zip(self.moves(step)).enumerate();
        !each.any(|(at, (own, logged))| self.differs(at, *own, logged))
    }

    /// The same with the tensor of each weight, and the losses.
    pub fn of(self, tensors: Vec<usize>, losses: Vec<f64>) -> Steps {
        Steps { tensors, losses, ..self }
    }

    /// The tensor that each weight belongs to.
    pub fn tensors(&self) -> &[usize] {
        &self.tensors
    }

    /// The loss before a step; not a number where it is not known.
    pub fn loss(&self, step: usize) -> f64 {
        self.losses.get(step).copied().unwrap_or(f64::NAN)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let rows = |numbers: &[f64]| numbers.len() / self.weights.max(1);
        let moves = (rows(&self.values) + usize::from(self.is_after)).saturating_sub(1);
        rows(&self.gradients).min(moves)
    }

    /// The row that has the weights behind a step.
    pub fn row_behind(&self, step: usize) -> usize {
        if self.is_after { step } else { step + 1 }
    }

    /// The weights before a step.
    pub fn before(&self, step: usize) -> &[f64] {
        let row = if self.is_after { step.saturating_sub(1) } else { step };
        &self.values[row * self.weights..][..self.weights]
    }

    /// The gradients that a step was taken with.
    pub fn gradients(&self, step: usize) -> &[f64] {
        &self.gradients[step * self.weights..][..self.weights]
    }

    /// How far each weight went; not a number where that is not known.
    pub fn moves(&self, step: usize) -> impl Iterator<Item = f64> {
        // Where the first step started from may not be in the log, but its gradient goes into what
        // is remembered.
        let is_known = !self.is_after || step > 0;
        let row = self.row_behind(step);
        let after = &self.values[row * self.weights..][..self.weights];
        let moves = after.iter().zip(self.before(step)).map(|(after, before)| after - before);
        moves.map(move |one| if is_known { one } else { f64::NAN })
    }

    /// The same with how far each may be off.
    pub fn unsure_moves(&self, step: usize) -> impl Iterator<Item = (f64, f64)> {
        let off = |at: usize| Some(self.allowed(at, 0.0)).filter(|off| *off > 0.0).unwrap_or(1.0);
        self.moves(step).enumerate().map(move |(at, one)| (one, off(at)))
    }

    /// The moves of all steps.
    pub fn all_moves(&self) -> impl Iterator<Item = f64> {
        (0..self.len()).flat_map(|step| self.moves(step))
    }

    /// The first steps of some weights only.
    pub fn part(&self, most: usize, weights: &[usize]) -> Steps {
        let count = self.len().min(most);
        let rows = count + usize::from(!self.is_after);
        let of = |numbers: &[f64], rows: usize| {
            let rows = (0..rows).map(|row| &numbers[row * self.weights..]);
            rows.flat_map(|row| weights.iter().map(|at| row[*at])).collect()
        };
        let chosen = |numbers: &[f64]| weights.iter().map(|at| numbers[*at]).collect();
        Steps {
            weights: weights.len(),
            values: of(&self.values, rows),
            gradients: of(&self.gradients, count),
            is_after: self.is_after,
            tensors: weights.iter().map(|at| self.tensors[*at]).collect(),
            losses: self.losses.clone(),
            rounding: chosen(&self.rounding),
            gradient_rounding: chosen(&self.gradient_rounding),
            ..Steps::default()
        }
        .measured()
    }

    /// The norm of all gradients of each step.
    pub fn norms(&self) -> Vec<f64> {
        let squares = |step| self.gradients(step).iter().map(|one| one * one).sum::<f64>();
        (0..self.len()).map(|step| squares(step).sqrt()).collect()
    }

    /// The same with gradients that were clipped; with the norms of all gradients.
    pub fn clipped(&self, clip: Clip, norms: &[f64]) -> Steps {
        let mut gradients = Vec::with_capacity(self.gradients.len());
        for (step, norm) in norms.iter().enumerate().take(self.len()) {
            clip.apply(self.gradients(step), *norm, &mut gradients);
        }
        Steps { gradients, ..self.clone() }.measured()
    }

    /// After how many rows each the weights move, and in which row first; none where they do in all.
    pub fn accumulation(&self) -> Option<(usize, usize)> {
        let is_moving = |step: usize| self.moves(step).any(|one| one != 0.0);
        let moving: Vec<usize> = (0..self.len()).filter(|step| is_moving(*step)).collect();
        let every = moving.get(1)? - moving[0];
        let is_regular = moving.windows(2).all(|pair| pair[1] - pair[0] == every);
        let is_whole = self.len() - moving.last()? <= every && moving[0] < every;
        (every > 1 && moving.len() > 2 && !self.is_after && is_regular && is_whole)
            .then(|| (every, moving[0]))
    }

    /// The steps that are taken every so many rows with all gradients since the last, each times
    /// `factor`.
    pub fn accumulated(&self, every: usize, first: usize, factor: f64) -> Steps {
        let rows: Vec<usize> = (first..self.len()).step_by(every).collect();
        let last = rows.last().map(|row| row + 1);
        let values = rows.iter().copied().chain(last);
        let values = values.flat_map(|row| &self.values[row * self.weights..][..self.weights]);
        let sum = |row: usize, at: usize| {
            let rows = (row + 1).saturating_sub(every)..=row;
            rows.map(|row| self.gradients(row)[at]).sum::<f64>() * factor
        };
        let gradients = rows.iter().flat_map(|row| (0..self.weights).map(move |at| sum(*row, at)));
        let gradients = gradients.collect();
        let values = values.copied().collect();
        Steps { values, gradients, losses: Vec::new(), ..self.clone() }.measured()
    }

    /// How far numbers with so many digits may lead off, of the size of the steps.
    pub fn blur(&self) -> f64 {
        self.blurs.iter().copied().fold(0.0, f64::max)
    }

    fn measured(mut self) -> Steps {
        let count = self.weights;
        let mut moves = vec![Mean::default(); count];
        let mut gradients = vec![Mean::default(); count];
        let mut largest = vec![0.0_f64; count];
        for step in 0..self.len() {
            self.moves(step).enumerate().for_each(|(at, one)| moves[at].add(one));
            let of_step = self.gradients(step).iter().enumerate();
            of_step.for_each(|(at, one)| gradients[at].add(*one));
            let values = self.before(step).iter().enumerate();
            values.for_each(|(at, one)| largest[at] = largest[at].max(one.abs()));
        }
        self.sizes = moves.iter().map(Mean::root).collect();
        let slack = |at: usize| {
            let digits = 2.0 * self.rounding[at] + 4.0 * f64::EPSILON * largest[at];
            let of_gradients = self.gradient_rounding[at] / gradients[at].root();
            (digits, 2.0 * of_gradients + 1e-12)
        };
        self.slack = (0..count).map(slack).collect();
        let both = self.slack.iter().zip(&self.sizes);
        self.blurs = both.map(|((digits, share), size)| digits / size + share).collect();
        self
    }
}

/// A mean of squares.
#[derive(Clone, Default)]
struct Mean {
    count: usize,
    sum: f64,
}

impl Mean {
    fn add(&mut self, number: f64) {
        if !number.is_nan() {
            self.count += 1;
            self.sum += number * number;
        }
    }

    fn root(&self) -> f64 {
        (self.sum / self.count.max(1) as f64).sqrt()
    }
}
