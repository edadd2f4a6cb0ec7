//! The lines of a text file, whatever its encoding, one at a time.
//!
//! UTF-8 and UTF-16 are known by their first bytes. What is neither is taken line by line: a line
//! that is no UTF-8 is Windows-1252, the superset of Latin-1 that old programs write.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{Error, Result};

/// The most bytes of a line, and of a record whose quoted fields go on over lines: 16 MiB.
pub(super) const LONGEST: usize = 1 << 24;

/// How the bytes of a file make characters.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Encoding {
    /// Bytes: UTF-8, or Windows-1252 where they are not.
    Bytes,
    LittleEndian,
    BigEndian,
}

/// The lines of a file.
pub(super) struct Lines {
    encoding: Encoding,
    reader: BufReader<File>,
    bytes: Vec<u8>,
    /// Parts of `bytes` that old Macintosh line ends part.
    rest: Vec<u8>,
    is_first: bool,
    number: usize,
}

impl Lines {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| Error::io("read the file", path, &error);
        let mut file = File::open(path).map_err(failed)?;
        let mut start = [0; 512];
        let mut length = 0;
        while length < start.len() {
            match file.read(&mut start[length..]).map_err(failed)? {
                0 => break,
                count => length += count,
            }
        }
        let (encoding, mark) = encoding(&start[..length]);
        file.seek(SeekFrom::Start(mark)).map_err(failed)?;
        let reader = BufReader::with_capacity(1 << 16, file);
        Ok(Lines {
            encoding,
            reader,
            bytes: Vec::new(),
            rest: Vec::new(),
            is_first: true,
            number: 0,
        })
    }

    /// The next line without its end in `line`; whether there is one.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no text.
    pub fn next(&mut self, path: &Path, line: &mut String) -> Result<bool> {
        line.clear();
        if self.rest.is_empty() && !self.read().map_err(|e| Error::io("read the file", path, &e))? {
            return Ok(false);
        }
        self.number += 1;
        if self.rest.len() > LONGEST {
            return Err(too_long(path, self.number));
        }
        // The ends of lines that old Macintosh programs write are within what was read.
        let end = self.rest.iter().position(|byte| *byte == b'\r');
        let bytes = &self.rest[..end.unwrap_or(self.rest.len())];
        if bytes.contains(&0) {
            return Err(Error::new("the file is not text (it holds bytes of value 0)")
                .in_file(path)
                .help("save the sheet as \"CSV UTF-8\" from a spreadsheet program"));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => line.push_str(text),
            Err(_) => line.extend(bytes.iter().map(|byte| windows_1252(*byte))),
        }
        // The buffer stays: a new one for each line would take as long as all else.
        self.rest.drain(..end.map_or(self.rest.len(), |end| end + 1));
        if std::mem::take(&mut self.is_first) && line.starts_with('\u{feff}') {
            line.remove(0);
        }
        Ok(true)
    }

    /// Reads up to the next line end into `rest`, as UTF-8 where the file is UTF-16.
    fn read(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        if self.encoding == Encoding::Bytes {
            // One byte more than may be, so that it shows.
            let mut limited = self.reader.by_ref().take(LONGEST as u64 + 3);
            if limited.read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(false);
            }
            if self.bytes.last() == Some(&b'\n') {
                self.bytes.pop();
            }
            if self.bytes.last() == Some(&b'\r') {
                self.bytes.pop();
            }
            std::mem::swap(&mut self.rest, &mut self.bytes);
            // An empty line is a line.
            if self.rest.is_empty() {
                self.rest.push(b'\r');
            }
            return Ok(true);
        }
        self.read_wide()
    }

    fn read_wide(&mut self) -> io::Result<bool> {
        let mut units = Vec::new();
        let mut pair = [0; 2];
        let mut any = false;
        while read_pair(&mut self.reader, &mut pair)? {
            any = true;
            let unit = match self.encoding {
                Encoding::BigEndian => u16::from_be_bytes(pair),
                _ => u16::from_le_bytes(pair),
            };
            if unit == u16::from(b'\n') {
                break;
            }
            units.push(unit);
            if units.len() > LONGEST {
                break;
            }
        }
        if units.last() == Some(&u16::from(b'\r')) {
            units.pop();
        }
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.rest = text.into_bytes();
        if any && self.rest.is_empty() {
            self.rest.push(b'\r');
        }
        Ok(any)
    }

    /// The number of the line that was read last, from 1.
    pub fn number(&self) -> usize {
        self.number
    }
}

/// The line of this number, or the record that began with it, is longer than any text with numbers.
pub(super) fn too_long(path: &Path, number: usize) -> Error {
    Error::new(format!("line {number} has more than {} MiB", LONGEST >> 20))
        .in_file(path)
        .help("write the table with a row a line, and close each quote that opens")
}

fn read_pair(reader: &mut impl Read, pair: &mut [u8; 2]) -> io::Result<bool> {
    match reader.read_exact(pair) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The encoding by the first bytes, and how many of them are only its mark.
fn encoding(start: &[u8]) -> (Encoding, u64) {
    match start {
        [0xFF, 0xFE, ..] => (Encoding::LittleEndian, 2),
        [0xFE, 0xFF, ..] => (Encoding::BigEndian, 2),
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Bytes, 3),
        _ => (without_mark(start), 0),
    }
}

/// UTF-16 without a mark has a zero in every other byte of plain text.
fn without_mark(start: &[u8]) -> Encoding {
    let zeros = |odd: usize| {
        start.iter().enumerate().filter(|(at, byte)| at % 2 == odd && **byte == 0).count()
    };
    let half = start.len() / 2;
    match (zeros(0), zeros(1)) {
        (0, odd) if half > 1 && 10 * odd >= 9 * half => Encoding::LittleEndian,
        (even, 0) if half > 1 && 10 * even >= 9 * half => Encoding::BigEndian,
        _ => Encoding::Bytes,
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut lines = Lines::open(file.path()).unwrap();
        let (mut all, mut line) = (Vec::new(), String::new());
        while lines.next(file.path(), &mut line).unwrap() {
            all.push(line.clone());
        }
        all
    }

    #[test]
    fn every_encoding_and_line_end_gives_the_same_lines() {
        let expected = ["Größe", "", "1", "2"];
        let text = "Größe\n\n1\n2";
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(unit).collect()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            text.replace('\n', "\r\n").into_bytes(),
            text.replace('\n', "\r").into_bytes(),
            format!("\u{feff}{text}\n").into_bytes(),
            b"Gr\xF6\xDFe\n\n1\n2\n".to_vec(),
            wide(&format!("\u{feff}{text}"), u16::to_le_bytes),
            wide(&format!("\u{feff}{text}\n"), u16::to_be_bytes),
            wide(text, u16::to_le_bytes),
        ] {
            assert_eq!(lines(&bytes), expected, "{bytes:?}");
        }
        assert_eq!(lines(b"3,50 \x80"), ["3,50 €"]);
        assert_eq!(lines(b""), [""; 0]);
    }
}
