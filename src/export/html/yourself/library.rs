//! A run as a program that leaves gradients and steps to a library, so that nothing of this
//! program's own formulas is in it but the loss of a sample.

use super::names::Names;
use super::samples::Samples;
use crate::formula::{Expr, Python, python};
use crate::optimizer::Product;
use crate::sheet::{InputKind, Ref, Sheet, Weight};
use crate::trace::Run;
use crate::value::number_text;

/// The library that computes `run`, and the program; otherwise the reason why none does.
pub fn program(run: &Run, samples: Samples) -> Result<(Product, String), String> {
    let sheet = &run.sheet;
    let Some(library) = run.definition.libraries.first() else {
        return Err("No library that is known here has the optimizer in this very form.".into());
    };
    if sheet.weights.iter().any(|weight| weight.carried != weight.next) {
        return Err("No library loses the last update of each epoch, so NumPy has to do.".into());
    }
    let title = library.product.title();
    let value = |name: &str| sheet.input(name).map_or(f64::NAN, |index| sheet.inputs[index].value);
    let Some(made_with) = library.expression(&value) else {
        return Err(format!("With these settings {title} does something else."));
    };
    let way = Way::new(sheet, library.product)?;
    let mut writer = Writer::new(run, samples, way, made_with);
    let code = match library.product {
        Product::PyTorch => writer.torch(),
        Product::Keras => writer.jax("import keras\n", true),
        Product::Optax => writer.jax("import optax\n", false),
    };
    Ok((library.product, code))
}

/// How a run is trained, as far as a program has to do it beside its library.
struct Way {
    /// λ/(2n)·Σw² as a number and the weights in the sum.
    penalty: Option<(f64, Vec<usize>)>,
    /// The decoupled decay and its weights, for an optimizer without one of its own.
    decay: Option<(f64, Vec<usize>)>,
    /// The column with the scheduled learning rate.
    schedule: Option<usize>,
}

impl Way {
    fn new(sheet: &Sheet, product: Product) -> Result<Self, String> {
        let title = product.title();
        let training = |id: &str| {
            let found = sheet.inputs.iter().enumerate();
            let mut found =
                found.filter(|(_, one)| one.kind == InputKind::Training && one.id == id);
            found.next().map(|(index, one)| (index, one.value))
        };
        if training("clip").is_some() {
            return Err(format!(
                "{title} clips gradients in a way of its own (it adds a small number to the norm), so NumPy has to do."
            ));
        }
        let schedule = sheet.column("lr_t");
        if schedule.is_some() && product != Product::PyTorch {
            return Err(format!(
                "A learning rate that moves is not told to {title} here, so NumPy has to do."
            ));
        }
        if schedule.is_some_and(|column| !goes_by_steps(sheet, column)) {
            return Err(
                "The schedule looks at what the optimizer remembers, which no library's does."
                    .into(),
            );
        }
        let all = 0..sheet.weights.len();
        let penalized =
            |index: &usize| sheet.column(&format!("g_{}", sheet.weights[*index].name)).is_some();
        let penalty = training("l2").map(|(_, l2)| (l2, all.clone().filter(penalized).collect()));
        let decay = training("weight_decay").map(|(input, decay)| {
            let shrinks = |index: &usize| {
                let column = sheet.column(&format!("decayed_{}", sheet.weights[*index].name));
                column.is_some_and(|column| uses(&sheet.columns[column].formula, Ref::Input(input)))
            };
            (decay, all.clone().filter(shrinks).collect())
        });
        // A decay of the optimizer's own is for all weights in a library.
        let own =
            sheet.input("decay").filter(|own| sheet.inputs[*own].kind == InputKind::Hyperparameter);
        let spared = own.is_some_and(|own| {
            let own_end = |weight: &str| format!("_{weight}");
            let decays = |one: &Weight| {
                sheet.columns.iter().enumerate().any(|(at, column)| {
                    let is_its = at == one.next || column.id.ends_with(&own_end(&one.name));
                    is_its && uses(&column.formula, Ref::Input(own))
                })
            };
            !sheet.weights.iter().all(decays)
        });
        if spared {
            return Err(
                "Only some of the weights decay, which is not told to a library here.".into()
            );
        }
        Ok(Way { penalty, decay, schedule })
    }
}

fn uses(formula: &Expr<Ref>, reference: Ref) -> bool {
    formula.has_name(|name| *name == reference)
}

/// Whether a column depends on nothing but the number of the update and on inputs.
fn goes_by_steps(sheet: &Sheet, column: usize) -> bool {
    let step = sheet.column("step");
    sheet.columns[column].formula.names().into_iter().all(|name| match *name {
        Ref::Input(_) => true,
        Ref::Column(column) => Some(column) == step,
        _ => false,
    })
}

struct Writer<'a> {
    run: &'a Run,
    sheet: &'a Sheet,
    samples: Samples<'a>,
    way: Way,
    made_with: String,
    weights: Vec<String>,
    data: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(run: &'a Run, samples: Samples<'a>, way: Way, made_with: String) -> Self {
        let (sheet, mut names) = (&run.sheet, Names::default());
        for own in [
            "n", "t", "epoch", "first", "batch", "samples", "loss", "schedule", "w", "state",
            "steps", "slopes", "update", "gradient",
        ] {
            names.reserve(own);
        }
        let data = sheet.data.iter().map(|name| names.of(name)).collect();
        let weights = sheet.weights.iter().map(|weight| names.of(&weight.name)).collect();
        Writer { run, sheet, samples, way, made_with, weights, data }
    }

    /// The data as arrays that `array` makes.
    fn arrays(&self, array: &str, dtype: &str) -> String {
        let mut out = self.samples.opening();
        for (index, (id, name)) in self.sheet.data.iter().zip(&self.data).enumerate() {
            let values = self.samples.column(index, id);
            out.push_str(&format!("all_{name} = {array}({values}, dtype={dtype})\n"));
            out.push_str(&self.samples.scaling(index, &format!("all_{name}")));
        }
        if let Some(order) = self.samples.order(self.run.rows) {
            out.push_str(&format!("order = {order}\n"));
        }
        out.push_str(&format!("n = {}\n", self.count()));
        out
    }

    fn count(&self) -> usize {
        self.sheet.inputs[self.sheet.input_of(InputKind::Samples)].value as usize
    }

    fn start(&self) -> impl Iterator<Item = String> {
        let values = self.sheet.weights.iter().map(|one| self.sheet.inputs[one.start].value);
        values.map(super::names::repr)
    }

    /// The loss of a sample.
    fn loss(&self, library: Python) -> String {
        python(&self.sheet.sample_loss, library, &|name: &Ref| match *name {
            Ref::Data(column) => self.data[column].clone(),
            Ref::Input(input) => {
                let weight = self.sheet.weights.iter().position(|one| one.start == input);
                let value = || number_text(self.sheet.inputs[input].value);
                weight.map_or_else(value, |weight| self.weights[weight].clone())
            }
            _ => String::new(),
        })
    }

    /// What the penalty adds to the loss of a batch.
    fn penalty(&self) -> String {
        let Some((l2, weights)) = &self.way.penalty else { return String::new() };
        let squares: Vec<String> =
            weights.iter().map(|weight| format!("{}**2", self.weights[*weight])).collect();
        format!(" + {} / (2 * n) * ({})", number_text(*l2), squares.join(" + "))
    }

    /// The loops over epochs and batches, down to the samples of a batch.
    fn loops(&self, array: &str) -> String {
        let size = self.sheet.batch_size().unwrap_or(1);
        let epochs = self.run.epochs();
        let mut out = format!("for epoch in range(1, {}):\n", epochs + 1);
        let samples = match self.samples.order(0) {
            Some(_) => {
                out.push_str(&format!(
                    "    samples = {array}(order[(epoch - 1) * n:epoch * n]) - 1\n"
                ));
                format!("samples[first:first + {size}]")
            }
            None => format!("slice(first, first + {size})"),
        };
        out.push_str(&format!(
            "    for first in range(0, n, {size}):\n        batch = {samples}\n"
        ));
        out
    }

    /// The samples of a batch, as arguments.
    fn batch(&self) -> String {
        let columns: Vec<String> =
            self.data.iter().map(|one| format!("all_{one}[batch]")).collect();
        columns.join(", ")
    }

    /// The learning rate as it was set.
    fn lr(&self) -> String {
        let lr = self.sheet.input("lr").map_or(f64::NAN, |index| self.sheet.inputs[index].value);
        number_text(lr)
    }

    /// The schedule as a function of the update's number.
    fn rate(&self, column: usize) -> String {
        let rate =
            python(&self.sheet.columns[column].formula, Python::NumPy, &|name: &Ref| match *name {
                Ref::Input(input) => number_text(self.sheet.inputs[input].value),
                _ => "t".into(),
            });
        format!("\n\ndef rate(t):\n    return {rate}\n\n\n")
    }

    fn torch(&mut self) -> String {
        let dtype = "torch.float64";
        let numpy = if self.way.schedule.is_some() { "import numpy as np\n" } else { "" };
        let mut out = format!("{numpy}import torch\n{}\n", self.samples.import());
        out.push_str(&format!("torch.set_default_dtype({dtype})\n"));
        out.push_str(&self.arrays("torch.tensor", dtype));
        out.push('\n');
        for (name, start) in self.weights.iter().zip(self.start()) {
            out.push_str(&format!("{name} = torch.tensor({start}, requires_grad=True)\n"));
        }
        let list = self.weights.join(", ");
        out.push_str(&format!("weights = [{list}]\noptimizer = {}\n", self.made_with));
        if let Some(column) = self.way.schedule {
            out.push_str(&self.rate(column));
            out.push_str(&format!(
                "schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: rate(done + 1) / {})\nt = 0\n",
                self.lr()
            ));
        }
        out.push_str(&format!(
            "\n\ndef loss_of({}):\n    return {}\n\n\n",
            self.data.join(", "),
            self.loss(Python::Torch)
        ));
        out.push_str(&self.loops("torch.tensor"));
        let (batch, penalty) = (self.batch(), self.penalty());
        out.push_str(&format!(
            "        loss = loss_of({batch}).mean(){penalty}\n        optimizer.zero_grad()\n        loss.backward()\n"
        ));
        let mut lr = self.lr();
        if self.way.schedule.is_some() {
            out.push_str("        t += 1\n");
            lr = "rate(t)".into();
        }
        if let Some((decay, weights)) = &self.way.decay {
            out.push_str("        with torch.no_grad():\n");
            for weight in weights {
                let (name, decay) = (&self.weights[*weight], number_text(*decay));
                out.push_str(&format!("            {name} *= 1 - {lr} * {decay}\n"));
            }
        }
        out.push_str("        optimizer.step()\n");
        if self.way.schedule.is_some() {
            out.push_str("        schedule.step()\n");
        }
        out.push_str("    print(epoch, *[w.item() for w in weights])\n");
        let weights: Vec<String> =
            self.weights.iter().map(|name| format!("{name}.item()")).collect();
        out.push_str(&self.samples.ending(&weights));
        out
    }

    /// For Keras and Optax, which take gradients from elsewhere: from JAX.
    fn jax(&mut self, import: &str, is_keras: bool) -> String {
        let mut out = String::new();
        if is_keras {
            out.push_str("import os\n\nos.environ[\"KERAS_BACKEND\"] = \"jax\"\n");
        }
        let opening = self.samples.import();
        out.push_str(&format!("import jax\nimport jax.numpy as jnp\n{import}{opening}\n"));
        out.push_str("jax.config.update(\"jax_enable_x64\", True)\n");
        if is_keras {
            out.push_str("keras.config.set_floatx(\"float64\")\n");
        }
        out.push_str(&self.arrays("jnp.array", "\"float64\""));
        out.push_str(&format!(
            "\n\ndef loss_of(weights, {}):\n    {}, = weights\n    return jnp.mean({}){}\n\n\n",
            self.data.join(", "),
            self.weights.join(", "),
            self.loss(Python::Jax),
            self.penalty()
        ));
        let variable = if is_keras { "keras.Variable" } else { "jnp.array" };
        let weights: Vec<String> =
            self.start().map(|start| format!("{variable}({start}, dtype=\"float64\")")).collect();
        out.push_str(&format!(
            "weights = [{}]\noptimizer = {}\n",
            weights.join(", "),
            self.made_with
        ));
        if !is_keras {
            out.push_str("state = optimizer.init(weights)\nupdate = jax.jit(optimizer.update)\n");
        }
        out.push_str("slopes = jax.jit(jax.grad(loss_of))\n");
        out.push_str(&self.loops("jnp.array"));
        let values = if is_keras { "[w.value for w in weights]" } else { "weights" };
        out.push_str(&format!("        gradient = slopes({values}, {})\n", self.batch()));
        if let Some((decay, weights)) = &self.way.decay {
            for weight in weights {
                let shrunk = format!("(1 - {} * {})", self.lr(), number_text(*decay));
                let line = match is_keras {
                    true => format!("weights[{weight}].assign(weights[{weight}] * {shrunk})"),
                    false => format!("weights[{weight}] = weights[{weight}] * {shrunk}"),
                };
                out.push_str(&format!("        {line}\n"));
            }
        }
        out.push_str(match is_keras {
            true => "        optimizer.apply(gradient, weights)\n    print(epoch, *[float(w.value) for w in weights])\n",
            false => "        steps, state = update(gradient, state, weights)\n        weights = optax.apply_updates(weights, steps)\n    print(epoch, *[float(w) for w in weights])\n",
        });
        let value = if is_keras { ".value" } else { "" };
        let weights = (0..self.weights.len()).map(|at| format!("float(weights[{at}]{value})"));
        out.push_str(&self.samples.ending(&weights.collect::<Vec<_>>()));
        out
    }
}
