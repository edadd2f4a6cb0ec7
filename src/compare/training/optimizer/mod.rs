//! Which optimizer a training follows, in any layout and for any model.
//!
//! What an update does with its gradient is a recurrence over gradient, hyperparameters and what is
//! remembered. It is run on invented gradients and held against the trees of the definitions.

mod ahead;
mod clock;
pub(crate) mod definition;
mod findings;
mod formulas;
mod freed;
mod odd;
mod recurrence;
mod settings;
mod trials;

use std::sync::atomic::AtomicUsize;

use super::Depth;
use super::case::Case;
use super::log::named;
use super::result::{Finding, Optimizer, Setting, State};
use crate::compare::forced::{Constant, Source};
use crate::compare::form::{Form, forms};
use crate::compare::matching::{self, Fit, Given};
use crate::compare::recognize::{PLAINEST, Recognized, Search, each_once};
use crate::graph::CellId;
use crate::optimizer::{Definition, Registry, registry};
use crate::sheet::Group;
use definition::written;
pub use definition::{Fault, Start, Written};
use recurrence::{GRADIENT, NEXT, Recurrence, WEIGHT};

/// So many counts of changes to a definition's formulas are tried: none, one, two.
const MOST_CHANGES: usize = 3;
/// And so many before something else is thought of: none and one.
const FEW_CHANGES: usize = 2;
/// And where only the formulas as they are count: none.
const NO_CHANGES: usize = 1;
/// So often columns are held against formulas before a rule is no known one: what is found is found long
/// before that.
const MOST_TRIED: usize = 4_000_000;
/// So many weights are asked for the optimizer before it is no known one.
const MOST_ASKED: usize = 2;

/// What is known of how the weights follow from their gradients: the optimizer, what is wrong with it, and
/// the rule as a definition.
type Known = (Option<Optimizer>, Vec<Finding>, Result<Written, Fault>);

/// What a weight's updates follow.
struct Followed<'c, 'a> {
    recurrence: &'c Recurrence<'c, 'a>,
    found: Recognized<'static>,
    /// The column whose numbers the rule takes for those of the updates, where it counts wrong.
    clock: Option<usize>,
}

impl Followed<'_, '_> {
    fn title(&self) -> &str {
        self.found.form.as_ref().map_or("another rule", |form| &form.definition.title)
    }

    /// Whether another weight's updates are the same: the same form, departures and numbers.
    fn is_like(&self, other: &Followed) -> bool {
        let label = |one: &Followed| one.found.form.as_ref().map(|form| form.definition.label());
        let departures = |one: &Followed| each_once(&one.found.fit.departures);
        label(self) == label(other)
            && departures(self) == departures(other)
            && self.inputs() == other.inputs()
    }

    /// How many hyperparameters are numbers in formulas, or not there at all.
    fn numbers(&self) -> usize {
        self.inputs().iter().filter(|(cell, _)| cell.is_none()).count()
    }

    /// How far the hyperparameters are from those of the definition, in millionths.
    fn oddity(&self) -> u64 {
        let graph = self.recurrence.case.ground.graph;
        let inputs = self.found.form.iter().flat_map(|form| &form.sheet.inputs);
        let held = inputs.zip(&self.found.fit.places.inputs).filter_map(|(input, constant)| {
            let value = match (*constant)? {
                Constant::Cell(at) => graph.value(self.recurrence.fixed[at]).number()?,
                Constant::Typed(number) => number,
                Constant::Absent(_) => return None,
            };
            Some((value - input.value).abs())
        });
        (held.sum::<f64>() * 1e6) as u64
    }

    /// The hyperparameters: the cell or the number of each.
    fn inputs(&self) -> Vec<(Option<CellId>, Option<u64>)> {
        let inputs = self.found.fit.places.inputs.iter();
        let told = inputs.map(|input| match *input {
            Some(Constant::Cell(at)) => (Some(self.recurrence.fixed[at]), None),
            Some(Constant::Typed(number) | Constant::Absent(number)) => {
                (None, Some(number.to_bits()))
            }
            None => (None, None),
        });
        told.collect()
    }
}

impl Case<'_> {
    /// The signs that gradients may have, so that the steps go down: both, where the loss may be made
    /// large.
    fn signs(&self) -> impl Iterator<Item = f64> {
        let sign = self.factor.signum();
        let other = (!self.is_made_small()).then_some(-sign);
        std::iter::once(sign).chain(other)
    }

    /// The optimizer that the weights follow, and what is wrong with how they do; none where it is no
    /// known one. Either way the rule as a definition.
    pub fn optimizer(&self, depth: Depth) -> Known {
        let unknown = || (None, Vec::new(), self.written_rule());
        let Ok(registry) = registry() else { return unknown() };
        let Ok(forms) = forms(registry, &Form::of_weight) else { return unknown() };
        let weights = || 0..self.group().len();
        let used: Vec<Recurrence> = weights().filter_map(|at| Recurrence::new(self, at)).collect();
        if !used.iter().take(MOST_ASKED).any(trials::have_numbers) {
            return unknown();
        }
        let all = weights().filter_map(|at| Recurrence::with_unused(self, at));
        let all: Vec<Recurrence> = all.collect();
        let explained = |recurrences, most| self.explained(recurrences, registry, &forms, most);
        if depth == Depth::Known {
            let nothing = || (None, Vec::new(), Err(Fault::new(None, "a rule like no other")));
            return explained(&used, NO_CHANGES).unwrap_or_else(nothing);
        }
        explained(&used, FEW_CHANGES)
            .or_else(|| explained(&all, FEW_CHANGES))
            .or_else(|| self.explained_freed(registry, &forms))
            .or_else(|| explained(&used, MOST_CHANGES))
            .unwrap_or_else(unknown)
    }

    /// The known optimizer that the weights follow as far as nothing holds them back and the learning rate
    /// stays, with the rule as the sheet has it.
    fn explained_freed(
        &self,
        registry: &'static Registry,
        forms: &[Form<'static>],
    ) -> Option<Known> {
        let freed = (0..self.group().len()).filter_map(|at| Recurrence::freed(self, at));
        let freed: Vec<Recurrence> = freed.collect();
        let (optimizer, findings, _) = self.explained(&freed, registry, forms, FEW_CHANGES)?;
        let mut optimizer = optimizer?;
        if self.has_schedule() {
            optimizer.departures.extend(self.changing_rate());
            // It is no single number.
            optimizer.settings.retain(|one| one.name != "lr");
        }
        optimizer.departures.extend(self.restraints());
        let written = written(self, None).map(|mut found| {
            titled(&mut found.definition, &optimizer.title);
            found
        });
        Some((Some(optimizer), findings, written))
    }

    /// The same by certain recurrences; none where they are no known optimizer's.
    fn explained(
        &self,
        all: &[Recurrence],
        registry: &'static Registry,
        forms: &[Form<'static>],
        most: usize,
    ) -> Option<Known> {
        let kinds = odd::kinds(all);
        let usual = usual(&kinds, registry, forms, most)?;
        let form = usual.found.form.as_ref()?;
        let same = [form.clone()];
        let mut alike: Vec<&Recurrence> = Vec::new();
        let mut findings = Vec::new();
        let changes = usual.found.fit.departures.len() + 1;
        for kind in kinds {
            let first = kind[0];
            let is_like = || {
                let clock =
                    usual.clock.and_then(|at| first.find(&usual.recurrence.columns[at].cells));
                let most = changes.clamp(FEW_CHANGES, MOST_CHANGES);
                let other = followed(first, registry, same.to_vec(), clock, most);
                other.is_some_and(|other| usual.is_like(&other))
            };
            match std::ptr::eq(first, usual.recurrence) || is_like() {
                true => {
                    findings.extend(odd::starts(&kind));
                    alike.extend(kind);
                }
                false => {
                    findings.extend(kind.iter().flat_map(|one| odd::findings_of(&usual, one)));
                }
            }
        }
        alike.sort_by_key(|one| one.weight);
        findings.extend(findings::slips(&usual, &alike));
        findings.extend(clock::findings(&usual));
        findings.extend(settings::findings(&usual));
        let mut optimizer = told(usual.recurrence, &alike, &usual.found, form);
        self.name_look_ahead(&mut optimizer);
        findings.extend(self.places_beside());
        findings.extend(self.places_missing());
        let written = match self.fault_ahead() {
            Some(fault) => Err(fault),
            None => written(self, Some(&usual)),
        };
        Some((Some(optimizer), findings, written))
    }

    /// The rule as a definition, whatever it is.
    pub fn written_rule(&self) -> Result<Written, Fault> {
        let mut found = written(self, None)?;
        found.nearest = definition::nearest(&found.definition);
        Ok(found)
    }

    /// Plain gradient descent as a definition.
    pub fn written_descent(&self) -> Result<Written, Fault> {
        let mut found = written(self, None)?;
        titled(&mut found.definition, &Optimizer::descent().title);
        Ok(found)
    }
}

/// Calls a definition of a sheet's own formulas after the optimizer that it is.
fn titled(definition: &mut Definition, title: &str) {
    definition.summary = format!("{title}, with the formulas and settings of a spreadsheet");
    definition.title = crate::value::sentence(title).trim_end_matches('.').to_owned();
}

/// What most weights follow, each kind of them as many as do the same. Of two kinds that are as many, the
/// textbook's form, one that takes its hyperparameters from cells and one whose hyperparameters are near
/// those that everybody takes are more usual.
fn usual<'c, 'a>(
    kinds: &[Vec<&'c Recurrence<'c, 'a>>],
    registry: &'static Registry,
    forms: &[Form<'static>],
    most: usize,
) -> Option<Followed<'c, 'a>> {
    let mut asked: Vec<(usize, Followed)> = Vec::new();
    for kind in kinds.iter().take(MOST_ASKED) {
        let is_usual = |one: &(usize, Followed)| one.0 > kind.len() && !one.1.found.fit.has_slip();
        if asked.iter().any(is_usual) {
            break;
        }
        asked.extend(follow(kind[0], registry, forms, most).map(|one| (kind.len(), one)));
    }
    let usual = asked.into_iter().min_by_key(|(count, one)| {
        let form = one.found.form.as_ref();
        let is_variant = form.is_some_and(|form| form.definition.variant.is_some());
        let departures = one.found.fit.departures.len() + one.found.from_textbook.len();
        let has_slip = one.found.fit.has_slip();
        (has_slip, std::cmp::Reverse(*count), is_variant, departures, one.numbers(), one.oddity())
    });
    usual.map(|(_, one)| one)
}

/// The form that a weight's updates follow. Where none does as it is, a count of the updates that does
/// not count is a simpler reason than several changed formulas.
fn follow<'c, 'a>(
    recurrence: &'c Recurrence<'c, 'a>,
    registry: &'static Registry,
    forms: &[Form<'static>],
    most: usize,
) -> Option<Followed<'c, 'a>> {
    let with = |clock, most| followed(recurrence, registry, forms.to_vec(), clock, most);
    let clocks = clock::miscounting(recurrence, &trials::trials(recurrence));
    if clocks.is_empty() {
        return with(None, most);
    }
    let is_right = |one: &Followed| !one.found.fit.has_slip();
    let mut counted = clocks.into_iter().filter_map(|clock| with(Some(clock), FEW_CHANGES));
    with(None, 1).filter(is_right).or_else(|| counted.find(is_right)).or_else(|| with(None, most))
}

/// The same with at most so many counts of changes, by the numbers of the updates in a certain column.
fn followed<'c, 'a>(
    recurrence: &'c Recurrence<'c, 'a>,
    registry: &'static Registry,
    forms: Vec<Form<'static>>,
    clock: Option<usize>,
    most: usize,
) -> Option<Followed<'c, 'a>> {
    let mut found = recognized(recurrence, registry, forms, clock, most).ok()?;
    if let Some(form) = &found.form {
        found.fit.blame_lone_corrections(form);
    }
    found.form.is_some().then_some(Followed { recurrence, found, clock })
}

/// The form that explains a recurrence best: two decays are two numbers, unless only one for both
/// explains everything.
fn recognized<'r>(
    recurrence: &Recurrence,
    registry: &'r Registry,
    forms: Vec<Form<'r>>,
    clock: Option<usize>,
    most: usize,
) -> crate::error::Result<Recognized<'r>> {
    let machine = recurrence.machine();
    let trials = trials::trials(recurrence);
    let known = matching::Known { data: Vec::new(), weights: vec![Source::of(WEIGHT)] };
    let search = |forms, may_share_decays, most| {
        let common = Form::of_weight(registry.find(PLAINEST)?)?;
        // What is done on the way to the new weight is not the new weight.
        let next = common.sheet.weights[0].next;
        let pins = [(NEXT, common.sheet.columns[next].id.clone())];
        let given = Given {
            machine: &machine,
            trials: &trials,
            known: &known,
            pins: &pins,
            set: &[],
            bound: &[],
            may_share_decays,
            left: Some(&AtomicUsize::new(MOST_TRIED)),
        };
        let forward = recurrence.case.signs().map(|sign| forward(&common, sign, clock)).collect();
        let textbook = |name: &str| Form::of_weight(registry.find(name)?);
        Search { given, common, forward, textbook: &textbook }.recognized(forms, most)
    };
    let found = search(forms.clone(), false, most)?;
    if found.form.is_some() && !found.fit.has_slip() {
        return Ok(found);
    }
    let shared = search(forms, true, 1)?;
    Ok(if shared.form.is_some() { shared } else { found })
}

/// What is known of a form beforehand: the weight and its gradient, with its sign or the other, and
/// the column with the numbers of the updates.
fn forward(common: &Form, sign: f64, clock: Option<usize>) -> Fit {
    let mut places = crate::compare::forced::Places::none(common);
    places.columns[common.sheet.row] = clock.map(Source::of);
    for weight in &common.sheet.weights {
        places.columns[weight.current] = Some(Source::of(WEIGHT));
        places.columns[weight.gradient] = Some(Source { sign, ..Source::of(GRADIENT) });
    }
    Fit { places, departures: Vec::new(), unexplained: Vec::new() }
}

/// What was recognized, for whoever tells it.
fn told(
    recurrence: &Recurrence,
    alike: &[&Recurrence],
    found: &Recognized,
    form: &Form,
) -> Optimizer {
    let sheet = &form.sheet;
    let graph = recurrence.case.ground.graph;
    let inputs = sheet.inputs.iter().zip(&found.fit.places.inputs);
    let settings = inputs.filter_map(|(input, constant)| {
        let (cell, value) = match *constant.as_ref()? {
            Constant::Cell(at) => {
                let cell = recurrence.fixed[at];
                (Some(cell), graph.value(cell).number()?)
            }
            Constant::Typed(number) => (None, number),
            Constant::Absent(_) => return None,
        };
        Some(Setting { name: named(&input.id).to_owned(), cell, value })
    });
    let states = sheet.columns.iter().zip(&found.fit.places.columns);
    let states = states.filter(|(column, _)| column.group == Group::State);
    let states = states.filter_map(|(column, source)| Some((column, (*source)?.column)));
    let states = states.flat_map(|(column, at)| {
        let like = alike.iter().filter_map(move |one| Some((one, one.like(recurrence, at)?)));
        like.map(move |(one, at)| State {
            name: without_weight(&column.header),
            meaning: column.meaning.replace("de/dw", "the loss's derivative"),
            weight: one.weight,
            cells: one.all_cells(at).collect(),
        })
    });
    let mut departures = found.from_textbook.clone();
    // A variant that is told from the textbook needs no words of its own.
    let is_told = form.definition.variant.is_some() && departures.iter().all(|one| !one.is_note);
    let own = if is_told { &[][..] } else { &found.fit.departures };
    for departure in each_once(own) {
        if !departures.contains(&departure) {
            departures.push(departure);
        }
    }
    let note = departures.iter().find(|one| one.is_note).map(|one| one.text.clone());
    let chosen = departures.into_iter().filter(|one| !one.is_mistake && !one.is_note);
    let departures = chosen.map(|one| without_weight(&one.text)).collect();
    Optimizer {
        name: form.definition.name.clone(),
        variant: form.definition.variant.clone(),
        title: match form.definition.name.as_str() {
            PLAINEST => Optimizer::descent().title,
            _ => form.definition.title.clone(),
        },
        note,
        departures,
        settings: settings.collect(),
        states: states.collect(),
    }
}

/// A phrase about a weight's column for all weights, and about iterations for rows.
pub(super) fn without_weight(text: &str) -> String {
    text.replace("_w", "").replace("the row above", "the iteration before")
}
