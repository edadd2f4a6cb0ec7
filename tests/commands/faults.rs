//! What befalls a run: a disk without room, no folder for temporary files, a kill at any moment, another run
//! with the same output. The output is the old file or the new one, whole, and nothing else is left.
#![cfg(unix)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::common::books::Folder;
use super::common::program::{names, walkthrough};

const RUN: [&str; 6] = ["run", "graddes.xlsx", "--no-report", "--force", "-q", "--epochs"];

fn command(folder: &Folder, epochs: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gdtrace"));
    command.current_dir(folder.path(".")).args(RUN).arg(epochs);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// What a run of so many epochs writes.
fn written(folder: &Folder, epochs: &str) -> Vec<u8> {
    assert!(command(folder, epochs).status().unwrap().success());
    fs::read(folder.path("graddes.trace.xlsx")).unwrap()
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = walkthrough();
    let old = written(&folder, "1");
    let mut told = Vec::new();
    // In blocks of 512 bytes, or of 1024: from nothing to all but what is needed.
    for blocks in [0, 1, 3, 10, 30, 60, 90] {
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let output = Command::new("sh")
            .args(["-c", &limit, env!("CARGO_BIN_EXE_gdtrace")])
            .args(RUN)
            .arg("60")
            .current_dir(folder.path("."))
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        // A file for what is said would be as limited.
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{blocks} blocks: {said}");
        assert_eq!(said.matches("error: ").count(), 1, "{blocks} blocks: {said}");
        assert!(said.starts_with("error: cannot write "), "{blocks} blocks: {said}");
        assert!(!said.contains("panicked"), "{blocks} blocks: {said}");
        assert!(fs::read(folder.path("graddes.trace.xlsx")).unwrap() == old, "{blocks} blocks");
        assert_eq!(names(&folder), ["graddes.trace.xlsx", "graddes.xlsx"], "{blocks} blocks");
        told.push(said);
    }
    let of = |what: &str| told.iter().any(|said| said.contains(what));
    assert!(of("its temporary files have no room\n"), "{told:?}");
    assert!(of("help: free some room there, or set TMPDIR to a folder that has it\n"), "{told:?}");
    assert!(of("File too large (os error 27)\n  --> graddes.trace.xlsx\n"), "{told:?}");
}

#[test]
fn a_folder_for_temporary_files_that_is_not_there_is_told() {
    let folder = walkthrough();
    let output =
        command(&folder, "1").env("TMPDIR", "/not/there").stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: cannot write a temporary file: "), "{said}");
    assert!(
        said.ends_with(
            "\n  --> /not/there\n  help: set TMPDIR to a folder that can be written to\n"
        ),
        "{said}"
    );
    assert_eq!(names(&folder), ["graddes.xlsx"]);
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_new_one() {
    let folder = walkthrough();
    let (old, new) = (written(&folder, "2"), written(&folder, "40"));
    for moment in 0..40 {
        fs::write(folder.path("graddes.trace.xlsx"), &old).unwrap();
        let mut child = command(&folder, "40").spawn().unwrap();
        std::thread::sleep(Duration::from_millis(12 * moment));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = fs::read(folder.path("graddes.trace.xlsx")).unwrap();
        assert!(found == old || found == new, "killed after {} ms", 12 * moment);
    }
    // A file that a killed run had named, as it stands between two system calls, and one of somebody else.
    folder.file(".gdtrace-abc123", "half");
    folder.file(".gdtrace-notes", "mine");
    assert!(written(&folder, "2") == old);
    assert_eq!(names(&folder), [".gdtrace-notes", "graddes.trace.xlsx", "graddes.xlsx"]);
}

#[test]
fn two_runs_with_one_output_leave_that_of_one() {
    let folder = walkthrough();
    let (one, other) = (written(&folder, "3"), written(&folder, "4"));
    for _ in 0..5 {
        let mut both: Vec<Child> =
            ["3", "4"].iter().map(|epochs| command(&folder, epochs).spawn().unwrap()).collect();
        let codes: Vec<_> = both.iter_mut().map(|child| child.wait().unwrap().code()).collect();
        assert!(codes.contains(&Some(0)), "{codes:?}");
        let found = fs::read(folder.path("graddes.trace.xlsx")).unwrap();
        assert!(found == one || found == other);
        assert_eq!(names(&folder), ["graddes.trace.xlsx", "graddes.xlsx"]);
    }
}
