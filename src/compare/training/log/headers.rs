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
const MARKS: &[&str] = &[
    "grad",
    "gradient",
    "derivative",
    "gradients",
    "grads",
    "gradienten",
    "steigung",
    "ableitung",
    "gradiente",
    "derivada",
    "pente",
    "dérivée",
    "勾配",
    "梯度",
];
/// What leads from such a word to the name.
const JOINTS: &[&str] = &["of ", "nach ", "von ", "de "];
/// What weights stand under, in the logs of trackers and in objects within objects.
const CONTAINERS: &[&str] = &[
    "weights",
    "weight",
    "params",
    "param",
    "parameters",
    "parameter",
    "model",
    "gewichte",
    "gewicht",
];
/// What parts a header.
const SIGNS: &[char] = &['.', '/', ':', ' '];
const RATES: &[&str] =
    &["lr", "learning_rate", "learning rate", "learningrate", "eta", "alpha", "lernrate"];
const LOSSES: &[&str] = &[
    "loss",
    "cost",
    "mse",
    "train_loss",
    "training loss",
    "error",
    "j",
    "verlust",
    "fehler",
    "kosten",
];
const STEPS: &[&str] = &[
    "step",
    "steps",
    "iteration",
    "iter",
    "it",
    "t",
    "epoch",
    "batch",
    "global_step",
    "time",
    "schritt",
    "epoche",
];
/// What is computed of other samples than those of the step.
const HELD_OUT: &[&str] = &["val", "valid", "validation", "eval", "test"];
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

/// Whether a header says error, of a prediction or of all.
pub fn is_error(header: &str) -> bool {
    ["error", "fehler"].contains(&header.trim().to_lowercase().as_str())
}

/// What a header says.
pub fn meaning(header: &str) -> Meaning {
    let text = header.trim().trim_start_matches('_').to_lowercase();
    let words: Vec<&str> = text.split(SIGNS).collect();
    let last = words.last().copied().unwrap_or_default();
    let is_in = |known: &[&str]| known.contains(&text.as_str());
    // A tracker's names begin with what they belong to: `train/loss`, `optimizer.lr`, `lr-Adam`.
    if is_in(RATES) || RATES[..2].contains(&last) || text.starts_with("lr-") {
        return Meaning::Rate;
    }
    if words.len() > 1 && words.iter().any(|word| HELD_OUT.contains(word)) {
        return Meaning::State;
    }
    if is_in(LOSSES) || words.len() > 1 && ["loss", "cost"].contains(&last) || words[0] == "loss" {
        return Meaning::Loss;
    }
    if is_in(STEPS) || ["step", "global_step"].contains(&last) {
        return Meaning::Step;
    }
    if let Some(name) = gradient_of(&text) {
        return Meaning::Gradient(name);
    }
    match words.len() > 1 && words.iter().any(|word| STATES.contains(word)) {
        true => Meaning::State,
        false => Meaning::Other(plain(&text)),
    }
}

/// The weight whose gradient a header names.
fn gradient_of(text: &str) -> Option<String> {
    for (open, close) in [("grad(", ")"), ("∇", ""), ("gradient(", ")"), ("d(", ")"), ("f'(", ")")]
    {
        let name = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        // An index alone is no name: `∇0` belongs to `θ0`.
        if let Some(name) = name.filter(|name| !stem(name).is_empty()) {
            return Some(plain(name));
        }
    }
    // The index may stand behind the mark: `w.grad[0]` belongs to `w[0]`.
    let indexed = || {
        let (before, index) = text.split_at(index_at(text)?);
        Some(plain(&format!("{}{index}", marked(before)?)))
    };
    slope_of(text).or_else(|| marked(text).map(plain)).or_else(indexed)
}

/// Where the index at the end of a name begins: `[0, 3]`, `.0`, `_0`.
fn index_at(text: &str) -> Option<usize> {
    if text.ends_with(']') {
        return text.rfind('[');
    }
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    (name.len() < text.len() && name.ends_with(['.', '_'])).then(|| name.len() - 1)
}

/// The weight of a derivative that is written as such: `∂E/∂w`, `dE/dw`, `dloss/d_w`, `dJ_dw`.
fn slope_of(text: &str) -> Option<String> {
    let top = text.strip_prefix(['∂', 'd'])?;
    let bottom = ["/d_", "/∂", "/d", "_d"]
        .iter()
        .find_map(|bar| top.split_once(bar).filter(|(top, _)| !top.contains(['.', ' '])));
    bottom.map(|(_, name)| name).filter(|name| !name.is_empty()).map(plain)
}

/// The weight of a gradient that is called so: `w.grad`, `grads/w`, `Ableitung nach w`.
fn marked(text: &str) -> Option<&str> {
    for mark in MARKS {
        for sign in ['.', '_', '/', ' ', ':', '-'] {
            let (before, behind) = (format!("{mark}{sign}"), format!("{sign}{mark}"));
            let name = text.strip_suffix(&behind).or_else(|| text.strip_prefix(&before));
            if let Some(name) = name {
                let joint = JOINTS.iter().find_map(|joint| name.strip_prefix(joint));
                return Some(joint.unwrap_or(name));
            }
        }
    }
    None
}

/// The weights whose gradient a header may be by a letter or a word right before the name: `gw`, `dw`, `g_w`,
/// `gradW`.
pub fn short_gradients(header: &str) -> Vec<String> {
    unmarked(header).map(|rest| plain(&rest)).collect()
}

/// The indices of weights whose gradient a header may be by that alone: `g0` for `theta0`, `grad[1]` for
/// `w[1]`.
pub fn indexed_gradients(header: &str) -> Vec<String> {
    unmarked(header).map(|rest| index_alone(&rest).to_owned()).collect()
}

/// An index without what leads to it: `_0`, `.0`.
fn index_alone(text: &str) -> &str {
    text.trim_start_matches(['_', '.', '/', ':', ' ', '-'])
}

/// The index of a weight by which its gradient may be found.
pub fn index_of(weight: &str) -> Option<String> {
    let index = &weight[stem(weight).len()..];
    let is_one = index.starts_with('[') || index.parse::<u32>().is_ok();
    is_one.then(|| index.to_owned())
}

/// A name without the index at its end.
pub fn stem(name: &str) -> &str {
    name.split_once('[')
        .map_or_else(|| name.trim_end_matches(|c: char| c.is_ascii_digit()), |one| one.0)
}

/// Whether a header says that a column is a gradient, and not of what: `grad`, `g`, `dL`, `f'`.
pub fn is_gradient_alone(header: &str) -> bool {
    const ALONE: &[&str] =
        &["dl", "de", "dj", "df", "dloss", "f'", "l'", "∇l", "∇f", "slope", "dydx", "dfdx"];
    let text = header.trim().to_lowercase();
    MARKS.contains(&text.as_str())
        || ALONE.contains(&text.as_str())
        || unmarked(header).any(|rest| rest.is_empty())
}

/// What may be left of a header without a word for a gradient.
fn unmarked(header: &str) -> impl Iterator<Item = String> {
    const SHORT: &[&str] =
        &["gradients", "gradient", "grads", "grad", "d_", "g_", "d", "g", "δ", "∇"];
    let text = header.trim().to_lowercase();
    SHORT.iter().filter_map(move |mark| text.strip_prefix(mark).map(str::to_owned))
}

/// A name without what stands for a weight's value: `w.value`, `weights/w`.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim();
    let text = [".value", "/value", "_value", ".data", ".weight", " value"]
        .iter()
        .find_map(|end| text.strip_suffix(end))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(text);
    let inner = CONTAINERS.iter().find_map(|one| text.strip_prefix(one)?.strip_prefix(SIGNS));
    inner.filter(|rest| !rest.is_empty()).map_or_else(|| text.to_owned(), plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_trackers_say_what_columns_are() {
        let of = |name: &str| name.to_owned();
        assert_eq!(meaning("params/w"), Meaning::Other(of("w")));
        assert_eq!(meaning("weights.fc.bias"), Meaning::Other(of("fc.bias")));
        assert_eq!(meaning("gradients/fc.weight"), Meaning::Gradient(plain("params/fc.weight")));
        assert_eq!(meaning("model/w/grad"), Meaning::Gradient(plain("model/w")));
        assert_eq!(meaning("dJ_dw"), Meaning::Gradient(of("w")));
        assert_eq!(meaning("Ableitung nach w"), Meaning::Gradient(of("w")));
        assert_eq!(meaning("train/loss"), Meaning::Loss);
        assert_eq!(meaning("val/loss"), Meaning::State);
        assert_eq!(meaning("train/lr"), Meaning::Rate);
        assert_eq!(meaning("lr-Adam"), Meaning::Rate);
        assert_eq!(meaning("params.alpha"), Meaning::Other(of("alpha")));
        assert_eq!(meaning("_step"), Meaning::Step);
    }

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
        for (header, weight) in [
            ("w.grad[0]", "w[0]"),
            ("fc.weight.grad[0, 3]", "fc.weight[0, 3]"),
            ("w.grad.2", "w.2"),
            ("w_grad_1", "w_1"),
        ] {
            assert_eq!(meaning(header), Meaning::Gradient(weight.to_owned()), "{header}");
        }
        assert_eq!(meaning("LR"), Meaning::Rate);
        assert_eq!(meaning("w.exp_avg"), Meaning::State);
        assert_eq!(meaning("m/w"), Meaning::State);
        assert_eq!(meaning("fc.bias"), Meaning::Other("fc.bias".to_owned()));
        let is_short =
            |header: &str, name: &str| short_gradients(header).contains(&name.to_owned());
        assert!(is_short("dW", "w") && is_short("gradB", "b") && !is_short("w", "w"));
        let is_indexed = |header: &str, weight: &str| {
            index_of(weight).is_some_and(|index| indexed_gradients(header).contains(&index))
        };
        assert!(is_indexed("g0", "theta0") && is_indexed("grad_1", "w_1"));
        assert!(is_indexed("g.0", "w.0") && is_indexed("∇0", "θ0"));
        assert!(is_gradient_alone("grad") && is_gradient_alone("dL") && !is_gradient_alone("dw"));
        assert!(is_indexed("grad[2]", "w[2]") && !is_indexed("g1", "w0") && !is_indexed("g", "w"));
    }
}
