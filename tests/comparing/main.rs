//! What `gdtrace compare` says of sheets and logs that others made.

#[path = "../common/mod.rs"]
mod common;

mod against;
mod compare;
mod compare_output;
mod compare_reading;
mod graph;
mod log_changes;
mod logs;
mod mutations;
mod plain_logs;
mod rows;
mod trainings;
mod trainings_output;
mod walkthrough;
mod wild;
