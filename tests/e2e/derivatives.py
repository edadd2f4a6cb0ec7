"""The command derive, and formulas by themselves."""

import subprocess
from pathlib import Path

import recalculate
from bench import ROOT, audit_book, check_page, strict_json
from workbook import Workbook


def formulas(bench):
    """Random formula trees mean the same to LibreOffice as to gdtrace."""
    book = bench.folder / "formulas.xlsx"
    built = Path(bench.args.gdtrace).parent / "examples" / "random_formulas"
    writer = [built] if built.exists() else ["cargo", "run", "--quiet", "--locked", "--example", "random_formulas", "--"]
    subprocess.run([*writer, book, "5000"], cwd=ROOT, check=True)
    bench.check("formulas: LibreOffice agrees on 5000 random ones", recalculate.check(bench.office, book))


# Formulas, the point, further options: every function and operator, kinks, error values.
DERIVED = {
    "notes": (["x^2*y", "5*x + sin(y)"], "x=1,y=2"),
    "sigmoid": (["sigmoid(a*x + b)", "softplus(a*x + b)", "-ln(sigmoid(a*x + b))"], "a=0.6,x=1.5,b=-0.3"),
    "choice": (["if(x > y, x^2*y, sqrt(y))", "if(x <= 1, ln(x), -x*y)", "max(x*y, x^2)", "min(x, y)*x"], "x=2,y=0.5"),
    "network": (["v1*relu(w1*x + c1) + v2*relu(w2*x + c2) + d"],
                "v1=0.5,w1=1.2,x=0.9,c1=0.1,v2=-0.7,w2=-0.4,c2=0.8,d=0.3"),
    "powers": (["x^y", "2^x*e^y", "x^1.5*y^(1/3)", "-x^2^y", "(-x)^2*pi", "sqrt(x^2 + y^2)"], "x=1.3,y=2.1"),
    "waves": (["sin(x)*cos(y)", "tan(x*y)", "tanh(x/y)^2", "exp(-x^2/2)*log10(y)"], "x=0.4,y=1.1"),
    "kinks": (["abs(x)*y", "relu(x - y)", "sign(x)*y", "mod(y, x + 3)*x", "floor(y)*x"], "x=0,y=2.5"),
    "errors": (["ln(x)", "1/x", "sqrt(x - 1)*y", "(x - y)^0.5", "exp(400*y)^2*x"], "x=0,y=2"),
}


def derive(bench):
    """`gdtrace derive`: live formulas that LibreOffice computes to the same, pages that stand alone."""
    check = bench.check
    for name, (expressions, point) in DERIVED.items():
        book, page = bench.folder / f"derive-{name}.xlsx", bench.folder / f"derive-{name}.html"
        done = bench.gdtrace("derive", "--hessian", "--at", point, "-o", book, "--report", page, "--json", "--", *expressions)
        if not check(f"derive: {name} runs", done.returncode == 0, done.stderr.strip()):
            continue
        said = strict_json(done.stdout)
        cells = sum(len(row) for matrix in [said["jacobian"], *said["hessians"]] for row in matrix["value"])
        formulas = sum(bits.bit_count() for sheet in Workbook(book).sheets.values() for bits in sheet.formulas.values())
        check(f"derive: {name}, every entry is a formula", formulas == cells + len(expressions), f"{formulas} of {cells}")
        check(f"derive: {name}, LibreOffice agrees", recalculate.check(bench.office, book))
        check_page(bench, f"derive: {name}, the page stands alone and fits", page, f"derive-{name}", "--paper")
        audit_book(bench, book)
    page = bench.folder / "derive-drawn.html"
    bench.gdtrace("derive", "--at", "x=1,y=2", "--report", page, "--", *DERIVED["notes"][0])
    faults = bench.browser.check("sections.cjs", "derivatives", page, "x", "3")
    check("derive: the numbers follow the point", not faults, "; ".join(faults))
    book, fresh = bench.folder / "derive-notes.xlsx", bench.folder / "derive-moved.xlsx"
    bench.gdtrace("derive", "--hessian", "--at", "x=-0.5,y=3", "-o", fresh, "--", *DERIVED["notes"][0])
    check("derive: a changed point gives what a fresh run gives", recalculate.check_change(
        bench.office, book, [("derive:x", -0.5), ("derive:y", 3.0)], fresh, numbers_only=["derive"]))
