//! What the fuzz target does, without a fuzzer: the parser gets its corpus, mutations of it and
//! random texts, and neither panics nor hangs.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::common::cases::{cases, times};
use gdtrace::formula::parse;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Pieces of formulas, so that random texts get further than their first character.
const PIECES: [&str; 40] = [
    "x",
    "y",
    "alpha_1",
    "prev.",
    "prev.S",
    "1",
    "2.5",
    "1e-3",
    "1e",
    ".",
    "..",
    "+",
    "-",
    "*",
    "/",
    "^",
    "(",
    ")",
    "(",
    ")",
    ",",
    "if(",
    "sqrt(",
    "max(",
    "sin(",
    "softplus(",
    "pi",
    "e",
    "<",
    "<=",
    ">",
    "=",
    "<>",
    " ",
    "\t",
    "é",
    "∂",
    "\u{0}",
    "_",
    "9",
];

fn check(text: &str) {
    match parse(text) {
        Ok(tree) => {
            let written = tree.to_string();
            if let Ok(again) = parse(&written) {
                assert_eq!(again.to_string(), written, "{text:?}");
            }
        }
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "{text:?}: {error:?}");
            assert!(!error.message.is_empty());
        }
    }
}

fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/formula");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut texts: Vec<String> =
        files.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into()).collect();
    texts.sort();
    texts
}

#[test]
fn the_corpus_and_its_mutations_do_no_harm() {
    let corpus = corpus();
    assert!(corpus.len() >= 15);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for text in &corpus {
        check(text);
        let characters: Vec<char> = text.chars().collect();
        for _ in 0..cases(500) {
            let mut mutated = characters.clone();
            let at = random.random_range(0..mutated.len());
            let piece = PIECES[random.random_range(0..PIECES.len())];
            let removed = random.random_range(0..2.min(mutated.len() - at) + 1);
            mutated.splice(at..at + removed, piece.chars());
            check(&mutated.into_iter().collect::<String>());
        }
    }
}

#[test]
fn random_texts_do_no_harm() {
    let began = Instant::now();
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..cases(100_000) {
        let length = random.random_range(1..30);
        let pieces = (0..length).map(|_| PIECES[random.random_range(0..PIECES.len())]);
        check(&pieces.collect::<String>());
    }
    assert!(began.elapsed() < Duration::from_secs(120) * times(), "{:?}", began.elapsed());
}

#[test]
fn long_and_deep_texts_end_quickly() {
    let began = Instant::now();
    for piece in PIECES {
        check(&piece.repeat(100_000));
    }
    for (open, close) in [("(", ")"), ("sin(", ")"), ("if(1<", ",2,3)"), ("-(", ")"), ("2^(", ")")]
    {
        check(&format!("{}x{}", open.repeat(5000), close.repeat(5000)));
    }
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}
