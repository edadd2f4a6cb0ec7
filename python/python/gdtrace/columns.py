"""Data in memory, whoever holds it, as named columns of floats."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Union

from ._gdtrace import Error

Columns = list[tuple[str, list[float]]]
ArrayLike = Union[Iterable[float], Iterable[Iterable[float]], Any]


def of_arrays(x: ArrayLike, y: ArrayLike) -> Columns:
    """x and y, with a row for each sample; of two dimensions they are x1, x2, ... and y1, y2, ..."""
    columns = _named("x", x) + _named("y", y)
    lengths = {name: len(values) for name, values in columns}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise Error(f"x and y have different numbers of samples: {told}\n  help: give one y for each x")
    if not lengths["y" if "y" in lengths else "y1"]:
        raise Error("x and y are empty\n  help: give at least one sample")
    return columns


def is_table(data: Any) -> bool:
    """Whether it has named columns: a data frame, a dictionary, an Arrow table."""
    return isinstance(data, Mapping) or (hasattr(data, "columns") or hasattr(data, "column_names"))


def of_table(table: Any) -> Columns:
    """The columns of numbers of a data frame, a dictionary or an Arrow table; others are left out."""
    names = list(table) if isinstance(table, Mapping) else list(getattr(table, "column_names", None) or table.columns)
    columns: Columns = []
    for name in names:
        values = _listed(table[name])
        if values and all(isinstance(value, (str, bytes)) for value in values):
            continue  # a column of text, such as names
        columns.append((str(name), _floats(str(name), values)))
    if len({len(values) for _, values in columns}) > 1:
        raise Error("the columns have different lengths\n  help: give each a value for each sample")
    return columns


def _named(name: str, values: ArrayLike) -> Columns:
    rows = _listed(values)
    if not rows or not _is_row(rows[0]):
        return [(name, _floats(name, rows))]
    width = len(_listed(rows[0]))
    columns: list[tuple[str, list[Any]]] = [(f"{name}{at + 1}" if width > 1 else name, []) for at in range(width)]
    for number, row in enumerate(rows):
        row = _listed(row)
        if len(row) != width:
            raise Error(f"{name}[{number}] has {len(row)} numbers, and {name}[0] has {width}")
        for (_, column), value in zip(columns, row):
            column.append(value)
    return [(called, _floats(called, column)) for called, column in columns]


def _is_row(value: Any) -> bool:
    return not isinstance(value, (str, bytes)) and hasattr(value, "__len__")


def _listed(values: Any) -> list[Any]:
    """As a list: of NumPy, pandas, Polars, Arrow, PyTorch, or anything that can be gone through."""
    for method in ("tolist", "to_list", "to_pylist"):
        if hasattr(values, method):
            made = getattr(values, method)()
            return made if isinstance(made, list) else [made]
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise Error(f"{values!r} is no column of numbers\n  help: give a list, an array, or the column of a data frame")
    return list(values)


def _floats(name: str, values: list[Any]) -> list[float]:
    made = []
    for at, value in enumerate(values):
        try:
            number = math.nan if value is None else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if isinstance(value, str) or not math.isfinite(number):
            raise Error(f"{name}[{at}] is {value!r}, where a finite number is needed\n  help: leave that sample out")
        made.append(number)
    return made
