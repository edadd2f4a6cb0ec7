#!/usr/bin/env bash
# Makes the pictures of the README: the sheet of Adam as LibreOffice prints it, and the top of the report.
# tools.sh says what must be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p examples/pictures

cargo run --quiet --release -- run examples/graddes.xlsx -o "$folder/graddes.trace.xlsx" --quiet
soffice "-env:UserInstallation=file://$folder/profile" --headless --convert-to pdf --outdir "$folder" \
  "$folder/graddes.trace.xlsx" >/dev/null
pages=$(pdfinfo "$folder/graddes.trace.pdf" | awk '/^Pages:/ { print $2 }')
for page in $(seq "$pages"); do
  if [ "$(pdftotext -f "$page" -l "$page" "$folder/graddes.trace.pdf" - | head -1)" = Adam ]; then
    # The upper half of the page, without its margins.
    pdftoppm -singlefile -png -r 150 -f "$page" -l "$page" -x 40 -y 50 -W 1680 -H 620 \
      "$folder/graddes.trace.pdf" examples/pictures/adam
  fi
done
"${CHROMIUM:-/usr/bin/chromium}" --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
  --disable-background-networking --disable-component-update --disable-sync --disable-quic \
  "--user-data-dir=$folder/chromium" --window-size=1280,1440 \
  "--screenshot=examples/pictures/report.png" "file://$folder/graddes.trace.html" 2>/dev/null
ls -l examples/pictures
