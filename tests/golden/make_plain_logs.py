"""Makes the logs of tests/golden/plain_logs: trainings by PyTorch of which the weights alone were logged, some with the
loss, with the data that they were trained on; and logs.json, which says of each what it is.

Three models, each with its data: a line, a plane over two features, and one neuron with a tanh. The batches are all
samples, one sample, or four of them, always in the order of the file; 22 samples leave a rest of two.

    pip install torch numpy
    python tests/golden/make_plain_logs.py
"""
import csv
import json
import pathlib
from types import SimpleNamespace

import numpy
import torch

folder = pathlib.Path(__file__).parent / "plain_logs"
random = numpy.random.RandomState(11)

ADAM = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
PLAIN_ADAM = "adam:pytorch adam:optax"
PLAIN_ADAMW = "adamw:pytorch adamw:optax"
HEAVY_BALL = "momentum:pytorch momentum:keras"


# ---- the models, with their data

def rows(count, features, of, noise):
    x = numpy.round(random.uniform(-2, 2, (count, features)), 2)
    return x, numpy.round(of(x) + noise * random.randn(count), 3)


class Line(torch.nn.Module):
    def __init__(self, number):
        super().__init__()
        self.w, self.b = number(0.3), number(-0.2)

    def forward(self, x):
        return self.w * x[:, 0] + self.b


class Plane(torch.nn.Module):
    """The weights as a library's layer has them: weight[0, 0], weight[0, 1], bias[0]."""

    def __init__(self, number):
        super().__init__()
        self.weight, self.bias = number([[0.35, -0.45]]), number([0.2])

    def forward(self, x):
        return torch.nn.functional.linear(x, self.weight, self.bias)[:, 0]


class Neuron(torch.nn.Module):
    def __init__(self, number):
        super().__init__()
        self.v, self.w, self.b, self.c = number(0.8), number(0.6), number(0.1), number(-0.3)

    def forward(self, x):
        return self.v * torch.tanh(self.w * x[:, 0] + self.b) + self.c


MODELS = {
    "line": (Line, "w*x + b", rows(22, 1, lambda x: 1.5 * x[:, 0] - 0.8, 0.3)),
    "plane": (Plane, "w1*x1 + w2*x2 + b", rows(24, 2, lambda x: 1.2 * x[:, 0] - 0.7 * x[:, 1] + 0.4, 0.2)),
    "neuron": (Neuron, "v*tanh(w*x + b) + c", rows(16, 1, lambda x: 2 * numpy.tanh(1.1 * x[:, 0] - 0.4) + 0.5, 0.1)),
}


# ---- what was logged: the expression that made the optimizer, and how gdtrace calls that

def log(name, made_with, forms, hyper, model="line", batch="all", loss=False, dtype="float64", steps=40, schedule=None,
        **more):
    """`forms` are all that take these very steps, separated by blanks."""
    return SimpleNamespace(name=name, made_with=made_with, forms=forms.split(), hyper=hyper, model=model, batch=batch,
                           loss=loss, dtype=dtype, steps=steps, schedule=schedule, more=more)


SGD = ("SGD(weights, lr=0.05)", "sgd", {"lr": 0.05})
MOMENTUM = ("SGD(weights, lr=0.02, momentum=0.9)", HEAVY_BALL, {"lr": 0.02, "beta": 0.9})
ADAM_ = ("Adam(weights, lr=0.01)", PLAIN_ADAM, {"lr": 0.01} | ADAM)
ADAMW = ("AdamW(weights, lr=0.01, weight_decay=0.05)", PLAIN_ADAMW, {"lr": 0.01, "decay": 0.05} | ADAM)
RMSPROP = ("RMSprop(weights, lr=0.01)", "rmsprop:pytorch", {"lr": 0.01, "beta": 0.99, "eps": 1e-8})
FIVE = {"sgd": SGD, "momentum": MOMENTUM, "adam": ADAM_, "adamw": ADAMW, "rmsprop": RMSPROP}
STEP = "StepLR(optimizer, 20, 0.1)"


def without_rate(hyper):
    return {name: value for name, value in hyper.items() if name != "lr"}


LOGS = []
for at, (name, (made_with, forms, hyper)) in enumerate(FIVE.items()):
    for batch in ["all", 1, 4]:
        # Every other one has the loss.
        LOGS.append(log(f"line-{name}-{batch}", made_with, forms, hyper, batch=batch, loss=len(LOGS) % 2 == 0))
    LOGS.append(log(f"line-{name}-float32", made_with, forms, hyper, batch=["all", 1, 4][at % 3], loss=at % 2 == 0,
                    dtype="float32"))
LOGS += [
    log("line-sgd-decay", "SGD(weights, lr=0.05, weight_decay=0.1)", "sgd", {"lr": 0.05, "l2": 0.1}, batch=4),
    log("line-sgd-drop", *SGD, batch=4, drops_last=True),
    log("line-momentum-drop", *MOMENTUM, batch=4, loss=True, drops_last=True),
    log("line-sgd-sum", "SGD(weights, lr=0.005)", "sgd", {"lr": 0.005}, batch=4, loss=True, reduction="sum"),
    log("line-momentum-steps", *MOMENTUM[:2], without_rate(MOMENTUM[2]), batch=4, steps=60, schedule=STEP,
        changes={"lr": [21, 41]}),
    log("line-adam-steps", *ADAM_[:2], ADAM, batch=1, loss=True, steps=60, schedule=STEP, changes={"lr": [21, 41]}),
    log("plane-momentum", *MOMENTUM, model="plane", batch=4),
    log("plane-adam", *ADAM_, model="plane", batch=4, loss=True),
    log("plane-adam-float32", *ADAM_, model="plane", batch=4, dtype="float32"),
    log("plane-rmsprop-steps", *RMSPROP[:2], without_rate(RMSPROP[2]), model="plane", batch=6, steps=60, schedule=STEP,
        changes={"lr": [21, 41]}),
    log("neuron-sgd", *SGD, model="neuron", batch=1, loss=True),
    log("neuron-momentum", *MOMENTUM, model="neuron", steps=60),
    log("neuron-adam", *ADAM_, model="neuron", batch=4),
    log("neuron-adamw-float32", *ADAMW, model="neuron", loss=True, dtype="float32"),
    log("neuron-rmsprop", *RMSPROP, model="neuron", batch=5),
    # Batches that nobody can know.
    log("line-sgd-shuffled", *SGD, batch=4, loss=True, shuffled=True),
]


def batches(count, one):
    """The samples of each step, epoch by epoch."""
    size = count if one.batch == "all" else one.batch
    last = count - size + 1 if one.more.get("drops_last") else count
    while True:
        order = random.permutation(count) if one.more.get("shuffled") else numpy.arange(count)
        for first in range(0, last, size):
            yield order[first:first + size]


def train(one):
    dtype = getattr(torch, one.dtype)
    torch.set_default_dtype(dtype)
    kind, _, (x, y) = MODELS[one.model]
    model = kind(lambda values: torch.nn.Parameter(torch.tensor(values)))
    optimizer = eval(f"torch.optim.{one.made_with}", {"torch": torch, "weights": model.parameters()})
    schedule = f"torch.optim.lr_scheduler.{one.schedule}"
    scheduler = eval(schedule, {"torch": torch, "optimizer": optimizer}) if one.schedule else None
    x, y = (torch.tensor(values, dtype=dtype) for values in (x, y))
    reduce = getattr(torch, one.more.get("reduction", "mean"))
    names = [f"{name}{list(at) if at else ''}" for name, p in model.named_parameters() for at in numpy.ndindex(*p.shape)]
    with open(folder / f"{one.name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["step", *names, *(["loss"] if one.loss else [])])
        for step, batch in zip(range(one.steps), batches(len(x), one)):
            optimizer.zero_grad()
            loss = reduce((model(x[batch]) - y[batch]) ** 2)
            loss.backward()
            tensors = [*model.parameters(), *([loss] if one.loss else [])]
            out.writerow([step, *(str(v) for t in tensors for v in t.detach().numpy().ravel())])
            optimizer.step()
            if scheduler:
                scheduler.step()


def main():
    folder.mkdir(exist_ok=True)
    for name, (_, _, (x, y)) in MODELS.items():
        features = [f"x{at + 1}" for at in range(x.shape[1])] if x.shape[1] > 1 else ["x"]
        with open(folder / f"{name}.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([[*features, "y"], *numpy.column_stack([x, y]).tolist()])
    index = []
    for one in LOGS:
        train(one)
        index.append({"log": one.name, "made_with": f"torch.optim.{one.made_with}", "data": f"{one.model}.csv",
                      "model": MODELS[one.model][1], "batch": one.batch, "precision": one.dtype, "forms": one.forms,
                      "hyper": one.hyper} | one.more)
    lines = ",\n".join(f" {json.dumps(one)}" for one in index)
    (folder / "logs.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
