//! gdtrace shows every number that gradient descent computes.
#![forbid(unsafe_code)]

pub mod cli;
pub mod data;
pub mod error;
pub mod export;
