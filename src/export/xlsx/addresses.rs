//! The addresses of everything in the workbook: for its writers, and for whoever shows them beside a
//! number. Both are made by the same code.

use rust_xlsxwriter::utility::column_number_to_name;

use super::data_layout::DataLayout;
use super::host::{Host, RowOptions};
use super::layout::TraceLayout;
use super::limits;
use super::obstacle::Obstacle;
use super::order::OrderLayout;
use super::sheet_names::{SheetName, SheetNames};
use super::spread::Extent;
use crate::data::added::ROWS;
use crate::error::Result;
use crate::optimizer::{Record, started_state};
use crate::sheet::{Input, InputKind};
use crate::trace::{Keep, Results, Run};
use crate::value::listed;

/// Where things stand in a workbook, and what its sheets are called.
#[derive(Debug)]
pub struct Addresses {
    pub(super) names: SheetNames,
    pub(super) data: DataLayout,
    pub(super) order: OrderLayout,
    pub(super) traces: Vec<TraceLayout>,
    /// The layout of each run's reset, where it has one.
    pub(super) resets: Vec<Option<TraceLayout>>,
    copied: Option<String>,
    pub(super) rows: RowOptions,
}

impl Addresses {
    /// Those of the sheets for `results` in the workbook `host`.
    pub fn new(results: &Results, host: &Host) -> Self {
        let data = &results.data;
        if host.has_data() {
            let in_place = Addresses::with(results, host, None, true);
            if limits::have_room(results, &in_place) {
                return in_place;
            }
            return Addresses::with(results, host, Some(Obstacle::LongName.told(data)), false);
        }
        Addresses::with(results, host, host.copied(data), false)
    }

    /// Those with the samples in place, or on a sheet of ours with a line that they are `copied`.
    fn with(results: &Results, host: &Host, copied: Option<String>, is_in_place: bool) -> Self {
        let samples = results.data.samples();
        let extent = |run: &Run, options: RowOptions| {
            Extent::new(run, samples, TraceLayout::first_row(&run.sheet), options)
        };
        // Of a reset the last row is needed.
        let whole = RowOptions { keep: Keep::All, height: limits::ROWS, ..host.rows() };
        let there = (host.sheets(), is_in_place);
        let names = SheetNames::new(results, there, |run| extent(run, host.rows()).sheets());
        let data = match is_in_place {
            true => DataLayout::theirs(&results.data, names.data.clone()),
            false => DataLayout::ours(&results.data, names.data.clone(), copied.is_some()),
        };
        let order = OrderLayout::new(&names.order, results.rows(), host.rows().height);
        let layout = |run: &Run, sheets: &[SheetName], options| {
            TraceLayout::new(run, (sheets, extent(run, options)), (&order, &data))
        };
        let traces = results.runs.iter().zip(&names.runs);
        let traces = traces.map(|(run, sheets)| layout(run, sheets, host.rows())).collect();
        let resets = results.runs.iter().zip(&names.resets);
        let resets = resets.map(|(run, name)| {
            Some(layout(run.reset.as_deref()?, std::slice::from_ref(name.as_ref()?), whole))
        });
        let resets = resets.collect();
        Addresses { names, data, order, traces, resets, copied, rows: host.rows() }
    }

    /// Why the samples are copied though they stand in the same workbook, in a sentence; none where
    /// they are not.
    pub fn copied(&self) -> Option<&str> {
        self.copied.as_deref()
    }

    /// What follows where a cell is changed: `change` is how that is told.
    pub(super) fn followed(&self, change: &str) -> String {
        match (self.rows.values_only, self.rows.keep) {
            (true, _) => "All cells are numbers: nothing follows a change.".to_owned(),
            (false, Keep::All) => format!("{change} and every sheet follows."),
            (false, _) => format!("{change} and all follows but grey numbers, which stand alone."),
        }
    }

    /// Whether a formula can choose among the sheets of each run: LibreOffice takes about thirty.
    pub(super) fn have_choice(&self) -> bool {
        const MOST: usize = 25;
        self.traces.iter().all(|layout| layout.spread.sheets().len() <= MOST)
    }

    /// The letters of a column.
    pub fn letters(column: usize) -> String {
        column_number_to_name(column as u16)
    }

    /// The name of the run's sheet.
    pub fn sheet(&self, run: usize) -> &str {
        &self.names.runs[run][0].name
    }

    /// The name of the sheet with the samples: ours, or the user's own.
    pub fn data_sheet(&self) -> &str {
        &self.names.data.name
    }

    /// Where the samples stand, in words: `the sheet data`, or `the sheet data, cells A9:B37` of the
    /// user's own.
    pub fn data_place(&self) -> String {
        self.data.place()
    }

    /// The name of the sheet with the order of the samples.
    pub fn order_sheet(&self) -> &str {
        &self.names.order.name
    }

    /// The name of the sheet about the loss's curvature.
    pub fn curvature_sheet(&self) -> &str {
        &self.names.curvature.name
    }

    /// What an input of the run means, with the sheet that it comes from.
    pub fn meaning(&self, run: usize, input: &Input) -> String {
        meaning(input, &self.data, self.resets[run].as_ref())
    }

    /// The properties of the workbook that say what its sheets were made from.
    ///
    /// # Errors
    /// None that a record can cause.
    pub fn properties(&self, results: &Results, record: &Record) -> Result<Vec<(String, String)>> {
        let mut properties = self.record(results, record).properties()?;
        let goes_on = self.traces.iter().any(|layout| layout.spread.sheets().len() > 1);
        let keep = (self.rows.keep != Keep::All).then(|| format!("--keep {}", self.rows.keep));
        let values_only = self.rows.values_only.then(|| "--values-only".to_owned());
        let goes_on = goes_on.then(|| "rows on several sheets".to_owned());
        let how: Vec<String> = [keep, values_only, goes_on].into_iter().flatten().collect();
        if !how.is_empty() {
            properties.push((ROWS.to_owned(), listed(&how)));
        }
        Ok(properties)
    }

    /// `record` with the names that the sheets have here.
    pub fn record(&self, results: &Results, record: &Record) -> Record {
        let reset = |run: &Run| run.reset.as_ref().map(|reset| reset.sheet.name.clone());
        let runs = results
            .runs
            .iter()
            .map(|run| run.sheet.name.clone())
            .zip(self.names.runs.iter().map(|sheets| &sheets[0]));
        let resets = results.runs.iter().zip(&self.names.resets);
        let resets = resets.filter_map(|(run, name)| reset(run).zip(name.as_ref()));
        let names: Vec<(String, &str)> =
            runs.chain(resets).map(|(usual, here)| (usual, here.name.as_str())).collect();
        let here = |usual: &str| names.iter().find(|(one, _)| one == usual).map(|(_, here)| *here);
        record.renamed(|usual| here(usual).unwrap_or(usual).to_owned())
    }

    /// The row on the sheet, counted from 1, of the run's row 0, which has the start values.
    pub fn first_row(&self, run: usize) -> usize {
        self.traces[run].start as usize + 1
    }

    /// The cell of an input: `$B$5`.
    pub fn input(&self, run: usize, input: usize) -> String {
        self.traces[run].input(input).rsplit('!').next().unwrap_or_default().to_owned()
    }

    /// The formula of a column in the row of the run counted from 1.
    pub fn formula(&self, run: usize, column: usize, row: usize) -> String {
        let layout = &self.traces[run];
        format!("={}", layout.columns[column].step.in_row(layout.start + row as u32))
    }

    /// The formula of a column with `{row}` for the number of the row on the sheet and `{above}`
    /// for that of the row above.
    pub fn template(&self, run: usize, column: usize) -> String {
        format!("={}", self.traces[run].columns[column].step.marked("{row}", "{above}"))
    }
}

/// What an input means, with the sheet that it comes from: the samples are counted there, and a
/// `reset` leaves the states that a trace starts from.
pub(super) fn meaning(input: &Input, data: &DataLayout, reset: Option<&TraceLayout>) -> String {
    let told = &input.meaning;
    match (input.kind, reset, started_state(input)) {
        (InputKind::Samples, ..) => format!("{told}, counted from {}", data.place()),
        (_, Some(reset), Some(_)) => format!("{told}: the sheet {}", reset.sheet.name),
        _ => told.clone(),
    }
}
