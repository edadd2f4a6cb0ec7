//! `gdtrace new`: a workbook with data of a known line, to try things on.

use crate::error::Result;

/// Make a workbook with data of y = slope * x + intercept.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> Result<()> {
    Ok(())
}
