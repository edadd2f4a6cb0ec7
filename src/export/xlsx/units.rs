//! The way back from scaled columns, as formulas: the weights and errors of a run over scaled data
//! in the units in which those were read.

use super::data_layout::DataLayout;
use crate::trace::{Part, Units};

/// The formula of each weight in the units of the data: `scaled` are the cells of the scaled
/// weights, `back` those where these formulas stand. None where a weight has no counterpart.
pub fn weights(
    units: &Units,
    data: &DataLayout,
    scaled: &[String],
    back: &[String],
) -> Vec<String> {
    let Some(parts) = &units.parts else { return Vec::new() };
    let y = units.columns.len() - 1;
    let slopes = || {
        let numbered = parts.iter().zip(back);
        numbered.filter_map(|(part, cell)| match *part {
            Part::Slope(column) => Some((column, cell)),
            Part::Intercept => None,
        })
    };
    let formula = |(part, scaled): (&Part, &String)| match *part {
        Part::Slope(column) => {
            format!("{scaled}*{}/{}", data.spread(y), data.spread(column))
        }
        Part::Intercept => {
            let taken: String =
                slopes().map(|(column, cell)| format!("-{cell}*{}", data.center(column))).collect();
            format!("{}+{}*{scaled}{taken}", data.center(y), data.spread(y))
        }
    };
    parts.iter().zip(scaled).map(formula).collect()
}

/// The formula of an error in the unit of y, from the cell or formula of the scaled one.
pub fn error(units: &Units, data: &DataLayout, scaled: &str) -> String {
    match units.scales_target {
        true => format!("{}*{scaled}", data.spread(units.columns.len() - 1)),
        false => scaled.to_owned(),
    }
}
