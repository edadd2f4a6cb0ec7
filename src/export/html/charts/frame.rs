//! The frame of a drawing: its axes, and where values stand within them.

use std::fmt::Write;

use super::super::scale::Scale;
use super::super::svg::{Anchor, Svg};

/// A size of drawing, and the room around the area that the lines are in.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// What the drawing is called besides the chart's name.
    pub suffix: &'static str,
    /// Width and height.
    pub size: (f64, f64),
    /// The room at the left, the right, the top, and the bottom.
    pub room: [f64; 4],
    /// How many ticks the axes have, about.
    pub ticks: (usize, usize),
}

/// For wide screens.
pub const WIDE: Shape =
    Shape { suffix: "wide", size: (760.0, 400.0), room: [64.0, 20.0, 40.0, 52.0], ticks: (10, 6) };

/// For narrow screens.
pub const NARROW: Shape =
    Shape { suffix: "narrow", size: (360.0, 310.0), room: [54.0, 12.0, 36.0, 48.0], ticks: (5, 5) };

/// One of several charts that stand side by side.
pub const PANEL: Shape =
    Shape { suffix: "panel", size: (370.0, 230.0), room: [58.0, 14.0, 34.0, 46.0], ticks: (5, 4) };

/// The same where many lines share it.
pub const TALL_PANEL: Shape = Shape { size: (370.0, 340.0), ticks: (5, 6), ..PANEL };

/// Where the title of the vertical axis stands.
const TITLE: (f64, f64) = (2.0, 15.0);

/// Axes within a shape.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The shape.
    pub shape: Shape,
    /// The horizontal axis.
    pub x: Scale,
    /// The vertical axis.
    pub y: Scale,
}

impl Frame {
    /// The corner and the size of the area that the lines are in.
    pub fn plot(&self) -> ((f64, f64), (f64, f64)) {
        let (width, height) = self.shape.size;
        let [left, right, top, bottom] = self.shape.room;
        ((left, top), (width - left - right, height - top - bottom))
    }

    /// The same and the axes, as the page's script reads them.
    pub fn plot_text(&self) -> String {
        let ((left, top), (width, height)) = self.plot();
        format!("{left} {top} {width} {height} {} {}", self.x.text(), self.y.text())
    }

    /// Where a point stands. What is far outside is put just outside, since a drawing cannot hold
    /// numbers of any size.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        const FAR: f64 = 1000.0;
        let ((left, top), (width, height)) = self.plot();
        let x = self.x.place(x).clamp(-FAR, FAR);
        let y = self.y.place(y).clamp(-FAR, FAR);
        (left + width * x, top + height * (1.0 - y))
    }

    /// Whether a point is within the axes.
    pub fn holds(&self, x: f64, y: f64) -> bool {
        let within = |place: f64| (-1e-9..=1.0 + 1e-9).contains(&place);
        within(self.x.place(x)) && within(self.y.place(y))
    }

    /// Draws the axes but for the title of the vertical one; `upright` also lines up from the ticks
    /// below.
    pub fn draw_axes(&self, svg: &mut Svg, title: &str, upright: bool) {
        let ((left, top), (width, height)) = self.plot();
        let (right, bottom) = (left + width, top + height);
        for &tick in &self.y.ticks {
            let y = self.at(self.x.low, tick).1;
            svg.line("grid", (left, y), (right, y));
            svg.text("tick", (left - 8.0, y + 4.5), Anchor::End, &self.y.label(tick));
        }
        for &tick in &self.x.ticks {
            let x = self.at(tick, self.y.low).0;
            if upright {
                svg.line("grid", (x, top), (x, bottom));
            }
            svg.line("axis", (x, bottom), (x, bottom + 5.0));
            svg.text("tick", (x, bottom + 20.0), Anchor::Middle, &self.x.label(tick));
        }
        svg.line("axis", (left, bottom), (right, bottom));
        let middle = (left + width / 2.0, self.shape.size.1 - 7.0);
        svg.text("title", middle, Anchor::Middle, title);
    }

    /// The title of the vertical axis.
    pub fn draw_title(&self, svg: &mut Svg, title: &str) {
        svg.text("title", TITLE, Anchor::Start, title);
    }

    /// The same where it is a column's: `S_a` has an index.
    pub fn draw_symbol(&self, svg: &mut Svg, title: &str) {
        svg.symbol("title", TITLE, title);
    }
}

/// A path through points in short form: relative steps in tenths; NaN is a gap.
pub fn path(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut out = String::new();
    let mut pen: Option<(i64, i64)> = None;
    for (x, y) in points {
        if x.is_nan() || y.is_nan() {
            pen = None;
            continue;
        }
        let to = ((x * 10.0).round() as i64, (y * 10.0).round() as i64);
        match pen {
            None => push(&mut out, 'M', to),
            Some(at) if at == to => {}
            Some(at) => push(&mut out, 'l', (to.0 - at.0, to.1 - at.1)),
        }
        pen = Some(to);
    }
    out
}

fn push(out: &mut String, command: char, (x, y): (i64, i64)) {
    let y = tenths(y);
    let gap = if y.starts_with('-') { "" } else { " " };
    // Writing to a String cannot fail.
    let _ = write!(out, "{command}{}{gap}{y}", tenths(x));
}

/// A number of tenths: `1.5`, `-.5`, `2`.
fn tenths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    match (number.abs() / 10, number.abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (0, part) => format!("{sign}.{part}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_short_and_have_gaps() {
        let points =
            [(1.0, 2.0), (1.52, 1.0), (f64::NAN, 0.0), (3.0, 4.0), (3.0, 4.01), (2.9, 14.0)];
        assert_eq!(path(points), "M1 2l.5-1M3 4l-.1 10");
    }

    #[test]
    fn far_points_stay_near() {
        let (x, y) = (Scale::linear(0.0, 10.0, 5), Scale::linear(0.0, 10.0, 5));
        let frame = Frame { shape: WIDE, x, y };
        assert_eq!(frame.at(0.0, 0.0), (64.0, 348.0));
        assert!(frame.at(1e300, -1e300).0 < 1e6);
        assert!(frame.holds(10.0, 0.0) && !frame.holds(10.1, 0.0));
    }
}
