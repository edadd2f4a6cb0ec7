//! Lifting a workbook of 100,000 formulas: where the time goes.
//!
//! The sheet is a network of two layers, a row an iteration, as people fill it down: 29 columns of
//! formulas, of which eight are updates that take the derivatives of the row above. `read` is the
//! file alone, `lift` the graph with all values, `sweep_each_iteration` a backward sweep from every
//! loss; a check of all derivatives is these three and `three_invented_points`.

use std::path::PathBuf;

use divan::{Bencher, black_box};
use gdtrace::graph::{CellId, Graph, Options, Workbook};
use rust_xlsxwriter::{Formula, Workbook as Writer};

/// Rows of 29 formulas: 100,021 in all.
const ROWS: u32 = 3_449;

fn main() {
    divan::main();
}

/// The workbook, written once, without results.
fn file() -> PathBuf {
    let path = std::env::temp_dir().join(format!("gdtrace-graph-{}.xlsx", std::process::id()));
    if !path.exists() {
        write(&path).expect("a workbook");
    }
    path
}

fn write(path: &PathBuf) -> Result<(), rust_xlsxwriter::XlsxError> {
    let mut book = Writer::new();
    let sheet = book.add_worksheet();
    for (row, column, number) in [(2, 2, 0.2), (2, 3, 0.75), (3, 2, 0.4), (3, 3, 0.9), (4, 2, 0.6)]
    {
        sheet.write(row, column, number)?;
    }
    let delta = |out: &str, target: &str| format!("({out}-{target})*{out}*(1-{out})");
    for row in 0..ROWS {
        let (r, p) = (row + 9, row + 8);
        let mut put = |column: &str, text: String| {
            let column = column.bytes().fold(0, |at, b| at * 26 + u16::from(b - b'A') + 1) - 1;
            sheet.write_formula(r - 1, column, Formula::new(text).set_result("")).map(|_| ())
        };
        put("B", "=$C$4".to_owned())?;
        put("C", "=$D$4".to_owned())?;
        let weights = ["D", "E", "F", "G", "L", "M", "N", "O"];
        let slopes = ["W", "X", "Y", "Z", "AA", "AB", "AC", "AD"];
        for (at, (weight, slope)) in weights.iter().zip(slopes).enumerate() {
            put(
                weight,
                match row {
                    0 => format!("=0.{}", at + 1),
                    _ => format!("={weight}{p}-$C$5*{slope}{p}"),
                },
            )?;
        }
        put("H", format!("=D{r}*B{r}+E{r}*C{r}"))?;
        put("I", format!("=1/(1+EXP(-H{r}))"))?;
        put("J", format!("=F{r}*B{r}+G{r}*C{r}"))?;
        put("K", format!("=1/(1+EXP(-J{r}))"))?;
        put("P", format!("=L{r}*I{r}+M{r}*K{r}"))?;
        put("Q", format!("=1/(1+EXP(-P{r}))"))?;
        put("R", format!("=N{r}*I{r}+O{r}*K{r}"))?;
        put("S", format!("=1/(1+EXP(-R{r}))"))?;
        put("T", format!("=0.5*($C$3-Q{r})^2"))?;
        put("U", format!("=0.5*($D$3-S{r})^2"))?;
        put("V", format!("=T{r}+U{r}"))?;
        let (one, two) = (delta(&format!("Q{r}"), "$C$3"), delta(&format!("S{r}"), "$D$3"));
        let hidden = |a: &str, b: &str, out: &str, x: &str| {
            format!("=({one}*{a}{r}+{two}*{b}{r})*{out}{r}*(1-{out}{r})*{x}{r}")
        };
        put("W", hidden("L", "N", "I", "B"))?;
        put("X", hidden("L", "N", "I", "C"))?;
        put("Y", hidden("M", "O", "K", "B"))?;
        put("Z", hidden("M", "O", "K", "C"))?;
        put("AA", format!("={one}*I{r}"))?;
        put("AB", format!("={one}*K{r}"))?;
        put("AC", format!("={two}*I{r}"))?;
        put("AD", format!("={two}*K{r}"))?;
    }
    book.save(path)
}

fn workbook() -> Workbook {
    Workbook::read(&file(), &Options::default()).expect("a workbook")
}

#[divan::bench(sample_count = 5)]
fn read(bencher: Bencher) {
    file();
    bencher.bench(workbook);
}

#[divan::bench(sample_count = 5)]
fn lift(bencher: Bencher) {
    let workbook = workbook();
    bencher.bench(|| Graph::lift(black_box(&workbook)));
}

#[divan::bench(sample_count = 5)]
fn evaluate_all(bencher: Bencher) {
    let graph = Graph::lift(&workbook());
    let mut values = graph.values().clone();
    bencher.bench_local(|| graph.evaluate(&mut values, graph.order()));
}

/// The cells of each iteration in the order of the graph, with its loss.
fn iterations(graph: &Graph) -> Vec<(CellId, Vec<CellId>)> {
    let mut rows: Vec<Vec<CellId>> = vec![Vec::new(); ROWS as usize];
    for id in graph.order() {
        if let Some(row) = graph.position(*id).0.checked_sub(8) {
            rows[row as usize].push(*id);
        }
    }
    let loss = |row: usize| graph.id(0, (row as u32 + 8, 21)).expect("a loss");
    rows.into_iter().enumerate().map(|(row, cells)| (loss(row), cells)).collect()
}

/// One backward sweep from the loss of each iteration.
#[divan::bench(sample_count = 5)]
fn sweep_each_iteration(bencher: Bencher) {
    let graph = Graph::lift(&workbook());
    let iterations = iterations(&graph);
    bencher.bench(|| {
        for (loss, cells) in &iterations {
            black_box(graph.adjoints(*loss, graph.values(), cells));
        }
    });
}

/// One backward sweep over all cells.
#[divan::bench(sample_count = 5)]
fn sweep_all(bencher: Bencher) {
    let graph = Graph::lift(&workbook());
    let output = graph.id(0, (ROWS + 7, 21)).expect("the last loss");
    bencher.bench(|| graph.adjoints(output, graph.values(), graph.order()));
}

/// The weights and data of each iteration at three invented points, evaluated and swept again.
#[divan::bench(sample_count = 3)]
fn three_invented_points(bencher: Bencher) {
    let graph = Graph::lift(&workbook());
    let iterations: Vec<_> = iterations(&graph)
        .into_iter()
        .map(|(loss, cells)| {
            // The columns B to G and L to O.
            let is_leaf = |id: &CellId| matches!(graph.position(*id).1, 1..=6 | 11..=14);
            let (leaves, inner): (Vec<_>, Vec<_>) = cells.into_iter().partition(is_leaf);
            (loss, leaves, inner)
        })
        .collect();
    let mut values = graph.values().clone();
    bencher.bench_local(|| {
        for (loss, leaves, inner) in &iterations {
            for point in 1..=3 {
                for (nth, leaf) in leaves.iter().enumerate() {
                    values.set(*leaf, 0.1 + 0.07 * (point * (nth + 1) % 11) as f64);
                }
                graph.evaluate(&mut values, inner);
                black_box(graph.adjoints(*loss, &values, inner));
            }
        }
    });
}
