//! Optimizers as data: a definition in TOML, the registry of the built-in ones, and stamping a
//! definition out for every weight of a model.

mod definition;
mod interval;
mod registry;
mod schema;
mod stamp;
mod training;
mod variant;

pub use definition::{ColumnDefinition, Definition, Hyperparameter, Suspicion};
pub use interval::Interval;
pub use registry::{Registry, find, registry};
pub use stamp::{Setup, sheet, stamp};
pub use training::{Batch, Schedule, Training};

#[cfg(test)]
mod tests;
