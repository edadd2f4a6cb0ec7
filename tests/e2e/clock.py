"""How long things take: by the clock, and in seconds of a processor, which a busy machine changes less."""

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def used(root):
    """Processor seconds that a process, all that it started, and all that these started, have used so far."""
    parents, ticks = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            parents[int(entry.name)] = int(fields[1])
            # Its own and those of children that have ended, in user and system mode.
            ticks[int(entry.name)] = sum(map(int, fields[11:15]))

    def is_below(process):
        while process in parents and process != root:
            process = parents[process]
        return process == root
    return sum(ticks[process] for process in ticks if is_below(process)) / TICKS


class Stopwatch:
    """From its making on."""

    def __init__(self):
        self._began, self._used = time.monotonic(), used(os.getpid())

    def read(self):
        """Seconds by the clock, and of a processor."""
        return time.monotonic() - self._began, used(os.getpid()) - self._used


def table(rows, heads):
    """Lines of a table whose rows are a name and seconds."""
    width = max(len(name) for name, *_ in rows)
    def line(name, cells):
        return f"{name:<{width}}" + "".join(f"{cell:>14}" for cell in cells)
    return "\n".join([line("", heads)] + [
        line(name, [f"{one:.0f} s" for one in seconds]) for name, *seconds in rows])
