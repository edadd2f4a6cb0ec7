//! The parts of a formula, and the formula with others in their places.

use crate::compare::training::terms::{Part, factors, only_cell};
use crate::formula::Operator;
use crate::graph::{Node, Tree};

/// The way to a part: at each step, which part of the part it is.
pub type Path = Vec<usize>;

/// All parts of a formula, each with the way to it.
pub fn parts(root: &Part) -> Vec<(Path, &Part)> {
    let mut open = vec![(Vec::new(), root)];
    let mut found = Vec::new();
    while let Some((path, part)) = open.pop() {
        for (at, inner) in part.parts().into_iter().enumerate() {
            let mut way = path.clone();
            way.push(at);
            open.push((way, inner));
        }
        found.push((path, part));
    }
    found
}

/// The part at the end of a way.
pub fn at_path<'a>(root: &'a Part, path: &[usize]) -> &'a Part {
    path.iter().fold(root, |part, at| part.parts().into_iter().nth(*at).unwrap_or(part))
}

/// Whether a part is a sum or a difference.
pub fn is_sum(part: &Part) -> bool {
    matches!(part, Node::Binary(Operator::Add | Operator::Subtract, ..))
}

/// The formula with another part at the end of the way.
pub fn replaced(root: &Part, path: &[usize], new: &Part) -> Part {
    let mut root = root.clone();
    let mut at = &mut root;
    for step in path {
        match at.parts_mut().into_iter().nth(*step) {
            Some(part) => at = part,
            None => return root,
        }
    }
    *at = new.clone();
    root
}

/// `a*b + c*d*s` as `(a*b + c*d)*s`: the last factors of the last term belong to the whole sum.
pub fn regrouped(operator: Operator, left: &Part, right: &Part) -> Vec<Part> {
    let found = factors(right);
    if found.parts.iter().any(|(_, is_divisor)| *is_divisor) || found.parts.len() < 2 {
        return Vec::new();
    }
    let product = |parts: &[&Part]| {
        let mut parts = parts.iter().map(|part| (*part).clone());
        let first = parts.next();
        first.map(|first| parts.fold(first, |product, one| product.binary(Operator::Multiply, one)))
    };
    let parts: Vec<&Part> = found.parts.iter().map(|(part, _)| *part).collect();
    let numbers: f64 = found.numbers.iter().product();
    let mut regrouped = Vec::new();
    for at in 1..parts.len() {
        let (Some(mut last), Some(rest)) = (product(&parts[..at]), product(&parts[at..])) else {
            continue;
        };
        if numbers != 1.0 {
            last = Node::Number(numbers).binary(Operator::Multiply, last);
        }
        let sum = left.clone().binary(operator, last);
        regrouped.push(sum.binary(Operator::Multiply, rest));
    }
    regrouped
}

/// The terms that a formula's parts would give to another: the formula itself, and the formula
/// without one of its factors.
pub fn terms_of(tree: &Tree) -> Vec<Part> {
    let mut terms = vec![tree.root.clone()];
    for (path, part) in parts(&tree.root) {
        // Factors of the whole product only.
        let mut at = &tree.root;
        let mut is_outer = true;
        for step in &path {
            is_outer &= matches!(at, Node::Binary(Operator::Multiply, ..));
            match at.parts().into_iter().nth(*step) {
                Some(next) => at = next,
                None => is_outer = false,
            }
        }
        if let Node::Binary(Operator::Multiply, left, right) = part
            && is_outer
        {
            terms.push(replaced(&tree.root, &path, left));
            terms.push(replaced(&tree.root, &path, right));
        }
    }
    terms
}

/// `e*y*(1-y)` as `e`, and the slope of a sigmoid that it had, which not every derivative has.
pub fn without_slope(left: &Part, right: &Part) -> Option<(Part, Part)> {
    let Node::Binary(Operator::Multiply, rest, output) = left else { return None };
    let Node::Binary(Operator::Subtract, one, other) = right else { return None };
    let is_slope = **one == Node::Number(1.0) && only_cell(other) == Some(only_cell(output)?);
    let slope = output.as_ref().clone().binary(Operator::Multiply, right.clone());
    is_slope.then(|| (rest.as_ref().clone(), slope))
}

/// `-(x^2)` for `-x^2`, which a spreadsheet takes for `(-x)^2`; with the power alone.
pub fn with_sign(part: &Part) -> Option<(Part, Part)> {
    let Node::Binary(Operator::Power, base, exponent) = part else { return None };
    let Node::Negate(base) = base.as_ref() else { return None };
    let power = Node::Binary(Operator::Power, base.clone(), exponent.clone());
    Some((power.clone(), Node::Negate(Box::new(power))))
}

/// A formula in which no power has lost its sign, and the first of those that had; none where none had.
pub fn with_signs(tree: &Tree) -> Option<(Part, Tree)> {
    let mut root = tree.root.clone();
    let mut first = None;
    // The places stay the same: what is turned has one more node above what is in it.
    while let Some((path, (lost, new))) =
        parts(&root).into_iter().find_map(|(path, part)| Some((path, with_sign(part)?)))
    {
        root = replaced(&root, &path, &new);
        first.get_or_insert(lost);
    }
    first.map(|lost| (lost, Tree { home: tree.home, root }))
}

/// Whether a part calls a function other than a condition.
pub fn has_function(part: &Part) -> bool {
    matches!(part, Node::Call(function, _) if function.name != "IF")
        || part.parts().into_iter().any(has_function)
}

/// Whether a part is the sum or the difference of two cells: parentheses stand round it.
pub fn is_pair(part: &Part) -> bool {
    is_sum(part) && part.parts().into_iter().all(|one| only_cell(one).is_some())
}

/// Whether something is subtracted from itself, or divided by itself: nobody writes that.
pub fn cancels(part: &Part) -> bool {
    let is_same = matches!(part, Node::Binary(Operator::Subtract | Operator::Divide, left, right)
        if left == right);
    is_same || part.parts().into_iter().any(cancels)
}

/// Whether a part is a product or a quotient.
pub fn is_product(part: &Part) -> bool {
    matches!(part, Node::Binary(Operator::Multiply | Operator::Divide, ..))
}
