//! Which runs of a large sweep are shown: all combinations of some values along each axis, so that curves and heat
//! maps of them are whole.

use super::{Block, Ran, Runner, Setting, Sweep, SweptRun, Whole};

/// The best runs of all that are kept beside the sample.
const MOST_BEST: usize = 1000;

/// What is known of a run without its weights.
#[derive(Debug, Clone, Copy)]
struct Brief {
    error: f64,
    index: usize,
}

impl Brief {
    fn is_before(&self, other: &Brief) -> bool {
        self.error.total_cmp(&other.error).then(self.index.cmp(&other.index)).is_lt()
    }
}

/// What has to be known of all runs before some are chosen. It grows with the number of optimizers, not of runs.
#[derive(Debug, Clone)]
pub struct Census {
    runs: usize,
    diverged: usize,
    smallest: Option<f64>,
    /// The best run of each optimizer.
    bests: Vec<Option<Brief>>,
    /// The best of all, in their order.
    top: Vec<(Brief, Ran)>,
}

impl Census {
    /// Nothing yet, of a sweep over `setting`.
    pub fn new(setting: &Setting) -> Self {
        let bests = vec![None; setting.blocks.len()];
        Census { runs: 0, diverged: 0, smallest: None, bests, top: Vec::new() }
    }

    /// Takes the run with this index.
    pub fn take(&mut self, index: usize, ran: Ran) {
        self.runs += 1;
        self.diverged += usize::from(ran.run.diverged_at.is_some());
        self.lower(ran.smallest());
        let Some(error) = ran.run.error() else { return };
        let brief = Brief { error, index };
        let block = ran.run.block;
        self.take_best(block, brief);
        self.take_top(brief, || ran);
    }

    /// Takes all that another census has taken.
    pub fn merge(&mut self, other: Census) {
        self.runs += other.runs;
        self.diverged += other.diverged;
        self.lower(other.smallest);
        for (block, best) in other.bests.into_iter().enumerate() {
            best.into_iter().for_each(|best| self.take_best(block, best));
        }
        for (brief, ran) in other.top {
            self.take_top(brief, || ran);
        }
    }

    /// How many runs it has taken.
    pub fn runs(&self) -> usize {
        self.runs
    }

    fn lower(&mut self, smallest: Option<f64>) {
        let both = self.smallest.into_iter().chain(smallest);
        self.smallest = both.min_by(f64::total_cmp);
    }

    fn take_best(&mut self, block: usize, brief: Brief) {
        if self.bests[block].is_none_or(|best| brief.is_before(&best)) {
            self.bests[block] = Some(brief);
        }
    }

    fn take_top(&mut self, brief: Brief, ran: impl FnOnce() -> Ran) {
        let is_full = self.top.len() >= MOST_BEST;
        if is_full && self.top.last().is_some_and(|(last, _)| !brief.is_before(last)) {
            return;
        }
        let place = self.top.partition_point(|(one, _)| one.is_before(&brief));
        self.top.insert(place, (brief, ran()));
        self.top.truncate(MOST_BEST);
    }
}

/// The runs that are shown.
pub struct Sample {
    census: Census,
    /// The places along the axes that are shown, for each optimizer.
    places: Vec<Vec<Vec<usize>>>,
    /// The same optimizers with the values at these places.
    blocks: Vec<Block>,
    /// The runs that are shown, in their order, as far as they are there.
    ran: Vec<Option<Ran>>,
}

impl Sample {
    /// Chooses at most `most` runs of a sweep over `setting`, among them the best of each optimizer.
    pub fn new(setting: &Setting, census: Census, most: usize) -> Self {
        let share = most / setting.blocks.len().max(1);
        let mut first = 0;
        let (mut places, mut blocks) = (Vec::new(), Vec::new());
        for (block, best) in setting.blocks.iter().zip(&census.bests) {
            let best = best.map_or(0, |best| best.index - first);
            let is_all = setting.runs() <= most;
            let chosen = chosen(block, if is_all { most } else { share }, best);
            blocks.push(block.with(&chosen));
            places.push(chosen);
            first += block.runs();
        }
        let count = blocks.iter().map(Block::runs).sum();
        Sample { census, places, blocks, ran: vec![None; count] }
    }

    /// Where among the runs that are shown the run with this index stands, if it does.
    pub fn place(&self, setting: &Setting, index: usize) -> Option<usize> {
        let (block, within) = setting.locate(index);
        let full = setting.blocks[block].places(within);
        let places = full.iter().zip(&self.places[block]);
        let places: Option<Vec<usize>> =
            places.map(|(place, shown)| shown.binary_search(place).ok()).collect();
        let first: usize = self.blocks[..block].iter().map(Block::runs).sum();
        Some(first + self.blocks[block].index(&places?))
    }

    /// Takes a run that is shown.
    pub fn take(&mut self, place: usize, ran: Ran) {
        self.ran[place] = Some(ran);
    }

    /// The sweep of the runs that are shown; none where one of them is missing.
    pub fn sweep(self, mut runner: Runner) -> Option<Sweep> {
        let Sample { census, blocks, ran, .. } = self;
        let ran: Vec<Ran> = ran.into_iter().collect::<Option<_>>()?;
        let convergence = runner.convergence(census.smallest);
        let whole = (census.runs > ran.len()).then(|| {
            let best: Vec<SweptRun> =
                census.top.into_iter().map(|(_, ran)| ran.judged(&convergence)).collect();
            Whole { runs: census.runs, diverged: census.diverged, best }
        });
        runner.setting.blocks = blocks;
        Some(runner.sweep(convergence, ran, whole))
    }
}

impl Block {
    /// The places along the axes of a combination.
    fn places(&self, index: usize) -> Vec<usize> {
        let mut rest = index;
        let mut places: Vec<usize> = Vec::new();
        for values in self.values.iter().rev() {
            let length = values.len().max(1);
            places.push(rest % length);
            rest /= length;
        }
        places.reverse();
        places
    }

    /// The same with the values at these places along the axes only.
    fn with(&self, places: &[Vec<usize>]) -> Block {
        let some = |(values, places): (&Vec<f64>, &Vec<usize>)| {
            places.iter().filter_map(|place| values.get(*place).copied()).collect()
        };
        Block { values: self.values.iter().zip(places).map(some).collect(), ..self.clone() }
    }
}

/// The places along each axis whose combinations are at most `most`, with those of the run `best`.
fn chosen(block: &Block, most: usize, best: usize) -> Vec<Vec<usize>> {
    let mut lengths: Vec<usize> = block.values.iter().map(|values| values.len().max(1)).collect();
    let runs = |lengths: &[usize]| lengths.iter().copied().fold(1, usize::saturating_mul);
    while runs(&lengths) > most.max(1) {
        // The longest axis can spare values most.
        let Some(longest) = lengths.iter_mut().max() else { break };
        let others = block.values.len().max(1);
        *longest -= (*longest / (20 * others)).max(1);
    }
    let best = block.places(best);
    let axes = block.values.iter().zip(&lengths).zip(best);
    axes.map(|((values, length), best)| spread(values.len().max(1), *length, best)).collect()
}

/// So many places of `all` at equal distances, among them the first, the last and `best`, as far as there is room.
fn spread(all: usize, count: usize, best: usize) -> Vec<usize> {
    if count <= 1 {
        return vec![best];
    }
    let mut places: Vec<usize> = (0..count).map(|at| at * (all - 1) / (count - 1)).collect();
    if let Err(next) = places.binary_search(&best) {
        // The ends stay: they say how far was looked.
        let inner = 1..count - 1;
        let near = [next.saturating_sub(1), next].into_iter().filter(|at| inner.contains(at));
        match near.min_by_key(|at| places[*at].abs_diff(best)) {
            Some(at) => places[at] = best,
            None if next == count - 1 && count == 2 => places[usize::from(best > all / 2)] = best,
            None => places[next.min(count - 1)] = best,
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_with_the_ends_and_the_best() {
        assert_eq!(spread(10, 10, 4), (0..10).collect::<Vec<usize>>());
        assert_eq!(spread(101, 5, 50), [0, 25, 50, 75, 100]);
        assert_eq!(spread(101, 5, 60), [0, 25, 60, 75, 100]);
        assert_eq!(spread(101, 5, 1), [0, 1, 50, 75, 100]);
        assert_eq!(spread(101, 5, 99), [0, 25, 50, 99, 100]);
        assert_eq!(spread(9, 2, 3), [3, 8]);
        assert_eq!(spread(9, 2, 6), [0, 6]);
        assert_eq!(spread(9, 1, 6), [6]);
        assert_eq!(spread(1, 1, 0), [0]);
    }

    #[test]
    fn a_sample_has_the_best_run_and_room_enough() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let block = Block {
            name: "sgd".into(),
            optimizer: ("sgd".into(), None),
            fixed: Vec::new(),
            values: vec![values.clone(), vec![1.0, 2.0, 3.0], Vec::new(), values],
        };
        for best in [0, 1, 1_234_567, block.runs() - 1] {
            let chosen = chosen(&block, 10_000, best);
            let shown = block.with(&chosen);
            assert!((7_000..=10_000).contains(&shown.runs()), "{}", shown.runs());
            let places = block.places(best);
            assert!(places.iter().zip(&chosen).all(|(place, shown)| shown.contains(place)));
            assert!(chosen.iter().all(|places| places.is_sorted()));
            assert_eq!(block.index(&places), best);
        }
    }
}
