//! Rules and trainings lifted out of sheets: the definition, run as any optimizer on the same data
//! from the same start, takes the steps of the sheet.

use gdtrace::circuit::{Loss, Model as Trained};
use gdtrace::compare::training::Training;
use gdtrace::compare::training::problem::problem;
use gdtrace::data::{Cells, Data, DataColumn};
use gdtrace::error::Result;
use gdtrace::graph::{CellId, Graph};
use gdtrace::optimizer::{self, Batch, Definition, Setup};
use gdtrace::trace::{self, Block, Plan, Sink};

use super::book::Book;
use super::look;
use super::optimizers::{ITERATIONS, Laid, Model, RULES, Written, each, laid, plain};

/// Rules that are in no definition.
const INVENTED: &[Written] = &[
    plain("soft sign, decaying", &[], "W-$lr/(1+$k*T)*G/(ABS(G)+$eps)"),
    plain("momentum and sign", &[("m", "$b1*.m+(1-$b1)*G", Some("0"))], "W-$lr*(m+$k*SIGN(G))"),
    plain("a velocity that is cut", &[("v", "MAX(-$k,MIN($k,$b1*.v-$lr*G))", Some("0.1"))], "W+v"),
    plain("the last gradient once more", &[("q", "G", Some("0"))], "W-$lr*(G+0.5*(G-.q))"),
];

/// Two inputs, two hidden neurons, two outputs.
const NETWORK: Model = Model {
    weights: &[
        ("w1", "0.15"),
        ("w2", "0.2"),
        ("w3", "0.25"),
        ("w4", "0.3"),
        ("w5", "0.4"),
        ("w6", "0.45"),
        ("w7", "0.5"),
        ("w8", "0.55"),
    ],
    formulas: &[
        ("u1", "1/(1+EXP(-(w1*0.5+w2*0.8)))"),
        ("u2", "1/(1+EXP(-(w3*0.5+w4*0.8)))"),
        ("o1", "1/(1+EXP(-(w5*u1+w6*u2)))"),
        ("o2", "1/(1+EXP(-(w7*u1+w8*u2)))"),
        ("loss", "(o1-0.1)^2/2+(o2-0.9)^2/2"),
        ("d1", "(o1-0.1)*o1*(1-o1)"),
        ("d2", "(o2-0.9)*o2*(1-o2)"),
        ("c1", "(d1*w5+d2*w7)*u1*(1-u1)"),
        ("c2", "(d1*w6+d2*w8)*u2*(1-u2)"),
        ("gw1", "c1*0.5"),
        ("gw2", "c1*0.8"),
        ("gw3", "c2*0.5"),
        ("gw4", "c2*0.8"),
        ("gw5", "d1*u1"),
        ("gw6", "d1*u2"),
        ("gw7", "d2*u1"),
        ("gw8", "d2*u2"),
    ],
};

/// The definition, read from the text that is written of it.
fn definition(graph: &Graph, training: &Training) -> std::result::Result<Definition, String> {
    let written = training.written.as_ref().map_err(|fault| fault.what.clone())?;
    if let Some(fault) = training.departs(graph) {
        return Err(fault.what.clone());
    }
    let text = written.definition.to_toml();
    Definition::read("mine", "mine.toml", &text).map_err(|error| format!("{error}\n{text}"))
}

/// Keeps the new weights of every row.
struct Keep {
    columns: Vec<usize>,
    rows: Vec<Vec<f64>>,
}

impl Sink for Keep {
    fn block(&mut self, block: &Block) -> Result<()> {
        for row in 0..block.rows() {
            let of = |column: &usize| block.columns[*column][row].get().unwrap_or(f64::NAN);
            self.rows.push(self.columns.iter().map(of).collect());
        }
        Ok(())
    }
}

fn column(name: &str, values: &[f64]) -> DataColumn {
    let (name, values) = (name.to_owned(), values.to_vec());
    DataColumn { name, header: None, values, cells: Cells::default() }
}

/// The weights after each update.
fn run(
    definition: &Definition,
    model: &Trained,
    start: &[f64],
    columns: Vec<DataColumn>,
    (batch, epochs): (usize, usize),
) -> Vec<Vec<f64>> {
    let samples = columns[0].values.len();
    let mut setup = Setup::new(start, samples);
    setup.training.batch = match batch {
        1 => Batch::One,
        size if size == samples => Batch::All,
        size => Batch::Of(size),
    };
    setup.training.epochs = epochs;
    let sheet = optimizer::sheet(definition, model, &setup).unwrap();
    let data = Data { columns, ..Data::default() };
    let columns = sheet.weights.iter().map(|weight| weight.next).collect();
    let mut keep = Keep { columns, rows: Vec::new() };
    trace::run(&sheet, &data, &Plan::new(epochs), &mut [&mut keep]).unwrap();
    // A row is a sample; the update stands in the last of a batch.
    keep.rows.into_iter().skip(batch - 1).step_by(batch).collect()
}

/// The same over the samples of `tests/comparing/trainings/optimizers.rs`, with the model written here.
fn run_line(definition: &Definition) -> Vec<Vec<f64>> {
    let (formula, _) = Trained::read("slope*x + shift").unwrap();
    let model = Trained::new(formula, Loss::squared().unwrap(), &["x"]).unwrap();
    let columns = vec![column("x", &[1.0, 2.0, 3.5, 4.0]), column("y", &[2.2, 2.9, 6.1, 6.6])];
    run(definition, &model, &[0.4, 0.2], columns, (4, ITERATIONS))
}

/// Where weights after updates are not those of the cells.
fn differences(
    name: &str,
    graph: &Graph,
    ours: &[Vec<f64>],
    cells: &[Vec<Option<CellId>>],
) -> Vec<String> {
    let mut faults = Vec::new();
    if ours.len() < cells.len() {
        faults.push(format!("{name}: {} updates, not {}", ours.len(), cells.len()));
    }
    for (at, (row, cells)) in ours.iter().zip(cells).enumerate() {
        for (ours, cell) in row.iter().zip(cells) {
            let theirs = cell.and_then(|cell| graph.value(cell).number()).unwrap_or(f64::NAN);
            let is_near = (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1e-2);
            if !is_near {
                faults.push(format!("{name}: update {at}: {ours}, not {theirs}"));
            }
        }
    }
    faults
}

/// What is wrong with what is lifted out of a sheet: the rule on the line, the training as a whole.
fn faults(name: &str, laid: &Laid, graph: &Graph, training: &Training) -> Vec<String> {
    let definition = match definition(graph, training) {
        Ok(definition) => definition,
        Err(error) => return vec![format!("{name}: {error}")],
    };
    let mut faults = Vec::new();
    let line = ["new_slope", "new_shift"].map(|column| laid.cells.get(column));
    if let [Some(slope), Some(shift)] = line {
        let id = |at: &(u32, u32)| graph.id(0, *at);
        let cells = slope.iter().zip(shift).map(|(one, other)| vec![id(one), id(other)]);
        let cells: Vec<_> = cells.collect();
        faults.extend(differences(name, graph, &run_line(&definition), &cells));
    }
    faults.extend(like(&format!("{name}, like"), graph, training, &definition));
    faults
}

/// The training run again as it is.
fn like(name: &str, graph: &Graph, training: &Training, rule: &Definition) -> Vec<String> {
    match problem(graph, training) {
        Ok(found) => {
            let sizes = (found.batch, found.epochs);
            let ours = run(rule, &found.model, &found.start, found.columns.clone(), sizes);
            differences(name, graph, &ours, &found.updates)
        }
        Err(fault) => vec![format!("{name}: {}", fault.what)],
    }
}

fn only(name: &str, laid: &Laid) -> Vec<String> {
    let (graph, trainings) = look(&laid.book);
    match &trainings.trainings[..] {
        [only] => faults(name, laid, &graph, only),
        all => vec![format!("{name}: {} trainings", all.len())],
    }
}

#[test]
fn every_known_rule_is_lifted_out_of_every_layout() {
    let faults: Vec<String> = each(RULES).flat_map(|(name, _, laid)| only(&name, &laid)).collect();
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn rules_that_are_in_no_definition_are_lifted_too() {
    let faults: Vec<String> =
        each(INVENTED).flat_map(|(name, _, laid)| only(&name, &laid)).collect();
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn rules_are_lifted_out_of_networks() {
    let rules = INVENTED.iter().chain([&RULES[0], &RULES[5], &RULES[14]]);
    let faults: Vec<String> = rules
        .flat_map(|rule| only(&format!("{} of a network", rule.name), &laid(rule, &NETWORK, false)))
        .collect();
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}

/// Two epochs over four samples in rows, with momentum: an update a sample.
fn sample_by_sample() -> Book {
    let mut book = Book::new(&["table"]);
    book.row(0, (0, 0), &["lr", "0.02", "beta", "0.8"]);
    let headers = ["size", "price", "a", "b", "guess", "da", "db", "va", "vb", "new a", "new b"];
    book.row(0, (2, 0), &headers);
    book.row(0, (3, 7), &["0", "0"]);
    let samples = [("1", "2.2"), ("2", "2.9"), ("3.5", "6.1"), ("4", "6.6")];
    for (at, (x, y)) in (0_u32..).zip(samples.iter().chain(&samples)) {
        let (row, above) = (at + 5, at + 4);
        let before = |column: &str, start: &str| match at {
            0 => start.to_owned(),
            _ => format!("={column}{above}"),
        };
        let cells = [
            (*x).to_owned(),
            (*y).to_owned(),
            before("J", "0.3"),
            before("K", "-0.2"),
            format!("=C{row}*A{row}+D{row}"),
            format!("=2*(E{row}-B{row})*A{row}"),
            format!("=2*(E{row}-B{row})"),
            format!("=$D$1*H{above}+(1-$D$1)*F{row}"),
            format!("=$D$1*I{above}+(1-$D$1)*G{row}"),
            format!("=C{row}-$B$1*H{row}"),
            format!("=D{row}-$B$1*I{row}"),
        ];
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        book.row(0, (row - 1, 0), &cells);
    }
    book
}

#[test]
fn samples_epochs_and_batches_are_those_of_the_sheet() {
    let (graph, trainings) = look(&sample_by_sample());
    let training = &trainings.trainings[0];
    let found = problem(&graph, training).unwrap();
    assert_eq!((found.columns[0].values.len(), found.batch, found.epochs), (4, 1, 2));
    assert_eq!(found.model.written(), "a*size + b");
    assert_eq!(found.model.loss.text, "squared");
    assert_eq!(found.start, [0.3, -0.2]);
    let rule = definition(&graph, training).unwrap();
    assert_eq!(rule.rule(), ["v = beta*prev.v + (1 - beta)*g", "new w = w - lr*v"]);
    assert_eq!(like("in rows", &graph, training, &rule), [""; 0]);

    // Batches of two in turn, the mean of each.
    let mut book = Book::new(&["table"]);
    book.row(0, (0, 0), &["rate", "0.05"]);
    book.row(0, (2, 0), &["a", "b", "loss", "da", "db", "", "x", "y"]);
    for (row, (x, y)) in (3..).zip([("1", "2.2"), ("2", "2.9"), ("3.5", "6.1"), ("4", "6.6")]) {
        book.row(0, (row, 6), &[x, y]);
    }
    for at in 0..6_u32 {
        let row = at + 4;
        let (x, y) = match at % 2 {
            0 => ("$G$4:$G$5", "$H$4:$H$5"),
            _ => ("$G$6:$G$7", "$H$6:$H$7"),
        };
        let residual = format!("A{row}*{x}+B{row}-{y}");
        let next = |letter: char, slope: char, start: &str| match at {
            0 => start.to_owned(),
            _ => format!("={letter}{}-$B$1*{slope}{}", row - 1, row - 1),
        };
        let cells = [
            next('A', 'D', "0.4"),
            next('B', 'E', "0.2"),
            format!("=SUMPRODUCT(({residual})^2)/2"),
            format!("=2*SUMPRODUCT(({residual})*{x})/2"),
            format!("=2*SUMPRODUCT({residual})/2"),
        ];
        for (column, content) in (0..).zip(&cells) {
            book.set(0, (row - 1, column), content);
        }
    }
    let (graph, trainings) = look(&book);
    let training = &trainings.trainings[0];
    let found = problem(&graph, training).unwrap();
    assert_eq!((found.columns[0].values.len(), found.batch), (4, 2));
    let rule = definition(&graph, training).unwrap();
    assert_eq!(like("in batches", &graph, training, &rule), [""; 0]);
}

#[test]
fn several_outputs_are_a_model_of_as_many() {
    for loss in ["0.5*((E{r}-C{r})^2+(F{r}-D{r})^2)", "(C{r}-E{r})^2/2+(D{r}-F{r})^2/2"] {
        let mut book = Book::new(&["lines"]);
        book.row(0, (0, 0), &["lr", "0.1"]);
        let headers = ["x", "", "high", "low", "o1", "o2", "a", "b", "c", "E", "da", "db", "dc"];
        book.row(0, (2, 0), &headers);
        let samples = [("1", "2.2", "0.4"), ("-0.5", "2.9", "-1"), ("0.7", "1.1", "0.3")];
        for (row, (x, high, low)) in (4..).zip(samples.iter().cycle().take(9)) {
            let next = |letter: char, slope: char, start: &str| match row {
                4 => start.to_owned(),
                _ => format!("={letter}{}-$B$1*{slope}{}", row - 1, row - 1),
            };
            let cells = [
                (*x).to_owned(),
                String::new(),
                (*high).to_owned(),
                (*low).to_owned(),
                format!("=G{row}*A{row}+H{row}"),
                format!("=I{row}*A{row}-H{row}"),
                next('G', 'K', "0.3"),
                next('H', 'L', "-0.2"),
                next('I', 'M', "0.1"),
                format!("={}", loss.replace("{r}", &row.to_string())),
                format!("=(E{row}-C{row})*A{row}"),
                format!("=(E{row}-C{row})-(F{row}-D{row})"),
                format!("=(F{row}-D{row})*A{row}"),
            ];
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            book.row(0, (row - 1, 0), &cells);
        }
        let (graph, trainings) = look(&book);
        let training = &trainings.trainings[0];
        let found = problem(&graph, training).unwrap();
        assert_eq!(found.model.written(), "a*x + b; c*x - b", "{loss}");
        let columns: Vec<(&str, &str)> = found
            .columns
            .iter()
            .map(|one| (one.name.as_str(), one.header.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(columns, [("x", "x"), ("y1", "high"), ("y2", "low")], "{loss}");
        assert_eq!((found.model.loss.text.as_str(), found.batch), ("half-squared", 1), "{loss}");
        let rule = definition(&graph, training).unwrap();
        assert_eq!(like("two outputs", &graph, training, &rule), [""; 0], "{loss}");
    }
}

/// Runs the program in a folder; exit code, standard output, standard error.
fn program(folder: &std::path::Path, arguments: &[&str]) -> (i32, String, String) {
    let program = env!("CARGO_BIN_EXE_gdtrace");
    let output =
        std::process::Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_saved_rule_and_a_training_gone_on_from_take_the_steps_of_the_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    sample_by_sample().write(&path.join("hand.xlsx"));
    std::fs::write(path.join("data.csv"), "size,price\n1,2.2\n2,2.9\n3.5,6.1\n4,6.6\n").unwrap();
    let run = |arguments: &[&str]| program(path, arguments);
    let save = ["compare", "hand.xlsx", "--save-optimizer", "mine.toml"];
    let (code, _, told) = run(&save);
    assert_eq!(code, 0, "{told}");
    // Momentum over both epochs, worked out here.
    let (mut weights, mut velocity) = ([0.3_f64, -0.2], [0.0, 0.0]);
    for (x, y) in [(1.0, 2.2), (2.0, 2.9), (3.5, 6.1), (4.0, 6.6)].repeat(2) {
        let slope = 2.0 * (weights[0] * x + weights[1] - y);
        for (at, gradient) in [slope * x, slope].into_iter().enumerate() {
            velocity[at] = 0.8 * velocity[at] + (1.0 - 0.8) * gradient;
            weights[at] -= 0.02 * velocity[at];
        }
    }
    let rest = ["--json", "--no-report", "--epochs", "2"];
    let own = ["run", "data.csv", "--optimizer-file", "mine.toml", "--optimizers", "mine"];
    let from = ["--init", "a=0.3,b=-0.2", "--scale", "none"];
    let like = ["run", "--like", "hand.xlsx"];
    for arguments in [[&own[..], &from, &rest].concat(), [&like[..], &rest].concat()] {
        let (code, printed, told) = run(&arguments);
        assert_eq!(code, 0, "{told}");
        let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
        for (name, expected) in ["a", "b"].iter().zip(weights) {
            let found = printed["optimizers"][0]["final"][name].as_f64().unwrap();
            assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{name}: {found}");
        }
    }
    let (_, _, told) = run(&[&like[..], &["--force"]].concat());
    assert!(told.contains("has the sheet's weights after each of its 8 updates"), "{told}");
    // A file that is there already stays, and no optimizer is replaced by another of its name.
    let (code, _, told) = run(&save);
    assert_eq!((code, told.contains("the output exists already")), (2, true), "{told}");
    let (code, _, told) = run(&["compare", "hand.xlsx", "--save-optimizer", "adam.toml"]);
    assert_eq!((code, told.contains("there is an optimizer `adam` already")), (2, true));
    assert!(!path.join("adam.toml").exists());
}

#[test]
fn what_cannot_be_lifted_is_told_with_its_cell() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let save = |book: &Book, more: &[&str]| {
        book.write(&path.join("hand.xlsx"));
        let _ = std::fs::remove_file(path.join("mine.toml"));
        let arguments = ["compare", "hand.xlsx", "--save-optimizer", "mine.toml"];
        let (code, _, told) = program(path, &[&arguments[..], more].concat());
        assert_eq!(path.join("mine.toml").exists(), code < 2, "{told}");
        (code, told)
    };
    // One velocity forgets what it had.
    let mut slip = sample_by_sample();
    slip.set(0, (7, 7), "=(1-$D$1)*F8");
    let (code, told) = save(&slip, &[]);
    assert!(code == 2 && told.contains("sheet 'table', cell J8"), "{told}");
    assert!(told.contains("follows another rule than the others"), "{told}");
    // Two sheets with a rule each.
    let mut two = sample_by_sample();
    let mut other = two.sheets[0].clone();
    other.0 = "faster".to_owned();
    two.sheets.push(other);
    two.set(1, (0, 1), "0.03");
    let (code, told) = save(&two, &[]);
    assert!(code == 2 && told.contains("there are several rules here"), "{told}");
    assert!(told.contains("choose one with --sheet 'table'"), "{told}");
    assert_eq!(save(&two, &["--sheet", "faster"]).0, 0);
    let saved = std::fs::read_to_string(path.join("mine.toml")).unwrap();
    assert!(saved.contains("default = 0.03"), "{saved}");
    // Data alone.
    let mut data = Book::new(&["data"]);
    data.row(0, (0, 0), &["x", "y"]);
    data.row(0, (1, 0), &["1", "2"]);
    data.row(0, (2, 0), &["2", "4"]);
    assert_eq!(save(&data, &[]).0, 2);
}

#[test]
fn a_rule_of_its_own_is_shown_with_the_nearest_optimizer() {
    let laid = laid(&INVENTED[1], &super::optimizers::MODELS[1], false);
    let (_, trainings) = look(&laid.book);
    let training = &trainings.trainings[0];
    let written = training.written.as_ref().unwrap();
    let rule = ["m = b1*prev.m + (1 - b1)*g", "new w = w - lr*(m + k*sign(g))"];
    assert_eq!(written.definition.rule(), rule);
    let nearest = written.nearest.as_ref().unwrap();
    assert_eq!(nearest.label, "momentum");
    let differs = ["the new w is w - lr*(m + k*sign(g)), where Momentum has w - lr*v"];
    assert_eq!(nearest.differs, differs);
}
