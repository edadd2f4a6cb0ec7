//! From what is wrong to why.

use super::Finding;
use super::check::Case;
use super::result::Rule;

/// What is wrong with a training, causes only.
pub(super) fn findings(_case: &mut Case, _rule: Rule) -> Vec<Finding> {
    Vec::new()
}
