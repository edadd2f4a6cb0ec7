"""The report's charts in a browser: what is drawn is where the numbers have it; values at the pointer and under the keys,
the chosen step on every chart."""

import json
import math
import shlex
from pathlib import Path

from bench import EXAMPLE, Trace, close
from workbook import Workbook

# What is run, and the widths at which its charts are used: both kinds of drawings, narrow and wide, for runs of each kind.
RUNS = {
    "walkthrough": ([], [360, 1280]),
    "diverged": (["--set", "sgd.lr=0.01"], [360]),
    "one weight": (["--model", "a*x", "--optimizers", "rmsprop,adam"], [1280]),
    "many weights": (["--model", "a*x + b + c*sqrt(x)", "--optimizers", "adam,rmsprop", "--epochs", "100"], [360, 1280]),
    "batches": (["--batch-size", "4", "--optimizers", "sgd,adam", "--epochs", "40"], [1280]),
}


def charts(bench):
    """The charts of several runs, used as a reader would."""
    for name, (options, widths) in RUNS.items():
        page = run(bench, name, options)[1]
        faults = bench.browser.check("charts.cjs", page, *widths)
        bench.check(f"charts: {name}", not faults, "; ".join(faults))


def controls(bench):
    """What can be changed in the page is changed, stands in the address, and comes back."""
    for name, options in [("walkthrough", []), ("batches", ["--batch-size", "4", "--optimizers", "sgd,momentum,adam"])]:
        faults = bench.browser.check("controls.cjs", run(bench, f"played {name}", options)[1])
        bench.check(f"controls: {name}", not faults, "; ".join(faults))


# What is set in a page before it is asked for the command that makes its run.
SET = {"sgd.lr": 0.00005, "adam.beta1": 0.8, "start.a": -1.5, "epochs": 7, "batch_size": 4, "optimizers": "sgd,adam,adam keras"}


def made(bench):
    """The command line, and the file of settings, that a page offers make the run that it shows."""
    _, page, _ = run(bench, "to be made", ["--optimizers", "sgd,adam", "--shuffle", "--seed", "3"])
    settings = bench.folder / "set.json"
    settings.write_text(json.dumps(SET), encoding="utf-8")
    found = bench.browser.check("made.cjs", page, settings)
    bench.check("made: the page reports no fault", not found["faults"], "; ".join(found["faults"]))
    toml = bench.folder / "made.toml"
    toml.write_text(found["toml"], encoding="utf-8")
    by_command = shlex.split(found["command"])[1:]
    by_file = ["run", EXAMPLE, "--shuffle", "--seed", "3", "--config", toml]
    for name, words in [("the command line", by_command), ("the file of settings", by_file)]:
        done = bench.gdtrace(*words, "--json", "--force", "-o", bench.folder / "made.trace.xlsx")
        runs = json.loads(done.stdout)["optimizers"] if done.returncode == 0 else []
        final = [one["final"] for one in runs]
        wanted = [one["final"] for one in found["results"].values()]
        well = len(final) == 3 and all(close(one[name], other[name], 1e-12) for one, other in zip(final, wanted) for name in other)
        bench.check(f"made: {name} makes the run of the page", well, f"{found['command']} {done.stderr} {final} {wanted}")


def run(bench, name, options, source=None):
    """What `gdtrace run` wrote: workbook, page, and what it said."""
    more = {} if source is None else {"source": source}
    book, said, _ = bench.run(f"charts_{name.replace(' ', '_')}", *options, **more)
    return book, Path(book).with_suffix(".html"), said


def figures(bench, page):
    """What the charts of a page show."""
    found = bench.browser.check("drawn.cjs", page)
    bench.check(f"drawn: {page.name} reports no fault", not found["faults"], "; ".join(found["faults"]))
    return found["figures"]


class Plot:
    """A chart's axes: values at places of the drawing."""

    def __init__(self, chart):
        self.left, self.top, self.width, self.height, *axes = chart["plot"]
        self.x, self.y = axes[:3], axes[3:]

    def values(self, place):
        x, y = place
        return value(self.x, (x - self.left) / self.width), value(self.y, 1 - (y - self.top) / self.height)

    def holds(self, place):
        """Whether a place, if there is one, is well within the axes."""
        return place and 2 < place[0] - self.left < self.width - 2 and 2 < place[1] - self.top < self.height - 2

    def of(self, line):
        return [self.values(place) for place in line["points"] if place]


def value(axis, share):
    low, high, logarithmic = axis
    return low * (high / low) ** share if logarithmic else low + (high - low) * share


def near(got, wanted, axis, share=2e-3):
    """Whether a value read off an axis is what is wanted, as far as a drawing tells."""
    low, high, logarithmic = axis
    if logarithmic:
        return abs(math.log(got / wanted)) <= share * math.log(high / low)
    return abs(got - wanted) <= share * (high - low)


def drawn(bench):
    """The charts of the walkthrough and of other runs, held to the workbook and to plain arithmetic."""
    book, page, said = run(bench, "walkthrough", [])
    made = figures(bench, page)
    standing(bench, made)
    rmse_and_weights(bench, made, book, said)
    equal_loss(bench, made["way"], book)
    rates_of_sgd(bench, made["rates"], said)
    others(bench)
    diverged(bench, made)
    stopped(bench)
    one_sample(bench)


def standing(bench, made):
    """Every chart has axes, a legend, words, and its numbers as a table."""
    count = {"loss": 1, "rmse": 1, "way": 1, "fit": 1, "memory": 4, "rates": 2}
    titles = {"loss": "step", "rmse": "epoch", "way": "a, in y per x", "fit": "x", "memory": "step", "rates": "step"}
    bench.check("drawn: the page has the charts", list(made) == list(count), str(list(made)))
    for name, figure in made.items():
        well = len(figure["charts"]) == count[name] and "adam" in figure["legend"]
        for chart in figure["charts"]:
            well = well and titles[name] in chart["titles"] and len(chart["ticks"]) >= 6 and len(chart["description"]) > 10
        rows = figure["table"]
        well = well and len(rows) > 3 and all(len(row) == len(rows[0]) for row in rows)
        bench.check(f"drawn: {name} has axes, legend, words and numbers", well, str(figure)[:300])
    told = ["v_a (momentum: the decaying average of ∂e/∂a, over about the last 1/(1 − β) steps)",
            "S_a (second moment: the decaying average of the squares of ∂e/∂a)", "and the same for each other weight."]
    caption = made["memory"]["caption"]
    bench.check("drawn: what is remembered is said", all(text in caption for text in told), caption)


def rmse_and_weights(bench, made, book, said):
    """The lines of the RMSE go through what --json says, the ways through the weights in the workbook."""
    chart, way = made["rmse"]["charts"][0], made["way"]["charts"][0]
    workbook = Workbook(book)
    for index, optimizer in enumerate(said["optimizers"]):
        plot = Plot(chart)
        points = plot.of(chart["lines"][index])
        wanted = optimizer["rmse"]
        well = len(points) == len(wanted) + 1
        well = well and all(near(x, epoch, plot.x) and near(y, wanted[epoch - 1], plot.y)
                            for epoch, (x, y) in enumerate(points) if epoch > 0)
        bench.check(f"drawn: the RMSE of {optimizer['name']}", well, str(points))
        plot, trace = Plot(way), Trace(workbook, optimizer["name"])
        points = plot.of(way["lines"][index])
        ends = [(trace.value(step, "new a"), trace.value(step, "new b")) for step in range(1, 291)]
        well = len(points) == 291 and near(points[0][0], 1, plot.x) and near(points[0][1], 1, plot.y)
        well = well and all(near(a, x, plot.x) and near(b, y, plot.y) for (a, b), (x, y) in zip(points[1:], ends))
        bench.check(f"drawn: the way of {optimizer['name']}", well, str(points[:3]))


def equal_loss(bench, figure, book):
    """On a line of equal loss the RMSE over the data is what its label says."""
    chart = figure["charts"][0]
    plot, trace = Plot(chart), Trace(Workbook(book), "sgd")
    data = [(trace.value(step, "x"), trace.value(step, "y")) for step in range(1, 30)]
    off, checked = 0, 0
    for contour in chart["contours"]:
        for a, b in map(plot.values, filter(plot.holds, contour["points"])):
            rmse = math.sqrt(sum((a * x + b - y) ** 2 for x, y in data) / len(data))
            # Places are rounded to a tenth of a unit; near the middle that is much of a small RMSE.
            if contour["level"] >= 5:
                off, checked = max(off, abs(rmse / contour["level"] - 1)), checked + 1
    levels = sorted(contour["level"] for contour in chart["contours"])
    bench.check("drawn: lines of equal loss have that loss", off < 0.03 and checked > 100 and levels[-3:] == [20, 50, 100], f"{off} {levels}")
    bench.check("drawn: how much the loss curves is said", "8490 times" in figure["caption"], figure["caption"])


def rates_of_sgd(bench, figure, said):
    """Plain gradient descent moves by its learning rate."""
    lr = said["optimizers"][0]["hyper"]["lr"]
    for chart in figure["charts"]:
        plot = Plot(chart)
        rates = [y for _, y in plot.of(chart["lines"][0])]
        bench.check("drawn: sgd moves by its learning rate", rates and all(near(rate, lr, plot.y) for rate in rates), str(rates[:3]))


def others(bench):
    """Models of one and of many weights, and one that is not linear."""
    options = ["--optimizers", "rmsprop,adam"]
    one = figures(bench, run(bench, "a curve", ["--model", "a*x", *options])[1])["way"]
    bench.check("drawn: one weight goes along its curve", len(one["charts"][0]["curve"]) > 100)
    many = figures(bench, run(bench, "many", ["--model", "a*x + b + c*sqrt(x)", *options])[1])["way"]
    bench.check("drawn: many weights go by epoch", many["legend"] == ["a", "b", "c"]
                and "stand for weights" in many["caption"] and "epoch" in many["charts"][0]["titles"])
    book, page, _ = run(bench, "curved", ["--model", "exp(a*x/100) + b", *options])
    curved = figures(bench, page)["way"]
    chart, trace = curved["charts"][0], Trace(Workbook(book), "adam")
    plot, data = Plot(chart), [(trace.value(step, "x"), trace.value(step, "y")) for step in range(1, 30)]
    off = []
    for contour in chart["contours"]:
        for a, b in map(plot.values, list(filter(plot.holds, contour["points"]))[::7]):
            rmse = math.sqrt(sum((math.exp(a * x / 100) + b - y) ** 2 for x, y in data) / len(data))
            off.append(abs(rmse / contour["level"] - 1))
    bench.check("drawn: lines on a grid have nearly that loss", len(off) > 10 and sorted(off)[len(off) * 9 // 10] < 0.05
                and "on a grid" in curved["caption"], str(off[:9]))


def diverged(bench, well):
    """A run that diverges is told and leaves the axes alone."""
    made = figures(bench, run(bench, "diverged", ["--set", "sgd.lr=0.01"])[1])
    for name in ["loss", "way", "fit", "rates"]:
        told = "of sgd, which did not" in made[name]["caption"]
        top, usual = made[name]["charts"][0]["plot"][8], well[name]["charts"][0]["plot"][8]
        bench.check(f"drawn: {name} of a run that diverges", told and top <= usual * 10, f"{top} {made[name]['caption']}")
    rmse = made["rmse"]["charts"][0]
    bench.check("drawn: the RMSE leaves with a cross and a word", rmse["exits"] == 1 and "sgd: diverged at epoch 5" in rmse["texts"],
                str(rmse["texts"]))


def stopped(bench):
    """A run that stopped early ends before the others, and its table has nothing behind that."""
    figure = figures(bench, run(bench, "stopped", ["--epochs", "12", "--until", "rmse<14"])[1])["rmse"]
    ends = [len(line["points"]) - 1 for line in figure["charts"][0]["lines"]]
    head, last = figure["table"][0], figure["table"][-1]
    bench.check("drawn: runs that stopped end before the others", head[1:] == ["sgd", "momentum", "rmsprop", "adam"]
                and ends == [12, 12, 9, 2] and [cell == "" for cell in last] == [False, False, False, True, True], f"{ends} {last}")


def one_sample(bench):
    """One sample is seen with the predictions of it, and no line is called exact."""
    data = bench.folder / "one.csv"
    data.write_text("x,y\n14,58\n", encoding="utf-8")
    _, page, said = run(bench, "one", [], data)
    figure = figures(bench, page)["fit"]
    chart = figure["charts"][0]
    plot = Plot(chart)
    well = "exact line" not in figure["legend"] and plot.x[0] < 14 < plot.x[1] and plot.y[0] < 58 < plot.y[1]
    for line, optimizer in zip(chart["lines"], said["optimizers"]):
        (x0, y0), (x1, y1) = plot.of(line)
        middle, final = (y0 + y1) / 2, optimizer["final"]
        well = well and x0 < 14 < x1 and near(middle, final["a"] * 14 + final["b"], plot.y) and plot.y[0] < middle < plot.y[1]
    bench.check("drawn: one sample with the predictions of it", well and len(chart["lines"]) == 4, str(chart)[:300])
