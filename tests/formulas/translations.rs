//! What definitions claim about settings that give the same steps, held against the steps.

use crate::common;
use std::collections::BTreeMap;

use gdtrace::circuit::Model;
use gdtrace::formula::{Expr, Name, evaluate};
use gdtrace::optimizer::{
    Agreement, Decay, Definition, Setup, Training, Translation, decay_forms, registry, sheet,
};
use gdtrace::trace::{self, Block, MEASURED_SAMPLES, Plan, Sink, measure};
use gdtrace::value::Value;

/// Weights that are further apart than this do not differ by rounding.
const APART: f64 = 1e-9;

type Values = BTreeMap<String, f64>;

/// The definitions with the names of their forms, `None` for the textbook form.
fn forms(definition: &Definition) -> Vec<Option<&str>> {
    let variants = definition.variants.iter().map(|one| one.variant.as_deref());
    [None].into_iter().chain(variants).collect()
}

/// Calls `check` for every pair of forms of every optimizer.
fn each_pair(check: impl Fn(&Definition, &Definition, &Translation)) {
    let mut pairs = 0;
    for textbook in registry().unwrap().definitions() {
        for from in forms(textbook) {
            for to in forms(textbook).into_iter().filter(|to| *to != from) {
                let ends = [from, to].map(|name| textbook.form(name).unwrap());
                let way = textbook.translation(from, to);
                let label = ends.map(Definition::label).join(" to ");
                let way = way.unwrap_or_else(|| panic!("nothing is said about {label}"));
                check(ends[0], ends[1], &way);
                pairs += 1;
            }
        }
    }
    assert!(pairs >= 80, "{pairs}");
}

/// The defaults of `source`, changed so that all conditions hold, which are `NAME = NUMBER`.
fn values(source: &Definition, way: &Translation, eps: Option<f64>) -> Values {
    let mut values: Values =
        source.hyper.iter().map(|one| (one.name.clone(), one.default)).collect();
    for condition in &way.when {
        let Expr::Number(number) = condition.right else { panic!("{condition}") };
        values.insert(condition.left.to_string(), number);
    }
    if let (Some(eps), true) = (eps, values.contains_key("eps")) {
        values.insert("eps".into(), eps);
    }
    values
}

fn with_n(values: &Values) -> Values {
    let n = [("n".to_owned(), MEASURED_SAMPLES as f64)];
    values.clone().into_iter().chain(n).collect()
}

fn difference(source: &Definition, target: &Definition, way: &Translation, values: &Values) -> f64 {
    let settings = way.values(&with_n(values));
    for hyper in &target.hyper {
        assert!(hyper.range.contains(settings[&hyper.name]), "{}: {}", target.label(), hyper.name);
    }
    let measured = measure((source, values), (target, &settings)).unwrap();
    assert_eq!(measured.steps, 1000, "{} to {}", source.label(), target.label());
    measured.difference
}

#[test]
fn exact_translations_take_the_same_steps_and_no_others_do() {
    each_pair(|source, target, way| {
        let label = format!("{} to {}", source.label(), target.label());
        let usual = difference(source, target, way, &values(source, way, None));
        let large_eps = difference(source, target, way, &values(source, way, Some(1e-3)));
        match way.agreement {
            Agreement::Exact => assert!(usual <= 1e-12 && large_eps <= 1e-12, "{label}: {usual}"),
            Agreement::Near => {
                assert!(usual < 1e-4 && large_eps > APART, "{label}: {usual} {large_eps}");
            }
            _ => assert!(large_eps > APART, "{label}: {large_eps}"),
        }
    });
}

#[test]
fn where_a_condition_is_broken_the_steps_differ() {
    each_pair(|source, target, way| {
        for condition in &way.when {
            let mut values = values(source, way, None);
            values.insert(condition.left.to_string(), 0.5);
            assert_eq!(way.broken(&values), [condition]);
            let apart = difference(source, target, way, &values);
            assert!(apart > APART, "{} to {}: {condition}", source.label(), target.label());
        }
    });
}

/// The first row of a trace.
#[derive(Default)]
struct First(Vec<Value>);

impl Sink for First {
    fn block(&mut self, block: &Block) -> gdtrace::error::Result<()> {
        if block.first_row == 1 {
            self.0 = block.columns.iter().map(|column| column[0]).collect();
        }
        Ok(())
    }
}

/// The first step of the weight a from 1, and the value of `formula` over the columns there.
fn first_step(
    definition: &Definition,
    values: &Values,
    formula: Option<&Expr<Name>>,
) -> (f64, f64) {
    let data = common::walkthrough();
    let setup = Setup { hyper: values.clone(), ..Setup::new(&[1.0, 1.0], data.samples()) };
    let sheet = sheet(definition, &Model::line().unwrap(), &setup).unwrap();
    let mut first = First::default();
    trace::run(&sheet, &data, &Plan::new(1), &mut [&mut first]).unwrap();
    let look_up = |name: &Name| match (values.get(&name.id), name.id.as_str()) {
        (Some(value), _) => Value::number(*value),
        (None, "t") => Value::number(1.0),
        (None, id) => first.0[sheet.column(&format!("{id}_a")).unwrap()],
    };
    let bound = formula.map_or(0.0, |formula| evaluate(formula, &look_up).get().unwrap());
    (first.0[sheet.weights[0].next].get().unwrap() - 1.0, bound)
}

#[test]
fn a_step_differs_by_no_more_than_is_said() {
    each_pair(|source, target, way| {
        let Some(bound) = &way.difference else { return };
        for eps in [1e-8, 1e-3, 1.0, 100.0, 1e4] {
            let values = values(source, way, Some(eps));
            let (one, bound) = first_step(source, &values, Some(bound));
            let (other, _) = first_step(target, &way.values(&with_n(&values)), None);
            let apart = (one - other).abs() / one.abs().max(other.abs());
            let label = format!("{} to {} with eps {eps}", source.label(), target.label());
            assert!(apart <= bound + 1e-12, "{label}: {apart} above {bound}");
        }
    });
}

#[test]
fn penalty_and_decay_are_the_same_for_plain_gradient_descent_alone() {
    for definition in registry().unwrap().definitions() {
        for to in Decay::ALL {
            let Ok((source, target, way)) = decay_forms(definition, to) else {
                assert!(definition.hyperparameter("decay").is_some(), "{}", definition.name);
                continue;
            };
            let apart = difference(&source, &target, &way, &values(&source, &way, None));
            let expected = definition.name == "sgd";
            assert_eq!(way.agreement == Agreement::Exact, expected, "{}", definition.name);
            assert_eq!(apart <= 1e-12, expected, "{}: {apart}", definition.name);
        }
    }
}

#[test]
fn penalty_and_decay_are_what_a_run_has() {
    let data = common::walkthrough();
    let last = |definition: &Definition, values: &[(&str, f64)], training: Training| {
        let hyper = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let setup = Setup { hyper, training, ..Setup::new(&[1.0, 1.0], data.samples()) };
        let sheet = sheet(definition, &Model::line().unwrap(), &setup).unwrap();
        let outcome = trace::run(&sheet, &data, &Plan::new(5), &mut []).unwrap();
        outcome.last().unwrap().weights.iter().map(|one| one.get().unwrap()).collect::<Vec<f64>>()
    };
    for name in ["sgd", "momentum", "adam"] {
        let definition = registry().unwrap().find(name).unwrap();
        let (penalized, shrinking, _) = decay_forms(definition, Decay::Decoupled).unwrap();
        let plain = Training { epochs: 5, ..Training::default() };
        let l2 = Training { l2: Some(2.0), ..plain.clone() };
        let decay = Training { weight_decay: Some(0.07), ..plain.clone() };
        for (form, value, training) in
            [(penalized, ("lambda", 2.0), l2), (shrinking, ("weight_decay", 0.07), decay)]
        {
            let own = last(&form, &[value], plain.clone());
            let run = last(definition, &[], training);
            for (own, run) in own.iter().zip(&run) {
                assert!((own - run).abs() <= 1e-12 * own.abs(), "{}: {own} {run}", form.label());
            }
        }
    }
}

#[test]
fn translations_between_variants_go_through_the_textbook_form() {
    let nadam = registry().unwrap().find("momentum").unwrap();
    let text = |from, to| {
        let way = nadam.translation(from, to).unwrap();
        let settings = way.settings.iter().map(|(name, formula)| format!("{name} = {formula}"));
        settings.collect::<Vec<String>>()
    };
    assert_eq!(text(None, Some("keras")), ["lr = lr*(1 - beta)", "beta = beta"]);
    assert_eq!(text(Some("keras"), None), ["lr = lr/(1 - beta)", "beta = beta"]);
    assert_eq!(text(Some("pytorch"), Some("keras")), ["lr = lr", "beta = beta"]);
}
