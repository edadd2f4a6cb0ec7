//! Deflate in blocks: each is compressed by itself and ends at a byte, so that blocks that were made
//! on several cores are joined by writing them one after the other.

use std::io::{self, Write};

use crc32fast::Hasher;
use flate2::write::DeflateEncoder;
use flate2::{Compress, Compression, FlushCompress, Status};

/// What ends a stream: an empty block that says that it is the last.
pub(crate) const LAST_BLOCK: [u8; 2] = [3, 0];

/// A block of a deflate stream.
#[derive(Debug, Clone)]
pub(crate) struct Deflated {
    /// The compressed bytes.
    pub bytes: Vec<u8>,
    /// The checksum of what was compressed.
    pub crc: Hasher,
    /// How many bytes that were.
    pub size: u64,
}

impl Deflated {
    /// The block of these bytes.
    ///
    /// # Errors
    /// When the compressor fails, which it does not.
    pub(crate) fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut compress = Compress::new(Compression::default(), false);
        let mut out = Vec::with_capacity(bytes.len() / 4 + 1024);
        loop {
            let read = compress.total_in() as usize;
            let status = compress.compress_vec(&bytes[read..], &mut out, FlushCompress::Sync);
            // All is out only if there was room left.
            let is_done = out.len() < out.capacity();
            match status.map_err(io::Error::other)? {
                Status::Ok | Status::BufError if !is_done => out.reserve(out.len()),
                _ => break,
            }
        }
        let mut crc = Hasher::new();
        crc.update(bytes);
        Ok(Deflated { bytes: out, crc, size: bytes.len() as u64 })
    }
}

/// A whole stream of these bytes.
///
/// # Errors
/// When the compressor fails, which it does not.
pub(crate) fn whole(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn blocks_are_joined_by_writing_them_one_after_the_other() {
        // The second one cannot be compressed and does not fit the first guess of its room.
        let noise: Vec<u8> =
            (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let blocks = [b"first".to_vec(), noise, Vec::new(), b"last".to_vec()];
        let mut stream = Vec::new();
        let mut crc = Hasher::new();
        for block in &blocks {
            let deflated = Deflated::new(block).unwrap();
            stream.extend_from_slice(&deflated.bytes);
            crc.combine(&deflated.crc);
        }
        stream.extend_from_slice(&LAST_BLOCK);
        let mut back = Vec::new();
        flate2::read::DeflateDecoder::new(&stream[..]).read_to_end(&mut back).unwrap();
        assert!(back == blocks.concat());
        assert_eq!(crc.finalize(), crc32fast::hash(&back));
    }
}
