//! Marks on the user's own sheets: conditional formats and notes, and nothing else.

use crate::added::excel;
use crate::added::program::gdtrace;
use crate::added::programs::PROGRAMS;
use crate::added::source::{Source, packed};
use crate::common::books::Folder;
use crate::common::package;

/// A sheet with a training by hand, gradient descent on a line, whose slope's gradient is wrong once.
pub fn training(before: &str, behind: &str) -> String {
    training_in("", before, behind)
}

/// The same with elements that have this prefix.
fn training_in(prefix: &str, before: &str, behind: &str) -> String {
    let heads = ["x", "y", "a", "b", "pred", "error", "de/da", "de/db", "new a", "new b"];
    let letters = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    let text = |cell: &str, text: &str| {
        format!("<{prefix}c r=\"{cell}\" t=\"str\"><{prefix}v>{text}</{prefix}v></{prefix}c>")
    };
    let (mut a, mut b, lr) = (1.0, 1.0, 0.0001);
    let head: String =
        letters.iter().zip(heads).map(|(at, head)| text(&format!("{at}2"), head)).collect();
    let mut rows = format!(
        "<{prefix}row r=\"1\">{}<{prefix}c r=\"B1\"><{prefix}v>{lr}</{prefix}v></{prefix}c></{prefix}row>\
         <{prefix}row r=\"2\">{head}</{prefix}row>",
        text("A1", "lr")
    );
    for (row, x) in (3..).zip([14.0, 86.0, 28.0, 51.0, 29.0, 72.0, 62.0, 84.0, 15.0, 42.0]) {
        let (y, above) = (2.0 * x + 30.0, row - 1);
        let wrong = row == 7;
        let pred = a * x + b;
        let error = pred - y;
        let (da, db) = (2.0 * error * if wrong { 1.0 } else { x }, 2.0 * error);
        let (new_a, new_b) = (a - lr * da, b - lr * db);
        let from = |at: &str| match row {
            3 => String::new(),
            _ => format!("{at}{above}"),
        };
        let slope = if wrong { format!("2*F{row}") } else { format!("2*F{row}*A{row}") };
        let cells = [
            (String::new(), x),
            (String::new(), y),
            (from("I"), a),
            (from("J"), b),
            (format!("C{row}*A{row}+D{row}"), pred),
            (format!("E{row}-B{row}"), error),
            (slope, da),
            (format!("2*F{row}"), db),
            (format!("C{row}-$B$1*G{row}"), new_a),
            (format!("D{row}-$B$1*H{row}"), new_b),
        ];
        let cell = |(at, (formula, value)): (&&str, &(String, f64))| {
            let formula = match formula.is_empty() {
                true => String::new(),
                false => format!("<{prefix}f>{formula}</{prefix}f>"),
            };
            format!(
                "<{prefix}c r=\"{at}{row}\">{formula}<{prefix}v>{value}</{prefix}v></{prefix}c>"
            )
        };
        let cells: String = letters.iter().zip(&cells).map(cell).collect();
        rows += &format!("<{prefix}row r=\"{row}\">{cells}</{prefix}row>");
        (a, b) = (new_a, new_b);
    }
    match prefix {
        "" => crate::added::source::sheet(before, &rows, behind),
        _ => format!(
            "<{prefix}worksheet xmlns:x=\"{}\">{before}<{prefix}sheetData>{rows}</{prefix}sheetData>{behind}</{prefix}worksheet>",
            crate::added::source::MAIN
        ),
    }
}

/// The part of the first sheet.
fn first_sheet(source: &Source) -> String {
    let named = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet.xml"];
    named.into_iter().find(|name| source.bytes(name).is_some()).expect("a sheet").to_owned()
}

/// The source of a program with the training on its first sheet.
fn with_training(source: fn() -> Source) -> Source {
    let mut source = source();
    let name = first_sheet(&source);
    let text = source.text(&name);
    let own =
        if text.contains("<x:worksheet") { training_in("x:", "", "") } else { training("", "") };
    let rows = |text: &str| {
        let start = text.find("sheetData>").unwrap() + 10;
        let end = text
            .rfind("</")
            .and_then(|_| text.find("</sheetData>").or(text.find("</x:sheetData>")))
            .unwrap();
        (start, end)
    };
    let ((start, end), (from, to)) = (rows(&text), rows(&own));
    let text = format!("{}{}{}", &text[..start], &own[from..to], &text[end..]);
    // The area that a writer noted no longer fits.
    source.put(
        &name,
        text.replace("<dimension ref=\"A1:B9\"/>", "").replace("<dimension ref=\"A1:B7\"/>", ""),
    );
    source
}

/// Marks `source` twice, the second time the marked copy; both.
fn marked(folder: &Folder, source: &Source, name: &str) -> (Source, Source) {
    source.save(folder, name);
    let extension = name.rsplit('.').next().unwrap();
    let (once, twice) = (format!("once.{extension}"), format!("twice.{extension}"));
    let said = gdtrace(folder, &format!("compare {name} -o {once}"));
    assert_eq!((said.code, said.stderr.as_str()), (1, ""), "{name}: {said:?}");
    let again = gdtrace(folder, &format!("compare {once} -o {twice}"));
    assert_eq!(again.code, 1, "{name}: {again:?}");
    for path in [&once, &twice] {
        assert_eq!(package::check(folder.path(path)), Vec::<String>::new(), "{name}");
    }
    (Source::read(&folder.path(&once)), Source::read(&folder.path(&twice)))
}

#[test]
fn only_the_marked_sheet_and_the_lists_change() {
    for (name, source) in PROGRAMS {
        let folder = Folder::new();
        let source = with_training(source);
        let (once, twice) = marked(&folder, &source, name);
        let sheet = first_sheet(&source);
        let extension = name.rsplit('.').next().unwrap();
        let (old, new) = (folder.path(name), folder.path(&format!("once.{extension}")));
        let relations = sheet.replace("worksheets/", "worksheets/_rels/") + ".rels";
        let faults = crate::added::source::faults(&old, &new);
        let allowed = [format!("{sheet} changed"), format!("{relations} changed")];
        let others: Vec<&String> = faults.iter().filter(|fault| !allowed.contains(fault)).collect();
        assert_eq!(others, Vec::<&String>::new(), "{name}");
        assert!(faults.contains(&allowed[0]), "{name}: {faults:?}");
        assert!(packed(&old).len() < packed(&new).len());
        // The sheet's cells are the same text; what was there stays in its order.
        assert!(
            crate::added::source::only_added(&source.text(&sheet), &once.text(&sheet)),
            "{name}"
        );
        assert!(once.text(&sheet).contains("gdtrace_marks"), "{name}");
        assert_eq!(once.text(&sheet), twice.text(&sheet), "{name}: marks are exchanged, not added");
        assert_eq!(once.sheets(), twice.sheets(), "{name}");
    }
}

#[test]
fn a_comparison_of_the_same_workbook_gives_the_same_bytes() {
    let folder = Folder::new();
    with_training(excel::workbook).save(&folder, "a.xlsx");
    for path in ["one.xlsx", "other.xlsx"] {
        assert_eq!(gdtrace(&folder, &format!("compare a.xlsx -o {path}")).code, 1);
    }
    assert!(
        std::fs::read(folder.path("one.xlsx")).unwrap()
            == std::fs::read(folder.path("other.xlsx")).unwrap()
    );
}

#[test]
fn a_marked_copy_that_is_marked_again_gives_the_same_bytes() {
    for (name, source) in PROGRAMS {
        let folder = Folder::new();
        with_training(source).save(&folder, name);
        let extension = name.rsplit('.').next().unwrap();
        let out = format!("out.{extension}");
        assert_eq!(gdtrace(&folder, &format!("compare {name} -o {out}")).code, 1, "{name}");
        let once = std::fs::read(folder.path(&out)).unwrap();
        std::fs::rename(folder.path(&out), folder.path(name)).unwrap();
        assert_eq!(gdtrace(&folder, &format!("compare {name} -o {out}")).code, 1, "{name}");
        let again = Source::read(&folder.path(&out));
        assert_eq!(again.difference(&Source::read(&folder.path(name))), None, "{name}");
        assert!(std::fs::read(folder.path(&out)).unwrap() == once, "{name}");
    }
}

#[test]
fn marks_go_where_a_mended_workbook_needs_none() {
    for name in ["libreoffice.xlsx", "google-sheets.xlsx", "xlsxwriter.xlsx"] {
        let folder = Folder::new();
        let source = with_training(PROGRAMS.iter().find(|(known, _)| *known == name).unwrap().1);
        let (mut once, _) = marked(&folder, &source, name);
        let notes = |source: &Source| {
            source.parts.iter().filter(|(name, _)| name.contains("comments")).count()
        };
        let mend = |source: &mut Source| {
            source.change("xl/worksheets/sheet1.xml", "<f>2*F7</f>", "<f>2*F7*A7</f>");
        };
        mend(&mut once);
        once.save(&folder, "mended.xlsx");
        let said = gdtrace(&folder, "compare mended.xlsx -o again.xlsx");
        assert!(said.code < 2, "{name}: {said:?}");
        assert_eq!(
            package::check(folder.path("again.xlsx")),
            Vec::<String>::new(),
            "{name}: {said:?}"
        );
        let after = Source::read(&folder.path("again.xlsx"));
        assert_eq!(after.sheets().iter().filter(|name| *name == "findings").count(), 1, "{name}");
        // As if the mended workbook had never been marked: nothing says what is no more.
        let mut fresh = source;
        mend(&mut fresh);
        fresh.save(&folder, "mended.xlsx");
        gdtrace(&folder, "compare mended.xlsx -o fresh.xlsx");
        let fresh = Source::read(&folder.path("fresh.xlsx"));
        assert_eq!(
            after.text("xl/worksheets/sheet1.xml"),
            fresh.text("xl/worksheets/sheet1.xml"),
            "{name}"
        );
        assert_eq!(notes(&after), notes(&fresh), "{name}");
    }
}

#[test]
fn notes_that_the_user_wrote_into_are_the_users() {
    let folder = Folder::new();
    let source = with_training(PROGRAMS[2].1);
    let (mut once, _) = marked(&folder, &source, "a.xlsx");
    let sheet = once.text("xl/worksheets/_rels/sheet1.xml.rels");
    let start = sheet.find("/xl/comments").expect("notes") + 1;
    let part = &sheet[start..start + sheet[start..].find('"').unwrap()];
    let text = once.text(part);
    assert!(text.contains("2*F7*A7"), "{text}");
    once.change(part, "2*F7*A7", "I know");
    once.save(&folder, "read.xlsx");
    assert_eq!(gdtrace(&folder, "compare read.xlsx -o again.xlsx").code, 1);
    let after = Source::read(&folder.path("again.xlsx"));
    assert_eq!(after.bytes(part), once.bytes(part));
    assert!(after.text("xl/worksheets/sheet1.xml").contains("<legacyDrawing"));
    assert_eq!(package::check(folder.path("again.xlsx")), Vec::<String>::new());
}
