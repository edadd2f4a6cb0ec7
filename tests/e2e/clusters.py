"""The scripts of examples/cluster on clusters of two workers, one of which is killed with all it does."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from bench import EXAMPLE, ROOT

WORDS = ["graddes.xlsx", "--optimizers", "momentum", "--vary", "lr=1e-5..1:60", "--vary", "beta=0..0.95:20", "--epochs", "8"]
RUNS, SHARDS = 60 * 20, 8
TABLE = """
import sys, pyarrow.dataset
rows = pyarrow.dataset.dataset(sys.argv[1], format="parquet", exclude_invalid_files=True).to_table().to_pylist()
print(*sorted(rows, key=lambda row: row["run"]), sep="\\n")
"""


def dask(bench):
    """A sweep on Dask; a worker process is killed, which its nanny starts again."""
    on_cluster(bench, "dask", "distributed", [], lambda command: True)


def spark(bench):
    """A sweep on Spark; an executor is killed, which its worker starts again."""
    master = ["--master", "local-cluster[2,1,1024]"]
    on_cluster(bench, "spark", "pyspark", master, lambda command: "CoarseGrainedExecutorBackend" in command)


def on_cluster(bench, name, module, options, is_worker):
    check = bench.check
    python = bench.tools / "cluster" / "bin" / "python"
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode if python.exists() else True:
        print(f"SKIPPED  {name}: {module} is not installed under {bench.tools / 'cluster'}; tests/e2e/tools.sh installs it", flush=True)
        return
    one, many = (bench.folder / folder for folder in (f"{name}-one", f"{name}-many"))
    for folder in (one, many):
        folder.mkdir()
        shutil.copy(EXAMPLE, folder / "graddes.xlsx")
    done = subprocess.run([bench.args.gdtrace, "sweep", *WORDS, "--runs", "runs", "--quiet"], cwd=one, text=True, capture_output=True)
    check(f"{name}: one machine runs it", done.returncode == 0, done.stderr)
    command = [python, ROOT / "examples" / "cluster" / f"{name}_sweep.py", "--gdtrace", bench.args.gdtrace, "--shards", str(SHARDS),
               "--runs", "runs", *options, "--", *WORDS]
    log = bench.folder / f"{name}.log"
    environment = os.environ | {"PYSPARK_PYTHON": str(python), "SPARK_LOCAL_IP": "127.0.0.1"}
    with open(log, "wb") as output:
        script = subprocess.Popen(command, cwd=many, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
        try:
            killed = kill_a_worker(script, many / "runs", is_worker)
            code = script.wait(240)
        except subprocess.TimeoutExpired:
            code = "none after four minutes"
        finally:
            script.kill()
    said = log.read_text(errors="replace")
    check(f"{name}: a worker is killed in its midst", killed is not None and 0 < killed < RUNS, f"with {killed} runs; {said[-2000:]}")
    if not check(f"{name}: the cluster runs all", code == 0, f"{code}: {said[-2000:]}"):
        return
    for end in ("xlsx", "html"):
        same = (one / f"graddes.sweep.{end}").read_bytes() == (many / f"graddes.sweep.{end}").read_bytes()
        check(f"{name}: the gathered .{end} is that of one machine", same)
    runs = table(bench, one / "runs")
    check(f"{name}: every run is that of one machine", runs == table(bench, many / "runs") and len(runs) == RUNS, str(runs[:1]))
    check(f"{name}: it was run in parts", len(list((many / "runs").glob("part-*.parquet"))) == SHARDS)


def table(bench, folder):
    """The rows of all parts, as pyarrow reads them, in the order of the runs."""
    done = subprocess.run([bench.tools / "venv" / "bin" / "python", "-c", TABLE, folder], text=True, capture_output=True)
    return done.stdout.splitlines() or [done.stderr]


def kept(folder):
    """How many runs are in the folder, in parts that are whole and others."""
    count = 0
    for part in folder.glob("part-*"):
        with contextlib.suppress(FileNotFoundError):  # it has become whole meanwhile
            count += RUNS // SHARDS if part.suffix == ".parquet" else max(part.read_bytes().count(b"\n") - 1, 0)
    return count


def kill_a_worker(script, runs, is_worker):
    """Kills a worker of the cluster that the script has started, and what it runs, when half of the runs are there,
    as if its machine were lost; how many runs there were, none where that did not come about."""
    began = time.monotonic()
    while script.poll() is None and time.monotonic() < began + 120:
        if kept(runs) >= RUNS // 2:
            victims = working(script.pid, is_worker)
            if victims:
                count = kept(runs)
                for process in victims:
                    try:
                        os.kill(process, signal.SIGKILL)
                    except ProcessLookupError:
                        pass  # it has ended by itself
                return count
        time.sleep(0.01)
    return None


def working(script, is_worker):
    """A worker below the script that has a gdtrace at work, and all processes below it; none where there is none."""
    parents, commands = processes()
    for process, command in commands.items():
        if not Path(command.split("\0")[0]).name.startswith("gdtrace"):
            continue
        above, line = parents.get(process), []
        while above in parents and above != script:
            line.append(above)
            above = parents[above]
        workers = [one for one in line if is_worker(commands.get(one, "").replace("\0", " "))]
        if above == script and workers:
            worker = workers[0]
            return [worker, *line[:line.index(worker)], process]
    return []


def processes():
    """The parent and the command of every process."""
    parents, commands = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                commands[int(entry.name)] = (entry / "cmdline").read_text(errors="replace")
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
            except OSError:
                pass  # it has ended meanwhile
    return parents, commands
