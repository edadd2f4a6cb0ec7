//! The hidden sheet with the state of each cell to be filled in, at the cell's own address: 0 nothing
//! to say yet, 1 right, 2 a slip that is known, 3 wrong.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, Formula, Worksheet};

use super::super::addresses::Addresses;
use super::super::layout::{ROW_ABOVE, THIS_ROW, Template};
use super::Asked;
use crate::compare::quiz::{Level, slips};
use crate::error::Result;
use crate::formula::Expr;
use crate::sheet::Ref;
use crate::value::Value;

/// A formula may have 8192 characters.
const LONGEST: usize = 8000;

/// Writes the sheet. It is protected, and its formulas are not shown.
pub(super) fn write(sheet: &mut Worksheet, asked: &Asked) -> Result<()> {
    sheet.set_name(&asked.check.name)?;
    let hidden = Format::new().set_hidden();
    let mut columns = BTreeMap::new();
    for &(row, column) in &asked.cells {
        let checked = columns.entry(column).or_insert_with(|| Checked::new(asked, column));
        let exact = asked.rows[row][column].unwrap_or(Value::ZERO);
        let text = checked.state(asked, (row, column), exact);
        let row = asked.layout.start + row as u32;
        sheet.write_formula_with_format(
            row,
            column as u16,
            Formula::new(text).set_result("0"),
            &hidden,
        )?;
    }
    sheet.set_very_hidden(true);
    sheet.protect();
    Ok(())
}

/// A column's right formula and its known slips, with marks for row numbers.
struct Checked {
    right: Template,
    slips: Vec<Template>,
    /// What the right formula is computed from.
    names: Vec<Ref>,
}

impl Checked {
    fn new(asked: &Asked, column: usize) -> Self {
        let (run, layout) = (asked.run, asked.layout);
        let cell = |address: String| layout.sheet.cell(&address);
        let reference = |reference: &Ref| match *reference {
            Ref::Column(at) => cell(format!("{}{THIS_ROW}", Addresses::letters(at))),
            Ref::Above(at) => cell(format!("{}{ROW_ABOVE}", Addresses::letters(at))),
            Ref::Input(input) => layout.input(input),
            // What is looked up is given, never asked for.
            Ref::Data(_) | Ref::Order => String::new(),
        };
        let template = |formula: &Expr<Ref>| Template::of(formula, run.rows, &reference);
        let formula = &run.sheet.columns[column].formula;
        let mut names = Vec::new();
        formula.has_name(|name| {
            names.push(*name);
            false
        });
        let slips = slips(&run.definition, &run.sheet, column);
        Checked {
            right: template(formula),
            slips: slips.iter().map(|slip| template(&slip.formula)).collect(),
            names,
        }
    }

    /// The formula of a cell's state.
    fn state(&self, asked: &Asked, (row, column): (usize, usize), exact: Value) -> String {
        let on_sheet = asked.layout.start + row as u32;
        let address = |row: u32, column: usize| {
            asked.layout.sheet.cell(&format!("{}{}", Addresses::letters(column), row + 1))
        };
        let cell = address(on_sheet, column);
        let tolerance = asked.level.tolerance();
        let is = |number: &str| {
            format!("IFERROR(ABS({cell}-({number}))<={tolerance}*ABS({number}),FALSE)")
        };
        // Nothing is said of a cell before all that it is computed from is there.
        let open = self.names.iter().filter_map(|name| match *name {
            Ref::Column(at) if asked.cells.contains(&(row, at)) => Some(address(on_sheet, at)),
            Ref::Above(at) if asked.cells.contains(&(row - 1, at)) => {
                Some(address(on_sheet - 1, at))
            }
            _ => None,
        });
        let mut empty: Vec<String> =
            open.chain([cell.clone()]).map(|cell| format!("ISBLANK({cell})")).collect();
        if asked.level == Level::Formulas {
            empty.push(format!("NOT(_xlfn.ISFORMULA({cell}))"));
        }
        let empty = empty.join(",");
        let mut right = is(&self.right.in_row(on_sheet));
        if asked.level == Level::Numbers {
            // Who slips in one cell and goes on with the right number has slipped once.
            right = format!("OR({right},{})", is(&exact.to_string()));
        }
        let mut slips = String::from("FALSE");
        for slip in self.slips.iter().map(|slip| is(&slip.in_row(on_sheet))) {
            if slips.len() + slip.len() + right.len() + empty.len() < LONGEST {
                slips += &format!(",{slip}");
            }
        }
        format!("IF(OR({empty}),0,IF(NOT(ISNUMBER({cell})),3,IF({right},1,IF(OR({slips}),2,3))))")
    }
}
