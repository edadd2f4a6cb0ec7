//! Charts of quantities by step: lines over common axes, with the numbers for the page's script.

use serde::Serialize;

use super::super::chart::dash;
use super::super::markup::Markup;
use super::super::places::{thin, travel};
use super::super::scale::Scale;
use super::super::svg::{Svg, shape};
use super::frame::{Frame, Shape, path};
use crate::value::significant;

/// How many marks a line has, about, and how many where there are more than so many lines.
const MARKS: usize = 7;
const FEW_MARKS: usize = 2;
const MANY_LINES: usize = 10;

/// How many times a line may go up and down the chart before it is drawn as a band.
const MOST_TRAVEL: f64 = 20.0;

/// How many points a line has at most for each unit of the plot's width: lines through more are
/// as good as bands.
const POINTS: f64 = 0.6;

/// How many points of a line the script gets at most.
const MOST_SHOWN: usize = 100;

/// A chart of lines.
#[derive(Debug)]
pub struct Lines {
    /// Its name in addresses.
    pub id: String,
    /// What it shows, in a line.
    pub title: String,
    /// What it shows, for who cannot see it.
    pub description: String,
    /// The titles of the axes.
    pub titles: (String, String),
    /// What the horizontal axis counts: `step`, `epoch`.
    pub unit: String,
    /// The last number on the horizontal axis.
    pub last: usize,
    /// The lowest and the highest value.
    pub range: (f64, f64),
    /// Whether the vertical axis is logarithmic.
    pub logarithmic: bool,
    /// The lines; those in front last.
    pub lines: Vec<Line>,
}

/// A line.
#[derive(Debug)]
pub struct Line {
    /// The run's index, for colour, dashes and mark.
    pub run: usize,
    /// What it is called.
    pub name: String,
    /// The points; NaN is a gap.
    pub points: Vec<(f64, f64)>,
    /// Whether it stands in the background.
    pub faint: bool,
    /// The column of the run that has its values.
    pub column: Option<usize>,
}

/// What the script knows of a chart.
#[derive(Debug, Serialize)]
struct Data<'a> {
    kind: &'a str,
    unit: &'a str,
    series: Vec<Series<'a>>,
}

#[derive(Debug, Serialize)]
struct Series<'a> {
    run: usize,
    name: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    faint: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    points: Vec<(f64, Option<f64>)>,
}

impl Lines {
    fn frame(&self, shape: Shape) -> Frame {
        let (low, high) = self.range;
        let y = match self.logarithmic {
            true => Scale::logarithmic(low, high, shape.ticks.1),
            false => Scale::linear(low, high, shape.ticks.1),
        };
        Frame { shape, x: Scale::counting(self.last, shape.ticks.0), y }
    }

    /// The drawing in a shape, in an element of its class.
    pub fn draw(&self, shape: Shape) -> String {
        let frame = self.frame(shape);
        let id = format!("{}-{}", self.id, shape.suffix);
        let mut svg = Svg::picture(&id, shape.size, &self.title, &self.description);
        frame.draw_axes(&mut svg, &self.titles.0, false);
        frame.draw_symbol(&mut svg, &self.titles.1);
        let (corner, size) = frame.plot();
        svg.clipped(&format!("{id}-clip"), corner, size, |svg| {
            for line in &self.lines {
                let places = |&(x, y): &(f64, f64)| frame.at(x, y);
                let mut points: Vec<(f64, f64)> = line.points.iter().map(places).collect();
                if !points.iter().any(|point| point.1.is_nan()) {
                    points = thin(&points, (size.0 * POINTS) as usize);
                }
                let within = |&(x, y): &(f64, f64)| (x, y.clamp(corner.1, corner.1 + size.1));
                let solid: Vec<(f64, f64)> =
                    points.iter().filter(|point| !point.1.is_nan()).map(within).collect();
                let dense = travel(&solid) > MOST_TRAVEL * size.1;
                let style = match (line.faint, dense) {
                    (true, _) => "faint".to_owned(),
                    (_, true) => "dense".to_owned(),
                    _ => format!("dash-{}", dash(line.run)),
                };
                svg.group(&format!("run-{}", line.run), |svg| {
                    svg.path(&format!("series {style}"), &path(points));
                });
            }
        });
        let count = if self.lines.len() > MANY_LINES { FEW_MARKS } else { MARKS };
        for line in self.lines.iter().filter(|line| !line.faint) {
            let marks = marks(line, &frame, count);
            svg.group(&format!("marks run-{}", line.run), |svg| svg.path("", &marks));
        }
        let plot = frame.plot_text();
        format!(
            "<div class=\"{}\" data-plot=\"{plot}\">{}</div>",
            shape.suffix,
            svg.finish().as_str()
        )
    }

    /// What the script needs.
    pub fn data<'a>(&'a self) -> String {
        let series = |line: &'a Line| {
            let Line { run, name, points, faint, column } = line;
            let points = if column.is_some() { Vec::new() } else { few(points) };
            Series { run: *run, name, faint: *faint, column: *column, points }
        };
        let front = self.lines.iter().filter(|line| !line.faint);
        let back = self.lines.iter().filter(|line| line.faint);
        let data = Data {
            kind: if self.unit == "epoch" { "epochs" } else { "steps" },
            unit: &self.unit,
            series: front.chain(back).map(series).collect(),
        };
        serde_json::to_string(&data).unwrap_or_default()
    }
}

/// The marks of a line: one path for all.
fn marks(line: &Line, frame: &Frame, count: usize) -> String {
    let stride = line.points.len().div_ceil(count).max(1);
    // Lines that run together have their marks in different places.
    let places = 4 * MARKS / count;
    let from = stride * (line.run % places) / places;
    let marked = line.points.iter().skip(from).step_by(stride);
    let seen = marked.filter(|(x, y)| !y.is_nan() && frame.holds(*x, *y));
    seen.map(|(x, y)| shape(line.run, frame.at(*x, *y))).collect()
}

/// Points for the script, with the digits that a tooltip shows.
fn few(points: &[(f64, f64)]) -> Vec<(f64, Option<f64>)> {
    let stride = points.len().div_ceil(MOST_SHOWN).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points.iter().enumerate().filter(|(at, _)| at % stride == 0 || *at == last);
    kept.map(|(_, (x, y))| (*x, Some(digits(*y)).filter(|y| y.is_finite()))).collect()
}

/// A number with six digits.
pub fn digits(number: f64) -> f64 {
    significant(number, 6)
}

/// A key for what is no run: a piece of line with a class of its own.
pub fn plain_key(class: &str) -> Markup {
    let mut svg = Svg::decoration("key", (30.0, 12.0));
    svg.line(class, (1.0, 6.0), (29.0, 6.0));
    svg.finish()
}
