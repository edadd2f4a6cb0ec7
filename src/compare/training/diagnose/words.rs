//! What is wrong with a derivative, in words that a student understands.

use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::describe;
use crate::compare::training::edits::Change;
use crate::compare::training::repair::Fix;
use crate::compare::training::result::{Finding, Kind};
use crate::formula::Operator;
use crate::graph::{CellId, Node};

/// What is the matter, in words that a student understands.
pub(super) fn message(
    case: &Case,
    iteration: usize,
    fix: &Fix,
    kind: Kind,
    is_update: bool,
    finding: &Finding,
) -> String {
    let first = fix.cells[0];
    let is_sign = matches!(fix.change, Change::Sign(_));
    let what = match (kind, &fix.weights[..]) {
        (kind, _) if is_sign || kind == Kind::InconsistentFormula => named(case, first),
        (Kind::WrongForward, _) => {
            let name = describe::name(case.ground, first);
            let those = match fix.weights.len() {
                1 => "the derivative of this training is that",
                _ => "the derivatives of this training are those",
            };
            format!("{those} of another {name} ({}) than the sheet computes", case.address(first))
        }
        (_, [only]) if is_update => {
            format!(
                "the step of {} should follow {}",
                case.weight_name(*only),
                case.derivative_name(*only)
            )
        }
        (_, [only]) if case.is_role(*only, iteration, first) => {
            format!("{} should be {}", case.address(first), case.derivative_name(*only))
        }
        (_, weights) => {
            let names: Vec<String> = weights.iter().map(|one| case.weight_name(*one)).collect();
            format!("{} leads to wrong derivatives by {}", named(case, first), names.join(", "))
        }
    };
    let change = change(case, &fix.change, first);
    let mut text = match slope_of_another(case, iteration, fix) {
        Some(told) => format!("{what}. {told}"),
        None => format!("{}: {change}.", capital(&what)),
    };
    if kind == Kind::WrongForward && !is_sign {
        let all = if fix.weights.len() == 1 { "it holds" } else { "they all hold" };
        text += &format!(" With that {all}.");
    } else if let Some(off) = off(case, finding, fix, iteration) {
        text += &format!(" {off}");
    }
    text
}

/// A cell by what it is called, with its address.
pub(super) fn named(case: &Case, cell: CellId) -> String {
    format!("{} ({})", describe::name(case.ground, cell), case.address(cell))
}

/// The commonest slip, in its own words: the slope of one neuron where the weight leads to another.
fn slope_of_another(case: &Case, iteration: usize, fix: &Fix) -> Option<String> {
    let Change::Exchange { old, new, everywhere: true } = fix.change else { return None };
    let graph = case.ground.graph;
    let [weight] = fix.weights[..] else { return None };
    let tree = graph.tree(fix.cells[0])?;
    let at = |id: CellId| case.address(id);
    let has_slope = graph.tree_text(&tree).replace('$', "").contains(&format!("(1-{})", at(old)));
    let is_role = case.is_role(weight, iteration, fix.cells[0]);
    let is_within = !case.ground.tags.is_fixed(old) && !case.ground.tags.is_fixed(new);
    (has_slope && is_role && is_within).then(|| {
        format!(
            "It uses {old}·(1−{old}), the slope of {}, but {} leads to {}: put {new} for {old}.",
            describe::name(case.ground, old),
            case.weight_name(weight),
            describe::name(case.ground, new),
            old = at(old),
            new = at(new),
        )
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if text.starts_with("the ") => {
            first.to_uppercase().collect::<String>() + chars.as_str()
        }
        _ => text.to_owned(),
    }
}

/// How far off the cells are: here, and where it is worst.
fn off(case: &Case, finding: &Finding, fix: &Fix, iteration: usize) -> Option<String> {
    let graph = case.ground.graph;
    let part = |found: f64, expected: f64| (found - expected).abs() / expected.abs().max(1e-300);
    let (found, expected) = (finding.found?, finding.expected?);
    if agrees(found, expected) {
        return Some("Here its number happens to be right; elsewhere it is not.".to_owned());
    }
    let here = part(found, expected);
    let mut worst = (here, fix.cells[0]);
    if let [only] = fix.weights[..] {
        for other in 0..case.iterations() {
            let Some(Some(role)) = case.roles[only].get(other) else { continue };
            let Some(cell) = role.cell.filter(|cell| finding.cells.contains(cell)) else {
                continue;
            };
            let value = graph.value(cell).number();
            let expected = case.expected(other, graph.values())[only];
            if let Some(value) = value.filter(|_| expected.is_finite() && expected != 0.0)
                && part(value, expected) > worst.0
            {
                worst = (part(value, expected), cell);
            }
        }
    }
    let _ = iteration;
    let mut text = format!("It is off by {} here", percent(here));
    if worst.0 > here * 1.2 && worst.1 != fix.cells[0] {
        text += &format!(", by {} in {}", percent(worst.0), case.address(worst.1));
    }
    Some(text + ".")
}

fn percent(part: f64) -> String {
    let percent = part * 100.0;
    match percent {
        p if p >= 1e4 => "far more than its size".to_owned(),
        p if p >= 10.0 => format!("{p:.0} %"),
        p if p >= 1.0 => format!("{p:.1} %"),
        p if p >= 0.01 => format!("{p:.2} %"),
        p => format!("{p:.1e} %"),
    }
}

/// An edit in words.
pub(super) fn change(case: &Case, change: &Change, home: CellId) -> String {
    let graph = case.ground.graph;
    let at = |id: CellId| case.address(id);
    let called = |id: CellId| {
        let name = describe::name(case.ground, id);
        if name == at(id) { name } else { format!("{} ({name})", at(id)) }
    };
    let text = |part: &_| graph.part_text(part, home);
    match change {
        Change::Exchange { old, new, everywhere: true } => {
            format!(
                "it uses {}, where {} belongs: put {} for {}",
                called(*old),
                called(*new),
                at(*new),
                at(*old)
            )
        }
        Change::Exchange { old, new, .. } => {
            format!(
                "in one place it uses {}, where {} belongs: put {} for {} there",
                called(*old),
                called(*new),
                at(*new),
                at(*old)
            )
        }
        Change::Blank(new) => format!("it refers to a blank cell, where {} belongs", called(*new)),
        Change::Swap(a, b) => format!("{} and {} are exchanged", called(*a), called(*b)),
        Change::Operator(old, new) => {
            format!("it has {} where {} belongs", operator(*old), operator(*new))
        }
        Change::Parentheses => {
            "parentheses are missing: the last factor belongs to the whole sum".to_owned()
        }
        Change::Sign(power) => {
            let power = text(power);
            format!(
                "a spreadsheet takes the sign of -{power} into the power, where it is lost: \
                 -({power}) belongs there"
            )
        }
        Change::Without(part) => format!("{} does not belong there", text(part)),
        Change::Times(part) => format!("the factor {} is missing", text(part)),
        Change::Factor(-1.0) => "its sign is the wrong way round".to_owned(),
        Change::Factor(number) if number.abs() < 1.0 => {
            format!("it is {} times too large", crate::value::number_text((1.0 / number).round()))
        }
        Change::Factor(number) => {
            format!("the factor {} is missing", crate::value::number_text(*number))
        }
        Change::Square(part) => format!(
            "a square is missing: {} belongs there",
            text(&part.clone().binary(Operator::Power, Node::Number(2.0)))
        ),
        Change::Number(old, new) => format!(
            "it has {} where {} belongs",
            crate::value::number_text(*old),
            crate::value::number_text(*new)
        ),
        Change::Rest(part) => format!("it uses {0}, where 1-{0} belongs", text(part)),
        Change::Transpose(Node::Leaf(leaf)) => {
            format!(
                "a matrix is not turned round: TRANSPOSE({}) belongs there",
                text(&Node::Leaf(*leaf))
            )
        }
        Change::Transpose(_) => "it turns a matrix round that should stay as it is".to_owned(),
        Change::Plus(part) if case.ahead(0).contains(&home) => {
            format!("a term is missing: add {}", text(part))
        }
        Change::Plus(part) => format!("a path of the chain rule is missing: add {}", text(part)),
        Change::Range(..) => "its range is another one than it should be".to_owned(),
        Change::Function(old, new) => format!("it takes the {old} where the {new} belongs"),
        Change::Derivative(by) => {
            format!("it should be the derivative of the loss by {}, and is another", called(*by))
        }
        Change::Pattern => "its formula is another one than beside it".to_owned(),
        Change::Both(a, b) => match (a.as_ref(), b.as_ref()) {
            (Change::Without(old), Change::Plus(new)) => {
                format!("it has {} where {} belongs", text(old), text(new))
            }
            (a, b) => format!("{}; {}", self::change(case, a, home), self::change(case, b, home)),
        },
    }
}

fn operator(operator: Operator) -> String {
    operator.sign().to_string()
}
