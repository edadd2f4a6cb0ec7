#!/usr/bin/env bash
# Makes docs/demo.html anew: the walkthrough's page, as `gdtrace run graddes.xlsx` writes it; instead of leading to the workbook, which
# is not beside it, it says how to get it. GDTRACE is a binary to use instead
# of building one. A test (tests/commands/report.rs) holds the page to what this makes.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ -z "${GDTRACE:-}" ]; then
  cargo build --quiet --bin gdtrace
  GDTRACE=${CARGO_TARGET_DIR:-target}/debug/gdtrace
fi
gdtrace=$(realpath "$GDTRACE")
cp examples/graddes.xlsx "$folder"
(cd "$folder" && "$gdtrace" run graddes.xlsx --quiet)
link='<a href="./graddes.trace.xlsx">graddes.trace.xlsx</a>'
sed -e "s|$link|the workbook that <code>gdtrace run graddes.xlsx</code> writes|" -e 's|"workbook":"./graddes.trace.xlsx"|"workbook":null|' \
  "$folder/graddes.trace.html" > docs/demo.html
