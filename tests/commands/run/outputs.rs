//! Nothing lost: the same bytes, only own outputs replaced, and nothing left by a killed run.

use std::fs;
use std::path::Path;

use crate::common::book::{Book, edit_parts};
use crate::common::program::{WALKTHROUGH, files, gdtrace, names, run, walkthrough};

#[test]
fn the_same_run_gives_the_same_bytes() {
    let bytes = |options: &str| {
        let folder = walkthrough();
        run(&folder, options).success();
        fs::read(folder.path("graddes.trace.xlsx")).unwrap()
    };
    let first = fs::read(WALKTHROUGH.folder.path("graddes.trace.xlsx")).unwrap();
    assert!(bytes("") == first, "a second run in another folder differs");
    let random = "--epochs 2 --init random --seed 5";
    assert!(bytes(random) == bytes(random), "a second random run differs");
    assert!(bytes(random) != bytes("--epochs 2 --init random --seed 6"));
}

#[test]
fn a_rerun_replaces_its_own_output_without_being_forced() {
    let folder = walkthrough();
    let input = fs::read(folder.path("graddes.xlsx")).unwrap();
    run(&folder, "--epochs 1").success();
    let first = files(&folder);
    run(&folder, "--epochs 1").success();
    assert!(files(&folder) == first);
    run(&folder, "--epochs 2 --optimizers sgd").success();
    assert_eq!(
        Book::open(&folder.path("graddes.trace.xlsx")).names()[2..],
        ["sgd", "epochs", "circuit", "curvature"]
    );
    assert_eq!(names(&folder), ["graddes.trace.xlsx", "graddes.xlsx"]);
    assert!(fs::read(folder.path("graddes.xlsx")).unwrap() == input);
}

#[test]
fn the_output_stands_beside_the_input_or_where_it_was_asked_for() {
    let folder = walkthrough();
    fs::create_dir(folder.path("sub")).unwrap();
    fs::copy(folder.path("graddes.xlsx"), folder.path("sub/book.xlsm")).unwrap();
    gdtrace(&folder, &["run", "sub/book.xlsm", "--no-report", "--epochs", "1"]).success();
    assert_eq!(Book::open(&folder.path("sub/book.trace.xlsx")).names().len(), 9);
    run(&folder, "--epochs 1 -o sub/OTHER.XLSX").success();
    assert_eq!(Book::open(&folder.path("sub/OTHER.XLSX")).names().len(), 9);
}

#[test]
fn force_replaces_an_edited_output() {
    let folder = walkthrough();
    let path = folder.path("graddes.trace.xlsx");
    run(&folder, "--epochs 1").success();
    let whole = fs::read(&path).unwrap();
    edit_parts(&path, |_, text| text.replace("<v>0.0001</v>", "<v>0.0002</v>"));
    assert!(fs::read(&path).unwrap() != whole);
    run(&folder, "--epochs 1").code(2);
    run(&folder, "--epochs 1 --force").success();
    assert!(fs::read(&path).unwrap() == whole);
}

#[test]
fn a_trace_workbook_is_an_input_like_any_other() {
    let folder = walkthrough();
    run(&folder, "--epochs 1").success();
    gdtrace(&folder, &["run", "graddes.trace.xlsx", "--no-report", "--epochs", "1"]).success();
    let [first, second] = ["graddes.trace.xlsx", "graddes.trace.trace.xlsx"]
        .map(|name| Book::open(&folder.path(name)).sheet("adam").cells.clone());
    assert_eq!(first, second);
}

#[cfg(unix)]
mod killed {
    use super::*;
    use crate::common::program::at_a_terminal;
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    /// As many epochs as fit a sheet: minutes of work.
    const LONG: &str = "36000";

    /// Starts a long run in `folder`, with its temporary files in `temporary`.
    fn start(folder: &Path, temporary: &Path) -> Child {
        at_a_terminal()
            .current_dir(folder)
            .args(["run", "graddes.xlsx", "--epochs", LONG])
            .env("TMPDIR", temporary)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The status of a process that has to end within some seconds, and what it said.
    fn end(mut child: Child) -> (ExitStatus, String) {
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            if let Some(status) = child.try_wait().unwrap() {
                let said = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
                return (status, said);
            }
            sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        panic!("the process did not end: {:?}", child.wait().unwrap());
    }

    /// Kills a long run after `delay` and checks what is left, beside an older output and without.
    fn check(signal: &str, number: i32, delay: u64) {
        use std::os::unix::process::ExitStatusExt;
        for has_output in [false, true] {
            let (folder, temporary) = (walkthrough(), tempfile::TempDir::new().unwrap());
            if has_output {
                run(&folder, "--epochs 1").success();
            }
            let before = files(&folder);
            let mut child = start(&folder.path("."), temporary.path());
            sleep(Duration::from_millis(delay));
            assert_eq!(child.try_wait().unwrap(), None, "the run ended before it was killed");
            let id = child.id().to_string();
            assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
            let (status, said) = end(child);
            assert_eq!(status.signal(), Some(number), "{signal}");
            let told = if number == 9 { "" } else { "\nstopped: no file was written or changed\n" };
            assert_eq!(said, told, "{signal}");
            assert!(files(&folder) == before, "{signal} after {delay} ms: {:?}", names(&folder));
            let left = fs::read_dir(temporary.path()).unwrap().count();
            assert_eq!(left, 0, "{signal} after {delay} ms left temporary files");
        }
    }

    #[test]
    fn a_run_killed_at_any_time_leaves_everything_as_it_was() {
        for delay in [50, 400, 2000] {
            check("-KILL", 9, delay);
        }
    }

    #[test]
    fn a_run_interrupted_at_the_keyboard_leaves_everything_as_it_was() {
        check("-INT", 2, 400);
    }

    #[test]
    fn a_run_that_is_told_to_end_leaves_everything_as_it_was() {
        check("-TERM", 15, 400);
    }
}
