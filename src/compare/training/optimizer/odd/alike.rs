//! Formulas that are made alike, whatever they refer to, or that give the same.

use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::terms::{Part, is_made_alike};
use crate::graph::{Node, Tree};

/// Whether two formulas give the same numbers at all invented points.
pub(super) fn give_the_same(case: &Case, one: &Tree, other: &Tree) -> bool {
    case.ground.invented.points.iter().all(|at| {
        let number = |tree: &Tree| case.ground.graph.evaluate_tree(tree, at).number();
        number(one).zip(number(other)).is_some_and(|(one, other)| agrees(one, other))
    })
}

/// Whether a formula is the other one with numbers in the place of some references.
pub(super) fn has_numbers_for(one: &Part, other: &Part) -> bool {
    match (one, other) {
        (Node::Number(_), Node::Leaf(_)) | (Node::Leaf(_), Node::Leaf(_)) => true,
        (Node::Number(one), Node::Number(other)) => one == other,
        _ => {
            let mut parts = one.parts().into_iter().zip(other.parts());
            is_made_alike(one, other) && parts.all(|(one, other)| has_numbers_for(one, other))
        }
    }
}
