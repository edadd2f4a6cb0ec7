//! Traces as Arrow tables: columns whose buffers are handed to other libraries as they are.

mod ffi;

use std::ffi::CStr;
use std::sync::Arc;

use gdtrace::error::{Error, Result};
use gdtrace::export::table::memory::{self, Values};

pub use ffi::{Schema, Stream};

/// A buffer of a column.
enum Buffer {
    Bits(Vec<u8>),
    Counts(Vec<i64>),
    Numbers(Vec<f64>),
    Offsets(Vec<i32>),
    Text(Vec<u8>),
}

/// A column: its validity (where something is undefined), then its values.
pub struct Column {
    rows: usize,
    undefined: usize,
    validity: Option<Buffer>,
    values: Vec<Buffer>,
}

/// What a column is called, and its type as Arrow writes it.
#[derive(Clone, PartialEq)]
pub struct Field {
    /// The name.
    pub name: String,
    format: &'static CStr,
}

/// Rows: a column for each field.
pub struct Batch {
    rows: usize,
    columns: Vec<Arc<Column>>,
}

/// The trace of one optimizer.
pub struct Table {
    /// The columns, the one with the name of the optimizer first.
    pub fields: Vec<Field>,
    batch: Arc<Batch>,
}

const TEXT: &CStr = c"u";
const COUNT: &CStr = c"l";
const NUMBER: &CStr = c"g";

impl Column {
    /// The same text in all rows.
    fn repeated(text: &str, rows: usize) -> Result<Self> {
        let offset = |row: usize| i32::try_from(row * text.len());
        let offsets = (0..=rows).map(offset).collect::<std::result::Result<Vec<_>, _>>();
        let offsets = offsets.map_err(|_| {
            Error::new(format!("{rows} rows are too many for one table"))
                .help("keep some of them: keep=\"every:100\"")
        })?;
        let values = vec![Buffer::Offsets(offsets), Buffer::Text(text.repeat(rows).into_bytes())];
        Ok(Column { rows, undefined: 0, validity: None, values })
    }

    /// Nothing but undefined numbers.
    fn undefined(rows: usize) -> Self {
        let validity = Some(Buffer::Bits(vec![0; rows.div_ceil(8)]));
        let values = vec![Buffer::Numbers(vec![0.0; rows])];
        Column { rows, undefined: rows, validity, values }
    }
}

impl From<memory::Column> for Column {
    fn from(column: memory::Column) -> Self {
        let rows = column.len();
        let defined = column.defined.unwrap_or_default();
        let undefined = defined.iter().filter(|is_defined| !**is_defined).count();
        let values = match column.values {
            Values::Counts(values) => Buffer::Counts(values),
            Values::Numbers(values) => Buffer::Numbers(values),
        };
        let validity = (undefined > 0).then(|| Buffer::Bits(bits(&defined)));
        Column { rows, undefined, validity, values: vec![values] }
    }
}

/// Eight to a byte, the first one lowest.
fn bits(flags: &[bool]) -> Vec<u8> {
    let byte =
        |flags: &[bool]| flags.iter().rev().fold(0, |byte, flag| byte << 1 | u8::from(*flag));
    flags.chunks(8).map(byte).collect()
}

impl Table {
    /// The columns of the run called `name`, behind one with that name, itself called `run_column`.
    ///
    /// # Errors
    /// More rows than a column of text can have.
    pub fn new(name: &str, run_column: &str, columns: Vec<memory::Column>) -> Result<Self> {
        let rows = columns.first().map_or(0, memory::Column::len);
        let field = |name: &str, format| Field { name: name.to_owned(), format };
        let mut fields = vec![field(run_column, TEXT)];
        fields.extend(columns.iter().map(|column| match column.values {
            Values::Counts(_) => field(&column.name, COUNT),
            Values::Numbers(_) => field(&column.name, NUMBER),
        }));
        let run = Column::repeated(name, rows)?;
        let others = columns.into_iter().map(Column::from);
        let columns = std::iter::once(run).chain(others).map(Arc::new).collect();
        Ok(Table { fields, batch: Arc::new(Batch { rows, columns }) })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.batch.rows
    }

    /// The values of a column as numbers; none where one is undefined, or for the name of the run.
    pub fn numbers(&self, column: &str) -> Option<Vec<Option<f64>>> {
        let at = self.fields.iter().position(|field| field.name == column)?;
        let column = &self.batch.columns[at];
        let is_defined = |row: usize| match &column.validity {
            Some(Buffer::Bits(bits)) => bits[row / 8] >> (row % 8) & 1 == 1,
            _ => true,
        };
        let number = |row: usize| match &column.values[0] {
            Buffer::Counts(values) => Some(values[row] as f64),
            Buffer::Numbers(values) => Some(values[row]),
            _ => None,
        };
        Some((0..column.rows).map(|row| number(row).filter(|_| is_defined(row))).collect())
    }

    /// Whether a column counts, so that its numbers are whole.
    pub fn counts(&self, column: &str) -> bool {
        self.fields.iter().any(|field| field.name == column && field.format == COUNT)
    }

    /// The rows of this table with the columns `fields`; those that it lacks are undefined.
    fn with(&self, fields: &[Field]) -> Arc<Batch> {
        if self.fields == fields {
            return Arc::clone(&self.batch);
        }
        let lacking = Arc::new(Column::undefined(self.rows()));
        let of = |field: &Field| match self.fields.iter().position(|own| own == field) {
            Some(at) => Arc::clone(&self.batch.columns[at]),
            None => Arc::clone(&lacking),
        };
        Arc::new(Batch { rows: self.rows(), columns: fields.iter().map(of).collect() })
    }
}

/// The columns that any of the `tables` has.
pub fn fields(tables: &[Arc<Table>]) -> Vec<Field> {
    let mut all: Vec<Field> = Vec::new();
    for field in tables.iter().flat_map(|table| &table.fields) {
        if !all.contains(field) {
            all.push(field.clone());
        }
    }
    all
}

/// The rows of all `tables` one below the other, each table a batch.
pub fn stream(tables: &[Arc<Table>], metadata: Option<(String, String)>) -> Stream {
    let fields = fields(tables);
    let batches = tables.iter().map(|table| table.with(&fields)).collect();
    Stream::new(fields, metadata, batches)
}
