"""The step explorer of the report, driven in a browser and held against the workbook's cells."""

import json
import os
import subprocess
from pathlib import Path

from workbook import Workbook, address

HERE = Path(__file__).resolve().parent
ROWS = [1, 2, 30, 290]


def cells(book, names):
    """What the workbook has in some rows: {sheet: {step: {cell: [value, formula]}}}."""
    workbook, found = Workbook(book), {}
    for name in names:
        sheet = workbook.sheets[name]
        head = next(row for row in sheet.rows if sheet.value(row, 1) == "step")
        start = head + 1
        width = max(sheet.rows[start + 1])
        wanted = {(start + step, column) for step in ROWS for column in range(1, width + 1)}
        formulas = workbook.formula_texts(name, wanted)
        found[name] = {
            step: {address(start + step, column): [number(sheet.value(start + step, column)),
                                                   formulas[start + step, column]]
                   for column in range(1, width + 1)}
            for step in ROWS}
    return found


def number(value):
    """As JavaScript prints it: whole numbers without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def explorer(bench):
    """Links, slider, keys, buttons and play lead to their steps; numbers and formulas are the workbook's."""
    for name, options in [("graddes", []), ("diverging", ["--set", "sgd.lr=1"])]:
        book, said, _ = bench.run(name, *options)
        page = bench.folder / said["outputs"]["report"]
        wanted = bench.folder / f"explorer-{name}.json"
        wanted.write_text(json.dumps(cells(book, ["sgd", "adam"])), encoding="utf-8")
        shots = []
        if bench.args.screenshots:
            folder = Path(bench.args.screenshots).resolve() / f"explorer-{name}"
            folder.mkdir(parents=True, exist_ok=True)
            shots = [folder]
        done = subprocess.run(["node", HERE / "explorer.cjs", page, wanted, *shots], text=True, capture_output=True,
                              timeout=600, env={**os.environ, "NODE_PATH": str(bench.tools / "node_modules")})
        faults = json.loads(done.stdout) if done.returncode == 0 else [done.stderr.strip()]
        bench.check(f"explorer: {name}", not faults, "; ".join(faults[:5]))
