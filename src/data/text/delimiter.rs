//! Recognizing what parts the fields of a text, because a person with a German Excel cannot know
//! that `1,5;2,5` is unusual elsewhere.

use super::fields::{Delimiter, of_line};
use crate::data::grid::Value;
use crate::data::kinds::{Kind, kind};

/// What is tried. Where two fit equally well the earlier wins: a comma may be a decimal sign, a tab
/// hardly anything else.
const CANDIDATES: [Delimiter; 5] = [
    Delimiter::Char('\t'),
    Delimiter::Char(';'),
    Delimiter::Char('|'),
    Delimiter::Char(','),
    Delimiter::Blanks,
];

/// How the lines of a text are parted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    pub delimiter: Delimiter,
    /// The number of fields that most lines have.
    pub fields: usize,
}

/// The shape of a text with these first lines; the delimiter may be known.
pub(super) fn shape(lines: &[String], known: Option<Delimiter>) -> Shape {
    let candidates: &[Delimiter] = known.as_ref().map_or(&CANDIDATES, std::slice::from_ref);
    let mut best = (Shape { delimiter: Delimiter::Char(','), fields: 1 }, 0.0);
    if let Some(delimiter) = known {
        best.0.delimiter = delimiter;
    }
    for delimiter in candidates {
        let (fields, score) = score(lines, *delimiter);
        if score > best.1 {
            best = (Shape { delimiter: *delimiter, fields }, score);
        }
    }
    best.0
}

/// The most usual number of fields, at least two, and how well the delimiter fits: how many lines
/// have that number, and more where the fields are numbers.
fn score(lines: &[String], delimiter: Delimiter) -> (usize, f64) {
    let rows: Vec<Vec<String>> = lines.iter().map(|line| of_line(line, delimiter)).collect();
    let mut counts: Vec<usize> = rows.iter().map(Vec::len).filter(|count| *count >= 2).collect();
    counts.sort_unstable();
    // Of equally usual numbers the larger: short lines are titles and notes.
    let usual = counts.chunk_by(|a, b| a == b).max_by_key(|chunk| chunk.len());
    let Some(usual) = usual else { return (1, 0.0) };
    let agreeing = rows.iter().filter(|row| row.len() == usual[0]);
    let fields: Vec<&String> = agreeing.flatten().collect();
    let is_number =
        |field: &&&String| Value::from_text(field).is_none_or(|value| kind(&value) != Kind::Text);
    let numbers = fields.iter().filter(is_number).count();
    (usual[0], usual.len() as f64 * (1.0 + numbers as f64 / fields.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_found() {
        for (text, expected) in [
            ("x,y\n1,2", Delimiter::Char(',')),
            ("x;y\n1,5;2,5", Delimiter::Char(';')),
            ("1,5;2,5\n3,5;4,5", Delimiter::Char(';')),
            ("1 234,5;2 000,1", Delimiter::Char(';')),
            ("x\ty\n1\t2", Delimiter::Char('\t')),
            ("Years of experience\tSalary\n1.1\t39 000", Delimiter::Char('\t')),
            ("x|y\n1|2", Delimiter::Char('|')),
            ("a title\nx,y,note\n1,2,a;b\n3,4,c", Delimiter::Char(',')),
            ("name,score\nAnn Lee,5\nBob Ray,6", Delimiter::Char(',')),
            ("1, 2\n3, 4", Delimiter::Char(',')),
            ("2024-01-01 10:00,5\n2024-01-02 10:00,6", Delimiter::Char(',')),
            ("x y\n1 2\n3 4", Delimiter::Blanks),
            ("1,5 2,5\n3,5 4,5", Delimiter::Blanks),
            ("  1.5    2.5\n 10.0   20.0", Delimiter::Blanks),
            ("x", Delimiter::Char(',')),
        ] {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            assert_eq!(shape(&lines, None).delimiter, expected, "{text}");
        }
    }
}
