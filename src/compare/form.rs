//! A form: one way to write an optimizer, as the columns of a sheet that a table may have.

use crate::circuit::{Loss, Model};
use crate::error::Result;
use crate::formula::{Expr, Operator};
use crate::optimizer::{self, Definition, Registry, Setup};
use crate::sheet::{Column, Group, Input, InputKind, Ref, Sheet};

/// The inputs that every form has beside its own, for penalties and decays that a sheet may add.
pub(super) const EXTRA: [(&str, &str); 6] = [
    ("l2", "strength of an L2 penalty"),
    ("weight_decay", "strength of a decoupled decay"),
    (ADDED_EPS, "a small number that is added to a root"),
    (WIDTH, "width of a finite difference"),
    (FIXED_STEP, "a number where that of the step belongs"),
    (CLIP, "the largest size of a gradient"),
];

/// How large a gradient may be.
pub(super) const CLIP: &str = "clip";

/// An ε where the form has none.
pub(super) const ADDED_EPS: &str = "eps added";

/// How far a finite difference goes from the weight.
pub(super) const WIDTH: &str = "h";

/// A number that is the same for all steps.
pub(super) const FIXED_STEP: &str = "fixed step";

/// A definition as the sheet that it gives for a line.
#[derive(Debug, Clone)]
pub(super) struct Form<'a> {
    /// What it was made from.
    pub definition: &'a Definition,
    /// Its columns and inputs, the [`EXTRA`] ones last.
    pub sheet: Sheet,
}

/// All forms as `form` makes them: each textbook form before its variants, shorter optimizers first; what
/// has the sign of something in a column also as people write it who take the sign in the step.
pub(super) fn forms<'a>(
    registry: &'a Registry,
    form: &dyn Fn(&'a Definition) -> Result<Form<'a>>,
) -> Result<Vec<Form<'a>>> {
    let mut forms = Vec::new();
    for definition in registry.definitions() {
        for definition in std::iter::once(definition).chain(&definition.variants) {
            let form = form(definition)?;
            let bare = form.without_signs();
            forms.push(form);
            forms.extend(bare);
        }
    }
    forms.sort_by_key(|form| form.sheet.columns.len());
    Ok(forms)
}

impl<'a> Form<'a> {
    /// The form that `definition` gives for a line over `samples` samples.
    ///
    /// # Errors
    /// Those of [`optimizer::sheet`].
    pub fn new(definition: &'a Definition, samples: usize) -> Result<Self> {
        let setup = Setup::new(&[0.0, 0.0], samples);
        Ok(Form::of(definition, optimizer::sheet(definition, &Model::line()?, &setup)?))
    }

    /// The form that `definition` gives for a single weight.
    ///
    /// # Errors
    /// Those of [`optimizer::sheet`].
    pub fn of_weight(definition: &'a Definition) -> Result<Self> {
        let (formula, _) = Model::read("w*x")?;
        let model = Model::new(formula, Loss::squared()?, &["x"])?;
        Ok(Form::of(definition, optimizer::sheet(definition, &model, &Setup::new(&[0.0], 1))?))
    }

    /// The form that is this `sheet` of the definition.
    pub fn of(definition: &'a Definition, mut sheet: Sheet) -> Self {
        for (id, meaning) in EXTRA {
            sheet.inputs.push(Input {
                id: id.to_owned(),
                symbol: "λ".to_owned(),
                value: 0.0,
                meaning: meaning.to_owned(),
                kind: InputKind::Training,
                formula: None,
            });
        }
        Form { definition, sheet }
    }

    /// The form with the sign of a column taken where it is used; none where no column is a sign.
    fn without_signs(&self) -> Option<Self> {
        let states = self.sheet.columns.iter().enumerate();
        let mut states = states.filter(|(_, column)| column.group == Group::State);
        let (column, sign, inner) = states.find_map(|(at, column)| match &column.formula {
            Expr::Call(sign, inner) if sign.name == "sign" => Some((at, *sign, &inner[0])),
            _ => None,
        })?;
        let mut form = self.clone();
        for (at, one) in form.sheet.columns.iter_mut().enumerate() {
            one.formula = match at == column {
                true => inner.clone(),
                false => one.formula.map(&|part| {
                    let is_sign = *part == Expr::Name(Ref::Column(column));
                    is_sign.then(|| Expr::Call(sign, vec![part.clone()]))
                }),
            };
        }
        Some(form)
    }

    /// Whether the column remembers: its formula looks at itself in the row above.
    pub fn remembers(&self, column: usize) -> bool {
        self.sheet.columns[column].formula.has_name(|name| *name == Ref::Above(column))
    }

    /// The moment whose bias a column corrects: `m` of `m / (1 - β^t)`.
    pub fn corrects(&self, column: usize) -> Option<usize> {
        let formula = &self.sheet.columns[column].formula;
        let Expr::Binary(Operator::Divide, raw, divisor) = formula else { return None };
        let Expr::Binary(Operator::Subtract, _, power) = divisor.as_ref() else { return None };
        match (raw.as_ref(), power.as_ref()) {
            (Expr::Name(Ref::Column(raw)), Expr::Binary(Operator::Power, ..)) => Some(*raw),
            _ => None,
        }
    }

    /// Whether every form has the column: it is of the model and its loss.
    pub fn is_common(&self, column: usize) -> bool {
        let group = self.sheet.columns[column].group;
        matches!(group, Group::Forward | Group::Check | Group::Gradient)
    }

    /// Whether no table can do without the column: what is remembered of the samples, and the new
    /// weights.
    pub fn is_needed(&self, column: usize) -> bool {
        let is_update = self.sheet.columns[column].group == Group::Update;
        is_update || self.remembers(column) && self.is_of_data(column)
    }

    /// Whether a table may show the column: one that is computed from a sample.
    pub fn may_show(&self, column: usize) -> bool {
        let group = self.sheet.columns[column].group;
        !matches!(group, Group::Index | Group::Data | Group::Weights | Group::Circuit)
    }

    /// Whether the column follows from the samples, directly or through others.
    pub fn is_of_data(&self, column: usize) -> bool {
        let Column { formula, group, .. } = &self.sheet.columns[column];
        let is_of_data = |name: &Ref| match *name {
            Ref::Data(_) => true,
            Ref::Column(other) => self.is_of_data(other),
            Ref::Above(_) | Ref::Input(_) | Ref::Order => false,
        };
        *group == Group::Weights || formula.has_name(is_of_data)
    }

    /// Whether a number has to be given for the input before formulas with it have values.
    pub fn is_open(&self, input: usize) -> bool {
        let kind = self.sheet.inputs[input].kind;
        matches!(kind, InputKind::Hyperparameter | InputKind::Width | InputKind::Training)
    }

    /// The formula with all columns of the forward part written out in terms of weights and data.
    pub fn written_out(&self, formula: &Expr<Ref>) -> Expr<Ref> {
        let written: Result<_, std::convert::Infallible> = formula.substitute(&mut |name: &Ref| {
            Ok(match *name {
                Ref::Column(column) if self.sheet.columns[column].group == Group::Forward => {
                    self.written_out(&self.sheet.columns[column].formula)
                }
                other => Expr::Name(other),
            })
        });
        let Ok(written) = written;
        written
    }
}
