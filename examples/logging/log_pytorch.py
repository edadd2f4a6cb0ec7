"""Logs the steps of a PyTorch optimizer for `gdtrace compare`: every weight and its gradient, and the loss.

    log = Log("log.csv", model)
    ...
    loss.backward()
    log.write(loss)      # before optimizer.step()
    optimizer.step()
"""
import csv

import numpy


class Log:
    def __init__(self, path, model):
        self.parameters = list(model.named_parameters())
        self.csv = csv.writer(open(path, "w", newline="", buffering=1))
        names = [f"{name}{list(at) if at else ''}" for name, p in self.parameters for at in numpy.ndindex(*p.shape)]
        self.csv.writerow(["step", *names, *(f"{name}.grad" for name in names), "loss"])
        self.step = 0

    def write(self, loss):
        self.step += 1
        tensors = [p for _, p in self.parameters] + [p.grad for _, p in self.parameters] + [loss]
        numbers = (v for t in tensors for v in t.detach().cpu().numpy().ravel())
        self.csv.writerow([self.step, *map(str, numbers)])
