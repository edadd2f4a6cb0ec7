"""Other data, other models and losses, the curvature, and runs that diverge: LibreOffice agrees with all."""

import csv
import json
import time

import recalculate
from bench import OPTIMIZERS, ROOT, Trace
from workbook import ErrorValue, Workbook


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


def has_formulas(path):
    return any(sheet.formulas for sheet in Workbook(path).sheets.values())


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
    "two-outputs": ("network of two outputs, half-squared", ["--set", "lr=0.5"]),
    "sharing": ("two outputs that share a weight", ["--set", "lr=0.01"]),
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
    pair = bench.folder / "pair.csv"
    with pair.open("w", newline="") as stream:
        csv.writer(stream).writerows([("x", "y1", "y2"), *[(x, round(2 * x + z / 9, 6), round(1 - x - z / 7, 6)) for x, z in zip(xs, zs)]])
    network = "c1*tanh(a1*x + b1) + c2*relu(a2*x + b2) + d"
    for name, source, options in [
            ("plane", points, ["--model", "a*x1 + c*x2 + b"]),
            ("parabola", curve, ["--model", "a*x^2 + b*x + c"]),
            ("proportional", curve, ["--model", "a*x", "--init", "0.3"]),
            ("logistic", classes, ["--model", "sigmoid(a*x + b)", "--loss", "log"]),
            ("huber", curve, ["--loss", "huber:1"]),
            ("absolute", curve, ["--loss", "absolute"]),
            ("two outputs", pair, ["--model", "a*x + b; c*x - b"]),
            ("two outputs, scaled", pair, ["--model", "a*x + b; c*x + d", "--scale", "zscore"]),
            ("network of two outputs", pair, ["--network", "1-2-2", "--loss", "half-squared", "--init", "random"]),
            ("network", curve, ["--model", network, "--init", "c1=1,a1=0.4,b1=0.2,c2=-1,a2=0.5,b2=0.3,d=0.1"])]:
        book, _, _ = bench.run(f"curvature-{name}", "--set", "lr=0.001", "--epochs", 2, *options, source=source)
        check(f"curvature: {name}", recalculate.check(office, book))
    book, _, _ = bench.run("graddes")
    fresh, _, _ = bench.run("sgd-lr-curvature", "--set", "sgd.lr=0.0002")
    check("curvature: the verdict follows a changed lr", recalculate.check_change(
        office, book, [("sgd:lr", 0.0002)], fresh, only_sheets=["curvature"]))
