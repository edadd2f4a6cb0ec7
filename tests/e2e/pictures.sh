#!/usr/bin/env bash
# Makes the pictures of README.md and docs/: the sheet of Adam as LibreOffice prints it, the top of the report, a step in its
# explorer, and the heat map of a sweep's report. GDTRACE is a binary to use instead of building one.
# tools.sh says what must be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p docs/pictures

if [ -z "${GDTRACE:-}" ]; then
  cargo build --quiet --release --bin gdtrace
  GDTRACE=${CARGO_TARGET_DIR:-target}/release/gdtrace
fi
gdtrace=$(realpath "$GDTRACE")

"$gdtrace" run examples/graddes.xlsx -o "$folder/graddes.trace.xlsx" --quiet
soffice "-env:UserInstallation=file://$folder/profile" --headless --convert-to pdf --outdir "$folder" \
  "$folder/graddes.trace.xlsx" >/dev/null
pages=$(pdfinfo "$folder/graddes.trace.pdf" | awk '/^Pages:/ { print $2 }')
for page in $(seq "$pages"); do
  if [ "$(pdftotext -f "$page" -l "$page" "$folder/graddes.trace.pdf" - | head -1)" = Adam ]; then
    # The upper half of the page, without its margins.
    pdftoppm -singlefile -png -r 150 -f "$page" -l "$page" -x 40 -y 50 -W 1680 -H 620 \
      "$folder/graddes.trace.pdf" docs/pictures/adam
  fi
done
picture() { # PAGE HEIGHT NAME
  "${CHROMIUM:-/usr/bin/chromium}" --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
    --disable-background-networking --disable-component-update --disable-sync --disable-quic \
    "--user-data-dir=$folder/chromium" "--window-size=1280,$2" \
    "--screenshot=docs/pictures/$3.png" "file://$folder/$1" 2>/dev/null
}
picture graddes.trace.html 1440 report
NODE_PATH=${GDTRACE_TOOLS:-target/e2e-tools}/node_modules node tests/e2e/picture.cjs "$folder/graddes.trace.html" "#run=adam&step=30" \
  docs/pictures/step.png
cp examples/graddes.xlsx "$folder"
(cd "$folder" && "$gdtrace" sweep graddes.xlsx --optimizers adam --epochs 30 \
  --vary lr=0.01..10:13 --vary beta1=0,0.5,0.9,0.99 --quiet)
picture graddes.sweep.html 1300 sweep
ls -l docs/pictures
