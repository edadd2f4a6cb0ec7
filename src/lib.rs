//! gdtrace shows every number that gradient descent computes.
#![forbid(unsafe_code)]

pub mod circuit;
pub mod cli;
pub mod data;
pub mod error;
pub mod export;
pub mod formula;
pub mod optimizer;
pub mod sheet;
pub mod trace;
pub mod value;
