//! Traces for data tools: what stands in the files, and which files are written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use calamine::{Data, Reader, Xlsx, open_workbook};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A folder with the example, and the program there.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/graddes.xlsx");
        fs::copy(example, folder.path().join("graddes.xlsx")).unwrap();
        Place(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, options: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gdtrace"));
        command.current_dir(self.0.path()).args(["run", "graddes.xlsx"]);
        command.args(options.split_whitespace());
        command
    }

    fn run(&self, options: &str) -> String {
        let output = self.command(options).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{options}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, options: &str) -> String {
        let output = self.command(options).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{options}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The columns of a table by name; an empty field is none.
type Columns = BTreeMap<String, Vec<Option<f64>>>;

/// Reads a .csv file, and the names of its columns in their order.
fn csv(text: &str) -> (Vec<String>, Columns) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut columns = Columns::new();
    for record in reader.records() {
        let record = record.unwrap();
        for (name, field) in names.iter().zip(&record).skip(1) {
            let number = (!field.is_empty()).then(|| field.parse().unwrap());
            columns.entry(name.clone()).or_default().push(number);
        }
    }
    (names, columns)
}

/// Reads a .jsonl file.
fn jsonl(text: &str) -> Columns {
    let mut columns = Columns::new();
    for line in text.lines() {
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        assert!(
            row.values().skip(1).all(|value| !value.is_object() && !value.is_array()),
            "{line}"
        );
        // Read by the standard library: serde_json may be off by the last bit.
        let fields = line.trim_matches(['{', '}']).split(',').skip(1);
        for (name, value) in fields.map(|field| field.split_once(':').unwrap()) {
            let number = (value != "null").then(|| value.parse().unwrap());
            columns.entry(name.trim_matches('"').to_owned()).or_default().push(number);
        }
    }
    columns
}

/// Checks that two tables are the same to the last bit.
fn check_same(one: &Columns, other: &Columns, what: &str) {
    assert!(one.keys().eq(other.keys()), "{what}");
    let (one, other) = (bits(one), bits(other));
    for (name, values) in one {
        let at = values.iter().zip(&other[name]).position(|(one, other)| one != other);
        assert_eq!((at, values.len()), (None, other[name].len()), "{what}: {name}");
    }
}

fn bits(columns: &Columns) -> BTreeMap<&str, Vec<Option<u64>>> {
    let bits = |values: &Vec<Option<f64>>| values.iter().map(|one| one.map(f64::to_bits)).collect();
    columns.iter().map(|(name, values)| (name.as_str(), bits(values))).collect()
}

/// The cells of a trace in a workbook, a vector a row, below the row of heads and that of the start.
fn sheet(path: &Path, name: &str) -> Vec<Vec<Option<f64>>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range(name).unwrap();
    let number = |cell: &Data| match cell {
        Data::Float(number) => Some(*number),
        Data::Int(number) => Some(*number as f64),
        _ => None,
    };
    let rows = range.rows().map(|row| row.iter().map(number).collect::<Vec<_>>());
    let heads = range.rows().position(|row| row[0] == Data::String("step".into())).unwrap();
    rows.skip(heads + 2).collect()
}

/// Checks that a table has the numbers of a sheet, column by column in their order.
fn check_like_sheet(names: &[String], columns: &Columns, sheet: &[Vec<Option<f64>>]) {
    for (at, name) in names.iter().skip(1).enumerate() {
        let theirs: Vec<Option<f64>> = sheet.iter().map(|row| row[at]).collect();
        assert_eq!(columns[name], theirs, "{name}");
    }
}

#[test]
fn text_has_the_numbers_of_the_sheets_to_the_last_bit() {
    let place = Place::new();
    place.run("--format xlsx,csv,jsonl");
    assert_eq!(place.names(".").iter().filter(|one| one.ends_with("html")).count(), 0);
    for name in ["sgd", "momentum", "rmsprop", "adam"] {
        let text = fs::read_to_string(place.path(&format!("graddes.trace/{name}.csv"))).unwrap();
        let (names, columns) = csv(&text);
        let rows = sheet(&place.path("graddes.trace.xlsx"), name);
        assert_eq!((rows.len(), columns["step"].len()), (290, 290));
        check_like_sheet(&names, &columns, &rows);
        // RFC 4180: each line ends with both characters.
        assert_eq!(text.matches("\r\n").count(), 291);
        assert_eq!(text.matches('\n').count(), 291);
        assert!(text.lines().skip(1).all(|line| line.starts_with(&format!("{name},"))));
        let lines = fs::read_to_string(place.path(&format!("graddes.trace/{name}.jsonl"))).unwrap();
        check_same(&jsonl(&lines), &columns, "jsonl");
        assert!(lines.lines().all(|line| line.contains(&format!("\"optimizer\":\"{name}\""))));
    }
}

#[test]
fn columns_are_called_by_their_ids() {
    let place = Place::new();
    let text = place.run("--format csv --optimizers adam -o - --epochs 1 --quiet");
    let head = "optimizer,step,epoch,sample,x,y,a,b,y_pred,error,err2,erra1,est_de_da,errb1,est_de_db,\
                de_da,de_db,v_a,v_b,S_a,S_b,v_corrected_a,v_corrected_b,S_corrected_a,S_corrected_b,\
                new_a,new_b\r\n";
    assert!(text.starts_with(head), "{}", text.lines().next().unwrap());
    let counts = text.lines().nth(1).unwrap();
    assert!(counts.starts_with("adam,1,1,1,14.0,58.0,1.0,1.0,15.0,-43.0,1849.0,"), "{counts}");
}

#[test]
fn what_is_undefined_is_empty_or_null() {
    let place = Place::new();
    place.run("--format csv,jsonl --optimizers sgd --set lr=1");
    let (_, columns) = csv(&fs::read_to_string(place.path("graddes.trace/sgd.csv")).unwrap());
    let undefined = columns["new_a"].iter().filter(|value| value.is_none()).count();
    assert!((1..290).contains(&undefined), "{undefined}");
    assert!(columns["step"].iter().all(Option::is_some));
    let lines = fs::read_to_string(place.path("graddes.trace/sgd.jsonl")).unwrap();
    check_same(&jsonl(&lines), &columns, "jsonl");
}

#[test]
fn a_part_of_the_rows_is_what_it_is_of_all() {
    let place = Place::new();
    let steps = |keep: &str| {
        let text = place.run(&format!("--format csv --optimizers sgd -o - --quiet --keep {keep}"));
        csv(&text).1
    };
    let all = steps("all");
    let expected = |has: &dyn Fn(usize) -> bool| -> Columns {
        let part = |values: &Vec<Option<f64>>| {
            (0..290).filter(|row| has(row + 1)).map(|row| values[row]).collect()
        };
        all.iter().map(|(name, values)| (name.clone(), part(values))).collect()
    };
    assert_eq!(steps("last:7"), expected(&|row| row > 283));
    assert_eq!(steps("every:100"), expected(&|row| row == 100 || row == 200));
    assert_eq!(steps("epochs"), expected(&|row| row % 29 == 0));
    let told = place.refused("--format csv --keep first:3");
    assert!(told.contains("write last:1000"), "{told}");
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    let place = Place::new();
    // The second has more rows than a group of a Parquet file.
    for options in ["--format csv,jsonl --epochs 120", "--format parquet --epochs 1500"] {
        place.run(&format!("{options} --optimizers adam --threads 1 -o one"));
        place.run(&format!("{options} --optimizers adam --threads 3 -o three"));
    }
    for name in place.names("one") {
        let file = |folder: &str| fs::read(place.path(&format!("{folder}/{name}"))).unwrap();
        assert!(file("one") == file("three"), "{name}");
    }
}

#[test]
fn one_table_has_a_name_of_its_own_or_goes_to_standard_output() {
    let place = Place::new();
    place.run("--format csv --optimizers adam -o adam.csv");
    let printed = place.run("--format csv --optimizers adam -o -");
    assert_eq!(fs::read_to_string(place.path("adam.csv")).unwrap(), printed);
    for (options, told) in [
        ("--format csv -o -", "one table cannot hold 4 optimizers"),
        ("--format csv -o all.csv", "one table cannot hold 4 optimizers"),
        ("-o -", "only one table of text goes to standard output"),
        ("--format csv,jsonl -o -", "only one table of text goes to standard output"),
        ("--format parquet --optimizers adam -o -", "only one table of text"),
        ("--format csv --optimizers adam -o a.parquet", "one .parquet file cannot hold csv"),
        ("--format csv --in-place", "none are written"),
        ("--format html --keep epochs", "only sheets and tables may have a part of the rows"),
        ("--format csv --values-only", "only a workbook has formulas"),
        ("--keep every:1000", "none of the 290 rows of sgd is kept"),
        ("--format html -o page.txt", "the report must be an .html file"),
        ("--format csv -o graddes.xlsx", "the outputs go into a folder, but this is none"),
        ("--format csv -o missing/runs", "does not exist"),
    ] {
        let refused = place.refused(options);
        assert!(refused.contains(told) && refused.contains("help: "), "{options}: {refused}");
    }
    assert_eq!(place.names("."), ["adam.csv", "graddes.xlsx"]);
}

#[test]
fn nothing_is_replaced_and_nothing_is_left_half_done() {
    let place = Place::new();
    place.run("--format jsonl --optimizers sgd");
    let refused = place.refused("--format jsonl --optimizers sgd,adam");
    assert!(refused.contains("the output exists already"), "{refused}");
    assert_eq!(place.names("graddes.trace"), ["sgd.jsonl"]);
    let output = place.command("--format jsonl --optimizers adam").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("graddes.trace also has sgd.jsonl"), "{told}");
    // The page cannot be written, so the folder is not made either.
    fs::write(place.path("new.html"), "somebody's").unwrap();
    place.refused("--format jsonl,html -o new");
    assert!(!place.path("new").exists());
}

#[test]
fn json_names_the_tables() {
    let place = Place::new();
    let text = place.run("--format csv,html --optimizers sgd,adam --json");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!({
        "workbook": null,
        "report": "graddes.trace.html",
        "tables": ["graddes.trace/sgd.csv", "graddes.trace/adam.csv"],
    });
    assert_eq!(json["outputs"], expected);
    // The page knows of no workbook.
    let page = fs::read_to_string(place.path("graddes.trace.html")).unwrap();
    assert!(!page.contains("trace.xlsx") && page.contains("\"workbook\":null"));
}

#[test]
fn without_sheets_a_run_may_be_longer_than_they_are() {
    let place = Place::new();
    let options = "--optimizers sgd --epochs 36300 --keep last:2 --quiet";
    let told = place.refused(&format!("{options} --format xlsx,html,csv"));
    let help = "at most --epochs 36154 with these data; or add --no-report: sheets go on";
    assert!(told.contains("a sheet has room for") && told.contains(help), "{told}");
    let (_, columns) = csv(&place.run(&format!("{options} --format csv -o -")));
    assert_eq!(columns["step"], [Some(1_052_699.0), Some(1_052_700.0)]);
    assert_eq!(columns["epoch"], [Some(36_300.0); 2]);
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use std::fs::File;

    use parquet::basic::{Repetition, Type};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;

    fn open(path: &Path) -> SerializedFileReader<File> {
        SerializedFileReader::new(File::open(path).unwrap()).unwrap()
    }

    /// The columns but for the first, which has the name of the run.
    fn columns(path: &Path, run: &str) -> Columns {
        let mut columns = Columns::new();
        for row in open(path).get_row_iter(None).unwrap() {
            for (at, (name, field)) in row.unwrap().get_column_iter().enumerate() {
                let number = match field {
                    Field::Str(text) if at == 0 => {
                        assert_eq!((name.as_str(), text.as_str()), ("optimizer", run));
                        continue;
                    }
                    Field::Long(count) => Some(*count as f64),
                    Field::Double(number) => Some(*number),
                    Field::Null => None,
                    other => panic!("{name}: {other:?}"),
                };
                columns.entry(name.clone()).or_default().push(number);
            }
        }
        columns
    }

    #[test]
    fn the_files_have_the_bits_of_the_text() {
        let place = Place::new();
        for (options, name) in [
            ("--optimizers adam --epochs 1500", "adam"),
            ("--optimizers sgd --set lr=1", "sgd"),
            ("--optimizers momentum --keep every:7", "momentum"),
            ("--optimizers adam --batch-size 4 --shuffle", "adam"),
        ] {
            place.run(&format!("--format csv,parquet --force {options}"));
            let file = |extension: &str| place.path(&format!("graddes.trace/{name}.{extension}"));
            let text = csv(&fs::read_to_string(file("csv")).unwrap()).1;
            check_same(&columns(&file("parquet"), name), &text, options);
        }
    }

    #[test]
    fn counts_are_whole_numbers_and_all_else_doubles() {
        let place = Place::new();
        place.run("--format parquet --optimizers adam --batch-size 4 --schedule step:20:0.5");
        let reader = open(&place.path("graddes.trace/adam.parquet"));
        let schema = reader.metadata().file_metadata().schema_descr();
        let counts = ["row", "epoch", "sample", "in_batch", "update", "step"];
        for column in schema.columns() {
            let (kind, repetition) = match column.name() {
                "optimizer" => (Type::BYTE_ARRAY, Repetition::REQUIRED),
                name if counts.contains(&name) => (Type::INT64, Repetition::OPTIONAL),
                _ => (Type::DOUBLE, Repetition::OPTIONAL),
            };
            let info = column.self_type().get_basic_info();
            assert_eq!((column.physical_type(), info.repetition()), (kind, repetition));
        }
        assert!(schema.columns().iter().any(|one| one.name() == "lr_t" || one.name() == "rate"));
    }

    #[test]
    fn the_metadata_tell_what_the_run_was() {
        let place = Place::new();
        place
            .run("--format parquet --optimizers fast=adam:keras --set fast.lr=0.25 --init a=2,b=3");
        let reader = open(&place.path("graddes.trace/fast.parquet"));
        let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap();
        let text = pairs.iter().find(|one| one.key == "gdtrace").unwrap().value.clone().unwrap();
        let about: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(about["optimizer"], "fast");
        assert_eq!(about["definition"]["name"], "adam");
        assert_eq!(about["definition"]["variant"], "keras");
        assert_eq!(about["settings"]["lr"], 0.25);
        assert_eq!(about["start"], serde_json::json!({"a": 2.0, "b": 3.0}));
        assert_eq!(about["initial"]["new_a"], 2.0);
        assert_eq!((&about["steps"], &about["epochs"]), (&290.into(), &10.into()));
        let digest = Sha256::digest(fs::read(place.path("graddes.xlsx")).unwrap());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(about["input"]["sha256"], digest);
        let columns = about["columns"].as_array().unwrap();
        let names: Vec<&str> = columns.iter().map(|one| one["name"].as_str().unwrap()).collect();
        let schema = reader.metadata().file_metadata().schema_descr();
        let there: Vec<&str> = schema.columns().iter().skip(1).map(|one| one.name()).collect();
        assert_eq!(names, there);
        let gradient = columns.iter().find(|one| one["name"] == "de_da").unwrap();
        assert_eq!(
            (&gradient["header"], &gradient["formula"]),
            (&"de/da".into(), &"2*x*error".into())
        );
    }
}
