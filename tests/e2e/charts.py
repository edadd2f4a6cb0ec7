"""The report's charts in a browser: values at the pointer and under the keys, the chosen step on every chart."""

from pathlib import Path

# What is run, and the widths at which its charts are used: both kinds of drawings, narrow and wide, for runs of each kind.
RUNS = {
    "walkthrough": ([], [360, 1280]),
    "diverged": (["--set", "sgd.lr=0.01"], [360]),
    "one weight": (["--model", "a*x", "--optimizers", "rmsprop,adam"], [1280]),
    "many weights": (["--model", "a*x + b + c*sqrt(x)", "--optimizers", "adam,rmsprop", "--epochs", "100"], [360, 1280]),
    "batches": (["--batch-size", "4", "--optimizers", "sgd,adam", "--epochs", "40"], [1280]),
}


def charts(bench):
    """The charts of several runs, used as a reader would."""
    for name, (options, widths) in RUNS.items():
        book, _, _ = bench.run(f"charts_{name.replace(' ', '_')}", *options)
        page = Path(book).with_suffix(".html")
        faults = bench.browser.check("charts.cjs", page, *widths)
        bench.check(f"charts: {name}", not faults, "; ".join(faults))
