//! What a reader checks: formulas as Python mean what they mean here, every optimizer has its
//! programs, and the numbers beside them and in the notes are the engine's.
//!
//! That the programs print these numbers is checked end to end: `tests/e2e/yourself.py`.

mod common;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use gdtrace::circuit::{Loss, Model};
use gdtrace::data::Data;
use gdtrace::error::Result;
use gdtrace::export::html;
use gdtrace::export::xlsx::Host;
use gdtrace::formula::{
    Expr, FUNCTIONS, Function, Name, Operator, Python, evaluate, parse, python,
};
use gdtrace::optimizer::{self, Definition, Product, Setup, Training, registry};
use gdtrace::trace::{self, Block, Outcome, Plan, Results, Sink};
use gdtrace::value::Value;

struct Nobody;

impl Sink for Nobody {
    fn block(&mut self, _: &Block) -> Result<()> {
        Ok(())
    }
}

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

const NAMES: [(&str, f64); 3] = [("p", 2.5), ("q", -1.25), ("r", 0.375)];

fn value_of(name: &Name) -> Value {
    let known = NAMES.iter().find(|(id, _)| *id == name.id);
    Value::number(known.map_or(0.0, |(_, value)| *value))
}

/// NumPy's functions by Python's own, so that a test needs no more than Python.
const PRELUDE: &str = "\
import math, sys
class np:
    sqrt, exp, log, log10, sin, cos, tan, tanh = (math.sqrt, math.exp, math.log, math.log10,
        math.sin, math.cos, math.tan, math.tanh)
    abs, floor, minimum, maximum, pi = abs, math.floor, min, max, math.pi
    mod = lambda u, v: u % v
    sign = lambda u: (u > 0) - (u < 0)
p, q, r = 2.5, -1.25, 0.375
for line in sys.stdin:
    try:
        result = eval(line)
        print('none' if isinstance(result, complex) else float(result))
    except (ArithmeticError, ValueError, TypeError):
        print('none')
";

/// What Python makes of each line, `none` where that is no real number; `None` where there is no
/// Python.
fn ask_python(lines: &[String]) -> Option<Vec<String>> {
    let mut asked = Command::new("python3")
        .args(["-c", PRELUDE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let text = lines.join("\n") + "\n";
    let mut input = asked.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = asked.wait_with_output().unwrap();
    assert!(output.status.success(), "Python stopped before the last line");
    writer.join().unwrap().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    Some(printed.lines().map(str::to_owned).collect())
}

/// Random trees, the same each time: a generator of its own is enough to draw from a few choices.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn tree(&mut self, depth: u64) -> Expr {
        const SIGNS: [Operator; 5] = [
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
            Operator::Power,
        ];
        let kind = if depth == 0 { self.below(2) } else { self.below(9) };
        match kind {
            0 => Expr::Number([0.5, 1.0, 2.0, 3.0, 1e-3, 12.75][self.below(6) as usize]),
            1 => Expr::Name(Name::here(NAMES[self.below(3) as usize].0)),
            2 => Expr::Negate(Box::new(self.tree(depth - 1))),
            3 => {
                let function: &'static Function =
                    &FUNCTIONS[self.below(FUNCTIONS.len() as u64) as usize];
                let arguments = (0..function.arity).map(|_| self.tree(depth - 1)).collect();
                Expr::Call(function, arguments)
            }
            4 => {
                let parts = [(); 4].map(|()| self.tree(depth - 1));
                let choice = parse("if(p <= q, q, r)").unwrap();
                let mut parts = parts.into_iter();
                let replaced = choice.substitute(&mut |_| parts.next().ok_or(()));
                replaced.unwrap()
            }
            _ => {
                let operator = SIGNS[self.below(5) as usize];
                self.tree(depth - 1).binary(operator, self.tree(depth - 1))
            }
        }
    }
}

#[test]
fn python_computes_the_same_numbers() {
    let mut draw = Draw(1);
    let trees: Vec<Expr> = (0..5000).map(|_| draw.tree(5)).collect();
    let lines: Vec<String> =
        trees.iter().map(|tree| python(tree, Python::NumPy, &|name| name.id.clone())).collect();
    let Some(printed) = ask_python(&lines) else {
        eprintln!("there is no python3: not checked");
        return;
    };
    assert_eq!(printed.len(), trees.len());
    let mut compared = 0;
    for ((tree, line), printed) in trees.iter().zip(&lines).zip(&printed) {
        let (Ok(ours), Ok(theirs)) = (evaluate(tree, &value_of).get(), printed.parse::<f64>())
        else {
            continue;
        };
        if !theirs.is_finite() {
            continue;
        }
        compared += 1;
        // What cancels shows the last digit of the functions' libraries: compare to a scale too.
        let scale = ours.abs().max(theirs.abs()).max(1.0);
        let is_near = (ours - theirs).abs() <= 1e-9 * scale;
        assert!(is_near, "{tree}: {line} gives {theirs}, not {ours}");
    }
    assert!(compared > 2500, "{compared}");
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
            let value = |name: &str| definition.hyperparameter(name).unwrap().default;
            let made = library.expression(&value).unwrap();
            assert!(!made.contains(['{', '}']), "{made}");
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
    assert_eq!(
        library.expression(&|name| if name == "lr" { 0.5 } else { 0.25 }).unwrap(),
        "torch.optim.SGD(weights, lr=0.5 * (1 - 0.25), momentum=0.25, nesterov=True)"
    );
    assert_eq!(library.expression(&|_| 0.0), None);
}

#[test]
fn every_optimizer_has_programs_and_the_numbers_of_its_run_beside_them() {
    let labels: Vec<String> = all().map(Definition::label).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let (results, page) = page(&labels, 3);
    for (index, run) in results.runs.iter().enumerate() {
        let name = &run.sheet.name;
        let id = match name.contains(' ') {
            true => format!("yourself-number-{index}"),
            false => format!("yourself-{name}"),
        };
        let part = part(&page, &id);
        assert!(part.contains("data-with=\"NumPy\""), "{name}");
        let library = run.definition.libraries.first();
        let with = library.map(|one| format!("data-with=\"{}\"", one.product.title()));
        assert!(with.is_none_or(|with| part.contains(&with)), "{name}");
        for epoch in [0, 2] {
            let epoch = &run.outcome.epochs[epoch];
            // All of them are of a size that Python prints without a power of ten.
            let weights: Vec<String> = epoch.weights.iter().map(Value::to_string).collect();
            let line = format!("{} {}", epoch.epoch, weights.join(" "));
            assert!(part.contains(&line), "{name}: {line}");
        }
    }
}

#[test]
fn a_program_has_what_the_run_has() {
    let training = Training { l2: Some(0.25), epochs: 2, ..Training::default() };
    let data = common::walkthrough();
    let setup = Setup { training, ..Setup::new(&[1.0, 1.0], data.samples()) };
    let adam = optimizer::find("adam").unwrap();
    let stamped = optimizer::stamp(adam, &Model::line().unwrap(), &setup).unwrap();
    let plan = Plan::new(2).shuffled(data.samples(), 7);
    let first: Vec<String> = plan.order.as_ref().unwrap()[..5].iter().map(u32::to_string).collect();
    let results = Results::compute(vec![stamped], data, plan, &mut Nobody).unwrap();
    let page = html::page(&results, &Host::separate(), "book.trace.xlsx").unwrap();
    let part = part(&page, "yourself-adam");
    for text in [
        "optimizer = torch.optim.Adam(weights, lr=0.5, betas=(0.9, 0.999), eps=1e-8)",
        ".mean() + 0.25 / (2 * n) * (a**2 + b**2)",
        "l2 = np.float64(0.25)",
        "for seen in range(2):",
    ] {
        assert!(part.contains(text), "{text}");
    }
    assert!(part.contains(&first.join(", ")) || !part.contains("order = ["));
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

#[test]
fn many_samples_are_read_from_the_workbook() {
    let x: Vec<f64> = (0..300).map(f64::from).map(|x| x / 10.0).collect();
    let y = x.iter().map(|x| 2.0 * x + 30.0).collect();
    let data = common::data(vec![("x", x), ("y", y)]);
    let results = results(&["adam"], data, &Model::line().unwrap(), 2);
    let page = html::page(&results, &Host::separate(), "a \"b\".xlsx").unwrap();
    let part = part(&page, "yourself-adam");
    assert!(part.contains("load_workbook(&quot;a \\&quot;b\\&quot;.xlsx&quot;, data_only=True)"));
    assert!(!part.contains("29.9"));
}
