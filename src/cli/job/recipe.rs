//! What the sheets of a job are made from.

use std::collections::BTreeMap;

use crate::circuit::Model;
use crate::cli::chosen::Chosen;
use crate::cli::dialect;
use crate::data::Data;
use crate::error::Result;
use crate::optimizer::{self, Batch, Definition, Record, Setup, SheetRecord, State, Training};
use crate::sheet::Sheet;

/// What the sheets of all optimizers have in common.
pub struct Recipe {
    /// The model with its loss.
    pub model: Model,
    /// The way to train.
    pub training: Training,
    pub(super) start: Vec<f64>,
    pub(super) samples: usize,
    /// The data that resets run over, where a dialect may have some.
    pub(super) before: Option<Data>,
    /// What states of one optimizer start from instead of what its definition says, by its name.
    pub(super) states: Option<(String, BTreeMap<String, State>)>,
}

impl Recipe {
    /// The optimizer as it trains, with its sheet, for these hyperparameter values and this way to
    /// train.
    ///
    /// # Errors
    /// Those of [`optimizer::stamp`].
    pub fn sheet(
        &self,
        one: &Chosen,
        hyper: BTreeMap<String, f64>,
        training: Training,
    ) -> Result<(Definition, Sheet)> {
        let states = self.states.iter().filter(|(name, _)| *name == one.definition.name);
        let states = states.flat_map(|(_, states)| states.clone()).collect();
        let setup = Setup { hyper, training, states, ..Setup::new(&self.start, self.samples) };
        dialect::sheet(one, &self.model, setup, self.before.as_ref())
    }

    /// The optimizer's sheet as its definition has it: what model, loss and start are.
    ///
    /// # Errors
    /// Those of [`optimizer::stamp`].
    pub fn plain_sheet(&self, one: &Chosen) -> Result<Sheet> {
        let setup = Setup::new(&self.start, self.samples);
        optimizer::sheet(&one.definition, &self.model, &setup)
    }

    /// The same for a trial of so many epochs over other `data`.
    pub fn over(&self, data: &Data, epochs: usize) -> Recipe {
        let mut model = self.model.clone();
        model.shows_gates = false;
        let samples = data.samples();
        let batch = match self.training.batch {
            Batch::Of(size) if size >= samples => Batch::All,
            other => other,
        };
        Recipe {
            model,
            training: Training { batch, epochs, ..self.training.clone() },
            start: self.start.clone(),
            samples,
            before: self.before.as_ref().map(|_| data.clone()),
            states: self.states.clone(),
        }
    }

    /// What the `sheets` of the `chosen` optimizers, and those of their resets, were made from.
    pub(super) fn record(
        &self,
        chosen: &[Chosen],
        data: &Data,
        sheets: &[(Definition, Sheet)],
    ) -> Record {
        let of = |one: &Chosen, sheet: &Sheet, training| SheetRecord {
            sheet: sheet.name.clone(),
            optimizer: one.definition.label(),
            training,
        };
        let records = chosen.iter().zip(sheets).flat_map(|(one, (_, sheet))| {
            let own = of(one, sheet, dialect::scheduled(one, &self.training));
            let reset = sheet
                .reset
                .as_ref()
                .map(|reset| of(one, &reset.sheet, dialect::restarted(&self.training)));
            std::iter::once(own).chain(reset)
        });
        Record::new(&self.model, data, records.collect())
    }
}
