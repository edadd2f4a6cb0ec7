//! `--in-place`: the very file gets the sheets, and is kept as it was beside it.

use std::fs;

use crate::added::excel;
use crate::added::program::{files, gdtrace, run};
use crate::added::programs::program;
use crate::added::source::{Source, faults};
use crate::common::books::Folder;

const SHORT: &str = "run a.xlsx --in-place --no-report --optimizers sgd --epochs 1";

/// A folder with a workbook.
fn folder() -> Folder {
    let folder = Folder::new();
    excel::workbook().save(&folder, "a.xlsx");
    folder
}

#[test]
fn the_file_gets_the_sheets_and_is_kept_as_it_was() {
    let folder = folder();
    let before = fs::read(folder.path("a.xlsx")).unwrap();
    let said = gdtrace(&folder, SHORT);
    assert_eq!(said.code, 0, "{said:?}");
    let names: Vec<String> = files(&folder).into_keys().collect();
    assert_eq!(names, ["a.xlsx", "a.xlsx.bak"]);
    assert!(fs::read(folder.path("a.xlsx.bak")).unwrap() == before);
    fs::rename(folder.path("a.xlsx.bak"), folder.path("old.xlsx")).unwrap();
    assert_eq!(faults(&folder.path("old.xlsx"), &folder.path("a.xlsx")), Vec::<String>::new());
}

#[test]
fn it_is_what_a_copy_would_be() {
    let folder = folder();
    run(&folder, "a.xlsx", "");
    run(&folder, "a.xlsx", "--in-place");
    let [copy, place] = ["a.trace.xlsx", "a.xlsx"].map(|name| fs::read(folder.path(name)).unwrap());
    assert!(copy == place);
}

#[test]
fn the_old_file_stays_the_users_until_the_user_changes_the_new_one() {
    let folder = folder();
    let before = fs::read(folder.path("a.xlsx")).unwrap();
    run(&folder, "a.xlsx", "--in-place");
    let once = fs::read(folder.path("a.xlsx")).unwrap();
    run(&folder, "a.xlsx", "--in-place");
    assert!(fs::read(folder.path("a.xlsx")).unwrap() == once);
    assert!(fs::read(folder.path("a.xlsx.bak")).unwrap() == before, "the user's own is kept");
    // A change by hand, and what is kept is that.
    let mut source = Source::read(&folder.path("a.xlsx"));
    source.change("xl/worksheets/sheet1.xml", "<v>14</v>", "<v>15</v>");
    source.save(&folder, "a.xlsx");
    let changed = fs::read(folder.path("a.xlsx")).unwrap();
    run(&folder, "a.xlsx", "--in-place");
    assert!(fs::read(folder.path("a.xlsx.bak")).unwrap() == changed);
}

#[test]
fn macros_stay_where_they_are() {
    let folder = Folder::new();
    let source = excel::with_macros();
    source.save(&folder, "a.xlsm");
    run(&folder, "a.xlsm", "--in-place");
    let after = Source::read(&folder.path("a.xlsm"));
    for part in ["xl/vbaProject.bin", "xl/vbaProjectSignature.bin", "xl/_rels/vbaProject.bin.rels"]
    {
        assert!(after.bytes(part) == source.bytes(part), "{part}");
    }
}

#[test]
fn a_file_that_is_open_elsewhere_is_left_alone() {
    for (program, lock) in [("Excel", "~$a.xlsx"), ("LibreOffice", ".~lock.a.xlsx#")] {
        let folder = folder();
        folder.file(lock, "someone");
        let before = files(&folder);
        let said = gdtrace(&folder, SHORT);
        assert_eq!(said.code, 2);
        assert_eq!(files(&folder), before, "{program}");
        let place = folder.path("a.xlsx").canonicalize().unwrap();
        let expected = format!(
            "error: {program} has the file open, and would not see the new sheets\n  --> a.xlsx\n  help: close it \
             there first; if it is not open any more, delete {}\n",
            place.with_file_name(lock).display()
        );
        assert_eq!(said.stderr, expected);
        // A copy is no change of the file.
        run(&folder, "a.xlsx", "");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_only_be_read_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    fs::set_permissions(folder.path("a.xlsx"), fs::Permissions::from_mode(0o444)).unwrap();
    let before = files(&folder);
    let said = gdtrace(&folder, SHORT);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.stderr,
        "error: the file may only be read, so no sheets can be added to it\n  --> a.xlsx\n  help: allow writing to \
         it, or leave out --in-place\n"
    );
    assert_eq!(files(&folder), before);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    fs::create_dir(folder.path("far")).unwrap();
    fs::rename(folder.path("a.xlsx"), folder.path("far/b.xlsx")).unwrap();
    fs::set_permissions(folder.path("far/b.xlsx"), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("far/b.xlsx", folder.path("a.xlsx")).unwrap();
    run(&folder, "a.xlsx", "--in-place");
    assert!(folder.path("a.xlsx").is_symlink());
    assert!(Source::read(&folder.path("far/b.xlsx")).sheets().contains(&"sgd".to_owned()));
    for name in ["far/b.xlsx", "far/b.xlsx.bak"] {
        let mode = fs::metadata(folder.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "{name}");
    }
}

#[test]
fn options_that_contradict_it_are_refused() {
    let folder = folder();
    for other in ["--separate", "-o b.xlsx"] {
        let said = gdtrace(&folder, &format!("{SHORT} {other}"));
        assert_eq!(said.code, 2);
        assert!(said.stderr.contains("--in-place"), "{said:?}");
        assert!(said.stderr.contains("cannot be used with"), "{said:?}");
    }
    let said = gdtrace(&folder, "run - --in-place --optimizers sgd");
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn the_page_stands_beside_and_says_where_the_workbook_is() {
    let folder = Folder::new();
    program("libreoffice.xlsx").save(&folder, "a.xlsx");
    let said = gdtrace(&folder, "run a.xlsx --in-place --optimizers sgd --epochs 1");
    assert_eq!(said.code, 0, "{said:?}");
    let names: Vec<String> = files(&folder).into_keys().collect();
    assert_eq!(names, ["a.trace.html", "a.xlsx", "a.xlsx.bak"]);
    assert!(said.stdout.contains("a.xlsx"), "{said:?}");
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let folder = folder();
    // What a run that lives has named is locked.
    let names = [".gdtrace-aB3dE6", ".gdtrace-inuse1", ".gdtrace-notes.txt"];
    let files = names.map(|name| fs::File::open(folder.file(name, "half")).unwrap());
    files[1].lock().unwrap();
    run(&folder, "a.xlsx", "--in-place");
    let left: Vec<String> = self::files(&folder).into_keys().collect();
    assert_eq!(left, [names[1], names[2], "a.xlsx", "a.xlsx.bak"]);
    drop(files);
    run(&folder, "a.xlsx", "--in-place");
    let left: Vec<String> = self::files(&folder).into_keys().collect();
    assert_eq!(left, [names[2], "a.xlsx", "a.xlsx.bak"]);
}

#[cfg(unix)]
#[test]
fn a_run_killed_at_any_of_fifty_moments_leaves_the_old_file_or_the_new_one() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let command = |folder: &Folder| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gdtrace"));
        let words = "run a.xlsx --in-place --no-report --optimizers sgd --epochs 400";
        command.current_dir(folder.path(".")).args(words.split(' '));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let whole = folder();
    let old = fs::read(whole.path("a.xlsx")).unwrap();
    let began = Instant::now();
    assert!(command(&whole).status().unwrap().success());
    let long = began.elapsed();
    let new = fs::read(whole.path("a.xlsx")).unwrap();
    let mut ended = 0;
    for moment in 1..=50 {
        let folder = folder();
        let mut child = command(&folder).spawn().unwrap();
        std::thread::sleep(long * moment / 48 + Duration::from_micros(u64::from(moment * 37 % 50)));
        let _ = child.kill();
        child.wait().unwrap();
        let left = files(&folder);
        let now = &left["a.xlsx"];
        assert!(
            *now == old || *now == new,
            "moment {moment}: neither the old file nor the new one"
        );
        ended += u32::from(*now == new);
        // The old one is kept before the new one comes, whole.
        match left.get("a.xlsx.bak") {
            Some(kept) => assert!(*kept == old, "moment {moment}"),
            None => assert!(*now == old, "moment {moment}: the old file is lost"),
        }
        // What it had just named is gone after the next run at the latest.
        let is_others = |name: &&String| !name.starts_with("a.xlsx");
        if left.keys().any(|name| is_others(&name)) {
            assert!(command(&folder).status().unwrap().success());
            let left = files(&folder);
            let names: Vec<&String> = left.keys().filter(is_others).collect();
            assert_eq!(names, Vec::<&String>::new(), "moment {moment}");
        }
    }
    assert!(ended < 50, "no run was killed before its end");
}
