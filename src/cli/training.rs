//! How a run is trained, as the command line says it.

use crate::error::{Error, Result};
use crate::optimizer::{Batch, Schedule, Training};

/// How it is trained.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How it is trained")]
pub struct WayArgs {
    /// How many samples an update averages over: a whole number, or all [default: 1]
    #[arg(long, value_name = "COUNT")]
    batch_size: Option<String>,

    /// Draw a new order of the samples for each epoch, with --seed
    #[arg(long)]
    pub shuffle: bool,

    /// L2 penalty: the cost gains LAMBDA/(2n) times the sum of the squared weights
    #[arg(long, value_name = "LAMBDA", value_parser = at_least_0, allow_hyphen_values = true)]
    l2: Option<f64>,

    /// Decoupled weight decay: a weight shrinks by lr*LAMBDA of itself outside the step
    #[arg(long, value_name = "LAMBDA", value_parser = at_least_0, allow_hyphen_values = true)]
    weight_decay: Option<f64>,

    /// The weights that --l2 and --weight-decay are for [default: all]
    #[arg(long, value_name = "NAME,NAME,...", value_delimiter = ',')]
    decay_weights: Option<Vec<String>>,

    /// Clip the gradient: scale it down where the norm over all weights is above NORM
    #[arg(long, value_name = "NORM", value_parser = above_0, allow_hyphen_values = true)]
    clip: Option<f64>,

    /// How the learning rate moves: constant, step:EVERY:FACTOR, exponential:RATE, linear:TO,
    /// cosine, warmup:STEPS+cosine, 1cycle, annealing; counted in updates [default: constant]
    #[arg(long, value_name = "SCHEDULE")]
    schedule: Option<String>,
}

impl WayArgs {
    /// The way to train over `epochs` epochs, with `seed` for what is drawn.
    ///
    /// # Errors
    /// A batch size or a schedule that is none.
    pub fn training(&self, epochs: usize, seed: u64) -> Result<Training> {
        Ok(Training {
            batch: self.batch_size.as_deref().map_or(Ok(Batch::One), batch)?,
            shuffle: self.shuffle.then_some(seed),
            l2: self.l2,
            weight_decay: self.weight_decay,
            decayed: self
                .decay_weights
                .as_ref()
                .map(|weights| weights.iter().map(|weight| weight.trim().to_owned()).collect()),
            clip: self.clip,
            schedule: self.schedule.as_deref().map_or(Ok(Schedule::Constant), Schedule::read)?,
            epochs,
            ..Training::default()
        })
    }

    /// Whether all is as usual: no option says anything that a learning rate depends on.
    pub fn is_usual(&self) -> bool {
        self.batch_size.is_none() && self.schedule.is_none() && !self.counts_in_units()
    }

    /// Whether something depends on the units of the data: a penalty, a decay, the size of a
    /// gradient.
    pub fn counts_in_units(&self) -> bool {
        self.l2.is_some() || self.weight_decay.is_some() || self.clip.is_some()
    }

    /// What has no effect, `own_decay` saying whether an optimizer has a decay of its own.
    pub fn notes(&self, own_decay: bool) -> Vec<String> {
        let decays = self.l2.is_some() || self.weight_decay.is_some() || own_decay;
        let is_idle = self.decay_weights.is_some() && !decays;
        let note = "--decay-weights has no effect: nothing decays without --l2 or --weight-decay";
        is_idle.then(|| note.to_owned()).into_iter().collect()
    }
}

fn batch(text: &str) -> Result<Batch> {
    match (text.trim(), text.trim().parse::<usize>()) {
        ("all", _) => Ok(Batch::All),
        (_, Ok(1)) => Ok(Batch::One),
        (_, Ok(size)) if size > 1 => Ok(Batch::Of(size)),
        _ => Err(Error::new(format!("`{text}` is not a number of samples"))
            .in_argument(format!("--batch-size {text}"))
            .help("write a whole number, 1 or more, or all")),
    }
}

fn at_least_0(text: &str) -> std::result::Result<f64, String> {
    number(text).filter(|number| *number >= 0.0).ok_or("write a number, 0 or more".to_owned())
}

fn above_0(text: &str) -> std::result::Result<f64, String> {
    number(text).filter(|number| *number > 0.0).ok_or("write a number above 0".to_owned())
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}
