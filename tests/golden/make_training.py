"""Makes training.json: the walkthrough trained in other ways than sample by sample at one learning rate.

Mini-batches, L2, decoupled weight decay, clipping and learning rate schedules, by PyTorch (clipping by Optax)
in float64, gradients from autograd. Everything is computed once more by hand, the learning rates of the
schedules from their closed formulas; the script stops where the two differ.

    python make_training.py            writes training.json beside this file
    python make_training.py --check    computes everything, writes nothing, fails if the file would change
"""

import math
import sys
from types import SimpleNamespace

import torch
from torch.optim import lr_scheduler

import make_optimizers as one_by_one
from make_golden import START, TOLERANCE, X, Y
from make_optimizers import BESIDE, DRIFT, JUMP, LIBRARIES, VERSIONS, Jump, largest_difference, write_or_check

EPOCHS = 3
N = len(X)

# optimizer, variant -> the rule by hand, and the hyperparameters: other learning rates for larger batches,
# whose mean gradient changes less.
RULES = {("sgd", ""): one_by_one.sgd, ("momentum", "pytorch"): one_by_one.momentum_pytorch,
         ("adam", ""): one_by_one.adam, ("adam", "pytorch"): one_by_one.adam}
SGD, MOMENTUM, ADAM = ("sgd", ""), ("momentum", "pytorch"), ("adam", "pytorch")
HYPERS = {SGD: {"lr": 7e-5}, MOMENTUM: {"lr": 3e-5, "beta": 0.8, "dampening": 0.1},
          ADAM: {"lr": 0.3, "beta1": 0.8, "beta2": 0.98, "eps": 1e-8}}
BATCHED = {SGD: {"lr": 2e-4}, MOMENTUM: {"lr": 4e-5, "beta": 0.8, "dampening": 0.1},
           ADAM: {"lr": 0.5, "beta1": 0.7, "beta2": 0.9, "eps": 1e-8}}

MADE_WITH = {
    "sgd": "torch.optim.SGD({params}, lr={lr}{decay})",
    "momentum": "torch.optim.SGD({params}, lr={lr}, momentum={beta}, dampening={dampening}{decay})",
    "adam": "torch.optim.{adam}({params}, lr={lr}, betas=({beta1}, {beta2}), eps={eps}{decay})",
}
CLIPPED = {
    "sgd": "optax.chain(optax.clip_by_global_norm({clip}), optax.sgd({lr}))",
    "adam": "optax.chain(optax.clip_by_global_norm({clip}), optax.adam({lr}, b1={beta1}, b2={beta2}, eps={eps}))",
}
# With T the number of all updates; stepped after every update.
SCHEDULERS = {
    "step": "StepLR(optimizer, step_size={0}, gamma={1})",
    "exponential": "ExponentialLR(optimizer, gamma={0})",
    "linear": "LinearLR(optimizer, start_factor=1, end_factor={0} / {lr}, total_iters={T} - 1)",
    "cosine": "CosineAnnealingLR(optimizer, T_max={T}, eta_min=0)",
    "warmup": "SequentialLR(optimizer, [LinearLR(optimizer, start_factor=1 / {0}, total_iters={0} - 1), "
              "CosineAnnealingLR(optimizer, T_max={T} - {0}, eta_min=0)], milestones=[{0}])",
    "1cycle": "OneCycleLR(optimizer, max_lr={lr}, total_steps={T}, pct_start=0.3, anneal_strategy='cos', "
              "cycle_momentum=False, div_factor=25, final_div_factor=1e4)",
}


def cases():
    """The optimizer with its variant, its hyperparameters, the options."""
    for optimizer in SGD, MOMENTUM, ADAM:
        for size in 4, "all":
            yield optimizer, BATCHED[optimizer], {"batch-size": size}
    for optimizer in SGD, MOMENTUM, ADAM:
        yield optimizer, HYPERS[optimizer], {"l2": 40.0}
        yield optimizer, BATCHED[optimizer], {"batch-size": 4, "l2": 40.0}
        yield optimizer, HYPERS[optimizer], {"l2": 90.0, "decay-weights": "a"}
    for optimizer in SGD, ADAM:
        decay = 30.0 if optimizer == SGD else 0.2
        yield optimizer, HYPERS[optimizer], {"weight-decay": decay}
        yield optimizer, BATCHED[optimizer], {"batch-size": 4, "weight-decay": decay}
        yield optimizer, HYPERS[optimizer], {"weight-decay": 2 * decay, "decay-weights": "a"}
    for optimizer in SGD, ("adam", ""):
        same = SGD if optimizer == SGD else ADAM
        yield optimizer, HYPERS[same], {"clip": 800.0}
        yield optimizer, BATCHED[same], {"batch-size": 4, "clip": 800.0}
    for optimizer, to in (SGD, 1e-5), (ADAM, 0.02):
        for schedule in ["step:10:0.5", "exponential:0.99", f"linear:{to}", "cosine", "warmup:10+cosine", "1cycle"]:
            yield optimizer, HYPERS[optimizer], {"schedule": schedule}
        for schedule in ["warmup:5+cosine", "1cycle"]:
            yield optimizer, BATCHED[optimizer], {"batch-size": 4, "schedule": schedule}
    # Where the learning rate stands matters once it changes: it is not in v, but it is in the decay.
    yield MOMENTUM, HYPERS[MOMENTUM], {"schedule": "step:10:0.5"}
    yield ADAM, HYPERS[ADAM], {"weight-decay": 0.2, "schedule": "cosine"}


def batches(options):
    """The samples of each update of an epoch; what is left for the last batch is smaller."""
    size = options.get("batch-size", 1)
    size = N if size == "all" else size
    return [(X[i:i + size], Y[i:i + size]) for i in range(0, N, size)]


def read(schedule):
    """The name and the arguments of a schedule: "step:10:0.5" is step with 10 and 0.5."""
    name, *arguments = schedule.removesuffix("+cosine").split(":")
    return name, [int(argument) if argument.isdigit() else float(argument) for argument in arguments]


def library_expression(optimizer, hyper, options):
    """The expression that makes the library's optimizer."""
    if "clip" in options:
        return CLIPPED[optimizer].format(clip=options["clip"], **hyper)
    strength = f"{options['l2']} / {N}" if "l2" in options else options.get("weight-decay")
    params, decay = "weights", "" if strength is None else f", weight_decay={strength}"
    if options.get("decay-weights") == "a":
        params = (f"[{{'params': weights[:1], 'weight_decay': {strength}}}, "
                  "{'params': weights[1:], 'weight_decay': 0}]")
        decay = ""
    # Decoupled decay is AdamW's. For plain SGD it is the same as L2: w - lr*(g + decay*w).
    adam = "AdamW" if "weight-decay" in options else "Adam"
    return MADE_WITH[optimizer].format(params=params, decay=decay, adam=adam, **hyper)


def by_library(expression, scheduler, options, start):
    """The weights after every update, and the learning rates where they are scheduled."""
    library = LIBRARIES[expression.partition(".")[0]](expression, start)
    updates = EPOCHS * batches(options)
    if scheduler:
        scheduler = eval(scheduler, vars(lr_scheduler) | {"optimizer": library.optimizer})
    rates, steps = [], []
    for last, (xs, ys) in enumerate(updates, start=1 - len(updates)):
        if scheduler:
            rates.append(library.optimizer.param_groups[0]["lr"])
        steps.append(library.step([float(x) for x in xs], [float(y) for y in ys]))
        if scheduler and last:
            scheduler.step()
    return steps, rates


def rate_by_hand(schedule, lr, t, updates):
    """The learning rate of update t (from 1) of so many."""
    name, arguments = read(schedule)
    if name == "step":
        size, gamma = arguments
        return lr * gamma ** ((t - 1) // size)
    if name == "exponential":
        return lr * arguments[0] ** (t - 1)
    if name == "linear":
        return lr + (arguments[0] - lr) * (t - 1) / (updates - 1)
    if name == "cosine":
        return lr * (1 + math.cos(math.pi * (t - 1) / updates)) / 2
    if name == "warmup":
        steps = arguments[0]
        if t <= steps:
            return lr * t / steps
        return lr * (1 + math.cos(math.pi * (t - steps - 1) / (updates - steps))) / 2
    # 1cycle: up to lr for three tenths of the updates (its peak need not fall on one), then down to almost 0.
    first, last, peak = lr / 25, lr / 25 / 1e4, 0.3 * updates - 1
    if t - 1 <= peak:
        return lr + (first - lr) / 2 * (1 + math.cos(math.pi * (t - 1) / peak))
    return last + (lr - last) / 2 * (1 + math.cos(math.pi * (t - 1 - peak) / (updates - 1 - peak)))


def by_hand(rule, hyper, options, start):
    hyper = SimpleNamespace(**hyper)
    base_lr, decayed = hyper.lr, [True, options.get("decay-weights") != "a"]
    weights, kept = list(start), [{}, {}]
    updates = EPOCHS * batches(options)
    steps, rates, clipped = [], [], 0
    for t, (xs, ys) in enumerate(updates, start=1):
        if "schedule" in options:
            hyper.lr = rate_by_hand(options["schedule"], base_lr, t, len(updates))
            rates.append(hyper.lr)
        errors = [weights[0] * x + weights[1] - y for x, y in zip(xs, ys)]
        gradient = [sum(2 * error * x for error, x in zip(errors, xs)) / len(xs),
                    sum(2 * error for error in errors) / len(xs)]
        if "clip" in options:
            norm = math.sqrt(gradient[0] ** 2 + gradient[1] ** 2)
            Jump.near(norm - options["clip"], norm)
            if norm > options["clip"]:
                clipped += 1
                gradient = [g * (options["clip"] / norm) for g in gradient]
        at = SimpleNamespace(t=t)
        for i, g in enumerate(gradient):
            w = weights[i]
            if decayed[i]:
                g = g + options.get("l2", 0) / N * w
                w = w * (1 - hyper.lr * options.get("weight-decay", 0))
            weights[i], kept[i] = rule(w, g, kept[i], at, hyper)
        steps.append(list(weights))
    assert "clip" not in options or 0 < clipped < len(updates), "clips never or always"
    return steps, rates


def golden_case(optimizer, hyper, options):
    start = [START["a"], START["b"]]
    name = f"{optimizer[0]}:{optimizer[1]}".rstrip(":") + f" {options}"
    Jump.nearest = math.inf
    hand, rates_by_hand = by_hand(RULES[optimizer], hyper, options, start)
    assert Jump.nearest > JUMP, f"{name}: {Jump.nearest} from a jump"
    beside, _ = by_hand(RULES[optimizer], hyper, options, [w * (1 + BESIDE) for w in start])
    drift = largest_difference(hand, beside)
    assert drift < DRIFT, f"{name}: drifts by {drift}"

    expression, scheduler = library_expression(optimizer[0], hyper, options), None
    if "schedule" in options:
        kind, arguments = read(options["schedule"])
        scheduler = SCHEDULERS[kind].format(*arguments, T=len(hand), lr=hyper["lr"])
    steps, rates = by_library(expression, scheduler, options, start)
    reached = largest_difference(steps, hand)
    assert reached <= TOLERANCE, f"{name}: {expression} is {reached} from the rule by hand"
    # PyTorch goes from one learning rate to the next, so that the error is one of the largest, not of each.
    off = max((abs(one - other) / hyper["lr"] for one, other in zip(rates, rates_by_hand, strict=True)), default=0)
    assert off <= TOLERANCE, f"{name}: the learning rate is {off} off"
    a, b = steps[-1]
    print(f"{name:60} by hand to {reached:7.1e}, lr {off:7.1e}  a {a:6.4f}  b {b:7.4f}")
    case = {"optimizer": optimizer[0], "variant": optimizer[1], "hyper": hyper, "options": options,
            "made_with": f"{expression}; {scheduler}" if scheduler else expression}
    return case | ({"lr": rates} if scheduler else {}) | {"steps": steps}


def main():
    document = {"start": START, "epochs": EPOCHS, "versions": VERSIONS,
                "cases": [golden_case(*case) for case in cases()]}
    write_or_check("training.json", document, sys.argv[1:], __doc__)


if __name__ == "__main__":
    main()
