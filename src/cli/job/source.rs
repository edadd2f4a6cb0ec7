//! Where the data of a training are, and the model that they are for.

use std::path::Path;

use crate::circuit::{Loss, Model, Predictions};
use crate::cli::features;
use crate::data::{self, Data, Selection, Typed};
use crate::error::{Error, Result};

/// The model unless another is asked for.
pub const LINE: &str = "a*x + b";

/// Where x and y are.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where the data are")]
pub struct SourceArgs {
    /// The sheet [default: the one with headers x and y, or with a table: `data` first]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,

    /// The column of x: its header or its letter; several with commas between them, or `all`, for a
    /// model of several features, w_area*area + w_rooms*rooms + b, its weights named after the
    /// columns [default: found out and said]
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', allow_hyphen_values = true)]
    pub x: Vec<String>,

    /// The column of y: its header or its letter; for a model of several outputs one for each, with
    /// commas between them [default: found out and said]
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    pub y: Vec<String>,

    /// The cells: A3:B32
    #[arg(long, value_name = "RANGE")]
    pub range: Option<String>,

    /// What separates the fields of a text: a character, tab or space [default: found out]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<char>,

    /// The decimal sign of numbers in a text or stored as text, . or , [default: found out]
    #[arg(long, value_name = "CHARACTER", value_parser = decimal)]
    pub decimal: Option<char>,

    /// The command as it was typed, to offer others like it.
    #[arg(skip)]
    pub typed: Option<Typed>,

    /// The text that stands for the file, where a program has the data in memory.
    #[arg(skip)]
    pub content: Option<String>,
}

fn delimiter(text: &str) -> std::result::Result<char, String> {
    let mut letters = text.chars();
    match (text, letters.next(), letters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        ("space", ..) => Ok(' '),
        (_, Some(one), None) => Ok(one),
        _ => Err("write one character, tab or space".to_owned()),
    }
}

fn decimal(text: &str) -> std::result::Result<char, String> {
    match text {
        "." | "point" => Ok('.'),
        "," | "comma" => Ok(','),
        _ => Err("write . or ,".to_owned()),
    }
}

impl SourceArgs {
    /// Reads a model and its loss, and the data in `file` that the model is about.
    ///
    /// # Errors
    /// Formulas that are none, data that cannot be read.
    pub fn problem(&self, file: &Path, model: &str, loss: &str) -> Result<(Model, Data)> {
        let (formulas, names) = Model::read(model)?;
        let loss = Loss::read(loss)?;
        let outputs = formulas.0.len();
        self.check_targets(outputs)?;
        let selection = Selection {
            outputs: (outputs > 1).then_some(outputs),
            ..self.selection(model, names.clone())
        };
        let mut data = data::read(file, &selection)?;
        let formulas = self.features(model, &names, &mut data)?.unwrap_or(formulas);
        let columns: Vec<&str> = data.columns.iter().map(|column| column.name.as_str()).collect();
        Ok((Model::new(formulas, loss, &columns)?, data))
    }

    /// What to read for `model` with the given names. The line takes x and y as people call them, and
    /// several features are named; other models say which columns they mean.
    pub fn selection(&self, model: &str, names: Vec<String>) -> Selection {
        Selection {
            names: if model == LINE || self.x.len() > 1 { Vec::new() } else { names },
            sheet: self.sheet.clone(),
            x: (!self.x.is_empty()).then(|| self.x.join(",")),
            y: (!self.y.is_empty()).then(|| self.y.join(",")),
            outputs: None,
            range: self.range.clone(),
            delimiter: self.delimiter,
            decimal: self.decimal,
            typed: self.typed.clone(),
            content: self.content.clone(),
        }
    }

    /// A model of several outputs has a column of y for each, where columns are named.
    fn check_targets(&self, outputs: usize) -> Result<()> {
        let named = self.y.len();
        if outputs == 1 || named == 0 || named == outputs {
            return Ok(());
        }
        let columns = if named == 1 { "column" } else { "columns" };
        Err(Error::new(format!("the model has {outputs} outputs, but --y names {named} {columns}"))
            .in_argument(format!("--y {}", self.y.join(",")))
            .help("name a column for each, in the order of the outputs: --y C,D"))
    }

    /// The model of several features, where x is several columns.
    fn features(
        &self,
        model: &str,
        names: &[String],
        data: &mut Data,
    ) -> Result<Option<Predictions>> {
        let given = model != LINE;
        // A model may name them by their numbers, as a network does.
        let count = data.columns.len() - data.targets().len();
        let is_numbered = (1..=count).all(|at| names.contains(&format!("x{at}")));
        if given && (self.x.len() < 2 || is_numbered) {
            return Ok(None);
        }
        match features::name(data) {
            Some(text) if given && text != model => {
                let what = "x is several columns, which make a model of their own";
                Err(Error::new(what)
                    .in_argument(format!("--x {}", self.x.join(",")))
                    .help(format!("leave --model out, or name columns in it alone; it is {text}")))
            }
            Some(text) => {
                data.notes.push(format!("the model is {text}"));
                data.options.push(("model", vec![text.clone()]));
                Model::read(&text).map(|(formulas, _)| Some(formulas))
            }
            None => Ok(None),
        }
    }
}
