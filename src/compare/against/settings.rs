//! Hyperparameters, start values and forms in which two tables differ: the first thing to say,
//! since everything else follows from them.

use super::Pair;
use crate::compare::result::{Finding, Kind, Setting};
use crate::compare::words::shown;

/// A number that both tables work with, and that differs.
pub(super) struct Differing {
    /// What it is: `lr`, `v_b`.
    pub name: String,
    /// Whether it is a start value.
    pub is_start: bool,
    /// What is said of it.
    pub finding: Finding,
}

impl Pair<'_> {
    /// The hyperparameters that differ, then the start values.
    pub fn settings(&self) -> Vec<Differing> {
        let (ours, theirs) = (self.ours.found, self.theirs.found);
        let mut all = self.differing(&ours.hyper, &theirs.hyper, false);
        // Tables that begin at different rows start from different numbers, rightly.
        if self.rows.partner.first() == Some(&Some(0)) {
            all.extend(self.differing(&ours.start, &theirs.start, true));
        }
        all
    }

    fn differing(&self, ours: &[Setting], theirs: &[Setting], is_start: bool) -> Vec<Differing> {
        let differing = ours.iter().filter_map(|here| {
            let there = theirs.iter().find(|there| there.name == here.name)?;
            self.differs(here.value, there.value).then(|| Differing {
                name: here.name.clone(),
                is_start,
                finding: self.setting(here, there, is_start),
            })
        });
        differing.collect()
    }

    fn setting(&self, here: &Setting, there: &Setting, is_start: bool) -> Finding {
        let what = if is_start { "the start of " } else { "" };
        let place = match &here.cell {
            Some(cell) => format!(" in {cell}"),
            None if is_start => String::new(),
            None => " in the formulas".to_owned(),
        };
        // A cell of another sheet says so itself.
        let other = match &there.cell {
            Some(cell) if cell.contains('!') => format!("{}, {cell}", self.file()),
            Some(cell) => format!("{}!{cell}", self.name),
            None => self.name.clone(),
        };
        let name = &here.name;
        let (ours, theirs) = (shown(here.value), shown(there.value));
        let cell = here.cell.as_ref().map(|cell| match cell.contains('!') {
            true => cell.clone(),
            false => self.ours.address(cell),
        });
        Finding {
            expected: Some(theirs.clone()),
            found: Some(ours.clone()),
            fix: here.cell.as_ref().map(|cell| format!("write {theirs} into {cell}")),
            ..Finding::new(
                Kind::Value,
                cell.unwrap_or_else(|| self.ours.address(&self.ours.cell(0, 0))),
                format!("{what}{name} is {ours}{place}, but {theirs} in {other}"),
            )
        }
    }

    /// The other file without its sheet.
    fn file(&self) -> &str {
        let ending = format!(", {}", self.theirs.found.sheet);
        self.name.strip_suffix(&ending).unwrap_or(&self.name)
    }

    /// The hyperparameters that only one table has, in words.
    pub fn settings_of_one(&self) -> Vec<String> {
        let (ours, theirs) = (&self.ours.found.hyper, &self.theirs.found.hyper);
        let only = |of: &[Setting], other: &[Setting]| -> Vec<String> {
            let lacks = |one: &&Setting| other.iter().all(|known| known.name != one.name);
            let said = |one: &Setting| format!("{} {}", one.name, shown(one.value));
            of.iter().filter(lacks).map(said).collect()
        };
        let (here, there) = (only(ours, theirs), only(theirs, ours));
        let mut remarks = Vec::new();
        if !here.is_empty() {
            remarks.push(format!("settings that {} lacks: {}", self.name, here.join(", ")));
        }
        if !there.is_empty() {
            remarks.push(format!("settings that only {} has: {}", self.name, there.join(", ")));
        }
        remarks
    }

    /// That the two compute something else, where they do.
    pub fn forms(&self) -> Vec<Finding> {
        let (ours, theirs) = (self.ours.found, self.theirs.found);
        let label =
            |optimizer: &Option<String>, variant: &Option<String>| match (optimizer, variant) {
                (Some(name), Some(variant)) => format!("{name}:{variant}"),
                (Some(name), None) => name.clone(),
                (None, _) => "an update that gdtrace does not know".to_owned(),
            };
        let (here, there) =
            (label(&ours.optimizer, &ours.variant), label(&theirs.optimizer, &theirs.variant));
        let mut messages = Vec::new();
        if here != there {
            messages.push(format!("this is {here}, but {} is {there}", self.name));
        }
        let of_one = |of: &[String], other: &[String]| -> Vec<String> {
            of.iter().filter(|one| !other.contains(one)).cloned().collect()
        };
        for departure in of_one(&ours.departures, &theirs.departures) {
            messages.push(format!("this sheet {departure}; {} does not", self.name));
        }
        for departure in of_one(&theirs.departures, &ours.departures) {
            messages.push(format!("{} {departure}; this sheet does not", self.name));
        }
        let update = self.ours.form.sheet.weights.first().and_then(|one| self.ours.shows(one.next));
        let cell = self.ours.address(&self.ours.cell(update.unwrap_or(0), 0));
        let finding = |message: String| Finding::new(Kind::Variant, cell.clone(), message);
        messages.into_iter().map(finding).collect()
    }
}
