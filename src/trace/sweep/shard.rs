//! A part of a sweep that one machine runs, without asking the others.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The runs `number`, `number + of`, `number + 2·of` and so on: neighbours take about as long as each other, so
/// that all parts end at about the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shard {
    /// Which part it is, counted from 1.
    pub number: usize,
    /// How many parts there are.
    pub of: usize,
}

/// More parts than these would be files that no folder is good at.
const MOST: usize = 100_000;

impl Shard {
    /// The whole sweep.
    pub const WHOLE: Shard = Shard { number: 1, of: 1 };

    /// The number of its runs, of `all` runs of the sweep.
    pub fn runs(self, all: usize) -> usize {
        (all + self.of - self.number) / self.of
    }

    /// The index of its run at `place` among all runs of the sweep.
    pub fn index(self, place: usize) -> usize {
        self.number - 1 + place * self.of
    }

    /// All parts of a sweep in so many parts.
    pub fn all(of: usize) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard { number, of })
    }
}

/// `3/16` is the third of sixteen parts.
impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |text: &str| text.trim().parse::<usize>().ok();
        let shard = text.split_once('/').and_then(|(number, of)| Some((read(number)?, read(of)?)));
        let (number, of) =
            shard.ok_or("write which part of how many, 3/16 for the third of sixteen")?;
        if of > MOST {
            return Err(format!("a sweep has at most {MOST} parts"));
        }
        match (1..=of).contains(&number) {
            true => Ok(Shard { number, of }),
            false => Err(format!("the parts of {of} are 1/{of} to {of}/{of}")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_in_one_part() {
        for (all, of) in [(0, 3), (1, 4), (10, 3), (12, 4), (1000, 16)] {
            let mut seen = vec![0; all];
            for shard in Shard::all(of) {
                (0..shard.runs(all)).for_each(|place| seen[shard.index(place)] += 1);
            }
            assert!(seen.iter().all(|times| *times == 1), "{all} runs in {of} parts");
        }
    }

    #[test]
    fn a_part_is_read_or_refused() {
        assert_eq!("3/16".parse(), Ok(Shard { number: 3, of: 16 }));
        for (text, told) in [
            ("3", "write which part of how many, 3/16 for the third of sixteen"),
            ("0/4", "the parts of 4 are 1/4 to 4/4"),
            ("5/4", "the parts of 4 are 1/4 to 4/4"),
            ("1/1000000", "a sweep has at most 100000 parts"),
        ] {
            assert_eq!(text.parse::<Shard>(), Err(told.to_owned()));
        }
    }
}
