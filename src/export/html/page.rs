//! Filling in templates: those of all pages, which share what they have in common.

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use super::comparison::{marked, plain, size};
use super::markup::Markup;
use super::numbers::{brief, things};
use super::script::Script;
use crate::error::{Error, Result};
use crate::export::palette;
use crate::value::{listed, number_text, sentence};

/// What all pages look like.
const STYLE: &str = concat!(
    include_str!("../../../templates/report.css"),
    include_str!("../../../templates/charts.css")
);

/// The templates; those called .html escape what they are given.
const TEMPLATES: [(&str, &str); 21] = [
    ("cell.html", include_str!("../../../templates/cell.html")),
    ("chain.html", include_str!("../../../templates/chain.html")),
    ("chart.html", include_str!("../../../templates/chart.html")),
    ("compare.html", include_str!("../../../templates/compare.html")),
    ("derive.html", include_str!("../../../templates/derive.html")),
    ("explorer.html", include_str!("../../../templates/explorer.html")),
    ("figures.html", include_str!("../../../templates/figures.html")),
    ("findings.html", include_str!("../../../templates/findings.html")),
    ("formulas.html", include_str!("../../../templates/formulas.html")),
    ("gates.html", include_str!("../../../templates/gates.html")),
    ("head.html", include_str!("../../../templates/head.html")),
    ("lead.html", include_str!("../../../templates/lead.html")),
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

/// The page that the template called `name` makes of what is `shown`: with a style of its own besides that of all pages, so
/// many colours of runs, and a script with what that knows.
///
/// # Errors
/// A mistake in a template, which a test excludes.
pub fn render(
    name: &str,
    (style, runs): (&str, usize),
    (script, known): (&Script, &impl Serialize),
    shown: &impl Serialize,
) -> Result<String> {
    let failed = |error: tera::Error| Error::new(format!("cannot write the report: {error}"));
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    register(&mut tera);
    tera.add_raw_templates(TEMPLATES).map_err(failed)?;
    let mut context = Context::from_serialize(shown).map_err(failed)?;
    context.insert("version", env!("CARGO_PKG_VERSION"));
    context.insert("style", &format!("{STYLE}{style}{}", colours(runs)));
    context.insert("store", &Markup::json(known)?);
    context.insert("script", &script.text());
    // What the security policy says of scripts.
    context.insert("script_source", &script.source());
    tera.render(name, &context).map_err(failed)
}

/// The filters by which templates show numbers and words.
fn register(tera: &mut Tera) {
    tera.register_filter("brief", |value: Value, _: Kwargs, _: &State| match value.as_f64() {
        Some(number) => brief(crate::value::Value::number(number)),
        // An error value, or none.
        None => value.as_str().unwrap_or_default().to_owned(),
    });
    tera.register_filter("exactly", |number: f64, _: Kwargs, _: &State| number_text(number));
    tera.register_filter("plain", |number: f64, _: Kwargs, _: &State| plain(number));
    tera.register_filter("size", |number: f64, _: Kwargs, _: &State| size(number));
    tera.register_filter("count", |count: usize, _: Kwargs, _: &State| {
        super::numbers::count(count)
    });
    let counted = |count: usize, given: Kwargs, _: &State| -> TeraResult<String> {
        Ok(things(count, given.must_get("thing")?))
    };
    tera.register_filter("counted", counted);
    let marked = |formula: &str, given: Kwargs, _: &State| -> TeraResult<String> {
        Ok(marked(formula, given.must_get::<Value>("beside")?.as_str()))
    };
    tera.register_filter("marked", marked);
    tera.register_filter("sentence", |text: &str, _: Kwargs, _: &State| sentence(text));
    tera.register_filter("listed", |names: Vec<String>, _: Kwargs, _: &State| listed(&names));
}

/// The colours of so many runs, as style rules: those of the workbook on white, lighter ones on a
/// dark page.
fn colours(runs: usize) -> String {
    let rules = |shade: fn(u32) -> u32| -> String {
        (0..runs)
            .map(|run| format!(".run-{run}{{--run:#{:06x}}}\n", shade(palette::colour(run))))
            .collect()
    };
    let (light, dark) = (rules(|colour| colour), rules(on_dark));
    format!("{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n")
}

/// The colour as it is seen well on a dark page: a little lighter, and black as a light grey.
fn on_dark(colour: u32) -> u32 {
    palette::tint(colour, if colour == 0 { 0.2 } else { 0.8 })
}
