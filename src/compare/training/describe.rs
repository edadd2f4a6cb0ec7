//! Trainings in words: formulas in the sheet's own labels, losses by their names.

use super::Ground;
use super::case::Case;
use super::implied::Residual;
use super::names;
use super::terms::{Part, cells_in, only_cell, sum, terms};
use crate::data::address::cell_name;
use crate::formula::Operator;
use crate::graph::place::Place;
use crate::graph::{CellId, Graph, Node};
use crate::value::number_text;

/// Longer formulas say less than the cell that they stand in.
const LONGEST: usize = 160;

/// The loss of a training as a formula, in labels.
pub(super) fn loss(case: &Case) -> Option<String> {
    let graph = case.ground.graph;
    let cell = case.losses.first().copied().flatten()?;
    let tree = graph.tree(cell)?;
    let text = labelled(case.ground, &tree.root);
    (text.chars().count() <= LONGEST).then_some(text)
}

/// A loss that is not written down: "the mean squared error of y = k*x + d over A2:B5".
pub(super) fn implied(
    case: &Case,
    words: &str,
    residuals: &[Residual],
    iteration: usize,
) -> String {
    let graph = case.ground.graph;
    let first = &residuals[0];
    let mut measured = names_of(case.ground, &first.measured);
    measured.dedup();
    let y = if measured.is_empty() { "y".to_owned() } else { measured.join(", ") };
    let model = model(case, &upright(&first.predicted.root), iteration);
    let mut data = Vec::new();
    for residual in residuals {
        data.extend(data_cells(case, &residual.measured));
        data.extend(data_cells(case, &residual.predicted.root));
    }
    let over = range(graph, &data).map_or(String::new(), |range| format!(" over {range}"));
    match residuals.len() {
        1 => format!("{words} of {y} = {model}"),
        _ => format!("{words} of {y} = {model}{over}"),
    }
}

/// A prediction as it is, where the residual has it with the other sign.
fn upright(predicted: &Part) -> Part {
    let terms = terms(predicted);
    match terms.iter().all(|(sign, _)| *sign < 0.0) {
        true => sum(&terms.iter().map(|(_, term)| (1.0, *term)).collect::<Vec<_>>()),
        false => predicted.clone(),
    }
}

/// The typed cells that a part is computed from, through cells of the iteration.
fn data_cells(case: &Case, part: &Part) -> Vec<CellId> {
    let graph = case.ground.graph;
    let mut open = cells_in(graph, part);
    let mut seen = open.clone();
    let mut data = Vec::new();
    while let Some(id) = open.pop() {
        if case.ground.tags.is_variable(id) {
            continue;
        }
        if graph.inputs(id).is_empty() {
            data.push(id);
        }
        for input in graph.inputs(id) {
            if !seen.contains(input) {
                seen.push(*input);
                open.push(*input);
            }
        }
    }
    data
}

/// The rectangle that the largest block of the cells covers.
fn range(graph: &Graph, cells: &[CellId]) -> Option<String> {
    let first = cells.first()?;
    let sheet = graph.sheet(*first);
    let places: Vec<Place> = cells.iter().map(|id| Place::of(graph, *id)).collect();
    let here = || places.iter().filter(|place| place.sheet == sheet as i64);
    let bounds = |of: fn(&Place) -> i64| (here().map(of).min(), here().map(of).max());
    let (rows, columns) = (bounds(|place| place.row), bounds(|place| place.column));
    let corner = |row: Option<i64>, column: Option<i64>| {
        Some(cell_name((u32::try_from(row?).ok()?, u32::try_from(column?).ok()?)))
    };
    Some(format!(
        "{}:{}",
        graph.address_at(sheet, (rows.0? as u32, columns.0? as u32)),
        corner(rows.1, columns.1)?
    ))
}

/// A prediction in labels, cells of the iteration written out as long as that stays short.
fn model(case: &Case, part: &Part, _iteration: usize) -> String {
    let graph = case.ground.graph;
    let mut shown = part.clone();
    for _ in 0..3 {
        let Some(cell) = only_cell(&shown) else { break };
        if case.ground.tags.is_variable(cell) {
            break;
        }
        let Some(tree) = graph.tree(cell) else { break };
        shown = tree.root;
    }
    labelled(case.ground, &shown)
}

/// The labels of the cells of a part.
fn names_of(ground: &Ground, part: &Part) -> Vec<String> {
    cells_in(ground.graph, part).into_iter().map(|id| name(ground, id)).collect()
}

/// What a cell is called: a weight by its name, others by their labels.
pub(super) fn name(ground: &Ground, id: CellId) -> String {
    let graph = ground.graph;
    let origin = ground.updates.origin(id);
    let weight = ground.groups.iter().enumerate().find_map(|(training, group)| {
        let (weight, _) = ground
            .tags
            .variable(id, training)
            .or_else(|| ground.tags.variable(origin, training))?;
        Some(names::of_weight(graph, &group[weight]))
    });
    weight.or_else(|| names::of_cell(graph, id)).unwrap_or_else(|| cell_name(graph.position(id)))
}

/// A part with labels in the place of cells.
pub(super) fn labelled(ground: &Ground, part: &Part) -> String {
    let mut text = String::new();
    write(ground, part, 0, &mut text);
    text
}

fn level(part: &Part) -> u8 {
    match part {
        Node::Compare(..) | Node::Join(..) => 1,
        Node::Binary(Operator::Add | Operator::Subtract, ..) => 2,
        Node::Binary(Operator::Multiply | Operator::Divide, ..) => 3,
        Node::Negate(_) => 4,
        Node::Binary(Operator::Power, ..) => 5,
        _ => 6,
    }
}

fn write(ground: &Ground, part: &Part, least: u8, text: &mut String) {
    let level = level(part);
    if level < least {
        text.push('(');
    }
    match part {
        Node::Number(number) => text.push_str(&number_text(*number)),
        Node::Leaf(leaf) => match leaf.id() {
            Some(id) => text.push_str(&name(ground, id)),
            None => {
                let mut names = names_of(ground, part);
                names.dedup();
                text.push_str(&names.first().cloned().unwrap_or_else(|| "0".to_owned()));
            }
        },
        Node::Negate(one) => {
            text.push('-');
            write(ground, one, 4, text);
        }
        Node::Percent(one) => {
            write(ground, one, 6, text);
            text.push('%');
        }
        Node::Binary(operator, left, right) => {
            write(ground, left, level, text);
            let spaced = matches!(operator, Operator::Add | Operator::Subtract);
            text.push_str(&if spaced {
                format!(" {} ", operator.sign())
            } else {
                operator.sign().to_string()
            });
            write(ground, right, level + 1, text);
        }
        Node::Compare(comparison, left, right) => {
            write(ground, left, 2, text);
            text.push_str(comparison.sign());
            write(ground, right, 2, text);
        }
        Node::Call(function, arguments) => {
            text.push_str(&function.name.to_lowercase());
            text.push('(');
            for (at, argument) in arguments.iter().enumerate() {
                if at > 0 {
                    text.push_str(", ");
                }
                write(ground, argument, 0, text);
            }
            text.push(')');
        }
        Node::Text(one) => text.push_str(one),
        Node::Logical(one) => text.push_str(if *one { "TRUE" } else { "FALSE" }),
        _ => text.push('…'),
    }
    if level < least {
        text.push(')');
    }
}
