//! The trainings of a workbook as `gdtrace compare` prints them: what each of them is in a few
//! lines, then what is wrong with it.

use console::style;

use super::layout::paragraph;
use crate::compare::training::{Finding, Training, summary};
use crate::graph::Graph;
use crate::value::{counted, number_text};

/// So many findings of a training are told; the rest is counted.
const MOST_FINDINGS: usize = 12;

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
    line("weights", summary::weights(training));
    line("loss", summary::loss(graph, training));
    line("rule", summary::rule(graph, training));
    line("checked", summary::checked(training));
    if let Some(text) = summary::typed(graph, training) {
        line("typed", text);
    }
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
    let verdict = style(training.verdict());
    let verdict = match training.verdict() {
        "differs" => verdict.red(),
        "agrees" => verdict.green(),
        _ => verdict.yellow(),
    };
    format!("{}: {}", style(summary::name(graph, training)).bold(), verdict.bold())
}

fn finding_text(graph: &Graph, training: &Training, finding: &Finding) -> String {
    let kind = style(finding.kind.name());
    let kind = if finding.kind.is_mistake() { kind.red() } else { kind.yellow() };
    let cell =
        finding.cells.first().map_or(String::new(), |cell| summary::within(graph, training, *cell));
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
