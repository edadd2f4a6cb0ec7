"""Opens .xlsx files with openpyxl, which stops at much that Excel would repair, and looks at every cell.

    python structure.py FILE.xlsx...      prints the faults; exit code 1 if there are any

Runs under a python that has openpyxl, which the system's python3 with uno need not be.
"""

import math
import sys
import warnings

import openpyxl


def faults(path):
    for cached in (True, False):
        book = openpyxl.load_workbook(path, data_only=cached)
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    value = cell.value
                    if isinstance(value, float) and not math.isfinite(value):
                        yield f"{sheet.title}!{cell.coordinate} holds {value}"
                    if isinstance(value, str) and value.lower() in ("nan", "inf", "-inf", "infinity"):
                        yield f"{sheet.title}!{cell.coordinate} holds the text {value}"
        for name in book.defined_names.values():
            if "#REF!" in (name.attr_text or ""):
                yield f"the defined name {name.name} leads nowhere"


def main():
    # openpyxl warns where it finds something that it does not know. Data bars have an extension of that kind.
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="Unknown extension|Conditional Formatting extension")
    found = [f"{path}: {fault}" for path in sys.argv[1:] for fault in faults(path)]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
