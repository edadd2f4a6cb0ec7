"""Writes workbooks as people build them by hand, right and wrong ones, into a folder.

    python handmade.py FOLDER

Runs under a python that has openpyxl. The formulas have no results: the reader has to compute them."""

import sys
from pathlib import Path

import openpyxl

XS = [14, 86, 28, 51, 28, 29, 72, 62, 84, 15, 42, 62, 47, 35, 9, 38, 44, 99, 13, 21]


def table(sheet, columns, starts, top=4):
    """Columns of formulas over {r}, the row, and {p}, the row above; the first row has `starts` instead."""
    for index, (head, _) in enumerate(columns, 1):
        sheet.cell(top - 1, index, head)
    for row, x in enumerate(XS, top):
        for index, (head, formula) in enumerate(columns, 1):
            value = {"x": x, "y": 2 * x + 30}.get(head) if formula is None else formula.format(r=row, p=row - 1)
            if row == top and head in starts:
                value = starts[head]
            sheet.cell(row, index, value)


SGD = [("x", None), ("y", None), ("b", "=H{p}"), ("a", "=I{p}"), ("pred", "=C{r}+D{r}*A{r}"),
       ("de/db", "=2*(E{r}-B{r})"), ("de/da", "=F{r}*A{r}"), ("new b", "=C{r}-F{r}*$B$1"), ("new a", "=D{r}-G{r}*$B$1")]
# The error with the other sign, and a way to update that no optimizer has.
NEGATED = SGD[:5] + [("y - pred", "=B{r}-E{r}"), ("de/da", "=-2*F{r}*A{r}"), ("new b", "=C{r}+2*F{r}*$B$1"),
                     ("new a", "=D{r}-G{r}*$B$1")]
STRANGE = SGD[:7] + [("new b", "=C{r}-ABS(F{r})^3*$B$1/(A{r}+7)"), ("new a", "=D{r}-SIN(G{r})*$B$1*B{r}")]
ADAM = SGD[:7] + [
    ("new b", "=C{r}-$B$1*J{r}/(1-$D$1^N{r})/(SQRT(L{r}/(1-$F$1^N{r}))+$H$1)"),
    ("new a", "=D{r}-$B$1*K{r}/(1-$D$1^N{r})/(SQRT(M{r}/(1-$F$1^N{r}))+$H$1)"),
    ("m b", "=$D$1*J{p}+(1-$D$1)*F{r}"), ("m a", "=$D$1*K{p}+(1-$D$1)*G{r}"),
    ("v b", "=$F$1*L{p}+(1-$F$1)*F{r}^2"), ("v a", "=$F$1*M{p}+(1-$F$1)*G{r}^2"), ("t", "=N{p}+1")]


def book(folder, name, columns, rate, change=lambda sheet: None, hyper=(), above=None):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "hand built"
    for index, (label, value) in enumerate([("lr", rate), *hyper]):
        sheet.cell(1, 2 * index + 1, label)
        sheet.cell(1, 2 * index + 2, value)
    top = 5 if above else 4
    table(sheet, columns, {"b": 1, "a": 1}, top)
    for column, value in (above or {}).items():
        sheet[f"{column}4"] = value
    change(sheet)
    workbook.save(Path(folder) / f"{name}.xlsx")


def pasted(sheet):
    sheet["I9"] = 1.5
    sheet["K1"] = "=RANDBETWEEN(1,100)"
    sheet["K2"] = "=K1+1"
    sheet["L1"] = "=A4>3"
    sheet["L2"] = "=1/0"
    sheet["L3"] = "=SUM((E4:E23-B4:B23)^2)"
    sheet["M1"] = "=SUMPRODUCT((E4:E23-B4:B23)^2)"


def holes(sheet):
    sheet["B8"] = None
    sheet["B11"] = "about 100"


# Apart from the text: where two kinds of errors meet, LibreOffice shows another one than Excel.
def divided(sheet):
    sheet["E14"] = "=1/0"


def main(folder):
    book(folder, "right", SGD, 1e-4)
    book(folder, "negated", NEGATED, 1e-4)
    book(folder, "pasted", SGD, 1e-4, pasted)
    book(folder, "holes", SGD, 1e-4, holes)
    book(folder, "divided", SGD, 1e-4, divided)
    book(folder, "strange", STRANGE, 1e-6)
    book(folder, "overflow", SGD, 1e30)
    book(folder, "adam", ADAM, 0.1, hyper=[("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8)],
         above={"J": 0, "K": 0, "L": 0, "M": 0, "N": 0})


if __name__ == "__main__":
    main(sys.argv[1])
