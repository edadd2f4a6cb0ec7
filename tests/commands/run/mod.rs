//! The contract of `gdtrace run`, from outside: the built program runs in a folder of its own, and
//! what it wrote is read by calamine, or as XML where calamine hides what matters.

mod references;
mod trace;
mod training;

mod circuit;
mod config;
mod console;
mod curvature;
mod data;
mod dialect;
mod divergence;
mod errors;
mod fit;
mod formulas;
mod golden;
mod models;
mod optimizers;
mod outputs;
mod report;
mod settings;
mod sheets;
mod summaries;
mod until;
