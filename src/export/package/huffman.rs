//! The last stage of deflate (RFC 1951): literals and copies become bits, the frequent ones few.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Text that was `length` bytes long, `distance` bytes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Copy {
    /// How many bytes go before it as they are.
    pub literals: u32,
    /// From [`SHORTEST`] to [`LONGEST`].
    pub length: u16,
    /// Up to [`FARTHEST`].
    pub distance: u16,
}

/// The shortest copy.
pub(super) const SHORTEST: usize = 3;
/// The longest copy.
pub(super) const LONGEST: usize = 258;
/// How far a copy may reach back.
pub(super) const FARTHEST: usize = 32768;

const LITERALS: usize = 286;
const DISTANCES: usize = 30;
const END: usize = 256;
/// No code of literals, lengths or distances is longer.
const LONGEST_CODE: u8 = 15;
/// No code of the lengths of codes is longer.
const LONGEST_LENGTH_CODE: u8 = 7;
/// The order in which the lengths of the codes of lengths are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// One block of `text`: `copies` with the literals before each, then what is left of `text` as
/// literals. It ends at a byte and is not the last of its stream.
pub(super) fn block(text: &[u8], copies: &[Copy]) -> Vec<u8> {
    let mut counts = ([0_u32; LITERALS], [0_u32; DISTANCES]);
    walk(text, copies, |literals, copy| {
        literals.iter().for_each(|byte| counts.0[usize::from(*byte)] += 1);
        if let Some(copy) = copy {
            counts.0[length_code(copy.length).0] += 1;
            counts.1[distance_code(copy.distance).0] += 1;
        }
    });
    counts.0[END] = 1;
    // A code of distances must be there even if nothing is copied.
    counts.1[0] = counts.1[0].max(1);
    let literals = Codes::new(&counts.0, LONGEST_CODE);
    let distances = Codes::new(&counts.1, LONGEST_CODE);
    let mut out = Bits { bytes: Vec::with_capacity(text.len() / 4 + 256), held: 0, count: 0 };
    write_codes(&mut out, &literals, &distances);
    let lengths: Vec<(u32, u32)> = (0..=LONGEST as u16)
        .map(|length| literals.with_extra(length_code(length.max(SHORTEST as u16))))
        .collect();
    walk(text, copies, |run, copy| {
        run.iter().for_each(|byte| out.put(literals.bits[usize::from(*byte)]));
        if let Some(copy) = copy {
            out.put(lengths[usize::from(copy.length)]);
            out.put(distances.with_extra(distance_code(copy.distance)));
        }
    });
    out.put(literals.bits[END]);
    out.end_at_byte()
}

/// Hands each run of literals to `take`, with the copy that follows it.
fn walk(text: &[u8], copies: &[Copy], mut take: impl FnMut(&[u8], Option<&Copy>)) {
    let mut at = 0;
    for copy in copies {
        let end = at + copy.literals as usize;
        take(&text[at..end], Some(copy));
        at = end + usize::from(copy.length);
    }
    take(&text[at..], None);
}

/// The code of a length, with its extra bits and how many these are.
fn length_code(length: u16) -> (usize, (u32, u32)) {
    match u32::from(length) - SHORTEST as u32 {
        255 => (285, (0, 0)),
        over @ 0..8 => (257 + over as usize, (0, 0)),
        over => {
            let extra = over.ilog2() - 2;
            let code = 257 + 4 * (extra + 1) + ((over >> extra) & 3);
            (code as usize, (over & ((1 << extra) - 1), extra))
        }
    }
}

/// The code of a distance, with its extra bits and how many these are.
fn distance_code(distance: u16) -> (usize, (u32, u32)) {
    match u32::from(distance) - 1 {
        over @ 0..4 => (over as usize, (0, 0)),
        over => {
            let extra = over.ilog2() - 1;
            let code = 2 * (extra + 1) + ((over >> extra) & 1);
            (code as usize, (over & ((1 << extra) - 1), extra))
        }
    }
}

/// The codes of an alphabet.
struct Codes {
    /// How many bits each symbol has; none for one that does not occur.
    lengths: Vec<u8>,
    /// The bits of each symbol in the order in which they are written, and how many.
    bits: Vec<(u32, u32)>,
}

impl Codes {
    /// The codes for symbols that occur so often, none longer than `longest`.
    fn new(counts: &[u32], longest: u8) -> Self {
        let lengths = lengths(counts, longest);
        let mut next = [0_u32; LONGEST_CODE as usize + 2];
        for length in 1..=usize::from(LONGEST_CODE) {
            let shorter = lengths.iter().filter(|one| usize::from(**one) == length).count();
            next[length + 1] = (next[length] + shorter as u32) << 1;
        }
        let code = |length: &u8| match u32::from(*length) {
            0 => (0, 0),
            count => {
                let code = next[count as usize];
                next[count as usize] += 1;
                (code.reverse_bits() >> (32 - count), count)
            }
        };
        let bits = lengths.iter().map(code).collect();
        Codes { lengths, bits }
    }

    /// The bits of a symbol and the extra bits behind it.
    fn with_extra(&self, (symbol, (extra, count)): (usize, (u32, u32))) -> (u32, u32) {
        let (bits, length) = self.bits[symbol];
        (bits | (extra << length), length + count)
    }

    /// The lengths without those at the end that are none, but at least so many.
    fn trimmed(&self, least: usize) -> &[u8] {
        let used = self.lengths.iter().rposition(|length| *length > 0).map_or(0, |last| last + 1);
        &self.lengths[..used.max(least)]
    }
}

/// The lengths of Huffman's codes for symbols that occur so often, none longer than `longest`.
fn lengths(counts: &[u32], longest: u8) -> Vec<u8> {
    let mut heap: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let symbols: Vec<usize> = (0..counts.len()).filter(|symbol| counts[*symbol] > 0).collect();
    for (node, symbol) in symbols.iter().enumerate() {
        heap.push(Reverse((u64::from(counts[*symbol]), node)));
    }
    // Two nodes become one until a single one is left, which stands last.
    let mut parents = vec![0; symbols.len()];
    while let (Some(Reverse((one, left))), Some(Reverse((other, right)))) = (heap.pop(), heap.pop())
    {
        let parent = parents.len();
        (parents[left], parents[right]) = (parent, parent);
        parents.push(0);
        heap.push(Reverse((one + other, parent)));
    }
    let mut depths = vec![0_usize; parents.len()];
    for node in (0..parents.len().saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    depths.truncate(symbols.len());
    let per_length = limited(&depths, usize::from(longest));
    // The most frequent symbols get the shortest codes.
    let mut by_count = symbols;
    by_count.sort_by_key(|symbol| (Reverse(counts[*symbol]), *symbol));
    let mut out = vec![0; counts.len()];
    let sorted = (0..).zip(&per_length).flat_map(|(length, count)| vec![length; *count]);
    by_count.into_iter().zip(sorted).for_each(|(symbol, length)| out[symbol] = length);
    out
}

/// How many codes there are of each length, for leaves at such depths, where none may be longer
/// than `longest`: what is too long is cut, and others become longer until all have room.
fn limited(depths: &[usize], longest: usize) -> Vec<usize> {
    let mut counts = vec![0; longest + 1];
    depths.iter().for_each(|depth| counts[(*depth).clamp(1, longest)] += 1);
    let taken = |counts: &[usize]| -> usize {
        (1..=longest).map(|length| counts[length] << (longest - length)).sum()
    };
    while taken(&counts) > 1 << longest {
        let Some(length) = (1..longest).rev().find(|length| counts[*length] > 0) else { break };
        counts[longest] -= 1;
        counts[length] -= 1;
        counts[length + 1] += 2;
    }
    counts
}

/// The head of a block with codes of its own.
fn write_codes(out: &mut Bits, literals: &Codes, distances: &Codes) {
    let (of_literals, of_distances) = (literals.trimmed(END + 1), distances.trimmed(1));
    let runs = runs(&[of_literals, of_distances].concat());
    let mut counts = [0; ORDER.len()];
    runs.iter().for_each(|(symbol, _)| counts[*symbol] += 1);
    let codes = Codes::new(&counts, LONGEST_LENGTH_CODE);
    let used = ORDER.iter().rposition(|symbol| codes.lengths[*symbol] > 0).unwrap_or(0);
    let used = (used + 1).max(4);
    // Not the last block, of the kind with codes of its own.
    out.put((0b100, 3));
    out.put((of_literals.len() as u32 - 257, 5));
    out.put((of_distances.len() as u32 - 1, 5));
    out.put((used as u32 - 4, 4));
    ORDER[..used].iter().for_each(|symbol| out.put((u32::from(codes.lengths[*symbol]), 3)));
    runs.into_iter().for_each(|run| out.put(codes.with_extra(run)));
}

/// The lengths of codes with what is repeated as one symbol and its extra bits.
fn runs(lengths: &[u8]) -> Vec<(usize, (u32, u32))> {
    let mut out = Vec::new();
    let mut rest = lengths;
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|length| *length == first).count();
        let (symbol, used) = match (*first, same) {
            (0, 11..) => ((18, (same.min(138) as u32 - 11, 7)), same.min(138)),
            (0, 3..) => ((17, (same as u32 - 3, 3)), same),
            // A repetition is one of the length before it.
            (length, 4..) => {
                out.push((usize::from(length), (0, 0)));
                let repeated = (same - 1).min(6);
                ((16, (repeated as u32 - 3, 2)), repeated + 1)
            }
            (length, _) => ((usize::from(length), (0, 0)), 1),
        };
        out.push(symbol);
        rest = &rest[used..];
    }
    out
}

/// Bits in the order of deflate: the first one is the lowest of a byte.
struct Bits {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    /// Appends up to 32 bits.
    fn put(&mut self, (bits, count): (u32, u32)) {
        self.held |= u64::from(bits) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    /// Ends at a byte, with an empty block that is stored.
    fn end_at_byte(mut self) -> Vec<u8> {
        self.put((0, 3));
        let left = self.count.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.held.to_le_bytes()[..left]);
        self.bytes.extend_from_slice(&[0, 0, 0xff, 0xff]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_distances_have_the_codes_of_the_standard() {
        for (length, code, extra) in
            [(3, 257, 0), (10, 264, 0), (11, 265, 1), (18, 268, 1), (19, 269, 2), (257, 284, 5)]
        {
            let (found, (_, bits)) = length_code(length);
            assert_eq!((found, bits), (code, extra), "{length}");
        }
        assert_eq!(length_code(258), (285, (0, 0)));
        assert_eq!(length_code(257).1, (30, 5));
        for (distance, code, extra) in
            [(1, 0, 0), (4, 3, 0), (5, 4, 1), (7, 5, 1), (1025, 20, 9), (24577, 29, 13)]
        {
            let (found, (_, bits)) = distance_code(distance);
            assert_eq!((found, bits), (code, extra), "{distance}");
        }
        assert_eq!(distance_code(FARTHEST as u16), (29, (8191, 13)));
    }

    #[test]
    fn no_code_is_longer_than_allowed_and_all_have_room() {
        let fibonacci: Vec<u32> = std::iter::successors(Some((1, 1)), |(a, b)| Some((*b, a + b)))
            .map(|(a, _)| a)
            .take(40)
            .collect();
        for longest in [7, 15] {
            let lengths = lengths(&fibonacci, longest);
            let room: f64 = lengths.iter().map(|length| 0.5_f64.powi(i32::from(*length))).sum();
            assert!(lengths.iter().all(|length| (1..=longest).contains(length)), "{lengths:?}");
            assert!(room <= 1.0, "{room}");
            assert!(lengths[39] < lengths[0]);
        }
    }

    #[test]
    fn a_block_without_copies_is_read_by_another_program() {
        for text in [&b""[..], b"a", b"abracadabra", &[0; 1000]] {
            let mut stream = block(text, &[]);
            stream.extend_from_slice(&super::super::deflate::LAST_BLOCK);
            let mut back = Vec::new();
            let mut decoder = flate2::read::DeflateDecoder::new(&stream[..]);
            std::io::Read::read_to_end(&mut decoder, &mut back).unwrap();
            assert_eq!(back, text);
        }
    }
}
