//! Rules whose momentum goes its own way along a log, as one-cycle schedules let it: down while the
//! learning rate goes up, and up again (L. N. Smith 2018; PyTorch's `OneCycleLR` does so unless told).
//!
//! In each step the momentum, and where the log does not have it the learning rate, are those with
//! which the rule comes nearest to the logged step: two numbers for the moves of all weights.

use super::changes::{Change, Schedule, Series};
use super::changing::Normed;
use super::fit::{Logged, Miss, Rates};
use super::plainest::is_common;
use super::program::Machine;
use super::rule::Rule;
use super::search::Found;
use super::walk::Walked;
use crate::compare::form::Form;

/// What momentum is called, in the order in which it is looked for.
const MOMENTUM: [&str; 2] = ["beta1", "beta"];
/// Where it begins, as people type it; the first is `OneCycleLR`'s.
const FIRST: [f64; 7] = [0.95, 0.9, 0.99, 0.85, 0.8, 0.98, 0.999];
/// So often both numbers are brought nearer in a step.
const MOST_TURNS: usize = 24;
/// The momentum is moved by so much to see what a step makes of it.
const WIDTH: f64 = 1e-4;
/// A step tells its momentum so much worse than the log's digits say; worst where the rate is small.
const UNSURE: f64 = 30.0;
/// A step that answers so little to it, of its size, says nothing of it.
const DEAF: f64 = 1e-9;

/// The rule that takes all steps with a momentum that goes in few ways.
pub(super) fn search<'a>(forms: &'a [Form<'a>], log: Normed) -> Option<(Found<'a>, Walked)> {
    let logged = log.logged;
    let rates = match logged.rates {
        Rates::Logged(rates) => Rates::Logged(rates),
        Rates::Steady | Rates::Free | Rates::Even => Rates::Free,
    };
    // More moves than numbers that are free.
    let free = if matches!(rates, Rates::Free) { 2 } else { 1 };
    if logged.steps.weights <= free || logged.steps.len() < 12 {
        return None;
    }
    let logged = Logged { rates, ..logged };
    let common = forms.iter().filter(|form| is_common(form.definition));
    let found = common.filter_map(|form| cycled(form, logged));
    found.min_by_key(|(found, walked)| (walked.changes(logged.blur), found.rank()))
}

/// A definition with a momentum for each step.
fn cycled<'a>(form: &'a Form<'a>, logged: Logged) -> Option<(Found<'a>, Walked)> {
    let rule = Rule::of(form);
    let momentum = momentum_of(&rule)?;
    let mut inputs = rule.defaults();
    // The first step says nothing of its momentum, and yet remembers with it.
    let taken = FIRST.iter().find_map(|first| {
        inputs[momentum] = *first;
        Taken::new(&rule, &inputs, momentum, logged)
    })?;
    let all = Schedule::new(Series::known(&taken.momenta), UNSURE * logged.blur);
    let others = Schedule::new(Series::known(&taken.momenta[1..]), UNSURE * logged.blur);
    // What the first step does not tell is told where the others go on from it.
    let is_one = all.changes().len() <= others.changes().len();
    let (schedule, before) = if is_one { (all, 0) } else { (others, 1) };
    let is_regular = !schedule.is_steady() && schedule.is_regular();
    if !is_regular || !Schedule::new(Series::known(&taken.rates), logged.blur).is_regular() {
        return None;
    }
    let of_momentum = |change: Change| Change {
        step: change.step + before,
        what: form.sheet.inputs[momentum].id.clone(),
        until: change.until.map(|until| until + before),
        ..change
    };
    let events = schedule.changes().into_iter().map(of_momentum).collect();
    let walked = Walked {
        steps: logged.steps.len(),
        is_free: matches!(logged.rates, Rates::Free),
        clip: None,
        events,
        miss: taken.miss,
        rates: taken.rates,
        errors: Vec::new(),
        momenta: taken.momenta,
    };
    let found =
        Found { typed: inputs.clone(), inputs, miss: taken.miss, departures: Vec::new(), rule };
    Some((found, walked))
}

/// The input of a rule that is its momentum.
fn momentum_of(rule: &Rule) -> Option<usize> {
    let input = |name: &&str| rule.form.sheet.input(name).filter(|input| rule.uses(*input));
    MOMENTUM.iter().find_map(input)
}

/// Whether a rule takes all steps with these rates and momenta: what some weights tell must hold for all.
pub(super) fn takes(found: &Found, walked: &Walked, logged: Logged) -> bool {
    let Some(momentum) = momentum_of(&found.rule) else { return false };
    let mut machine = found.rule.machine(&[&found.inputs], logged.steps, 0);
    let mut moves = Vec::new();
    (0..logged.steps.len()).all(|step| {
        machine.set(momentum, walked.momenta[step]);
        found.rule.rate().into_iter().for_each(|rate| machine.set(rate, walked.rates[step]));
        take(&mut machine, logged, step, &mut moves);
        logged.steps.is(step, &moves)
    })
}

/// The steps that a rule took, with the numbers of each.
struct Taken {
    rates: Vec<f64>,
    momenta: Vec<f64>,
    miss: f64,
}

impl Taken {
    /// None where a step cannot be taken.
    fn new(rule: &Rule, inputs: &[f64], momentum: usize, logged: Logged) -> Option<Taken> {
        let rate = rule.rate()?;
        let mut machine = rule.machine(&[inputs], logged.steps, 0);
        let (mut rates, mut momenta): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        let (mut miss, mut moves) = (Miss::default(), Vec::new());
        let mut now = [inputs[rate], inputs[momentum]];
        for step in 0..logged.steps.len() {
            if let Rates::Logged(rates) = logged.rates {
                now[0] = rates[step];
            }
            now = nearest(&mut machine, [rate, momentum], now, logged, step);
            machine.set(rate, now[0]);
            machine.set(momentum, now[1]);
            take(&mut machine, logged, step, &mut moves);
            let is_momentum = step == 0 || (0.0..1.0).contains(&now[1]);
            if !is_momentum || !logged.steps.is(step, &moves) {
                return None;
            }
            miss.add(&moves, logged.steps.moves(step));
            rates.push(now[0]);
            momenta.push(now[1]);
        }
        Some(Taken { rates, momenta, miss: miss.share() })
    }
}

/// The rate and the momentum with which a step comes nearest to the logged one, from some to begin with,
/// by Newton's method; the rate stays where the log has it.
fn nearest(
    machine: &mut Machine,
    inputs: [usize; 2],
    mut now: [f64; 2],
    logged: Logged,
    step: usize,
) -> [f64; 2] {
    let is_free = matches!(logged.rates, Rates::Free);
    let mut moves_with = |[rate, momentum]: [f64; 2]| {
        let mut moves = Vec::new();
        machine.set(inputs[0], rate);
        machine.set(inputs[1], momentum);
        take(machine, logged, step, &mut moves);
        machine.undo();
        moves
    };
    for _ in 0..MOST_TURNS {
        let own = moves_with(now);
        let slope = |other: Vec<f64>, by: f64| -> Vec<f64> {
            other.iter().zip(&own).map(|(other, own)| (other - own) / by).collect()
        };
        let wide = if now[0] == 0.0 { WIDTH } else { now[0] * WIDTH };
        let by_rate = slope(moves_with([now[0] + wide, now[1]]), wide);
        let by_momentum = slope(moves_with([now[0], now[1] + WIDTH]), WIDTH);
        let off: Vec<f64> =
            logged.steps.moves(step).zip(&own).map(|(logged, own)| logged - own).collect();
        let dot = |one: &[f64], other: &[f64]| -> f64 {
            let known = one.iter().zip(other).zip(&off).filter(|(_, off)| !off.is_nan());
            known.map(|((one, other), _)| one * other).sum()
        };
        let (rr, rm, mm) =
            (dot(&by_rate, &by_rate), dot(&by_rate, &by_momentum), dot(&by_momentum, &by_momentum));
        let (ro, mo) = (dot(&by_rate, &off), dot(&by_momentum, &off));
        let size = dot(&own, &own);
        let hears = mm > DEAF * DEAF * size;
        let both = rr * mm - rm * rm;
        let change = match (is_free, hears) {
            (true, true) if both > 1e-12 * rr * mm => {
                [(mm * ro - rm * mo) / both, (rr * mo - rm * ro) / both]
            }
            (true, _) if rr > 0.0 => [ro / rr, 0.0],
            (false, true) => [0.0, mo / mm],
            _ => [0.0, 0.0],
        };
        now = [now[0] + change[0], now[1] + change[1]];
        if change[0].abs() <= 1e-15 * now[0].abs() && change[1].abs() <= 1e-15 {
            break;
        }
    }
    now
}

fn take(machine: &mut Machine, logged: Logged, step: usize, moves: &mut Vec<f64>) {
    let steps = logged.steps;
    moves.clear();
    machine.step(steps.before(step), steps.gradients(step), steps.loss(step), moves);
}
