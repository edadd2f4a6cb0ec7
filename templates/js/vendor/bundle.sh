#!/usr/bin/env bash
# Makes d3.js and LICENSES anew beside this script, and minified.js of the pages' own modules above it; or all of them in the
# folder given. The same bytes each time, since package.json names one version of every package. Node.js and npm must be there (tests/e2e/tools.sh installs them); npm may reach the
# network. tests/e2e/scripts.py holds what is committed to what this makes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
output=${1:-$here}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here/package.json" "$folder"
npm install --prefix "$folder" --no-audit --no-fund --no-package-lock --ignore-scripts --silent
node "$here/bundle.mjs" "$folder" "$output/d3.js"
node "$here/minify.mjs" "$folder" "${1:-$here/..}/minified.js"
