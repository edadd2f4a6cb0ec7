//! The comparison of a workbook: each sheet read, recognized, recomputed and judged.

mod connected;
mod departures;
mod remarks;

use std::collections::BTreeSet;
use std::path::Path;

use crate::compare::blame::{self, Blame};
use crate::compare::forced::{Constant, Places};
use crate::compare::invented::{self, Trial};
use crate::compare::lint::lint;
use crate::compare::per_weight::say_once;
use crate::compare::reading::{Reading, SheetReading, read};
use crate::compare::recognize::{Recognized, recognize};
use crate::compare::recompute::{Recomputed, recompute};
use crate::compare::result::{Comparison, Finding, Kind, Ours, Setting, SheetComparison, Status};
use crate::compare::rewrite::Departure;
use crate::compare::settings::Settings;
use crate::compare::table::Table;
use crate::compare::trace;
use crate::compare::training::{self, Training, Trainings, Verdict};
use crate::compare::words::Words;
use crate::data::added::{COMPARE, RUN};
use crate::data::address::Area;
use crate::error::Result;
use crate::formula::Expr;
use crate::graph::{CellId, Graph};
use crate::optimizer::{Record, Registry};
use crate::sheet::InputKind;

/// Compares every sheet of the workbook at `path` that has a table of samples with what its
/// optimizer should compute.
///
/// # Errors
/// A file that cannot be read, a sheet or an optimizer that there is not.
pub fn compare(path: &Path, settings: &Settings, registry: &Registry) -> Result<Comparison> {
    if let Some(label) = &settings.optimizer {
        registry.find(label)?;
    }
    let reading = read(path, &settings.options)?;
    settings.check_map(&reading)?;
    let lint = lint(&reading);
    let record = Record::of_properties(&reading.workbook.properties);
    let mut trainings = training::find(&reading.graph);
    let sheets = reading.sheets.iter().zip(lint.sheets);
    // A trace stands in a workbook of its own, or behind the sheets of somebody else.
    let book = &reading.workbook;
    let is_of_trace = |sheet: &SheetReading| {
        record.is_some() && (book.added.is_empty() || book.was_added(&sheet.name, RUN))
    };
    let is_of_comparison = |sheet: &SheetReading| book.was_added(&sheet.name, COMPARE);
    let sheets = sheets.map(|(sheet, lint)| match &sheet.table {
        _ if is_of_comparison(sheet) => Ok(skipped(&sheet.name, "an earlier comparison added it")),
        _ if let Some(how) = book.has_part(&sheet.name) => Ok(skipped(
            &sheet.name,
            &format!(
                "gdtrace run wrote it with {how}; a trace is checked with all its rows on one sheet"
            ),
        )),
        Ok(_) if !is_of_trace(sheet) && has_many_weights(&trainings, sheet.index) => {
            Ok(told_apart(&sheet.name))
        }
        Ok(table) => {
            let record = record.as_ref().filter(|_| is_of_trace(sheet));
            told((sheet, &reading), table, (record, lint), settings, registry)
        }
        Err(reason) => Ok(SheetComparison { findings: lint, ..skipped(&sheet.name, reason) }),
    });
    let mut sheets: Vec<SheetComparison> = sheets.collect::<Result<_>>()?;
    trainings.allow(settings.tolerance);
    let theirs = reading.sheets.iter().filter(|sheet| !is_of_comparison(sheet));
    trainings.keep_on(&theirs.map(|sheet| sheet.index).collect::<Vec<_>>());
    if record.is_some() {
        // What a trace has beside its table is worked out by other ways of going step by step.
        let kept = reading.sheets.iter().zip(&sheets);
        let kept = kept.filter(|(sheet, one)| one.optimizer.is_some() || !is_of_trace(sheet));
        trainings.keep_on(&kept.map(|(sheet, _)| sheet.index).collect::<Vec<_>>());
    }
    let traces = reading.sheets.iter().filter(|sheet| is_of_trace(sheet));
    let traces: Vec<&str> = traces.map(|sheet| sheet.name.as_str()).collect();
    leave_to(&trainings, &reading.graph, &mut sheets, &traces);
    Ok(Comparison {
        file: path.to_owned(),
        sheets,
        findings: lint.workbook,
        reading,
        against: None,
        trainings,
    })
}

/// Whether a training of the sheet has more weights than a line's table could be taken to have,
/// however badly it is built, or more than a line where those of a model were found to be trained.
fn has_many_weights(trainings: &Trainings, sheet: usize) -> bool {
    const MOST: usize = 4;
    const OF_A_LINE: usize = 2;
    let hold = |one: &Training| {
        one.weights.iter().filter(|weight| weight.verdict == Verdict::Verified).count()
    };
    trainings.on(sheet).any(|one| one.weights.len() > MOST || hold(one) > OF_A_LINE)
}

/// Leaves sheets whose table is that of no optimizer, or unlike the one that it was taken for, to the
/// trainings that were found on them; one on which no value is corrected step by step is no training at
/// all.
fn leave_to(trainings: &Trainings, graph: &Graph, sheets: &mut [SheetComparison], traces: &[&str]) {
    for sheet in sheets.iter_mut() {
        let Some(at) = graph.sheets().iter().position(|name| *name == sheet.sheet) else {
            continue;
        };
        let is_told_apart = match sheet.optimizer {
            Some(_) if traces.contains(&sheet.sheet.as_str()) => false,
            Some(_) => {
                (is_unlike(sheet) || see_more(trainings, graph, (at, sheet)))
                    && trainings.explain(at)
            }
            None => trainings.on(at).next().is_some(),
        };
        let neighbour = trainings.neighbours.iter().find(|(of, _)| *of == at);
        if is_told_apart {
            *sheet = told_apart(&sheet.sheet);
        } else if let Some((_, told)) = neighbour.filter(|_| sheet.optimizer.is_none()) {
            match sheet.status {
                Status::Skipped => sheet.remarks = vec![told.clone()],
                _ if !trainings.stepping.contains(&at) => *sheet = skipped(&sheet.sheet, told),
                _ => {}
            }
        }
    }
}

/// Whether most columns of a table are none of the optimizer's that it was taken for, and most numbers
/// of the others are not its numbers.
fn is_unlike(sheet: &SheetComparison) -> bool {
    let cells: usize = sheet.columns.iter().map(|column| column.cells).sum();
    let mismatches: usize = sheet.columns.iter().map(|column| column.mismatches).sum();
    let matched = sheet.columns.iter().filter(|column| column.matches.is_some()).count();
    2 * mismatches > cells && 2 * matched < sheet.columns.len()
}

/// Whether the training of a sheet shows a mistake that its table does not: where all numbers agree, updates
/// that are made otherwise than others; else a wrong derivative in a column that the optimizer does not have.
fn see_more(trainings: &Trainings, graph: &Graph, (at, sheet): (usize, &SheetComparison)) -> bool {
    let others = sheet.columns.iter().filter(|one| one.matches.is_none());
    let others: Vec<Area> = others.filter_map(|one| Area::parse(&one.range)).collect();
    let is_in_other_column =
        |cell: CellId| others.iter().any(|area| area.contains(graph.position(cell)));
    trainings.on(at).filter(|one| one.sheets == [at]).any(|one| {
        let mut weights = one.weights.iter();
        let mut findings = one.findings.iter();
        match sheet.status {
            Status::Agrees => {
                weights.all(|weight| weight.verdict == Verdict::Verified)
                    && !one.findings.is_empty()
                    && findings.all(|finding| finding.kind == training::Kind::OddWeight)
            }
            _ => findings.any(|finding| {
                finding.kind == training::Kind::WrongDerivative
                    && is_in_other_column(finding.cells[0])
            }),
        }
    })
}

/// A sheet without a table, whose trainings say what there is to say.
pub(super) fn told_apart(sheet: &str) -> SheetComparison {
    skipped(sheet, "its trainings are told by themselves")
}

pub(super) fn skipped(sheet: &str, reason: &str) -> SheetComparison {
    SheetComparison {
        sheet: sheet.to_owned(),
        status: Status::Skipped,
        remarks: vec![reason.to_owned()],
        optimizer: None,
        variant: None,
        departures: Vec::new(),
        samples: 0,
        table: None,
        hyper: Vec::new(),
        start: Vec::new(),
        columns: Vec::new(),
        findings: Vec::new(),
        ours: None,
        against: None,
    }
}

fn compared(
    (sheet, reading): (&SheetReading, &Reading),
    table: &Table,
    lint: Vec<Finding>,
    settings: &Settings,
    registry: &Registry,
) -> Result<SheetComparison> {
    let Some(recognized) = recognize(&table.machine, registry, settings)? else {
        let reason = "its table has no columns that are x, y and the weights of a line";
        return Ok(SheetComparison { findings: lint, ..skipped(&sheet.name, reason) });
    };
    as_recognized((sheet, reading), table, (lint, recognized), settings, registry)
}

/// A sheet of a trace as its `record` says that it was made; none where the user has decided
/// otherwise, or where it is not that sheet any more.
fn traced(
    (sheet, reading): (&SheetReading, &Reading),
    table: &Table,
    (record, lint): (&Record, Vec<Finding>),
    settings: &Settings,
    registry: &Registry,
) -> Result<Option<SheetComparison>> {
    if settings.optimizer.is_some() || !settings.map.is_empty() {
        return Ok(None);
    }
    let own = trace::recognize(&table.machine, (record, &sheet.name), registry)?;
    own.map(|one| as_recognized((sheet, reading), table, (lint, one), settings, registry))
        .transpose()
}

/// What the formulas of a sheet look like; of a trace that is just what its `record` says, or that
/// looks like nothing that is known, what that says.
fn told(
    (sheet, reading): (&SheetReading, &Reading),
    table: &Table,
    (record, lint): (Option<&Record>, Vec<Finding>),
    settings: &Settings,
    registry: &Registry,
) -> Result<SheetComparison> {
    let agrees = |found: &SheetComparison| found.status == Status::Agrees;
    let own = |lint| match record {
        Some(record) => traced((sheet, reading), table, (record, lint), settings, registry),
        None => Ok(None),
    };
    // What any table may be is recognized as in any table, which can say more of it.
    let is_plain = record.is_none_or(|record| record.is_plain(&sheet.name));
    if !is_plain && let Some(own) = own(lint.clone())? {
        return Ok(own);
    }
    let found = compared((sheet, reading), table, lint.clone(), settings, registry)?;
    if agrees(&found) || !is_plain {
        return Ok(found);
    }
    let own = own(lint)?.filter(|own| agrees(own) || found.optimizer.is_none());
    Ok(own.unwrap_or(found))
}

fn as_recognized(
    (sheet, reading): (&SheetReading, &Reading),
    table: &Table,
    (lint, mut recognized): (Vec<Finding>, Recognized),
    settings: &Settings,
    registry: &Registry,
) -> Result<SheetComparison> {
    let real = invented::real(&table.machine);
    let form = recognized.form.as_ref().unwrap_or(&recognized.common);
    for (name, value) in &settings.set {
        if let Some(input) = form.sheet.input(name) {
            recognized.fit.places.inputs[input] = Some(Constant::Typed(*value));
        }
    }
    let run = recompute(&table.machine, form, &recognized.fit, &real);
    let textbook = registry.find(&form.definition.name)?.title.clone();
    let compared = Compared {
        sheet,
        graph: &reading.graph,
        table,
        recognized: &recognized,
        run: &run,
        real: &real,
        settings,
        textbook,
    };
    let mut result = compared.result(compared.connected(lint));
    result.remarks.extend(compared.other_steps(&reading.workbook.sheets[sheet.index]));
    if result.columns.iter().all(|column| column.cells == 0) && result.optimizer.is_some() {
        result.remarks.push(NOTHING_COMPARED.to_owned());
    }
    say_once(&mut result);
    Ok(result)
}

/// What is said where formulas fit, but hold no numbers.
const NOTHING_COMPARED: &str = "the formulas are those of the optimizer, but no number could be \
     compared: open the file in a spreadsheet program, let it calculate and save";

/// A sheet with all that was found out about it.
struct Compared<'a> {
    sheet: &'a SheetReading,
    graph: &'a Graph,
    table: &'a Table,
    recognized: &'a Recognized<'a>,
    run: &'a Recomputed<'a>,
    real: &'a Trial,
    settings: &'a Settings,
    /// What the optimizer is called in its textbook form.
    textbook: String,
}

impl Compared<'_> {
    fn result(&self, lint: Vec<Finding>) -> SheetComparison {
        let judge = self.judge();
        let (slips, departures) = (self.slips(), self.departures());
        let judgement = judge.judge(&self.flagged(&lint), &slips);
        let definition = self.recognized.form.as_ref().map(|form| form.definition);
        let is_alone = !lint.iter().any(|finding| finding.kind.is_mistake());
        let mut findings = lint;
        self.spare(&judge, &judgement.columns, &mut findings);
        let own = findings.len();
        findings.extend(judgement.findings);
        // A column that is wrong in every row explains the errors that it leads to.
        if let Some(slip) = findings.get(own).filter(|_| !slips.is_empty()) {
            let cause = Some(slip.cell.clone());
            let errors = findings.iter_mut().filter(|one| one.kind == Kind::ErrorCell);
            errors.for_each(|error| error.cause.clone_from(&cause));
        }
        if let Some(worst) = findings.get_mut(own).filter(|_| is_alone) {
            worst.consequences = judgement.consequences;
        }
        findings.extend(judge.labels(self.table));
        findings.extend(judge.lost_updates(self.table, &self.recognized.fit));
        findings.extend(self.unknown_update().map(|finding| {
            // What is wrong already is why nothing fits.
            let cause = findings.iter().find(|one| one.kind.is_mistake());
            Finding { cause: cause.map(|one| one.cell.clone()), ..finding }
        }));
        self.follow_blanks(&mut findings);
        self.counted_from_zero(&mut findings);
        if !findings.iter().any(|finding| finding.kind.is_mistake()) {
            findings.extend(self.first_difference(&judgement.columns));
        }
        findings.extend(self.variants(&departures));
        findings.sort_by_key(|finding| (!finding.kind.is_mistake(), finding.cause.is_some()));
        let differs = findings.iter().any(|finding| finding.kind.is_mistake())
            || judgement.columns.iter().any(|column| column.mismatches > 0);
        SheetComparison {
            sheet: self.sheet.name.clone(),
            status: if differs { Status::Differs } else { Status::Agrees },
            remarks: Vec::new(),
            optimizer: definition.map(|definition| definition.name.clone()),
            variant: definition.and_then(|definition| definition.variant.clone()),
            departures: departures.into_iter().map(|(departure, _)| departure.text).collect(),
            samples: self.table.machine.rows.len(),
            table: Some(self.table.range()),
            hyper: self.hyperparameters(),
            start: self.start(),
            columns: judgement.columns,
            findings,
            ours: Some(self.ours()),
            against: None,
        }
    }

    fn ours(&self) -> Ours {
        let mut sheet = self.run.form.sheet.clone();
        let cell = |constant: &Option<Constant>| match constant {
            Some(Constant::Cell(cell)) => Some(self.table.machine.fixed[*cell].cell.clone()),
            _ => None,
        };
        for (at, input) in sheet.inputs.iter_mut().enumerate() {
            input.value = self.places().input(&self.run.form, self.real, at);
        }
        let before = Expr::Number(self.places().steps_before);
        let row = sheet.row;
        sheet.columns[row].initial = Some(before);
        Ours { sheet, cells: self.places().inputs.iter().map(cell).collect() }
    }

    fn words(&self) -> Words<'_> {
        Words {
            machine: &self.table.machine,
            form: &self.run.form,
            places: &self.recognized.fit.places,
        }
    }

    fn places(&self) -> &Places {
        &self.recognized.fit.places
    }

    fn judge(&self) -> Blame<'_> {
        Blame {
            sheet: &self.sheet.name,
            words: self.words(),
            run: self.run,
            real: self.real,
            is_known: self.recognized.form.is_some(),
            tolerance: self.settings.tolerance,
        }
    }

    /// The columns of the form that the table has wrong in every row.
    fn slips(&self) -> Vec<(usize, Departure)> {
        let departures = self.recognized.fit.departures.iter();
        departures.filter(|(_, departure)| departure.is_mistake).cloned().collect()
    }

    /// The cells of the table that something is known to be wrong with.
    fn flagged(&self, lint: &[Finding]) -> BTreeSet<blame::Cell> {
        let wrong = lint.iter().filter(|finding| finding.kind.is_mistake());
        let cells = wrong.filter_map(|finding| {
            let (row, column) = finding.position()?;
            Some((self.table.column_at(column)?, self.table.row_at(row)?))
        });
        // Where a reference runs away, all rows below the first are wrong by it.
        let columns = self.table.columns.iter().enumerate();
        let strayed = columns.filter(|(_, column)| column.strays.is_some());
        let rows = 1..self.table.machine.rows.len();
        let strayed = strayed.flat_map(|(at, _)| rows.clone().map(move |row| (at, row)));
        cells.chain(strayed).collect()
    }

    fn hyperparameters(&self) -> Vec<Setting> {
        let inputs = self.run.form.sheet.inputs.iter().zip(&self.places().inputs);
        let found = inputs.filter_map(|(input, constant)| {
            let constant = (*constant)?;
            let cell = match constant {
                Constant::Cell(cell) => Some(self.table.machine.fixed[cell].cell.clone()),
                Constant::Typed(_) => None,
                Constant::Absent(_) => return None,
            };
            let is_one = matches!(input.kind, InputKind::Hyperparameter | InputKind::Training);
            let value = constant.in_trial(self.real);
            is_one.then(|| Setting { name: input.id.clone(), cell, value })
        });
        found.collect()
    }

    fn start(&self) -> Vec<Setting> {
        let sheet = &self.run.form.sheet;
        let starts = self.run.starts.iter();
        let settings = starts.map(|(column, value)| {
            let weight = sheet.weights.iter().find(|weight| weight.next == *column);
            let name = weight.map_or(&sheet.columns[*column].id, |weight| &weight.name);
            // A weight starts in the first row; a state before it, in the row above.
            let cell = match weight {
                Some(weight) => self.places().columns[weight.current]
                    .map(|source| self.words().cell(source.column, 0)),
                None if self.places().is_given[*column] => {
                    self.places().columns[*column].map(|source| self.words().cell(source.column, 0))
                }
                None => self.places().columns[*column]
                    .and_then(|source| self.words().cell_above(source.column)),
            };
            Setting { name: name.clone(), cell, value: *value }
        });
        settings.collect()
    }
}
