//! One epoch of Adam, as a library call: reads a workbook and prints the weights after every step.
//!
//! ```text
//! cargo run --example first_epoch -- examples/graddes.xlsx
//! ```

use std::path::Path;

use gdtrace::circuit::Model;
use gdtrace::data::{self, Selection};
use gdtrace::error::Result;
use gdtrace::optimizer::{self, Setup};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{self, Block, Plan, Sink};

/// Prints the new weights of each step.
struct Printer<'a>(&'a Sheet);

impl Sink for Printer<'_> {
    fn block(&mut self, block: &Block) -> Result<()> {
        for row in 0..block.rows() {
            let new = self
                .0
                .weights
                .iter()
                .map(|weight| format!("{} = {}", weight.name, block.columns[weight.next][row]));
            println!("{:4}  {}", block.first_row + row, new.collect::<Vec<_>>().join(", "));
        }
        Ok(())
    }
}

fn main() -> Result<()> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "examples/graddes.xlsx".to_owned());
    let data = data::read(Path::new(&file), &Selection::default())?;
    let start = [1.0, 1.0];
    let adam = optimizer::find("adam")?;
    let sheet = optimizer::sheet(adam, &Model::line()?, &Setup::new(&start, data.samples()))?;
    let outcome = trace::run(&sheet, &data, &Plan::new(1), &mut [&mut Printer(&sheet)])?;
    println!("RMSE over all samples: {}", outcome.epochs[0].rmse);
    Ok(())
}
