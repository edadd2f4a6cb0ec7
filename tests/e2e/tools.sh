#!/usr/bin/env bash
# Installs what the end-to-end checks need, each only where it is missing: LibreOffice Calc with python3-uno,
# Chromium, poppler, Java and Node.js from Debian; openpyxl, openxml-audit, XlsxWriter, numpy, DuckDB, Polars,
# pandas, pyarrow, maturin, pytest, nbclient and ipykernel in a virtual environment and playwright-core, axe-core and the Nu HTML checker, both under
# target/e2e-tools (or the folder given); Dask and Spark in a virtual environment of their own.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=${1:-target/e2e-tools}

packages=()
command -v soffice >/dev/null || packages+=(libreoffice-calc)
/usr/bin/python3 -c 'import uno' 2>/dev/null || packages+=(python3-uno)
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || packages+=(chromium fonts-liberation)
# Pages are checked in wider fonts than their own, too.
[ -d /usr/share/fonts/truetype/dejavu ] || packages+=(fonts-dejavu-core)
command -v pdftoppm >/dev/null || packages+=(poppler-utils)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
command -v java >/dev/null || packages+=(default-jre-headless)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if [ ${#packages[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"
fi

mkdir -p "$tools"
if ! "$tools/venv/bin/python" -c 'import openpyxl, openxml_audit, numpy, xlsxwriter, duckdb, polars, pandas, pyarrow, maturin, pytest, nbclient, ipykernel' 2>/dev/null; then
  rm -rf "$tools/venv"
  python3 -m venv "$tools/venv"
  # Pinned: the audit's rules grow, and a new rule should come with a look, not with a red build.
  "$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check openpyxl==3.1.5 openxml-audit==0.8.0 \
    xlsxwriter==3.2.5 numpy duckdb polars pandas pyarrow maturin==1.16.0 pytest nbclient ipykernel
fi
# The clusters of examples/cluster, apart from the other tools: they bring much with them.
if ! "$tools/cluster/bin/python" -c 'import distributed, pyspark' 2>/dev/null; then
  rm -rf "$tools/cluster"
  python3 -m venv "$tools/cluster"
  "$tools/cluster/bin/python" -m pip install --quiet --disable-pip-version-check distributed==2026.8.0 pyspark==4.3.0
fi
if [ ! -d "$tools/node_modules/playwright-core" ] || [ ! -d "$tools/node_modules/axe-core" ] \
  || [ ! -f "$tools/node_modules/vnu-jar/build/dist/vnu.jar" ]; then
  npm install --prefix "$tools" --no-save --no-audit --no-fund --silent playwright-core@1 axe-core@4.14.1 vnu-jar@26.9.27
fi
