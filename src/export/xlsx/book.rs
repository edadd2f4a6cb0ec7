//! A workbook under way: what rust_xlsxwriter holds of it, and the rows that are written beside it.

use std::io::{Read, Seek, Write};

use rust_xlsxwriter::Workbook;
use zip::ZipArchive;

use super::tall::TallSheet;
use crate::error::Result;
use crate::export::package::archive::{Archive, text};
use crate::export::package::cannot_write;
use crate::trace::Sink;

/// A workbook whose tall sheets are written when it is saved.
pub struct Book<'a> {
    pub(crate) workbook: Workbook,
    pub(crate) tall: Vec<TallSheet<'a>>,
    threads: usize,
    watch: &'a mut dyn Sink,
}

impl<'a> Book<'a> {
    /// A workbook with these tall sheets; all their values are handed to `watch` as well.
    pub(super) fn new(
        workbook: Workbook,
        tall: Vec<TallSheet<'a>>,
        watch: &'a mut dyn Sink,
    ) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Book { workbook, tall, threads, watch }
    }

    /// The same, to be written on so many threads. The bytes do not depend on them.
    pub fn on_threads(self, threads: usize) -> Self {
        Book { threads, ..self }
    }

    /// Writes the part of `package` called `name` where it is a tall sheet, and says whether it is:
    /// `package` is what rust_xlsxwriter wrote of this workbook.
    ///
    /// # Errors
    /// When reading or writing fails.
    pub(crate) fn write_tall<R: Read + Seek, W: Write + Seek>(
        &mut self,
        name: &str,
        package: &mut ZipArchive<R>,
        archive: &mut Archive<W>,
    ) -> Result<bool> {
        let Some(sheet) = self.tall.iter().find(|sheet| sheet.part() == name) else {
            return Ok(false);
        };
        let xml = text(package, name).map_err(|error| cannot_write(&error))?;
        sheet.write(&xml, (archive, name), self.threads, &mut *self.watch)?;
        Ok(true)
    }
}
