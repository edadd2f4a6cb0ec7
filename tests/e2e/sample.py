"""A small workbook written by hand, with each kind of cell and cached result that the checks must read."""

import zipfile

TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/worksheets/sheet2.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships '
             'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>')
ROOT = RELATIONS % f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
PARTS = RELATIONS % "".join(
    f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>' for number, kind, target in
    [(1, "worksheet", "worksheets/sheet1.xml"), (2, "worksheet", "/xl/worksheets/sheet2.xml"),
     (3, "sharedStrings", "sharedStrings.xml")])
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
WORKBOOK = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="the data" sheetId="1" r:id="rId1"/>
<sheet name="run" sheetId="2" r:id="rId2"/></sheets></workbook>"""
STRINGS = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<sst {MAIN} count="2" uniqueCount="2"><si><t>lr</t></si><si><r><t>two </t></r><r><t>runs</t></r></si></sst>"""
DATA = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet {MAIN}><sheetData>
<row r="1"><c r="A1"><v>0.1</v></c><c r="B1"><f>A1*3</f><v>0.30000000000000004</v></c></row>
<row r="2"><c r="A2"><v>14</v></c><c r="B2"><f t="shared" ref="B2:B4" si="0">2*A2+30</f><v>58</v></c></row>
<row r="4"><c r="A4"><v>28</v></c><c r="B4"><f t="shared" si="0"/><v>86</v></c></row>
</sheetData></worksheet>"""
# C3 is what a spreadsheet snaps to 0 and IEEE arithmetic does not: right by the operands' scale only.
RUN = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet {MAIN}><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>0.5</v></c><c r="C1" t="s"><v>1</v></c></row>
<row r="2"><c r="A2"><f>'the data'!B2*$B$1</f><v>29</v></c><c r="B2"><f>SUM('the data'!B1:B4)</f><v>144.30000000000001</v></c></row>
<row r="3"><c r="A3" t="str"><f>"lr "&amp;$B$1</f><v>lr 0.5</v></c><c r="B3" t="b"><f>B1&lt;1</f><v>1</v></c><c r="C3"><f>'the data'!B1-0.3</f><v>5.5511151231257827E-17</v></c></row>
<row r="4"><c r="A4" t="e"><f>A2/(B1-0.5)</f><v>#DIV/0!</v></c><c r="B4" t="e"><f>SQRT(-B1)</f><v>#NUM!</v></c><c r="C4" t="e"><f>A4+1</f><v>#DIV/0!</v></c></row>
</sheetData></worksheet>"""

ENTRIES = {"[Content_Types].xml": TYPES, "_rels/.rels": ROOT, "xl/workbook.xml": WORKBOOK,
           "xl/_rels/workbook.xml.rels": PARTS, "xl/sharedStrings.xml": STRINGS,
           "xl/worksheets/sheet1.xml": DATA, "xl/worksheets/sheet2.xml": RUN}

DATA_PART, RUN_PART = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
# What is wrong in the cache -> the change to the workbook, and the cells that must be found.
FAULTS = {
    "a number off in the 12th digit": ((RUN_PART, "<v>29</v>", "<v>29.0000000001</v>"), {("run", "A2")}),
    "a shared formula's number": ((DATA_PART, "<v>86</v>", "<v>87</v>"), {("the data", "B4")}),
    "a number for an error": ((RUN_PART, '<c r="B4" t="e"><f>SQRT(-B1)</f><v>#NUM!</v>',
                               '<c r="B4"><f>SQRT(-B1)</f><v>0</v>'), {("run", "B4")}),
    "an error for a number": ((RUN_PART, '<c r="A2"><f>\'the data\'!B2*$B$1</f><v>29</v>',
                               '<c r="A2" t="e"><f>\'the data\'!B2*$B$1</f><v>#NUM!</v>'), {("run", "A2")}),
    "another kind of error": ((RUN_PART, "<v>#NUM!</v>", "<v>#DIV/0!</v>"), {("run", "B4")}),
    "no result": ((RUN_PART, "<v>144.30000000000001</v>", ""), {("run", "B2")}),
    "another text": ((RUN_PART, "<v>lr 0.5</v>", "<v>lr 0.6</v>"), {("run", "A3")}),
    "a text for a number": ((RUN_PART, '<c r="B2"><f>', '<c r="B2" t="str"><f>'), {("run", "B2")}),
    "another truth": ((RUN_PART, "</f><v>1</v>", "</f><v>0</v>"), {("run", "B3")}),
}


def write(path, changes=()):
    """Writes the workbook; `changes` are (part, old text, new text) for workbooks with a fault."""
    entries = dict(ENTRIES)
    for part, old, new in changes:
        assert old in entries[part], old
        entries[part] = entries[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return path
