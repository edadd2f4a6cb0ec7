//! From names to places: drafts of columns become a checked list of columns.
//!
//! After this nothing can be unknown: every name is a column, an input or a data column, no
//! column is used before it is computed, and everything that `prev.` asks for has a start value.

use super::{Column, Draft, Input, ORDER, Ref};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name};

/// Resolves `drafts` against each other, the `inputs` and the names of the `data` columns.
///
/// A draft whose formula is just its own name is the data column of that name.
///
/// # Errors
/// A name that is defined twice, unknown, or used before it is computed; `prev.` of a column
/// without a start value.
pub fn resolve(drafts: Vec<Draft>, inputs: &[Input], data: &[&str]) -> Result<Vec<Column>> {
    let ids: Vec<&str> = drafts.iter().map(|draft| draft.id.as_str()).collect();
    let names = Names { ids: &ids, inputs, data, drafts: &drafts };
    names.check_unique()?;
    drafts.iter().enumerate().map(|(index, draft)| names.column(index, draft)).collect()
}

struct Names<'a> {
    ids: &'a [&'a str],
    inputs: &'a [Input],
    data: &'a [&'a str],
    drafts: &'a [Draft],
}

impl Names<'_> {
    fn check_unique(&self) -> Result<()> {
        let all: Vec<&str> =
            self.ids.iter().copied().chain(self.inputs.iter().map(|one| one.id.as_str())).collect();
        match all.iter().enumerate().find(|(index, id)| all[..*index].contains(id)) {
            Some((_, id)) => Err(Error::new(format!("`{id}` is defined twice"))
                .help("a column, a hyperparameter and a weight each need a name of their own")),
            None => Ok(()),
        }
    }

    fn column(&self, index: usize, draft: &Draft) -> Result<Column> {
        let formula = draft.formula.substitute(&mut |name| self.resolve(index, name))?;
        let initial = draft.initial.as_ref().map(|initial| {
            initial.substitute(&mut |name| match self.find_input(&name.id) {
                Some(input) if !name.previous => Ok(Expr::Name(Ref::Input(input))),
                _ => Err(self.unknown(index, name)),
            })
        });
        Ok(Column {
            id: draft.id.clone(),
            header: draft.header.clone(),
            symbol: draft.symbol.clone(),
            group: draft.group,
            meaning: draft.meaning.clone(),
            formula,
            initial: initial.transpose()?,
        })
    }

    fn resolve(&self, user: usize, name: &Name) -> Result<Expr<Ref>> {
        let own = self.ids[user] == name.id && !name.previous;
        if let Some(data) = self.data.iter().position(|id| own && *id == name.id) {
            return Ok(Expr::Name(Ref::Data(data)));
        }
        if name.id == ORDER {
            return Ok(Expr::Name(Ref::Order));
        }
        let column = self.ids.iter().position(|id| *id == name.id);
        let reference = match (column, name.previous) {
            (Some(column), true) if self.drafts[column].initial.is_none() => {
                let message = format!("`{name}` is used, but `{}` has no start value", name.id);
                return Err(Error::new(message).help("give the column a `start`"));
            }
            (Some(column), true) => Ref::Above(column),
            (Some(column), false) if column >= user => {
                let user = self.ids[user];
                let message = format!("`{user}` uses `{name}` before it is computed");
                return Err(Error::new(message)
                    .help("put the columns in the order in which they are computed"));
            }
            (Some(column), false) => Ref::Column(column),
            (None, false) => match self.find_input(&name.id) {
                Some(input) => Ref::Input(input),
                None => return Err(self.unknown(user, name)),
            },
            (None, true) => return Err(self.unknown(user, name)),
        };
        Ok(Expr::Name(reference))
    }

    fn find_input(&self, id: &str) -> Option<usize> {
        self.inputs.iter().position(|input| input.id == id)
    }

    fn unknown(&self, user: usize, name: &Name) -> Error {
        let inputs = self.inputs.iter().map(|input| input.id.as_str());
        let known: Vec<&str> = self.ids.iter().copied().chain(inputs).collect();
        Error::new(format!("`{}` uses `{name}`, which nothing defines", self.ids[user]))
            .help(Error::known_names(&name.id, &known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;
    use crate::sheet::Group;

    fn draft(id: &str, formula: &str, start: Option<f64>) -> Draft {
        Draft {
            id: id.into(),
            header: id.into(),
            symbol: id.into(),
            group: Group::State,
            meaning: String::new(),
            formula: parse(formula).unwrap(),
            initial: start.map(Expr::Number),
        }
    }

    fn message(drafts: Vec<Draft>) -> String {
        resolve(drafts, &[], &["x"]).unwrap_err().to_string()
    }

    #[test]
    fn names_become_places() {
        let drafts = vec![draft("x", "x", None), draft("s", "prev.s + x", Some(0.0))];
        let columns = resolve(drafts, &[], &["x"]).unwrap();
        assert_eq!(columns[0].formula, Expr::Name(Ref::Data(0)));
        assert_eq!(columns[1].formula.names(), [&Ref::Above(1), &Ref::Column(0)]);
    }

    #[test]
    fn what_cannot_be_computed_is_refused() {
        assert_eq!(
            message(vec![draft("s", "prev.s + 1", None)]),
            "`prev.s` is used, but `s` has no start value\n  help: give the column a `start`"
        );
        assert_eq!(
            message(vec![draft("p", "q", None), draft("q", "1", None)]),
            "`p` uses `q` before it is computed\n  \
             help: put the columns in the order in which they are computed"
        );
        assert_eq!(
            message(vec![draft("speed", "sped + 1", None)]),
            "`speed` uses `sped`, which nothing defines\n  \
             help: did you mean `speed`? Known: speed"
        );
        assert!(
            message(vec![draft("s", "1", None), draft("s", "2", None)])
                .starts_with("`s` is defined twice")
        );
    }
}
