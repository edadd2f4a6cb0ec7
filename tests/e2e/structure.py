"""Opens .xlsx files with openpyxl, which stops at much that Excel would repair, and looks at every cell; validates them with
openxml-audit.

    python structure.py FILE.xlsx...      prints the faults; exit code 1 if there are any
    python structure.py                   files stand on standard input, each as a line of JSON: its name, and that of the
                                          workbook that it is a copy of, or null; for each it prints a line with the faults
                                          that each program found, but for those that the other workbook has too

Runs under a python that has both, which the system's python3 with uno need not be.
"""

import contextlib
import io
import json
import math
import sys
import warnings

import openpyxl
from openxml_audit.cli import main as openxml_audit


def openpyxl_faults(path):
    # openpyxl warns where it finds something that it does not know. Data bars have an extension of that kind.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="Unknown extension|Conditional Formatting extension")
        try:
            return list(faults(path))
        except Exception as error:
            return [f"{type(error).__name__}: {error}"]


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


def audit_faults(path):
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            openxml_audit(["--format", "microsoft365", "--output", "json", "--max-errors", "0", path], standalone_mode=False)
    except SystemExit:
        pass
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    try:
        found = json.loads(printed.getvalue())[0]["errors"]
    except (ValueError, LookupError):
        return [printed.getvalue().strip() or "it says nothing"]
    # A warning is for what Excel writes otherwise when it saves.
    return [f"{one['part_uri']} {one['path']}: {one['description']}" for one in found if one["severity"] != "warning"]


def look(path, source=None):
    programs = {"openpyxl": openpyxl_faults, "openxml-audit": audit_faults}
    known = {name: find(source) if source else [] for name, find in programs.items()}
    return {name: [fault for fault in find(path) if fault not in known[name]] for name, find in programs.items()}


def main():
    if not sys.argv[1:]:
        for line in sys.stdin:
            print(json.dumps(look(*json.loads(line))), flush=True)
        return
    found = [f"{path}: {program}: {fault}" for path in sys.argv[1:] for program, of in look(path).items() for fault in of]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
