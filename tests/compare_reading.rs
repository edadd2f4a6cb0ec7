//! Reading hand-built workbooks: the table is found wherever it stands, what its columns compute
//! is understood, and what breaks a column is named with its cell.

#[path = "fixtures/books.rs"]
#[allow(dead_code, reason = "each test file uses a part of it")]
mod books;
mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use books::Folder;
use gdtrace::compare::lint::lint;
use gdtrace::compare::machine::Leaf;
use gdtrace::compare::result::{Finding, Kind};
use gdtrace::compare::table::Table;
use gdtrace::compare::{Options, Reading, read};
use gdtrace::formula::{Expr, text};

/// The cells of a sheet by row and column, from 0: numbers, texts and formulas with `=`.
#[derive(Clone, Default)]
struct Cells(BTreeMap<(u32, u32), String>);

/// How a sheet is laid out.
#[derive(Clone)]
struct Layout {
    /// The columns in their order.
    columns: Vec<&'static str>,
    headers: Vec<&'static str>,
    /// The row of the headers, from 1.
    top: u32,
    /// The first column, from 0.
    left: u32,
    samples: usize,
}

const NAMES: [&str; 12] = ["x", "y", "b", "a", "pred", "gb", "ga", "vb", "va", "nb", "na", "err"];

impl Default for Layout {
    fn default() -> Self {
        Layout { columns: NAMES.into(), headers: NAMES.into(), top: 4, left: 0, samples: 12 }
    }
}

impl Layout {
    fn letter(&self, name: &str) -> char {
        let at = self.columns.iter().position(|column| *column == name).expect("a column");
        char::from(b'A' + self.left as u8 + at as u8)
    }

    /// The formula with `{pred}` for this row and `{^nb}` for the row above.
    fn filled(&self, formula: &str, row: u32) -> String {
        let mut filled = formula.to_owned();
        for name in NAMES {
            let letter = self.letter(name);
            filled = filled.replace(&format!("{{{name}}}"), &format!("{letter}{row}"));
            filled = filled.replace(&format!("{{^{name}}}"), &format!("{letter}{}", row - 1));
        }
        filled
    }

    /// A sheet of momentum: lr in B1, beta in D1, the start of b and a in B2 and D2.
    fn momentum(&self) -> Cells {
        let mut cells = Cells::default();
        let top = [("A1", "learning rate"), ("B1", "0.0001"), ("C1", "beta"), ("D1", "0.9")];
        let start = [("A2", "intercept"), ("B2", "1"), ("C2", "slope"), ("D2", "1")];
        for (at, content) in top.into_iter().chain(start) {
            cells.set(at, content);
        }
        for (name, header) in self.columns.iter().zip(&self.headers) {
            cells.set(&format!("{}{}", self.letter(name), self.top), header);
        }
        for sample in 0..self.samples {
            let row = self.top + 1 + sample as u32;
            let x = (sample * 37) % 23 + 1;
            let first = sample == 0;
            for (name, formula) in [
                ("x", &*x.to_string()),
                ("y", &*(2 * x + 30).to_string()),
                ("b", if first { "=B2" } else { "={^nb}" }),
                ("a", if first { "=D2" } else { "={^na}" }),
                ("pred", "={b}+{a}*{x}"),
                ("gb", "=2*({pred}-{y})"),
                ("ga", "={gb}*{x}"),
                ("vb", if first { "=(1-$D$1)*{gb}" } else { "=$D$1*{^vb}+(1-$D$1)*{gb}" }),
                ("va", if first { "=(1-$D$1)*{ga}" } else { "=$D$1*{^va}+(1-$D$1)*{ga}" }),
                ("nb", "={b}-$B$1*{vb}"),
                ("na", "={a}-$B$1*{va}"),
                ("err", "=({pred}-{y})^2"),
            ] {
                cells.set(&format!("{}{row}", self.letter(name)), &self.filled(formula, row));
            }
        }
        let (first, last) = (self.top + 1, self.top + self.samples as u32);
        let err = self.letter("err");
        cells.set(&format!("{err}{}", last + 1), &format!("=SQRT(SUM({err}{first}:{err}{last}))"));
        cells
    }
}

impl Cells {
    fn place(name: &str) -> (u32, u32) {
        let digits = name.find(|c: char| c.is_ascii_digit()).expect("a row");
        let column = name[..digits].bytes().fold(0, |n, b| n * 26 + u32::from(b - b'A') + 1) - 1;
        (name[digits..].parse::<u32>().expect("a row") - 1, column)
    }

    fn set(&mut self, at: &str, content: &str) {
        self.0.insert(Cells::place(at), content.to_owned());
    }

    fn with(mut self, at: &str, content: &str) -> Cells {
        self.set(at, content);
        if content.is_empty() {
            self.0.remove(&Cells::place(at));
        }
        self
    }

    /// The rows as XML, without any cached result.
    fn xml(&self) -> String {
        let mut xml = String::new();
        let mut row = None;
        for ((at, column), content) in &self.0 {
            if row != Some(*at) {
                xml += if row.is_some() { "</row>" } else { "" };
                xml += &format!("<row r=\"{}\">", at + 1);
                row = Some(*at);
            }
            let name = format!("{}{}", char::from(b'A' + *column as u8), at + 1);
            let escaped = content.replace('&', "&amp;").replace('<', "&lt;");
            xml += &match (escaped.strip_prefix('='), content.parse::<f64>()) {
                (Some(formula), _) => match formula.split_once('~') {
                    Some((formula, result)) => {
                        format!("<c r=\"{name}\"><f>{formula}</f><v>{result}</v></c>")
                    }
                    None => format!("<c r=\"{name}\"><f>{formula}</f></c>"),
                },
                (None, Ok(number)) => format!("<c r=\"{name}\"><v>{number}</v></c>"),
                (None, Err(_)) => format!(
                    "<c r=\"{name}\" t=\"inlineStr\"><is><t>{}</t></is></c>",
                    escaped.trim_start_matches('\'')
                ),
            };
        }
        xml + "</row>"
    }

    fn read(&self) -> Reading {
        let folder = Folder::new();
        read_ok(&folder.raw("book.xlsx", &self.xml()))
    }
}

fn read_ok(path: &Path) -> Reading {
    read(path, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The only table of a reading.
fn table(reading: &Reading) -> &Table {
    let sheet = &reading.sheets[0];
    sheet.table.as_ref().unwrap_or_else(|reason| panic!("{}: {reason}", sheet.name))
}

/// What a column computes, with the headers for its names.
fn shown(table: &Table, formula: &Expr<Leaf>) -> String {
    let header = |index: &usize| table.machine.columns[*index].header.clone().unwrap_or_default();
    text(formula, &|leaf| match leaf {
        Leaf::Column(index) => header(index),
        Leaf::Above(index) => format!("prev.{}", header(index)),
        Leaf::Fixed(index) => table.machine.fixed[*index].cell.clone(),
    })
}

/// What the column with this header computes.
fn pattern(table: &Table, header: &str) -> String {
    let column = table.machine.columns.iter().find(|c| c.header.as_deref() == Some(header));
    let column = column.unwrap_or_else(|| panic!("no column {header}"));
    column.pattern.as_ref().map_or("-".to_owned(), |pattern| shown(table, pattern))
}

fn findings(reading: &Reading) -> Vec<Finding> {
    let found = lint(reading);
    found.sheets.into_iter().flatten().chain(found.workbook).collect()
}

/// Each finding as its kind and its cell.
fn short(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.kind.name(), finding.cell)).collect()
}

#[test]
fn a_table_is_found_with_all_that_it_computes() {
    let reading = Layout::default().momentum().read();
    let table = table(&reading);
    assert_eq!((table.range().as_str(), table.header), ("A5:L16", Some(3)));
    assert_eq!(pattern(table, "b"), "prev.nb");
    assert_eq!(pattern(table, "pred"), "b + a*x");
    assert_eq!(pattern(table, "vb"), "D1*prev.vb + (1 - D1)*gb");
    assert_eq!(pattern(table, "nb"), "b - B1*vb");
    assert_eq!(pattern(table, "x"), "-");
    let first = table.machine.columns[2].first.as_ref().expect("another formula");
    assert_eq!(shown(table, first), "B2");
    let fixed = table
        .machine
        .fixed
        .iter()
        .map(|fixed| (fixed.cell.as_str(), fixed.label.as_deref().unwrap_or(""), fixed.value));
    let fixed: Vec<_> = fixed.collect();
    assert!(fixed.contains(&("B1", "learning rate", 0.0001)), "{fixed:?}");
    assert!(fixed.contains(&("B2", "intercept", 1.0)), "{fixed:?}");
    assert_eq!(table.totals.len(), 1);
    assert_eq!(short(&findings(&reading)), [""; 0]);
}

#[test]
fn a_workbook_without_results_is_calculated() {
    let layout = Layout::default();
    let reading = layout.momentum().read();
    let table = table(&reading);
    let (mut b, mut a, mut vb, mut va) = (1.0, 1.0, 0.0, 0.0);
    for sample in 0..layout.samples {
        let x = table.machine.columns[0].values[sample].expect("x");
        let error = (b + a * x) - (2.0 * x + 30.0);
        vb = 0.9 * vb + (1.0 - 0.9) * (2.0 * error);
        va = 0.9 * va + (1.0 - 0.9) * (2.0 * error * x);
        b -= 0.0001 * vb;
        a -= 0.0001 * va;
    }
    let last = |column: usize| table.machine.columns[column].values[layout.samples - 1];
    assert_eq!((last(9), last(10)), (Some(b), Some(a)));
}

#[test]
fn neither_place_nor_order_nor_headers_matter() {
    let usual = Layout::default();
    let mut turned = usual.clone();
    turned.columns.reverse();
    turned.headers.reverse();
    turned.top = 19;
    turned.left = 5;
    let reading = turned.momentum().read();
    assert_eq!(table(&reading).range(), "F20:Q31");
    assert_eq!(pattern(table(&reading), "vb"), "D1*prev.vb + (1 - D1)*gb");
    assert_eq!(short(&findings(&reading)), [""; 0]);

    let renamed = Layout {
        headers: vec!["in", "out", "c", "m", "f", "d1", "d2", "s1", "s2", "c2", "m2", "q"],
        ..usual
    };
    let reading = renamed.momentum().read();
    assert_eq!(table(&reading).range(), "A5:L16");
    assert_eq!(pattern(table(&reading), "s1"), "D1*prev.s1 + (1 - D1)*d1");
}

/// A clean sheet after one change, and what is found: `KIND CELL`.
#[test]
fn each_mistake_is_named_with_its_cell() {
    let clean = Layout::default().momentum();
    for (at, content, expected) in [
        ("J9", "=C9-$B$1*H8", "inconsistent-formula J9"),
        ("J9", "=C9-B1*H9", "inconsistent-formula J9"),
        ("J9", "=C9+$B$1*H9", "inconsistent-formula J9"),
        ("K9", "=D9-$B$1*H9", "inconsistent-formula K9"),
        ("E9", "=C9+$D$9*A9", "inconsistent-formula E9"),
        ("H9", "=$D$1*H7+(1-$D$1)*F9", "inconsistent-formula H9"),
        ("H9", "=D1*H8+(1-$D$1)*F9", "inconsistent-formula H9"),
        ("F9", "12.5", "inconsistent-formula F9"),
        ("F5", "12.5", "inconsistent-formula F5"),
        ("F16", "12.5", "inconsistent-formula F16"),
        ("E10", "=#REF!+D10*A10", "broken-reference E10"),
        ("G7", "=F7*A7/0", "inconsistent-formula G7"),
        ("A8", "'14", "text-number A8"),
        ("A8", "", "missing A8"),
        ("J9", "", "missing J9"),
        ("B1", "'0.0001", "text-number B1"),
        ("F9", "=2*(E9-B9)~7", "stale F9"),
    ] {
        let found = findings(&clean.clone().with(at, content).read());
        let expected: String = expected.replace(' ', " data!");
        assert!(short(&found).contains(&expected), "{at} {content}: {found:#?}");
        let others = found.iter().filter(|f| format!("{} {}", f.kind.name(), f.cell) != expected);
        let others: Vec<_> = others.filter(|f| f.kind != Kind::ErrorCell).collect();
        assert!(others.is_empty(), "{at} {content}: {found:#?}");
        assert!(found[0].fix.is_some(), "{found:#?}");
    }
}

#[test]
fn formulas_that_compute_the_same_are_no_mistake() {
    let clean = Layout::default().momentum();
    for (at, content) in [
        ("E9", "=D9*A9+C9"),
        ("E9", "=A9*D9+C9"),
        ("E9", "=SUM(C9,D9*A9)"),
        ("J9", "=C9-B$1*H9"),
        ("J9", "=C9-data!$B$1*H9"),
        ("L9", "=POWER(E9-B9,2)"),
    ] {
        let found = findings(&clean.clone().with(at, content).read());
        // Without the absolute column the formula still means the same in its column.
        assert_eq!(short(&found), [""; 0], "{at} {content}");
    }
}

#[test]
fn a_mistake_is_told_with_its_reason_its_consequences_and_the_edit() {
    let reading = Layout::default().momentum().with("J9", "=C9-B1*H9").read();
    let found = findings(&reading);
    assert_eq!(
        found[0].message,
        "J9 breaks the pattern of its column: the $ signs of $B$1 are missing, so that it moves \
         when it is filled down. It has =C9-B1*H9; the other rows have the formula that would be \
         =C9-$B$1*H9 here"
    );
    assert_eq!(found[0].expected.as_deref(), Some("=C9-$B$1*H9"));
    assert_eq!(found[0].fix.as_deref(), Some("write =C9-$B$1*H9 into J9, or copy J8 down"));
    // The ten columns of the seven rows below but a in the first of them, and the total.
    assert_eq!(found[0].consequences, 7 * 10 - 1 + 1);
}

#[test]
fn a_broken_table_is_still_one_table() {
    let clean = Layout::default().momentum();
    for (at, content) in [("E9", "text"), ("F9", "#N/A"), ("A9", ""), ("C5", "1")] {
        let reading = clean.clone().with(at, content).read();
        assert_eq!(table(&reading).range(), "A5:L16", "{at} {content}");
        assert_eq!(table(&reading).machine.rows.len(), 12, "{at} {content}");
        assert_eq!(pattern(table(&reading), "vb"), "D1*prev.vb + (1 - D1)*gb");
    }
    let mut cleared = clean;
    cleared.0.retain(|at, _| at.0 != 8);
    let reading = cleared.read();
    assert_eq!(table(&reading).machine.rows.len(), 11);
    assert_eq!(short(&findings(&reading))[0], "missing data!A9");
}

/// Rows as they are typed, cells between `|`.
fn typed(lines: &str) -> Reading {
    let mut cells = Cells::default();
    for (row, line) in (0..).zip(lines.lines()) {
        for (column, cell) in (0..).zip(line.split('|')) {
            if !cell.trim().is_empty() {
                cells.0.insert((row, column), cell.trim().to_owned());
            }
        }
    }
    cells.read()
}

#[test]
fn what_is_no_table_is_told_so() {
    let balance: String =
        (3..20).map(|r| format!("day {r}|{r}|5|=D{}+B{r}-C{r}\n", r - 1)).collect();
    let loan: String =
        (3..20).map(|r| format!("{r}|=E{0}*$B$1/12|100|=C{r}-B{r}|=E{0}-D{r}\n", r - 1)).collect();
    let rates: String = (3..20).map(|r| format!("{r}|0.0{r}|=C{}*(1+B{r})\n", r - 1)).collect();
    let sales: String = (3..20).map(|r| format!("{r}|2|3|=D{}+A{r}*B{r}*C{r}\n", r - 1)).collect();
    let descent = "its formulas are no gradient descent: no value is corrected from row to row by \
                   the error of a prediction";
    for (lines, reason) in [
        ("a title|and more", "it has only text"),
        (
            "x|y\n1|2\n2|3\n3|4",
            "it has no formulas, and no headers of a table with x, y and weights",
        ),
        ("item|cost|sum\n1|2|=A2*B2\n3|4|=A3*B3", "it has no column that refers to the row above"),
        (&format!("day|in|out|balance\n|||100\n{balance}"), descent),
        (&format!("rate|0.05\n||||10000\n{loan}"), descent),
        (&format!("year|rate|value\n||1000\n{rates}"), descent),
        (&format!("n|price|margin|all\n|||0\n{sales}"), descent),
    ] {
        let reading = typed(lines);
        assert_eq!(reading.sheets[0].table.as_ref().err().map(String::as_str), Some(reason));
        assert_eq!(short(&findings(&reading)), [""; 0]);
    }
    let empty = read_ok(&Folder::new().raw("empty.xlsx", ""));
    assert_eq!(empty.sheets[0].table.as_ref().err().map(String::as_str), Some("it is empty"));
}

#[test]
fn epochs_may_stand_below_each_other() {
    let one = Layout::default();
    let mut cells = one.momentum();
    cells.0.remove(&(16, 11));
    // A second epoch below a gap, which starts from the last row of the first.
    let second = Layout { top: 18, ..one.clone() }.momentum();
    cells.0.extend(second.0.into_iter().filter(|(at, _)| at.0 >= 18));
    for (at, content) in [
        ("C19", "=J16"),
        ("D19", "=K16"),
        ("H19", "=$D$1*H16+(1-$D$1)*F19"),
        ("I19", "=$D$1*I16+(1-$D$1)*G19"),
    ] {
        cells.set(at, content);
    }
    let reading = cells.read();
    assert_eq!(table(&reading).machine.rows.len(), 24);
    assert_eq!(table(&reading).epoch(), Some(12));
    assert_eq!(short(&findings(&reading)), [""; 0]);
}

#[test]
fn shared_formulas_are_those_of_each_cell() {
    let mut xml = Layout::default().momentum().xml();
    for row in 6..=16 {
        let own = format!("<f>C{row}+D{row}*A{row}</f>");
        let shared = match row {
            6 => {
                format!("<f t=\"shared\" ref=\"E6:E16\" si=\"4000000000\">C{row}+D{row}*A{row}</f>")
            }
            _ => "<f t=\"shared\" si=\"4000000000\"/>".to_owned(),
        };
        assert!(xml.contains(&own));
        xml = xml.replace(&own, &shared);
    }
    let reading = read_ok(&Folder::new().raw("shared.xlsx", &xml));
    assert_eq!(pattern(table(&reading), "pred"), "b + a*x");
    assert_eq!(short(&findings(&reading)), [""; 0]);
}

#[test]
fn a_table_may_have_values_only() {
    let folder = Folder::new();
    let path = folder.file("values.csv", "lr,0.1\n\nstep,x,y,a,b,pred\n1,2,3,1,1,3\n2,3,4,1,1,4\n");
    let reading = read_ok(&path);
    let table = table(&reading);
    assert_eq!((table.range().as_str(), table.header), ("A4:F5", Some(2)));
    assert_eq!(table.machine.columns[1].values, [Some(2.0), Some(3.0)]);
    assert_eq!(table.machine.fixed[0].label.as_deref(), Some("lr"));
    assert!(table.machine.columns.iter().all(|column| column.pattern.is_none()));
}

#[test]
fn hyperparameters_may_stand_on_another_sheet() {
    let folder = Folder::new();
    let path = folder.path("two.xlsx");
    let mut parts = books::raw_parts(&{
        let mut cells = Layout::default().momentum();
        for content in cells.0.values_mut() {
            *content = content.replace("$B$1", "'my setup'!$C$7");
        }
        cells.xml()
    });
    let setup = Cells::default().with("B7", "eta").with("C7", "0.0001").xml();
    let sheet = parts[4].1.clone();
    let (start, end) =
        (sheet.find("<row").expect("rows"), sheet.rfind("</row>").expect("rows") + 6);
    parts
        .push(("xl/worksheets/sheet2.xml", format!("{}{setup}{}", &sheet[..start], &sheet[end..])));
    parts[2].1 = parts[2].1.replace(
        "</sheets>",
        "<sheet name=\"my setup\" sheetId=\"2\" state=\"hidden\" r:id=\"rId2\"/></sheets>",
    );
    parts[3].1 = parts[3].1.replace(
        "</Relationships>",
        "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
         relationships/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>",
    );
    books::zipped(&path, &parts);
    let reading = read_ok(&path);
    assert_eq!(pattern(table(&reading), "nb"), "b - 'my setup'!C7*vb");
    let fixed = table(&reading).machine.fixed.iter().find(|fixed| fixed.cell == "'my setup'!C7");
    assert_eq!(fixed.and_then(|fixed| fixed.label.as_deref()), Some("eta"));
    assert!(reading.workbook.sheets[1].is_hidden);
    assert_eq!(short(&findings(&reading)), [""; 0]);
}

#[test]
fn a_sheet_is_chosen_by_its_name() {
    let folder = Folder::new();
    let path = folder.raw("book.xlsx", &Layout::default().momentum().xml());
    let options = |sheet: &str| Options { sheet: Some(sheet.to_owned()), ..Options::default() };
    assert_eq!(read(&path, &options("DATA")).map(|reading| reading.sheets.len()).ok(), Some(1));
    let error = read(&path, &options("dato")).expect_err("there is no such sheet").to_string();
    assert_eq!(
        error,
        format!(
            "there is no sheet called 'dato'\n  --> {}\n  help: did you mean `data`? Known: data",
            path.display()
        )
    );
}

#[test]
fn the_trace_workbooks_of_gdtrace_itself_are_clean() {
    let folder = Folder::new();
    let path = folder.path("trace.xlsx");
    let mut command = assert_cmd::Command::cargo_bin("gdtrace").expect("the program");
    command.args(["run", "examples/graddes.xlsx", "--epochs", "2", "-o"]).arg(&path);
    command.assert().success();
    let reading = read_ok(&path);
    let tables: Vec<_> = reading
        .sheets
        .iter()
        .filter(|sheet| sheet.table.is_ok())
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(tables, ["sgd", "momentum", "rmsprop", "adam"]);
    let adam = reading.sheets.iter().find(|sheet| sheet.name == "adam").expect("adam");
    let table = adam.table.as_ref().expect("a table");
    assert_eq!(table.machine.rows.len(), 58);
    let weight = table.machine.columns.iter().find(|c| c.header.as_deref() == Some("new a"));
    assert_eq!(weight.and_then(|column| column.before), Some(1.0));
    assert_eq!(short(&findings(&reading)), [""; 0]);
}

/// The hand-built walkthrough, where it is at hand; it is not part of this repository.
fn walkthrough() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("GDTRACE_SHARED").map_or(beside, PathBuf::from);
    let path = shared.join("reference/graddesc-v3.xlsx");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn the_walkthrough_is_understood() {
    let Some(path) = walkthrough() else { return };
    let reading = read_ok(&path);
    let found: Vec<_> = reading
        .sheets
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.table.as_ref().map(Table::range)))
        .map(|(name, table)| format!("{name}: {}", table.unwrap_or_else(|reason| reason.clone())))
        .collect();
    assert_eq!(
        found,
        [
            "Sheet1: it has only text",
            "data: it has no column that refers to the row above",
            "basic: A4:N32",
            "momentum: A4:L32",
            "rmsprop: A4:K32",
            "adam: A4:M32",
            "adam_ann: A4:M32",
        ]
    );
    let annealed = reading.sheets[6].table.as_ref().expect("a table");
    let fixed: Vec<_> = annealed.machine.fixed.iter().map(|fixed| fixed.cell.as_str()).collect();
    assert_eq!(fixed, ["C1", "C2", "D2", "J1", "K1", "L1", "M1"]);
    let kept = annealed.machine.fixed[4].formula.as_ref().expect("=1-J1");
    assert_eq!(shown(annealed, kept), "1 - J1");
    assert_eq!(annealed.machine.columns[9].before, Some(-0.04844194314192592));
    let ratio = annealed.totals.iter().find(|total| total.at == (33, 13)).expect("N34");
    assert_eq!(ratio.value, Some(1.2475765612497367));
    assert_eq!(ratio.tree.as_ref().map(|tree| tree.size()).ok(), Some(3));
    let basic = reading.sheets[2].table.as_ref().expect("a table");
    assert_eq!(basic.lists[0].values.len(), 5);
    assert_eq!(basic.lists[0].label.as_deref(), Some("rmse"));
    let found = lint(&reading);
    let sheets: Vec<Finding> = found.sheets.into_iter().flatten().collect();
    assert_eq!(short(&sheets), ["volatile data!B5"]);
    assert_eq!(sheets[0].consequences, 29);
    assert_eq!(short(&found.workbook).len(), 3);
}

#[test]
fn an_open_document_reads_like_the_workbook() {
    let Some(path) = walkthrough() else { return };
    let folder = Folder::new();
    let home = format!("-env:UserInstallation=file://{}", folder.path("profile").display());
    let converted = std::process::Command::new("soffice")
        .args([&home, "--headless", "--convert-to", "ods", "--outdir"])
        .arg(folder.path(""))
        .arg(&path)
        .output();
    if !converted.is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no LibreOffice");
        return;
    }
    let (ours, theirs) = (read_ok(&folder.path("graddesc-v3.ods")), read_ok(&path));
    for (ods, xlsx) in ours.sheets.iter().zip(&theirs.sheets) {
        let patterns = |table: &Table| {
            let columns = table.machine.columns.iter();
            columns.map(|column| column.pattern.clone()).collect::<Vec<_>>()
        };
        let table = |reading: &gdtrace::compare::SheetReading| {
            reading.table.as_ref().map(|table| (table.range(), patterns(table))).ok()
        };
        assert_eq!(table(ods), table(xlsx), "{}", xlsx.name);
    }
}
