//! What a way to train changes in an optimizer's own formulas.

use super::{Schedule, Training, formula_of};
use crate::error::{Error, Result};
use crate::formula::{Expr, Name};
use crate::optimizer::{ColumnDefinition, Definition};

/// The hyperparameter that is an optimizer's own decoupled decay.
pub const OWN_DECAY: &str = "decay";

/// The learning rate of an update, where a schedule moves it.
pub const SCHEDULED: &str = "lr_t";

/// The columns of schedules.
const OF_SCHEDULES: [&str; 3] = [SCHEDULED, "root_S", "smallest"];

impl Training {
    /// `definition` as it trains this way: with the scheduled learning rate for lr, and the decayed
    /// weight for w.
    ///
    /// # Errors
    /// A schedule that needs what the optimizer does not have.
    pub fn apply(&self, definition: &Definition, weights: &[String]) -> Result<Definition> {
        let mut trained = definition.clone();
        if self.penalizes_in_update(definition) {
            trained.update.formula =
                definition.update_with_l2.clone().unwrap_or(trained.update.formula);
        }
        if self.weight_decay.is_some() && definition.hyperparameter(OWN_DECAY).is_none() {
            self.add_decay(&mut trained)?;
        }
        if self.schedule != Schedule::Constant {
            let columns = self.schedule_columns(definition, weights)?;
            let scheduled = |name: &Name| match name.id.as_str() {
                "lr" => Name { id: SCHEDULED.into(), ..name.clone() },
                _ => name.clone(),
            };
            for column in trained.columns.iter_mut().chain([&mut trained.update]) {
                column.formula = column.formula.rename(scheduled);
            }
            trained.columns.splice(0..0, columns);
        }
        // The bound is a theorem for a constant rate and the gradient of the loss alone.
        let is_plain = self.l2.is_none() && self.weight_decay.is_none() && self.clip.is_none();
        if !is_plain || self.schedule != Schedule::Constant {
            trained.largest_lr = None;
        }
        Ok(trained)
    }

    /// Whether the column `id` of a definition is the schedule's.
    pub fn is_of_schedule(&self, id: &str) -> bool {
        self.schedule != Schedule::Constant && OF_SCHEDULES.contains(&id)
    }

    /// The gradient that the optimizer gets, in words, where it is not that of one sample.
    pub fn gradient_rule(&self) -> Option<String> {
        let loss = if self.has_batches() { "mean of de/dw over the batch" } else { "de/dw" };
        let cost = match self.l2 {
            Some(_) => format!("{loss} + l2/n*w"),
            None => loss.to_owned(),
        };
        match self.clip {
            Some(_) => Some(format!("g = clip_factor*({cost})")),
            None => (cost != "de/dw").then(|| format!("g = {cost}")),
        }
    }

    /// Whether the penalty's part of the gradient stands in the update's formula, as books write
    /// it for plain gradient descent. A gradient that is clipped has it inside.
    pub fn penalizes_in_update(&self, definition: &Definition) -> bool {
        self.l2.is_some() && self.clip.is_none() && definition.update_with_l2.is_some()
    }

    /// The decayed weight as a column, and in place of the weight in the update; where that is made of other
    /// columns alone, in these.
    fn add_decay(&self, trained: &mut Definition) -> Result<()> {
        let decayed = |name: &Name| match name.id.as_str() {
            "w" => Name { id: "decayed".into(), ..name.clone() },
            _ => name.clone(),
        };
        let column = ColumnDefinition {
            id: "decayed".into(),
            header: "decayed {w}".into(),
            symbol: "{w}'".into(),
            meaning: "{w} after its decay, before the step".into(),
            formula: formula_of("(1 - lr*weight_decay)*w")?,
            start: None,
            shared: false,
        };
        if trained.update.formula.has_name(|name| name.id == "w") {
            trained.update.formula = trained.update.formula.rename(decayed);
            trained.columns.push(column);
        } else {
            for own in &mut trained.columns {
                own.formula = own.formula.rename(decayed);
            }
            trained.columns.insert(0, column);
        }
        Ok(())
    }

    /// The columns of the learning rate.
    fn schedule_columns(
        &self,
        definition: &Definition,
        weights: &[String],
    ) -> Result<Vec<ColumnDefinition>> {
        if definition.hyperparameter("lr").is_none() {
            let what = format!("{} has no learning rate lr to schedule", definition.label());
            return Err(Error::new(what).in_argument(format!("--schedule {}", self.schedule)));
        }
        let column = |id: &str, header: &str, symbol: &str, meaning: &str, formula: &str| {
            Ok::<_, Error>(ColumnDefinition {
                id: id.into(),
                header: header.into(),
                symbol: symbol.into(),
                meaning: meaning.into(),
                formula: formula_of(formula)?,
                start: None,
                shared: true,
            })
        };
        if let Some(formula) = self.schedule.formula() {
            let meaning = "the learning rate of this update, by the schedule";
            return Ok(vec![column(SCHEDULED, "lr", "α_t", meaning, &formula)?]);
        }
        let has_second_moment = definition.columns.iter().any(|one| one.id == "S" && !one.shared);
        if !has_second_moment {
            let what = format!(
                "the schedule annealing looks at the second moment S, which {} does not have",
                definition.label()
            );
            return Err(Error::new(what)
                .in_argument("--schedule annealing")
                .help("use it with rmsprop, adam and their kin"));
        }
        let first = format!("{} = 1", self.place());
        let roots: Vec<String> =
            weights.iter().map(|weight| format!("sqrt(prev.S_{weight})")).collect();
        let start = |value: Expr<Name>, one: ColumnDefinition| ColumnDefinition {
            start: Some(value),
            ..one
        };
        let smallest = column(
            "smallest",
            "smallest root S",
            "min√S",
            "the smallest root S at the end of an epoch so far; 0 in the first epoch",
            &format!(
                "if(epoch = 1, 0, if({first}, if(epoch = 2, root_S, min(prev.smallest, root_S)), \
                 prev.smallest))"
            ),
        )?;
        let scheduled = column(
            SCHEDULED,
            "lr",
            "α_t",
            "the learning rate: a quarter of it after an epoch whose root S is more than twice the \
             smallest one before",
            &format!(
                "if(epoch <= 2, lr, if({first}, if(root_S > 2*prev.smallest, prev.lr_t/4, \
                 prev.lr_t), prev.lr_t))"
            ),
        )?;
        Ok(vec![
            column(
                "root_S",
                "root S",
                "√S",
                "the roots of all S before this row, added up",
                &roots.join(" + "),
            )?,
            start(Expr::Number(0.0), smallest),
            start(formula_of("lr")?, scheduled),
        ])
    }
}
