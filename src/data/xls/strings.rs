//! How long the texts are that the cells of an .xls share ([MS-XLS] 2.4.265).

use super::compound::{u16_at, u32_at};
use super::{CONTINUED, Records};
use crate::data::grid::MAX_CELLS;

/// The bytes that each text takes at most, of the table whose record begins here; where it is
/// damaged, of those before the damage. More than cells may be are too many, and end the list.
pub(super) fn lengths(stream: &[u8]) -> Vec<u32> {
    let mut records = Records::of(stream);
    let Some((.., first)) = records.next() else { return Vec::new() };
    let continued = records.take_while(|(_, kind, _)| *kind == CONTINUED);
    let mut parts: Vec<&[u8]> = continued.map(|(.., body)| body).collect();
    parts.reverse();
    let mut table = Table { part: first.get(8..).unwrap_or_default(), parts };
    let mut lengths = Vec::new();
    while table.goes_on() && lengths.len() <= MAX_CELLS {
        let Some(length) = table.text() else { break };
        lengths.push(length);
    }
    lengths
}

/// What is left of the table.
struct Table<'a> {
    part: &'a [u8],
    /// The parts behind it, the next one last.
    parts: Vec<&'a [u8]>,
}

impl Table<'_> {
    fn goes_on(&mut self) -> bool {
        !self.part.is_empty() || self.next_part()
    }

    fn next_part(&mut self) -> bool {
        self.parts.pop().map(|part| self.part = part).is_some()
    }

    /// Steps over a text; the bytes that it takes at most, three for a character.
    fn text(&mut self) -> Option<u32> {
        if self.part.is_empty() {
            return Some(0);
        }
        let (characters, flags) = (u16_at(self.part, 0)?, *self.part.get(2)?);
        self.part = &self.part[3..];
        let mut behind = 0;
        if flags & 8 != 0 {
            behind += 4 * usize::from(u16_at(self.part, 0)?);
            self.part = &self.part[2..];
        }
        if flags & 4 != 0 {
            behind += u32_at(self.part, 0)? as usize;
            self.part = &self.part[4..];
        }
        self.characters(characters.into(), flags)?;
        self.skip(behind)?;
        Some(3 * u32::from(characters))
    }

    /// Steps over characters; a part that goes on with them says anew how wide they are.
    fn characters(&mut self, mut count: usize, mut flags: u8) -> Option<()> {
        loop {
            let width = if flags & 1 == 0 { 1 } else { 2 };
            let here = count.min(self.part.len() / width);
            self.part = &self.part[here * width..];
            count -= here;
            if count == 0 {
                return Some(());
            }
            self.next_part().then_some(())?;
            flags = *self.part.first()?;
            self.part = &self.part[1..];
        }
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            if self.part.is_empty() {
                self.next_part().then_some(())?;
            }
            let here = count.min(self.part.len());
            self.part = &self.part[here..];
            count -= here;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(body.len() as u16).to_le_bytes(), body].concat()
    }

    #[test]
    fn texts_are_measured_over_the_ends_of_records() {
        // "abc", a text with a run of formats, and one of wide characters that goes on narrow.
        let head = [0; 8];
        let first = [&head[..], &[3, 0, 0], b"abc", &[1, 0, 8, 1, 0], b"d", &[0; 4]].concat();
        let first = [&first[..], &[4, 0, 1], &[1, 1, 2, 2]].concat();
        let rest = [&[0][..], b"xy", &[2, 0, 0], b"zz"].concat();
        let table = [record(0x00FC, &first), record(CONTINUED, &rest), record(9, b"q")].concat();
        assert_eq!(lengths(&table), [9, 3, 12, 6]);
        assert_eq!(lengths(&record(0x00FC, &[&head[..], &[255, 255, 0], b"ab"].concat())), [0; 0]);
        assert_eq!(lengths(b""), [0; 0]);
    }
}
