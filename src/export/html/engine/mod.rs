//! What the page computes from: the data, what every row computes before an optimizer has its turn
//! (a frame), and the optimizers, each written for one weight.
//!
//! The formulas become functions in the page's script, which the browser compiles; everything that
//! has a name, a number or a place stands beside them as JSON. A name from a user's file is never
//! code: in a function there are places alone.

mod definition;
mod frame;

use serde::Serialize;

use crate::formula::javascript_functions;
use crate::sheet::InputKind;
use crate::trace::Results;
use definition::Optimizer;
use frame::Frame;

/// What `templates/js/engine.js` runs.
#[derive(Debug, Serialize)]
pub struct Program {
    samples: usize,
    /// The data columns, y last.
    data: Vec<Vec<f64>>,
    weights: Vec<String>,
    start: Vec<f64>,
    epochs: usize,
    batch_size: usize,
    loss: String,
    /// The sample of each row, where they are not seen in the order of the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Vec<u32>>,
    /// The optimizers that the file has.
    shown: Vec<String>,
    frames: Vec<Frame>,
    optimizers: Vec<Optimizer>,
}

/// Functions in JavaScript, each text once.
#[derive(Debug, Default)]
struct Functions(Vec<String>);

impl Functions {
    /// The place of `text` among them.
    fn add(&mut self, text: String) -> usize {
        self.0.iter().position(|known| *known == text).unwrap_or_else(|| {
            self.0.push(text);
            self.0.len() - 1
        })
    }
}

/// The functions of a page.
#[derive(Debug, Default)]
pub struct Printed {
    frames: Functions,
    definitions: Functions,
}

impl Printed {
    /// The functions as a part of the script.
    pub fn script(&self) -> String {
        let list = |functions: &Functions| functions.0.join(",\n");
        format!(
            "{}gd.printed = {{\nframes: [\n{}\n],\ndefinitions: [\n{}\n],\n}};\n",
            javascript_functions(),
            list(&self.frames),
            list(&self.definitions)
        )
    }
}

impl Program {
    /// What the runs of `results` are computed from, with its functions.
    pub fn new(results: &Results) -> (Self, Printed) {
        let mut printed = Printed::default();
        let mut frames: Vec<Frame> = Vec::new();
        let mut optimizers = Vec::new();
        for run in &results.runs {
            let frame = Frame::new(&run.sheet, &mut printed.frames);
            let at = frames.iter().position(|known| *known == frame).unwrap_or_else(|| {
                frames.push(frame);
                frames.len() - 1
            });
            optimizers.push(Optimizer::new(run, at, &mut printed.definitions));
        }
        let sheet = &results.runs[0].sheet;
        let column = |name: &String| results.data.column(name).map(|one| one.values.clone());
        let program = Program {
            samples: results.data.samples(),
            data: sheet.data.iter().filter_map(column).collect(),
            weights: sheet.weights.iter().map(|weight| weight.name.clone()).collect(),
            start: sheet.weights.iter().map(|weight| sheet.inputs[weight.start].value).collect(),
            epochs: results.plan.epochs,
            batch_size: sheet.batch_size().unwrap_or(1),
            loss: sheet.model.loss.clone(),
            order: results.plan.order.clone(),
            shown: results.runs.iter().map(|run| run.sheet.name.clone()).collect(),
            frames,
            optimizers,
        };
        (program, printed)
    }
}

/// Whether an input is the same for all optimizers of a way to train, or one that they set.
fn is_of_training(kind: InputKind) -> bool {
    matches!(kind, InputKind::Training | InputKind::Width | InputKind::Loss)
}
