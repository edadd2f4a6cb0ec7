//! How a reader checks a run without this program: by a library that has the optimizer, and by
//! NumPy from the formulas alone.

mod library;
mod names;
mod numpy;
mod samples;

use serde::Serialize;

use super::key::key;
use super::markup::{Markup, anchor};
use crate::export::xlsx::Addresses;
use crate::trace::{Results, Run};
use samples::Samples;

/// The programs for one optimizer.
#[derive(Debug, Serialize)]
pub struct Check {
    /// Its name in addresses.
    anchor: String,
    /// The optimizer's section, where its formulas stand.
    section: String,
    key: Markup,
    title: String,
    /// The library that has it in this form.
    library: Option<Program>,
    /// Why there is none.
    reason: String,
    numpy: Program,
    /// What each program prints, the first and the last epoch of those that have numbers.
    expected: String,
    /// What more there is to say of what is printed.
    remark: String,
}

/// A program.
#[derive(Debug, Serialize)]
struct Program {
    /// What it runs on: PyTorch, NumPy.
    with: &'static str,
    /// What must be installed.
    needs: String,
    code: String,
}

impl Check {
    /// The programs for the run with the given index; `workbook` is what long data are read from,
    /// its name and its sheets.
    pub fn new(results: &Results, index: usize, workbook: (&str, &Addresses)) -> Self {
        let run = &results.runs[index];
        let samples = Samples::new(results, workbook);
        let further = if samples.reads_workbook() { " openpyxl" } else { "" };
        let program = |with, packages: &str, code| Program {
            with,
            needs: format!("pip install {packages}{further}"),
            code,
        };
        let (library, reason) = match library::program(run, samples) {
            Ok((product, code)) => {
                let packages = match product.title() {
                    "PyTorch" => "torch numpy",
                    "Keras" => "keras jax",
                    _ => "optax jax",
                };
                (Some(program(product.title(), packages, code)), String::new())
            }
            Err(reason) => (None, reason),
        };
        let (expected, remark) = expected(run);
        Check {
            anchor: anchor("yourself", &run.sheet.name, index),
            section: anchor("optimizer", &run.sheet.name, index),
            key: key(index),
            title: results.title(index),
            library,
            reason,
            numpy: program("NumPy", "numpy", numpy::program(run, samples)),
            expected,
            remark,
        }
    }

    /// Whether the programs read the workbook.
    pub fn reads_workbook(results: &Results, addresses: &Addresses) -> bool {
        Samples::new(results, ("", addresses)).reads_workbook()
    }
}

/// The first and the last line that a program prints, and what to say beside them.
fn expected(run: &Run) -> (String, String) {
    let epochs = run.outcome.epochs.iter();
    let lines: Vec<String> =
        epochs.map_while(|epoch| names::line(epoch.epoch, &epoch.weights)).collect();
    let remark = match lines.len() < run.epochs() {
        true => "From the next epoch on the workbook has error values, and the programs print inf \
                 or nan or go on with what these make."
            .to_owned(),
        false => String::new(),
    };
    let text = match &lines[..] {
        [] => String::new(),
        [only] => only.clone(),
        [first, last] => format!("{first}\n{last}"),
        [first, .., last] => format!("{first}\n…\n{last}"),
    };
    (text, remark)
}
