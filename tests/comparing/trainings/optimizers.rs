//! Optimizers in trainings of any layout: recognized by what their updates do with a gradient, and
//! their mistakes found. The formulas are those of papers and libraries, written out here.

use std::collections::HashMap;

use gdtrace::compare::training::{Kind, Training, Verdict};
use gdtrace::graph::Graph;

use super::book::{At, Book, address};
use super::look;

/// A rule as people write it: what it remembers of a weight, and the update. `W` is the weight, `G`
/// its gradient, `T` the number of the iteration; `$x` is a hyperparameter, `.x` that of the
/// iteration before, `x` one of the rule's own columns.
pub struct Written {
    pub name: &'static str,
    variant: Option<&'static str>,
    /// Each with its formula and, where it is remembered, what it starts from.
    columns: &'static [(&'static str, &'static str, Option<&'static str>)],
    update: &'static str,
    departures: &'static [&'static str],
}

pub const fn plain(
    name: &'static str,
    columns: &'static [(&'static str, &'static str, Option<&'static str>)],
    update: &'static str,
) -> Written {
    Written { name, variant: None, columns, update, departures: &[] }
}

const AVERAGE: (&str, &str, Option<&str>) = ("m", "$b1*.m+(1-$b1)*G", Some("0"));
const SQUARES: (&str, &str, Option<&str>) = ("s", "$b2*.s+(1-$b2)*G^2", Some("0"));

const RUDER: &[&str] =
    &["corrects the average that looks ahead with t, not t + 1 (Ruder's overview)"];

pub const RULES: &[Written] = &[
    plain("sgd", &[], "W-$lr*G"),
    Written {
        departures: &["adds an L2 penalty λ·w to the gradient"],
        ..plain("sgd", &[], "W-$lr*(G+$k*W)")
    },
    // Nielsen's form of it, and the same with the decay in a column of its own.
    Written {
        departures: &["adds an L2 penalty λ·w to the gradient"],
        ..plain("sgd", &[], "(1-$lr*$k)*W-$lr*G")
    },
    Written {
        departures: &["adds an L2 penalty λ·w to the gradient"],
        ..plain("sgd", &[("d", "W*(1-$lr*$k)", None)], "d-$lr*G")
    },
    Written {
        departures: &["clips the gradient to ±clip"],
        ..plain("sgd", &[], "W-$lr*MAX(-$k,MIN($k,G))")
    },
    Written {
        departures: &["changes the learning rate from iteration to iteration"],
        ..plain("sgd", &[], "W-$lr/(1+$k*T)*G")
    },
    plain("momentum", &[AVERAGE], "W-$lr*m"),
    Written {
        variant: Some("pytorch"),
        departures: &["adds the gradient up without the factor 1 - beta (heavy ball, no average)"],
        ..plain("momentum", &[("m", "$b1*.m+G", Some("0"))], "W-$lr*m")
    },
    Written {
        variant: Some("keras"),
        departures: &[
            "adds the gradient up without the factor 1 - beta (heavy ball, no average)",
            "has the learning rate inside the velocity",
        ],
        ..plain("momentum", &[("m", "$b1*.m-$lr*G", Some("0"))], "W+m")
    },
    plain("nesterov", &[AVERAGE], "W-$lr*($b1*m+(1-$b1)*G)"),
    plain("adagrad", &[("s", ".s+G^2", Some("0"))], "W-$lr*G/(SQRT(s)+$eps)"),
    plain("rmsprop", &[SQUARES], "W-$lr*G/(SQRT(s)+$eps)"),
    // The square in a column of its own, and β and ε typed.
    plain(
        "rmsprop",
        &[("q", "G*G", None), ("s", "0.9*.s+0.1*q", Some("0"))],
        "W-$lr*G/(SQRT(s)+0.0001)",
    ),
    Written { departures: &["has no eps"], ..plain("rmsprop", &[SQUARES], "W-$lr*G/SQRT(s)") },
    Written {
        variant: Some("keras"),
        departures: &["adds ε inside the root"],
        ..plain("rmsprop", &[SQUARES], "W-$lr*G/SQRT(s+$eps)")
    },
    plain(
        "adam",
        &[AVERAGE, SQUARES, ("mh", "m/(1-$b1^T)", None), ("sh", "s/(1-$b2^T)", None)],
        "W-$lr*mh/(SQRT(sh)+$eps)",
    ),
    plain("adam", &[AVERAGE, SQUARES], "W-$lr*(m/(1-$b1^T))/(SQRT(s/(1-$b2^T))+$eps)"),
    // The powers of β in columns of their own.
    plain(
        "adam",
        &[AVERAGE, SQUARES, ("p", ".p*$b1", Some("1")), ("r", ".r*$b2", Some("1"))],
        "W-$lr*(m/(1-p))/(SQRT(s/(1-r))+$eps)",
    ),
    Written {
        variant: Some("walkthrough"),
        departures: &["does not correct the bias of v", "does not correct the bias of S"],
        ..plain("adam", &[AVERAGE, SQUARES], "W-$lr*m/(SQRT(s)+$eps)")
    },
    plain("adamw", &[AVERAGE, SQUARES], "W-$lr*((m/(1-$b1^T))/(SQRT(s/(1-$b2^T))+$eps)+$k*W)"),
    plain("adamw", &[AVERAGE, SQUARES], "W*(1-$lr*$k)-$lr*(m/(1-$b1^T))/(SQRT(s/(1-$b2^T))+$eps)"),
    plain(
        "adadelta",
        &[
            ("s", "$b1*.s+(1-$b1)*G^2", Some("0")),
            ("u", "SQRT(.d+$eps)/SQRT(s+$eps)*G", None),
            ("d", "$b1*.d+(1-$b1)*u^2", Some("0")),
        ],
        "W-u",
    ),
    plain("amsgrad", &[AVERAGE, SQUARES, ("x", "MAX(.x,s)", Some("0"))], "W-$lr*m/(SQRT(x)+$eps)"),
    plain("adamax", &[AVERAGE, ("u", "MAX($b2*.u,ABS(G))", Some("0"))], "W-$lr/(1-$b1^T)*m/u"),
    Written {
        departures: &["does not correct the bias of the average"],
        ..plain("adamax", &[AVERAGE, ("u", "MAX($b2*.u,ABS(G))", Some("0"))], "W-$lr*m/u")
    },
    // As Ruder's overview has it, the average ahead in a column of its own and within the update.
    Written {
        variant: Some("optax"),
        departures: RUDER,
        ..plain(
            "nadam",
            &[
                AVERAGE,
                SQUARES,
                ("mh", "m/(1-$b1^T)", None),
                ("sh", "s/(1-$b2^T)", None),
                ("a", "$b1*mh+(1-$b1)*G/(1-$b1^T)", None),
            ],
            "W-$lr*a/(SQRT(sh)+$eps)",
        )
    },
    Written {
        variant: Some("optax"),
        departures: RUDER,
        ..plain(
            "nadam",
            &[AVERAGE, SQUARES, ("mh", "m/(1-$b1^T)", None)],
            "W-$lr/(SQRT(s/(1-$b2^T))+$eps)*($b1*mh+(1-$b1)*G/(1-$b1^T))",
        )
    },
    plain(
        "lion",
        &[("c", "SIGN($b1*.m+(1-$b1)*G)", None), ("m", "$b2*.m+(1-$b2)*G", Some("0"))],
        "W-$lr*c",
    ),
];

const HYPER: [(&str, &str); 6] =
    [("lr", "0.03"), ("b1", "0.8"), ("b2", "0.95"), ("eps", "0.00001"), ("k", "0.4"), ("n", "4")];

/// A model: its weights with their starts, and formulas over them, `X` and `Y`; `g` and a weight's
/// name is what its gradient is called.
pub struct Model {
    pub weights: &'static [(&'static str, &'static str)],
    pub formulas: &'static [(&'static str, &'static str)],
}

pub const MODELS: [Model; 2] = [
    Model {
        weights: &[("p", "2.5"), ("q", "-1.5")],
        formulas: &[
            ("loss", "(p-1)^2+2*(q+0.5)^2+p*q/3"),
            ("gp", "2*(p-1)+q/3"),
            ("gq", "4*(q+0.5)+p/3"),
        ],
    },
    Model {
        weights: &[("slope", "0.4"), ("shift", "0.2")],
        formulas: &[
            ("loss", "SUMPRODUCT((slope*X+shift-Y)^2)/$n"),
            ("gslope", "2*SUMPRODUCT((slope*X+shift-Y)*X)/$n"),
            ("gshift", "2*SUMPRODUCT(slope*X+shift-Y)/$n"),
        ],
    },
];

pub const ITERATIONS: usize = 7;

/// A workbook with a training, and where its columns stand.
pub struct Laid {
    pub book: Book,
    /// For each column the cells of the iterations.
    pub cells: HashMap<String, Vec<At>>,
}

impl Laid {
    /// Puts rows where columns are.
    pub fn transpose(&mut self) {
        self.book = self.book.transposed();
        self.cells.values_mut().flatten().for_each(|at| *at = (at.1, at.0));
    }
}

/// Lays a training out: a row an iteration, or a block of rows each.
pub fn laid(rule: &Written, model: &Model, is_blocks: bool) -> Laid {
    let mut names: Vec<(String, String, Option<String>)> = Vec::new();
    for (name, formula) in model.formulas {
        names.push((name.to_string(), formula.to_string(), None));
    }
    for (weight, _) in model.weights {
        let own = |text: &str| {
            words(text, |word| {
                let (before, word) = match word.strip_prefix('.') {
                    Some(word) => (".", word),
                    None => ("", word),
                };
                match word {
                    "W" => (*weight).to_owned(),
                    "G" => format!("g{weight}"),
                    _ if rule.columns.iter().any(|(name, ..)| *name == word) => {
                        format!("{before}{word}_{weight}")
                    }
                    _ => format!("{before}{word}"),
                }
            })
        };
        for (name, formula, start) in rule.columns {
            names.push((format!("{name}_{weight}"), own(formula), start.map(str::to_owned)));
        }
        names.push((format!("new_{weight}"), own(rule.update), None));
    }
    let mut book = Book::new(&["train"]);
    for (at, (name, value)) in HYPER.iter().enumerate() {
        book.set(0, (at as u32, 0), name);
        book.set(0, (at as u32, 1), value);
    }
    for (at, (x, y)) in
        [("1", "2.2"), ("2", "2.9"), ("3.5", "6.1"), ("4", "6.6")].iter().enumerate()
    {
        book.set(0, (at as u32, 3), x);
        book.set(0, (at as u32, 4), y);
    }
    let mut order = vec!["T".to_owned()];
    order.extend(model.weights.iter().map(|(weight, _)| weight.to_string()));
    order.extend(names.iter().map(|(name, ..)| name.clone()));
    let height = order.len() as u32 + 2;
    let place = |column: usize, iteration: usize| -> At {
        match is_blocks {
            true => (9 + iteration as u32 * height + column as u32, 1),
            false => (9 + iteration as u32, column as u32),
        }
    };
    let cells = |column| (0..ITERATIONS).map(|at| place(column, at)).collect::<Vec<At>>();
    let cells: HashMap<String, Vec<At>> =
        order.iter().enumerate().map(|(at, name)| (name.clone(), cells(at))).collect();
    for (name, places) in &cells {
        let headed = if is_blocks { ITERATIONS } else { 1 };
        for at in &places[..headed] {
            let label = if is_blocks { (at.0, 0) } else { (7, at.1) };
            book.set(0, label, name);
        }
    }
    for iteration in 0..ITERATIONS {
        let at = |name: &str| cells[name][iteration];
        let before = |name: &str| iteration.checked_sub(1).map(|before| cells[name][before]);
        book.set(
            0,
            at("T"),
            match before("T") {
                None => "1".to_owned(),
                Some(before) => format!("={}+1", address(before)),
            },
        );
        for (weight, start) in model.weights {
            book.set(
                0,
                at(weight),
                match before(&format!("new_{weight}")) {
                    None => start.to_string(),
                    Some(before) => format!("={}", address(before)),
                },
            );
        }
        for (name, formula, _) in &names {
            let text = words(formula, |word| match word {
                "X" => "$D$1:$D$4".to_owned(),
                "Y" => "$E$1:$E$4".to_owned(),
                _ => match (word.strip_prefix('$'), word.strip_prefix('.')) {
                    (Some(hyper), _) => {
                        let row = HYPER.iter().position(|(name, _)| *name == hyper).unwrap();
                        format!("$B${}", row + 1)
                    }
                    (_, Some(state)) => match before(state) {
                        Some(before) => address(before),
                        // Rows have a cell above them; blocks start from typed numbers.
                        None => {
                            let start = names.iter().find(|(name, ..)| name == state);
                            let start = start.and_then(|one| one.2.clone()).unwrap();
                            match is_blocks {
                                true => start,
                                false => {
                                    let above = (at(state).0 - 1, at(state).1);
                                    book.set(0, above, &start);
                                    address(above)
                                }
                            }
                        }
                    },
                    _ if cells.contains_key(word) => address(at(word)),
                    _ => word.to_owned(),
                },
            });
            book.set(0, at(name), format!("={text}"));
        }
    }
    Laid { book, cells }
}

/// A text with its words exchanged.
fn words(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match is_word(first) {
            true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        let is_number = token.starts_with(|c: char| c.is_ascii_digit());
        out += &if is_word(first) && !is_number { change(token) } else { token.to_owned() };
        rest = behind;
    }
    out
}

/// Every rule, model and layout, with what to call it.
fn all() -> impl Iterator<Item = (String, &'static Written, Laid)> {
    each(RULES)
}

/// The rules in every layout, with every model.
pub fn each(rules: &'static [Written]) -> impl Iterator<Item = (String, &'static Written, Laid)> {
    let layouts = ["rows", "columns", "blocks"];
    rules.iter().enumerate().flat_map(move |(at, rule)| {
        MODELS.iter().flat_map(move |model| {
            layouts.into_iter().map(move |layout| {
                let mut laid = laid(rule, model, layout == "blocks");
                if layout == "columns" {
                    laid.transpose();
                }
                let weight = model.weights[0].0;
                (format!("{} ({at}) of {weight} in {layout}", rule.name), rule, laid)
            })
        })
    })
}

/// Of every rule one, in turn of another model and layout.
fn some() -> impl Iterator<Item = (String, &'static Written, Laid)> {
    let each = 3 * MODELS.len();
    all().enumerate().filter(move |(at, _)| at % each == (at / each) % each).map(|(_, one)| one)
}

pub fn only(name: &str, book: &Book) -> (Graph, Training) {
    let (graph, trainings) = look(book);
    assert_eq!(trainings.trainings.len(), 1, "{name}: trainings");
    let only = trainings.trainings.into_iter().next().expect("a training");
    (graph, only)
}

#[test]
fn every_rule_is_recognized_in_every_layout() {
    let mut faults = Vec::new();
    for (name, rule, laid) in all() {
        let (graph, training) = only(&name, &laid.book);
        let optimizer = training.optimizer.clone().unwrap_or_default();
        let found = (optimizer.name.as_str(), optimizer.variant.as_deref());
        if found != (rule.name, rule.variant) || optimizer.departures != rule.departures {
            faults.push(format!("{name}: {found:?} {:?}", optimizer.departures));
        }
        let rate = training.rate.map(|id| graph.address(id));
        let rate_cell =
            if laid.book.get(0, (0, 1)) == Some("b1") { "train!A2" } else { "train!B1" };
        let has_rate =
            rule.update.contains("$lr") || rule.columns.iter().any(|one| one.1.contains("$lr"));
        if rate.as_deref() != has_rate.then_some(rate_cell) {
            faults.push(format!("{name}: learning rate {rate:?}"));
        }
        let is_verified =
            |one: &gdtrace::compare::training::Weight| one.verdict == Verdict::Verified;
        if !training.weights.iter().all(is_verified) {
            faults.push(format!("{name}: {:?}", training.weights));
        }
        for finding in &training.findings {
            faults.push(format!("{name}: {}: {}", finding.range(&graph), finding.message));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Changes a column of one weight, or of all whose names begin so, and says what is found.
pub fn with_mistake(
    laid: &Laid,
    columns: impl Fn(&str) -> bool,
    change: impl Fn(&str) -> Option<String>,
) -> Option<Book> {
    let mut book = laid.book.clone();
    let mut changed = false;
    for cells in laid.cells.iter().filter(|(name, _)| columns(name)).map(|(_, cells)| cells) {
        for at in cells {
            let new = change(laid.book.get(0, *at)?)?;
            changed = true;
            book.set(0, *at, new);
        }
    }
    changed.then_some(book)
}

/// What is not found of a mistake: the only finding, of a kind, at cells, whose proposed formula gives
/// what stood there before.
pub fn missed(
    name: &str,
    book: &Book,
    clean: &Laid,
    column: &str,
    kinds: &[Kind],
) -> Option<String> {
    let (graph, training) = only(name, book);
    let [finding] = &training.findings[..] else {
        let told =
            training.findings.iter().map(|one| format!("{}: {}", one.range(&graph), one.message));
        return Some(format!(
            "{name}: {} findings {:?}",
            training.findings.len(),
            told.collect::<Vec<_>>()
        ));
    };
    let first = graph.address(finding.cells[0]);
    let cells: Vec<String> =
        clean.cells[column].iter().map(|at| format!("train!{}", address(*at))).collect();
    if !kinds.contains(&finding.kind) || !cells.contains(&first) {
        return Some(format!("{name}: {} at {first}: {}", finding.kind.name(), finding.message));
    }
    let Some(proposed) = &finding.proposed else {
        return Some(format!("{name}: nothing proposed"));
    };
    // Written into all the cells, the formula makes the finding go; here, it gives the right number.
    let at = clean.cells[column][cells.iter().position(|one| *one == first).unwrap()];
    let mut mended = book.clone();
    mended.set(0, at, proposed);
    let value = |book: &Book| {
        let (graph, _) = look(book);
        graph.value(graph.find(&first).unwrap()).number()
    };
    let mut right = book.clone();
    right.set(0, at, clean.book.get(0, at).unwrap());
    let (found, wanted) = (value(&mended)?, value(&right)?);
    ((found - wanted).abs() > 1e-9 * wanted.abs())
        .then(|| format!("{name}: {proposed} gives {found}, not {wanted}"))
}

#[test]
fn a_gradient_with_the_wrong_sign_is_found_behind_every_rule() {
    let mut faults = Vec::new();
    for (name, _, laid) in some() {
        let gradient = if laid.cells.contains_key("gq") { "gq" } else { "gshift" };
        let negated = |formula: &str| Some(format!("=-({})", &formula[1..]));
        let book = with_mistake(&laid, |column| column == gradient, negated).expect("a gradient");
        faults.extend(missed(&name, &book, &laid, gradient, &[Kind::WrongDerivative]));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn updates_that_add_where_they_should_subtract_are_found_behind_every_rule() {
    let mut faults = Vec::new();
    for (name, rule, laid) in some() {
        let is_update = |column: &str| column.starts_with("new_");
        let turned = |formula: &str| {
            // Not that of a decay, `(1 - decay) * w`.
            let mut signs = formula.match_indices(['+', '-']).map(|(at, _)| at);
            let at = signs.find(|at| !formula[..*at].ends_with("(1"))?;
            let other = if &formula[at..=at] == "-" { "+" } else { "-" };
            Some(format!("{}{other}{}", &formula[..at], &formula[at + 1..]))
        };
        let book = with_mistake(&laid, is_update, turned).expect("updates");
        let weight = if laid.cells.contains_key("new_p") { "new_p" } else { "new_slope" };
        let kinds = [Kind::Value, Kind::WrongDerivative];
        let (graph, training) = only(&name, &book);
        // The velocity of Keras may as well have the wrong sign as the update.
        let is_keras = rule.variant == Some("keras") && rule.name == "momentum";
        let cells: Vec<String> =
            laid.cells[weight].iter().map(|at| format!("train!{}", address(*at))).collect();
        let is_found = training.findings.iter().any(|finding| {
            kinds.contains(&finding.kind)
                && (is_keras || cells.contains(&graph.address(finding.cells[0])))
        });
        if !is_found || training.holds() {
            faults.push(format!("{name}: {:?}", training.findings));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_weight_that_is_updated_by_another_rule_is_found() {
    let mut faults = Vec::new();
    for (name, rule, laid) in some().filter(|(_, rule, _)| !rule.columns.is_empty()) {
        let weight = if laid.cells.contains_key("gq") { "q" } else { "shift" };
        let state = format!("{}_{weight}", rule.columns.last().unwrap().0);
        let slip = |formula: &str| {
            let changed = match formula.contains("^2") {
                true => formula.replacen("^2", "", 1),
                false if state.starts_with('d') => formula.replacen("(1-", "(1+", 1),
                false => formula.replacen("(1-", "(2-", 1),
            };
            (changed != formula).then_some(changed)
        };
        let Some(book) = with_mistake(&laid, |column| column == state, slip) else { continue };
        faults.extend(missed(&name, &book, &laid, &state, &[Kind::OddWeight]));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Many leave the state of before out where there is none: `(1 - beta) * g` in the first iteration.
#[test]
fn a_first_iteration_that_starts_without_a_state_is_no_other_rule() {
    let mut faults = Vec::new();
    for (name, rule, mut laid) in all().filter(|(_, rule, _)| rule.columns.contains(&AVERAGE)) {
        let averages = laid.cells.iter().filter(|(name, _)| name.starts_with(['m', 's']));
        let firsts: Vec<At> = averages.map(|(_, cells)| cells[0]).collect();
        for at in firsts {
            let formula = laid.book.get(0, at).expect("a formula");
            if let Some((_, own)) = formula.split_once("+(1-") {
                let short = format!("=(1-{own}");
                laid.book.set(0, at, short);
            }
        }
        let (_, training) = only(&name, &laid.book);
        let optimizer = training.optimizer.clone().unwrap_or_default();
        let found = (optimizer.name.as_str(), optimizer.variant.as_deref());
        if found != (rule.name, rule.variant) || !training.findings.is_empty() {
            faults.push(format!("{name}: {found:?} {:?}", training.findings));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
