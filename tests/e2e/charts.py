"""The report's charts in a browser: values at the pointer and under the keys, the chosen step on every chart."""

from pathlib import Path

RUNS = {
    "walkthrough": [],
    "diverged": ["--set", "sgd.lr=0.01"],
    "one weight": ["--model", "a*x", "--optimizers", "rmsprop,adam"],
    "many weights": ["--model", "a*x + b + c*sqrt(x)", "--optimizers", "adam,rmsprop", "--epochs", "100"],
    "batches": ["--batch-size", "4", "--optimizers", "sgd,adam", "--epochs", "40"],
}


def charts(bench):
    """The charts of several runs, used as a reader would."""
    for name, options in RUNS.items():
        book, _, _ = bench.run(f"charts_{name.replace(' ', '_')}", *options)
        page = Path(book).with_suffix(".html")
        faults = bench.browser.check("charts.cjs", page)
        bench.check(f"charts: {name}", not faults, "; ".join(faults))
