"""Makes the logs of tests/golden/logs/changes: trainings by PyTorch in which something changes on the way.

    pip install torch numpy
    python tests/golden/make_log_changes.py

Each log has the gradients as `backward` left them: before they are clipped, and of each batch alone.
"""
import csv
import pathlib

import torch

here = pathlib.Path(__file__).parent / "logs" / "changes"
optim, lr = torch.optim, torch.optim.lr_scheduler


def train(name, make, steps=80, schedule=None, norm=None, value=None, every=1, skipped=(), reset=None,
          at=None, rates=False, mean=True, dtype=torch.float64, digits=None, scale=1.0):
    torch.manual_seed(11)
    x = torch.randn(24, 2, dtype=dtype)
    y = scale * (x @ torch.tensor([[1.5], [-0.8]], dtype=dtype) + 0.3) + 0.2 * torch.randn(24, 1, dtype=dtype)
    model = torch.nn.Linear(2, 1).to(dtype)
    weights = list(model.parameters())
    optimizer = make(weights)
    scheduler = schedule(optimizer) if schedule else None
    here.mkdir(parents=True, exist_ok=True)
    file = csv.writer(open(here / f"{name}.csv", "w", newline=""))
    names = ["w0", "w1", "b"]
    file.writerow(["step", *names, *(f"{one}.grad" for one in names), *(["lr"] if rates else [])])
    held = [torch.zeros_like(one) for one in weights]
    for step in range(1, steps + 1):
        if at and at[0] == step:
            at[1](optimizer.param_groups[0])
        if step == reset:
            optimizer = make(weights)
        rows = torch.arange(step * 6, step * 6 + 6) % 24
        for one in weights:
            one.grad = None
        ((model(x[rows]) - y[rows]) ** 2).mean().backward()
        numbers = [v for one in weights for v in one.detach().ravel().tolist()]
        numbers += [v for one in weights for v in one.grad.ravel().tolist()]
        text = (lambda v: f"{v:.{digits}f}") if digits else (lambda v: str(torch.tensor(v, dtype=dtype).numpy()))
        file.writerow([step, *map(text, numbers), *([optimizer.param_groups[0]["lr"]] if rates else [])])
        if norm:
            torch.nn.utils.clip_grad_norm_(weights, norm)
        if value:
            torch.nn.utils.clip_grad_value_(weights, value)
        for sum_, one in zip(held, weights):
            sum_ += one.grad / (every if mean else 1)
            one.grad = sum_.clone()
        if step % every == 0:
            if step not in skipped:
                optimizer.step()
            for sum_ in held:
                sum_.zero_()
        if scheduler:
            scheduler.step()


def adam(p):
    return optim.Adam(p, lr=0.01)


def momentum(p):
    return optim.SGD(p, lr=0.02, momentum=0.9)


def sgd(p):
    return optim.SGD(p, lr=0.05)


def beta(group):
    group["betas"] = (0.8, 0.999)


def lower(group):
    group["momentum"] = 0.5


def halved(group):
    group["lr"] = 0.005


def warm_cosine(o):
    warm = lr.LinearLR(o, 0.1, 1.0, 10)
    return lr.SequentialLR(o, [warm, lr.CosineAnnealingLR(o, 70)], [10])


train("adam-steps", adam, schedule=lambda o: lr.MultiStepLR(o, [30, 60], 0.5))
train("adam-exponential", adam, schedule=lambda o: lr.ExponentialLR(o, 0.98))
train("momentum-linear", momentum, schedule=lambda o: lr.LinearLR(o, 1.0, 0.1, 80))
train("adam-warmup", adam, schedule=lambda o: lr.LinearLR(o, 0.1, 1.0, 20))
train("adam-warmup-cosine", adam, schedule=warm_cosine)
train("adam-onecycle", adam, schedule=lambda o: lr.OneCycleLR(o, 0.02, total_steps=81, cycle_momentum=False))
train("adam-cycled", adam, schedule=lambda o: lr.OneCycleLR(o, 0.02, total_steps=81))
train("momentum-cycled", momentum, schedule=lambda o: lr.OneCycleLR(o, 0.05, total_steps=81), rates=True)
train("adam-rates", adam, schedule=lambda o: lr.MultiStepLR(o, [30, 60], 0.5), rates=True)
train("sgd-norm", sgd, norm=1.0, scale=3.0)
train("momentum-norm", momentum, norm=2.0, scale=3.0)
train("adam-norm", adam, norm=1.0)
train("adam-value", adam, value=0.5)
train("momentum-value", momentum, value=0.75)
train("sgd-accumulated", sgd, every=4, steps=96)
train("adam-accumulated", adam, every=4, steps=96)
train("adam-summed", adam, every=2, mean=False)
train("adam-reset", adam, reset=41)
train("momentum-reset", momentum, reset=33)
train("adam-skipped", adam, skipped=(17, 44))
train("adam-beta", adam, at=(37, beta))
train("momentum-lower", momentum, at=(25, lower))
train("adam-both", adam, at=(50, halved), norm=1.0, steps=100)
train("adam-skipped-float32", adam, skipped=(25,), dtype=torch.float32)
train("adam-float32", adam, dtype=torch.float32)
train("adam-four", adam, digits=4, steps=120)
train("momentum-four", momentum, digits=4, steps=60)
