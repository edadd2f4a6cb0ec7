"""The page computes what the workbook has: every number of every column, in a browser, for all optimizers and ways to train."""

import json

from workbook import Workbook

# Of a number; of a difference of nearly equal numbers, of the largest that its formula refers to.
TOLERANCE = 1e-12
WIDTH = 0.01
# A formula with one of these may differ in the last digit from engine to engine; with none of them, in no digit.
ROUNDED = ("EXP(", "LN(", "LOG10(", "SIN(", "COS(", "TAN(", "TANH(", "^")

# Ways to train: name, options of `gdtrace run`.
WAYS = [
    ("walkthrough", []),
    ("batches", ["--batch-size", "4", "--shuffle", "--seed", "12345678901234567890"]),
    ("all samples", ["--batch-size", "all", "--clip", "5", "--l2", "0.1"]),
    ("cosine", ["--schedule", "cosine", "--weight-decay", "0.01"]),
    ("1cycle", ["--schedule", "1cycle", "--batch-size", "7", "--optimizers", "eve,lamb,polyak_sgd,dog,adamw,sgd",
                "--weight-decay", "0.1", "--decay-weights", "a", "--l2", "0.2"]),
    ("warmup", ["--schedule", "warmup:20+step:10:0.5", "--epochs", "3"]),
    ("annealing", ["--schedule", "annealing", "--optimizers", "rmsprop,adam"]),
    ("dialect", ["--dialect", "walkthrough"]),
    ("dialect until", ["--dialect", "walkthrough", "--epochs", "5", "--until", "rmse < 9"]),
    ("until", ["--until", "abs(rmse - prev.rmse) < 0.3", "--epochs", "40"]),
    ("patience", ["--patience", "2", "--epochs", "40", "--shuffle"]),
    ("scaled", ["--scale", "zscore", "--epochs", "20", "--until", "rmse < 17"]),
    ("gates", ["--gates", "--loss", "huber:1.5"]),
    ("diverging", ["--set", "lr=0.1", "--epochs", "20"]),
]

NETWORK = "sigmoid(w1*tanh(u1*x + c1) + w2*tanh(u2*x + c2) + d)"


class Count:
    """What was compared: cells, those that are equal to the last bit, those that agree on the scale of what they were
    computed from, and the largest relative difference of the others."""

    def __init__(self):
        self.cells = self.equal = self.by_operands = 0
        self.largest = 0.0

    def __add__(self, other):
        both = Count()
        both.cells, both.equal = self.cells + other.cells, self.equal + other.equal
        both.by_operands = self.by_operands + other.by_operands
        both.largest = max(self.largest, other.largest)
        return both

    def __str__(self):
        return (f"{self.cells} cells, {self.equal} equal to the last bit, {self.by_operands} differences of nearly equal "
                f"numbers, otherwise the largest difference {self.largest:.1e}")


def computes(bench):
    """Each way to train in a page of its own; all optimizers; what is set in the page beside a run with these options."""
    total = Count()
    for name, options in WAYS:
        book, _, _ = bench.run(f"computes {name}", *options)
        total += told(bench, name, book)
    total += network(bench)
    total += outputs(bench)
    total += everything(bench)
    long(bench)
    print(f"      {total}")
    timing(bench)


def told(bench, name, book, page=None, sets=()):
    """The runs of a page, after the SETs, beside a workbook."""
    page = page or book.with_suffix(".html")
    found = bench.browser.check("computes.cjs", page, *map(json.dumps, sets))
    bench.check(f"computes: {name}: no errors", not found["faults"], "; ".join(found["faults"]))
    workbook, count, wrong = Workbook(book), Count(), []
    runs = found["seen"][-1]["runs"]
    for run, rows in runs.items():
        beside(workbook, run, rows, count, wrong)
    bench.check(f"computes: {name}: {', '.join(runs) if len(runs) < 9 else f'{len(runs)} optimizers'}", not wrong,
                f"{len(wrong)} cells differ: " + "; ".join(wrong[:3]))
    return count


def beside(workbook, run, rows, count, wrong):
    """Compares the rows of a run with those of its sheet."""
    sheet = workbook.sheets[run]
    header = next(row for row, cells in sorted(sheet.rows.items()) if cells.get(1) == "row") + 1
    names = [text for _, text in sorted(sheet.rows[header].items())]
    computed = list(rows.values())
    length = sum(1 for row in sheet.rows if row > header)
    if names != list(rows) or any(len(values) != length for values in computed):
        wrong.append(f"{run}: {len(computed[0])} rows of {list(rows)} for {length} of {names}")
        return
    exact = is_exact(workbook, run, header, len(names))
    doubtful = {}
    for column, values in enumerate(computed, 1):
        for row, value in enumerate(values, header + 1):
            wanted = sheet.value(row, column)
            count.cells += 1
            if not isinstance(value, (int, float)) or not isinstance(wanted, (int, float)):
                well = value == wanted or (value is None and wanted in (None, ""))
            else:
                # JSON has whole numbers without a point.
                difference = abs(float(value) - wanted)
                well = difference == 0.0
                if not well and not exact and difference <= TOLERANCE * abs(wanted):
                    count.largest = max(count.largest, difference / abs(wanted))
                    continue
                if not well and not exact:
                    doubtful[row, column] = (value, wanted)
                    continue
            count.equal += well
            if not well:
                wrong.append(f"{run}, {names[column - 1]}, row {row - header - 1}: {value} for {wanted}")
    # A slope by finite differences is the difference of two losses, divided by their distance.
    estimates = {column for column, name in enumerate(names, 1) if name.startswith("est ")}
    settle(workbook, run, doubtful, estimates, count, wrong)


def settle(workbook, run, doubtful, estimates, count, wrong):
    """Differences of nearly equal numbers keep the rounding of what they were made from."""
    formulas = workbook.formula_texts(run, set(doubtful)) if doubtful else {}
    for place, (value, wanted) in doubtful.items():
        scale = workbook.largest_operand(run, formulas.get(place, "")) / (WIDTH if place[1] in estimates else 1)
        if scale > 0 and abs(value - wanted) <= TOLERANCE * scale:
            count.by_operands += 1
        else:
            wrong.append(f"{run}, {place}: {value} for {wanted}")


def is_exact(workbook, run, header, count):
    """Whether all formulas of a sheet are made of + − × ÷ √ and squares."""
    texts = workbook.formula_texts(run, {(header + 2, column) for column in range(1, count + 1)})
    return not any(word in text.replace("^2", "") for text in texts.values() for word in ROUNDED)


def network(bench):
    """A network with two hidden neurons and the cross-entropy, in mini-batches that are shuffled."""
    data = bench.folder / "classes.csv"
    data.write_text("x,y\n" + "".join(f"{x / 4},{int(abs(x) > 5)}\n" for x in range(-12, 13)))
    options = ["--model", NETWORK, "--loss", "log", "--init", "random", "--batch-size", "5", "--shuffle", "--epochs", "12",
               "--optimizers", "sgd,adam,rmsprop,lamb"]
    book, _, _ = bench.run("computes network", *options, source=data)
    return told(bench, "a network with cross-entropy", book)


def outputs(bench):
    """A network with two outputs, each with a class to tell."""
    data = bench.folder / "outputs.csv"
    rows = [(x / 4, (x * x) % 7 / 2) for x in range(-12, 13)]
    data.write_text("x1,x2,y1,y2\n" + "".join(f"{x},{z},{int(x + z > 1)},{int(x * z > 0)}\n" for x, z in rows))
    options = ["--network", "2-2-2", "--loss", "log", "--init", "random", "--batch-size", "5", "--epochs", "8", "--gates",
               "--optimizers", "sgd,adam,rmsprop,lamb"]
    book, _, _ = bench.run("computes outputs", *options, source=data)
    return told(bench, "a network with two outputs", book)


def long(bench):
    """A run that is long enough to be computed beside the page: in a worker, with the end that the program tells."""
    options = ["--epochs", "10", "--optimizers", "sgd,adam"]
    book, said, _ = bench.run("computes long", *options, source=bench.new("long", "--rows", 5000, "--noise", 5))
    page = book.with_suffix(".html")
    found = bench.browser.check("computes.cjs", page, "--results", json.dumps({"adam.beta1": 0.8}))
    bench.check("computes: long: no errors", not found["faults"], "; ".join(found["faults"]))
    bench.check("computes: long: a worker computes it", found["workers"] >= 1, str(found["workers"]))
    ends = found["seen"][0]["results"]
    for run in said["optimizers"]:
        name, end = run["name"], ends[run["name"]]
        same = all(abs(end["final"][weight] - value) <= TOLERANCE * abs(value) for weight, value in run["final"].items())
        bench.check(f"computes: long: {name} ends where the program ends", same, f"{end['final']} for {run['final']}")
    changed = found["seen"][1]["results"]["adam"]["final"] != ends["adam"]["final"]
    bench.check("computes: long: another beta1 ends elsewhere", changed)


def everything(bench):
    """All optimizers with their variants in one page; and set in the page of the walkthrough, with another batch size,
    loss and number of epochs, beside runs with these options."""
    page = bench.run("computes walkthrough")[0].with_suffix(".html")
    store = page.read_text().split('id="gd-store">')[1].split("</script>")[0]
    names = [one["name"] for one in json.loads(store)["program"]["optimizers"]]
    labels = ["--optimizers", ",".join(name.replace(" ", ":") for name in names)]
    bench.check("computes: the page has every optimizer", len(names) > 70, str(len(names)))
    total = Count()
    changes = [("all", ["--epochs", "2"], {"epochs": 2}),
               ("all in batches", ["--epochs", "2", "--batch-size", "4", "--loss", "huber:1"],
                {"epochs": 2, "batch_size": 4, "loss": "huber:1"}),
               ("all on all samples", ["--epochs", "2", "--batch-size", "all", "--loss", "half-squared"],
                {"epochs": 2, "batch_size": "all", "loss": "half-squared"})]
    for name, options, change in changes:
        book, _, _ = bench.run(f"computes {name}", *labels, *options)
        total += told(bench, name, book)
        # Learning rates are chosen for the data: those of the workbook's page are set in the other one.
        state = bench.browser.check("computes.cjs", book.with_suffix(".html"))["seen"][0]["state"]
        hyper = {key: value for key, value in state.items() if "." in key}
        total += told(bench, f"{name}, set in the page", book, page, [{"optimizers": names, **change}, hyper])
    return total


def timing(bench):
    """How long it takes to compute 290 and 10,000 steps of four optimizers."""
    page = bench.run("computes walkthrough")[0].with_suffix(".html")
    epochs = [10, 345]
    found = bench.browser.check("computes.cjs", page, *[json.dumps({"epochs": one}) for one in [*epochs, *epochs, *epochs]])
    for at, (one, most) in enumerate(zip(epochs, [16, 150])):
        time = min(seen["time"] for seen in found["seen"][1 + at::2])
        print(f"      {29 * one} steps of four optimizers: {time:.1f} ms")
        bench.check(f"computes: {29 * one} steps of four optimizers in less than {most} ms", time < most, f"{time:.1f} ms")
    size = page.stat().st_size
    print(f"      the page of the walkthrough: {size / 1e3:.0f} kB")
