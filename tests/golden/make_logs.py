"""Makes the logs of tests/golden/logs: trainings by PyTorch's own optimizers, logged as examples/logging does.

    pip install torch numpy
    python tests/golden/make_logs.py
"""
import pathlib
import sys

import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "examples" / "logging"))
from pytorch import Log  # noqa: E402

STEPS = 60


def train(name, make, schedule=None, dtype=torch.float64, clip=None):
    torch.manual_seed(7)
    x = torch.randn(24, 2, dtype=dtype)
    y = x @ torch.tensor([[1.5], [-0.8]], dtype=dtype) + 0.3 + 0.2 * torch.randn(24, 1, dtype=dtype)
    model = torch.nn.Linear(2, 1).to(dtype)
    optimizer = make(model.parameters())
    scheduler = schedule(optimizer) if schedule else None
    (here / "logs").mkdir(exist_ok=True)
    log = Log(here / "logs" / f"{name}.csv", model)
    for step in range(STEPS):
        rows = torch.arange(step * 6, step * 6 + 6) % 24
        optimizer.zero_grad()
        loss = ((model(x[rows]) - y[rows]) ** 2).mean()
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_value_(model.parameters(), clip)
        log.write()
        optimizer.step()
        if scheduler:
            scheduler.step()


optim, lr = torch.optim, torch.optim.lr_scheduler
ALL = {
    "sgd": lambda p: optim.SGD(p, lr=0.05),
    "sgd-decay": lambda p: optim.SGD(p, lr=0.05, weight_decay=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.02, momentum=0.9),
    "nesterov": lambda p: optim.SGD(p, lr=0.02, momentum=0.8, nesterov=True),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "adam-own": lambda p: optim.Adam(p, lr=0.0125, betas=(0.85, 0.97), eps=1e-5),
    "adam-decay": lambda p: optim.Adam(p, lr=0.01, weight_decay=0.01),
    "adamw": lambda p: optim.AdamW(p, lr=0.01, weight_decay=0.05),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.01),
    "rmsprop-centered": lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9, centered=True),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.1),
    "adadelta": lambda p: optim.Adadelta(p, lr=1.0, rho=0.9),
    "adamax": lambda p: optim.Adamax(p, lr=0.01),
}
for name, make in ALL.items():
    train(name, make)
for name in ["sgd", "momentum", "adam", "rmsprop"]:
    train(f"{name}-float32", ALL[name], dtype=torch.float32)
train("adam-steps", ALL["adam"], lambda o: lr.StepLR(o, 20, 0.1))
train("sgd-exponential", ALL["sgd"], lambda o: lr.ExponentialLR(o, 0.97))
train("adam-cosine", ALL["adam"], lambda o: lr.CosineAnnealingLR(o, STEPS))
