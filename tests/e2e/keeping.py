"""New sheets and marks in workbooks of other programs: what was there is there as before, for openpyxl and for LibreOffice."""

import json
import shutil
import subprocess
from pathlib import Path

from com.sun.star.beans import PropertyValue
from com.sun.star.sheet.CellFlags import ANNOTATION, DATETIME, FORMULA, STRING, VALUE

from bench import HERE, audit_book, digest

MARKS = "gdtrace_marks"  # the name on which the colours of marks depend
# What a cell looks like.
LOOKS = ["CharFontName", "CharHeight", "CharWeight", "CharPosture", "CharColor", "CharUnderline", "CellBackColor", "HoriJustify",
         "VertJustify", "IsTextWrapped", "RotateAngle", "TopBorder2", "BottomBorder2", "LeftBorder2", "RightBorder2",
         "CellStyle", "CellProtection"]


def keeping(bench):
    """`run` and `compare -o` over workbooks by openpyxl, XlsxWriter and LibreOffice."""
    check, folder = bench.check, bench.folder
    done = subprocess.run([bench.tools / "venv" / "bin" / "python", HERE / "theirs.py", folder], text=True, capture_output=True)
    check("kept: the workbooks are written", done.returncode == 0, done.stderr.strip()[-500:])
    resave(bench.office, folder / "openpyxl.xlsx", folder / "libreoffice.xlsx")
    for name in ["openpyxl", "xlsxwriter", "libreoffice"]:
        source = folder / f"{name}.xlsx"
        before = digest(source)
        new, marked = folder / f"{name}.new.xlsx", folder / f"{name}.marked.xlsx"
        done = bench.gdtrace("run", source, "--sheet", "data", "--scale", "none", "-o", new, "--no-report")
        if check(f"kept: {name} gets sheets", done.returncode == 0, done.stderr.strip()):
            kept(bench, f"{name} with sheets", source, new, ["summary", "sgd", "momentum", "rmsprop", "adam", "epochs"])
        done = bench.gdtrace("compare", source, "--sheet", "hand built", "-o", marked)
        if check(f"kept: {name} gets marks", done.returncode == 1 and not done.stderr, done.stderr.strip()):
            kept(bench, f"{name} with marks", source, marked, ["findings", "hand built compared"], marks_on="hand built")
        check(f"kept: {name} itself is untouched", digest(source) == before)
    saved_between(bench, folder / "openpyxl.new.xlsx")


def saved_between(bench, new):
    """LibreOffice drops the part with our mark when it saves; another run knows its sheets all the same."""
    saved, again = bench.folder / "saved.xlsx", bench.folder / "saved.again.xlsx"
    resave(bench.office, new, saved)
    done = bench.gdtrace("run", saved, "--sheet", "data", "--scale", "none", "-o", again, "--no-report")
    if bench.check("kept: sheets that LibreOffice saved are exchanged", done.returncode == 0, done.stderr.strip()):
        names = [[name for name, _ in looks(bench.office, book, 0)] for book in (new, again)]
        bench.check("kept: twice gives the same sheets as once, saved between", names[0] == names[1], f"{names}")


def kept(bench, what, source, copy, ours, marks_on=None):
    """Holds a copy against its source, in both programs; `marks_on` is the sheet that got some."""
    before = known(bench.office, source)
    number = len(before) - 1
    by_openpyxl = subprocess.run([bench.tools / "venv" / "bin" / "python", HERE / "looks.py", str(number), source, copy],
                                 text=True, capture_output=True)
    if bench.check(f"kept: {what}, openpyxl reads it", by_openpyxl.returncode == 0, by_openpyxl.stderr[-500:]):
        held(bench, f"{what}, for openpyxl", *map(json.loads, by_openpyxl.stdout.splitlines()), ours, marks_on)
    held(bench, f"{what}, for LibreOffice", before, looks(bench.office, copy, number), ours, marks_on)
    audit_book(bench, copy, source)


def held(bench, what, before, after, ours, marks_on):
    """Everything of the old sheets is there as it was, and nothing else but marks."""
    names = [name for name, _ in after]
    behind = names[len(before):]
    bench.check(f"kept: {what}: its sheets, ours behind them",
                names[:len(before)] == [name for name, _ in before] and behind[:len(ours)] == ours, f"{names}")
    things, off, marks = 0, [], 0
    for (name, old), (_, new) in zip(before, after):
        things += len(old)
        off += [f"{name}: {thing} was {old[thing]!r:.300} and is {new.get(thing)!r:.300}" for thing in old if new.get(thing) != old[thing]]
        for thing in new.keys() - old.keys():
            is_mark = MARKS in thing + str(new[thing]) or (thing.startswith("note ") and not any(t.startswith("note ") for t in old))
            marks += is_mark
            if not is_mark or name not in (marks_on, ""):
                off.append(f"{name}: there is {thing} {new[thing]!r:.300}")
    bench.check(f"kept: {what}: {things} things are as they were", things > 100 and not off, "; ".join(off[:5]))
    bench.check(f"kept: {what}: marks where they belong", (marks > 1) == (marks_on is not None), f"{marks}")


def resave(office, source, target):
    """The workbook as LibreOffice saves it."""
    document = opened(office, source)
    document.storeToURL(target.as_uri(), (PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0),))
    document.close(True)


def opened(office, path):
    """A document in LibreOffice: all of the file."""
    copy = Path(office.folder) / f"{Path(path).stem}.{digest(path)[:8]}.xlsx"
    shutil.copy(path, copy)
    return office.desktop.loadComponentFromURL(copy.as_uri(), "_blank", 0, (PropertyValue("Hidden", 0, True, 0),))


_known = {}


def known(office, path):
    """What all sheets of a workbook look like, looked at once."""
    if path not in _known:
        _known[path] = looks(office, path)
    return _known[path]


def looks(office, path, number=None):
    """[[name, {thing: how it is}]] of every sheet, as looks.py has it; without things but for the first `number`."""
    document = opened(office, path)
    try:
        found = [["", {f"name {one.Name}": one.Content for one in named(document)}]]
        for place, sheet in enumerate(document.Sheets):
            is_looked_at = number is None or place < number
            found.append([sheet.Name, {**of_cells(document, sheet), **of_sheet(sheet)} if is_looked_at else {}])
        return found
    finally:
        document.close(True)


def named(holder):
    """The defined names, but for those by which it notes filters."""
    return [one for one in holder.NamedRanges if not one.Name.startswith("_xlnm")]


def of_cells(document, sheet):
    things = {}
    used = sheet.queryContentCells(VALUE | DATETIME | STRING | FORMULA | ANNOTATION).Cells.createEnumeration()
    formats = {}
    while used.hasMoreElements():
        cell = used.nextElement()
        at = cell.AbsoluteName.rsplit(".", 1)[1].replace("$", "")
        things[f"cell {at}"] = f"{cell.Formula} {cell.String} {cell.Value!r} {cell.getError()}"
        if cell.NumberFormat not in formats:
            formats[cell.NumberFormat] = document.NumberFormats.getByKey(cell.NumberFormat).FormatString
        things[f"format {at}"] = " ".join([formats[cell.NumberFormat], *map(str, cell.getPropertyValues(tuple(sorted(LOOKS))))])
        if cell.IsMerged:
            cursor = sheet.createCursorByRange(cell)
            cursor.collapseToMergedArea()
            things[f"merged {at}"] = cursor.AbsoluteName
    return things


def of_sheet(sheet):
    things = {f"name {one.Name}": one.Content for one in named(sheet)}
    things |= {f"note {one.Position.Column}:{one.Position.Row}": one.String for one in sheet.Annotations}
    things["charts"] = sorted(f"{chart.Name} {[str(area.StartRow) + str(area.EndRow) for area in chart.Ranges]}" for chart in sheet.Charts)
    things["drawn"] = sum(shape.ShapeType != "com.sun.star.drawing.CaptionShape" for shape in sheet.DrawPage)
    things["seen"] = f"{sheet.IsVisible} {sheet.isProtected()} {sheet.TabColor} {[str(area) for area in sheet.getPrintAreas()]}"
    for ranges in sheet.ConditionalFormats.getConditionalFormats():
        entries = [ranges.getByIndex(index) for index in range(ranges.getCount())]
        rules = [[getattr(one, key, None) for key in ("Type", "Operator", "Formula1", "Formula2", "StyleName")] for one in entries]
        things[f"condition {ranges.Range.RangeAddressesAsString} {[rule[:4] for rule in rules]}"] = str(rules)
    for area in sheet.UniqueCellFormatRanges:
        rule = area.getByIndex(0).Validation
        if rule.Type.value != "ANY":
            things[f"validation {area.RangeAddressesAsString}"] = \
                f"{rule.Type.value} {rule.getFormula1()} {rule.getFormula2()} {rule.getOperator().value} {rule.ErrorMessage} {rule.InputTitle}"
    widths = [sheet.Columns.getByIndex(index).Width for index in range(30)]
    return things | {"widths": str(widths), "heights": str([sheet.Rows.getByIndex(index).Height for index in range(30)])}
