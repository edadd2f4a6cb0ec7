//! Columns brought to one size: each number less a center, divided by a spread.
//!
//! How long gradient descent takes depends on how much the columns differ in size. Scaled columns
//! hardly do. Scaling belongs to the data and not to the run: what trains on scaled columns knows
//! nothing of it, and every writer finds here what they were made from.

use serde::{Deserialize, Serialize};

use super::Data;
use crate::error::{Error, Result};
use crate::value::sum;

/// How columns are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleKind {
    /// By mean and standard deviation (over n): (v − mean)/deviation.
    Zscore,
    /// By minimum and range, to 0 to 1: (v − minimum)/(maximum − minimum).
    Minmax,
}

impl ScaleKind {
    /// As `--scale` has it.
    pub fn name(self) -> &'static str {
        match self {
            ScaleKind::Zscore => "zscore",
            ScaleKind::Minmax => "minmax",
        }
    }

    /// What center and spread are called.
    pub fn labels(self) -> [&'static str; 2] {
        match self {
            ScaleKind::Zscore => ["mean", "standard deviation"],
            ScaleKind::Minmax => ["minimum", "range"],
        }
    }

    /// The same as names.
    pub fn keys(self) -> [&'static str; 2] {
        match self {
            ScaleKind::Zscore => ["mean", "standard_deviation"],
            ScaleKind::Minmax => ["minimum", "range"],
        }
    }

    /// What becomes of a column, in words.
    pub fn words(self) -> &'static str {
        match self {
            ScaleKind::Zscore => "each less its mean, divided by its standard deviation",
            ScaleKind::Minmax => "each less its minimum, divided by its range",
        }
    }
}

/// What scaled columns were made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// How.
    pub kind: ScaleKind,
    /// The columns as they were read, in the order of the data; none for one that was left as it is.
    pub columns: Vec<Option<Scaled>>,
}

/// A column as it was read, and the numbers that it is scaled by.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaled {
    /// The numbers as they were read.
    pub raw: Vec<f64>,
    /// What is taken away.
    pub center: f64,
    /// What is divided by: 1 for a column of one value, which has no spread.
    pub spread: f64,
}

impl Scaled {
    fn new(raw: Vec<f64>, kind: ScaleKind) -> Self {
        let least = raw.iter().copied().fold(f64::INFINITY, f64::min);
        let most = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (center, spread) = match kind {
            ScaleKind::Minmax => (least, most - least),
            ScaleKind::Zscore => {
                let n = raw.len() as f64;
                let mean = sum(raw.iter().copied()) / n;
                let squares = sum(raw.iter().map(|value| (value - mean) * (value - mean)));
                (mean, (squares / n).sqrt())
            }
        };
        // The mean of equal numbers may be off by a digit, and then they seem to spread.
        let spread = if least == most { 1.0 } else { spread };
        Scaled { raw, center, spread }
    }

    /// A number of the column, scaled.
    pub fn scaled(&self, value: f64) -> f64 {
        (value - self.center) / self.spread
    }

    /// A scaled number in the units that were read.
    pub fn unscaled(&self, value: f64) -> f64 {
        self.center + self.spread * value
    }
}

impl Scale {
    /// What the column with the given index was made from, where it was scaled.
    pub fn column(&self, index: usize) -> Option<&Scaled> {
        self.columns.get(index)?.as_ref()
    }

    /// Center and spread of the column with the given index: 0 and 1 where it was not scaled.
    pub fn of(&self, index: usize) -> (f64, f64) {
        self.column(index).map_or((0.0, 1.0), |one| (one.center, one.spread))
    }
}

impl Data {
    /// The same samples in scaled columns; with y as it was read unless `with_y`, as for a loss that
    /// takes nothing but 0 and 1.
    ///
    /// # Errors
    /// Numbers that are too large to be scaled.
    pub fn scaled(mut self, kind: ScaleKind, with_y: bool) -> Result<Data> {
        let last = self.columns.len().saturating_sub(1);
        let mut columns = Vec::new();
        for (index, column) in self.columns.iter_mut().enumerate() {
            if index == last && !with_y {
                columns.push(None);
                continue;
            }
            let one = Scaled::new(std::mem::take(&mut column.values), kind);
            column.values = one.raw.iter().map(|value| one.scaled(*value)).collect();
            // A spread may also be so small that nothing can be divided by it.
            let fits = one.center.is_finite() && one.spread.is_finite();
            if !fits || !column.values.iter().all(|value| value.is_finite()) {
                return Err(too_large(&column.name, kind));
            }
            columns.push(Some(one));
        }
        self.scale = Some(Scale { kind, columns });
        Ok(self)
    }

    /// The numbers of the column with the given index as they were read.
    pub fn raw(&self, index: usize) -> &[f64] {
        let scaled = self.scale.as_ref().and_then(|scale| scale.column(index));
        scaled.map_or(&self.columns[index].values, |one| &one.raw)
    }
}

fn too_large(name: &str, kind: ScaleKind) -> Error {
    Error::new(format!("the numbers of {name} are too large or too small to be scaled"))
        .in_argument(format!("--scale {}", kind.name()))
        .help("write them in another unit, or --scale none")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Cells, DataColumn};

    fn data(columns: &[(&str, &[f64])]) -> Data {
        let column = |(name, values): &(&str, &[f64])| DataColumn {
            name: (*name).into(),
            header: None,
            values: values.to_vec(),
            cells: Cells::default(),
        };
        let columns = columns.iter().map(column).collect();
        Data { file: "memory".into(), columns, ..Data::default() }
    }

    #[test]
    fn columns_are_scaled_by_their_own_numbers() {
        let read = data(&[("x", &[2.0, 4.0, 6.0, 8.0]), ("y", &[-1.0, 0.0, 1.0, 4.0])]);
        let scaled = read.clone().scaled(ScaleKind::Minmax, true).unwrap();
        assert_eq!(scaled.columns[0].values, [0.0, 2.0 / 6.0, 4.0 / 6.0, 1.0]);
        assert_eq!(scaled.columns[1].values, [0.0, 0.2, 0.4, 1.0]);
        assert_eq!(scaled.raw(1), read.columns[1].values);
        let scaled = read.scaled(ScaleKind::Zscore, false).unwrap();
        let scale = scaled.scale.as_ref().unwrap();
        // The mean is 5, the mean square of the distances from it also.
        assert_eq!(scale.of(0), (5.0, 5.0_f64.sqrt()));
        assert_eq!(scale.of(1), (0.0, 1.0));
        assert_eq!(scaled.columns[1].values, [-1.0, 0.0, 1.0, 4.0]);
    }

    #[test]
    fn a_column_of_one_value_is_moved_to_0_and_what_overflows_is_refused() {
        let one = data(&[("x", &[0.1, 0.1, 0.1]), ("y", &[1.0, 2.0, 3.0])]);
        let scaled = one.scaled(ScaleKind::Zscore, true).unwrap();
        let (mean, spread) = scaled.scale.as_ref().unwrap().of(0);
        assert_eq!(spread, 1.0);
        assert!(scaled.columns[0].values.iter().all(|value| value.abs() < 1e-15), "{mean}");
        let huge = data(&[("x", &[1e200, -1e200]), ("y", &[1.0, 2.0])]);
        let error = huge.scaled(ScaleKind::Zscore, true).unwrap_err();
        assert_eq!(error.what(), "the numbers of x are too large or too small to be scaled");
    }
}
