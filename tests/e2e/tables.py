"""Traces for data tools: DuckDB, Polars, pandas, pyarrow and Spark read what the program wrote, as docs/tables.md says.

The examples of that page are run as they stand there, and print what stands below them. Spark's runs where pyspark and a
Java are; where they are not, that is reported, and is no failure.
"""

import json
import re
import shutil
import subprocess

from bench import EXAMPLE, ROOT, Trace
from workbook import ErrorValue, Workbook

PAGE = ROOT / "docs" / "tables.md"
EXAMPLES = re.compile(r"^```python\n(?P<code>.*?)^```\n\n^```output\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL)

# Reads a column of each file with every reader, and prints in which bits they are not those of the others.
READERS = """
import struct, sys
import duckdb, polars, pyarrow.csv, pyarrow.json, pyarrow.parquet as pq

def bits(values):
    return [None if value is None else struct.pack("<d", value) for value in values]

stem = sys.argv[1]
arrow = pq.read_table(stem + ".parquet")
kinds = {str(field.type) for field in arrow.schema}
print(sorted(kinds), arrow.num_rows)
tables = {
    "duckdb": lambda name: [row[0] for row in duckdb.read_parquet(stem + ".parquet").project('"' + name + '"').fetchall()],
    "polars": polars.read_parquet(stem + ".parquet").__getitem__,
    "csv": pyarrow.csv.read_csv(stem + ".csv").__getitem__,
    "polars csv": polars.read_csv(stem + ".csv", infer_schema_length=None).__getitem__,
    "jsonl": polars.read_ndjson(stem + ".jsonl", infer_schema_length=None).__getitem__,
}
for name in arrow.column_names[1:]:
    wanted = bits(arrow[name].to_pylist())
    for reader, column in tables.items():
        values = column(name)
        values = values.to_pylist() if hasattr(values, "to_pylist") else list(values)
        if bits(values) != wanted:
            print("differs:", reader, name)
"""


def tables(bench):
    """What other readers make of tables: types, bits, the page's examples."""
    python = bench.tools / "venv" / "bin" / "python"
    written(bench, python)
    runs(bench, python)
    examples(bench, python)


def runs(bench, python):
    """The parts of a sweep are one table, as docs/sweep.md says."""
    options = ["--vary", "lr=1e-5..1e-3:6", "--epochs", 2, "--runs", "swept", "-o", "swept.xlsx", "--seed", str(2**64 - 1), "--shuffle"]
    done = bench.gdtrace("sweep", EXAMPLE, *options, "--json")
    if not bench.check("tables: a sweep keeps its runs", done.returncode == 0, done.stderr.strip()):
        return
    swept = json.loads(done.stdout)["runs"]
    code = "import duckdb; print(duckdb.sql(\"SELECT run, optimizer, lr, seed, rmse FROM 'swept/*.parquet' ORDER BY run\").fetchall())"
    read = subprocess.run([python, "-c", code], text=True, capture_output=True, cwd=bench.folder)
    wanted = [(number, run["optimizer"], run["hyper"]["lr"], 2**64 - 1, run["rmse"]) for number, run in enumerate(swept, 1)]
    bench.check(f"tables: DuckDB reads {len(swept)} runs", read.stdout.strip() == str(wanted), read.stdout[:300] + read.stderr[-500:])


def written(bench, python):
    """Every reader has the same bits, which are the sheet's."""
    check = bench.check
    for name, options in {"adam": ["--epochs", 20], "sgd": ["--set", "lr=1"], "momentum": ["--batch-size", 4, "--shuffle"]}.items():
        book = bench.folder / f"{name}-book.xlsx"
        done = bench.gdtrace("run", EXAMPLE, "-o", book, "--format", "xlsx,csv,parquet,jsonl", "--optimizers", name, *options)
        check(f"tables: {name} is written", done.returncode == 0, done.stderr.strip())
        stem = bench.folder / f"{name}-book" / name
        read = run(python, READERS, bench.folder, stem)
        kinds, *faults = read.stdout.splitlines() or [""]
        rows = 29 * (20 if name == "adam" else 10)
        check(f"tables: {name} has types", kinds == f"['double', 'int64', 'string'] {rows}", kinds + read.stderr[-300:])
        check(f"tables: {name}, all readers have the same bits", read.returncode == 0 and not faults, "; ".join(faults[:5]) + read.stderr[-300:])
        if name != "momentum":
            check(f"tables: {name} has the sheet's numbers", *like_sheet(python, bench, book, stem, name, rows))


def like_sheet(python, bench, book, stem, name, rows):
    """Whether a Parquet file has the numbers of the sheet, none where that has an error; what differs."""
    code = "import sys, json, pyarrow.parquet as pq; print(json.dumps(pq.read_table(sys.argv[1] + '.parquet').to_pydict()))"
    read = run(python, code, bench.folder, stem)
    if read.returncode != 0:
        return False, read.stderr[-300:]
    table = json.loads(read.stdout)
    trace = Trace(Workbook(book), name)
    faults = []
    for header, values in zip(trace.columns, list(table.values())[1:]):
        cells = [trace.value(step, header) for step in range(1, rows + 1)]
        cells = [None if isinstance(cell, ErrorValue) else cell for cell in cells]
        if cells != values:
            faults.append(header)
    return not faults and len(trace.columns) + 1 == len(table), ", ".join(faults)


def examples(bench, python):
    """The examples of the page print what stands there."""
    check = bench.check
    shutil.copy(EXAMPLE, bench.folder / "graddes.xlsx")
    done = bench.gdtrace("run", "graddes.xlsx", "--format", "parquet,csv")
    check("tables: the page's folder is written", done.returncode == 0, done.stderr.strip())
    found = list(EXAMPLES.finditer(PAGE.read_text()))
    check("tables: the page has its examples", len(found) == 5, str(len(found)))
    for example in found:
        library = re.search(r"^(?:import|from) (duckdb|polars|pandas|pyspark|json)", example["code"], re.MULTILINE)[1]
        # Spark stands with the clusters, apart from the other tools.
        reader = bench.tools / "cluster" / "bin" / "python" if library == "pyspark" else python
        if library == "pyspark" and not has_spark(reader):
            print("----  SKIPPED: Spark's example of docs/tables.md, for want of pyspark or a Java", flush=True)
            continue
        read = run(reader, example["code"], bench.folder)
        check(f"tables: the example with {library} prints what the page says",
              read.returncode == 0 and read.stdout == example["shown"], f"{read.stdout} {read.stderr[-300:]}")


def has_spark(python):
    if not python.exists() or shutil.which("java") is None:
        return False
    return subprocess.run([str(python), "-c", "import pyspark"], capture_output=True).returncode == 0


def run(python, code, folder, *arguments):
    return subprocess.run([str(python), "-c", code, *map(str, arguments)], cwd=folder, text=True, capture_output=True, timeout=300)
