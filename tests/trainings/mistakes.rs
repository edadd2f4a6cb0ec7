//! Mistakes that people make.
