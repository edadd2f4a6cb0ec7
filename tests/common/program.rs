//! Running the program, and the files that it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use assert_cmd::Command;
use assert_cmd::assert::Assert;

use super::book::Book;
use super::books::Folder;

/// What `gdtrace run graddes.xlsx --json` printed and wrote.
pub static WALKTHROUGH: LazyLock<Finished> = LazyLock::new(|| Finished::of("--json"));

/// The same in a workbook of its own, with a copy of the data.
pub static SEPARATE: LazyLock<Finished> = LazyLock::new(|| Finished::of("--separate --json"));

/// A run of the walkthrough that has ended well.
pub struct Finished {
    pub folder: Folder,
    pub stdout: String,
    pub stderr: String,
    pub book: Book,
}

impl Finished {
    /// Runs the walkthrough with `options`, words between blanks.
    pub fn of(options: &str) -> Finished {
        let folder = walkthrough();
        let output = run(&folder, options).success().get_output().clone();
        let book = Book::open(&folder.path("graddes.trace.xlsx"));
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        Finished { folder, stdout, stderr, book }
    }
}

/// A folder with the walkthrough's workbook.
pub fn walkthrough() -> Folder {
    let folder = Folder::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
    folder.file("graddes.xlsx", fs::read(example).unwrap());
    folder
}

/// Runs `gdtrace run graddes.xlsx --no-report` with `options`, words between blanks.
pub fn run(folder: &Folder, options: &str) -> Assert {
    let words: Vec<&str> = ["run", "graddes.xlsx", "--no-report"]
        .into_iter()
        .chain(options.split_whitespace())
        .collect();
    gdtrace(folder, &words)
}

/// Runs the program in `folder`.
pub fn gdtrace(folder: &Folder, arguments: &[&str]) -> Assert {
    Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder.path("."))
        .args(arguments)
        .assert()
}

/// What the program printed in `folder`, its errors, its exit code.
pub fn said(folder: &Folder, arguments: &[&str]) -> (String, String, i32) {
    let output = gdtrace(folder, arguments).get_output().clone();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// Every file in `folder` with its content.
pub fn files(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder.path(".")).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// The names of the files in `folder`, sorted.
pub fn names(folder: &Folder) -> Vec<String> {
    files(folder).into_keys().collect()
}

/// gdtrace as a terminal starts it: Ctrl-C stops it, also where what runs the tests is told to ignore that, as shells
/// tell what they run in the background.
#[cfg(unix)]
pub fn at_a_terminal() -> std::process::Command {
    use std::process::{Command, Stdio};
    const LISTENING: &str = "--default-signal=INT";
    let program = env!("CARGO_BIN_EXE_gdtrace");
    let mut known = Command::new("env");
    known.args([LISTENING, "true"]).stderr(Stdio::null());
    if !known.status().is_ok_and(|status| status.success()) {
        return Command::new(program);
    }
    let mut command = Command::new("env");
    command.args([LISTENING, program]);
    command
}
