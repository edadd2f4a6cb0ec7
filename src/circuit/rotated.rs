//! Linear equations in the sense of least squares, by rotations.

/// A column of the Jacobian that others explain but for this part of it is taken to be no other.
const RANK: f64 = 1e-11;

/// An upper triangle R with right sides, to which rows are added one by one.
pub(crate) struct Rotated {
    /// Row i has the entries from column i on, and the right side at its end.
    rows: Vec<Vec<f64>>,
    /// The squared length of each column.
    squares: Vec<f64>,
}

impl Rotated {
    /// No equations for so many unknowns.
    pub(crate) fn new(size: usize) -> Self {
        let rows = (0..size).map(|row| vec![0.0; size - row + 1]).collect();
        Rotated { rows, squares: vec![0.0; size] }
    }

    /// Adds an equation `row`·w = `right`.
    pub(crate) fn add(&mut self, mut row: Vec<f64>, right: f64) {
        for (square, entry) in self.squares.iter_mut().zip(&row) {
            *square += entry * entry;
        }
        row.push(right);
        for (index, kept) in self.rows.iter_mut().enumerate() {
            let (above, below) = (kept[0], row[index]);
            let length = above.hypot(below);
            if below == 0.0 || length == 0.0 {
                continue;
            }
            let (cosine, sine) = (above / length, below / length);
            for (one, other) in kept.iter_mut().zip(&mut row[index..]) {
                let turned = cosine * *one + sine * *other;
                *other = cosine * *other - sine * *one;
                *one = turned;
            }
        }
    }

    /// The solution by back substitution; none where the equations do not determine it.
    pub(crate) fn solve(&self) -> Option<Vec<f64>> {
        let size = self.rows.len();
        let mut solution = vec![0.0; size];
        for index in (0..size).rev() {
            let row = &self.rows[index];
            let is_determined = row[0].abs() > RANK * self.squares[index].sqrt();
            if !is_determined {
                return None;
            }
            let known: f64 = (index + 1..size).map(|at| row[at - index] * solution[at]).sum();
            solution[index] = (row[size - index] - known) / row[0];
        }
        solution.iter().all(|one| one.is_finite()).then_some(solution)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_are_solved_in_the_sense_of_least_squares() {
        // y = 1, 2, 2 over x = 0, 1, 2: slope 1/2, intercept 7/6.
        let mut rotated = Rotated::new(2);
        for (x, y) in [(0.0, 1.0), (1.0, 2.0), (2.0, 2.0)] {
            rotated.add(vec![x, 1.0], y);
        }
        let solution = rotated.solve().unwrap();
        assert!((solution[0] - 0.5).abs() < 1e-15 && (solution[1] - 7.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn what_the_samples_do_not_determine_has_no_solution() {
        let mut rotated = Rotated::new(3);
        for x in 0..20 {
            let x = f64::from(x) * 0.1;
            rotated.add(vec![x, 3.0 * x, 1.0], x);
        }
        assert_eq!(rotated.solve(), None);
        let mut few = Rotated::new(2);
        few.add(vec![3.0, 1.0], 5.0);
        assert_eq!(few.solve(), None);
    }
}
