//! What cells are called: headers above and labels to the left, and what such words mean.

use super::Ground;
use super::weights::Weight;
use crate::data::address::cell_name;
use crate::graph::{CellId, Graph};

/// So far a label may stand from its cell.
const FAR_LEFT: u32 = 3;

/// The text above a cell in its column, over numbers and formulas; a label of what stands beside it,
/// with nothing below, heads no column.
pub fn header(graph: &Graph, id: CellId) -> Option<String> {
    let (sheet, (row, column)) = (graph.sheet(id), graph.position(id));
    let mut above = (0..row).rev().filter_map(|row| graph.id(sheet, (row, column)));
    let (other, found) = above.find_map(|other| Some((other, text(graph, other)?)))?;
    let top = graph.position(other).0;
    let beside = graph.id(sheet, (top, column + 1));
    let is_label = beside.is_some_and(|beside| graph.text(beside).is_none())
        && graph.id(sheet, (top + 1, column)).is_none();
    (!is_label).then_some(found)
}

/// The nearest text to the left of a cell in its row.
pub fn left_label(graph: &Graph, id: CellId) -> Option<String> {
    let (sheet, (row, column)) = (graph.sheet(id), graph.position(id));
    let near = column.saturating_sub(FAR_LEFT)..column;
    near.rev().filter_map(|column| graph.id(sheet, (row, column))).find_map(|id| text(graph, id))
}

fn text(graph: &Graph, id: CellId) -> Option<String> {
    let text = graph.text(id)?.trim();
    let is_name = text.chars().any(|c| c.is_alphabetic() || matches!(c, '∇' | '∂'));
    is_name.then(|| text.trim_end_matches([':', '=']).trim().to_owned())
}

/// The text directly to the left of a cell, or directly above it.
pub fn own_label(graph: &Graph, id: CellId) -> Option<String> {
    let (sheet, (row, column)) = (graph.sheet(id), graph.position(id));
    let at = |at| graph.id(sheet, at).and_then(|id| text(graph, id));
    let left = column.checked_sub(1).and_then(|column| at((row, column)));
    left.or_else(|| row.checked_sub(1).and_then(|row| at((row, column))))
}

/// Whether any of the names of a cell has one of the words.
fn is_called(graph: &Graph, id: CellId, words: &[&str]) -> bool {
    let names = [own_label(graph, id), header(graph, id), left_label(graph, id)];
    names.into_iter().flatten().any(|name| has_word(&name, words))
}

fn has_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_lowercase();
    let mut parts = name.split(|c: char| !c.is_alphanumeric());
    parts.any(|part| words.contains(&part))
        || words.iter().any(|word| name.contains(word) && word.len() > 3)
}

/// What learning rates are called.
const RATES: &[&str] = &[
    "learning rate",
    "learningrate",
    "lr",
    "rate",
    "step",
    "step size",
    "stepsize",
    "alpha",
    "α",
    "eta",
    "η",
    "gamma",
    "γ",
    "lernrate",
    "schrittweite",
    "leersnelheid",
    "leertempo",
    "stapgrootte",
    "taux",
    "pas",
    "tasa",
    "tasso",
    "学習率",
    "学习率",
];

/// What losses are called.
const LOSSES: &[&str] = &[
    "loss",
    "cost",
    "error",
    "e",
    "j",
    "f",
    "l",
    "e_total",
    "etotal",
    "total error",
    "mse",
    "sse",
    "rmse",
    "rss",
    "mae",
    "entropy",
    "objective",
    "likelihood",
    "loglik",
    "log lik",
    "log-lik",
    "nll",
    "bce",
    "hinge",
    "deviance",
    "energy",
    "verlust",
    "fehler",
    "kosten",
    "fout",
    "verlies",
    "coût",
    "perte",
    "erreur",
    "pérdida",
    "coste",
    "perdita",
    "損失",
    "誤差",
    "损失",
    "误差",
];

/// What losses are called of which everybody makes a small number.
const COSTS: &[&str] = &["loss", "cost", "mse", "sse", "rmse", "rss", "mae", "kosten", "verlies"];

/// Whether a cell is labelled as a learning rate.
pub fn is_called_rate(graph: &Graph, id: CellId) -> bool {
    is_called(graph, id, RATES)
}

/// What learning rates are called in words that mean nothing else.
const LEARNING_RATES: &[&str] = &[
    "learning rate",
    "learningrate",
    "learning_rate",
    "lr",
    "eta",
    "η",
    "lernrate",
    "leersnelheid",
];

/// Whether a cell is labelled as a learning rate in words that mean nothing else.
pub fn is_called_learning_rate(graph: &Graph, id: CellId) -> bool {
    is_called(graph, id, LEARNING_RATES)
}

/// Whether the text to the left of a cell or right above it says that it is a learning rate and nothing else.
pub fn is_labelled_learning_rate(graph: &Graph, id: CellId) -> bool {
    let label = own_label(graph, id).or_else(|| left_label(graph, id));
    label.is_some_and(|name| has_word(&name, LEARNING_RATES))
}

/// Whether a cell is labelled as the derivative of another: `f'(x)` of `f(x)`, `dJ/dw` of `J`.
pub fn is_derivative_of(graph: &Graph, id: CellId, of: CellId) -> bool {
    let lower = |id: CellId| of_cell(graph, id).map(|name| name.to_lowercase());
    let (Some(name), Some(whole)) = (lower(id), lower(of)) else { return false };
    let letters = |c: char| c.is_alphanumeric() || c == '_';
    let function = whole.split(|c: char| !letters(c)).next().unwrap_or_default();
    let marks = ["'", "’", "′", "_", "/d", "/∂"].map(|mark| format!("{function}{mark}"));
    !function.is_empty() && marks.iter().any(|mark| name.contains(mark.as_str()))
}

/// Whether a cell is labelled as a derivative.
pub fn is_called_derivative(graph: &Graph, id: CellId) -> bool {
    const WORDS: &[&str] = &[
        "grad",
        "derivative",
        "slope",
        "ableitung",
        "steigung",
        "afgeleide",
        "helling",
        "dérivée",
        "pente",
        "derivada",
        "pendiente",
        "derivata",
        "勾配",
        "梯度",
        "f'",
        "f’",
        "∂",
        "∇",
    ];
    let is_one = |name: String| {
        let name = name.to_lowercase();
        let is_quotient = |(over, under): (&str, &str)| {
            over.split_whitespace().last().is_some_and(|one| one.starts_with('d'))
                && under.trim_start().starts_with('d')
        };
        WORDS.iter().any(|word| name.contains(word))
            || name.split_once('/').is_some_and(is_quotient)
    };
    of_cell(graph, id).is_some_and(is_one)
}

/// Whether a cell is labelled as a loss.
pub fn is_called_loss(graph: &Graph, id: CellId) -> bool {
    is_called(graph, id, LOSSES)
}

/// Whether the text beside a cell or right above it says that it is a loss.
pub fn is_labelled_loss(graph: &Graph, id: CellId) -> bool {
    own_label(graph, id).is_some_and(|name| has_word(&name, LOSSES))
}

/// Whether a cell is called something that everybody makes small.
pub fn is_called_cost(graph: &Graph, id: CellId) -> bool {
    is_called(graph, id, COSTS) || is_called(graph, id, &["error", "verlust", "fehler"])
}

/// Whether the text beside a cell or right above it says that it is a loss, and no error of one sample.
pub fn is_labelled_cost(graph: &Graph, id: CellId) -> bool {
    own_label(graph, id).is_some_and(|name| has_word(&name, COSTS))
}

/// What a cell is called: by the text beside it, else by the header of its column, else by the next
/// text to the left.
pub fn of_cell(graph: &Graph, id: CellId) -> Option<String> {
    own_label(graph, id).or_else(|| header(graph, id)).or_else(|| left_label(graph, id))
}

/// The address of a cell, without its sheet where there is only one.
pub fn address(graph: &Graph, id: CellId) -> String {
    match graph.sheets() {
        [_] => cell_name(graph.position(id)),
        _ => graph.address(id),
    }
}

/// What a weight is called.
pub(super) fn of_weight(graph: &Graph, weight: &Weight) -> String {
    let start = weight.shown.first().copied().unwrap_or(weight.values[0]);
    let next = weight.shown.get(1).copied().unwrap_or(start);
    let ((row, _), (next_row, _)) = (graph.position(start), graph.position(next));
    // Weights that go down a column have their names above, others beside them.
    let named = match next_row.saturating_sub(row) {
        0 => left_label(graph, start).or_else(|| header(graph, start)),
        1 => header(graph, start).or_else(|| left_label(graph, start)),
        _ => of_cell(graph, start),
    };
    named.unwrap_or_else(|| cell_name(graph.position(start)))
}

/// What the weights of a training are called, each by a name of its own.
pub(super) fn of_weights(ground: &Ground, training: usize) -> Vec<String> {
    let group = &ground.groups[training];
    let names: Vec<String> = group.iter().map(|one| of_weight(ground.graph, one)).collect();
    let is_unique = |name: &String| names.iter().filter(|one| *one == name).count() == 1;
    let named = names.iter().zip(group).map(|(name, weight)| match is_unique(name) {
        true => name.clone(),
        false => {
            let start = weight.shown.first().copied().unwrap_or(weight.values[0]);
            format!("{name} ({})", cell_name(ground.graph.position(start)))
        }
    });
    named.collect()
}
