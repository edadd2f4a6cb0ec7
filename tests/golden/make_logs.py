"""Makes the logs of tests/golden/logs: trainings by PyTorch's, Keras' and Optax' own optimizers, logged by the
recorders of examples/logging, and logs.json, which says of each by which optimizer it was made.

Keras trains a real model by `fit`, PyTorch a real module; Optax takes its steps compiled. The data are the same for
all: y = 1.5*x1 - 0.8*x2 + 0.3 with noise, the mean squared error of batches of 6 of 24 samples.

    pip install torch keras jax optax numpy
    python tests/golden/make_logs.py           writes all of them
    python tests/golden/make_logs.py NAME...   writes these; logs.json always
"""
import json
import os
import pathlib
import sys
from types import SimpleNamespace

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy
import optax
import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "examples" / "logging"))
import log_keras  # noqa: E402
import log_optax  # noqa: E402
import log_pytorch  # noqa: E402

jax.config.update("jax_enable_x64", True)

BATCH = 6
random = numpy.random.RandomState(7)
X = random.randn(24, 2)
Y = X @ [[1.5], [-0.8]] + 0.3 + 0.2 * random.randn(24, 1)
START = {"weight": [[0.35, -0.45]], "bias": [0.2]}


# ---- what was logged: the expression that made the optimizer, and how gdtrace calls that

def log(name, made_with, forms, hyper, dtype="float64", steps=40, schedule=None, clip=None, scalars=False, **more):
    """`forms` are all that take these very steps, separated by blanks; `scalars` makes each weight a tensor of its own."""
    return SimpleNamespace(name=name, made_with=made_with, forms=forms.split(), hyper=hyper, dtype=dtype,
                           steps=steps, schedule=schedule, clip=clip, scalars=scalars, more=more)


def single(of, *forms):
    """The same in single precision; seven digits may not tell it from other `forms`, in which an eps stands elsewhere."""
    return SimpleNamespace(**vars(of) | {"name": of.name + "-float32", "dtype": "float32", "forms": [*of.forms, *forms]})


ADAM = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
ADAM_KERAS = ADAM | {"eps": 1e-7}
# The textbook's Adam, as PyTorch and Optax have it.
PLAIN_ADAM = "adam:pytorch adam:optax"
PLAIN_ADAMW = "adamw:pytorch adamw:optax"
HEAVY_BALL = "momentum:pytorch momentum:keras"
NESTEROV = "nesterov:pytorch nesterov:keras"
STEP = "StepLR(optimizer, 20, 0.1)"

TORCH = [
    log("sgd", "SGD(weights, lr=0.05)", "sgd", {"lr": 0.05}),
    log("sgd-decay", "SGD(weights, lr=0.05, weight_decay=0.1)", "sgd", {"lr": 0.05, "l2": 0.1}),
    log("sgd-maximize", "SGD(weights, lr=0.002, maximize=True)", "sgd", {"lr": -0.002}, wrong="up the slope"),
    log("momentum", "SGD(weights, lr=0.02, momentum=0.9)", HEAVY_BALL, {"lr": 0.02, "beta": 0.9}),
    log("momentum-dampening", "SGD(weights, lr=0.05, momentum=0.8, dampening=0.4)", "momentum:pytorch",
        {"lr": 0.05, "beta": 0.8, "dampening": 0.4}),
    log("momentum-decay", "SGD(weights, lr=0.02, momentum=0.9, weight_decay=0.01)", HEAVY_BALL,
        {"lr": 0.02, "beta": 0.9, "l2": 0.01}),
    log("nesterov", "SGD(weights, lr=0.02, momentum=0.8, nesterov=True)", NESTEROV, {"lr": 0.02, "beta": 0.8}),
    log("nesterov-decay", "SGD(weights, lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)", NESTEROV,
        {"lr": 0.02, "beta": 0.9, "l2": 5e-4}),
    log("rmsprop", "RMSprop(weights, lr=0.01)", "rmsprop:pytorch", {"lr": 0.01, "beta": 0.99, "eps": 1e-8}),
    log("rmsprop-decay", "RMSprop(weights, lr=0.01, alpha=0.9, weight_decay=0.1)", "rmsprop:pytorch",
        {"lr": 0.01, "beta": 0.9, "l2": 0.1}),
    log("rmsprop-momentum", "RMSprop(weights, lr=0.005, alpha=0.95, momentum=0.8)", "rmsprop:momentum",
        {"lr": 0.005, "beta": 0.95, "momentum": 0.8, "eps": 1e-8}),
    log("rmsprop-centered", "RMSprop(weights, lr=0.01, alpha=0.9, centered=True)", "rmsprop:centered",
        {"lr": 0.01, "beta": 0.9, "eps": 1e-8}),
    log("rmsprop-centered-momentum", "RMSprop(weights, lr=0.002, alpha=0.9, centered=True, momentum=0.7)",
        "rmsprop:centered-momentum", {"lr": 0.002, "beta": 0.9, "momentum": 0.7}),
    log("adagrad", "Adagrad(weights, lr=0.1)", "adagrad:pytorch", {"lr": 0.1, "eps": 1e-10}),
    log("adagrad-lr-decay", "Adagrad(weights, lr=0.1, lr_decay=0.05, initial_accumulator_value=0.5)", "adagrad:pytorch",
        {"lr": 0.1, "lr_decay": 0.05, "initial": 0.5}),
    log("adagrad-decay", "Adagrad(weights, lr=0.1, weight_decay=0.01)", "adagrad:pytorch", {"lr": 0.1, "l2": 0.01}),
    log("adadelta", "Adadelta(weights, lr=1.0)", "adadelta:pytorch adadelta:keras", {"lr": 1.0, "rho": 0.9, "eps": 1e-6}),
    log("adam", "Adam(weights, lr=0.01)", PLAIN_ADAM, {"lr": 0.01} | ADAM),
    log("adam-own", "Adam(weights, lr=0.0125, betas=(0.85, 0.97), eps=1e-5)", PLAIN_ADAM,
        {"lr": 0.0125, "beta1": 0.85, "beta2": 0.97, "eps": 1e-5}),
    log("adam-decay", "Adam(weights, lr=0.01, weight_decay=0.01)", PLAIN_ADAM, {"lr": 0.01, "l2": 0.01} | ADAM),
    log("adam-amsgrad", "Adam(weights, lr=0.05, betas=(0.8, 0.9), amsgrad=True)", "amsgrad:pytorch",
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "eps": 1e-8}),
    log("adam-amsgrad-decay", "Adam(weights, lr=0.05, betas=(0.8, 0.9), amsgrad=True, weight_decay=0.1)", "amsgrad:pytorch",
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "l2": 0.1}),
    log("adamw", "AdamW(weights, lr=0.01, weight_decay=0.05)", PLAIN_ADAMW, {"lr": 0.01, "decay": 0.05} | ADAM),
    log("adamw-amsgrad", "AdamW(weights, lr=0.05, betas=(0.8, 0.9), amsgrad=True, weight_decay=0.1)", "amsgrad:pytorch",
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "weight_decay": 0.1}),
    log("nadam", "NAdam(weights, lr=0.01)", "nadam:pytorch", {"lr": 0.01, "momentum_decay": 0.004} | ADAM),
    log("nadam-decay", "NAdam(weights, lr=0.01, weight_decay=0.1)", "nadam:pytorch", {"lr": 0.01, "l2": 0.1} | ADAM),
    log("nadam-decoupled", "NAdam(weights, lr=0.01, weight_decay=0.1, decoupled_weight_decay=True)", "nadam:pytorch",
        {"lr": 0.01, "weight_decay": 0.1} | ADAM),
    log("radam", "RAdam(weights, lr=0.01, betas=(0.9, 0.99))", "radam:pytorch",
        {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}),
    log("radam-decoupled", "RAdam(weights, lr=0.01, betas=(0.9, 0.99), weight_decay=0.1, decoupled_weight_decay=True)",
        "radam:pytorch", {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1}),
    log("asgd", "ASGD(weights, lr=0.05, lambd=0.01, alpha=0.75)", "asgd", {"lr": 0.05, "lambd": 0.01, "power": 0.75}),
    log("rprop", "Rprop(weights, lr=0.01)", "rprop", {"lr": 0.01, "eta_minus": 0.5, "eta_plus": 1.2}),
    log("adafactor", "Adafactor(weights, lr=0.05, weight_decay=0)", "adafactor:pytorch", {"lr": 0.05, "decay_rate": 0.8},
        scalars=True),
    log("adamax", "Adamax(weights, lr=0.01)", "adamax:pytorch", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999}),
    log("adamax-decay", "Adamax(weights, lr=0.01, weight_decay=0.1)", "adamax:pytorch", {"lr": 0.01, "l2": 0.1}),
]
TORCH += [single(one) for one in TORCH
          if one.name in ["sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "rmsprop-momentum", "adagrad", "adamax"]]
TORCH += [
    log("adam-steps", "Adam(weights, lr=0.01)", PLAIN_ADAM, ADAM, steps=60, schedule=STEP, changes={"lr": [21, 41]}),
    log("momentum-steps", "SGD(weights, lr=0.02, momentum=0.9)", "momentum:pytorch", {"beta": 0.9}, steps=60, schedule=STEP,
        changes={"lr": [21, 41]}),
    log("sgd-exponential", "SGD(weights, lr=0.05)", "sgd", {}, schedule="ExponentialLR(optimizer, 0.97)",
        told="falls exponentially"),
    log("adam-cosine", "Adam(weights, lr=0.01)", PLAIN_ADAM, ADAM, steps=60,
        schedule="CosineAnnealingLR(optimizer, 60)", told="cosine"),
    log("sgd-clip", "SGD(weights, lr=0.05)", "sgd", {"lr": 0.05}, clip=0.5, changes={"clip_value": 0.5}),
    log("momentum-clip", "SGD(weights, lr=0.02, momentum=0.9)", HEAVY_BALL, {"lr": 0.02, "beta": 0.9}, clip=0.5,
        changes={"clip_value": 0.5}),
    log("adam-clip", "Adam(weights, lr=0.01)", PLAIN_ADAM, {"lr": 0.01, "beta1": 0.9, "beta2": 0.999}, clip=0.5,
        changes={"clip_value": 0.5}),
]

KERAS = [
    log("sgd", "SGD(0.05)", "sgd", {"lr": 0.05}),
    log("momentum", "SGD(0.02, momentum=0.9)", HEAVY_BALL, {"lr": 0.02, "beta": 0.9}),
    log("momentum-decay", "SGD(0.02, momentum=0.9, weight_decay=0.1)", HEAVY_BALL,
        {"lr": 0.02, "beta": 0.9, "weight_decay": 0.1}),
    log("nesterov", "SGD(0.02, momentum=0.8, nesterov=True)", NESTEROV, {"lr": 0.02, "beta": 0.8}),
    log("rmsprop", "RMSprop(0.01)", "rmsprop:keras rmsprop:optax", {"lr": 0.01, "beta": 0.9, "eps": 1e-7}),
    log("rmsprop-momentum", "RMSprop(0.005, rho=0.95, momentum=0.8)", "rmsprop:keras-momentum",
        {"lr": 0.005, "beta": 0.95, "momentum": 0.8, "eps": 1e-7}),
    log("rmsprop-centered", "RMSprop(0.005, centered=True)", "rmsprop:keras-centered", {"lr": 0.005, "beta": 0.9, "eps": 1e-7}),
    log("rmsprop-centered-momentum", "RMSprop(0.002, centered=True, momentum=0.7)", "rmsprop:keras-centered-momentum",
        {"lr": 0.002, "beta": 0.9, "momentum": 0.7, "eps": 1e-7}),
    log("adam", "Adam(0.01)", "adam:keras", {"lr": 0.01} | ADAM_KERAS),
    log("adam-amsgrad", "Adam(0.05, beta_1=0.8, beta_2=0.9, amsgrad=True)", "amsgrad:keras",
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "eps": 1e-7}),
    log("adam-decay", "Adam(0.01, weight_decay=0.1)", "adamw:keras", {"lr": 0.01, "decay": 0.1} | ADAM_KERAS),
    log("adamw", "AdamW(0.01, weight_decay=0.05)", "adamw:keras", {"lr": 0.01, "decay": 0.05} | ADAM_KERAS),
    log("nadam", "Nadam(0.01)", "nadam:keras", {"lr": 0.01} | ADAM_KERAS),
    log("adamax", "Adamax(0.01)", "adamax:keras", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7}),
    log("adagrad", "Adagrad(0.1)", "adagrad:keras", {"lr": 0.1, "initial": 0.1, "eps": 1e-7}),
    log("adadelta", "Adadelta(1.0)", "adadelta:keras adadelta:pytorch", {"lr": 1.0, "rho": 0.95, "eps": 1e-7}),
    log("ftrl", "Ftrl(0.2)", "ftrl", {"lr": 0.2, "power": 0.5, "initial": 0.1}),
    log("ftrl-penalties", "Ftrl(0.2, l1_regularization_strength=0.05)", "ftrl", {"lr": 0.2, "l1": 0.05}),
    log("lion", "Lion(0.01)", "lion:keras lion:optax", {"lr": 0.01, "beta1": 0.9, "beta2": 0.99}),
    log("lamb", "Lamb(0.01)", "lamb", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7}),
    # Keras takes some means in float32 here.
    log("adafactor", "Adafactor(0.05)", "adafactor adafactor:pytorch", {"lr": 0.05}, dtype="float32", scalars=True),
]
KERAS += [single(one, one.name + ":pytorch") for one in KERAS if one.name in ["momentum", "adam", "rmsprop", "adamw", "nadam"]]
KERAS += [
    log("momentum-exponential", "SGD(keras.optimizers.schedules.ExponentialDecay(0.02, 1, 0.95), momentum=0.9)",
        "momentum:keras", {"beta": 0.9}, told="falls exponentially"),
    log("adam-cosine", "Adam(keras.optimizers.schedules.CosineDecay(0.01, 60))", "adam:keras", ADAM_KERAS, steps=60,
        told="cosine"),
    log("adam-clip", "Adam(0.01, clipvalue=0.5)", "adam:keras", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999},
        changes={"clip_value": 0.5}),
]

OPTAX = [
    log("sgd", "sgd(0.05)", "sgd", {"lr": 0.05}),
    log("momentum", "sgd(0.02, momentum=0.9)", HEAVY_BALL, {"lr": 0.02, "beta": 0.9}),
    log("nesterov", "sgd(0.02, momentum=0.8, nesterov=True)", NESTEROV, {"lr": 0.02, "beta": 0.8}),
    log("rmsprop", "rmsprop(0.01)", "rmsprop:optax rmsprop:keras", {"lr": 0.01, "beta": 0.9, "eps": 1e-8}),
    log("rmsprop-momentum", "rmsprop(0.005, momentum=0.8)", "rmsprop:keras-momentum",
        {"lr": 0.005, "beta": 0.9, "momentum": 0.8, "eps": 1e-8}),
    log("adagrad", "adagrad(0.1)", "adagrad:keras", {"lr": 0.1, "initial": 0.1, "eps": 1e-7}),
    log("adadelta", "adadelta(1.0)", "adadelta:pytorch adadelta:keras", {"lr": 1.0, "rho": 0.9, "eps": 1e-6}),
    log("adam", "adam(0.01)", PLAIN_ADAM, {"lr": 0.01} | ADAM),
    log("adam-eps-root", "adam(0.01, eps_root=1e-4)", "adam:optax", {"lr": 0.01, "eps_root": 1e-4} | ADAM),
    log("adamw", "adamw(0.01, weight_decay=0.05)", PLAIN_ADAMW, {"lr": 0.01, "decay": 0.05} | ADAM),
    log("amsgrad", "amsgrad(0.05, b1=0.8, b2=0.9)", "amsgrad:optax", {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "eps": 1e-8}),
    log("adamax", "adamax(0.01)", "adamax:pytorch", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999}),
    log("adamaxw", "adamaxw(0.01, weight_decay=0.1)", "adamaxw", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "decay": 0.1}),
    log("nadam", "nadam(0.01)", "nadam:optax", {"lr": 0.01} | ADAM),
    log("nadamw", "nadamw(0.01, weight_decay=0.1)", "nadamw", {"lr": 0.01, "decay": 0.1} | ADAM),
    log("radam", "radam(0.01, b2=0.99, eps=0, threshold=4)", "radam", {"lr": 0.01, "beta1": 0.9, "beta2": 0.99}),
    log("adabelief", "adabelief(0.01)", "adabelief", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999}),
    log("adan", "adan(0.01)", "adan", {"lr": 0.01, "beta1": 0.98, "beta2": 0.92, "beta3": 0.99}),
    log("yogi", "yogi(0.01)", "yogi", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "initial": 1e-6}),
    log("ademamix", "contrib.ademamix(0.01)", "ademamix", {"lr": 0.01, "beta3": 0.9999, "alpha": 5.0} | ADAM),
    log("lion", "lion(0.01)", "lion:optax lion:keras", {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "decay": 0.001}),
    log("sign_sgd", "sign_sgd(0.01)", "sign_sgd", {"lr": 0.01}),
    log("rprop", "rprop(0.01)", "rprop:optax", {"lr": 0.01, "eta_minus": 0.5, "eta_plus": 1.2}),
    log("optimistic", "optimistic_gradient_descent(0.02)", "optimistic", {"lr": 0.02, "alpha": 1.0, "beta": 1.0}),
    log("sm3", "sm3(0.1)", "sm3", {"lr": 0.1, "beta": 0.9}),
    log("schedule_free", "contrib.schedule_free_sgd(0.05)", "schedule_free", {"lr": 0.05, "beta": 0.9}),
    log("lamb", "lamb(0.01)", "lamb", {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6}),
    log("lars", "lars(0.5)", "lars", {"lr": 0.5, "trust": 0.001, "beta": 0.9}),
    log("fromage", "fromage(0.02)", "fromage", {"lr": 0.02}),
    log("novograd", "novograd(0.02)", "novograd", {"lr": 0.02, "beta1": 0.9, "beta2": 0.25}),
    log("polyak_sgd", "polyak_sgd()", "polyak_sgd", {"lr": 1.0, "most": 1.0}),
    log("dog", "contrib.dog(1.0, init_step=('heuristic', 0.01))", "dog", {"lr": 1.0, "first": 0.01}),
]
OPTAX += [single(one) for one in OPTAX if one.name in ["momentum", "adam", "adabelief", "lion"]]
OPTAX += [
    log("adam-cosine", "adam(optax.cosine_decay_schedule(0.01, 60))", PLAIN_ADAM, ADAM, steps=60, told="cosine"),
    log("rmsprop-exponential", "rmsprop(optax.exponential_decay(0.01, 1, 0.96))", "rmsprop:optax rmsprop:keras",
        {"beta": 0.9}, told="falls exponentially"),
    log("adam-clip", "chain(optax.clip(0.5), optax.adam(0.01))", PLAIN_ADAM,
        {"lr": 0.01, "beta1": 0.9, "beta2": 0.999}, changes={"clip_value": 0.5}),
]


# ---- the libraries

class Line(torch.nn.Module):
    def __init__(self, one):
        super().__init__()
        parameter = lambda values: torch.nn.Parameter(torch.tensor(values, dtype=getattr(torch, one.dtype)))  # noqa: E731
        if one.scalars:
            (a1, a2), b = START["weight"][0], START["bias"][0]
            self.a1, self.a2, self.b = parameter(a1), parameter(a2), parameter(b)
        else:
            self.weight, self.bias = parameter(START["weight"]), parameter(START["bias"])

    def forward(self, x):
        if hasattr(self, "weight"):
            return torch.nn.functional.linear(x, self.weight, self.bias)
        return self.a1 * x[:, :1] + self.a2 * x[:, 1:] + self.b


def by_pytorch(one, path):
    # NAdam and ASGD keep numbers in the default type.
    torch.set_default_dtype(getattr(torch, one.dtype))
    model = Line(one)
    optimizer = eval(f"torch.optim.{one.made_with}", {"torch": torch, "weights": model.parameters()})
    scheduler = eval(f"torch.optim.lr_scheduler.{one.schedule}", {"torch": torch, "optimizer": optimizer}) if one.schedule else None
    rows = log_pytorch.Log(path, model)
    x, y = (torch.tensor(values, dtype=getattr(torch, one.dtype)) for values in (X, Y))
    for step in range(one.steps):
        batch = torch.arange(step * BATCH, (step + 1) * BATCH) % len(X)
        optimizer.zero_grad()
        loss = ((model(x[batch]) - y[batch]) ** 2).mean()
        loss.backward()
        rows.write(loss)
        if one.clip:
            torch.nn.utils.clip_grad_value_(model.parameters(), one.clip)
        optimizer.step()
        if scheduler:
            scheduler.step()


@keras.saving.register_keras_serializable()
class Scalars(keras.layers.Layer):
    """A line of which each weight is a variable of its own."""

    def build(self, shape):
        values = dict(zip(["a1", "a2", "b"], [*START["weight"][0], *START["bias"]]))
        self.all = [self.add_weight(shape=(), initializer=keras.initializers.Constant(value), name=name)
                    for name, value in values.items()]

    def call(self, x):
        a1, a2, b = self.all
        return a1 * x[:, :1] + a2 * x[:, 1:] + b


def by_keras(one, path):
    keras.config.set_floatx(one.dtype)
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((2,)), Scalars() if one.scalars else keras.layers.Dense(1)])
    if not one.scalars:
        model.layers[0].set_weights([numpy.array(START["weight"]).T, numpy.array(START["bias"])])
    optimizer = eval(f"keras.optimizers.{one.made_with}", {"keras": keras})
    log_keras.log(path, optimizer)
    model.compile(optimizer, loss="mse", run_eagerly=True)
    x, y = X.astype(one.dtype), Y.astype(one.dtype)
    model.fit(x, y, batch_size=BATCH, epochs=one.steps * BATCH // len(X), shuffle=False, verbose=0)


def by_optax(one, path):
    of = lambda values: jax.numpy.array(values, dtype=one.dtype)  # noqa: E731
    params = {"layer": {"weight": of(START["weight"][0]), "bias": of(START["bias"])}}
    optimizer = log_optax.logged(path, eval(f"optax.{one.made_with}", {"optax": optax}))
    x, y = of(X), of(Y[:, 0])

    def loss(params, batch):
        line = params["layer"]
        return ((x[batch] @ line["weight"] + line["bias"] - y[batch]) ** 2).mean()

    @jax.jit
    def train(params, state, batch):
        value, gradients = jax.value_and_grad(loss)(params, batch)
        updates, state = optimizer.update(gradients, state, params, value=value)
        return optax.apply_updates(params, updates), state

    state = optimizer.init(params)
    for step in range(one.steps):
        params, state = train(params, state, numpy.arange(step * BATCH, (step + 1) * BATCH) % len(X))
    jax.effects_barrier()


LIBRARIES = {"pytorch": (by_pytorch, "torch.optim.", TORCH), "keras": (by_keras, "keras.optimizers.", KERAS),
             "optax": (by_optax, "optax.", OPTAX)}


def main():
    folder, index = here / "logs", []
    folder.mkdir(exist_ok=True)
    for library, (train, prefix, logs) in LIBRARIES.items():
        for one in logs:
            name = f"{library}-{one.name}"
            index.append({"log": name, "made_with": prefix + one.made_with, "precision": one.dtype, "forms": one.forms,
                          "hyper": one.hyper} | one.more)
            if not sys.argv[1:] or name in sys.argv[1:]:
                print(name)
                train(one, folder / f"{name}.csv")
    lines = ",\n".join(f" {json.dumps(one)}" for one in index)
    (folder / "logs.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
