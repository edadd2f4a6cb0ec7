//! Finding and reading x and y: one test for each rule, one for each error.

use std::path::{Path, PathBuf};

use crate::common::books::{Folder, options, raw_parts, zipped};
use crate::common::tables::{FAULTS, LAYOUTS};
use gdtrace::data::{Data, Selection, read};

fn read_ok(path: &Path, text: &str) -> Data {
    read(path, &options(text)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What was read, in one line: sheet, range, x, y.
fn summary(data: &Data) -> String {
    let values = |name| data.column(name).expect("x and y").values.clone();
    format!("{} {} x={:?} y={:?}", data.sheet, data.range, values("x"), values("y"))
}

/// The message of a reading that must fail, without the folder.
fn message(path: &Path, text: &str) -> String {
    let error = read(path, &options(text)).expect_err("this must not be read").to_string();
    error.replace(&format!("{}/", path.parent().expect("a folder").display()), "")
}

/// Reads a workbook with one sheet `data` of these lines.
fn read_lines(lines: &str, text: &str) -> Data {
    let folder = Folder::new();
    read_ok(&folder.book("book.xlsx", &[("data", lines)]), text)
}

fn read_csv(content: &str, text: &str) -> Data {
    let folder = Folder::new();
    read_ok(&folder.file("data.csv", content), text)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Every layout of a table that must be read, with what is read and the notes.
#[test]
fn tables_are_found_wherever_they_stand() {
    let mut wrong = Vec::new();
    for (name, lines, text, expected, notes) in LAYOUTS {
        let folder = Folder::new();
        let path = folder.book("book.xlsx", &[("data", lines)]);
        let found = match read(&path, &options(text)) {
            Ok(data) => (summary(&data), data.notes),
            Err(error) => (error.to_string(), Vec::new()),
        };
        let expected = (format!("data {expected}"), notes.to_vec());
        if found.0 != expected.0 || found.1 != expected.1 {
            wrong.push(format!("{name}\n  found    {found:?}\n  expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every fault of a table, with the whole message.
#[test]
fn faults_of_a_table_name_the_cell_and_what_to_do() {
    let mut wrong = Vec::new();
    for (lines, text, expected) in FAULTS {
        let folder = Folder::new();
        let path = folder.book("book.xlsx", &[("data", lines)]);
        let found = match read(&path, &options(text)) {
            Ok(data) => format!("read: {} {:?}", summary(&data), data.notes),
            Err(_) => message(&path, text),
        };
        let start = format!("{}\n  {}\n  help: ", expected[0], expected[1]);
        if !found.starts_with(&start) || !found.contains(expected[2]) {
            wrong.push(format!("{lines:?} {text}\n{found}\nexpected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn headers_are_found_far_down() {
    let lines = "note\n".repeat(300) + "x|y|z\n1|2|3";
    assert_eq!(read_lines(&lines, "").range, "A302:B302");
}

#[test]
fn the_sheet_is_the_named_one_then_data_then_the_first_that_fits() {
    let folder = Folder::new();
    let intro = ("Intro", "Welcome\nx is the input|9");
    let first = ("First", "x|y\n1|2");
    let legend = ("Legend", "x|y\nthe input|the output");
    let data = ("Data", "x|y\n3|4");
    let path = folder.book("three.xlsx", &[intro, first, data]);
    assert_eq!(read_ok(&path, "").sheet, "Data");
    assert_eq!(read_ok(&path, "--sheet First").sheet, "First");
    assert_eq!(read_ok(&path, "--sheet first").sheet, "First");
    assert_eq!(read_ok(&path, "--range First!A2:B2").sheet, "First");
    let path = folder.book("two.xlsx", &[intro, first]);
    assert_eq!(read_ok(&path, "").sheet, "First");
    let path = folder.book("legend.xlsx", &[legend, first]);
    assert_eq!(read_ok(&path, "").sheet, "First");
    let path = folder.book("bare.xlsx", &[intro, ("Bare", "1|2\n3|4")]);
    assert_eq!(read_ok(&path, "").sheet, "Bare");
    let path = folder.book("none.xlsx", &[intro, ("Other", "p|q\n1|two")]);
    assert_eq!(
        message(&path, ""),
        "no sheet has a column x and a column y\n  --> none.xlsx\n  help: the sheets are Intro, \
         Other; say where the data is with --sheet and, where the headers are others, --x and --y"
    );
    let path = folder.book("other.xlsx", &[intro, ("Other", "p|q\n1|2")]);
    assert_eq!(read_ok(&path, "").sheet, "Other");
    // Headers that say x and y count more than a name of a sheet, and that more than its place.
    let path = folder.book("named.xlsx", &[first, ("data", "p|q\n1|2")]);
    assert_eq!(read_ok(&path, "").sheet, "First");
    let path = folder.book("usual.xlsx", &[("First", "p|q\n1|2"), ("data", "p|q\n1|2")]);
    assert_eq!(read_ok(&path, "").sheet, "data");
    let path = folder.book("words.xlsx", &[intro, ("data", "p|q\none|two")]);
    let found = message(&path, "");
    assert!(
        found.starts_with(
            "no column holds numbers; x and y need two\n  --> words.xlsx, sheet 'data'"
        )
    );
    assert!(found.contains("; or another sheet with --sheet: Intro, data"), "{found}");
}

#[test]
fn each_number_knows_its_cell_and_header() {
    let data = read_lines("a title\n|Input|Target\n|1|2\n|3|4", "");
    let y = data.column("y").expect("y");
    assert_eq!(y.cells, ["C3", "C4"]);
    assert_eq!(y.header.as_deref(), Some("Target"));
    assert_eq!(data.samples(), 2);
    assert_eq!(data.columns[0].name, "x");
}

#[test]
fn all_formats_are_read() {
    let expected = "data B4:C6 x=[14.0, 86.5, 28.0] y=[58.0, 203.0, 86.0]";
    for name in ["table.xls", "table.ods", "table.xlsm"] {
        let data = read_ok(&fixture(name), "");
        assert_eq!(summary(&data), expected, "{name}");
        assert_eq!(data.notes, [""; 0], "{name}");
        let failing = message(&fixture(name), "--sheet failing");
        assert!(failing.starts_with("B2 holds the error value #DIV/0! where"), "{name}: {failing}");
        let dates = read_ok(&fixture(name), "--sheet dates");
        let note = "column A 'x' is read as the days since 2021-03-04, the first of its dates";
        assert_eq!(dates.notes, [note], "{name}");
    }
    let data = read_ok(&fixture("minimal.xlsb"), "");
    assert_eq!(summary(&data), "data A2:B3 x=[14.0, 86.5] y=[58.0, 203.0]");
    let failing = message(&fixture("minimal.xlsb"), "--sheet failing");
    assert!(failing.starts_with("B3 holds an error value"), "{failing}");
}

/// What is in cells that no spreadsheet program writes, but other programs do.
#[test]
fn hand_made_cells_are_read_or_refused() {
    let head = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c>\
                <c r=\"B1\" t=\"inlineStr\"><is><t>y</t></is></c></row>";
    let folder = Folder::new();
    for (cell, expected) in [
        ("<c r=\"B2\"><f>2*A2</f></c>", "B2 holds a formula without a cached result where"),
        (
            "<c r=\"B2\"><f t=\"shared\" si=\"999999999999\"/></c>",
            "B2 holds a formula without a cached",
        ),
        ("<c r=\"B2\"><v>NaN</v></c>", "B2 holds NaN (not a number) where a number for y"),
        ("<c r=\"B2\"><v>1e999</v></c>", "B2 holds an infinite number where a number for y"),
        ("<c r=\"B2\" t=\"e\"><v>#SPILL!</v></c>", "B2 seems to hold the error value #SPILL!"),
        (
            "<c r=\"B2\" t=\"str\"><f>\"\"</f><v></v></c>",
            "no row has a number for x and y: row 2 (B2 is blank)",
        ),
        ("<c r=\"B2\" t=\"n\"><v>zwei</v></c>", "the workbook is damaged and cannot be read"),
        ("<c r=\"0\"><v>1</v></c>", "the workbook is damaged and cannot be read"),
    ] {
        let rows = format!("{head}<row r=\"2\"><c r=\"A2\"><v>1</v></c>{cell}</row>");
        let found = message(&folder.raw("raw.xlsx", &rows), "");
        assert!(found.starts_with(expected), "{cell}: {found}");
        assert!(found.contains("--> raw.xlsx, sheet 'data'"), "{found}");
    }
    let beside = format!(
        "{head}<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>2</v></c>\
         <c r=\"C2\" t=\"e\"><v>#CALC!</v></c></row><row r=\"3\"><c r=\"A3\"><v>3</v></c>\
         <c r=\"B3\"><v>4</v></c></row>"
    );
    assert_eq!(read_ok(&folder.raw("beside.xlsx", &beside), "").samples(), 2);
    let far = format!(
        "{head}<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>2</v></c></row>\
         <row r=\"1048576\"><c r=\"XFD1048576\"><v>9</v></c></row>"
    );
    assert_eq!(summary(&read_ok(&folder.raw("far.xlsx", &far), "")), "data A2:B2 x=[1.0] y=[2.0]");
}

/// The small table, although another cell stands in XFC1048000.
#[test]
fn a_far_cell_costs_nothing() {
    let data = read_ok(&fixture("far.ods"), "");
    assert_eq!(summary(&data), "Sheet A2:B2 x=[1.0] y=[2.0]");
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let folder = Folder::new();
    let path = folder.path("bomb.xlsx");
    let mut parts = raw_parts("");
    parts.push(("xl/sharedStrings.xml", "<sst/>".into()));
    zipped(&path, &parts);
    // The last entry of the directory declares its size at byte 24; this one declares 300 MiB.
    let mut bytes = std::fs::read(&path).expect("the file");
    let entry = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").expect("a directory");
    bytes[entry + 24..entry + 28].copy_from_slice(&(300_u32 << 20).to_le_bytes());
    let path = folder.file("bomb.xlsx", bytes);
    assert_eq!(
        message(&path, ""),
        "the workbook is too large when unpacked (at its part xl/sharedstrings.xml)\n  \
         --> bomb.xlsx\n  help: at most 1024 MiB are read, 256 MiB of them outside the sheets; \
         keep only the sheet with the data"
    );
}

#[test]
fn files_that_are_no_data_are_told_apart() {
    let folder = Folder::new();
    let reads = "gdtrace reads .xlsx, .xlsm, .xlsb, .xls, .ods and .csv, .tsv, .txt";
    let cfb = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    zipped(&folder.path("archive.xlsx"), &[("readme.txt", "hello".into())]);
    folder.book("workbook.csv", &[("data", "x|y\n1|2")]);
    folder.file("text.xlsx", "x,y\n1,2\n");
    folder.file("page.xls", "<html><table></table></html>");
    folder.file("noise.ods", [0, 159, 146, 150]);
    folder.file("cut.xlsx", "PK\x03\x04 and no more");
    folder.file("notes.text", "x,y\n1,2\n");
    folder.file("data", "x,y\n1,2\n");
    folder.file("empty.xlsx", "");
    folder.file("locked.xlsx", [&cfb[..], &wide("EncryptedPackage")].concat());
    folder.file("letter.xls", [&cfb[..], &wide("WordDocument")].concat());
    folder.file("broken.xls", [&cfb[..], &wide("Workbook")].concat());
    std::fs::create_dir(folder.path("folder.xlsx")).expect("a folder");
    for (name, expected, help) in [
        ("missing.xlsx", "there is no such file\n", "check the name and the folder"),
        ("folder.xlsx", "this is a folder, not a file\n", reads),
        ("empty.xlsx", "the file is empty\n", "save the data again"),
        ("notes.text", "the extension .text is not known\n", "rename it to .csv"),
        ("data", "the file's name has no extension\n", reads),
        (
            "text.xlsx",
            "the file is called .xlsx, but its content is plain text\n",
            "rename it to .csv",
        ),
        ("page.xls", "the file is called .xls, but its content is a web page (HTML)\n", reads),
        ("noise.ods", "the content is not that of an .ods workbook\n", reads),
        ("cut.xlsx", "the workbook is damaged and cannot be read: ", "repair it there"),
        ("archive.xlsx", "the file is a zip archive without a workbook in it\n", reads),
        ("workbook.csv", "the file is a workbook, not text with delimiters\n", "rename it"),
        ("locked.xlsx", "the workbook is protected by a password\n", "without the password"),
        ("letter.xls", "the file is not a workbook", reads),
        ("broken.xls", "the workbook is damaged and cannot be read: ", "repair it there"),
    ] {
        let found = message(&folder.path(name), "");
        assert!(found.starts_with(expected), "{name}: {found}");
        assert!(found.contains(&format!("--> {name}\n")), "{name}: {found}");
        assert!(found.contains(help), "{name}: {found}");
    }
}

#[test]
fn a_password_is_told() {
    for name in ["locked.xls", "locked.ods"] {
        let found = message(&fixture(name), "");
        assert!(found.starts_with("the workbook is protected by a password\n"), "{name}: {found}");
    }
}

#[test]
fn the_content_counts_not_the_extension_of_a_workbook() {
    let folder = Folder::new();
    let path = folder.book("really.xlsx", &[("data", "x|y\n1|2")]);
    let renamed = folder.path("renamed.xls");
    std::fs::rename(path, &renamed).expect("a writable folder");
    assert_eq!(read_ok(&renamed, "").samples(), 1);
}

/// Every kind of .csv, with what is read.
#[test]
fn csv_is_read_as_any_country_writes_it() {
    let expected = " A2:B3 x=[1.5, 3.0] y=[2.5, -4.0]";
    for (content, text) in [
        ("x,y\n1.5,2.5\n3,-4\n", ""),
        ("x;y\r\n1,5;2,5\r\n3;-4\r\n", ""),
        ("x;y\n1.5;2.5\n3;-4", ""),
        ("x\ty\n1.5\t2.5\n3\t-4", ""),
        ("x|y\n1.5|2.5\n3|-4", ""),
        ("\u{feff}\"x\",\"y\"\n\"1.5\",2.5\n3,-4", ""),
        ("\"x\",\"y\"\n\"1,5\",\"2,5\"\n3,-4", ""),
        ("sep=;\nx;y\n1,5;2,5\n3;-4", ""),
        ("x:y\n1.5:2.5\n3:-4", "--delimiter :"),
        ("x;y\n1,5;2,5\n3;-4", "--decimal ,"),
        (" X , Y \n 1.5 , 2.5 \n 3 , -4 ", ""),
    ] {
        assert_eq!(summary(&read_csv(content, text)), expected, "{content:?}");
    }
    let wide = "\u{feff}x;y\n1,5;2,5\n3;-4";
    let bytes: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = Folder::new();
    assert_eq!(summary(&read_ok(&folder.file("wide.csv", bytes), "")), expected);
}

#[test]
fn csv_tables_obey_the_same_rules() {
    let data = read_csv("My data\n\nid,x,y,note\n1,1,2,\"a, b\"\n2,3,4,c\n\nTotal,4,6,\n", "");
    assert_eq!(summary(&data), " B4:C5 x=[1.0, 3.0] y=[2.0, 4.0]");
    assert_eq!(data.notes, [""; 0]);
    let data = read_csv("1,5;2,5\n3,5;4,5\n", "");
    assert_eq!(summary(&data), " A1:B2 x=[1.5, 3.5] y=[2.5, 4.5]");
    assert_eq!(
        data.notes,
        ["the columns have no headers: column A is read as x, column B is read as y"]
    );
    let data = read_csv("x;y\n1,234;5,678\n", "");
    assert_eq!(
        data.notes,
        ["the comma is read as the decimal sign: 1,234 is 1.234; where it separates thousands, \
          save the numbers without it"]
    );
    let data = read_csv("x,y\n1,2\n\n3,4\n", "");
    assert_eq!(data.notes, ["row 3 is empty: the table is read on below"]);
}

#[test]
fn faults_of_csv_name_the_cell() {
    let folder = Folder::new();
    for (content, text, expected) in [
        (
            "x,y\n1,abc\n",
            "",
            "B2 holds the text \"abc\" where a number for y is needed\n  --> data.csv, cell B2\n",
        ),
        ("x,y\n1,NaN\n", "", "B2 holds NaN (not a number) where a number for y"),
        ("x,y\n1,-inf\n", "", "B2 holds an infinite number where a number for y"),
        ("x,y\n1,#DIV/0!\n", "", "B2 holds the error value #DIV/0! where"),
        ("x;y\n1,5;2,5\n3,5;4.5\n", "", "B3 holds the number 4.5 stored as text where"),
        ("x,y\n1,\n", "", "no row has a number for x and y: row 2 (B2 is blank)"),
        ("x,y\n", "", "there is no sample below the headers x and y\n  --> data.csv, cell A2\n"),
        ("x,y\n1,\"2\n", "", "the quote that opens in line 2 is never closed\n  --> data.csv\n"),
        ("x,y\n1,2\n", "--sheet data", "a .csv file has no sheets\n  --> --sheet data\n"),
        (" \n", "", "there are no cells to read\n  --> data.csv\n"),
    ] {
        let found = message(&folder.file("data.csv", content), text);
        assert!(found.starts_with(expected), "{content:?}: {found}");
    }
    let found = message(&folder.file("data.csv", b"x,y\n1,\x00\n"), "");
    assert!(found.starts_with("the file is not text"), "{found}");
}

/// Cutting or changing a file anywhere gives an error or data, never a panic.
#[test]
fn damaged_files_do_not_panic() {
    let folder = Folder::new();
    for name in ["table.xls", "table.ods", "minimal.xlsb"] {
        let content = std::fs::read(fixture(name)).expect("a fixture");
        for step in 0..60 {
            let at = content.len() * step / 60;
            let mut changed = content.clone();
            changed[at] ^= 0x55;
            let _ = read(&folder.file(name, &changed), &Selection::default());
            let _ = read(&folder.file(name, &content[..at]), &Selection::default());
        }
    }
}

/// The same inside the parts of an .xlsx, where the checksum of the archive is right.
#[test]
fn damaged_parts_do_not_panic() {
    let folder = Folder::new();
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>x</v></c><c r=\"B1\" t=\"s\"><v>0</v></c></row>\
                <row r=\"2\"><c r=\"A2\" s=\"1\"><f t=\"shared\" ref=\"A2:B2\" si=\"0\">1</f><v>1</v></c></row>";
    let parts = raw_parts(rows);
    for (index, (_, content)) in parts.iter().enumerate().skip(1) {
        for at in (0..content.len()).step_by(7) {
            let mut parts = parts.clone();
            parts[index].1.replace_range(at..=at, "9");
            zipped(&folder.path("changed.xlsx"), &parts);
            let _ = read(&folder.path("changed.xlsx"), &Selection::default());
            parts[index].1.truncate(at);
            zipped(&folder.path("cut.xlsx"), &parts);
            let _ = read(&folder.path("cut.xlsx"), &Selection::default());
        }
    }
}

/// The hand-built walkthrough, where it is at hand; it is not part of this repository.
#[test]
fn the_walkthrough_is_read() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("GDTRACE_SHARED").map_or(beside, PathBuf::from);
    let path = shared.join("reference/graddesc-v3.xlsx");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    let data = read_ok(&path, "");
    assert_eq!((data.sheet.as_str(), data.range.as_str()), ("data", "B5:C33"));
    assert_eq!(data.samples(), 29);
    assert_eq!(data.columns[0].values[..3], [84.0, 93.0, 4.0]);
    let basic = read_ok(&path, "--sheet basic");
    assert_eq!(basic.columns[1].values[..2], [58.0, 202.0]);
    assert_eq!((basic.range.as_str(), basic.samples()), ("A4:B32", 29));
}
