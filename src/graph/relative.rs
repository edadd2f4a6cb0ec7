//! References in terms that do not change when a formula is filled.

pub use crate::compare::reference::{Axis, CellReference};
