//! `gdtrace derive`: Jacobian and Hessians of formulas, as formulas and at a point.

use std::ffi::OsString;
use std::thread;

use super::console::tell;
use super::files::FileArgs;
use super::{console, derived};
use crate::circuit::{AtPoint, Derivatives, Order};
use crate::error::{Error, Place, Result};
use crate::export::output::{About, Outputs};
use crate::export::{html, xlsx};
use crate::formula::{Expr, Name, evaluate, parse};
use crate::value::Value;

/// Derive formulas: the Jacobian and the Hessians, as formulas and at a point
///
/// The Jacobian has the derivative of each formula by each variable; a Hessian the second
/// derivatives of one formula by every two. Formulas have + - * / ^, parentheses, numbers, names, pi and e, sqrt exp ln log10 sin cos tan
/// tanh sigmoid relu softplus abs sign floor mod min max, and if(a < b, then, otherwise) with
/// < <= > >= = <>. Every name is a variable.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("output", |one| one.help("Write a workbook in which the point can be changed")),
    mut_arg("report", |one| {
        one.help("Write a page with the matrices as mathematics and the gates of each formula")
    }),
    after_help = "\
Examples:
  gdtrace derive \"x^2*y\" \"5*x + sin(y)\" --at x=1,y=2
  gdtrace derive \"exp(-x^2/2)\" --hessian --latex
  gdtrace derive \"sigmoid(a*x + b)\" --wrt a,b --at a=1,b=0.5,x=2 --hessian -o sigmoid.xlsx

Where a derivative does not exist, a convention is taken, and a note says so when the point is
there: 0 for abs and relu at 0 (as PyTorch does), 0 at the jumps of sign and floor, the derivative
of the first argument for min and max of equal numbers, that of the branch that is taken for if.

Limits: a formula has at most 1000 terms and is nested at most 128 deep; the derivatives together
have at most 200000 parts before they are simplified, in at most 10000 entries.

Exit codes: 0 done, 2 usage or input errors"
)]
pub struct Args {
    /// A formula such as "x^2*y"
    #[arg(value_name = "FORMULA", required = true)]
    formulas: Vec<String>,

    /// The point: a value for every variable, a number or a formula such as pi/2
    #[arg(long, value_name = "NAME=VALUE,...")]
    at: Option<String>,

    /// The variables to derive by, in this order; others are constants [default: all]
    #[arg(long, value_name = "NAME,NAME,...")]
    wrt: Option<String>,

    /// Add the Hessian of each formula
    #[arg(long)]
    hessian: bool,

    /// Print LaTeX
    #[arg(long, conflicts_with = "json")]
    latex: bool,

    /// Print the results as one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    files: FileArgs,
}

/// The arguments of the program, with a blank before every formula of `derive` that begins with a
/// minus: otherwise `-x^2` would be taken for the option `-x`.
pub(super) fn mark_formulas(
    arguments: impl IntoIterator<Item = OsString>,
) -> impl Iterator<Item = OsString> {
    let mut derives = false;
    arguments.into_iter().enumerate().map(move |(index, argument)| {
        if index == 1 {
            derives = argument == "derive";
        }
        match argument.to_str() {
            Some(text) if derives && is_negative_formula(text) => format!(" {text}").into(),
            _ => argument,
        }
    })
}

/// Whether `text` is no option, long or short, though it begins with a minus.
fn is_negative_formula(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with(['-', 'o']) && rest != "h" && rest != "V"
    })
}

/// Formulas are walked recursively. This is many times what the largest accepted ones need.
const STACK: usize = 256 << 20;

/// Runs the command.
///
/// # Errors
/// Formulas that cannot be read or are too large, a point that lacks a variable, outputs that may
/// not or cannot be written.
pub fn run(args: &Args) -> Result<()> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK);
        let worker = worker
            .spawn_scoped(scope, || args.run())
            .map_err(|error| Error::new(format!("cannot start a thread: {error}")))?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

impl Args {
    fn run(&self) -> Result<()> {
        let functions = self.functions()?;
        let names = names(&functions);
        let variables = self.variables(&names)?;
        let point = self.at.as_deref().map(|text| point(text, &names)).transpose()?;
        let mut outputs = self.outputs()?;
        let order = if self.hessian { Order::Second } else { Order::First };
        let derivatives = Derivatives::new(functions, variables, order)?;
        let at = point.map(|point| derivatives.at(&point));
        self.write(&derivatives, at.as_ref(), &mut outputs)?;
        outputs.commit()?;
        for (function, note) in at.iter().flat_map(|at| &at.notes) {
            tell!("note: {}: {note}", derivatives.function_name(*function));
        }
        console::print(&if self.json {
            derived::json(&derivatives, at.as_ref())?
        } else if self.latex {
            derived::latex(&derivatives, at.as_ref())
        } else {
            derived::text(&derivatives, at.as_ref())
        });
        if !self.json {
            let written = [&self.files.output, &self.files.report].into_iter().flatten();
            let lines: Vec<String> =
                written.map(|one| format!("\nwrote {}", one.display())).collect();
            if !lines.is_empty() {
                console::print(&lines.concat());
            }
        }
        Ok(())
    }

    fn functions(&self) -> Result<Vec<Expr<Name>>> {
        let one = |(index, text): (usize, &String)| {
            let name = match self.formulas.len() {
                1 => "formula".to_owned(),
                _ => format!("formula {}", index + 1),
            };
            let text = text.trim();
            let tree = parse(text).map_err(|error| error.in_formula(&name, text))?;
            check_names(&tree, &name, text)?;
            Ok(tree)
        };
        self.formulas.iter().enumerate().map(one).collect()
    }

    fn variables(&self, names: &[Name]) -> Result<Vec<Name>> {
        let Some(chosen) = &self.wrt else {
            return match names.is_empty() {
                false => Ok(names.to_vec()),
                true => Err(Error::new("there is no variable to derive by")
                    .help("name one in a formula, as x in \"x^2\"")),
            };
        };
        let mut variables = Vec::new();
        for id in chosen.split(',').map(str::trim) {
            let name =
                known(id, names).map_err(|error| error.in_argument(format!("--wrt {chosen}")))?;
            if variables.contains(&name) {
                return Err(Error::new(format!("the variable `{id}` is named twice"))
                    .in_argument(format!("--wrt {chosen}")));
            }
            variables.push(name);
        }
        Ok(variables)
    }

    /// The outputs, planned.
    fn outputs(&self) -> Result<Outputs> {
        if let (Some(path), None) = (self.files.workbook()?, &self.at) {
            return Err(Error::new("a workbook shows the derivatives at a point")
                .in_argument(format!("-o {}", path.display()))
                .help("give a point to start from: --at x=1,y=2"));
        }
        self.files.plan(&[])
    }

    fn write(
        &self,
        derivatives: &Derivatives,
        at: Option<&AtPoint>,
        outputs: &mut Outputs,
    ) -> Result<()> {
        let formulas: Vec<String> = derivatives.functions.iter().map(Expr::to_string).collect();
        let title = if self.hessian { "Jacobian and Hessian" } else { "Jacobian" };
        if let (Some(path), Some(at)) = (&self.files.output, at) {
            let mut workbook = xlsx::derivatives(derivatives, at)?;
            let about = About { title, subject: &formulas.join(", "), properties: &[] };
            outputs.stage_workbook(path, &mut workbook, &about)?;
        }
        if let Some(path) = &self.files.report {
            let page = html::derivatives(derivatives, at)?;
            outputs.stage(path, |writer| writer.write_all(page.as_bytes()))?;
        }
        Ok(())
    }
}

/// Refuses `prev.`, which only means something in a trace.
fn check_names(tree: &Expr<Name>, name: &str, text: &str) -> Result<()> {
    let above = tree.names().into_iter().find(|one| one.previous);
    let Some(above) = above.map(Name::to_string) else { return Ok(()) };
    let start = text.find(&above).unwrap_or_default();
    Err(Error::new("`prev.` means the row above in a trace; a formula to derive has no rows")
        .at(Place::Text {
            name: name.to_owned(),
            text: text.to_owned(),
            span: start..start + above.len(),
        })
        .help(format!("write a variable of its own, such as {}", above.replace('.', "_"))))
}

/// The names of all functions, in the order of their first use.
fn names(functions: &[Expr<Name>]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for name in functions.iter().flat_map(Expr::names) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// The variable called `id`.
fn known(id: &str, names: &[Name]) -> Result<Name> {
    names.iter().find(|name| name.id == id).cloned().ok_or_else(|| {
        let ids: Vec<&str> = names.iter().map(|name| name.id.as_str()).collect();
        Error::new(format!("no formula has the variable `{id}`")).help(Error::known_names(id, &ids))
    })
}

/// The point that `x=1,y=2` means, in the order of `names`.
fn point(text: &str, names: &[Name]) -> Result<Vec<(Name, f64)>> {
    let in_argument = |error: Error| error.in_argument(format!("--at {text}"));
    let mut values: Vec<(Name, f64)> = Vec::new();
    for pair in text.split(',') {
        let (name, value) = coordinate(pair, names).map_err(in_argument)?;
        if values.iter().any(|(one, _)| *one == name) {
            return Err(in_argument(Error::new(format!("`{name}` has two values"))));
        }
        values.push((name, value));
    }
    let value_of = |name: &Name| {
        let found = values.iter().find(|(one, _)| one == name).cloned();
        found.ok_or_else(|| {
            in_argument(Error::new(format!("there is no value for `{name}`")))
                .help(format!("add {name}=NUMBER: a point has a value for every variable"))
        })
    };
    names.iter().map(value_of).collect()
}

/// `x=1`, or `x=pi/2`.
fn coordinate(pair: &str, names: &[Name]) -> Result<(Name, f64)> {
    let Some((id, value)) = pair.split_once('=') else {
        return Err(Error::new(format!("`{}` is not NAME=VALUE", pair.trim()))
            .help("write the point as x=1,y=2"));
    };
    let (id, value) = (id.trim(), value.trim());
    let name = known(id, names)?;
    let number = parse(value).ok().and_then(|tree| {
        let unknown = Value::number(f64::NAN);
        evaluate(&tree, &|_: &Name| unknown).get().ok()
    });
    let what = format!("`{value}` is not a number");
    let help = format!("write {id}=1.5, {id}=-2e-3 or {id}=pi/2");
    number.map(|number| (name, number)).ok_or_else(|| Error::new(what).help(help))
}
