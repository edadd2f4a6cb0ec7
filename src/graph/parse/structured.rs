//! References to columns of Excel tables by their names: `[@x]` is the cell of the same row,
//! `rents[x]` are all cells of the column.

use formualizer_parse::ASTNodeType;
use formualizer_parse::parser::{SpecialItem, TableReference, TableRowSpecifier, TableSpecifier};

use super::Reader;
use crate::graph::formula::Reference;
use crate::graph::relative::Axis;

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
    pub(super) fn of_table(&self, table: &TableReference) -> Result<Reference, String> {
        let other = || format!("refers to the table {} otherwise than to a column", table.name);
        let mut rows = Rows::All;
        let mut columns: Option<(&str, &str)> = None;
        let mut open: Vec<&TableSpecifier> = table.specifier.iter().collect();
        while let Some(part) = open.pop() {
            match part {
                TableSpecifier::Column(name) if columns.is_none() => columns = Some((name, name)),
                TableSpecifier::ColumnRange(from, to) if columns.is_none() => {
                    columns = Some((from, to));
                }
                TableSpecifier::Row(TableRowSpecifier::Current)
                | TableSpecifier::SpecialItem(SpecialItem::ThisRow) => rows = Rows::Own,
                TableSpecifier::Data
                | TableSpecifier::Row(TableRowSpecifier::Data)
                | TableSpecifier::SpecialItem(SpecialItem::Data) => {}
                TableSpecifier::Combination(parts) => open.extend(parts.iter().map(|one| &**one)),
                _ => return Err(other()),
            }
        }
        let Some((from, to)) = columns else {
            return match rows {
                Rows::All => self.named(&table.name).ok_or_else(other),
                Rows::Own => Err(other()),
            };
        };
        let rows = if from.starts_with('@') { Rows::Own } else { rows };
        let from = self.column(&table.name, from, rows)?;
        let to = self.column(&table.name, to, rows)?;
        let (first, last) = match (from, to) {
            (Reference::Cell(from), Reference::Cell(to)) => (from, to),
            (Reference::Range(from, _), Reference::Range(_, to)) => (from, to),
            _ => return Err(other()),
        };
        Ok(match first == last {
            true => Reference::Cell(first),
            false => Reference::Range(first, last),
        })
    }

    /// The cells that a name of a table or of its columns stands for.
    fn named(&self, name: &str) -> Option<Reference> {
        let text = (self.names)(name)?;
        let node = formualizer_parse::parse(format!("={text}")).ok()?;
        match &node.node_type {
            ASTNodeType::Reference { reference, .. } => self.place(reference).ok(),
            _ => None,
        }
    }

    /// The cells of a column of a table.
    fn column(&self, table: &str, column: &str, rows: Rows) -> Result<Reference, String> {
        let unknown = || format!("refers to {table}[{column}], a column that there is not");
        let name = format!("{table}[{}]", unescaped(column.trim_start_matches('@')));
        match (self.named(&name).ok_or_else(unknown)?, rows) {
            (Reference::Cell(from) | Reference::Range(from, _), Rows::Own) => {
                let mut cell = from;
                cell.row = Axis::Relative(0);
                Ok(Reference::Cell(cell))
            }
            (place, _) => Ok(place),
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
