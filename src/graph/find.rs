//! References that are computed: which cells an `INDEX`, an `OFFSET` or a `VLOOKUP` finds.

use super::cells::{Block, Target};
use super::evaluate::{Mode, Sight};
use super::formula::{Node, Slot};
use super::functions::{Special, position};
use super::item::{Item, Outcome};
use super::operators::text_of;
use super::scalar::ErrorValue;
use crate::data::address::{Area, MAX_COLUMNS, MAX_ROWS, parse_cell, split_sheet};

/// Where nothing is found, and why.
type Found<T> = Result<T, Target>;

impl Sight<'_, Slot> {
    /// The cells that a computed reference means.
    pub fn find(&self, node: &Node<Slot>) -> Target {
        match self.found(node) {
            Ok(target) | Err(target) => target,
        }
    }

    fn found(&self, node: &Node<Slot>) -> Found<Target> {
        let Node::Call(function, arguments) = node else {
            return Ok(Target::Nowhere(ErrorValue::Reference));
        };
        match function.special() {
            Some(Special::Index) => self.index(arguments),
            Some(Special::Offset) => self.offset(arguments),
            Some(Special::Indirect) => self.indirect(arguments),
            Some(Special::Vlookup) => self.lookup_in_table(arguments, false),
            Some(Special::Hlookup) => self.lookup_in_table(arguments, true),
            Some(Special::Lookup) => self.lookup(arguments),
            Some(Special::Span) => self.span(arguments),
            _ => Ok(Target::Nowhere(ErrorValue::Reference)),
        }
    }

    /// The block that an argument refers to.
    fn block_of(&self, node: &Node<Slot>) -> Found<Block> {
        let Node::Leaf(slot) = node else { return Err(Target::Nowhere(ErrorValue::Value)) };
        match self.leaves.resolve(slot, self) {
            Target::Cell(id) => Ok(Block::cell(self.cells.sheet(id), self.cells.position(id))),
            Target::Block(block) => Ok(block),
            nowhere => Err(nowhere),
        }
    }

    fn item_of(&self, node: &Node<Slot>) -> Found<Item> {
        match self.run(node, Mode::Single).outcome.first() {
            Item::Error(error) => Err(Target::Nowhere(error)),
            Item::Unknown => Err(Target::Unknown),
            item => Ok(item),
        }
    }

    /// The whole number of an argument; of one that is left out, `usual`.
    fn whole(&self, node: Option<&Node<Slot>>, usual: i64) -> Found<i64> {
        match node {
            None | Some(Node::Omitted) => Ok(usual),
            Some(node) => match self.item_of(node)?.arithmetic() {
                Ok(number) if number.abs() < 1e9 => Ok(number.floor() as i64),
                Ok(_) => Err(Target::Nowhere(ErrorValue::Reference)),
                Err(_) => Err(Target::Nowhere(ErrorValue::Value)),
            },
        }
    }

    /// `INDEX(range, row, [column])`; 0 is a whole column or row.
    fn index(&self, arguments: &[Node<Slot>]) -> Found<Target> {
        let block = self.block_of(&arguments[0])?;
        let (rows, columns) = block.shape();
        let first = self.whole(arguments.get(1), 0)?;
        let (row, column) = match arguments.get(2) {
            None if rows == 1 => (0, first),
            other => (first, self.whole(other, if columns == 1 { 1 } else { 0 })?),
        };
        let side = |nth: i64, from: u32, to: u32| match nth {
            0 => Some((from, to)),
            nth => {
                let at = from.checked_add(u32::try_from(nth - 1).ok()?)?;
                (at <= to).then_some((at, at))
            }
        };
        let (first, last) = (block.first(), block.last());
        let rows = side(row, first.0, last.0);
        let columns = side(column, first.1, last.1);
        match (rows, columns) {
            (Some(rows), Some(columns)) => {
                Ok(self.area(block.sheet, (rows.0, columns.0), (rows.1, columns.1)))
            }
            _ => Err(Target::Nowhere(ErrorValue::Reference)),
        }
    }

    /// `OFFSET(reference, rows, columns, [height], [width])`
    fn offset(&self, arguments: &[Node<Slot>]) -> Found<Target> {
        let block = self.block_of(&arguments[0])?;
        let (rows, columns) = block.shape();
        let row = i64::from(block.first().0) + self.whole(arguments.get(1), 0)?;
        let column = i64::from(block.first().1) + self.whole(arguments.get(2), 0)?;
        let height = self.whole(arguments.get(3), rows as i64)?;
        let width = self.whole(arguments.get(4), columns as i64)?;
        // A negative height goes upwards.
        let side = |at: i64, count: i64, end: u32| {
            let (from, to) = if count < 0 { (at + count + 1, at) } else { (at, at + count - 1) };
            let fits = count != 0 && from >= 0 && to < i64::from(end);
            fits.then_some((from as u32, to as u32))
        };
        match (side(row, height, MAX_ROWS), side(column, width, MAX_COLUMNS)) {
            (Some(rows), Some(columns)) => {
                Ok(self.area(block.sheet, (rows.0, columns.0), (rows.1, columns.1)))
            }
            _ => Err(Target::Nowhere(ErrorValue::Reference)),
        }
    }

    /// `INDIRECT("data!B4")`
    fn indirect(&self, arguments: &[Node<Slot>]) -> Found<Target> {
        let nowhere = Target::Nowhere(ErrorValue::Reference);
        if self.whole(arguments.get(1), 1)? == 0 {
            return Err(Target::Unknown);
        }
        let text = text_of(&self.item_of(&arguments[0])?).map_err(|_| nowhere)?;
        let (sheet, address) = split_sheet(text.trim());
        let sheet = match sheet {
            None => self.home.0,
            Some(name) => self.cells.sheet_called(&name).ok_or(nowhere)?,
        };
        match (parse_cell(address), Area::parse(address)) {
            (Some(at), _) => Ok(self.cells.target(sheet, at)),
            (None, Some(area)) => Ok(self.area(sheet, area.first, area.last)),
            // Maybe a name, which the graph knows only where formulas have it.
            (None, None) => Err(Target::Unknown),
        }
    }

    /// `VLOOKUP(key, table, column, [nearly])`, `HLOOKUP(key, table, row, [nearly])`
    fn lookup_in_table(&self, arguments: &[Node<Slot>], is_across: bool) -> Found<Target> {
        let key = self.item_of(&arguments[0])?.shown();
        let block = self.block_of(&arguments[1])?;
        let nth = self.whole(arguments.get(2), 1)?;
        let kind = self.whole(arguments.get(3), 1)?;
        let (first, last) = (block.first(), block.last());
        let list_end = if is_across { (first.0, last.1) } else { (last.0, first.1) };
        let list = self.list(Block::between(block.sheet, first, list_end));
        let place = position(&key, &list, if kind == 0 { 0.0 } else { 1.0 });
        let place = place.ok_or(Target::Nowhere(ErrorValue::NotAvailable))? as u32;
        let Some(nth) = nth.checked_sub(1).and_then(|nth| u32::try_from(nth).ok()) else {
            return Err(Target::Nowhere(ErrorValue::Value));
        };
        let at = match is_across {
            false => (first.0 + place, first.1.saturating_add(nth)),
            true => (first.0.saturating_add(nth), first.1 + place),
        };
        match block.area.contains(at) {
            true => Ok(self.cells.target(block.sheet, at)),
            false => Err(Target::Nowhere(ErrorValue::Reference)),
        }
    }

    /// `LOOKUP(key, list, [results])`
    fn lookup(&self, arguments: &[Node<Slot>]) -> Found<Target> {
        let key = self.item_of(&arguments[0])?.shown();
        let block = self.block_of(&arguments[1])?;
        let results = match arguments.get(2) {
            Some(results) => self.block_of(results)?,
            None => block,
        };
        let place = position(&key, &self.list(block), 1.0);
        let place = place.ok_or(Target::Nowhere(ErrorValue::NotAvailable))? as u32;
        let (first, last) = (results.first(), results.last());
        let at = match last.0 > first.0 {
            true => (first.0 + place, last.1),
            false => (last.0, first.1 + place),
        };
        match results.area.contains(at) {
            true => Ok(self.cells.target(results.sheet, at)),
            false => Err(Target::Nowhere(ErrorValue::Reference)),
        }
    }

    /// The values of a list, without the blank cells at the end of the sheet.
    fn list(&self, block: Block) -> Vec<Item> {
        match self.read_block(self.cells.used(block)) {
            Outcome::One(item) => vec![item],
            Outcome::Many(array) => array.items,
        }
    }

    /// `from:to`
    fn span(&self, arguments: &[Node<Slot>]) -> Found<Target> {
        let (from, to) = (self.block_of(&arguments[0])?, self.block_of(&arguments[1])?);
        if from.sheet != to.sheet {
            return Err(Target::Nowhere(ErrorValue::Value));
        }
        let first = Area::between(from.first(), to.first()).first;
        let last = Area::between(from.last(), to.last()).last;
        Ok(self.area(from.sheet, first, last))
    }

    fn area(&self, sheet: usize, first: (u32, u32), last: (u32, u32)) -> Target {
        if first == last {
            return self.cells.target(sheet, first);
        }
        Target::Block(self.cells.used(Block::between(sheet, first, last)))
    }
}
