//! The page's script, and its hash for the security policy, which lets nothing else run.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::markup::Markup;

/// The parts of the script, in their order: the first opens a scope that the last closes.
const PARTS: [&str; 5] = [
    include_str!("../../../templates/js/core.js"),
    include_str!("../../../templates/js/charts.js"),
    include_str!("../../../templates/js/explorer.js"),
    include_str!("../../../templates/js/parts.js"),
    include_str!("../../../templates/js/start.js"),
];

/// The whole script.
pub fn script() -> Markup {
    Markup::trusted(PARTS.concat())
}

/// What the security policy says of scripts: `'sha256-...'`.
pub fn source() -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(PARTS.concat())))
}
