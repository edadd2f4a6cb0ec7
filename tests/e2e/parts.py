"""The report's sections that look into one step: they show the chosen step, with the workbook's numbers."""

from bench import Trace
from workbook import Workbook

# Every function that formulas have, so that what the page computes is compared with what the program computes.
FUNCTIONS = ("a*tanh(x/50) + sigmoid(b*x/50) + relu(c - x/400) + softplus(c) + exp(-a^2) + ln(1 + b^2) + log10(2 + a^2) "
             "+ sin(a) + cos(b) + tan(c/9) + sqrt(1 + a^2) + abs(b) + sign(c) + floor(x/9) + mod(x, 7) + min(a, b) "
             "+ max(b, c) + pi*a + e*b + if(a > b, a, c)")


def number(text):
    """What the page shows, as a number: with a real minus, with a power of ten."""
    digits = text.replace("−", "-").strip("()+")
    if "·10" in digits:
        mantissa, exponent = digits.split("·10")
        powers = exponent.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
        return float(f"{mantissa}e{powers}")
    return float(digits)


def near(text, value):
    """Whether a text of seven digits, five with a power of ten, is the value."""
    return abs(number(text) - value) <= 1e-4 * abs(value) if "·10" in text else \
        abs(number(text) - value) <= 1e-6 * abs(value) + 1e-12


def parts(bench):
    """The sections follow the chosen step, and their numbers are the workbook's."""
    check = bench.check
    book, _, _ = bench.run("graddes")
    report = book.with_suffix(".html")
    steps = [("adam", 30), ("momentum", 2), ("rmsprop", 290), ("sgd", 1)]
    told = bench.browser.check("parts.cjs", report, *[f"#run={name}&step={step}" for name, step in steps], "--all")
    check("parts: no errors", not told["faults"], "; ".join(told["faults"]))
    workbook = Workbook(book)
    titles = {"adam": "Adam", "momentum": "Momentum", "rmsprop": "RMSProp", "sgd": "SGD"}
    for (name, step), seen in zip(steps, told["seen"]):
        trace, values = Trace(workbook, name), {key: texts[0] for key, texts in seen["values"].items()}
        where = f"parts: {name}, step {step}"
        shows = len(seen["shows"]) == 6 and all(text.endswith(f", step {step}") for text in seen["shows"])
        check(f"{where}: every section says so", shows, str(seen["shows"]))
        check(f"{where}: the row of {titles[name]} is marked", seen["chosen"] == [name], str(seen["chosen"]))
        for shown, header in [("de/da", "de/da"), ("de/db", "de/db"), ("g4", "err^2"), ("g2", "y_pred"),
                              ("forward a", "est de/da"), ("forward b", "est de/db")]:
            value = trace.value(step, header)
            check(f"{where}: {shown}", near(values[shown], value), f"{values[shown]} for {value}")
        for weight in "ab":
            moved = trace.value(step, f"new {weight}") - trace.value(step, weight)
            check(f"{where}: the step of {weight}", near(values[f":step_{weight}"], moved), values[f":step_{weight}"])
            kinds = ["gradient", "momentum", "rest", "decay"]
            made = [number(values[key]) for key in (f":{kind}_{weight}" for kind in kinds) if key in values]
            off = abs(sum(made) - moved)
            check(f"{where}: its parts add up", off <= 1e-6 * max(map(abs, made)), f"{made} for {moved}")
            check(f"{where}: the gradient agrees", values[f"central agrees {weight}"] == "agrees")
        shown = [row for row in seen["rows"] if row[0] == str(step)]
        wanted = [trace.value(step, header) for header in sorted(trace.columns, key=trace.columns.get)]
        well = seen["marked"] == str(step) and len(shown) == 1 and [float(text) for text in shown[0]] == [float(one) for one in wanted]
        check(f"{where}: its row is the workbook's", well, f"{shown} for {wanted}")
    adam = told["seen"][0]
    check("parts: before the correction the weights are smaller", 0 < adam["before"] < adam["after"],
          f"{adam['before']} {adam['after']}")
    decay = 0.9
    for back, text in enumerate(adam["read"]):
        before = (1 - decay) * decay ** back
        wanted = [before, before / (1 - decay ** 30)]
        found = [float(word) for word in text.replace(",", "").split() if word.startswith("0.")]
        check(f"parts: the weight of the gradient of {back} steps ago can be read",
              len(found) == 2 and all(abs(one - other) <= 1e-5 * other for one, other in zip(found, wanted)),
              f"{text} for {wanted}")
    check("parts: three weights are read", len(adam["read"]) == 3, str(adam["read"]))
    check("parts: a click on a row chooses it", told["clicked"] == "1", told["clicked"])
    everyone(bench, told["all"])
    functions(bench)


def everyone(bench, found):
    """The parts add up to the step for every optimizer and variant, single samples and batches, and the gradient agrees."""
    wrong = [one for one in found if abs(sum(one["parts"]) - one["moved"]) > 1e-9 * max(map(abs, one["parts"] + [one["moved"], 1.0]))]
    bench.check(f"parts: of {len({one['name'] for one in found})} optimizers the parts add up", len(found) > 70 * 11 and not wrong, str(wrong[:3]))
    bench.check("parts: their gradients agree", all(one["agrees"] for one in found))


def functions(bench):
    """A model with every function, computed by the page and by the program."""
    book, _, _ = bench.run("functions", "--model", FUNCTIONS, "--init", "a=0.7,b=0.4,c=0.9", "--optimizers", "sgd",
                           "--epochs", "1")
    told = bench.browser.check("parts.cjs", book.with_suffix(".html"), *[f"#run=sgd&step={step}" for step in (1, 2, 9)])
    bench.check("parts: functions: no errors", not told["faults"], "; ".join(told["faults"]))
    trace = Trace(Workbook(book), "sgd")
    for step, seen in zip((1, 2, 9), told["seen"]):
        for weight in "abc":
            value, shown = trace.value(step, f"de/d{weight}"), seen["values"][f"de/d{weight}"][0]
            bench.check(f"parts: functions: step {step}: de/d{weight}", near(shown, value), f"{shown} for {value}")
