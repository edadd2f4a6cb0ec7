"""The step explorer of the report, driven in a browser and held against the workbook's cells."""

import json

from workbook import Workbook, address

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
        faults = bench.browser.check("explorer.cjs", page, wanted, *bench.shots(f"explorer-{name}"))
        bench.check(f"explorer: {name}", not faults, "; ".join(faults[:5]))
