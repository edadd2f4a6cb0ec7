//! A rule followed along a log: where a step departs, what changed there is looked for.
//!
//! Of what would explain the step (another learning rate, a clipped gradient, states that start anew,
//! a step that was skipped, another hyperparameter), the one with which most of the next steps
//! follow is taken, and the rule goes on from there.

use super::changes::{Change, Schedule, Series};
use super::changing::Normed;
use super::clip::Clip;
use super::fit::{Miss, Rates};
use super::program::Machine;
use super::rule::Rule;
use super::search::typed;
use super::steps::Steps;
use crate::value::shortest;

/// So many steps behind a change say which it was.
const LOOK_AHEAD: usize = 16;

/// How a rule goes along a log.
#[derive(Debug, Clone)]
pub(super) struct Walked {
    /// How many steps it takes, with all that changes.
    pub steps: usize,
    /// The learning rate of each.
    pub rates: Vec<f64>,
    /// How far each of these may be off.
    pub errors: Vec<f64>,
    /// Whether the first of these was taken from the log.
    pub is_free: bool,
    /// How gradients are clipped from the start.
    pub clip: Option<Clip>,
    /// What changes, but for the learning rate.
    pub events: Vec<Change>,
    /// How far its steps are from the logged ones, of their size.
    pub miss: f64,
    /// The momentum of each step, where that goes its own way.
    pub momenta: Vec<f64>,
}

impl Walked {
    /// How much changes, where a log tells rates apart as far as `blur` says.
    pub fn changes(&self, blur: f64) -> usize {
        self.events.len() + Schedule::new(self.series(), blur).changes().len()
    }

    /// The learning rates, as far as the steps tell them.
    pub fn series(&self) -> Series<'_> {
        Series { values: &self.rates, errors: &self.errors }
    }

    /// Whether its learning rates go on in few ways.
    pub fn is_regular(&self, blur: f64) -> bool {
        Schedule::new(self.series(), blur).is_regular()
    }
}

/// A rule on its way.
#[derive(Clone)]
struct State<'r> {
    machine: Machine<'r>,
    inputs: Vec<f64>,
    clip: Option<Clip>,
}

/// What leads on from a step, and what it changes.
struct Way<'r> {
    state: State<'r>,
    event: Option<Change>,
}

/// A rule and the log that it is followed along.
pub(super) struct Walk<'w> {
    rule: &'w Rule<'w>,
    steps: &'w Steps,
    rates: Rates<'w>,
    /// The norm of all gradients, by step.
    norms: &'w [f64],
}

impl<'w> Walk<'w> {
    pub fn new(rule: &'w Rule, log: Normed<'w>) -> Walk<'w> {
        Walk { rule, steps: log.logged.steps, rates: log.logged.rates, norms: log.norms }
    }

    /// Follows the rule from these inputs as far as it goes.
    pub fn follow(&self, inputs: &[f64], clip: Option<Clip>) -> Walked {
        let machine = self.rule.machine(&[inputs], self.steps, 0);
        let mut state = State { machine, inputs: inputs.to_vec(), clip };
        let is_free = matches!(self.rates, Rates::Free);
        let (rates, errors) = (Vec::new(), Vec::new());
        let (events, momenta) = (Vec::new(), Vec::new());
        let mut walked =
            Walked { steps: 0, rates, errors, is_free, clip, events, miss: 0.0, momenta };
        if is_free {
            state = self.other_rate(&state, 0).unwrap_or(state);
        }
        let mut miss = Miss::default();
        let mut moves = Vec::new();
        while walked.steps < self.steps.len() {
            let step = walked.steps;
            if !self.take(&mut state, step, &mut moves) {
                let Some(way) = self.best_way(&state, step) else { break };
                state = way.state;
                let is_skipped = way.event.as_ref().is_some_and(|event| event.what == "skipped");
                walked.events.extend(way.event);
                moves.clear();
                if !is_skipped && !self.take(&mut state, step, &mut moves) {
                    break;
                }
            }
            if let Some(clip) = &state.clip
                && !walked.events.iter().any(|event| event.what == clip.name())
                && clip.is_felt(self.steps.gradients(step), self.norms[step])
            {
                walked.events.push(Change::new(step + 1, clip.name(), None, Some(clip.limit)));
            }
            miss.add(&moves, self.steps.moves(step));
            if let Some(rate) = self.rule.rate().map(|rate| state.inputs[rate]) {
                walked.rates.push(rate);
                walked.errors.extend(is_free.then(|| rate.abs() * self.unsure(&moves)));
            }
            walked.steps += 1;
        }
        walked.miss = miss.share();
        walked
    }

    /// How far the rate of moves may be off, as a share of it: as far as the weight leaves it open that tells most.
    fn unsure(&self, moves: &[f64]) -> f64 {
        let each = moves.iter().enumerate();
        let shares = each.map(|(at, own)| self.steps.allowed(at, *own) / own.abs());
        shares.fold(f64::INFINITY, f64::min)
    }

    /// Takes a step, and says whether it is the logged one; where it is not, nothing has happened.
    fn take(&self, state: &mut State, step: usize, moves: &mut Vec<f64>) -> bool {
        if let (Some(rate), Rates::Logged(rates)) = (self.rule.rate(), self.rates) {
            state.set(rate, rates[step]);
        }
        self.move_on(state, step, moves);
        let is_taken = self.steps.is(step, moves);
        if !is_taken {
            state.machine.undo();
        }
        is_taken
    }

    fn move_on(&self, state: &mut State, step: usize, moves: &mut Vec<f64>) {
        moves.clear();
        let gradients = self.used(state, step);
        let gradients = gradients.as_deref().unwrap_or(self.steps.gradients(step));
        state.machine.step(self.steps.before(step), gradients, self.steps.loss(step), moves);
    }

    /// The gradients as they are used, where these are not the logged ones.
    fn used(&self, state: &State, step: usize) -> Option<Vec<f64>> {
        let clip = state.clip?;
        let mut used = Vec::with_capacity(self.steps.weights);
        clip.apply(self.steps.gradients(step), self.norms[step], &mut used);
        Some(used)
    }

    /// The explanation of a step with which most of the next ones follow, with the fewest changes of
    /// the learning rate.
    fn best_way<'s>(&self, state: &State<'s>, step: usize) -> Option<Way<'s>>
    where
        'w: 's,
    {
        let mut ways = self.ways(state, step);
        if ways.len() > 1 {
            let ahead = |way: &Way| {
                let is_skipped = way.event.as_ref().is_some_and(|event| event.what == "skipped");
                self.ahead(way.state.clone(), if is_skipped { step + 1 } else { step })
            };
            ways.sort_by_cached_key(|way| ahead(way));
        }
        ways.into_iter().next()
    }

    /// How few of the next steps follow where any learning rates may be taken, and how many of these
    /// change.
    fn ahead(&self, mut state: State, from: usize) -> (usize, usize) {
        let until = (from + LOOK_AHEAD).min(self.steps.len());
        let mut changes = 0;
        let mut moves = Vec::new();
        for step in from..until {
            if self.take(&mut state, step, &mut moves) {
                continue;
            }
            match self.other_rate(&state, step) {
                Some(other) => state = other,
                None => return (until - step, changes),
            }
            changes += 1;
            self.take(&mut state, step, &mut moves);
        }
        (0, changes)
    }

    /// Everything that explains a step.
    fn ways<'s>(&self, state: &State<'s>, step: usize) -> Vec<Way<'s>>
    where
        'w: 's,
    {
        let mut ways: Vec<Way> = Vec::new();
        ways.extend(self.other_rate(state, step).map(|state| Way { state, event: None }));
        // A single weight goes anywhere with a rate of its own.
        if !ways.is_empty() && self.steps.weights == 1 && matches!(self.rates, Rates::Free) {
            return ways;
        }
        if self.steps.moves(step).all(|one| one == 0.0) {
            let event = Some(Change::new(step + 1, "skipped", None, None));
            ways.push(Way { state: state.clone(), event });
        }
        ways.extend(self.anew(state, step));
        ways.extend(self.clipped(state, step));
        ways.extend(self.other_hyperparameter(state, step));
        ways
    }

    /// The same with the learning rate that the step was taken with.
    fn other_rate<'s>(&self, state: &State<'s>, step: usize) -> Option<State<'s>> {
        let rate = self.rule.rate().filter(|_| !matches!(self.rates, Rates::Logged(_)))?;
        let mut other = state.clone();
        let gradients = self.used(state, step);
        let gradients = gradients.as_deref().unwrap_or(self.steps.gradients(step));
        let before = self.steps.before(step);
        let nearest = other.machine.nearest_rate(
            rate,
            before,
            (gradients, self.steps.loss(step)),
            self.steps.unsure_moves(step),
        );
        let blur = self.steps.blur().min(1e-3);
        // What is near enough for the weight with the fewest digits may be too far for another.
        let mut takes = |one: f64| {
            other.set(rate, one);
            self.explains(&mut other, step)
        };
        let is_near = |one: f64| (one - nearest).abs() <= blur * nearest.abs();
        let is_told = shortest(nearest, |one| is_near(one) && takes(one)).is_some();
        (is_told || takes(nearest)).then_some(other)
    }

    /// Whether a step is the logged one, without taking it.
    fn explains(&self, state: &mut State, step: usize) -> bool {
        let is_taken = self.take(state, step, &mut Vec::new());
        if is_taken {
            state.machine.undo();
        }
        is_taken
    }

    /// The same with states as before the first step.
    fn anew<'s>(&self, state: &State<'s>, step: usize) -> Option<Way<'s>>
    where
        'w: 's,
    {
        let machine = self.rule.machine(&[&state.inputs], self.steps, step);
        let mut state = State { machine, ..state.clone() };
        let event = Some(Change::new(step + 1, "reset", None, None));
        self.explains(&mut state, step).then_some(Way { state, event })
    }

    /// The same with a gradient that was clipped here for the first time.
    fn clipped<'s>(&self, state: &State<'s>, step: usize) -> Option<Way<'s>> {
        if state.clip.is_some() {
            return None;
        }
        let (gradients, norm) = (self.steps.gradients(step), self.norms[step]);
        let typed = Clip::typed().filter(|clip| clip.is_felt(gradients, norm));
        let any = Clip::all(1.0).into_iter().filter_map(|clip| self.any_limit(state, step, clip));
        typed.chain(any).find_map(|clip| {
            let mut state = State { clip: Some(clip), ..state.clone() };
            self.explains(&mut state, step).then_some(Way { state, event: None })
        })
    }

    /// The limit of a clip with which a step comes nearest to the logged one, as somebody types it.
    fn any_limit(&self, state: &State, step: usize, clip: Clip) -> Option<Clip> {
        let size = clip.size(self.steps.gradients(step), self.norms[step]);
        let mut state = state.clone();
        let mut moves = Vec::new();
        let mut off = |share: f64| {
            state.clip = Some(Clip { limit: share * size, ..clip });
            self.move_on(&mut state, step, &mut moves);
            state.machine.undo();
            let pairs = moves.iter().zip(self.steps.moves(step));
            pairs.map(|(own, logged)| (own - logged) * (own - logged)).sum::<f64>()
        };
        let shares: Vec<f64> = (0..48).map(|at| 1.15_f64.powi(-at)).collect();
        let nearest = (0..shares.len()).min_by(|a, b| {
            let [a, b] = [*a, *b].map(|at| off(shares[at]));
            a.total_cmp(&b)
        })?;
        let (mut low, mut high) = (shares[nearest] / 1.15, (shares[nearest] * 1.15).min(1.0));
        for _ in 0..60 {
            let third = (high - low) / 3.0;
            match off(low + third) < off(high - third) {
                true => high -= third,
                false => low += third,
            }
        }
        let limit = low * size;
        let limit = shortest(limit, |one| (one - limit).abs() <= 1e-6 * limit)?;
        Some(Clip { limit, ..clip })
    }

    /// The same with another value of a hyperparameter, as somebody types it.
    fn other_hyperparameter<'s>(&self, state: &State<'s>, step: usize) -> Option<Way<'s>> {
        let used = self.rule.hyperparameters().into_iter().filter(|at| self.rule.uses(*at));
        let mut all = used.flat_map(|at| typed(self.rule, at).iter().map(move |to| (at, *to)));
        all.find_map(|(at, to)| {
            let from = state.inputs[at];
            let mut state = state.clone();
            state.set(at, to);
            let name = &self.rule.form.sheet.inputs[at].id;
            let event = Some(Change::new(step + 1, name, Some(from), Some(to)));
            (to != from && self.explains(&mut state, step)).then_some(Way { state, event })
        })
    }
}

impl State<'_> {
    fn set(&mut self, input: usize, value: f64) {
        self.inputs[input] = value;
        self.machine.set(input, value);
    }
}
