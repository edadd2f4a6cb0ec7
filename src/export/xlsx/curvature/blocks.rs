//! The blocks of the sheet from the top to the exact solution.

use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{Color, ConditionalFormatCell, ConditionalFormatCellRule, Format};

use super::cells::{Cells, digits};
use super::{LABELS, VALUES};
use crate::error::Result;
use crate::export::xlsx::note;
use crate::export::xlsx::style::as_input;
use crate::trace::curvature::{Shape, Solution, Verdict};

impl Cells<'_> {
    /// What is trained, below the title.
    pub fn write_top(&mut self) -> Result<()> {
        let model = self.results.model();
        let told = format!(
            "{}, loss {}: every number below is a formula over {}.",
            model.equation,
            model.loss,
            self.data.place()
        );
        self.sheet.write_string_with_format(self.row, LABELS, told, &self.styles.prose)?;
        self.row += 1;
        Ok(())
    }

    /// The weights, with the slope of the mean loss at them.
    pub fn write_point(&mut self) -> Result<()> {
        let told = match self.curvature.derivatives.is_quadratic {
            true => {
                "The start weights. This loss is a parabola in its weights: it curves the same \
                 everywhere, whatever stands here."
            }
            false => {
                "The start weights. The curvature is another one elsewhere: type other weights \
                 over them and see."
            }
        };
        self.heading("Where we look: the weights", &[told])?;
        self.heads(&["weight", "value", "gradient"])?;
        let gradient = self.curvature.gradient.clone();
        let point = self.curvature.point.clone();
        let format = digits(gradient.iter().map(|place| self.curvature.value(*place))).number();
        let input =
            as_input(&digits(point.iter().map(|place| self.curvature.value(*place))).number());
        let top = self.row;
        for (name, place) in self.weights().into_iter().zip(&point) {
            self.label(name)?;
            self.number_in((self.row, VALUES), *place, &input)?;
            self.row += 1;
        }
        self.line("samples", self.curvature.samples, "")?;
        for (row, place) in (top..).zip(&gradient) {
            self.number_in((row, VALUES + 1), *place, &format)?;
        }
        self.line("mean loss", self.curvature.loss, "")
    }

    /// The Hessian, a row and a column for each weight.
    pub fn write_hessian(&mut self) -> Result<()> {
        let mut lines = vec![
            "How fast the slope along one weight changes when a weight moves: the means of the \
             second derivatives of the loss.",
        ];
        if self.results.model().is_line {
            lines.push("For a line: 2*[[mean x^2, mean x], [mean x, 1]].");
        }
        self.heading("Hessian of the mean loss", &lines)?;
        let weights = self.weights();
        let mut heads = vec![""];
        heads.extend(&weights);
        self.heads(&heads)?;
        let hessian = self.curvature.hessian.clone();
        let values = hessian.iter().flatten().map(|place| self.curvature.value(*place));
        let format = digits(values).number();
        let top = self.row;
        // From above the diagonal to below it, which refers to what is above.
        for (row, places) in (top..).zip(&hessian) {
            self.sheet.write_string(row, LABELS, weights[(row - top) as usize])?;
            for (column, place) in (VALUES..).zip(places) {
                self.number_in((row, column), *place, &format)?;
                let (first, second) = ((row - top) as usize, usize::from(column - VALUES));
                let entry = self.words(&self.curvature.derivatives.hessian[first][second]);
                let told =
                    format!("the mean of d2e/(d{} d{}) = {entry}", weights[first], weights[second]);
                self.sheet.insert_note(row, column, &note(&told))?;
            }
            self.row += 1;
        }
        Ok(())
    }

    /// The eigenvalues, the condition number, and what they say.
    pub fn write_eigenvalues(&mut self) -> Result<()> {
        self.heading(
            "Eigenvalues of the Hessian",
            &[
                "How strongly the loss curves in the steepest and in the flattest direction, \
                 between the axes of the weights.",
                "The larger the condition number, the longer the way: a step small enough for the \
                 steep direction is tiny for the flat one.",
            ],
        )?;
        let spectrum = &self.curvature.spectrum;
        self.write_turns(&spectrum.turns)?;
        for (label, place, meaning) in &spectrum.steps {
            self.line(label, *place, meaning)?;
        }
        let places = [
            ("largest eigenvalue", spectrum.largest, "the steepest direction"),
            ("smallest eigenvalue", spectrum.smallest, "the flattest direction"),
            ("condition number", spectrum.condition, "the largest by the smallest, without signs"),
        ];
        for (label, place, meaning) in places {
            match self.curvature.hessian.len() {
                1 if place == self.curvature.hessian[0][0] => {
                    let cell = self.address(place);
                    self.label(label)?;
                    let value = self.curvature.value(place);
                    let format = digits([value]).number();
                    self.plain((self.row, VALUES), &cell, value, &format)?;
                    self.row += 1;
                }
                _ => self.result(label, place, meaning)?,
            }
        }
        self.write_shape()
    }

    /// What the signs of the eigenvalues say.
    fn write_shape(&mut self) -> Result<()> {
        let spectrum = &self.curvature.spectrum;
        let (largest, smallest) = (self.address(spectrum.largest), self.address(spectrum.smallest));
        let text = format!(
            "IF({smallest}>0,{},IF({largest}>0,IF({smallest}<0,{},{}),IF({smallest}<0,{},{})))",
            quoted(Shape::Bowl.text()),
            quoted(Shape::Saddle.text()),
            quoted(Shape::Trough.text()),
            quoted(Shape::Hilltop.text()),
            quoted(Shape::Flat.text())
        );
        let shape = spectrum.shape(|place| self.curvature.value(place));
        self.label("so the loss here is")?;
        self.verdict(VALUES, &text, shape.map(Shape::text), spectrum.smallest)?;
        self.row += 1;
        Ok(())
    }

    /// The largest stable learning rates.
    pub fn write_limits(&mut self) -> Result<()> {
        self.heading(
            "Largest stable learning rates",
            &[
                "On a parabola with the second derivative c, a step with a learning rate above 2/c \
                 lands farther away than it started.",
                match self.results.updates(1) {
                    None => {
                        "A step on the mean loss (full batch) sees the largest eigenvalue. A step \
                         on one sample, as in this trace, sees that sample's own curvature."
                    }
                    Some(1) => {
                        "A step on the mean loss (full batch), as in this trace, sees the largest \
                         eigenvalue. A step on one sample sees that sample's own curvature."
                    }
                    Some(_) => {
                        "A step on the mean loss (full batch) sees the largest eigenvalue. A step \
                         on one sample sees that sample's own curvature. The mini-batches of this \
                         trace lie between the two."
                    }
                },
            ],
        )?;
        let limits = &self.curvature.limits;
        self.result("full batch", limits.full_batch, "2/largest eigenvalue")?;
        if let Some(steepest) = limits.sample {
            let meaning = match (self.curvature.derivatives.is_linear, self.results.model().is_line)
            {
                (_, true) => "of the sample's loss: 2*(1 + x^2)",
                (true, false) => "the only eigenvalue of the sample's Hessian that is not 0",
                _ => "the root of the squares in the sample's Hessian: no eigenvalue is larger",
            };
            self.line("steepest curvature", steepest.curvature, meaning)?;
            let meaning = format!("its number in {}", self.data.place());
            self.line("steepest sample", steepest.number, &meaning)?;
            let meaning = match self.results.model().is_line {
                true => "2/steepest curvature: the smallest 1/(1 + x^2)",
                false => "2/steepest curvature",
            };
            self.result("one sample a step", steepest.limit, meaning)?;
        } else {
            let told = "The formula of a sample's own curvature is too long for a cell.";
            self.sheet.write_string_with_format(self.row, LABELS, told, &self.styles.prose)?;
            self.row += 1;
        }
        self.row += 1;
        self.write_verdicts()
    }

    /// A row for each optimizer: its learning rate, its limits, and what follows.
    fn write_verdicts(&mut self) -> Result<()> {
        self.heads(&["optimizer", "lr", "full batch", "one sample"])?;
        let head = self.styles.head.clone().set_indent(1);
        for column in VALUES + 3..VALUES + 6 {
            let text = if column == VALUES + 3 { "its lr is" } else { "" };
            self.sheet.write_string_with_format(self.row - 1, column, text, &head)?;
        }
        let limits = self.curvature.limits.runs.clone();
        for (run, limit) in self.results.runs.iter().zip(limits) {
            self.label(&run.sheet.name)?;
            let places = [limit.lr, limit.full_batch, limit.sample];
            for (column, place) in (VALUES..).zip(places) {
                match place {
                    Some(place) => self.number(column, place)?,
                    None => {
                        let right = Format::new().set_align(rust_xlsxwriter::FormatAlign::Right);
                        self.sheet.write_string_with_format(self.row, column, "-", &right)?;
                    }
                }
            }
            self.write_verdict(limit)?;
            self.row += 1;
        }
        self.colour_verdicts()
    }

    /// Warns by colour as well, also when a learning rate is changed.
    fn colour_verdicts(&mut self) -> Result<()> {
        let last = self.row - 1;
        let first = self.row - self.results.runs.len() as u32;
        let column = VALUES + 3;
        for (verdict, colour) in [
            (Verdict::Stable, 0x1E7B34),
            (Verdict::TooLargeForASample, 0xA05A00),
            (Verdict::Unstable, 0xB00000),
        ] {
            let rule = ConditionalFormatCell::new()
                .set_rule(ConditionalFormatCellRule::EqualTo(verdict.text()))
                .set_format(Format::new().set_font_color(Color::RGB(colour)));
            self.sheet.add_conditional_format(first, column, last, column, &rule)?;
        }
        Ok(())
    }

    fn write_verdict(&mut self, limit: crate::trace::curvature::Limit) -> Result<()> {
        let largest = self.curvature.spectrum.largest;
        let column = VALUES + 3;
        let (Some(_), Some(_)) = (limit.lr, limit.full_batch) else {
            let told = limit.otherwise.text();
            let format = Format::new().set_indent(1);
            self.sheet.write_string_with_format(self.row, column, told, &format)?;
            return Ok(());
        };
        let cell = |offset| row_col_to_cell_absolute(self.row, VALUES + offset);
        let (lr, full_batch, sample) = (cell(0), cell(1), cell(2));
        let below = match limit.sample {
            Some(_) => format!(
                "IF({lr}>={sample},{},{})",
                quoted(Verdict::TooLargeForASample.text()),
                quoted(Verdict::Stable.text())
            ),
            None => quoted(Verdict::Stable.text()),
        };
        let text = format!(
            "IF({}<=0,{},IF({lr}>={full_batch},{},{below}))",
            self.address(largest),
            quoted(Verdict::Flat.text()),
            quoted(Verdict::Unstable.text())
        );
        let verdict = limit.verdict(|place| self.curvature.value(place), largest);
        self.verdict(column, &text, verdict.map(Verdict::text), largest)
    }

    /// The weights with the smallest mean loss.
    pub fn write_solution(&mut self) -> Result<()> {
        let Some(solution) = self.curvature.solution.clone() else {
            let why = match (self.curvature.derivatives.is_quadratic, self.weights().len()) {
                (true, count) => format!(
                    "The normal equations of {count} weights have an exact solution, but no \
                     formulas of a size that a person could follow."
                ),
                (false, _) => "There is none in closed form: this loss is no parabola in its \
                               weights. Gradient descent has to find it."
                    .to_owned(),
            };
            return self.heading("Exact solution", &[&why]);
        };
        self.heading(
            "Exact solution",
            &[
                "This loss is a parabola in its weights, so its lowest point can be computed: the \
                 weights where the gradient is 0.",
                "The normal equations Hessian * weights = right side, solved by determinants \
                 (Cramer's rule).",
            ],
        )?;
        self.write_equations(&solution)
    }

    fn write_equations(&mut self, solution: &Solution) -> Result<()> {
        let places = solution.determinant;
        // The closed form of two eigenvalues has the same determinant.
        self.line(
            "determinant",
            places,
            "of the Hessian; 0 where the data do not determine the weights",
        )?;
        let mut heads = vec!["weight", "right side", "determinant", "exact", "gradient there"];
        if solution.functions.is_some() {
            heads.extend(["by function", "difference"]);
        }
        self.heads(&heads)?;
        let top = self.row;
        let mut columns = vec![&solution.right, &solution.replaced, &solution.weights];
        columns.push(&solution.gradient);
        let functions = solution.functions.map(|both| both.map(|row| row.to_vec()));
        columns.extend(functions.iter().flatten());
        for (column, places) in (VALUES..).zip(columns) {
            let format = digits(places.iter().map(|place| self.curvature.value(*place))).number();
            let format = if *places == solution.weights { format.set_bold() } else { format };
            for (row, place) in (top..).zip(places) {
                self.number_in((row, column), *place, &format)?;
            }
        }
        for name in self.weights() {
            self.label(name)?;
            self.row += 1;
        }
        Ok(())
    }
}

/// A text in a formula.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
