#!/usr/bin/python3
"""The end-to-end checks: the program as a user runs it, its files as other programs read them.

    tests/e2e/run.py [--gdtrace BINARY] [--workers N] [--screenshots FOLDER] [--tools FOLDER] [--keep FOLDER]
                     [--times FILE] [NAME...]

With NAMEs only the groups of checks so called run (see GROUPS below). Without --gdtrace the program is built as
`cargo test` builds it. Groups run side by side, one for each processor; what a group says is printed when it has
ended. tools.sh says what must be installed, and installs it. Ends with the time of each group and with
`e2e: N passed, N failed`; exit code 1 if one failed.
"""

import argparse
import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import wait
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import clock  # noqa: E402
from worker import work  # noqa: E402

# What each group is called and its function. Those that take longest first, so that no worker is left with one at the end.
GROUPS = {
    "python": "wheel.python", "computes": "computes.computes", "scaling": "scaling.scaling", "stopping": "stopping.stopping", "ways": "ways.ways", "derive": "derivatives.derive",
    "compare": "comparing.compare", "kept": "keeping.keeping", "yourself": "yourself.yourself", "sweep": "sweeps.sweep",
    "spark": "clusters.spark", "dask": "clusters.dask",
    "dialects": "dialects.dialects", "explorer": "explorer.explorer", "charts": "charts.charts", "drawn": "charts.drawn", "controls": "charts.controls", "made": "charts.made",
    "report": "pages.report", "other-data": "models.other_data", "parts": "parts.parts", "models": "models.models",
    "quizzes": "quizzes.quizzes", "changes": "walkthrough.changes", "structure": "pages.structure", "curvature": "models.curvature",
    "formulas": "derivatives.formulas", "recalculation": "walkthrough.recalculation",
    "circuit": "walkthrough.circuit", "divergence": "models.divergence", "golden": "walkthrough.golden",
    "walkthrough": "walkthrough.walkthrough", "pictures": "pages.pictures", "bundle": "scripts.bundle", "scripts": "scripts.scripts", "tables": "tables.tables",
}
# After all others: one wants the machine for itself, the other the pages that all have made.
LAST = {"pace": "pace.pace", "validity": "validity.validity"}
ALL = GROUPS | LAST


class Crew:
    """The workers, and what came of the groups that they have run."""

    def __init__(self, args, folder, count):
        self.passed = self.failed = 0
        self.rows = []  # the name of each group and its seconds
        self.workers, self.names = {}, {}
        # New processes, not forks of this one: LibreOffice's bridge would not survive that.
        starting = multiprocessing.get_context("spawn")
        for number in range(1, count + 1):
            ours, theirs = starting.Pipe()
            process = starting.Process(target=work, args=(theirs, number, args, folder))
            process.start()
            theirs.close()
            self.workers[ours] = process

    def run(self, names):
        """Runs groups side by side; returns when all have ended."""
        left = list(names)
        idle = [one for one in self.workers if one not in self.names]
        while left or self.names:
            for connection in idle[:len(left)]:
                self.names[connection] = left.pop(0)
                connection.send((self.names[connection], ALL[self.names[connection]]))
            if not self.names:
                break  # no worker is left
            idle = [one for one in wait(list(self.names)) if self._take(one)]
            idle += [one for one in self.workers if one not in self.names and one not in idle]
        for name in left:
            self._tell(name, "", 0, 1, (0, 0), "there is no worker left to run it")

    def _take(self, connection):
        """Takes what a worker has to say; false where it has ended instead."""
        name = self.names.pop(connection)
        try:
            self._tell(name, *connection.recv())
            return True
        except (EOFError, ConnectionError):
            process = self.workers.pop(connection)
            process.join()
            self._tell(name, "", 0, 1, (0, 0), f"its worker ended with {process.exitcode}")
            return False

    def _tell(self, name, printed, passed, failed, seconds, fault=""):
        print(f"---- {name} ({seconds[0]:.0f} s)\n{printed}", end="", flush=True)
        if fault:
            print(f"FAIL  {name}: {fault}", flush=True)
        self.passed, self.failed = self.passed + passed, self.failed + failed
        self.rows.append((f"  {name}", *seconds))

    def dismiss(self):
        """Ends the workers, those that are at work too, and what they have started."""
        for connection, process in self.workers.items():
            if connection in self.names:
                process.terminate()
            else:
                connection.send(None)
        for process in self.workers.values():
            process.join(60)
            if process.is_alive():
                process.kill()


def build():
    """The program as `cargo test` has built it, and the example that writes random formulas."""
    # With the workspace's features, so that the Python package finds everything built.
    subprocess.run(["cargo", "build", "--locked", "--workspace", "--bin", "gdtrace", "--example", "random_formulas"], cwd=ROOT, check=True)
    return (Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "gdtrace").resolve()


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}")
    parser.add_argument("--gdtrace", help="the binary to check, instead of building it")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many groups run side by side")
    parser.add_argument("--tools", default=ROOT / "target" / "e2e-tools", help="where tools.sh installed things")
    parser.add_argument("--screenshots", metavar="FOLDER", help="keep pictures of report and workbook there")
    parser.add_argument("--keep", metavar="FOLDER", help="work in this new or empty folder and leave it")
    parser.add_argument("--times", metavar="FILE", help="what took how long before, to be shown too: `SECONDS SECONDS-OF-PROCESSORS NAME` a line")
    args = parser.parse_args()
    unknown = [name for name in args.groups if name not in ALL]
    if unknown:
        parser.error(f"no group {', '.join(unknown)}; known: {', '.join(ALL)}")
    if args.keep and Path(args.keep).exists() and any(Path(args.keep).iterdir()):
        parser.error(f"{args.keep} is not empty")
    return args


def times_before(file):
    """What a file of earlier times holds, as rows of the table."""
    lines = Path(file).read_text().splitlines() if file else []
    return [(name, float(clock), float(used)) for clock, used, name in (line.split(maxsplit=2) for line in lines)]


def main():
    args = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the workers are ended too
    began = time.monotonic()
    args.gdtrace = str(Path(args.gdtrace).resolve() if args.gdtrace else build())
    folder = Path(args.keep or tempfile.mkdtemp(prefix="gdtrace-e2e-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [name for name in ALL if name in args.groups or not args.groups]
    crew = Crew(args, folder, max(1, min(args.workers, len(chosen))))
    try:
        crew.run([name for name in chosen if name in GROUPS])
        for name in chosen:
            if name in LAST:
                crew.run([name])
    finally:
        crew.dismiss()
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    processors = sum(row[2] for row in crew.rows)
    rows = [*times_before(args.times), ("end-to-end checks", time.monotonic() - began, processors), *crew.rows]
    print(f"\n{clock.table(rows, ['by the clock', 'of processors'])}")
    print(f"e2e: {crew.passed} passed, {crew.failed} failed", flush=True)
    sys.exit(1 if crew.failed else 0)


if __name__ == "__main__":
    main()
