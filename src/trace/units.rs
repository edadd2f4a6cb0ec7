//! The way back from scaled columns to the units that the data were read in.
//!
//! A run over scaled columns predicts ŷ' = a·x' + b of x' = (x − m_x)/s_x. In the user's units that
//! is ŷ = m_y + s_y·ŷ', another line with slope a·s_y/s_x and intercept m_y + s_y·b − slope·m_x, and
//! every error is s_y times as large. The same holds for several columns, each with its slope.

use super::{EpochSummary, Exact};
use crate::data::{Data, ScaleKind};
use crate::formula::{Expr, differentiate, simplify};
use crate::sheet::{Ref, Sheet};
use crate::value::Value;

/// What a weight is to a model that is linear in its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The factor of the data column with this index.
    Slope(usize),
    /// What is added.
    Intercept,
}

/// The way back from scaled units.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// How the data are scaled.
    pub kind: ScaleKind,
    /// What each weight is; none for a model whose weights have no counterpart in the user's units.
    pub parts: Option<Vec<Part>>,
    /// Center and spread of each data column, y last.
    pub columns: Vec<(f64, f64)>,
    /// Whether y is scaled, and so all errors; of several outputs, each in a unit of its own, errors
    /// have no other unit than that of the scaled columns.
    pub scales_target: bool,
    /// Whether there are several outputs.
    several: bool,
}

impl Units {
    /// The way back for what `sheet` trains on `data`; none where the data are not scaled.
    pub fn of(sheet: &Sheet, data: &Data) -> Option<Self> {
        let scale = data.scale.as_ref()?;
        let index = |name: &String| data.columns.iter().position(|column| column.name == *name);
        let columns =
            sheet.data.iter().map(|name| index(name).map_or((0.0, 1.0), |at| scale.of(at)));
        let columns = columns.collect();
        let several = sheet.predictions.len() > 1;
        let scales_target = !several && scale.column(data.columns.len() - 1).is_some();
        let parts = parts(sheet).filter(|_| scales_target);
        Some(Units { kind: scale.kind, parts, columns, scales_target, several })
    }

    /// Center and spread of y.
    pub fn target(&self) -> (f64, f64) {
        self.columns.last().copied().filter(|_| self.scales_target).unwrap_or((0.0, 1.0))
    }

    /// Whether the data column with this index is scaled: y may be left as it is.
    pub fn is_scaled(&self, column: usize) -> bool {
        self.scales_target || self.several || column + 1 < self.columns.len()
    }

    /// In which units a run is, and in which its results are told, in a line.
    pub fn told(&self) -> String {
        let kind = self.kind.name();
        match self.parts {
            Some(_) => format!("trained on scaled columns ({kind}); in the units of the data:"),
            None if self.several => format!(
                "trained on scaled columns ({kind}); errors and weights are those of the scaled columns:"
            ),
            None => format!(
                "trained on scaled columns ({kind}); the errors are in the units of the data, the \
                 weights are those of the scaled columns:"
            ),
        }
    }

    /// How the columns are scaled and what leads back, a line each; `sheet` has both.
    pub fn way_back(&self, columns: &[String], weights: &[&str], sheet: &str) -> Vec<String> {
        let [center, spread] = self.kind.labels();
        let Some(y) = columns.last() else { return Vec::new() };
        let mut lines = vec![format!(
            "The optimizers see each column less its {center}, divided by its {spread} (sheet \
             {sheet})."
        )];
        if self.several {
            lines.push("Errors and weights are those of the scaled columns.".to_owned());
            return lines;
        }
        if !self.scales_target {
            lines.push(format!("{y} is left as it is, and so are all errors."));
            return lines;
        }
        lines.push(format!("rmse = {spread} of {y} * scaled rmse"));
        let Some(parts) = &self.parts else {
            lines.push(format!(
                "A prediction is {center} of {y} + {spread} of {y} * scaled prediction. The weights \
                 have no counterpart for the columns as they were read."
            ));
            return lines;
        };
        let mut taken = String::new();
        for (part, weight) in parts.iter().zip(weights) {
            if let Part::Slope(column) = part {
                let x = &columns[*column];
                lines.push(format!(
                    "{weight} = scaled {weight} * {spread} of {y} / {spread} of {x}"
                ));
                taken += &format!(" - {weight} * {center} of {x}");
            }
        }
        for (part, weight) in parts.iter().zip(weights) {
            if *part == Part::Intercept {
                let from = format!("{center} of {y} + {spread} of {y} * scaled {weight}");
                lines.push(format!("{weight} = {from}{taken}"));
            }
        }
        lines
    }

    /// An error (a difference from y, an RMSE) in the user's units.
    pub fn error(&self, scaled: Value) -> Value {
        Value::number(self.target().1) * scaled
    }

    /// The weights in the user's units, or as they are where they have no counterpart there.
    ///
    /// The order of the arithmetic is that of the workbook's formulas.
    pub fn weights(&self, scaled: &[Value]) -> Vec<Value> {
        let Some(parts) = &self.parts else { return scaled.to_vec() };
        let (y_center, y_spread) = self.target();
        let number = Value::number;
        let slope = |(part, weight): (&Part, &Value)| match *part {
            Part::Slope(column) => {
                Some((column, *weight * number(y_spread) / number(self.columns[column].1)))
            }
            Part::Intercept => None,
        };
        let slopes: Vec<Option<(usize, Value)>> = parts.iter().zip(scaled).map(slope).collect();
        let intercept = |weight: Value| {
            let start = number(y_center) + number(y_spread) * weight;
            let taken = slopes.iter().flatten();
            taken.fold(start, |rest, (column, slope)| {
                rest - *slope * number(self.columns[*column].0)
            })
        };
        let back = |(slope, weight): (&Option<(usize, Value)>, &Value)| match slope {
            Some((_, slope)) => *slope,
            None => intercept(*weight),
        };
        slopes.iter().zip(scaled).map(back).collect()
    }

    /// An epoch in the user's units; the mean loss stays what the run has.
    pub fn epoch(&self, scaled: &EpochSummary) -> EpochSummary {
        EpochSummary {
            weights: self.weights(&scaled.weights),
            rmse: self.error(scaled.rmse),
            online_rmse: self.error(scaled.online_rmse),
            root_of_sum: self.error(scaled.root_of_sum),
            ..scaled.clone()
        }
    }

    /// The exact solution in the user's units.
    pub fn exact(&self, scaled: &Exact) -> Exact {
        Exact { weights: self.weights(&scaled.weights), rmse: self.error(scaled.rmse) }
    }
}

/// What each weight is, for a sum of weight·column terms and one weight alone; none for any other
/// model.
fn parts(sheet: &Sheet) -> Option<Vec<Part>> {
    let [prediction] = sheet.predictions.as_slice() else { return None };
    let weight = |expr: &Expr<Ref>| match *expr {
        Expr::Name(Ref::Input(input)) => sheet.weights.iter().position(|one| one.start == input),
        _ => None,
    };
    let mut parts: Vec<Option<Part>> = vec![None; sheet.weights.len()];
    for column in 0..sheet.features() {
        let slope = simplify(&differentiate(prediction, &|name| *name == Ref::Data(column)));
        if parts[weight(&slope)?].replace(Part::Slope(column)).is_some() {
            return None;
        }
    }
    let rest = simplify(&prediction.map(&|part| match part {
        Expr::Name(Ref::Data(_)) => Some(Expr::Number(0.0)),
        _ => None,
    }));
    if parts[weight(&rest)?].replace(Part::Intercept).is_some() {
        return None;
    }
    parts.into_iter().collect()
}
