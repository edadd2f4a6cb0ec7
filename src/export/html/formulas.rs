//! The formulas of the model and of the optimizers, set as mathematics.

use serde::Serialize;

use super::markup::{Markup, math};
use super::paper;
use crate::formula::{Expr, Name, Operator, escape, mathml, pieces, symbol};
use crate::optimizer::{ColumnDefinition, Definition, Interval};
use crate::sheet::{Column, Group, Input, Ref, Sheet};
use crate::trace::Results;

/// A formula and what it is.
#[derive(Debug, Serialize)]
pub struct Formula {
    /// The formula.
    pub math: Markup,
    /// What it computes, in a line.
    pub meaning: Markup,
}

/// What a weight is called in formulas that are written for any weight.
const ANY_WEIGHT: &str = "w";

/// The update of `definition`, for a weight w.
pub fn update(definition: &Definition) -> Vec<Formula> {
    let place = |id: &str| definition.columns.iter().position(|column| column.id == id);
    let formula = |column: &ColumnDefinition, remembers: bool| {
        let left = symbol(&for_any_weight(&column.symbol));
        let own = place(&column.id).unwrap_or(definition.columns.len());
        let name = |name: &Name| {
            let set = symbol(&any_weight_symbol(definition, &name.id));
            // Down to where a column gets its new value, its symbol means the old one.
            let is_new = place(&name.id).is_some_and(|place| place < own);
            if name.previous && is_new { of_step_before(&set) } else { set }
        };
        Formula {
            math: equation(&left, remembers, &mathml(&column.formula, &name)),
            meaning: in_prose(&for_any_weight(&column.meaning)),
        }
    };
    let states = definition.columns.iter().map(|one| formula(one, uses_row_above(&one.formula)));
    states.chain([formula(&definition.update, true)]).collect()
}

/// From the weights to the gradient: what every step computes, whatever the optimizer.
pub fn forward(sheet: &Sheet) -> Vec<Formula> {
    let belongs = |column: &&Column| matches!(column.group, Group::Forward | Group::Gradient);
    let formula = |column: &Column| {
        let right = mathml(&column.formula, &|name| symbol(reference_symbol(sheet, name)));
        // What follows a colon is the formula in words, which stands beside it as mathematics.
        let meaning = column.meaning.split(": ").next().unwrap_or_default();
        Formula {
            math: equation(&symbol(&column.symbol), false, &right),
            meaning: Markup::text(&meaning.replace("err^2", "the loss")),
        }
    };
    sheet.columns.iter().filter(belongs).map(formula).collect()
}

/// The model as equations, one for each output: y = a·x + b.
pub fn model(results: &Results) -> Markup {
    let sheet = &results.runs[0].sheet;
    let name = |name: &Ref| match sheet.weights.iter().find(|one| Ref::Input(one.start) == *name) {
        Some(weight) => symbol(&weight.name),
        None => symbol(reference_symbol(sheet, name)),
    };
    let targets = &sheet.data[sheet.features()..];
    let equations = targets.iter().zip(&sheet.predictions).map(|(target, prediction)| {
        in_pieces(&format!("{}<mo>=</mo>", symbol(target)), prediction, &name)
    });
    Markup::joined(equations, "<br>")
}

/// So wide a part of a long term, in em, stays whole: it fits a phone.
const PIECE: usize = 12;

/// A formula, after what stands `before` it, that a line can break between the terms of; between those
/// inside its calls where a term is long.
pub fn in_pieces<N>(before: &str, formula: &Expr<N>, name: &dyn Fn(&N) -> String) -> Markup {
    let is_short = |markup: &str| paper::width(markup) <= PIECE;
    let of_term = |(at, (sign, term)): (usize, (&str, &Expr<N>))| {
        let before = match at {
            0 => before.to_owned(),
            _ => format!("<mo form=\"infix\">{sign}</mo>"),
        };
        let mut all = pieces(term, name, &is_short);
        all.first_mut().into_iter().for_each(|first| first.insert_str(0, &before));
        all.into_iter().map(|piece| math(&piece)).collect::<Vec<String>>()
    };
    let all: Vec<String> = terms(formula).into_iter().enumerate().flat_map(of_term).collect();
    Markup::trusted(all.join("<wbr>"))
}

/// The terms of a sum, each with its sign, of what is none the whole: a line can break between them.
fn terms<N>(formula: &Expr<N>) -> Vec<(&'static str, &Expr<N>)> {
    let (sign, left, right) = match formula {
        Expr::Binary(Operator::Add, left, right) => ("+", left, right),
        Expr::Binary(Operator::Subtract, left, right) => ("−", left, right),
        _ => return vec![("", formula)],
    };
    // What has parentheses in a sum stays whole.
    let is_fenced = |one: &Expr<N>| matches!(one, Expr::Negate(_) | Expr::If(_));
    let is_sum = matches!(**right, Expr::Binary(Operator::Add | Operator::Subtract, ..));
    if is_sum || is_fenced(right) || is_fenced(left) {
        return vec![("", formula)];
    }
    let mut terms = terms(left);
    terms.push((sign, &**right));
    terms
}

/// `α = 0.02`.
pub fn assignment(name: &str, value: f64) -> Markup {
    let value = mathml::<Ref>(&Expr::Number(value), &|_| String::new());
    Markup::math(&format!("{}<mo>=</mo>{value}", symbol(name)))
}

/// The value of an input.
pub fn value(input: &Input) -> Markup {
    Markup::math(&mathml::<Ref>(&Expr::Number(input.value), &|_| String::new()))
}

/// A symbol within text.
pub fn inline(name: &str) -> Markup {
    Markup::math(&symbol(name))
}

/// The interval as an inequality: 0 ≤ β < 1.
pub fn inequality(name: &str, interval: Interval) -> Markup {
    let number = |value| mathml::<Ref>(&Expr::Number(value), &|_| String::new());
    let ((low, with_low), (high, with_high)) = (interval.low, interval.high);
    let less = |with: bool| if with { "<mo>≤</mo>" } else { "<mo>&lt;</mo>" };
    let more = if with_low { "<mo>≥</mo>" } else { "<mo>&gt;</mo>" };
    let name = symbol(name);
    match (low.is_finite(), high.is_finite()) {
        (true, true) => Markup::math(&format!(
            "{}{}{name}{}{}",
            number(low),
            less(with_low),
            less(with_high),
            number(high)
        )),
        (true, false) => Markup::math(&format!("{name}{more}{}", number(low))),
        (false, true) => Markup::math(&format!("{name}{}{}", less(with_high), number(high))),
        (false, false) => Markup::text("any number"),
    }
}

/// An equation, or an assignment where the right side has the old value of the left one.
fn equation(left: &str, assigns: bool, right: &str) -> Markup {
    let sign = if assigns { "←" } else { "=" };
    Markup::display_math(&format!("<mrow>{left}<mo>{sign}</mo>{right}</mrow>"))
}

/// What a column held in the step before, where its symbol alone means its value in this step.
fn of_step_before(symbol: &str) -> String {
    let step = "<mo>(</mo><mi>t</mi><mo>−</mo><mn>1</mn><mo>)</mo>";
    format!("<msup>{symbol}<mrow>{step}</mrow></msup>")
}

fn uses_row_above(formula: &Expr<Name>) -> bool {
    formula.has_name(|name| name.previous)
}

/// The symbol of the name `id` in the formulas of `definition`.
fn any_weight_symbol(definition: &Definition, id: &str) -> String {
    let column = definition.columns.iter().find(|column| column.id == id);
    match (id, definition.hyperparameter(id), column) {
        ("g", ..) => format!("∂e/∂{ANY_WEIGHT}"),
        ("loss", ..) => "e".to_owned(),
        ("epoch_steps", ..) => "steps_epoch".to_owned(),
        (_, Some(hyper), _) => hyper.symbol.clone(),
        (_, _, Some(column)) => for_any_weight(&column.symbol),
        _ => id.to_owned(),
    }
}

fn for_any_weight(text: &str) -> String {
    text.replace("{w}", ANY_WEIGHT)
}

/// A definition's text, for any weight, with its symbols as mathematics writes them.
fn in_prose(text: &str) -> Markup {
    let word = |word: &str| {
        let is_symbol = word == ANY_WEIGHT
            || word.split_once('_').is_some_and(|(_, index)| index == ANY_WEIGHT);
        if is_symbol { format!("<math>{}</math>", symbol(word)) } else { escape(word) }
    };
    Markup::trusted(in_symbols(text).split(' ').map(word).collect::<Vec<_>>().join(" "))
}

/// A definition's text with what it says in names of formulas as mathematics writes it.
fn in_symbols(text: &str) -> String {
    text.replace("de/d", "∂e/∂").replace(" - ", " − ").replace("beta)", "β)")
}

fn reference_symbol<'a>(sheet: &'a Sheet, reference: &Ref) -> &'a str {
    match *reference {
        Ref::Column(column) | Ref::Above(column) => &sheet.columns[column].symbol,
        Ref::Input(input) => &sheet.inputs[input].symbol,
        Ref::Data(column) => &sheet.data[column],
        Ref::Order => "order",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer;

    #[test]
    fn what_remembers_is_assigned_and_the_rest_is_equal() {
        let signs: Vec<bool> = update(optimizer::find("adam").unwrap())
            .iter()
            .map(|formula| serde_json::to_string(&formula.math).unwrap().contains('←'))
            .collect();
        assert_eq!(signs, [true, true, false, false, true]);
    }

    #[test]
    fn a_sum_breaks_between_its_terms_alone() {
        let signs = |text: &str| {
            let formula = crate::formula::parse(text).unwrap();
            terms(&formula).iter().map(|(sign, _)| *sign).collect::<Vec<_>>()
        };
        assert_eq!(signs("v*relu(w*x + b) - u*x^2 + c"), ["", "−", "+"]);
        assert_eq!(signs("a*x"), [""]);
        assert_eq!(signs("a - (b + c)"), [""]);
        assert_eq!(signs("if(x > 1, a, b) + c"), [""]);
    }

    #[test]
    fn texts_of_definitions_are_set_as_mathematics() {
        let formulas = update(optimizer::find("momentum").unwrap());
        let text = serde_json::to_string(&formulas[0].meaning).unwrap();
        assert!(text.contains("average of ∂e/∂w, over about the last 1/(1 − β) steps"), "{text}");
    }

    #[test]
    fn a_squared_fraction_is_fenced() {
        let formulas = update(optimizer::find("rmsprop").unwrap());
        let math = serde_json::to_string(&formulas[0].math).unwrap();
        assert!(math.contains("<msup><mrow><mo>(</mo><mfrac>"), "{math}");
    }
}
