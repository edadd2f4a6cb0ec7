//! Compound files ([MS-CFB]), in which an .xls keeps its workbook among other streams.
//!
//! A stream is a chain of sectors, and a chain may turn in a circle or be listed a thousand times. So
//! the stream is taken out with the file's own size as the limit of everything, and the reading
//! library, which has no limits, gets it in a container made anew.

/// The sectors of the containers that are made: so large that one list of sectors is enough.
const SECTOR: usize = 4096;
/// The smallest stream that stands in sectors of its own.
const SMALLEST: usize = 4096;
/// The sectors whose lists the beginning of a file names.
const LISTS: usize = 109;
const END: u32 = 0xFFFF_FFFE;
const LIST: u32 = 0xFFFF_FFFD;
const FREE: u32 = 0xFFFF_FFFF;

/// The stream with the workbook; none where the file is damaged.
pub(super) fn workbook(file: &[u8]) -> Option<Vec<u8>> {
    Compound::new(file)?.workbook()
}

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
        let most = compound.most_sectors();
        let mut tables: Vec<u32> = (0..LISTS).filter_map(|n| u32_at(file, 76 + 4 * n)).collect();
        // Large files list more tables in a chain of their own, linked by its last number.
        let mut more = u32_at(file, 68)?;
        while tables.len() < most.max(LISTS)
            && let Some(mut list) = compound.sector_at(more).map(numbers)
        {
            more = list.pop()?;
            tables.extend(list);
        }
        let next = tables.iter().filter_map(|table| compound.sector_at(*table)).flat_map(numbers);
        compound.next = next.take(most).collect();
        Some(compound)
    }

    /// So many sectors the file has at most.
    fn most_sectors(&self) -> usize {
        self.file.len() / self.sector + 1
    }

    fn sector_at(&self, index: u32) -> Option<&'a [u8]> {
        let start = (index as usize).checked_add(1)?.checked_mul(self.sector)?;
        // The last sector may be cut.
        self.file.get(start..start.checked_add(self.sector)?.min(self.file.len()))
    }

    /// The bytes of the chain of sectors that begins at `start`.
    fn chain(&self, start: u32) -> Vec<u8> {
        let sectors = chain(start, &self.next, self.most_sectors());
        sectors.map_while(|index| self.sector_at(index)).flatten().copied().collect()
    }

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
            let sectors = chain(start, &next, shared.len() / 64);
            let bytes = sectors.map_while(|i| shared.get(i as usize * 64..i as usize * 64 + 64));
            bytes.flatten().copied().collect()
        };
        stream.truncate(size);
        Some(stream)
    }
}

/// The sectors of a chain, `most` of them.
fn chain(start: u32, next: &[u32], most: usize) -> impl Iterator<Item = u32> {
    let follow = |index: &u32| next.get(*index as usize).copied();
    let chain = std::iter::successors(Some(start), follow);
    chain.take_while(|index| (*index as usize) < next.len()).take(most)
}

fn is_called(entry: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let (start, rest) = entry.split_at(wide.len().min(entry.len()));
    start.eq_ignore_ascii_case(&wide) && !rest.is_empty()
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|four| u32_at(four, 0)).collect()
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// A compound file with nothing but a workbook of this stream, which is at most some 400 MB.
pub(super) fn of_workbook(mut stream: Vec<u8>) -> Vec<u8> {
    let size = stream.len().max(SMALLEST);
    stream.resize(size.next_multiple_of(SECTOR), 0);
    let sectors = stream.len() / SECTOR;
    let per_list = SECTOR / 4;
    // The lists, and the directory, have places in the lists as well.
    let lists = (sectors + 1).div_ceil(per_list - 1);
    let (directory, first) = (lists as u32, lists as u32 + 1);
    let chain = (first + 1..first + sectors as u32).chain([END]);
    let mut next: Vec<u32> = vec![LIST; lists];
    next.push(END);
    next.extend(chain);
    next.resize(lists * per_list, FREE);

    let mut file = Vec::with_capacity(SECTOR * (lists + 2) + stream.len());
    file.extend([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    file.resize(24, 0);
    for number in [0x3E_u16, 4, 0xFFFE, 12, 6] {
        file.extend(number.to_le_bytes());
    }
    file.resize(44, 0);
    for number in [lists as u32, directory, 0, SMALLEST as u32, END, 0, END, 0] {
        file.extend(number.to_le_bytes());
    }
    (0..LISTS as u32)
        .map(|at| if (at as usize) < lists { at } else { FREE })
        .for_each(|number| file.extend(number.to_le_bytes()));
    file.resize(SECTOR, 0);
    next.iter().for_each(|number| file.extend(number.to_le_bytes()));
    for (name, kind, start, size) in
        [("Root Entry", 5, first, 0), ("Workbook", 2, first, size as u64)]
    {
        file.extend(entry(name, kind, start, size));
    }
    file.resize(SECTOR * (lists + 2), 0);
    file.append(&mut stream);
    file
}

/// An entry of the directory.
fn entry(name: &str, kind: u8, start: u32, size: u64) -> [u8; 128] {
    let mut entry = [0; 128];
    let wide = name.encode_utf16().flat_map(u16::to_le_bytes);
    entry.iter_mut().zip(wide).for_each(|(byte, of_name)| *byte = of_name);
    entry[64] = 2 * (name.len() as u8 + 1);
    (entry[66], entry[67]) = (kind, 1);
    // It has no neighbours and, but for the root, no child.
    entry[68..80].fill(0xFF);
    entry[76..80].copy_from_slice(&if kind == 5 { 1 } else { FREE }.to_le_bytes());
    entry[116..120].copy_from_slice(&start.to_le_bytes());
    entry[120..].copy_from_slice(&size.to_le_bytes());
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_back_from_the_container_made_for_it() {
        for length in [0, 1, 4095, 4096, 4097, 1023 * SECTOR, 3_000 * SECTOR + 7] {
            let stream: Vec<u8> = (0..length).map(|at| (at / 256) as u8).collect();
            let mut read = workbook(&of_workbook(stream.clone())).expect("a workbook");
            assert!(read.len() == length.max(SMALLEST), "{length}");
            read.truncate(length);
            assert!(read == stream, "{length}");
        }
    }

    #[test]
    fn chains_that_turn_in_a_circle_end_with_the_file() {
        let mut file = of_workbook(vec![7; 3 * SECTOR]);
        // The second sector of the workbook leads back to the first; so does the directory.
        let (list, directory, first) = (SECTOR, 1, 2_u32);
        file[list + 4 * 3..list + 4 * 4].copy_from_slice(&first.to_le_bytes());
        let read = workbook(&file).expect("a workbook");
        assert_eq!(read.len(), 3 * SECTOR);
        file[list + 4 * directory..list + 4 * directory + 4].copy_from_slice(&1_u32.to_le_bytes());
        assert!(workbook(&file).is_some());
        // A list of more lists that names itself.
        file[68..72].copy_from_slice(&1_u32.to_le_bytes());
        assert!(workbook(&file).is_none_or(|stream| stream.len() <= file.len()));
    }
}
