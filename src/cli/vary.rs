//! What `--vary` asks for: which optimizers are run, and with which values.

use super::chosen::{self, Chosen};
use super::values::Values;
use crate::error::{Error, Result};
use crate::optimizer::{self, Batch, Interval, Training};
use crate::trace::sweep::{Axis, Block};
use crate::value::{counted, number_text};

/// Numbers of the way to train that can be varied, called like their options.
pub const WAYS: [&str; 4] = ["batch-size", "l2", "weight-decay", "clip"];

/// More runs than this have no number of their own in the programs that read them.
const MOST_RUNS: usize = 1 << 53;

/// One `--vary`.
#[derive(Debug, Clone, PartialEq)]
struct Vary {
    /// As it was written.
    text: String,
    /// The optimizer that it is for, where it is for one.
    optimizer: Option<String>,
    name: String,
    values: Values,
}

/// What is run.
pub struct Varied {
    /// What is varied.
    pub axes: Vec<Axis>,
    /// The optimizers, as they were chosen.
    pub chosen: Vec<Chosen>,
    /// The same with their values along the axes.
    pub blocks: Vec<Block>,
    /// What was asked for, a sentence each.
    pub notes: Vec<String>,
    /// The name, the optimizer that it is for, and the values of each `--vary`.
    pub asked: Vec<(String, Option<String>, Vec<f64>)>,
}

impl Vary {
    fn read(text: &str, samples: usize) -> Result<Self> {
        let (target, values) = text.split_once('=').ok_or_else(|| {
            Error::new("what is varied is NAME=VALUES")
                .help("for example lr=1e-6..1e-2:25, or beta=0.8,0.9,0.95")
        })?;
        let (optimizer, name) = match target.trim().rsplit_once('.') {
            Some((optimizer, name)) => (Some(optimizer.to_owned()), name),
            None => (None, target.trim()),
        };
        let is_batch = name == "batch-size";
        let all = |word: &str| (is_batch && word == "all").then_some(samples as f64);
        let values = Values::read(values, all)?;
        let values = if is_batch { values.whole() } else { values };
        Ok(Vary { text: text.to_owned(), optimizer, name: name.to_owned(), values })
    }

    fn is_way(&self) -> bool {
        WAYS.contains(&self.name.as_str())
    }

    fn is_for(&self, one: &Chosen) -> bool {
        match &self.optimizer {
            Some(optimizer) => *optimizer == one.label && self.is_hyper(one),
            None => self.is_way() || self.is_hyper(one),
        }
    }

    fn is_hyper(&self, one: &Chosen) -> bool {
        one.definition.hyperparameter(&self.name).is_some()
    }

    /// Checks the name and the values against the optimizers and the data.
    fn check(&self, chosen: &[Chosen], samples: usize) -> Result<()> {
        if let Some(optimizer) = &self.optimizer {
            if self.is_way() {
                let what = format!("{} is the same for all optimizers", self.name);
                return Err(Error::new(what).help(format!("leave `{optimizer}.` out")));
            }
            chosen::check_is_run(optimizer::registry()?, chosen, optimizer)?;
        }
        let mut meant = chosen.iter().filter(|one| self.is_for(one)).peekable();
        if meant.peek().is_none() {
            return Err(self.unknown(chosen));
        }
        for value in &self.values.numbers {
            if self.is_way() {
                self.check_way(*value, samples)?;
                continue;
            }
            for one in meant.clone() {
                if let Some(hyper) = one.definition.hyperparameter(&self.name) {
                    chosen::check_range(&one.label, hyper, *value)?;
                }
            }
        }
        Ok(())
    }

    fn unknown(&self, chosen: &[Chosen]) -> Error {
        let mut error =
            chosen::unknown_hyperparameter(chosen, self.optimizer.as_deref(), &self.name);
        if let (None, Some(help)) = (&self.optimizer, error.advice()) {
            let help = format!("{help}, {}", WAYS.join(", "));
            error = error.help(help);
        }
        error
    }

    fn check_way(&self, value: f64, samples: usize) -> Result<()> {
        let name = self.name.as_str();
        if name == "batch-size" {
            if value < 1.0 || value.fract() != 0.0 {
                let what = format!("`{}` is not a number of samples", number_text(value));
                return Err(Error::new(what).help("write whole numbers, 1 or more, or all"));
            }
            if value > samples as f64 {
                let batch = number_text(value);
                let samples = counted(samples, "sample");
                let what = format!("a batch of {batch} is more than {samples}");
                return Err(Error::new(what).help("write all for one update an epoch"));
            }
            return Ok(());
        }
        let range = Interval { low: (0.0, name != "clip"), high: (f64::INFINITY, false) };
        if range.contains(value) {
            return Ok(());
        }
        Err(Error::new(format!("{name} = {} is out of range", number_text(value)))
            .help(format!("{} must hold", range.of(name))))
    }
}

/// What the `texts` of `--vary` ask for. Of optimizers that the user did not name, those are run
/// that have what is varied.
///
/// # Errors
/// What is no such text; unknown names, values out of range, too many runs.
pub fn read(
    texts: &[String],
    chosen: Vec<Chosen>,
    are_named: bool,
    samples: usize,
) -> Result<Varied> {
    if texts.is_empty() {
        return Err(
            Error::new("nothing is varied").help("say what, for example --vary lr=1e-6..1e-2:25")
        );
    }
    let mut varies: Vec<Vary> = Vec::new();
    for text in texts {
        let in_argument = |error: Error| error.in_argument(format!("--vary {text}"));
        let vary = Vary::read(text, samples).map_err(in_argument)?;
        vary.check(&chosen, samples).map_err(in_argument)?;
        let same = |one: &&Vary| (&one.name, &one.optimizer) == (&vary.name, &vary.optimizer);
        if varies.iter().any(|one| same(&one)) {
            return Err(in_argument(
                Error::new(format!("{} is varied twice", vary.name))
                    .help("write all its values into one --vary"),
            ));
        }
        varies.push(vary);
    }
    let chosen = if are_named { chosen } else { having(&varies, chosen) };
    let axes = axes(&varies);
    let blocks: Vec<Block> = chosen.iter().map(|one| block(one, &axes, &varies)).collect();
    check_count(&blocks)?;
    let note = |vary: &Vary| {
        let target = vary.text.split('=').next().unwrap_or_default().trim();
        format!("{target} is varied: {}", vary.values.describe())
    };
    let notes = varies.iter().filter(|vary| vary.values.spacing.is_some()).map(note).collect();
    let asked = varies.into_iter().map(|one| (one.name, one.optimizer, one.values.numbers));
    Ok(Varied { axes, chosen, blocks, notes, asked: asked.collect() })
}

/// The optimizers that have everything that is varied for all, or at least something.
fn having(varies: &[Vary], chosen: Vec<Chosen>) -> Vec<Chosen> {
    let any = |one: &Chosen| varies.iter().any(|vary| vary.is_for(one));
    let every = |one: &Chosen| {
        any(one) && varies.iter().all(|vary| vary.optimizer.is_some() || vary.is_for(one))
    };
    let has_every = chosen.iter().any(every);
    chosen.into_iter().filter(|one| if has_every { every(one) } else { any(one) }).collect()
}

fn axes(varies: &[Vary]) -> Vec<Axis> {
    let mut axes: Vec<Axis> = Vec::new();
    for vary in varies {
        let logarithmic = vary.values.is_logarithmic();
        match axes.iter_mut().find(|axis| axis.name == vary.name) {
            Some(axis) => axis.logarithmic &= logarithmic,
            None => axes.push(Axis { name: vary.name.clone(), logarithmic }),
        }
    }
    axes
}

fn block(one: &Chosen, axes: &[Axis], varies: &[Vary]) -> Block {
    // What is for one optimizer counts more than what is for all.
    let values = |axis: &Axis| {
        let meant = varies.iter().filter(|vary| vary.name == axis.name && vary.is_for(one));
        let meant = meant.max_by_key(|vary| vary.optimizer.is_some());
        meant.map_or(Vec::new(), |vary| vary.values.numbers.clone())
    };
    let values: Vec<Vec<f64>> = axes.iter().map(values).collect();
    let is_varied = |name: &str| axes.iter().any(|axis| axis.name == name);
    let hyper = one.definition.hyper.iter().filter(|hyper| !is_varied(&hyper.name));
    let fixed =
        hyper.map(|hyper| (hyper.name.clone(), one.value(&hyper.name).unwrap_or(hyper.default)));
    let definition = &one.definition;
    Block {
        name: one.label.clone(),
        optimizer: (definition.name.clone(), definition.variant.clone()),
        fixed: fixed.collect(),
        values,
    }
}

fn check_count(blocks: &[Block]) -> Result<()> {
    let runs = blocks.iter().map(Block::runs).fold(0, usize::saturating_add);
    if runs <= MOST_RUNS {
        return Ok(());
    }
    Err(Error::new(format!("these are more than {MOST_RUNS} runs, and nobody can number them"))
        .in_argument("--vary")
        .help("take fewer values or optimizers, or sweep in two goes: coarse, then fine"))
}

/// Whether the `texts` of `--vary` let weights decay.
pub fn varies_decay(texts: &[String]) -> bool {
    texts.iter().any(|text| matches!(target(text), "l2" | "weight-decay"))
}

/// Whether the `texts` of `--vary` give some optimizer its learning rate.
pub fn varies_lr(texts: &[String]) -> bool {
    texts.iter().any(|text| target(text).rsplit('.').next() == Some(chosen::LR))
}

/// What a `--vary` varies, as it is written.
fn target(text: &str) -> &str {
    text.split('=').next().unwrap_or_default().trim()
}

/// `training` without what is varied.
pub fn not_varied(training: &Training, axes: &[Axis]) -> Training {
    let mut rest = training.clone();
    for axis in axes {
        match axis.name.as_str() {
            "batch-size" => rest.batch = Batch::One,
            "l2" => rest.l2 = None,
            "weight-decay" => rest.weight_decay = None,
            "clip" => rest.clip = None,
            _ => {}
        }
    }
    rest
}

/// `training` with the number of the way to train called `name`; whether there is such a number.
pub fn set_way(training: &mut Training, name: &str, value: f64) -> bool {
    match name {
        "batch-size" if value == 1.0 => training.batch = Batch::One,
        "batch-size" => training.batch = Batch::Of(value as usize),
        "l2" => training.l2 = Some(value),
        "weight-decay" => training.weight_decay = Some(value),
        "clip" => training.clip = Some(value),
        _ => return false,
    }
    true
}
