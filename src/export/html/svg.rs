//! A small writer of SVG, for the diagram of a network, which is no chart: it prints, reads aloud and
//! follows the page's colours.
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

    /// A path.
    pub fn path(&mut self, class: &str, path: &str) {
        self.push(format_args!("<path class=\"{class}\" d=\"{path}\"/>"));
    }

    /// A rectangle that says what it is to whoever points at it.
    pub fn cell(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        told: &str,
    ) {
        self.push(format_args!(
            "<g class=\"{class}\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{width:.1}\" height=\"{height:.1}\"/></g>",
            escape(told)
        ));
    }

    /// A text about its point.
    pub fn text(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>",
            escape(text)
        ));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_coordinates_short() {
        let mut svg = Svg::picture("id", (10.0, 20.0), "<&>", "\"");
        svg.text("label", (1.0 / 3.0, 2.0), "</svg>");
        svg.cell("cell", (5.0, 5.0), (1.0, 1.0), "a < b");
        let out = serde_json::to_string(&svg.finish()).unwrap();
        assert!(out.contains("&lt;&amp;&gt;") && out.contains("x=\\\"0.3\\\""), "{out}");
        assert!(out.contains("a &lt; b") && out.matches("</svg>").count() == 1, "{out}");
    }
}
