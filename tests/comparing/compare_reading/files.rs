//! Workbooks of all kinds: shared formulas, several sheets, other formats, those of gdtrace.

use std::path::{Path, PathBuf};

use gdtrace::compare::lint::lint;
use gdtrace::compare::read;
use gdtrace::compare::result::Finding;
use gdtrace::compare::table::Table;
use gdtrace::graph::Options;

use crate::common::books::{self, Folder};
use crate::compare_reading::sheets::{
    Cells, Layout, findings, pattern, read_ok, short, shown, table,
};

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
