//! What small files claim, and what they make of themselves: the program reads or refuses them with little
//! memory, and ends soon.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use super::common::books::{Folder, raw_parts, zipped};

/// What the program may take of the address space, in KiB.
const ADDRESSES: u32 = 3_000_000;

/// Runs the program with little memory; its exit code and what it said.
fn limited(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let began = Instant::now();
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -v {ADDRESSES}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_gdtrace"))
        .args(arguments)
        .current_dir(folder.path("."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(began.elapsed() < Duration::from_secs(30), "{arguments:?} took {:?}", began.elapsed());
    (output.status.code().unwrap_or(-1), said)
}

/// Reads the file `name` in both ways; `expected` is how the error begins, none where x and y are found.
fn check(folder: &Folder, name: &str, expected: Option<&str>) {
    let small =
        ["--epochs", "1", "--optimizers", "sgd", "--no-report", "--force", "-o", "out.xlsx"];
    let (code, said) = limited(folder, &[&["run", name], &small[..]].concat());
    match expected {
        None => assert_eq!(code, 0, "{name}: {said}"),
        Some(expected) => {
            assert_eq!(code, 2, "{name}: {said}");
            assert!(said.starts_with(&format!("error: {expected}")), "{name}: {said}");
            assert!(said.contains(&format!("\n  --> {name}")), "{name}: {said}");
            assert!(said.contains("\n  help: "), "{name}: {said}");
        }
    }
    let (code, said) = limited(folder, &["compare", name]);
    assert!([0, 1, 2].contains(&code), "{name}: {code} {said}");
}

const DAMAGED: &str = "the workbook is damaged and cannot be read: ";

fn xy(rows: &str) -> String {
    format!(
        "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c><c r=\"B1\" t=\"inlineStr\"><is>\
         <t>y</t></is></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"B2\"><v>2</v></c></row>\
         <row r=\"3\"><c r=\"A3\"><v>2</v></c><c r=\"B3\"><v>4</v></c></row>{rows}"
    )
}

#[test]
fn an_xlsx_is_held_against_what_it_has() {
    let folder = Folder::new();
    let far = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>9</v></c></row>";
    let group = "<row r=\"4\"><c r=\"A4\"><f t=\"shared\" ref=\"A4:A5\" si=\"4294967295\">A3+1</f><v>3\
                 </v></c><c r=\"B4\"><v>6</v></c></row>";
    let beyond = "<row r=\"4294967295\"><c r=\"A4294967295\"><v>3</v></c></row>";
    let array = "<row r=\"4\"><c r=\"A4\"><f t=\"array\" ref=\"A4:XFD1048576\">A3+1</f><v>3</v></c><c \
                 r=\"B4\"><v>6</v></c></row>";
    let beyond_end = format!("{DAMAGED}a cell stands at A4294967295, beyond the end of a sheet");
    for (name, rows, expected) in [
        ("far.xlsx", far, None),
        ("group.xlsx", group, None),
        ("array.xlsx", array, None),
        ("beyond.xlsx", beyond, Some(beyond_end.as_str())),
    ] {
        folder.raw(name, &xy(rows));
        check(&folder, name, expected);
    }
    let parts = |change: &dyn Fn(&str, String) -> String| -> Vec<(&str, String)> {
        raw_parts(&xy("")).into_iter().map(|(name, text)| (name, change(name, text))).collect()
    };
    let wide = parts(&|_, text| {
        text.replace("<sheetData>", "<dimension ref=\"A1:XFD1048576\"/><sheetData>")
    });
    zipped(&folder.path("wide.xlsx"), &wide);
    check(&folder, "wide.xlsx", None);
    let mut claims = wide.clone();
    claims.push(("xl/sharedStrings.xml", "<sst uniqueCount=\"4294967295\"><si/></sst>".to_owned()));
    zipped(&folder.path("claims.xlsx"), &claims);
    let expected = "its part xl/sharedstrings.xml claims 4294967295 texts and has 41 bytes";
    check(&folder, "claims.xlsx", Some(&format!("{DAMAGED}{expected}")));
    let twice = parts(&|_, text| {
        let sheet = "<sheet name=\"data\" sheetId=\"1\" r:id=\"rId1\"/>";
        text.replace(sheet, &format!("{sheet}{}", sheet.replace("data", "same")))
    });
    zipped(&folder.path("twice.xlsx"), &twice);
    check(&folder, "twice.xlsx", Some(&format!("{DAMAGED}two of its sheets are one part")));
    let mut styled = wide;
    let (font, styles) = ("f".repeat(1 << 20), "<xf fontId=\"0\"/>".repeat(4_000));
    let fonts = format!("<fonts><font><name val=\"{font}\"/></font></fonts>");
    let styles = format!("<styleSheet>{fonts}<cellXfs>{styles}</cellXfs></styleSheet>");
    styled.push(("xl/styles.xml", styles));
    zipped(&folder.path("styled.xlsx"), &styled);
    check(&folder, "styled.xlsx", Some("its part xl/styles.xml has 4000 cell formats, which take"));
}

#[test]
fn a_text_that_many_cells_show_counts_each_time() {
    let folder = Folder::new();
    let rows = (4..40_000).map(|row| {
        let row: u32 = row;
        format!("<row r=\"{row}\"><c r=\"D{row}\" t=\"s\"><v>0</v></c></row>")
    });
    let mut parts = raw_parts(&xy(&rows.collect::<String>()));
    parts.push((
        "xl/sharedStrings.xml",
        format!("<sst><si><t>{}</t></si></sst>", "x".repeat(20_000)),
    ));
    zipped(&folder.path("texts.xlsx"), &parts);
    check(&folder, "texts.xlsx", Some("the texts of its cells take more than 512 MiB in memory"));
}

#[test]
fn an_xls_is_read_from_a_sound_container() {
    let folder = Folder::new();
    let table =
        fs::read(format!("{}/tests/fixtures/table.xls", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let dimensions = table.windows(4).position(|four| four == [0x00, 0x02, 14, 0]).unwrap();
    let mut claims = table.clone();
    // The first row stands behind the last one.
    claims[dimensions + 4..dimensions + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    folder.file("claims.xls", &claims);
    check(&folder, "claims.xls", None);
    // Each sector leads to itself.
    let list = 512 * (1 + u32::from_le_bytes(table[76..80].try_into().unwrap()) as usize);
    let mut circle = table.clone();
    for at in 0..128_u32 {
        let place = list + 4 * at as usize;
        circle[place..place + 4].copy_from_slice(&at.to_le_bytes());
    }
    folder.file("circle.xls", &circle);
    let (code, said) = limited(&folder, &["run", "circle.xls"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.starts_with(&format!("error: {DAMAGED}")), "{said}");
}

#[test]
fn an_ods_is_read_cell_by_cell() {
    let folder = Folder::new();
    let cell = |value: &str| format!("<table:table-cell office:value=\"{value}\"/>");
    let text = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let row = |cells: &str| format!("<table:table-row>{cells}</table:table-row>");
    let blank = "<table:table-cell table:number-columns-repeated=\"16382\"/><table:table-cell/>";
    let xy = [
        row(&(text("x") + &text("y"))),
        row(&(cell("1") + &cell("2"))),
        row(&(cell("2") + &cell("4"))),
    ];
    let xy = xy.concat();
    let blanks = row(blank).repeat(20_000);
    let many = "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell \
                table:number-columns-repeated=\"16384\" office:value=\"1\"/></table:table-row>";
    let spaces = row(&text(&"<text:s text:c=\"4294967295\"/>".repeat(2)));
    for (name, rows, end, expected) in [
        ("blanks.ods", blanks.as_str(), "</table:table>", None),
        ("many.ods", many, "</table:table>", Some("there are more than 10000000 cells")),
        ("spaces.ods", &spaces, "</table:table>", Some("a cell has a text of more than 1 MiB")),
        ("open.ods", "", "", Some("the workbook is damaged and cannot be read")),
    ] {
        let content = format!("<table:table table:name=\"t\">{xy}{rows}{end}");
        zipped(&folder.path(name), &[("content.xml", content)]);
        check(&folder, name, expected);
    }
}

#[test]
fn texts_end_their_lines_and_logs_their_objects() {
    let folder = Folder::new();
    folder.file("wide.csv", ",".repeat(20 << 20));
    check(&folder, "wide.csv", Some("line 1 has more than 16 MiB"));
    folder.file("open.csv", format!("x,y\n1,\"{}", "2\n".repeat(9 << 20)));
    check(&folder, "open.csv", Some("line 2 has more than 16 MiB"));
    for (name, content, expected) in [
        (
            "objects.json",
            format!("[\n{}{{}}]", "{\"\":0},".repeat(1 << 20)),
            "a JSON document of this size",
        ),
        (
            "line.jsonl",
            format!("{{\"a\":[{}0]}}\n", "{\"\":0},".repeat(1 << 20)),
            "line 1 takes too much",
        ),
        ("deep.json", "[".repeat(1 << 20), "line 1 is no JSON object"),
    ] {
        folder.file(name, content);
        let (code, said) = limited(&folder, &["compare", name]);
        assert_eq!(code, 2, "{name}: {said}");
        assert!(said.starts_with(&format!("error: {expected}")), "{name}: {said}");
    }
    folder.file("mine.toml", "# \n".repeat(1 << 19));
    folder.file("xy.csv", "x,y\n1,2\n2,4\n");
    let (code, said) = limited(&folder, &["run", "xy.csv", "--optimizer-file", "mine.toml"]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.starts_with("error: cannot read it: it has more than 1 MiB\n  --> mine.toml"),
        "{said}"
    );
}

/// Each table was once read to the end of the file.
#[test]
fn a_text_of_many_small_tables_is_read_soon() {
    let folder = Folder::new();
    let small = ",0\";\"4 \"\"a\"\"\n\"\n5,0;6,0\n".repeat(2_000);
    folder.file("in.csv", format!("size;rent\n1,5;2,5\n\"3{small}"));
    let (code, said) = limited(&folder, &["run", "in.csv"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.starts_with("error: B3 holds the text \"4 \"a\"\" where"), "{said}");
}
