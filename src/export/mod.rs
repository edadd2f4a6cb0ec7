//! The writers: one output a file. No writer computes a value.
