//! What a chart has over its lines: the best point, points without a number, and where there are
//! none with one.

use super::chart::Chart;
use super::layout::Layout;
use super::numbers::brief;
use super::svg::{Anchor, Svg, cross};
use crate::value::Value;

/// What is drawn over the lines of a chart.
#[derive(Debug)]
pub struct Overlay {
    /// How many points of a line have a mark.
    pub most_marks: usize,
    /// A point that is better than all others.
    pub best: Option<(f64, Value)>,
    /// Points that have no number: the run's index, the place, what to say of it.
    pub lost: Vec<(usize, f64, String)>,
    /// Stretches of the horizontal axis in which no line has a number.
    pub empty: Vec<(f64, f64)>,
}

impl Default for Overlay {
    fn default() -> Self {
        Overlay { most_marks: 12, best: None, lost: Vec::new(), empty: Vec::new() }
    }
}

impl Overlay {
    /// Draws it over the lines of `chart`.
    pub fn draw(&self, svg: &mut Svg, chart: &Chart, layout: &Layout) {
        let ((_, top), (_, height)) = layout.plot();
        if !self.empty.is_empty() {
            let id = format!("{}-{}-hatch", chart.id, layout.suffix);
            svg.hatch(&id);
            for (from, to) in &self.empty {
                let place = |x: f64| layout.x(chart.x.place(x).clamp(0.0, 1.0));
                let (left, right) = (place(*from), place(*to));
                svg.area(&id, (left, top), (right - left, height));
            }
        }
        for (run, x, told) in &self.lost {
            let at = (layout.x(chart.x.place(*x)), top);
            svg.group(&format!("marks run-{run}"), |svg| svg.mark(&cross(at), at, told));
        }
        let Some(best) = self.best.filter(|(_, value)| chart.is_visible(*value)) else { return };
        let (x, y) = chart.point(best, layout);
        svg.circle("best", (x, y), 9.0);
        let ((left, _), (width, _)) = layout.plot();
        let share = (x - left) / width;
        let text = format!("best: {}", brief(best.1));
        // Nothing is below the best point, unless it stands at the foot of the chart.
        let below = y + 26.0;
        let (at, anchor) = match below < top + height - 3.0 {
            true if share < 0.2 => ((x - 6.0, below), Anchor::Start),
            true if share > 0.8 => ((x + 6.0, below), Anchor::End),
            true => ((x, below), Anchor::Middle),
            false if share > 0.6 => ((x - 14.0, y - 12.0), Anchor::End),
            false => ((x + 14.0, y - 12.0), Anchor::Start),
        };
        svg.text("lost name", at, anchor, &text);
    }
}
