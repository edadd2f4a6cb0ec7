//! A run over a workbook with sheets of an earlier run, which somebody has worked with since.

use crate::added::excel;
use crate::added::program::{added, run};
use crate::added::programs::program;
use crate::added::source::{MAIN, Source, sheet};
use crate::common::books::Folder;
use crate::common::package;

/// The tag of the sheet called `name` in the list of the workbook.
fn listed(source: &Source, name: &str) -> String {
    let text = source.text("xl/workbook.xml");
    let start = text.find(&format!("<sheet name=\"{name}\"")).expect("a sheet");
    let end = text[start..].find("/>").unwrap() + 2;
    text[start..start + end].to_owned()
}

/// Runs over `source`; the workbook after that.
fn again(source: &Source, folder: &Folder) -> Source {
    let path = source.save(folder, "again.xlsx");
    run(folder, "again.xlsx", "--in-place");
    assert_eq!(package::check(&path), Vec::<String>::new());
    Source::read(&path)
}

#[test]
fn sheets_that_were_moved_are_replaced_behind_theirs() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &excel::workbook(), "a.xlsx");
    let once = Source::read(&new);
    let mut moved = once.clone();
    // `summary` to the front, with it in front: what is named by its place moves on by one.
    let summary = listed(&once, "summary");
    moved.change("xl/workbook.xml", &summary, "");
    moved.change("xl/workbook.xml", "<sheets>", &format!("<sheets>{summary}"));
    moved.change(
        "xl/workbook.xml",
        "firstSheet=\"1\" activeTab=\"1\"",
        "firstSheet=\"2\" activeTab=\"2\"",
    );
    moved.change(
        "xl/workbook.xml",
        "name=\"_xlnm.Print_Area\" localSheetId=\"1\"",
        "name=\"_xlnm.Print_Area\" localSheetId=\"2\"",
    );
    let (name, text) = ("name=\"gdtrace.added\" localSheetId", "hidden=\"1\">&quot;run summary");
    moved.change(
        "xl/workbook.xml",
        &format!("{name}=\"3\" {text}"),
        &format!("{name}=\"0\" {text}"),
    );
    let after = again(&moved, &folder);
    assert_eq!(after.sheets(), once.sheets());
    assert_eq!(after.text("xl/workbook.xml"), once.text("xl/workbook.xml"));
    // The titles had been left as they were, in the order of before.
    for (name, bytes) in once.parts.iter().filter(|(name, _)| !name.starts_with("customXml/item2"))
    {
        assert!(after.bytes(name) == Some(bytes), "{name}");
    }
}

#[test]
fn the_tab_of_a_sheet_that_goes_is_no_more_in_front() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &excel::workbook(), "a.xlsx");
    let mut looked = Source::read(&new);
    looked.change("xl/workbook.xml", "activeTab=\"1\"", "activeTab=\"6\"");
    let after = again(&looked, &folder);
    assert!(after.text("xl/workbook.xml").contains("activeTab=\"0\""));
}

#[test]
fn a_sheet_that_got_another_name_is_the_users() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &excel::workbook(), "a.xlsx");
    let once = Source::read(&new);
    let mut renamed = once.clone();
    let tag = listed(&once, "sgd");
    renamed.change("xl/workbook.xml", &tag, &tag.replace("sgd", "my first run"));
    let after = again(&renamed, &folder);
    let names = [
        "data",
        "notes & more",
        "chart",
        "my first run",
        "summary",
        "sgd",
        "epochs",
        "circuit",
        "curvature",
    ];
    assert_eq!(after.sheets(), names);
    // Its part is as it was, and so is what only it refers to.
    let (list, id) =
        (after.text("xl/_rels/workbook.xml.rels"), tag.split("r:id=\"").nth(1).unwrap());
    let id = id.split('"').next().unwrap();
    let part =
        list.split(&format!("Id=\"{id}\"")).nth(1).unwrap().split("Target=\"/").nth(1).unwrap();
    let part = part.split('"').next().unwrap();
    assert!(after.bytes(part) == once.bytes(part), "{part}");
    let relations = part.replace("worksheets/", "worksheets/_rels/") + ".rels";
    assert!(after.bytes(&relations) == once.bytes(&relations));
}

#[test]
fn a_sheet_that_the_user_added_behind_ours_stays() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &program("libreoffice.xlsx"), "a.xlsx");
    let mut worked = Source::read(&new);
    let id = worked.relate(("xl/worksheets/mine.xml", "worksheet"), sheet("", "", ""));
    worked.declare(
        "xl/worksheets/mine.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    );
    worked.change(
        "xl/workbook.xml",
        "</sheets>",
        &format!("<sheet name=\"mine\" sheetId=\"40\" r:id=\"{id}\"/></sheets>"),
    );
    worked.change(
        "xl/workbook.xml",
        "</definedNames>",
        "<definedName name=\"here\" localSheetId=\"7\">mine!$A$1</definedName></definedNames>",
    );
    let after = again(&worked, &folder);
    assert_eq!(after.sheets()[..4], ["Data", "Tabelle2", "mine", "summary"]);
    let text = after.text("xl/workbook.xml");
    assert!(text.contains("name=\"here\" localSheetId=\"2\">mine!$A$1<"), "{text}");
    assert!(text.contains("name=\"summary\" sheetId=\"41\""), "{text}");
    assert!(after.bytes("xl/worksheets/mine.xml").is_some());
    // And once more, now over what that gave.
    let twice = again(&after, &folder);
    assert_eq!(twice, after);
}

#[test]
fn a_sheet_of_theirs_with_the_number_of_one_that_went_is_theirs() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &program("libreoffice.xlsx"), "a.xlsx");
    let mut worked = Source::read(&new);
    // Somebody deleted `sgd` and called a new sheet so, which got the next free number.
    let tag = listed(&worked, "sgd");
    worked.change("xl/workbook.xml", &tag, &tag.replace("sheetId=\"4\"", "sheetId=\"9\""));
    let after = again(&worked, &folder);
    assert_eq!(after.sheets()[..5], ["Data", "Tabelle2", "sgd", "summary", "sgd (2)"]);
}

#[test]
fn sheets_are_known_by_their_defined_names_where_a_program_dropped_the_mark() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &program("libreoffice.xlsx"), "a.xlsx");
    let once = Source::read(&new);
    let mut saved = once.clone();
    saved.parts.retain(|(name, _)| !name.starts_with("customXml/"));
    let list = "xl/_rels/workbook.xml.rels";
    let relations = saved.text(list);
    let of_mark = relations.split("<Relationship ").find(|one| one.contains("customXml")).unwrap();
    let of_mark = of_mark.split("/>").next().unwrap();
    saved.change(list, &format!("<Relationship {of_mark}/>"), "");
    let after = again(&saved, &folder);
    assert_eq!(after.sheets(), once.sheets());
    assert_eq!(after.text("xl/workbook.xml"), once.text("xl/workbook.xml"));
    // A copy of a sheet has its names, and one that got another name keeps them: they are the user's.
    let mut renamed = saved;
    let tag = listed(&renamed, "sgd");
    renamed.change("xl/workbook.xml", &tag, &tag.replace("sgd", "sgd of May"));
    let after = again(&renamed, &folder);
    assert_eq!(after.sheets()[..5], ["Data", "Tabelle2", "sgd of May", "summary", "sgd"]);
}

#[test]
fn fewer_optimizers_leave_no_sheet_behind() {
    let folder = Folder::new();
    excel::workbook().save(&folder, "a.xlsx");
    run(&folder, "a.xlsx", "--optimizers adam,sgd -o more.xlsx");
    let more = Source::read(&folder.path("more.xlsx"));
    assert!(more.sheets().contains(&"adam".to_owned()));
    run(&folder, "more.xlsx", "-o fewer.xlsx");
    run(&folder, "a.xlsx", "-o fresh.xlsx");
    let (fewer, fresh) =
        (Source::read(&folder.path("fewer.xlsx")), Source::read(&folder.path("fresh.xlsx")));
    assert_eq!(fewer.sheets(), fresh.sheets());
    let names = |source: &Source| {
        let mut names: Vec<String> = source.parts.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&fewer), names(&fresh));
    assert_eq!(fewer.text("xl/workbook.xml"), fresh.text("xl/workbook.xml"));
}

#[test]
fn a_run_and_a_comparison_leave_each_others_sheets_alone() {
    let folder = Folder::new();
    let (_, new) = added(&folder, &program("libreoffice.xlsx"), "a.xlsx");
    let path = new.file_name().unwrap().to_str().unwrap();
    let said = crate::added::program::gdtrace(&folder, &format!("compare {path} -o marked.xlsx"));
    assert_eq!(said.code, 0, "{said:?}");
    let marked = Source::read(&folder.path("marked.xlsx"));
    let ours = ["summary", "sgd", "epochs", "circuit", "curvature", "findings"];
    assert_eq!(marked.sheets()[2..8], ours);
    assert_eq!(package::check(folder.path("marked.xlsx")), Vec::<String>::new());
    run(&folder, "marked.xlsx", "--in-place");
    let after = Source::read(&folder.path("marked.xlsx"));
    let place = |name: &str| after.sheets().iter().position(|one| one == name);
    assert!(place("findings") < place("summary"), "{:?}", after.sheets());
    assert_eq!(package::check(folder.path("marked.xlsx")), Vec::<String>::new());
    assert!(after.text("xl/workbook.xml").contains("gdtrace_marks"));
    assert!(after.text("xl/workbook.xml").contains(MAIN));
}
