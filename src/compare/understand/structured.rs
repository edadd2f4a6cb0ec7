//! References to columns of Excel tables by their names: `[@x]` is the cell of the same row,
//! `rents[x]` are all cells of the column.

use formualizer_parse::ASTNodeType;
use formualizer_parse::parser::{SpecialItem, TableReference, TableRowSpecifier, TableSpecifier};

use super::Reader;
use crate::compare::reference::{Axis, CellReference};

/// What a reference of the parser means.
pub(super) enum Place {
    Cell(CellReference),
    Range(CellReference, CellReference),
}

/// Which cells of a column are meant.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    /// That of the formula's own row.
    Own,
    /// All.
    All,
}

impl Reader<'_> {
    /// What a reference to a table means, seen from the formula's own cell.
    pub(super) fn of_table(&self, table: &TableReference) -> Result<Place, String> {
        let other = || format!("refers to the table {} otherwise than to a column", table.name);
        let mut rows = Rows::All;
        let mut column = None;
        let mut open: Vec<&TableSpecifier> = table.specifier.iter().collect();
        while let Some(part) = open.pop() {
            match part {
                TableSpecifier::Column(name) if column.is_none() => column = Some(name.as_str()),
                TableSpecifier::Row(TableRowSpecifier::Current)
                | TableSpecifier::SpecialItem(SpecialItem::ThisRow) => rows = Rows::Own,
                TableSpecifier::Data
                | TableSpecifier::Row(TableRowSpecifier::Data)
                | TableSpecifier::SpecialItem(SpecialItem::Data) => {}
                TableSpecifier::Combination(parts) => open.extend(parts.iter().map(|one| &**one)),
                _ => return Err(other()),
            }
        }
        let column = column.ok_or_else(other)?;
        let unknown = || format!("refers to {}[{column}], a column that there is not", table.name);
        let name = format!("{}[{}]", table.name, unescaped(column.trim_start_matches('@')));
        let rows = if column.starts_with('@') { Rows::Own } else { rows };
        let text = (self.names)(&name).ok_or_else(unknown)?;
        let node = formualizer_parse::parse(format!("={text}")).map_err(|_| unknown())?;
        let ASTNodeType::Reference { reference, .. } = &node.node_type else {
            return Err(unknown());
        };
        match (self.place(reference)?, rows) {
            (Place::Cell(from) | Place::Range(from, _), Rows::Own) => {
                let mut cell = from;
                cell.row = Axis::Relative(0);
                Ok(Place::Cell(cell))
            }
            (place, Rows::All) => Ok(place),
        }
    }
}

/// The name of a column without the signs that mask others in it: `'#` is `#`.
fn unescaped(name: &str) -> String {
    let mut plain = String::new();
    let mut chars = name.trim().chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\'' { chars.next() } else { Some(c) });
    }
    plain
}
