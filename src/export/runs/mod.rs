//! The runs of a sweep in a folder, where they survive whatever stops it: a file for each part of the sweep, to which
//! a row is added as soon as a run has ended, and `sweep.json`, which says what sweep it is. A part that has all its
//! runs is sealed: it becomes a Parquet file.
//!
//! A row is written with one call to the system, in the order of the runs. So a part is whole up to its last line
//! end, whatever stopped its writer, and the number of its rows says which run is next. Nothing else has to be
//! remembered, and machines that share the folder need not know of each other.

mod about;
mod folder;
mod gather;
mod line;
mod part;
mod row;
#[cfg(feature = "parquet")]
mod sealed;

pub use about::{About, Told};
pub use folder::{Begin, Folder};
pub use gather::{MOST_SHOWN, gather};
pub use part::PartWriter;
pub use row::Rows;
