//! What is wrong with single cells: errors, stale results, random numbers.

use super::{Lint, short};
use crate::compare::result::{Finding, Kind};
use crate::compare::table::Table;
use crate::data::address::{Position, cell_name};
use crate::graph::{Cell, CellId, Content, ErrorValue, Scalar};
use crate::value::number_text;

/// How many findings of one kind a sheet gets; a sheet with more has one cause that they share.
const MOST: usize = 20;

impl Lint<'_> {
    /// Whether the cell has its error from a text that is reported.
    fn follows_text(&self, cell: &Cell) -> bool {
        let Some(shared) = self.sheet.formula_of(cell) else { return false };
        let own = shared.formula.cells().filter(|one| one.sheet.is_none());
        let mut places = own.filter_map(|one| one.resolve(cell.at));
        places.any(|at| {
            self.is_reported(at) && matches!(self.sheet.content(at), Some(Content::Text(_)))
        })
    }

    /// Whether the cell stands in a column whose reference runs away.
    fn is_strayed(&self, table: Option<&Table>, cell: &Cell) -> bool {
        let column = table.and_then(|table| Some((table, table.column_at(cell.at.1)?)));
        column.is_some_and(|(table, column)| table.columns[column].strays.is_some())
            && self.findings.iter().any(|(at, _)| at[0].1 == cell.at.1)
    }

    /// Cells with an error value that do not have it from another cell.
    pub(super) fn errors(&mut self, table: Option<&Table>) {
        let mut found = 0;
        for cell in self.sheet.cells() {
            let Scalar::Error(error) = self.graph.value_at(self.at, cell.at) else { continue };
            let formula = self.sheet.formula_of(cell).map(|shared| &shared.formula);
            let is_broken = formula.is_some_and(|formula| formula.broken.is_some());
            let is_known = self.is_reported(cell.at) || self.follows_text(cell);
            if is_broken || is_known || self.has_error_before(cell) || self.is_strayed(table, cell)
            {
                continue;
            }
            found += 1;
            if found > MOST {
                return;
            }
            self.error(cell, error);
        }
    }

    fn error(&mut self, cell: &Cell, error: ErrorValue) {
        let name = cell_name(cell.at);
        let why = match error {
            ErrorValue::Division => ": it divides by 0 or by a blank cell",
            ErrorValue::Number => {
                ": no number is its result (too large, or the root of a negative)"
            }
            ErrorValue::Value => ": it calculates with a text",
            ErrorValue::Name => ": it uses a name that nobody knows",
            _ => "",
        };
        let text = self.sheet.formula_of(cell).map(|shared| shared.text(cell.at));
        let message = match &text {
            Some(_) => format!("{name} gives {error}{why}"),
            None => format!("{name} holds {error}"),
        };
        self.report(Finding {
            expected: Some("a number".to_owned()),
            found: Some(error.to_string()),
            fix: Some(match text {
                Some(text) => format!("look at the cells that {text} in {name} refers to"),
                None => format!("write a number into {name}"),
            }),
            ..self.finding(Kind::ErrorCell, cell.at, message)
        });
    }

    fn has_error_before(&self, cell: &Cell) -> bool {
        let is_error = |id: &CellId| matches!(self.graph.value(*id), Scalar::Error(_));
        self.id(cell).is_some_and(|id| self.graph.inputs(id).iter().any(is_error))
    }

    fn id(&self, cell: &Cell) -> Option<CellId> {
        self.graph.id(self.at, cell.at)
    }

    /// Cells that depend on themselves.
    pub(super) fn circles(&mut self) {
        let first = self.graph.cycles().iter().filter_map(|cycle| cycle.first());
        let own = first.filter(|id| self.graph.sheet(**id) == self.at).take(MOST);
        for at in own.map(|id| self.graph.position(*id)).collect::<Vec<_>>() {
            let name = cell_name(at);
            let text = self.sheet.formula_at(at).map(|shared| shared.text(at));
            let message = format!("{name} depends on itself: a circular reference");
            self.report(Finding {
                found: text,
                fix: Some(format!("let {name} refer to the row above, or to a cell of the start")),
                ..self.finding(Kind::ErrorCell, at, message)
            });
        }
    }

    /// Results in the file that the formulas do not give.
    pub(super) fn stale(&mut self) {
        let own = self.stale.iter().filter(|(id, _)| self.graph.sheet(*id) == self.at);
        let found = own.filter_map(|(id, should)| {
            self.sheet.get(self.graph.position(*id)).map(|cell| (cell, *should))
        });
        let found: Vec<_> = found.collect();
        let more = found.len().saturating_sub(MOST);
        for (nth, (cell, should)) in found.into_iter().take(MOST).enumerate() {
            self.stale_cell(cell, should, if nth == 0 { more } else { 0 });
        }
    }

    fn stale_cell(&mut self, cell: &Cell, should: Scalar, more: usize) {
        let name = cell_name(cell.at);
        let should = match should {
            Scalar::Number(number) => number_text(number),
            Scalar::Error(error) => error.to_string(),
            _ => return,
        };
        let further = match more {
            0 => String::new(),
            more => format!(" (and {} further cells are like it)", more + MOST - 1),
        };
        let text = self.sheet.formula_of(cell).map(|shared| shared.text(cell.at));
        let message = format!(
            "{name} shows {}, but its formula {} gives {should}: the sheet was changed and not \
             calculated again{further}",
            short(&cell.content),
            text.unwrap_or_default()
        );
        self.report(Finding {
            expected: Some(should),
            found: Some(short(&cell.content)),
            fix: Some(
                "let the spreadsheet program calculate everything (Ctrl+Alt+F9, in LibreOffice \
                 Ctrl+Shift+F9) and save"
                    .to_owned(),
            ),
            ..self.finding(Kind::Stale, cell.at, message)
        });
    }

    /// Columns that are drawn anew at each calculation, one finding each.
    pub(super) fn volatile(&mut self) {
        let mut columns: Vec<(Vec<Position>, &str)> = Vec::new();
        for cell in self.sheet.cells() {
            let Some(shared) = self.sheet.formula_of(cell) else { continue };
            let Some(function) = &shared.formula.volatile else { continue };
            match columns.iter_mut().find(|(cells, _)| cells[0].1 == cell.at.1) {
                Some((cells, _)) => cells.push(cell.at),
                None => columns.push((vec![cell.at], function)),
            }
        }
        for (all, function) in columns {
            let first = all[0];
            let cells = match all.as_slice() {
                [.., last] if *last != first => {
                    format!("{}:{}", cell_name(first), cell_name(*last))
                }
                _ => cell_name(first),
            };
            let verb = if all.len() == 1 { "changes" } else { "change" };
            let message = format!(
                "{cells} {verb} whenever the sheet is calculated: {function} gives another value \
                 each time, so no result can be checked later"
            );
            let found = self.sheet.formula_at(first).map(|shared| shared.text(first));
            let finding = Finding {
                expected: Some("numbers".to_owned()),
                found,
                fix: Some(format!("copy {cells} and paste it in place as values")),
                ..self.finding(Kind::Volatile, first, message)
            };
            self.findings.push((all, finding));
        }
    }
}
