"""`gdtrace.compare`: what a spreadsheet built by hand computes, and where it is wrong."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any, Union

from . import _gdtrace
from .arguments import file_word, words


@dataclass(frozen=True)
class Finding:
    """A cell (`sheet!cell`), or a range of cells with one formula, that is wrong or worth knowing.

    `kind` is one of those of docs/compare.md; `variant` and `volatile` are no mistakes. `found` and `expected` are formulas or
    numbers, `fix` is the edit that mends it, `consequences` counts the later cells that differ only because of it. What a kind
    does not have is None.
    """

    kind: str
    message: str = ""
    sheet: str | None = None
    cell: str | None = None
    found: str | float | None = None
    expected: str | float | None = None
    fix: str | None = None
    cause: str | None = None
    consequences: int = 0
    range: str | None = None
    count: int = 1
    weight: str | None = None
    loss: str | None = None
    formula: str | None = None
    proposed: str | None = None

    def __repr__(self) -> str:
        place = self.cell if self.sheet is None or "!" in (self.cell or "") else f"{self.sheet}!{self.cell}"
        fix = f"; fix: {self.fix}" if self.fix else ""
        return f"<{place} {self.kind}: {self.message}{fix}>"


class Comparison(list[Finding]):
    """The findings, in the order of the workbook, and what else was found."""

    def __init__(self, printed: dict[str, Any]) -> None:
        self.json = printed
        """What `gdtrace compare --json` prints."""
        found = [(None, one) for one in printed.get("findings", [])]
        found += [(sheet["sheet"], one) for sheet in self.sheets for one in sheet.get("findings", sheet.get("wrong", []))]
        # As printed: a sheet with a table that is understood as a whole is told once.
        understood = {sheet["sheet"] for sheet in self.sheets if sheet.get("status") in ("agrees", "differs")}
        told = [one for one in self.trainings if not understood & {*one["sheets"]}]
        found += [(one["sheets"][0] if one["sheets"] else None, each) for one in told for each in one["findings"]]
        super().__init__(_finding(sheet, one) for sheet, one in found)

    @property
    def agrees(self) -> bool:
        """Whether nothing is wrong."""
        is_quiz = "agree" not in self.json  # a filled quiz is marked
        return bool(self.json["points"] == self.json["of"] if is_quiz else self.json["agree"])

    @property
    def sheets(self) -> list[dict[str, Any]]:
        """What the tables of steps are: optimizer, variant, settings, columns."""
        return list(self.json.get("sheets", []))

    @property
    def trainings(self) -> list[dict[str, Any]]:
        """What the trainings of any other layout are: rule, loss, weights."""
        return list(self.json.get("trainings", []))

    def __repr__(self) -> str:
        lines = "".join(f"\n  {one!r}" for one in self)
        return f"<gdtrace.Comparison: {'agrees' if self.agrees else 'differs'}, {len(self)} findings>{lines}"


def _finding(sheet: str | None, printed: dict[str, Any]) -> Finding:
    known = {field.name for field in fields_of(Finding)}
    said = {key: value for key, value in printed.items() if key in known and value is not None}
    return Finding(**{"sheet": sheet or None, **said})


def compare(file: Union[str, os.PathLike[str]], **options: Any) -> Comparison:
    """Works out what the workbook or log `file` trains, computes it anew, and says where it differs, as `gdtrace compare` does.

    Every option of `gdtrace compare` is a keyword: `sheet="momentum"`, `optimizer="adam:keras"`, `set={"lr": 0.001}`,
    `against="trace.xlsx"`, `data="samples.csv", model="w*x + b"`; `output="marked.xlsx"` and `report="marked.html"` write.
    Raises `gdtrace.Error`, in the words of the command line, where there is nothing to compare.
    """
    return Comparison(json.loads(_gdtrace.compare([file_word(file), *words(options)])))
