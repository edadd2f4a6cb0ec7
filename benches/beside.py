"""The way of Python beside gdtrace: openpyxl reads the samples, a plain loop computes, XlsxWriter writes formulas and results.

    cargo build --release
    target/e2e-tools/venv/bin/python benches/beside.py [STEPS]

The loop writes what somebody would who builds such a sheet by a program: 14 to 22 columns an optimizer. gdtrace writes these and more (two
ways to compute the gradient, the loss, the circuit), so the ratio that is printed is a lower bound. The shortest of three times counts.
"""

import subprocess
import sys
import tempfile
import time
from math import sqrt
from pathlib import Path

import openpyxl
import xlsxwriter

PROGRAM = Path(__file__).resolve().parent.parent / "target" / "release" / "gdtrace"
SAMPLES = 100
OPTIMIZERS = ["sgd", "momentum", "rmsprop", "adam"]
LR, BETA1, BETA2, EPS = 0.0001, 0.9, 0.999, 1e-8


def main(steps):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "points.xlsx"
        write_samples(source)
        arguments = [PROGRAM, "run", source, "--no-report", "--force", "--scale", "none", "--set", f"lr={LR}", "--epochs", str(steps // SAMPLES),
                     "-o", Path(folder) / "own.xlsx"]
        own = shortest(3, lambda: subprocess.run(arguments, check=True, capture_output=True))
        beside = shortest(1 if steps > 20_000 else 3, lambda: by_python(source, Path(folder) / "other.xlsx", steps))
        print(f"{steps} steps x {len(OPTIMIZERS)}: gdtrace {own:.3f} s, Python {beside:.2f} s, {beside / own:.1f} times")


def shortest(times, work):
    def once():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    return min(once() for _ in range(times))


def write_samples(path):
    book = openpyxl.Workbook()
    book.active.title = "data"
    book.active.append(["x", "y"])
    for sample in range(SAMPLES):
        x = sample * 37 % 100
        book.active.append([x, 2 * x + 30])
    book.save(path)


def by_python(source, target, steps):
    rows = list(openpyxl.load_workbook(source, data_only=True)["data"].iter_rows(min_row=2, values_only=True))
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    for name in OPTIMIZERS:
        write(book.add_worksheet(name), name, rows, steps)
    book.close()


# A formula for each column, `{r}` its row and `{p}` the row above; `{w}` is the column of the weight, `{g}` that of its gradient, `{k}`,
# `{l}`, `{m}` and `{o}` those of the states.
STATES = {
    "sgd": ([], "={w}{r}-$B$1*{g}{r}"),
    "momentum": (["=$B$2*{k}{p}+(1-$B$2)*{g}{r}"], "={w}{r}-$B$1*{k}{r}"),
    "rmsprop": (["=$B$3*{k}{p}+(1-$B$3)*{g}{r}^2"], "={w}{r}-$B$1*{g}{r}/(SQRT({k}{r})+$B$4)"),
    "adam": (["=$B$2*{k}{p}+(1-$B$2)*{g}{r}", "=$B$3*{l}{p}+(1-$B$3)*{g}{r}^2", "={k}{r}/(1-$B$2^A{r})", "={l}{r}/(1-$B$3^A{r})"],
             "={w}{r}-$B$1*{m}{r}/(SQRT({o}{r})+$B$4)"),
}


def write(sheet, name, rows, steps):
    for row, (label, value) in enumerate([("lr", LR), ("beta1", BETA1), ("beta2", BETA2), ("eps", EPS), ("a", 1), ("b", 1)]):
        sheet.write(row, 0, label)
        sheet.write(row, 1, value)
    states, update = STATES[name]
    letters = "LMNOPQRSTUVWX"
    own = [letters[:len(states) + 1], letters[len(states) + 1:][:len(states) + 1]]  # of each weight: the new one, and its states
    formulas = ["=A{p}+1", "=MOD(A{p},100)+1", "=INDEX(data!$A$2:$A$101,B{r})", "=INDEX(data!$B$2:$B$101,B{r})",
                f"={own[0][0]}{{p}}", f"={own[1][0]}{{p}}", "=E{r}*C{r}+F{r}", "=G{r}-D{r}", "=H{r}^2", "=2*C{r}*H{r}", "=2*H{r}"]
    for weight, gradient, columns in [("E", "J", own[0]), ("F", "K", own[1])]:
        places = dict(zip("klmo", columns[1:]), w=weight, g=gradient)
        formulas += [formula.format(r="{r}", p="{p}", **places) for formula in [update, *states]]
    sheet.write_row(7, 0, [0])  # step 0, with the start weights
    for columns in own:
        sheet.write(f"{columns[0]}8", 1)
    weights, memory = [1.0, 1.0], [[0.0, 0.0], [0.0, 0.0]]
    for t in range(1, steps + 1):
        sample = (t - 1) % SAMPLES
        x, y = rows[sample]
        a, b = weights
        prediction = a * x + b
        error = prediction - y
        gradients = [2 * x * error, 2 * error]
        values = [t, sample + 1, x, y, a, b, prediction, error, error ** 2, *gradients]
        for index, g in enumerate(gradients):
            weights[index], state = step(name, weights[index], g, memory[index], t)
            values += [weights[index], *state]
        row = t + 7
        for column, (formula, value) in enumerate(zip(formulas, values)):
            sheet.write_formula(row, column, formula.format(r=row + 1, p=row), None, value)


def step(name, w, g, memory, t):
    if name == "sgd":
        return w - LR * g, []
    if name == "momentum":
        memory[0] = BETA1 * memory[0] + (1 - BETA1) * g
        return w - LR * memory[0], [memory[0]]
    if name == "rmsprop":
        memory[0] = BETA2 * memory[0] + (1 - BETA2) * g ** 2
        return w - LR * g / (sqrt(memory[0]) + EPS), [memory[0]]
    memory[0] = BETA1 * memory[0] + (1 - BETA1) * g
    memory[1] = BETA2 * memory[1] + (1 - BETA2) * g ** 2
    v, s = memory[0] / (1 - BETA1 ** t), memory[1] / (1 - BETA2 ** t)
    return w - LR * v / (sqrt(s) + EPS), [*memory, v, s]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
