//! Every optimizer and variant: against the libraries' numbers, and that all of it can be shown.

use std::collections::BTreeMap;

use crate::common::{data, golden, walkthrough};
use gdtrace::circuit::{Loss, Model};
use gdtrace::error::Result;
use gdtrace::formula::{
    Expr, Name, evaluate, excel, latex, latex_symbol, mathml, parse, symbol, text,
};
use gdtrace::optimizer::{self, Batch, Definition, Schedule, Setup, Training, registry};
use gdtrace::trace::{self, Block, Plan, Sink};
use gdtrace::value::{Value, number_text};
use serde_json::Value as Json;

/// What must be there, in this order.
const OPTIMIZERS: &str = "sgd momentum nesterov optimistic asgd schedule_free adagrad adadelta rmsprop \
    adafactor sm3 ftrl adam amsgrad adamw adamax adamaxw nadam nadamw radam adabelief yogi adan \
    ademamix eve sign_sgd rprop lion lars lamb fromage novograd polyak_sgd dog";
const VARIANTS: &str = "momentum:pytorch momentum:keras nesterov:pytorch nesterov:keras rprop:optax \
    rmsprop:pytorch rmsprop:keras rmsprop:optax rmsprop:centered rmsprop:walkthrough rmsprop:momentum \
    rmsprop:centered-momentum rmsprop:keras-momentum rmsprop:keras-centered \
    rmsprop:keras-centered-momentum adafactor:pytorch \
    adagrad:pytorch adagrad:keras adadelta:pytorch adadelta:keras adam:pytorch adam:keras adam:optax \
    adam:notes adam:walkthrough amsgrad:pytorch amsgrad:optax amsgrad:keras adamw:pytorch adamw:keras \
    adamw:optax adamax:pytorch adamax:keras nadam:pytorch nadam:keras nadam:optax radam:pytorch \
    lion:optax lion:keras eve:walkthrough";

/// All definitions, each followed by its variants.
fn all() -> impl Iterator<Item = &'static Definition> {
    let definitions = registry().unwrap().definitions().iter();
    definitions.flat_map(|one| [one].into_iter().chain(&one.variants))
}

/// Keeps the new weights of every step.
#[derive(Default)]
struct NewWeights {
    columns: Vec<usize>,
    steps: Vec<Vec<f64>>,
}

impl Sink for NewWeights {
    fn block(&mut self, block: &Block) -> Result<()> {
        let row = |row: usize| -> Vec<f64> {
            self.columns.iter().map(|&column| block.columns[column][row].get().unwrap()).collect()
        };
        self.steps.extend((0..block.rows()).map(row));
        Ok(())
    }
}

/// The largest difference of the case's weights from gdtrace's, relative to max(1, |number|).
fn largest_difference(definition: &Definition, case: &Json) -> f64 {
    let hyper: BTreeMap<String, f64> = serde_json::from_value(case["hyper"].clone()).unwrap();
    let known: Vec<&str> = definition.hyper.iter().map(|one| one.name.as_str()).collect();
    for name in hyper.keys() {
        // Where a variant starts from is a hyperparameter that the libraries may not have.
        assert!(known.contains(&name.as_str()), "{} has no {name}", definition.label());
    }
    let model = Model::line().unwrap();
    let option = |name: &str| case["options"][name].as_f64();
    let (l2, weight_decay) = (option("l2"), option("weight_decay"));
    let training = Training { l2, weight_decay, ..Training::default() };
    let setup = Setup { hyper, training, ..Setup::new(&[1.0, 1.0], 29) };
    let sheet = optimizer::sheet(definition, &model, &setup).unwrap();
    let columns = sheet.weights.iter().map(|weight| weight.next).collect();
    let mut found = NewWeights { columns, steps: Vec::new() };
    let epochs: Vec<Vec<f64>> = serde_json::from_value(case["epochs"].clone()).unwrap();
    let steps: Vec<Vec<f64>> = serde_json::from_value(case["steps"].clone()).unwrap();
    let outcome =
        trace::run(&sheet, &walkthrough(), &Plan::new(epochs.len()), &mut [&mut found]).unwrap();
    let ends = outcome.epochs.iter().map(|epoch| {
        let weights = epoch.weights.iter().map(|one| one.get().unwrap());
        weights.collect::<Vec<f64>>()
    });
    assert_eq!((steps.len(), outcome.epochs.len()), (29, epochs.len()));
    let found = found.steps.into_iter().take(steps.len()).chain(ends).flatten();
    let pairs = found.zip(steps.iter().chain(&epochs).flatten());
    pairs.fold(0.0, |largest, (found, expected)| {
        let difference = (found - expected).abs() / expected.abs().max(1.0);
        // A comparison that fails for NaN as well.
        if difference <= largest { largest } else { difference }
    })
}

#[test]
fn every_optimizer_and_variant_computes_what_the_libraries_do() {
    let golden = golden("optimizers");
    let cases = golden["cases"].as_array().unwrap();
    for definition in all() {
        let is_its = |case: &&Json| {
            case["optimizer"] == definition.name
                && case["variant"] == definition.variant.as_deref().unwrap_or_default()
        };
        let differences: Vec<f64> =
            cases.iter().filter(is_its).map(|case| largest_difference(definition, case)).collect();
        assert!(!differences.is_empty(), "{} has no golden numbers", definition.label());
        let largest = differences.iter().copied().fold(0.0, f64::max);
        println!("{:20} {largest:.1e}", definition.label());
        assert!(differences.iter().all(|one| *one <= 1e-12), "{}", definition.label());
    }
    for case in cases {
        let label = match case["variant"].as_str().unwrap() {
            "" => case["optimizer"].as_str().unwrap().to_owned(),
            variant => format!("{}:{variant}", case["optimizer"].as_str().unwrap()),
        };
        optimizer::find(&label).unwrap();
    }
}

#[test]
fn the_promised_optimizers_and_variants_are_there() {
    let names: Vec<&str> =
        registry().unwrap().definitions().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, OPTIMIZERS.split_whitespace().collect::<Vec<_>>());
    for label in VARIANTS.split_whitespace() {
        optimizer::find(label).unwrap();
    }
}

/// Whether what is opened in `text` is closed in its order.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    let all_closed = text.chars().all(|c| match c {
        '(' | '{' | '[' => {
            open.push(c);
            true
        }
        ')' => open.pop() == Some('('),
        '}' => open.pop() == Some('{'),
        ']' => open.pop() == Some('['),
        _ => true,
    });
    all_closed && open.is_empty()
}

/// Whether every element in `markup` is closed in its order.
fn has_balanced_tags(markup: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let all_closed = markup.split('<').skip(1).all(|part| {
        let tag = part.split('>').next().unwrap();
        match tag.strip_prefix('/') {
            Some(name) => open.pop() == Some(name),
            None => {
                open.push(tag.split(' ').next().unwrap());
                true
            }
        }
    });
    all_closed && open.is_empty()
}

/// Holds every face of `formula`.
fn check_faces(formula: &Expr<Name>, whose: &str) {
    let name = |name: &Name| name.to_string();
    let formulas = [
        ("excel", excel(formula, &|_| "A1".into())),
        ("text", text(formula, &name)),
        ("latex", latex(formula, &|one: &Name| latex_symbol(&one.id)).replace("\\{", "")),
    ];
    for (face, shown) in formulas {
        // LaTeX closes the brace of cases with an invisible one.
        let shown = shown.replace("\\right.", "");
        assert!(!shown.is_empty() && is_balanced(&shown), "{whose}, {face}: {shown}");
    }
    let set = mathml(formula, &|one| symbol(&one.id));
    assert!(!set.is_empty() && has_balanced_tags(&set), "{whose}, mathml: {set}");
    assert_eq!(parse(&formula.to_string()).as_ref(), Ok(formula), "{whose}");
}

#[test]
fn all_of_a_definition_can_be_shown() {
    for definition in all() {
        let label = definition.label();
        let texts = [&definition.title, &definition.summary, &definition.source];
        let hyper = definition.hyper.iter();
        let hyper = hyper.flat_map(|one| [&one.symbol, &one.meaning, &one.source]);
        let columns = definition.columns.iter().chain([&definition.update]);
        let said = columns.clone().flat_map(|one| [&one.header, &one.symbol, &one.meaning]);
        for line in texts.into_iter().chain(hyper).chain(said) {
            let is_a_line = !line.trim().is_empty() && !line.contains('\n');
            assert!(is_a_line && line.chars().all(|c| c != '"'), "{label}: {line}");
        }
        assert_eq!(definition.note.is_empty(), definition.variant.is_none(), "{label}");
        assert!(definition.hyperparameter("lr").is_some(), "{label} has no learning rate");
        for hyper in &definition.hyper {
            assert!(hyper.range.contains(hyper.default), "{label} {}", hyper.name);
            assert!(has_balanced_tags(&symbol(&hyper.symbol)), "{label} {}", hyper.symbol);
        }
        for column in columns {
            assert!(has_balanced_tags(&symbol(&column.symbol)), "{label} {}", column.symbol);
            check_faces(&column.formula, &format!("{label} {}", column.id));
        }
    }
}

#[test]
fn a_variant_changes_something() {
    for definition in registry().unwrap().definitions() {
        let defaults = |one: &Definition| -> Vec<(String, f64)> {
            one.hyper.iter().map(|hyper| (hyper.name.clone(), hyper.default)).collect()
        };
        for variant in &definition.variants {
            let same = variant.rule() == definition.rule()
                && defaults(variant) == defaults(definition)
                && variant.columns == definition.columns;
            assert!(!same, "{}", variant.label());
        }
    }
}

#[test]
fn every_optimizer_goes_with_every_way_to_train() {
    let model = Model::line().unwrap();
    for definition in all() {
        // Annealing looks at S, which not all have.
        let has_s = definition.columns.iter().any(|column| column.id == "S");
        for schedule in ["cosine", if has_s { "annealing" } else { "1cycle" }] {
            let training = Training {
                batch: Batch::Of(8),
                shuffle: Some(1),
                l2: Some(0.1),
                weight_decay: Some(0.1),
                clip: Some(100.0),
                schedule: Schedule::read(schedule).unwrap(),
                epochs: 2,
                ..Training::default()
            };
            let setup = Setup { training, ..Setup::new(&[1.0, 1.0], 29) };
            let sheet = optimizer::sheet(definition, &model, &setup);
            let sheet = sheet.unwrap_or_else(|error| panic!("{}: {error}", definition.label()));
            let mut headers: Vec<&str> =
                sheet.columns.iter().map(|column| column.header.as_str()).collect();
            headers.sort_unstable();
            headers.dedup();
            assert_eq!(headers.len(), sheet.columns.len(), "{}", definition.label());
        }
    }
}

/// How far from the bottom of a parabola the weight is after many steps that start at 1.
fn distance_after(definition: &Definition, hyper: &BTreeMap<String, f64>) -> f64 {
    let (formula, _) = Model::read("w*x").unwrap();
    let model = Model::new(formula, Loss::squared().unwrap(), &["x"]).unwrap();
    let setup = Setup { hyper: hyper.clone(), ..Setup::new(&[1.0], 1) };
    let sheet = optimizer::sheet(definition, &model, &setup).unwrap();
    let samples = data(vec![("x", vec![3.0]), ("y", vec![0.0])]);
    let outcome = trace::run(&sheet, &samples, &Plan::new(3000), &mut []).unwrap();
    // A number that left the range of a cell is as far as can be.
    outcome.epochs.last().unwrap().weights[0].get().map_or(f64::INFINITY, f64::abs)
}

#[test]
fn the_largest_learning_rate_parts_stable_from_unstable() {
    // The second derivative of (3*w)^2.
    let curvature = 18.0;
    let mut held = 0;
    for definition in all() {
        let Some(largest) = &definition.largest_lr else { continue };
        for (beta, dampening) in [(0.0, 0.0), (0.5, 0.0), (0.9, 0.0), (0.8, 0.4)] {
            let mut hyper = BTreeMap::from([("beta", beta), ("dampening", dampening)]);
            hyper.retain(|name, _| definition.hyperparameter(name).is_some());
            let value = |name: &Name| Value::number(*hyper.get(&*name.id).unwrap_or(&curvature));
            let largest = evaluate(largest, &value).get().unwrap();
            let distance = |factor: f64| {
                let mut hyper: BTreeMap<String, f64> =
                    hyper.iter().map(|(name, value)| (name.to_string(), *value)).collect();
                hyper.insert("lr".into(), factor * largest);
                distance_after(definition, &hyper)
            };
            let (below, above) = (distance(0.98), distance(1.02));
            let of = format!("{} with beta {}", definition.label(), number_text(beta));
            assert!(below < 1e-3, "{of}: {below} after steps below {largest}");
            assert!(above > 1e3, "{of}: {above} after steps above {largest}");
            held += 1;
        }
    }
    assert_eq!(held, 7 * 4);
}

#[test]
fn suspicious_settings_are_those_that_are_meant() {
    let told = |label: &str, set: &[(&str, f64)]| {
        let definition = optimizer::find(label).unwrap();
        let value = |name: &str| {
            let set = set.iter().find(|(one, _)| *one == name).map(|(_, value)| *value);
            set.unwrap_or_else(|| definition.hyperparameter(name).unwrap().default)
        };
        let applies = definition.suspicions.iter().filter(|one| one.applies(&value));
        applies.map(|one| one.text.as_str()).collect::<Vec<_>>().join("; ")
    };
    for definition in all() {
        // The notes' Adam is the one whose own defaults are odd.
        let is_odd = !told(&definition.label(), &[]).is_empty();
        assert_eq!(is_odd, definition.label() == "adam:notes", "{}", definition.label());
    }
    for (label, set, word) in [
        ("adam", ("beta1", 0.9999), "beta1 is above"),
        ("adam:walkthrough", ("beta1", 0.95), "beta1 is above"),
        ("adam:keras", ("eps", 0.0), "where S is 0"),
        ("rmsprop", ("eps", 0.0), "where S is 0"),
        ("adagrad:keras", ("eps", 0.0), "where G is 0"),
        ("adadelta", ("eps", 0.0), "every later one"),
        ("radam", ("beta2", 0.6), "no step is ever scaled"),
        ("adamw", ("decay", 5.0), "takes the whole weight"),
        ("lion", ("decay", 100.0), "takes the whole weight"),
        ("eve", ("k", 10.0), "counts the same"),
    ] {
        assert!(told(label, &[set]).contains(word), "{label} {set:?}");
    }
}
