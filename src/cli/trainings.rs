//! The trainings of a workbook as `gdtrace compare` prints them: what each of them is in a few
//! lines, then what is wrong with it.

use console::style;

use super::layout::paragraph;
use crate::compare::training::{Finding, Rule, Training, Verdict};
use crate::data::address::cell_name;
use crate::graph::{CellId, Graph};
use crate::value::{counted, number_text};

/// So many findings of a training are told; the rest is counted.
const MOST_FINDINGS: usize = 12;
/// So many weights are named.
const MOST_WEIGHTS: usize = 12;

/// All trainings, each with its findings.
pub(super) fn text(graph: &Graph, trainings: &[&Training], verbose: bool) -> String {
    let all: Vec<String> = trainings.iter().map(|one| training_text(graph, one, verbose)).collect();
    all.join("\n\n")
}

fn training_text(graph: &Graph, training: &Training, verbose: bool) -> String {
    let mut lines = vec![heading(graph, training)];
    let mut line = |label: &str, text: String| {
        lines.push(paragraph(&format!(" {label:<10}  "), &text));
    };
    line("weights", weights(training));
    line("loss", loss(graph, training));
    line("rule", rule(graph, training));
    line("checked", checked(training));
    let mut parts = vec![lines.join("\n")];
    let most = if verbose { usize::MAX } else { MOST_FINDINGS };
    let findings = training.findings.iter();
    parts.extend(findings.take(most).map(|one| finding_text(graph, training, one)));
    if training.findings.len() > most {
        let more = training.findings.len() - most;
        parts.push(format!(" and {more} more: --verbose tells all"));
    }
    parts.join("\n\n")
}

fn heading(graph: &Graph, training: &Training) -> String {
    let sheets: Vec<&str> = training.sheets.iter().map(|at| graph.sheets()[*at].as_str()).collect();
    let name = match sheets[..] {
        [] => "the workbook".to_owned(),
        [""] => "the table".to_owned(),
        [only] => only.to_owned(),
        [first, .., last] => format!("{first} to {last}"),
    };
    let is_wrong = training.findings.iter().any(|finding| finding.kind.is_mistake());
    let verdict = match is_wrong {
        true => style("differs").red().bold(),
        false if training.weights.iter().all(|one| one.verdict == Verdict::Undecided) => {
            style("not judged").yellow().bold()
        }
        false => style("agrees").green().bold(),
    };
    format!("{}: {verdict}", style(name).bold())
}

fn weights(training: &Training) -> String {
    let names: Vec<&str> = training.weights.iter().map(|one| one.name.as_str()).collect();
    let shown = names.iter().take(MOST_WEIGHTS).copied().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(MOST_WEIGHTS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let way = match training.layout {
        crate::compare::training::Layout::Rows => "a row each",
        crate::compare::training::Layout::Columns => "a column each",
        crate::compare::training::Layout::Blocks => "a block of cells each",
        crate::compare::training::Layout::Sheets => "a sheet each",
    };
    format!("{shown}{more}; {}, {way}", counted(training.iterations, "iteration"))
}

fn loss(graph: &Graph, training: &Training) -> String {
    match (training.loss.cell(), &training.loss.implied) {
        (Some(cell), _) => {
            let at = within(graph, training, cell);
            match &training.loss.formula {
                Some(formula) => format!("{at} = {formula}"),
                None => match crate::compare::training::names::of_cell(graph, cell) {
                    Some(name) => format!("{at}, {name}"),
                    None => at,
                },
            }
        }
        (None, Some(implied)) => {
            format!("not computed by the sheet; these gradients are those of the {implied}")
        }
        (None, None) => "none: the rule follows no loss's slope".to_owned(),
    }
}

fn rule(graph: &Graph, training: &Training) -> String {
    let rate = match (training.rate, training.rate_value) {
        (Some(cell), Some(value)) => {
            format!("learning rate {} ({})", number_text(value), within(graph, training, cell))
        }
        (Some(cell), None) => format!("learning rate from {} on", within(graph, training, cell)),
        (None, Some(value)) => {
            format!("learning rate {}, typed into the formulas", number_text(value))
        }
        (None, None) => "no learning rate".to_owned(),
    };
    let rule = match training.rule {
        Rule::Descent => "gradient descent",
        Rule::Perceptron => {
            "the perceptron's rule: the error is taken behind a threshold, which has no derivative"
        }
        Rule::Other => "another rule than lr times gradient",
    };
    format!("{rule}; {rate}")
}

fn checked(training: &Training) -> String {
    let weights = counted(training.weights.len(), "weight");
    let iterations = counted(training.iterations, "iteration");
    let of = |verdict: Verdict| training.weights.iter().filter(move |one| one.verdict == verdict);
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
fn within(graph: &Graph, training: &Training, cell: CellId) -> String {
    match training.sheets[..] {
        [only] if only == graph.sheet(cell) => cell_name(graph.position(cell)),
        _ => graph.address(cell),
    }
}

fn finding_text(graph: &Graph, training: &Training, finding: &Finding) -> String {
    let kind = style(finding.kind.name());
    let kind = if finding.kind.is_mistake() { kind.red() } else { kind.yellow() };
    let cell = finding.cells.first().map_or(String::new(), |cell| within(graph, training, *cell));
    let range = match finding.cells.len() {
        0 | 1 => String::new(),
        count => format!("  {} ({count} cells)", finding.range(graph)),
    };
    let mut lines =
        vec![format!(" {}  {kind}{range}", style(cell).bold()), paragraph("   ", &finding.message)];
    let mut line = |label: &str, text: &str| {
        lines.push(paragraph(&format!("   {label:<8}  "), text));
    };
    if let (Some(found), Some(expected)) = (finding.found, finding.expected) {
        line("found", &number_text(found));
        line("expected", &number_text(expected));
    }
    if let Some(formula) = &finding.formula {
        line("formula", formula);
    }
    if let Some(proposed) = &finding.proposed {
        line("proposed", proposed);
    }
    if let Some(fix) = finding.fix.as_ref().filter(|_| finding.proposed.is_none()) {
        line("fix", fix);
    }
    if finding.consequences > 0 {
        let cells = counted(finding.consequences, "later cell");
        let differs = if finding.consequences == 1 { "differs" } else { "differ" };
        line("then", &format!("{cells} {differ} only because of this", differ = differs));
    }
    lines.join("\n")
}

/// The last line: how all trainings of a workbook came out.
pub(super) fn closing(file: &str, trainings: &[&Training]) -> String {
    let count = counted(trainings.len(), "training");
    let mut mistakes =
        trainings.iter().flat_map(|one| &one.findings).filter(|one| one.kind.is_mistake());
    match mistakes.by_ref().count() {
        0 => paragraph("", &format!("{file} agrees: {count} checked")),
        found => {
            paragraph("", &format!("{file} differs: {} in {count}", counted(found, "mistake")))
        }
    }
}
