//! What the page's script draws: a curve over each value that is varied alone, a heat map for each
//! optimizer of which two are.

use serde::Serialize;

use super::{axis_text, listed};
use crate::export::html::charts::{self, Problem};
use crate::export::html::engine::Program;
use crate::export::html::numbers::brief;
use crate::trace::sweep::{Curve, Grid, Sweep};
use crate::value::number_text;

/// A chart with what stands around it.
#[derive(Debug, Serialize)]
pub struct Figure {
    id: String,
    question: String,
    caption: String,
}

/// What the script knows: the sweep, and what any of its runs is computed from and shown with.
#[derive(Serialize)]
pub struct Store<'a> {
    pub sweep: Drawn<'a>,
    pub program: Program,
    pub problem: Problem,
    pub figures_of_run: Vec<charts::Figure>,
    /// What a row of a run is called.
    pub row_head: &'a str,
    pub samples: usize,
    /// The address of the workbook, beside the page.
    pub workbook: String,
}

/// What the script knows of a sweep.
#[derive(Debug, Serialize)]
pub struct Drawn<'a> {
    finding: String,
    axes: Vec<Axis<'a>>,
    /// The names of the optimizers.
    blocks: Vec<&'a str>,
    runs: Vec<Run>,
    best: Option<usize>,
    /// The lowest and the highest RMSE that the colours and the axis suit.
    extremes: (f64, f64),
    /// Where a run has converged.
    below: Option<f64>,
    curves: Vec<CurvePlace>,
    maps: Vec<Map<'a>>,
    /// The command that traces each run; of many runs that of the best one stands for all.
    commands: &'a [String],
    command: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Axis<'a> {
    name: &'a str,
    logarithmic: bool,
}

#[derive(Debug, Serialize)]
struct Run {
    block: usize,
    values: Vec<Option<f64>>,
    /// What it was run with, and what is remarkable about it, in words.
    with: String,
    mark: String,
    /// None where it diverged.
    rmse: Option<f64>,
    /// Whether it ended farther from the data than it began.
    away: bool,
}

#[derive(Debug, Serialize)]
struct CurvePlace {
    id: String,
    axis: usize,
    blocks: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct Map<'a> {
    id: String,
    block: usize,
    columns: Heads<'a>,
    rows: Heads<'a>,
    /// The runs, row by row.
    cells: Vec<Vec<usize>>,
    best: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Heads<'a> {
    name: &'a str,
    values: Vec<String>,
}

impl<'a> Drawn<'a> {
    /// What there is to draw of `sweep`, with the commands of its runs.
    pub fn new(sweep: &'a Sweep, commands: &'a [String], command: Option<&'a str>) -> Self {
        let axis = |axis: &'a crate::trace::sweep::Axis| Axis {
            name: &axis.name,
            logarithmic: axis.logarithmic,
        };
        let run = |(index, run): (usize, &crate::trace::sweep::SweptRun)| Run {
            block: run.block,
            values: run.values.clone(),
            with: sweep.values_of(run),
            mark: sweep.mark(index),
            rmse: run.error(),
            away: sweep.moved_away(run),
        };
        Drawn {
            finding: sweep.finding(),
            axes: sweep.setting.axes.iter().map(axis).collect(),
            blocks: sweep.setting.blocks.iter().map(|block| block.name.as_str()).collect(),
            runs: sweep.runs.iter().enumerate().map(run).collect(),
            best: sweep.best,
            extremes: sweep.extremes().unwrap_or((0.0, 1.0)),
            below: sweep.convergence.below(),
            curves: sweep.curves().into_iter().map(CurvePlace::new).collect(),
            maps: sweep.grids().into_iter().map(|grid| Map::new(sweep, grid)).collect(),
            commands,
            command,
        }
    }
}

impl CurvePlace {
    fn new(curve: Curve) -> Self {
        CurvePlace { id: format!("curve-{}", curve.axis), axis: curve.axis, blocks: curve.blocks }
    }
}

impl<'a> Map<'a> {
    fn new(sweep: &'a Sweep, grid: Grid) -> Self {
        let heads = |axis: usize| Heads {
            name: &sweep.setting.axes[axis].name,
            values: sweep.setting.blocks[grid.block].values[axis]
                .iter()
                .map(|value| axis_text(*value))
                .collect(),
        };
        Map {
            id: format!("map-{}", grid.block),
            block: grid.block,
            columns: heads(grid.columns),
            rows: heads(grid.rows),
            best: sweep.best_of(grid.block),
            cells: grid.cells,
        }
    }
}

/// The curves and maps of `sweep` in words, in their order.
pub fn figures(sweep: &Sweep) -> Vec<Figure> {
    let curves = sweep.curves();
    let grids = sweep.grids();
    let curves = curves.iter().map(|curve| curve_figure(sweep, curve));
    curves.chain(grids.iter().map(|grid| map_figure(sweep, grid))).collect()
}

fn curve_figure(sweep: &Sweep, curve: &Curve) -> Figure {
    let names: Vec<&str> =
        curve.blocks.iter().map(|block| sweep.setting.blocks[*block].name.as_str()).collect();
    let ends = if names.len() == 1 { "s" } else { "" };
    let axis = &sweep.setting.axes[curve.axis].name;
    let mut caption =
        "The root mean squared error over all samples with the final weights, a point \
                       for each run; the ring marks the best one."
            .to_owned();
    if sweep.convergence.below().is_some() {
        caption += " Below the dotted line a run has converged.";
    }
    let is_here = |run: &&crate::trace::sweep::SweptRun| curve.blocks.contains(&run.block);
    if sweep.runs.iter().filter(is_here).any(|run| run.diverged_at.is_some()) {
        caption += " Crosses at the top are runs that diverged.";
    }
    Figure {
        id: format!("curve-{}", curve.axis),
        question: format!("How does {axis} change where {} end{ends}?", listed(&names)),
        caption,
    }
}

fn map_figure(sweep: &Sweep, grid: &Grid) -> Figure {
    let (block, axes) = (&sweep.setting.blocks[grid.block], &sweep.setting.axes);
    let name = &block.name;
    let mut caption = match sweep.best_of(grid.block).map(|best| &sweep.runs[best]) {
        Some(best) => format!(
            "The final RMSE of each run; the frame marks the best of {name}: {} with {}.",
            brief(best.rmse),
            sweep.values_of(best)
        ),
        None => format!("Every run of {name} diverged."),
    };
    let others = grid.others.iter().map(|(axis, place)| {
        format!("{} {}", axes[*axis].name, number_text(block.values[*axis][*place]))
    });
    let others: Vec<String> = others.collect();
    if !others.is_empty() {
        caption += &format!(" All runs here have the best {}.", others.join(" and "));
    }
    Figure {
        id: format!("map-{}", grid.block),
        question: format!("{name}: {} against {}", axes[grid.columns].name, axes[grid.rows].name),
        caption,
    }
}
