//! What the columns of a log are, by their headers: `w` and `w.grad`, `grad_b`, `∂E/∂w1`, `lr`, `loss`.

/// What a column is.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// The gradient of the weight with this name.
    Gradient(String),
    /// The learning rate.
    Rate,
    /// The loss.
    Loss,
    /// The number of the step.
    Step,
    /// A state, or something about many weights.
    State,
    /// Something that may be a weight.
    Other(String),
}

/// Words before or behind a weight's name that make it its gradient.
const MARKS: &[&str] = &["grad", "gradient", "derivative", "gradients", "grads"];
/// Words of what an optimizer remembers.
const STATES: &[&str] = &[
    "exp_avg",
    "exp_avg_sq",
    "momentum_buffer",
    "square_avg",
    "momentum",
    "velocity",
    "m",
    "v",
    "mu",
    "nu",
    "sum",
    "acc",
    "accumulator",
    "norm",
    "acc_delta",
    "grad_avg",
    "max_exp_avg_sq",
];

/// What a header says.
pub fn meaning(header: &str) -> Meaning {
    let text = header.trim().to_lowercase();
    match text.as_str() {
        "lr" | "learning_rate" | "learning rate" | "learningrate" | "eta" | "alpha" => {
            return Meaning::Rate;
        }
        "loss" | "cost" | "mse" | "train_loss" | "training loss" | "error" => return Meaning::Loss,
        "step" | "iteration" | "iter" | "t" | "epoch" | "batch" | "global_step" | "time" => {
            return Meaning::Step;
        }
        _ => {}
    }
    if let Some(name) = gradient_of(&text) {
        return Meaning::Gradient(name);
    }
    let mut words = text.split(['.', '/', ':', ' ']);
    match text.contains(['.', '/', ':', ' ']) && words.any(|word| STATES.contains(&word)) {
        true => Meaning::State,
        false => Meaning::Other(plain(&text)),
    }
}

/// The weight whose gradient a header names.
fn gradient_of(text: &str) -> Option<String> {
    for (open, close) in [("grad(", ")"), ("∇", ""), ("gradient(", ")"), ("d(", ")")] {
        if let Some(name) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return Some(plain(name));
        }
    }
    // ∂E/∂w, dE/dw, dloss/db
    if let Some((top, bottom)) = text.split_once('/') {
        let top = top.strip_prefix(['∂', 'd']);
        let bottom = bottom.strip_prefix("d_").or_else(|| bottom.strip_prefix(['∂', 'd']));
        if let (Some(_), Some(name)) = (top, bottom.filter(|name| !name.is_empty())) {
            return Some(plain(name));
        }
    }
    for mark in MARKS {
        for sign in ['.', '_', '/', ' ', ':', '-'] {
            let (before, behind) = (format!("{mark}{sign}"), format!("{sign}{mark}"));
            if let Some(name) = text.strip_suffix(&behind).or_else(|| text.strip_prefix(&before)) {
                return Some(plain(name.trim_start_matches("of ")));
            }
        }
    }
    None
}

/// A gradient's header of one or two letters before the weight's name: `gw`, `dw`, `g_w`, `d_b`.
pub fn short_gradient_of(header: &str, weight: &str) -> bool {
    let text = header.trim().to_lowercase();
    let rest = ["d_", "g_", "d", "g", "δ"].iter().find_map(|mark| text.strip_prefix(mark));
    rest.is_some_and(|rest| plain(rest) == plain(weight))
}

/// A name without what stands for a weight's value: `w.value`, `weight/w`.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim();
    let text = [".value", "/value", "_value", ".data", ".weight", " value"]
        .iter()
        .find_map(|end| text.strip_suffix(end))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(text);
    text.trim_start_matches("weights/").trim_start_matches("param.").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_what_columns_are() {
        let gradients = [
            "w.grad",
            "grad_w",
            "w_grad",
            "∂E/∂w",
            "dE/dw",
            "grad(w)",
            "w/grad",
            "gradient of w",
            "W Gradient",
            "dloss/d_w",
            "grad/w",
        ];
        for header in gradients {
            assert_eq!(meaning(header), Meaning::Gradient("w".to_owned()), "{header}");
        }
        assert_eq!(
            meaning("layer1.weight[0,3].grad"),
            Meaning::Gradient("layer1.weight[0,3]".to_owned())
        );
        assert_eq!(meaning("LR"), Meaning::Rate);
        assert_eq!(meaning("w.exp_avg"), Meaning::State);
        assert_eq!(meaning("m/w"), Meaning::State);
        assert_eq!(meaning("fc.bias"), Meaning::Other("fc.bias".to_owned()));
        assert!(short_gradient_of("dW", "w") && short_gradient_of("g_b", "b"));
        assert!(!short_gradient_of("w", "w"));
    }
}
