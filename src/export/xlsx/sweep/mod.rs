//! The workbook of `gdtrace sweep`: a row for each run, a chart for what is varied alone, a heat
//! map for what is varied together.
//!
//! The numbers of the table are typed results, since every run would need a workbook of its own.
//! What follows from them (the best run, the marks, the heat maps) is live.

mod chart;
mod facts;
mod map;
mod table;

use rust_xlsxwriter::Workbook;

use super::set_up_page;
use super::style::Styles;
use crate::error::Result;
use crate::trace::sweep::Sweep;
use facts::Facts;
use table::Layout;

/// The sheet with all runs.
const SHEET: &str = "sweep";

/// The sheet with the best runs of all, where the first one has a sample of them.
const BEST: &str = "best";

/// The workbook that shows `sweep`; `command` traces its best run.
///
/// # Errors
/// Whatever prevents writing.
pub fn sweep(sweep: &Sweep, command: Option<&str>) -> Result<Workbook> {
    let mut workbook = Workbook::new();
    let styles = Styles::new();
    let curves = sweep.curves();
    let facts = Facts::new(sweep);
    let charts = facts.end() + 1;
    let rows = curves.len() as u32 * chart::ROWS;
    let layout = Layout::new(sweep, charts + rows + 1);
    let sheet = workbook.add_worksheet();
    sheet.set_name(SHEET)?;
    facts.write(sheet, &styles, sweep, &layout, command)?;
    for (row, curve) in (charts..).step_by(chart::ROWS as usize).zip(&curves) {
        sheet.insert_chart(row, 0, &chart::of(sweep, curve, &layout, &facts))?;
    }
    table::write(sheet, &styles, sweep, &layout, &facts)?;
    set_up_page(sheet);
    sheet.set_repeat_rows(layout.head, layout.head)?;
    if sweep.whole.is_some() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(BEST)?;
        table::write_best(sheet, &styles, sweep)?;
        set_up_page(sheet);
    }
    let mut names: Vec<String> = Vec::new();
    for grid in sweep.grids() {
        let name = map::sheet_name(&sweep.setting.blocks[grid.block].name, &names);
        let sheet = workbook.add_worksheet();
        sheet.set_name(&name)?;
        map::write(sheet, &styles, sweep, &grid, (&layout, &facts))?;
        set_up_page(sheet);
        names.push(name);
    }
    Ok(workbook)
}
