//! The formula parser, with any text: it neither panics nor hangs, and what it reads it reads
//! again from what it writes. `tests/formulas/fuzz_parse.rs` does the same with the corpus and random
//! texts, without a fuzzer.
#![no_main]

use gdtrace::formula::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(tree) => {
            let written = tree.to_string();
            if let Ok(again) = parse(&written) {
                assert_eq!(again.to_string(), written);
            }
        }
        Err(error) => {
            assert!(error.span.start <= error.span.end && error.span.end <= text.len());
            assert!(text.get(error.span.clone()).is_some(), "the place splits a character");
        }
    }
});
