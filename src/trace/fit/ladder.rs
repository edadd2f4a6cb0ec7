//! The rates that are tried: 1, 2 or 5 times a power of ten, as a ladder to go up and down.

use std::collections::BTreeMap;

use super::Tried;
use crate::error::Result;
use crate::optimizer::Interval;

/// A power of ten is so many rungs above the one before.
const DECADE: i32 = 3;

/// Rungs beyond these (1e±60) are not tried.
const LAST: i32 = 60 * DECADE;

/// After so many decades in a row without a better one a direction is given up.
const PATIENCE: usize = 2;

/// The number on a rung: 1, 2, 5, 10 for 0, 1, 2, 3.
pub fn rung(index: i32) -> f64 {
    let digit = ["1", "2", "5"][index.rem_euclid(DECADE) as usize];
    let text = format!("{digit}e{}", index.div_euclid(DECADE));
    // The nearest f64, which a product with a power of ten need not be.
    text.parse().unwrap_or(f64::NAN)
}

/// The next rung below a rate.
pub fn below(rate: f64) -> f64 {
    let decade = rate.log10().floor();
    let decade = if decade.is_finite() { decade as i32 * DECADE } else { 0 };
    let lower = (decade - DECADE..=decade + DECADE).rev().map(rung).find(|lower| *lower < rate);
    lower.unwrap_or(rate)
}

/// What rates are compared by.
fn score(tried: &Tried) -> f64 {
    if tried.end.is_some() { tried.late } else { f64::INFINITY }
}

/// Rates with what they came to.
pub struct Ladder<'a> {
    tries: &'a dyn Fn(f64) -> Result<Tried>,
    range: Interval,
    tried: BTreeMap<i32, Tried>,
}

impl<'a> Ladder<'a> {
    /// No rate yet; `tries` makes a trial with one, and only those in `range` are tried.
    pub fn new(range: Interval, tries: &'a dyn Fn(f64) -> Result<Tried>) -> Self {
        Ladder { tries, range, tried: BTreeMap::new() }
    }

    /// The rate that ends nearest to the data, and what it comes to. The next rung above must not go
    /// wrong: a rate at the edge of what is stable would do so at the next change of the data.
    ///
    /// The search begins at the decade of `first`, goes up and down by decades as long as that leads
    /// nearer to the data, and then by rungs about the best.
    ///
    /// # Errors
    /// Those of the trials.
    pub fn best(mut self, first: f64) -> Result<Option<(f64, Tried)>> {
        let first = first.log10().floor();
        let first = if first.is_finite() { first as i32 * DECADE } else { 0 };
        self.walk(first, DECADE)?;
        self.walk(first, -DECADE)?;
        let Some(decade) = self.lowest(|_| true) else { return Ok(None) };
        for index in decade - 2..=decade + 2 {
            self.tried(index)?;
        }
        let mut chosen = None;
        while let Some(index) = self.lowest(|index| chosen.is_none_or(|not| index < not)) {
            if !self.goes_wrong(index + 1)? || self.goes_wrong(index)? {
                chosen = Some(index);
                break;
            }
            chosen = Some(index);
        }
        let index = chosen.unwrap_or(decade);
        Ok(self.tried.get(&index).map(|tried| (rung(index), *tried)))
    }

    /// Goes from rung to rung as long as it leads nearer, or out of what goes wrong.
    fn walk(&mut self, first: i32, step: i32) -> Result<()> {
        let (mut index, mut best, mut waited) = (first, f64::INFINITY, 0);
        while index.abs() <= LAST && waited < PATIENCE {
            let tried = self.tried(index)?;
            let is_wrong = tried.is_none_or(|tried| tried.is_wild());
            let score = tried.map_or(f64::INFINITY, |tried| score(&tried));
            if score < best {
                (best, waited) = (score, 0);
            } else if step > 0 || !is_wrong {
                waited += 1;
            }
            if step > 0 && is_wrong {
                break;
            }
            index += step;
        }
        Ok(())
    }

    /// Whether the rate on a rung goes wrong; one out of the range does not.
    fn goes_wrong(&mut self, index: i32) -> Result<bool> {
        self.tried(index).map(|tried| tried.is_some_and(|tried| tried.is_wild()))
    }

    /// What the rate on a rung comes to; none out of the range.
    fn tried(&mut self, index: i32) -> Result<Option<Tried>> {
        if let Some(known) = self.tried.get(&index) {
            return Ok(Some(*known));
        }
        let rate = rung(index);
        if !self.range.contains(rate) {
            return Ok(None);
        }
        let tried = (self.tries)(rate)?;
        self.tried.insert(index, tried);
        Ok(Some(tried))
    }

    /// The rung with the lowest score among those that count, the lowest of equals.
    fn lowest(&self, counts: impl Fn(i32) -> bool) -> Option<i32> {
        let counted = self.tried.iter().filter(|(index, _)| counts(**index));
        let finite = counted.filter(|(_, tried)| tried.end.is_some());
        let best = finite.min_by(|(_, one), (_, other)| score(one).total_cmp(&score(other)));
        best.map(|(index, _)| *index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOVE_0: Interval = Interval { low: (0.0, false), high: (f64::INFINITY, false) };

    fn tried(end: Option<f64>) -> Tried {
        let all = end.unwrap_or(f64::INFINITY);
        Tried { start: 1.0, end, late: all, largest: all }
    }

    /// A trial whose score is least at the rate `best`, and that diverges above `edge`.
    fn best(first: f64, best: f64, edge: f64) -> f64 {
        let tries = |rate: f64| {
            let away = (rate / best).ln().abs();
            let end = (rate <= edge).then(|| 1.0 - 0.9 / (1.0 + away));
            Ok(tried(end))
        };
        Ladder::new(ABOVE_0, &tries).best(first).unwrap().unwrap().0
    }

    #[test]
    fn rungs_are_the_numbers_that_a_person_would_type() {
        let numbers: Vec<f64> = (-4..=4).map(rung).collect();
        assert_eq!(numbers, [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(rung(-22), 5e-8);
        assert_eq!([1.0, 5e-8, 2.0, 0.3].map(below), [0.5, 2e-8, 1.0, 0.2]);
    }

    #[test]
    fn the_best_rung_is_found_from_far_away() {
        assert_eq!(best(1e-4, 6e-8, f64::INFINITY), 5e-8);
        assert_eq!(best(0.5, 3e5, f64::INFINITY), 2e5);
        assert_eq!(best(1e-4, 1e-24, f64::INFINITY), 1e-24);
    }

    #[test]
    fn a_rate_stays_away_from_the_edge_of_what_is_stable() {
        assert_eq!(best(1e-4, 1.7e-7, 1.7e-7), 5e-8);
        assert_eq!(best(1e-9, 1.0, 4e-3), 1e-3);
    }

    #[test]
    fn rates_out_of_range_are_not_tried() {
        let tries = |rate: f64| Ok(tried(Some(1.0 / (1.0 + rate))));
        let range = Interval { low: (0.0, false), high: (1.0, true) };
        assert_eq!(Ladder::new(range, &tries).best(0.1).unwrap().unwrap().0, 1.0);
    }
}
