//! Which column goes best with y: the coefficients of correlation.

use super::body::{Body, Line};
use super::columns::Column;
use super::grid::Grid;
use super::regions::Region;
use super::rows::{Rows, in_column};
use crate::error::Result;

/// How well the numbers of two columns lie on a line: the coefficient of correlation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Correlation {
    count: f64,
    mean: [f64; 2],
    square: [f64; 2],
    product: f64,
}

impl Correlation {
    /// Adds a pair (Welford 1962, for two variables).
    pub fn add(&mut self, x: f64, y: f64) {
        self.count += 1.0;
        let away = [x - self.mean[0], y - self.mean[1]];
        self.mean[0] += away[0] / self.count;
        self.mean[1] += away[1] / self.count;
        self.square[0] += away[0] * (x - self.mean[0]);
        self.square[1] += away[1] * (y - self.mean[1]);
        self.product += away[0] * (y - self.mean[1]);
    }

    /// The coefficient, 0 where it has no meaning.
    pub fn value(&self) -> f64 {
        let r = self.product / (self.square[0].sqrt() * self.square[1].sqrt());
        if r.is_finite() { r.clamp(-1.0, 1.0) } else { 0.0 }
    }
}

/// The correlation of each of `columns` with `y`, over the rows that have both.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn correlations(
    rows: &dyn Rows,
    grid: &Grid,
    region: &Region,
    columns: &[&Column],
    y: &Column,
) -> Result<Vec<f64>> {
    let all: Vec<u32> = columns.iter().map(|one| one.column).chain([y.column]).collect();
    let body = Body { rows, grid, region, columns: &all };
    let mut pairs = vec![Correlation::default(); columns.len()];
    body.each(&mut |_, line| {
        let Line::Cells(cells) = line else { return };
        let number = |column: &Column| {
            let number = column.reading.number(in_column(cells, column.column)?)?;
            Some(number).filter(|number| number.is_finite())
        };
        let Some(y) = number(y) else { return };
        for (pair, column) in pairs.iter_mut().zip(columns) {
            if let Some(x) = number(column) {
                pair.add(x, y);
            }
        }
    })?;
    Ok(pairs.iter().map(Correlation::value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_one_and_a_constant_none() {
        let of = |pairs: &[(f64, f64)]| {
            let mut sum = Correlation::default();
            pairs.iter().for_each(|(x, y)| sum.add(*x, *y));
            sum.value()
        };
        assert!((of(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]) - 1.0).abs() < 1e-15);
        assert!((of(&[(1e9, 3.0), (1e9 + 1.0, 2.0), (1e9 + 2.0, 1.0)]) + 1.0).abs() < 1e-15);
        // 3.5/sqrt(8.75*5), 0.529 as NumPy's corrcoef has it.
        let r = of(&[(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (5.0, 3.0)]);
        assert!((r - 3.5 / 43.75_f64.sqrt()).abs() < 1e-15, "{r}");
        assert_eq!(of(&[(1.0, 2.0), (1.0, 3.0)]), 0.0);
    }
}
