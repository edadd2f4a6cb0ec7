//! A small writer of SVG, for charts that print, read aloud and follow the page's colours.
//!
//! Colours, strokes and type sizes are left to the style sheet: elements only carry classes.
//! Coordinates have one decimal, which is finer than any screen and keeps the page small.

use std::fmt::Write;

use super::markup::Markup;
use crate::formula::escape;

/// An SVG picture under way.
#[derive(Debug)]
pub struct Svg {
    out: String,
}

/// Which end of a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The text starts there.
    Start,
    /// The text is centred there.
    Middle,
    /// The text ends there.
    End,
}

impl Svg {
    /// A picture that says what it is: `title` in a line, `description` in a sentence or two. The
    /// `id` must be the only one of its name on the page.
    pub fn picture(id: &str, size: (f64, f64), title: &str, description: &str) -> Self {
        let (width, height) = size;
        let out = format!(
            "<svg id=\"{id}\" viewBox=\"0 0 {width} {height}\" role=\"img\" paint-order=\"stroke\" \
             aria-labelledby=\"{id}-title {id}-description\">\
             <title id=\"{id}-title\">{}</title><desc id=\"{id}-description\">{}</desc>",
            escape(title),
            escape(description)
        );
        Svg { out }
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.path(class, &polyline(&[from, to]));
    }

    /// A path.
    pub fn path(&mut self, class: &str, path: &str) {
        self.push(format_args!("<path class=\"{class}\" d=\"{path}\"/>"));
    }

    /// A path that says what it is to whoever points at it, over an area large enough to hit.
    pub fn mark(&mut self, path: &str, at: (f64, f64), told: &str) {
        let (x, y) = at;
        let told = escape(told);
        self.push(format_args!(
            "<g class=\"mark\"><title>{told}</title>\
             <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"10\"/><path d=\"{path}\"/></g>"
        ));
    }

    /// A circle.
    pub fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>"
        ));
    }

    /// Diagonal lines under the name `id`, which must be the only one on the page.
    pub fn hatch(&mut self, id: &str) {
        self.push(format_args!(
            "<pattern id=\"{id}\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V7\"/></pattern>"
        ));
    }

    /// A rectangle filled with the hatch `id`.
    pub fn area(&mut self, id: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.push(format_args!(
            "<rect fill=\"url(#{id})\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\"/>"
        ));
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\"/>"
        ));
    }

    /// A rectangle with a text in it that says what it is to whoever points at it.
    pub fn cell(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        (text, told): (&str, &str),
    ) {
        self.push(format_args!(
            "<g class=\"{class}\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{width:.1}\" height=\"{height:.1}\"/>",
            escape(told)
        ));
        if !text.is_empty() {
            self.text("", (x + width / 2.0, y + height / 2.0 + 4.5), Anchor::Middle, text);
        }
        self.push(format_args!("</g>"));
    }

    /// A text.
    pub fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        let (x, y) = at;
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        ));
    }

    /// A group of what `draw` draws.
    pub fn group(&mut self, class: &str, draw: impl FnOnce(&mut Svg)) {
        self.push(format_args!("<g class=\"{class}\">"));
        draw(self);
        self.push(format_args!("</g>"));
    }

    /// What `draw` draws, cut off outside of the rectangle from `corner` with the given size.
    pub fn clipped(
        &mut self,
        id: &str,
        corner: (f64, f64),
        size: (f64, f64),
        draw: impl FnOnce(&mut Svg),
    ) {
        let ((x, y), (width, height)) = (corner, size);
        self.push(format_args!(
            "<clipPath id=\"{id}\"><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\"/></clipPath><g clip-path=\"url(#{id})\">"
        ));
        draw(self);
        self.push(format_args!("</g>"));
    }

    /// The picture.
    pub fn finish(self) -> Markup {
        Markup::trusted(self.out + "</svg>")
    }

    fn push(&mut self, markup: std::fmt::Arguments) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(markup);
    }
}

/// The path through `points`.
pub fn polyline(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
    path
}

/// The shapes that tell series apart where colours cannot, as paths around the origin.
const SHAPES: [&[(f64, f64)]; 6] = [
    &[],
    &[(-3.6, -3.6), (3.6, -3.6), (3.6, 3.6), (-3.6, 3.6)],
    &[(0.0, -4.8), (4.6, 3.4), (-4.6, 3.4)],
    &[(0.0, -5.2), (5.2, 0.0), (0.0, 5.2), (-5.2, 0.0)],
    &[(0.0, 4.8), (4.6, -3.4), (-4.6, -3.4)],
    &[(-2.4, -4.2), (2.4, -4.2), (4.8, 0.0), (2.4, 4.2), (-2.4, 4.2), (-4.8, 0.0)],
];

/// The mark of the series with the given index, at a point.
pub fn shape(series: usize, (x, y): (f64, f64)) -> String {
    let corners = SHAPES[series % SHAPES.len()];
    if corners.is_empty() {
        return format!("M{:.1} {y:.1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", x - 4.0);
    }
    let corners: Vec<(f64, f64)> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
    polyline(&corners) + "z"
}

/// A cross at a point, where a line ends for want of numbers.
pub fn cross((x, y): (f64, f64)) -> String {
    const ARM: f64 = 5.0;
    polyline(&[(x - ARM, y - ARM), (x + ARM, y + ARM)])
        + &polyline(&[(x - ARM, y + ARM), (x + ARM, y - ARM)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_coordinates_short() {
        let mut svg = Svg::picture("id", (10.0, 20.0), "<&>", "\"");
        svg.text("label", (1.0 / 3.0, 2.0), Anchor::Middle, "</svg>");
        svg.mark(&shape(1, (5.0, 5.0)), (5.0, 5.0), "a < b");
        let out = serde_json::to_string(&svg.finish()).unwrap();
        assert!(out.contains("&lt;&amp;&gt;") && out.contains("x=\\\"0.3\\\""), "{out}");
        assert!(out.contains("a &lt; b") && out.matches("</svg>").count() == 1, "{out}");
    }

    #[test]
    fn every_series_has_its_own_shape() {
        let shapes: std::collections::BTreeSet<String> =
            (0..SHAPES.len()).map(|series| shape(series, (0.0, 0.0))).collect();
        assert_eq!(shapes.len(), SHAPES.len());
        assert_eq!(polyline(&[(0.0, 1.0), (2.0, 3.0)]), "M0.0 1.0L2.0 3.0");
    }
}
