"""What openpyxl finds in the sheets of workbooks: cells, formats, names, validations, charts and so on.

    python looks.py NUMBER FILE.xlsx...      prints a line of JSON for each file: for each sheet, in their order, its name
                                             and, for the first NUMBER, things by what and where they are; 0 for all

Runs under a python that has openpyxl."""

import json
import re
import sys
import warnings

import openpyxl

STYLES = ["number_format", "font", "fill", "border", "alignment", "protection"]
SETTINGS = ["freeze_panes", "sheet_state", "print_area", "print_title_rows", "sheet_format", "sheet_properties", "protection",
            "page_setup", "page_margins", "HeaderFooter", "auto_filter", "dimensions"]


def looks(path, number):
    """[[name, {thing: how it is}]] of every sheet, and the names of the whole workbook under the name ""."""
    book = openpyxl.load_workbook(path, rich_text=True)
    cached = openpyxl.load_workbook(path, data_only=True)
    styles = {}  # what a cell looks like, by the number of its format in this file
    found = [["", {f"name {name}": one.attr_text for name, one in book.defined_names.items()}]]
    for place, sheet in enumerate(book._sheets, 1):
        things = {}
        found.append([sheet.title, things])
        if number and place > number:
            continue
        if isinstance(sheet, openpyxl.worksheet.worksheet.Worksheet):
            things |= {**of_cells(sheet, cached[sheet.title], styles), **of_sheet(sheet)}
        things["charts"] = [charted(chart) for chart in sheet._charts]
    return found


def of_cells(sheet, cached, styles):
    things = {}
    for row in sheet.iter_rows():
        for cell in row:
            at = cell.coordinate
            if cell.value is not None:
                value = getattr(cell.value, "text", cell.value)  # of an array formula
                things[f"cell {at}"] = f"{value!r} {cached[at].value!r}"
            if cell.has_style:
                key = tuple(cell._style)
                # LibreOffice may leave out the names of styles.
                named = ["style"] if cell._style.xfId < len(cell.parent.parent._named_styles) else []
                if key not in styles:
                    styles[key] = " ".join(repr(getattr(cell, style)) for style in STYLES + named)
                things[f"format {at}"] = styles[key]
            if cell.comment:
                things[f"note {at}"] = f"{cell.comment.author}: {cell.comment.text}"
            if cell.hyperlink:
                things[f"link {at}"] = repr(cell.hyperlink)
    return things


def of_sheet(sheet):
    things = {f"setting {name}": repr(getattr(sheet, name, None)) for name in SETTINGS}
    things["merged"] = sorted(str(area) for area in sheet.merged_cells.ranges)
    things |= {f"name {name}": one.attr_text for name, one in sheet.defined_names.items()}
    things |= {f"table {name}": area for name, area in sheet.tables.items()}
    things |= {f"width {name}": repr(one.width) for name, one in sheet.column_dimensions.items()}
    things |= {f"height {name}": repr(one.height) for name, one in sheet.row_dimensions.items() if one.height}
    for one in sheet.data_validations.dataValidation:
        things[f"validation {one.sqref}"] = repr(one)
    for area in sheet.conditional_formatting:
        # Where a format of a condition stands in the list of all is no look.
        rules = [(rule.dxfId, repr(rule), rule.dxf and repr(rule.dxf)) for rule in area.rules]
        things[f"condition {area.sqref}"] = [text.replace(f"dxfId={number}", "") + (dxf or "") for number, text, dxf in rules]
    return things


def charted(chart):
    series = [repr(one.val and one.val.numRef and one.val.numRef.f) for one in chart.series]
    return f"{type(chart).__name__} {repr(chart.anchor)[:400]} {series}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for file in sys.argv[2:]:
        text = json.dumps(looks(file, int(sys.argv[1])), default=str)
        print(re.sub(r" at 0x[0-9a-f]+", "", text), flush=True)
