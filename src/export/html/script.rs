//! The page's script, and its hash for the security policy, which lets nothing else run.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::engine::Printed;
use super::markup::Markup;

/// What charts are drawn with (d3), made by templates/js/vendor/bundle.sh.
const D3: &str = include_str!("../../../templates/js/vendor/d3.js");

/// What opens the scope that all parts share.
const SCOPE: &str = include_str!("../../../templates/js/scope.js");

/// What a cell holds: the functions that are printed for the page are over it.
const ARITHMETIC: &str = include_str!("../../../templates/js/arithmetic.js");

/// The engine, which knows no page.
const ENGINE: [&str; 9] = [
    include_str!("../../../templates/js/random.js"),
    include_str!("../../../templates/js/layout.js"),
    include_str!("../../../templates/js/summary.js"),
    include_str!("../../../templates/js/trace.js"),
    include_str!("../../../templates/js/settings.js"),
    include_str!("../../../templates/js/engine.js"),
    include_str!("../../../templates/js/trees.js"),
    include_str!("../../../templates/js/slopes.js"),
    include_str!("../../../templates/js/worker.js"),
];

/// How numbers are shown, and shorthands for elements.
const ELEMENTS: &str = include_str!("../../../templates/js/elements.js");

/// What the parts behind it share, and what closes the scope.
const CORE: &str = include_str!("../../../templates/js/core.js");
const START: &str = include_str!("../../../templates/js/start.js");

/// The parts between, each with names of its own.
const PARTS: [&str; 45] = [
    include_str!("../../../templates/js/api.js"),
    include_str!("../../../templates/js/player.js"),
    include_str!("../../../templates/js/slider.js"),
    include_str!("../../../templates/js/make.js"),
    include_str!("../../../templates/js/snippets/python.js"),
    include_str!("../../../templates/js/snippets/program.js"),
    include_str!("../../../templates/js/snippets/numpy.js"),
    include_str!("../../../templates/js/snippets/library.js"),
    include_str!("../../../templates/js/snippets/pytorch.js"),
    include_str!("../../../templates/js/snippets/jax.js"),
    include_str!("../../../templates/js/snippets/keras.js"),
    include_str!("../../../templates/js/snippets/optax.js"),
    include_str!("../../../templates/js/snippets/programs.js"),
    include_str!("../../../templates/js/notice.js"),
    include_str!("../../../templates/js/charts/save.js"),
    include_str!("../../../templates/js/saved.js"),
    include_str!("../../../templates/js/making.js"),
    include_str!("../../../templates/js/charts/plot.js"),
    include_str!("../../../templates/js/charts/series.js"),
    include_str!("../../../templates/js/charts/frame.js"),
    include_str!("../../../templates/js/charts/zoom.js"),
    include_str!("../../../templates/js/charts/chart.js"),
    include_str!("../../../templates/js/charts/problem.js"),
    include_str!("../../../templates/js/told.js"),
    include_str!("../../../templates/js/charts/lines.js"),
    include_str!("../../../templates/js/charts/way.js"),
    include_str!("../../../templates/js/charts/fit.js"),
    include_str!("../../../templates/js/charts/table.js"),
    include_str!("../../../templates/js/charts/figure.js"),
    include_str!("../../../templates/js/charts/figures.js"),
    include_str!("../../../templates/js/charts/page.js"),
    include_str!("../../../templates/js/controls.js"),
    include_str!("../../../templates/js/math.js"),
    include_str!("../../../templates/js/latex.js"),
    include_str!("../../../templates/js/stage.js"),
    include_str!("../../../templates/js/explorer.js"),
    include_str!("../../../templates/js/parts.js"),
    include_str!("../../../templates/js/rows.js"),
    include_str!("../../../templates/js/circuit.js"),
    include_str!("../../../templates/js/split.js"),
    include_str!("../../../templates/js/remembered.js"),
    include_str!("../../../templates/js/check.js"),
    include_str!("../../../templates/js/limits.js"),
    include_str!("../../../templates/js/results.js"),
    include_str!("../../../templates/js/contents.js"),
];

/// What a sweep's page knows, its parts, and what puts them in their places.
const SWEEP: &str = include_str!("../../../templates/js/sweep.js");
const SWEPT: &str = include_str!("../../../templates/js/swept.js");
const SWEEP_PARTS: [&str; 17] = [
    include_str!("../../../templates/js/notice.js"),
    include_str!("../../../templates/js/charts/save.js"),
    include_str!("../../../templates/js/charts/plot.js"),
    include_str!("../../../templates/js/charts/series.js"),
    include_str!("../../../templates/js/charts/frame.js"),
    include_str!("../../../templates/js/charts/zoom.js"),
    include_str!("../../../templates/js/charts/chart.js"),
    include_str!("../../../templates/js/charts/problem.js"),
    include_str!("../../../templates/js/told.js"),
    include_str!("../../../templates/js/charts/lines.js"),
    include_str!("../../../templates/js/charts/way.js"),
    include_str!("../../../templates/js/charts/fit.js"),
    include_str!("../../../templates/js/charts/table.js"),
    include_str!("../../../templates/js/charts/figures.js"),
    include_str!("../../../templates/js/charts/figure.js"),
    include_str!("../../../templates/js/charts/heat.js"),
    include_str!("../../../templates/js/opened.js"),
];

/// What a page has that computes no run, but has sections with cursors: its charts, and what is drawn
/// of a comparison and of derivatives.
const CURSOR: &str = include_str!("../../../templates/js/cursor.js");
const CURSOR_PARTS: [&str; 9] = [
    include_str!("../../../templates/js/charts/save.js"),
    include_str!("../../../templates/js/charts/plot.js"),
    include_str!("../../../templates/js/charts/frame.js"),
    include_str!("../../../templates/js/charts/zoom.js"),
    include_str!("../../../templates/js/charts/chart.js"),
    include_str!("../../../templates/js/charts/lines.js"),
    include_str!("../../../templates/js/charts/table.js"),
    include_str!("../../../templates/js/charts/figure.js"),
    include_str!("../../../templates/js/contents.js"),
];
const COMPARISON_PARTS: [&str; 4] = [
    include_str!("../../../templates/js/charts/places.js"),
    include_str!("../../../templates/js/network.js"),
    include_str!("../../../templates/js/compared.js"),
    include_str!("../../../templates/js/trained.js"),
];
const DERIVATIVES_PARTS: [&str; 3] = [
    include_str!("../../../templates/js/slider.js"),
    include_str!("../../../templates/js/slices.js"),
    include_str!("../../../templates/js/derived.js"),
];
/// What closes the scope of such a page.
const DRAWN: &str = include_str!("../../../templates/js/drawn.js");

/// The script of a page.
pub struct Script(String);

/// The script without what only its authors read: comments on lines of their own, and indents. No
/// literal goes over several lines, which a test holds.
fn stripped(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.filter(|line| !line.is_empty()).fold(String::new(), |text, line| text + line + "\n")
}

/// Each of the parts with names of its own.
fn blocks(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("{{\n{part}}}\n")).collect()
}

impl Script {
    /// The whole script with the functions that are `printed` for the page.
    pub fn new(printed: &Printed) -> Self {
        Script::of(printed, &format!("{CORE}{}{START}", blocks(&PARTS)))
    }

    /// The script of a sweep's page, with those that its runs are computed by.
    pub fn of_sweep(printed: &Printed) -> Self {
        Script::of(printed, &format!("{SWEEP}{}{SWEPT}", blocks(&SWEEP_PARTS)))
    }

    fn of(printed: &Printed, page: &str) -> Self {
        let printed = printed.script();
        let engine = format!("{SCOPE}{{\n{ARITHMETIC}{printed}{}}}\n", ENGINE.concat());
        Script(format!("{}{D3}{}", stripped(&engine), stripped(&format!("{ELEMENTS}{page}"))))
    }

    /// The script of a comparison's page.
    pub fn of_comparison() -> Self {
        Script::of_sections(SCOPE, &COMPARISON_PARTS)
    }

    /// The script of the page of derivatives with the functions that are `printed` for it.
    pub fn of_derivatives(printed: &str) -> Self {
        let opened = format!("{SCOPE}{{\n{ARITHMETIC}{printed}}}\n");
        Script::of_sections(&opened, &DERIVATIVES_PARTS)
    }

    /// The script of a page of sections, in a scope that is `opened`.
    fn of_sections(opened: &str, own: &[&str]) -> Self {
        let page = format!("{ELEMENTS}{CURSOR}{}{}{DRAWN}", blocks(&CURSOR_PARTS), blocks(own));
        Script(format!("{}{D3}{}", stripped(opened), stripped(&page)))
    }

    /// The text, as it stands in the page.
    pub fn text(&self) -> Markup {
        Markup::trusted(self.0.clone())
    }

    /// What the security policy says of scripts: `'sha256-...'`.
    pub fn source(&self) -> String {
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_comments_and_indents_is_left_out() {
        let text = "// A comment.\nconst a = 1; // Kept.\n\n  b();\n";
        assert_eq!(stripped(text), "const a = 1; // Kept.\nb();\n");
        let own = [
            [SCOPE, ARITHMETIC, ELEMENTS, CORE, START, SWEEP, SWEPT].concat(),
            ENGINE.concat(),
            PARTS.concat(),
            SWEEP_PARTS.concat(),
            [CURSOR, DRAWN].concat(),
            CURSOR_PARTS.concat(),
            COMPARISON_PARTS.concat(),
            DERIVATIVES_PARTS.concat(),
        ]
        .concat();
        for line in own.lines() {
            assert_eq!(line.matches('`').count() % 2, 0, "a literal over several lines: {line}");
        }
    }
}
