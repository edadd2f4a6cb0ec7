"""Makes the golden files beside it: the walkthrough's numbers, computed without gdtrace.

Why: the trace must be right, not only the same as yesterday. So the numbers come from two places that
share nothing with gdtrace and nothing with each other:

- a plain NumPy script in float64, which computes every column of the first epoch and ten epochs of
  weights, from the formulas of the notes written out by hand below;
- PyTorch in float64: gradients from autograd, steps from torch.optim.

The script stops where the two disagree, or where a figure that was known before is not met. A third,
exact check needs neither: the least-squares line in fractions.

    python make_golden.py            writes *.json beside this file
    python make_golden.py --check    computes everything, writes nothing, fails if a file would change
"""

import json
import platform
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch

F = np.float64
HERE = Path(__file__).resolve().parent

X = [14, 86, 28, 51, 28, 29, 72, 62, 84, 15, 42, 62, 47, 35, 9, 38, 44, 99, 13, 21, 28, 20, 8, 64, 99, 70,
     27, 17, 8]
Y = [2 * x + 30 for x in X]
START = {"a": 1.0, "b": 1.0}
EPOCHS = 10
H = 0.01

# NumPy and PyTorch may round differently (torch folds the bias corrections into the step size), so they
# agree to a tolerance, not to the bit. It is relative to the larger of 1 and the number.
TOLERANCE = 1e-12


# ---- the rules, by hand: from the gradient g of one weight to its step, with the state that it keeps ----
# Each returns the columns of this weight by name, in the order in which they are computed; "step" is what
# is subtracted from the weight.

def sgd(g, prev, t, hyper):
    return {"step": hyper["lr"] * g}


def momentum(g, prev, t, hyper):
    v = hyper["beta"] * prev["v"] + (F(1) - hyper["beta"]) * g
    return {"v": v, "step": hyper["lr"] * v}


def rmsprop(g, prev, t, hyper):
    s = hyper["beta"] * prev["S"] + (F(1) - hyper["beta"]) * (g * g)
    return {"S": s, "step": hyper["lr"] * g / (np.sqrt(s) + hyper["eps"])}


def adam(g, prev, t, hyper):
    v = hyper["beta1"] * prev["v"] + (F(1) - hyper["beta1"]) * g
    s = hyper["beta2"] * prev["S"] + (F(1) - hyper["beta2"]) * (g * g)
    v_hat = v / (F(1) - hyper["beta1"] ** F(t))
    s_hat = s / (F(1) - hyper["beta2"] ** F(t))
    return {"v": v, "S": s, "v corrected": v_hat, "S corrected": s_hat,
            "step": hyper["lr"] * v_hat / (np.sqrt(s_hat) + hyper["eps"])}


# name of the file -> rule, hyperparameters, the state and other columns in the order of the sheet.
RUNS = {
    "sgd": (sgd, {"lr": 1e-4}, [], []),
    "momentum": (momentum, {"lr": 1e-4, "beta": 0.9}, ["v"], []),
    "rmsprop": (rmsprop, {"lr": 0.02, "beta": 0.9, "eps": 1e-8}, ["S"], []),
    "adam": (adam, {"lr": 0.5, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, ["v", "S"],
             ["v corrected", "S corrected"]),
    "adam_notes": (adam, {"lr": 0.5, "beta1": 0.999, "beta2": 0.9, "eps": 1e-8}, ["v", "S"],
                   ["v corrected", "S corrected"]),
}


def for_weight(column, w):
    """The header of a per-weight column: `v corrected` for `a` is `v_a corrected`."""
    name, _, rest = column.partition(" ")
    return f"{name}_{w} {rest}".strip()


def headers(state, derived):
    common = ["step", "epoch", "sample", "x", "y", "a", "b", "y_pred", "error", "err^2",
              "erra1", "est de/da", "errb1", "est de/db", "de/da", "de/db"]
    own = [for_weight(column, w) for column in state + derived for w in "ab"]
    return common + own + ["new a", "new b"]


def by_numpy(rule, hyper, state, derived):
    """Every column of the first epoch, and the weights and both RMSEs after each epoch."""
    hyper = {name: F(value) for name, value in hyper.items()}
    h = F(H)
    weights = {w: F(START[w]) for w in "ab"}
    kept = {w: {name: F(0) for name in state} for w in "ab"}
    rows, epochs, t = [], [], 0
    for epoch in range(1, EPOCHS + 1):
        squares = F(0)
        for sample, (x, y) in enumerate(zip(map(F, X), map(F, Y)), start=1):
            t += 1
            a, b = weights["a"], weights["b"]
            y_pred = a * x + b
            error = y_pred - y
            square = error * error
            erra1 = ((a + h) * x + b - y) ** 2
            errb1 = (a * x + (b + h) - y) ** 2
            gradient = {"a": x * (F(2) * error), "b": F(2) * error}
            row = {"step": t, "epoch": epoch, "sample": sample, "x": x, "y": y, "a": a, "b": b,
                   "y_pred": y_pred, "error": error, "err^2": square,
                   "erra1": erra1, "est de/da": (erra1 - square) / h,
                   "errb1": errb1, "est de/db": (errb1 - square) / h,
                   "de/da": gradient["a"], "de/db": gradient["b"]}
            for w in "ab":
                values = rule(gradient[w], kept[w], t, hyper)
                kept[w] = {name: values[name] for name in state}
                row.update({for_weight(name, w): values[name] for name in state + derived})
                weights[w] = weights[w] - values["step"]
                row[f"new {w}"] = weights[w]
            squares += square
            if epoch == 1:
                rows.append([plain(row[header]) for header in headers(state, derived)])
        rest = np.array(X, F) * weights["a"] + weights["b"] - np.array(Y, F)
        epochs.append({"epoch": epoch, "a": plain(weights["a"]), "b": plain(weights["b"]),
                       "rmse": plain(np.sqrt(np.sum(rest * rest) / F(len(X)))),
                       "online_rmse": plain(np.sqrt(squares / F(len(X))))})
    return rows, epochs


def by_torch(name, hyper):
    """The weights after each step of the first epoch and after each epoch; gradients from autograd."""
    a = torch.tensor(START["a"], dtype=torch.float64, requires_grad=True)
    b = torch.tensor(START["b"], dtype=torch.float64, requires_grad=True)
    if name == "sgd":
        optimizer = torch.optim.SGD([a, b], lr=hyper["lr"])
    elif name == "momentum":
        # The averaging form v = beta*v + (1-beta)*g with lr is PyTorch's v = beta*v + g with lr*(1-beta).
        optimizer = torch.optim.SGD([a, b], lr=hyper["lr"] * (1 - hyper["beta"]),
                                    momentum=hyper["beta"], dampening=0)
    elif name == "rmsprop":
        optimizer = torch.optim.RMSprop([a, b], lr=hyper["lr"], alpha=hyper["beta"], eps=hyper["eps"])
    else:
        optimizer = torch.optim.Adam([a, b], lr=hyper["lr"], betas=(hyper["beta1"], hyper["beta2"]),
                                     eps=hyper["eps"])
    steps, epochs = [], []
    for epoch in range(1, EPOCHS + 1):
        for sample, (x, y) in enumerate(zip(X, Y), start=1):
            optimizer.zero_grad()
            loss = (a * float(x) + b - float(y)) ** 2
            loss.backward()
            gradient = (a.grad.item(), b.grad.item())
            optimizer.step()
            if epoch == 1:
                steps.append({"step": sample, "de/da": gradient[0], "de/db": gradient[1],
                              "new a": a.item(), "new b": b.item()})
        epochs.append({"epoch": epoch, "a": a.item(), "b": b.item()})
    return steps, epochs


def least_squares(xs, ys):
    """Slope and intercept of the least-squares line, exact for the doubles given."""
    xs, ys = [Fraction(x) for x in xs], [Fraction(y) for y in ys]
    n = len(xs)
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    slope = (sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))
             / sum((x - mean_x) ** 2 for x in xs))
    return slope, mean_y - slope * mean_x


def plain(value):
    """A NumPy number as Python's own, so that JSON gets its shortest exact form."""
    return value.item() if isinstance(value, np.generic) else value


def difference(one, other):
    return abs(one - other) / max(1.0, abs(one), abs(other))


def near(name, got, wanted, tolerance=TOLERANCE):
    assert difference(got, wanted) <= tolerance, f"{name}: {got!r} where {wanted!r} is wanted"


def check_known_figures(head, rows):
    """What the walkthrough's first sheet shows, known before this script was written."""
    first = dict(zip(head, rows[0]))
    for name, wanted in {"y_pred": 15, "err^2": 1849, "de/db": -86, "de/da": -1204, "new a": 1.1204,
                         "new b": 1.0086}.items():
        near(f"sgd step 1, {name}", first[name], wanted)
    # The forward difference is off by exactly h for b and by h*x^2 for a; cancellation costs digits.
    near("sgd step 1, est de/db", first["est de/db"], -85.99, 1e-10)
    near("sgd step 1, est de/da", first["est de/da"], -1202.04, 1e-10)
    last = dict(zip(head, rows[-1]))
    near("sgd step 29, new a", last["new a"], 2.613084491952597, 1e-15)
    near("sgd step 29, new b", last["new b"], 1.0715160204418617, 1e-15)


def golden(name):
    rule, hyper, state, derived = RUNS[name]
    head = headers(state, derived)
    rows, epochs = by_numpy(rule, hyper, state, derived)
    torch_steps, torch_epochs = by_torch(name, hyper)
    if name == "sgd":
        check_known_figures(head, rows)
    reached = 0.0
    for row, step in zip(rows, torch_steps, strict=True):
        ours = dict(zip(head, row))
        for column in ["step", "de/da", "de/db", "new a", "new b"]:
            near(f"{name}, step {step['step']}, {column}", ours[column], step[column])
            reached = max(reached, difference(ours[column], step[column]))
    for ours, theirs in zip(epochs, torch_epochs, strict=True):
        for w in "ab":
            near(f"{name}, epoch {ours['epoch']}, {w}", ours[w], theirs[w])
            reached = max(reached, difference(ours[w], theirs[w]))
    print(f"{name}: NumPy and PyTorch agree to {reached:.2g} (allowed {TOLERANCE:g})")
    return {
        "optimizer": name.split("_")[0],
        "hyper": hyper,
        "start": START,
        "h": H,
        "versions": VERSIONS,
        "numpy_torch_difference": reached,
        "columns": head,
        "rows": rows,
        "epochs": epochs,
        "torch_steps": torch_steps,
        "torch_epochs": torch_epochs,
    }


def golden_lines():
    """Least-squares lines: the walkthrough's data, which has one, and noisy data, which must find one."""
    noise = np.random.default_rng(20240229)
    xs = [plain(x) for x in np.round(noise.uniform(1, 100, 40), 2)]
    ys = [plain(y) for y in np.round(2 * np.array(xs) + 30 + noise.normal(0, 12, 40), 3)]
    sets = {}
    for name, x, y in [("walkthrough", X, Y), ("noisy", xs, ys)]:
        slope, intercept = least_squares(x, y)
        fit = np.polyfit(np.array(x, F), np.array(y, F), 1)
        near(f"{name}, slope", float(slope), fit[0], 1e-10)
        near(f"{name}, intercept", float(intercept), fit[1], 1e-10)
        squares = sum((Fraction(v) - slope * Fraction(u) - intercept) ** 2 for u, v in zip(x, y))
        sets[name] = {"x": x, "y": y, "slope": float(slope), "intercept": float(intercept),
                      "rmse": float(np.sqrt(F(float(squares / len(x)))))}
    assert (sets["walkthrough"]["slope"], sets["walkthrough"]["intercept"]) == (2.0, 30.0)
    print("least_squares: exact, and np.polyfit agrees to 1e-10")
    return {"versions": VERSIONS, "sets": sets}


def as_text(document):
    """JSON with a trace row on one line: short to read, and a change shows in one line."""
    def write(value, indent):
        inner = indent + " "
        if isinstance(value, dict) and indent.count(" ") < 3:
            items = [f"{inner}{json.dumps(key)}: {write(item, inner)}" for key, item in value.items()]
            return "{\n" + ",\n".join(items) + f"\n{indent}}}"
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            items = [inner + json.dumps(item, allow_nan=False) for item in value]
            return "[\n" + ",\n".join(items) + f"\n{indent}]"
        return json.dumps(value, allow_nan=False)
    return write(document, "") + "\n"


VERSIONS = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    documents = {name: golden(name) for name in RUNS} | {"least_squares": golden_lines()}
    changed = []
    for name, document in documents.items():
        path, text = HERE / f"{name}.json", as_text(document)
        assert json.loads(text) == document, name
        if not check:
            path.write_text(text)
        elif not path.exists() or without_versions(path.read_text()) != without_versions(text):
            changed.append(path.name)
    if changed:
        sys.exit(f"would change: {', '.join(changed)}")


def without_versions(text):
    document = json.loads(text)
    del document["versions"]
    return document


if __name__ == "__main__":
    main()
