//! A formula as a circuit of gates, and the way back through it: the chain rule, gate by gate.
//!
//! On the way forward every gate has a value and the local derivative by each of its inputs. On
//! the way back the derivative of the output arrives at a gate, is multiplied by the local
//! derivatives and handed on to the inputs; what arrives on several ways is added up. One way
//! back gives the derivative by everything, which is why networks are trained so.

use crate::formula::{Choice, Expr, Operator, local_derivatives, operands, simplify};

/// One operation, or a name or number that goes in.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate<N> {
    /// What the gate computes, over the names that go into the circuit.
    pub formula: Expr<N>,
    /// The gates whose values go in, in the order in which the operation is written.
    pub inputs: Vec<usize>,
    /// The derivative of the gate by each of its inputs, over the names that go into the circuit.
    pub local: Vec<Expr<N>>,
}

/// Gates in an order in which they can be computed; the last one is the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Circuit<N> {
    /// The gates. Equal parts of the formula are one gate.
    pub gates: Vec<Gate<N>>,
}

impl<N: Clone + PartialEq> Circuit<N> {
    /// The circuit of `formula`.
    pub fn new(formula: &Expr<N>) -> Self {
        let mut circuit = Circuit { gates: Vec::new() };
        circuit.add(formula);
        circuit
    }

    /// The index of the gate that computes `formula`, which is added if there is none yet.
    fn add(&mut self, formula: &Expr<N>) -> usize {
        if let Some(known) = self.gates.iter().position(|gate| gate.formula == *formula) {
            return known;
        }
        let inputs = operands(formula).into_iter().map(|operand| self.add(operand)).collect();
        let local = local_derivatives(formula);
        self.gates.push(Gate { formula: formula.clone(), inputs, local });
        self.gates.len() - 1
    }

    /// The derivative of the output by each gate, by reverse mode; `None` for gates that the
    /// output does not depend on.
    pub fn backward(&self) -> Vec<Option<Expr<N>>> {
        self.arrived().into_iter().map(|derivative| derivative.map(|one| simplify(&one))).collect()
    }

    /// What arrives at each gate, as the way back builds it up.
    fn arrived(&self) -> Vec<Option<Expr<N>>> {
        let mut arrived: Vec<Option<Expr<N>>> = vec![None; self.gates.len()];
        if let Some(output) = arrived.last_mut() {
            *output = Some(Expr::Number(1.0));
        }
        for (index, gate) in self.gates.iter().enumerate().rev() {
            let Some(derivative) = arrived[index].clone() else { continue };
            for (way, input) in gate.inputs.iter().enumerate() {
                let Some(share) = gate.share(&derivative, way) else { continue };
                arrived[*input] = Some(match arrived[*input].take() {
                    Some(sum) => sum_of(sum, share),
                    None => share,
                });
            }
        }
        arrived
    }

    /// The derivative of the output by the name `variable`: 0 if the formula does not have it.
    pub fn derivative(&self, variable: &N) -> Expr<N> {
        self.derivatives(std::slice::from_ref(variable)).swap_remove(0)
    }

    /// How many parts the largest derivative by one of the `variables` has before it is simplified.
    pub fn largest_derivative(&self, variables: &[N]) -> usize {
        let wanted = |gate: &Gate<N>| match &gate.formula {
            Expr::Name(name) => variables.contains(name),
            _ => false,
        };
        let derivatives = self.gates.iter().zip(self.arrived()).filter(|(gate, _)| wanted(gate));
        derivatives.filter_map(|(_, one)| one.as_ref().map(parts)).max().unwrap_or(0)
    }

    /// The derivative of the output by each of the `variables`, all from one way back.
    pub fn derivatives(&self, variables: &[N]) -> Vec<Expr<N>> {
        let arrived = self.arrived();
        let by = |variable: &N| {
            let gate = self.gates.iter().position(|gate| match &gate.formula {
                Expr::Name(name) => name == variable,
                _ => false,
            });
            gate.and_then(|gate| arrived[gate].as_ref()).map_or(Expr::Number(0.0), simplify)
        };
        variables.iter().map(by).collect()
    }
}

impl<N: Clone + PartialEq> Gate<N> {
    /// What of the `derivative` that arrives at this gate goes on to its input number `way`.
    fn share(&self, derivative: &Expr<N>, way: usize) -> Option<Expr<N>> {
        const THEN: usize = 2;
        match &self.formula {
            // The comparison decides, but its sides have no slope.
            Expr::If(_) if way < THEN => None,
            Expr::If(choice) => Some(where_taken(choice, way == THEN, derivative.clone())),
            _ => Some(times(derivative, &self.local[way])),
        }
    }
}

/// The number of names, numbers and operations in `expr`.
fn parts<N>(expr: &Expr<N>) -> usize {
    1 + operands(expr).into_iter().map(parts).sum::<usize>()
}

/// The sum of what arrives on two ways. What comes from the two branches of one choice is a choice
/// again: `if(c, p, q)` instead of `if(c, p, 0) + if(c, 0, q)`.
fn sum_of<N: Clone + PartialEq>(one: Expr<N>, other: Expr<N>) -> Expr<N> {
    let zero = Expr::Number(0.0);
    if let (Expr::If(first), Expr::If(second)) = (&one, &other)
        && (&first.left, first.comparison, &first.right)
            == (&second.left, second.comparison, &second.right)
    {
        let either = |first: &Expr<N>, second: &Expr<N>| match (*first == zero, *second == zero) {
            (_, true) => Some(first.clone()),
            (true, false) => Some(second.clone()),
            (false, false) => None,
        };
        let then = either(&first.then, &second.then);
        if let (Some(then), Some(otherwise)) = (then, either(&first.otherwise, &second.otherwise)) {
            return Expr::If(Box::new(Choice { then, otherwise, ..(**first).clone() }));
        }
    }
    one.binary(Operator::Add, other)
}

/// `expr` where `choice` takes the branch, 0 elsewhere.
fn where_taken<N: Clone>(choice: &Choice<N>, then: bool, expr: Expr<N>) -> Expr<N> {
    let zero = Expr::Number(0.0);
    let (then, otherwise) = if then { (expr, zero) } else { (zero, expr) };
    Expr::If(Box::new(Choice { then, otherwise, ..choice.clone() }))
}

/// `derivative * local`, multiplied inside of choices: a branch that is not taken may have no
/// value there, and 0 times an error is an error.
fn times<N: Clone + PartialEq>(derivative: &Expr<N>, local: &Expr<N>) -> Expr<N> {
    let zero = Expr::Number(0.0);
    match derivative {
        Expr::If(choice) if choice.then == zero || choice.otherwise == zero => {
            let inside = |part: &Expr<N>| {
                if *part == zero { zero.clone() } else { times(part, local) }
            };
            Expr::If(Box::new(Choice {
                then: inside(&choice.then),
                otherwise: inside(&choice.otherwise),
                ..(**choice).clone()
            }))
        }
        _ => derivative.clone().binary(Operator::Multiply, local.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{Name, parse};

    fn circuit(formula: &str) -> Circuit<Name> {
        Circuit::new(&parse(formula).unwrap())
    }

    #[test]
    fn equal_parts_are_one_gate() {
        let circuit = circuit("(a*x + b)^2 + (a*x + b)");
        let formulas: Vec<String> =
            circuit.gates.iter().map(|gate| gate.formula.to_string()).collect();
        assert_eq!(
            formulas,
            ["a", "x", "a*x", "b", "a*x + b", "2", "(a*x + b)^2", "(a*x + b)^2 + (a*x + b)"]
        );
    }

    #[test]
    fn the_way_back_gives_the_chain_rule() {
        for (formula, by, expected) in [
            ("(y_pred - y)^2", "y_pred", "2*(y_pred - y)"),
            ("a*x + b", "a", "x"),
            ("a*x + b", "b", "1"),
            ("a*x + b", "c", "0"),
            ("c*relu(a*x + b) + d", "a", "c*x*if(a*x + b > 0, 1, 0)"),
            ("x*x", "x", "2*x"),
            ("if(x > 0, sin(x), x^2)", "x", "if(x > 0, cos(x), 2*x)"),
            ("if(x > 0, sqrt(x), 0)", "x", "if(x > 0, 1/(2*sqrt(x)), 0)"),
        ] {
            let derivative = circuit(formula).derivative(&Name::here(by));
            assert_eq!(derivative.to_string(), expected, "{formula} by {by}");
        }
    }
}
