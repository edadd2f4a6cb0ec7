"""Logs the steps of an Optax optimizer for `gdtrace compare`: every weight and its gradient, and the loss if it is given.

    optimizer = logged("log.csv", optax.adam(0.001))
    ...
    updates, state = optimizer.update(gradients, state, params, value=loss)   # with params; in jax.jit as well
"""
import csv

import jax
import numpy
import optax


def logged(path, optimizer):
    rows = csv.writer(open(path, "w", newline="", buffering=1))
    inner, steps = optax.with_extra_args_support(optimizer), iter(range(1, 10**9))

    def write(params, gradients, **more):
        step, leaves = next(steps), jax.tree_util.tree_leaves_with_path(params)
        if step == 1:
            called = [(jax.tree_util.keystr(key, simple=True, separator="."), leaf.shape) for key, leaf in leaves]
            names = [f"{name}{list(at) if at else ''}" for name, shape in called for at in numpy.ndindex(*shape)]
            rows.writerow(["step", *names, *(f"{name}.grad" for name in names), *more])
        tensors = [numpy.asarray(t) for t in jax.tree.leaves((params, gradients, *more.values()))]
        rows.writerow([step, *(str(v) for t in tensors for v in t.ravel())])

    def update(gradients, state, params, **more):
        loss = {"loss": more["value"]} if "value" in more else {}
        jax.debug.callback(write, params, gradients, ordered=True, **loss)
        return inner.update(gradients, state, params, **more)

    return optax.GradientTransformationExtraArgs(inner.init, update)
