"""`gdtrace.run`: every number of a training, as Arrow tables, spreadsheet and report."""

from __future__ import annotations

import html
import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Union

from . import columns
from ._gdtrace import Error, Training
from .arguments import file_word, names, words

if TYPE_CHECKING:
    import pandas

PathLike = Union[str, "os.PathLike[str]"]

SAMPLES = "samples.csv"
"""What data in memory are called in reports and commands."""


class Trace:
    """Every step of one optimizer: a table with a row for each step, the first one step 1.

    An Arrow table for every library that knows such: `pyarrow.table(trace)`, `polars.DataFrame(trace)`,
    `duckdb.sql("from trace")` share its buffers. Columns are called by their ids (`step`, `epoch`, `a`, `de_da`, `v_a`);
    whole numbers are int64, all others float64, null where a spreadsheet would show an error. Weights and gradients are in
    the units of the data, or in those of the scaled data where `about["input"]["scale"]` is not None.
    """

    def __init__(self, training: Training, index: int) -> None:
        self._training, self._index = training, index

    @property
    def name(self) -> str:
        """What the run is called: `adam`, or the name of one's own."""
        return self._training.names[self._index]

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self._training.columns(self._index)

    @property
    def about(self) -> dict[str, Any]:
        """The definition, settings and start of the run, and the formula, symbol and meaning of each column."""
        return dict(json.loads(self._training.about(self._index)))

    @property
    def rows(self) -> int:
        """The number of rows: a step each."""
        return self._training.rows(self._index)

    def __getitem__(self, column: str) -> list[Any]:
        """The numbers of a column, one for each row; None where one is undefined."""
        if column == self.columns[0]:
            return [self.name] * self.rows
        numbers, counts = self._training.numbers(self._index, column)
        return [None if one is None else int(one) for one in numbers] if counts else numbers

    def __len__(self) -> int:
        return self.rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._training.stream(self._index)

    def __arrow_c_schema__(self) -> object:
        return self._training.schema(self._index)

    def to_pandas(self) -> pandas.DataFrame:
        """The table as a data frame, NaN where a number is undefined."""
        return _frame(self, lambda: {name: self[name] for name in self.columns})

    def __repr__(self) -> str:
        return f"<gdtrace.Trace {self.name}: {self.rows} rows, {len(self.columns)} columns>"


class Traces:
    """The traces of a run, one for each optimizer: `traces["adam"]`, `traces[0]`, `for trace in traces`.

    As an Arrow table it has the rows of all, one optimizer below the other, named in the column `optimizer`; columns that an
    optimizer does not have are null in its rows.
    """

    def __init__(self, training: Training) -> None:
        self._training = training

    @property
    def names(self) -> list[str]:
        """What the runs are called, in the order in which they were asked for."""
        return self._training.names

    def __getitem__(self, which: str | int) -> Trace:
        if isinstance(which, int):
            return Trace(self._training, range(len(self))[which])
        name = which.replace(":", " ")  # `adam:keras` is called as its sheet is, `adam keras`
        if name not in self.names:
            raise KeyError(f"there is no trace {which!r}; there are {', '.join(self.names)}")
        return Trace(self._training, self.names.index(name))

    def __iter__(self) -> Iterator[Trace]:
        return (self[at] for at in range(len(self)))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def notes(self) -> list[str]:
        """What the command line says before a run: what was found out and decided."""
        return self._training.notes

    @property
    def results(self) -> dict[str, Any]:
        """What `gdtrace run --json` prints: final weights, and the RMSE of each epoch, in the units of the data."""
        return dict(json.loads(self._training.json()))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._training.stream()

    def __arrow_c_schema__(self) -> object:
        return self._training.schema()

    def to_pandas(self) -> pandas.DataFrame:
        """The rows of all optimizers as one data frame."""
        return _frame(self, lambda: _together(list(self)))

    def to_excel(self, path: PathLike, *, force: bool = False) -> None:
        """Writes every step as live formulas to the workbook `path`, as `gdtrace run -o PATH` does.

        A run over a workbook is written into a copy of it. Files that gdtrace did not write are replaced with `force` only.
        """
        self._training.write_workbook(path, force)

    def report(self, path: PathLike | None = None, *, force: bool = False) -> Report:
        """The report: a page that shows itself in a notebook, and is written to `path` where one is given."""
        if path is not None:
            self._training.write_page(path, force)
        return Report(self._training)

    def __repr__(self) -> str:
        return self._training.text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self._training.text())}</pre>"


class Report:
    """A page that loads nothing, with every formula as mathematics, charts, and every step explained."""

    def __init__(self, training: Training) -> None:
        self._training = training

    @property
    def html(self) -> str:
        """The page."""
        return self._training.page()

    def save(self, path: PathLike, *, force: bool = False) -> None:
        """Writes the page to `path`, an .html file."""
        self._training.write_page(path, force)

    def _repr_html_(self) -> str:
        # A frame of its own: the page has its styles, and the notebook has others.
        page = html.escape(self.html, quote=True)
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 80vh; border: 0" title="gdtrace"></iframe>'

    def __repr__(self) -> str:
        return "<gdtrace.Report: shows in a notebook; .save(\"t.html\") writes it>"


def run(
    data: columns.ArrayLike | PathLike | None = None,
    y: columns.ArrayLike | str | Iterable[str] | None = None,
    *,
    x: columns.ArrayLike | str | Iterable[str] | None = None,
    optimizers: str | Iterable[str] | None = None,
    epochs: int | None = None,
    lr: float | str | None = None,
    model: str | None = None,
    loss: str | None = None,
    batch_size: int | str | None = None,
    init: float | str | Mapping[str, float] | None = None,
    set: Mapping[str, Any] | Iterable[str] | None = None,
    seed: int | None = None,
    **options: Any,
) -> Traces:
    """Trains a model with each optimizer and keeps every number, as `gdtrace run` does.

    `data` is x: a list or array with a number for each sample, of shape (n,), or (n, k) for k features, which are called x1,
    x2 and so on; then `y` is a list or array of the same length. Or `data` is a data frame, a dictionary of columns, an Arrow
    table, or the name of a file that `gdtrace run` reads; then `x` and `y` name columns, where they are not found.

    `optimizers` are names with variants (`"adam"`, `"adam:keras"`, `"fast=sgd"`), sgd, momentum, rmsprop and adam if none are
    given; `epochs` is how often each sees all samples (10). `lr` is the learning rate of all of them, a number or `"auto"`;
    `set` has any hyperparameter: `{"beta1": 0.8, "adam": {"lr": 0.1}}`. `init` are the start weights. Every other option of
    `gdtrace run` is a keyword with `_` for `-`: `shuffle=True`, `schedule="cosine"`, `keep="every:100"`.

    Ctrl-C ends it. A run that diverged warns and has its traces. Raises `gdtrace.Error`, in the words of the command line.
    """
    file, held = _source(data, x, y)
    said: dict[str, Any] = {
        "optimizers": names(optimizers), "epochs": epochs, "model": model, "loss": loss, "batch_size": batch_size,
        "init": init, "seed": seed,
    }
    if held is None:
        said.update(x=names(x), y=names(y))
    elif columns.is_table(data):
        said.update(x=names(x), y=names(y), **IN_MEMORY)
    else:
        said.update(_sides(held), **IN_MEMORY)
    arguments = words({**said, **options})
    arguments += words({"set": {"lr": lr}}) if lr is not None else []
    arguments += words({"set": set if isinstance(set, Mapping) or set is None else list(set)})
    training = Training(([] if file is None else [file]) + arguments, held)
    for warning in training.warnings:
        warnings.warn(warning, RuntimeWarning, stacklevel=2)
    return Traces(training)


IN_MEMORY = {"delimiter": ",", "decimal": "."}
"""How numbers in memory are written down, so that nobody has to find it out."""


def _source(data: Any, x: Any, y: Any) -> tuple[str | None, columns.Columns | None]:
    """The file that is read, or what stands for it."""
    if isinstance(data, (str, os.PathLike)):
        return file_word(data), None
    if data is not None and columns.is_table(data):
        return SAMPLES, columns.of_table(data)
    if data is not None and x is not None:
        raise Error("x is given twice\n  help: write run(x, y), or run(x=x, y=y)")
    data = x if data is None else data
    if data is None and y is None:
        return None, None
    if data is None or y is None:
        raise Error(f"there is no {'x' if data is None else 'y'}\n  help: write run(x, y), or name a file: run(\"data.csv\")")
    return SAMPLES, columns.of_arrays(data, y)


def _sides(held: columns.Columns) -> dict[str, str]:
    """Which columns are x and which y, where there are several."""
    called = [name for name, _ in held]
    sides = {side: ",".join(name for name in called if name.startswith(side)) for side in "xy"}
    return {side: value for side, value in sides.items() if "," in value}


def _frame(table: Any, listed: Any) -> pandas.DataFrame:
    """A data frame: through pyarrow, which takes the buffers as they are, or through lists where it is not installed."""
    import pandas

    try:
        import pyarrow
    except ImportError:
        return pandas.DataFrame(listed())
    return pyarrow.table(table).to_pandas()


def _together(traces: list[Trace]) -> dict[str, list[Any]]:
    """The columns of all traces, one below the other."""
    called = list(dict.fromkeys(name for trace in traces for name in trace.columns))
    lacking = {trace.name: [None] * trace.rows for trace in traces}
    return {
        name: [value for trace in traces for value in (trace[name] if name in trace.columns else lacking[trace.name])]
        for name in called
    }
