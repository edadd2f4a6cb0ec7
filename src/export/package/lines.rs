//! Lines that are alike, compressed by what is known of them.
//!
//! A compressor spends most of its time on the search for what was there before. The rows of a
//! table need no search: each line has the same pieces as the one above it, but for what differs in
//! known places. So whoever writes a line says what is the same and what may differ, and the copies
//! of deflate are known at once.

use crc32fast::Hasher;

use super::deflate::Deflated;
use super::huffman::{self, Copy, FARTHEST, LONGEST, SHORTEST};

/// Lines under way. All of them have the same number of pieces.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    text: Vec<u8>,
    /// How much of the text at the start was written before: it may be copied from, no more.
    known: usize,
    copies: Vec<Copy>,
    /// Where the text begins that is not in a copy.
    literals: usize,
    /// What can be copied, up to the end of the text.
    run: Option<Run>,
    /// Where the pieces of the line above begin and end.
    above: Vec<usize>,
    /// Where the pieces of this line begin.
    pieces: Vec<usize>,
    is_far: bool,
}

/// Text that was `distance` bytes before.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    distance: usize,
}

/// Copies shorter than this take more bits than their literals.
const WORTH: usize = 5;

impl Lines {
    /// Forgets everything but its room.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.copies.clear();
        self.above.clear();
        self.pieces.clear();
        (self.known, self.literals, self.run, self.is_far) = (0, 0, None, false);
    }

    /// Says that all lines so far were written before: they are not written again, but what follows
    /// may copy from them.
    pub(crate) fn know(&mut self) {
        self.copies.clear();
        self.run = None;
        (self.known, self.literals) = (self.text.len(), self.text.len());
    }

    /// Begins a line.
    pub(crate) fn start(&mut self) {
        if !self.pieces.is_empty() {
            self.pieces.push(self.text.len());
            std::mem::swap(&mut self.above, &mut self.pieces);
            self.pieces.clear();
        }
    }

    /// How long the text is: where the next piece begins.
    pub(crate) fn at(&self) -> usize {
        self.text.len()
    }

    /// A piece that the line above has in the same place.
    pub(crate) fn same(&mut self, piece: &[u8]) {
        let at = self.begin();
        match self.above.get(self.pieces.len() - 1) {
            Some(above) => self.copy(at - above),
            None => self.end_run(),
        }
        self.text.extend_from_slice(piece);
    }

    /// A piece that may differ from the one in the line above.
    pub(crate) fn other(&mut self, piece: &[u8]) {
        let index = self.pieces.len();
        let common = match (self.above.get(index), self.above.get(index + 1)) {
            (Some(start), Some(end)) => common(&self.text[*start..*end], piece),
            _ => 0,
        };
        self.begun(piece, common);
    }

    /// A piece of which so many bytes stand at the start of the one in the line above too.
    pub(crate) fn begun(&mut self, piece: &[u8], common: usize) {
        let index = self.pieces.len();
        let at = self.begin();
        let above = self.above.get(index).zip(self.above.get(index + 1));
        let Some((start, end)) = above else {
            self.end_run();
            return self.text.extend_from_slice(piece);
        };
        let (start, length) = (*start, end - start);
        if common > 0 {
            self.copy(at - start);
            self.text.extend_from_slice(&piece[..common]);
        }
        if common < piece.len() || length != piece.len() {
            self.end_run();
            self.text.extend_from_slice(&piece[common..]);
        }
    }

    /// The piece that the line above has in this place; there must be one.
    pub(crate) fn repeated(&mut self) {
        let index = self.pieces.len();
        let (start, end) = (self.above[index], self.above[index + 1]);
        self.again(start, end - start);
    }

    /// A piece that stands somewhere else in the text already, from `place` on.
    pub(crate) fn again(&mut self, place: usize, length: usize) {
        let at = self.begin();
        self.copy(at - place);
        self.text.extend_from_within(place..place + length);
    }

    /// Whether what stands from `place` on is near enough to be copied.
    pub(crate) fn reaches(&self, place: usize) -> bool {
        self.text.len() - place <= FARTHEST
    }

    fn begin(&mut self) -> usize {
        self.pieces.push(self.text.len());
        self.text.len()
    }

    /// What follows stands `distance` bytes before too.
    fn copy(&mut self, distance: usize) {
        if self.run.is_none_or(|run| run.distance != distance) {
            self.end_run();
            self.run = Some(Run { start: self.text.len(), distance });
        }
    }

    fn end_run(&mut self) {
        let Some(run) = self.run.take() else { return };
        self.is_far |= run.distance > FARTHEST;
        let (mut start, end) = (run.start, self.text.len());
        if end - start < WORTH || self.is_far {
            return;
        }
        while end - start >= SHORTEST {
            let length = (end - start).min(LONGEST);
            let literals = (start - self.literals) as u32;
            let distance = run.distance as u16;
            self.copies.push(Copy { literals, length: length as u16, distance });
            start += length;
            self.literals = start;
        }
    }

    /// The text as a block of a deflate stream, behind what was known before.
    ///
    /// # Errors
    /// When the compressor fails, which it does not.
    pub(crate) fn deflated(&mut self) -> std::io::Result<Deflated> {
        self.end_run();
        let text = &self.text[self.known..];
        if self.is_far {
            // A line so long that the one above it is out of reach: repetitions have to be searched.
            return Deflated::new(text);
        }
        let mut crc = Hasher::new();
        crc.update(text);
        let bytes = huffman::block(text, &self.copies);
        Ok(Deflated { bytes, crc, size: text.len() as u64 })
    }
}

/// How many bytes both start with.
fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::deflate::LAST_BLOCK;
    use super::*;

    fn inflated(mut stream: Vec<u8>) -> Vec<u8> {
        stream.extend_from_slice(&LAST_BLOCK);
        let mut back = Vec::new();
        flate2::read::DeflateDecoder::new(&stream[..]).read_to_end(&mut back).unwrap();
        back
    }

    /// A line with a number, a word that is there before, and a long piece that is the same.
    fn write(lines: &mut Lines, number: usize, piece: &str, expected: &mut String) {
        let text = (number * number).to_string();
        lines.start();
        lines.same(b"<row>");
        lines.other(text.as_bytes());
        let place = lines.at() - text.len();
        lines.same(piece.as_bytes());
        lines.again(place, text.len());
        lines.same(b"</row>");
        *expected += &format!("<row>{text}{piece}{text}</row>");
    }

    #[test]
    fn lines_are_read_back_by_another_program() {
        // Pieces longer than a copy, shorter than one, and so long that the line above is too far.
        for piece in ["the piece between".repeat(40), "b".into(), "far".repeat(20_000)] {
            let (mut lines, mut expected, mut stream) =
                (Lines::default(), String::new(), Vec::new());
            let mut crc = Hasher::new();
            for block in 0..3 {
                lines.clear();
                if block > 0 {
                    write(&mut lines, block * 100 - 1, &piece, &mut String::new());
                    lines.know();
                }
                for number in block * 100..(block + 1) * 100 {
                    write(&mut lines, number, &piece, &mut expected);
                }
                let deflated = lines.deflated().unwrap();
                stream.extend_from_slice(&deflated.bytes);
                crc.combine(&deflated.crc);
            }
            let length = stream.len();
            assert!(inflated(stream) == expected.as_bytes());
            assert_eq!(crc.finalize(), crc32fast::hash(expected.as_bytes()));
            assert!(length < expected.len() / 2, "{length} of {}", expected.len());
        }
    }
}
