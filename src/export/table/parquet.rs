//! Tables as Apache Parquet files: typed columns, compressed, in groups of rows that readers take in
//! parallel.
//!
//! Only what every reader has for long is used: doubles as they are, counts as differences, Snappy.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type};
use parquet::column::writer::{
    ColumnCloseResult, ColumnWriter, get_column_writer, get_typed_column_writer,
};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result as Written};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnPath, SchemaDescriptor, Type as Schema};

use super::about::about;
use super::{Kind, Rows, Table, TableColumn};
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
    let encoder = Encoder::new(table).map_err(failed)?;
    let (schema, properties) = (encoder.schema.root_schema_ptr(), encoder.properties.clone());
    let mut file = SerializedFileWriter::new(out, schema, properties).map_err(failed)?;
    let most = (GROUP_VALUES / table.columns.len().max(1)).clamp(GROUP_ROWS[1], GROUP_ROWS[0]);
    in_order(
        table.threads,
        || |rows: Rows| encoder.chunks(&rows),
        |give| {
            let mut groups = Groups { rows: Vec::new(), most, give };
            table.rows(watch, &mut |rows| groups.take(&rows))?;
            groups.end()
        },
        |chunks| append(&mut file, chunks).map_err(failed),
    )?;
    file.close().map(drop).map_err(failed)
}

fn failed(error: ParquetError) -> Error {
    match error {
        ParquetError::External(error) => Error::new(format!("cannot write the table: {error}")),
        error => Error::new(format!("cannot write the table: {error}")),
    }
}

/// A column of a group of rows as it stands in the file.
type Chunk = (Bytes, ColumnCloseResult);

/// Appends a group of rows.
fn append<W: Write + Send>(
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

/// Encodes groups of rows, each by itself.
struct Encoder<'a> {
    run: ByteArray,
    columns: &'a [TableColumn],
    schema: SchemaDescriptor,
    properties: WriterPropertiesPtr,
}

impl<'a> Encoder<'a> {
    fn new(table: &'a Table) -> Written<Self> {
        let run = ByteArray::from(table.run.sheet.name.as_str());
        let schema = SchemaDescriptor::new(Arc::new(schema(table)?));
        let properties = Arc::new(properties(table));
        Ok(Encoder { run, columns: &table.columns, schema, properties })
    }

    /// The columns of a group of rows.
    fn chunks(&self, rows: &Rows) -> Written<Vec<Chunk>> {
        let count = rows.first().map_or(0, Vec::len);
        let run = self.chunk(0, |writer| {
            let names = vec![self.run.clone(); count];
            let mut writer = get_typed_column_writer::<ByteArrayType>(writer);
            writer.write_batch(&names, None, None)?;
            writer.close()
        });
        let others = self.columns.iter().zip(rows).enumerate();
        let others = others.map(|(at, (column, values))| {
            self.chunk(at + 1, |writer| write_values(writer, column.kind, values))
        });
        std::iter::once(run).chain(others).collect()
    }

    /// The column with that index as `write` writes it.
    fn chunk(
        &self,
        index: usize,
        write: impl FnOnce(ColumnWriter) -> Written<ColumnCloseResult>,
    ) -> Written<Chunk> {
        let mut bytes = TrackedWrite::new(Vec::new());
        let pages = Box::new(SerializedPageWriter::new(&mut bytes));
        let close =
            write(get_column_writer(self.schema.column(index), self.properties.clone(), pages))?;
        Ok((Bytes::from(bytes.into_inner()?), close))
    }
}

/// Writes the values that are defined, and which those are.
fn write_values(
    mut writer: ColumnWriter,
    kind: Kind,
    values: &[Value],
) -> Written<ColumnCloseResult> {
    let defined = || values.iter().filter_map(|value| value.get().ok());
    let levels: Vec<i16> = values.iter().map(|value| i16::from(!value.is_error())).collect();
    match (&mut writer, kind) {
        (ColumnWriter::Int64ColumnWriter(writer), Kind::Count) => {
            let numbers: Vec<i64> = defined().map(|number| number as i64).collect();
            writer.write_batch(&numbers, Some(&levels), None)?;
        }
        (ColumnWriter::DoubleColumnWriter(writer), Kind::Number) => {
            let numbers: Vec<f64> = defined().collect();
            writer.write_batch(&numbers, Some(&levels), None)?;
        }
        _ => return Err(ParquetError::General("a column has the type of another".to_owned())),
    }
    writer.close()
}

/// The columns with their types.
fn schema(table: &Table) -> Written<Schema> {
    let run = Schema::primitive_type_builder(&table.run_column, Type::BYTE_ARRAY)
        .with_repetition(Repetition::REQUIRED)
        .with_converted_type(ConvertedType::UTF8)
        .with_logical_type(Some(LogicalType::String))
        .build();
    let others = table.columns.iter().map(|column| {
        let physical = match column.kind {
            Kind::Count => Type::INT64,
            Kind::Number => Type::DOUBLE,
        };
        let builder = Schema::primitive_type_builder(&column.name, physical);
        builder.with_repetition(Repetition::OPTIONAL).build()
    });
    let fields = std::iter::once(run).chain(others).map(|field| field.map(Arc::new));
    Schema::group_type_builder("trace").with_fields(fields.collect::<Written<_>>()?).build()
}

/// How columns are encoded, and what the file says about itself.
fn properties(table: &Table) -> WriterProperties {
    let by = format!("gdtrace version {}", env!("CARGO_PKG_VERSION"));
    let properties = WriterProperties::builder()
        .set_created_by(by)
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled(ColumnPath::from(table.run_column.as_str()), true)
        .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_owned(), about(table))]));
    let counts = table.columns.iter().filter(|column| column.kind == Kind::Count);
    let properties = counts.fold(properties, |properties, column| {
        let path = ColumnPath::from(column.name.as_str());
        properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
    });
    properties.build()
}
