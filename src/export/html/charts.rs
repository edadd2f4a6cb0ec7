//! What the charts of a run's page are of: for the words around them, which are a template's, and for the page's
//! script. Nothing is drawn here: the page draws what it has computed.

use serde::Serialize;

use crate::trace::Results;
use crate::trace::curvature::Curvature;
use crate::value::Value;

/// How many weights the chart of many weights draws, each in a colour of its own.
const MOST_WEIGHTS: usize = 12;

/// How many colours the charts need: the chart of many weights has one for each.
pub fn colours(results: &Results) -> usize {
    results.runs.len().max(results.weights().len().min(MOST_WEIGHTS))
}

/// The exact line, where the samples determine one.
fn exact_line(results: &Results) -> Option<&crate::trace::Exact> {
    results.exact.as_ref().filter(|exact| exact.weights.iter().all(|weight| weight.get().is_ok()))
}

/// What an update may have besides the gradient of the loss.
const BESIDES: [(&str, &str); 3] =
    [("l2", "the penalty"), ("weight_decay", "weight decay"), ("clip", "clipping")];

/// What there is to know of the problem besides the program that the page runs.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// The names of the weights, and of the data columns, of which those behind the features are
    /// what the model predicts.
    weights: Vec<String>,
    data: Vec<String>,
    features: usize,
    titles: Titles,
    /// Whether that is the squared error, whether the model is a line, and whether the mean loss of
    /// two weights is a quadratic function of them.
    squared: bool,
    line: bool,
    quadratic: bool,
    exact: Option<Exact>,
    /// What moves the weights besides the gradient of the loss, and whether a schedule sets the learning rate.
    besides: Vec<&'static str>,
    scheduled: bool,
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
        let has = |id: &str| sheet.column(id).is_some() || sheet.input(id).is_some();
        let is_quadratic = curvature.is_some_and(|curvature| curvature.solution.is_some());
        Problem {
            weights: results.weights().into_iter().map(str::to_owned).collect(),
            data: sheet.data.clone(),
            features: sheet.features(),
            titles: Titles::new(results),
            squared: sheet.model.is_squared,
            line: sheet.model.is_line,
            quadratic: sheet.weights.len() == 2 && is_quadratic,
            exact,
            besides: BESIDES.iter().filter(|(id, _)| has(id)).map(|(_, name)| *name).collect(),
            scheduled: has("lr_t"),
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
