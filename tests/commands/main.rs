//! The commands but `compare`, from outside: the built program runs in a folder of its own.

#[path = "../common/mod.rs"]
mod common;

mod any_data;
mod charts;
mod data;
mod derive;
mod explain;
mod faults;
mod formats;
mod guide;
mod hostile;
mod memory;
mod new;
mod optimizers_command;
mod output;
mod quiz;
mod report;
mod run;
mod scripts;
mod shell;
mod streamed;
mod sweep;
mod yourself;
