"""Every optimizer and variant in the ways to train, any two of which meet: LibreOffice computes what is cached."""

import json

import recalculate
from pairs import pairs

BATCHES = {"one sample": [], "batches of 4": ["--batch-size", "4"], "full batch": ["--batch-size", "all"]}
PENALTIES = {"plain": [], "l2": ["--l2", "0.3"], "decay": ["--weight-decay", "0.05", "--decay-weights", "a"]}
SCHEDULES = {"constant": [], "cosine": ["--schedule", "cosine"]}
ORDERS = {"in order": [], "shuffled": ["--shuffle"]}
CLIPS = {"unclipped": [], "clipped": ["--clip", "500"]}
WAYS = [BATCHES, PENALTIES, SCHEDULES, ORDERS, CLIPS]

def lr(*rates):
    """Learning rates as they are: with those that are found to fit, errors end as rounding alone, which nobody computes alike."""
    return [word for rate in rates for word in ("--set", rate.replace("=", ".lr="))]


# What needs other columns than those above, for optimizers that differ in what they keep.
OTHERS = {
    "shuffled and clipped": ["--shuffle", "--clip", "800", "--batch-size", "3", "--optimizers", "sgd,adam,eve,radam"],
    "one cycle": ["--schedule", "1cycle", "--batch-size", "2", "--optimizers", "momentum:keras,nadam,adagrad:pytorch",
                  *lr("momentum:keras=0.01", "nadam=0.5", "adagrad:pytorch=0.01")],
    "warmup": ["--schedule", "warmup:7+linear:1e-6", "--l2", "0.1", "--clip", "500", "--optimizers", "sgd,lion"],
    "annealing": ["--schedule", "annealing", "--epochs", "30", "--batch-size", "5", "--set", "adam.beta2=0.9",
                  "--optimizers", "rmsprop,adam"],
    "steps": ["--schedule", "step:29:0.5", "--optimizers", "sgd,rmsprop:walkthrough"],
    "exponential": ["--schedule", "exponential:0.99", "--epochs", "40", "--optimizers", "nadam:pytorch,radam:pytorch",
                    *lr("nadam:pytorch=0.002", "radam:pytorch=0.001")],
    "the end alone": ["--keep", "last:20", "--shuffle", "--batch-size", "4", "--clip", "500", "--optimizers", "sgd,radam,nadam"],
    "rows that are apart": ["--keep", "every:7", "--l2", "0.3", "--batch-size", "2", "--optimizers", "momentum,adam,lion"],
    "ends of epochs": ["--keep", "epochs", "--shuffle", "--until", "rmse < 14", "--optimizers", "rmsprop,adam"],
}
# Cells that a person changes, the sheet's way to train, and the options of a fresh run that say the same.
CHANGES = {
    "the size of a batch": (["--batch-size", "4"], [("batch_size", 7)], ["--batch-size", "7"]),
    "the penalty": (["--l2", "0.3"], [("l2", 2)], ["--l2", "2"]),
    "the clip": (["--clip", "800"], [("clip", 300)], ["--clip", "300"]),
    "the warmup": (["--schedule", "warmup:5+cosine"], [("warmup", 20)], ["--schedule", "warmup:20+cosine"]),
}


def labels(bench):
    """The names of all optimizers and variants."""
    listed = json.loads(bench.gdtrace("optimizers", "--json").stdout)["optimizers"]
    return [label for one in listed
            for label in [one["name"], *(f"{one['name']}:{variant}" for variant in one["variants"])]]


def ways(bench):
    """Every optimizer in ways to train of each kind, recalculated; and what follows when a cell of it is changed."""
    check, office = bench.check, bench.office
    everyone = labels(bench)
    check("ways: all optimizers and variants are there", len(everyone) >= 41, f"{len(everyone)}")
    for chosen in pairs(*WAYS):
        name = ", ".join(chosen)
        options = [option for way, one in zip(WAYS, chosen) for option in way[one]]
        book, printed, _ = bench.run(name.replace(", ", "-").replace(" ", "_"), "--optimizers", ",".join(everyone),
                                     "--epochs", "3", "--no-report", *options)
        recalculated = len(printed["optimizers"]) == len(everyone) and recalculate.check(office, book)
        check(f"ways: {name}: {len(everyone)} optimizers and variants", recalculated)
    for name, options in OTHERS.items():
        book, _, _ = bench.run(name.replace(" ", "_"), *options)
        check(f"ways: {name}", recalculate.check(office, book))
    for name, (options, cells, fresh_options) in CHANGES.items():
        run = ["--optimizers", "sgd,adam", "--epochs", "3"]
        book, _, _ = bench.run(f"{name.replace(' ', '_')}_before", *run, *options)
        fresh, _, _ = bench.run(f"{name.replace(' ', '_')}_after", *run, *fresh_options)
        changed = [(f"{sheet}:{cell}", value) for sheet in ("sgd", "adam") for cell, value in cells]
        check(f"ways: change {name}", recalculate.check_change(office, book, changed, fresh, numbers_only=["summary"]))
