//! A workbook under way: what rust_xlsxwriter holds of it, and the rows that are written beside it.

use std::borrow::Cow;
use std::io::{Seek, Write};

use rust_xlsxwriter::Workbook;

use super::tall::TallSheet;
use crate::error::Result;
use crate::export::package::archive::Archive;
use crate::export::package::{Overlay, cannot_write, without_formulas};
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
    /// Whether its sheets get numbers in the place of formulas.
    pub(super) values_only: bool,
    threads: usize,
    watch: Option<&'a mut dyn Sink>,
}

impl<'a> Book<'a> {
    /// A workbook with these tall sheets, of formulas or of `values_only`; all their values are handed to `watch` as well.
    pub(super) fn new(
        workbook: Workbook,
        tall: Vec<TallSheet<'a>>,
        values_only: bool,
        watch: &'a mut dyn Sink,
    ) -> Self {
        let (overlays, threads) = (Vec::new(), threads::cores());
        let watch = Some(watch);
        Book { workbook, tall, overlays, condition: None, values_only, threads, watch }
    }

    /// A workbook whose sheets in `overlays` are marks, which depend on the defined name `condition`.
    pub(super) fn of_marks(
        workbook: Workbook,
        overlays: Vec<Overlay>,
        condition: &'static str,
    ) -> Self {
        let (tall, condition) = (Vec::new(), Some(condition));
        let values_only = false;
        Book { workbook, tall, overlays, condition, values_only, threads: 1, watch: None }
    }

    /// The same, to be written on so many threads. The bytes do not depend on them.
    pub fn on_threads(self, threads: usize) -> Self {
        Book { threads, ..self }
    }

    /// Whether the part called `name`, in what rust_xlsxwriter wrote of this workbook, is not written
    /// as it is there.
    pub(crate) fn changes(&self, name: &str) -> bool {
        self.values_only && is_sheet(name) || self.tall.iter().any(|sheet| sheet.part() == name)
    }

    /// Writes the part called `name` where it is not written as it is, and says whether it did: `xml`
    /// is what rust_xlsxwriter wrote of it, `target` the archive and the name there.
    ///
    /// # Errors
    /// When writing fails.
    pub(crate) fn write<W: Write + Seek>(
        &mut self,
        name: &str,
        xml: &str,
        (archive, place): (&mut Archive<W>, &str),
    ) -> Result<bool> {
        let has_values = self.values_only && is_sheet(name);
        let xml = if has_values { Cow::Owned(without_formulas(xml)) } else { xml.into() };
        let sheet = self.tall.iter().find(|sheet| sheet.part() == name);
        // Only a workbook with tall sheets has somebody who watches.
        let Some((sheet, watch)) = sheet.zip(self.watch.as_mut()) else {
            if has_values {
                archive.write(place, xml.as_bytes()).map_err(|error| cannot_write(&error))?;
            }
            return Ok(has_values);
        };
        sheet.write(&xml, (archive, place), self.threads, &mut **watch)?;
        Ok(true)
    }
}

/// Whether a part is a sheet.
fn is_sheet(name: &str) -> bool {
    name.starts_with("xl/worksheets/sheet")
}
