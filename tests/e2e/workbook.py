"""Reads what a .xlsx file holds, straight from its XML: cached results at full precision, and formulas.

Why not a library: the check needs the digits that are in the file, whether a cell has a formula, and what
kind of result is cached for it. Spreadsheet programs and libraries each interpret some of this.
"""

import re
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

REFERENCE = re.compile(
    r"""(?:(?P<sheet>'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?   # 'a sheet'! or sheet!
        (?<![\w.$])\$?(?P<column>[A-Z]{1,3})\$?(?P<row>\d{1,7})
        (?::\$?(?P<column2>[A-Z]{1,3})\$?(?P<row2>\d{1,7}))?
        (?![\w.(!])""", re.VERBOSE)
TEXT_LITERAL = re.compile(r'"(?:[^"]|"")*"')


class ErrorValue(str):
    """An error in a cell, such as #NUM!; a text that reads the same is no error."""


class Sheet:
    """The cells of a sheet by row and column, both from 1. A formula's value is its cached result, or
    None where the file has none."""

    def __init__(self, name, part):
        self.name, self.part = name, part
        self.rows = {}      # row -> {column: value}
        self.formulas = {}  # row -> columns with a formula, as the bits of a number (a set takes 30 times the room)

    def value(self, row, column):
        return self.rows.get(row, {}).get(column)

    def is_formula(self, row, column):
        return bool(self.formulas.get(row, 0) >> column & 1)

    def formula_cells(self):
        for row, bits in self.formulas.items():
            for column in self.rows[row]:
                if bits >> column & 1:
                    yield row, column


class Workbook:
    """A .xlsx file: its sheets by name, in order."""

    def __init__(self, path):
        self.path = str(path)
        with zipfile.ZipFile(path) as archive:
            texts = shared_texts(archive)
            self.sheets = {name: read_sheet(archive, name, part, texts)
                           for name, part in sheet_parts(archive)}
        self._largest = {}

    def formula_texts(self, name, wanted):
        """The formulas of the (row, column) cells `wanted` of a sheet. A second pass over the file, because
        few are ever asked for and a long trace has millions."""
        found = {}
        last = max((row for row, _ in wanted), default=0)
        sharing = {}  # si -> (row, column, text) of the cell that holds a shared formula
        with zipfile.ZipFile(self.path) as archive:
            for row, column, cell in cells(archive, self.sheets[name].part):
                if row > last:
                    break
                formula = cell.find(MAIN + "f")
                if formula is None:
                    continue
                text = formula.text or ""
                if formula.get("t") == "shared":
                    if text:
                        sharing[formula.get("si")] = (row, column, text)
                    elif formula.get("si") in sharing and (row, column) in wanted:
                        row0, column0, text = sharing[formula.get("si")]
                        text = moved(text, row - row0, column - column0)
                if (row, column) in wanted:
                    found[row, column] = text
        return found

    def largest_operand(self, name, formula):
        """The largest absolute number among the cells that a formula of sheet `name` refers to directly."""
        largest = 0.0
        for match in REFERENCE.finditer(TEXT_LITERAL.sub('""', formula)):
            sheet = (match["sheet"] or name).strip("'").replace("''", "'")
            if sheet in self.sheets:
                largest = max(largest, self._largest_in(sheet, match))
        return largest

    def _largest_in(self, sheet, match):
        row, column = int(match["row"]), column_number(match["column"])
        row2 = int(match["row2"] or row)
        column2 = column_number(match["column2"] or match["column"])
        key = (sheet, row, column, row2, column2)
        if key not in self._largest:
            rows = self.sheets[sheet].rows
            self._largest[key] = max(
                (abs(value) for r in range(min(row, row2), max(row, row2) + 1)
                 for c, value in rows.get(r, {}).items()
                 if min(column, column2) <= c <= max(column, column2) and isinstance(value, float)),
                default=0.0)
        return self._largest[key]

    def find(self, place):
        """(sheet, row, column) of `sheet!B3`, or of `sheet:label`: the cell right of that label in column A."""
        name, bang, address = place.rpartition("!")
        if bang:
            column, row = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", address).groups()
            found = (name, int(row), column_number(column))
        else:
            name, _, label = place.partition(":")
            rows = [row for row, cells_of_row in self.sheets.get(name, Sheet(name, "")).rows.items()
                    if cells_of_row.get(1) == label]
            if not rows:
                raise SystemExit(f"{self.path}: no label '{label}' in column A of a sheet '{name}'")
            found = (name, rows[0], 2)
        if name not in self.sheets:
            raise SystemExit(f"{self.path}: no sheet '{name}', only {', '.join(self.sheets)}")
        return found


def moved(formula, rows, columns):
    """A shared formula as it reads that many rows and columns further; parts with $ stay."""
    def move(match):
        dollar1, column, dollar2, row = match.groups()
        column = column if dollar1 else column_name(column_number(column) + columns)
        row = row if dollar2 else str(int(row) + rows)
        return f"{dollar1}{column}{dollar2}{row}"
    return re.sub(r"(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![\w.(!])", move, formula)


def cells(archive, part):
    """(row, column, element) of each cell of a sheet's part, in file order."""
    with archive.open(part) as stream:
        for _, element in ElementTree.iterparse(stream):
            if element.tag == MAIN + "row":
                digits = element.get("r")
                for cell in element.iter(MAIN + "c"):
                    yield int(digits), column_number(cell.get("r").removesuffix(digits)), cell
                element.clear()


def read_sheet(archive, name, part, texts):
    sheet = Sheet(name, part)
    for row, column, cell in cells(archive, part):
        formula = cell.find(MAIN + "f") is not None
        value = cell_value(cell, texts)
        if value is None and not formula:
            continue
        sheet.rows.setdefault(row, {})[column] = value
        if formula:
            sheet.formulas[row] = sheet.formulas.get(row, 0) | 1 << column
    return sheet


def cell_value(cell, texts):
    """A float, a bool, a text, an ErrorValue, or None."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(node.text or "" for node in cell.iter(MAIN + "t"))
    held = cell.find(MAIN + "v")
    if held is None:
        return None
    text = held.text or ""
    if kind == "s":
        return texts[int(text)]
    if kind == "str":
        return text
    if kind == "e":
        return ErrorValue(text)
    if not text:
        return None  # as openpyxl writes a formula: with a place for its result, and no result
    return text == "1" if kind == "b" else float(text)


def shared_texts(archive):
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    # Phonetic readings (rPh) stand beside the text and are no part of it.
    return ["".join(node.text or "" for path in ("t", "r/" + MAIN + "t")
                    for node in item.findall(MAIN + path)) for item in root.findall(MAIN + "si")]


def sheet_parts(archive):
    """(name, part) of every worksheet, in the order of the tabs."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation for relation in relations}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(MAIN + "sheet"):
        relation = targets[sheet.get(RELATION)]
        if relation.get("Type").endswith("/worksheet"):
            target = relation.get("Target")
            yield sheet.get("name"), (target.lstrip("/") if target.startswith("/")
                                      else str(PurePosixPath("xl") / target))


_numbers = {}


def column_number(letters):
    if letters not in _numbers:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        _numbers[letters] = number
    return _numbers[letters]


def column_name(number):
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row, column):
    return f"{column_name(column)}{row}"
