//! What a cell is worth to a formula that refers to it.

pub use crate::compare::scalar::{ErrorValue, Scalar};
