//! A part of which all runs are there, as an Apache Parquet file: smaller than its text, and read faster.

use std::fs::File;
use std::io::Write;
use std::mem;
use std::path::Path;

use parquet::basic::Type;
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::part::ANEW;
use super::row::Field;
use crate::error::{Error, Result};
use crate::export::table::Kind;
use crate::export::table::parquet::{Cells, Encoder, append, failed};

/// How many rows stand in a group.
const GROUP: usize = 1 << 14;

/// Writes the rows that `each` hands over.
///
/// # Errors
/// When writing fails, and those of `each`.
pub fn write(
    out: impl Write + Send,
    columns: &[(String, Kind)],
    each: impl FnOnce(&mut dyn FnMut(&[Field]) -> Result<()>) -> Result<()>,
) -> Result<()> {
    let named: Vec<(&str, Kind)> =
        columns.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    let encoder = Encoder::new("runs", &named, None).map_err(failed)?;
    let mut file = encoder.file(out).map_err(failed)?;
    let mut group: Vec<Cells> = columns.iter().map(|(_, kind)| none_of(*kind)).collect();
    let mut count = 0;
    let mut end = |group: &mut Vec<Cells>| {
        let empty = columns.iter().map(|(_, kind)| none_of(*kind)).collect();
        let full = mem::replace(group, empty);
        append(&mut file, encoder.chunks(full.into_iter())).map_err(failed)
    };
    each(&mut |row| {
        group.iter_mut().zip(row).for_each(|(cells, field)| push(cells, field));
        count += 1;
        if count % GROUP == 0 { end(&mut group) } else { Ok(()) }
    })?;
    if count % GROUP > 0 {
        end(&mut group)?;
    }
    file.close().map(drop).map_err(failed)
}

fn none_of(kind: Kind) -> Cells {
    match kind {
        Kind::Text => Cells::Texts(Vec::new()),
        Kind::Count | Kind::Seed => Cells::Counts(Vec::new(), Vec::new()),
        Kind::Number => Cells::Numbers(Vec::new(), Vec::new()),
    }
}

/// Adds a field to its column.
fn push(cells: &mut Cells, field: &Field) {
    match (cells, field) {
        (Cells::Texts(texts), Field::Text(text)) => texts.push(ByteArray::from(text.as_str())),
        (Cells::Counts(counts, levels), Field::Count(count)) => {
            // The bits of a seed, which the type of its column says to be unsigned.
            counts.extend(count.map(u64::cast_signed));
            levels.push(i16::from(count.is_some()));
        }
        (Cells::Numbers(numbers, levels), Field::Number(number)) => {
            numbers.extend(number);
            levels.push(i16::from(number.is_some()));
        }
        _ => debug_assert!(false, "a field of the kind of its column"),
    }
}

/// A file that has been opened.
pub struct Sealed<'a> {
    path: &'a Path,
    reader: SerializedFileReader<File>,
}

impl<'a> Sealed<'a> {
    /// Opens the file at `path`, which has these columns.
    ///
    /// # Errors
    /// A file that cannot be read, or has others.
    pub fn open(path: &'a Path, columns: &[(String, Kind)]) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read the runs", path, &error))?;
        let reader = SerializedFileReader::new(file).map_err(|error| unreadable(path, &error))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let theirs = schema.columns().iter().map(|one| (one.name(), one.physical_type()));
        match theirs.eq(columns.iter().map(|(name, kind)| (name.as_str(), physical(*kind)))) {
            true => Ok(Sealed { path, reader }),
            false => Err(Error::new("the columns are not those of the runs of this sweep")
                .in_file(path)
                .help(ANEW)),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        usize::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or_default()
    }

    /// Hands the rows to `take`.
    ///
    /// # Errors
    /// A file that cannot be read, and those of `take`.
    pub fn each_row(&self, take: &mut dyn FnMut(&[Field]) -> Result<()>) -> Result<()> {
        let failed = |error| unreadable(self.path, &error);
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(failed)?;
            let count = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
            let columns: Vec<Vec<Field>> = (0..group.num_columns())
                .map(|column| fields(&*group, column, count).map_err(failed))
                .collect::<Result<_>>()?;
            let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
            let mut row = Vec::with_capacity(columns.len());
            for _ in 0..count {
                row.clear();
                row.extend(columns.iter_mut().filter_map(Iterator::next));
                take(&row)?;
            }
        }
        Ok(())
    }
}

fn physical(kind: Kind) -> Type {
    match kind {
        Kind::Text => Type::BYTE_ARRAY,
        Kind::Count | Kind::Seed => Type::INT64,
        Kind::Number => Type::DOUBLE,
    }
}

fn unreadable(path: &Path, error: &ParquetError) -> Error {
    Error::new(format!("cannot read the runs: {error}")).in_file(path).help(ANEW)
}

/// The fields of a column of a group with so many rows.
fn fields(
    group: &dyn RowGroupReader,
    column: usize,
    rows: usize,
) -> std::result::Result<Vec<Field>, ParquetError> {
    let mut levels = Vec::new();
    Ok(match group.get_column_reader(column)? {
        ColumnReader::ByteArrayColumnReader(mut reader) => {
            let mut texts = Vec::new();
            reader.read_records(rows, None, None, &mut texts)?;
            let text = |text: ByteArray| text.as_utf8().map(|text| Field::Text(text.to_owned()));
            texts.into_iter().map(text).collect::<std::result::Result<_, _>>()?
        }
        ColumnReader::Int64ColumnReader(mut reader) => {
            let mut counts = Vec::new();
            reader.read_records(rows, Some(&mut levels), None, &mut counts)?;
            let counts = counts.into_iter().map(i64::cast_unsigned);
            placed(&levels, counts).map(Field::Count).collect()
        }
        ColumnReader::DoubleColumnReader(mut reader) => {
            let mut numbers = Vec::new();
            reader.read_records(rows, Some(&mut levels), None, &mut numbers)?;
            placed(&levels, numbers.into_iter()).map(Field::Number).collect()
        }
        _ => return Err(ParquetError::General("a column has another type".to_owned())),
    })
}

/// Values in their rows, of which others have none.
fn placed<T>(
    levels: &[i16],
    mut values: impl Iterator<Item = T>,
) -> impl Iterator<Item = Option<T>> {
    levels.iter().map(move |level| if *level > 0 { values.next() } else { None })
}
