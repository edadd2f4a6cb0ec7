//! Schedules: how the learning rate moves from update to update.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::value::number_text;

/// How the learning rate moves. `lr` is the rate that was set, `t` the number of the update, `T`
/// the planned number of updates.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Schedule {
    /// It does not.
    #[default]
    Constant,
    /// lr·factor^⌊(t − 1)/every⌋: PyTorch's `StepLR`.
    Step {
        /// After how many updates it falls.
        every: usize,
        /// What it is multiplied with.
        factor: f64,
    },
    /// lr·rate^(t − 1): PyTorch's `ExponentialLR`.
    Exponential {
        /// What it is multiplied with at every update.
        rate: f64,
    },
    /// Straight from lr at the first update to another rate at the last.
    Linear {
        /// The rate at the last update.
        to: f64,
    },
    /// lr·(1 + cos(π(t − 1)/T))/2: half a cosine, Loshchilov and Hutter 2017.
    Cosine,
    /// lr·t/steps for so many updates, then another schedule over the rest.
    Warmup {
        /// How many updates it rises.
        steps: usize,
        /// What follows.
        then: Box<Schedule>,
    },
    /// From lr/25 up to lr and down to almost nothing: PyTorch's `OneCycleLR`, Smith and Topin 2018.
    OneCycle,
    /// The walkthrough's: a quarter after an epoch whose Σ√S is more than twice the smallest yet.
    Annealing,
}

/// How schedules are written, for messages.
const FORMS: &str = "constant, step:EVERY:FACTOR, exponential:RATE, linear:TO, cosine, \
                     warmup:STEPS+cosine, 1cycle, annealing";

impl Schedule {
    /// Reads a schedule as `--schedule` has it.
    ///
    /// # Errors
    /// A name that is none, a number that is none or out of range.
    pub fn read(text: &str) -> Result<Self> {
        Self::parse(text.trim()).map_err(|error| error.in_argument(format!("--schedule {text}")))
    }

    fn parse(text: &str) -> Result<Self> {
        if let Some(rest) = text.strip_prefix("warmup:") {
            let (steps, then) = match rest.split_once('+') {
                Some((steps, then)) => (steps, Self::parse(then.trim())?),
                None => (rest, Schedule::Constant),
            };
            if matches!(then, Schedule::Warmup { .. } | Schedule::OneCycle | Schedule::Annealing) {
                return Err(Error::new(format!("a warmup cannot be followed by {then}"))
                    .help("constant, step, exponential, linear and cosine can follow it"));
            }
            return Ok(Schedule::Warmup { steps: whole(steps)?, then: Box::new(then) });
        }
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        match parts.as_slice() {
            ["constant"] => Ok(Schedule::Constant),
            ["cosine"] => Ok(Schedule::Cosine),
            ["1cycle"] => Ok(Schedule::OneCycle),
            ["annealing"] => Ok(Schedule::Annealing),
            ["step", every, factor] => {
                Ok(Schedule::Step { every: whole(every)?, factor: above_zero(factor)? })
            }
            ["exponential", rate] => Ok(Schedule::Exponential { rate: above_zero(rate)? }),
            ["linear", to] => Ok(Schedule::Linear { to: above_zero(to)? }),
            [name, ..] => Err(Error::new(match is_known(name) {
                true => format!("`{text}` does not say what {name} needs, or says too much"),
                false => format!("there is no schedule `{name}`"),
            })
            .help(format!("known: {FORMS}"))),
            [] => Err(Error::new("a schedule needs a name").help(format!("known: {FORMS}"))),
        }
    }

    /// Checks that the learning rate stays a number over so many updates.
    pub(super) fn check(&self, updates: usize) -> Result<()> {
        const SMALLEST: f64 = 1e-300;
        let left = match self {
            Schedule::Exponential { rate } => rate.powf(updates.saturating_sub(1) as f64),
            Schedule::Step { every, factor } => {
                factor.powf((updates.saturating_sub(1) / every) as f64)
            }
            Schedule::Warmup { steps, then } => return then.check(updates.saturating_sub(*steps)),
            _ => return Ok(()),
        };
        if left >= SMALLEST && left.is_finite() {
            return Ok(());
        }
        let what = if left < SMALLEST { "vanishes" } else { "grows beyond all numbers" };
        Err(Error::new(format!("the learning rate {what} within {updates} updates"))
            .in_argument(format!("--schedule {self}"))
            .help("take a factor that is nearer to 1"))
    }

    /// Its numbers: name, value, and what it is.
    pub(super) fn parameters(&self) -> Vec<(&'static str, f64, &'static str)> {
        match self {
            Schedule::Constant | Schedule::Cosine | Schedule::Annealing => Vec::new(),
            Schedule::Step { every, factor } => vec![
                ("every", *every as f64, "after how many updates the learning rate falls"),
                ("factor", *factor, "what the learning rate is multiplied with then"),
            ],
            Schedule::Exponential { rate } => {
                vec![("rate", *rate, "what the learning rate is multiplied with at each update")]
            }
            Schedule::Linear { to } => {
                vec![("lr_end", *to, "the learning rate of the last update")]
            }
            Schedule::Warmup { steps, then } => {
                let rise = "how many updates the learning rate rises";
                [vec![("warmup", *steps as f64, rise)], then.parameters()].concat()
            }
            Schedule::OneCycle => vec![
                ("rise", 0.3, "the part of all updates in which the learning rate rises"),
                ("start_div", 25.0, "the first learning rate is lr divided by this"),
                ("end_div", 1e4, "the last learning rate is the first one divided by this"),
            ],
        }
    }

    /// Whether it stretches over the planned number of updates.
    pub(super) fn needs_length(&self) -> bool {
        match self {
            Schedule::Linear { .. } | Schedule::Cosine | Schedule::OneCycle => true,
            Schedule::Warmup { then, .. } => then.needs_length(),
            _ => false,
        }
    }

    /// The learning rate as a formula of t and the schedule's numbers; none for one that is the
    /// same always, or that depends on more.
    pub(super) fn formula(&self) -> Option<String> {
        self.formula_at("t", "steps")
    }

    /// The same with other words for the number of the update and of all updates.
    fn formula_at(&self, t: &str, steps: &str) -> Option<String> {
        Some(match self {
            Schedule::Constant | Schedule::Annealing => return None,
            Schedule::Step { .. } => format!("lr*factor^floor(({t} - 1)/every)"),
            Schedule::Exponential { .. } => format!("lr*rate^({t} - 1)"),
            Schedule::Linear { .. } => {
                format!("lr + (lr_end - lr)*({t} - 1)/max({steps} - 1, 1)")
            }
            Schedule::Cosine => format!("lr*(1 + cos(pi*({t} - 1)/({steps})))/2"),
            Schedule::Warmup { then, .. } => {
                let later = then.formula_at("(t - warmup)", "(steps - warmup)");
                let later = later.unwrap_or_else(|| "lr".into());
                format!("if(t <= warmup, lr*t/warmup, {later})")
            }
            // Half a cosine up to the peak, half a cosine down; as PyTorch counts, the peak is
            // reached at update rise*steps.
            Schedule::OneCycle => {
                let half = |from: &str, to: &str, part: &str| {
                    format!("{to} + ({from} - {to})/2*(1 + cos(pi*{part}))")
                };
                let up = half("lr/start_div", "lr", "(t - 1)/(rise*steps - 1)");
                let down =
                    half("lr", "lr/start_div/end_div", "(t - rise*steps)/(steps - rise*steps)");
                format!("if(t <= rise*steps, {up}, {down})")
            }
        })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::Constant => f.write_str("constant"),
            Schedule::Step { every, factor } => write!(f, "step:{every}:{}", number_text(*factor)),
            Schedule::Exponential { rate } => write!(f, "exponential:{}", number_text(*rate)),
            Schedule::Linear { to } => write!(f, "linear:{}", number_text(*to)),
            Schedule::Cosine => f.write_str("cosine"),
            Schedule::Warmup { steps, then } => write!(f, "warmup:{steps}+{then}"),
            Schedule::OneCycle => f.write_str("1cycle"),
            Schedule::Annealing => f.write_str("annealing"),
        }
    }
}

/// Whether a schedule of this name is known.
fn is_known(name: &str) -> bool {
    FORMS.split(", ").any(|form| form.split(':').next() == Some(name))
}

fn whole(text: &str) -> Result<usize> {
    match text.trim().parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Error::new(format!("`{text}` is not a number of updates"))
            .help("write a whole number, 1 or more")),
    }
}

fn above_zero(text: &str) -> Result<f64> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err(Error::new(format!("`{text}` is not a number above 0"))
            .help("write a number such as 0.5 or 1e-4")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_read_as_they_are_written() {
        for text in [
            "constant",
            "step:10:0.5",
            "exponential:0.99",
            "linear:0.0001",
            "cosine",
            "warmup:10+cosine",
            "warmup:5+constant",
            "1cycle",
            "annealing",
        ] {
            assert_eq!(Schedule::read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn schedules_that_are_none_are_explained() {
        let message = |text: &str| Schedule::read(text).unwrap_err().to_string();
        assert_eq!(
            message("cosin"),
            format!("there is no schedule `cosin`\n  --> --schedule cosin\n  help: known: {FORMS}")
        );
        assert!(message("step:10").starts_with("`step:10` does not say what step needs"));
        assert!(message("step:0:0.5").starts_with("`0` is not a number of updates"));
        assert!(message("linear:-1").starts_with("`-1` is not a number above 0"));
        assert!(message("warmup:3+1cycle").starts_with("a warmup cannot be followed by 1cycle"));
        let vanishing = Schedule::Exponential { rate: 0.5 }.check(2000).unwrap_err().to_string();
        assert!(vanishing.starts_with("the learning rate vanishes within 2000 updates"));
    }
}
