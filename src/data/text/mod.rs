//! Reading text: .csv, .tsv and whatever else has its numbers in lines, as any country and any
//! program writes it.
//!
//! The fields become cells at the addresses that a spreadsheet would give them, so that errors name
//! a cell here too. Only the beginning is held: the rest is read line by line, as often as needed,
//! so that a million lines take no more room than a thousand. Fields stay texts, because what
//! `1,500` is shows only in its column.

mod decode;
mod delimiter;
mod fields;

use std::path::{Path, PathBuf};

pub(crate) use fields::Delimiter;

use self::decode::{LONGEST, Lines, too_long};
use self::delimiter::{Shape, shape};
use self::fields::{Splitter, of_line};
use super::address::Area;
use super::evidence::Evidence;
use super::grid::{Cell, Grid, MAX_CELLS, Value};
use super::numbers::Style;
use super::rows::{Rows, Take};
use super::source;
use crate::error::{Error, Result};

/// The lines that decide about the delimiter.
const SAMPLE_LINES: usize = 200;
/// The rows, and the cells, that are held.
const HEAD_ROWS: u32 = 1000;
const HEAD_CELLS: usize = 200_000;

/// A text file.
pub(crate) struct Text {
    path: PathBuf,
    shape: Shape,
    /// Whether its first line only says what the delimiter is.
    declares: bool,
    /// The cells that may be read.
    area: Option<Area>,
    /// Its first rows.
    pub head: Grid,
    /// Whether they are all.
    pub is_whole: bool,
}

impl Text {
    /// Opens the text at `path`; the user may know the delimiter, and which cells count.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, is no text, has a quote that is never closed among its first
    /// lines, or too many cells in a few of them.
    pub(crate) fn open(
        path: &Path,
        delimiter: Option<Delimiter>,
        area: Option<Area>,
    ) -> Result<Text> {
        let mut first = first_lines(path)?;
        let declared = first.first().and_then(|line| declared(line));
        if declared.is_some() {
            first.remove(0);
        }
        first.retain(|line| !line.trim().is_empty());
        let shape = shape(&first, delimiter.or(declared));
        let mut text = Text {
            path: path.to_owned(),
            shape,
            declares: declared.is_some(),
            area,
            head: Grid::default(),
            is_whole: true,
        };
        let (mut head, mut is_whole, mut overflow) = (Grid::default(), true, false);
        text.each(0, &mut |row, cells| {
            is_whole = row < HEAD_ROWS && head.cells().len() < HEAD_CELLS;
            if is_whole {
                let mut pushed = cells.iter().map(|(at, value)| head.push(*at, value.clone()));
                overflow = pushed.any(|pushed| pushed.is_err());
            }
            is_whole && !overflow
        })?;
        if overflow {
            return Err(source::too_many_cells(path, ""));
        }
        text.head = head.finish();
        text.is_whole = is_whole;
        Ok(text)
    }

    /// Whether numbers are more likely written with a decimal comma than with commas between
    /// thousands: where a semicolon parts the fields, the comma was needed for something else.
    pub(crate) fn usual_decimal(&self) -> char {
        if self.shape.delimiter == Delimiter::Char(';') { ',' } else { '.' }
    }

    /// The delimiter, as `--delimiter` takes it.
    pub(crate) fn delimiter(&self) -> String {
        match self.shape.delimiter {
            Delimiter::Char('\t') => "tab".to_owned(),
            Delimiter::Char(c) => c.to_string(),
            Delimiter::Blanks => "space".to_owned(),
        }
    }

    /// The fields of a line that is a record by itself, with what programs put into their first
    /// lines taken care of; none where it is parted like all others.
    fn special(&self, line: &str, row: u32, fields: &[String]) -> Option<Vec<String>> {
        let usual = self.shape.fields;
        let comment = line.trim_start().strip_prefix('#');
        if let Some(rest) = comment
            && Value::from_text(fields.first()?).is_none_or(|value| value.text().is_some())
        {
            let heads = of_line(rest, self.shape.delimiter);
            // A first header that is just `#` is one.
            return match heads.len() == usual {
                true if heads[0].trim().is_empty() => None,
                true => Some(heads),
                false => Some(vec![line.trim().to_owned()]),
            };
        }
        let is_text = |field: &String| Value::from_text(field).is_some_and(|v| v.text().is_some());
        if self.shape.delimiter == Delimiter::Blanks && fields.len() != usual {
            // Headers of several words, two blanks or more between them.
            let wide: Vec<String> = line
                .replace('\t', "  ")
                .split("  ")
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect();
            if wide.len() == usual && wide.iter().any(is_text) {
                return Some(wide);
            }
        }
        // Names of rows, as R writes them, have no header.
        let lacks_one = row == 0 && usual > 2 && fields.len() + 1 == usual;
        if lacks_one && !line.trim_end().ends_with([',', ';']) && fields.iter().all(is_text) {
            return Some(std::iter::once(String::new()).chain(fields.iter().cloned()).collect());
        }
        None
    }
}

impl Rows for Text {
    fn each(&self, first: u32, take: &mut Take) -> Result<()> {
        let mut lines = Lines::open(&self.path)?;
        let mut splitter = Splitter::new(self.shape.delimiter);
        let (mut line, mut row, mut opened) = (String::new(), 0, 0);
        let mut cells = Vec::new();
        let (mut is_open, mut bytes) = (false, 0);
        if self.declares {
            lines.next(&self.path, &mut line)?;
        }
        while lines.next(&self.path, &mut line)? {
            if !is_open {
                opened = lines.number();
            }
            let was_open = is_open;
            is_open = !splitter.feed(&line);
            bytes = if was_open { bytes + 1 + line.len() } else { line.len() };
            if bytes > LONGEST {
                return Err(too_long(&self.path, opened));
            }
            if is_open {
                continue;
            }
            if row >= first {
                let record = splitter.record();
                let special = (!was_open).then(|| self.special(&line, row, record)).flatten();
                to_cells(row, special.as_deref().unwrap_or(record), self.area, &mut cells);
                if !cells.is_empty() && !take(row, &cells) {
                    return Ok(());
                }
            }
            row += 1;
        }
        if is_open {
            let what = format!("the quote that opens in line {opened} is never closed");
            return Err(Error::new(what)
                .in_file(&self.path)
                .help("close it with \", or write \"\" for a quote inside a quoted field"));
        }
        Ok(())
    }
}

/// Hands the lines of the text at `path` to `take`, as long as it says to go on.
///
/// # Errors
/// Where the file cannot be read, or is no text.
pub(crate) fn each_line(path: &Path, take: &mut dyn FnMut(&str) -> bool) -> Result<()> {
    let (mut lines, mut line) = (Lines::open(path)?, String::new());
    while lines.next(path, &mut line)? && take(&line) {}
    Ok(())
}

/// All cells of the text at `path`, with one decimal sign: the one that more fields prove, unless
/// it is known.
///
/// # Errors
///
/// As [`Text::open`]; also where there are more cells than a sheet may have.
pub(crate) fn whole(
    path: &Path,
    delimiter: Option<char>,
    decimal: Option<char>,
) -> Result<Vec<Cell>> {
    let text = Text::open(path, delimiter.map(Delimiter::of), None)?;
    let mut all = Vec::new();
    let mut evidence = Evidence::default();
    text.each(0, &mut |_, cells| {
        for (at, value) in cells {
            if let Some(field) = value.text() {
                evidence.hear(field);
            }
            all.push((*at, value.clone()));
        }
        all.len() <= MAX_CELLS
    })?;
    if all.len() > MAX_CELLS {
        return Err(source::too_many_cells(path, ""));
    }
    let style = decimal
        .map_or_else(|| evidence.style(None, text.usual_decimal()).0, |decimal| Style { decimal });
    for (_, value) in &mut all {
        if let Some(number) = value.text().and_then(|field| style.number(field)) {
            *value = Value::Number(number);
        }
    }
    Ok(all)
}

/// A text whose rows are looked at one after the other.
pub(crate) struct Stream {
    text: Text,
    style: Style,
}

impl Stream {
    /// Opens the text at `path`.
    ///
    /// # Errors
    ///
    /// As [`Text::open`].
    pub(crate) fn open(
        path: &Path,
        delimiter: Option<char>,
        decimal: Option<char>,
    ) -> Result<Stream> {
        let text = Text::open(path, delimiter.map(Delimiter::of), None)?;
        let mut evidence = Evidence::default();
        let fields = text.head.cells().iter().filter_map(|(_, value)| value.text());
        for field in fields {
            evidence.hear(field);
        }
        let known = decimal.map(|decimal| Style { decimal });
        let style = known.unwrap_or_else(|| evidence.style(None, text.usual_decimal()).0);
        Ok(Stream { text, style })
    }

    /// The texts of the first row, empty where it has none.
    pub(crate) fn headers(&self) -> Vec<String> {
        let mut headers = Vec::new();
        for ((_, column), value) in self.text.head.row(0) {
            headers.resize(*column as usize, String::new());
            headers.push(value.text().unwrap_or_default().trim().to_owned());
        }
        headers
    }

    /// Shows each row behind the first to `take`.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read any more.
    pub(crate) fn each(&self, take: &mut dyn FnMut(&[Cell])) -> Result<()> {
        self.text.each(1, &mut |_, cells| {
            take(cells);
            true
        })
    }

    /// The number that a cell holds.
    pub(crate) fn number(&self, value: &Value) -> Option<f64> {
        let field = value.text()?.trim();
        match self.style.decimal {
            '.' => field.parse().ok().or_else(|| self.style.number(field)),
            _ => self.style.number(field),
        }
    }
}

fn to_cells(row: u32, fields: &[String], area: Option<Area>, cells: &mut Vec<Cell>) {
    cells.clear();
    for (column, field) in (0..).zip(fields) {
        let position = (row, column);
        if area.is_none_or(|area| area.contains(position))
            && !is_rule(field)
            && let Some(value) = value(field)
        {
            cells.push((position, value));
        }
    }
}

/// A whole number needs no second look; everything else is a text so far.
fn value(field: &str) -> Option<Value> {
    let field = field.trim();
    let digits = field.strip_prefix('-').unwrap_or(field);
    let is_whole = (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    match is_whole.then(|| field.parse()) {
        Some(Ok(number)) => Some(Value::Number(number)),
        _ => Value::from_text(field),
    }
}

/// Whether a field is a line under headers, as in tables drawn with characters.
fn is_rule(field: &str) -> bool {
    let field = field.trim();
    field.len() >= 3 && field.chars().all(|c| "-=+_:─━".contains(c))
}

fn first_lines(path: &Path) -> Result<Vec<String>> {
    let mut lines = Lines::open(path)?;
    let (mut first, mut line) = (Vec::new(), String::new());
    let mut bytes = 0;
    while first.len() < SAMPLE_LINES && bytes < LONGEST / 4 && lines.next(path, &mut line)? {
        bytes += line.len();
        first.push(line.clone());
    }
    Ok(first)
}

/// The delimiter of the line `sep=;`, by which Excel is told and which it hides.
fn declared(line: &str) -> Option<Delimiter> {
    let mut rest = line.strip_prefix("sep=")?.chars();
    match (rest.next(), rest.next()) {
        (Some(delimiter), None) => Some(Delimiter::Char(delimiter)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn cells(content: &str) -> Vec<(String, String)> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        let text = Text::open(file.path(), None, None).unwrap();
        let shown = |value: &Value| match value {
            Value::Number(number) => number.to_string(),
            value => value.text().unwrap_or("?").to_owned(),
        };
        let cell = |(at, value): &Cell| (super::super::address::cell_name(*at), shown(value));
        text.head.cells().iter().map(cell).collect()
    }

    fn texts(content: &str) -> String {
        cells(content).iter().map(|(at, text)| format!("{at}={text}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn first_lines_of_programs_are_understood() {
        assert_eq!(texts("sep=;\nx;y\n1;2"), "A1=x B1=y A2=1 B2=2");
        assert_eq!(texts("# x y\n1 2\n3 4"), "A1=x B1=y A2=1 B2=2 A3=3 B3=4");
        assert_eq!(texts("# by Ann\nx,y\n1,2"), "A1=# by Ann A2=x B2=y A3=1 B3=2");
        assert_eq!(texts("#,x,y\n1,2,3"), "A1=# B1=x C1=y A2=1 B2=2 C2=3");
        assert_eq!(texts("#N/A,2\n1,2").get(..5), Some("A1=? "));
        assert_eq!(texts("\"x\" \"y\"\n\"1\" 2 3\n\"2\" 4 5").get(..10), Some("B1=x C1=y "));
        let wide = "Years of work   Salary\n1.5  2000\n2.5  3000";
        assert_eq!(texts(wide).get(..26), Some("A1=Years of work B1=Salary"));
        let drawn = "| x | y |\n|---|---|\n| 1 | 2 |";
        assert_eq!(texts(drawn), "B1=x C1=y B3=1 C3=2");
    }

    #[test]
    fn rows_keep_their_places() {
        assert_eq!(
            texts("x,y\r\n\r\n1,\"a \"\"b\"\", c\"\n2\r3,4"),
            "A1=x B1=y A3=1 B3=a \"b\", c A4=2 A5=3 B5=4"
        );
    }
}
