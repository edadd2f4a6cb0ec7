//! Logs that are too large to be looked at cell by cell: read line by line, the numbers of weights and
//! gradients alone are kept.

use std::path::Path;

use super::steps::Steps;
use super::{Explained, Layout, layout, of_steps};
use crate::compare::training::numbers::rounding;
use crate::data::grid::Cell;
use crate::data::text::Stream;
use crate::error::Result;
use crate::graph::Options;
use crate::watch;

/// So many rows say to how many digits the numbers are given.
const FIRST_ROWS: usize = 200;

/// What was found out about a large log.
pub struct Log {
    /// What stands above its columns.
    pub headers: Vec<String>,
    /// Which columns are what.
    pub layout: Layout,
    /// How many rows it has.
    pub rows: usize,
    /// Its optimizer.
    pub explained: Explained,
}

/// The numbers of a log by row.
struct Rows {
    /// For each column its place among the weights and gradients of a row.
    places: Vec<Option<usize>>,
    tensors: Vec<usize>,
    rate: Option<usize>,
    loss: Option<usize>,
    weights: usize,
    values: Vec<f64>,
    gradients: Vec<f64>,
    rates: Vec<f64>,
    losses: Vec<f64>,
    row: Vec<f64>,
    /// The bytes of all its numbers so far, and of the file.
    read: usize,
    length: usize,
}

/// Reads a log with the weights and their gradients in columns, and finds its optimizer; none where the
/// headers name no gradients.
///
/// # Errors
/// A file that cannot be read.
pub fn read(path: &Path, options: &Options) -> Result<Option<Log>> {
    let stream = Stream::open(path, options.delimiter, options.decimal)?;
    let headers = stream.headers();
    let layout = layout(&headers);
    if !layout.are_called {
        return Ok(None);
    }
    let length = std::fs::metadata(path).map_or(0, |file| file.len() as usize);
    let mut rows = Rows::new(&headers, &layout, length);
    stream.each(&mut |cells| rows.add(cells, &stream))?;
    let count = rows.values.len() / rows.weights;
    let rates = layout.rate.map(|_| rows.rates.clone());
    let explained = of_steps(rows.steps(), rates.as_deref());
    Ok(explained.map(|explained| Log { headers, layout, rows: count, explained }))
}

impl Rows {
    fn new(headers: &[String], layout: &Layout, length: usize) -> Rows {
        let weights = layout.pairs.len();
        let mut places = vec![None; headers.len()];
        for (at, (weight, gradient)) in layout.pairs.iter().enumerate() {
            (places[*weight], places[*gradient]) = (Some(at), Some(weights + at));
        }
        Rows {
            places,
            tensors: layout.tensors.clone(),
            rate: layout.rate,
            loss: layout.loss,
            weights,
            values: Vec::new(),
            gradients: Vec::new(),
            rates: Vec::new(),
            losses: Vec::new(),
            row: vec![f64::NAN; 2 * weights],
            read: 0,
            length,
        }
    }

    /// Adds a row; one without a number for the first weight is no step.
    fn add(&mut self, cells: &[Cell], stream: &Stream) {
        self.row.fill(f64::NAN);
        let (mut rate, mut loss) = (f64::NAN, f64::NAN);
        self.read +=
            cells.iter().map(|(_, value)| 1 + value.text().map_or(0, str::len)).sum::<usize>();
        for ((_, column), value) in cells {
            let column = *column as usize;
            let place = self.places.get(column).copied().flatten();
            if place.is_none() && ![self.rate, self.loss].contains(&Some(column)) {
                continue;
            }
            let number = stream.number(value).unwrap_or(f64::NAN);
            match place {
                Some(place) => self.row[place] = number,
                None if self.rate == Some(column) => rate = number,
                None => loss = number,
            }
        }
        if self.row[..self.weights].iter().all(|one| one.is_nan()) {
            return;
        }
        self.values.extend_from_slice(&self.row[..self.weights]);
        self.gradients.extend_from_slice(&self.row[self.weights..]);
        self.rates.push(rate);
        self.losses.push(loss);
        watch::tell("bytes read", self.read, self.length);
    }

    fn steps(self) -> Steps {
        let of = |numbers: &[f64]| {
            let column = |at: usize| {
                let rows = numbers.chunks(self.weights).take(FIRST_ROWS);
                rows.map(|row| row[at]).filter(|one| one.is_finite()).collect::<Vec<f64>>()
            };
            (0..self.weights).map(|at| rounding(&column(at))).collect::<Vec<f64>>()
        };
        let (rounding, gradient_rounding) = (of(&self.values), of(&self.gradients));
        let steps = Steps::new(self.values, self.gradients, rounding, gradient_rounding);
        steps.of(self.tensors, self.losses)
    }
}
