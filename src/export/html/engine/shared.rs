//! What several optimizers of the page may have in common: printed once, and referred to by its place.

use std::collections::BTreeMap;
use std::ops::Not;

use serde::Serialize;

use super::Functions;
use crate::formula::{Name, javascript};
use crate::optimizer::{ColumnDefinition, Definition, Hyperparameter, Library};

/// What is printed once for all optimizers.
#[derive(Debug, Default)]
pub struct Shared {
    pub hyper: Vec<Hyper>,
    pub columns: Vec<Column>,
    pub libraries: Vec<Made>,
    /// The frames of an optimizer.
    pub frames: Vec<Frames>,
    pub definitions: Functions,
    pub conditions: Functions,
}

/// The place of the frame for each loss, for single samples and for batches.
pub type Frames = BTreeMap<String, [Option<usize>; 2]>;

/// A hyperparameter; several optimizers may have the same.
#[derive(Debug, PartialEq, Serialize)]
pub struct Hyper {
    id: String,
    symbol: String,
    meaning: String,
    /// The values that make sense: `(0, inf)`.
    range: String,
}

/// A column: of a frame; or of an optimizer, where each weight has one or all share it, and `{w}`
/// stands for the weight's name. Several may have the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    id: String,
    header: String,
    /// Where that is another text than the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
    meaning: String,
    /// Of an optimizer's columns it goes without saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'static str>,
    #[serde(skip_serializing_if = "Not::not")]
    shared: bool,
}

/// How a library makes an optimizer, with the places of the conditions, over the hyperparameters, under
/// which it does the same; several may be made in the same way.
#[derive(Debug, PartialEq, Serialize)]
pub struct Made(String, #[serde(skip_serializing_if = "Vec::is_empty")] Vec<usize>);

impl Hyper {
    pub fn of(one: &Hyperparameter) -> Self {
        Hyper {
            id: one.name.clone(),
            symbol: one.symbol.clone(),
            meaning: one.meaning.clone(),
            range: one.range.to_string(),
        }
    }
}

impl Made {
    /// `library` with its conditions as functions over `h`, the hyperparameters of the `definition` in their order.
    pub fn of(library: &Library, definition: &Definition, conditions: &mut Functions) -> Self {
        let place = |name: &Name| {
            let at = definition.hyper.iter().position(|one| one.name == name.id);
            format!("h[{}]", at.unwrap_or_default())
        };
        let printed = library.when.iter().map(|when| {
            let value = javascript(&when.clone().indicator(), &place);
            conditions.add(format!("(h)=>{value}"))
        });
        Made(library.made_with.clone(), printed.collect())
    }
}

impl Column {
    pub fn of(column: &ColumnDefinition) -> Self {
        let ColumnDefinition { id, header, symbol, meaning, shared, .. } = column;
        Column { shared: *shared, ..Column::new(id, header, symbol, meaning) }
    }

    /// A column of a frame.
    pub fn of_frame(column: &crate::sheet::Column) -> Self {
        let crate::sheet::Column { id, header, symbol, meaning, group, .. } = column;
        Column { group: Some(group.title()), ..Column::new(id, header, symbol, meaning) }
    }

    fn new(id: &str, header: &str, symbol: &str, meaning: &str) -> Self {
        Column {
            id: id.to_owned(),
            header: header.to_owned(),
            symbol: Some(symbol.to_owned()).filter(|symbol| symbol != header),
            meaning: meaning.to_owned(),
            group: None,
            shared: false,
        }
    }
}

/// The place of `item` among the `known` ones, to which it is added where it is new.
pub fn place<T: PartialEq>(item: T, known: &mut Vec<T>) -> usize {
    known.iter().position(|one| *one == item).unwrap_or_else(|| {
        known.push(item);
        known.len() - 1
    })
}
