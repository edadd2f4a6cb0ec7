//! What the page's script draws: a curve over each value that is varied alone, a heat map for each
//! optimizer of which two are.

use serde::Serialize;

use super::axis_text;
use crate::export::html::charts::Problem;
use crate::export::html::engine::Program;
use crate::trace::sweep::{Axis, Block, Curve, Grid, Sweep, SweptRun};

/// What the script knows: the sweep, and what any of its runs is computed from.
#[derive(Serialize)]
pub struct Store<'a> {
    pub sweep: Drawn<'a>,
    pub program: Program,
    pub problem: Problem,
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
    axes: &'a [Axis],
    /// The names of the optimizers, for each the values along each axis, and its best run.
    blocks: Vec<&'a str>,
    values: Vec<Vec<Vec<String>>>,
    bests: Vec<Option<usize>>,
    runs: Vec<Run>,
    best: Option<usize>,
    /// The lowest and the highest RMSE that the colours and the axis suit.
    extremes: (f64, f64),
    /// Where a run has converged.
    below: Option<f64>,
    curves: Vec<Curve>,
    maps: Vec<Grid>,
    /// The command that traces each run; of many runs that of the best one stands for all.
    commands: &'a [String],
    command: Option<&'a str>,
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

impl<'a> Drawn<'a> {
    /// What there is to draw of `sweep`, with the commands of its runs.
    pub fn new(sweep: &'a Sweep, commands: &'a [String], command: Option<&'a str>) -> Self {
        let run = |run: &SweptRun| Run {
            block: run.block,
            values: run.values.clone(),
            with: sweep.values_of(run),
            mark: sweep.mark(run),
            rmse: run.error(),
            away: sweep.moved_away(run),
        };
        let texts = |values: &Vec<f64>| values.iter().copied().map(axis_text).collect();
        let values = |block: &Block| block.values.iter().map(texts).collect();
        let blocks = &sweep.setting.blocks;
        Drawn {
            finding: sweep.finding(),
            axes: &sweep.setting.axes,
            blocks: blocks.iter().map(|block| block.name.as_str()).collect(),
            values: blocks.iter().map(values).collect(),
            bests: (0..blocks.len()).map(|block| sweep.best_of(block)).collect(),
            runs: sweep.runs.iter().map(run).collect(),
            best: sweep.best,
            extremes: sweep.extremes().unwrap_or((0.0, 1.0)),
            below: sweep.convergence.below(),
            curves: sweep.curves(),
            maps: sweep.grids(),
            commands,
            command,
        }
    }
}
