//! How large a step may be: how the loss curves, and what that says about each learning rate.

use super::cells::{Shown, column, element};
use super::program::{Program, named};
use crate::error::Result;
use crate::export::html::numbers::seven_digits;
use crate::export::xlsx::Addresses;
use crate::formula::{Expr, Name, escape, evaluate, mathml, symbol};
use crate::sheet::Ref;
use crate::trace::curvature::{Curvature, Verdict};
use crate::trace::{Results, Run};
use crate::value::Value;

/// How many samples the Jacobian shows.
const MOST_SAMPLES: usize = 10;

/// Adds the curvature of the chosen step's sample to `program`, where it has a formula.
///
/// # Errors
/// None: the formulas are constants that a test reads.
pub fn compute(results: &Results, curvature: &Curvature, program: &mut Program) -> Result<()> {
    if curvature.limits.sample.is_some() {
        let formula = named(&results.runs[0].sheet, &curvature.derivatives.curvature);
        program.add(":curvature", formula);
        let place = Expr::Name(Name::here(":curvature"));
        program.formula(":limit", "2/curvature", &[("curvature", &place)])?;
    }
    Ok(())
}

/// The section's content.
pub fn markup(
    results: &Results,
    addresses: &Addresses,
    curvature: &Curvature,
    shown: Shown,
) -> String {
    let told = match curvature.derivatives.is_quadratic {
        true => "This loss is a parabola in its weights: it curves the same everywhere.",
        false => "All of it is taken at the start weights; elsewhere the loss curves differently.",
    };
    format!(
        "<p>On a parabola with the second derivative <math><mi>c</mi></math>, a step with a learning rate \
         above <math><mn>2</mn><mo>/</mo><mi>c</mi></math> lands farther away than it started. So how the loss curves says which learning rates diverge, \
         before a single step is taken. {told}</p><div class=\"curves\"><div>{}</div><div>{}</div></div>\
         {}{}",
        hessian(results, curvature),
        eigenvalues(curvature),
        limits(results, curvature, shown),
        jacobian(results, addresses, curvature)
    )
}

fn hessian(results: &Results, curvature: &Curvature) -> String {
    let heads: String = results
        .weights()
        .iter()
        .map(|weight| format!("<th scope=\"col\"><var>{}</var></th>", escape(weight)))
        .collect();
    let number = |place: usize| Some(curvature.value(place));
    let columns: Vec<Vec<String>> = (0..curvature.hessian.len())
        .map(|at| column(&curvature.hessian.iter().map(|row| number(row[at])).collect::<Vec<_>>()))
        .collect();
    let row = |(at, weight): (usize, &str)| {
        let cells: String = columns.iter().map(|cells| cells[at].as_str()).collect();
        format!("<tr><th scope=\"row\"><var>{}</var></th>{cells}</tr>", escape(weight))
    };
    let rows: String = results.weights().into_iter().enumerate().map(row).collect();
    format!(
        "<h3>Hessian of the mean loss</h3><div class=\"scroll\" role=\"region\" aria-label=\"Hessian\" \
         tabindex=\"0\"><table class=\"numbers\"><thead><tr><td></td>{heads}</tr></thead>\
         <tbody>{rows}</tbody></table></div>"
    )
}

fn eigenvalues(curvature: &Curvature) -> String {
    let spectrum = &curvature.spectrum;
    let rows = [
        ("largest eigenvalue", spectrum.largest, "where it curves most"),
        ("smallest eigenvalue", spectrum.smallest, "where it curves least"),
        ("condition number", spectrum.condition, "the one by the other"),
    ];
    let cells = column(&rows.map(|(_, place, _)| Some(curvature.value(place))));
    let row = |((label, _, meaning), cell): ((&str, usize, &str), &String)| {
        format!(
            "<tr><th scope=\"row\" class=\"label\">{label}</th>{cell}<td class=\"label\">{meaning}</td></tr>"
        )
    };
    let rows: String = rows.into_iter().zip(&cells).map(row).collect();
    let shape = spectrum.shape(|place| curvature.value(place));
    let shape = shape.map_or(String::new(), |shape| format!("<p>It is {}.</p>", shape.text()));
    format!(
        "<h3>Its eigenvalues</h3><div class=\"scroll\" role=\"region\" aria-label=\"Eigenvalues\" \
         tabindex=\"0\"><table class=\"numbers\"><tbody>{rows}</tbody></table></div>{shape}"
    )
}

fn limits(results: &Results, curvature: &Curvature, shown: Shown) -> String {
    let limits = &curvature.limits;
    let value = |place: usize| escape(&seven_digits(curvature.value(place)));
    let sample = limits.sample.map_or(String::new(), |steepest| {
        let bound = match results.model().is_line {
            true => {
                "<mo>=</mo><mn>1</mn><mo>/</mo><mo>(</mo><mn>1</mn><mo>+</mo><msup><mi>x</mi><mn>2</mn>\
                 </msup><mo>)</mo>"
            }
            false => "",
        };
        format!(
            " For a step on one sample it is <math><mn>2</mn><mo>/</mo><mi>c</mi>{bound}</math> with \
             that sample's own curvature <math><mi>c</mi></math>: the steepest, sample {}, has {}, so \
             the limit is <b>{}</b>. The sample of the chosen step \
             has {}, with the limit {}.",
            value(steepest.number),
            value(steepest.curvature),
            value(steepest.limit),
            element(shown, "b", ":curvature", ""),
            element(shown, "b", ":limit", "")
        )
    });
    let numbers = |of: &dyn Fn(usize) -> Option<usize>| {
        let places = (0..limits.runs.len()).map(of);
        column(&places.map(|place| place.map(|at| curvature.value(at))).collect::<Vec<_>>())
    };
    let lr = numbers(&|index| limits.runs[index].lr);
    let full_batch = numbers(&|index| limits.runs[index].full_batch);
    let one_sample = numbers(&|index| limits.runs[index].sample);
    let row = |(index, run): (usize, &Run)| {
        let limit = limits.runs[index];
        let verdict = limit.verdict(|place| curvature.value(place), curvature.spectrum.largest);
        let class = match verdict {
            Some(Verdict::Unstable) => " error",
            _ => "",
        };
        format!(
            "<tr data-run=\"{index}\"{}><th scope=\"row\" class=\"label\">{}</th>{}{}{}\
             <td class=\"label{class}\">{}</td><td class=\"label told\">{}</td></tr>",
            if index == 0 { " class=\"chosen\"" } else { "" },
            escape(&run.sheet.name),
            lr[index],
            full_batch[index],
            one_sample[index],
            verdict.map_or("", Verdict::text),
            escape(happened(run).as_deref().unwrap_or("stayed finite"))
        )
    };
    let rows: String = results.runs.iter().enumerate().map(row).collect();
    format!(
        "<h3>The largest stable learning rates</h3><p>For plain gradient descent on the mean loss \
         (full batch) it is 2 by the largest eigenvalue: <b>{}</b>.{sample} An optimizer with \
         momentum has a limit of its own.</p><div class=\"scroll\" role=\"region\" \
         aria-label=\"Learning rates and their limits\" tabindex=\"0\"><table class=\"numbers\">\
         <thead><tr><th scope=\"col\" class=\"label\">optimizer</th><th scope=\"col\">lr</th>\
         <th scope=\"col\">full batch</th><th scope=\"col\">one sample</th><th scope=\"col\" \
         class=\"label\">its lr is</th><th scope=\"col\" class=\"label\">and the run</th></tr></thead><tbody>{rows}</tbody></table></div>",
        value(limits.full_batch)
    )
}

/// What went wrong with a run, without its name and without the advice.
fn happened(run: &Run) -> Option<String> {
    let warning = run.warning.as_ref()?;
    let short = warning.split(':').next().unwrap_or(warning);
    let name = format!("{} ", run.sheet.name);
    Some(short.strip_prefix(&name).unwrap_or(short).to_owned())
}

/// The Jacobian of the residuals for the first samples, behind a click.
fn jacobian(results: &Results, addresses: &Addresses, curvature: &Curvature) -> String {
    let sheet = &results.runs[0].sheet;
    let derivatives = &curvature.derivatives;
    let heads: String = results
        .weights()
        .iter()
        .zip(&derivatives.jacobian)
        .map(|(weight, slope)| {
            let slope = mathml(&named(sheet, slope), &|name: &Name| symbol(&name.id));
            format!(
                "<th scope=\"col\"><var>∂r/∂{}</var> <math><mo>=</mo>{slope}\
                 </math></th>",
                escape(weight)
            )
        })
        .collect();
    let value = |formula: &Expr<Ref>, sample: usize| {
        evaluate(formula, &|name| match *name {
            Ref::Data(column) => {
                let data = results.data.column(&sheet.data[column]);
                let value = data.and_then(|column| column.values.get(sample));
                Value::number(value.copied().unwrap_or(f64::NAN))
            }
            Ref::Input(input) => Value::number(sheet.inputs[input].value),
            _ => Value::ZERO,
        })
    };
    let count = results.data.samples().min(MOST_SAMPLES);
    let formulas = [&derivatives.residual].into_iter().chain(&derivatives.jacobian);
    let columns: Vec<Vec<String>> = formulas
        .map(|formula| column(&(0..count).map(|at| Some(value(formula, at))).collect::<Vec<_>>()))
        .collect();
    let row = |sample: usize| {
        let cells: String = columns.iter().map(|cells| cells[sample].as_str()).collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>", sample + 1)
    };
    let rows: String = (0..count).map(row).collect();
    format!(
        "<details><summary>The Jacobian of the residuals, first {count} samples</summary><p>How fast \
         each residual r = ŷ − y moves with each weight. All samples are on the sheet <b>{}</b> \
         of the workbook.</p><div class=\"scroll\" role=\"region\" aria-label=\"Jacobian\" \
         tabindex=\"0\"><table class=\"numbers\"><thead><tr><th scope=\"col\">sample</th>\
         <th scope=\"col\"><var>r</var></th>{heads}</tr></thead><tbody>{rows}</tbody>\
         </table></div></details>",
        escape(addresses.curvature_sheet())
    )
}
