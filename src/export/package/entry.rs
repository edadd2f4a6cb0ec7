//! What a zip archive says of its parts: before each, and in the list at its end.

/// What stands in a field of 32 bits whose number is among the fields of 64 bits.
pub(super) const ELSEWHERE: u32 = u32::MAX;
/// The first day that the format knows, 1 January 1980.
const DATE: u16 = 0x21;
pub(super) const DEFLATED: u16 = 8;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// What it takes to unpack: version 2.0, and 4.5 with fields of 64 bits.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;
/// The bytes between the start of a part's header and its checksum.
pub(super) const BEFORE_CHECKSUM: u64 = 14;
/// The same to the end of the fields of fixed size, where the name begins.
const HEADER: u64 = 30;

/// A part as the archive lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name, with folders: `xl/workbook.xml`.
    pub name: String,
    /// The checksum of its content.
    pub crc: u32,
    /// The bytes of its content.
    pub size: u64,
    pub(super) method: u16,
    pub(super) compressed: u64,
    pub(super) offset: u64,
    /// Whether its header has fields of 64 bits.
    pub(super) is_large: bool,
}

impl Entry {
    /// What stands before the part's data.
    pub(super) fn header(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER as usize + self.name.len());
        out.extend_from_slice(b"PK\x03\x04");
        self.put_common(&mut out);
        let large = if self.is_large { vec![self.size, self.compressed] } else { Vec::new() };
        put_name(&mut out, &self.name, &extra(&large), &[]);
        out
    }

    /// The part in the list at the archive's end.
    pub(super) fn in_list(&self) -> Vec<u8> {
        let mut out = b"PK\x01\x02".to_vec();
        let is_far = self.offset >= u64::from(ELSEWHERE);
        put16(&mut out, if is_far { VERSION_64 } else { self.version() });
        self.put_common(&mut out);
        let mut large = if self.is_large { vec![self.size, self.compressed] } else { Vec::new() };
        large.extend(is_far.then_some(self.offset));
        // No comment, the first disk, no attributes.
        let mut rest = vec![0; 10];
        put32(&mut rest, if is_far { ELSEWHERE } else { self.offset as u32 });
        put_name(&mut out, &self.name, &extra(&large), &rest);
        out
    }

    /// The fields that both have.
    fn put_common(&self, out: &mut Vec<u8>) {
        put16(out, self.version());
        put16(out, if self.name.is_ascii() { 0 } else { UTF8 });
        put16(out, self.method);
        put16(out, 0);
        put16(out, DATE);
        put32(out, self.crc);
        for size in [self.compressed, self.size] {
            put32(out, if self.is_large { ELSEWHERE } else { size as u32 });
        }
    }

    fn version(&self) -> u16 {
        if self.is_large { VERSION_64 } else { VERSION }
    }
}

/// A name and what follows it, with the lengths of both before them; `rest` stands between.
fn put_name(out: &mut Vec<u8>, name: &str, extra: &[u8], rest: &[u8]) {
    put16(out, name.len() as u16);
    put16(out, extra.len() as u16);
    out.extend_from_slice(rest);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(extra);
}

/// The extra field with numbers of 64 bits; nothing where there are none.
fn extra(numbers: &[u64]) -> Vec<u8> {
    if numbers.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    put16(&mut out, 1);
    put16(&mut out, 8 * numbers.len() as u16);
    numbers.iter().for_each(|number| put64(&mut out, *number));
    out
}

/// The end of an archive of so many parts, whose list stands from `start` to `end`.
pub(super) fn end(parts: u64, start: u64, end: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if parts >= u64::from(u16::MAX) || end >= u64::from(ELSEWHERE) {
        out.extend_from_slice(b"PK\x06\x06");
        // The size of what follows, versions, disks.
        put64(&mut out, 44);
        put16(&mut out, VERSION_64);
        put16(&mut out, VERSION_64);
        put64(&mut out, 0);
        [parts, parts, end - start, start].into_iter().for_each(|one| put64(&mut out, one));
        out.extend_from_slice(b"PK\x06\x07");
        put32(&mut out, 0);
        put64(&mut out, end);
        put32(&mut out, 1);
    }
    out.extend_from_slice(b"PK\x05\x06");
    put32(&mut out, 0);
    for _ in 0..2 {
        put16(&mut out, u16::try_from(parts).unwrap_or(u16::MAX));
    }
    for number in [end - start, start] {
        put32(&mut out, u32::try_from(number).unwrap_or(ELSEWHERE));
    }
    put16(&mut out, 0);
    out
}

fn put16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_beyond_four_gigabytes_has_its_field() {
        let small = Entry {
            name: "a".into(),
            crc: 1,
            size: 2,
            method: DEFLATED,
            compressed: 3,
            offset: 5_000_000_000,
            is_large: false,
        };
        let listed = small.in_list();
        assert_eq!(listed[42..46], ELSEWHERE.to_le_bytes());
        assert_eq!(listed[46 + 1 + 4..], 5_000_000_000_u64.to_le_bytes());
        let many = end(70_000, 10, 20);
        assert_eq!(&many[..4], b"PK\x06\x06");
        assert_eq!(end(3, 10, 20).len(), 22);
    }
}
