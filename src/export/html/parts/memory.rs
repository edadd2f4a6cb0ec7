//! Whom an average still remembers: the weight that each past gradient has in it, before and after
//! the correction for its start at 0.
//!
//! In an average that decays with β, the gradient k steps ago has the weight (1 − β)·β^k. After t
//! steps the weights add up to 1 − β^t; the correction divides by that.

use super::cells::{Shown, element};
use super::program::{Program, named};
use crate::error::Result;
use crate::formula::{Expr, Name, Operator, escape, symbol};
use crate::sheet::{Column, Group, Ref, Sheet};

/// How many steps back the chart goes.
pub const STEPS_BACK: usize = 30;

/// The chart: the width of a step and the height of the plot, and the room around it at the left,
/// at the right, above and below.
const STEP: usize = 12;
const HEIGHT: usize = 110;
const ROOM: [usize; 4] = [76, 12, 26, 44];

/// At how many steps back the axis has ticks.
const TICK: usize = 5;

/// A decaying average, of the first weight: the other weights have the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Average {
    /// The column's stem.
    name: String,
    symbol: String,
    /// The input with its decay.
    decay: String,
    /// Whether something divides by 1 − β^t.
    corrected: bool,
    of: &'static str,
}

#[cfg(test)]
impl Average {
    pub fn facts(&self) -> (&str, &str, bool) {
        (&self.name, &self.decay, self.corrected)
    }
}

/// The decaying averages of `sheet`; their sums go into `program`.
///
/// # Errors
/// None: the formulas are constants that a test reads.
pub fn averages(sheet: &Sheet, program: &mut Program) -> Result<Vec<Average>> {
    let Some(weight) = sheet.weights.first() else { return Ok(Vec::new()) };
    let suffix = format!("_{}", weight.name);
    let mut found = Vec::new();
    let states = sheet.columns.iter().enumerate();
    for (index, column) in states.filter(|(_, column)| column.group == Group::State) {
        let Some(stem) = column.id.strip_suffix(&suffix) else { continue };
        let Some((decay, is_square)) = decay(sheet, index, column) else { continue };
        let corrected = sheet.columns.iter().any(|one| corrects(sheet, &one.formula, decay));
        let beta = Expr::Name(Name::here(&sheet.inputs[decay].id));
        let names = [("beta", &beta)];
        for (part, text) in [
            ("sum", "1 - beta^step"),
            ("newest", "1 - beta"),
            ("newestc", "(1 - beta)/(1 - beta^step)"),
            ("older", "if(step > 30, beta^30 - beta^step, 0)"),
            ("half", "(1 - beta)/2"),
            ("halfc", "(1 - beta)/(1 - beta^step)/2"),
        ] {
            program.formula(format!(":{part}_{stem}"), text, &names)?;
        }
        found.push(Average {
            name: stem.to_owned(),
            symbol: column.symbol.clone(),
            decay: sheet.inputs[decay].id.clone(),
            corrected,
            of: if is_square { "the squares of the gradients" } else { "the gradients" },
        });
    }
    Ok(found)
}

/// The decay of a column `β*prev + (1 − β)*g`, and whether it averages squares.
fn decay(sheet: &Sheet, index: usize, column: &Column) -> Option<(usize, bool)> {
    let formula = match &column.formula {
        // Where batches end.
        Expr::If(choice) if choice.otherwise == Expr::Name(Ref::Above(index)) => &choice.then,
        other => other,
    };
    let Expr::Binary(Operator::Add, kept, new) = formula else { return None };
    let Expr::Binary(Operator::Multiply, beta, above) = &**kept else { return None };
    let Expr::Name(Ref::Input(input)) = **beta else { return None };
    let Expr::Binary(Operator::Multiply, share, what) = &**new else { return None };
    let rest = Expr::Number(1.0).binary(Operator::Subtract, Expr::Name(Ref::Input(input)));
    // What is averaged must be the gradient: Adadelta's D has the squares of its own steps.
    let (gradient, is_square) = match &**what {
        Expr::Binary(Operator::Power, base, _) => (&**base, true),
        other => (other, false),
    };
    let Expr::Name(Ref::Column(gradient)) = gradient else { return None };
    let is_gradient = sheet.columns[*gradient].group == Group::Gradient;
    (**above == Expr::Name(Ref::Above(index)) && **share == rest && is_gradient)
        .then_some((input, is_square))
}

/// Whether `1 − β^t` is in the formula.
fn corrects(sheet: &Sheet, formula: &Expr<Ref>, decay: usize) -> bool {
    let wanted = format!("1 - {}^step", sheet.inputs[decay].id);
    fn holds(formula: &Expr<Name>, wanted: &str) -> bool {
        formula.to_string() == wanted
            || crate::formula::operands(formula).into_iter().any(|one| holds(one, wanted))
    }
    holds(&named(sheet, formula), &wanted)
}

/// The charts, one for each average, or a sentence.
pub fn markup(sheet: &Sheet, averages: &[Average], shown: Shown) -> String {
    if averages.is_empty() {
        return format!(
            "<p>{} keeps no average that decays by a constant: there are no weights to show. \
             Choose Adam or RMSProp to see some.</p>",
            escape(&sheet.title)
        );
    }
    averages.iter().map(|average| figure(sheet, average, shown)).collect()
}

fn figure(sheet: &Sheet, average: &Average, shown: Shown) -> String {
    let cell = |part: &str| element(shown, "b", &format!(":{part}_{}", average.name), "");
    let value = sheet.input(&average.decay).map_or(0.0, |input| sheet.inputs[input].value);
    let beta = sheet.input(&average.decay).map_or("β", |input| &sheet.inputs[input].symbol);
    let after = match average.corrected {
        true => format!(
            " The correction divides by that: this step's gradient then has {}, and all weights \
             together 1.",
            cell("newestc")
        ),
        false => {
            " Nothing corrects that: the rest of the weight is still on the start value.".to_owned()
        }
    };
    format!(
        "<figure class=\"memory\"><h3><math>{}</math>, an average of {} with <math>{}<mo>=</mo><mn>{value}\
         </mn></math></h3>{}<figcaption>This step's gradient has the weight {}; the weights of all \
         gradients so far add up to <math><mn>1</mn><mo>−</mo><msup>{}<mi>t</mi></msup></math> = \
         {}.{after}{}</figcaption></figure>",
        symbol(&average.symbol),
        average.of,
        symbol(beta),
        chart(average, value, shown),
        cell("newest"),
        symbol(beta),
        cell("sum"),
        older(average, shown)
    )
}

/// What the gradients before those of the chart have; hidden for as long as there are none.
fn older(average: &Average, shown: Shown) -> String {
    let name = format!(":older_{}", average.name);
    let hidden = match shown {
        Some(values) if values.get(&name).get().unwrap_or(0.0) != 0.0 => "",
        _ => " hidden",
    };
    let before = if average.corrected { ", before the correction" } else { "" };
    format!(
        "<span data-if=\"{}\"{hidden}> The gradients before these {STEPS_BACK} have {} together{before}.\
         </span>",
        escape(&name),
        element(shown, "b", &name, "")
    )
}

/// The heights of a gradient's bars before and after the correction, where the tallest is 1.
pub fn heights(beta: f64, t: f64, back: f64, corrected: bool) -> [f64; 2] {
    if back >= t {
        return [0.0, 0.0];
    }
    let weight = beta.powf(back);
    let sum = 1.0 - beta.powf(t);
    if corrected { [weight * sum, weight] } else { [weight, 0.0] }
}

fn chart(average: &Average, beta: f64, shown: Shown) -> String {
    let t = shown.map_or(0.0, |values| values.get("step").get().unwrap_or(0.0));
    let [left, right, top, bottom] = ROOM;
    let width = STEPS_BACK * STEP;
    let legend = match average.corrected {
        true => {
            "<p class=\"keys\"><span class=\"before\"></span>before the correction <span \
                 class=\"after\"></span>after it</p>"
        }
        false => "",
    };
    format!(
        "{legend}<svg class=\"weights\" data-decay=\"{}\" data-corrected=\"{}\" data-base=\"{HEIGHT}\" \
         data-left=\"{left}\" data-bar=\"{STEP}\" data-bars=\"{STEPS_BACK}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"The \
         weights of the last {STEPS_BACK} gradients in {}\">{}<g class=\"bars\" transform=\"translate({left} {top})\">{}\
         <path class=\"axis\" d=\"M0 {HEIGHT}H{width}\"/></g></svg>\
         <p class=\"read note if-scripted\" role=\"status\"></p>",
        escape(&average.decay),
        average.corrected,
        left + width + right,
        top + HEIGHT + bottom,
        escape(&average.name),
        axes(average, shown),
        if shown.is_some() { bars(average, beta, t) } else { String::new() }
    )
}

/// The bars, the newest gradient's at the right; where a run waits for its numbers, the script makes them.
fn bars(average: &Average, beta: f64, t: f64) -> String {
    let mut bars = String::new();
    for back in 0..STEPS_BACK {
        let x = (STEPS_BACK - 1 - back) * STEP;
        let heights = heights(beta, t, back as f64, average.corrected);
        for (class, height, inset) in [("after", heights[1], 1), ("before", heights[0], 3)] {
            let tall = height * HEIGHT as f64;
            bars += &format!(
                "<rect class=\"{class}\" data-back=\"{back}\" x=\"{}\" width=\"{}\" y=\"{:.2}\" \
                 height=\"{tall:.2}\"/>",
                x + inset,
                STEP - 2 * inset,
                HEIGHT as f64 - tall
            );
        }
    }
    bars
}

/// The axes: weights up to that of the newest gradient, which follow the step, and steps back.
fn axes(average: &Average, shown: Shown) -> String {
    let [left, _, top, bottom] = ROOM;
    let (width, base) = (STEPS_BACK * STEP, top + HEIGHT);
    let mut out = "<text class=\"title\" x=\"2\" y=\"13\">weight in the average</text>".to_owned();
    let place = |part: &str| {
        format!(":{part}{}_{}", if average.corrected { "c" } else { "" }, average.name)
    };
    let names = [Some(place("newest")), Some(place("half")), None];
    for (name, y) in names.into_iter().zip([top, top + HEIGHT / 2, base]) {
        let label = name.map_or("0".to_owned(), |name| element(shown, "tspan", &name, "t"));
        out += &format!(
            "<path class=\"grid\" d=\"M{left} {y}h{width}\"/><text class=\"tick end\" x=\"{}\" \
             y=\"{:.1}\">{label}</text>",
            left - 8,
            y as f64 + 4.5
        );
    }
    for back in (0..STEPS_BACK).step_by(TICK) {
        let x = left + (STEPS_BACK - 1 - back) * STEP + STEP / 2;
        out += &format!(
            "<path class=\"axis\" d=\"M{x} {base}v5\"/><text class=\"tick middle\" x=\"{x}\" \
             y=\"{}\">{back}</text>",
            base + 19
        );
    }
    out + &format!(
        "<text class=\"title middle\" x=\"{}\" y=\"{}\">steps ago; 0 is this step</text>",
        left + width / 2,
        base + bottom - 6
    )
}
