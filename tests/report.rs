//! The report: what is on the page, that it is what the trace has, and that nothing on it can do
//! harm.

mod common;

use std::collections::BTreeMap;

use gdtrace::circuit::Model;
use gdtrace::data::Data;
use gdtrace::error::Result;
use gdtrace::export::html;
use gdtrace::export::xlsx::Host;
use gdtrace::optimizer::{self, Setup};
use gdtrace::sheet::Sheet;
use gdtrace::trace::{self, Block, Plan, Results, Sink};
use gdtrace::value::Value;

const WORKBOOK: &str = "graddes.trace.xlsx";

const HOSTILE: &str = "<script>alert(1)</script>\"'&";

struct Nobody;

impl Sink for Nobody {
    fn block(&mut self, _: &Block) -> Result<()> {
        Ok(())
    }
}

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
        assert_eq!(section.matches("class=\"stick\">").count(), 1 + 6 + 1 + 3, "{name}");
        assert!(section.contains("282 steps between"));
    }
}

/// Keeps every value of a few steps.
struct Keep {
    steps: Vec<usize>,
    values: Vec<Value>,
}

impl Sink for Keep {
    fn block(&mut self, block: &Block) -> Result<()> {
        for step in self.steps.iter().filter(|&&step| step >= block.first_row) {
            let row = step - block.first_row;
            self.values.extend(block.columns.iter().filter_map(|column| column.get(row)));
        }
        Ok(())
    }
}

#[test]
fn the_numbers_are_those_of_the_trace() {
    let results = results(data(), 10, &[]);
    let page = page(&results);
    for run in &results.runs {
        let section = section(&page, &format!("optimizer-{}", run.sheet.name));
        let mut kept = Keep { steps: vec![1, 2, 3, 4, 5, 288, 289, 290], values: Vec::new() };
        trace::run(&run.sheet, &results.data, &Plan::new(10), &mut [&mut kept]).unwrap();
        assert_eq!(kept.values.len(), 8 * run.sheet.columns.len());
        for value in kept.values {
            let shortened = section.contains(&format!(" title=\"{value}\""));
            let whole = section.contains(&format!(">{value}<").replace('-', "−"));
            assert!(shortened || whole || is_written_in_full(section, value), "{value}");
        }
        let last = run.outcome.last().unwrap();
        for value in last.weights.iter().chain([&last.rmse, &last.online_rmse]) {
            assert!(page.contains(&format!(" title=\"{value}\"")), "{value}");
        }
    }
}

#[test]
fn the_explorer_has_the_first_row_without_the_script() {
    let results = results(data(), 10, &[]);
    let page = page(&results);
    let explorer = section(&page, "explorer");
    let (shown, templates) = explorer.split_once("<template>").unwrap();
    assert_eq!(templates.matches("<div class=\"stage\">").count(), 3);
    let sheet = &results.runs[0].sheet;
    let mut kept = Keep { steps: vec![1], values: Vec::new() };
    trace::run(sheet, &results.data, &Plan::new(1), &mut [&mut kept]).unwrap();
    let lines: Vec<&str> = shown.split("<li class=\"line").skip(1).collect();
    assert_eq!(lines.len(), sheet.columns.len());
    for ((line, value), column) in lines.iter().zip(kept.values).zip(&sheet.columns) {
        let told = format!("<span class=\"result\" title=\"{value}\" data-full=\"{value}\">");
        assert!(line.contains(&told), "{}: {line}", column.header);
        let header = column.header.replace('/', "&#x2F;");
        let names = [&column.header, &header].map(|name| format!("class=\"header\">{name}<"));
        assert!(names.iter().any(|name| line.contains(name)), "{}: {line}", column.header);
        assert!(!line.contains("></mn>"), "a number is missing: {line}");
        assert!(line.contains("<code>="), "{line}");
    }
    // The gradient along a in the first step, with its symbols, its numbers and its cell.
    assert!(shown.contains(">−1204<") && shown.contains("<code>=2*D14*I14</code>"), "{shown}");
    assert_eq!(shown.matches("<details>").count(), 1);
}

/// Whether a short number such as -43 stands in a cell with zeros behind its point.
fn is_written_in_full(section: &str, value: Value) -> bool {
    let text = value.to_string().replace('-', "−");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    section.split(&format!(">{whole}<span class=\"f")).skip(1).any(|rest| {
        let shown = rest.split(['>', '<']).nth(1).unwrap_or_default();
        shown.trim_start_matches('.').trim_end_matches('0') == fraction
    })
}

#[test]
fn a_run_that_diverges_is_told_and_shown() {
    let results = results(data(), 10, &[("sgd", 0.01)]);
    let page = page(&results);
    let warning = results.runs[0].warning.as_ref().unwrap();
    assert!(section(&page, "summary").contains(warning.split(':').next().unwrap()));
    assert!(section(&page, "summary").contains(">#NUM!<"));
    let sgd = section(&page, "optimizer-sgd");
    assert!(sgd.contains(">#NUM!<") && sgd.contains("<strong>Warning:</strong> sgd diverged"));
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
    let sgd = section(&page, "optimizer-sgd");
    assert!(sgd.contains("All steps") && !sgd.contains("between, in the workbook"));
}

#[test]
fn a_long_run_stays_a_small_page() {
    // The numbers that it stores are bounded; those of a hundred times as many steps take no more.
    let page = page(&results(data(), 1000, &[]));
    assert!(page.len() < 3_000_000, "{}", page.len());
    assert!(page.contains("29\u{202f}000 per optimizer"));
}
