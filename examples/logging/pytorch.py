"""Logs the steps of a PyTorch optimizer for `gdtrace compare`: every weight and its gradient.

    log = Log("log.csv", model)
    ...
    loss.backward()
    log.write()          # before optimizer.step()
    optimizer.step()
"""
import csv


class Log:
    def __init__(self, path, model):
        self.parameters = list(model.named_parameters())
        self.csv = csv.writer(open(path, "w", newline="", buffering=1))
        names = [f"{n}[{i}]" for n, p in self.parameters for i in range(p.numel())]
        self.csv.writerow(["step", *names, *(f"{name}.grad" for name in names)])
        self.step = 0

    def write(self):
        self.step += 1
        tensors = [p.detach() for _, p in self.parameters] + [p.grad for _, p in self.parameters]
        self.csv.writerow([self.step, *(str(v) for t in tensors for v in t.cpu().numpy().ravel())])
