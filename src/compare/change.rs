//! A change of a formula, made wherever it can be made.

use super::rewrite::Departure;
use crate::formula::{Expr, operands, with_operands};
use crate::sheet::Ref;

/// A changed formula and what was changed.
pub(super) type Changed = (Expr<Ref>, Departure);

/// A change of one part of a formula and the words for it; none where the part is no such.
pub(super) type Change<'a> = &'a dyn Fn(&Expr<Ref>) -> Option<(Expr<Ref>, String)>;

/// The changes of one part of a formula, each with the words for it.
pub(super) type Changes<'a> = &'a dyn Fn(&Expr<Ref>) -> Vec<(Expr<Ref>, String)>;

/// The formula with the change made at one place, for every place where it can be.
pub(super) fn everywhere(
    formula: &Expr<Ref>,
    change: Change,
    is_mistake: bool,
    found: &mut Vec<Changed>,
) {
    each_everywhere(formula, &|part| change(part).into_iter().collect(), is_mistake, found);
}

/// The same for a change that can be made in several ways: first each place with its first way.
pub(super) fn each_everywhere(
    formula: &Expr<Ref>,
    changes: Changes,
    is_mistake: bool,
    found: &mut Vec<Changed>,
) {
    let mut ways = Vec::new();
    positions(formula, &mut Vec::new(), &mut |path, part| {
        for (way, (new, text)) in changes(part).into_iter().enumerate() {
            ways.push((way, path.to_vec(), new, text));
        }
    });
    ways.sort_by_key(|(way, ..)| *way);
    for (_, path, new, text) in ways {
        if let Some(formula) = replaced(formula, &path, &new) {
            found.push((formula, Departure { is_mistake, ..Departure::choice(text) }));
        }
    }
}

/// The formula with the change made wherever it can be, as one.
pub(super) fn all_at_once(
    formula: &Expr<Ref>,
    change: Change,
    is_mistake: bool,
    found: &mut Vec<Changed>,
) {
    let text = std::cell::RefCell::new(None);
    let formula = formula.map(&|part| {
        let (new, words) = change(part)?;
        text.borrow_mut().get_or_insert(words);
        Some(new)
    });
    if let Some(text) = text.into_inner() {
        found.push((formula, Departure { is_mistake, ..Departure::choice(text) }));
    }
}

/// Calls `visit` with every part of the formula and the way to it.
fn positions<'a>(
    formula: &'a Expr<Ref>,
    path: &mut Vec<usize>,
    visit: &mut impl FnMut(&[usize], &'a Expr<Ref>),
) {
    visit(path, formula);
    for (index, operand) in operands(formula).into_iter().enumerate() {
        path.push(index);
        positions(operand, path, visit);
        path.pop();
    }
}

/// The formula with the part at the end of `path` replaced.
fn replaced(formula: &Expr<Ref>, path: &[usize], new: &Expr<Ref>) -> Option<Expr<Ref>> {
    let Some((first, rest)) = path.split_first() else { return Some(new.clone()) };
    let mut parts: Vec<Expr<Ref>> = operands(formula).into_iter().cloned().collect();
    let part = parts.get_mut(*first)?;
    *part = replaced(part, rest, new)?;
    with_operands(formula, &parts)
}
