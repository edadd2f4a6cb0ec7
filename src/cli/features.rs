//! A model of several features: `--x area,rooms,age` trains w_area*area + w_rooms*rooms + w_age*age
//! + b.
//!
//! Columns get the names that formulas use from their headers: `Living area [m2]` is
//! `living_area`, and its weight `w_living_area`, so that a person sees which weight belongs to which
//! column.

use crate::circuit::Model;
use crate::data::Data;
use crate::formula::parse;
use crate::optimizer;

/// The weight that belongs to no column.
const BIAS: &str = "b";

/// Longer names make formulas that nobody reads.
const LONGEST: usize = 24;

/// Names the features of `data` by their headers, and gives the formula of their model; none where
/// there is one feature, which is x.
pub fn name(data: &mut Data) -> Option<String> {
    let count = data.columns.len().saturating_sub(1);
    if count < 2 || data.columns[0].name != "x1" {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for column in &data.columns[..count] {
        let letters = || column.cells.get(0).unwrap_or_default();
        let letters = || letters().trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase();
        let base = match &column.header {
            Some(header) => identifier(header),
            None => format!("col_{}", letters()),
        };
        names.push(free_name(&base, &names));
    }
    let terms: Vec<String> = names.iter().map(|name| format!("{}*{name}", weight(name))).collect();
    for (column, name) in data.columns.iter_mut().zip(names) {
        column.name = name;
    }
    Some(format!("{} + {BIAS}", terms.join(" + ")))
}

/// The name of the weight that belongs to the column called `name`.
fn weight(name: &str) -> String {
    format!("w_{name}")
}

/// A header as formulas can use it: letters, digits and `_`, without what stands in brackets.
fn identifier(header: &str) -> String {
    let before = header.split(['(', '[']).next().unwrap_or(header);
    let text = if before.chars().any(char::is_alphanumeric) { before } else { header };
    let mut name = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            '²' => name.push('2'),
            '³' => name.push('3'),
            c if c.is_alphabetic() || c.is_ascii_digit() => name.push(c),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
        if name.chars().count() >= LONGEST {
            break;
        }
    }
    let name = name.trim_matches('_');
    match name.chars().next() {
        None => "x".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("x_{name}"),
        Some(_) => name.to_owned(),
    }
}

/// `base`, or a name made of it that means nothing else: no function, no hyperparameter, no column
/// that every trace has, no other feature and no weight.
fn free_name(base: &str, others: &[String]) -> String {
    let is_taken = |name: &str| {
        let is_other =
            |other: &String| other == name || weight(other) == name || weight(name) == *other;
        name == BIAS || !is_free(name) || others.iter().any(is_other)
    };
    if !is_taken(base) {
        return base.to_owned();
    }
    let numbered = (2..).map(|number| format!("{base}_{number}"));
    let candidates = std::iter::once(format!("x_{base}")).chain(numbered);
    candidates.take(10_000).find(|name| !is_taken(name)).unwrap_or_else(|| base.to_owned())
}

/// Whether formulas have no other meaning for `name`.
fn is_free(name: &str) -> bool {
    let is_hyperparameter = optimizer::registry().is_ok_and(|registry| {
        let mut all = registry.definitions().iter().flat_map(|one| &one.hyper);
        all.any(|hyper| hyper.name == name)
    });
    // A name that the program itself cannot read is none.
    let is_name = parse(name).is_ok_and(|formula| formula.to_string() == name);
    let is_weight = Model::read(&format!("{name}*x")).is_ok();
    !is_hyperparameter && is_name && is_weight && !Model::has_word(name) && name != "x"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataColumn;

    fn named(headers: &[Option<&str>]) -> (Vec<String>, Option<String>) {
        let column = |(index, header): (usize, &Option<&str>)| DataColumn {
            name: format!("x{}", index + 1),
            header: header.map(str::to_owned),
            values: vec![1.0],
            cells: ["C2"].into_iter().collect(),
        };
        let mut columns: Vec<DataColumn> = headers.iter().enumerate().map(column).collect();
        columns.push(column((0, &None)));
        let mut data = Data { columns, ..Data::default() };
        let formula = name(&mut data);
        let names = data.columns[..headers.len()].iter().map(|one| one.name.clone());
        (names.collect(), formula)
    }

    #[test]
    fn weights_are_named_after_the_columns() {
        let (names, formula) = named(&[Some("Living area [m2]"), Some("Rooms"), Some("age")]);
        assert_eq!(names, ["living_area", "rooms", "age"]);
        let expected = "w_living_area*living_area + w_rooms*rooms + w_age*age + b";
        assert_eq!(formula.as_deref(), Some(expected));
        assert_eq!(named(&[Some("area")]).1, None);
    }

    #[test]
    fn names_that_mean_something_else_are_changed() {
        let headers = [
            "b", "B1", "eps", "lr", "error", "if", "exp", "x", "y", "A", "a", "2015", "%", "[m2]",
            "Größe", "面积", "size_2", "w_a", "step", "max", "beta1", "prev",
        ];
        let headers: Vec<Option<&str>> = headers.into_iter().map(Some).chain([None]).collect();
        let (names, formula) = named(&headers);
        assert_eq!(
            names,
            [
                "x_b", "b1", "x_eps", "x_lr", "x_error", "x_if", "x_exp", "x_x", "x_y", "a", "x_a",
                "x_2015", "x_2", "m2", "größe", "面积", "size_2", "x_w_a", "x_step", "x_max",
                "x_beta1", "x_prev", "col_c"
            ]
        );
        let formula = formula.expect("a model");
        let (parsed, read) = Model::read(&formula).expect("a formula");
        assert_eq!(read.len(), 2 * headers.len() + 1);
        assert_eq!(parsed.to_string(), formula);
    }
}
