//! The sheets of a run within the user's own workbook: what they are called, where they find the
//! samples, and that nothing refers to a sheet that is not there or not meant.

mod assembled;

mod names;
mod places;
mod reasons;
