"""Shows every number that gradient descent computes.

    traces = gdtrace.run(x, y, optimizers=["sgd", "adam:keras"], epochs=10)
    traces["adam"].to_pandas()        # every step of one optimizer, also as an Arrow table
    traces.to_excel("t.xlsx")         # the same as live formulas
    traces.report()                   # shows in a notebook

    for finding in gdtrace.compare("hand.xlsx"):
        print(finding.cell, finding.fix)

    with gdtrace.record(optimizer) as log:
        ...                           # train
    print(log.identify())

What is computed is what the command line computes, bit for bit: `run` and `compare` take the options of `gdtrace run` and
`gdtrace compare` as keyword arguments, `batch_size=4` for `--batch-size 4`, and refuse what is wrong in the same words.
"""

from ._gdtrace import Error, __version__
from .findings import Comparison, Finding, compare
from .record import Identified, Log, record
from .traces import Report, Trace, Traces, run

__all__ = [
    "Comparison", "Error", "Finding", "Identified", "Log", "Report", "Trace", "Traces", "__version__", "compare",
    "record", "run",
]
