//! The writers: one output a file. No writer computes a value.

pub(crate) mod fingerprint;
pub mod output;
