//! The gates of model and loss at the chosen step, from left to right, and the way back from the
//! loss to each weight.

use std::collections::BTreeMap;

use super::cells::{Shown, element};
use super::program::Program;
use crate::circuit::{Step, Steps, backward_name, local_name};
use crate::error::Result;
use crate::formula::{Expr, Name, escape, mathml, parse, plain_symbol, symbol, text};
use crate::sheet::Sheet;

/// Circuits with more gates than this get a table alone, and with more than the second number
/// nothing: nobody would read it.
const MOST_DRAWN: usize = 25;
const MOST_LISTED: usize = 100;

/// No more products than this are spelled out for a weight.
const MOST_WAYS: usize = 6;

/// The measures of the picture: a box, what is free between boxes, and from line to line.
const BOX: [usize; 2] = [132, 62];
const GAP: usize = 86;
const LINE: usize = 116;
/// What is free on all sides.
const MARGIN: usize = 8;

/// The gates, named.
pub struct Circuit {
    steps: Steps,
    /// What each gate is called on the page.
    names: BTreeMap<String, String>,
}

impl Circuit {
    /// The gates of what `sheet` trains.
    pub fn of(sheet: &Sheet) -> Self {
        let weights: Vec<String> = sheet.weights.iter().map(|one| one.name.clone()).collect();
        let steps = Steps::new(&sheet.model.loss_of_sample, &weights);
        let names = names(&steps, &sheet.model.prediction);
        Circuit { steps, names }
    }

    /// Whether there are few enough gates to show.
    pub fn is_shown(&self) -> bool {
        self.steps.gates.len() <= MOST_LISTED
    }

    /// Adds forward values, local derivatives and backward values to `program`.
    pub fn compute(&self, program: &mut Program) {
        if !self.is_shown() {
            return;
        }
        for gate in &self.steps.gates {
            program.add(&gate.name, gate.forward.clone());
            for (input, local) in &gate.local {
                program.add(local_name(&gate.name, input), local.clone());
            }
        }
        for gate in self.steps.gates.iter().rev() {
            if let Some(backward) = &gate.backward {
                program.add(backward_name(&gate.name), backward.clone());
            }
        }
        for (weight, backward) in &self.steps.weights {
            program.add(backward_name(weight), backward.clone());
        }
    }

    /// Picture, products and table.
    pub fn markup(&self, shown: Shown) -> Result<String> {
        let count = self.steps.gates.len();
        if !self.is_shown() {
            return Ok(format!("<p>There are {count} gates, too many to show.</p>"));
        }
        let table = self.table(shown);
        if count > MOST_DRAWN {
            return Ok(format!(
                "<p>There are {count} gates, too many for a picture; the table has them all.</p>{}\
                 {table}",
                self.products(shown)
            ));
        }
        Ok(format!(
            "<figure class=\"chart\"><div class=\"scroll\" role=\"region\" aria-label=\"The gates of \
             model and loss\" tabindex=\"0\">{}</div><figcaption>In a box what it computes and its \
             <span class=\"forward\">value</span>; on an edge how fast the right box moves with the \
             left one; below a box <span class=\"backward\">how fast the loss moves with it</span>: \
             what is below the box to the right, times what is on the edge.</figcaption></figure>{}\
             <details><summary>The gates as a table</summary>{table}</details>",
            self.picture(shown),
            self.products(shown)
        ))
    }

    fn called<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.get(name).map_or(name, String::as_str)
    }

    fn plain(&self, name: &str) -> String {
        plain_symbol(self.called(name))
    }

    fn formula(&self, formula: &Expr<Name>) -> String {
        text(formula, &|name: &Name| self.plain(&name.id))
            .replace('*', "·")
            .replace("^2", "²")
            .replace("^3", "³")
            .replace(" - ", " − ")
    }

    /// The boxes and edges.
    fn picture(&self, shown: Shown) -> String {
        let places = self.places();
        let at = |name: &str| {
            let (level, row) = places.get(name).copied().unwrap_or_default();
            (MARGIN + level * (BOX[0] + GAP), MARGIN + row * LINE)
        };
        let (mut edges, mut boxes) = (String::new(), String::new());
        for gate in &self.steps.gates {
            let mut inputs: Vec<&String> = gate.forward.names().iter().map(|one| &one.id).collect();
            inputs.dedup();
            for input in inputs {
                let is_way = gate.local.iter().any(|(one, _)| one == input);
                edges +=
                    &self.edge(shown, (input, at(input)), (&gate.name, at(&gate.name)), is_way);
            }
            let called = self.plain(&gate.name);
            let title = format!("{called} = {}", self.formula(&gate.forward));
            boxes += &gate_box(shown, &gate.name, &title, at(&gate.name), Some(&called));
        }
        for leaf in &self.steps.leaves {
            let plain = plain_symbol(leaf);
            let back = self.steps.is_weight(leaf).then_some(plain.as_str());
            boxes += &gate_box(shown, leaf, &plain, at(leaf), back);
        }
        let end = |axis: fn(&(usize, usize)) -> usize| places.values().map(axis).max().unwrap_or(0);
        let width = 2 * MARGIN + end(|one| one.0) * (BOX[0] + GAP) + BOX[0];
        let height = 2 * MARGIN + end(|one| one.1) * LINE + BOX[1] + 22;
        format!(
            "<svg class=\"circuit\" style=\"min-width:{}px;max-width:{}px\" viewBox=\"0 0 {width} \
             {height}\" role=\"img\" aria-label=\"The gates from what goes in to the loss; the \
             table below has the same numbers\">{edges}{boxes}</svg>",
            // Text that is much smaller or larger than the page's reads badly.
            width * 17 / 20,
            width * 6 / 5
        )
    }

    fn edge(
        &self,
        shown: Shown,
        (input, from): (&str, (usize, usize)),
        (gate, to): (&str, (usize, usize)),
        is_way: bool,
    ) -> String {
        // Inputs on the same line as the gate go in in the middle, those below a little lower.
        let lower = if from.1 > to.1 { 14 } else { 0 };
        let (x1, y1) = (from.0 + BOX[0], from.1 + BOX[1] / 2);
        let (x2, y2) = (to.0, to.1 + BOX[1] / 2 + lower);
        let middle = (x1 + x2) / 2;
        let class = if is_way { "way" } else { "data" };
        let path = format!(
            "<path class=\"{class}\" d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>\
             <path class=\"arrow\" d=\"M{x2} {y2}l-7 -4v8z\"/>"
        );
        if !is_way {
            return path;
        }
        // Beside its own box: lines that meet at a gate keep their labels apart.
        let centre = x1 + GAP / 2;
        let low = y1 + if from.1 > to.1 { 10 } else { 0 };
        format!(
            "{path}<text class=\"name\" x=\"{centre}\" y=\"{}\">{}</text>{}",
            low - 7,
            escape(&format!("∂{}/∂{}", self.plain(gate), self.plain(input))),
            at(shown, &local_name(gate, input), "local", (centre, low + 17))
        )
    }

    /// The level and line of each box: gates by their depth, what goes in one level before it is
    /// used.
    fn places(&self) -> BTreeMap<String, (usize, usize)> {
        let mut next: BTreeMap<usize, usize> = BTreeMap::new();
        let mut places = BTreeMap::new();
        let mut place = |name: &str, level: usize| {
            let line = next.entry(level).or_default();
            places.insert(name.to_owned(), (level, *line));
            *line += 1;
        };
        for gate in &self.steps.gates {
            place(&gate.name, gate.depth);
        }
        for leaf in &self.steps.leaves {
            let uses = |gate: &&Step| gate.forward.has_name(|name| name.id == *leaf);
            let first = self.steps.gates.iter().filter(uses).map(|gate| gate.depth).min();
            place(leaf, first.unwrap_or(1).saturating_sub(1));
        }
        places
    }

    /// The chain rule for each weight: names, numbers, result.
    fn products(&self, shown: Shown) -> String {
        let weight = |(weight, _): &(String, Expr<Name>)| {
            let ways = self.steps.ways(weight);
            if ways.len() > MOST_WAYS {
                return format!(
                    "<p><math>{}</math> has {} ways to the loss; its gradient is the sum over all: \
                     {}</p>",
                    symbol(weight),
                    ways.len(),
                    element(shown, "b", &backward_name(weight), "")
                );
            }
            let times = "<mo>·</mo>";
            let plus = "<mo>+</mo>";
            let slope = |gate: &str, input: &str| {
                format!(
                    "<mfrac><mrow><mo>∂</mo>{}</mrow><mrow><mo>∂</mo>{}</mrow></mfrac>",
                    symbol(self.called(gate)),
                    symbol(self.called(input))
                )
            };
            let products = |factor: &dyn Fn(&str, &str) -> String| {
                let product = |way: &Vec<(String, String)>| {
                    let factors = way.iter().map(|(gate, input)| factor(gate, input));
                    factors.collect::<Vec<_>>().join(times)
                };
                ways.iter().map(product).collect::<Vec<_>>().join(plus)
            };
            let rule = |gate: &str, input: &str| {
                let gate = self.steps.gates.iter().find(|one| one.name == gate);
                let local = gate.and_then(|one| one.local.iter().find(|(name, _)| name == input));
                let Some((_, local)) = local else { return String::new() };
                let inside = mathml(local, &|name: &Name| symbol(self.called(&name.id)));
                match local {
                    Expr::Number(_) | Expr::Name(_) => inside,
                    _ => format!("<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>"),
                }
            };
            let number =
                |gate: &str, input: &str| element(shown, "mn", &local_name(gate, input), "p");
            let loss = self.steps.gates.last().map_or("e", |gate| &gate.name);
            // In pieces: a printed line may break before a sign.
            let next = " <math><mo form=\"infix\">=</mo>";
            format!(
                "<p class=\"rule\"><math>{}<mo>=</mo>{}</math>{next}{}</math>{next}{}</math>{next}{}</math></p>",
                slope(loss, weight),
                products(&slope),
                products(&rule),
                products(&number),
                element(shown, "mn", &backward_name(weight), "")
            )
        };
        let rules: String = self.steps.weights.iter().map(weight).collect();
        format!(
            "<h3>The chain rule, spelled out</h3><div class=\"scroll\" role=\"region\" \
                 aria-label=\"The chain rule\" tabindex=\"0\">{rules}</div>"
        )
    }

    fn table(&self, shown: Shown) -> String {
        let row = |gate: &Step| {
            let locals = gate.local.iter().map(|(input, _)| {
                let name = format!("∂{}/∂{}", self.plain(&gate.name), self.plain(input));
                let value = element(shown, "span", &local_name(&gate.name, input), "");
                format!("{} = {value}", escape(&name))
            });
            let backward = match gate.backward {
                Some(_) => element(shown, "td", &backward_name(&gate.name), ""),
                None => "<td></td>".to_owned(),
            };
            format!(
                "<tr><th scope=\"row\" class=\"label\">{} = {}</th>{}<td class=\"label\">{}</td>\
                 {backward}</tr>",
                escape(&self.plain(&gate.name)),
                escape(&self.formula(&gate.forward)),
                element(shown, "td", &gate.name, ""),
                locals.collect::<Vec<_>>().join(", ")
            )
        };
        let rows: String = self.steps.gates.iter().map(row).collect();
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"The gates\" tabindex=\"0\">\
             <table class=\"numbers\"><thead><tr><th scope=\"col\" class=\"label\">gate</th>\
             <th scope=\"col\">forward</th><th scope=\"col\" class=\"label\">local derivatives</th>\
             <th scope=\"col\">backward: ∂e by ∂ of it</th></tr></thead><tbody>{rows}</tbody></table>\
             </div>"
        )
    }
}

/// A box with its formula and value, and what arrives from the loss below it.
fn gate_box(
    shown: Shown,
    name: &str,
    title: &str,
    (x, y): (usize, usize),
    back: Option<&str>,
) -> String {
    let centre = x + BOX[0] / 2;
    let back = back.map_or(String::new(), |called| {
        format!(
            "<text class=\"back\" x=\"{centre}\" y=\"{}\">∂e/∂{} = {}</text>",
            y + BOX[1] + 18,
            escape(called),
            element(shown, "tspan", &backward_name(name), "")
        )
    });
    let long = title.chars().count() > 17;
    let short: String = title.chars().take(16).collect::<String>() + "…";
    format!(
        "<g><title>{0}</title><rect x=\"{x}\" y=\"{y}\" width=\"{1}\" height=\"{2}\" rx=\"6\"/>\
         <text class=\"title\" x=\"{centre}\" y=\"{3}\">{4}</text>{5}{back}</g>",
        escape(title),
        BOX[0],
        BOX[1],
        y + 24,
        escape(if long { &short } else { title }),
        at(shown, name, "value", (centre, y + 48))
    )
}

/// A number in the picture.
fn at(shown: Shown, name: &str, class: &str, (x, y): (usize, usize)) -> String {
    let text = element(shown, "text", name, "");
    text.replacen("<text ", &format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" "), 1)
}

/// What the gates are called: e for the loss, ŷ and u for prediction and error, p for others.
fn names(steps: &Steps, prediction: &str) -> BTreeMap<String, String> {
    let taken = |name: &str| steps.leaves.iter().any(|leaf| leaf == name);
    if ["e", "u", "p"].into_iter().any(taken) {
        return BTreeMap::new();
    }
    let mut whole: BTreeMap<String, Expr<Name>> = BTreeMap::new();
    for gate in &steps.gates {
        let full = gate.forward.map(&|part| match part {
            Expr::Name(name) => whole.get(&name.id).cloned(),
            _ => None,
        });
        whole.insert(gate.name.clone(), full);
    }
    let predicted = parse(prediction).ok();
    let mut names = BTreeMap::new();
    let found = steps.gates.iter().find(|gate| whole.get(&gate.name) == predicted.as_ref());
    let found = found.map(|gate| gate.name.clone());
    let mut others = Vec::new();
    for (index, gate) in steps.gates.iter().enumerate() {
        let error = found.as_ref().map(|found| format!("{found} - y"));
        if index + 1 == steps.gates.len() {
            names.insert(gate.name.clone(), "e".to_owned());
        } else if Some(&gate.name) == found.as_ref() {
            names.insert(gate.name.clone(), "hat y".to_owned());
        } else if Some(gate.forward.to_string()) == error {
            names.insert(gate.name.clone(), "u".to_owned());
        } else {
            others.push(gate.name.clone());
        }
    }
    let only = others.len() == 1;
    for (index, other) in (1..).zip(others) {
        names.insert(other, if only { "p".to_owned() } else { format!("p_{index}") });
    }
    names
}
