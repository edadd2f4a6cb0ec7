#!/usr/bin/python3
"""Holds the cached results of .xlsx files against LibreOffice's own calculation of their formulas.

    recalculate.py FILE.xlsx...                    every formula cell, recalculated, against its cached result
    recalculate.py --self-test [FILE.xlsx...]      first proves that wrong results would be found
    recalculate.py FILE.xlsx --set sgd:lr=0.0002 --expect FRESH.xlsx
                                                   changes a cell, recalculates, and compares every cell with
                                                   the cached values of another workbook

Why so: LibreOffice keeps cached results when it loads a file, so a check that only loads it compares the
file with itself. calculateAll() forces every formula. Whether it did is not taken on trust: the self-test
falsifies some results in a copy and wants to see exactly those found.

Two numbers agree when they differ by at most 1e-12 of the larger one, or by at most 1e-12 of the largest
number in the cells that the formula refers to (spreadsheets snap differences of nearly equal numbers to 0).
Errors must be errors on both sides, and of the same kind where LibreOffice can tell.

Needs LibreOffice Calc and its python3-uno, so it runs under the system's python3. Exit code: 0 all agree,
1 something differs, 2 it could not be checked.
"""

import argparse
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

sys.path.insert(0, str(Path(__file__).resolve().parent))
from workbook import ErrorValue, Workbook, address  # noqa: E402

TOLERANCE = 1e-12
BLOCK = 5000         # rows fetched at a time: a whole long sheet as one answer would take gigabytes
SHOWN = 20           # mismatches printed for a sheet
KINDS_ASKED = 400    # error cells of a sheet whose kind is asked for, at two slow calls each; spread evenly

# What no cell depends on and takes most of the time to open a workbook of many sheets, by part: the names of what is
# printed, for each of which LibreOffice counts the pages of all sheets anew, and the relations that lead to notes.
UNREAD = {
    re.compile(r"xl/workbook\.xml"):
        re.compile(rb'<definedName\b[^>]*\bname="_xlnm\.Print_(?:Area|Titles)"[^>]*>[^<]*</definedName>'),
    re.compile(r"xl/worksheets/_rels/.+"): re.compile(rb'<Relationship\b[^>]*/(?:comments|vmlDrawing)"[^>]*/>'),
}

# LibreOffice's error numbers for what a .xlsx file can name. Others are only compared as "an error".
ERROR_NUMBERS = {"#DIV/0!": {532}, "#NUM!": {502, 503}, "#N/A": {32767}, "#REF!": {524},
                 "#NAME?": {525}, "#VALUE!": {519, 502}}


class Office:
    """A headless LibreOffice of our own, with its own empty profile, that ends with the `with` block."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="gdtrace-office-"))
        pipe = f"gdtrace-{os.getpid()}-{time.monotonic_ns()}"
        self.process = subprocess.Popen(
            [shutil.which("soffice") or "soffice", "--headless", "--invisible", "--norestore", "--nologo",
             "--nodefault", "--nolockcheck", f"--accept=pipe,name={pipe};urp;",
             f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        try:
            self.desktop = self._connect(pipe)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _connect(self, pipe):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        give_up = time.monotonic() + 120
        while True:
            try:
                context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            except NoConnectException:
                if self.process.poll() is not None or time.monotonic() > give_up:
                    raise SystemExit("LibreOffice did not start (soffice --headless)")
                time.sleep(0.2)

    def __exit__(self, *_):
        try:
            self.desktop.terminate()
        except Exception:
            pass  # it may be gone, which is what is wanted
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, path):
        """A copy of the file, with what its cells need: LibreOffice's lock file stays away from the original."""
        copy = Path(tempfile.mkdtemp(dir=self.folder)) / Path(path).name
        copy_cells(path, copy)
        hidden = PropertyValue("Hidden", 0, True, 0)
        document = self.desktop.loadComponentFromURL(copy.as_uri(), "_blank", 0, (hidden,))
        if document is None:
            raise SystemExit(f"{path}: LibreOffice cannot open it")
        return document


def copy_cells(path, copy):
    """Copies a workbook without what is UNREAD."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for entry in source.infolist():
            content = source.read(entry)
            for part, unread in UNREAD.items():
                if part.fullmatch(entry.filename):
                    content = unread.sub(b"", content)
            target.writestr(entry.filename, content)


class Recalculated:
    """A document in LibreOffice, its cells fetched in blocks of rows."""

    def __init__(self, office, path, changes=(), calculate=True):
        self.document = office.open(path)
        for (sheet, row, column), value in changes:
            cell = self.document.Sheets.getByName(sheet).getCellByPosition(column - 1, row - 1)
            (cell.setString if isinstance(value, str) else cell.setValue)(value)
        if calculate:
            self.document.calculateAll()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.document.close(True)

    def sheet(self, name):
        return self.document.Sheets.getByName(name) if self.document.Sheets.hasByName(name) else None

    def rows(self, name):
        """(row number, values) of the used rows of a sheet; an error or an unset result is None."""
        sheet = self.sheet(name)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last, width = cursor.RangeAddress.EndRow, cursor.RangeAddress.EndColumn
        for start in range(0, last + 1, BLOCK):
            end = min(start + BLOCK - 1, last)
            block = sheet.getCellRangeByPosition(0, start, width, end).getDataArray()
            yield from enumerate(block, start=start + 1)

    def errors(self, name, cells):
        """LibreOffice's error numbers of some cells, 0 for none."""
        sheet = self.sheet(name)
        return [sheet.getCellByPosition(column - 1, row - 1).getError() for row, column in cells]


class Findings:
    """What the comparison of one sheet gave."""

    def __init__(self, name):
        self.name = name
        self.cells = self.errors = self.by_operands = 0
        self.largest, self.largest_at = 0.0, ""
        self.mismatches = []  # (row, column, cached, recalculated)

    def line(self):
        at = f" at {self.largest_at}" if self.largest_at else ""
        return (f"  {self.name:<14} {self.cells:>9} cells, {self.errors} of them errors, largest relative difference "
                f"{self.largest:.2g}{at}, {self.by_operands} within the operands' tolerance only, "
                f"{len(self.mismatches)} mismatches")


def relative(one, other):
    larger = max(abs(one), abs(other))
    return abs(one - other) / larger if larger else 0.0


def compare_sheet(cached, name, recalculated, tolerance, formulas_only=True):
    """Compares the cells of a sheet (its formula cells, or all) with those of a recalculated document."""
    findings = Findings(name)
    sheet = cached.sheets[name]
    if recalculated.sheet(name) is None:
        findings.mismatches.append((1, 1, "a sheet", "no such sheet"))
        return findings
    doubtful = {}  # (row, column) -> (cached, recalculated): numbers that differ by more than the tolerance
    errors = {}    # (row, column) -> the error that both sides have, so far without its kind
    left = set(sheet.rows)
    for row, values in recalculated.rows(name):
        left.discard(row)
        bits = sheet.formulas.get(row, 0)
        for column, wanted in sheet.rows.get(row, {}).items():
            if formulas_only and not bits >> column & 1:
                continue
            findings.cells += 1
            got = values[column - 1] if column <= len(values) else ""
            if isinstance(wanted, float) and isinstance(got, float):
                off = relative(wanted, got)
                if off <= tolerance:
                    if off > findings.largest:
                        findings.largest, findings.largest_at = off, address(row, column)
                else:
                    doubtful[row, column] = (wanted, got)
            elif isinstance(wanted, ErrorValue) and got is None:
                errors[row, column] = wanted
            elif wanted is None or isinstance(wanted, ErrorValue) or got != wanted:
                findings.mismatches.append((row, column, "no cached result" if wanted is None else wanted,
                                            "an error" if got is None else got))
    for row in left:  # below what LibreOffice holds
        bits = sheet.formulas.get(row, 0)
        findings.mismatches.extend((row, column, wanted, "no cell") for column, wanted in sheet.rows[row].items()
                                   if not formulas_only or bits >> column & 1)
    settle(cached, name, doubtful, tolerance, findings)
    compare_kinds(name, recalculated, errors, findings)
    findings.mismatches.sort(key=lambda mismatch: mismatch[:2])
    return findings


def compare_kinds(name, recalculated, errors, findings):
    """Cells that are errors on both sides: of the same kind?"""
    findings.errors = len(errors)
    asked = list(errors)[::max(1, math.ceil(len(errors) / KINDS_ASKED))]
    for (row, column), number in zip(asked, recalculated.errors(name, asked)):
        wanted = errors[row, column]
        if number == 0 or number not in ERROR_NUMBERS.get(wanted, {number}):
            findings.mismatches.append((row, column, wanted, f"error {number}"))


def settle(cached, name, doubtful, tolerance, findings):
    """Numbers that differ relatively may still agree on the scale of what they were computed from."""
    formulas = cached.formula_texts(name, doubtful) if doubtful else {}
    for (row, column), (wanted, got) in doubtful.items():
        scale = cached.largest_operand(name, formulas.get((row, column), ""))
        if abs(wanted - got) <= tolerance * scale:
            findings.by_operands += 1
        else:
            findings.mismatches.append((row, column, wanted, got))


def report(findings):
    """Prints the findings of a workbook; says whether all is well."""
    for sheet in findings:
        print(sheet.line())
        for row, column, wanted, got in sheet.mismatches[:SHOWN]:
            print(f"    {sheet.name}!{address(row, column)}: cached {wanted!r}, recalculated {got!r}")
        if len(sheet.mismatches) > SHOWN:
            print(f"    and {len(sheet.mismatches) - SHOWN} more")
    return not any(sheet.mismatches for sheet in findings)


def check(office, path, tolerance=TOLERANCE, leave=()):
    """Every formula cell of a workbook against LibreOffice; says whether all agree.

    The sheets `leave` are left out: a user's own, whose results may be missing or stale."""
    began = time.monotonic()
    cached = Workbook(path)
    with Recalculated(office, path) as document:
        findings = [compare_sheet(cached, name, document, tolerance) for name in cached.sheets if name not in leave]
    print(f"{path}: recalculated in {time.monotonic() - began:.1f} s")
    compared = sum(sheet.cells for sheet in findings)
    if compared == 0:
        print("  no formula cell in it: nothing was checked")
    return report(findings) and compared > 0


def check_change(office, path, changes, expected, only_sheets=None, numbers_only=(), tolerance=TOLERANCE):
    """The workbook with changed cells, recalculated, against the cached values of another workbook.

    In the sheets `numbers_only` texts may differ: what was run, and when, is typed there."""
    before, wanted = Workbook(path), Workbook(expected)
    names = only_sheets or list(wanted.sheets)
    missing = [name for name in names if name not in wanted.sheets]
    if missing:
        raise SystemExit(f"{expected}: no sheet {', '.join(missing)}")
    places = [(before.find(place), value) for place, value in changes]
    for (sheet, row, column), value in places:
        print(f"{path}: {sheet}!{address(row, column)} from {before.sheets[sheet].value(row, column)!r} to {value!r}, "
              f"against {expected}")
        if before.sheets[sheet].is_formula(row, column):
            raise SystemExit(f"{sheet}!{address(row, column)} is a formula, not an input")
    with Recalculated(office, path, places) as document:
        findings = [compare_sheet(wanted, name, document, tolerance, formulas_only=False) for name in names]
    for sheet in findings:
        if sheet.name in numbers_only:
            sheet.mismatches = [mismatch for mismatch in sheet.mismatches
                                if not isinstance(mismatch[2], str) or isinstance(mismatch[2], ErrorValue)]
    return report(findings)


# ---- the check of the check ----

def choose(workbook):
    """Three formula cells with numbers, from different sheets where there are as many."""
    by_sheet = []
    for sheet in workbook.sheets.values():
        numbers = [(sheet.name, row, column) for row, column in sheet.formula_cells()
                   if isinstance(sheet.value(row, column), float) and math.isfinite(sheet.value(row, column))]
        if numbers:
            by_sheet.append([numbers[len(numbers) // 2], numbers[0], numbers[-1]])
    chosen = [cell for turn in range(3) for sheet in by_sheet for cell in sheet[turn:turn + 1]]
    return list(dict.fromkeys(chosen))[:3]


def falsify(workbook, chosen, copy):
    """Writes a copy with wrong cached results: one off in the ninth digit, the others grossly."""
    wrong = {}
    for index, (name, row, column) in enumerate(chosen):
        value = workbook.sheets[name].value(row, column)
        formula = workbook.formula_texts(name, {(row, column)})[row, column]
        scale = max(abs(value), workbook.largest_operand(name, formula), 1e-3)
        wrong[name, row, column] = value + scale * (1e-9 if index == 0 else 1.5)
    with zipfile.ZipFile(workbook.path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            for (name, row, column), value in wrong.items():
                if workbook.sheets[name].part == entry.filename:
                    content = replace_result(content, address(row, column), value)
            target.writestr(entry, content)
    return wrong


def replace_result(content, cell, value):
    cell_pattern = re.compile(rb'<c\b[^>]*\br="%s"[^>]*>.*?</c>' % cell.encode(), re.DOTALL)
    changed, count = cell_pattern.subn(
        lambda match: re.sub(rb"<v>[^<]*</v>", b"<v>%s</v>" % repr(value).encode(), match.group()), content)
    if count != 1:
        raise SystemExit(f"self-test: cell {cell} found {count} times")
    return changed


def self_test(office, path, tolerance=TOLERANCE):
    """Falsifies results in a copy of a workbook that is right: exactly those must be found, and a load
    without recalculation must not find them (or the check would prove nothing about calculateAll)."""
    workbook = Workbook(path)
    chosen = choose(workbook)
    if not chosen:
        print(f"{path}: self-test: no formula cell with a number to falsify")
        return False
    copy = Path(tempfile.mkdtemp(dir=office.folder)) / "falsified.xlsx"
    wrong = falsify(workbook, chosen, copy)
    falsified = Workbook(copy)
    found, loaded = set(), {}
    with Recalculated(office, copy) as document:
        for name in falsified.sheets:
            findings = compare_sheet(falsified, name, document, tolerance)
            found |= {(name, row, column) for row, column, _, _ in findings.mismatches}
    with Recalculated(office, copy, calculate=False) as document:
        for name, row, column in wrong:
            loaded[name, row, column] = document.sheet(name).getCellByPosition(column - 1, row - 1).getValue()
    kept = [cell for cell in wrong if loaded[cell] == wrong[cell]]
    listed = ", ".join(f"{name}!{address(row, column)}" for name, row, column in wrong)
    print(f"{path}: self-test: falsified {listed}; a load alone shows {len(kept)} of {len(wrong)} "
          f"wrong results unchanged; after calculateAll {len(found & set(wrong))} of {len(wrong)} are found")
    for name, row, column in sorted(found - set(wrong))[:SHOWN]:
        print(f"    found but not falsified: {name}!{address(row, column)}")
    return found == set(wrong)


def self_test_kinds(office, tolerance=TOLERANCE):
    """Each kind of wrong cached result, in a small workbook written by hand, is found where it is."""
    import sample
    well = True
    for index, (what, (change, wanted)) in enumerate(sample.FAULTS.items()):
        path = sample.write(office.folder / f"fault{index}.xlsx", [change])
        cached = Workbook(path)
        with Recalculated(office, path) as document:
            found = {(name, address(row, column)) for name in cached.sheets
                     for row, column, _, _ in compare_sheet(cached, name, document, tolerance).mismatches}
        if found != wanted:
            print(f"self-test: {what}: found {sorted(found)} where {sorted(wanted)} is wrong")
            well = False
    print(f"self-test: {len(sample.FAULTS)} kinds of wrong results, {'each' if well else 'not each'} found where it is")
    return well


def parse_change(text):
    place, equals, value = text.rpartition("=")
    if not equals:
        raise argparse.ArgumentTypeError("write SHEET!CELL=NUMBER or SHEET:LABEL=NUMBER")
    return place, float(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE.xlsx")
    parser.add_argument("--self-test", action="store_true", help="prove the check on falsified copies first")
    parser.add_argument("--set", action="append", default=[], type=parse_change, metavar="PLACE=NUMBER",
                        help="change a cell, sheet!B3=1 or sheet:label=1 (the cell right of a label in column A)")
    parser.add_argument("--expect", metavar="OTHER.xlsx", help="with --set: whose cached values are wanted")
    parser.add_argument("--only-sheets", metavar="A,B", help="with --set: the sheets to compare, instead of all")
    parser.add_argument("--numbers-only", default="", metavar="A,B",
                        help="with --set: sheets in which texts may differ")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    args = parser.parse_args()
    if bool(args.set) != bool(args.expect) or (args.set and len(args.files) != 1):
        parser.error("--set and --expect go together, with one file")
    if not args.files and not args.self_test:
        parser.error("no file")
    only = args.only_sheets.split(",") if args.only_sheets else None
    with Office() as office:
        files = args.files
        if not files:
            import sample
            files = [str(sample.write(office.folder / "sample.xlsx"))]
        well = True
        if args.self_test:
            well = self_test_kinds(office, args.tolerance)
            well &= all([self_test(office, path, args.tolerance) for path in files])
        if args.set:
            well &= check_change(office, files[0], args.set, args.expect, only,
                                 args.numbers_only.split(","), args.tolerance)
        else:
            well &= all([check(office, path, args.tolerance) for path in files])
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    try:
        main()
    except (SystemExit, OSError, zipfile.BadZipFile) as stop:
        if isinstance(stop, SystemExit) and not isinstance(stop.code, str):
            raise
        print(f"error: {stop}", file=sys.stderr)
        sys.exit(2)
