//! Zip archives, written from front to back.
//!
//! The `zip` crate reads archives and packs single parts well, but it packs a part on one core and
//! wants to know before whether it will be large. Here a part may come as blocks that were deflated
//! elsewhere, on as many cores as there are, and the same parts give the same bytes always: every
//! time is the first that the format knows.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use crc32fast::Hasher;
use zip::ZipArchive;

use super::deflate::{self, Deflated};
use super::entry::{BEFORE_CHECKSUM, DEFLATED, ELSEWHERE, Entry, end};

/// An archive under way.
#[derive(Debug)]
pub(crate) struct Archive<W> {
    target: W,
    /// How many bytes were written.
    at: u64,
    entries: Vec<Entry>,
}

impl<W: Write + Seek> Archive<W> {
    /// An empty archive, which is written to `target` from where that stands: at its start.
    pub(crate) fn new(target: W) -> Self {
        Archive { target, at: 0, entries: Vec::new() }
    }

    /// The parts so far.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Copies a part of another archive as it is, still compressed.
    ///
    /// # Errors
    /// When reading or writing fails, or there is such a part already.
    pub(crate) fn copy<R: Read + Seek>(
        &mut self,
        from: &mut ZipArchive<R>,
        index: usize,
    ) -> io::Result<()> {
        let name = name(from, index)?;
        self.copy_as(from, index, &name)
    }

    /// The same under another name.
    ///
    /// # Errors
    /// Those of [`copy`](Self::copy).
    pub(crate) fn copy_as<R: Read + Seek>(
        &mut self,
        from: &mut ZipArchive<R>,
        index: usize,
        name: &str,
    ) -> io::Result<()> {
        let mut part = from.by_index_raw(index)?;
        let method = match part.compression() {
            zip::CompressionMethod::Stored => 0,
            zip::CompressionMethod::Deflated => DEFLATED,
            other => return Err(io::Error::other(format!("{name} is compressed as {other}"))),
        };
        let (size, compressed) = (part.size(), part.compressed_size());
        let entry = Entry { crc: part.crc32(), compressed, ..self.entry(name, method, size)? };
        self.write_header(&entry)?;
        let copied = io::copy(&mut part, &mut self.target)?;
        if copied != entry.compressed {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("{name} is cut off")));
        }
        self.at += copied;
        self.entries.push(entry);
        Ok(())
    }

    /// Writes a part of these bytes.
    ///
    /// # Errors
    /// When writing fails, or there is such a part already.
    pub(crate) fn write(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let packed = deflate::whole(bytes)?;
        let size = bytes.len() as u64;
        let (crc, compressed) = (crc32fast::hash(bytes), packed.len() as u64);
        let entry = Entry { crc, compressed, ..self.entry(name, DEFLATED, size)? };
        self.write_header(&entry)?;
        self.put(&packed)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Begins a part of at most so many bytes, which come bit by bit; [`Part::finish`] ends it.
    ///
    /// # Errors
    /// When writing fails, or there is such a part already.
    pub(crate) fn stream(&mut self, name: &str, at_most: u64) -> io::Result<Part<'_, W>> {
        let entry = self.entry(name, DEFLATED, at_most)?;
        self.write_header(&entry)?;
        Ok(Part { archive: self, entry, size: 0, crc: Hasher::new(), pending: Vec::new() })
    }

    /// Ends the archive with the list of its parts.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let start = self.at;
        for entry in std::mem::take(&mut self.entries) {
            self.put(&entry.in_list())?;
            self.entries.push(entry);
        }
        self.put(&end(self.entries.len() as u64, start, self.at))?;
        self.target.flush()?;
        Ok(self.target)
    }

    /// The next part; `size` says whether it is large.
    fn entry(&self, name: &str, method: u16, size: u64) -> io::Result<Entry> {
        if self.entries.iter().any(|entry| entry.name == name) {
            let what = format!("the package would have two parts {name}");
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
        }
        // What cannot be compressed becomes a little longer.
        let is_large = size.saturating_add(size / 1000 + 1000) >= u64::from(ELSEWHERE);
        let (name, offset) = (name.to_owned(), self.at);
        Ok(Entry { name, crc: 0, size, method, compressed: 0, offset, is_large })
    }

    fn write_header(&mut self, entry: &Entry) -> io::Result<()> {
        let header = entry.header();
        self.put(&header)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.target.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

/// A part that comes bit by bit. Bytes that are written to it are deflated here; blocks that were
/// deflated elsewhere are appended as they are.
#[derive(Debug)]
pub(crate) struct Part<'a, W: Write + Seek> {
    archive: &'a mut Archive<W>,
    entry: Entry,
    size: u64,
    crc: Hasher,
    /// Bytes that are too few to deflate them by themselves.
    pending: Vec<u8>,
}

impl<W: Write + Seek> Part<'_, W> {
    /// How many bytes are deflated together.
    const BLOCK: usize = 1 << 18;

    /// Appends a block.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn append(&mut self, block: &Deflated) -> io::Result<()> {
        self.flush()?;
        self.take(block)
    }

    /// Ends the part.
    ///
    /// # Errors
    /// When writing fails, or more came than was said.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.archive.put(&deflate::LAST_BLOCK)?;
        let mut entry = self.entry;
        entry.compressed = self.archive.at - entry.offset - entry.header().len() as u64;
        entry.size = self.size;
        entry.crc = self.crc.finalize();
        if !entry.is_large && entry.size.max(entry.compressed) >= u64::from(ELSEWHERE) {
            return Err(io::Error::other(format!("{} became larger than was said", entry.name)));
        }
        // The sizes stand before the data, where readers that do not seek look for them.
        let header = entry.header();
        let target = &mut self.archive.target;
        target.seek(SeekFrom::Start(entry.offset + BEFORE_CHECKSUM))?;
        target.write_all(&header[BEFORE_CHECKSUM as usize..])?;
        target.seek(SeekFrom::Start(self.archive.at))?;
        self.archive.entries.push(entry);
        Ok(())
    }

    fn take(&mut self, block: &Deflated) -> io::Result<()> {
        self.archive.put(&block.bytes)?;
        self.size += block.size;
        self.crc.combine(&block.crc);
        Ok(())
    }
}

impl<W: Write + Seek> Write for Part<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= Self::BLOCK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let block = Deflated::new(&self.pending)?;
        self.pending.clear();
        self.take(&block)
    }
}

/// The text of a part, for parts that are made by us and are known to be small.
///
/// # Errors
/// When there is no such part, or it cannot be read.
pub(crate) fn text<R: Read + Seek>(archive: &mut ZipArchive<R>, name: &str) -> io::Result<String> {
    let mut text = String::new();
    archive.by_name(name)?.read_to_string(&mut text)?;
    Ok(text)
}

/// The name of a part.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn name<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
) -> io::Result<String> {
    Ok(archive.by_index_raw(index)?.name()?.into_owned())
}

/// The archive in `content`.
///
/// # Errors
/// When it is none, or cannot be read.
pub(crate) fn open<R: Read + Seek>(content: R) -> io::Result<ZipArchive<BufReader<R>>> {
    Ok(ZipArchive::new(BufReader::new(content))?)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(bytes: &[u8]) -> ZipArchive<Cursor<&[u8]>> {
        ZipArchive::new(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn parts_are_read_back_by_another_reader() {
        let mut first = Archive::new(Cursor::new(Vec::new()));
        first.write("a.xml", b"<a/>").unwrap();
        first.write("größe.xml", b"").unwrap();
        let mut part = first.stream("b.xml", 1 << 20).unwrap();
        let text = "abc".repeat(200_000);
        part.write_all(text.as_bytes()).unwrap();
        part.append(&Deflated::new(b"in the middle").unwrap()).unwrap();
        part.write_all(b"and the end").unwrap();
        part.finish().unwrap();
        assert!(
            first.write("a.xml", b"again").unwrap_err().to_string().contains("two parts a.xml")
        );
        let first = first.finish().unwrap().into_inner();

        let mut second = Archive::new(Cursor::new(Vec::new()));
        let mut from = read(&first);
        second.copy_as(&mut from, 2, "c.xml").unwrap();
        second.copy(&mut from, 0).unwrap();
        second.copy(&mut from, 1).unwrap();
        let second = second.finish().unwrap().into_inner();
        let mut archive = read(&second);
        let names: Vec<String> =
            archive.file_names().map(|name| name.unwrap().to_string()).collect();
        assert_eq!(names, ["c.xml", "a.xml", "größe.xml"]);
        let whole = format!("{text}in the middleand the end");
        assert!(super::text(&mut archive, "c.xml").unwrap() == whole);
        assert_eq!(super::text(&mut archive, "a.xml").unwrap(), "<a/>");
        assert_eq!(super::text(&mut archive, "größe.xml").unwrap(), "");
    }

    #[test]
    fn a_part_above_four_gigabytes_and_what_stands_behind_it_are_found() {
        let mut archive = Archive::new(Cursor::new(Vec::new()));
        let block = Deflated::new(&vec![b' '; 1 << 26]).unwrap();
        let size = 65 * (1 << 26);
        let mut part = archive.stream("large.xml", size).unwrap();
        (0..65).for_each(|_| part.append(&block).unwrap());
        part.finish().unwrap();
        archive.write("small.xml", b"<small/>").unwrap();
        let bytes = archive.finish().unwrap().into_inner();
        let mut read = read(&bytes);
        assert_eq!(read.by_name("large.xml").unwrap().size(), size);
        assert_eq!(super::text(&mut read, "small.xml").unwrap(), "<small/>");
    }

    #[test]
    fn a_part_that_became_larger_than_was_said_is_refused() {
        let mut archive = Archive::new(Cursor::new(Vec::new()));
        let block = Deflated::new(&vec![b' '; 1 << 26]).unwrap();
        let mut part = archive.stream("large.xml", 1000).unwrap();
        (0..64).for_each(|_| part.append(&block).unwrap());
        let error = part.finish().unwrap_err();
        assert_eq!(error.to_string(), "large.xml became larger than was said");
    }
}
