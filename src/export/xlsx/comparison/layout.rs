//! Where things stand on a sheet with both beside each other, and the formulas there.
//!
//! From left to right: the row of theirs, then their columns in their order, a compared one as
//! theirs, ours and the difference; then what ours computes besides.

use rust_xlsxwriter::utility::{
    column_number_to_name, quote_sheet_name, row_col_to_cell, row_col_to_cell_absolute,
};

use super::super::layout::{ROW_ABOVE, THIS_ROW, Template};
use super::names::Names;
use crate::compare::expected::Beside;
use crate::compare::result::Comparison;
use crate::data::address::{MAX_ROWS, Position, parse_cell, split_sheet};
use crate::error::{Error, Result};
use crate::formula::{Expr, excel};
use crate::sheet::Ref;

/// One column of the sheet, or three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Block {
    /// A column of theirs that ours takes over: x, y.
    Given { hand: usize, column: usize },
    /// Theirs, ours and the difference: the index of the pair.
    Pair(usize),
    /// What only ours has.
    Alone(usize),
}

impl Block {
    /// How many columns it takes.
    pub fn width(self) -> u16 {
        if matches!(self, Block::Pair(_)) { 3 } else { 1 }
    }
}

/// The addresses of a sheet; rows and columns are counted from 0.
#[derive(Debug)]
pub struct Layout {
    /// The sheet's name as formulas and links write it.
    pub quoted: String,
    /// The blocks with their first columns.
    pub blocks: Vec<(u16, Block)>,
    /// For each column of the form, the column where its values stand.
    columns: Vec<Option<u16>>,
    /// The inputs that formulas refer to, from the column behind the tolerance on.
    pub inputs: Vec<usize>,
    /// What stands in each of their cells: a formula, where theirs has a cell for it.
    pub input_formulas: Vec<Option<String>>,
    /// Each column's formula, by column of the form; none for the numbers of another workbook.
    pub formulas: Vec<Option<Template>>,
    /// Each column's start formula, where it is one.
    pub starts: Vec<Option<String>>,
    /// The sheet of theirs as formulas write it.
    pub theirs: String,
    /// The last row of the table.
    pub last: u32,
}

impl Layout {
    /// The link to the findings and the meaning of the colours.
    pub const LINKS: u32 = 2;
    /// The labels of the inputs; their values stand below.
    pub const INPUTS: u32 = 3;
    /// The column of the tolerance.
    pub const TOLERANCE: u16 = 1;
    /// How many cells of a column are compared.
    pub const COMPARED: u32 = 6;
    /// How many of them differ.
    pub const DIFFERING: u32 = 7;
    /// The largest difference.
    pub const LARGEST: u32 = 8;
    /// What rounding may make of a difference.
    pub const ALLOWED: u32 = 9;
    /// The names of their columns; the heads are below.
    pub const BAND: u32 = 10;
    /// The row of start values.
    pub const START: u32 = 12;

    /// The layout for the sheet at `at` of the comparison.
    ///
    /// # Errors
    /// The table is too tall.
    pub fn new(comparison: &Comparison, beside: &Beside, names: &Names, at: usize) -> Result<Self> {
        let last = Self::START as usize + beside.rows();
        if last >= MAX_ROWS as usize {
            return Err(Error::new("the table has so many rows that no heads fit above it")
                .in_sheet(&comparison.file, &beside.found.sheet)
                .help("leave -o out"));
        }
        let blocks = blocks(beside);
        let mut columns = vec![None; beside.given.len()];
        for (first, block) in &blocks {
            match *block {
                Block::Given { column, .. } | Block::Alone(column) => {
                    columns[column] = Some(*first)
                }
                Block::Pair(pair) if beside.pairs[pair].is_negated => {}
                Block::Pair(pair) => columns[beside.pairs[pair].column] = Some(first + 1),
            }
        }
        let theirs = names.quoted(beside.index);
        let mut layout = Layout {
            quoted: quote_sheet_name(names.compared(at)),
            blocks,
            columns,
            inputs: inputs(beside),
            input_formulas: Vec::new(),
            formulas: Vec::new(),
            starts: Vec::new(),
            theirs,
            last: last as u32,
        };
        layout.input_formulas = layout
            .inputs
            .iter()
            .map(|input| input_formula(comparison, beside, names, *input))
            .collect();
        layout.formulas = layout.written(beside);
        layout.starts = (0..layout.columns.len())
            .map(|column| layout.start_formula(comparison, beside, column))
            .collect();
        Ok(layout)
    }

    /// The first row of the table.
    pub fn first(&self) -> u32 {
        Self::START + 1
    }

    /// The cell of the tolerance.
    pub fn tolerance() -> String {
        row_col_to_cell_absolute(Self::INPUTS + 1, Self::TOLERANCE)
    }

    /// A cell of theirs, as it is referred to.
    pub fn cell(&self, beside: &Beside, hand: usize, row: usize) -> String {
        let (row, column) = beside.place(hand, row);
        format!("{}!{}", self.theirs, row_col_to_cell(row, column as u16))
    }

    /// All rows of a column here: `D14:D42`.
    pub fn rows(&self, column: u16) -> String {
        let name = column_number_to_name(column);
        format!("{name}{}:{name}{}", self.first() + 1, self.last + 1)
    }

    /// A row of numbers above the heads, from any sheet.
    pub fn across(&self, row: u32) -> String {
        let last = self.blocks.last().map_or(1, |(first, block)| first + block.width() - 1);
        let (from, to) = (row_col_to_cell_absolute(row, 1), row_col_to_cell_absolute(row, last));
        format!("{}!{from}:{to}", self.quoted)
    }

    fn input_cell(&self, input: usize) -> String {
        let at = self.inputs.iter().position(|one| *one == input).unwrap_or_default();
        row_col_to_cell_absolute(Self::INPUTS + 1, Self::TOLERANCE + 1 + at as u16)
    }

    fn written(&self, beside: &Beside) -> Vec<Option<Template>> {
        let column = |column: usize| {
            column_number_to_name(self.columns.get(column).copied().flatten().unwrap_or_default())
        };
        let reference = |name: &Ref| match *name {
            Ref::Column(other) => format!("{}{THIS_ROW}", column(other)),
            Ref::Above(other) => format!("{}{ROW_ABOVE}", column(other)),
            Ref::Input(input) => self.input_cell(input),
            Ref::Data(data) => match beside.data(data) {
                Some(given) => format!("{}{THIS_ROW}", column(given)),
                None => "(1/0)".to_owned(),
            },
            Ref::Order => "(1/0)".to_owned(),
        };
        let mut formulas: Vec<Option<Template>> = self.columns.iter().map(|_| None).collect();
        if beside.found.against.is_some() {
            return formulas;
        }
        for &at in &beside.computed {
            let formula = &beside.ours.sheet.columns[at].formula;
            formulas[at] = Some(Template::of(formula, beside.rows(), &reference));
        }
        formulas
    }

    /// The formula of a start value: over inputs, or the cell of theirs that holds the number.
    fn start_formula(
        &self,
        comparison: &Comparison,
        beside: &Beside,
        column: usize,
    ) -> Option<String> {
        let sheet = &beside.ours.sheet;
        let number = match sheet.columns[column].initial.as_ref()? {
            Expr::Number(number) => *number,
            formula => {
                return Some(excel(formula, &|name| match *name {
                    Ref::Input(input) => self.input_cell(input),
                    _ => "(1/0)".to_owned(),
                }));
            }
        };
        let first = *beside.machine.rows.first()?;
        let weight = sheet.weights.iter().find(|weight| weight.next == column);
        let shown = weight.map_or(column, |weight| weight.current);
        let (hand, is_negated) = beside.shown(shown)?;
        let row = if weight.is_some() { first } else { first.checked_sub(1)? };
        let place = (row, beside.machine.columns[hand].column);
        let theirs = number_at(comparison, (beside.index, place))?;
        let sign = if is_negated { "-" } else { "" };
        let signed = if is_negated { -theirs } else { theirs };
        let cell = row_col_to_cell_absolute(place.0, place.1 as u16);
        (signed == number).then(|| format!("{sign}{}!{cell}", self.theirs))
    }
}

fn number_at(comparison: &Comparison, (sheet, at): (usize, Position)) -> Option<f64> {
    comparison.reading.graph.value_at(sheet, at).number()
}

/// Their columns from left to right, then what only ours has.
fn blocks(beside: &Beside) -> Vec<(u16, Block)> {
    let mut blocks = Vec::new();
    let mut next = 1;
    let mut push = |block: Block| {
        blocks.push((next, block));
        next += block.width();
    };
    for hand in 0..beside.found.columns.len() {
        if let Some(pair) = beside.pairs.iter().position(|pair| pair.hand == hand) {
            push(Block::Pair(pair));
        } else if let Some(column) = beside.given.iter().position(|one| *one == Some(hand)) {
            push(Block::Given { hand, column });
        }
    }
    for &column in &beside.computed {
        let is_shown =
            |pair: &crate::compare::expected::Pair| pair.column == column && !pair.is_negated;
        if !beside.pairs.iter().any(is_shown) {
            push(Block::Alone(column));
        }
    }
    blocks
}

/// The inputs that formulas and starts refer to, in their order.
fn inputs(beside: &Beside) -> Vec<usize> {
    if beside.found.against.is_some() {
        return Vec::new();
    }
    let sheet = &beside.ours.sheet;
    let mut used = vec![false; sheet.inputs.len()];
    for column in beside.computed.iter().map(|column| &sheet.columns[*column]) {
        for name in std::iter::once(&column.formula).chain(&column.initial).flat_map(Expr::names) {
            if let Ref::Input(input) = name {
                used[*input] = true;
            }
        }
    }
    (0..used.len()).filter(|input| used[*input]).collect()
}

/// The cell of theirs that holds an input.
fn input_formula(
    comparison: &Comparison,
    beside: &Beside,
    names: &Names,
    input: usize,
) -> Option<String> {
    let cell = beside.ours.cells.get(input)?.as_ref()?;
    let (sheet, cell) = split_sheet(cell);
    let index = match sheet {
        Some(sheet) => comparison.reading.workbook.sheet(&sheet)?,
        None => beside.index,
    };
    let at = parse_cell(cell)?;
    let theirs = number_at(comparison, (index, at))?;
    names.copy(index)?;
    let cell = row_col_to_cell_absolute(at.0, at.1 as u16);
    let quoted = names.quoted(index);
    (theirs == beside.ours.sheet.inputs[input].value).then(|| format!("{quoted}!{cell}"))
}
