"""`gdtrace.record` with the optimizers of PyTorch, Keras and Optax: what it says against how they were made.

A library that is not installed is skipped, which pytest's summary tells (-rs); what stands in for PyTorch's hooks is always there.
"""

import os

import gdtrace
import pytest
from conftest import EXAMPLES

os.environ.setdefault("KERAS_BACKEND", "jax")

X = [(0.3, -1.2), (1.1, 0.4), (-0.7, 0.9), (0.2, 0.6), (-1.5, -0.3), (0.8, 1.4)]
Y = [1.5 * a - 0.8 * b + 0.3 + 0.1 * (at % 3) for at, (a, b) in enumerate(X)]


class Flat(list):
    """Numbers as a tensor has them."""

    def __getitem__(self, at):
        return Flat(super().__getitem__(at))

    def tolist(self):
        return list(self)


class Parameter:
    """A number with a gradient, as PyTorch has it."""

    def __init__(self, value):
        self.value, self.grad = value, None

    dtype, shape, is_sparse = "stand_in.float64", (), False

    def detach(self):
        return self

    def reshape(self, _):
        return Flat([self.value])


class Momentum:
    """Heavy-ball momentum with PyTorch's hooks, written down here: v = beta*v + g, w = w - lr*v."""

    def __init__(self, weights, lr, beta):
        self.param_groups = [{"params": list(weights.values()), "param_names": list(weights)}]
        self.lr, self.beta, self.velocity, self.hooks = lr, beta, {}, []

    def register_step_pre_hook(self, hook):
        self.hooks.append(hook)
        return type("Handle", (), {"remove": lambda _: self.hooks.remove(hook)})()

    def step(self):
        for hook in self.hooks:
            hook(self, (), {})
        for group in self.param_groups:
            for one in group["params"]:
                self.velocity[one] = self.beta * self.velocity.get(one, 0.0) + one.grad
                one.value -= self.lr * self.velocity[one]


def train_stand_in(optimizer, steps=20):
    w, b = optimizer.param_groups[0]["params"]
    for step in range(steps):
        (x, _), y = X[step % 6], Y[step % 6]
        error = w.value * x + b.value - y
        w.grad, b.grad = 2 * error * x, 2 * error
        optimizer.step()


def test_hooks_log_what_each_step_starts_from(tmp_path):
    optimizer = Momentum({"w": Parameter(0.3), "b": Parameter(-0.2)}, lr=0.05, beta=0.8)
    with gdtrace.record(optimizer) as log:
        train_stand_in(optimizer)
    assert log.optimizer is optimizer and not optimizer.hooks
    train_stand_in(optimizer)  # is not logged any more
    assert len(log) == 20 and log.columns == ["step", "w", "b", "w.grad", "b.grad"]
    assert [float(one) for one in log.rows[0][1:3]] == [0.3, -0.2]
    found = log.identify()
    assert found.agrees and found.optimizer == "momentum" and {"lr": 0.05, "beta": 0.8}.items() <= found.settings.items()
    assert "lr=0.05" in str(found)
    log.to_csv(tmp_path / "log.csv")
    told = gdtrace.compare(tmp_path / "log.csv")
    assert told.agrees and told.trainings[0] == found.json


def test_any_training_can_be_logged_by_hand():
    log, w = gdtrace.record(), {"w": [0.3, -0.2], "b": 0.1}
    for (a, c), y in zip(X * 3, Y * 3):
        error = w["w"][0] * a + w["w"][1] * c + w["b"] - y
        gradient = {"w": [2 * error * a, 2 * error * c], "b": 2 * error}
        log.step(w, gradient, loss=error**2)
        w = {"w": [one - 0.05 * g for one, g in zip(w["w"], gradient["w"])], "b": w["b"] - 0.05 * gradient["b"]}
    assert log.columns == ["step", "w[0]", "w[1]", "b", "w[0].grad", "w[1].grad", "b.grad", "loss"]
    found = log.identify()
    assert (found.rule, found.settings["lr"], found.agrees) == ("sgd", 0.05, True)


def test_what_cannot_be_logged_is_refused():
    with pytest.raises(gdtrace.Error, match="str is no optimizer"):
        gdtrace.record("adam")
    log = gdtrace.record()
    with pytest.raises(gdtrace.Error, match="0 steps"):
        log.identify()
    with pytest.raises(gdtrace.Error, match="no gradient of w"):
        log.step({"w": 1.0}, {"b": 1.0})
    log.step({"w": 1.0}, {"w": 0.5})
    with pytest.raises(gdtrace.Error, match="step 2 has"):
        log.step({"w": [1.0, 2.0]}, {"w": []})
    optimizer = Momentum({"w": Parameter(0.3)}, 0.1, 0.9)
    with gdtrace.record(optimizer), pytest.raises(gdtrace.Error, match="no parameter has a gradient"):
        optimizer.step()


def test_a_rule_that_nobody_knows_is_told_as_such():
    log, w = gdtrace.record(), 0.3
    for step in range(8):
        gradient = 2 * w - step % 3
        log.step({"w": w}, {"w": gradient})
        w -= 0.05 * gradient**3 + 0.01 * step
    found = log.identify()
    assert not found.agrees and str(found).startswith("no known optimizer takes these steps")


# ---- the libraries themselves

TORCH = [
    ("SGD(weights, lr=0.05)", "sgd", {"lr": 0.05}),
    ("SGD(weights, lr=0.02, momentum=0.9, nesterov=True)", "nesterov", {"lr": 0.02, "beta": 0.9}),
    ("Adam(weights, lr=0.01, betas=(0.8, 0.99))", "adam", {"lr": 0.01, "beta1": 0.8, "beta2": 0.99}),
    ("AdamW(weights, lr=0.01, weight_decay=0.1)", "adamw", {"lr": 0.01, "decay": 0.1}),
    ("RMSprop(weights, lr=0.01)", "rmsprop", {"lr": 0.01, "beta": 0.99}),
]


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("made", "name", "settings"), TORCH)
def test_pytorch(made, name, settings, precision):
    torch = pytest.importorskip("torch")
    torch.manual_seed(7)
    model = torch.nn.Linear(2, 1, dtype=getattr(torch, precision))
    x, y = (torch.tensor(one, dtype=getattr(torch, precision)) for one in (X, Y))
    optimizer = eval(f"torch.optim.{made}", {"torch": torch, "weights": model.named_parameters()})
    with gdtrace.record(optimizer) as log:
        for _ in range(40):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(x)[:, 0], y).backward()
            optimizer.step()
    assert log.columns[1:4] == ["weight[0, 0]", "weight[0, 1]", "bias[0]"]
    found = log.identify()
    assert found.agrees and found.optimizer == name
    for key, value in settings.items():
        assert found.settings[key] == pytest.approx(value, rel=1e-9 if precision == "float64" else 1e-3)


def test_pytorch_schedule_and_size():
    torch = pytest.importorskip("torch")
    torch.manual_seed(7)
    model = torch.nn.Sequential(torch.nn.Linear(2, 50), torch.nn.Tanh(), torch.nn.Linear(50, 1)).double()
    x, y = (torch.tensor(one, dtype=torch.float64) for one in (X, Y))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 12, 0.1)
    log = gdtrace.record(optimizer, most=4)
    for _ in range(24):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x)[:, 0], y).backward()
        optimizer.step()
        schedule.step()
    log.close()
    assert len(log.columns) == 1 + 2 * 4  # one of each tensor
    found = log.identify()
    assert found.optimizer == "adam" and [(one["what"], one["step"]) for one in found.changes] == [("lr", 13)]


@pytest.mark.parametrize(("made", "name", "settings"), [
    ("SGD(0.02, momentum=0.9)", "momentum", {"lr": 0.02, "beta": 0.9}),
    ("Adam(0.01)", "adam", {"lr": 0.01, "beta1": 0.9}),
])
def test_keras(made, name, settings):
    keras, numpy = pytest.importorskip("keras"), pytest.importorskip("numpy")
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    optimizer = eval(f"keras.optimizers.{made}", {"keras": keras})
    model.compile(optimizer, loss="mse", run_eagerly=True)
    with gdtrace.record(optimizer) as log:
        model.fit(numpy.array(X), numpy.array(Y), epochs=30, batch_size=3, verbose=0, shuffle=False)
    assert len(log) == 60
    found = log.identify()
    assert found.optimizer == name
    for key, value in settings.items():
        assert found.settings[key] == pytest.approx(value, rel=1e-2)
    steps = len(log)
    model.fit(numpy.array(X), numpy.array(Y), epochs=1, verbose=0)
    assert len(log) == steps


def test_keras_compiled_says_what_to_do():
    keras, numpy = pytest.importorskip("keras"), pytest.importorskip("numpy")
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer, loss="mse")
    with gdtrace.record(optimizer), pytest.raises(gdtrace.Error, match="run_eagerly=True"):
        model.fit(numpy.array(X), numpy.array(Y), epochs=1, verbose=0)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("made", "name", "settings"), [
    ("sgd(0.05)", "sgd", {"lr": 0.05}),
    ("chain(optax.clip(10.0), optax.adam(0.01, b1=0.8))", "adam", {"lr": 0.01, "beta1": 0.8}),
])
def test_optax(made, name, settings, compiled):
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    numpy = pytest.importorskip("numpy")
    x, y = numpy.array(X, dtype="float32"), numpy.array(Y, dtype="float32")
    loss = jax.value_and_grad(lambda params: ((x @ params["w"] + params["b"] - y) ** 2).mean())
    with gdtrace.record(eval(f"optax.{made}", {"optax": optax})) as log:
        params = {"w": jax.numpy.array([0.3, -0.2]), "b": jax.numpy.array(0.1)}
        state = log.optimizer.init(params)

        def step(params, state):
            value, gradients = loss(params)
            updates, state = log.optimizer.update(gradients, state, params, value=value)
            return optax.apply_updates(params, updates), state

        step = jax.jit(step) if compiled else step
        for _ in range(40):
            params, state = step(params, state)
    assert log.columns == ["step", "b", "w[0]", "w[1]", "b.grad", "w[0].grad", "w[1].grad", "loss"]
    found = log.identify()
    assert found.optimizer == name and len(log) == 40
    for key, value in settings.items():
        assert found.settings[key] == pytest.approx(value, rel=1e-2)
