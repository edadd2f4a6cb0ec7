//! How much the random and the exhaustive tests try: `GDTRACE_CASES` times what one who waits for
//! them has the patience for. `.ci/run` raises it.

/// What `GDTRACE_CASES` says, 1 without it.
pub fn times() -> u32 {
    match std::env::var("GDTRACE_CASES") {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("GDTRACE_CASES is no number: {text}")),
        Err(_) => 1,
    }
}

/// So many random cases, where `few` are tried without the variable.
pub fn cases(few: u32) -> u32 {
    few * times()
}
