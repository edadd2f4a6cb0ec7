//! What is printed of quizzes: one that was made, one that was filled in, a folder of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::described::pretty;
use crate::compare::quiz::{Level, Marked, MarkedCell, MarkedSheet, Quiz, Verdict};
use crate::error::{Error, Result};
use crate::export::csv;
use crate::trace::Results;
use crate::value::counted;

/// So many cells of a slip are named one by one.
const MOST_NAMED: usize = 6;

/// What was made of a run.
pub fn made((quiz, key): (&Path, &Path), asked: &Quiz, results: &Results) -> String {
    let sheets = asked.sheets.iter().zip(&results.runs).map(|(place, run)| {
        let cells = asked.blanks.cells(&run.sheet, place.rows).len();
        format!("{}: {} to fill in", place.name, counted(cells, "cell"))
    });
    let sheets: Vec<String> = sheets.collect();
    let (quiz, key) = (quiz.display(), key.display());
    format!("{}\n\nwrote {quiz}\nwrote {key} (the answers)", sheets.join("\n"))
}

/// What is said of a filled quiz.
pub fn text(marked: &Marked) -> String {
    let (points, of, empty) = (marked.points(), marked.of(), marked.empty());
    let file = marked.file.display();
    let mut out =
        format!("{file}: {points} of {} right ({:.0} %)", counted(of, "cell"), percent(marked));
    if empty > 0 {
        out += &format!(", {empty} empty");
    }
    out.push('\n');
    for sheet in &marked.sheets {
        let right = sheet.cells.iter().filter(|cell| cell.verdict == Verdict::Right).count();
        out += &format!("\n{}: {right} of {}\n", sheet.name, sheet.cells.len());
        for (told, cells) in wrong(sheet) {
            let named: Vec<&str> =
                cells.iter().take(MOST_NAMED).map(|cell| cell.cell.as_str()).collect();
            let more = cells.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let first = cells[0];
            out += &format!("  {} ({}){more}: {told}", named.join(", "), first.header);
            if let Some(expected) =
                first.expected.filter(|_| !matches!(first.verdict, Verdict::Typed))
            {
                out += &format!(
                    "; {} has {} where {} belongs",
                    first.cell,
                    first.found,
                    shown(expected)
                );
            }
            out.push('\n');
        }
    }
    out.trim_end().to_owned()
}

/// The wrong cells of a sheet by what is said of them, in the order in which they stand.
fn wrong(sheet: &MarkedSheet) -> Vec<(String, Vec<&MarkedCell>)> {
    let mut all: Vec<(String, Vec<&MarkedCell>)> = Vec::new();
    for cell in &sheet.cells {
        let Some(told) = told(&cell.verdict) else { continue };
        let same =
            all.iter_mut().find(|(one, cells)| *one == told && cells[0].header == cell.header);
        match same {
            Some((_, cells)) => cells.push(cell),
            None => all.push((told, vec![cell])),
        }
    }
    all
}

/// What is said of a wrong cell; nothing of one that is right or empty.
fn told(verdict: &Verdict) -> Option<String> {
    Some(match verdict {
        Verdict::Right | Verdict::Empty => return None,
        Verdict::Typed => "typed, where a formula was asked for".to_owned(),
        Verdict::Slip(text) => text.clone(),
        Verdict::Wrong(Some(why)) => why.clone(),
        Verdict::Wrong(None) => "wrong".to_owned(),
    })
}

fn shown(number: f64) -> String {
    let rounded = format!("{number:.6e}").parse::<f64>().unwrap_or(number);
    rounded.to_string()
}

fn percent(marked: &Marked) -> f64 {
    100.0 * marked.points() as f64 / marked.of().max(1) as f64
}

#[derive(Serialize)]
struct Printed<'a> {
    file: String,
    level: &'static str,
    points: usize,
    of: usize,
    empty: usize,
    sheets: Vec<PrintedSheet<'a>>,
}

#[derive(Serialize)]
struct PrintedSheet<'a> {
    sheet: &'a str,
    points: usize,
    of: usize,
    wrong: Vec<PrintedCell<'a>>,
}

#[derive(Serialize)]
struct PrintedCell<'a> {
    cell: &'a str,
    column: &'a str,
    found: &'a str,
    expected: Option<f64>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// The same as one JSON object.
///
/// # Errors
/// None that a quiz can cause.
pub fn json(marked: &Marked) -> Result<String> {
    let sheets = marked.sheets.iter().map(|one| {
        let wrong = one.cells.iter().filter(|cell| cell.verdict != Verdict::Right);
        let wrong: Vec<PrintedCell> = wrong.map(printed).collect();
        let (points, of) = (one.cells.len() - wrong.len(), one.cells.len());
        PrintedSheet { sheet: &one.name, points, of, wrong }
    });
    let level = if marked.level == Level::Formulas { "formulas" } else { "numbers" };
    pretty(&Printed {
        file: marked.file.display().to_string(),
        level,
        points: marked.points(),
        of: marked.of(),
        empty: marked.empty(),
        sheets: sheets.collect(),
    })
}

fn printed(cell: &MarkedCell) -> PrintedCell<'_> {
    let kind = match cell.verdict {
        Verdict::Right => "right",
        Verdict::Empty => "empty",
        Verdict::Typed => "typed",
        Verdict::Slip(_) => "slip",
        Verdict::Wrong(_) => "wrong",
    };
    let message = told(&cell.verdict);
    PrintedCell {
        cell: &cell.cell,
        column: &cell.header,
        found: &cell.found,
        expected: cell.expected,
        kind,
        message,
    }
}

/// A quiz of a folder: its name there, and what came of it.
pub struct Graded {
    pub name: String,
    pub marked: Result<Marked>,
}

/// The heads of the table of grades.
pub const GRADES: [&str; 7] =
    ["file", "points", "of", "percent", "empty", "commonest slip", "note"];

/// The heads of the table of slips.
pub const SLIPS: [&str; 4] = ["slip", "column", "cells", "files"];

/// The table of grades, a row a file, as texts and numbers.
pub fn grades(all: &[Graded]) -> Vec<Vec<String>> {
    let row = |one: &Graded| match &one.marked {
        Ok(marked) => {
            let slip = slips_of(marked).into_iter().rev().max_by_key(|(_, cells)| *cells);
            let slip = slip.map(|((told, column), _)| format!("{column} {told}"));
            vec![
                one.name.clone(),
                marked.points().to_string(),
                marked.of().to_string(),
                format!("{:.1}", percent(marked)),
                marked.empty().to_string(),
                slip.unwrap_or_default(),
                String::new(),
            ]
        }
        Err(error) => {
            let mut row = vec![String::new(); GRADES.len()];
            row[0].clone_from(&one.name);
            row[GRADES.len() - 1] = one_line(error);
            row
        }
    };
    all.iter().map(row).collect()
}

/// The table of slips, the commonest first.
pub fn slips(all: &[Graded]) -> Vec<Vec<String>> {
    let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    for marked in all.iter().filter_map(|one| one.marked.as_ref().ok()) {
        for (slip, cells) in slips_of(marked) {
            let count = counts.entry(slip).or_default();
            *count = (count.0 + cells, count.1 + 1);
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((slip, column), (cells, files))| {
        (std::cmp::Reverse((*files, *cells)), slip.clone(), column.clone())
    });
    let row = |((slip, column), (cells, files)): ((String, String), (usize, usize))| {
        vec![slip, column, cells.to_string(), files.to_string()]
    };
    counts.into_iter().map(row).collect()
}

/// What is said of a quiz's wrong cells, with the header of their column, and of how many it is said.
fn slips_of(marked: &Marked) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for cell in marked.cells() {
        if let Some(told) = told(&cell.verdict) {
            *counts.entry((told, cell.header.clone())).or_default() += 1;
        }
    }
    counts
}

fn one_line(error: &Error) -> String {
    error.what().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A table as comma-separated values (RFC 4180).
pub fn csv(heads: &[&str], rows: &[Vec<String>]) -> String {
    let line = |fields: &mut dyn Iterator<Item = &str>| {
        let fields: Vec<String> = fields.map(csv::field).collect();
        fields.join(",") + csv::END
    };
    let heads = line(&mut heads.iter().copied());
    rows.iter()
        .map(|row| line(&mut row.iter().map(String::as_str)))
        .fold(heads, |all, row| all + &row)
}

/// What is printed of a folder of quizzes.
pub fn summary(all: &[Graded], written: &[&PathBuf]) -> String {
    let read: Vec<&Marked> = all.iter().filter_map(|one| one.marked.as_ref().ok()).collect();
    let mut out = counted(read.len(), "quiz").replace("quizs", "quizzes");
    if !read.is_empty() {
        let mean = read.iter().map(|marked| percent(marked)).sum::<f64>() / read.len() as f64;
        out += &format!(", {mean:.0} % right on average");
    }
    out.push('\n');
    for one in all.iter().filter(|one| one.marked.is_err()) {
        if let Err(error) = &one.marked {
            out += &format!("{}: {}\n", one.name, one_line(error));
        }
    }
    let slips = slips(all);
    for slip in slips.iter().take(5) {
        let [told, column, cells, files] = slip.as_slice() else { continue };
        out += &format!("  {files} of {}: {column} {told} ({cells} cells)\n", read.len());
    }
    for path in written {
        out += &format!("\nwrote {}", path.display());
    }
    out.trim_end().to_owned()
}
