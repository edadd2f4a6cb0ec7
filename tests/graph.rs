//! Any workbook as a computation graph: values, derivatives, what stands in the way of them.

use std::path::{Path, PathBuf};

use gdtrace::graph::{CellId, Graph, Scalar};
use gdtrace::graph::{Options, Workbook};

fn lift(path: &Path) -> Graph {
    let workbook = Workbook::read(path, &Options::default()).expect("a workbook");
    Graph::lift(&workbook)
}

/// The small workbooks of hand-built trainings beside the project; none where it is absent.
fn field() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/field");
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: there is no ../shared/field");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "xlsx"));
    files.sort();
    files
}

/// How far two numbers are apart, beyond what rounding explains.
fn apart(one: f64, other: f64) -> bool {
    (one - other).abs() > 1e-9 * one.abs().max(other.abs()).max(1e-9)
}

#[test]
fn stored_results_are_what_the_formulas_give() {
    for path in field() {
        let graph = lift(&path);
        let mut numbers = 0;
        for id in graph.order() {
            let (Scalar::Number(value), stored) = (graph.value(*id), graph.stored(*id)) else {
                continue;
            };
            numbers += 1;
            if let Some(Scalar::Number(stored)) = stored {
                let text = graph.formula_text(*id);
                assert!(!apart(value, stored), "{}: {text:?} {value} {stored}", path.display());
            }
        }
        eprintln!("{}: {numbers} formulas", path.display());
    }
}

#[test]
fn adjoints_are_differences() {
    for path in field() {
        let graph = lift(&path);
        let Some(output) = graph.order().last().copied() else { continue };
        let adjoints = graph.adjoints(output, graph.values(), graph.order());
        let leaves: Vec<CellId> =
            graph.cells().filter(|id| graph.is_leaf(*id) && !graph.users(*id).is_empty()).collect();
        for leaf in leaves {
            let Scalar::Number(at) = graph.value(leaf) else { continue };
            let with = |number| {
                let mut values = graph.values().clone();
                values.set(leaf, number);
                graph.evaluate(&mut values, graph.order());
                values.number(output).unwrap_or(f64::NAN)
            };
            let step = 1e-6 * at.abs().max(1.0);
            let difference = (with(at + step) - with(at - step)) / (2.0 * step);
            let adjoint = adjoints.get(leaf);
            let error = (difference - adjoint).abs();
            assert!(
                error.is_nan() || error <= 1e-5 * adjoint.abs().max(1e-3),
                "{}: d {} / d {} is {adjoint}, not {difference}",
                path.display(),
                graph.address(output),
                graph.address(leaf)
            );
        }
    }
}
