//! Trainings of any layout: recognized, verified, and their mistakes found with the edit that mends
//! them. The workbooks are built here, without results, as a library would write them.

mod adam;
mod ahead;
mod beside;
mod blocks;
mod book;
mod field;
mod forward;
mod held;
mod largest;
mod layouts;
mod lifted;
mod masks;
mod mistakes;
mod optimizers;
mod outliers;
mod paths;
mod quotients;
mod sigmoids;
mod slips;
mod states;
mod sums;
mod unwritten;
mod written_out;

use std::path::Path;

use gdtrace::compare::training::{self, Training, Trainings, Verdict};
use gdtrace::graph::{Graph, Options, Workbook};

use book::Book;
use layouts::Sample;

/// A workbook as a graph, with its trainings.
fn look(book: &Book) -> (Graph, Trainings) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book.xlsx");
    book.write(&path);
    look_at(&path)
}

fn look_at(path: &Path) -> (Graph, Trainings) {
    let workbook = Workbook::read(path, &Options::default()).expect("a workbook");
    let graph = Graph::lift(&workbook);
    let trainings = training::find(&graph);
    (graph, trainings)
}

/// What is said of a training that it is not.
fn faults(sample: &Sample, graph: &Graph, training: &Training) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |what: &str, found: String, expected: String| {
        if found != expected {
            faults.push(format!("{what}: {found}, not {expected}"));
        }
    };
    let address = |id: Option<gdtrace::graph::CellId>| id.map(|id| graph.address(id));
    expect("layout", training.layout.name().into(), sample.layout.into());
    expect("iterations", training.iterations.to_string(), sample.iterations.to_string());
    expect("rule", training.rule.name().into(), "sgd".into());
    let starts: Vec<_> = training.weights.iter().map(|one| graph.address(one.start)).collect();
    let weights: Vec<_> = sample.weights.iter().map(|of| sample.address(of[0])).collect();
    expect("weights", format!("{starts:?}"), format!("{weights:?}"));
    let gradients: Vec<_> = training.weights.iter().map(|one| address(one.gradient)).collect();
    let wanted: Vec<_> = sample.gradients.iter().map(|of| Some(sample.address(of[0]))).collect();
    expect("gradients", format!("{gradients:?}"), format!("{wanted:?}"));
    let rate = sample.rate.map(|cell| sample.address(cell));
    expect("rate", format!("{:?}", address(training.rate)), format!("{rate:?}"));
    let loss = sample.losses.first().map(|cell| sample.address(*cell));
    expect("loss", format!("{:?}", address(training.loss.cell())), format!("{loss:?}"));
    for weight in &training.weights {
        expect("verdict", format!("{:?}", weight.verdict), format!("{:?}", Verdict::Verified));
        expect("factor", format!("{:?}", weight.factor), format!("{:?}", Some(sample.factor)));
    }
    for finding in &training.findings {
        let cells = finding.range(graph);
        faults.push(format!("{} at {cells}: {}", finding.kind.name(), finding.message));
    }
    faults
}

#[test]
fn clean_trainings_of_every_layout_are_recognized_and_verified() {
    let mut all = Vec::new();
    for sample in layouts::all() {
        let (graph, trainings) = look(&sample.book);
        match &trainings.trainings[..] {
            [only] => {
                let faults = faults(&sample, &graph, only);
                all.extend(faults.into_iter().map(|fault| format!("{}: {fault}", sample.name)));
            }
            others => all.push(format!("{}: {} trainings", sample.name, others.len())),
        }
    }
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}
