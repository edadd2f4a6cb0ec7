"""A worker of run.py: runs the groups of checks that it is given, with a LibreOffice and a Chromium of its own."""

import contextlib
import importlib
import io
import signal
import sys
import traceback
from pathlib import Path

import clock
from bench import Bench, Checks
from browser import Browser
from served import Served

HERE = Path(__file__).resolve().parent


def work(connection, number, args, folder):
    """Answers each group that comes in, its name and function, with what `run_group` returns; None ends it."""
    # Told to end, it ends what it has started too, in the middle of a check.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Here, since LibreOffice's bridge belongs to the main module that is there when it is imported.
    from recalculate import Office
    own = folder / f"worker-{number}"
    own.mkdir()
    tools = Path(args.tools).resolve()
    structure = Served([tools / "venv" / "bin" / "python", HERE / "structure.py"])
    with contextlib.suppress(KeyboardInterrupt, EOFError), Office() as office, \
            Browser(tools / "node_modules") as browser, structure:
        bench = Bench(args, office, browser, structure, own)
        for name, function in iter(connection.recv, None):
            connection.send(run_group(bench, name, function))


def run_group(bench, name, function):
    """What a group printed, how many of its checks passed and failed, and its seconds."""
    watch, bench.check, printed = clock.Stopwatch(), Checks(), io.StringIO()
    bench.pages, bench.folder = 0, bench.own / name
    bench.folder.mkdir()
    with contextlib.redirect_stdout(printed):
        try:
            module, function = function.split(".")
            getattr(importlib.import_module(module), function)(bench)
        except (Exception, SystemExit) as error:
            traceback.print_exc(file=sys.stdout)
            bench.check(f"{name}: runs to its end", False, str(error))
    return printed.getvalue(), bench.check.passed, bench.check.failed, watch.read()
