//! The circuit step by step: for every gate its forward value, its local derivatives and its
//! backward value, each as a formula over the gates beside it.
//!
//! [`Circuit`] gives whole derivatives; here nothing is multiplied out, so that every product of
//! the chain rule can be seen and checked.

use super::Circuit;
use crate::formula::{Expr, Name, Operator, local_derivatives, simplify, with_operands};

/// A gate of model and loss, with formulas over the names of its neighbours.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The gate's name: `g3`.
    pub name: String,
    /// What it computes over the gates, weights and data that go in: `g2 - y`.
    pub forward: Expr<Name>,
    /// What goes in and depends on a weight, with the derivative of the gate by it.
    pub local: Vec<(String, Expr<Name>)>,
    /// The derivative of the loss by this gate: the sum over the gates that it goes into of their
    /// backward value times their local derivative. None for a gate without a weight behind it.
    pub backward: Option<Expr<Name>>,
    /// How many gates stand between it and what goes into the circuit.
    pub depth: usize,
}

/// The gates of model and loss from the first to the loss, and the way back to each weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// The gates, in an order in which they can be computed; the last one is the loss.
    pub gates: Vec<Step>,
    /// For each weight the derivative of the loss over the gates that it goes into.
    pub weights: Vec<(String, Expr<Name>)>,
    /// The weights, data columns and parameters that go in, in the order of first use.
    pub leaves: Vec<String>,
}

/// The name of the loss's derivative by the gate or weight `name`: `de/dg3`.
pub fn backward_name(name: &str) -> String {
    format!("de/d{name}")
}

/// The name of the derivative of `gate` by what goes into it: `dg3/dg2`.
pub fn local_name(gate: &str, input: &str) -> String {
    format!("d{gate}/d{input}")
}

impl Steps {
    /// The gates of `loss`, which is over the `weights` and other names.
    pub fn new(loss: &Expr<Name>, weights: &[String]) -> Self {
        let circuit = Circuit::new(loss);
        let walk = Walk::new(&circuit, weights);
        let is_gate = |index: &usize| walk.is_gate(*index);
        let gates = (0..circuit.gates.len()).filter(is_gate).map(|index| walk.step(index));
        let weight = |name: &String| (name.clone(), walk.backward(&Expr::Name(Name::here(name))));
        let leaves = circuit.gates.iter().filter_map(|gate| match &gate.formula {
            Expr::Name(name) => Some(name.id.clone()),
            _ => None,
        });
        Steps {
            gates: gates.collect(),
            weights: weights.iter().map(weight).collect(),
            leaves: leaves.collect(),
        }
    }

    /// Every way from the loss to `weight`, each as the steps from a gate to what goes into it.
    pub fn ways(&self, weight: &str) -> Vec<Vec<(String, String)>> {
        let goes_in = |gate: &&Step| gate.local.iter().any(|(input, _)| input == weight);
        let users = self.gates.iter().filter(goes_in);
        let is_loss = |gate: &Step| self.gates.last().is_some_and(|loss| loss.name == gate.name);
        let mut found = Vec::new();
        for user in users {
            let before = if is_loss(user) { vec![Vec::new()] } else { self.ways(&user.name) };
            for mut way in before {
                way.push((user.name.clone(), weight.to_owned()));
                found.push(way);
                // The number of ways may double with every gate; nobody reads more than this.
                if found.len() > 100 {
                    return found;
                }
            }
        }
        found
    }

    /// Whether `name` is a weight.
    pub fn is_weight(&self, name: &str) -> bool {
        self.weights.iter().any(|(weight, _)| weight == name)
    }
}

/// A walk over a circuit whose gates have names.
struct Walk<'a> {
    circuit: &'a Circuit<Name>,
    /// What stands for each gate in the formulas of its neighbours.
    shown: Vec<Expr<Name>>,
    /// Whether each gate depends on a weight.
    depends: Vec<bool>,
    depths: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(circuit: &'a Circuit<Name>, weights: &[String]) -> Self {
        let mut walk = Walk { circuit, shown: Vec::new(), depends: Vec::new(), depths: Vec::new() };
        let mut count = 0;
        for gate in &circuit.gates {
            let inputs = || gate.inputs.iter();
            walk.depends.push(match &gate.formula {
                Expr::Name(name) => weights.contains(&name.id),
                _ => inputs().any(|input| walk.depends[*input]),
            });
            let is_leaf = gate.inputs.is_empty();
            let below = inputs().map(|input| walk.depths[*input]).max().unwrap_or(0);
            walk.depths.push(if is_leaf { 0 } else { below + 1 });
            walk.shown.push(if is_leaf {
                gate.formula.clone()
            } else {
                count += 1;
                Expr::Name(Name::here(format!("g{count}")))
            });
        }
        walk
    }

    fn is_gate(&self, index: usize) -> bool {
        !self.circuit.gates[index].inputs.is_empty()
    }

    fn step(&self, index: usize) -> Step {
        let forward = self.over_neighbours(index);
        let inputs = &self.circuit.gates[index].inputs;
        let mut local: Vec<(String, Expr<Name>)> = Vec::new();
        for (input, derivative) in inputs.iter().zip(local_derivatives(&forward)) {
            if !self.depends[*input] {
                continue;
            }
            let name = self.shown[*input].to_string();
            // What goes in twice, as in g*g, has one derivative: the sum of both.
            match local.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum = sum.clone().binary(Operator::Add, derivative),
                None => local.push((name, derivative)),
            }
        }
        Step {
            name: self.shown[index].to_string(),
            forward,
            local: local.into_iter().map(|(name, one)| (name, simplify(&one))).collect(),
            backward: self.depends[index].then(|| self.backward(&self.shown[index])),
            depth: self.depths[index],
        }
    }

    /// What the gate computes over the names of what goes into it.
    fn over_neighbours(&self, index: usize) -> Expr<Name> {
        let gate = &self.circuit.gates[index];
        let inputs: Vec<Expr<Name>> =
            gate.inputs.iter().map(|input| self.shown[*input].clone()).collect();
        with_operands(&gate.formula, &inputs).unwrap_or_else(|| gate.formula.clone())
    }

    /// The backward value of what is shown as `target`: over all gates that it goes into.
    fn backward(&self, target: &Expr<Name>) -> Expr<Name> {
        if self.shown.last() == Some(target) {
            return Expr::Number(1.0);
        }
        let users = (0..self.shown.len()).filter(|user| {
            let inputs = &self.circuit.gates[*user].inputs;
            inputs.iter().any(|input| self.shown[*input] == *target)
        });
        let share = |user: usize| {
            let user = self.shown[user].to_string();
            let local = Name::here(local_name(&user, &target.to_string()));
            let arriving = Expr::Name(Name::here(backward_name(&user)));
            arriving.binary(Operator::Multiply, local.into())
        };
        let shares = users.map(share);
        shares.reduce(|sum, share| sum.binary(Operator::Add, share)).unwrap_or(Expr::Number(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Loss, Model};

    fn steps(model: &Model) -> Steps {
        Steps::new(&model.loss_of_sample(), &model.weights)
    }

    #[test]
    fn the_line_has_four_gates() {
        let steps = steps(&Model::line().unwrap());
        let shown: Vec<String> = steps
            .gates
            .iter()
            .map(|gate| {
                let local = gate.local.iter().map(|(by, one)| format!("d{by}: {one}"));
                let local = local.collect::<Vec<_>>().join(", ");
                let backward = gate.backward.as_ref().unwrap();
                format!("{} = {} [{local}] {backward}", gate.name, gate.forward)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "g1 = a*x [da: x] de/dg2*dg2/dg1",
                "g2 = g1 + b [dg1: 1, db: 1] de/dg3*dg3/dg2",
                "g3 = g2 - y [dg2: 1] de/dg4*dg4/dg3",
                "g4 = g3^2 [dg3: 2*g3] 1",
            ]
        );
        let weights: Vec<String> =
            steps.weights.iter().map(|(name, one)| format!("{name}: {one}")).collect();
        assert_eq!(weights, ["a: de/dg1*dg1/da", "b: de/dg2*dg2/db"]);
        assert_eq!(steps.leaves, ["a", "x", "b", "y"]);
    }

    #[test]
    fn what_goes_in_twice_adds_up() {
        let (formula, _) = Model::read("a*x*a").unwrap();
        let model = Model::new(formula, Loss::squared().unwrap(), &["x"]).unwrap();
        let steps = steps(&model);
        assert_eq!(steps.weights[0].1.to_string(), "de/dg1*dg1/da + de/dg2*dg2/da");
    }
}
