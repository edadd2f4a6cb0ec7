//! What the sheets are called: by their usual names, or numbered where the workbook that they are
//! written into has such a sheet already.

use std::collections::BTreeSet;

use rust_xlsxwriter::utility::quote_sheet_name;

use crate::data::Data;
use crate::trace::{Results, Run};

/// The most UTF-16 units of a sheet's name.
pub const LONGEST: usize = 31;

/// The name of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetName {
    /// As its tab shows it: `sgd (2)`.
    pub name: String,
    /// As formulas and links write it: `'sgd (2)'`.
    pub quoted: String,
}

impl SheetName {
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        SheetName { quoted: quote_sheet_name(&name), name }
    }

    /// A cell or a range of the sheet, from any sheet: `'sgd (2)'!$B$5`.
    pub fn cell(&self, address: &str) -> String {
        format!("{}!{address}", self.quoted)
    }
}

/// The names of the sheets of a run.
#[derive(Debug)]
pub struct SheetNames {
    pub summary: SheetName,
    /// The sheet with the samples, which may be the user's own.
    pub data: SheetName,
    pub order: SheetName,
    pub epochs: SheetName,
    pub circuit: SheetName,
    pub curvature: SheetName,
    /// The sheets of each run: one, and those on which it goes on.
    pub runs: Vec<Vec<SheetName>>,
    /// The sheet of each run's reset, where it has one.
    pub resets: Vec<Option<SheetName>>,
}

impl SheetNames {
    /// Those of the sheets for `results` beside those that are `there`: each that is written has a
    /// name of its own. The samples stand on one of ours, or `is_in_place`; each run takes as many sheets
    /// as `count` says.
    pub fn new(
        results: &Results,
        (there, is_in_place): (&[String], bool),
        count: impl Fn(&Run) -> usize,
    ) -> Self {
        let mut used: BTreeSet<String> = there.iter().map(|name| name.to_lowercase()).collect();
        let mut free = |name: &str| SheetName::new(free(name, &mut used));
        let Data { sheet, .. } = &results.data;
        let order = &results.plan.order;
        // In the order of the workbook.
        let summary = free("summary");
        let data = if is_in_place { SheetName::new(sheet) } else { free("data") };
        let order = if order.is_some() { free("order") } else { SheetName::new("order") };
        let mut runs: Vec<Vec<SheetName>> =
            results.runs.iter().map(|run| vec![free(&run.sheet.name)]).collect();
        let resets = results.runs.iter().map(|run| Some(free(&run.reset.as_ref()?.sheet.name)));
        let resets = resets.collect();
        let [epochs, circuit, curvature] = ["epochs", "circuit", "curvature"].map(&mut free);
        // All others have their own names before one goes on as `adam (2)`.
        for (run, names) in results.runs.iter().zip(&mut runs) {
            names.extend((1..count(run)).map(|_| free(&run.sheet.name)));
        }
        SheetNames { summary, data, order, epochs, circuit, curvature, runs, resets }
    }
}

/// `name`, numbered where it is taken: `sgd`, `sgd (2)`.
pub(super) fn free(name: &str, used: &mut BTreeSet<String>) -> String {
    for number in 1.. {
        let free = match number {
            1 => name.to_owned(),
            number => {
                let ending = format!(" ({number})");
                format!("{}{ending}", cut(name, LONGEST - ending.len()).trim_end())
            }
        };
        if used.insert(free.to_lowercase()) {
            return free;
        }
    }
    unreachable!("there are more numbers than sheets")
}

/// The start of `name` as a sheet's name may end.
pub fn cut(name: &str, units: usize) -> &str {
    start_of(name, units).trim_end_matches('\'')
}

/// The start of `text`, at most so many UTF-16 units long.
pub fn start_of(text: &str, units: usize) -> &str {
    let mut used = 0;
    let is_over = |(_, c): &(usize, char)| {
        used += c.len_utf16();
        used > units
    };
    let end = text.char_indices().find(is_over).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::utility::check_sheet_name;

    use super::*;

    #[test]
    fn names_that_are_taken_in_any_case_are_numbered() {
        let mut used: BTreeSet<String> = ["sgd", "adam", "adam (2)"].map(str::to_owned).into();
        assert_eq!(free("summary", &mut used), "summary");
        assert_eq!(free("SGD", &mut used), "SGD (2)");
        assert_eq!(free("Adam", &mut used), "Adam (3)");
        assert_eq!(free("sgd", &mut used), "sgd (3)");
    }

    #[test]
    fn long_names_are_cut_for_their_number() {
        let mut used = BTreeSet::new();
        let long = "an optimizer with a name so long";
        let name = &long[..31];
        assert_eq!(free(name, &mut used), name);
        assert_eq!(free(name, &mut used), "an optimizer with a name so (2)");
        // Two UTF-16 units each: no half of a character is left.
        let wide = "𝛼".repeat(15);
        assert_eq!(free(&wide, &mut used), wide);
        let numbered = free(&wide, &mut used);
        assert_eq!(numbered, format!("{} (2)", "𝛼".repeat(13)));
        assert!(check_sheet_name(&numbered).is_ok());
        let apostrophe = format!("{}'s", "a".repeat(26));
        free(&apostrophe, &mut used);
        assert_eq!(free(&apostrophe, &mut used), format!("{} (2)", "a".repeat(26)));
    }

    #[test]
    fn formulas_have_quotes_where_they_need_them() {
        for (name, quoted) in [
            ("sgd", "sgd!$B$5"),
            ("sgd (2)", "'sgd (2)'!$B$5"),
            ("it's", "'it''s'!$B$5"),
            ("b5", "'b5'!$B$5"),
            ("2nd", "'2nd'!$B$5"),
        ] {
            assert_eq!(SheetName::new(name).cell("$B$5"), quoted);
        }
    }
}
