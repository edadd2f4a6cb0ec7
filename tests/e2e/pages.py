"""The report in a browser, and the workbook in other readers and on paper."""

from bench import EXAMPLE, OPTIMIZERS, audit_book, check_page, print_book


def structure(bench):
    """Other readers: openpyxl loads it, openxml-audit finds no fault."""
    books = [bench.run("graddes")[0], bench.run("diverging", "--set", "sgd.lr=1")[0], EXAMPLE]
    for book in books:
        audit_book(bench, book)


def report(bench):
    """The report in a browser."""
    book, said, _ = bench.run("graddes")
    page = bench.folder / said["outputs"]["report"]
    text = page.read_text(encoding="utf-8")
    bench.check("report: names every optimizer", all(name in text.lower() for name in OPTIMIZERS))
    network = ["--model", "v1*relu(w1*x + b1) + v2*relu(w2*x + b2) + c", "--set", "lr=0.00001"]
    pair = bench.folder / "pair.csv"
    pair.write_text("x1,x2,y1,y2\n0.05,0.1,0.01,0.99\n0.9,0.2,0.8,0.3\n0.4,0.7,0.5,0.1\n")
    outputs = ["--network", "2-2-2", "--loss", "half-squared", "--init", "random", "--set", "lr=0.5"]
    for name, options, source in [("graddes", [], None), ("diverging", ["--set", "sgd.lr=1"], None), ("network page", network, None),
                                  ("outputs page", outputs, pair)]:
        _, said, _ = bench.run(name, *options, **{"source": source} if source else {})
        page = bench.folder / said["outputs"]["report"]
        check_page(bench, f"report: {name} stands alone, fits 360 to 1920 px, light and dark, and the paper", page, name, "--paper")


def pictures(bench):
    """With --screenshots: the workbook's printed pages, for a person to look at. One check: they print."""
    if not bench.args.screenshots:
        return
    book, _, _ = bench.run("graddes")
    print_book(bench, book)
