//! Optimizers as data: a definition in TOML, the registry of the built-in ones, and stamping a
//! definition out for every weight of a model.

mod decay;
mod definition;
mod dialect;
mod interval;
mod library;
mod record;
mod registry;
mod same;
mod schema;
mod stamp;
mod training;
mod translation;
mod translations;
mod variant;
mod written;

pub use decay::{Decay, decay_forms};
pub use definition::{ColumnDefinition, Definition, Hyperparameter, Suspicion};
pub(crate) use dialect::dialect;
pub use dialect::{Dialect, ErrorFigure, Form, Manner, Measure};
pub use interval::Interval;
pub use library::{Library, Product};
pub use record::{Record, SheetRecord};
pub(crate) use record::{pieces, text_of_pieces};
pub use registry::{Registry, find, registry};
pub(crate) use stamp::started_state;
pub use stamp::{Setup, State, sheet, stamp};
pub use training::{Batch, HandOver, Schedule, Training};
pub(crate) use training::{OWN_DECAY, SCHEDULED};
pub use translation::{Agreement, Translation, Way};

#[cfg(test)]
mod tests;
