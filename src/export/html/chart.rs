//! Line charts: a series for each run over common axes.
//!
//! A chart is drawn twice, for wide and for narrow screens, since a picture that is only scaled
//! has texts too small to read; the style sheet shows the one that fits.

use super::key::{LegendEntry, dash, key};
use super::layout::{Layout, NARROW, WIDE};
use super::markup::Markup;
use super::numbers::brief;
use super::overlay::Overlay;
use super::places::{spread, thin, travel};
use super::scale::Scale;
use super::svg::{Anchor, Svg, cross, polyline, shape};
use crate::value::Value;

/// A line chart.
#[derive(Debug)]
pub struct Chart {
    /// Its name in addresses.
    pub id: String,
    /// What it shows, in a line.
    pub title: String,
    /// What it shows, for who cannot see it.
    pub description: String,
    /// What the horizontal axis has.
    pub x_title: String,
    /// What the vertical axis has, with its unit.
    pub y_title: String,
    /// The horizontal axis.
    pub x: Scale,
    /// The vertical axis.
    pub y: Scale,
    /// The lines.
    pub series: Vec<Series>,
    /// A value to measure the lines by.
    pub reference: Option<(f64, String)>,
    /// What is drawn over the lines.
    pub overlay: Overlay,
}

/// A line of a chart.
#[derive(Debug)]
pub struct Series {
    /// The run's index, for colour, dashes and mark.
    pub run: usize,
    /// The run's name.
    pub name: String,
    /// The points in order.
    pub points: Vec<(f64, Value)>,
    /// What to say where the line leaves the chart for good.
    pub lost: String,
}

/// How many points of a line are drawn.
const MOST_POINTS: usize = 600;

/// How many times a line may go up and down the chart before it is drawn as a band.
const MOST_TRAVEL: f64 = 20.0;

/// What became of more lines than this is not told one by one.
const MOST_LOST: usize = 8;

/// The distance between lines of text.
const LINE_HEIGHT: f64 = 17.0;

/// How wide a letter is, about.
const LETTER_WIDTH: f64 = 7.0;

impl Chart {
    /// The drawing for wide screens.
    pub fn wide(&self) -> Markup {
        self.draw(&WIDE)
    }

    /// The drawing for narrow screens, which needs a legend beside it.
    pub fn narrow(&self) -> Markup {
        self.draw(&NARROW)
    }

    /// The legend.
    pub fn legend(&self) -> Vec<LegendEntry> {
        let entry =
            |series: &Series| LegendEntry { key: key(series.run), name: series.name.clone() };
        self.series.iter().map(entry).collect()
    }

    /// Whether the names of the lines cannot stand at their ends: there are too many of them, or
    /// some end before the others. Then a legend must do.
    pub fn needs_legend(&self) -> bool {
        let (_, (_, height)) = WIDE.plot();
        let ends = self.series.iter().map(|series| series.points.len());
        let crowded = self.series.len() as f64 * LINE_HEIGHT > height;
        crowded || ends.clone().min() != ends.max()
    }

    fn draw(&self, layout: &Layout) -> Markup {
        let id = format!("{}-{}", self.id, layout.suffix);
        let mut svg = Svg::picture(&id, layout.size, &self.title, &self.description);
        self.draw_axes(&mut svg, layout);
        self.draw_reference(&mut svg, layout);
        let clip = format!("{id}-clip");
        let (corner, size) = layout.plot();
        svg.clipped(&clip, corner, size, |svg| {
            for series in &self.series {
                let line = self.line(series, layout);
                let style = match travel(&line) > MOST_TRAVEL * size.1 {
                    true => "dense".to_owned(),
                    false => format!("dash-{}", dash(series.run)),
                };
                let class = format!("series run-{} {style}", series.run);
                svg.path(&class, &polyline(&line));
            }
        });
        self.overlay.draw(&mut svg, self, layout);
        for series in &self.series {
            let class = format!("marks run-{}", series.run);
            svg.group(&class, |svg| self.draw_marks(svg, series, layout));
        }
        self.draw_lost(&mut svg, layout);
        if layout.labels && !self.needs_legend() {
            self.draw_names(&mut svg, layout);
        }
        svg.finish()
    }

    fn draw_axes(&self, svg: &mut Svg, layout: &Layout) {
        let ((left, top), (width, height)) = layout.plot();
        let (right, bottom) = (left + width, top + height);
        for &tick in &self.y.ticks {
            let y = layout.y(self.y.place(tick));
            svg.line("grid", (left, y), (right, y));
            svg.text("tick", (left - 8.0, y + 4.5), Anchor::End, &self.y.label(tick));
        }
        for &tick in &self.x.ticks {
            let x = layout.x(self.x.place(tick));
            svg.line("axis", (x, bottom), (x, bottom + 5.0));
            svg.text("tick", (x, bottom + 20.0), Anchor::Middle, &self.x.label(tick));
        }
        svg.line("axis", (left, bottom), (right, bottom));
        svg.text("title", (2.0, 15.0), Anchor::Start, &self.y_title);
        let middle = (left + width / 2.0, layout.size.1 - 9.0);
        svg.text("title", middle, Anchor::Middle, &self.x_title);
    }

    fn draw_reference(&self, svg: &mut Svg, layout: &Layout) {
        let Some((value, label)) = &self.reference else { return };
        let ((left, _), (width, _)) = layout.plot();
        let y = layout.y(self.y.place(*value));
        svg.line("reference", (left, y), (left + width, y));
        svg.text("lost", (left + 6.0, y - 6.0), Anchor::Start, label);
    }

    pub(super) fn point(&self, (x, value): (f64, Value), layout: &Layout) -> (f64, f64) {
        (layout.x(self.x.place(x)), layout.y(self.height(value)))
    }

    /// Where a value stands on the vertical axis; what is far off or no number is just outside,
    /// since a drawing cannot hold numbers of any size.
    fn height(&self, value: Value) -> f64 {
        const OUTSIDE: f64 = 3.0;
        value.get().map_or(OUTSIDE, |value| self.y.place(value).clamp(-OUTSIDE, OUTSIDE))
    }

    pub(super) fn is_visible(&self, value: Value) -> bool {
        (0.0..=1.0).contains(&self.height(value))
    }

    /// The points up to where the line is lost for good, and one further to show where it goes.
    fn shown<'a>(&self, series: &'a Series) -> &'a [(f64, Value)] {
        let last = series.points.iter().rposition(|(_, value)| self.is_visible(*value));
        let end = last.map_or(1, |last| last + 2).min(series.points.len());
        &series.points[..end]
    }

    fn line(&self, series: &Series, layout: &Layout) -> Vec<(f64, f64)> {
        let places: Vec<(f64, f64)> =
            self.shown(series).iter().map(|point| self.point(*point, layout)).collect();
        thin(&places, MOST_POINTS)
    }

    fn draw_marks(&self, svg: &mut Svg, series: &Series, layout: &Layout) {
        let shown = self.shown(series);
        let stride = shown.len().div_ceil(self.overlay.most_marks).max(1);
        for (index, &(x, value)) in shown.iter().enumerate() {
            let is_marked = index % stride == 0 || index + 1 == shown.len();
            if is_marked && self.is_visible(value) {
                let at = self.point((x, value), layout);
                let Series { name, run, .. } = series;
                let told = format!("{name}, {} {x}: {}", self.x_title, brief(value));
                svg.mark(&shape(*run, at), at, &told);
            }
        }
        if let Some(at) = self.exit(series, layout) {
            svg.mark(&cross(at), at, &format!("{}: {}", series.name, series.lost));
        }
    }

    /// Where a line leaves the chart for good, if it does.
    fn exit(&self, series: &Series, layout: &Layout) -> Option<(f64, f64)> {
        let shown = self.shown(series);
        let &(x, value) = shown.last()?;
        if self.is_visible(value) {
            return None;
        }
        let outside = (self.x.place(x), self.height(value));
        let edge = if outside.1 > 1.0 { 1.0 } else { 0.0 };
        let x = match shown.len().checked_sub(2).map(|before| shown[before]) {
            Some((x, value)) => {
                let inside = (self.x.place(x), self.height(value));
                let share = (edge - inside.1) / (outside.1 - inside.1);
                inside.0 + (outside.0 - inside.0) * share
            }
            None => outside.0,
        };
        Some((layout.x(x), layout.y(edge)))
    }

    /// Names at the ends of the lines.
    fn draw_names(&self, svg: &mut Svg, layout: &Layout) {
        let ((left, top), (width, height)) = layout.plot();
        let end = |series| match (self.exit(series, layout), self.shown(series).last()) {
            (None, Some(point)) => Some((series, self.point(*point, layout).1)),
            _ => None,
        };
        let ends: Vec<(&Series, f64)> = self.series.iter().filter_map(end).collect();
        let places: Vec<f64> = ends.iter().map(|(_, y)| *y).collect();
        let places = spread(&places, LINE_HEIGHT, top, top + height);
        for ((series, _), y) in ends.iter().zip(places) {
            let at = (left + width + 14.0, y + 4.5);
            svg.text("name", at, Anchor::Start, &shortened(&series.name));
        }
    }

    /// What became of the lines that leave, below each other and right of where they do, so that
    /// no line goes through the texts.
    fn draw_lost(&self, svg: &mut Svg, layout: &Layout) {
        let exits = self.series.iter().filter_map(|one| Some((one, self.exit(one, layout)?.0)));
        let mut lost: Vec<(String, f64)> =
            exits.map(|(one, x)| (format!("{}: {}", one.name, one.lost), x)).collect();
        if let Some(more) = lost.len().checked_sub(MOST_LOST).filter(|more| *more > 0) {
            let last = lost.iter().map(|(_, x)| *x).fold(0.0, f64::max);
            lost.truncate(MOST_LOST);
            lost.push((format!("and {more} more"), last));
        }
        let ((left, top), (width, _)) = layout.plot();
        let last = lost.iter().map(|(_, x)| *x).fold(left, f64::max) + 12.0;
        let longest = lost.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
        let fits = last + longest as f64 * LETTER_WIDTH < left + width;
        let (x, anchor) = if fits { (last, Anchor::Start) } else { (left + width, Anchor::End) };
        for (index, (text, _)) in lost.iter().enumerate() {
            svg.text("lost", (x, top + 17.0 + index as f64 * LINE_HEIGHT), anchor, text);
        }
    }
}

/// A name that fits beside the lines.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 12;
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, Value)>) -> Chart {
        Chart {
            id: "chart".into(),
            title: String::new(),
            description: String::new(),
            x_title: "epoch".into(),
            y_title: "RMSE".into(),
            x: Scale::linear(0.0, 4.0, 4),
            y: Scale::linear(0.0, 100.0, 5),
            series: vec![Series { run: 0, name: "sgd".into(), points, lost: "diverged".into() }],
            reference: None,
            overlay: Overlay::default(),
        }
    }

    #[test]
    fn a_line_that_is_lost_ends_with_a_cross_at_the_edge() {
        let number = Value::number;
        let diverged = vec![(0.0, number(50.0)), (1.0, number(1e9)), (2.0, number(f64::NAN))];
        let chart = chart(diverged);
        let exit = chart.exit(&chart.series[0], &WIDE).unwrap();
        assert_eq!(exit.1, WIDE.top);
        assert!(exit.0 > WIDE.x(0.0) && exit.0 < WIDE.x(0.25));
        assert_eq!(chart.shown(&chart.series[0]).len(), 2);
    }

    #[test]
    fn a_line_that_comes_back_is_not_lost() {
        let points = [50.0, 1e9, 20.0].map(Value::number);
        let chart = chart((0..3).map(f64::from).zip(points).collect());
        assert_eq!(chart.exit(&chart.series[0], &WIDE), None);
        assert_eq!(chart.shown(&chart.series[0]).len(), 3);
    }
}
