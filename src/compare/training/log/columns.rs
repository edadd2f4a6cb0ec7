//! Which columns of a log are what: weights with their gradients, the loss, the rate, the steps.

use std::collections::HashMap;

use super::headers::{
    Meaning, index_of, indexed_gradients, is_error, is_gradient_alone, meaning, plain,
    short_gradients, stem,
};
use super::{Column, totals};

/// Which columns of a log are what.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Each weight with its gradient, by their columns.
    pub pairs: Vec<(usize, usize)>,
    /// The tensor of each weight.
    pub tensors: Vec<usize>,
    /// Whether the gradients are called so: by more than a letter, or in a table that has the weights, a gradient
    /// of each and what logs have beside them, and nothing else.
    pub are_called: bool,
    /// The learning rate.
    pub rate: Option<usize>,
    /// The loss.
    pub loss: Option<usize>,
    /// The number of the step.
    pub step: Option<usize>,
}

/// Finds out what the columns of a log are.
pub fn layout(headers: &[String]) -> Layout {
    let meanings: Vec<Meaning> = headers.iter().map(|one| meaning(one)).collect();
    let weights = meanings.iter().enumerate().filter_map(|(at, one)| match one {
        Meaning::Other(name) => Some((at, name.as_str())),
        _ => None,
    });
    let weights: Vec<(usize, &str)> = weights.collect();
    let by_name: HashMap<&str, usize> =
        weights.iter().rev().map(|(at, name)| (*name, *at)).collect();
    let mut layout = Layout::default();
    for (at, one) in meanings.iter().enumerate() {
        match one {
            Meaning::Gradient(name) => {
                let weight = by_name.get(name.as_str());
                layout.pairs.extend(weight.map(|weight| (*weight, at)));
            }
            Meaning::Rate => layout.rate = Some(at),
            // An error beside a loss is one of the prediction.
            Meaning::Loss if layout.loss.is_none_or(|loss| is_error(&headers[loss])) => {
                layout.loss = Some(at);
            }
            Meaning::Step => layout.step = layout.step.or(Some(at)),
            _ => {}
        }
    }
    layout.are_called = !layout.pairs.is_empty();
    if layout.pairs.is_empty() {
        layout.pairs = short_pairs(headers, &weights);
        let beside = meanings.iter().filter(|one| !matches!(one, Meaning::Other(_))).count();
        layout.are_called = !layout.pairs.is_empty()
            && 2 * layout.pairs.len() + beside == headers.len()
            && layout.loss.or(layout.rate).is_some();
    }
    layout.pairs.sort_unstable();
    let names = layout.pairs.iter().map(|(weight, _)| headers[*weight].as_str());
    layout.tensors = totals::tensors(names);
    layout
}

/// Each weight with its gradient, by a letter before its name, else by an index alone.
fn short_pairs(headers: &[String], weights: &[(usize, &str)]) -> Vec<(usize, usize)> {
    // The first of the columns that may be the gradients of a name, but for the weight itself.
    let pairs = |names: fn(&str) -> Vec<String>, name: fn(&str) -> Option<String>| {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, header) in headers.iter().enumerate() {
            names(header).into_iter().for_each(|name| by_name.entry(name).or_default().push(at));
        }
        let of = |(at, weight): &(usize, &str)| {
            let gradient = by_name.get(&name(weight)?)?.iter().find(|own| *own != at)?;
            Some((*at, *gradient, stem(weight).to_owned()))
        };
        weights.iter().filter_map(of).collect::<Vec<_>>()
    };
    let named = pairs(short_gradients, |weight| Some(plain(weight)));
    if !named.is_empty() {
        return named.into_iter().map(|(weight, gradient, _)| (weight, gradient)).collect();
    }
    // What an optimizer remembers has the same indices, and stands behind the weights.
    let indexed = pairs(indexed_gradients, index_of);
    let first = indexed.first().map(|one| one.2.clone());
    let own = indexed.into_iter().filter(|one| Some(&one.2) == first.as_ref());
    let indexed: Vec<_> = own.map(|(weight, gradient, _)| (weight, gradient)).collect();
    // A gradient that is called no more than that belongs to the only weight.
    let (gradients, others): (Vec<_>, Vec<_>) =
        weights.iter().partition(|(at, _)| is_gradient_alone(&headers[*at]));
    match (&gradients[..], &others[..]) {
        ([(gradient, _)], [(weight, _)]) if indexed.is_empty() => vec![(*weight, *gradient)],
        _ => indexed,
    }
}

/// Whether a header says that a column counts the steps.
pub fn is_step(header: &str) -> bool {
    meaning(header) == Meaning::Step
}

/// Whether a header is what logs have of each step beside weights: its number, the loss, the rate.
pub fn is_about_step(header: &str) -> bool {
    matches!(meaning(header), Meaning::Step | Meaning::Loss | Meaning::Rate)
}

/// The numbers that a log gives its steps; none where they are no such.
pub(super) fn numbers_of_steps(numbers: &[f64]) -> Option<Vec<usize>> {
    let counts = numbers.windows(2).all(|pair| pair[1] > pair[0]);
    let whole = |one: &f64| (one.fract() == 0.0 && *one >= 0.0).then_some(*one as usize);
    numbers.iter().map(whole).collect::<Option<Vec<usize>>>().filter(|_| counts)
}

/// How many steps lie between the rows of a log, as it counts them, where that is always as many.
pub fn stride(columns: &[Column], layout: &Layout) -> Option<usize> {
    let steps = numbers_of_steps(columns[layout.step?].numbers)?;
    let first = steps.get(1)? - steps[0];
    steps.windows(2).all(|pair| pair[1] - pair[0] == first).then_some(first)
}
