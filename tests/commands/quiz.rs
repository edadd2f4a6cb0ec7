//! `gdtrace quiz`, and what `compare` and `grade` say of a quiz that was filled in.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use assert_cmd::Command;
use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use tempfile::TempDir;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/graddes.xlsx");

/// Runs the program in a folder; what it printed, its errors, its exit code.
fn said(folder: &Path, words: &str) -> (String, String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_gdtrace"))
        .current_dir(folder)
        .args(words.split_whitespace().map(|word| word.replace('_', " ")))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// A folder with a quiz on the example's data, made with these options.
fn quiz(options: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::copy(EXAMPLE, folder.path().join("graddes.xlsx")).unwrap();
    let (_, errors, code) =
        said(folder.path(), &format!("quiz graddes.xlsx -o quiz.xlsx {options}"));
    assert_eq!((errors.as_str(), code), ("", 0));
    folder
}

/// The formulas and numbers of a sheet, by cell.
fn cells(path: &Path, sheet: &str) -> BTreeMap<String, (String, Data)> {
    let mut book: Xlsx<_> = calamine::open_workbook(path).unwrap();
    let (values, formulas) =
        (book.worksheet_range(sheet).unwrap(), book.worksheet_formula(sheet).unwrap());
    let (top, left) = values.start().unwrap();
    let mut cells = BTreeMap::new();
    for (row, column, value) in values.cells() {
        let at = (top + row as u32, left + column as u32);
        let formula = formulas.get_value(at).cloned().unwrap_or_default();
        cells.insert(address(at), (formula, value.clone()));
    }
    cells
}

fn address((row, column): (u32, u32)) -> String {
    format!("{}{}", rust_xlsxwriter::utility::column_number_to_name(column as u16), row + 1)
}

/// Writes into cells of a sheet, by the number of its part: formulas with `=`, numbers without.
fn fill(from: &Path, to: &Path, part: usize, written: &BTreeMap<String, String>) {
    let mut archive = zip::ZipArchive::new(fs::File::open(from).unwrap()).unwrap();
    let mut target = zip::ZipWriter::new(fs::File::create(to).unwrap());
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name == format!("xl/worksheets/sheet{part}.xml") {
            let mut text = String::from_utf8(bytes).unwrap();
            for (cell, what) in written {
                let start = text.find(&format!("<c r=\"{cell}\"")).expect(cell);
                let end = start + text[start..].find("/>").unwrap();
                let inner = match what.strip_prefix('=') {
                    Some(formula) => format!("<f>{formula}</f>"),
                    None => format!("<v>{what}</v>"),
                };
                text.replace_range(end..end + 2, &format!(">{inner}</c>"));
            }
            bytes = text.into_bytes();
        }
        target.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        target.write_all(&bytes).unwrap();
    }
    target.finish().unwrap();
}

/// The cells to be filled in on the only sheet of a quiz, which are blank and have a frame, each with
/// the formula of the key and its number.
fn asked(folder: &Path, sheet: &str) -> BTreeMap<String, (String, f64)> {
    let file = fs::File::open(folder.join("quiz.xlsx")).unwrap();
    let mut text = String::new();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    archive.by_name("xl/worksheets/sheet2.xml").unwrap().read_to_string(&mut text).unwrap();
    let blank = text
        .split("<c r=\"")
        .skip(1)
        .filter(|cell| cell.split_once('>').is_some_and(|(tag, _)| tag.ends_with('/')));
    let blank: Vec<&str> = blank.filter_map(|cell| cell.split('"').next()).collect();
    let key = cells(&folder.join("key.xlsx"), sheet);
    // Heads of groups are blank, too.
    let answer = |cell: &&str| match &key[*cell] {
        (formula, Data::Float(number)) => Some(((*cell).to_owned(), (formula.clone(), *number))),
        _ => None,
    };
    blank.iter().filter_map(answer).collect()
}

fn json(folder: &Path, words: &str, code: i32) -> Value {
    let (printed, errors, is) = said(folder, &format!("{words} --json"));
    assert_eq!((errors.as_str(), is), ("", code), "{printed}");
    serde_json::from_str(&printed).unwrap()
}

#[test]
fn a_quiz_shows_no_answers_and_its_key_has_all() {
    let folder = quiz("--optimizers momentum --blank gradient,update,every:10");
    let path = folder.path();
    let asked = asked(path, "momentum");
    // Two rows of two gradients and two new weights.
    assert_eq!(asked.len(), 8, "{asked:?}");
    let shown = cells(&path.join("quiz.xlsx"), "momentum");
    for (cell, (formula, number)) in &asked {
        assert!(!formula.is_empty(), "{cell}");
        let tells = shown.iter().find(|(_, (_, value))| *value == Data::Float(*number));
        assert!(tells.is_none(), "{cell} stands in {tells:?}");
    }
    // What hands on a cell that is asked for is a formula, everything else a number.
    let formulas: Vec<&String> = shown
        .iter()
        .filter(|(_, (formula, _))| !formula.is_empty())
        .map(|(cell, _)| cell)
        .collect();
    assert_eq!(formulas.len(), 5, "the weights of the next rows, and the points: {formulas:?}");
    let (printed, _, code) = said(path, "compare key.xlsx");
    assert_eq!(
        (printed.lines().next().unwrap(), code),
        ("key.xlsx: 8 of 8 cells right (100 %)", 0)
    );
    let (printed, _, code) = said(path, "compare quiz.xlsx");
    assert_eq!(printed.lines().next().unwrap(), "quiz.xlsx: 0 of 8 cells right (0 %), 8 empty");
    assert_eq!(code, 1);
}

#[test]
fn the_same_seed_asks_for_the_same_cells() {
    let cells = |options: &str| asked(quiz(options).path(), "sgd").into_keys().collect::<Vec<_>>();
    let options = "--optimizers sgd --blank random:6 --seed";
    let seven = cells(&format!("{options} 7"));
    assert_eq!(seven.len(), 6);
    assert_eq!(seven, cells(&format!("{options} 7")));
    assert_ne!(seven, cells(&format!("{options} 8")));
}

#[test]
fn right_numbers_may_be_rounded_and_what_follows_from_a_slip_is_right() {
    let folder = quiz("--optimizers momentum --blank gradient,state,update,every:10");
    let path = folder.path();
    let asked = asked(path, "momentum");
    let rounded = |number: f64| format!("{number:.4e}");
    let all = asked.iter().map(|(cell, (_, number))| (cell.clone(), rounded(*number))).collect();
    fill(&path.join("quiz.xlsx"), &path.join("rounded.xlsx"), 2, &all);
    let marked = json(path, "compare rounded.xlsx", 0);
    assert_eq!((&marked["points"], &marked["of"]), (&12.into(), &12.into()));
    // A gradient with the other sign, and everything behind it computed from that by formulas.
    let (first, _) = asked.iter().next().unwrap();
    let mut slipped: BTreeMap<String, String> =
        asked.iter().map(|(cell, (formula, _))| (cell.clone(), format!("={formula}"))).collect();
    slipped.insert(first.clone(), format!("=-({})", asked[first].0));
    fill(&path.join("quiz.xlsx"), &path.join("slipped.xlsx"), 2, &slipped);
    let marked = json(path, "compare slipped.xlsx", 1);
    assert_eq!(marked["points"], 11, "{marked}");
    let wrong = &marked["sheets"][0]["wrong"][0];
    assert_eq!((&wrong["cell"], &wrong["kind"]), (&first.as_str().into(), &"slip".into()));
    assert_eq!(wrong["message"], "has the other sign");
    assert!((wrong["expected"].as_f64().unwrap() - asked[first].1).abs() < 1e-9);
    let (printed, ..) = said(path, "compare slipped.xlsx");
    assert!(
        printed.contains(&format!("{first} (de/da): has the other sign; {first} has =-(")),
        "{printed}"
    );
}

#[test]
fn cells_that_all_depend_on_each_other_are_marked_one_by_one() {
    let folder = quiz("--optimizers momentum --blank forward,gradient,state,update");
    let path = folder.path();
    let asked = asked(path, "momentum");
    assert_eq!(asked.len(), 29 * 9);
    // What is right had all others been right is right, also where none of them is.
    let last = asked.keys().max_by_key(|cell| row_of(cell)).unwrap();
    let written = asked.iter().map(|(cell, (_, number))| {
        let is_last = row_of(cell) == row_of(last);
        (cell.clone(), if is_last { *number } else { 3.0 * number + 50.0 }.to_string())
    });
    fill(&path.join("quiz.xlsx"), &path.join("filled.xlsx"), 2, &written.collect());
    let marked = json(path, "compare filled.xlsx", 1);
    let wrong = marked["sheets"][0]["wrong"].as_array().unwrap();
    assert!(wrong.len() > 100, "{}", wrong.len());
    let is_of_last = |one: &&Value| row_of(one["cell"].as_str().unwrap()) == row_of(last);
    assert_eq!(wrong.iter().find(is_of_last), None);
}

/// The number of the row of a cell.
fn row_of(cell: &str) -> usize {
    cell.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap()
}

#[test]
fn typed_numbers_do_not_count_where_formulas_are_asked_for() {
    let folder = quiz("--optimizers sgd --blank update,every:10 --level formulas");
    let path = folder.path();
    let asked = asked(path, "sgd");
    let numbers =
        asked.iter().map(|(cell, (_, number))| (cell.clone(), number.to_string())).collect();
    fill(&path.join("quiz.xlsx"), &path.join("typed.xlsx"), 2, &numbers);
    let marked = json(path, "compare typed.xlsx", 1);
    assert_eq!((&marked["points"], &marked["level"]), (&0.into(), &"formulas".into()));
    assert!(
        marked["sheets"][0]["wrong"].as_array().unwrap().iter().all(|one| one["kind"] == "typed")
    );
    let formulas =
        asked.iter().map(|(cell, (formula, _))| (cell.clone(), format!("={formula}"))).collect();
    fill(&path.join("quiz.xlsx"), &path.join("formulas.xlsx"), 2, &formulas);
    assert_eq!(json(path, "compare formulas.xlsx", 0)["points"], 4);
}

#[test]
fn a_folder_gets_grades_and_what_cannot_be_read_says_why() {
    let folder = quiz("--optimizers momentum --blank gradient,every:5");
    let path = folder.path();
    let asked = asked(path, "momentum");
    fs::create_dir_all(path.join("in/late")).unwrap();
    let write = |name: &str, what: &dyn Fn(f64) -> f64| {
        let all = asked
            .iter()
            .map(|(cell, (_, number))| (cell.clone(), what(*number).to_string()))
            .collect();
        fill(&path.join("quiz.xlsx"), &path.join("in").join(name), 2, &all);
    };
    write("anna.xlsx", &|number| number);
    write("=ben.xlsx", &|number| -number);
    fs::write(path.join("in/carla.xlsx"), "not a workbook").unwrap();
    fs::copy(EXAMPLE, path.join("in/late/dora.xlsx")).unwrap();
    let (printed, errors, code) = said(path, "grade in --key quiz.xlsx -o grades.csv");
    assert_eq!((errors.as_str(), code), ("", 0));
    let text = fs::read_to_string(path.join("grades.csv")).unwrap();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(rows[0], "file,points,of,percent,empty,commonest slip,note");
    // A name that a spreadsheet would take for a formula is a text.
    assert_eq!(rows[1], "'=ben.xlsx,0,10,0.0,0,de/da has the other sign,");
    assert_eq!(rows[2], "anna.xlsx,10,10,100.0,0,,");
    assert!(rows[3].starts_with("carla.xlsx,,,,,,") && rows[3].len() > 30, "{}", rows[3]);
    assert_eq!(rows[4], "late/dora.xlsx,,,,,,the quiz has no sheet 'momentum' any more");
    let slips = fs::read_to_string(path.join("grades.slips.csv")).unwrap();
    assert_eq!(
        slips,
        "slip,column,cells,files\r\nhas the other sign,de/da,5,1\r\nhas the other sign,de/db,5,1\r\n"
    );
    assert!(printed.starts_with("2 quizzes, 50 % right on average\n"), "{printed}");
    let (_, errors, code) = said(path, "grade in --key key.xlsx -o grades.xlsx");
    assert_eq!((errors.as_str(), code), ("", 0));
    let mut book: Xlsx<_> = calamine::open_workbook(path.join("grades.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["grades", "slips"]);
    assert_eq!(book.worksheet_range("grades").unwrap().get_value((2, 1)), Some(&Data::Float(10.0)));
}

#[test]
fn any_model_can_be_asked_for_and_gates_by_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("xor.csv"), "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n").unwrap();
    let model = "sigmoid(u*x1+v*x2+c)";
    let words = format!(
        "quiz xor.csv --model {model} --loss log --gates --blank circuit -o quiz.xlsx --optimizers sgd"
    );
    let (printed, errors, code) = said(path, &words);
    assert_eq!(code, 0, "{errors}");
    assert!(printed.starts_with("sgd: "), "{printed}");
    let (printed, _, code) = said(path, "compare key.xlsx");
    assert_eq!(code, 0, "{printed}");
    assert!(printed.contains(" (100 %)"), "{printed}");
    // What students of backpropagation fill in.
    let words = "quiz xor.csv --network 2-2-1 --init random --gates --blank circuit,random:30 \
                 --optimizers sgd -o net.xlsx --key net.key.xlsx";
    let (printed, errors, code) = said(path, words);
    assert_eq!(code, 0, "{errors}");
    assert!(printed.starts_with("sgd: 30 cells to fill in\n"), "{printed}");
    let (printed, ..) = said(path, "compare net.key.xlsx");
    assert!(printed.contains("30 of 30 cells right (100 %)"), "{printed}");
    // The slope of the wrong neuron, in every row: the gates of the two hidden ones are exchanged.
    let words = "quiz xor.csv --network 2-2-1 --init random --gates --blank circuit \
                 --optimizers sgd -o quiz.xlsx --force --key key.xlsx";
    assert_eq!(said(path, words).2, 0);
    let asked = asked(path, "sgd");
    let (column, wrong) = wrong_neuron(&asked);
    let written = asked.iter().map(|(cell, (formula, _))| {
        let is_it = cell.trim_end_matches(|c: char| c.is_ascii_digit()) == column;
        (cell.clone(), format!("={}", if is_it { wrong(cell) } else { formula.clone() }))
    });
    fill(&path.join("quiz.xlsx"), &path.join("filled.xlsx"), 2, &written.collect());
    let marked = json(path, "compare filled.xlsx", 1);
    let told = marked["sheets"][0]["wrong"].as_array().unwrap();
    assert_eq!(told.len(), 4, "{marked}");
    for one in told {
        assert!(one["message"].as_str().unwrap().starts_with("takes "), "{one}");
    }
}

/// A column of a product of two gates, and the product that takes another gate for the second.
fn wrong_neuron(asked: &BTreeMap<String, (String, f64)>) -> (String, impl Fn(&str) -> String) {
    let letters = |cell: &str| cell.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let is_product = |formula: &str| {
        let [left, right] = formula.split('*').collect::<Vec<_>>()[..] else { return None };
        let is_cell = |text: &str| asked.contains_key(text);
        (is_cell(left) && is_cell(right)).then(|| (letters(left), letters(right)))
    };
    let products: Vec<(String, (String, String))> = asked
        .iter()
        .filter_map(|(cell, (formula, _))| Some((letters(cell), is_product(formula)?)))
        .collect();
    let (column, (left, own)) = products.first().expect("a product of gates").clone();
    let (_, (_, other)) =
        products.iter().find(|(one, (_, right))| *one != column && *right != own).unwrap().clone();
    let number = |cell: &str| cell.trim_start_matches(|c: char| c.is_ascii_alphabetic()).to_owned();
    (column, move |cell: &str| format!("{left}{0}*{other}{0}", number(cell)))
}

#[test]
fn what_cannot_be_asked_for_is_explained() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::copy(EXAMPLE, path.join("graddes.xlsx")).unwrap();
    for (words, told) in [
        ("quiz graddes.xlsx --blank gradeint", "there is no column 'gradeint' to leave blank"),
        ("quiz graddes.xlsx --blank every:0", "'0' is no whole number above 0"),
        ("quiz graddes.xlsx --blank every:100", "there would be 0 cells to fill in"),
        ("quiz graddes.xlsx --epochs 900", "up to 20000 work"),
        ("quiz graddes.xlsx --until rmse<1", "--until and --patience leave open how many"),
        ("quiz graddes.xlsx -o quiz.csv", "the output must be an .xlsx file"),
        ("quiz graddes.xlsx --optimizers sgd --set lr=1e30", "sgd diverges"),
        ("grade . --key graddes.xlsx -o grades.csv", "this is no quiz, nor a key of one"),
        ("grade . --key none.xlsx -o grades.csv", "there is no such file"),
        ("grade . --key graddes.xlsx -o grades.txt", "the grades are written as .csv or .xlsx"),
    ] {
        let (_, errors, code) = said(path, words);
        assert_eq!(code, 2, "{words}: {errors}");
        assert!(errors.contains(told), "{words}: {errors}");
        let names: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["graddes.xlsx"], "{words}");
    }
}
