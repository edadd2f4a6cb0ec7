#!/usr/bin/env bash
# Hands changed files to the program for an hour (or so many seconds) on all processors, and prints how many cases of
# each target that were and what was found: hour.sh [SECONDS [SEED]]. docs/robustness.md has what was found so far.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-3600}
export GDTRACE_FUZZ_SECONDS=$((seconds * $(nproc))) GDTRACE_FUZZ_SEED=${2:-$(date +%s)}
echo "seed $GDTRACE_FUZZ_SEED, $seconds seconds on $(nproc) processors"
exec nice -n 10 cargo test --locked --test fuzz no_changed_file -- --nocapture
