//! The charts of a run's page: what each asks and says in words, and what the page's script needs
//! to draw them. Nothing is drawn here: the page draws what it has computed.

use serde::Serialize;

use super::numbers::things;
use crate::trace::Results;
use crate::trace::curvature::Curvature;
use crate::value::Value;

/// How many weights the chart of many weights draws, each in a colour of its own.
const MOST_WEIGHTS: usize = 12;

/// A chart, or several side by side, with what stands around it whatever its numbers are.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Its name in addresses.
    id: &'static str,
    /// The question in short, for the contents.
    short: String,
    /// The question that it answers.
    question: String,
    /// What there is to see.
    caption: String,
    /// How the chosen step is marked.
    chosen: String,
}

/// The charts in their order.
pub fn figures(results: &Results) -> Vec<Figure> {
    let way = (!results.weights().is_empty()).then(|| way(results));
    let before = [loss(results), rmse(results)].into_iter();
    before.chain(way).chain([fit(results), memory(results), rates(results)]).collect()
}

/// How many colours the charts need: the chart of many weights has one for each.
pub fn colours(results: &Results) -> usize {
    results.runs.len().max(results.weights().len().min(MOST_WEIGHTS))
}

/// What a row is called on an axis.
fn unit(results: &Results) -> &str {
    results.runs.first().map_or("row", |run| run.sheet.row_name())
}

fn on_axis(results: &Results) -> String {
    format!("The broken upright line marks the chosen {}.", unit(results))
}

fn loss(results: &Results) -> Figure {
    let samples = things(results.data.samples(), "sample");
    Figure {
        id: "loss",
        short: "How does the loss fall?".into(),
        question: format!("How does the loss fall, {0} by {0}?", unit(results)),
        caption: format!(
            "The mean of the losses of the last {samples} (at first, of those seen so far)."
        ),
        chosen: on_axis(results),
    }
}

fn rmse(results: &Results) -> Figure {
    let question = "Which optimizer gets there first?";
    Figure {
        id: "rmse",
        short: question.into(),
        question: question.into(),
        caption: format!(
            "The root mean squared error over {} with the weights at the end of each epoch; epoch 0 \
             has the start weights.",
            things(results.data.samples(), "sample")
        ),
        chosen: on_axis(results),
    }
}

fn way(results: &Results) -> Figure {
    let height = if results.model().is_squared { "RMSE" } else { "mean loss" };
    let on_way = format!(
        "The ring is where the chosen {} led, with the stretch that it went.",
        unit(results)
    );
    let (short, question, caption, chosen) = match results.weights().as_slice() {
        [name] => (
            format!("Which way does {name} take?"),
            "Which way does the weight take?",
            format!(
                "The curve has the {height} over all samples for each value of {name}. The circle is \
                 the start; a mark stands where each epoch ended: downhill is the way, and a step too \
                 large for the curve lands on its other side."
            ),
            on_way,
        ),
        [a, b] => (
            format!("Which way do {a} and {b} take?"),
            "Which way do the weights take?",
            format!(
                "The lines join weights with the same {height} over all samples; their numbers say \
                 which. Each optimizer leaves from the circle; its marks stand at the ends of epochs."
            ),
            on_way,
        ),
        _ => (
            "Which way do the weights take?".into(),
            "Which way do the weights take?",
            String::new(),
            on_axis(results),
        ),
    };
    Figure { id: "way", short, question: question.into(), caption, chosen }
}

fn fit(results: &Results) -> Figure {
    let against = results.runs.first().is_some_and(|run| run.sheet.data.len() != 2);
    let question = match (against, results.model().is_line) {
        (true, _) => "How near do the predictions come?",
        (_, true) => "What does the line look like before and after?",
        _ => "What does the prediction look like before and after?",
    };
    let caption = match (against, exact_line(results).is_some()) {
        (true, _) => "A mark for each sample; on the dotted line the prediction is right.",
        (_, true) => {
            "Dots: the samples. Broken line: the start weights. Dotted: the exact least-squares line."
        }
        _ => "Dots: the samples. Broken line: the prediction of the start weights.",
    };
    let unit = unit(results);
    let chosen = match against {
        true => format!("The ring is the sample of the chosen {unit}, with its prediction then."),
        false => format!(
            "The ring is the sample of the chosen {unit}, the broad line what the weights before it \
             predict."
        ),
    };
    Figure {
        id: "fit",
        short: question.into(),
        question: question.into(),
        caption: caption.into(),
        chosen,
    }
}

/// The exact line, where the samples determine one.
fn exact_line(results: &Results) -> Option<&crate::trace::Exact> {
    results.exact.as_ref().filter(|exact| exact.weights.iter().all(|weight| weight.get().is_ok()))
}

fn memory(results: &Results) -> Figure {
    let unit = unit(results);
    let question = "What do the optimizers remember?";
    Figure {
        id: "memory",
        short: question.into(),
        question: question.into(),
        caption: format!(
            "What is carried from {unit} to {unit}, all over the same axis of {unit}s."
        ),
        chosen: on_axis(results),
    }
}

fn rates(results: &Results) -> Figure {
    Figure {
        id: "rates",
        short: "How large is a step per unit of gradient?".into(),
        question: "How large is each weight’s step per unit of gradient?".into(),
        caption: format!(
            "The effective learning rate: how far the weight moved in the last pass over the data (at \
             first, so far), divided by the sum of the sizes of its gradients. This holds for any update \
             rule; {} The scale is logarithmic; a line has a gap where all gradients were 0.",
            plain_rate(results)
        ),
        chosen: on_axis(results),
    }
}

/// What the line of plain gradient descent looks like, the way it is trained here.
fn plain_rate(results: &Results) -> String {
    let sheet = &results.runs[0].sheet;
    let has = |id: &str| {
        sheet.columns.iter().any(|one| one.id == id) || sheet.inputs.iter().any(|one| one.id == id)
    };
    let besides: Vec<&str> =
        [("l2", "the penalty"), ("weight_decay", "weight decay"), ("clip", "clipping")]
            .into_iter()
            .filter(|(id, _)| has(id))
            .map(|(_, name)| name)
            .collect();
    let line = if has("lr_t") { "follows the schedule" } else { "is level" };
    let plain = "plain gradient descent moves by its learning rate times the gradient, so its line";
    let loss_alone = "gradients here are those of the loss alone";
    match besides.as_slice() {
        [] => format!("{plain} {line}."),
        [one] => format!("{plain} {line}, but for what {one} adds or takes: {loss_alone}."),
        [before @ .., last] => format!(
            "{plain} {line}, but for what {} and {last} add or take: {loss_alone}.",
            before.join(", ")
        ),
    }
}

/// What the script needs to know of the problem besides the program that it runs.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// The names of the weights, and of the data columns; the target is last.
    weights: Vec<String>,
    data: Vec<String>,
    titles: Titles,
    /// Whether that is the squared error, whether the model is a line, and whether the mean loss of
    /// two weights is a quadratic function of them.
    squared: bool,
    line: bool,
    quadratic: bool,
    exact: Option<Exact>,
}

/// The titles of axes.
#[derive(Debug, Serialize)]
struct Titles {
    data: Vec<String>,
    weights: Vec<String>,
}

/// The exact least-squares line: its weights, and its RMSE in the unit of y.
#[derive(Debug, Serialize)]
struct Exact {
    weights: Vec<Value>,
    rmse: Option<Value>,
}

impl Problem {
    /// What is known of `results`, whose loss curves in this way.
    pub fn new(results: &Results, curvature: Option<&Curvature>) -> Self {
        let sheet = &results.runs[0].sheet;
        let exact = exact_line(results).map(|exact| Exact {
            weights: exact.weights.clone(),
            rmse: results.own_exact().map(|exact| exact.rmse).filter(|rmse| rmse.get().is_ok()),
        });
        let is_quadratic = curvature.is_some_and(|curvature| curvature.solution.is_some());
        Problem {
            weights: results.weights().into_iter().map(str::to_owned).collect(),
            data: sheet.data.clone(),
            titles: Titles::new(results),
            squared: sheet.model.is_squared,
            line: sheet.model.is_line,
            quadratic: sheet.weights.len() == 2 && is_quadratic,
            exact,
        }
    }
}

impl Titles {
    fn new(results: &Results) -> Self {
        let sheet = &results.runs[0].sheet;
        let scale = results.data.scale.as_ref();
        let data = sheet.data.iter().enumerate().map(|(at, name)| {
            let is_scaled = scale.and_then(|scale| scale.column(at)).is_some();
            format!("{name}{}", if is_scaled { ", scaled" } else { "" })
        });
        let names = results.weights();
        let weights = match (sheet.model.is_line, names.as_slice(), sheet.data.as_slice()) {
            (true, [a, b], [x, y]) => {
                vec![format!("{a}, in {y} per {x}"), format!("{b}, in the unit of {y}")]
            }
            _ => names.iter().map(|name| (*name).to_owned()).collect(),
        };
        Titles { data: data.collect(), weights }
    }
}
