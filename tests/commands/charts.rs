//! What the report has of its charts before its script draws them: questions, captions, and what
//! the script is told. What it draws is looked at in a browser (tests/e2e/charts.py).

use crate::common;
use std::collections::BTreeMap;

use gdtrace::circuit::{Loss, Model};
use gdtrace::data::Data;
use gdtrace::export::html;
use gdtrace::export::xlsx::Host;
use gdtrace::optimizer::{self, Setup};
use gdtrace::trace::{Nobody, Plan, Results};

fn results(data: Data, model: &Model, names: &[&str], rates: &[(&str, f64)]) -> Results {
    let sheet = |name: &&str| {
        let definition = optimizer::find(name).unwrap();
        let rate = rates.iter().find(|(one, _)| one == name).map(|(_, lr)| ("lr".to_owned(), *lr));
        let hyper: BTreeMap<String, f64> = rate.into_iter().collect();
        let start = vec![1.0; model.weights.len()];
        let setup = Setup { hyper, ..Setup::new(&start, data.samples()) };
        (definition.clone(), optimizer::sheet(definition, model, &setup).unwrap())
    };
    let sheets = names.iter().map(sheet).collect();
    Results::compute(sheets, data, Plan::new(10), &mut Nobody).unwrap()
}

const FOUR: [&str; 4] = ["sgd", "momentum", "rmsprop", "adam"];

fn walkthrough(rates: &[(&str, f64)]) -> (Results, String) {
    let results = results(common::walkthrough(), &Model::line().unwrap(), &FOUR, rates);
    let page = html::page(&results, &Host::separate(), "graddes.trace.xlsx").unwrap();
    (results, page)
}

fn page_of(model: &str) -> String {
    let (formula, _) = Model::read(model).unwrap();
    let model = Model::new(formula, Loss::squared().unwrap(), &["x", "y"]).unwrap();
    let names = ["rmsprop", "adam"];
    html::page(&results(common::walkthrough(), &model, &names, &[]), &Host::separate(), "w.xlsx")
        .unwrap()
}

/// The part of `page` about the chart with the given id.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("<h2 id=\"{id}\">")).unwrap_or_else(|| panic!("no {id}"));
    &page[start..start + page[start..].find("</section>").unwrap()]
}

/// What the page's script is given of the charts.
fn problem(page: &str) -> serde_json::Value {
    let store = page.split("id=\"gd-store\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str::<serde_json::Value>(store).unwrap()["problem"].take()
}

#[test]
fn every_chart_has_a_question_and_a_caption_and_stands_in_the_contents() {
    let (_, page) = walkthrough(&[]);
    let charts = [
        ("loss", "How does the loss fall, step by step?", "the last 29 samples"),
        ("rmse", "Which optimizer gets there first?", "epoch 0 has the start weights"),
        ("way", "Which way do the weights take?", "the same RMSE over all samples"),
        ("fit", "What does the line look like before and after?", "the exact least-squares line"),
        ("memory", "What do the optimizers remember?", "all over the same axis of steps"),
        (
            "rates",
            "How large is each weight’s step per unit of gradient?",
            "plain gradient descent moves by its learning rate times the gradient, so its line is level.",
        ),
    ];
    for (id, question, told) in charts {
        let section = section(&page, id);
        assert!(section.contains(&format!(">{question}</h2>")), "{id}");
        assert!(page.contains(&format!("<li><a href=\"#{id}\">")), "{id} in the contents");
        assert!(
            section.contains(&format!("<figure class=\"chart\" data-figure=\"{id}\">")),
            "{id}"
        );
        assert!(section.contains(told), "{id}: {section}");
    }
    assert!(page.len() < 1_000_000, "{}", page.len());
}

#[test]
fn the_script_is_told_the_problem() {
    let (_, page) = walkthrough(&[]);
    let problem = problem(&page);
    assert_eq!(problem["weights"], serde_json::json!(["a", "b"]));
    assert_eq!(problem["data"], serde_json::json!(["x", "y"]));
    assert_eq!(problem["titles"]["weights"][0], "a, in y per x");
    assert_eq!((&problem["quadratic"], &problem["squared"]), (&true.into(), &true.into()));
}

#[test]
fn models_with_one_or_many_weights_have_a_way_too() {
    assert!(section(&page_of("a*x"), "way").contains("Which way does the weight take?"));
    let many = page_of("a*x + b + c*sqrt(x)");
    assert!(section(&many, "way").contains("data-figure=\"way\""));
    assert_eq!(problem(&many)["quadratic"], false);
    assert_eq!(problem(&page_of("exp(a*x/100) + b"))["quadratic"], false);
}

#[test]
fn one_sample_determines_no_line() {
    let mut data = common::walkthrough();
    for column in &mut data.columns {
        column.values.truncate(1);
    }
    let results = results(data, &Model::line().unwrap(), &FOUR, &[]);
    let page = html::page(&results, &Host::separate(), "one.trace.xlsx").unwrap();
    assert!(section(&page, "summary").contains("; one sample determines no line."));
    assert!(!section(&page, "fit").contains("exact least-squares line"));
    assert_eq!(problem(&page)["exact"], serde_json::Value::Null);
}
