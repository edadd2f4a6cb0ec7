#!/usr/bin/python3
"""The end-to-end checks: the program as a user runs it, its files as other programs read them.

    tests/e2e/run.py [--gdtrace BINARY] [--screenshots FOLDER] [--tools FOLDER] [--keep FOLDER] [NAME...]

With NAMEs only the groups of checks so called run (see GROUPS at the end). Without --gdtrace the release
binary is built. tools.sh says what must be installed, and installs it. Ends with `e2e: N passed, N failed`;
exit code 1 if one failed.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import recalculate  # noqa: E402
from bench import (EXAMPLE, NUMBERS_ONLY, OPTIMIZERS, SHEETS, Bench, Checks, Trace, audit_book, close,  # noqa: E402
                   digest, page_faults, print_book, strict_json)
from comparing import compare  # noqa: E402
from dialects import dialects  # noqa: E402
from explorer import explorer  # noqa: E402
from pace import pace  # noqa: E402
from parts import parts  # noqa: E402
from scaling import scaling  # noqa: E402
from stopping import stopping  # noqa: E402
from sweeps import sweep  # noqa: E402
from validity import validity  # noqa: E402
from charts import charts  # noqa: E402
from ways import ways  # noqa: E402
from workbook import ErrorValue, Workbook  # noqa: E402
from yourself import yourself  # noqa: E402


def walkthrough(bench):
    """The example: what the run says and writes."""
    before = digest(EXAMPLE)
    book, said, _ = bench.run("graddes")
    check = bench.check
    check("run: the input is untouched", digest(EXAMPLE) == before)
    missing = {"input", "sheet", "samples", "epochs", "optimizers", "outputs"} - set(said)
    check("run --json: has its keys", not missing, f"missing {sorted(missing)}")
    check("run --json: 29 samples, 10 epochs", (said.get("samples"), said.get("epochs")) == (29, 10))
    check("run --json: the four optimizers in order", [o["name"] for o in said["optimizers"]] == OPTIMIZERS)
    outputs = {name: (bench.folder / path) for name, path in said["outputs"].items() if path}
    check("run: workbook and report are written",
          {"workbook", "report"} <= set(outputs) and all(path.exists() for path in outputs.values()), str(outputs))
    workbook = Workbook(book)
    check("workbook: its sheets", list(workbook.sheets) == SHEETS, str(list(workbook.sheets)))
    left = [path.name for path in bench.folder.iterdir() if not path.name.startswith("graddes.trace.")]
    check("run: no other file is left", not left, str(left))
    first = {path: digest(path) for path in outputs.values() if path.exists()}
    again = bench.gdtrace("run", EXAMPLE, "-o", book, "--json")
    check("run: again over its own output", again.returncode == 0, again.stderr.strip())
    check("run: the same bytes again", all(digest(path) == was for path, was in first.items()))


def golden(bench):
    """Cached results and --json against the golden files, which come from NumPy and PyTorch."""
    for file, run, options in [(name, "graddes", []) for name in OPTIMIZERS] + [
            ("adam_notes", "notes", ["--preset", "notes", "--optimizers", "adam"])]:
        wanted = json.loads((ROOT / "tests" / "golden" / f"{file}.json").read_text())
        book, said, _ = bench.run(run, *options)
        name = wanted["optimizer"]
        trace = Trace(Workbook(book), name)
        headers = [trace.sheet.rows[trace.header][column] for column in sorted(trace.columns.values())]
        bench.check(f"{file}: the headers", headers == wanted["columns"], f"{headers}")
        off = [f"step {row[0]}, {header}: {trace.value(row[0], header)!r} for {value!r}"
               for row in wanted["rows"] for header, value in zip(wanted["columns"], row)
               if not close(trace.value(row[0], header), value, 1e-9 if "est" in header else 1e-12)]
        bench.check(f"{file}: every value of the first epoch", not off, "; ".join(off[:5]))
        result = next(optimizer for optimizer in said["optimizers"] if optimizer["name"] == name)
        last = wanted["epochs"][-1]
        bench.check(f"{file}: a and b after 10 epochs",
                    all(close(result["final"][w], last[w], 1e-12) for w in "ab"), str(result["final"]))
        for kind in ["rmse", "online_rmse"]:
            bench.check(f"{file}: {kind} of each epoch",
                        len(result[kind]) == 10 and all(close(got, epoch[kind], 1e-12) for got, epoch
                                                        in zip(result[kind], wanted["epochs"])), str(result[kind]))


def recalculation(bench):
    """LibreOffice computes what is cached; the check proves itself first."""
    check, office = bench.check, bench.office
    book, _, _ = bench.run("graddes")
    check("recalculate: finds each kind of wrong result", recalculate.self_test_kinds(office))
    check("recalculate: finds falsified results in the trace", recalculate.self_test(office, book))
    check("recalculate: the walkthrough", recalculate.check(office, book))
    check("recalculate: the example itself", recalculate.check(office, EXAMPLE))


def changes(bench):
    """What a person changes in a cell gives what a fresh run gives."""
    check, office = bench.check, bench.office
    book, _, _ = bench.run("graddes")
    for optimizer, name, value in [("sgd", "lr", 0.0002), ("momentum", "beta", 0.8), ("rmsprop", "lr", 0.05),
                                   ("adam", "lr", 0.3), ("adam", "beta2", 0.99)]:
        fresh, _, _ = bench.run(f"{optimizer}-{name}", "--set", f"{optimizer}.{name}={value}")
        check(f"change: {optimizer} {name} to {value}", recalculate.check_change(
            office, book, [(f"{optimizer}:{name}", value)], fresh, numbers_only=NUMBERS_ONLY))
    workbook = Workbook(book)
    traces = {name: Trace(workbook, name) for name in OPTIMIZERS}
    starts = {trace.input_behind(0, f"new {w}"): value for trace in traces.values()
              for w, value in [("a", 0.5), ("b", 20.0)]}
    fresh, _, _ = bench.run("start", "--init", "a=0.5,b=20")
    check("change: the start weights", recalculate.check_change(
        office, book, list(starts.items()), fresh, numbers_only=NUMBERS_ONLY))
    # One y changed in the trace's data sheet; the fresh run reads the same numbers from a .csv file.
    samples = [(traces["sgd"].value(step, "x"), traces["sgd"].value(step, "y")) for step in range(1, 30)]
    samples[4] = (samples[4][0], 100.0)
    source = bench.folder / "changed.csv"
    with source.open("w", newline="") as stream:
        csv.writer(stream).writerows([("x", "y"), *samples])
    fresh, _, _ = bench.run("point", source=source)
    check("change: a data point", recalculate.check_change(
        office, book, [(traces["sgd"].input_behind(5, "y"), 100.0)], fresh, only_sheets=[*OPTIMIZERS, "epochs"]))


def circuit(bench):
    """The circuit sheet follows its step, and every gate's column agrees."""
    book, _, _ = bench.run("graddes")
    trace = Trace(Workbook(book), "sgd")
    for step in [2, 30, 290]:
        with recalculate.Recalculated(bench.office, book, [(("circuit", 5, 2), step)]) as changed:
            rows = dict(changed.rows("circuit"))
        shown = {row[0]: row[1] for row in rows.values() if row[0] in ("de/da", "de/db")}
        for weight in "ab":
            expected = trace.value(step, f"de/d{weight}")
            found = shown[f"de/d{weight}"]
            bench.check(f"circuit: de/d{weight} of step {step}",
                        abs(found - expected) <= 1e-12 * abs(expected), f"{found} is not {expected}")
    book, _, _ = bench.run("gates", "--gates")
    bench.check("gates: LibreOffice agrees", recalculate.check(bench.office, book))


# Runs that something stops, with ways to train and losses of each kind.
def divergence(bench):
    """A learning rate that is too large: error values, a warning, and the others go on."""
    check = bench.check
    book, said, stderr = bench.run("diverging", "--set", "sgd.lr=1")
    diverged = {optimizer["name"]: optimizer["diverged_at"] for optimizer in said["optimizers"]}
    check("diverging: sgd alone, with its step", isinstance(diverged.get("sgd"), (int, dict))
          and all(diverged[name] is None for name in OPTIMIZERS[1:]), str(diverged))
    check("diverging: a warning", all(word in stderr for word in ["warning", "sgd", "step", "lr", "stable"]), stderr.strip())
    sheet = Workbook(book).sheets["sgd"]
    errors = sum(isinstance(value, ErrorValue) for row in sheet.rows.values() for value in row.values())
    check("diverging: error values in the sheet", errors > 100, f"{errors}")
    check("diverging: LibreOffice has the same errors", recalculate.check(bench.office, book))


def other_data(bench):
    """Data of `gdtrace new`: noisy, and long."""
    check, office = bench.check, bench.office
    noisy = bench.new("noisy", "--rows", 40, "--noise", 10, "--seed", 7)
    check("new: noisy data recalculates", recalculate.check(office, noisy) if has_formulas(noisy) else True)
    book, said, _ = bench.run("noisy", source=noisy)
    check("noisy: 40 samples", said["samples"] == 40, str(said["samples"]))
    check("noisy: LibreOffice agrees", recalculate.check(office, book))
    long = bench.new("long", "--rows", 1000, "--noise", 5, "--seed", 8)
    began = time.monotonic()
    book, said, _ = bench.run("long", source=long)
    print(f"      four optimizers, 10000 steps each: {time.monotonic() - began:.1f} s, "
          f"{book.stat().st_size / 1e6:.1f} MB")
    check("long: LibreOffice agrees over 10000 steps", recalculate.check(office, book))


# What is run -> its case in tests/golden/models.json, and options.
MODELS = {
    "network": ("network", ["--set", "lr=0.02"]),
    "huber": ("two inputs, huber:2", ["--set", "lr=0.05"]),
    "absolute": ("two inputs, absolute", ["--set", "lr=0.05"]),
    "classes": ("classes, log", ["--set", "lr=0.1"]),
    "decay": ("decay", ["--set", "lr=0.02"]),
    "wave": ("wave", ["--set", "lr=0.02"]),
    "fourth-power": ("fourth power", ["--set", "lr=0.02"]),
    # Far beyond what fits: error values, and steep sigmoids.
    "overflow": ("fourth power", ["--set", "lr=3", "--epochs", "20"]),
    "steep": ("classes, log", ["--set", "lr=0.3"]),
}


def models(bench):
    """Other models and losses: LibreOffice computes what is cached, and a changed cell is followed."""
    check, office = bench.check, bench.office
    cases = {case["name"]: case for case in
             json.loads((ROOT / "tests" / "golden" / "models.json").read_text())["cases"]}
    for name, (case, options) in MODELS.items():
        book = train(bench, name, cases[case], *options)
        check(f"models: LibreOffice agrees on {name}", recalculate.check(office, book))
    # The width of Huber's loss is a cell like any other.
    case = cases["two inputs, huber:2"]
    fresh = train(bench, "narrow", case | {"loss": "huber:0.5"}, "--set", "lr=0.05")
    book = train(bench, "huber", case, "--set", "lr=0.05")
    widths = [(f"{name}:delta", 0.5) for name in OPTIMIZERS]
    check("models: the width of Huber's loss", recalculate.check_change(
        office, book, widths, fresh, only_sheets=[*OPTIMIZERS, "epochs"]))


def train(bench, name, case, *options):
    """The workbook of a run on the data of a golden case, from its start weights."""
    source = bench.folder / f"{name}.csv"
    with source.open("w", newline="") as stream:
        csv.writer(stream).writerows([list(case["data"]), *zip(*case["data"].values())])
    start = ",".join(f"{weight}={value!r}" for weight, value in case["start"].items())
    book, _, _ = bench.run(name, "--model", case["model"], "--loss", case["loss"], "--init", start, *options,
                           source=source)
    return book


def curvature(bench):
    """The sheet `curvature` of models of each kind: LibreOffice agrees, also after a change."""
    check, office = bench.check, bench.office
    xs = [-2.5, -1.75, -1.5, -0.5, 0.25, 0.75, 1.0, 2.25, 3.0, 3.5]
    zs = [0.3, 4.1, 2.2, 1.7, 0.9, 3.3, 2.8, 0.1, 1.2, 4.6]
    points = bench.folder / "points.csv"
    with points.open("w", newline="") as stream:
        rows = [(x, z, round(2 * x - z + 3 + x * z / 7, 6)) for x, z in zip(xs, zs)]
        csv.writer(stream).writerows([("x1", "x2", "y"), *rows])
    curve = bench.folder / "curve.csv"
    with curve.open("w", newline="") as stream:
        csv.writer(stream).writerows([("x", "y"), *[(x, round(0.3 * x * x - x + z / 5, 6)) for x, z in zip(xs, zs)]])
    classes = bench.folder / "classes.csv"
    with classes.open("w", newline="") as stream:
        csv.writer(stream).writerows([("x", "y"), *[(x, int(x + z > 2)) for x, z in zip(xs, zs)]])
    network = "c1*tanh(a1*x + b1) + c2*relu(a2*x + b2) + d"
    for name, source, options in [
            ("plane", points, ["--model", "a*x1 + c*x2 + b"]),
            ("parabola", curve, ["--model", "a*x^2 + b*x + c"]),
            ("proportional", curve, ["--model", "a*x", "--init", "0.3"]),
            ("logistic", classes, ["--model", "sigmoid(a*x + b)", "--loss", "log"]),
            ("huber", curve, ["--loss", "huber:1"]),
            ("absolute", curve, ["--loss", "absolute"]),
            ("network", curve, ["--model", network, "--init", "c1=1,a1=0.4,b1=0.2,c2=-1,a2=0.5,b2=0.3,d=0.1"])]:
        book, _, _ = bench.run(f"curvature-{name}", "--set", "lr=0.001", "--epochs", 2, *options, source=source)
        check(f"curvature: {name}", recalculate.check(office, book))
    book, _, _ = bench.run("graddes")
    fresh, _, _ = bench.run("sgd-lr-curvature", "--set", "sgd.lr=0.0002")
    check("curvature: the verdict follows a changed lr", recalculate.check_change(
        office, book, [("sgd:lr", 0.0002)], fresh, only_sheets=["curvature"]))


def has_formulas(path):
    return any(sheet.formulas for sheet in Workbook(path).sheets.values())


def formulas(bench):
    """Random formula trees mean the same to LibreOffice as to gdtrace."""
    book = bench.folder / "formulas.xlsx"
    subprocess.run(["cargo", "run", "--quiet", "--example", "random_formulas", "--", book, "5000"], cwd=ROOT, check=True)
    bench.check("formulas: LibreOffice agrees on 5000 random ones", recalculate.check(bench.office, book))


# Formulas, the point, further options: every function and operator, kinks, error values.
DERIVED = {
    "notes": (["x^2*y", "5*x + sin(y)"], "x=1,y=2"),
    "sigmoid": (["sigmoid(a*x + b)", "softplus(a*x + b)", "-ln(sigmoid(a*x + b))"], "a=0.6,x=1.5,b=-0.3"),
    "choice": (["if(x > y, x^2*y, sqrt(y))", "if(x <= 1, ln(x), -x*y)", "max(x*y, x^2)", "min(x, y)*x"], "x=2,y=0.5"),
    "network": (["v1*relu(w1*x + c1) + v2*relu(w2*x + c2) + d"],
                "v1=0.5,w1=1.2,x=0.9,c1=0.1,v2=-0.7,w2=-0.4,c2=0.8,d=0.3"),
    "powers": (["x^y", "2^x*e^y", "x^1.5*y^(1/3)", "-x^2^y", "(-x)^2*pi", "sqrt(x^2 + y^2)"], "x=1.3,y=2.1"),
    "waves": (["sin(x)*cos(y)", "tan(x*y)", "tanh(x/y)^2", "exp(-x^2/2)*log10(y)"], "x=0.4,y=1.1"),
    "kinks": (["abs(x)*y", "relu(x - y)", "sign(x)*y", "mod(y, x + 3)*x", "floor(y)*x"], "x=0,y=2.5"),
    "errors": (["ln(x)", "1/x", "sqrt(x - 1)*y", "(x - y)^0.5", "exp(400*y)^2*x"], "x=0,y=2"),
}


def derive(bench):
    """`gdtrace derive`: live formulas that LibreOffice computes to the same, pages that stand alone."""
    check = bench.check
    for name, (expressions, point) in DERIVED.items():
        book, page = bench.folder / f"derive-{name}.xlsx", bench.folder / f"derive-{name}.html"
        done = bench.gdtrace("derive", "--hessian", "--at", point, "-o", book, "--report", page, "--json", "--", *expressions)
        if not check(f"derive: {name} runs", done.returncode == 0, done.stderr.strip()):
            continue
        said = strict_json(done.stdout)
        cells = sum(len(row) for matrix in [said["jacobian"], *said["hessians"]] for row in matrix["value"])
        formulas = sum(bits.bit_count() for sheet in Workbook(book).sheets.values() for bits in sheet.formulas.values())
        check(f"derive: {name}, every entry is a formula", formulas == cells + len(expressions), f"{formulas} of {cells}")
        check(f"derive: {name}, LibreOffice agrees", recalculate.check(bench.office, book))
        faults = page_faults(bench, page, f"derive-{name}", "--paper")
        check(f"derive: {name}, the page stands alone and fits", not faults, "; ".join(faults))
        audit_book(bench, book)
    book, fresh = bench.folder / "derive-notes.xlsx", bench.folder / "derive-moved.xlsx"
    bench.gdtrace("derive", "--hessian", "--at", "x=-0.5,y=3", "-o", fresh, "--", *DERIVED["notes"][0])
    check("derive: a changed point gives what a fresh run gives", recalculate.check_change(
        bench.office, book, [("derive:x", -0.5), ("derive:y", 3.0)], fresh, numbers_only=["derive"]))


# Sweeps: what is varied, and other options.
def structure(bench):
    """Other readers: openpyxl loads it, openxml-audit finds no fault."""
    books = [bench.run("graddes")[0], bench.run("diverging", "--set", "sgd.lr=1")[0], EXAMPLE]
    for book in books:
        audit_book(bench, book)


def report(bench):
    """The report in a browser."""
    book, said, _ = bench.run("graddes")
    page = bench.folder / said["outputs"]["report"]
    text = page.read_text(encoding="utf-8")
    bench.check("report: names every optimizer", all(name in text.lower() for name in OPTIMIZERS))
    network = ["--model", "v1*relu(w1*x + b1) + v2*relu(w2*x + b2) + c", "--set", "lr=0.00001"]
    for name, options in [("graddes", []), ("diverging", ["--set", "sgd.lr=1"]), ("network page", network)]:
        _, said, _ = bench.run(name, *options)
        page = bench.folder / said["outputs"]["report"]
        faults = page_faults(bench, page, name, "--paper")
        bench.check(f"report: {name} stands alone, fits 360 to 1920 px, light and dark, and the paper", not faults, "; ".join(faults))


def pictures(bench):
    """With --screenshots: the workbook's printed pages, for a person to look at. One check: they print."""
    if not bench.args.screenshots:
        return
    book, _, _ = bench.run("graddes")
    print_book(bench, book)


GROUPS = {"walkthrough": walkthrough, "golden": golden, "recalculation": recalculation, "changes": changes, "dialects": dialects, "ways": ways,
          "circuit": circuit, "stopping": stopping, "scaling": scaling, "divergence": divergence, "other-data": other_data, "models": models,
          "curvature": curvature, "formulas": formulas, "derive": derive, "sweep": sweep, "compare": compare, "structure": structure,
          "report": report, "charts": charts, "explorer": explorer, "parts": parts, "pace": pace, "yourself": yourself, "pictures": pictures, "validity": validity}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="NAME", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--gdtrace", help="the binary to check, instead of building it")
    parser.add_argument("--tools", default=ROOT / "target" / "e2e-tools", help="where tools.sh installed things")
    parser.add_argument("--screenshots", metavar="FOLDER", help="keep pictures of report and workbook there")
    parser.add_argument("--keep", metavar="FOLDER", help="work in this new or empty folder and leave it")
    args = parser.parse_args()
    unknown = [name for name in args.groups if name not in GROUPS]
    if unknown:
        parser.error(f"no group {', '.join(unknown)}; known: {', '.join(GROUPS)}")
    check = Checks()
    if args.gdtrace:
        args.gdtrace = str(Path(args.gdtrace).resolve())
    else:
        subprocess.run(["cargo", "build", "--release", "--bin", "gdtrace"], cwd=ROOT, check=True)
        built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "gdtrace"
        args.gdtrace = str(built.resolve())
    folder = Path(args.keep or tempfile.mkdtemp(prefix="gdtrace-e2e-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        parser.error(f"{folder} is not empty")
    try:
        with recalculate.Office() as office:
            bench = Bench(args, check, office, folder)
            for name in args.groups or GROUPS:
                print(f"---- {name}", flush=True)
                try:
                    GROUPS[name](bench)
                except (Exception, SystemExit) as error:
                    traceback.print_exc(file=sys.stdout)
                    check(f"{name}: runs to its end", False, str(error))
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"e2e: {check.passed} passed, {check.failed} failed", flush=True)
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
