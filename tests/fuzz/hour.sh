#!/usr/bin/env bash
# Hands changed files to the program for an hour (or so many seconds), and prints how many cases of each
# target that were and what was found: hour.sh [SECONDS [SEED]]. docs/robustness.md has what was found so far.
set -euo pipefail
cd "$(dirname "$0")/../.."
export GDTRACE_FUZZ_SECONDS=${1:-3600} GDTRACE_FUZZ_SEED=${2:-$(date +%s)}
echo "seed $GDTRACE_FUZZ_SEED, $GDTRACE_FUZZ_SECONDS seconds"
exec nice -n 10 cargo test --locked --test fuzz no_changed_file -- --nocapture
