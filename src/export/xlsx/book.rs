//! A workbook under way: what rust_xlsxwriter holds of it, and the rows that are written beside it.

use std::io::{Seek, Write};

use rust_xlsxwriter::Workbook;

use super::tall::TallSheet;
use crate::error::Result;
use crate::export::package::Overlay;
use crate::export::package::archive::Archive;
use crate::threads;
use crate::trace::Sink;

/// A workbook whose tall sheets are written when it is saved.
pub struct Book<'a> {
    pub(crate) workbook: Workbook,
    pub(crate) tall: Vec<TallSheet<'a>>,
    /// The sheets that are marks on those of the workbook that they are added to.
    pub(crate) overlays: Vec<Overlay>,
    /// The defined name on which the marks depend.
    pub(crate) condition: Option<&'static str>,
    threads: usize,
    watch: Option<&'a mut dyn Sink>,
}

impl<'a> Book<'a> {
    /// A workbook with these tall sheets; all their values are handed to `watch` as well.
    pub(super) fn new(
        workbook: Workbook,
        tall: Vec<TallSheet<'a>>,
        watch: &'a mut dyn Sink,
    ) -> Self {
        let threads = threads::cores();
        Book { workbook, tall, overlays: Vec::new(), condition: None, threads, watch: Some(watch) }
    }

    /// A workbook whose sheets in `overlays` are marks, which depend on the defined name `condition`.
    pub(super) fn of_marks(
        workbook: Workbook,
        overlays: Vec<Overlay>,
        condition: &'static str,
    ) -> Self {
        let (tall, condition) = (Vec::new(), Some(condition));
        Book { workbook, tall, overlays, condition, threads: 1, watch: None }
    }

    /// The same, to be written on so many threads. The bytes do not depend on them.
    pub fn on_threads(self, threads: usize) -> Self {
        Book { threads, ..self }
    }

    /// Whether the part called `name`, in what rust_xlsxwriter wrote of this workbook, is a tall sheet.
    pub(crate) fn is_tall(&self, name: &str) -> bool {
        self.tall.iter().any(|sheet| sheet.part() == name)
    }

    /// Writes the part called `name` where it is a tall sheet, and says whether it is: `xml` is what
    /// rust_xlsxwriter wrote of it, `target` the archive and the name there.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn write_tall<W: Write + Seek>(
        &mut self,
        name: &str,
        xml: &str,
        target: (&mut Archive<W>, &str),
    ) -> Result<bool> {
        let sheet = self.tall.iter().find(|sheet| sheet.part() == name);
        // Only a workbook with tall sheets has somebody who watches.
        let Some((sheet, watch)) = sheet.zip(self.watch.as_mut()) else { return Ok(false) };
        sheet.write(xml, target, self.threads, &mut **watch)?;
        Ok(true)
    }
}
