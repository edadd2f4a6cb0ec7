//! A run written into a workbook with the user's sheets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gdtrace::circuit::{Loss, Model};
use gdtrace::data::{self, Data, ScaleKind};
use gdtrace::export::output::{About, Outputs};
use gdtrace::export::xlsx::{self, Host};
use gdtrace::optimizer::{self, Setup, State, Training};
use gdtrace::sheet::{Reset, Sheet};
use gdtrace::trace::{Nobody, Plan, Results};

use crate::common::book::{Book, parts};
use crate::common::books::{Folder, options};
use crate::common::package;

/// Watches nothing.
/// The user's data: x and y from row 3 on.
pub const DATA: &str = "The rents|\nx|y\n14|58\n86|202\n28|86\n51|132\n29|88\n72|174";

/// What is run.
#[derive(Default)]
pub struct Runs<'a> {
    /// The model: the line where it is empty.
    pub model: &'a str,
    pub optimizers: &'a [&'a str],
    pub is_shuffled: bool,
    pub is_scaled: bool,
    /// Whether momentum starts from states that a reset leaves.
    pub has_reset: bool,
}

/// A workbook with both.
pub struct Assembled {
    _folder: Folder,
    pub path: PathBuf,
    pub data: Data,
    pub host: Host,
    pub results: Results,
    /// The names of our sheets, in their order.
    pub ours: Vec<String>,
    pub book: Book,
}

impl Assembled {
    /// The `runs` over x and y of the user's `sheets`, each a name and lines of cells.
    pub fn new(sheets: &[(&str, &str)], runs: &Runs) -> Assembled {
        let folder = Folder::new();
        let source = folder.book("user.xlsx", sheets);
        let names: Vec<String> = sheets.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut data = data::read(&source, &options("")).expect("x and y");
        if runs.is_scaled {
            data = data.scaled(ScaleKind::Zscore, true).expect("numbers");
        }
        let host = Host::around(&data, names.clone()).expect("a workbook");
        let results = results(data.clone(), runs);
        let path = folder.path("user.trace.xlsx");
        let mut nobody = Nobody;
        let ours = xlsx::workbook(&results, &host, &mut nobody).expect("our sheets");
        let mut outputs = Outputs::new(&[&source], false);
        let about = About { title: "A run", subject: "Trying", properties: &[] };
        outputs.stage_behind(&path, &source, ours, &about).expect("both");
        outputs.commit().expect("a workbook");
        let book = Book::open(&path);
        let ours = book.names()[names.len()..].iter().map(|name| (*name).to_owned()).collect();
        Assembled { _folder: folder, path, data, host, results, ours, book }
    }

    /// What is wrong with the package.
    pub fn faults(&self) -> Vec<String> {
        package::check(&self.path)
    }

    /// The sheets that any formula, chart, link or name of ours refers to.
    pub fn referred(&self) -> BTreeSet<String> {
        let is_ours = |name: &str| {
            let number = name.strip_prefix("xl/worksheets/sheet")?.strip_suffix(".xml")?;
            Some(number.parse::<usize>().ok()? > self.book.sheets.len() - self.ours.len())
        };
        let texts = parts(&self.path).into_iter().filter(|(name, _)| {
            is_ours(name)
                .unwrap_or(name.starts_with("xl/charts/chart") || name == "xl/workbook.xml")
        });
        texts.flat_map(|(_, xml)| references(&xml)).collect()
    }
}

fn results(data: Data, runs: &Runs) -> Results {
    let names: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
    let (formula, _) =
        Model::read(if runs.model.is_empty() { "a*x + b" } else { runs.model }).expect("a model");
    let model = Model::new(formula, Loss::squared().expect("a loss"), &names).expect("a model");
    let start = vec![1.0; model.weights.len()];
    let mut sheets: Vec<_> = runs
        .optimizers
        .iter()
        .map(|name| {
            let definition = optimizer::find(name).expect("an optimizer");
            let hyper = BTreeMap::from([("lr".to_owned(), 1e-4)]);
            let shuffle = runs.is_shuffled.then_some(7);
            let training = Training { shuffle, ..Training::default() };
            let setup = Setup { hyper, training, ..Setup::new(&start, data.samples()) };
            (definition.clone(), optimizer::sheet(definition, &model, &setup).expect("a sheet"))
        })
        .collect();
    if runs.has_reset {
        sheets.push(with_reset(&model, &start, data.samples()));
    }
    let plan = match runs.is_shuffled {
        true => Plan::new(2).shuffled(data.samples(), 7),
        false => Plan::new(2),
    };
    Results::compute(sheets, data, plan, &mut Nobody).expect("a run")
}

/// Momentum whose velocities are what another momentum left.
fn with_reset(model: &Model, start: &[f64], samples: usize) -> (optimizer::Definition, Sheet) {
    let definition = optimizer::find("momentum").expect("momentum");
    let reset = optimizer::sheet(definition, model, &Setup::new(start, samples)).expect("a sheet");
    let reset = Sheet { name: "momentum reset".into(), ..reset };
    let state = |weight: &String| {
        (format!("v_{weight}"), State { value: 0.5, meaning: "what a reset left".into() })
    };
    let states = model.weights.iter().map(state).collect();
    let setup = Setup { states, ..Setup::new(start, samples) };
    let sheet = optimizer::sheet(definition, model, &setup).expect("a sheet");
    let reset = Some(Box::new(Reset { sheet: reset, epochs: 1 }));
    (definition.clone(), Sheet { reset, ..sheet })
}

/// The sheets before each `!` of what refers to cells in a part.
fn references(xml: &str) -> Vec<String> {
    const PLACES: [(&str, &str); 6] = [
        ("<f>", "</f>"),
        ("<c:f>", "</c:f>"),
        ("<formula>", "</formula>"),
        ("<formula1>", "</formula1>"),
        (" location=\"", "\""),
        ("<definedName ", "</definedName>"),
    ];
    let inside = |(start, end): (&'static str, &'static str)| {
        xml.split(start).skip(1).filter_map(move |rest| Some(rest.split_once(end)?.0))
    };
    let array = xml.split("<f t=\"array\"").skip(1).filter_map(|rest| rest.split_once("</f>"));
    let texts = PLACES.into_iter().flat_map(inside).chain(array.map(|(text, _)| text));
    texts.flat_map(|text| sheets(&plain(text))).collect()
}

fn plain(text: &str) -> String {
    let text = text.replace("&apos;", "'").replace("&quot;", "\"").replace("&lt;", "<");
    text.replace("&gt;", ">").replace("&amp;", "&")
}

/// The names of sheets in a formula.
fn sheets(formula: &str) -> Vec<String> {
    let before = |(at, _): (usize, &str)| {
        let text = &formula[..at];
        if let Some(quoted) = text.strip_suffix('\'') {
            let open = quoted.replace("''", "\u{1}\u{1}").rfind('\'')?;
            return Some(quoted[open + 1..].replace("''", "'"));
        }
        let start = text.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        Some(text[start.map_or(0, |at| at + 1)..].to_owned())
    };
    formula
        .match_indices('!')
        .filter(|(at, _)| !in_text(&formula[..*at]))
        .filter_map(before)
        .collect()
}

/// Whether a place behind `before` is inside of a text: `"it is!"`.
fn in_text(before: &str) -> bool {
    before.matches('"').count() % 2 == 1
}

#[test]
fn sheets_are_found_before_their_exclamation_marks() {
    assert_eq!(sheets("INDEX(data!$A$1,B2)+'it''s (2)'!A1"), ["data", "it's (2)"]);
    assert_eq!(sheets("IF(A1>0,\"grow!\",sgd!B5)"), ["sgd"]);
}
