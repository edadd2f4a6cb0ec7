//! What `gdtrace optimizers --translate` finds and prints: settings, how well the steps agree, and
//! by how much they do when both forms are run.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chosen::{Chosen, apply_set};
use super::described::pretty;
use super::layout::{paragraph, rounded, table};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name, text};
use crate::optimizer::{
    Agreement, Decay, Definition, Hyperparameter, Registry, Translation, decay_forms,
};
use crate::trace::{MEASURED_SAMPLES, Measured, measure};
use crate::value::number_text;

/// Weights that are this near to each other differ by rounding.
const ROUNDING: f64 = 1e-12;

/// A translation with the values of one set of settings.
pub struct Translated {
    source: Definition,
    target: Definition,
    translation: Translation,
    /// Whether the forms are those of a penalty and of a decay, which no run knows.
    is_decay: bool,
    /// The settings of the source, and `n`.
    values: BTreeMap<String, f64>,
    /// The settings of the target.
    settings: BTreeMap<String, f64>,
    measured: Measured,
}

impl Translated {
    /// Translates `form`, with the values of `sets`, to its form called `target`, and measures.
    ///
    /// # Errors
    /// Unknown names, values that are no numbers or out of range.
    pub fn new(
        registry: &Registry,
        form: &Definition,
        target: &str,
        sets: &[String],
    ) -> Result<Self> {
        let (source, target, translation) = forms(registry, form, target)
            .map_err(|error| error.in_argument(format!("--translate {target}")))?;
        let hyper = source.hyper.iter().map(|one| (one.name.clone(), one.default)).collect();
        let mut chosen = [Chosen { hyper, ..Chosen::new(source.clone()) }];
        for set in sets {
            let name = set.split('=').next().unwrap_or_default();
            let full = match name.contains('.') {
                true => set.clone(),
                false => format!("{}.{set}", source.label()),
            };
            apply_set(registry, &mut chosen, if set.contains('=') { &full } else { set })
                .map_err(|error| error.in_argument(format!("--set {set}")))?;
        }
        let [Chosen { hyper: mut values, .. }] = chosen;
        let own = values.clone();
        values.insert("n".into(), MEASURED_SAMPLES as f64);
        let settings = translation.values(&values);
        let measured = measure((&source, &own), (&target, &settings))?;
        let is_decay = registry.find(&source.label()).is_err();
        Ok(Translated { source, target, translation, is_decay, values, settings, measured })
    }

    /// How well the steps agree with these settings.
    fn agreement(&self) -> Agreement {
        let out_of_range = self.out_of_range().is_some();
        match self.translation.broken(&self.values).is_empty() && !out_of_range {
            true => self.translation.agreement,
            false => Agreement::None,
        }
    }

    /// What there is to know, as text.
    pub fn text(&self) -> String {
        let (source, target) = (self.source.label(), self.target.label());
        let broken = self.translation.broken(&self.values);
        let verdict = match self.agreement() {
            Agreement::Exact => "the same steps, up to rounding",
            Agreement::Limit => "steps that come together as t grows",
            Agreement::Near => "nearly the same steps",
            Agreement::None if self.translation.agreement == Agreement::None => {
                "no settings give the same steps"
            }
            Agreement::None => "not the same steps with these settings",
        };
        let mut parts = vec![
            paragraph("", &format!("From {source} to {target}: {verdict}")),
            self.table(),
            self.reasons(&broken),
            self.measured(),
        ];
        parts.retain(|part| !part.is_empty());
        parts.push(if self.is_decay { self.next_decays() } else { self.next() });
        parts.join("\n\n")
    }

    fn table(&self) -> String {
        let (source, target) = (self.source.label(), self.target.label());
        let value = |values: &BTreeMap<String, f64>, name: &str| {
            values.get(name).map_or("none".to_owned(), |value| number_text(rounded(*value)))
        };
        let given = self.source.hyper.iter().map(|one| {
            let is_default = self.values.get(&one.name) == Some(&one.default);
            let origin = if is_default { "default" } else { "" };
            vec![one.name.clone(), value(&self.values, &one.name), origin.to_owned()]
        });
        let rows = self.translation.settings.iter().map(|(name, formula)| {
            vec![name.clone(), value(&self.settings, name), formula.to_string()]
        });
        let given = table(&[&source, "value", ""], given.collect());
        let rows = table(&[&target, "value", &format!("from {source}")], rows.collect());
        let uses_n = |formula: &Expr<Name>| formula.has_name(|name| name.id == "n");
        let samples = match self.translation.settings.iter().any(|(_, one)| uses_n(one)) {
            true => format!("\n\nn is the number of samples, {MEASURED_SAMPLES} here."),
            false => String::new(),
        };
        format!("{given}\n\n{rows}{samples}")
    }

    /// The first setting of the target that its range does not allow.
    fn out_of_range(&self) -> Option<String> {
        self.target.hyper.iter().find_map(|hyper| {
            let value = self.settings.get(&hyper.name).copied().unwrap_or(f64::NAN);
            let range = hyper.range.of(&hyper.name);
            let target = self.target.label();
            (!hyper.range.contains(value)).then(|| format!("{target} takes only {range}."))
        })
    }

    /// Why, under which conditions, and within what.
    fn reasons(&self, broken: &[&crate::formula::Condition]) -> String {
        let mut sentences = self.translation.notes.clone();
        for condition in &self.translation.when {
            let left = condition.left.to_string();
            let sentence = match (broken.contains(&condition), self.values.get(&left)) {
                (false, _) => format!("That holds for {condition}, as here."),
                (true, Some(value)) => {
                    let value = number_text(*value);
                    format!("But that takes {condition}, and here it is {value}.")
                }
                (true, None) => format!("But that takes {condition}, which is not so here."),
            };
            sentences.push(sentence);
        }
        sentences.extend(self.out_of_range());
        if let (Some(difference), true) = (&self.translation.difference, broken.is_empty()) {
            let value = |name: &Name| match self.values.get(&name.id) {
                Some(value) => number_text(*value),
                None => name.to_string(),
            };
            let numbers = text(difference, &value);
            let label = self.source.label();
            sentences.push(format!(
                "From the same state, a step differs by at most {difference} of its size: {numbers} here, \
                 with the columns of {label}."
            ));
        }
        sentences.iter().map(|one| paragraph("", one)).collect::<Vec<_>>().join("\n")
    }

    fn measured(&self) -> String {
        let Measured { steps, planned, difference, last } = self.measured;
        let early = match steps < planned {
            true => " (then a number is too large for a cell: the learning rate is too large)",
            false => "",
        };
        let short = |number: f64| match number >= 0.01 {
            true => format!("{number:.2}"),
            false => format!("{number:.1e}"),
        };
        let end = match difference > ROUNDING {
            true => format!(", {} at the end", short(last)),
            false => String::new(),
        };
        let apart = match difference {
            0.0 => "no difference at all".to_owned(),
            _ => {
                let largest = short(difference);
                format!("largest relative difference of the weights {largest}{end}")
            }
        };
        paragraph("", &format!("Measured over {steps} steps{early}: {apart}."))
    }

    fn next(&self) -> String {
        let (source, target) = (self.source.label(), self.target.label());
        let mut words = vec![format!("gdtrace run FILE.xlsx --optimizers {source},{target}")];
        words.extend(sets(&self.source.hyper, &format!("{source}."), &self.values));
        words.extend(sets(&self.target.hyper, &format!("{target}."), &self.settings));
        format!("To see both, step by step\n {}", words.join(" "))
    }

    /// What a run calls a penalty and a decay.
    fn next_decays(&self) -> String {
        let mut out = "To see both, step by step, where n is the number of your samples".to_owned();
        for (form, values) in [(&self.source, &self.values), (&self.target, &self.settings)] {
            let Some(decay) = form.hyper.last() else { continue };
            let option = form.variant.as_deref().unwrap_or_default();
            let value = match (std::ptr::eq(form, &self.source), values.get(&decay.name)) {
                (true, Some(value)) => number_text(rounded(*value)),
                _ => self.decay_over_n(),
            };
            let name = &form.name;
            let mut words =
                vec![format!("gdtrace run FILE.xlsx --optimizers {name} --{option} {value}")];
            let plain = &form.hyper[..form.hyper.len() - 1];
            words.extend(sets(plain, "", values));
            out += &format!("\n {} -o {option}.xlsx", words.join(" "));
        }
        out
    }

    /// The target's last setting with numbers for everything but n.
    fn decay_over_n(&self) -> String {
        let value = |name: &Name| match self.values.get(&name.id) {
            Some(value) if name.id != "n" => number_text(*value),
            _ => name.to_string(),
        };
        self.translation.settings.last().map_or(String::new(), |(_, one)| text(one, &value))
    }

    /// The same as one JSON object.
    ///
    /// # Errors
    /// None that a command can cause.
    pub fn json(&self) -> Result<String> {
        let settings = self.translation.settings.iter().map(|(name, formula)| PrintedSetting {
            name,
            formula: formula.to_string(),
            value: self.settings.get(name).copied(),
        });
        let Measured { steps, difference, .. } = self.measured;
        pretty(&Printed {
            from: self.source.label(),
            to: self.target.label(),
            agreement: self.agreement(),
            settings: settings.collect(),
            when: self.translation.when.iter().map(ToString::to_string).collect(),
            difference: self.translation.difference.as_ref().map(Expr::to_string),
            notes: &self.translation.notes,
            measured: PrintedMeasured { steps, largest_relative_difference: difference },
        })
    }
}

/// The `values` that depart from the defaults, as options of a run for the optimizer `label`.
fn sets(hyper: &[Hyperparameter], label: &str, values: &BTreeMap<String, f64>) -> Vec<String> {
    let changed = hyper.iter().filter_map(|one| {
        let value = rounded(*values.get(&one.name)?);
        let set = format!("--set {label}{}={}", one.name, number_text(value));
        (value != one.default).then_some(set)
    });
    changed.collect()
}

/// The two forms, and the way between them.
fn forms(
    registry: &Registry,
    form: &Definition,
    target: &str,
) -> Result<(Definition, Definition, Translation)> {
    let textbook = registry.find(&form.name)?;
    let own = format!("{}:", form.name);
    let name = target.trim().trim_start_matches(own.as_str());
    let to = (name != "textbook" && name != form.name).then_some(name);
    let decay = Decay::ALL.into_iter().find(|decay| decay.name() == name);
    if let (Some(decay), None) = (decay, textbook.variant(name)) {
        return decay_forms(form, decay);
    }
    let Some(end) = textbook.form(to) else {
        let variants = textbook.variants.iter().filter_map(|one| one.variant.as_deref());
        let known: Vec<&str> =
            ["textbook"].into_iter().chain(variants).chain(Decay::ALL.map(Decay::name)).collect();
        return Err(Error::new(format!("{} has no form `{name}`", form.name))
            .help(Error::known_names(name, &known)));
    };
    let from = form.variant.as_deref();
    if from == to {
        let label = form.label();
        return Err(Error::new(format!("{label} is that form already"))
            .help("name another form: a variant, or textbook for the plain form"));
    }
    let unknown = || Translation {
        agreement: Agreement::None,
        notes: vec!["The definition does not say how their settings translate.".into()],
        ..kept(form, end)
    };
    let translation = textbook.translation(from, to).unwrap_or_else(unknown);
    Ok((form.clone(), end.clone(), translation))
}

/// Settings of the same names keep their values, the others have their defaults.
fn kept(source: &Definition, target: &Definition) -> Translation {
    let settings = target.hyper.iter().map(|one| {
        let formula = match source.hyperparameter(&one.name) {
            Some(_) => Expr::Name(Name::here(&one.name)),
            None => Expr::Number(one.default),
        };
        (one.name.clone(), formula)
    });
    Translation { settings: settings.collect(), ..Translation::identity(target) }
}

#[derive(Serialize)]
struct Printed<'a> {
    from: String,
    to: String,
    agreement: Agreement,
    settings: Vec<PrintedSetting<'a>>,
    when: Vec<String>,
    difference: Option<String>,
    notes: &'a [String],
    measured: PrintedMeasured,
}

#[derive(Serialize)]
struct PrintedSetting<'a> {
    name: &'a str,
    formula: String,
    value: Option<f64>,
}

#[derive(Serialize)]
struct PrintedMeasured {
    steps: usize,
    largest_relative_difference: f64,
}
