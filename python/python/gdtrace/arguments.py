"""Keyword arguments become words of a command line, which the command's own definitions read, and refuse where they are wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral, Real
from typing import Any

PAIRS = ("set", "init", "map")
"""Options that take NAME=VALUE, and here a dictionary too."""


def words(options: Mapping[str, Any]) -> list[str]:
    """The options as words: `{"batch_size": 4, "shuffle": True}` is `["--batch-size=4", "--shuffle"]`.

    None and False say nothing; a list says its option again and again, or with commas, as the command has it.
    """
    made: list[str] = []
    for name, value in options.items():
        key = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            made.append(key)
        elif isinstance(value, Mapping):
            pairs = list(_pairs(name, value))
            made += [f"{key}={pair}" for pair in ([",".join(pairs)] if name == "init" else pairs)]
        elif isinstance(value, (list, tuple)):
            made += [f"{key}={text(one)}" for one in value]
        else:
            made.append(f"{key}={text(value)}")
    return made


def _pairs(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    """`{"lr": 0.1, "adam": {"lr": 0.5}}` as lr=0.1 and adam.lr=0.5."""
    if name not in PAIRS:
        raise TypeError(f"{name} takes no dictionary")
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _pairs(name, {f"{key}.{inner}": one for inner, one in value.items()})
        else:
            yield f"{key}={text(value)}"


def text(value: Any) -> str:
    """A value as somebody would type it; numbers so that they read back to the same bits."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return repr(float(value))
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    return str(value)


def names(value: Any) -> str | None:
    """Names with commas between them, as an option takes them."""
    if value is None or isinstance(value, str):
        return value
    return ",".join(str(one) for one in value)


def file_word(path: str | os.PathLike[str]) -> str:
    """A file as a word that is not taken for an option."""
    word = os.fspath(path)
    return f"./{word}" if word.startswith("-") else word
