//! Labels that say one thing where the cell computes another.

use super::blame::Blame;
use super::forced::Constant;
use super::named::exchanged;
use super::result::{Finding, Kind};
use super::table::{Table, Total};
use super::words::shown;
use crate::data::address::cell_name;
use crate::sheet::Group;

/// What a total may be of the numbers of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Measure {
    /// Σv
    Sum,
    /// Σv/n
    Mean,
    /// √Σv
    RootOfSum,
    /// √(Σv/n)
    RootOfMean,
}

impl Measure {
    const ALL: [Measure; 4] =
        [Measure::Sum, Measure::Mean, Measure::RootOfSum, Measure::RootOfMean];

    /// The measure of the numbers.
    pub fn of(self, values: &[f64]) -> f64 {
        let sum: f64 = values.iter().sum();
        let count = values.len() as f64;
        match self {
            Measure::Sum => sum,
            Measure::Mean => sum / count,
            Measure::RootOfSum => sum.sqrt(),
            Measure::RootOfMean => (sum / count).sqrt(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Measure::Sum => "the sum",
            Measure::Mean => "the mean",
            Measure::RootOfSum => {
                "the root of the sum, which is not divided by the number of samples"
            }
            Measure::RootOfMean => "the root of the mean",
        }
    }

    /// What a label says that the total of squared errors is.
    fn said(label: &str) -> Option<(Measure, &'static str)> {
        let label = label.to_lowercase();
        let said = |words: &[&str]| words.iter().any(|word| label.contains(word));
        if said(&["rmse", "root mean", "rms "]) || label == "rms" {
            return Some((Measure::RootOfMean, "the root of the mean squared error"));
        }
        if said(&["mse", "mean", "average", "avg"]) {
            return Some((Measure::Mean, "a mean"));
        }
        said(&["sum", "total", "sse"]).then_some((Measure::Sum, "a sum"))
    }

    /// Which measure of the numbers `value` is.
    pub fn found(value: f64, values: &[f64], same: &dyn Fn(f64, f64) -> bool) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| same(measure.of(values), value))
    }
}

impl Blame<'_> {
    /// Headers and totals that say what they are not.
    pub fn labels(&self, table: &Table) -> Vec<Finding> {
        let columns = 0..table.machine.columns.len();
        let headers = columns.filter_map(|column| self.header(table, column));
        let totals = table.totals.iter().filter_map(|total| self.total(table, total));
        headers.chain(totals).chain(self.exchanged()).collect()
    }

    /// Hyperparameters whose cells are labelled as other ones.
    fn exchanged(&self) -> Vec<Finding> {
        let inputs = &self.words.form.sheet.inputs;
        let cell = |input: usize| match self.words.places.inputs[input] {
            Some(Constant::Cell(cell)) => Some(cell),
            _ => None,
        };
        let ids: Vec<&str> = inputs.iter().map(|one| one.id.as_str()).collect();
        let label = |cell: &usize| self.words.machine.fixed[*cell].label.clone();
        let found = exchanged(&ids, &cell, &label).into_iter().filter_map(|(input, other)| {
            let (one, other) = (&inputs[input], &inputs[other]);
            let fixed = &self.words.machine.fixed[cell(input)?];
            let message = format!(
                "{} is labelled {}, but the formulas use it as {} ({})",
                fixed.cell,
                fixed.label.as_deref().unwrap_or_default(),
                one.id,
                one.meaning
            );
            let fix = format!("let the formulas refer to {} instead, or mend the label", one.id);
            let address = match fixed.cell.contains('!') {
                true => fixed.cell.clone(),
                false => format!("{}!{}", self.sheet, fixed.cell),
            };
            Some(Finding {
                expected: Some(one.id.clone()),
                found: Some(other.id.clone()),
                fix: Some(fix),
                ..Finding::new(Kind::Label, address, message)
            })
        });
        found.collect()
    }

    /// A header that is another column's: `de/da` above ∂e/∂b.
    fn header(&self, table: &Table, hand: usize) -> Option<Finding> {
        let (matched, _) = self.match_of(hand)?;
        let sheet = &self.words.form.sheet;
        let header = table.machine.columns[hand].header.as_deref()?;
        let plain = |text: &str| -> String {
            text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect()
        };
        let says = |header: &str, column: usize| {
            let one = &sheet.columns[column];
            plain(&one.header) == plain(header) || plain(&one.id) == plain(header)
        };
        let is_called = |column: usize| says(header, column);
        let group = sheet.columns[matched].group;
        let other = (0..sheet.columns.len())
            .find(|&at| at != matched && sheet.columns[at].group == group && is_called(at))?;
        // Columns that hold the same numbers may be either of the two.
        let numbers = |at: usize| &table.machine.columns[at].values;
        let is_same = self.match_of_form(other).is_some_and(|at| numbers(at) == numbers(hand));
        if is_called(matched) || is_same {
            return None;
        }
        // Books call states otherwise, v Adam's second moment: one unusual name is a name.
        let beside = self.match_of_form(other).map(|at| &table.machine.columns[at].header);
        let beside = beside.and_then(Option::as_deref);
        let is_mixed = beside.is_some_and(|beside| says(beside, matched) || says(beside, other));
        if group == Group::State && !is_mixed {
            return None;
        }
        let right = &sheet.columns[matched];
        let cell = cell_name((table.header?, table.machine.columns[hand].column));
        Some(Finding {
            expected: Some(right.header.clone()),
            found: Some(header.to_owned()),
            fix: Some(match self.match_of_form(other) {
                Some(_) => format!("exchange the headers {header} and {}", right.header),
                None => format!("write {} into {cell}", right.header),
            }),
            ..self.about(
                Kind::Label,
                &cell,
                format!(
                    "the header says {header}, but the column computes {}: {}",
                    right.header, right.meaning
                ),
            )
        })
    }

    /// The table's column that is a column of the form.
    fn match_of_form(&self, column: usize) -> Option<usize> {
        self.words.places.columns[column].map(|source| source.column)
    }

    /// A total that is called otherwise than it is computed.
    fn total(&self, table: &Table, total: &Total) -> Option<Finding> {
        let (label, value, column) = (total.label.as_deref()?, total.value?, total.column?);
        let (matched, _) = self.match_of(column)?;
        let sheet = &self.words.form.sheet;
        // Sums of other columns are not named after the error.
        if matched != sheet.loss {
            return None;
        }
        let values: Option<Vec<f64>> =
            table.machine.columns[column].values.iter().copied().collect();
        let values = values?;
        let (said, words) = Measure::said(label)?;
        let same = |one: f64, other: f64| !self.differs(one, other, 0.0);
        let found = Measure::found(value, &values, &same)?;
        if found == said {
            return None;
        }
        let cell = cell_name(total.at);
        let right = said.of(&values);
        let range = table.column_range(column);
        let formula = match said {
            Measure::Sum => format!("=SUM({range})"),
            Measure::Mean => format!("=AVERAGE({range})"),
            Measure::RootOfSum => format!("=SQRT(SUM({range}))"),
            Measure::RootOfMean => format!("=SQRT(SUM({range})/COUNT({range}))"),
        };
        Some(Finding {
            expected: Some(shown(right)),
            found: Some(shown(value)),
            fix: Some(format!("write {formula} into {cell}, or call it otherwise")),
            ..self.about(
                Kind::Label,
                &cell,
                format!(
                    "the label says {label}, {words}, but {cell} is {}: {} where {words} is {}",
                    found.words(),
                    shown(value),
                    shown(right)
                ),
            )
        })
    }
}
