//! What the model predicts before and after: the data, and the prediction of each run's weights.

use super::super::chart::{dash, key};
use super::super::figure::{LegendEntry, Table, TableRow};
use super::super::markup::Markup;
use super::super::numbers::brief;
use super::super::scale::Scale;
use super::super::svg::Svg;
use super::frame::{Frame, NARROW, Shape, WIDE, path};
use super::lines::{digits, plain_key};
use super::surface::Surface;
use super::{Figure, columns_of, single_quoted, told, unit};
use crate::sheet::InputKind;
use crate::trace::{Results, Run, Units};
use crate::value::Value;

/// How many samples are drawn at most, and how many stand in the table.
const MOST_SAMPLES: usize = 400;
const TABLE_SAMPLES: usize = 12;

/// How many places a curve has.
const PLACES: usize = 80;

/// A curve of the chart.
struct Curve {
    /// The run, or the class of what is none.
    key: Result<usize, &'static str>,
    name: String,
    weights: Vec<f64>,
    points: Vec<(f64, f64)>,
}

/// The chart, or for a model of several inputs that of predictions against targets.
pub fn figure(results: &Results, surface: &Surface) -> Figure {
    let fit = Fit::new(results, surface);
    let draw = |shape| fit.draw(shape);
    let legend = fit.curves.iter().map(|curve| LegendEntry {
        key: match curve.key {
            Ok(run) => key(run),
            Err(class) => plain_key(class),
        },
        name: curve.name.clone(),
    });
    let question = match (fit.against, results.model().is_line) {
        (true, _) => "How near do the predictions come?",
        (_, true) => "What does the line look like before and after?",
        _ => "What does the prediction look like before and after?",
    };
    Figure {
        id: "fit",
        short: question.into(),
        question: question.into(),
        body: Markup::trusted(format!(
            "<div class=\"plots\" data-chart='{}'>{}{}</div>",
            single_quoted(&fit.data()),
            draw(WIDE),
            draw(NARROW)
        )),
        legend: legend.collect(),
        caption: fit.caption(),
        chosen: fit.chosen(),
        table: fit.table(),
    }
}

struct Fit<'a> {
    results: &'a Results,
    surface: &'a Surface<'a>,
    /// Whether predictions stand over targets, since there is no single input.
    against: bool,
    x_name: String,
    y_name: String,
    /// The samples' numbers, and their places.
    samples: Vec<(usize, f64, f64)>,
    curves: Vec<Curve>,
}

impl<'a> Fit<'a> {
    fn new(results: &'a Results, surface: &'a Surface) -> Self {
        let sheet = &results.runs[0].sheet;
        let column = |at: usize| {
            let name = &sheet.data[at];
            results.data.column(name).map_or(&[][..], |column| column.values.as_slice())
        };
        let target = sheet.data.len() - 1;
        let against = target != 1;
        let (x, y) = (column(if against { target } else { 0 }), column(target));
        let stride = x.len().div_ceil(MOST_SAMPLES).max(1);
        let samples = (0..x.len()).step_by(stride).map(|at| (at, x[at], y[at])).collect();
        let scaled = |at: usize| {
            let scale = results.data.scale.as_ref().and_then(|scale| scale.column(at));
            format!("{}{}", sheet.data[at], if scale.is_some() { ", scaled" } else { "" })
        };
        let (x_name, y_name) = (scaled(if against { target } else { 0 }), scaled(target));
        let mut fit =
            Fit { results, surface, against, x_name, y_name, samples, curves: Vec::new() };
        fit.add_curves();
        fit
    }

    fn add_curves(&mut self) {
        let results = self.results;
        let sheet = &results.runs[0].sheet;
        let starts = sheet.inputs.iter().filter(|input| input.kind == InputKind::Start);
        let start: Vec<f64> = starts.map(|input| input.value).collect();
        self.add(Err("start"), "start".into(), start);
        if let Some(exact) = &results.exact {
            let weights = exact.weights.iter().map(|weight| weight.raw()).collect();
            self.add(Err("exact"), "exact line".into(), weights);
        }
        for (at, run) in results.runs.iter().enumerate() {
            if let Some(last) = run.outcome.last() {
                let weights = last.weights.iter().map(|weight| weight.raw()).collect();
                self.add(Ok(at), run.sheet.name.clone(), weights);
            }
        }
    }

    fn add(&mut self, key: Result<usize, &'static str>, name: String, weights: Vec<f64>) {
        if weights.iter().all(|weight| weight.is_finite()) {
            let points = self.curve(&weights);
            self.curves.push(Curve { key, name, weights, points });
        }
    }

    /// The prediction over the range of the samples.
    fn curve(&self, weights: &[f64]) -> Vec<(f64, f64)> {
        if self.against {
            let place =
                |(at, _, y): &(usize, f64, f64)| (*y, self.surface.predict_sample(weights, *at));
            return self.samples.iter().map(place).collect();
        }
        let ((low, high), _) = self.extent();
        let margin = margin(low, high);
        let places = if self.results.model().is_line { 1 } else { PLACES };
        let at = |place: usize| {
            let x = low - margin + (high - low + 2.0 * margin) * place as f64 / places as f64;
            (x, self.surface.predict(weights, x))
        };
        (0..=places).map(at).collect()
    }

    /// The extent of the samples.
    fn extent(&self) -> ((f64, f64), (f64, f64)) {
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |range: (f64, f64), value| {
                (range.0.min(value), range.1.max(value))
            })
        };
        let x = range(&mut self.samples.iter().map(|sample| sample.1));
        (x, range(&mut self.samples.iter().map(|sample| sample.2)))
    }

    /// The axes fit the data, and the curves as far as they are not far off.
    fn frame(&self, shape: Shape) -> Frame {
        let (x, y) = self.extent();
        // Samples that all have the same y say nothing of how far off a prediction may be.
        let size = if y.1 > y.0 { y.1 - y.0 } else { y.0.abs().max(1.0) };
        let (mut low, mut high) = y;
        let well: Vec<usize> = self.results.well().map(|(at, _)| at).collect();
        let suited = self.curves.iter().filter(|one| one.key.map_or(true, |at| well.contains(&at)));
        for value in suited.flat_map(|one| one.points.iter().map(|point| point.1)) {
            if value > y.0 - size && value < y.1 + size {
                (low, high) = (low.min(value), high.max(value));
            }
        }
        if y.0 == y.1 {
            // All samples would stand on the edge.
            (low, high) = (low - size * 0.05, high + size * 0.05);
        }
        let margin = margin(x.0, x.1);
        Frame {
            shape,
            x: Scale::linear(x.0 - margin, x.1 + margin, shape.ticks.0),
            y: Scale::linear(low, high, shape.ticks.1),
        }
    }

    fn draw(&self, shape: Shape) -> String {
        let frame = self.frame(shape);
        let id = format!("fit-{}", shape.suffix);
        let mut svg = Svg::picture(&id, shape.size, &self.title(), &self.caption());
        let y_title = match self.against {
            true => format!("prediction of {}", self.y_name),
            false => self.y_name.clone(),
        };
        frame.draw_axes(&mut svg, &self.x_name, false);
        frame.draw_title(&mut svg, &y_title);
        let (corner, size) = frame.plot();
        svg.clipped(&format!("{id}-clip"), corner, size, |svg| {
            if self.against {
                let ends = [frame.x.low, frame.x.high].map(|end| frame.at(end, end));
                svg.path("exact", &path(ends));
            } else {
                let dots = self.samples.iter().map(|(_, x, y)| frame.at(*x, *y));
                let dot = |(x, y): (f64, f64)| format!("M{:.1} {y:.1}h0", x);
                svg.path("samples", &dots.map(dot).collect::<String>());
            }
            for curve in &self.curves {
                self.draw_curve(svg, curve, &frame);
            }
        });
        let plot = frame.plot_text();
        let class = shape.suffix;
        format!("<div class=\"{class}\" data-plot=\"{plot}\">{}</div>", svg.finish().as_str())
    }

    fn draw_curve(&self, svg: &mut Svg, curve: &Curve, frame: &Frame) {
        let places: Vec<(f64, f64)> = curve.points.iter().map(|(x, y)| frame.at(*x, *y)).collect();
        if self.against {
            let dots = places.iter().filter(|place| !place.1.is_nan());
            match curve.key {
                Ok(run) => {
                    let marks =
                        dots.map(|at| super::super::svg::shape(run, *at)).collect::<String>();
                    svg.group(&format!("marks small run-{run}"), |svg| svg.path("", &marks));
                }
                Err(_) => {
                    let dots = dots.map(|(x, y)| format!("M{x:.1} {y:.1}h0"));
                    svg.path("samples", &dots.collect::<String>());
                }
            }
            return;
        }
        match curve.key {
            Ok(run) => {
                // Marks where those of other runs are not, along a line or a curve.
                let (from, to) = (places[0], places[places.len() - 1]);
                let share = |part: f64| match places.len() {
                    2 => (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part),
                    n => places[((n - 1) as f64 * part) as usize],
                };
                let offset = 0.06 * (run % 8) as f64 / 2.0;
                let marks = [0.2, 0.5, 0.8].map(|part| share(part + offset - 0.1));
                let marks = marks.into_iter().filter(|at| !at.1.is_nan());
                let marks: String = marks.map(|at| super::super::svg::shape(run, at)).collect();
                svg.group(&format!("run-{run}"), |svg| {
                    svg.path(&format!("series dash-{}", dash(run)), &path(places.iter().copied()));
                });
                svg.group(&format!("marks run-{run}"), |svg| svg.path("", &marks));
            }
            Err(class) => svg.path(class, &path(places)),
        }
    }

    fn title(&self) -> String {
        match self.against {
            true => format!("Predictions over the targets {}", self.y_name),
            false => format!("{} over {}: data and predictions", self.y_name, self.x_name),
        }
    }

    fn caption(&self) -> String {
        let runs = &self.results.runs;
        let start = brief(self.results.own_error(runs[0].outcome.start_rmse));
        let best = self.results.well().filter_map(|(_, run)| {
            let last = run.outcome.last()?;
            Some((run, last.rmse.get().ok()?))
        });
        let best = best.min_by(|one, other| one.1.total_cmp(&other.1));
        let has_exact = self.curves.iter().any(|curve| curve.key == Err("exact"));
        let mut text = match (self.against, has_exact) {
            (true, _) => {
                "A mark for each sample; on the dotted line the prediction is right.".into()
            }
            (_, true) => format!(
                "Dots: the samples. Broken line: the start weights, which miss by {start} (RMSE). \
                 Dotted: the exact least-squares line."
            ),
            _ => format!(
                "Dots: the samples. Broken line: the prediction of the start weights, which miss by \
                 {start} (RMSE)."
            ),
        };
        if let Some((run, rmse)) = best {
            let rmse = brief(self.results.own_error(Value::number(rmse)));
            text +=
                &format!(" The nearest at the end is {}, which misses by {rmse}.", run.sheet.name);
        }
        if let Some(units) = &self.results.units {
            text += &lines(self.results, units);
        }
        text + &told(self.results, "the prediction may be outside of the chart")
    }

    /// How the chosen step is marked.
    fn chosen(&self) -> String {
        let unit = unit(self.results);
        match self.against {
            true => {
                format!("The ring is the sample of the chosen {unit}, with its prediction then.")
            }
            false => format!(
                "The ring is the sample of the chosen {unit}, the broad line what the weights before \
                 it predict."
            ),
        }
    }

    fn table(&self) -> Table {
        let stride = self.samples.len().div_ceil(TABLE_SAMPLES).max(1);
        let shown: Vec<&(usize, f64, f64)> = self.samples.iter().step_by(stride).collect();
        let mut heads = vec!["sample".to_owned(), self.y_name.clone()];
        let mut columns: Vec<Vec<Value>> =
            vec![shown.iter().map(|sample| Value::number(sample.2)).collect()];
        if !self.against {
            heads.insert(1, self.x_name.clone());
            columns.insert(0, shown.iter().map(|sample| Value::number(sample.1)).collect());
        }
        for curve in &self.curves {
            heads.push(curve.name.clone());
            let predict = |sample: &&(usize, f64, f64)| {
                Value::number(self.surface.predict_sample(&curve.weights, sample.0))
            };
            columns.push(shown.iter().map(predict).collect());
        }
        let (cells, fractions) = columns_of(&columns, shown.len());
        let row = |(sample, cells): (&&(usize, f64, f64), _)| TableRow {
            head: (sample.0 + 1).to_string(),
            cells,
        };
        Table {
            caption: "The samples and the predictions of them".into(),
            heads,
            rows: shown.iter().zip(cells).map(row).collect(),
            fractions,
        }
    }

    /// For the script: the samples, and the curves with few points.
    fn data(&self) -> String {
        let pair = |(x, y): (f64, f64)| (digits(x), Some(digits(y)).filter(|y| y.is_finite()));
        let series = |curve: &Curve| {
            let points: Vec<_> = curve.points.iter().copied().map(pair).collect();
            serde_json::json!({ "run": curve.key.ok(), "name": curve.name, "points": points })
        };
        let samples: Vec<_> =
            self.samples.iter().map(|(at, x, y)| (at + 1, digits(*x), digits(*y))).collect();
        serde_json::json!({
            "kind": if self.against { "against" } else { "fit" },
            "names": [self.x_name, self.y_name],
            "samples": samples,
            "series": self.curves.iter().map(series).collect::<Vec<_>>(),
        })
        .to_string()
    }
}

/// What each run's weights are in the units of the data.
fn lines(results: &Results, units: &Units) -> String {
    const MOST: usize = 6;
    if units.parts.is_none() {
        return String::new();
    }
    let names = results.weights();
    let line = |run: &Run| {
        let own = units.weights(&run.outcome.last()?.weights);
        let pairs =
            names.iter().zip(&own).map(|(name, value)| format!("{name} = {}", brief(*value)));
        Some(format!("{}: {}", run.sheet.name, pairs.collect::<Vec<_>>().join(", ")))
    };
    let lines: Vec<String> = results.runs.iter().filter_map(line).take(MOST).collect();
    format!(" In the units of the data the ends are {}.", lines.join("; "))
}

/// How far curves go beyond the samples at either side: also where these have all the same x.
fn margin(low: f64, high: f64) -> f64 {
    if high > low { (high - low) * 0.04 } else { low.abs().max(1.0) / 4.0 }
}
