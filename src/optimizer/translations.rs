//! The `[[translation]]` entries of a definition, read and checked.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::{Spanned, Value as Toml};

use super::definition::{Definition, Hyperparameter};
use super::schema::{Source, inside};
use super::translation::{Agreement, Translation, Way};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name};

/// A translation as it is written: `from` a variant and `to` a variant, of which one is left out
/// for the textbook form, or `with` a variant, from the textbook form and back.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TranslationEntry {
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    with: Option<Spanned<String>>,
    agreement: Agreement,
    note: String,
    /// Formulas for the target's hyperparameters; the others keep their names and values.
    #[serde(default)]
    settings: BTreeMap<Spanned<String>, Spanned<Toml>>,
    /// Comparisons that have to hold for the source's hyperparameters.
    #[serde(default)]
    when: Vec<Spanned<String>>,
    /// The most by which a step differs, relative to its size.
    difference: Option<Spanned<String>>,
}

/// Reads what the `entries` say about the forms of `definition`.
///
/// # Errors
/// Whatever is wrong with an entry.
pub(super) fn read(
    definition: &Definition,
    entries: &[Spanned<TranslationEntry>],
    source: &Source,
) -> Result<Vec<Way>> {
    let mut found: Vec<Way> = Vec::new();
    for entry in entries {
        for (from, to) in entry.get_ref().ends(entry.span(), source)? {
            let forms = (form(definition, from, source)?, form(definition, to, source)?);
            let name = |end: Option<&Spanned<String>>| end.map(|name| name.get_ref().clone());
            let (from_name, to_name) = (name(from), name(to));
            let at = to.or(from).map_or(entry.span(), inside);
            if found.iter().any(|one| one.from == from_name && one.to == to_name) {
                let label = [forms.0, forms.1].map(Definition::label).join(" to ");
                return Err(source.error(&format!("the way from {label} is described twice"), at));
            }
            let translation = entry.get_ref().between(forms.0, forms.1, at, source)?;
            found.push(Way { from: from_name, to: to_name, translation });
        }
    }
    Ok(found)
}

/// The form of `definition` that `end` names.
fn form<'a>(
    definition: &'a Definition,
    end: Option<&Spanned<String>>,
    source: &Source,
) -> Result<&'a Definition> {
    let Some(written) = end else { return Ok(definition) };
    definition.variant(written.get_ref()).ok_or_else(|| {
        let variants = definition.variants.iter();
        let known: Vec<&str> = variants.filter_map(|one| one.variant.as_deref()).collect();
        let error = format!("there is no variant `{}` to translate", written.get_ref());
        let help = match known.is_empty() {
            true => "a translation is between variants of this optimizer, which has none".into(),
            false => Error::known_names(written.get_ref(), &known),
        };
        source.error(&error, inside(written)).help(help)
    })
}

type End<'a> = Option<&'a Spanned<String>>;

impl TranslationEntry {
    /// From where to where it leads.
    fn ends(&self, span: Range<usize>, source: &Source) -> Result<Vec<(End<'_>, End<'_>)>> {
        match (self.from.as_ref(), self.to.as_ref(), self.with.as_ref()) {
            (None, None, Some(with)) => Ok(vec![(None, Some(with)), (Some(with), None)]),
            (None, None, None) | (_, _, Some(_)) => Err(source
                .error("a translation says between which forms it is", span)
                .help("from = \"VARIANT\" or to = \"VARIANT\" or both; with = \"VARIANT\" alone")),
            (from, to, None) => Ok(vec![(from, to)]),
        }
    }

    fn between(
        &self,
        from: &Definition,
        to: &Definition,
        at: Range<usize>,
        source: &Source,
    ) -> Result<Translation> {
        let mut known: Vec<&str> = from.hyper.iter().map(|one| one.name.as_str()).collect();
        known.push("n");
        for name in self.settings.keys() {
            if to.hyperparameter(name.get_ref()).is_none() {
                let hyper: Vec<&str> = to.hyper.iter().map(|one| one.name.as_str()).collect();
                let message = format!("{} has no hyperparameter `{}`", to.label(), name.get_ref());
                let help = Error::known_names(name.get_ref(), &hyper);
                return Err(source.error(&message, inside(name)).help(help));
            }
        }
        let mut settings = Vec::new();
        for hyper in &to.hyper {
            let written = self.settings.iter().find(|(name, _)| *name.get_ref() == hyper.name);
            let is_said = from.hyperparameter(&hyper.name).is_some();
            let formula = match written {
                Some((_, formula)) => setting(formula, &known, source)?,
                None if is_said || self.agreement == Agreement::None => unsaid(from, hyper),
                None => {
                    let (name, label) = (&hyper.name, to.label());
                    let message = format!("the translation to {label} says nothing about `{name}`");
                    let help = format!("add it: settings = {{ {name} = 0 }}");
                    return Err(source.error(&message, at).help(help));
                }
            };
            settings.push((hyper.name.clone(), formula));
        }
        let when = self.when.iter().map(|one| source.condition(one, &known));
        let when = when.collect::<Result<_>>()?;
        known.push("t");
        known.extend(from.columns.iter().map(|column| column.id.as_str()));
        let difference = self.difference.as_ref().map(|one| source.formula(one, &known, &[]));
        Ok(Translation {
            settings,
            agreement: self.agreement,
            when,
            difference: difference.transpose()?,
            notes: vec![self.note.clone()],
        })
    }
}

/// What `hyper` becomes where nothing is said: what has the same name in `source`, or its default.
pub(super) fn unsaid(source: &Definition, hyper: &Hyperparameter) -> Expr<Name> {
    match source.hyperparameter(&hyper.name) {
        Some(_) => Expr::Name(Name::here(&hyper.name)),
        None => Expr::Number(hyper.default),
    }
}

/// A setting: a number, or a formula over the source's hyperparameters.
fn setting(written: &Spanned<Toml>, known: &[&str], source: &Source) -> Result<Expr<Name>> {
    match written.get_ref() {
        Toml::Integer(number) => Ok(Expr::Number(*number as f64)),
        Toml::Float(number) if number.is_finite() => Ok(Expr::Number(*number)),
        Toml::String(text) => {
            source.formula(&Spanned::new(written.span(), text.clone()), known, &[])
        }
        _ => Err(source.error(
            "a setting is a number or a formula over the other form's hyperparameters",
            written.span(),
        )),
    }
}
