//! Tables as Apache Parquet files: typed columns, compressed, in groups of rows that readers take in
//! parallel.
//!
//! Only what every reader has for long is used: doubles as they are, counts as differences, Snappy.

use std::io::Write;
use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result as Written};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnPath, SchemaDescriptor, Type as Schema};

use super::about::about;
use super::{Kind, Rows, Table};
use crate::error::{Error, Result};
use crate::threads::in_order;
use crate::trace::Sink;
use crate::value::Value;

/// The key of the metadata under which a file tells what is in it.
const KEY: &str = "gdtrace";

/// How many values a group of rows has at most, so that groups under way take little memory.
const GROUP_VALUES: usize = 1 << 20;

/// How many rows a group has at most, and at least.
const GROUP_ROWS: [usize; 2] = [1 << 16, 1 << 10];

/// Writes `table`.
///
/// # Errors
/// When writing fails.
pub(super) fn write(
    table: &Table,
    out: &mut (dyn Write + Send),
    watch: &mut dyn Sink,
) -> Result<()> {
    let run = ByteArray::from(table.run.sheet.name.as_str());
    let columns = table.columns.iter().map(|column| (column.name.as_str(), column.kind));
    let columns: Vec<_> =
        iter::once((table.run_column.as_str(), Kind::Text)).chain(columns).collect();
    let encoder = Encoder::new("trace", &columns, Some(about(table))).map_err(failed)?;
    let mut file = encoder.file(out).map_err(failed)?;
    let most = (GROUP_VALUES / columns.len()).clamp(GROUP_ROWS[1], GROUP_ROWS[0]);
    in_order(
        table.threads,
        || {
            |rows: Rows| {
                let count = rows.first().map_or(0, Vec::len);
                let others = table.columns.iter().zip(&rows);
                let others = others.map(|(column, values)| cells(column.kind, values));
                let run = Cells::Texts(vec![run.clone(); count]);
                encoder.chunks(iter::once(run).chain(others))
            }
        },
        |give| {
            let mut groups = Groups { rows: Vec::new(), most, give };
            table.rows(watch, &mut |rows| groups.take(&rows))?;
            groups.end()
        },
        |chunks| append(&mut file, chunks).map_err(failed),
    )?;
    file.close().map(drop).map_err(failed)
}

/// Those of the values that are defined, and which those are.
fn cells(kind: Kind, values: &[Value]) -> Cells {
    let levels = values.iter().map(|value| i16::from(!value.is_error())).collect();
    let defined = values.iter().filter_map(|value| value.get().ok());
    match kind {
        Kind::Number => Cells::Numbers(defined.collect(), levels),
        _ => Cells::Counts(defined.map(|number| number as i64).collect(), levels),
    }
}

/// The error of a writer.
pub fn failed(error: ParquetError) -> Error {
    let error = match error {
        ParquetError::External(error) => error.to_string(),
        error => error.to_string(),
    };
    Error::new(format!("cannot write the table: {error}"))
}

/// A column of a group of rows as it stands in the file.
pub type Chunk = (Bytes, ColumnCloseResult);

/// Appends a group of rows.
pub fn append<W: Write + Send>(
    file: &mut SerializedFileWriter<W>,
    chunks: Written<Vec<Chunk>>,
) -> Written<()> {
    let mut group = file.next_row_group()?;
    for (bytes, close) in chunks? {
        group.append_column(&bytes, close)?;
    }
    group.close().map(drop)
}

/// Makes groups of the rows of several blocks.
struct Groups<'a> {
    rows: Rows,
    most: usize,
    give: &'a mut dyn FnMut(Rows) -> Result<()>,
}

impl Groups<'_> {
    fn take(&mut self, rows: &Rows) -> Result<()> {
        let most = self.most;
        self.rows.resize_with(rows.len(), || Vec::with_capacity(most));
        let count = rows.first().map_or(0, Vec::len);
        let mut from = 0;
        while from < count {
            let room = most - self.rows.first().map_or(0, Vec::len);
            let to = count.min(from + room);
            for (own, values) in self.rows.iter_mut().zip(rows) {
                own.extend_from_slice(&values[from..to]);
            }
            if to - from == room {
                self.end()?;
                self.rows.resize_with(rows.len(), || Vec::with_capacity(most));
            }
            from = to;
        }
        Ok(())
    }

    /// Gives what there is.
    fn end(&mut self) -> Result<()> {
        match self.rows.first().is_none_or(Vec::is_empty) {
            true => Ok(()),
            false => (self.give)(std::mem::take(&mut self.rows)),
        }
    }
}

/// What stands in a column of a group of rows: the values that are there, and for each row whether it has one.
pub enum Cells {
    /// A text in every row.
    Texts(Vec<ByteArray>),
    /// Whole numbers.
    Counts(Vec<i64>, Vec<i16>),
    /// Doubles.
    Numbers(Vec<f64>, Vec<i16>),
}

/// Encodes groups of rows, each by itself.
pub struct Encoder {
    schema: SchemaDescriptor,
    properties: WriterPropertiesPtr,
}

impl Encoder {
    /// For tables with these columns; `about` says in the metadata what is in them.
    ///
    /// # Errors
    /// Two columns of the same name.
    pub fn new(name: &str, columns: &[(&str, Kind)], about: Option<String>) -> Written<Self> {
        let fields: Written<Vec<_>> =
            columns.iter().map(|(name, kind)| field(name, *kind).map(Arc::new)).collect();
        let schema = Schema::group_type_builder(name).with_fields(fields?).build()?;
        let schema = SchemaDescriptor::new(Arc::new(schema));
        Ok(Encoder { schema, properties: Arc::new(properties(columns, about)) })
    }

    /// A file with such tables.
    ///
    /// # Errors
    /// When writing fails.
    pub fn file<W: Write + Send>(&self, out: W) -> Written<SerializedFileWriter<W>> {
        SerializedFileWriter::new(out, self.schema.root_schema_ptr(), self.properties.clone())
    }

    /// The columns of a group of rows.
    ///
    /// # Errors
    /// Others than those of this table.
    pub fn chunks(&self, cells: impl Iterator<Item = Cells>) -> Written<Vec<Chunk>> {
        cells.enumerate().map(|(at, cells)| self.chunk(at, &cells)).collect()
    }

    fn chunk(&self, index: usize, cells: &Cells) -> Written<Chunk> {
        let mut bytes = TrackedWrite::new(Vec::new());
        let pages = Box::new(SerializedPageWriter::new(&mut bytes));
        let mut writer =
            get_column_writer(self.schema.column(index), self.properties.clone(), pages);
        match (&mut writer, cells) {
            (ColumnWriter::ByteArrayColumnWriter(writer), Cells::Texts(texts)) => {
                writer.write_batch(texts, None, None)?;
            }
            (ColumnWriter::Int64ColumnWriter(writer), Cells::Counts(counts, levels)) => {
                writer.write_batch(counts, Some(levels), None)?;
            }
            (ColumnWriter::DoubleColumnWriter(writer), Cells::Numbers(numbers, levels)) => {
                writer.write_batch(numbers, Some(levels), None)?;
            }
            _ => return Err(ParquetError::General("a column has the type of another".to_owned())),
        }
        let close = writer.close()?;
        Ok((Bytes::from(bytes.into_inner()?), close))
    }
}

/// A column with its type.
fn field(name: &str, kind: Kind) -> Written<Schema> {
    let of = |physical, repetition| {
        Schema::primitive_type_builder(name, physical).with_repetition(repetition)
    };
    match kind {
        Kind::Text => of(Type::BYTE_ARRAY, Repetition::REQUIRED)
            .with_converted_type(ConvertedType::UTF8)
            .with_logical_type(Some(LogicalType::String))
            .build(),
        Kind::Count => of(Type::INT64, Repetition::OPTIONAL).build(),
        Kind::Seed => of(Type::INT64, Repetition::OPTIONAL)
            .with_converted_type(ConvertedType::UINT_64)
            .with_logical_type(Some(LogicalType::integer(64, false)))
            .build(),
        Kind::Number => of(Type::DOUBLE, Repetition::OPTIONAL).build(),
    }
}

/// How columns are encoded, and what the file says about itself.
fn properties(columns: &[(&str, Kind)], about: Option<String>) -> WriterProperties {
    let by = format!("gdtrace version {}", env!("CARGO_PKG_VERSION"));
    let properties = WriterProperties::builder()
        .set_created_by(by)
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_key_value_metadata(about.map(|about| vec![KeyValue::new(KEY.to_owned(), about)]));
    let properties = columns.iter().fold(properties, |properties, (name, kind)| {
        let path = ColumnPath::from(*name);
        match kind {
            Kind::Text => properties.set_column_dictionary_enabled(path, true),
            Kind::Number => properties,
            _ => properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        }
    });
    properties.build()
}
