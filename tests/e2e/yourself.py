"""The programs that the report offers in every library, for what is in the file and for what is changed in the page: each
prints what the page says.

NumPy's run under the tools' Python. Those of PyTorch, Keras and Optax run where these are installed, under
the Python that GDTRACE_LIBRARIES_PYTHON names or else the tools'; what is not installed is reported, and
is no failure.
"""

import functools
import json
import math
import os
import subprocess
import tempfile
from pathlib import Path

NEEDS = {"NumPy": ["numpy"], "PyTorch": ["torch"], "Keras": ["keras", "jax"], "Optax": ["optax", "jax"]}
TOLERANCE = 1e-12

# Runs whose pages together have every program in every way to train.
EVERYONE = "all of them"
OWN = str(Path(__file__).resolve().parents[2] / "examples" / "trust.toml")
RUNS = {
    "plain": ["--optimizers", EVERYONE, "--epochs", "3"],
    "batches": ["--optimizers", EVERYONE, "--epochs", "3", "--batch-size", "4", "--shuffle", "--seed", "5"],
    # Not from where the slope of the scaled columns' intercept is nothing but rounding, which Adam makes into steps.
    "full-batch": ["--optimizers", "sgd,adam,lion,adam:keras", "--batch-size", "all", "--init", "a=0.3,b=-0.5"],
    "penalty": ["--optimizers", EVERYONE, "--epochs", "2", "--l2", "0.3", "--batch-size", "3"],
    "one-decays": ["--optimizers", EVERYONE, "--epochs", "2", "--weight-decay", "0.05", "--decay-weights", "a"],
    "all-decay": ["--optimizers", EVERYONE, "--epochs", "2", "--weight-decay", "0.05", "--shuffle"],
    "one-penalized": ["--optimizers", "sgd,momentum,adam", "--l2", "0.3", "--decay-weights", "a"],
    # With its own rate Keras' momentum is thrown about here, so that the last digits of a gradient grow.
    "clip": ["--optimizers", EVERYONE, "--epochs", "2", "--clip", "500", "--l2", "0.1", "--set", "momentum:keras.lr=0.0001"],
    "cosine": ["--optimizers", EVERYONE, "--epochs", "2", "--schedule", "cosine"],
    "warmup": ["--optimizers", "sgd,adam,adamw,momentum", "--schedule", "warmup:7+cosine", "--batch-size", "5",
               "--weight-decay", "0.02"],
    "1cycle": ["--optimizers", "sgd,adam,nadam,adagrad:pytorch", "--schedule", "1cycle", "--epochs", "4"],
    "steps": ["--optimizers", "sgd,rmsprop:centered", "--schedule", "step:29:0.5"],
    "annealing": ["--optimizers", "rmsprop,adam", "--schedule", "annealing", "--epochs", "12", "--set", "adam.beta2=0.9"],
    "dialect": ["--dialect", "walkthrough", "--epochs", "4"],
    "stopping": ["--optimizers", "adam,rmsprop", "--epochs", "30", "--until", "rmse < 5"],
    "zscore": ["--optimizers", EVERYONE, "--epochs", "3", "--scale", "zscore"],
    "minmax": ["--optimizers", "sgd,momentum,adam,lion,adam:keras,adam:optax", "--scale", "minmax", "--batch-size", "4"],
    "own": ["--optimizer-file", OWN, "--optimizers", "trust", "--batch-size", "6"],
    "diverging": ["--optimizers", "sgd", "--set", "lr=0.01"],
    "two": ["--model", "w2*x^2/100 + w1*x + w0", "--optimizers", "rmsprop,adam,adam:keras,adam:optax", "--epochs", "3"],
    "sigmoid": ["--model", "30 + 200*sigmoid(k*(x - m)/50)", "--optimizers", "rmsprop,adam,rmsprop:keras,adam:optax",
                "--epochs", "3", "--init", "k=1,m=40"],
    "huber": ["--loss", "huber:20", "--optimizers", "adam,sgd,adam:optax,adam:keras", "--epochs", "3"],
    "absolute": ["--loss", "absolute", "--optimizers", "momentum,adam", "--epochs", "3"],
    "relu": ["--model", "v1*relu(w1*x + c1) + v2*softplus(w2*x/50) + d*max(x/20, 2) + exp(2)*lambda",
             "--init", "v1=0.5,w1=1.2,c1=0.1,v2=0.7,w2=-0.4,d=0.3,lambda=0.1",
             "--optimizers", "adam,rmsprop,adam:keras,adam:optax", "--epochs", "3"],
}

# What is changed in a page, each from how it is in the file.
CHANGES = [
    {"lr": 0.003, "optimizers": "sgd,momentum,adam", "epochs": 4},
    {"optimizers": "adam,adam:keras,adam:optax,rmsprop:keras,nadam:pytorch,lion,adadelta", "adam.lr": 0.2, "start.a": -1.5},
    {"batch_size": 4, "optimizers": "sgd,adam,adamw:optax,polyak_sgd,lamb", "epochs": 3},
    {"y[14]": 90, "x[3]": -7.25, "optimizers": "sgd,adam,radam", "epochs": 3},
    {"loss": "huber:1", "optimizers": "sgd,rmsprop,adabelief", "epochs": 3},
    {"loss": "absolute", "batch_size": 10, "optimizers": "momentum:pytorch,adamax", "epochs": 5},
]
# Those of all that run in a page with these options.
CHANGED = {"changed": [], "changed-shuffled": ["--shuffle", "--l2", "0.4"], "changed-scheduled": ["--schedule", "cosine", "--weight-decay", "0.01", "--clip", "300"]}

# Runs each program in a fresh namespace of one process: to start PyTorch takes longer than to run it.
RUNNER = """
import contextlib, io, json, sys, traceback, warnings
warnings.simplefilter("ignore")
printed = []
for code in json.load(sys.stdin):
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code, "program", "exec"), {"__name__": "__main__"})
        printed.append([out.getvalue(), ""])
    except Exception:
        printed.append([out.getvalue(), traceback.format_exc()])
print(json.dumps(printed))
"""


def lines(printed):
    """The numbers of each epoch."""
    rows = (line.split() for line in printed if line.strip() and line != "…" and not line.startswith("#"))
    return {int(row[0]): [float(number) for number in row[1:]] for row in rows}


def difference(printed, expected):
    """The largest relative difference in the epochs that are expected; infinite where one is missing. A number that is next
    to nothing beside the largest, as an intercept that is 0 but for rounding, is held to a thousandth of that."""
    printed, expected, largest = lines(printed.splitlines()), lines(expected), 0.0
    least = max([1e-300, *(abs(number) / 1000 for numbers in expected.values() for number in numbers)])
    for epoch, numbers in expected.items():
        for ours, theirs in zip(numbers, printed.get(epoch, [math.nan] * len(numbers)), strict=True):
            off = abs(ours - theirs) / max(abs(ours), abs(theirs), least) if ours != theirs else 0.0
            largest = max(largest, math.inf if math.isnan(off) else off)
    return largest


@functools.cache
def has(python, *packages):
    code = f"import importlib.util as u; exit(not all(u.find_spec(p) for p in {list(packages)!r}))"
    return subprocess.run([python, "-c", code], capture_output=True).returncode == 0


def run(python, codes, folder):
    """What each program printed, and its error."""
    done = subprocess.run([python, "-c", RUNNER], input=json.dumps(codes), text=True, cwd=folder,
                          capture_output=True, timeout=1800)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def check_programs(name, programs, folder, pythons, check):
    """Runs programs; the largest difference for each library."""
    largest, missing = {}, set()
    for kind, python in pythons.items():
        own = [one for one in programs if one["with"] == kind and "code" in one]
        if not own:
            continue
        if not has(python, *NEEDS[kind]):
            missing.add(kind)
            continue
        faults, worst = [], 0.0
        for one, (printed, error) in zip(own, run(python, [one["code"] for one in own], folder), strict=True):
            off = difference(printed, one["prints"])
            worst = max(worst, off)
            if (error and one["prints"]) or off > TOLERANCE:
                faults.append(f"{one['of']} is {off:.1e} off {error.strip().splitlines()[-1:]}")
        largest[kind] = worst
        check(f"yourself: {name}: {len(own)} programs with {kind}, {worst:.1e} off", not faults, "; ".join(faults))
    for kind in sorted(missing):
        print(f"      yourself: {kind} is not installed: its programs were not run", flush=True)
    return largest


def yourself(bench):
    """Every program of several pages prints the page's numbers, whatever is changed there."""
    from ways import labels  # here, so that this file runs alone without LibreOffice
    tools = str(bench.tools / "venv" / "bin" / "python")
    libraries = os.environ.get("GDTRACE_LIBRARIES_PYTHON", tools)
    pythons = {kind: tools if kind == "NumPy" else libraries for kind in NEEDS}
    bench.check("yourself: NumPy is installed", has(tools, "numpy"))
    everyone = ",".join(labels(bench))
    pages = {}
    for name, options in {**RUNS, **CHANGED}.items():
        options = [everyone if option == EVERYONE else option for option in options]
        pages[name] = bench.run(f"yourself-{name}", *options)[0].with_suffix(".html")
    data = bench.new("yourself-many-data", "--rows", "450", "--noise", "2")
    pages["many"] = bench.run("yourself-many", "--epochs", "8", "--shuffle", "--batch-size", "20", source=data)[0].with_suffix(".html")
    pair = bench.folder / "yourself-pair.csv"
    pair.write_text("x1,x2,y1,y2\n0.5,1,0.1,0.9\n-1,2,0.8,0.4\n0.25,-1.5,0.3,0.2\n2,0.75,0.6,0.7\n")
    outputs = ["--network", "2-2-2", "--init", "random", "--epochs", "5", "--batch-size", "2", "--loss", "half-squared",
               "--optimizers", "sgd,adam,adam:keras,adam:optax,lamb"]
    pages["outputs"] = bench.run("yourself-outputs", *outputs, source=pair)[0].with_suffix(".html")
    largest, told = {}, {}
    for name, page in pages.items():
        found = bench.browser.check("programs.cjs", page, *map(json.dumps, CHANGES if name in CHANGED else []))
        bench.check(f"yourself: {name}: the page reports no fault", not found["faults"], "; ".join(found["faults"]))
        told[name] = [one for programs in found["found"] for one in programs]
        for kind, off in check_programs(name, told[name], page.parent, pythons, bench.check).items():
            largest[kind] = max(largest.get(kind, 0.0), off)
    for kind, off in largest.items():
        print(f"      yourself: {kind}: at most {off:.1e} off", flush=True)
    bench.check("yourself: every optimizer has a program in every library", all("code" in one for one in told["plain"])
                and len(told["plain"]) == 4 * len(everyone.split(",")))
    bench.check("yourself: a run that loses updates is NumPy's alone", {one["with"] for one in told["dialect"] if "code" in one} == {"NumPy"})
    # As a reader does it: a file of its own in a process of its own.
    for kind, python in pythons.items():
        one = next(one for one in told["plain"] if one["with"] == kind)
        if not has(python, *NEEDS[kind]):
            continue
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "check.py").write_text(one["code"], encoding="utf-8")
            done = subprocess.run([python, "check.py"], cwd=folder, text=True, capture_output=True, timeout=600)
        well = done.returncode == 0 and difference(done.stdout, one["prints"]) <= TOLERANCE
        bench.check(f"yourself: {one['of']} with {kind} as a file of its own", well, done.stderr[-500:])
