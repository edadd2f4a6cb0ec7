//! The report: what is on the page, that it is what the trace has, and that nothing on it can do
//! harm.

use crate::common;
use std::collections::BTreeMap;

use gdtrace::circuit::Model;
use gdtrace::data::Data;
use gdtrace::export::html;
use gdtrace::export::xlsx::Host;
use gdtrace::optimizer::{self, Setup};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{Nobody, Plan, Results};

const WORKBOOK: &str = "graddes.trace.xlsx";

const HOSTILE: &str = "<script>alert(1)</script>\"'&";

/// The walkthrough's data, as if read from a file in a folder.
fn data() -> Data {
    Data {
        file: "some/folder/graddes.xlsx".into(),
        range: "A2:B30".into(),
        ..common::walkthrough()
    }
}

fn sheet(name: &str, lr: Option<f64>, samples: usize) -> Sheet {
    let hyper: BTreeMap<String, f64> = lr.map(|lr| ("lr".to_owned(), lr)).into_iter().collect();
    let definition = optimizer::find(name).unwrap();
    let setup = Setup { hyper, ..Setup::new(&[1.0, 1.0], samples) };
    optimizer::sheet(definition, &Model::line().unwrap(), &setup).unwrap()
}

/// The results of all optimizers, with other learning rates for some.
fn results(data: Data, epochs: usize, rates: &[(&str, f64)]) -> Results {
    let rate = |name: &str| rates.iter().find(|(one, _)| *one == name).map(|(_, lr)| *lr);
    let sheets = ["sgd", "momentum", "rmsprop", "adam"].map(|name| {
        let definition = optimizer::find(name).unwrap().clone();
        (definition, sheet(name, rate(name), data.samples()))
    });
    Results::compute(sheets.into(), data, Plan::new(epochs), &mut Nobody).unwrap()
}

fn page(results: &Results) -> String {
    html::page(results, &Host::separate(), WORKBOOK).unwrap()
}

/// What stands in the page's scripts, the stored numbers first.
fn scripts(page: &str) -> Vec<&str> {
    let starts = page.split("<script").skip(1);
    starts.map(|rest| rest.split_once('>').unwrap().1.split("</script>").next().unwrap()).collect()
}

/// The page without its scripts.
fn without_scripts(page: &str) -> String {
    let mut out = page.to_owned();
    for script in scripts(page) {
        out = out.replace(script, "");
    }
    for start in ["<script>", "<script type=\"application/json\" id=\"gd-store\">"] {
        out = out.replace(&format!("{start}</script>"), "");
    }
    out
}

/// The part of `page` from the element with the given id to the end of its section.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("<h2 id=\"{id}\">")).unwrap_or_else(|| panic!("no {id}"));
    let end = page[start..].find("</section>").unwrap();
    &page[start..start + end]
}

#[test]
fn every_section_is_there_and_filled() {
    let page = page(&results(data(), 10, &[]));
    assert!(page.starts_with("<!doctype html>"));
    assert!(page.contains("<title>Gradient descent on y = a·x + b</title>"));
    let summary = section(&page, "summary");
    for text in ["graddes.xlsx, sheet data, cells A2:B30", "a = 1, b = 1", "Adam is closest"] {
        assert!(summary.contains(text), "{text}");
    }
    assert!(!page.contains("some/folder"));
    assert_eq!(section(&page, "forward").matches("<math display=\"block\">").count(), 5);
    for (name, formulas) in [("sgd", 1), ("momentum", 2), ("rmsprop", 2), ("adam", 5)] {
        let section = section(&page, &format!("optimizer-{name}"));
        assert_eq!(section.matches("<math display=\"block\">").count(), formulas, "{name}");
    }
}

#[test]
fn the_results_are_those_of_the_trace() {
    let results = results(data(), 10, &[]);
    let page = page(&results);
    for run in &results.runs {
        let last = run.outcome.last().unwrap();
        for value in last.weights.iter().chain([&last.rmse, &last.online_rmse]) {
            assert!(page.contains(&format!(" title=\"{value}\"")), "{value}");
        }
    }
}

#[test]
fn what_looks_into_a_step_is_left_to_the_script_and_the_page_says_so() {
    let page = without_scripts(&page(&results(data(), 10, &[])));
    let sections = ["rows", "circuit", "split", "remembered", "check", "limits"];
    for id in sections {
        let start = format!("<section aria-labelledby=\"{id}\" class=\"follows needs-script\">");
        assert!(page.contains(&start), "{id}");
        assert!(page.contains(&format!("<div id=\"{id}-content\" class=\"part\"></div>")), "{id}");
    }
    // What stays empty is not shown, and a line says what is missing.
    assert_eq!(page.matches("<li class=\"needs-script\">").count(), sections.len() + 1);
    assert!(page.contains("html:not(.scripted) .needs-script { display: none; }"));
    let told = "<noscript><p class=\"note\">Charts, and all that looks into single steps, are made by this page’s script";
    assert!(page.contains(told));
}

#[test]
fn every_column_has_its_formula_in_the_workbook_and_its_words() {
    let results = results(data(), 2, &[]);
    let page = page(&results);
    let store: serde_json::Value = serde_json::from_str(scripts(&page)[0]).unwrap();
    for (run, sheet) in results.runs.iter().zip(store["sheets"].as_array().unwrap()) {
        let formulas = sheet["formulas"].as_array().unwrap();
        assert_eq!(formulas.len(), run.sheet.columns.len());
        assert!(formulas.iter().all(|one| one.as_str().unwrap().starts_with('=')));
    }
    let gradient = &store["sheets"][0]["formulas"][14];
    assert_eq!(gradient, "=2*D{row}*I{row}");
    let columns = store["program"]["frame_columns"].as_array().unwrap();
    let gradient = columns.iter().find(|one| one["id"] == "de_da").unwrap();
    assert_eq!((&gradient["symbol"], &gradient["group"]), (&"∂e/∂a".into(), &"gradient".into()));
}

#[test]
fn a_run_that_diverges_is_told_and_shown() {
    let results = results(data(), 10, &[("sgd", 0.01)]);
    let page = page(&results);
    let warning = results.runs[0].warning.as_ref().unwrap();
    assert!(section(&page, "summary").contains(warning.split(':').next().unwrap()));
    assert!(section(&page, "summary").contains(">#NUM!<"));
    let sgd = section(&page, "optimizer-sgd");
    assert!(sgd.contains("<strong>Warning:</strong> sgd diverged"));
    assert!(!section(&page, "optimizer-adam").contains("#NUM!"));
    let page = without_scripts(&page);
    assert!(!page.contains("NaN") && !page.contains("inf<"));
}

#[test]
fn names_from_outside_are_escaped() {
    let mut data = data();
    data.file = format!("{HOSTILE}.xlsx").replace('/', "\\").into();
    data.sheet = HOSTILE.into();
    data.range = HOSTILE.into();
    let mut results = results(data, 2, &[("sgd", 0.01)]);
    for run in &mut results.runs {
        run.sheet.name = HOSTILE.into();
        run.sheet.title = HOSTILE.into();
        run.warning = Some(HOSTILE.into());
        for column in &mut run.sheet.columns {
            column.header = HOSTILE.into();
            column.symbol = HOSTILE.into();
            column.meaning = HOSTILE.into();
        }
        for input in &mut run.sheet.inputs {
            input.symbol = HOSTILE.into();
            input.meaning = HOSTILE.into();
        }
    }
    let page = html::page(&results, &Host::separate(), HOSTILE).unwrap();
    let [store, script] = &scripts(&page)[..] else { panic!("a name opens a script") };
    assert!(!script.contains("alert"), "a name is code");
    let store: serde_json::Value = serde_json::from_str(store).unwrap();
    assert_eq!(store["sheets"][0]["name"], HOSTILE);
    let page = without_scripts(&page);
    let lower = page.to_lowercase();
    assert!(!lower.contains("<script") && !lower.contains("&amp;lt;"), "{page}");
    assert!(!page.contains("\"'&"), "an attribute may be left");
    assert!(page.contains("href=\"./%3Cscript%3Ealert%281%29"));
}

#[test]
fn the_page_loads_nothing_and_runs_only_its_own_script() {
    let page = page(&results(data(), 2, &[]));
    let start = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                 script-src 'sha256-";
    let end = "='; worker-src blob:; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">";
    assert!(page.contains(start) && page.contains(end));
    let scripts = scripts(&page);
    assert_eq!(scripts.len(), 2);
    for text in
        ["fetch", "XMLHttpRequest", "import(", "eval(", "innerHTML", "document.write", "://"]
    {
        // What svg and its like are called looks like an address, and is none.
        let used = scripts[1].replace("http://www.w3.org/", "").contains(text);
        assert!(!used, "the script uses {text}");
    }
    let page = without_scripts(&page);
    for text in ["http:", "https:", "<script", "@import", " src=", " onclick", "javascript:"] {
        assert!(!page.contains(text), "{text}");
    }
    for (at, _) in page.match_indices("url(") {
        assert!(page[at..].starts_with("url(#"), "{}", &page[at..at + 40]);
    }
    for (at, _) in page.match_indices("href=\"") {
        let address = &page[at + 6..];
        assert!(
            ["#", "data:,", "./graddes"].iter().any(|start| address.starts_with(start)),
            "{}",
            &address[..40]
        );
    }
}

#[test]
fn every_link_within_the_page_leads_somewhere_and_ids_are_unique() {
    let page = page(&results(data(), 2, &[("sgd", 0.01)]));
    for (at, _) in page.match_indices("href=\"#") {
        let id = page[at + 7..].split('"').next().unwrap();
        assert!(page.contains(&format!(" id=\"{id}\"")), "{id}");
    }
    let ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let results = results(data(), 3, &[]);
    assert_eq!(page(&results), page(&results));
}

#[test]
fn one_sample_and_one_step_are_enough() {
    let mut one = data();
    for column in &mut one.columns {
        column.values.truncate(1);
        column.cells.truncate(1);
    }
    let page = page(&results(one, 1, &[]));
    let summary = section(&page, "summary");
    assert!(summary.contains("After 1 epoch, ") && summary.contains("#DIV/0!"));
}

#[test]
fn a_long_run_stays_a_small_page() {
    // The numbers that it stores are bounded; those of a hundred times as many steps take no more.
    let page = page(&results(data(), 1000, &[]));
    assert!(page.len() < 3_000_000, "{}", page.len());
    assert!(page.contains("29\u{202f}000 per optimizer"));
}
