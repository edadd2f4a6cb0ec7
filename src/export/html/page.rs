//! Filling in templates: those of all pages, which share what they have in common.

use serde::Serialize;
use tera::{Context, Tera};

use crate::error::{Error, Result};

/// The templates; those called .html escape what they are given.
const TEMPLATES: [(&str, &str); 19] = [
    ("cell.html", include_str!("../../../templates/cell.html")),
    ("chain.html", include_str!("../../../templates/chain.html")),
    ("chart.html", include_str!("../../../templates/chart.html")),
    ("compare.html", include_str!("../../../templates/compare.html")),
    ("derive.html", include_str!("../../../templates/derive.html")),
    ("explorer.html", include_str!("../../../templates/explorer.html")),
    ("findings.html", include_str!("../../../templates/findings.html")),
    ("formulas.html", include_str!("../../../templates/formulas.html")),
    ("gates.html", include_str!("../../../templates/gates.html")),
    ("head.html", include_str!("../../../templates/head.html")),
    ("matrix.html", include_str!("../../../templates/matrix.html")),
    ("notes.html", include_str!("../../../templates/notes.html")),
    ("optimizer.html", include_str!("../../../templates/optimizer.html")),
    ("parts.html", include_str!("../../../templates/parts.html")),
    ("report.html", include_str!("../../../templates/report.html")),
    ("summary.html", include_str!("../../../templates/summary.html")),
    ("sweep.html", include_str!("../../../templates/sweep.html")),
    ("training.html", include_str!("../../../templates/training.html")),
    ("yourself.html", include_str!("../../../templates/yourself.html")),
];

/// The template called `name` with the values of `page`.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn render(name: &str, page: &impl Serialize) -> Result<String> {
    let failed = |error: tera::Error| Error::new(format!("cannot write the report: {error}"));
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    tera.add_raw_templates(TEMPLATES).map_err(failed)?;
    let context = Context::from_serialize(page).map_err(failed)?;
    tera.render(name, &context).map_err(failed)
}
