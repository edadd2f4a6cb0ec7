//! Tables in memory, a vector for each column, for a program that computes with them.

use super::{Kind, Table};
use crate::error::Result;
use crate::trace::Sink;
use crate::value::Value;

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, that of the sheet's column.
    pub name: String,
    /// The values; 0 for what is undefined.
    pub values: Values,
    /// Which values are defined, where not all are.
    pub defined: Option<Vec<bool>>,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Whole numbers.
    Counts(Vec<i64>),
    /// Doubles.
    Numbers(Vec<f64>),
}

impl Column {
    fn new(name: &str, kind: Kind, rows: usize) -> Self {
        let values = match kind {
            Kind::Number => Values::Numbers(Vec::with_capacity(rows)),
            _ => Values::Counts(Vec::with_capacity(rows)),
        };
        Column { name: name.to_owned(), values, defined: None }
    }

    /// The number of its values.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Counts(values) => values.len(),
            Values::Numbers(values) => values.len(),
        }
    }

    /// Whether it has no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn extend(&mut self, more: &[Value]) {
        let before = self.len();
        if self.defined.is_some() || more.iter().any(|value| value.is_error()) {
            let defined = self.defined.get_or_insert_with(|| vec![true; before]);
            defined.extend(more.iter().map(|value| !value.is_error()));
        }
        let numbers = more.iter().map(|value| value.get().unwrap_or(0.0));
        match &mut self.values {
            Values::Counts(values) => values.extend(numbers.map(|number| number as i64)),
            Values::Numbers(values) => values.extend(numbers),
        }
    }
}

impl Table<'_> {
    /// The columns behind the one with the name of the run, computed; all values are handed to `watch`
    /// as well.
    ///
    /// # Errors
    /// What `watch` reports.
    pub fn columns(&self, watch: &mut dyn Sink) -> Result<Vec<Column>> {
        let rows = self.kept().count;
        let new = self.columns.iter().map(|one| Column::new(&one.name, one.kind, rows));
        let mut columns: Vec<Column> = new.collect();
        self.rows(watch, &mut |block| {
            for (column, values) in columns.iter_mut().zip(&block) {
                column.extend(values);
            }
            Ok(())
        })?;
        Ok(columns)
    }

    /// What the column with the name of the run is called.
    pub fn run_column(&self) -> &str {
        &self.run_column
    }

    /// What a Parquet file says about the run in it, as one JSON object.
    pub fn about(&self) -> String {
        super::about::about(self)
    }
}
