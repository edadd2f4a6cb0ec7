"""The files of the command compare."""

import subprocess

import recalculate
from bench import HERE, ROOT, audit_book, check_page, close, digest, print_book
from workbook import Workbook

BOOKS = ["right", "negated", "pasted", "holes", "divided", "strange", "overflow", "adam"]
REFERENCE = HERE.parents[2] / "shared" / "reference" / "graddesc-v3.xlsx"


def compare(bench):
    """`gdtrace compare -o --report`: live formulas beside each table, and a page that stands alone."""
    check = bench.check
    done = subprocess.run([bench.tools / "venv" / "bin" / "python", HERE / "handmade.py", bench.folder],
                          text=True, capture_output=True)
    check("compare: the hand-built workbooks are written", done.returncode == 0, done.stderr.strip())
    sources = {name: bench.folder / f"{name}.xlsx" for name in BOOKS}
    if REFERENCE.exists():
        sources["walkthrough"] = REFERENCE
    else:
        print(f"      no {REFERENCE}: the walkthrough is left out")
    for name, source in sources.items():
        before = digest(source)
        book, page = bench.folder / f"{name}.compared.xlsx", bench.folder / f"{name}.compared.html"
        done = bench.gdtrace("compare", source, "-o", book, "--report", page)
        if not check(f"compare: {name} runs", done.returncode in (0, 1) and book.exists(), done.stderr.strip()):
            continue
        check(f"compare: {name} is untouched", digest(source) == before)
        # What stands in the user's sheets is theirs, without results or with stale ones.
        theirs = Workbook(source).sheets
        sheets = list(Workbook(book).sheets)
        check(f"compare: {name}, its sheets stand first", sheets[:len(theirs)] == list(theirs), f"{sheets}")
        if name == "strange":  # no optimizer's: there is nothing to compute
            check(f"compare: {name}, ours are its findings", sheets[len(theirs):] == ["findings"], f"{sheets}")
        else:
            check(f"compare: {name}, LibreOffice agrees", recalculate.check(bench.office, book, leave=theirs))
        audit_book(bench, book, source)
        check_page(bench, f"compare: {name}, the page stands alone and fits", page, f"compare-{name}", "--paper")
        print_book(bench, book)
    trainings(bench)
    mended(bench)
    against(bench)


def trainings(bench):
    """Pages of sheets that train, and what is drawn in them and in that of a table."""
    check = bench.check
    for name, which in [("handbuilt", "table"), ("backprop", "training")]:
        page = bench.folder / f"{name}.drawn.html"
        done = bench.gdtrace("compare", ROOT / "examples" / f"{name}.xlsx", "--report", page)
        if not check(f"compare: {name} runs", done.returncode == 1 and page.exists(), done.stderr.strip()):
            continue
        check_page(bench, f"compare: {name}, the page stands alone and fits", page, f"compare-{name}", "--paper")
        faults = bench.browser.check("sections.cjs", which, page)
        check(f"compare: {name}, what is drawn follows the cursor", not faults, "; ".join(faults))


def mended(bench):
    """Who mends the cell in the copy sees the differences go."""
    book = bench.folder / "pasted.compared.xlsx"
    cached = Workbook(book)
    findings = cached.sheets["findings"]
    named = any("hand built!I9" in cells.values() for cells in findings.rows.values())
    bench.check("compare: the pasted number is named", named)
    # What the formula of the rows around it, =D9-G9*$B$1, gives there.
    with recalculate.Recalculated(bench.office, book) as computed:
        cells = dict(computed.rows("hand built"))
    expected = cells[9][3] - cells[9][6] * cells[1][1]
    sheet = "hand built compared"
    row = next(row for row, cells in cached.sheets[sheet].rows.items() if cells.get(1) == "cells that differ")
    was = sum(value for value in cached.sheets[sheet].rows[row].values() if isinstance(value, float))
    bench.check("compare: a pasted number makes cells differ", was > 40, f"{was}")
    with recalculate.Recalculated(bench.office, book, [(("hand built", 9, 9), expected)]) as changed:
        rows = dict(changed.rows(sheet))
    now = sum(value for value in rows[row] if isinstance(value, float))
    bench.check("compare: none once it is mended", close(now, 0, 0), f"{now}")


def against(bench):
    """One hand-built workbook beside another: both files say whose numbers stand where."""
    check = bench.check
    book, page = bench.folder / "pasted.against.xlsx", bench.folder / "pasted.against.html"
    done = bench.gdtrace("compare", bench.folder / "pasted.xlsx", "--against", bench.folder / "right.xlsx", "-o", book,
                         "--report", page)
    if not check("compare --against: runs", done.returncode == 1 and book.exists(), done.stderr.strip()):
        return
    theirs = Workbook(bench.folder / "pasted.xlsx").sheets
    check("compare --against: LibreOffice agrees", recalculate.check(bench.office, book, leave=theirs))
    audit_book(bench, book, bench.folder / "pasted.xlsx")
    check_page(bench, "compare --against: the page stands alone and fits", page, "compare-against", "--paper")
    # What the other workbook computes, cell for cell.
    with recalculate.Recalculated(bench.office, bench.folder / "right.xlsx") as computed:
        theirs = dict(computed.rows("hand built"))
    cells = Workbook(book).sheets["hand built compared"].rows
    heads = next(row for row, cells in cells.items() if cells.get(1) == "row")
    titles = {column: text for column, text in cells[heads - 1].items() if isinstance(text, str) and text}
    far = [(title, row) for column, title in titles.items() for row in range(4, 24)
           if not close(cells[heads + row - 2][column + 1], theirs[row][ord(title[-2]) - 65], 1e-12)]
    check("compare --against: there stand the other workbook's numbers", len(titles) == 9 and not far, f"{far[:3]}")
