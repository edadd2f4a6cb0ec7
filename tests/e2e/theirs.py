"""Writes workbooks with much that people put into one, by openpyxl and by XlsxWriter, into a folder.

    python theirs.py FOLDER

Each has data to run over, a training by hand with one slip, and a sheet with everything else. Runs under a python that has
both libraries."""

import sys
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

XS = [14, 86, 28, 51, 28, 29, 72, 62, 84, 15, 42, 62]
HEADS = ["x", "y", "a", "b", "pred", "error", "de/da", "de/db", "new a", "new b"]
LR = 0.0001


def training(row):
    """The formulas of a row, the first of which is 4: the slope's gradient of row 9 has lost its x."""
    start = row == 4
    slope = "=2*F{r}" if row == 9 else "=2*F{r}*A{r}"
    formulas = [XS[row - 4], 2 * XS[row - 4] + 30, 1 if start else "=I{p}", 1 if start else "=J{p}", "=C{r}*A{r}+D{r}",
                "=E{r}-B{r}", slope, "=2*F{r}", "=C{r}-$B$1*G{r}", "=D{r}-$B$1*H{r}"]
    return [one.format(r=row, p=row - 1) if isinstance(one, str) else one for one in formulas]


def results():
    """What the formulas of the training give, row by row; some writers store it."""
    a, b = 1.0, 1.0
    for row, x in enumerate(XS, 4):
        y, pred = 2 * x + 30, a * x + b
        error = pred - y
        slope, offset = 2 * error * (1 if row == 9 else x), 2 * error
        yield [x, y, a, b, pred, error, slope, offset, a - LR * slope, b - LR * offset]
        a, b = a - LR * slope, b - LR * offset


def by_openpyxl(path):
    book = openpyxl.Workbook()
    data = book.active
    data.title = "data"
    data.append(["x", "y"])
    for x in XS:
        data.append([x, 2 * x + 30])
    hand = book.create_sheet("hand built")
    hand["A1"], hand["B1"] = "lr", LR
    for column, head in enumerate(HEADS, 1):
        hand.cell(3, column, head)
    for row in range(4, 4 + len(XS)):
        for column, value in enumerate(training(row), 1):
            hand.cell(row, column, value)
    hand["L4"].comment = Comment("mine", "somebody")
    looks = book.create_sheet("it's all there & more")
    styles(book, looks)
    rules(looks)
    looks.merge_cells("D1:F2")
    looks.freeze_panes = "B3"
    looks.protection.enable()
    looks.print_area = "A1:F20"
    looks.sheet_properties.tabColor = "FF8800"
    looks.column_dimensions["C"].width = 33
    looks.row_dimensions[5].height = 40
    for row in range(1, 6):
        looks.cell(row + 10, 1, row)
        looks.cell(row + 10, 2, f"=A{row + 10}^2*factor")
    chart = LineChart()
    chart.add_data(Reference(looks, min_col=2, min_row=11, max_row=15))
    looks.add_chart(chart, "H2")
    listed = book.create_sheet("table")
    for row in [["name", "value"], ["one", 1], ["two", 2]]:
        listed.append(row)
    listed.add_table(Table(displayName="Things", ref="A1:B3"))
    book.defined_names["factor"] = DefinedName("factor", attr_text="'it''s all there & more'!$A$1")
    hand.defined_names["start"] = DefinedName("start", attr_text="'hand built'!$C$4")
    hidden = book.create_sheet("hidden")
    hidden.sheet_state = "veryHidden"
    hidden["A1"] = "nobody sees it"
    book.active = 2
    book.save(path)


def styles(book, sheet):
    """Cells in all kinds of formats."""
    named = NamedStyle("warning", font=Font(bold=True, color="FFAA0000"), fill=PatternFill("solid", fgColor="FFFFEEEE"))
    book.add_named_style(named)
    sheet["A1"], sheet["A1"].style = 2, "warning"
    sheet["A2"], sheet["A2"].number_format = 0.125, "0.0%"
    sheet["A3"], sheet["A3"].number_format = 45000, "yyyy-mm-dd"
    sheet["A4"], sheet["A4"].font = "text", Font("Georgia", 14, italic=True, underline="single")
    sheet["A5"], sheet["A5"].alignment = "long " * 20, Alignment(wrap_text=True, vertical="top", text_rotation=15)
    sheet["A6"], sheet["A6"].border = "framed", Border(*[Side("double", "FF0000FF")] * 4)
    sheet["A7"], sheet["A7"].protection = "open", Protection(locked=False)
    sheet["A8"] = "=SUM(A1:A3)"
    sheet["A9"] = True


def rules(sheet):
    red = PatternFill(bgColor="FFFF0000")
    sheet.conditional_formatting.add("A11:A15", CellIsRule(operator="greaterThan", formula=["3"], fill=red))
    sheet.conditional_formatting.add("B11:B15", ColorScaleRule("min", None, "FFFFFFFF", "max", None, "FF00FF00"))
    sheet.conditional_formatting.add("C1:C9", FormulaRule(formula=["ISBLANK(C1)"], font=Font(bold=True)))
    choice = DataValidation("list", formula1='"yes,no"', allow_blank=True, showErrorMessage=True, error="one of both")
    choice.add("C11:C15")
    whole = DataValidation("whole", operator="between", formula1="1", formula2="9")
    whole.add("C16")
    sheet.add_data_validation(choice)
    sheet.add_data_validation(whole)


def by_xlsxwriter(path):
    book = xlsxwriter.Workbook(str(path))
    bold = book.add_format({"bold": True, "num_format": "0.000", "bg_color": "#DDEEFF", "border": 2})
    data = book.add_worksheet("data")
    data.write_row(0, 0, ["x", "y"], bold)
    for row, x in enumerate(XS, 1):
        data.write_row(row, 0, [x, 2 * x + 30])
    data.conditional_format("B2:B13", {"type": "data_bar"})
    data.conditional_format("A2:A13", {"type": "icon_set", "icon_style": "3_arrows"})
    data.add_sparkline("D2", {"range": "data!B2:B13"})
    hand = book.add_worksheet("hand built")
    hand.write_row(0, 0, ["lr", LR])
    hand.write_row(2, 0, HEADS)
    for row, values in enumerate(results(), 4):
        for column, (formula, value) in enumerate(zip(training(row), values)):
            if isinstance(formula, str):
                hand.write_formula(row - 1, column, formula, None, value)
            else:
                hand.write_number(row - 1, column, formula)
    looks = book.add_worksheet("looks")
    looks.merge_range("B2:D3", "merged", bold)
    looks.write_rich_string("A1", "some ", bold, "bold", " text")
    looks.write_url("A2", "https://example.org/", string="a link")
    looks.write_formula("A3", "=factor*2", bold, 4)
    looks.write_number("A4", 2)
    looks.write_dynamic_array_formula("A6:A8", "=_xlfn.SEQUENCE(3)", None, 1)
    looks.data_validation("E1", {"validate": "decimal", "criteria": ">", "value": 0.5, "input_title": "more"})
    looks.conditional_format("A1:A9", {"type": "formula", "criteria": "=$A1>1", "format": bold})
    looks.write_comment("E5", "a note", {"author": "somebody", "visible": True})
    looks.autofilter("A10:B12")
    looks.set_header("&Cthe head")
    looks.protect("secret")
    chart = book.add_chart({"type": "scatter"})
    chart.add_series({"categories": "=data!$A$2:$A$13", "values": "=data!$B$2:$B$13", "trendline": {"type": "linear"}})
    looks.insert_chart("G2", chart)
    looks.insert_textbox("G20", "a text box")
    listed = book.add_worksheet("table")
    listed.add_table("A1:B4", {"data": [["a", 1], ["b", 2], ["c", 3]], "name": "Things"})
    page = book.add_chartsheet("a chart")
    page.set_chart(book.add_chart({"type": "column"}))
    page.chart.add_series({"values": "=table!$B$2:$B$4"})
    book.define_name("factor", "=looks!$A$4")
    book.define_name("'hand built'!start", "='hand built'!$C$4")
    looks.activate()
    book.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    by_openpyxl(folder / "openpyxl.xlsx")
    by_xlsxwriter(folder / "xlsxwriter.xlsx")
