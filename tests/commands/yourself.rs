//! What a reader checks: every optimizer is told how a library makes it, and the numbers in the notes
//! are the engine's.
//!
//! That the page's programs print its numbers is checked end to end: `tests/e2e/yourself.py`.

use crate::common;
use std::collections::BTreeMap;

use gdtrace::circuit::{Loss, Model};
use gdtrace::data::Data;
use gdtrace::error::Result;
use gdtrace::export::html;
use gdtrace::export::xlsx::Host;
use gdtrace::formula::{Name, parse};
use gdtrace::optimizer::{self, Definition, Product, Setup, Training, registry};
use gdtrace::trace::{self, Block, Nobody, Outcome, Plan, Results, Sink};
use gdtrace::value::Value;

/// The results of the optimizers with these names, on `data`.
fn results(names: &[&str], data: Data, model: &Model, epochs: usize) -> Results {
    let start = vec![1.0; model.weights.len()];
    let sheets = names.iter().map(|name| {
        let definition = optimizer::find(name).unwrap();
        let setup = Setup::new(&start, data.samples());
        optimizer::stamp(definition, model, &setup).unwrap()
    });
    Results::compute(sheets.collect(), data, Plan::new(epochs), &mut Nobody).unwrap()
}

/// The report on the walkthrough's line.
fn page(names: &[&str], epochs: usize) -> (Results, String) {
    let results = results(names, common::walkthrough(), &Model::line().unwrap(), epochs);
    let page = html::page(&results, &Host::separate(), "book.trace.xlsx").unwrap();
    (results, page)
}

/// What a run of an optimizer on the walkthrough comes to.
fn outcome(definition: &Definition, hyper: &[(&str, f64)], training: Training) -> Outcome {
    let data = common::walkthrough();
    let hyper: BTreeMap<String, f64> =
        hyper.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let setup = Setup { hyper, training, ..Setup::new(&[1.0, 1.0], data.samples()) };
    let sheet = optimizer::sheet(definition, &Model::line().unwrap(), &setup).unwrap();
    trace::run(&sheet, &data, &Plan::new(10), &mut []).unwrap()
}

/// All definitions, each followed by its variants.
fn all() -> impl Iterator<Item = &'static Definition> {
    let definitions = registry().unwrap().definitions().iter();
    definitions.flat_map(|one| [one].into_iter().chain(&one.variants))
}

/// The part of `page` between the heading with the given id and the next one.
fn part<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!(" id=\"{id}\">")).unwrap_or_else(|| panic!("no {id}"));
    let rest = &page[start..];
    let end = ["<h3", "</section>"].iter().filter_map(|end| rest.find(end)).min().unwrap();
    &rest[..end]
}

fn has(part: &str, value: Value) -> bool {
    let shown = format!(">{value}<").replace('-', "−");
    part.contains(&format!(" title=\"{value}\"")) || part.contains(&shown)
}

#[test]
fn every_form_that_a_library_has_says_how_it_is_made_there() {
    let without: Vec<String> =
        all().filter(|one| one.libraries.is_empty()).map(Definition::label).collect();
    // Optax and Keras have norms layer by layer, and would take each weight for a layer of its own.
    let none = "rmsprop:walkthrough adafactor sm3 adam:walkthrough nadam eve eve:walkthrough \
                lars lamb fromage novograd polyak_sgd";
    assert_eq!(without.join(" "), none);
    for definition in all() {
        for library in &definition.libraries {
            let default =
                |name: &Name| Value::number(definition.hyperparameter(&name.id).unwrap().default);
            assert!(library.when.iter().all(|when| when.holds(&default)), "{}", definition.label());
            // Every hyperparameter has a place in it.
            for hyper in &definition.hyper {
                let place = format!("{{{}}}", hyper.name);
                assert!(library.made_with.contains(&place), "{}: {place}", definition.label());
            }
            let named = definition.variant.as_deref();
            let product = library.product.title().to_lowercase();
            let is_own = !["pytorch", "keras", "optax"].contains(&named.unwrap_or_default());
            assert!(is_own || named == Some(&product), "{}", definition.label());
        }
    }
}

#[test]
fn a_library_that_would_do_something_else_is_not_taken() {
    let definition = optimizer::find("nesterov").unwrap();
    let library = &definition.libraries[0];
    assert_eq!(library.product, Product::PyTorch);
    let holds = |beta: f64| library.when.iter().all(|when| when.holds(&|_| Value::number(beta)));
    assert!(holds(0.25) && !holds(0.0));
}

#[test]
fn the_page_knows_how_libraries_make_its_optimizers_and_stores_no_program() {
    let (_, page) = page(&["sgd", "nesterov"], 2);
    assert!(page.contains(r#"["torch.optim.SGD(weights, lr={lr})"]"#));
    let nesterov = "lr={lr} * (1 - {beta}), momentum={beta}, nesterov=True)\",[0]]";
    assert!(page.contains(nesterov) && page.contains("conditions: [(h)=>ifMore(h[1],0,1,0)"));
    assert!(!page.contains("n = np.float64(29)"));
    assert!(page.contains("<noscript><p class=\"note\">The programs are made by"));
}

#[test]
fn the_notes_numbers_are_the_engines() {
    let (results, page) = page(&["sgd", "rmsprop", "adam"], 10);
    let adam = optimizer::find("adam").unwrap();
    let plain = Training::default;
    let check = |id: &str, outcome: &Outcome| {
        let last = outcome.last().unwrap();
        for value in last.weights.iter().chain([&last.rmse]) {
            assert!(has(part(&page, id), *value), "{id}: {value}");
        }
    };
    check("notes-swapped", &results.runs[2].outcome);
    check("notes-swapped", &outcome(adam, &[("beta1", 0.999), ("beta2", 0.9)], plain()));
    let start = results.runs[0].outcome.start_rmse;
    let root = Value::number(start.raw() * 29.0_f64.sqrt());
    assert!(has(part(&page, "notes-rmse"), start) && has(part(&page, "notes-rmse"), root));
    for number in ["1849", "−1204", "−86"] {
        assert_eq!(part(&page, "notes-sign").matches(&format!(">{number}")).count(), 2, "{number}");
    }
    let over = part(&page, "notes-hand-over");
    for epoch in &results.runs[0].outcome.epochs[..2] {
        assert!(epoch.weights.iter().all(|weight| has(over, *weight)), "{epoch:?}");
    }
    let find = |name| optimizer::find(name).unwrap();
    check("notes-forms", &results.runs[1].outcome);
    check("notes-forms", &outcome(find("rmsprop:walkthrough"), &[("lr", 0.02)], plain()));
    check("notes-forms", &outcome(find("adam:walkthrough"), &[("lr", 0.5)], plain()));
    check("notes-forms", &outcome(adam, &[("beta1", 0.9), ("beta2", 0.9)], plain()));
    for name in ["sgd", "adam"] {
        let l2 = Training { l2: Some(0.1 * 29.0), ..plain() };
        check("notes-decay", &outcome(find(name), &[], l2));
        let decay = Training { weight_decay: Some(0.1), ..plain() };
        check("notes-decay", &outcome(find(name), &[], decay));
    }
}

/// The walkthrough's own first epochs: after five of its epochs the file holds these weights, which
/// `compare` finds; the note's way of losing an update is the same.
#[test]
fn the_hand_over_is_told_by_the_weights_of_the_last_row() {
    let (results, page) = page(&["sgd"], 2);
    struct LastRow(Vec<Value>);
    impl Sink for LastRow {
        fn block(&mut self, block: &Block) -> Result<()> {
            self.0 = block.columns.iter().map(|column| column[block.rows() - 1]).collect();
            Ok(())
        }
    }
    let sheet = &results.runs[0].sheet;
    let mut last = LastRow(Vec::new());
    trace::run(sheet, &results.data, &Plan::new(1), &mut [&mut last]).unwrap();
    for weight in &sheet.weights {
        assert!(has(part(&page, "notes-hand-over"), last.0[weight.current]), "{}", weight.name);
    }
}

#[test]
fn other_models_have_the_notes_that_apply() {
    let formula = parse("w1*x + w0").unwrap();
    let model = Model::new(formula, Loss::read("huber:10").unwrap(), &["x"]).unwrap();
    let results = results(&["adam"], common::walkthrough(), &model, 2);
    let page = html::page(&results, &Host::separate(), "book.trace.xlsx").unwrap();
    for id in ["notes-swapped", "notes-hand-over", "notes-forms", "notes-decay"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    for id in ["notes-rmse", "notes-sign"] {
        assert!(!page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    // A weight that is called like a hyperparameter of Adam: its notes are left out, no more.
    let formula = parse("beta1*x + w0").unwrap();
    let model = Model::new(formula, Loss::squared().unwrap(), &["x"]).unwrap();
    let results = self::results(&["sgd"], common::walkthrough(), &model, 2);
    let page = html::page(&results, &Host::separate(), "book.trace.xlsx").unwrap();
    assert!(!page.contains("id=\"notes-swapped\"") && page.contains("id=\"notes-hand-over\""));
}
