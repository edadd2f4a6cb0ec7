//! What the sheets are called: theirs, or their copies, as they are called already, the others by names
//! that are free.

use std::collections::BTreeSet;

use rust_xlsxwriter::utility::{check_sheet_name, quote_sheet_name};

use super::super::sheet_names::{LONGEST, cut};
use super::marks::SWITCH;
use crate::compare::result::Comparison;
use crate::data::added::COMPARE;

/// The names of all sheets.
#[derive(Debug)]
pub struct Names {
    /// Whether ours are added to their workbook.
    pub are_added: bool,
    /// The sheet with the findings.
    pub findings: String,
    /// The defined name on which the colours depend.
    pub switch: String,
    /// The sheets that an earlier comparison added, which go.
    gone: BTreeSet<String>,
    /// For each sheet of the original its name here; none for a chart, and for what an earlier
    /// comparison added, which goes.
    copies: Vec<Option<String>>,
    /// For each sheet of the comparison the name of the sheet with both beside each other.
    compared: Vec<String>,
    /// Whether a copy has its original's name, so that formulas may refer to it.
    is_same: Vec<bool>,
}

impl Names {
    /// The names of sheets that `are_added` to the workbook of the comparison, or of a workbook with
    /// copies of its sheets.
    pub fn new(comparison: &Comparison, are_added: bool) -> Self {
        let workbook = &comparison.reading.workbook;
        let names = workbook.sheets.iter().map(|sheet| sheet.name.clone());
        let goes = |sheet: &String| are_added && workbook.was_added(sheet, COMPARE);
        let gone: BTreeSet<String> = names.filter(goes).collect();
        let mut used = BTreeSet::new();
        let mut is_same = Vec::new();
        for sheet in &workbook.sheets {
            let stays = !gone.contains(&sheet.name);
            let is_free = stays && used.insert(sheet.name.to_lowercase());
            let may_be = are_added || check_sheet_name(&sheet.name).is_ok() && is_free;
            is_same.push(!sheet.is_chart && stays && may_be);
        }
        let findings = free("findings", "", &mut used);
        let mut copies = Vec::new();
        for (sheet, same) in workbook.sheets.iter().zip(&is_same) {
            copies.push(match (sheet.is_chart || gone.contains(&sheet.name), same) {
                (true, _) => None,
                (false, true) => Some(sheet.name.clone()),
                (false, false) => Some(free(&valid(&sheet.name), "", &mut used)),
            });
        }
        let compared = comparison.sheets.iter();
        let compared = compared.map(|sheet| free(&valid(&sheet.sheet), " compared", &mut used));
        let switch = switch(comparison, are_added);
        let compared = compared.collect();
        Names { are_added, findings, switch, compared, gone, copies, is_same }
    }

    /// The name of the copy of the sheet at `index` of the original.
    pub fn copy(&self, index: usize) -> Option<&str> {
        self.copies.get(index)?.as_deref()
    }

    /// The name of the sheet of ours with the marks on the sheet at `index`, which nobody sees.
    pub fn marks(&self, index: usize) -> String {
        let mut used = self.copies.iter().flatten().chain(&self.compared);
        let name = format!("marks {index}");
        let is_taken = used.any(|one| one.eq_ignore_ascii_case(&name));
        if is_taken { format!("{name} of gdtrace") } else { name }
    }

    /// Whether an earlier comparison added the sheet called so, which goes.
    pub fn goes(&self, sheet: &str) -> bool {
        self.gone.contains(sheet)
    }

    /// The copy's name as formulas and links write it.
    pub fn quoted(&self, index: usize) -> String {
        quote_sheet_name(self.copy(index).unwrap_or_default())
    }

    /// The name of the sheet with both beside each other, for the sheet at `at` of the comparison.
    pub fn compared(&self, at: usize) -> &str {
        &self.compared[at]
    }

    /// Whether formulas may refer to the sheet at `index` by its own name.
    pub fn is_same(&self, index: usize) -> bool {
        self.is_same.get(index).copied().unwrap_or(false)
    }
}

/// A defined name that is free. In their own workbook it is the same always, so that marks of an earlier
/// comparison are known by it.
fn switch(comparison: &Comparison, are_added: bool) -> String {
    let known = comparison.reading.workbook.names.iter().filter(|_| !are_added);
    let mut used = known.map(|name| name.name.to_lowercase()).collect();
    let name = free(SWITCH, "", &mut used);
    name.replace(' ', "_")
}

/// `name` without what a sheet's name must not have; never empty.
fn valid(name: &str) -> String {
    let allowed = |c: char| if "*?:[]\\/".contains(c) || c.is_control() { '_' } else { c };
    let name: String = name.trim_matches('\'').chars().map(allowed).collect();
    if name.trim().is_empty() { "table".to_owned() } else { cut(&name, LONGEST).to_owned() }
}

/// `name` with `ending`, numbered where it is taken.
fn free(name: &str, ending: &str, used: &mut BTreeSet<String>) -> String {
    for number in 1.. {
        let ending = match number {
            1 => ending.to_owned(),
            number => format!("{ending} {number}"),
        };
        let whole = format!("{}{ending}", cut(name, LONGEST - ending.len()));
        if used.insert(whole.to_lowercase()) {
            return whole;
        }
    }
    unreachable!("there are more numbers than sheets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_and_free() {
        let mut used = BTreeSet::new();
        assert_eq!(valid("a/b:c"), "a_b_c");
        assert_eq!(valid(""), "table");
        assert_eq!(free("Basic", " compared", &mut used), "Basic compared");
        assert_eq!(free("basic", " compared", &mut used), "basic compared 2");
        let long = free(&"𝛼".repeat(20), " compared", &mut used);
        assert_eq!(long, format!("{} compared", "𝛼".repeat(11)));
        assert!(check_sheet_name(&long).is_ok());
    }
}
