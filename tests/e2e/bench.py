"""What the checks share: the program under test, its outputs, and how they are looked at."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

from workbook import REFERENCE, address, column_number

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLE = ROOT / "examples" / "graddes.xlsx"
OPTIMIZERS = ["sgd", "momentum", "rmsprop", "adam"]
# Those of a run, behind the example's own sheet `data`; in a workbook of their own a copy of it stands second.
ADDED = ["summary", *OPTIMIZERS, "epochs", "circuit", "curvature"]
# What is typed in `summary` says what was run; it need not follow a changed cell. Its numbers must.
NUMBERS_ONLY = ["summary"]


class Checks:
    """Counts what passed and failed, and says so line by line."""

    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, name, well, detail=""):
        if well:
            self.passed += 1
            print(f"ok    {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL  {name}" + (f": {detail}" if detail else ""), flush=True)
        return well


class Bench:
    """What the checks share: the binary, a folder to work in, a LibreOffice, a Chromium, other readers, the tools."""

    def __init__(self, args, office, browser, structure, own):
        self.args, self.office, self.browser, self.structure = args, office, browser, structure
        self.own = own                      # the worker's folder
        self.folder, self.check = own, None  # those of the group that runs
        self.pages = 0                      # of that group, that have been looked at
        self.tools = Path(args.tools).resolve()
        self.example = EXAMPLE
        self._runs = {}

    def gdtrace(self, *arguments):
        return subprocess.run([self.args.gdtrace, *map(str, arguments)], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=600)

    def run(self, name, *arguments, source=EXAMPLE):
        """`gdtrace run` with --json into NAME.trace.xlsx, once; the workbook, what --json printed, stderr."""
        if name not in self._runs:
            book = self.folder / f"{name}.trace.xlsx"
            done = self.gdtrace("run", source, "-o", book, "--json", *arguments)
            if done.returncode != 0:
                raise RuntimeError(f"gdtrace run {' '.join(map(str, arguments))} ended with {done.returncode}: "
                                   f"{done.stderr.strip()}")
            self._runs[name] = (book, strict_json(done.stdout), done.stderr)
        return self._runs[name]

    def shots(self, name):
        """The folder for pictures called NAME, none without --screenshots."""
        if not self.args.screenshots:
            return []
        folder = Path(self.args.screenshots).resolve() / name
        folder.mkdir(parents=True, exist_ok=True)
        return [folder]

    def new(self, name, *arguments):
        book = self.folder / f"{name}.xlsx"
        done = self.gdtrace("new", book, *arguments)
        if done.returncode != 0:
            raise RuntimeError(f"gdtrace new ended with {done.returncode}: {done.stderr.strip()}")
        return book


def strict_json(text):
    """JSON as the standard has it: Python alone would take NaN and Infinity."""
    def refuse(word):
        raise ValueError(f"{word} in JSON")
    return json.loads(text, parse_constant=refuse)


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Trace:
    """An optimizer's sheet: its header row begins with `step`."""

    def __init__(self, workbook, name):
        self.workbook, self.name, self.sheet = workbook, name, workbook.sheets[name]
        self.header = next(row for row, cells in sorted(self.sheet.rows.items()) if cells.get(1) == "step")
        self.columns = {text: column for column, text in self.sheet.rows[self.header].items()}

    def value(self, step, header):
        return self.sheet.value(self.header + 1 + step, self.columns[header])

    def input_behind(self, step, header):
        """The place of the input that a cell shows: itself, or the cell that its formula names, either
        alone or as INDEX(column, place in it)."""
        name, row, column = self.name, self.header + 1 + step, self.columns[header]
        while self.workbook.sheets[name].is_formula(row, column):
            text = self.workbook.formula_texts(name, {(row, column)})[row, column]
            index = re.fullmatch(r"INDEX\((.+),(.+)\)", text)
            match = REFERENCE.fullmatch(index[1] if index else text)
            place = REFERENCE.fullmatch(index[2]) if index else None
            if not match or (index and not place):
                raise RuntimeError(f"{name}!{address(row, column)} is computed: ={text}")
            further = 0
            if place:
                further = int(self.workbook.sheets[name].value(int(place["row"]), column_number(place["column"]))) - 1
            name = (match["sheet"] or name).strip("'")
            row, column = int(match["row"]) + further, column_number(match["column"])
        return f"{name}!{address(row, column)}"


# ---- the groups of checks ----


def close(got, wanted, tolerance):
    return isinstance(got, (int, float)) and abs(got - wanted) <= tolerance * max(1, abs(wanted))


def audit_book(bench, book, source=None):
    """Other programs' faults with a workbook, but for those that the `source` has that it is a copy of."""
    for program, faults in bench.structure.ask([str(book), str(source) if source else None]).items():
        bench.check(f"{program}: {book.name}", not faults, "; ".join(faults))


def check_page(bench, label, page, name, *options):
    """Checks a page in a browser; with --screenshots, makes pictures of it in the folder NAME.

    axe-core, which takes longest, looks at a group's first page light and dark, at the others, which are of the same kind,
    by turns."""
    axe = "light,dark" if bench.pages == 0 else ("light", "dark")[bench.pages % 2]
    bench.pages += 1
    try:
        faults = bench.browser.check("page.cjs", page, f"--axe={axe}", *options, *bench.shots(name))
    except RuntimeError as error:
        faults = [str(error)]
    return bench.check(label, not faults, "; ".join(faults))


def print_book(bench, book):
    """With --screenshots: pictures of the printed pages of a workbook."""
    if not bench.args.screenshots:
        return
    [folder] = bench.shots("workbook" if book.stem == "graddes.trace" else book.stem)
    subprocess.run(["soffice", f"-env:UserInstallation={(bench.folder / 'printing').as_uri()}", "--headless",
                    "--convert-to", "pdf", "--outdir", folder, book],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
    pdf = folder / f"{book.stem}.pdf"
    subprocess.run(["pdftoppm", "-r", "60", "-png", "-l", "12", pdf, folder / "page"], check=True)
    bench.check(f"{book.name}: prints", any(folder.glob("page*.png")))
