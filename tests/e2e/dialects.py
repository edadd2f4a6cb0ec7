"""Runs in the dialect of a hand-built workbook: their formulas, resets and hand-over in LibreOffice."""

import recalculate
from bench import Trace, audit_book, check_page, close
from workbook import Workbook

# What graddesc-v3.xlsx was saved with after its button Run, five epochs: weights b and a.
SAVED = {"basic": (1.2754625002528799, 2.569996469807525), "rmsprop": (3.1890676512613103, 2.4036203537069443)}
CHANGES = [("basic", "lr", 0.0002), ("momentum", "lr", 0.00005), ("momentum", "beta", 0.8), ("rmsprop", "S0", 5000),
           ("adam", "beta2", 0.95), ("adam_ann", "lr", 0.5)]


def dialects(bench):
    """`--dialect walkthrough`: the workbook's numbers, live; changed cells reach the resets too."""
    check, office = bench.check, bench.office
    options = ["--dialect", "walkthrough", "--epochs", "6"]
    book, said, _ = bench.run("dialect", *options)
    check("dialect: LibreOffice agrees", recalculate.check(office, book))
    workbook = Workbook(book)
    for name, (b, a) in SAVED.items():
        trace = Trace(workbook, name)
        found = trace.value(146, "b"), trace.value(146, "a")
        check(f"dialect: the sixth epoch of {name} starts as the workbook was saved", found == (b, a), str(found))
    trace = Trace(workbook, "momentum")
    check("dialect: momentum's reset leaves what the workbook has",
          (trace.value(0, "v_b"), trace.value(0, "v_a")) == (-18.333926690207889, 98.245830392128539))
    for sheet, name, value in CHANGES:
        fresh, _, _ = bench.run(f"dialect-{sheet}-{name}", *options, "--set", f"{sheet}.{name}={value}")
        check(f"dialect: change {sheet} {name} to {value}", recalculate.check_change(
            office, book, [(f"{sheet}:{name}", value)], fresh, numbers_only=["summary"]))
    starts = {Trace(workbook, run["name"]).input_behind(0, f"new {w}"): value for run in said["optimizers"]
              for w, value in [("a", 0.5), ("b", 20.0)]}
    fresh, _, _ = bench.run("dialect-start", *options, "--init", "a=0.5,b=20")
    check("dialect: change the start weights", recalculate.check_change(
        office, book, list(starts.items()), fresh, numbers_only=["summary"]))
    others, _, _ = bench.run("dialect-others", "--dialect", "walkthrough", "--epochs", "3", "--gates", "--loss", "huber:30",
                             "--optimizers", "adam,adadelta,eve:walkthrough", "--until", "prev.loss < 3*loss")
    check("dialect: other optimizers, loss and early stopping, LibreOffice agrees", recalculate.check(office, others))
    wild, diverged, _ = bench.run("dialect-wild", *options, "--set", "momentum.lr=1e9")
    check("dialect: a reset that diverges, LibreOffice agrees", recalculate.check(office, wild))
    for name, one in [("dialect", said), ("dialect-wild", diverged)]:
        check_page(bench, f"{name}: the report stands alone and fits", bench.folder / one["outputs"]["report"], name)
    audit_book(bench, book)
    long, said, _ = bench.run("dialect-long", "--dialect", "walkthrough", "--epochs", "26", "--optimizers", "adam_ann")
    check("dialect: annealing over 26 epochs, LibreOffice agrees", recalculate.check(office, long))
    trace = Trace(Workbook(long), "adam_ann")
    check("dialect: the 26th epoch of adam_ann starts as the workbook was saved",
          close(trace.value(726, "b"), 29.990939773126538, 1e-12) and trace.value(726, "lr") == 0.00390625)
