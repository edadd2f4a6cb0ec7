//! Any workbook as a computation graph: values, derivatives, what stands in the way of them.

use std::path::{Path, PathBuf};

use gdtrace::graph::functions::SheetFunction;
use gdtrace::graph::{CellId, Graph, Options, Scalar, Workbook};

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
        assert_eq!(graph.unread().collect::<Vec<_>>(), [], "{}", path.display());
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

/// The derivative of a cell by a leaf: the central difference of its value.
fn difference(graph: &Graph, output: CellId, leaf: CellId, cells: &[CellId]) -> Option<f64> {
    let Scalar::Number(at) = graph.value(leaf) else { return None };
    let step = 1e-5 * at.abs().max(1.0);
    let with = |number: f64| {
        let mut values = graph.values().clone();
        values.set(leaf, number);
        graph.evaluate(&mut values, cells);
        values.number(output)
    };
    // Of the fourth order.
    let near = (with(at + step)? - with(at - step)?) / (2.0 * step);
    let far = (with(at + 2.0 * step)? - with(at - 2.0 * step)?) / (4.0 * step);
    Some((4.0 * near - far) / 3.0)
}

/// Whether a derivative is what differences say, as far as they can.
fn is_close(adjoint: f64, difference: f64, size: f64) -> bool {
    (adjoint - difference).abs() <= 1e-7 * size.max(adjoint.abs()).max(1e-3)
}

#[test]
fn functions_give_what_libreoffice_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/functions.xlsx");
    let graph = lift(&path);
    assert_eq!(graph.unread().collect::<Vec<_>>(), []);
    // LibreOffice has no SINGLE.
    let mut unseen: Vec<&str> = SheetFunction::names().filter(|name| *name != "SINGLE").collect();
    for id in graph.order() {
        let text = graph.formula_text(*id).expect("a formula");
        unseen.retain(|name| !text.contains(&format!("{name}(")));
        let (found, stored) = (graph.value(*id), graph.stored(*id));
        match (found, stored) {
            (Scalar::Number(found), Some(Scalar::Number(stored))) => {
                assert!(!apart(found, stored), "{text} is {found}, not {stored}");
            }
            _ => assert_eq!(Some(found), stored, "{text}"),
        }
    }
    assert_eq!(unseen, [] as [&str; 0], "functions that no formula has");
}

#[test]
fn derivatives_of_functions_are_differences() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/functions.xlsx");
    let graph = lift(&path);
    let rounds = |text: &str| text.contains("ROUND(");
    let mut compared = 0;
    for id in graph.order() {
        let text = graph.formula_text(*id).expect("a formula");
        if rounds(&text) {
            continue;
        }
        let adjoints = graph.adjoints(*id, graph.values(), &[]);
        // The other columns are conditions, which have steps.
        for input in graph.inputs(*id).iter().filter(|input| graph.position(**input).1 < 4) {
            let Some(difference) = difference(&graph, *id, *input, &[*id]) else { continue };
            let adjoint = adjoints.get(*input);
            let name = graph.address(*input);
            assert!(is_close(adjoint, difference, 1.0), "{text} by {name}: {adjoint} {difference}");
            compared += 1;
        }
    }
    assert!(compared > 700, "{compared}");
}

#[test]
fn rounding_is_handed_on_where_it_is_not_wanted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/functions.xlsx");
    let graph = lift(&path);
    let rounded =
        |id: &&CellId| graph.formula_text(**id).is_some_and(|one| one == "=ROUND(A1*10,1)");
    let id = *graph.order().iter().find(rounded).expect("a rounded cell");
    let values = graph.values().clone().without_rounding();
    assert_eq!(graph.value(id), Scalar::Number(3.1));
    let a1 = graph.find("functions!A1").expect("a number");
    let mut values = values;
    values.set(a1, 0.123456);
    graph.evaluate(&mut values, &[id]);
    assert_eq!(values.number(id), Some(0.123456 * 10.0));
    assert_eq!(graph.adjoints(id, &values, &[]).get(a1), 10.0);
}

#[test]
fn adjoints_are_differences() {
    for path in field() {
        let graph = lift(&path);
        let Some(output) = graph.order().last().copied() else { continue };
        let adjoints = graph.adjoints(output, graph.values(), graph.order());
        let leaves = graph.cells().filter(|id| graph.is_leaf(*id) && !graph.users(*id).is_empty());
        for leaf in leaves {
            let Some(difference) = difference(&graph, output, leaf, graph.order()) else {
                continue;
            };
            let adjoint = adjoints.get(leaf);
            assert!(
                is_close(adjoint, difference, 1.0),
                "{}: d {} / d {} is {adjoint}, not {difference}",
                path.display(),
                graph.address(output),
                graph.address(leaf)
            );
        }
    }
}

#[test]
fn the_walkthrough_is_what_its_formulas_give() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/graddesc-v3.xlsx");
    if !path.exists() {
        eprintln!("skipped: there is no {}", path.display());
        return;
    }
    let graph = lift(&path);
    assert_eq!(graph.cycles(), [] as [Vec<CellId>; 0]);
    let mut compared = 0;
    for id in graph.order() {
        if let (Scalar::Number(value), Some(Scalar::Number(stored))) =
            (graph.value(*id), graph.stored(*id))
        {
            let text = graph.formula_text(*id);
            let size = graph.inputs(*id).iter().filter_map(|one| graph.values().number(*one));
            let size = size.fold(1.0, |most: f64, number| most.max(number.abs()));
            assert!(
                !apart(value, stored) || (value - stored).abs() <= 1e-12 * size,
                "{}: {text:?} {value} {stored}",
                graph.address(*id)
            );
            compared += 1;
        }
    }
    assert!(compared > 1_000, "{compared}");
}
