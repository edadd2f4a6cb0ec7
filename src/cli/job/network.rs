//! `--network 2-3-1`: a network of sigmoid units as the formula that it is.

use crate::circuit::Model;
use crate::error::{Error, Result};

/// More weights than this are no sheet that anybody reads; the formula would not fit a cell either.
const MOST_WEIGHTS: usize = 200;

/// A network: its inputs, and how many units each layer behind them has.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    inputs: Vec<String>,
    layers: Vec<usize>,
}

impl Network {
    /// Reads `2-3-1` (inputs x1 and x2, three units, one output) or `area,rooms-3-1`; `2-2-2` has two
    /// outputs, with a column of y for each.
    ///
    /// # Errors
    /// Another text, more weights than a sheet shows.
    pub fn read(text: &str) -> Result<Network> {
        let wrong = |told: &str, help: &str| {
            Error::new(told).in_argument(format!("--network {text}")).help(help.to_owned())
        };
        let example = "for example --network 2-3-1: two inputs, a layer of three units, one output";
        let parts: Vec<&str> = text.split('-').map(str::trim).collect();
        let [inputs, layers @ ..] = parts.as_slice() else {
            return Err(wrong("no layers", example));
        };
        let layers: Option<Vec<usize>> =
            layers.iter().map(|size| size.parse().ok().filter(|size| *size > 0)).collect();
        let layers = layers.filter(|layers| !layers.is_empty());
        let layers = layers.ok_or_else(|| wrong("this is no list of sizes of layers", example))?;
        let inputs: Vec<String> = match inputs.parse::<usize>() {
            Ok(0) => return Err(wrong("a network needs an input", example)),
            Ok(1) => vec!["x".to_owned()],
            Ok(count) => (1..=count.min(MOST_WEIGHTS)).map(|number| format!("x{number}")).collect(),
            Err(_) => inputs.split(',').map(|name| name.trim().to_owned()).collect(),
        };
        let network = Network { inputs, layers };
        if network.weights() > MOST_WEIGHTS {
            let told = format!("the network would have {} weights", network.weights());
            return Err(wrong(&told, &format!("up to {MOST_WEIGHTS} can be shown on a sheet")));
        }
        Ok(network)
    }

    fn weights(&self) -> usize {
        let before = std::iter::once(self.inputs.len()).chain(self.layers.iter().copied());
        before
            .zip(&self.layers)
            .map(|(before, size)| size.saturating_mul(before + 1))
            .fold(0, usize::saturating_add)
    }

    /// The network as a formula: `sigmoid(w3*sigmoid(w1*x + b1) + ...)`, one for each output. Weights
    /// are counted layer by layer and unit by unit, and so are the biases.
    pub fn formula(&self) -> String {
        let (mut weight, mut bias) = (0, 0);
        let mut below = self.inputs.clone();
        for size in &self.layers {
            let unit = |_| {
                let terms: Vec<String> = below
                    .iter()
                    .map(|input| {
                        weight += 1;
                        format!("w{weight}*{input}")
                    })
                    .collect();
                bias += 1;
                format!("sigmoid({} + b{bias})", terms.join(" + "))
            };
            below = (0..*size).map(unit).collect();
        }
        below.join("; ")
    }

    /// That all inputs are columns of the data: one that is not would be taken for a weight.
    ///
    /// # Errors
    /// The names that are not there.
    pub fn check(&self, model: &Model) -> Result<()> {
        let missing: Vec<&str> = self
            .inputs
            .iter()
            .filter(|name| !model.inputs.contains(name))
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::new(format!("the data have no column called {}", missing.join(", "))).help(
            "call the columns x1, x2, ..., or name those of the data: --network area,rooms-3-1",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_written_out_layer_by_layer() {
        let formula = |text: &str| Network::read(text).unwrap().formula();
        assert_eq!(formula("1-1"), "sigmoid(w1*x + b1)");
        assert_eq!(
            formula("2-2-1"),
            "sigmoid(w5*sigmoid(w1*x1 + w2*x2 + b1) + w6*sigmoid(w3*x1 + w4*x2 + b2) + b3)"
        );
        assert_eq!(formula("1-2"), "sigmoid(w1*x + b1); sigmoid(w2*x + b2)");
        assert_eq!(formula("area,rooms-1"), "sigmoid(w1*area + w2*rooms + b1)");
    }

    #[test]
    fn what_is_no_network_is_explained() {
        for (text, told) in [
            ("2", "no list of sizes"),
            ("2-0-1", "no list of sizes"),
            ("2-two-1", "no list of sizes"),
            ("0-1", "needs an input"),
            ("30-30-1", "would have 961 weights"),
        ] {
            let error = Network::read(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
