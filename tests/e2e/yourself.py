"""The programs that the report shows under "How to check this yourself": each prints what the page says.

NumPy's run under the tools' Python. Those of PyTorch, Keras and Optax run where these are installed, under
the Python that GDTRACE_LIBRARIES_PYTHON names or else the tools'; what is not installed is reported, and
is no failure. On its own it checks pages that are there already:

    tests/e2e/yourself.py PYTHON PAGE.html...
"""

import html
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = re.compile(r'<pre class="program" data-with="(\w+)" data-of="([^"]+)"[^>]*><code>(.*?)</code></pre>', re.S)
EXPECTED = re.compile(r'<pre class="program expected" data-of="([^"]+)"[^>]*><code>(.*?)</code></pre>', re.S)
NEEDS = {"NumPy": ["numpy"], "PyTorch": ["torch"], "Keras": ["keras", "jax"], "Optax": ["optax", "jax"]}
TOLERANCE = 1e-12

# Runs whose pages together have every program in every way to train.
EVERYONE = "all of them"
OWN = str(Path(__file__).resolve().parents[2] / "examples" / "trust.toml")
RUNS = {
    "plain": ["--optimizers", EVERYONE, "--epochs", "3"],
    "batches": ["--optimizers", EVERYONE, "--epochs", "3", "--batch-size", "4", "--shuffle", "--seed", "5"],
    "full-batch": ["--optimizers", "sgd,adam,lion,adam:keras", "--batch-size", "all"],
    "penalty": ["--optimizers", EVERYONE, "--epochs", "2", "--l2", "0.3", "--batch-size", "3"],
    "one-decays": ["--optimizers", EVERYONE, "--epochs", "2", "--weight-decay", "0.05", "--decay-weights", "a"],
    "all-decay": ["--optimizers", EVERYONE, "--epochs", "2", "--weight-decay", "0.05", "--shuffle"],
    "one-penalized": ["--optimizers", "sgd,momentum,adam", "--l2", "0.3", "--decay-weights", "a"],
    "clip": ["--optimizers", EVERYONE, "--epochs", "2", "--clip", "500", "--l2", "0.1"],
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


class Page:
    """The programs of a page, and what they should print."""

    def __init__(self, path):
        text = Path(path).read_text(encoding="utf-8")
        self.path = Path(path)
        self.programs = [(of, kind, html.unescape(code)) for kind, of, code in PROGRAM.findall(text)]
        self.expected = {of: html.unescape(lines).splitlines() for of, lines in EXPECTED.findall(text)}


def lines(printed):
    """The numbers of each epoch."""
    rows = (line.split() for line in printed if line.strip() and line != "…" and not line.startswith("#"))
    return {int(row[0]): [float(number) for number in row[1:]] for row in rows}


def difference(printed, expected):
    """The largest relative difference in the epochs that are expected; infinite where one is missing."""
    printed, largest = lines(printed.splitlines()), 0.0
    for epoch, numbers in lines(expected).items():
        for ours, theirs in zip(numbers, printed.get(epoch, [math.nan] * len(numbers)), strict=True):
            off = abs(ours - theirs) / max(abs(ours), abs(theirs), 1e-300) if ours != theirs else 0.0
            largest = max(largest, math.inf if math.isnan(off) else off)
    return largest


def has(python, packages):
    code = f"import importlib.util as u; exit(not all(u.find_spec(p) for p in {packages!r}))"
    return subprocess.run([python, "-c", code], capture_output=True).returncode == 0


def run(python, codes, folder):
    """What each program printed, and its error."""
    done = subprocess.run([python, "-c", RUNNER], input=json.dumps(codes), text=True, cwd=folder,
                          capture_output=True, timeout=1800)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def check_pages(pages, pythons, check):
    """Runs what the pages show; the largest difference for each library."""
    largest, missing = {}, set()
    for page in pages:
        name = page.path.name.split(".")[0]
        for kind, python in pythons.items():
            own = [(of, code) for of, with_, code in page.programs if with_ == kind]
            if not own:
                continue
            if not has(python, NEEDS[kind]):
                missing.add(kind)
                continue
            faults, worst = [], 0.0
            for (of, _), (printed, error) in zip(own, run(python, [code for _, code in own], page.path.parent),
                                                 strict=True):
                if of not in page.expected:
                    continue
                off = difference(printed, page.expected[of])
                worst = max(worst, off)
                if error or off > TOLERANCE:
                    faults.append(f"{of} is {off:.1e} off {error.strip().splitlines()[-1:]}")
            largest[kind] = max(largest.get(kind, 0.0), worst)
            check(f"yourself: {name}: {len(own)} programs with {kind}, {worst:.1e} off", not faults, "; ".join(faults))
    for kind in sorted(missing):
        print(f"      yourself: {kind} is not installed: its programs were not run", flush=True)
    return largest


def yourself(bench):
    """Every program of several pages prints the page's numbers."""
    from ways import labels  # here, so that this file runs alone without LibreOffice
    tools = str(bench.tools / "venv" / "bin" / "python")
    libraries = os.environ.get("GDTRACE_LIBRARIES_PYTHON", tools)
    pythons = {kind: tools if kind == "NumPy" else libraries for kind in NEEDS}
    bench.check("yourself: NumPy is installed", has(tools, ["numpy", "openpyxl"]))
    everyone = ",".join(labels(bench))
    pages = []
    for name, options in RUNS.items():
        options = [everyone if option == EVERYONE else option for option in options]
        book, said, _ = bench.run(f"yourself-{name}", *options)
        pages.append(Page(book.with_suffix(".html")))
    data = bench.new("yourself-many-data", "--rows", "450", "--noise", "2")
    book, _, _ = bench.run("yourself-many", "--epochs", "8", "--shuffle", "--batch-size", "20", source=data)
    pages.append(Page(book.with_suffix(".html")))
    bench.check("yourself: every optimizer has a program", len(pages[0].programs) >= len(everyone.split(",")))
    for kind, off in check_pages(pages, pythons, bench.check).items():
        print(f"      yourself: {kind}: at most {off:.1e} off", flush=True)
    # As a reader does it: a file of its own in a process of its own.
    seen = set()
    for of, kind, code in pages[0].programs:
        if kind in seen or not has(pythons[kind], NEEDS[kind]):
            continue
        seen.add(kind)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "check.py").write_text(code, encoding="utf-8")
            done = subprocess.run([pythons[kind], "check.py"], cwd=folder, text=True, capture_output=True, timeout=600)
        well = done.returncode == 0 and difference(done.stdout, pages[0].expected[of]) <= TOLERANCE
        bench.check(f"yourself: {of} with {kind} as a file of its own", well, done.stderr[-500:])


def main():
    failed = []

    def check(name, well, detail=""):
        print(("ok    " if well else "FAIL  ") + name + ("" if well else f": {detail}"), flush=True)
        failed.extend([] if well else [name])

    python, *pages = sys.argv[1:]
    print(check_pages([Page(page) for page in pages], dict.fromkeys(NEEDS, python), check))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
