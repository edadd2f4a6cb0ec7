//! The start weights, as `--init` gives them.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::chosen::number_of;
use crate::circuit::Model;
use crate::error::{Error, Result};

/// The seed where none is given.
pub const DEFAULT_SEED: u64 = 1;

/// The start value of each weight of `model`: `random`, `a=1,b=1`, or one number for all. What is
/// not said is 1.
///
/// Random weights are drawn uniformly from −1 to 1, the same for the same seed everywhere.
///
/// # Errors
/// Unknown or repeated weights, values that are no numbers.
pub fn start(init: Option<&str>, seed: u64, model: &Model) -> Result<Vec<f64>> {
    let Some(init) = init else { return Ok(vec![1.0; model.weights.len()]) };
    read(init, seed, model).map_err(|error| error.in_argument(format!("--init {init}")))
}

fn read(init: &str, seed: u64, model: &Model) -> Result<Vec<f64>> {
    if let Ok(value) = number_of(init) {
        return Ok(vec![value; model.weights.len()]);
    }
    if init.trim() == "random" {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        return Ok(model.weights.iter().map(|_| random.random_range(-1.0..1.0)).collect());
    }
    let mut values = vec![None; model.weights.len()];
    for part in init.split(',') {
        let (name, number) = part.split_once('=').ok_or_else(|| {
            Error::new(format!("`{part}` is not WEIGHT=NUMBER"))
                .help("for example --init a=1,b=1, or --init random")
        })?;
        let known: Vec<&str> = model.weights.iter().map(String::as_str).collect();
        let weight = known.iter().position(|known| *known == name.trim()).ok_or_else(|| {
            Error::new(format!("the model has no weight `{}`", name.trim()))
                .help(Error::known_names(name.trim(), &known))
        })?;
        if values[weight].replace(number_of(number)?).is_some() {
            return Err(Error::new(format!("the weight `{}` is given twice", name.trim()))
                .help("give each weight one start value"));
        }
    }
    Ok(values.into_iter().map(|value| value.unwrap_or(1.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_weights_are_given_or_drawn() {
        let model = Model::line().unwrap();
        assert_eq!(start(Some("b=3"), 1, &model).unwrap(), [1.0, 3.0]);
        let drawn = start(Some("random"), 7, &model).unwrap();
        assert_eq!(start(Some("-0.5"), 1, &model).unwrap(), [-0.5, -0.5]);
        assert_eq!(start(None, 1, &model).unwrap(), [1.0, 1.0]);
        assert_eq!(drawn, start(Some("random"), 7, &model).unwrap());
        assert_ne!(drawn, start(Some("random"), 8, &model).unwrap());
        assert_eq!(
            read("c=1", 1, &model).unwrap_err().to_string(),
            "the model has no weight `c`\n  help: known: a, b"
        );
        assert_eq!(
            read("a=1,a=2", 1, &model).unwrap_err().to_string(),
            "the weight `a` is given twice\n  help: give each weight one start value"
        );
        assert_eq!(
            read("", 1, &model).unwrap_err().to_string(),
            "`` is not WEIGHT=NUMBER\n  help: for example --init a=1,b=1, or --init random"
        );
    }
}
