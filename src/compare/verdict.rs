//! The comparison of a workbook: each sheet read, recognized, recomputed and judged.

use std::collections::BTreeSet;
use std::path::Path;

use super::forced::{Constant, Places};
use super::form::Form;
use super::judge::{Judge, Judgement};
use super::reading::{SheetReading, read};
use super::recognize::{Recognized, each_once, recognize};
use super::recompute::{Recomputed, recompute};
use super::result::{Comparison, Finding, Kind, Ours, Setting, SheetComparison, Status};
use super::rewrite::Departure;
use super::scene::{self, Scene};
use super::table::Table;
use super::words::Words;
use super::workbook::Options;
use crate::error::Result;
use crate::formula::Expr;
use crate::optimizer::Registry;
use crate::sheet::InputKind;

/// How to compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What to read.
    pub options: Options,
    /// The largest relative difference of numbers that agree.
    pub tolerance: f64,
    /// The only optimizer to think of: `adam`, `adam:keras`.
    pub optimizer: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { options: Options::default(), tolerance: 1e-9, optimizer: None }
    }
}

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
    let sheets = reading.sheets.iter();
    let sheets = sheets.map(|sheet| match &sheet.table {
        Ok(table) => compared(sheet, table, settings, registry),
        Err(reason) => Ok(skipped(&sheet.name, reason)),
    });
    let sheets = sheets.collect::<Result<_>>()?;
    Ok(Comparison { file: path.to_owned(), sheets, reading })
}

fn skipped(sheet: &str, reason: &str) -> SheetComparison {
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
    }
}

fn compared(
    sheet: &SheetReading,
    table: &Table,
    settings: &Settings,
    registry: &Registry,
) -> Result<SheetComparison> {
    let admits = |form: &Form| match &settings.optimizer {
        None => true,
        Some(label) => form.definition.label() == *label || form.definition.name == *label,
    };
    let Some(recognized) = recognize(&table.machine, registry, &admits)? else {
        let reason = "its table has no columns that are x, y and the weights of a line";
        return Ok(skipped(&sheet.name, reason));
    };
    let real = scene::real(&table.machine);
    let form = recognized.form.as_ref().unwrap_or(&recognized.common);
    let run = recompute(&table.machine, form, &recognized.fit, &real);
    let compared =
        Compared { sheet, table, recognized: &recognized, run: &run, real: &real, settings };
    Ok(compared.result())
}

/// A sheet with all that was found out about it.
struct Compared<'a> {
    sheet: &'a SheetReading,
    table: &'a Table,
    recognized: &'a Recognized<'a>,
    run: &'a Recomputed<'a>,
    real: &'a Scene,
    settings: &'a Settings,
}

impl Compared<'_> {
    fn result(&self) -> SheetComparison {
        let judgement = self.judge();
        let definition = self.recognized.form.as_ref().map(|form| form.definition);
        let mut findings = judgement.findings;
        if let Some(worst) = findings.first_mut() {
            worst.consequences = judgement.consequences;
        }
        findings.extend(self.unknown_update());
        findings.extend(self.variants());
        findings.sort_by_key(|finding| (!finding.kind.is_mistake(), finding.cause.is_some()));
        let differs = findings.iter().any(|finding| finding.kind.is_mistake())
            || judgement.columns.iter().any(|column| column.mismatches > 0);
        SheetComparison {
            sheet: self.sheet.name.clone(),
            status: if differs { Status::Differs } else { Status::Agrees },
            remarks: Vec::new(),
            optimizer: definition.map(|definition| definition.name.clone()),
            variant: definition.and_then(|definition| definition.variant.clone()),
            departures: self.departures().into_iter().map(|departure| departure.text).collect(),
            samples: self.table.machine.rows.len(),
            table: Some(self.table.range()),
            hyper: self.hyperparameters(),
            start: self.start(),
            columns: judgement.columns,
            findings,
            ours: Some(self.ours()),
        }
    }

    fn ours(&self) -> Ours {
        let mut sheet = self.run.form.sheet.clone();
        let cell = |constant: &Option<Constant>| match constant {
            Some(Constant::Cell(cell)) => Some(self.table.machine.fixed[*cell].cell.clone()),
            _ => None,
        };
        for (input, constant) in sheet.inputs.iter_mut().zip(&self.places().inputs) {
            if let Some(constant) = constant {
                input.value = constant.in_scene(self.real);
            }
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

    fn judge(&self) -> Judgement {
        let departures = self.recognized.fit.departures.iter();
        let slips: Vec<(usize, Departure)> =
            departures.filter(|(_, departure)| departure.is_mistake).cloned().collect();
        let judge = Judge {
            sheet: &self.sheet.name,
            words: self.words(),
            run: self.run,
            real: self.real,
            tolerance: self.settings.tolerance,
        };
        judge.judge(&BTreeSet::new(), &slips)
    }

    /// What the table does otherwise than the textbook, mistakes left out.
    fn departures(&self) -> Vec<Departure> {
        let mut all = self.recognized.from_textbook.clone();
        for departure in each_once(self.recognized.fit.departures.clone()) {
            if !departure.is_mistake && !all.contains(&departure) {
                all.push(departure);
            }
        }
        all
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
            let value = constant.in_scene(self.real);
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
            let shown = weight.map_or(*column, |weight| weight.current);
            let source = self.places().columns[shown];
            let cell = source.map(|source| self.words().cell(source.column, 0));
            Setting { name: name.clone(), cell, value: *value }
        });
        settings.collect()
    }

    /// The first cell of the table's column that is the form's `column`.
    fn first_cell(&self, column: usize) -> Option<String> {
        let source = self.places().columns[column]?;
        Some(format!("{}!{}", self.sheet.name, self.words().cell(source.column, 0)))
    }

    fn variants(&self) -> Vec<Finding> {
        let Some(form) = &self.recognized.form else { return Vec::new() };
        let update = form.sheet.weights.first().map(|weight| weight.next);
        let of = |departure: &Departure| {
            let departures = self.recognized.fit.departures.iter();
            let mut columns = departures.filter(|(_, known)| known == departure);
            columns.next().map(|(column, _)| *column)
        };
        let departures = self.departures().into_iter().map(|departure| Finding {
            kind: Kind::Variant,
            cell: of(&departure)
                .or(update)
                .and_then(|column| self.first_cell(column))
                .unwrap_or_else(|| self.sheet.name.clone()),
            message: format!(
                "the sheet {}, unlike the textbook's {}",
                departure.text, form.sheet.title
            ),
            expected: None,
            found: None,
            cause: None,
            consequences: 0,
            fix: None,
        });
        departures.collect()
    }

    /// That the weights are updated in a way that nobody knows, with the formula in words.
    fn unknown_update(&self) -> Option<Finding> {
        if self.recognized.form.is_some() {
            return None;
        }
        let machine = &self.table.machine;
        let judge_words = self.words();
        let source = self.places().columns[self.run.form.sheet.weights.first()?.current]?;
        let cell = judge_words.cell(source.column, 0);
        let unexplained = self.recognized.fit.unexplained.iter();
        let formulas: Vec<String> = unexplained
            .filter_map(|&column| {
                let formula = machine.columns[column].pattern.as_ref()?;
                Some(format!("{} = {}", judge_words.title(column), judge_words.of_table(formula)))
            })
            .collect();
        Some(Finding {
            kind: Kind::Value,
            cell: format!("{}!{cell}", self.sheet.name),
            message: format!(
                "no optimizer that gdtrace knows updates the weights like this; the sheet computes \
                 {}",
                formulas.join("; ")
            ),
            expected: None,
            found: None,
            cause: None,
            consequences: 0,
            fix: None,
        })
    }
}
