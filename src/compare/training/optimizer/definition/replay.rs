//! A definition run over the gradients of a sheet: whether it takes the sheet's own steps.

use std::collections::HashMap;

use super::Fault;
use crate::compare::training::result::Training;
use crate::formula::{Expr, Name, evaluate};
use crate::graph::{CellId, Graph};
use crate::optimizer::Definition;
use crate::value::{Value, number_text};

/// How far a weight may be from the sheet's, as a part of its size and that of the step.
const NEAR: f64 = 1e-10;

impl Training {
    /// The gradient that its definition is given.
    pub(crate) fn gradient(&self, graph: &Graph, weight: usize, iteration: usize) -> Option<f64> {
        let cells = &self.anatomy[iteration].weights[weight];
        let number = match (cells.gradient, &cells.part) {
            (Some(cell), _) => graph.value(cell).number()?,
            (None, Some((tree, times))) => {
                graph.evaluate_tree(tree, graph.values()).number()? * times
            }
            _ => return None,
        };
        let sign = if self.factor < 0.0 { -1.0 } else { 1.0 };
        number.is_finite().then_some(number * sign)
    }

    /// The first update that is another than its definition gives.
    pub fn departs(&self, graph: &Graph) -> Option<Fault> {
        let written = self.written.as_ref().ok().filter(|_| !self.is_numbers_only)?;
        (0..self.weights.len()).find_map(|weight| {
            let mut run = Run::new(&written.definition);
            for start in written.states.iter().filter(|start| start.weight == weight) {
                run.before.insert(&start.column, Value::number(start.value));
            }
            let mut updates = 0..self.weights[weight].updates;
            updates.find_map(|at| self.departs_at(graph, weight, at, &mut run))
        })
    }

    fn departs_at(&self, graph: &Graph, weight: usize, at: usize, run: &mut Run) -> Option<Fault> {
        let value = |at: usize| self.anatomy.get(at)?.weights[weight].value;
        let (Some(update), Some(from)) = (self.anatomy[at].weights[weight].update, value(at))
        else {
            let what = "the value of a weight is typed where an update belongs";
            return Some(Fault::new(value(at + 1), what));
        };
        let number = |cell: CellId| graph.value(cell).number();
        let Some((w, g)) = number(from).zip(self.gradient(graph, weight, at)) else {
            return Some(Fault::new(Some(update), "the weight or its gradient is no number here"));
        };
        let (theirs, ours) = (number(update), run.step(w, g));
        let is_same = theirs.zip(ours).is_some_and(|(theirs, ours)| {
            (theirs - ours).abs() <= NEAR * w.abs().max(theirs.abs())
        });
        let text = |number: Option<f64>| number.map_or("no number".to_owned(), number_text);
        let what = format!(
            "this update of {} follows another rule than the others: it gives {} where that would \
             give {}",
            self.weights[weight].name,
            text(theirs),
            text(ours)
        );
        (!is_same).then(|| Fault::new(Some(update), what))
    }
}

/// A definition under way, for one weight.
struct Run<'d> {
    definition: &'d Definition,
    steps: usize,
    before: HashMap<&'d str, Value>,
}

impl<'d> Run<'d> {
    fn new(definition: &'d Definition) -> Run<'d> {
        let mut run = Run { definition, steps: 0, before: HashMap::new() };
        for column in &definition.columns {
            let start = column.start.as_ref().map(|start| run.value(start, &HashMap::new()));
            run.before.insert(&column.id, start.unwrap_or(Value::ZERO));
        }
        run
    }

    /// The next weight.
    fn step(&mut self, w: f64, g: f64) -> Option<f64> {
        self.steps += 1;
        let given = [("w", w), ("g", g), ("t", self.steps as f64)];
        let mut here: HashMap<&str, Value> =
            given.into_iter().map(|(name, number)| (name, Value::number(number))).collect();
        for column in &self.definition.columns {
            let value = self.value(&column.formula, &here);
            here.insert(&column.id, value);
        }
        let next = self.value(&self.definition.update.formula, &here);
        self.before = here;
        next.get().ok()
    }

    fn value(&self, formula: &Expr<Name>, here: &HashMap<&str, Value>) -> Value {
        evaluate(formula, &|name: &Name| {
            let known = if name.previous {
                self.before.get(name.id.as_str())
            } else {
                here.get(name.id.as_str())
            };
            let hyper =
                || self.definition.hyperparameter(&name.id).map(|one| Value::number(one.default));
            known.copied().or_else(hyper).unwrap_or(Value::number(f64::NAN))
        })
    }
}
