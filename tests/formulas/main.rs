//! The layers under a run, each held to numbers that gdtrace did not make: formulas, models, optimizers, ways to train.

#[path = "../common/mod.rs"]
mod common;

mod derivative;
mod engine;
mod formula;
mod fuzz_parse;
mod models;
mod optimizers;
mod training;
mod translations;
