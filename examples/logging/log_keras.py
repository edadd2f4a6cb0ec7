"""Logs the steps of a Keras optimizer for `gdtrace compare`: every weight and its gradient.

    optimizer = keras.optimizers.Adam(0.001)
    log("log.csv", optimizer)
    model.compile(optimizer, loss="mse", run_eagerly=True)   # not compiled, so that there are numbers to write
    model.fit(x, y)

The gradients are those that the optimizer is given: it clips them afterwards, where it is set to.
"""
import csv

import keras
import numpy


def log(path, optimizer):
    rows = csv.writer(open(path, "w", newline="", buffering=1))
    apply, steps = optimizer.apply, iter(range(1, 10**9))

    def logged(gradients, variables=None):
        step, weights = next(steps), variables or optimizer._trainable_variables
        if step == 1:
            names = [f"{w.path}{list(at) if at else ''}" for w in weights for at in numpy.ndindex(*w.shape)]
            rows.writerow(["step", *names, *(f"{name}.grad" for name in names)])
        tensors = [keras.ops.convert_to_numpy(t) for t in (*weights, *gradients)]
        rows.writerow([step, *(str(v) for t in tensors for v in t.ravel())])
        return apply(gradients, variables)

    optimizer.apply = logged
