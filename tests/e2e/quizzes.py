"""Quizzes, filled in with LibreOffice as a student would: rightly, and wrongly in each way that is known."""

import csv
import json

from com.sun.star.beans import PropertyValue

from keeping import opened
from workbook import Workbook, address

RIGHT, SLIP, WRONG = 1, 2, 3


def quizzes(bench):
    """Numbers and formulas, rounded, with slips, typed; the states of cells, `compare` and `grade` agree on all of them."""
    quiz, key = bench.folder / "quiz.xlsx", bench.folder / "quiz.key.xlsx"
    done = bench.gdtrace("quiz", bench.example, "--optimizers", "momentum,adam", "--blank", "gradient,state,update,every:7",
                         "-o", quiz, "--key", key)
    if not bench.check("quiz: is made", done.returncode == 0, done.stderr.strip()):
        return
    folder = bench.folder / "handed-in"
    folder.mkdir()
    cells = asked(bench.office, quiz)
    bench.check("quiz: cells are asked for", len(cells) > 50, f"{len(cells)}")
    answers = Workbook(key)
    numbers = {cell: answers.sheets[cell[0]].value(cell[1] + 1, cell[2] + 1) for cell in cells}
    formulas = {cell: "=" + answers.formula_texts(cell[0], {(cell[1] + 1, cell[2] + 1)})[cell[1] + 1, cell[2] + 1] for cell in cells}
    gradients = {cell for cell in cells if cell[3].startswith("de/d")}
    averages = {cell for cell in cells if cell[3] in ("v_a", "v_b")}
    ways = {
        # What is written, and the state that each cell must have.
        "rounded": ({cell: float(f"{numbers[cell]:.5g}") for cell in cells}, lambda cell: {RIGHT}),
        "formulas": (formulas, lambda cell: {RIGHT}),
        "signs": ({cell: -numbers[cell] if cell in gradients else formulas[cell] for cell in cells},
                  lambda cell: {SLIP} if cell in gradients else {RIGHT}),
        "exchanged": ({cell: formulas[cell].replace("$B$6*", "BETA*").replace("(1-$B$6)*", "$B$6*").replace("BETA*", "(1-$B$6)*")
                       if cell in averages and cell[0] == "momentum" else formulas[cell] for cell in cells}, None),
        "nonsense": ({cell: (2 + 0.37 * at) * abs(numbers[cell]) + 1 for at, cell in enumerate(cells)}, lambda cell: {WRONG, SLIP}),
        "half": ({cell: formulas[cell] for cell in list(cells)[::2]}, None),
    }
    for way, (written, states) in ways.items():
        filled = folder / f"{way}.xlsx"
        found = fill(bench.office, quiz, filled, written)
        if states:
            off = [f"{cell[0]}!{address(cell[1] + 1, cell[2] + 1)} is {found[cell]}" for cell in cells if found[cell] not in states(cell)]
            bench.check(f"quiz: {way}, the states of {len(cells)} cells", not off, "; ".join(off[:5]))
        done = bench.gdtrace("compare", filled, "--json")
        if bench.check(f"quiz: {way} is marked", done.returncode in (0, 1) and not done.stderr, done.stderr.strip()):
            marked = json.loads(done.stdout)
            green = sum(found[cell] == RIGHT for cell in cells)
            bench.check(f"quiz: {way}, as many points as green cells", marked["points"] == green and marked["of"] == len(cells),
                        f"{marked['points']} points, {green} green of {len(cells)}")
            slips = {one["message"] for sheet in marked["sheets"] for one in sheet["wrong"] if one["kind"] == "slip"}
            if way == "signs":
                bench.check("quiz: the sign is named", slips == {"has the other sign"}, f"{slips}")
    typed(bench, key)
    graded(bench, quiz, folder, ways)


def typed(bench, key):
    """Where formulas are asked for, typed numbers have no colour and no point; formulas have."""
    quiz = bench.folder / "typed.xlsx"
    bench.gdtrace("quiz", bench.example, "--optimizers", "momentum", "--blank", "update", "--level", "formulas", "-o", quiz,
                  "--key", bench.folder / "typed.key.xlsx")
    answers = Workbook(bench.folder / "typed.key.xlsx")
    cells = asked(bench.office, quiz)
    places = {cell: (cell[1] + 1, cell[2] + 1) for cell in cells}
    numbers = {cell: answers.sheets[cell[0]].value(*places[cell]) for cell in cells}
    formulas = {cell: "=" + answers.formula_texts(cell[0], {places[cell]})[places[cell]] for cell in cells}
    for way, written, state, kinds in [("typed numbers", numbers, 0, {"typed"}), ("formulas", formulas, RIGHT, set())]:
        filled = bench.folder / "typed.filled.xlsx"
        found = fill(bench.office, quiz, filled, written)
        bench.check(f"quiz: {way} where formulas are asked for", set(found.values()) == {state}, f"{set(found.values())}")
        marked = json.loads(bench.gdtrace("compare", filled, "--json").stdout)
        found = {one["kind"] for sheet in marked["sheets"] for one in sheet["wrong"]}
        bench.check(f"quiz: {way} are marked so", found == kinds, f"{found}")


def graded(bench, quiz, folder, ways):
    """A row for each, also for what is no quiz; the sign among the commonest slips."""
    (folder / "broken.xlsx").write_bytes(b"no workbook")
    grades = bench.folder / "grades.csv"
    done = bench.gdtrace("grade", folder, "--key", quiz, "-o", grades)
    if not bench.check("quiz: a folder is graded", done.returncode == 0, done.stderr.strip()):
        return
    rows = {row["file"]: row for row in csv.DictReader(grades.open(newline=""))}
    bench.check("quiz: a row for each", set(rows) == {f"{way}.xlsx" for way in ways} | {"broken.xlsx"}, f"{set(rows)}")
    bench.check("quiz: what cannot be read says why", rows["broken.xlsx"]["note"] != "" and rows["broken.xlsx"]["points"] == "")
    bench.check("quiz: all points for all right", rows["rounded.xlsx"]["percent"] == "100.0" == rows["formulas.xlsx"]["percent"], f"{rows}")
    slips = list(csv.DictReader((bench.folder / "grades.slips.csv").open(newline="")))
    bench.check("quiz: slips are counted", any(slip["slip"] == "has the other sign" for slip in slips), f"{slips[:3]}")


def asked(office, path):
    """The cells that may be written: (sheet, row, column, header), counted from 0, in their order."""
    document = opened(office, path)
    try:
        shown = [name for name in document.Sheets.ElementNames if name != "quiz" and document.Sheets.getByName(name).IsVisible]
        return dict.fromkeys(asked_of(document, shown))
    finally:
        document.close(True)


def fill(office, quiz, target, written):
    """Writes numbers and formulas into the quiz, saves it as `target`; the state of each cell that was asked for."""
    document = opened(office, quiz)
    try:
        for (name, row, column, _), what in written.items():
            cell = document.Sheets.getByName(name).getCellByPosition(column, row)
            cell.setFormula(what.replace("!", ".")) if isinstance(what, str) else cell.setValue(what)
        document.calculateAll()
        hidden = [name for name in document.Sheets.ElementNames if not document.Sheets.getByName(name).IsVisible]
        shown = [name for name in document.Sheets.ElementNames if name not in hidden and name != "quiz"]
        checks = dict(zip(shown, hidden))
        states = {}
        for name, row, column, header in asked_of(document, shown):
            check = document.Sheets.getByName(checks[name])
            states[name, row, column, header] = int(check.getCellByPosition(column, row).Value)
        document.storeToURL(target.as_uri(), (PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0),))
        return states
    finally:
        document.close(True)


def asked_of(document, shown):
    """The cells of the quiz that is open, also those that were left empty."""
    for name in shown:
        sheet = document.Sheets.getByName(name)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last = cursor.RangeAddress
        data = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow).getDataArray()
        head = next(row for row, cells in enumerate(data) if cells[0] == "step")
        for row in range(head + 1, last.EndRow + 1):
            for column in range(last.EndColumn + 1):
                if not sheet.getCellByPosition(column, row).CellProtection.IsLocked:
                    yield name, row, column, data[head][column]
