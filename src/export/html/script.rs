//! The page's script, and its hash for the security policy, which lets nothing else run.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::engine::Printed;
use super::markup::Markup;

/// What charts are drawn with (d3), and the pages' own modules, both made by templates/js/vendor/bundle.sh.
const D3: &str = include_str!("../../../templates/js/vendor/d3.js");
const MODULES: &str = include_str!("../../../templates/js/minified.js");

/// What stands before the path of each module.
const MARK: &str = "//@ ";

/// What a page's script begins and ends with: all is in one scope.
const OPENED: &str = "\"use strict\";\n(() => {\nconst gd = {};\n";
const CLOSED: &str = "})();\n";

/// What a cell holds: the functions that are printed for the page are over it.
const ARITHMETIC: &str = "arithmetic";

/// The engine, which knows no page.
const ENGINE: [&str; 9] =
    ["random", "layout", "summary", "trace", "settings", "engine", "trees", "slopes", "worker"];

/// How numbers are shown, and shorthands for elements.
const ELEMENTS: &str = "elements";

/// Charts, with all that is done to one.
const CHARTS: [&str; 8] = [
    "charts/save",
    "charts/plot",
    "charts/frame",
    "charts/zoom",
    "charts/chart",
    "charts/lines",
    "charts/table",
    "charts/figure",
];

/// The charts of runs, and what there is to notice of them.
const CHARTS_OF_RUNS: [&str; 7] = [
    "notice",
    "charts/series",
    "charts/problem",
    "told",
    "charts/way",
    "charts/fit",
    "charts/figures",
];

/// The parts of a run's page, each with names of its own, between what they share and what starts them.
const RUN: [&str; 30] = [
    "api",
    "player",
    "slider",
    "make",
    "snippets/python",
    "snippets/program",
    "snippets/numpy",
    "snippets/library",
    "snippets/pytorch",
    "snippets/jax",
    "snippets/keras",
    "snippets/optax",
    "snippets/programs",
    "saved",
    "making",
    "charts/page",
    "controls",
    "math",
    "latex",
    "stage",
    "explorer",
    "parts",
    "rows",
    "circuit",
    "split",
    "remembered",
    "check",
    "limits",
    "results",
    "contents",
];

/// Those of a sweep's page.
const SWEEP: [&str; 2] = ["charts/heat", "opened"];

/// Those of a comparison's page.
const COMPARISON: [&str; 5] = ["charts/places", "network", "compared", "trained", "contents"];

/// Those of the page of derivatives.
const DERIVATIVES: [&str; 4] = ["slider", "slices", "derived", "contents"];

/// The script of a page.
pub struct Script(String);

/// The modules with these names.
fn modules(names: &[&str]) -> String {
    names.iter().map(|name| module(name)).collect()
}

fn module(name: &str) -> &'static str {
    let marked = MODULES.split(MARK).find_map(|one| {
        let (path, code) = one.split_once('\n')?;
        (path.strip_suffix(".js") == Some(name)).then_some(code)
    });
    marked.unwrap_or_else(|| unreachable!("minified.js has no {name}"))
}

/// The engine with the functions that are `printed` for a page, with names of its own.
fn engine(printed: &str) -> String {
    format!("{{\n{}{printed}{}}}\n", module(ARITHMETIC), modules(&ENGINE))
}

impl Script {
    /// The whole script with the functions that are `printed` for the page.
    pub fn new(printed: &Printed) -> Self {
        Script::of(&engine(&printed.script()), "core", &[&CHARTS_OF_RUNS, &RUN], "start")
    }

    /// The script of a sweep's page, with those that its runs are computed by.
    pub fn of_sweep(printed: &Printed) -> Self {
        Script::of(&engine(&printed.script()), "sweep", &[&CHARTS_OF_RUNS, &SWEEP], "swept")
    }

    /// The script of a comparison's page.
    pub fn of_comparison() -> Self {
        Script::of("", "cursor", &[&COMPARISON], "drawn")
    }

    /// The script of the page of derivatives with the functions that are `printed` for it.
    pub fn of_derivatives(printed: &str) -> Self {
        let computed = format!("{{\n{}{printed}}}\n", module(ARITHMETIC));
        Script::of(&computed, "cursor", &[&DERIVATIVES], "drawn")
    }

    /// What computes, what the parts share, the charts and other parts, and what comes when they are there.
    fn of(computed: &str, shared: &str, parts: &[&[&str]], last: &str) -> Self {
        let parts: String = parts.iter().map(|names| modules(names)).collect();
        let (page, charts) = (modules(&[ELEMENTS, shared]), modules(&CHARTS));
        Script(format!("{OPENED}{computed}{D3}{page}{charts}{parts}{}{CLOSED}", module(last)))
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
    use crate::export::fingerprint::hex;
    use std::path::Path;

    use super::*;

    /// All modules under a folder, by their paths.
    fn sources(folder: &Path, under: &str, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{under}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                sources(&entry.path(), &format!("{name}/"), found);
            } else if name.ends_with(".js") {
                found.push((name, std::fs::read_to_string(entry.path()).unwrap()));
            }
        }
    }

    #[test]
    fn what_is_minified_is_what_the_modules_are() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/js");
        let mut all = Vec::new();
        sources(&folder, "", &mut all);
        all.retain(|(path, _)| path != "minified.js" && !path.starts_with("vendor/"));
        all.sort();
        let mut hash = Sha256::new();
        for (path, source) in &all {
            hash.update(format!("{path}\n{source}"));
        }
        let hash = hex(&hash.finalize());
        let first = MODULES.lines().next().unwrap();
        assert!(first.ends_with(&hash), "run templates/js/vendor/bundle.sh: a module has changed");
    }

    #[test]
    fn every_module_stands_in_a_page() {
        let lists: [&[&str]; 7] =
            [&ENGINE, &CHARTS, &CHARTS_OF_RUNS, &RUN, &SWEEP, &COMPARISON, &DERIVATIVES];
        let shared = [ARITHMETIC, ELEMENTS, "core", "start", "sweep", "swept", "cursor", "drawn"];
        let used: Vec<&str> = lists.concat().into_iter().chain(shared).collect();
        used.iter().for_each(|name| assert!(!module(name).is_empty(), "{name}"));
        for path in MODULES.split(MARK).skip(1).filter_map(|one| one.lines().next()) {
            let name = path.strip_suffix(".js").unwrap();
            assert!(used.contains(&name), "{name} stands in no page");
        }
    }
}
