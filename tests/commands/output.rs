//! Outputs: never over the input, never over somebody's work, all or nothing, byte-identical.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use gdtrace::error::Result;
use gdtrace::export::output::{About, Outputs};
use rust_xlsxwriter::{Note, Workbook};
use tempfile::TempDir;

fn write_workbook(path: &Path, value: f64, force: bool) -> Result<()> {
    let mut outputs = Outputs::new(&[], force);
    outputs.plan(path)?;
    stage_workbook(&mut outputs, path, value)?;
    outputs.commit()
}

fn stage_workbook(outputs: &mut Outputs, path: &Path, value: f64) -> Result<()> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory().unwrap();
    sheet.insert_note(0, 0, &Note::new("a part that is written after the properties")).unwrap();
    sheet.write(0, 0, "x").unwrap();
    sheet.write(1, 0, value).unwrap();
    outputs.stage_workbook(
        path,
        &mut workbook,
        &About { title: "Test", subject: "One cell", properties: &[] },
    )
}

fn write_text(path: &Path, text: &str, force: bool) -> Result<()> {
    let mut outputs = Outputs::new(&[], force);
    outputs.plan(path)?;
    outputs.stage(path, |writer| writer.write_all(text.as_bytes()))?;
    outputs.commit()
}

/// Rewrites the archive with each part changed by `change`, as any editor would.
fn edit_parts(path: &Path, change: impl Fn(&str, String) -> String) {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        writer.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(change(&name, text).as_bytes()).unwrap();
    }
    fs::write(path, writer.finish().unwrap().into_inner()).unwrap();
}

fn names_in(directory: &TempDir) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_same_workbook_gives_the_same_bytes_and_is_replaced_without_asking() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("out.xlsx");
    write_workbook(&path, 1.5, false).unwrap();
    let first = fs::read(&path).unwrap();
    write_workbook(&path, 1.5, false).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first);
    write_workbook(&path, 2.5, false).unwrap();
    assert_ne!(fs::read(&path).unwrap(), first);
    assert_eq!(names_in(&directory), ["out.xlsx"]);
}

#[test]
fn the_workbook_holds_a_fingerprint_and_not_the_placeholder() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("out.xlsx");
    write_workbook(&path, 1.5, false).unwrap();
    let mut archive = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
    let mut properties = String::new();
    archive.by_name("docProps/custom.xml").unwrap().read_to_string(&mut properties).unwrap();
    assert!(properties.contains("gdtrace fingerprint"), "{properties}");
    assert!(!properties.contains(">00000000<"), "{properties}");
}

#[test]
fn a_workbook_with_one_changed_cell_is_not_replaced() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("out.xlsx");
    write_workbook(&path, 1.5, false).unwrap();
    edit_parts(&path, |_, text| text.replace("<v>1.5</v>", "<v>1.6</v>"));
    let edited = fs::read(&path).unwrap();
    let error = write_workbook(&path, 1.5, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the output exists already, and gdtrace did not write it or it was edited since\n  \
             --> {}\n  \
             help: name another output file, or add --force to replace this one",
            path.display()
        )
    );
    assert_eq!(fs::read(&path).unwrap(), edited);
    write_workbook(&path, 1.5, true).unwrap();
    write_workbook(&path, 1.5, false).unwrap();
}

#[test]
fn packing_the_same_parts_anew_is_no_edit_but_another_property_is() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("out.xlsx");
    write_workbook(&path, 1.5, false).unwrap();
    edit_parts(&path, |_, text| text);
    write_workbook(&path, 1.5, false).unwrap();
    edit_parts(&path, |name, text| match name {
        "docProps/custom.xml" => text.replace("</Properties>", "<!-- mine --></Properties>"),
        _ => text,
    });
    write_workbook(&path, 1.5, false).unwrap_err();
}

#[test]
fn a_page_with_one_changed_byte_is_not_replaced() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("out.html");
    write_text(&path, "<!doctype html>\n<p>1</p>\n", false).unwrap();
    let page = fs::read_to_string(&path).unwrap();
    assert!(page.starts_with("<!doctype html>\n<p>1</p>\n<!-- gdtrace fingerprint: "), "{page}");
    write_text(&path, "<!doctype html>\n<p>2</p>\n", false).unwrap();
    for edited in [
        fs::read_to_string(&path).unwrap().replace('2', "3"),
        fs::read_to_string(&path).unwrap() + "\n",
        String::new(),
    ] {
        fs::write(&path, &edited).unwrap();
        write_text(&path, "<p>4</p>", false).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), edited);
    }
    write_text(&path, "<p>4</p>", true).unwrap();
}

#[test]
fn foreign_files_are_not_replaced_without_force() {
    let directory = TempDir::new().unwrap();
    for name in ["notes.xlsx", "notes.html", "notes.csv"] {
        let path = directory.path().join(name);
        fs::write(&path, "my notes").unwrap();
        let error = write_text(&path, "x", false).unwrap_err();
        assert!(error.what().starts_with("the output exists already"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "my notes");
    }
    write_text(&directory.path().join("notes.csv"), "x,y\n", true).unwrap();
    assert_eq!(fs::read_to_string(directory.path().join("notes.csv")).unwrap(), "x,y\n");
    let mut foreign = Workbook::new();
    foreign.add_worksheet();
    let path = directory.path().join("foreign.xlsx");
    foreign.save(&path).unwrap();
    write_workbook(&path, 1.0, false).unwrap_err();
}

#[test]
fn an_input_is_never_written_to_whatever_its_name() {
    let directory = TempDir::new().unwrap();
    let input = directory.path().join("input.xlsx");
    write_workbook(&input, 1.0, false).unwrap();
    let mut names = vec![input.clone(), directory.path().join(".").join("input.xlsx")];
    #[cfg(unix)]
    {
        names.push(directory.path().join("symlink.xlsx"));
        std::os::unix::fs::symlink(&input, names.last().unwrap()).unwrap();
        names.push(directory.path().join("hardlink.xlsx"));
        fs::hard_link(&input, names.last().unwrap()).unwrap();
    }
    for name in names {
        let error = Outputs::new(&[&input], true).plan(&name).unwrap_err();
        assert!(error.what().contains("never writes to its input"), "{}: {error}", name.display());
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_and_the_file_behind_it_is_replaced() {
    let directory = TempDir::new().unwrap();
    let (file, link) = (directory.path().join("file.xlsx"), directory.path().join("link.xlsx"));
    write_workbook(&file, 1.0, false).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let before = fs::read(&file).unwrap();
    write_workbook(&link, 2.0, false).unwrap();
    assert!(link.is_symlink());
    assert_ne!(fs::read(&file).unwrap(), before);
}

#[test]
fn places_that_cannot_be_written_are_refused_when_planning() {
    let directory = TempDir::new().unwrap();
    let plan = |path: &Path| Outputs::new(&[], true).plan(path).unwrap_err().to_string();
    assert!(plan(directory.path()).starts_with("the output is a directory"));
    let missing = plan(&directory.path().join("none").join("out.xlsx"));
    assert!(missing.contains("none does not exist") && missing.contains("make the directory"));
    assert!(plan(Path::new("..")).starts_with("the output names no file"));
    let mut outputs = Outputs::new(&[], false);
    let path = directory.path().join("out.html");
    outputs.plan(&path).unwrap();
    let twice = outputs.plan(&directory.path().join(".").join("out.html")).unwrap_err();
    assert_eq!(twice.what(), "two outputs of this command have the same name");
}

#[test]
fn nothing_is_replaced_when_one_output_fails() {
    let directory = TempDir::new().unwrap();
    let (table, page) = (directory.path().join("a.xlsx"), directory.path().join("b.html"));
    write_workbook(&table, 1.0, false).unwrap();
    let before = fs::read(&table).unwrap();

    let mut outputs = Outputs::new(&[], false);
    stage_workbook(&mut outputs, &table, 2.0).unwrap();
    outputs.stage(&page, |_| Err(std::io::Error::other("no luck"))).unwrap_err();
    drop(outputs);

    let mut outputs = Outputs::new(&[], false);
    stage_workbook(&mut outputs, &table, 2.0).unwrap();
    outputs.stage(&page, |writer| writer.write_all(b"<p>")).unwrap();
    fs::write(&page, "somebody wrote this during the computation").unwrap();
    outputs.commit().unwrap_err();

    assert_eq!(fs::read(&table).unwrap(), before);
    assert_eq!(names_in(&directory), ["a.xlsx", "b.html"]);
}

#[cfg(unix)]
#[test]
fn outputs_have_the_permissions_that_files_have() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::new().unwrap();
    let (output, other) = (directory.path().join("a.html"), directory.path().join("b"));
    write_text(&output, "<p>", false).unwrap();
    fs::write(&other, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&output), mode(&other));
    fs::set_permissions(&output, fs::Permissions::from_mode(0o600)).unwrap();
    write_text(&output, "<p>", false).unwrap();
    assert_eq!(mode(&output) & 0o777, 0o600);
}
