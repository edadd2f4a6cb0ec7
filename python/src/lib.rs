//! gdtrace for Python: what the package `gdtrace` is made of, around the functions behind the command line.
//!
//! Words of a command line come in, as `python/gdtrace/` makes them of keyword arguments; traces go out as
//! Arrow tables, everything else as text. The interpreter's lock is released while anything is computed or
//! written.

mod arrow;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use gdtrace::cli::program;
use gdtrace::error::Result;
use pyo3::exceptions::{PyIndexError, PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use arrow::{Schema, Table};
use watch::{Watch, watched};

pyo3::create_exception!(
    gdtrace,
    Error,
    PyValueError,
    "What gdtrace cannot do, in the words of the command line: what happened, where, and what to do."
);

/// The data of a run that are in memory: the name of each column with its numbers.
type Columns = Vec<(String, Vec<f64>)>;

/// What a run called `file` reads: the text of a .csv file with the `columns`.
fn content(columns: &Columns) -> String {
    let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
    let mut text = columns.iter().map(|(name, _)| quoted(name)).collect::<Vec<_>>().join(",");
    let rows = columns.iter().map(|(_, numbers)| numbers.len()).max().unwrap_or(0);
    for row in 0..rows {
        let number =
            |numbers: &Vec<f64>| numbers.get(row).map_or(String::new(), |n| format!("{n:?}"));
        text += "\n";
        text += &columns.iter().map(|(_, numbers)| number(numbers)).collect::<Vec<_>>().join(",");
    }
    text + "\n"
}

/// A finished run of one or more optimizers.
#[pyclass(frozen, module = "gdtrace._gdtrace")]
struct Training {
    inner: program::Training,
    /// The tables that were asked for so far.
    tables: Vec<OnceLock<Arc<Table>>>,
}

#[pymethods]
impl Training {
    /// Runs `gdtrace run` with these words behind it, over the columns where there are some.
    #[new]
    #[pyo3(signature = (arguments, columns=None))]
    fn new(py: Python<'_>, arguments: Vec<OsString>, columns: Option<Columns>) -> PyResult<Self> {
        let inner = watched(py, move |watch| {
            let content = columns.as_ref().map(content);
            drop(columns);
            program::Training::new(arguments, content, watch)
        })?;
        let tables = inner.results().runs.iter().map(|_| OnceLock::new()).collect();
        Ok(Training { inner, tables })
    }

    /// What the runs are called.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.inner.results().runs.iter().map(|run| run.sheet.name.as_str()).collect()
    }

    /// What the command line would say before the run.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.inner.notes.clone()
    }

    /// What the command line would warn of.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.inner.warnings()
    }

    /// What the command line would print.
    fn text(&self) -> String {
        self.inner.text()
    }

    /// What `gdtrace run --json` would print.
    fn json(&self) -> PyResult<String> {
        self.inner.json().map_err(refused)
    }

    /// What a Parquet file would say about a run.
    fn about(&self, run: usize) -> PyResult<String> {
        self.check(run)?;
        Ok(self.inner.table(run).about())
    }

    /// The columns of a run's table.
    fn columns(&self, py: Python<'_>, run: usize) -> PyResult<Vec<String>> {
        let table = self.table(py, run)?;
        Ok(table.fields.iter().map(|field| field.name.clone()).collect())
    }

    /// The number of rows of a run's table.
    fn rows(&self, py: Python<'_>, run: usize) -> PyResult<usize> {
        Ok(self.table(py, run)?.rows())
    }

    /// The numbers in a column of a run's table, and whether they count.
    fn numbers(
        &self,
        py: Python<'_>,
        run: usize,
        column: &str,
    ) -> PyResult<(Vec<Option<f64>>, bool)> {
        let table = self.table(py, run)?;
        let numbers =
            table.numbers(column).ok_or_else(|| PyKeyError::new_err(column.to_owned()))?;
        Ok((numbers, table.counts(column)))
    }

    /// A run's table, or those of all runs one below the other, as an Arrow stream.
    #[pyo3(signature = (run=None))]
    fn stream<'py>(&self, py: Python<'py>, run: Option<usize>) -> PyResult<Bound<'py, PyCapsule>> {
        let stream = arrow::stream(&self.some(py, run)?, self.metadata(run)?);
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    /// The columns of that stream.
    #[pyo3(signature = (run=None))]
    fn schema<'py>(&self, py: Python<'py>, run: Option<usize>) -> PyResult<Bound<'py, PyCapsule>> {
        let fields = arrow::fields(&self.some(py, run)?);
        let schema = Schema::of(&fields, self.metadata(run)?.as_ref());
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// Writes the workbook.
    fn write_workbook(&self, py: Python<'_>, path: PathBuf, force: bool) -> PyResult<()> {
        watched(py, |watch| self.inner.write_workbook(&path, force, watch))
    }

    /// The report.
    fn page(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.inner.page()).map_err(refused)
    }

    /// Writes the report.
    fn write_page(&self, py: Python<'_>, path: PathBuf, force: bool) -> PyResult<()> {
        py.detach(|| self.inner.write_page(&path, force)).map_err(refused)
    }
}

impl Training {
    fn check(&self, run: usize) -> PyResult<()> {
        match run < self.tables.len() {
            true => Ok(()),
            false => Err(PyIndexError::new_err(format!("there is no run {run}"))),
        }
    }

    /// The table of a run, which is computed when it is first asked for.
    fn table(&self, py: Python<'_>, run: usize) -> PyResult<Arc<Table>> {
        self.check(run)?;
        if let Some(table) = self.tables[run].get() {
            return Ok(Arc::clone(table));
        }
        let table = watched(py, |watch| self.computed(run, watch))?;
        Ok(Arc::clone(self.tables[run].get_or_init(|| Arc::new(table))))
    }

    fn computed(&self, run: usize, watch: &mut Watch) -> Result<Table> {
        let table = self.inner.table(run);
        let name = &self.inner.results().runs[run].sheet.name;
        Table::new(name, table.run_column(), table.columns(watch)?)
    }

    /// The table of a run, or all of them.
    fn some(&self, py: Python<'_>, run: Option<usize>) -> PyResult<Vec<Arc<Table>>> {
        let runs = run.map_or(0..self.tables.len(), |run| run..run + 1);
        runs.map(|run| self.table(py, run)).collect()
    }

    /// What the table of one run says about it.
    fn metadata(&self, run: Option<usize>) -> PyResult<Option<(String, String)>> {
        run.map(|run| Ok(("gdtrace".to_owned(), self.about(run)?))).transpose()
    }
}

/// What `gdtrace compare --json` prints with these words behind it.
#[pyfunction]
fn compare(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<String> {
    watch::waited(py, || program::compare(arguments))
}

/// `error` as Python's exception.
fn refused(error: gdtrace::error::Error) -> PyErr {
    Error::new_err(error.to_string())
}

/// What the package is made of.
#[pymodule]
fn _gdtrace(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Error", module.py().get_type::<Error>())?;
    module.add_class::<Training>()?;
    module.add_function(wrap_pyfunction!(compare, module)?)
}
