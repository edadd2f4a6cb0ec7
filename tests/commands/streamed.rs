//! Sweeps whose runs are kept in a folder: what survives when they are stopped, parts that are run by themselves,
//! and the workbook that is made of them, which is that of a sweep in one go.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::book::Book;
use crate::common::books::Folder;
use crate::common::program::{at_a_terminal, said, walkthrough};
use serde_json::Value;

/// Enough runs to be stopped in their midst.
const LONG: &str = "--optimizers sgd,adam --vary lr=1e-5..1:250 --vary l2=0,1 --epochs 6";

/// Few of them.
const SHORT: &str = "--optimizers sgd,adam --vary lr=1e-5..1:5 --vary l2=0,1 --epochs 2";

fn sweep(folder: &Folder, options: &str) -> (String, String, i32) {
    let words: Vec<&str> =
        ["sweep", "graddes.xlsx"].into_iter().chain(options.split_whitespace()).collect();
    said(folder, &words)
}

/// The same, which has to work; what it printed.
fn swept(folder: &Folder, options: &str) -> String {
    let (printed, errors, code) = sweep(folder, options);
    assert_eq!(code, 0, "{options}: {errors}");
    printed
}

fn gathered(folder: &Folder, options: &str) -> String {
    let words: Vec<&str> =
        "sweep --gather runs".split(' ').chain(options.split_whitespace()).collect();
    let (printed, errors, code) = said(folder, &words);
    assert_eq!(code, 0, "{errors}");
    printed
}

/// What the files of the runs hold, by their names.
fn parts(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder.path("runs")).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let parts = entries.filter(|path| name(path).starts_with("part-"));
    parts.map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

/// The rows of a part with the names of its columns as the first, by readers that we did not write.
fn table(path: &Path) -> Vec<Vec<String>> {
    #[cfg(feature = "parquet")]
    if path.extension().is_some_and(|end| end == "parquet") {
        use parquet::file::reader::{FileReader, SerializedFileReader};
        use parquet::record::Field;
        let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr();
        let heads = schema.columns().iter().map(|column| column.name().to_owned()).collect();
        let text = |field: &Field| match field {
            Field::Str(text) => text.clone(),
            Field::Long(count) => count.to_string(),
            Field::ULong(seed) => seed.to_string(),
            Field::Double(number) => number.to_string(),
            Field::Null => String::new(),
            other => panic!("{other:?}"),
        };
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
        let rows = rows.map(|row| row.get_column_iter().map(|(_, field)| text(field)).collect());
        return std::iter::once(heads).chain(rows).collect();
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    let records = reader.records().map(Result::unwrap);
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

/// A part as it is while runs are missing: as text.
fn unsealed(folder: &Folder, name: &str) -> PathBuf {
    let (text, sealed) = (format!("runs/{name}.csv"), format!("runs/{name}.parquet"));
    let (text, sealed) = (folder.path(&text), folder.path(&sealed));
    if sealed.exists() {
        let ends = csv::Terminator::CRLF;
        let mut writer = csv::WriterBuilder::new().terminator(ends).from_path(&text).unwrap();
        table(&sealed).iter().for_each(|row| writer.write_record(row).unwrap());
        fs::remove_file(sealed).unwrap();
    }
    text
}

/// What is in the folder, folders too.
fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path(".")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The rows of all parts, in the order of the runs.
fn rows(folder: &Folder) -> Vec<Vec<String>> {
    let parts = parts(folder).into_keys().map(|name| folder.path(&format!("runs/{name}")));
    let mut rows: Vec<_> = parts.flat_map(|path| table(&path).split_off(1)).collect();
    rows.sort_by_key(|row| row[0].parse::<usize>().unwrap());
    rows
}

/// A folder in which the sweep was made in one go: its workbook, page, and rows.
fn in_one_go(options: &str) -> (Folder, Vec<u8>, Vec<u8>) {
    let folder = walkthrough();
    swept(&folder, &format!("{options} --runs runs -o all.xlsx"));
    let read = |name: &str| fs::read(folder.path(name)).unwrap();
    let (book, page) = (read("all.xlsx"), read("all.html"));
    (folder, book, page)
}

/// Begins a sweep, and waits until it has kept some runs.
fn begun(folder: &Folder, options: &str) -> Child {
    let words = options.split_whitespace();
    let child = at_a_terminal()
        .args(["sweep", "graddes.xlsx"])
        .args(words)
        .current_dir(folder.path("."))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let part = folder.path("runs/part-1-of-1.csv");
    while fs::read_to_string(&part).map_or(0, |text| text.lines().count()) < 20 {
        assert!(began.elapsed() < Duration::from_secs(60), "no runs are kept");
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

#[test]
fn what_was_run_survives_a_kill_and_the_rest_follows() {
    let (whole, book, page) = in_one_go(LONG);
    let folder = walkthrough();
    let options = format!("{LONG} --runs runs -o all.xlsx");
    let mut child = begun(&folder, &options);
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = rows(&folder).len();
    assert!((19..1000).contains(&kept), "{kept}");
    assert_eq!(names(&folder), ["graddes.xlsx", "runs"], "no workbook of some of the runs");
    // Without a word, what is there is neither lost nor taken for the whole.
    let (_, errors, code) = sweep(&folder, &options);
    let expected = "error: there are runs of this sweep already\n  --> runs/part-1-of-1.csv\n  help: --resume goes on";
    assert!(errors.contains(expected) && code == 2, "{errors}");
    let (_, errors, code) = said(&folder, &["sweep", "--gather", "runs"]);
    assert!(errors.contains(" of 1000 runs are missing\n  --> runs\n") && code == 2, "{errors}");
    // A line that was being written when the power went.
    let part = folder.path("runs/part-1-of-1.csv");
    let whole_lines = fs::read_to_string(&part).unwrap();
    let whole_lines = &whole_lines[..whole_lines.rfind('\n').unwrap() + 1];
    fs::write(&part, whole_lines).unwrap();
    let kept = whole_lines.lines().count() - 1;
    let mut file = fs::File::options().append(true).open(&part).unwrap();
    write!(file, "{},sgd,0.00", kept + 1).unwrap();
    let (_, notes, code) = sweep(&folder, &format!("{options} --resume"));
    assert!(notes.contains(&format!("note: {kept} of 1000 runs are there already\n")), "{notes}");
    assert_eq!(code, 0, "{notes}");
    assert_eq!(parts(&folder), parts(&whole));
    assert!(fs::read(folder.path("all.xlsx")).unwrap() == book, "the same workbook");
    assert!(fs::read(folder.path("all.html")).unwrap() == page, "the same page");
    // What is whole is not run again, and no more is left of it.
    let sealed = folder.path(&format!("runs/{}", parts(&folder).keys().next().unwrap()));
    assert_eq!(
        sealed.extension().unwrap(),
        if cfg!(feature = "parquet") { "parquet" } else { "csv" }
    );
    let before = fs::metadata(&sealed).unwrap().modified().unwrap();
    swept(&folder, &format!("{options} --resume"));
    assert_eq!(fs::metadata(&sealed).unwrap().modified().unwrap(), before);
    assert_eq!(parts(&folder), parts(&whole));
}

#[cfg(unix)]
#[test]
fn a_stop_says_what_was_kept() {
    for signal in ["-INT", "-TERM"] {
        let folder = walkthrough();
        let options = format!("{LONG} --runs runs -o all.xlsx");
        let child = begun(&folder, &options);
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let kept = rows(&folder).len();
        let told = format!(
            "stopped: {kept} of 1000 runs are kept in runs; the same command with --resume goes on\n"
        );
        assert!(errors.ends_with(&told), "{errors}");
        assert_eq!(output.status.code(), Some(130));
        assert_eq!(names(&folder), ["graddes.xlsx", "runs"]);
        assert!(parts(&folder)["part-1-of-1.csv"].ends_with(b"\r\n"), "no torn line");
    }
}

#[cfg(unix)]
#[test]
fn a_sweep_that_keeps_nothing_says_so_when_it_is_stopped() {
    let folder = walkthrough();
    let mut child = at_a_terminal()
        .args(["sweep", "graddes.xlsx", "--vary", "lr=1e-5..1:2000"])
        .current_dir(folder.path("."))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The note comes before the first run.
    let mut first = [0; 5];
    std::io::Read::read_exact(child.stderr.as_mut().unwrap(), &mut first).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("stopped: nothing was kept; add --runs FOLDER"), "{errors}");
    assert_eq!(
        (output.status.code(), names(&folder)),
        (Some(130), vec!["graddes.xlsx".to_owned()])
    );
}

#[test]
fn parts_that_are_run_by_themselves_are_the_whole() {
    // Once with a threshold that is known before, once with one that depends on all runs.
    for more in ["", "--model a*x --init 1"] {
        let options = format!("{SHORT} {more}");
        let (whole, book, page) = in_one_go(&options);
        for (parts_count, threads) in [(3, 1), (7, 4)] {
            let folder = walkthrough();
            for number in (1..=parts_count).rev() {
                let part = format!("{options} --shard {number}/{parts_count} --threads {threads}");
                let printed = swept(&folder, &format!("{part} --runs runs"));
                assert!(printed.contains("gdtrace sweep --gather runs"), "{printed}");
            }
            assert_eq!(parts(&folder).len(), parts_count);
            assert_eq!(rows(&folder), rows(&whole));
            gathered(&folder, "-o all.xlsx");
            assert!(fs::read(folder.path("all.xlsx")).unwrap() == book, "the same workbook");
            assert!(fs::read(folder.path("all.html")).unwrap() == page, "the same page");
        }
    }
}

#[test]
fn parts_that_begin_together_share_the_folder() {
    let (whole, book, _) = in_one_go(SHORT);
    let folder = walkthrough();
    let start = |number: usize| {
        let shard = format!("{number}/6");
        Command::new(env!("CARGO_BIN_EXE_gdtrace"))
            .args(["sweep", "graddes.xlsx", "--runs", "runs", "--resume", "--shard", &shard])
            .args(SHORT.split_whitespace())
            .current_dir(folder.path("."))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    // Each twice, as where a scheduler takes a machine for lost that is not.
    let children: Vec<Child> = (1..=6).chain(1..=6).map(start).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(rows(&folder), rows(&whole));
    gathered(&folder, "-o all.xlsx");
    assert!(fs::read(folder.path("all.xlsx")).unwrap() == book);
}

#[test]
fn a_part_that_is_being_written_is_waited_for() {
    let (whole, ..) = in_one_go(LONG);
    let folder = walkthrough();
    let options = format!("{LONG} --runs runs --no-report -o all.xlsx");
    let mut child = begun(&folder, &options);
    let (_, notes, code) = sweep(&folder, &format!("{options} --resume"));
    assert_eq!(code, 0, "{notes}");
    let waits = "note: waiting for another gdtrace, which writes runs/part-1-of-1.csv\n";
    assert!(notes.contains(waits), "{notes}");
    assert!(notes.contains("note: 1000 of 1000 runs are there already\n"), "{notes}");
    assert!(child.wait().unwrap().success());
    assert_eq!(rows(&folder), rows(&whole));
}

#[test]
fn what_is_kept_is_what_is_printed_to_the_bit() {
    let folder = walkthrough();
    let plain: Value = serde_json::from_str(&swept(&folder, &format!("{SHORT} --json"))).unwrap();
    swept(&folder, &format!("{SHORT} --shard 1/1 --runs runs"));
    let kept: Value = serde_json::from_str(&gathered(&folder, "--json")).unwrap();
    assert_eq!(plain["runs"], kept["runs"]);
    assert_eq!(plain["best"], kept["best"]);
    let part = folder.path(&format!("runs/{}", parts(&folder).keys().next().unwrap()));
    let mut records = table(&part);
    let heads = records.remove(0);
    let expected = "run,optimizer,lr,l2,seed,final a,final b,rmse,loss,best_rmse,best_epoch,epochs,\
                    converged_epoch,converged_step,diverged_at";
    assert_eq!(heads.join(","), expected);
    let runs = plain["runs"].as_array().unwrap();
    assert_eq!(records.len(), runs.len());
    let at = |head: &str| heads.iter().position(|one| one == head).unwrap();
    for (number, (record, run)) in (1..).zip(records.iter().zip(runs)) {
        assert_eq!(record[0], format!("{number}"));
        assert_eq!(record[1], *run["optimizer"].as_str().unwrap());
        for (head, value) in [
            ("lr", &run["hyper"]["lr"]),
            ("l2", &run["hyper"]["l2"]),
            ("final a", &run["final"]["a"]),
            ("final b", &run["final"]["b"]),
            ("rmse", &run["rmse"]),
            ("best_rmse", &run["best_rmse"]),
        ] {
            // An error value is what any program reads as a number.
            match value.as_str() {
                Some(error) => {
                    assert_eq!(record[at(head)], *if error == "#NUM!" { "NaN" } else { "inf" })
                }
                // Reading a number of JSON may be off by its last digit.
                None => {
                    let (kept, value) =
                        (record[at(head)].parse::<f64>().unwrap(), value.as_f64().unwrap());
                    let is_close = (kept - value).abs() <= 4e-16 * value.abs();
                    assert!(is_close, "{head} of run {number}: {record:?} for {value}");
                }
            }
        }
        let step = run["diverged_at"].as_u64().map_or(String::new(), |step| step.to_string());
        assert_eq!(record[at("diverged_at")], step);
    }
}

#[test]
fn a_folder_of_another_sweep_is_left_alone() {
    let folder = walkthrough();
    swept(&folder, &format!("{SHORT} --shard 1/2 --runs runs"));
    let before = parts(&folder);
    let about = fs::read(folder.path("runs/sweep.json")).unwrap();
    for (options, told) in [
        (SHORT.replace("--epochs 2", "--epochs 3"), "its epochs is 2 there, and 3 here"),
        (SHORT.replace("l2=0,1", "l2=0,2"), "its optimizers are others"),
        (SHORT.replace("l2=0,1", "clip=1,2"), "its optimizers are others"),
        (format!("{SHORT} --shuffle --seed 2"), "its seed is 1 there, and 2 here"),
        (format!("{SHORT} --init 2"), "its start are others"),
        (format!("{SHORT} --until rmse<3"), "its formulas or settings are others"),
        (
            format!("{SHORT} --loss absolute"),
            "its loss is \"squared\" there, and \"absolute\" here",
        ),
    ] {
        let (_, errors, code) =
            sweep(&folder, &format!("{options} --shard 2/2 --runs runs --resume"));
        let expected = format!("error: the runs there are those of another sweep: {told}");
        assert!(errors.contains(&expected) && code == 2, "{options}: {errors}");
    }
    for (options, told) in [
        (format!("{SHORT} --shard 2/2 --runs runs -o all.xlsx"), "cannot be used with"),
        (format!("{SHORT} --shard 1/3 --runs runs"), "the sweep was begun in 2 parts"),
        (format!("{SHORT} --runs runs --resume"), "the sweep was begun in 2 parts"),
        (format!("{SHORT} --shard 1/2 --runs runs"), "there are runs of the part 1/2 already"),
        (format!("{SHORT} --shard 3/2 --runs runs"), "the parts of 2 are 1/2 to 2/2"),
        (
            format!("{SHORT} --runs graddes.xlsx"),
            "the runs are written into a folder, and this is none",
        ),
        (format!("{SHORT} --runs ."), "the folder has something else than runs of a sweep"),
        (format!("{SHORT} --runs no/where"), "cannot make the folder for the runs"),
    ] {
        let (_, errors, code) = sweep(&folder, &options);
        assert!(errors.contains(told) && code == 2, "{options}: {errors}");
    }
    assert_eq!(parts(&folder), before, "nothing is changed");
    assert_eq!(fs::read(folder.path("runs/sweep.json")).unwrap(), about);
    let gather = |words: &[&str]| said(&folder, &[&["sweep", "--gather"], words].concat());
    for (words, told) in [
        (&["runs"][..], "10 of 20 runs are missing, in the parts 2/2\n"),
        (
            &["runs", "--epochs", "3"],
            "what was run stands in the folder, and cannot be said anew\n  --> --epochs",
        ),
        (&["."], "there are no runs of a sweep, since there is no sweep.json"),
        (&["elsewhere"], "there are no runs of a sweep, since there is no sweep.json"),
    ] {
        let (_, errors, code) = gather(words);
        assert!(errors.starts_with(&format!("error: {told}")) && code == 2, "{words:?}: {errors}");
    }
    // Other data under the same name.
    let data = "x,y\n1,3\n2,5\n";
    fs::write(folder.path("other.csv"), data).unwrap();
    let (_, errors, code) = gather(&["runs", "other.csv"]);
    assert!(errors.contains("of another sweep: its data are others") && code == 2, "{errors}");
    // A part of which a row is another's, or that is none at all.
    swept(&folder, &format!("{SHORT} --shard 2/2 --runs runs"));
    let part = unsealed(&folder, "part-2-of-2");
    let text = fs::read_to_string(&part).unwrap();
    for (changed, told) in [
        (text.replacen("\r\n4,", "\r\n5,", 1), "line 3 is not the run 4 of this sweep"),
        (text.replacen("\r\n4,sgd,", "\r\n4,adam,", 1), "line 3 is not the run 4 of this sweep"),
        (text.replacen("rmse", "error", 1), "the first line is not that of the runs of this sweep"),
    ] {
        fs::write(&part, changed).unwrap();
        let (_, errors, code) = gather(&["runs"]);
        assert!(
            errors.starts_with(&format!("error: {told}\n  --> runs/part-2")) && code == 2,
            "{errors}"
        );
    }
    // Text of which no run is missing, as a program without Parquet leaves it.
    fs::write(&part, &text).unwrap();
    gathered(&folder, "-o text.xlsx");
    let expected = in_one_go(SHORT).1;
    assert!(fs::read(folder.path("text.xlsx")).unwrap() == expected, "the same workbook");
}

#[cfg(feature = "parquet")]
#[test]
fn a_sealed_part_that_is_another_is_told() {
    let folder = walkthrough();
    swept(&folder, &format!("{SHORT} --shard 1/2 --runs runs"));
    swept(&folder, &format!("{SHORT} --shard 2/2 --runs runs"));
    let [first, second] =
        ["1", "2"].map(|one| folder.path(&format!("runs/part-{one}-of-2.parquet")));
    let bytes = fs::read(&second).unwrap();
    let told = |expected: &str, words: &str| {
        let words: Vec<&str> = words.split_whitespace().collect();
        let (_, errors, code) = said(&folder, &words);
        let expected =
            format!("error: {expected}\n  --> runs/part-2-of-2.parquet\n  help: remove the file");
        assert!(errors.contains(&expected) && code == 2, "{errors}");
    };
    fs::copy(&first, &second).unwrap();
    told("line 2 is not the run 2 of this sweep", "sweep --gather runs");
    fs::write(&second, &bytes[..bytes.len() - 9]).unwrap();
    let (_, errors, code) = said(&folder, &["sweep", "--gather", "runs"]);
    assert!(errors.starts_with("error: cannot read the runs: ") && code == 2, "{errors}");
    // Stopped between the two files that hold the same.
    fs::write(&second, &bytes).unwrap();
    let text = folder.path("runs/part-2-of-2.csv");
    fs::write(&text, "run").unwrap();
    swept(&folder, &format!("{SHORT} --shard 2/2 --runs runs --resume"));
    assert!(!text.exists() && fs::read(&second).unwrap() == bytes);
}

#[test]
fn force_begins_anew_and_removes_nothing_else() {
    let folder = walkthrough();
    swept(&folder, &format!("{SHORT} --runs runs"));
    fs::write(folder.path("runs/notes.txt"), "mine").unwrap();
    let other = SHORT.replace("--epochs 2", "--epochs 3");
    swept(&folder, &format!("{other} --runs runs --force"));
    assert_eq!(fs::read_to_string(folder.path("runs/notes.txt")).unwrap(), "mine");
    assert_eq!(rows(&folder).len(), 20);
    assert!(fs::read_to_string(folder.path("runs/sweep.json")).unwrap().contains("\"epochs\": 3"));
}

#[test]
fn of_many_runs_the_workbook_has_the_best_and_a_sample() {
    let folder = walkthrough();
    fs::write(folder.path("two.csv"), "x,y\n1,3\n2,5\n").unwrap();
    let line = "sweep two.csv --optimizers momentum --vary lr=1e-3..1:131 --vary beta=0..0.99:80 --epochs 1 --json";
    let words: Vec<&str> = line.split(' ').collect();
    let (printed, errors, code) = said(&folder, &words);
    assert_eq!(code, 0, "{errors}");
    let swept: Value = serde_json::from_str(&printed).unwrap();
    let shown = swept["runs"].as_array().unwrap().len();
    assert!((9_000..=10_000).contains(&shown), "{shown}");
    assert_eq!(swept["count"], 131 * 80);
    // The best is the best of all runs.
    let end = if cfg!(feature = "parquet") { "parquet" } else { "csv" };
    let records = table(&folder.path(&format!("two.sweep.runs/part-1-of-1.{end}"))).split_off(1);
    assert_eq!(records.len(), 131 * 80);
    let error = |record: &Vec<String>| record[7].parse::<f64>().unwrap();
    let best = records.iter().min_by(|one, other| error(one).total_cmp(&error(other))).unwrap();
    let told = &swept["runs"][swept["best"].as_u64().unwrap() as usize];
    assert_eq!(told["hyper"]["lr"].as_f64().unwrap(), best[2].parse::<f64>().unwrap());
    assert_eq!(told["hyper"]["beta"].as_f64().unwrap(), best[3].parse::<f64>().unwrap());
    let book = Book::open(&folder.path("two.sweep.xlsx"));
    assert_eq!(book.names(), ["sweep", "best", "map momentum"]);
    let sentence = format!("Of 10480 runs these are {shown}: ");
    let (row, _) = book.sheet("sweep").places("shown")[0];
    assert!(book.sheet("sweep").text((row, 1)).starts_with(&sentence));
    let sheet = book.sheet("best");
    assert_eq!(sheet.number((3, 5)), error(best));
    let mut errors: Vec<f64> = records.iter().map(error).collect();
    errors.sort_by(f64::total_cmp);
    assert_eq!(sheet.number((1002, 5)), errors[999], "the best thousand");
    let page = fs::read_to_string(folder.path("two.sweep.html")).unwrap();
    assert!(page.contains("<h2 id=\"runs\">The best runs</h2>"));
    assert!(page.contains(&sentence), "{sentence}");
}

#[test]
fn more_runs_than_can_be_numbered_are_refused() {
    let folder = walkthrough();
    let options = "--optimizers momentum --vary lr=1e-6..1:10000 --vary beta=0..0.9:10000 --vary l2=0..1:10000 \
                   --vary clip=1..9:10000";
    let (_, errors, code) = sweep(&folder, options);
    let told = "error: these are more than 9007199254740992 runs, and nobody can number them\n  --> --vary\n";
    assert!(
        errors.ends_with("coarse, then fine\n") && errors.contains(told) && code == 2,
        "{errors}"
    );
    assert_eq!(names(&folder), ["graddes.xlsx"]);
}
