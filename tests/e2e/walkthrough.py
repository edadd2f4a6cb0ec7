"""The example: what a run of it says and writes, its numbers, and what follows when a cell is changed."""

import csv
import json

import recalculate
from bench import ADDED, EXAMPLE, NUMBERS_ONLY, OPTIMIZERS, ROOT, Trace, close, digest
from workbook import Workbook


def walkthrough(bench):
    """The example: what the run says and writes."""
    before = digest(EXAMPLE)
    book, said, _ = bench.run("walkthrough")
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
    check("workbook: its sheets", list(workbook.sheets) == ["data", *ADDED], str(list(workbook.sheets)))
    left = [path.name for path in bench.folder.iterdir() if not path.name.startswith("walkthrough.trace.")]
    check("run: no other file is left", not left, str(left))
    separate, _, _ = bench.run("separate", "--separate")
    sheets = list(Workbook(separate).sheets)
    check("workbook of its own: its sheets", sheets == ["summary", "data", *ADDED[1:]], str(sheets))
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
    # The user's own cells: another slope, and so other y; another x, and so another y, of one sample.
    samples = [(traces["sgd"].value(step, "x"), traces["sgd"].value(step, "y")) for step in range(1, 30)]
    points(bench, "the slope in the user's sheet", book, ("data:slope", 2.5), [(x, 2.5 * x + 30) for x, _ in samples])
    points(bench, "an x in the user's sheet", book, (traces["sgd"].input_behind(5, "x"), 40.0),
           [*samples[:4], (40.0, 2 * 40.0 + 30), *samples[5:]])
    # A y that is typed, in a sheet of ours.
    apart, _, _ = bench.run("apart", "--separate")
    points(bench, "a data point in a workbook of its own", apart, (Trace(Workbook(apart), "sgd").input_behind(5, "y"), 100.0),
           [*samples[:4], (samples[4][0], 100.0), *samples[5:]])


def points(bench, what, book, change, samples):
    """A workbook with one changed cell against a fresh run, which reads the same `samples` from a .csv file."""
    name = what.replace(" ", "-").replace("'", "")
    source = bench.folder / f"{name}.csv"
    with source.open("w", newline="") as stream:
        csv.writer(stream).writerows([("x", "y"), *samples])
    # At the rates of the first run: for other data others may be chosen. Texts say where the samples stand.
    rates = ["sgd.lr=0.0001", "momentum.lr=0.0001", "rmsprop.lr=0.02", "adam.lr=0.5"]
    fresh, _, _ = bench.run(name, *(word for rate in rates for word in ("--set", rate)), source=source)
    bench.check(f"change: {what}", recalculate.check_change(
        bench.office, book, [change], fresh, only_sheets=[*OPTIMIZERS, "epochs"], numbers_only=OPTIMIZERS))


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
