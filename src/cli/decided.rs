//! What a user decides about a comparison: hyperparameters and columns, by the names that the
//! optimizers in question have for them.

use super::chosen::{check_range, number_of};
use crate::circuit::Model;
use crate::error::{Error, Result};
use crate::optimizer::{self, Definition, Registry, Setup};

/// The forms of optimizers that a sheet may be.
pub struct Admitted<'a> {
    forms: Vec<&'a Definition>,
    /// The optimizer, where the user names it.
    label: Option<&'a str>,
}

impl<'a> Admitted<'a> {
    /// All forms, or those of the optimizer `label`.
    ///
    /// # Errors
    /// There is no such optimizer.
    pub fn new(registry: &'a Registry, label: Option<&'a str>) -> Result<Self> {
        if let Some(label) = label {
            let in_argument = |error: Error| error.in_argument(format!("--optimizer {label}"));
            registry.find(label).map_err(in_argument)?;
        }
        let all = registry.definitions().iter();
        let forms = all.flat_map(|one| std::iter::once(one).chain(&one.variants));
        let is_meant = |form: &&Definition| {
            label.is_none_or(|label| form.name == label || form.label() == label)
        };
        Ok(Admitted { forms: forms.filter(is_meant).collect(), label })
    }

    /// The names and headers of all columns that these forms have for a line.
    fn columns(&self) -> Result<Vec<(String, String)>> {
        let mut columns: Vec<(String, String)> = Vec::new();
        let (line, setup) = (Model::line()?, Setup::new(&[0.0, 0.0], 1));
        for form in &self.forms {
            for column in optimizer::sheet(form, &line, &setup)?.columns {
                if !columns.iter().any(|(id, _)| *id == column.id) {
                    columns.push((column.id, column.header));
                }
            }
        }
        Ok(columns)
    }
}

/// The hyperparameter and its value of a text such as `lr=0.001`.
///
/// # Errors
/// Another text, a hyperparameter that no form has, a value out of its range.
pub fn setting(text: &str, admitted: &Admitted) -> Result<(String, f64)> {
    read_setting(text, admitted).map_err(|error| error.in_argument(format!("--set {text}")))
}

fn read_setting(text: &str, admitted: &Admitted) -> Result<(String, f64)> {
    let (name, number) = text.split_once('=').ok_or_else(|| {
        Error::new("a setting is NAME=NUMBER").help("for example lr=0.001, or beta1=0.9")
    })?;
    let name = name.trim();
    let value = number_of(number)?;
    let forms = admitted.forms.iter();
    let owners: Vec<_> =
        forms.filter_map(|form| Some((form, form.hyperparameter(name)?))).collect();
    let fits = owners.iter().any(|(_, hyper)| hyper.range.contains(value));
    match owners.first() {
        None => Err(unknown_hyperparameter(name, admitted)),
        Some((form, hyper)) if !fits => {
            check_range(&form.label(), hyper, value).map(|()| (name.to_owned(), value))
        }
        Some(_) => Ok((name.to_owned(), value)),
    }
}

fn unknown_hyperparameter(name: &str, admitted: &Admitted) -> Error {
    let mut known: Vec<&str> = Vec::new();
    for hyper in admitted.forms.iter().flat_map(|form| &form.hyper) {
        if !known.contains(&hyper.name.as_str()) {
            known.push(&hyper.name);
        }
    }
    let what = match admitted.label {
        Some(label) => format!("{label} has no hyperparameter `{name}`"),
        None => format!("no optimizer has a hyperparameter `{name}`"),
    };
    Error::new(what).help(Error::known_names(name, &known))
}

/// The header and the column of a text such as `velocity=v_b`. The column may be called by its
/// header in a trace (`new b`); it comes back by its name (`new_b`).
///
/// # Errors
/// Another text, a column that no form has.
pub fn mapping(text: &str, admitted: &Admitted) -> Result<(String, String)> {
    let in_argument = |error: Error| error.in_argument(format!("--map {text}"));
    // A header may have a sign of equality in it, a column never has.
    let parts = text.rsplit_once('=').map(|(header, column)| (header.trim(), column.trim()));
    let parts = parts.filter(|(header, _)| !header.is_empty());
    let (header, wanted) = parts.ok_or_else(|| {
        let error = Error::new("a mapping is HEADER=COLUMN");
        in_argument(error.help("for example velocity=v_b: the sheet's header, the trace's column"))
    })?;
    let columns = admitted.columns()?;
    let is_called = |(id, header): &&(String, String)| id == wanted || header == wanted;
    let Some((id, _)) = columns.iter().find(is_called) else {
        let known: Vec<&str> = columns.iter().map(|(id, _)| id.as_str()).collect();
        let what = match admitted.label {
            Some(label) => format!("{label} has no column `{wanted}`"),
            None => format!("no optimizer has a column `{wanted}`"),
        };
        return Err(in_argument(Error::new(what).help(Error::known_names(wanted, &known))));
    };
    Ok((header.to_owned(), id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::registry;

    fn set(text: &str, label: Option<&str>) -> Result<(String, f64)> {
        setting(text, &Admitted::new(registry().unwrap(), label).unwrap())
    }

    fn map(text: &str, label: Option<&str>) -> Result<(String, String)> {
        mapping(text, &Admitted::new(registry().unwrap(), label).unwrap())
    }

    #[test]
    fn settings_and_mappings_are_read() {
        assert_eq!(set("lr = 0.5", None).unwrap(), ("lr".to_owned(), 0.5));
        let mapped = |header: &str, column: &str| Ok((header.to_owned(), column.to_owned()));
        assert_eq!(map("velocity=v_b", None), mapped("velocity", "v_b"));
        assert_eq!(map("w=new=new b", Some("sgd")), mapped("w=new", "new_b"));
    }

    #[test]
    fn wrong_ones_are_explained() {
        let told = |error: Error| error.to_string();
        assert_eq!(
            told(set("bta=0.9", Some("momentum")).unwrap_err()),
            "momentum has no hyperparameter `bta`\n  --> --set bta=0.9\n  \
             help: did you mean `beta`? Known: lr, beta, dampening"
        );
        assert_eq!(
            told(set("beta1=2", Some("adam")).unwrap_err()),
            "beta1 = 2 is out of range for adam\n  --> --set beta1=2\n  \
             help: 0 <= beta1 < 1 must hold"
        );
        assert_eq!(
            told(set("lr", None).unwrap_err()),
            "a setting is NAME=NUMBER\n  --> --set lr\n  help: for example lr=0.001, or beta1=0.9"
        );
        assert!(told(map("velocity", None).unwrap_err()).contains("a mapping is HEADER=COLUMN"));
        let error = map("velocity=S_b", Some("sgd")).unwrap_err();
        assert_eq!(error.what(), "sgd has no column `S_b`");
        assert!(error.advice().unwrap().contains("known: "), "{error}");
    }
}
