"""Makes curvature.json beside it: Hessians of mean losses, by PyTorch's autograd in float64.

Why: gdtrace differentiates its formulas twice and simplifies them; here nothing is written out by hand, so
that a slip in either is found. Eigenvalues come from numpy.linalg, exact solutions from numpy.linalg.lstsq.

    python make_curvature.py            writes curvature.json
    python make_curvature.py --check    writes nothing, fails if the file would change by more than 1e-13
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
WALKTHROUGH = [14, 86, 28, 51, 28, 29, 72, 62, 84, 15, 42, 62, 47, 35, 9, 38, 44, 99, 13, 21, 28, 20, 8, 64, 99, 70,
               27, 17, 8]
X = [-2.5, -1.75, -1.5, -0.5, 0.25, 0.75, 1.0, 2.25, 3.0, 3.5]
X2 = [0.3, 4.1, 2.2, 1.7, 0.9, 3.3, 2.8, 0.1, 1.2, 4.6]
NOISE = [0.2, -0.4, 0.1, 0.5, -0.3, 0.0, 0.6, -0.1, -0.2, 0.3]


def squared(prediction, y):
    return (prediction - y) ** 2


def log(prediction, y):
    return -(y * torch.log(prediction) + (1 - y) * torch.log(1 - prediction))


# Name: formula, loss, start weights in the formula's order, data columns with y last, the model, its loss,
# whether it is linear in the weights.
CASES = {
    "line": ("a*x + b", "squared", [1.0, 1.0],
             {"x": WALKTHROUGH, "y": [2 * x + 30 for x in WALKTHROUGH]},
             lambda w, d: w[0] * d["x"] + w[1], squared, True),
    "quadratic": ("a*x^2 + b*x + c", "squared", [1.0, -0.5, 2.0],
                  {"x": X, "y": [0.3 * x * x - x + 2 + e for x, e in zip(X, NOISE)]},
                  lambda w, d: w[0] * d["x"] ** 2 + w[1] * d["x"] + w[2], squared, True),
    "logistic": ("sigmoid(a*x + b)", "log", [0.8, -0.3],
                 {"x": X, "y": [0, 0, 1, 0, 0, 1, 1, 0, 1, 1]},
                 lambda w, d: torch.sigmoid(w[0] * d["x"] + w[1]), log, False),
    "two inputs": ("a*x1 + c*x2 + b", "squared", [1.0, 0.5, -1.0],
                   {"x1": X, "x2": X2, "y": [2 * x - z + 3 + e for x, z, e in zip(X, X2, NOISE)]},
                   lambda w, d: w[0] * d["x1"] + w[1] * d["x2"] + w[2], squared, True),
    "hidden unit": ("c*tanh(a*x + b) + d", "squared", [1.2, 0.4, 0.2, 0.1],
                    {"x": X, "y": [math.tanh(x) + e for x, e in zip(X, NOISE)]},
                    lambda w, d: w[0] * torch.tanh(w[1] * d["x"] + w[2]) + w[3], squared, False),
}


def case(formula, loss, start, columns, model, of, linear):
    data = {name: torch.tensor(values, dtype=torch.float64) for name, values in columns.items()}
    weights = torch.tensor(start, dtype=torch.float64)

    def mean_loss(w):
        return of(model(w, data), data["y"]).mean()

    def residuals(w):
        return model(w, data) - data["y"]

    hessian = torch.autograd.functional.hessian(mean_loss, weights)
    jacobian = torch.autograd.functional.jacobian(residuals, weights)
    made = {"model": formula, "loss": loss, "start": start, "data": columns,
            "gradient": torch.autograd.functional.jacobian(mean_loss, weights).tolist(),
            "jacobian": jacobian.tolist(), "hessian": hessian.tolist(),
            "eigenvalues": np.linalg.eigvalsh(hessian.numpy()).tolist()}
    if linear:
        right = (data["y"] - model(torch.zeros_like(weights), data)).numpy()
        made["exact"] = np.linalg.lstsq(jacobian.numpy(), right, rcond=None)[0].tolist()
    return made


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other if isinstance(one, str) else abs(one - other) <= 1e-13 * max(1, abs(other))


def main():
    file = HERE / "curvature.json"
    made = {name: case(*described) for name, described in CASES.items()}
    if "--check" in sys.argv:
        sys.exit(0 if same(made, json.loads(file.read_text())) else "curvature.json would change")
    lines = [f" {json.dumps(name)}: {json.dumps(one)}" for name, one in made.items()]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
