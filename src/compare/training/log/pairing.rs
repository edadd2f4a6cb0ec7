//! Which column of a log is which weight of a model: by their names, or by the order of a layer's
//! weights and its bias where that leaves no choice.

use super::headers::{Meaning, meaning, plain};
use crate::circuit::Model;
use crate::formula::{Expr, Name, Operator, operands};

/// Finds the column of each weight; `said` has headers with the weights that they are.
///
/// # Errors
/// The weights that have no column.
pub(super) fn pair(
    headers: &[String],
    model: &Model,
    said: &[(String, String)],
) -> Result<Vec<usize>, Vec<String>> {
    let mut columns: Vec<Option<usize>> = vec![None; model.weights.len()];
    for (header, weight) in said {
        let at = model.weights.iter().position(|one| one == weight);
        let column = headers.iter().position(|one| same(one.trim(), header.trim()));
        if let (Some(at), Some(column)) = (at, column) {
            columns[at] = Some(column);
        }
    }
    // What is written alike goes before what only sounds alike.
    by_name(&mut columns, headers, model, |header, weight| header.trim() == weight);
    by_name(&mut columns, headers, model, |header, weight| same(header.trim(), weight));
    by_name(&mut columns, headers, model, |header, weight| key(header) == key(weight));
    by_name(&mut columns, headers, model, |header, weight| key(last(header)) == key(weight));
    if columns.iter().any(Option::is_none) {
        by_order(&mut columns, headers, model);
    }
    let missing = columns.iter().zip(&model.weights).filter(|(column, _)| column.is_none());
    let missing: Vec<String> = missing.map(|(_, weight)| weight.clone()).collect();
    match missing.is_empty() {
        true => Ok(columns.into_iter().flatten().collect()),
        false => Err(missing),
    }
}

/// The headers that may be weights.
pub fn candidates(headers: &[String]) -> Vec<usize> {
    let is_one = |at: &usize| matches!(meaning(&headers[*at]), Meaning::Other(_));
    (0..headers.len()).filter(is_one).collect()
}

fn by_name(
    columns: &mut [Option<usize>],
    headers: &[String],
    model: &Model,
    is_called: impl Fn(&str, &str) -> bool,
) {
    for (at, weight) in model.weights.iter().enumerate() {
        if columns[at].is_some() {
            continue;
        }
        let is_free = |column: &usize| !columns.contains(&Some(*column));
        let called = (0..headers.len()).filter(|column| is_called(&headers[*column], weight));
        // Two columns of one name are no name: biases of two layers.
        let called: Vec<usize> = called.filter(is_free).collect();
        if let [only] = called[..] {
            columns[at] = Some(only);
        }
    }
}

/// Pairs the weights and the bias of a single layer: those that multiply something in the order of
/// the formula, the one that is only added with the bias.
fn by_order(columns: &mut [Option<usize>], headers: &[String], model: &Model) {
    let free: Vec<usize> =
        candidates(headers).into_iter().filter(|one| !columns.contains(&Some(*one))).collect();
    let open: Vec<usize> = (0..columns.len()).filter(|at| columns[*at].is_none()).collect();
    let layer = |at: &usize| headers[*at].trim().rsplit_once(['.', '/']).map(|(layer, _)| layer);
    let is_one_layer = free.windows(2).all(|pair| layer(&pair[0]) == layer(&pair[1]));
    if free.len() != open.len() || !is_one_layer {
        return;
    }
    let (biases, kernels): (Vec<usize>, Vec<usize>) =
        free.iter().partition(|at| is_bias(&headers[**at]));
    let (added, multiplied): (Vec<usize>, Vec<usize>) =
        open.iter().partition(|at| is_bias_of(model, &model.weights[**at]));
    let is_clear = biases.len() == added.len()
        && biases.len() <= 1
        && kernels.iter().all(|at| is_kernel(&headers[*at]));
    if is_clear {
        let pairs = added.iter().zip(&biases).chain(multiplied.iter().zip(&kernels));
        pairs.for_each(|(at, column)| columns[*at] = Some(*column));
    }
}

/// Whether a weight is only added to what a unit weighs.
fn is_bias_of(model: &Model, weight: &str) -> bool {
    let has = |formula: &Expr<Name>| formula.has_name(|name| name.id == weight);
    let formulas = model.outputs.iter().map(|one| &one.formula).filter(|one| has(one));
    formulas.into_iter().all(|formula| is_only_added(formula, weight))
}

fn is_bias(header: &str) -> bool {
    let key = key(last(header));
    key.starts_with("bias") || key.starts_with("intercept")
}

fn is_kernel(header: &str) -> bool {
    let key = key(last(header));
    ["weight", "kernel", "coef", "slope"].iter().any(|word| key.starts_with(word))
}

/// Whether a weight stands in sums alone.
fn is_only_added(formula: &Expr<Name>, weight: &str) -> bool {
    let is_weight = |part: &Expr<Name>| matches!(part, Expr::Name(name) if name.id == weight);
    let is_sum = matches!(formula, Expr::Binary(Operator::Add | Operator::Subtract, ..));
    operands(formula)
        .into_iter()
        .all(|part| if is_weight(part) { is_sum } else { is_only_added(part, weight) })
}

/// Whether two names are the same but for their case.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// What stands behind the names of modules: `weight[0, 1]` of `fc.weight[0, 1]`.
fn last(header: &str) -> &str {
    header.trim().rsplit(['.', '/', ':']).next().unwrap_or_default()
}

/// Letters and digits alone: `w[0]` and `w_0` are one name.
fn key(text: &str) -> String {
    plain(&text.to_lowercase()).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Loss;

    fn paired(headers: &str, formula: &str, said: &[(&str, &str)]) -> Result<Vec<usize>, String> {
        let headers: Vec<String> = headers.split(';').map(str::to_owned).collect();
        let (formula, _) = Model::read(formula).unwrap();
        let model = Model::new(formula, Loss::squared().unwrap(), &["x", "x1", "x2"]).unwrap();
        let said: Vec<(String, String)> =
            said.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect();
        pair(&headers, &model, &said).map_err(|missing| missing.join(","))
    }

    #[test]
    fn weights_are_found_by_their_names() {
        assert_eq!(paired("step;b;a;loss", "a*x + b", &[]), Ok(vec![2, 1]));
        assert_eq!(paired("Step;W;B", "w*x + b", &[]), Ok(vec![1, 2]));
        assert_eq!(paired("A;a", "A*x + a", &[]), Ok(vec![0, 1]));
        assert_eq!(paired("lr;w[0];w[1];b.value", "w0*x1 + w1*x2 + b", &[]), Ok(vec![1, 2, 3]));
        assert_eq!(paired("net.w;net.b", "w*x + b", &[]), Ok(vec![0, 1]));
        // A name that mostly means something else is a weight where the model has it.
        assert_eq!(paired("alpha;beta;eta", "alpha*x + beta", &[]), Ok(vec![0, 1]));
        assert_eq!(paired("slope;b", "a*x + b", &[("Slope", "a")]), Ok(vec![0, 1]));
    }

    #[test]
    fn a_layer_is_paired_by_its_order() {
        let plane = "w1*x1 + w2*x2 + b";
        assert_eq!(paired("weight[0, 0];weight[0, 1];bias[0]", plane, &[]), Ok(vec![0, 1, 2]));
        assert_eq!(paired("fc.bias[0];fc.weight[0, 0]", "a*x + b", &[]), Ok(vec![1, 0]));
        assert_eq!(paired("fc.weight;fc.bias", "b + a*x", &[]), Ok(vec![1, 0]));
    }

    #[test]
    fn what_leaves_a_choice_is_not_paired() {
        let neuron = "v*tanh(w*x + b) + c";
        let layers = "0.weight[0, 0];0.bias[0];2.weight[0, 0];2.bias[0]";
        assert_eq!(paired(layers, neuron, &[]), Err("v,w,b,c".to_owned()));
        assert_eq!(paired("p;q", "a*x + b", &[]), Err("a,b".to_owned()));
        assert_eq!(paired("a;q;r", "a*x + b", &[]), Err("b".to_owned()));
    }
}
