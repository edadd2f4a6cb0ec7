//! Marking: what stands in the blank cells of a quiz, beside what belongs there.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Level, Quiz, QuizSheet, Slip, all_slips};
use crate::data::address::cell_name;
use crate::error::{Error, Result};
use crate::formula::{Expr, evaluate};
use crate::graph::{Graph, Options, Scalar, Workbook};
use crate::optimizer::{Definition, Registry};
use crate::sheet::{Ref, Sheet};
use crate::value::{CellError, Value};

/// A quiz that somebody filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Marked {
    /// The file.
    pub file: PathBuf,
    /// What was to be written.
    pub level: Level,
    /// Its sheets.
    pub sheets: Vec<MarkedSheet>,
}

/// A sheet of it.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkedSheet {
    /// Its name.
    pub name: String,
    /// The cells that were blank, in rows.
    pub cells: Vec<MarkedCell>,
}

/// A cell that was blank.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkedCell {
    /// Its address: `J16`.
    pub cell: String,
    /// The header of its column.
    pub header: String,
    /// What stands there, as a text.
    pub found: String,
    /// The number that belongs there, given the row as it stands.
    pub expected: Option<f64>,
    /// What is said of it.
    pub verdict: Verdict,
}

/// What is said of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is right.
    Right,
    /// Nothing stands there.
    Empty,
    /// The number is right, and typed where a formula was asked for.
    Typed,
    /// A slip that is known, as a phrase: `has the other sign`.
    Slip(String),
    /// It is wrong in another way; why, where more can be said.
    Wrong(Option<String>),
}

impl Marked {
    /// All cells that were blank.
    pub fn cells(&self) -> impl Iterator<Item = &MarkedCell> {
        self.sheets.iter().flat_map(|sheet| &sheet.cells)
    }

    /// How many cells are right.
    pub fn points(&self) -> usize {
        self.cells().filter(|cell| cell.verdict == Verdict::Right).count()
    }

    /// How many cells were blank.
    pub fn of(&self) -> usize {
        self.cells().count()
    }

    /// How many cells are empty.
    pub fn empty(&self) -> usize {
        self.cells().filter(|cell| cell.verdict == Verdict::Empty).count()
    }
}

/// Marks the workbook at `path`, which is a filled `quiz`.
///
/// # Errors
/// A file that cannot be read, a sheet that is missing, a quiz of an optimizer that nobody knows.
pub fn mark(path: &Path, quiz: &Quiz, registry: &Registry) -> Result<Marked> {
    let book = Workbook::read(path, &Options::default())?;
    let graph = Graph::lift(&book);
    let one = |place: &QuizSheet| {
        let Some(sheet) = book.sheet(&place.name) else {
            return Err(Error::new(format!("the quiz has no sheet '{}' any more", place.name))
                .in_file(path)
                .help(
                    "fill in the cells of the quiz as it was given; its sheets keep their names",
                ));
        };
        let Some((definition, form)) = quiz.record.sheet(&place.name, registry)? else {
            return Err(Error::new("the quiz is about an optimizer that is not known here")
                .in_sheet(path, &place.name)
                .help("add --optimizer-file with its definition"));
        };
        let cells = quiz.blanks.cells(&form, place.rows);
        let mut filled = Filled { graph: &graph, sheet, place, form: &form, exact: Vec::new() };
        if quiz.level == Level::Numbers {
            filled.find_exact(&cells.iter().copied().collect());
        }
        Ok(filled.marked(definition, (&cells, quiz.level)))
    };
    let sheets = quiz.sheets.iter().map(one).collect::<Result<_>>()?;
    Ok(Marked { file: path.to_owned(), level: quiz.level, sheets })
}

/// A sheet of a quiz with what somebody wrote.
struct Filled<'a> {
    graph: &'a Graph,
    sheet: usize,
    place: &'a QuizSheet,
    form: &'a Sheet,
    /// The numbers that stand in each row when all blank cells are right, where these are asked for: a typed
    /// number that is one of them is right too, since who slips in one cell and goes on with the right
    /// number has slipped once.
    exact: Vec<Vec<Option<f64>>>,
}

/// A wrong cell, and which of its column's slips give its number.
struct Suspect {
    at: usize,
    column: usize,
    slips: Vec<usize>,
}

impl Filled<'_> {
    fn marked(
        &self,
        definition: &Definition,
        (blanks, level): (&[(usize, usize)], Level),
    ) -> MarkedSheet {
        let mut known: Vec<Option<Vec<Slip>>> = vec![None; self.form.columns.len()];
        let (mut cells, mut suspects) = (Vec::new(), Vec::new());
        for &(row, column) in blanks {
            let cell = self.cell(row, column, level);
            if let Verdict::Wrong(None) = cell.verdict {
                let slips =
                    known[column].get_or_insert_with(|| all_slips(definition, self.form, column));
                let found = self.number(row, column);
                let gives =
                    |slip: &Slip| self.agrees(found, self.expected(&slip.formula, row), level);
                let slips =
                    (0..).zip(slips.iter()).filter(|(_, slip)| gives(slip)).map(|(at, _)| at);
                suspects.push(Suspect { at: cells.len(), column, slips: slips.collect() });
            }
            cells.push(cell);
        }
        let mut explained: HashMap<(usize, usize), usize> = HashMap::new();
        for suspect in &suspects {
            for slip in &suspect.slips {
                *explained.entry((suspect.column, *slip)).or_default() += 1;
            }
        }
        for suspect in &suspects {
            let Some(slips) = &known[suspect.column] else { continue };
            // Of several slips that give a cell's number, the one that gives most of its column's.
            let best =
                suspect.slips.iter().rev().max_by_key(|slip| explained[&(suspect.column, **slip)]);
            if let Some(best) = best {
                cells[suspect.at].verdict = Verdict::Slip(slips[*best].text.clone());
            }
        }
        MarkedSheet { name: self.place.name.clone(), cells }
    }

    /// What is said of a cell, before its slip is named.
    fn cell(&self, row: usize, column: usize, level: Level) -> MarkedCell {
        let at = self.at(row, column);
        let expected = self.expected(&self.form.columns[column].formula, row);
        let found = self.number(row, column);
        let id = self.graph.id(self.sheet, at);
        let has_formula = id.is_some_and(|id| self.graph.formula(id).is_some());
        let verdict = match self.graph.value_at(self.sheet, at) {
            Scalar::Blank if !has_formula => Verdict::Empty,
            _ if expected.is_none() => {
                Verdict::Wrong(Some("what it is computed from is no number".to_owned()))
            }
            _ if found.is_none() => Verdict::Wrong(Some("is no number".to_owned())),
            _ if !self.agrees(found, expected, level)
                && !self.agrees(found, self.exact(row, column), level) =>
            {
                Verdict::Wrong(None)
            }
            _ if level == Level::Formulas && !has_formula => Verdict::Typed,
            _ => Verdict::Right,
        };
        MarkedCell {
            cell: cell_name(at),
            header: self.form.columns[column].header.clone(),
            found: self.text(at),
            expected,
            verdict,
        }
    }

    /// What stands in a cell, as somebody sees it: the formula, where there is one.
    fn text(&self, at: (u32, u32)) -> String {
        let id = self.graph.id(self.sheet, at);
        let formula = id.and_then(|id| self.graph.formula_text(id));
        let text = || id.and_then(|id| self.graph.text(id)).map(str::to_owned);
        formula.or_else(text).unwrap_or_else(|| match self.graph.value_at(self.sheet, at) {
            Scalar::Number(number) => number.to_string(),
            _ => String::new(),
        })
    }

    /// Where the cell of a column in a row, counted from 1, stands.
    fn at(&self, row: usize, column: usize) -> (u32, u32) {
        (self.place.start + row as u32, column as u32)
    }

    fn number(&self, row: usize, column: usize) -> Option<f64> {
        self.number_at(self.at(row, column))
    }

    fn number_at(&self, at: (u32, u32)) -> Option<f64> {
        match self.graph.value_at(self.sheet, at) {
            Scalar::Number(number) => Some(number),
            _ => None,
        }
    }

    /// What a formula gives in a row, as the row and the one above stand.
    fn expected(&self, formula: &Expr<Ref>, row: usize) -> Option<f64> {
        self.computed(formula, row, &|row, column| self.number(row, column))
    }

    /// What a formula gives in a row, with the numbers of cells that `number` knows.
    fn computed(
        &self,
        formula: &Expr<Ref>,
        row: usize,
        number: &dyn Fn(usize, usize) -> Option<f64>,
    ) -> Option<f64> {
        let value = |number: Option<f64>| number.map_or(CellError::Number.into(), Value::number);
        let name = |name: &Ref| match *name {
            Ref::Column(column) => value(number(row, column)),
            Ref::Above(column) => value(number(row - 1, column)),
            Ref::Input(input) => value(self.number_at((self.place.inputs + input as u32, 1))),
            // What is looked up is given, never blank.
            Ref::Data(_) | Ref::Order => CellError::Number.into(),
        };
        evaluate(formula, &name).get().ok()
    }

    /// Finds the exact numbers row by row, those of blank cells and of what hands them on from their
    /// formulas.
    fn find_exact(&mut self, blanks: &HashSet<(usize, usize)>) {
        let columns = &self.form.columns;
        for row in 0..=self.place.rows {
            self.exact.push(Vec::with_capacity(columns.len()));
            for (at, column) in columns.iter().enumerate() {
                let hands_on = row > 0
                    && match column.formula {
                        Expr::Name(Ref::Above(other)) => blanks.contains(&(row - 1, other)),
                        Expr::Name(Ref::Column(other)) => blanks.contains(&(row, other)),
                        _ => false,
                    };
                let number = match hands_on || blanks.contains(&(row, at)) {
                    true => self.computed(&column.formula, row, &|row, at| self.exact(row, at)),
                    false => self.number(row, at),
                };
                self.exact[row].push(number);
            }
        }
    }

    fn exact(&self, row: usize, column: usize) -> Option<f64> {
        *self.exact.get(row)?.get(column)?
    }

    fn agrees(&self, found: Option<f64>, expected: Option<f64>, level: Level) -> bool {
        let (Some(found), Some(expected)) = (found, expected) else { return false };
        (found - expected).abs() <= level.tolerance() * expected.abs()
    }
}
