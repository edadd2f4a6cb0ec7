//! Logs of lines that a program printed: `step=3 loss=0.52 w=0.31 w.grad=-0.2`, `Step 3: loss: 0.52,
//! w: [0.31, 0.4]`, with whatever stands around them.
//!
//! A name with a number behind it is a cell, and the names are the columns. A step may have several
//! lines: a row ends where a name comes again. A list is a column for each of its numbers, and of
//! names that stand twice in a line (`w=0.3 grad=0.1 b=0.2 grad=0.4`) each belongs to the one before.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::sheet::Content;
use crate::data::address::Position;
use crate::data::grid::MAX_CELLS;
use crate::data::{source, text};
use crate::error::Result;

/// So many lines tell whether a file is such a log.
const TELLING: usize = 200;
/// At least so many of its lines have names with numbers.
const FEWEST: usize = 3;
/// Names with nothing but a space between them and their numbers are no chance where there are so many.
const MANY: usize = 3;
/// Words before a weight's name that say what of it is meant: `grad w`.
const OF_A_WEIGHT: [&str; 3] = ["grad", "gradient", "grads"];
/// What stands around a number where a library prints it.
const WRAPPED: [&str; 7] =
    ["tensor(", "array(", "Array(", "np.float64(", "np.float32(", "float(", "jnp.array("];

/// A name of a line, with what is behind it.
#[derive(Debug, Clone, PartialEq)]
struct Pair {
    name: String,
    /// Whether `=` or `:` stands between them.
    is_said: bool,
    numbers: Vec<f64>,
    is_list: bool,
}

/// Whether the text at `path` is such a log: in most of its lines names are said with their numbers.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn is_in(path: &Path) -> Result<bool> {
    let (mut lines, mut telling) = (0, 0);
    let mut names: HashSet<String> = HashSet::new();
    text::each_line(path, &mut |line| {
        let pairs = pairs(line);
        let are_many = pairs.len() >= MANY;
        let said = pairs.into_iter().filter(|pair| pair.is_said || are_many);
        let before = names.len();
        let mut any = false;
        said.for_each(|pair| {
            any = true;
            names.insert(pair.name);
        });
        lines += usize::from(!line.trim().is_empty());
        // Settings that are listed name something else in every line.
        telling += usize::from(any && names.len() == before);
        lines < TELLING
    })?;
    Ok(telling >= FEWEST && 2 * telling >= lines && names.len() > 1)
}

/// The cells of the log at `path`, row by row, the names above them.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn cells(path: &Path) -> Result<Vec<(Position, Content)>> {
    let mut table = Table::default();
    text::each_line(path, &mut |line| {
        table.take(pairs(line));
        table.count <= MAX_CELLS
    })?;
    if table.count > MAX_CELLS {
        return Err(source::too_many_cells(path, ""));
    }
    Ok(table.cells())
}

/// The rows so far; the last one may go on.
#[derive(Default)]
struct Table {
    columns: HashMap<String, usize>,
    names: Vec<String>,
    rows: Vec<Vec<(usize, f64)>>,
    /// The columns of the last row.
    last: HashSet<usize>,
    /// The cells of all rows.
    count: usize,
}

impl Table {
    fn take(&mut self, pairs: Vec<Pair>) {
        let cells = named(pairs);
        let found: Vec<(usize, f64)> =
            cells.into_iter().map(|(name, number)| (self.column(name), number)).collect();
        self.count += found.len();
        let comes_again = found.iter().any(|(column, _)| self.last.contains(column));
        if comes_again {
            self.last.clear();
        }
        self.last.extend(found.iter().map(|(column, _)| *column));
        match self.rows.last_mut() {
            _ if found.is_empty() => {}
            Some(row) if !comes_again => row.extend(found),
            _ => self.rows.push(found),
        }
    }

    fn column(&mut self, name: String) -> usize {
        let next = self.names.len();
        let names = &mut self.names;
        *self.columns.entry(name).or_insert_with_key(|name| {
            names.push(name.clone());
            next
        })
    }

    /// The rows that have what most have: settings at the top and results at the end are no steps.
    fn cells(self) -> Vec<(Position, Content)> {
        let mut counts = vec![0; self.names.len()];
        self.rows.iter().flatten().for_each(|(column, _)| counts[*column] += 1);
        let usual: Vec<usize> =
            (0..counts.len()).filter(|at| 10 * counts[*at] >= 8 * self.rows.len()).collect();
        let is_step = |row: &&Vec<(usize, f64)>| {
            let own: HashSet<usize> = row.iter().map(|(column, _)| *column).collect();
            usual.iter().all(|column| own.contains(column))
        };
        let heads = self.names.iter().enumerate();
        let heads = heads.map(|(at, name)| ((0, at as u32), Content::Text(name.as_str().into())));
        let rows = self.rows.iter().filter(is_step).zip(1..);
        let cells = rows.flat_map(|(row, at)| {
            row.iter().map(move |(column, number)| ((at, *column as u32), content(*number)))
        });
        let mut all: Vec<(Position, Content)> = heads.chain(cells).collect();
        all.sort_by_key(|(at, _)| *at);
        all
    }
}

/// Not-a-number and infinity are no numbers of a cell.
fn content(number: f64) -> Content {
    match number.is_finite() {
        true => Content::Number(number),
        false => Content::Text(number.to_string().into()),
    }
}

/// The cells of a line.
fn named(pairs: Vec<Pair>) -> Vec<(String, f64)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    pairs.iter().for_each(|pair| *counts.entry(&pair.name).or_default() += 1);
    let mut before = String::new();
    let mut cells = Vec::new();
    for pair in &pairs {
        let name = match counts[pair.name.as_str()] {
            1 => {
                before.clone_from(&pair.name);
                pair.name.clone()
            }
            _ if before.is_empty() => continue,
            _ => format!("{before}.{}", pair.name),
        };
        if !pair.is_list {
            cells.extend(pair.numbers.iter().map(|number| (name.clone(), *number)));
            continue;
        }
        let numbers = pair.numbers.iter().enumerate();
        cells.extend(numbers.map(|(at, number)| (format!("{name}[{at}]"), *number)));
    }
    cells
}

/// The names of a line that have numbers behind them.
fn pairs(line: &str) -> Vec<Pair> {
    let mut found = Vec::new();
    let (mut rest, mut word) = (line, "");
    while let Some(start) = rest.find(|c: char| c.is_alphabetic() || c == '_') {
        // What begins within a number, as the e of 1e5, or within a word, is no name.
        let before = rest[..start].chars().next_back();
        rest = &rest[start..];
        let length = name_length(rest);
        let (name, behind) = rest.split_at(length);
        rest = behind;
        if before.is_some_and(|c| c.is_ascii_digit() || c == '.') {
            continue;
        }
        let (is_said, value) = behind_separator(behind);
        if let Some((numbers, is_list, left)) = value.and_then(numbers) {
            let name = name.trim_end_matches(['.', '/', '-']);
            let is_of = OF_A_WEIGHT.contains(&word.to_lowercase().as_str());
            let name = if is_of { format!("grad_{name}") } else { name.to_owned() };
            found.push(Pair { name, is_said, numbers, is_list });
            (rest, word) = (left, "");
        } else {
            word = if behind.starts_with(' ') { name } else { "" };
        }
    }
    found
}

/// How long the name is that `text` begins with: `layer.0.weight`, `dE/dw1`, `w[0]`.
fn name_length(text: &str) -> usize {
    let mut length = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let goes_on = c.is_alphanumeric() || "_./∂".contains(c);
        if goes_on {
            length = at + c.len_utf8();
            continue;
        }
        // An index in brackets belongs to it.
        let index = text[at..].strip_prefix('[').and_then(index);
        match index {
            Some(inside) => {
                length = at + inside.len() + 2;
                while characters.next_if(|(next, _)| *next < length).is_some() {}
            }
            _ => break,
        }
    }
    length
}

/// The index that `text` begins with, up to its bracket.
fn index(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == ',' || c == ' '))?;
    (end > 0 && text[end..].starts_with(']')).then(|| &text[..end])
}

/// What stands behind a name, and whether `=` or `:` parts them.
fn behind_separator(text: &str) -> (bool, Option<&str>) {
    let text = text.trim_start_matches(['\'', '"']);
    let value = text.trim_start();
    match value.strip_prefix([':', '=']) {
        Some(value) => (true, Some(value.trim_start())),
        None => (false, Some(value).filter(|value| value.len() < text.len())),
    }
}

/// The numbers that `text` begins with, whether they are a list, and what is left.
fn numbers(text: &str) -> Option<(Vec<f64>, bool, &str)> {
    let text = WRAPPED.iter().find_map(|wrap| text.strip_prefix(wrap)).unwrap_or(text);
    let Some(mut rest) = text.strip_prefix(['[', '(']) else {
        let (number, rest) = number(text)?;
        return Some((vec![number], false, rest));
    };
    let mut list = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',', '[', '(', '\t']);
        rest = WRAPPED.iter().find_map(|wrap| rest.strip_prefix(wrap)).unwrap_or(rest);
        if let Some(left) = rest.strip_prefix([']', ')']) {
            if left.starts_with([']', ')', ',', ' '])
                && !list.is_empty()
                && left.contains([']', ')'])
                && is_nested(left)
            {
                rest = left;
                continue;
            }
            return (!list.is_empty()).then_some((list, true, left));
        }
        let Some((one, left)) = number(rest) else {
            // `[3/24]` is the third of twenty-four.
            let first = list.first().copied().filter(|_| rest.starts_with('/'))?;
            return Some((vec![first], false, rest));
        };
        list.push(one);
        rest = left;
    }
}

/// Whether a row of a matrix goes on behind the end of another.
fn is_nested(text: &str) -> bool {
    text.trim_start_matches([' ', ',']).starts_with(['[', ']', ')'])
}

/// The number that `text` begins with, and what is left.
fn number(text: &str) -> Option<(f64, &str)> {
    let length = text
        .char_indices()
        .take_while(|(at, c)| {
            let after_exponent = text[..*at].ends_with(['e', 'E']);
            c.is_ascii_digit()
                || matches!(c, '.' | '_')
                || (matches!(c, 'e' | 'E') && *at > 0)
                || (matches!(c, '+' | '-') && (*at == 0 || after_exponent))
        })
        .map(|(at, c)| at + c.len_utf8())
        .last()
        .unwrap_or(0);
    let (digits, rest) = text.split_at(length);
    if let Ok(number) = digits.trim_end_matches('.').parse() {
        return Some((number, rest));
    }
    ["nan", "inf", "-inf"].iter().find_map(|word| {
        let (start, rest) = text.split_at_checked(word.len())?;
        let is_whole =
            start.eq_ignore_ascii_case(word) && !rest.starts_with(|c: char| c.is_alphanumeric());
        is_whole.then(|| Some((word.parse().ok()?, rest))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells_of(line: &str) -> Vec<(String, f64)> {
        named(pairs(line))
    }

    #[test]
    fn names_of_a_line_have_the_numbers_behind_them() {
        for (line, expected) in [
            ("step=3 loss=0.5 w=-1e-3", &[("step", 3.0), ("loss", 0.5), ("w", -1e-3)][..]),
            ("Step 3: loss: 0.5, w: -0.25", &[("Step", 3.0), ("loss", 0.5), ("w", -0.25)]),
            ("[2026-01-01 10:00:05] INFO train: w=2 | w.grad=1.", &[("w", 2.0), ("w.grad", 1.0)]),
            ("{'w': 0.5, \"dE/dw\": 2}", &[("w", 0.5), ("dE/dw", 2.0)]),
            ("Epoch [3/24] w = tensor(0.5) x", &[("Epoch", 3.0), ("w", 0.5)]),
            (
                "3: w = [1, -2.5], grad = [ 3.  4. ]",
                &[("w[0]", 1.0), ("w[1]", -2.5), ("grad[0]", 3.0), ("grad[1]", 4.0)],
            ),
            (
                "W=array([[1, 2], [3, 4]]) b=5",
                &[("W[0]", 1.0), ("W[1]", 2.0), ("W[2]", 3.0), ("W[3]", 4.0), ("b", 5.0)],
            ),
            (
                "w=0.3 grad=0.1 b=0.2 grad=0.4",
                &[("w", 0.3), ("w.grad", 0.1), ("b", 0.2), ("b.grad", 0.4)],
            ),
            ("w[0]: 1, layer.0.weight[1, 2]: 2", &[("w[0]", 1.0), ("layer.0.weight[1, 2]", 2.0)]),
            ("step 3 | w 0.5 | grad w 2", &[("step", 3.0), ("w", 0.5), ("grad_w", 2.0)]),
            ("no numbers here: none", &[]),
        ] {
            let found = cells_of(line);
            let found: Vec<(&str, f64)> = found.iter().map(|(n, v)| (n.as_str(), *v)).collect();
            assert_eq!(found, expected, "{line}");
        }
        assert!(cells_of("loss: nan").iter().all(|(_, number)| number.is_nan()));
    }

    #[test]
    fn a_step_may_have_several_lines_and_what_stands_around_is_no_step() {
        let mut table = Table::default();
        for line in [
            "lr=0.1",
            "epoch: 1",
            " w=1 loss=2",
            "epoch: 2",
            "w=3 loss=4",
            "",
            "epoch 3",
            "w=5, loss=6",
            "best loss: 6",
        ] {
            table.take(pairs(line));
        }
        let numbers: Vec<f64> = table
            .cells()
            .iter()
            .filter_map(|(at, one)| match one {
                Content::Number(number) if at.1 == 2 => Some(*number),
                _ => None,
            })
            .collect();
        assert_eq!(numbers, [1.0, 3.0, 5.0]);
    }
}
