//! The columns round an optimizer: which sample a row has, and the gradient that the optimizer
//! gets.

use super::{Training, formula_of};
use crate::circuit::{Model, gradient_id};
use crate::error::Result;
use crate::formula::{Expr, Name};
use crate::sheet::{Draft, Group, ORDER};

impl Training {
    /// Which row, epoch and sample it is, and which update, all as formulas of the row above and n.
    pub(in crate::optimizer) fn index_columns(&self) -> Result<Vec<Draft>> {
        let row = self.row();
        let counted = |id: &str, symbol: &str, meaning: &str| {
            index(id, id, symbol, meaning, &format!("prev.{id} + 1"), Some(0.0))
        };
        let mut drafts = vec![match self.has_batches() {
            true => counted("row", "row", "samples seen so far")?,
            false => counted("step", "t", "updates so far")?,
        }];
        let epoch = format!("floor(({row} - 1)/n) + 1");
        let meaning = "how often all samples were seen";
        drafts.push(index("epoch", "epoch", "epoch", meaning, &epoch, None)?);
        let place = format!("mod({row} - 1, n) + 1");
        let which = if self.has_batches() { "this row" } else { "this step" };
        let meaning = format!("which row of `data` {which} uses");
        if self.shuffle.is_some() {
            let told = "which place in the epoch's order this row has";
            drafts.push(index("place", "place", "place", told, &place, None)?);
            let sample = index("sample", "sample", "i", &meaning, "place", None)?;
            drafts.push(Draft { formula: Expr::Name(Name::here(ORDER)), ..sample });
        } else {
            drafts.push(index("sample", "sample", "i", &meaning, &place, None)?);
        }
        if self.has_batches() {
            drafts.extend(self.batch_columns()?);
        }
        Ok(drafts)
    }

    /// The column that counts rows.
    pub(in crate::optimizer) fn row(&self) -> &'static str {
        if self.has_batches() { "row" } else { "step" }
    }

    /// The column with the place of a row in its epoch.
    pub(super) fn place(&self) -> &'static str {
        if self.shuffle.is_some() { "place" } else { "sample" }
    }

    fn batch_columns(&self) -> Result<[Draft; 3]> {
        let seen = "how many samples of the batch were seen, with this one";
        let counted = "if(prev.update = 1, 1, prev.in_batch + 1)";
        let ends = "1 where a batch is full or an epoch ends, and the weights are updated";
        let full = format!("if(in_batch = batch_size, 1, if({} = n, 1, 0))", self.place());
        let step = "updates so far, with that of this row's batch";
        Ok([
            index("in_batch", "in batch", "k", seen, counted, Some(0.0))?,
            index("update", "update", "update", ends, &full, Some(1.0))?,
            index("step", "step", "t", step, "prev.step + prev.update", Some(0.0))?,
        ])
    }

    /// The penalty of the weights, and the cost that it makes of the loss.
    pub(in crate::optimizer) fn penalty_columns(&self, model: &Model) -> Result<Vec<Draft>> {
        if self.l2.is_none() {
            return Ok(Vec::new());
        }
        let squares: Vec<String> = model
            .weights
            .iter()
            .filter(|weight| self.decays(weight))
            .map(|weight| format!("{weight}^2"))
            .collect();
        let penalty = format!("l2/(2*n)*({})", squares.join(" + "));
        let meaning = "the L2 penalty: l2/(2n) times the sum of the squared weights";
        let cost = format!("{} + penalty", model.loss_id());
        Ok(vec![
            column(Group::Forward, "penalty", "penalty", "penalty", meaning, &penalty)?,
            column(Group::Forward, "cost", "cost", "C", "the loss and the penalty", &cost)?,
        ])
    }

    /// From the gradient of a sample to the one that the optimizer gets: the mean over the batch,
    /// with the penalty's part, clipped.
    pub(in crate::optimizer) fn gradient_columns(&self, model: &Model) -> Result<Vec<Draft>> {
        let mut drafts = Vec::new();
        let weights = &model.weights;
        if self.has_batches() {
            for weight in weights {
                let of = |what: &str| format!("{what} de/d{weight}");
                let (sum, gradient) = (format!("sum_{weight}"), gradient_id(weight));
                let formula = format!("if(in_batch = 1, {gradient}, prev.{sum} + {gradient})");
                let symbol = format!("Σ∂e/∂{weight}");
                let meaning = format!("de/d{weight} added up over the batch so far");
                let summed =
                    column(Group::Gradient, &sum, &of("sum"), &symbol, &meaning, &formula)?;
                drafts.push(Draft { initial: Some(Expr::Number(0.0)), ..summed });
                let symbol = format!("mean ∂e/∂{weight}");
                let meaning = format!(
                    "the mean of de/d{weight} over the batch so far; on its last row the gradient"
                );
                let (id, formula) = (format!("mean_{weight}"), format!("{sum}/in_batch"));
                drafts.push(column(
                    Group::Gradient,
                    &id,
                    &of("mean"),
                    &symbol,
                    &meaning,
                    &formula,
                )?);
            }
        }
        for weight in weights.iter().filter(|weight| self.l2.is_some() && self.decays(weight)) {
            let id = format!("g_{weight}");
            let meaning = format!("the gradient of the cost: the penalty adds l2/n*{weight}");
            let formula = format!("{} + l2/n*{weight}", self.loss_gradient(weight));
            drafts.push(column(Group::Gradient, &id, &id, &id, &meaning, &formula)?);
        }
        if self.clip.is_some() {
            drafts.extend(self.clip_columns(model)?);
        }
        Ok(drafts)
    }

    fn clip_columns(&self, model: &Model) -> Result<Vec<Draft>> {
        let squares: Vec<String> = model
            .weights
            .iter()
            .map(|weight| format!("{}^2", self.cost_gradient(weight)))
            .collect();
        let norm = format!("sqrt({})", squares.join(" + "));
        let meaning = "the norm of the gradient of all weights together";
        let factor =
            "what the gradient is multiplied with: 1, or what brings its norm down to clip";
        let mut drafts = vec![
            column(Group::Gradient, "norm", "norm", "norm", meaning, &norm)?,
            column(
                Group::Gradient,
                "clip_factor",
                "clip factor",
                "factor",
                factor,
                "if(norm > clip, clip/norm, 1)",
            )?,
        ];
        for weight in &model.weights {
            let (id, header) = (format!("clipped_{weight}"), format!("clipped g_{weight}"));
            let meaning = format!("the gradient by {weight}, clipped");
            let formula = format!("clip_factor*{}", self.cost_gradient(weight));
            let symbol = format!("clip g_{weight}");
            drafts.push(column(Group::Gradient, &id, &header, &symbol, &meaning, &formula)?);
        }
        Ok(drafts)
    }

    /// The column with the gradient of the loss, over the batch.
    pub(in crate::optimizer) fn loss_gradient(&self, weight: &str) -> String {
        if self.has_batches() { format!("mean_{weight}") } else { gradient_id(weight) }
    }

    /// The column with the gradient of the cost: with the penalty's part.
    fn cost_gradient(&self, weight: &str) -> String {
        match self.l2.is_some() && self.decays(weight) {
            true => format!("g_{weight}"),
            false => self.loss_gradient(weight),
        }
    }

    /// The column with the gradient that the optimizer gets.
    pub(in crate::optimizer) fn gradient(&self, weight: &str) -> String {
        match self.clip {
            Some(_) => format!("clipped_{weight}"),
            None => self.cost_gradient(weight),
        }
    }

    /// The loss of an update, for an optimizer that looks at it, with the columns that it needs.
    pub(in crate::optimizer) fn loss_columns(&self, model: &Model) -> Result<(String, Vec<Draft>)> {
        let loss = if self.l2.is_some() { "cost" } else { model.loss_id() };
        if !self.has_batches() {
            return Ok((loss.to_owned(), Vec::new()));
        }
        let (sum, mean) = ("sum_loss", "mean_loss");
        let formula = format!("if(in_batch = 1, {loss}, prev.sum_loss + {loss})");
        let told = "the loss added up over the batch so far";
        let summed = column(Group::Gradient, sum, "sum loss", "Σe", told, &formula)?;
        let told = "the mean loss over the batch so far";
        let averaged =
            column(Group::Gradient, mean, "mean loss", "mean e", told, "sum_loss/in_batch")?;
        let summed = Draft { initial: Some(Expr::Number(0.0)), ..summed };
        Ok((mean.to_owned(), vec![summed, averaged]))
    }

    /// `draft` so that it keeps the value of the row above where no batch ends. Whatever an
    /// optimizer computes is of an update, and rows between updates have none.
    pub(in crate::optimizer) fn held(&self, draft: Draft, kept: Name) -> Result<Draft> {
        if !self.has_batches() {
            return Ok(draft);
        }
        let choice = formula_of("if(update = 1, a, b)")?;
        let formula = choice.substitute(&mut |name: &Name| {
            Ok::<_, crate::error::Error>(match name.id.as_str() {
                "a" => draft.formula.clone(),
                "b" => Expr::Name(kept.clone()),
                _ => Expr::Name(name.clone()),
            })
        })?;
        let initial = draft.initial.or(Some(Expr::Number(0.0)));
        Ok(Draft { formula, initial, ..draft })
    }
}

fn index(
    id: &str,
    header: &str,
    symbol: &str,
    meaning: &str,
    formula: &str,
    initial: Option<f64>,
) -> Result<Draft> {
    let draft = column(Group::Index, id, header, symbol, meaning, formula)?;
    Ok(Draft { initial: initial.map(Expr::Number), ..draft })
}

fn column(
    group: Group,
    id: &str,
    header: &str,
    symbol: &str,
    meaning: &str,
    formula: &str,
) -> Result<Draft> {
    Ok(Draft {
        id: id.into(),
        header: header.into(),
        symbol: symbol.into(),
        group,
        meaning: meaning.into(),
        formula: formula_of(formula)?,
        initial: None,
    })
}
