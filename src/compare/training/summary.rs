//! What a training is, in a few lines of words: for the terminal, the workbook and the page.

use super::result::{Layout, Rule, Training, Verdict};
use super::{log, names};
use crate::data::address::cell_name;
use crate::graph::{CellId, Graph};
use crate::value::{counted, number_text};

/// So many weights are named.
const MOST_WEIGHTS: usize = 12;

/// The sheets that it stands on.
pub(crate) fn name(graph: &Graph, training: &Training) -> String {
    let sheets: Vec<&str> = training.sheets.iter().map(|at| graph.sheets()[*at].as_str()).collect();
    match sheets[..] {
        [] => "the workbook".to_owned(),
        [""] => "the table".to_owned(),
        [only] => only.to_owned(),
        [first, .., last] => format!("{first} to {last}"),
    }
}

impl Training {
    /// How it came out, in a word or two.
    pub fn verdict(&self) -> &'static str {
        let is_open = || self.weights.iter().all(|one| one.verdict == Verdict::Undecided);
        match self.holds() {
            false => "differs",
            true if self.log.as_ref().is_some_and(|log| log.fits) => "agrees",
            true if is_open() => "not judged",
            true => "agrees",
        }
    }
}

/// The weights by their names, and how often they are updated.
pub(crate) fn weights(training: &Training) -> String {
    let names: Vec<&str> = training.weights.iter().map(|one| one.name.as_str()).collect();
    let shown = names.iter().take(MOST_WEIGHTS).copied().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(MOST_WEIGHTS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let way = match training.layout {
        Layout::Rows => "a row each",
        Layout::Columns => "a column each",
        Layout::Blocks => "a block of cells each",
        Layout::Sheets => "a sheet each",
    };
    format!("{shown}{more}; {}, {way}", counted(training.iterations, "iteration"))
}

/// The loss, and where it stands; what gradients are computed from that are not in a log.
pub(crate) fn loss(graph: &Graph, training: &Training) -> String {
    let written = written_loss(graph, training);
    match training.log.as_ref().and_then(|log| log.computed.as_ref()) {
        Some(computed) => format!("{written}; {}", computed.words()),
        None => written,
    }
}

fn written_loss(graph: &Graph, training: &Training) -> String {
    match (training.loss.cell(), &training.loss.implied) {
        (Some(cell), _) => {
            let at = within(graph, training, cell);
            match &training.loss.formula {
                Some(formula) => format!("{at} = {formula}"),
                None => match names::of_cell(graph, cell) {
                    Some(name) => format!("{at}, {name}"),
                    None => at,
                },
            }
        }
        (None, Some(implied)) => {
            format!("not computed by the sheet; these gradients are those of the {implied}")
        }
        (None, None) if training.log.is_some() => "not in the log".to_owned(),
        (None, None) => "none: the rule follows no loss's slope".to_owned(),
    }
}

/// The rule, its learning rate and its other numbers, and what it does otherwise than the textbook.
pub(crate) fn rule(graph: &Graph, training: &Training) -> String {
    let at = |cell: CellId| within(graph, training, cell);
    let rate = match (training.rate, training.rate_value) {
        (Some(cell), Some(value)) => format!("learning rate {} ({})", number_text(value), at(cell)),
        (Some(cell), None) => format!("learning rate from {} on", at(cell)),
        (None, Some(value)) if training.is_numbers_only => {
            format!("learning rate {}", number_text(value))
        }
        (None, Some(value)) => {
            format!("learning rate {}, typed into the formulas", number_text(value))
        }
        (None, None) => match training.log.as_ref().and_then(|log| log.rates.as_ref()) {
            Some(_) => "a learning rate for each step".to_owned(),
            None => "no learning rate".to_owned(),
        },
    };
    let name = match (&training.optimizer, training.rule) {
        (Some(optimizer), _) => optimizer.words(),
        (None, Rule::Perceptron) => {
            "the perceptron's rule: the error is taken behind a threshold, which has no derivative"
                .to_owned()
        }
        (None, _) => "another rule than lr times gradient".to_owned(),
    };
    let mut parts = vec![name];
    parts.extend(own_rule(training));
    parts.push(rate);
    parts.extend(own_settings(training));
    let optimizer = training.optimizer.iter();
    let settings = optimizer.clone().flat_map(|one| &one.settings).filter(|one| one.name != "lr");
    parts.extend(settings.map(|one| {
        let place = match one.cell {
            Some(cell) => format!(" ({})", at(cell)),
            None if training.is_numbers_only => {
                let open = training.log.as_ref().and_then(|log| log.undecided.words(&one.name));
                open.map_or(String::new(), |open| format!(" ({open})"))
            }
            None => " (typed)".to_owned(),
        };
        format!("{} {}{place}", one.name, number_text(one.value))
    }));
    parts.extend(optimizer.clone().flat_map(|one| one.note.clone()));
    parts.extend(optimizer.flat_map(|one| &one.departures).map(|text| format!("it {text}")));
    parts.extend(training.log.iter().flat_map(|log| log::words(&log.changes)));
    parts.join("; ")
}

/// The formulas of a rule that is no known optimizer's, with the optimizer that is nearest.
fn own_rule(training: &Training) -> Option<String> {
    let written = training.written.as_ref().ok().filter(|_| training.optimizer.is_none())?;
    let formulas = written.definition.rule().join(", ");
    let nearest = written.nearest.as_ref().map_or(String::new(), |nearest| {
        let differs = nearest.differs.join(", ");
        format!("; the nearest is {}: {differs}", nearest.title)
    });
    Some(format!("{formulas}{nearest}"))
}

/// The numbers of such a rule, beside its learning rate.
fn own_settings(training: &Training) -> Vec<String> {
    let Some(written) = training.written.as_ref().ok().filter(|_| training.optimizer.is_none())
    else {
        return Vec::new();
    };
    let numbers = written.definition.hyper.iter().filter(|one| one.name != "lr");
    numbers
        .map(|one| format!("{} {} ({})", one.name, number_text(one.default), one.meaning))
        .collect()
}

/// The values of weights that are typed where formulas would give them; none where there are none.
pub(crate) fn typed(graph: &Graph, training: &Training) -> Option<String> {
    let first = within(graph, training, *training.typed.first()?);
    let (cells, are) = match training.typed.len() {
        1 => (first, "is"),
        count => (format!("{first} and {} more", count - 1), "are"),
    };
    Some(format!("{cells} {are} what the updates give, up to rounding, and no formulas"))
}

/// How many derivatives were checked, and hold.
pub(crate) fn checked(training: &Training) -> String {
    let weights = counted(training.weights.len(), "weight");
    let iterations = counted(training.iterations, "iteration");
    let of = |verdict: Verdict| training.weights.iter().filter(move |one| one.verdict == verdict);
    if let Some(log) = &training.log {
        let told = match log.fits {
            true => format!("the rule takes every step of the log, to {} digits", log.digits),
            false => format!(
                "no known rule takes these steps; the nearest is told, to {} digits",
                log.digits
            ),
        };
        let others = match &log.undecided.optimizers[..] {
            [] => String::new(),
            others => format!("; its digits do not tell it from {}", others.join(", ")),
        };
        return format!("{weights}, {iterations}: {told}{others}");
    }
    if training.is_numbers_only {
        return format!(
            "{weights}, {iterations}: only numbers, no formulas. Each step is the learning rate times the gradient \
             beside it; whether that is the derivative, numbers cannot say"
        );
    }
    if training.rule == Rule::Perceptron {
        return format!("{weights}, {iterations}: no derivative to check, nothing judged");
    }
    let wrong: Vec<&str> = of(Verdict::Wrong).map(|one| one.name.as_str()).collect();
    let factor = training.weights.iter().find_map(|one| one.factor).filter(|one| *one != 1.0);
    let factor = factor.map_or(String::new(), |factor| {
        format!("; each is {} times the derivative of the loss as written", number_text(factor))
    });
    let undecided = of(Verdict::Undecided).count();
    match (wrong.len(), undecided) {
        (0, 0) => format!("{weights}, {iterations}: every derivative holds{factor}"),
        (0, open) => format!("{weights}, {iterations}: {open} could not be checked{factor}"),
        (count, _) if count == training.weights.len() => {
            format!("{weights}, {iterations}: wrong for {}{factor}", wrong.join(", "))
        }
        (count, _) => {
            let right = training.weights.len() - count - undecided;
            let holds = if right == 1 { "derivative holds" } else { "derivatives hold" };
            let names = wrong.join(", ");
            format!("{weights}, {iterations}: {right} {holds}, wrong for {names}{factor}")
        }
    }
}

/// A cell without the name of the sheet that everything of the training is on.
pub(crate) fn within(graph: &Graph, training: &Training, cell: CellId) -> String {
    match training.sheets[..] {
        [only] if only == graph.sheet(cell) => cell_name(graph.position(cell)),
        _ => graph.address(cell),
    }
}
