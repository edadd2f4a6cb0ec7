"""Makes models.json: models other than the line, trained by PyTorch in float64.

Why: gdtrace gets the gradients of any model from its own circuit of gates. Here they come from autograd,
the losses from torch.nn.functional and the steps from torch.optim, which share nothing with it.

A case says the model as gdtrace reads it and once more in Python. Nothing in it may hang on a rounding:
no ReLU input and no error under a kink is near 0, and start weights that are off by 1e-14 of themselves
end within 1e-11; the script stops otherwise.

    python make_models.py            writes models.json beside this file
    python make_models.py --check    computes everything, writes nothing, fails if the file would change
"""

import json
import math
import sys

import numpy as np
import torch
from torch.nn import functional

from make_golden import HERE, VERSIONS, without_versions

torch.set_default_dtype(torch.float64)
EPOCHS = 4
SAMPLES = 12
# How near a kink an input may come, how far a run may drift from one that starts beside it.
KINK, BESIDE, DRIFT = 1e-6, 1e-14, 1e-11

LOSSES = {
    "squared": lambda p, y: functional.mse_loss(p, y),
    "half-squared": lambda p, y: functional.mse_loss(p, y) / 2,
    "absolute": lambda p, y: functional.l1_loss(p, y),
    "huber:2": lambda p, y: functional.huber_loss(p, y, delta=2.0),
    "log": lambda p, y: functional.binary_cross_entropy(p, y),
    "(y_pred - y)^4": lambda p, y: (p - y) ** 4,
}
# Losses with a kink: where, in the absolute error.
KINKS = {"absolute": 0.0, "huber:2": 2.0}

DEFAULTS = {"momentum": {"beta": 0.9}, "rmsprop": {"beta": 0.9, "eps": 1e-8},
            "adam": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}}


class Kinks:
    """relu, and how near its inputs come to 0."""
    nearest = math.inf

    @classmethod
    def relu(cls, u):
        cls.nearest = min(cls.nearest, abs(u.item()))
        return torch.relu(u)


relu = Kinks.relu
sigmoid, exp, sin, tanh = torch.sigmoid, torch.exp, torch.sin, torch.tanh

noise = np.random.default_rng(20240301)


def spread(low, high):
    return [round(float(x), 2) for x in noise.uniform(low, high, SAMPLES)]


def of(formula, *inputs, scatter=0.0):
    values = [formula(*sample) + scatter * float(noise.normal()) for sample in zip(*inputs)]
    return [round(float(value), 3) for value in values]


def cases():
    """name, model, the same in Python, loss, data, start weights, learning rates of the four optimizers."""
    x = spread(-2, 2)
    yield ("parabola", "a*x^2 + b*x + c", lambda w, x: w["a"] * x ** 2 + w["b"] * x + w["c"], "squared",
           {"x": x, "y": of(lambda x: 1.5 * x * x - 2 * x + 0.5, x, scatter=0.2)},
           {"a": 0.2, "b": 0.1, "c": -0.3}, (0.02, 0.02, 0.05, 0.1))
    x = spread(-3, 3)
    classes = [1.0 if u + 0.8 * float(noise.normal()) > 0.4 else 0.0 for u in x]
    for loss in ["squared", "log"]:
        yield (f"classes, {loss}", "sigmoid(a*x + b)", lambda w, x: sigmoid(w["a"] * x + w["b"]), loss,
               {"x": x, "y": classes}, {"a": 0.3, "b": -0.2}, (0.3, 0.3, 0.05, 0.1))
    x = spread(-2, 3)
    yield ("hinge", "c*relu(a*x + b) + d", lambda w, x: w["c"] * relu(w["a"] * x + w["b"]) + w["d"], "squared",
           {"x": x, "y": of(lambda x: 2 * max(0, x - 0.5) + 1, x, scatter=0.1)},
           {"c": 0.7, "a": 0.9, "b": 0.21, "d": 0.4}, (0.01, 0.01, 0.02, 0.05))
    x1, x2 = spread(0, 5), spread(-3, 3)
    y = of(lambda x1, x2: 1.2 * x1 - 0.7 * x2 + 3, x1, x2, scatter=1.5)
    for loss in ["squared", "half-squared", "absolute", "huber:2"]:
        yield (f"two inputs, {loss}", "a*x1 + c*x2 + b", lambda w, x1, x2: w["a"] * x1 + w["c"] * x2 + w["b"],
               loss, {"x1": x1, "x2": x2, "y": y}, {"a": 0.5, "c": 0.1, "b": 0.3}, (0.02, 0.02, 0.05, 0.1))
    x = spread(-2, 2)
    yield ("network", "v1*relu(w1*x + b1) + v2*relu(w2*x + b2) + c",
           lambda w, x: w["v1"] * relu(w["w1"] * x + w["b1"]) + w["v2"] * relu(w["w2"] * x + w["b2"]) + w["c"],
           "squared", {"x": x, "y": of(abs, x, scatter=0.05)},
           {"v1": 0.6, "w1": 0.7, "b1": 0.13, "v2": 0.5, "w2": -0.8, "b2": 0.17, "c": 0.1},
           (0.02, 0.02, 0.02, 0.05))
    x = spread(0, 4)
    yield ("decay", "exp(-a*x)*b", lambda w, x: exp(-w["a"] * x) * w["b"], "squared",
           {"x": x, "y": of(lambda x: 3 * math.exp(-0.8 * x), x, scatter=0.05)},
           {"a": 0.3, "b": 1.5}, (0.05, 0.05, 0.02, 0.05))
    x = spread(-3, 3)
    yield ("wave", "a*sin(w*x) + b", lambda w, x: w["a"] * sin(w["w"] * x) + w["b"], "squared",
           {"x": x, "y": of(lambda x: 2 * math.sin(1.1 * x) + 0.5, x, scatter=0.1)},
           {"a": 1.2, "w": 0.9, "b": 0.1}, (0.02, 0.02, 0.02, 0.05))
    x = spread(-2, 2)
    yield ("step", "tanh(a*x + b)", lambda w, x: tanh(w["a"] * x + w["b"]), "half-squared",
           {"x": x, "y": of(lambda x: math.tanh(1.7 * x - 0.5), x, scatter=0.05)},
           {"a": 0.4, "b": 0.2}, (0.2, 0.2, 0.05, 0.1))
    x = spread(-1, 1)
    yield ("fourth power", "a*x + b", lambda w, x: w["a"] * x + w["b"], "(y_pred - y)^4",
           {"x": x, "y": of(lambda x: 0.9 * x + 0.4, x, scatter=0.1)},
           {"a": -0.2, "b": -0.3}, (0.02, 0.02, 0.02, 0.05))
    # Several outputs: the loss of a sample is the sum over them.
    x = spread(-2, 2)
    yield ("two outputs that share a weight", "a*x + b; c*x^2 - a*x + b",
           lambda w, x: [w["a"] * x + w["b"], w["c"] * x ** 2 - w["a"] * x + w["b"]], "squared",
           {"x": x, "y1": of(lambda x: 1.5 * x + 0.5, x, scatter=0.2),
            "y2": of(lambda x: 0.8 * x * x - 1.4 * x + 0.6, x, scatter=0.2)},
           {"a": 0.2, "b": 0.1, "c": -0.3}, (0.01, 0.01, 0.02, 0.05))
    x1, x2 = spread(-2, 2), spread(-2, 2)
    y1 = [1.0 if u + v > 0.3 else 0.0 for u, v in zip(x1, x2)]
    y2 = [1.0 if u - 0.5 * v > -0.2 else 0.0 for u, v in zip(x1, x2)]
    unit = "sigmoid(w{}*x1 + w{}*x2 + b{})".format
    one, other = unit(1, 2, 1), unit(3, 4, 2)
    for loss in ["half-squared", "log"]:
        yield (f"network of two outputs, {loss}",
               f"sigmoid(w5*{one} + w6*{other} + b3); sigmoid(w7*{one} + w8*{other} + b4)", two_outputs, loss,
               {"x1": x1, "x2": x2, "y1": y1, "y2": y2},
               {"w5": 0.4, "w1": 0.15, "w2": 0.2, "b1": 0.35, "w6": 0.45, "w3": 0.25, "w4": 0.3, "b2": 0.3,
                "b3": 0.6, "w7": 0.5, "w8": 0.55, "b4": 0.5}, (0.5, 0.5, 0.05, 0.1))


def two_outputs(w, x1, x2):
    hidden = [sigmoid(w[f"w{first}"] * x1 + w[f"w{first + 1}"] * x2 + w[b]) for first, b in ((1, "b1"), (3, "b2"))]
    return [sigmoid(w[f"w{first}"] * hidden[0] + w[f"w{first + 1}"] * hidden[1] + w[b]) for first, b in ((5, "b3"), (7, "b4"))]


def each_output(predicted):
    return predicted if isinstance(predicted, list) else [predicted]


def torch_optimizer(name, weights, hyper):
    if name == "sgd":
        return torch.optim.SGD(weights, lr=hyper["lr"])
    if name == "momentum":
        # The averaging form v = beta*v + (1-beta)*g with lr is PyTorch's v = beta*v + g with lr*(1-beta).
        return torch.optim.SGD(weights, lr=hyper["lr"] * (1 - hyper["beta"]), momentum=hyper["beta"], dampening=0)
    if name == "rmsprop":
        return torch.optim.RMSprop(weights, lr=hyper["lr"], alpha=hyper["beta"], eps=hyper["eps"])
    return torch.optim.Adam(weights, lr=hyper["lr"], betas=(hyper["beta1"], hyper["beta2"]), eps=hyper["eps"])


def train(name, hyper, predict, loss, data, start):
    """The gradients of the first epoch's steps; weights, mean loss and RMSE after each epoch."""
    weights = {w: torch.tensor(value, requires_grad=True) for w, value in start.items()}
    optimizer = torch_optimizer(name, list(weights.values()), hyper)
    inputs = [torch.tensor(values) for key, values in data.items() if not key.startswith("y")]
    targets = [torch.tensor(values) for key, values in data.items() if key.startswith("y")]
    gradients, epochs = [], []
    for epoch in range(1, EPOCHS + 1):
        for sample in range(SAMPLES):
            optimizer.zero_grad()
            predicted = each_output(predict(weights, *(values[sample] for values in inputs)))
            pairs = list(zip(predicted, (y[sample] for y in targets), strict=True))
            if loss in KINKS:
                distance = min(abs(abs((p - t).item()) - KINKS[loss]) for p, t in pairs)
                Kinks.nearest = min(Kinks.nearest, distance)
            sum(LOSSES[loss](p, t) for p, t in pairs).backward()
            if epoch == 1:
                gradients.append([weight.grad.item() for weight in weights.values()])
            optimizer.step()
        with torch.no_grad():
            predictions = [each_output(predict(weights, *(values[sample] for values in inputs))) for sample in range(SAMPLES)]
            pairs = [(p, y[sample]) for sample, all_of in enumerate(predictions) for p, y in zip(all_of, targets)]
            errors = [(p - t).item() for p, t in pairs]
            losses = [LOSSES[loss](p, t).item() for p, t in pairs]
        epochs.append({"weights": [weight.item() for weight in weights.values()],
                       "loss": math.fsum(losses) / SAMPLES,
                       "rmse": math.sqrt(math.fsum(error * error for error in errors) / SAMPLES)})
    return {"hyper": hyper, "gradients": gradients, "epochs": epochs}


def steady(case, run, beside):
    """Stops where the run hangs on a rounding."""
    assert Kinks.nearest > KINK, f"{case}: {Kinks.nearest} from a kink"
    for one, other in zip(run["epochs"], beside["epochs"]):
        for here, there in zip(one["weights"], other["weights"]):
            drift = abs(here - there) / max(1, abs(here))
            assert drift < DRIFT, f"{case}: drifts by {drift}"


def golden():
    out = []
    for name, model, predict, loss, data, start, rates in cases():
        runs = {}
        for optimizer, lr in zip(["sgd", "momentum", "rmsprop", "adam"], rates, strict=True):
            hyper = {"lr": lr} | DEFAULTS.get(optimizer, {})
            Kinks.nearest = math.inf
            run = train(optimizer, hyper, predict, loss, data, start)
            beside = {w: value * (1 + BESIDE) for w, value in start.items()}
            steady(f"{name}, {optimizer}", run, train(optimizer, hyper, predict, loss, data, beside))
            runs[optimizer] = run
            first, last = run["epochs"][0]["rmse"], run["epochs"][-1]["rmse"]
            print(f"{name:26} {optimizer:9} rmse {first:8.4f} to {last:8.4f}, {Kinks.nearest:.2g} from a kink")
        out.append({"name": name, "model": model, "loss": loss, "data": data, "start": start, "runs": runs})
    return {"versions": VERSIONS, "cases": out}


def as_text(document):
    """JSON with the gradients of a step, or the numbers of an epoch, on one line."""
    def write(value, indent):
        if isinstance(value, dict) and any(isinstance(item, (dict, list)) for item in value.values()) \
                and not set(value) & {"weights"}:
            items = [f"{indent} {json.dumps(key)}: {write(item, indent + ' ')}" for key, item in value.items()]
            return "{\n" + ",\n".join(items) + f"\n{indent}}}"
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            return "[\n" + ",\n".join(f"{indent} {write(item, indent + ' ')}" for item in value) + f"\n{indent}]"
        return json.dumps(value, allow_nan=False)
    return write(document, "") + "\n"


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    document = golden()
    path, text = HERE / "models.json", as_text(document)
    assert json.loads(text) == document
    if not check:
        path.write_text(text)
    elif not path.exists() or without_versions(path.read_text()) != without_versions(text):
        sys.exit("would change: models.json")


if __name__ == "__main__":
    main()
