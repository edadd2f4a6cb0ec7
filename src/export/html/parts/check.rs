//! Whether the gradient is right: against differences of the loss itself, each with the error that
//! its own formula predicts.
//!
//! A forward difference is off by h/2 times the second derivative, which for the line with the
//! squared error is h·x² for a and h for b; a central one by h²/6 times the third, which for a
//! parabola is 0.

use super::cells::{Shown, aligned, element};
use super::program::Program;
use crate::circuit::gradient_id;
use crate::error::Result;
use crate::formula::{Expr, Name, Operator, differentiate, escape, mathml, simplify, symbol};
use crate::sheet::Sheet;

/// Derivatives with more parts than this are not worth the time that they take.
const LARGEST: usize = 400;

/// What is checked: each weight with the formulas of the predicted errors.
pub struct Check {
    weights: Vec<(String, Expr<Name>, Option<Expr<Name>>)>,
}

fn name(part: &str, weight: &str) -> String {
    format!(":{part}_{weight}")
}

impl Check {
    /// The check for what `sheet` trains; its formulas go into `program`.
    ///
    /// # Errors
    /// None: the formulas are constants that a test reads.
    pub fn of(sheet: &Sheet, program: &mut Program) -> Result<Self> {
        let loss = &sheet.model.loss_of_sample;
        let here = |id: &str| Expr::Name(Name::here(id));
        let mut weights = Vec::new();
        if loss.size() > LARGEST {
            return Ok(Check { weights });
        }
        for weight in &sheet.weights {
            let w = &weight.name;
            let by = |expr: &Expr<Name>| differentiate(expr, &|name: &Name| name.id == *w);
            let moved = |operator| {
                loss.map(&|part| match part {
                    Expr::Name(name) if name.id == *w => Some(here(w).binary(operator, here("h"))),
                    _ => None,
                })
            };
            let small = |expr: &Expr<Name>| expr.size() <= LARGEST;
            let second = by(&by(loss));
            if !small(&second) {
                continue;
            }
            let third = Some(by(&second)).filter(small);
            let (up, down) = (moved(Operator::Add), moved(Operator::Subtract));
            program.add(name("up", w), up);
            program.add(name("down", w), down);
            let (up, down) = (here(&name("up", w)), here(&name("down", w)));
            let exact = here(&gradient_id(w));
            let own = [("up", &up), ("down", &down), ("exact", &exact), ("loss", loss)];
            program.formula(name("forward", w), "(up - loss)/h", &own)?;
            program.formula(name("central", w), "(up - down)/(2*h)", &own)?;
            let (forward, central) = (here(&name("forward", w)), here(&name("central", w)));
            let found = [("forward", &forward), ("central", &central), ("exact", &exact)];
            program.formula(name("offf", w), "forward - exact", &found)?;
            program.formula(name("offc", w), "central - exact", &found)?;
            program.formula(name("foref", w), "h/2*second", &[("second", &second)])?;
            // For want of a third derivative the error is taken to be small.
            let zero = Expr::Number(0.0);
            let used = third.as_ref().unwrap_or(&zero);
            program.formula(name("forec", w), "h^2/6*third", &[("third", used)])?;
            const PARTS: [&str; 6] = ["up", "down", "offf", "offc", "foref", "forec"];
            let places = PARTS.map(|part| here(&name(part, w)));
            let parts: Vec<(&str, &Expr<Name>)> = PARTS.into_iter().zip(&places).collect();
            // The next term of Taylor's series, and what rounding makes of losses of this size.
            let bound = "2*abs(forec) + 1e-14*(1 + abs(up) + abs(down))/h, 1, 0)";
            let forward = format!("if(abs(offf - foref) <= {bound}");
            program.formula(name("agreesf", w), &forward, &parts)?;
            program.formula(name("agreesc", w), &format!("if(abs(offc) <= {bound}"), &parts)?;
            let predicted = simplify(&Expr::Number(0.5).binary(Operator::Multiply, second));
            weights.push((w.clone(), predicted, third));
        }
        Ok(Check { weights })
    }

    /// A table with a row for each weight.
    pub fn markup(&self, shown: Shown) -> String {
        if self.weights.is_empty() {
            return "<p>The formulas of this model are too long for a check by hand.</p>".into();
        }
        let math = |expr: &Expr<Name>| mathml(expr, &|name: &Name| symbol(&name.id));
        let row = |(weight, predicted, third): &(String, Expr<Name>, Option<Expr<Name>>)| {
            let verdict = |part: &str| element(shown, "td", &name(part, weight), "v");
            let cell = |part: &str| aligned(shown, &name(part, weight), "");
            let is_parabola = *third == Some(Expr::Number(0.0));
            let told = if is_parabola {
                "0, but for rounding".to_owned()
            } else {
                element(shown, "span", &name("forec", weight), "")
            };
            format!(
                "<tbody><tr><th scope=\"row\" rowspan=\"3\"><var>∂e/∂{}</var></th><td class=\"label\">by the chain \
                 rule</td>{}<td></td><td></td><td></td></tr><tr><td class=\"label\">forward difference</td>{}{}\
                 <td class=\"label\"><math><mi>h</mi>{}</math> = {}</td>{}</tr><tr>\
                 <td class=\"label\">central difference</td>{}{}<td class=\"label\">{told}</td>{}</tr>\
                 </tbody>",
                escape(weight),
                aligned(shown, &gradient_id(weight), ""),
                cell("forward"),
                cell("offf"),
                factor(predicted, &math(predicted)),
                element(shown, "span", &name("foref", weight), ""),
                verdict("agreesf"),
                cell("central"),
                cell("offc"),
                verdict("agreesc")
            )
        };
        let rows: String = self.weights.iter().map(row).collect();
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"The gradient and its checks\" \
             tabindex=\"0\"><table class=\"numbers checks\"><thead><tr><td></td>\
             <th scope=\"col\" class=\"label\">how</th><th scope=\"col\">slope</th><th scope=\"col\">off \
             by</th><th scope=\"col\" class=\"label\">predicted</th>\
             <th scope=\"col\">verdict</th></tr></thead>{rows}</table></div>\
             {}",
            note(shown)
        )
    }
}

/// The further factor of a product: none for 1, a sum in parentheses.
fn factor(expr: &Expr<Name>, math: &str) -> String {
    match expr {
        Expr::Number(1.0) => String::new(),
        Expr::Binary(Operator::Add | Operator::Subtract, ..) => {
            format!("<mo>·</mo><mrow><mo>(</mo>{math}<mo>)</mo></mrow>")
        }
        _ => format!("<mo>·</mo>{math}"),
    }
}

/// The two differences, and by how much each is off.
fn note(shown: Shown) -> String {
    let loss = |sign: &str| {
        let moved = match sign {
            "" => String::new(),
            sign => format!("<mo>{sign}</mo><mi>h</mi>"),
        };
        format!("<mi>e</mi><mo>(</mo><mi>w</mi>{moved}<mo>)</mo>")
    };
    let slope = |from: &str, over: &str| {
        let (up, down) = (loss("+"), loss(from));
        format!("<math><mo>(</mo>{up}<mo>−</mo>{down}<mo>)</mo><mo>/</mo>{over}</math>")
    };
    let share = |over: &str, under: u32| format!("<math>{over}<mo>/</mo><mn>{under}</mn></math>");
    format!(
        "<p class=\"note\">With <math><mi>h</mi></math> = {}: the forward difference {} is off by {} times \
         the second derivative; the central one {} by {} times the third, which a parabola does not \
         have. What rounding makes of two losses is about 10⁻¹⁴ of them, divided by \
         <math><mi>h</mi></math>.</p>",
        element(shown, "span", "h", ""),
        slope("", "<mi>h</mi>"),
        share("<mi>h</mi>", 2),
        slope("−", "<mo>(</mo><mn>2</mn><mi>h</mi><mo>)</mo>"),
        share("<msup><mi>h</mi><mn>2</mn></msup>", 6)
    )
}
