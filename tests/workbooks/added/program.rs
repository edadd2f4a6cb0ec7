//! Running the program on workbooks, and what it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

use crate::added::source::{Source, faults};
use crate::common::books::Folder;
use crate::common::package;

/// What the program said.
#[derive(Debug)]
pub struct Said {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// Runs the program in `folder`; words between blanks.
pub fn gdtrace(folder: &Folder, arguments: &str) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder.path("."))
        .args(arguments.split_whitespace())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("an exit code");
    Said { stdout: text(output.stdout), stderr: text(output.stderr), code }
}

/// A short run over the workbook called `name`, of sgd where `options` name no optimizers, which ends
/// well; what it said on stderr.
pub fn run(folder: &Folder, name: &str, options: &str) -> String {
    let usual = if options.contains("--optimizers") { "" } else { "--optimizers sgd" };
    let said = gdtrace(folder, &format!("run {name} --no-report --epochs 1 {usual} {options}"));
    assert_eq!(said.code, 0, "{name} {options}: {said:?}");
    said.stderr
}

/// A run over `source`, which is saved as `name`; the workbooks before and after.
pub fn added(folder: &Folder, source: &Source, name: &str) -> (PathBuf, PathBuf) {
    let old = source.save(folder, name);
    let said = run(folder, name, "");
    assert!(!said.contains("workbook of its own"), "{said}");
    let extension = old.extension().unwrap().to_str().unwrap();
    let new = old.with_extension(format!("trace.{extension}"));
    assert!(new.exists(), "{said}");
    (old, new)
}

/// Runs over `source` in a folder of its own, as [`sound_in`] does.
pub fn sound(source: &Source) -> Source {
    sound_in(&Folder::new(), source)
}

/// Runs over `source` in `folder`, checks the copy, and that a second run gives it again; the copy.
pub fn sound_in(folder: &Folder, source: &Source) -> Source {
    let (old, new) = added(folder, source, "a.xlsx");
    assert_eq!(faults(&old, &new), Vec::<String>::new());
    assert_eq!(package::check(&new), Vec::<String>::new());
    let once = std::fs::read(&new).unwrap();
    run(folder, "a.trace.xlsx", "--in-place");
    assert!(std::fs::read(&new).unwrap() == once, "a second run differs");
    Source::read(&new)
}

/// The names of the files in `folder` with what they hold.
pub fn files(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder.path(".")).unwrap().map(|entry| entry.unwrap());
    let file = |path: &Path| std::fs::read(path).unwrap();
    entries.map(|one| (one.file_name().into_string().unwrap(), file(&one.path()))).collect()
}
