//! The page's script, and its hash for the security policy, which lets nothing else run.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::markup::Markup;

/// What charts are drawn with (d3), made by templates/js/vendor/bundle.sh.
const D3: &str = include_str!("../../../templates/js/vendor/d3.js");

/// What opens the scope that all parts share, and what closes it.
const CORE: &str = include_str!("../../../templates/js/core.js");
const START: &str = include_str!("../../../templates/js/start.js");

/// The parts between, each with names of its own.
const PARTS: [&str; 14] = [
    include_str!("../../../templates/js/charts/plot.js"),
    include_str!("../../../templates/js/charts/series.js"),
    include_str!("../../../templates/js/charts/frame.js"),
    include_str!("../../../templates/js/charts/chart.js"),
    include_str!("../../../templates/js/charts/problem.js"),
    include_str!("../../../templates/js/charts/lines.js"),
    include_str!("../../../templates/js/charts/way.js"),
    include_str!("../../../templates/js/charts/fit.js"),
    include_str!("../../../templates/js/charts/table.js"),
    include_str!("../../../templates/js/charts/figures.js"),
    include_str!("../../../templates/js/charts/page.js"),
    include_str!("../../../templates/js/explorer.js"),
    include_str!("../../../templates/js/parts.js"),
    include_str!("../../../templates/js/contents.js"),
];

/// The whole script.
pub fn script() -> Markup {
    Markup::trusted(whole())
}

fn whole() -> String {
    format!("{D3}{CORE}{}{START}", PARTS.map(|part| format!("{{\n{part}}}\n")).concat())
}

/// What the security policy says of scripts: `'sha256-...'`.
pub fn source() -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(whole())))
}
