//! Measuring the sheets of an .xls before they are read.
//!
//! Like `ods_size`: the reading library builds the rectangle of every sheet when it opens the
//! file, and a few bytes can ask for more memory than there is, which ends the process. So the
//! records of the cells are visited first. Whatever looks wrong here counts as nothing: the
//! library says better what is damaged.

/// A rectangle that every .xls may declare: 65,536 rows and 256 columns.
const WHOLE_SHEET: u64 = 65_536 * 256;

/// The records that hold a cell; each begins with its row and its column.
const CELLS: [u16; 8] = [0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E];

/// The cells of the largest rectangle that the reading library would build.
pub(crate) fn largest_rectangle(file: &[u8]) -> u64 {
    let Some(stream) = Compound::new(file).and_then(|compound| compound.workbook()) else {
        return 0;
    };
    // With a password the records are there, but what they hold makes no sense.
    if Records(&stream).any(|(kind, body)| kind == 0x002F && u16_at(body, 0) != Some(0)) {
        return 0;
    }
    let sheets = Records(&stream).filter(|(kind, body)| *kind == 0x0085 && body.len() >= 4);
    let starts = sheets.filter_map(|(_, body)| Some(u32_at(body, 0)? as usize));
    starts.filter_map(|start| Some(measure(stream.get(start..)?))).max().unwrap_or(0)
}

/// The rectangle of the sheet whose records begin here.
fn measure(sheet: &[u8]) -> u64 {
    let (mut rows, mut columns) = (Span::default(), Span::default());
    let mut declared = 0;
    // A chart in the sheet is a stream of its own between a begin and an end.
    let mut depth = 0_u32;
    for (kind, body) in Records(sheet) {
        match kind {
            0x0809 => depth += 1,
            0x000A if depth <= 1 => break,
            0x000A => depth -= 1,
            _ => {}
        }
        if kind == 0x0200 {
            declared = declared.max(dimensions(body).unwrap_or(0));
        } else if CELLS.contains(&kind)
            && let (Some(row), Some(column)) = (u16_at(body, 0), u16_at(body, 2))
        {
            rows.add(row);
            columns.add(column);
            if kind == 0x00BD {
                columns.add(u16_at(body, body.len() - 2).unwrap_or(column));
            }
        }
    }
    let used = rows.length() * columns.length();
    // Space is reserved for what is declared but not filled: only the impossible counts.
    if declared > WHOLE_SHEET { used.max(declared) } else { used }
}

/// The rectangle that a Dimensions record declares.
fn dimensions(body: &[u8]) -> Option<u64> {
    let (rows, columns) = match body.len() {
        10 => (u16_at(body, 2)?.into(), u16_at(body, 6)?),
        _ => (u32_at(body, 4)?, u16_at(body, 10)?),
    };
    Some(u64::from(rows) * u64::from(columns))
}

/// The first and the last of some numbers.
#[derive(Default)]
struct Span(Option<(u16, u16)>);

impl Span {
    fn add(&mut self, number: u16) {
        let (first, last) = self.0.unwrap_or((number, number));
        self.0 = Some((first.min(number), last.max(number)));
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last - first) + 1)
    }
}

/// The records of a stream: a kind, a length, a body.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let kind = u16_at(self.0, 0)?;
        let end = 4 + usize::from(u16_at(self.0, 2)?);
        let body = self.0.get(4..end)?;
        self.0 = &self.0[end..];
        Some((kind, body))
    }
}

/// A compound file ([MS-CFB]): streams in chains of sectors.
struct Compound<'a> {
    file: &'a [u8],
    sector: usize,
    /// For each sector the next one of its chain.
    next: Vec<u32>,
}

impl<'a> Compound<'a> {
    fn new(file: &'a [u8]) -> Option<Self> {
        let shift = u16_at(file, 30).filter(|shift| (9..=12).contains(shift))?;
        let mut compound = Compound { file, sector: 1 << shift, next: Vec::new() };
        let mut tables: Vec<u32> = (0..109).filter_map(|n| u32_at(file, 76 + 4 * n)).collect();
        // Large files list more tables in a chain of their own, linked by its last number.
        let mut more = u32_at(file, 68)?;
        for _ in 0..file.len() / compound.sector {
            let Some(mut list) = compound.sector_at(more).map(numbers) else { break };
            more = list.pop()?;
            tables.extend(list);
        }
        let next = tables.iter().filter_map(|table| compound.sector_at(*table)).flat_map(numbers);
        compound.next = next.collect();
        Some(compound)
    }

    fn sector_at(&self, index: u32) -> Option<&'a [u8]> {
        let start = (index as usize).checked_add(1)?.checked_mul(self.sector)?;
        self.file.get(start..start.checked_add(self.sector)?)
    }

    /// The bytes of the chain of sectors that begins at `start`.
    fn chain(&self, start: u32) -> Vec<u8> {
        let sectors = chain(start, &self.next);
        sectors.into_iter().map_while(|index| self.sector_at(index)).flatten().copied().collect()
    }

    /// The stream with the workbook.
    fn workbook(&self) -> Option<Vec<u8>> {
        let directory = self.chain(u32_at(self.file, 48)?);
        let entries: Vec<&[u8]> = directory.chunks_exact(128).collect();
        let entry = |name| entries.iter().find(|entry| is_called(entry, name));
        let entry = entry("Workbook").or_else(|| entry("Book"))?;
        let (start, size) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
        let mut stream = if size >= u32_at(self.file, 56)? as usize {
            self.chain(start)
        } else {
            // Small streams share one stream, the root's, in sectors of 64 bytes.
            let shared = self.chain(u32_at(entries.first()?, 116)?);
            let next = numbers(&self.chain(u32_at(self.file, 60)?));
            let sectors = chain(start, &next).into_iter();
            let bytes = sectors.map_while(|i| shared.get(i as usize * 64..i as usize * 64 + 64));
            bytes.flatten().copied().collect()
        };
        stream.truncate(size);
        Some(stream)
    }
}

/// The sectors of a chain; one that turns in a circle is cut.
fn chain(start: u32, next: &[u32]) -> Vec<u32> {
    let follow = |index: &u32| next.get(*index as usize).copied();
    let chain = std::iter::successors(Some(start), follow);
    chain.take_while(|index| (*index as usize) < next.len()).take(next.len()).collect()
}

fn is_called(entry: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    entry.starts_with(&wide)
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|four| u32_at(four, 0)).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = include_bytes!("../../tests/fixtures/table.xls");

    #[test]
    fn the_largest_sheet_is_measured() {
        // The sheet `data` reaches from A1 to C8.
        assert_eq!(largest_rectangle(TABLE), 24);
        assert_eq!(largest_rectangle(&TABLE[..900]), 0);
        assert_eq!(largest_rectangle(b"no compound file"), 0);
    }

    #[test]
    fn a_far_cell_and_an_impossible_size_count() {
        let number = |row: u16, column: u16| {
            let mut record = vec![0x03, 0x02, 14, 0];
            record.extend(row.to_le_bytes());
            record.extend(column.to_le_bytes());
            record.extend([0; 10]);
            record
        };
        let far = [number(0, 0), number(65_535, 65_535)].concat();
        assert_eq!(measure(&far), 1 << 32);
        let another_sheet = [number(0, 0), vec![0x0A, 0, 0, 0], number(65_535, 65_535)].concat();
        assert_eq!(measure(&another_sheet), 1);
        let mut declared = vec![0x00, 0x02, 14, 0, 0, 0, 0, 0];
        declared.extend(u32::MAX.to_le_bytes());
        declared.extend([0, 0, 1, 0, 0, 0]);
        assert_eq!(measure(&declared), u64::from(u32::MAX));
    }
}
