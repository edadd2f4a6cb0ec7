//! What made a step: how much of it is the gradient of this step, how much what the optimizer
//! remembers, how much its scaling, how much decay.
//!
//! With the learning rate lr, the gradient g that the optimizer gets, and the average m that the
//! update has in its place:
//!
//! - gradient: −lr·g, the step of plain gradient descent
//! - momentum: −lr·(m − g)
//! - decay: the step less what the same formula gives where the decay is 0
//! - scaling: what is left
//!
//! Without scaling, what is left is the momentum: also where the memory is a sum and no average.
//! The parts add up to the step because the last one is what is left.

use super::cells::{Shown, aligned, bar, cell, signed};
use super::program::{Program, named};
use crate::error::Result;
use crate::formula::{Expr, Name, Operator, escape, symbol};
use crate::sheet::{Group, Ref, Sheet, Weight};

/// The averages that may stand in the gradient's place, the first that an update uses.
const AVERAGES: [&str; 3] = ["v_ahead", "v_corrected", "v"];

/// The inputs that make weights decay.
const DECAYS: [&str; 2] = ["decay", "weight_decay"];

/// The parts of the step of one weight.
#[derive(Debug, Clone)]
pub struct Split {
    weight: String,
    parts: Vec<Part>,
    average: Option<String>,
}

/// A part: its name in the program, what it is, and more about it: a formula or a few words.
#[derive(Debug, Clone)]
struct Part {
    name: String,
    what: &'static str,
    more: String,
}

#[cfg(test)]
impl Split {
    pub fn weight(&self) -> &str {
        &self.weight
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }
}

/// The names under which the parts of a weight stand in the program.
pub fn name(part: &str, weight: &str) -> String {
    format!(":{part}_{weight}")
}

/// The parts of a step for each weight, whose formulas are added to `program`.
///
/// # Errors
/// None: the formulas are constants that a test reads.
pub fn splits(sheet: &Sheet, program: &mut Program) -> Result<Vec<Split>> {
    sheet.weights.iter().map(|weight| split(sheet, weight, program)).collect()
}

fn split(sheet: &Sheet, weight: &Weight, program: &mut Program) -> Result<Split> {
    let here = |id: &str| Expr::Name(Name::here(id));
    let w = &weight.name;
    let update = &sheet.columns[weight.next].formula;
    let has = |id: &str| sheet.column(id).is_some();
    let own = |stem: &str| format!("{stem}_{w}");
    let known = |stems: &[&str]| stems.iter().map(|stem| own(stem)).find(|id| has(id));
    let gradient = known(&["clipped", "g", "mean"]).unwrap_or(format!("de_d{w}"));
    let lr = if has("lr_t") { "lr_t" } else { "lr" };
    let (new, old) = (here(&sheet.columns[weight.next].id), here(w));
    program.formula(name("step", w), "new - old", &[("new", &new), ("old", &old)])?;
    let steady = without_decay(sheet, weight, update);
    let mut parts = Vec::new();
    let part = |name, what, more| Part { name, what, more };
    let rate = symbol(match (sheet.column(lr), sheet.input(lr)) {
        (Some(column), _) => &sheet.columns[column].symbol,
        (None, Some(input)) => &sheet.inputs[input].symbol,
        (None, None) => lr,
    });
    let mut left = "step".to_owned();
    let mut places = vec![("step", here(&name("step", w)))];
    if steady != *update {
        let steady = named(sheet, &steady);
        program.formula(name("decay", w), "new - steady", &[("new", &new), ("steady", &steady)])?;
        places.push(("decay", here(&name("decay", w))));
        left += " - decay";
    }
    let with_lr = has(lr) || sheet.input(lr).is_some();
    let average = AVERAGES.iter().map(|stem| own(stem)).find(|id| uses(sheet, update, id));
    if with_lr {
        let plain = if has("update") { "if(update = 1, -lr*g, 0)" } else { "-lr*g" };
        let names = [("lr", &here(lr)), ("g", &here(&gradient))];
        program.formula(name("gradient", w), plain, &names)?;
        let formula = format!("<math><mo>−</mo>{rate}<mo>·</mo><mi>g</mi></math>");
        parts.push(part(name("gradient", w), "gradient", formula));
        places.push(("gradient", here(&name("gradient", w))));
        left += " - gradient";
    }
    let others = sheet.columns.iter().filter(|column| column.group == Group::State);
    let mut others = others.filter(|column| {
        let is_average = AVERAGES.iter().any(|stem| own(stem) == column.id);
        !is_average && column.id != own("decayed") && uses(sheet, update, &column.id)
    });
    let is_scaled = others.next().is_some();
    if let (Some(average), true, true) = (&average, is_scaled, with_lr) {
        let momentum = match has("update") {
            true => "if(update = 1, -lr*(m - g), 0)",
            false => "-lr*(m - g)",
        };
        let names = [("lr", &here(lr)), ("m", &here(average)), ("g", &here(&gradient))];
        program.formula(name("momentum", w), momentum, &names)?;
        let formula = format!(
            "<math><mo>−</mo>{rate}<mo>·</mo><mo>(</mo><mi>m</mi><mo>−</mo><mi>g</mi><mo>)</mo></math>"
        );
        parts.push(part(name("momentum", w), "momentum", formula));
        places.push(("momentum", here(&name("momentum", w))));
        left += " - momentum";
    }
    let rest = match (is_scaled, &average) {
        (false, Some(_)) => Some(("momentum", "what else the memory adds")),
        (true, _) if divides(sheet, &expanded(sheet, update)) => {
            Some(("adaptive scaling", "what is left"))
        }
        (true, _) => Some(("the rest of the rule", "")),
        (false, None) if !with_lr => Some(("the rule", "")),
        (false, None) if calls(update) => Some(("the rest of the rule", "")),
        (false, None) => None,
    };
    if let Some((what, more)) = rest {
        let places: Vec<(&str, &Expr<Name>)> = places.iter().map(|(id, one)| (*id, one)).collect();
        program.formula(name("rest", w), &left, &places)?;
        parts.push(part(name("rest", w), what, more.to_owned()));
    }
    if steady != *update {
        parts.push(part(name("decay", w), "decay of the weight", String::new()));
    }
    Ok(Split { weight: w.clone(), parts, average: average.filter(|_| is_scaled) })
}

/// The update as it were without decay.
fn without_decay(sheet: &Sheet, weight: &Weight, update: &Expr<Ref>) -> Expr<Ref> {
    let decayed = sheet.column(&format!("decayed_{}", weight.name));
    update.map(&|part| match part {
        Expr::Name(Ref::Input(input)) => {
            DECAYS.contains(&sheet.inputs[*input].id.as_str()).then_some(Expr::Number(0.0))
        }
        Expr::Name(Ref::Column(column)) if Some(*column) == decayed => {
            Some(Expr::Name(Ref::Column(weight.current)))
        }
        _ => None,
    })
}

fn uses(sheet: &Sheet, formula: &Expr<Ref>, id: &str) -> bool {
    let column = sheet.column(id);
    let is_it =
        |name: &Ref| matches!(name, Ref::Column(one) | Ref::Above(one) if Some(*one) == column);
    formula.has_name(is_it)
}

/// The formula with those of the state's columns put in once.
fn expanded(sheet: &Sheet, formula: &Expr<Ref>) -> Expr<Ref> {
    formula.map(&|part| match part {
        Expr::Name(Ref::Column(column)) if sheet.columns[*column].group == Group::State => {
            Some(sheet.columns[*column].formula.clone())
        }
        _ => None,
    })
}

/// Whether the formula calls a function: the step is not the gradient times a number.
fn calls(formula: &Expr<Ref>) -> bool {
    matches!(formula, Expr::Call(..)) || crate::formula::operands(formula).into_iter().any(calls)
}

/// Whether something is divided by what the optimizer remembers.
fn divides(sheet: &Sheet, formula: &Expr<Ref>) -> bool {
    let remembers = |one: &Expr<Ref>| {
        one.has_name(|name| {
            matches!(name, Ref::Column(at) | Ref::Above(at)
                if sheet.columns[*at].group == Group::State)
        })
    };
    if let Expr::Binary(Operator::Divide, _, right) = formula
        && remembers(right)
    {
        return true;
    }
    crate::formula::operands(formula).into_iter().any(|operand| divides(sheet, operand))
}

/// The parts as bars with numbers, and a sentence, for each weight.
pub fn markup(sheet: &Sheet, splits: &[Split], shown: Shown) -> String {
    splits.iter().map(|split| of_weight(sheet, split, shown)).collect()
}

fn of_weight(sheet: &Sheet, split: &Split, shown: Shown) -> String {
    let step = name("step", &split.weight);
    let names = split.parts.iter().map(|part| part.name.clone());
    let group: Vec<String> = names.chain([step.clone()]).collect();
    let row = |name: &str, what: &str, more: &str, class: &str| {
        let gap = if more.is_empty() { "" } else { ": " };
        format!(
            "<tr{class}><th scope=\"row\">{what}{gap}{more}</th><td class=\"bars\">{}</td>{}</tr>",
            bar(shown, name, &group),
            aligned(shown, name, "s")
        )
    };
    let rows: String =
        split.parts.iter().map(|part| row(&part.name, part.what, &part.more, "")).collect();
    let sum = row(&step, "together", "the step", " class=\"sum\"");
    let said =
        split.parts.iter().map(|part| format!("{} by {}", signed(shown, &part.name), part.what));
    let average = split.average.as_ref().map_or(String::new(), |id| {
        let symbol = sheet.column(id).map_or(symbol(id), |at| symbol(&sheet.columns[at].symbol));
        format!(" Here <math><mi>m</mi><mo>=</mo>{symbol}</math> = {}.", cell(shown, id))
    });
    format!(
        "<div class=\"split\"><p>{} moved <math>{}</math> by {}: {}.{average}</p>\
         <table>{rows}{sum}</table></div>",
        escape(&sheet.title),
        symbol(&split.weight),
        signed(shown, &step),
        said.collect::<Vec<_>>().join(", ")
    )
}
