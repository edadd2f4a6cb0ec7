//! The report's charts: all are there with axes, legend and numbers, at the places where the trace
//! has them; runs that diverge are told and do not spoil the axes.

mod common;

use std::collections::BTreeMap;

use gdtrace::circuit::{Loss, Model};
use gdtrace::data::Data;
use gdtrace::error::Result;
use gdtrace::export::html;
use gdtrace::export::xlsx::Host;
use gdtrace::optimizer::{self, Setup};
use gdtrace::trace::{Block, Plan, Results, Sink};

struct Nobody;

impl Sink for Nobody {
    fn block(&mut self, _: &Block) -> Result<()> {
        Ok(())
    }
}

fn results(data: Data, model: &Model, names: &[&str], rates: &[(&str, f64)]) -> Results {
    let sheet = |name: &&str| {
        let definition = optimizer::find(name).unwrap();
        let rate = rates.iter().find(|(one, _)| one == name).map(|(_, lr)| ("lr".to_owned(), *lr));
        let hyper: BTreeMap<String, f64> = rate.into_iter().collect();
        let start = vec![1.0; model.weights.len()];
        let setup = Setup { hyper, ..Setup::new(&start, data.samples()) };
        (definition.clone(), optimizer::sheet(definition, model, &setup).unwrap())
    };
    let sheets = names.iter().map(sheet).collect();
    Results::compute(sheets, data, Plan::new(10), &mut Nobody).unwrap()
}

const FOUR: [&str; 4] = ["sgd", "momentum", "rmsprop", "adam"];

fn walkthrough(rates: &[(&str, f64)]) -> (Results, String) {
    let results = results(common::walkthrough(), &Model::line().unwrap(), &FOUR, rates);
    let page = html::page(&results, &Host::separate(), "graddes.trace.xlsx").unwrap();
    (results, page)
}

fn page_of(model: &str) -> String {
    let (formula, _) = Model::read(model).unwrap();
    let model = Model::new(formula, Loss::squared().unwrap(), &["x", "y"]).unwrap();
    let names = ["rmsprop", "adam"];
    html::page(&results(common::walkthrough(), &model, &names, &[]), &Host::separate(), "w.xlsx")
        .unwrap()
}

/// The part of `page` about the chart with the given id.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("<h2 id=\"{id}\">")).unwrap_or_else(|| panic!("no {id}"));
    &page[start..start + page[start..].find("</section>").unwrap()]
}

/// A drawing's axes: where the plot is, and what its sides stand for.
struct Plot<'a> {
    drawing: &'a str,
    numbers: Vec<f64>,
}

impl Plot<'_> {
    /// The first drawing of a chart.
    fn of<'a>(page: &'a str, id: &str) -> Plot<'a> {
        let drawing = section(page, id).split("data-plot=\"").nth(1).unwrap();
        let numbers = drawing.split('"').next().unwrap().split(' ');
        Plot { drawing, numbers: numbers.map(|number| number.parse().unwrap()).collect() }
    }

    /// The values at a place of the drawing.
    fn values(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let [left, top, width, height] = self.numbers[..4] else { panic!("{:?}", self.numbers) };
        let value = |axis: &[f64], share: f64| match axis[2] {
            1.0 => axis[0] * (axis[1] / axis[0]).powf(share),
            _ => axis[0] + (axis[1] - axis[0]) * share,
        };
        let x = value(&self.numbers[4..7], (x - left) / width);
        (x, value(&self.numbers[7..10], 1.0 - (y - top) / height))
    }

    /// The path of the first element of a class, within the group of a run if one is given.
    fn path(&self, class: &str, run: Option<usize>) -> &str {
        let group = run.map_or(String::new(), |run| format!("<g class=\"run-{run}\">"));
        let rest = self.drawing.split(&format!("{group}<path class=\"{class}")).nth(1).unwrap();
        rest.split(" d=\"").nth(1).unwrap().split('"').next().unwrap()
    }
}

/// The points of a path of relative lines: `M1 2l.5-1`.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let pieces = path.replace('M', "|M").replace('l', "|l");
    for piece in pieces.split('|').skip(1) {
        let pair = piece[1..].replace('-', " -");
        let numbers: Vec<f64> = pair.split_whitespace().map(|one| one.parse().unwrap()).collect();
        let from = match (piece.starts_with('l'), points.last()) {
            (true, Some(last)) => *last,
            _ => (0.0, 0.0),
        };
        points.push((from.0 + numbers[0], from.1 + numbers[1]));
    }
    points
}

#[test]
fn every_chart_has_axes_legend_caption_and_numbers() {
    let (_, page) = walkthrough(&[]);
    let charts = [
        ("loss", "How does the loss fall, step by step?", "step", 2),
        ("rmse", "Which optimizer gets there first?", "epoch", 2),
        ("way", "Which way do the weights take?", "a, in y per x", 2),
        ("fit", "What does the line look like before and after?", "x", 2),
        ("memory", "What do the optimizers remember?", "step", 4),
        ("rates", "How large is each weight’s step per unit of gradient?", "step", 2),
    ];
    for (id, question, x_title, drawings) in charts {
        let section = section(&page, id);
        assert!(section.contains(&format!(">{question}</h2>")), "{id}");
        assert!(page.contains(&format!("<li><a href=\"#{id}\">")), "{id} in the contents");
        assert_eq!(section.matches("role=\"img\"").count(), drawings, "{id}");
        assert_eq!(section.matches("<title id=").count(), drawings, "{id}");
        assert_eq!(section.matches("data-plot=").count(), drawings, "{id}");
        assert!(section.contains(&format!("text-anchor=\"middle\">{x_title}</text>")), "{id}");
        assert!(section.matches("class=\"tick\"").count() >= 6 * drawings, "{id}");
        assert!(section.contains("</svg>adam</li>"), "{id} has a legend");
        assert!(section.contains("<figcaption>") && section.contains("<tbody>"), "{id}");
        assert!(!section.contains("NaN") && !section.contains("inf "), "{id}");
    }
    assert!(page.len() < 1_000_000, "{}", page.len());
}

#[test]
fn lines_of_equal_loss_are_where_the_rmse_is_that() {
    let (_, page) = walkthrough(&[]);
    let plot = Plot::of(&page, "way");
    let data = common::walkthrough();
    let (x, y) = (&data.columns[0].values, &data.columns[1].values);
    let rmse = |a: f64, b: f64| {
        let squares = x.iter().zip(y).map(|(x, y)| (a * x + b - y).powi(2));
        (squares.sum::<f64>() / x.len() as f64).sqrt()
    };
    // The lines with their levels, from the innermost.
    let levels = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
    let contours: Vec<&str> = plot.drawing.split("<path class=\"contour\" d=\"").skip(1).collect();
    let mut checked = 0;
    for contour in contours {
        let path = contour.split('"').next().unwrap().trim_end_matches('z');
        let mut found: Option<f64> = None;
        for piece in path.split('C') {
            let numbers: Vec<f64> = piece
                .trim_start_matches('M')
                .split_whitespace()
                .map(|number| number.parse().unwrap())
                .collect();
            let (a, b) = plot.values((numbers[numbers.len() - 2], numbers[numbers.len() - 1]));
            let here = rmse(a, b);
            let near = |one: &&f64, other: &&f64| {
                (**one / here).ln().abs().total_cmp(&(**other / here).ln().abs())
            };
            let level = *levels.iter().min_by(near).unwrap();
            if level >= 5.0 {
                assert_eq!(*found.get_or_insert(level), level);
                // The places are rounded to a tenth of a unit, which is 1/6000 of the axis.
                assert!((here / level - 1.0).abs() < 0.03, "{here} on the line of {level}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 27, "{checked}");
}

#[test]
fn the_way_is_that_of_the_trace() {
    let (results, page) = walkthrough(&[]);
    let plot = Plot::of(&page, "way");
    for (at, run) in results.runs.iter().enumerate() {
        let way: Vec<(f64, f64)> = points(plot.path("series walked", Some(at)))
            .into_iter()
            .map(|one| plot.values(one))
            .collect();
        let near =
            |(a, b): (f64, f64), (x, y): (f64, f64)| (a - x).abs() < 0.01 && (b - y).abs() < 0.1;
        assert!(near(way[0], (1.0, 1.0)), "{:?}", way[0]);
        for epoch in &run.outcome.epochs {
            let weights = (epoch.weights[0].raw(), epoch.weights[1].raw());
            assert!(
                way.iter().any(|point| near(*point, weights)),
                "{} {weights:?}",
                run.sheet.name
            );
        }
        let last = run.outcome.last().unwrap();
        assert!(near(way[way.len() - 1], (last.weights[0].raw(), last.weights[1].raw())));
    }
}

#[test]
fn plain_gradient_descent_moves_by_its_learning_rate() {
    let (results, page) = walkthrough(&[]);
    let lr = results.runs[0].sheet.hyperparameters().next().unwrap().value;
    let plot = Plot::of(&page, "rates");
    for (_, rate) in
        points(plot.path("series dash-0", Some(0))).into_iter().map(|one| plot.values(one))
    {
        assert!((rate / lr - 1.0).abs() < 0.02, "{rate} {lr}");
    }
}

#[test]
fn a_run_that_diverges_is_told_and_leaves_the_axes_alone() {
    let (_, page) = walkthrough(&[("sgd", 0.01)]);
    let (_, well) = walkthrough(&[]);
    for id in ["loss", "way", "fit", "rates"] {
        assert!(section(&page, id).contains("of sgd, which did not"), "{id}");
        let numbers = Plot::of(&page, id).numbers;
        assert!(numbers[8] <= Plot::of(&well, id).numbers[8] * 10.0, "{id}: {numbers:?}");
    }
    // A picture has no numbers that a browser cannot place.
    assert!(!section(&page, "loss").contains("e1"));
}

#[test]
fn models_with_one_or_many_weights_have_a_way_too() {
    let one = page_of("a*x");
    assert!(section(&one, "way").contains("class=\"curve\""));
    let many = page_of("a*x + b + c*sqrt(x)");
    let way = section(&many, "way");
    assert!(way.contains("Colours and marks stand for weights"));
    assert!(way.contains("text-anchor=\"middle\">epoch</text>") && way.contains("</svg>c</li>"));
    let curved = page_of("exp(a*x/100) + b");
    let plot = Plot::of(&curved, "way");
    assert!(section(&curved, "way").contains("interpolated on a grid"));
    assert!(points(plot.path("contour", None)).len() > 4);
}

#[test]
fn one_sample_is_seen_with_the_predictions_of_it() {
    let mut data = common::walkthrough();
    for column in &mut data.columns {
        column.values.truncate(1);
    }
    let (x, y) = (data.columns[0].values[0], data.columns[1].values[0]);
    let results = results(data, &Model::line().unwrap(), &FOUR, &[]);
    let page = html::page(&results, &Host::separate(), "one.trace.xlsx").unwrap();
    assert!(section(&page, "summary").contains("; one sample determines no line."));
    let fit = section(&page, "fit");
    assert!(!fit.contains("exact least-squares line") && !fit.contains("exact line"), "{fit}");
    let plot = Plot::of(&page, "fit");
    // Neither the sample nor a prediction of it stands on the edge or outside.
    let (low, high) = (plot.numbers[7], plot.numbers[8]);
    assert!(plot.numbers[4] < x && x < plot.numbers[5] && low < y && y < high);
    for (at, run) in results.runs.iter().enumerate() {
        let ends = points(plot.path(&format!("series dash-{at}"), Some(at)));
        let ends: Vec<(f64, f64)> = ends.into_iter().map(|one| plot.values(one)).collect();
        let weights = &run.outcome.last().unwrap().weights;
        let predicted = weights[0].raw() * x + weights[1].raw();
        let middle = (ends[0].1 + ends[1].1) / 2.0;
        assert!((middle - predicted).abs() < (high - low) / 300.0, "{middle} {predicted}");
        assert!(ends[0].0 < x && x < ends[1].0 && low < middle && middle < high);
    }
}

#[test]
fn what_is_remembered_is_said_for_each_quantity() {
    let (_, page) = walkthrough(&[]);
    let memory = section(&page, "memory");
    let caption = memory.split("<figcaption>").nth(1).unwrap();
    for told in [
        "v_a (momentum: the decaying average of ∂e/∂a, over about the last 1/(1 − β) steps)",
        "S_a (second moment: the decaying average of the squares of ∂e/∂a)",
        "and the same for each other weight. sgd remembers nothing.",
    ] {
        assert!(caption.contains(told), "{told}: {caption}");
    }
}
