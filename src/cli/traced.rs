//! A finished run with what its workbook and its page say about it, for the command and for programs.

use std::path::Path;

use super::again::Given;
use super::chosen::Chosen;
use super::job::Job;
use crate::data::added::RUN;
use crate::error::Result;
use crate::export::html::{self, Origin};
use crate::export::output::{About, Outputs};
use crate::export::package::Existing;
use crate::export::xlsx::{self, Host};
use crate::optimizer::Record;
use crate::trace::{Results, Sink};

/// A finished run.
pub struct Traced {
    /// What came of it.
    pub results: Results,
    record: Record,
    origin: Origin,
    /// What is odd about settings that were asked for.
    odd: Vec<String>,
}

impl Traced {
    /// Runs `job` over the data of `file`; all values are handed to `watch` as well.
    ///
    /// # Errors
    /// Those of [`Results::compute`].
    pub fn compute(job: Job, (file, given): (&Path, &Given), watch: &mut dyn Sink) -> Result<Self> {
        let Job { chosen, sheets, data, plan, record, .. } = job;
        let mut results = Results::compute(sheets, data, plan, watch)?;
        for (run, one) in results.runs.iter_mut().zip(&chosen) {
            run.lr_reason.clone_from(&one.lr_reason);
        }
        let origin = Origin {
            command: given.base(file),
            settings: given.base_settings(),
            arguments: chosen.iter().map(Chosen::argument).collect(),
        };
        let odd = chosen.iter().flat_map(Chosen::suspicions).collect();
        Ok(Traced { results, record, origin, odd })
    }

    /// What the user should know after the run.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let runs = self.results.runs.iter().filter_map(|run| run.warning.clone());
        self.odd.iter().cloned().chain(runs)
    }

    /// Stages the workbook, on so many threads: one of its own, or a copy of an existing one with
    /// sheets added.
    ///
    /// # Errors
    /// More rows than a sheet has room for, or when writing fails.
    pub fn stage_workbook(
        &self,
        path: &Path,
        (existing, host): (Option<Existing>, &Host),
        outputs: &mut Outputs,
        (threads, watch): (usize, &mut dyn Sink),
    ) -> Result<()> {
        let results = &self.results;
        let book = xlsx::workbook(results, host, watch)?.on_threads(threads);
        let title = format!("Gradient descent on {}", results.model().equation);
        let names: Vec<&str> = results.runs.iter().map(|run| run.sheet.name.as_str()).collect();
        let subject = format!("Every step of {}", names.join(", "));
        let properties = xlsx::Addresses::new(results, host).properties(results, &self.record)?;
        let about = About { title: &title, subject: &subject, properties: &properties };
        match existing {
            Some(existing) => outputs.stage_added(path, existing, book, (RUN, &about)),
            None => outputs.stage_book(path, book, &about),
        }
    }

    /// The report, which stands beside the `workbook` called so.
    ///
    /// # Errors
    /// Those of [`html::page_of`].
    pub fn page(&self, host: &Host, workbook: Option<&str>) -> Result<String> {
        html::page_of(&self.results, (host, workbook), Some(self.origin.clone()))
    }
}
