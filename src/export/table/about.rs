//! What a file says about the run in it, as one JSON object.

use std::fs::File;
use std::io;
use std::path::Path;

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::Table;
use crate::error::{Error, Result};
use crate::export::fingerprint::hex;
use crate::formula::text;
use crate::sheet::{Column, Input, InputKind, Ref, Sheet, Weight};
use crate::trace::initial;

/// Where the data of all runs came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// The SHA-256 of the file that was read, in hexadecimal digits; none for standard input.
    pub sha256: Option<String>,
}

impl About {
    /// That of runs over the data in `file`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(file: &Path) -> Result<Self> {
        if !file.is_file() {
            return Ok(About::default());
        }
        let digest = || -> io::Result<String> {
            let mut digest = Digesting(Sha256::new());
            io::copy(&mut File::open(file)?, &mut digest)?;
            Ok(hex(&digest.0.finalize()))
        };
        let sha256 = digest().map_err(|error| Error::io("read the input", file, &error))?;
        Ok(About { sha256: Some(sha256) })
    }
}

/// Takes the digest of what is written.
struct Digesting(Sha256);

impl io::Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the file of `table` says about it.
pub(super) fn about(table: &Table) -> String {
    let (run, results) = (table.run, table.results);
    let (sheet, data, definition) = (&run.sheet, &results.data, &run.definition);
    let file = data.file.file_name().unwrap_or_default().to_string_lossy();
    json!({
        "gdtrace": env!("CARGO_PKG_VERSION"),
        "optimizer": sheet.name,
        "definition": {
            "name": definition.name,
            "variant": definition.variant,
            "title": definition.title,
            "about": definition.about(),
            "source": definition.source,
            "rule": sheet.rule,
        },
        "settings": inputs(sheet, |kind| matches!(kind, InputKind::Hyperparameter | InputKind::Training)),
        "start": starts(sheet),
        "initial": initial_values(sheet),
        "model": sheet.model.equation,
        "loss": sheet.model.loss,
        "training": sheet.training,
        "epochs": run.epochs(),
        "steps": run.rows,
        "kept": table.keep.to_string(),
        "input": {
            "file": file,
            "place": data.place(),
            "samples": data.samples(),
            "scale": data.scale.as_ref().map(|scale| scale.kind.name()),
            "sha256": table.about.sha256,
        },
        "columns": sheet.columns.iter().map(|one| column(sheet, one)).collect::<Vec<Json>>(),
    })
    .to_string()
}

/// The inputs of some kinds with their values.
fn inputs(sheet: &Sheet, are_meant: impl Fn(InputKind) -> bool) -> Map<String, Json> {
    let meant = sheet.inputs.iter().filter(|input| are_meant(input.kind));
    let pair = |input: &Input| (input.id.clone(), Json::from(input.value));
    meant.map(pair).collect()
}

/// The start value of each weight.
fn starts(sheet: &Sheet) -> Map<String, Json> {
    let pair =
        |weight: &Weight| (weight.name.clone(), Json::from(sheet.inputs[weight.start].value));
    sheet.weights.iter().map(pair).collect()
}

/// The values of the row above the first one, which the table does not have.
fn initial_values(sheet: &Sheet) -> Map<String, Json> {
    let values = initial(sheet);
    let pairs = sheet.columns.iter().zip(values);
    pairs.filter_map(|(column, value)| Some((column.id.clone(), json!(value?)))).collect()
}

fn column(sheet: &Sheet, column: &Column) -> Json {
    let name = |reference: &Ref| match *reference {
        Ref::Column(column) => sheet.columns[column].id.clone(),
        Ref::Above(column) => format!("prev.{}", sheet.columns[column].id),
        Ref::Input(input) => sheet.inputs[input].id.clone(),
        Ref::Data(data) => sheet.data[data].clone(),
        Ref::Order => "order".to_owned(),
    };
    json!({
        "name": column.id,
        "header": column.header,
        "symbol": column.symbol,
        "group": column.group.title(),
        "meaning": column.meaning,
        "formula": text(&column.formula, &name),
    })
}
