//! What changes along a log: the schedule of the learning rate, and what happens at single steps.

use crate::value::{number_text, shortest};

/// A change along a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The step at which it begins, as the log counts; from 1 where it does not.
    pub step: usize,
    /// The hyperparameter's name, `clip_norm`, `clip_value`, `accumulation`, `reset` or `skipped`.
    pub what: String,
    /// The value before it.
    pub from: Option<f64>,
    /// The value from it on, or where it ends.
    pub to: Option<f64>,
    /// How the value goes from the one to the other, where it does so step by step; of which kind an
    /// accumulation is.
    pub how: Option<&'static str>,
    /// The last step of such a way.
    pub until: Option<usize>,
}

impl Change {
    /// A change that takes no more than a step.
    pub(super) fn new(step: usize, what: &str, from: Option<f64>, to: Option<f64>) -> Change {
        Change { step, what: what.to_owned(), from, to, how: None, until: None }
    }

    /// The same with the numbers that a log gives its steps.
    pub(super) fn numbered(mut self, steps: &[usize]) -> Change {
        let own = |step: usize| steps.get(step - 1).copied().unwrap_or(step);
        (self.step, self.until) = (own(self.step), self.until.map(own));
        self
    }
}

/// So far rates may be off that a library computes in single precision, whatever the weights have.
const SINGLE: f64 = 3e-7;

/// How learning rates go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Constant,
    Linear,
    Exponential,
    Inverse,
    InverseRoot,
    Cosine,
}

/// Learning rates from a step to another that go on in one way.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: usize,
    until: usize,
    shape: Shape,
}

/// Numbers of all steps, and how far each may be off because its step hardly moves anything; no such errors where
/// the numbers are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series<'r> {
    pub values: &'r [f64],
    pub errors: &'r [f64],
}

impl<'r> Series<'r> {
    /// Numbers that are known.
    pub fn known(values: &'r [f64]) -> Series<'r> {
        Series { values, errors: &[] }
    }

    fn part(self, from: usize, count: usize) -> Series<'r> {
        let errors = self.errors.get(from..from + count).unwrap_or_default();
        Series { values: &self.values[from..from + count], errors }
    }

    fn len(self) -> usize {
        self.values.len()
    }

    fn error(self, at: usize) -> f64 {
        self.errors.get(at).copied().unwrap_or(0.0)
    }
}

/// The learning rates of all steps, by the ways in which they go on.
pub(super) struct Schedule<'r> {
    rates: Series<'r>,
    blur: f64,
    segments: Vec<Segment>,
}

impl<'r> Schedule<'r> {
    /// Finds out how these rates go on.
    pub fn new(rates: Series<'r>, blur: f64) -> Schedule<'r> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut from = 0;
        while from < rates.len() {
            // Of ways that are as long the plainest.
            let rest = rates.part(from, rates.len() - from);
            let longest = |shape: &Shape| shape.longest(rest, blur);
            let all = Shape::ALL.iter().rev().map(|shape| (longest(shape), *shape));
            let (length, shape) =
                all.max_by_key(|(length, _)| *length).unwrap_or((1, Shape::Constant));
            segments.push(Segment { from, until: from + length - 1, shape });
            from += length;
        }
        Schedule { rates, blur, segments }
    }

    /// Whether it is one that somebody would choose: few ways, one after the other.
    pub fn is_regular(&self) -> bool {
        self.segments.len() <= 2.max(self.rates.len() / 4)
    }

    /// Whether the rate is the same for all steps.
    pub fn is_steady(&self) -> bool {
        self.segments.len() <= 1 && self.segments.iter().all(|one| one.shape == Shape::Constant)
    }

    /// The rate of the first steps, where these have the same.
    pub fn first(&self) -> Option<f64> {
        let first = self.segments.first()?;
        let is_long = first.until > first.from || self.rates.len() == 1;
        (first.shape == Shape::Constant && is_long).then(|| self.number(first.from))
    }

    /// Where the rate changes, and to what.
    pub fn changes(&self) -> Vec<Change> {
        let change = |at: usize| {
            let segment = self.segments[at];
            let step = segment.from + 1;
            let (first, last) = (self.number(segment.from), self.number(segment.until));
            let before = segment.from.checked_sub(1).map(|at| self.number(at));
            match segment.shape.name() {
                None => before.map(|before| Change::new(step, "lr", Some(before), Some(first))),
                how => Some(Change {
                    how,
                    until: Some(segment.until + 1),
                    ..Change::new(step, "lr", Some(first), Some(last))
                }),
            }
        };
        let all = (0..self.segments.len()).filter_map(change);
        all.filter(|one| one.how.is_some() || one.from != one.to).collect()
    }

    /// The schedule of all steps in words; none where it has parts.
    pub fn words(&self) -> Option<String> {
        let (first, last) = (*self.rates.values.first()?, *self.rates.values.last()?);
        let number = |rate: f64| number_text(short(rate, self.blur.max(1e-6)));
        let span = format!("from {} to {}", number(first), number(last));
        let count = (self.rates.len() - 1) as f64;
        match &self.segments[..] {
            [only] => match only.shape {
                Shape::Constant => None,
                Shape::Exponential => Some(format!(
                    "falls exponentially {span}, by the factor {} a step",
                    number((last / first).powf(1.0 / count))
                )),
                Shape::Linear => Some(format!(
                    "changes linearly {span}, by {} a step",
                    number((last - first) / count)
                )),
                Shape::Inverse => Some(format!("falls {span} as 1/(1 + k*t)")),
                Shape::InverseRoot => Some(format!("falls {span} as 1/sqrt(1 + k*t)")),
                Shape::Cosine => Some(format!("follows a cosine {span}")),
            },
            _ if self.is_regular() => None,
            _ => Some(format!("changes from step to step {span}")),
        }
    }

    fn number(&self, at: usize) -> f64 {
        short(self.rates.values[at], self.blur)
    }
}

impl Shape {
    const ALL: [Shape; 6] = [
        Shape::Constant,
        Shape::Linear,
        Shape::Exponential,
        Shape::Inverse,
        Shape::InverseRoot,
        Shape::Cosine,
    ];

    fn name(self) -> Option<&'static str> {
        match self {
            Shape::Constant => None,
            Shape::Linear => Some("linear"),
            Shape::Exponential => Some("exponential"),
            Shape::Inverse => Some("inverse"),
            Shape::InverseRoot => Some("inverse root"),
            Shape::Cosine => Some("cosine"),
        }
    }

    /// So many rates are needed to see it.
    fn least(self) -> usize {
        match self {
            Shape::Constant => 1,
            Shape::Linear | Shape::Exponential => 4,
            Shape::Inverse | Shape::InverseRoot => 5,
            Shape::Cosine => 6,
        }
    }

    /// How many of the first rates go on so; 0 where that is not to be seen.
    fn longest(self, rates: Series, blur: f64) -> usize {
        let holds = |count: usize| self.holds(rates.part(0, count), blur);
        if rates.len() < self.least() {
            return 0;
        }
        // Few rates next to the top of a cosine may not tell it from a line.
        if holds(rates.len()) {
            return rates.len();
        }
        if !holds(self.least()) {
            return 0;
        }
        let (mut good, mut bad) = (self.least(), rates.len() + 1);
        let mut width = 1;
        while good + width < bad {
            match holds(good + width) {
                true => (good, width) = (good + width, 2 * width),
                false => bad = good + width,
            }
        }
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            if middle <= rates.len() && holds(middle) { good = middle } else { bad = middle }
        }
        good
    }

    fn holds(self, series: Series, blur: f64) -> bool {
        let rates = series.values;
        let (first, last) = (rates[0], rates[rates.len() - 1]);
        let count = (rates.len() - 1).max(1) as f64;
        let size = rates.iter().fold(0.0_f64, |most, one| most.max(one.abs()));
        let least = rates.iter().fold(f64::INFINITY, |least, one| least.min(*one));
        let allowed = (10.0 * blur).clamp(SINGLE, 1e-3);
        // A rate that may be anything down to 0 is no matter.
        let error = |at: usize, of: &dyn Fn(f64) -> f64| match series.error(at) {
            0.0 => 0.0,
            error if error < rates[at].abs() => (of(rates[at]) - of(rates[at] - error)).abs(),
            _ => f64::INFINITY,
        };
        let is_way = |of: &dyn Fn(f64) -> f64, allowed: f64| {
            let (first, last) = (of(first), of(last));
            let line = |at: usize| first + (last - first) * at as f64 / count;
            let mut all = rates.iter().enumerate();
            (last - first).abs() > 8.0 * allowed
                && all.all(|(at, rate)| (of(*rate) - line(at)).abs() <= allowed + error(at, of))
        };
        match self {
            Shape::Constant => {
                let mut all = rates.iter().enumerate();
                all.all(|(at, rate)| {
                    same(*rate, first, blur) || (rate - first).abs() <= series.error(at)
                })
            }
            Shape::Linear => is_way(&|rate| rate, allowed * size),
            Shape::Exponential => is_way(&f64::ln, allowed),
            Shape::Inverse => least > 0.0 && is_way(&|rate| 1.0 / rate, allowed / least),
            Shape::InverseRoot => {
                let allowed = 2.0 * allowed / (least * least);
                least > 0.0 && is_way(&|rate| 1.0 / (rate * rate), allowed)
            }
            Shape::Cosine => is_cosine(series, allowed * size),
        }
    }
}

/// Two rates that are the same, as far as a log tells.
fn same(one: f64, other: f64, blur: f64) -> bool {
    (one - other).abs() <= (10.0 * blur).clamp(SINGLE, 0.02) * one.abs().max(other.abs())
}

/// A number with the digits that are sure.
fn short(number: f64, blur: f64) -> f64 {
    shortest(number, |one| same(one, number, blur)).unwrap_or(number)
}

/// Whether rates are a cosine: then neighbours of each follow from it in the same way.
fn is_cosine(series: Series, allowed: f64) -> bool {
    // r[t+1] + r[t-1] = 2cos(w) r[t] + c for all t: two unknowns from all steps.
    let triples: Vec<(f64, f64)> =
        series.values.windows(3).map(|three| (three[1], three[0] + three[2])).collect();
    let count = triples.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| triples.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(&|one| one.0), mean(&|one| one.1));
    let slope = mean(&|one| (one.0 - x) * (one.1 - y)) / mean(&|one| (one.0 - x) * (one.0 - x));
    let error = |at: usize| series.error(at) + 2.0 * series.error(at + 1) + series.error(at + 2);
    let mut all = triples.iter().enumerate();
    slope < 2.0
        && all.all(|(at, one)| (one.1 - y - slope * (one.0 - x)).abs() <= allowed + error(at))
}

/// Changes in words.
pub fn words(changes: &[Change]) -> Vec<String> {
    let number = |value: Option<f64>| number_text(value.unwrap_or(f64::NAN));
    let all = changes.iter().map(|one| {
        let (step, to) = (one.step, number(one.to));
        match (one.what.as_str(), one.how, one.until) {
            ("clip_norm", ..) => {
                format!("from step {step} on gradients are clipped to the norm {to}")
            }
            ("clip_value", ..) => format!("from step {step} on gradients are clipped to ±{to}"),
            ("skipped", ..) => format!("step {step} is skipped"),
            ("reset", ..) => format!("at step {step} the states start anew"),
            ("accumulation", how, _) => format!(
                "a step is taken every {to} rows, with the {} of their gradients",
                how.unwrap_or("mean")
            ),
            (what, Some(how), Some(until)) => {
                let way = match how {
                    "cosine" => "follows a cosine",
                    "exponential" => "goes exponentially",
                    "inverse" => "falls as 1/(1 + k*t)",
                    "inverse root" => "falls as 1/sqrt(1 + k*t)",
                    _ => "goes linearly",
                };
                format!("{what} {way} from {} to {to} (steps {step} to {until})", number(one.from))
            }
            (what, ..) => format!("from step {step} on {what} is {to}"),
        }
    });
    all.collect()
}
