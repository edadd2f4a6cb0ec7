"""Scaled columns: formulas that lead there and back, and everything that reads such a workbook."""

import csv

import recalculate
from bench import NUMBERS_ONLY, OPTIMIZERS, Trace, audit_book, check_page
from workbook import Workbook

# Numbers far apart in size, with a noise that nobody drew: x, y.
HOMES = [(46 + 37 * i % 254, 40000 + 2900 * (46 + 37 * i % 254) + (7919 * i * i) % 90001 - 45000) for i in range(41)]
YEARS = [(1995 + i, round(361.2 + 1.95 * i + (i * i * 31 % 17 - 8) / 10, 2)) for i in range(26)]
TRACES = [((3 + 7 * i % 23) * 1e-7, 0.012 + 0.0053 * (3 + 7 * i % 23) + (i * i % 7 - 3) / 1000) for i in range(12)]
TEMPERATURES = [(-25 + 17 * i % 24, 900 + 31 * (25 - 17 * i % 24) + (i * i % 11 - 5) * 20) for i in range(24)]

RUNS = {
    "homes": (HOMES, ["--scale", "zscore"]),
    "homes-minmax": (HOMES, ["--scale", "minmax", "--until", "rmse < 60000"]),
    "homes-batches": (HOMES, ["--scale", "zscore", "--batch-size", 4, "--shuffle", "--schedule", "cosine"]),
    "homes-until": (HOMES, ["--scale", "zscore", "--until", "prev.b - b < 0.01*prev.rmse", "--epochs", 20]),
    "homes-huber": (HOMES, ["--scale", "zscore", "--loss", "huber:1"]),
    "homes-curve": (HOMES, ["--scale", "zscore", "--model", "a*x^2 + b*x + c"]),
    "years": (YEARS, []),
    "years-gates": (YEARS, ["--gates", "--optimizers", "sgd,adam"]),
    "traces": (TRACES, []),
    "temperatures": (TEMPERATURES, ["--scale", "zscore"]),
}
# Those whose files differ in kind, which other programs and a browser look at too, as that takes longer than all else.
LOOKED_AT = ["homes-until", "homes-curve", "years-gates"]


def source(bench, name, rows):
    path = bench.folder / f"{name}.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("x", "y"), *rows])
    return path


def scaling(bench):
    """The workbook recalculates, compares clean and follows its data; the report stands alone and fits."""
    check = bench.check
    for name, (rows, options) in RUNS.items():
        book, said, _ = bench.run(f"scaled-{name}", *options, source=source(bench, name, rows))
        check(f"scaled: {name}, the columns are scaled", said["scale"] is not None, str(said["scale"]))
        check(f"scaled: {name}, LibreOffice agrees", recalculate.check(bench.office, book))
        compared = bench.gdtrace("compare", book)
        check(f"scaled: {name}, compares clean", compared.returncode == 0, compared.stdout[-500:])
        if name in LOOKED_AT:
            check_page(bench, f"scaled: {name}, the report stands alone and fits", bench.folder / said["outputs"]["report"], f"scaled-{name}")
            audit_book(bench, book)
    # One y changed in the data; the fresh run has the rates of the first.
    fixed = ["--scale", "zscore", "--optimizers", ",".join(OPTIMIZERS)]
    for run in bench.run("scaled-rates", source=source(bench, "rates", HOMES))[1]["optimizers"]:
        fixed += ["--set", f"{run['name']}.lr={run['hyper']['lr']}"]
    book, _, _ = bench.run("scaled-before", *fixed, source=source(bench, "before", HOMES))
    changed = [*HOMES[:4], (HOMES[4][0], 300000), *HOMES[5:]]
    fresh, _, _ = bench.run("scaled-after", *fixed, source=source(bench, "after", changed))
    data = Workbook(book).sheets["data"]
    row = next(row for row, cells in data.rows.items() if cells.get(1) == 5)
    check("scaled: a changed y is followed", recalculate.check_change(
        bench.office, book, [(f"data!C{row}", 300000)], fresh, numbers_only=NUMBERS_ONLY,
        only_sheets=[*OPTIMIZERS, "epochs"]))
    trace = Trace(Workbook(book), "sgd")
    check("scaled: the trace looks up the scaled columns",
          abs(trace.value(1, "x")) < 10 and abs(trace.value(1, "y")) < 10, str(trace.value(1, "y")))
