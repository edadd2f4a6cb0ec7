"""The command sweep."""

import subprocess

import recalculate
from bench import EXAMPLE, audit_book, check_page, close, digest, print_book, strict_json
from workbook import Workbook

SWEEPS = {
    "curves": ["--vary", "lr=1e-6..1e-2:25"],
    "curve": ["--vary", "lr=1e-6..0.1:21", "--optimizers", "sgd"],
    "maps": ["--vary", "lr=1e-6..1e-2:9", "--vary", "beta=0.8,0.9,0.95"],
    "slices": ["--vary", "lr=0.01..10:13", "--vary", "beta1=0,0.5,0.9,0.99", "--vary", "beta2=0.9,0.99,0.999",
               "--epochs", "30"],
    "batches": ["--vary", "batch-size=1,2,4,8,all", "--vary", "lr=1e-5..1e-3:12", "--optimizers", "sgd,momentum",
                "--shuffle"],
    "lost": ["--vary", "lr=1,10,100", "--optimizers", "sgd"],
    "huber": ["--vary", "l2=0,1,10", "--loss", "huber:5", "--epochs", "3"],
}


def sweep(bench):
    """`gdtrace sweep`: live marks and heat maps, pages that stand alone, the same on any number of cores."""
    check = bench.check
    said = {}
    for name, options in SWEEPS.items():
        book = bench.folder / f"sweep-{name}.xlsx"
        done = bench.gdtrace("sweep", EXAMPLE, "-o", book, "--json", *options)
        if not check(f"sweep: {name} runs", done.returncode == 0, done.stderr.strip()):
            continue
        said[name] = strict_json(done.stdout)
        check(f"sweep: {name}, LibreOffice agrees", recalculate.check(bench.office, book))
        audit_book(bench, book)
        check_page(bench, f"sweep: {name}, the page stands alone and fits", book.with_suffix(".html"), f"sweep-{name}", "--paper")
        if name not in ("lost", "curve"):
            runs = bench.folder / f"sweep-{name}.json"
            runs.write_text(done.stdout, encoding="utf-8")
            faults = bench.browser.check("swept.cjs", book.with_suffix(".html"), runs)
            check(f"sweep: {name}, what is drawn is what was run", not faults, "; ".join(list(faults)[:5]))
        print_book(bench, book)
    book = bench.folder / "sweep-slices.xlsx"
    digests = [digest(book), digest(book.with_suffix(".html"))]
    done = subprocess.run(["taskset", "-c", "0", bench.args.gdtrace, "sweep", EXAMPLE, "-o", book, *SWEEPS["slices"]],
                          cwd=bench.folder, text=True, capture_output=True, timeout=600)
    check("sweep: the same bytes on one core", done.returncode == 0 and
          [digest(book), digest(book.with_suffix(".html"))] == digests, done.stderr.strip())
    # A heat map over two of three values has the third as an input: another one shows those runs.
    sheet = Workbook(book).sheets["map adam"]
    place = next((row, 2) for row, cells in sheet.rows.items() if cells.get(1) == "beta2")
    head = next(row for row, cells in sheet.rows.items() if cells.get(1) == "lr ↓")
    with recalculate.Recalculated(bench.office, book, [(("map adam", *place), 0.9)]) as changed:
        rows = dict(changed.rows("map adam"))
    runs = {(run["hyper"]["lr"], run["hyper"]["beta1"]): run for run in said["slices"]["runs"]
            if run["hyper"]["beta2"] == 0.9}
    off = [key for row in range(head + 1, head + 14) for column in range(1, 5)
           for key in [(rows[row][0], rows[head][column])]
           if not close(rows[row][column], runs[key]["rmse"], 1e-12)]
    check("sweep: the heat map of another value", len(runs) == 52 and not off, f"{off}")
