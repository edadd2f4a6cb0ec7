//! The `gdtrace` command: hands the arguments to the library and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    gdtrace::cli::main(std::env::args_os())
}
