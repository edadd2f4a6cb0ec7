"""`gdtrace.record`: the steps of a training elsewhere, so that its optimizer can be told from its numbers.

A row a step: every weight as the step found it, and the gradient that the optimizer was given, with the digits that they have.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import struct
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from . import _gdtrace
from ._gdtrace import Error
from .arguments import words

FEWEST = 4
"""So many steps are told from a table of other numbers."""

MOST = 64
"""How many weights are logged of a model that has more: the first of each tensor."""


@dataclass(frozen=True)
class Identified:
    """The optimizer whose steps a log has."""

    agrees: bool
    """Whether a rule takes every step of the log."""
    rule: str | None
    """The optimizer with its variant: `"adam:pytorch"`; the nearest one where it does not agree, None where none is near."""
    optimizer: str | None
    """Its name: `"adam"`."""
    variant: str | None
    """The form of a library or paper: `"pytorch"`."""
    settings: dict[str, float]
    """The hyperparameters by their names: `{"lr": 0.001, "beta1": 0.9}`."""
    changes: list[dict[str, Any]]
    """What changes along the log, such as the learning rate: `step`, `what`, `from`, `to`, `how`, `until`."""
    alike: list[str]
    """Optimizers that take the same steps, as far as the digits of the log tell."""
    digits: int | None
    """To how many digits the steps are those of the rule."""
    json: dict[str, Any] = field(repr=False)
    """All that `gdtrace compare --json` says of the training."""

    def __str__(self) -> str:
        if self.rule is None:
            return "no known optimizer takes these steps"
        settings = ", ".join(f"{name}={value:g}" for name, value in self.settings.items())
        doubt = "" if self.agrees else "no known optimizer takes these steps; the nearest is "
        return f"{doubt}{self.rule}({settings})" + "".join(f"; from step {one['step']} on {one['what']}={one['to']}" for one in self.changes)


class Log:
    """The steps of a training so far. Usable in `with`, at whose end recording stops; the log stays."""

    def __init__(self, most: int = MOST) -> None:
        self.columns: list[str] = []
        """`step`, the weights, their gradients (`NAME.grad`), and `loss` where it was given."""
        self.rows: list[list[str]] = []
        """The numbers as text, in the digits of their precision: 17 of a double, 9 of a single."""
        self.optimizer: Any = None
        """What to train with: the optimizer that was given, or for Optax one that logs what passes through."""
        self._most = most
        self._shares: list[tuple[str, int]] = []
        self._close: list[Callable[[], None]] = []
        self._settle: Callable[[], Any] = lambda: None

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops recording."""
        self._settle()
        while self._close:
            self._close.pop()()

    def __len__(self) -> int:
        """The number of steps."""
        return len(self.rows)

    def step(self, weights: Mapping[str, Any], gradients: Mapping[str, Any], loss: Any = None) -> None:
        """Adds a step: numbers or arrays by their names, the weights as they are before it; the gradients have the same shapes."""
        lacking = [name for name in weights if name not in gradients]
        if lacking or not weights:
            raise Error(f"there is no gradient of {lacking[0] if lacking else 'anything'}\n  help: give one for each weight")
        if not self.columns:
            self._begin(weights, loss is not None)
        row = [str(len(self.rows) + 1)]
        for side in (weights, gradients):
            for name, share in self._shares:
                row += _numbers(side[name], share)[1]
        row += _numbers(loss, 1)[1] if self.columns[-1] == "loss" else []
        if len(row) != len(self.columns):
            raise Error(f"step {len(self.rows) + 1} has {len(row) - 1} numbers, and the first step {len(self.columns) - 1}")
        self.rows.append(row)

    def _begin(self, weights: Mapping[str, Any], has_loss: bool) -> None:
        """Decides which weights are logged: all, or the first of each tensor."""
        shapes = {name: _numbers(value, 0)[0] for name, value in weights.items()}
        share = max(1, self._most // len(shapes))
        total = sum(_size(shape) for shape in shapes.values())
        self._shares = [
            (name, _size(shape) if total <= self._most else min(share, _size(shape))) for name, shape in shapes.items()
        ][: self._most]
        names = []
        for name, count in self._shares:
            places = itertools.product(*(range(size) for size in shapes[name]))
            names += [name + (str(list(place)) if place else "") for place in itertools.islice(places, count)]
        self.columns = ["step", *names, *(f"{name}.grad" for name in names), *(["loss"] if has_loss else [])]

    def to_csv(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes the log as `gdtrace compare` reads it."""
        self._settle()
        self._write(path, len(self.columns))

    def _write(self, path: Union[str, os.PathLike[str]], columns: int) -> None:
        """Writes the first columns; a loss is the last one."""
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns[:columns])
            writer.writerows(row[:columns] for row in self.rows)

    def identify(self, **options: Any) -> Identified:
        """Says which optimizer took these steps, as `gdtrace compare log.csv` does; its options are keywords.

        Four steps at least are needed; more tell more settings. Raises `gdtrace.Error` where there is nothing to tell.
        """
        self._settle()
        if len(self.rows) < FEWEST:
            raise Error(f"the log has {len(self.rows)} steps\n  help: log {FEWEST} or more, better 20")
        # A few rules look at the loss too; for all others it is one more thing to be told.
        bare = [column for column in self.columns if column != "loss"]
        found = self._compared(bare, options)
        if not found.agrees or found.rule is None:
            found = self._compared(self.columns, options) if len(bare) < len(self.columns) else found
        return found

    def _compared(self, columns: list[str], options: dict[str, Any]) -> Identified:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log.csv")
            self._write(path, len(columns))
            printed = json.loads(_gdtrace.compare([path, *words(options)]))
        if not printed["trainings"]:
            reasons = "; ".join(sheet.get("reason", "") for sheet in printed["sheets"])
            raise Error(f"no steps of a training were found in the log: {reasons}")
        return _identified(printed["trainings"][0])


def _identified(training: dict[str, Any]) -> Identified:
    optimizer, variant = training["optimizer"], training["variant"]
    rule = None if optimizer is None else optimizer + (f":{variant}" if variant not in (None, "textbook") else "")
    # Of plain descent with few steps each was seen to be the learning rate times its gradient.
    fits = training.get("fits", optimizer is not None)
    return Identified(
        fits, rule, optimizer, variant, training["hyper"], training["changes"], training.get("alike", []),
        training["digits"], training,
    )


def record(optimizer: Any = None, *, most: int = MOST) -> Log:
    """Logs every step that an optimizer takes from now on, until `with` ends or `close()`.

        with gdtrace.record(torch.optim.Adam(model.parameters())) as log:    # PyTorch: hooks before each step
            train()
        with gdtrace.record(keras.optimizers.Adam()) as log:                 # Keras 3; compile with run_eagerly=True
            model.fit(x, y)
        with gdtrace.record(optax.adam(0.001)) as log:                       # Optax; in jax.jit as well
            updates, state = log.optimizer.update(gradients, state, params)
        log = gdtrace.record()                                               # anything else
        log.step({"w": w}, {"w": gradient})                                  # before each step

    Gradients are those that the optimizer is given: what it clips itself is told as clipping. Of models with more than `most`
    weights the first of each tensor are logged, which is enough for every rule that looks at each weight by itself.
    """
    log = Log(most)
    log.optimizer = optimizer
    if optimizer is None:
        pass
    elif hasattr(optimizer, "register_step_pre_hook"):
        _torch(log, optimizer)
    elif hasattr(optimizer, "apply_gradients") and hasattr(optimizer, "apply"):
        _keras(log, optimizer)
    elif hasattr(optimizer, "init") and hasattr(optimizer, "update"):
        _optax(log, optimizer)
    else:
        raise Error(
            f"{type(optimizer).__name__} is no optimizer of PyTorch, Keras 3 or Optax\n"
            "  help: for any other, log = gdtrace.record() and log.step(weights, gradients) before each step"
        )
    return log


def _torch(log: Log, optimizer: Any) -> None:
    """Before each step; gradients that are computed in the step's closure come too late."""

    def before(optimizer: Any, args: Any, kwargs: Any) -> None:
        weights: dict[str, Any] = {}
        gradients: dict[str, Any] = {}
        for group in optimizer.param_groups:
            names = group.get("param_names") or [None] * len(group["params"])
            for name, parameter in zip(names, group["params"]):
                if parameter.grad is not None:
                    called = name or f"w{len(weights)}"
                    weights[called], gradients[called] = parameter, parameter.grad
        if not weights:
            raise Error("no parameter has a gradient\n  help: call backward() before step(), which takes no closure here")
        log.step(weights, gradients)

    log._close.append(optimizer.register_step_pre_hook(before).remove)


def _keras(log: Log, optimizer: Any) -> None:
    """Around `apply`, through which `fit` and `apply_gradients` go."""
    apply = optimizer.apply

    def logged(grads: Any, trainable_variables: Any = None) -> Any:
        variables = list(trainable_variables or optimizer._trainable_variables)
        names = [getattr(one, "path", None) or f"w{at}" for at, one in enumerate(variables)]
        log.step({name: _value(one) for name, one in zip(names, variables)}, dict(zip(names, grads)))
        return apply(grads, trainable_variables)

    def close() -> None:
        del optimizer.apply  # that of its class shows again

    optimizer.apply = logged
    log._close.append(close)


def _value(variable: Any) -> Any:
    value = getattr(variable, "value", variable)
    return value() if callable(value) else value


def _optax(log: Log, optimizer: Any) -> None:
    """A transformation around the one that was given: the gradients that come in, at the weights that `update` is told."""
    import jax
    import optax

    inner, is_on = optax.with_extra_args_support(optimizer), [True]

    def write(params: Any, gradients: Any, **loss: Any) -> None:
        if is_on:
            log.step(_leaves(jax, params), _leaves(jax, gradients), **loss)

    def update(gradients: Any, state: Any, params: Any = None, **more: Any) -> Any:
        if params is None:
            raise Error("update was called without params, which the log needs\n  help: update(gradients, state, params)")
        loss = {"loss": more["value"]} if "value" in more else {}
        jax.debug.callback(write, params, gradients, ordered=True, **loss)
        return inner.update(gradients, state, params, **more)

    log.optimizer = optax.GradientTransformationExtraArgs(inner.init, update)
    log._settle = jax.effects_barrier  # what was compiled may log later than it computes
    log._close.append(is_on.clear)


def _leaves(jax: Any, tree: Any) -> dict[str, Any]:
    called = ((jax.tree_util.keystr(path, simple=True, separator="."), leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(tree))
    return {name or "w": leaf for name, leaf in called}


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for one in shape:
        size *= one
    return size


def _numbers(tensor: Any, count: int) -> tuple[tuple[int, ...], list[str]]:
    """The shape of a number or tensor of any library, and its first numbers as text."""
    if isinstance(tensor, (int, float)):
        return (), [repr(float(tensor))][:count]
    if hasattr(tensor, "detach"):
        tensor = tensor.detach()
        tensor = tensor.to_dense() if getattr(tensor, "is_sparse", False) else tensor
        values = tensor.reshape(-1)[:count].tolist()
    else:
        import numpy

        try:
            tensor = numpy.asarray(tensor.numpy() if hasattr(tensor, "numpy") else tensor)
        except Exception as error:  # of any library: tracers have no numbers
            told = f"the step has no numbers to log: {type(error).__name__}"
            raise Error(f"{told}\n  help: train without compiling: run_eagerly=True in Keras") from error
        values = tensor.ravel()[:count].tolist()
    is_single = not str(tensor.dtype).endswith("64")
    return tuple(tensor.shape), [_single(value) if is_single else repr(float(value)) for value in values]


def _single(value: float) -> str:
    """A number of single precision with the fewest digits that tell it, as its library prints it."""
    for digits in range(6, 9):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return text
    return f"{value:.9g}"
