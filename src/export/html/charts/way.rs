//! The way of the weights: two over the lines of equal loss, one along its curve, more by epoch.

use std::f64::consts::PI;

use super::super::chart::{dash, key};
use super::super::figure::{LegendEntry, Table, TableRow};
use super::super::markup::Markup;
use super::super::numbers::{brief, things};
use super::super::scale::Scale;
use super::super::svg::{Anchor, Svg, cross, shape};
use super::collect::Tracks;
use super::frame::{Frame, Shape, path};
use super::surface::{Bowl, Surface, levels};
use super::{Figure, columns_of, single_quoted, stands_out, unit};
use crate::error::Result;
use crate::trace::Results;
use crate::value::{Value, significant};

/// For wide screens: nearly square, since both axes are weights.
const WIDE: Shape =
    Shape { suffix: "wide", size: (700.0, 500.0), room: [60.0, 24.0, 40.0, 52.0], ticks: (8, 7) };
const NARROW: Shape =
    Shape { suffix: "narrow", size: (360.0, 360.0), room: [50.0, 14.0, 36.0, 48.0], ticks: (5, 6) };

/// How many epochs are marked on a way, and stand in the table, at most.
const MOST_EPOCHS: usize = 12;

/// Of how many pieces a line of equal loss may be.
const MOST_PIECES: usize = 12;

/// The chart of two weights.
pub fn two_weights(results: &Results, tracks: &[Tracks], surface: &Surface) -> Result<Figure> {
    let way = Way::new(results, tracks, surface);
    let body = [WIDE, NARROW].map(|shape| way.draw(shape)).concat();
    let names = results.weights();
    let key_of = |(at, run): (usize, &crate::trace::Run)| LegendEntry {
        key: key(at),
        name: run.sheet.name.clone(),
    };
    let mut legend: Vec<LegendEntry> = results.runs.iter().enumerate().map(key_of).collect();
    legend.push(LegendEntry { key: spot_key("spot", false), name: "start".into() });
    if surface.bowl.is_some() {
        legend.push(LegendEntry { key: spot_key("spot", true), name: "lowest loss".into() });
    }
    Ok(Figure {
        id: "way",
        short: format!("Which way do {} and {} take?", names[0], names[1]),
        question: "Which way do the weights take?".into(),
        body: Markup::trusted(format!(
            "<div class=\"plots\" data-chart='{}'>{body}</div>",
            single_quoted(&way.data())
        )),
        legend,
        caption: way.caption(),
        chosen: chosen_on_way(results),
        table: table(results),
    })
}

/// How the chosen step is marked on a way.
pub fn chosen_on_way(results: &Results) -> String {
    format!(
        "The ring is where the chosen {} led, with the stretch that it went.{}",
        unit(results),
        stands_out(results)
    )
}

struct Way<'a> {
    results: &'a Results,
    tracks: &'a [Tracks],
    surface: &'a Surface<'a>,
    low: [f64; 2],
    high: [f64; 2],
    start: [f64; 2],
}

/// A line of equal loss: its name and its pieces.
struct Contour {
    label: String,
    path: String,
    /// Points on it, where the label may stand.
    places: Vec<(f64, f64)>,
}

impl<'a> Way<'a> {
    fn new(results: &'a Results, tracks: &'a [Tracks], surface: &'a Surface<'a>) -> Self {
        let start = tracks.iter().find_map(|one| one.path.first().copied()).unwrap_or([0.0; 2]);
        let (mut low, mut high) = (start, start);
        let well = results.well().flat_map(|(at, _)| tracks[at].path.iter().copied());
        for point in well.chain(surface.bowl.map(|bowl| bowl.centre)) {
            for weight in (0..2).filter(|weight| point[*weight].is_finite()) {
                low[weight] = low[weight].min(point[weight]);
                high[weight] = high[weight].max(point[weight]);
            }
        }
        for weight in 0..2 {
            let size = high[weight] - low[weight];
            let margin = if size > 0.0 { size * 0.06 } else { 1.0 };
            low[weight] -= margin;
            high[weight] += margin;
        }
        Way { results, tracks, surface, low, high, start }
    }

    fn frame(&self, shape: Shape) -> Frame {
        Frame {
            shape,
            x: Scale::linear(self.low[0], self.high[0], shape.ticks.0),
            y: Scale::linear(self.low[1], self.high[1], shape.ticks.1),
        }
    }

    fn contours(&self, frame: &Frame) -> Vec<Contour> {
        let (low, high) = ([frame.x.low, frame.y.low], [frame.x.high, frame.y.high]);
        let grid = self.surface.grid(low, high);
        let (lowest, highest) = grid.range();
        let name = self.surface.height_name();
        let contour = |level: f64| {
            let label = brief(Value::number(level));
            match &self.surface.bowl {
                Some(bowl) => {
                    let loss = if name == "RMSE" { level * level } else { level };
                    let at = |angle: f64, stretch| {
                        let [a, b] = bowl.point(loss, angle, stretch);
                        let (left, top) = frame.plot().0;
                        let (width, height) = frame.plot().1;
                        (left + width * frame.x.place(a), top + height * (1.0 - frame.y.place(b)))
                    };
                    let places = (0..180).map(|step| at(f64::from(step) * PI / 90.0, 1.0));
                    Some(Contour { label, path: ellipse(&at), places: places.collect() })
                }
                None => {
                    let lines = grid.lines(level);
                    // A valley that is narrower than the grid falls into beads.
                    if lines.len() > MOST_PIECES {
                        return None;
                    }
                    let places: Vec<Vec<(f64, f64)>> = lines
                        .iter()
                        .map(|line| line.iter().map(|[a, b]| frame.at(*a, *b)).collect())
                        .collect();
                    let drawn = places.iter().map(|line| path(line.iter().copied())).collect();
                    Some(Contour { label, path: drawn, places: places.concat() })
                }
            }
        };
        let mut contours: Vec<Contour> =
            levels(lowest, highest).into_iter().filter_map(contour).collect();
        // The unit stands once, at the outermost line, which has the most room.
        if let Some(last) = contours.last_mut() {
            last.label = format!("{name} {}", last.label);
        }
        contours
    }

    fn draw(&self, shape: Shape) -> String {
        let frame = self.frame(shape);
        let names = self.results.weights();
        let id = format!("way-{}", shape.suffix);
        let title = format!("The way of {} and {} over lines of equal loss", names[0], names[1]);
        let mut svg = Svg::picture(&id, shape.size, &title, &self.description());
        let [across, up] = self.axis_titles();
        frame.draw_axes(&mut svg, &across, false);
        frame.draw_title(&mut svg, &up);
        let contours = self.contours(&frame);
        let (corner, size) = frame.plot();
        svg.clipped(&format!("{id}-clip"), corner, size, |svg| {
            for contour in &contours {
                svg.path("contour", &contour.path);
            }
            for (at, tracks) in self.tracks.iter().enumerate() {
                // What is too far off to be placed would turn the lines to it.
                let far = |place: f64| !(-900.0..900.0).contains(&place);
                let points = tracks.path.iter().map(|[a, b]| {
                    match far(frame.x.place(*a)) || far(frame.y.place(*b)) {
                        true => (f64::NAN, f64::NAN),
                        false => frame.at(*a, *b),
                    }
                });
                svg.group(&format!("run-{at}"), |svg| {
                    svg.path(&format!("series walked dash-{}", dash(at)), &path(points));
                });
            }
        });
        self.draw_labels(&mut svg, &frame, &contours);
        self.draw_marks(&mut svg, &frame);
        let plot = frame.plot_text();
        let class = shape.suffix;
        format!("<div class=\"{class}\" data-plot=\"{plot}\">{}</div>", svg.finish().as_str())
    }

    /// The weights, of a line with their units.
    fn axis_titles(&self) -> [String; 2] {
        let names = self.results.weights();
        let sheet = &self.results.runs[0].sheet;
        match (self.results.model().is_line, sheet.data.as_slice()) {
            (true, [x, y]) => [
                format!("{}, in {y} per {x}", names[0]),
                format!("{}, in the unit of {y}", names[1]),
            ],
            _ => [names[0].to_owned(), names[1].to_owned()],
        }
    }

    /// Each line's height, where it is far from the ways and the other labels.
    fn draw_labels(&self, svg: &mut Svg, frame: &Frame, contours: &[Contour]) {
        let ((left, top), (width, height)) = frame.plot();
        let ways = self.tracks.iter().flat_map(|one| one.path.iter());
        let ways: Vec<(f64, f64)> = ways.map(|[a, b]| frame.at(*a, *b)).collect();
        let stride = ways.len().div_ceil(1500).max(1);
        let mut taken: Vec<(f64, f64)> = Vec::new();
        for contour in contours {
            let half = contour.label.chars().count() as f64 * 3.3 + 4.0;
            let fits = |at: &&(f64, f64)| {
                at.0 > left + half
                    && at.0 < left + width - half
                    && at.1 > top + 8.0
                    && at.1 < top + height - 8.0
            };
            // A label is wide and low: what is beside it must be further away.
            let square = |at: &(f64, f64), other: &(f64, f64), wide: f64| {
                let (right, down) = ((at.0 - other.0) / wide, (at.1 - other.1) / 12.0);
                right * right + down * down
            };
            // How far a place is from what is nearest, unless that is less than `least`: most places
            // are given up at one of the first points of the ways.
            let score = |at: &(f64, f64), least: f64| {
                let labels = taken.iter().map(|one| square(at, one, 2.0 * half));
                let label = (labels.fold(f64::MAX, f64::min).sqrt() / 1.2).min(9.0);
                let mut nearest = f64::MAX;
                for one in ways.iter().step_by(stride) {
                    nearest = nearest.min(square(at, one, half));
                    if nearest < least * least {
                        return None;
                    }
                }
                let score = nearest.sqrt().min(6.0).min(label);
                (score >= least).then_some(score)
            };
            let mut best: Option<((f64, f64), f64)> = None;
            for at in contour.places.iter().filter(fits) {
                let least = best.map_or(0.0, |(_, score)| score);
                best = score(at, least).map(|score| (*at, score)).or(best);
            }
            if let Some((at, _)) = best.filter(|best| best.1 > 1.0) {
                taken.push(at);
                svg.text("level", (at.0, at.1 + 4.0), Anchor::Middle, &contour.label);
            }
        }
    }

    fn draw_marks(&self, svg: &mut Svg, frame: &Frame) {
        for (at, run) in self.results.runs.iter().enumerate() {
            let epochs = &run.outcome.epochs;
            let stride = epochs.len().div_ceil(MOST_EPOCHS).max(1);
            let is_last = |epoch: usize| epoch == epochs.len();
            let shown = epochs.iter().filter(|one| one.epoch % stride == 0 || is_last(one.epoch));
            let places = shown.map(|one| (one.weights[0].raw(), one.weights[1].raw()));
            let seen = places.filter(|(a, b)| frame.holds(*a, *b));
            let marks: String = seen.map(|(a, b)| shape(at, frame.at(a, b))).collect();
            svg.group(&format!("marks run-{at}"), |svg| svg.path("", &marks));
        }
        let [a, b] = self.start;
        svg.path("spot", &circle(frame.at(a, b), 6.0));
        if let Some(bowl) = &self.surface.bowl {
            svg.path("spot", &cross(frame.at(bowl.centre[0], bowl.centre[1])));
        }
    }

    fn description(&self) -> String {
        let names = self.results.weights();
        let point = |weights: &[Value]| {
            let pairs = names.iter().zip(weights);
            let equal = pairs.map(|(name, value)| format!("{name} = {}", brief(*value)));
            equal.collect::<Vec<_>>().join(", ")
        };
        let end = |run: &crate::trace::Run| {
            let last = run.outcome.last()?;
            Some(format!("{} ends at {}", run.sheet.name, point(&last.weights)))
        };
        let ends: Vec<String> = self.results.runs.iter().filter_map(end).collect();
        format!("All start at {}. {}.", point(&self.start.map(Value::number)), ends.join("; "))
    }

    fn caption(&self) -> String {
        let name = self.surface.height_name();
        let epochs = things(self.results.epochs(), "epoch");
        let mut text = format!(
            "The thin lines join weights with the same {name} over all samples; their numbers say which. Each optimizer \
             leaves from the circle; its marks stand at the ends of epochs, the last of them after \
             {epochs}."
        );
        if let Some(bowl) = &self.surface.bowl {
            let times = bowl.condition();
            text += &match times {
                1.5.. => format!(
                    " The lines are ellipses, exact for this model: across the valley the loss \
                     curves {} times as much as along it, so one learning rate is at once too large \
                     for one direction and too small for the other.",
                    brief(Value::number(significant(times, 3)))
                ),
                _ => " The lines are ellipses, exact for this model and nearly round.".to_owned(),
            };
        } else {
            text += " The lines are interpolated on a grid.";
        }
        text += &super::told(self.results, "its way leaves the chart");
        text
    }

    fn data(&self) -> String {
        let series = |(at, run): (usize, &crate::trace::Run)| {
            let column = |weight: usize| run.sheet.weights[weight].next;
            serde_json::json!({ "run": at, "name": run.sheet.name, "columns": [column(0), column(1)] })
        };
        let series: Vec<_> = self.results.runs.iter().enumerate().map(series).collect();
        let (names, unit) = (self.results.weights(), super::unit(self.results));
        let mut data =
            serde_json::json!({ "kind": "way", "unit": unit, "names": names, "series": series });
        if let Some(Bowl { centre, lowest, hessian }) = self.surface.bowl {
            let height = self.surface.height_name();
            data["bowl"] = serde_json::json!([height, centre, lowest, hessian]);
        }
        data.to_string()
    }
}

/// An ellipse as eight curves; `at` gives its points by angle and how far out. An affine picture
/// of a circle's curves is the curve of its picture.
fn ellipse(at: &dyn Fn(f64, f64) -> (f64, f64)) -> String {
    const PARTS: i32 = 8;
    let turn = 2.0 * PI / f64::from(PARTS);
    let handle = 4.0 / 3.0 * pxfm::f_tan(turn / 4.0);
    let (out, off) = ((1.0 + handle * handle).sqrt(), pxfm::f_atan(handle));
    let point = |(x, y): (f64, f64)| format!("{x:.1} {y:.1}");
    let mut path = format!("M{}", point(at(0.0, 1.0)));
    for part in 0..PARTS {
        let (from, to) = (f64::from(part) * turn, f64::from(part + 1) * turn);
        let points = [at(from + off, out), at(to - off, out), at(to, 1.0)].map(point);
        path += &format!("C{}", points.join(" "));
    }
    path + "z"
}

fn circle((x, y): (f64, f64), radius: f64) -> String {
    let (r, d) = (radius, 2.0 * radius);
    format!("M{:.1} {y:.1}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z", x - r)
}

/// The key of a circle or a cross.
pub fn spot_key(class: &str, is_cross: bool) -> Markup {
    let mut svg = Svg::decoration("key", (30.0, 12.0));
    let at = (15.0, 6.0);
    svg.path(class, &if is_cross { cross(at) } else { circle(at, 5.0) });
    svg.finish()
}

/// The weights after epochs.
pub fn table(results: &Results) -> Table {
    let stride = results.epochs().div_ceil(MOST_EPOCHS).max(1);
    let last = results.epochs();
    let epochs: Vec<usize> =
        (1..=last).filter(|epoch| epoch % stride == 0 || *epoch == last).collect();
    let names = results.weights();
    let mut heads = vec!["epoch".to_owned()];
    let mut columns: Vec<Vec<Value>> = Vec::new();
    for run in &results.runs {
        for (at, name) in names.iter().enumerate() {
            heads.push(format!("{name}, {}", run.sheet.name));
            let value =
                |epoch: &usize| run.outcome.epochs.get(epoch - 1).map(|one| one.weights[at]);
            columns.push(epochs.iter().map_while(value).collect());
        }
    }
    let (cells, fractions) = columns_of(&columns, epochs.len());
    let rows = epochs.iter().zip(cells);
    Table {
        caption: "The weights after epochs".into(),
        heads,
        rows: rows.map(|(epoch, cells)| TableRow { head: epoch.to_string(), cells }).collect(),
        fractions,
    }
}
