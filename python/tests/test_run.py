"""`gdtrace.run` against what `gdtrace run` writes for the same data and options: equal bit for bit."""

import struct
import threading
import zipfile

import gdtrace
import numpy
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from conftest import EXAMPLES, X, Y

OPTIMIZERS = ["sgd", "adam:keras", "rmsprop"]
IN_FILE = ["--delimiter", ",", "--decimal", "."]  # what is said of data in memory


def bits(values):
    return [None if one is None else struct.pack("<d", one) for one in values]


def assert_same(ours, theirs):
    """Names, types and bits of two Arrow tables."""
    assert ours.schema.names == theirs.schema.names
    assert ours.schema.types == theirs.schema.types
    for name in ours.schema.names[1:]:
        assert bits(ours[name].to_pylist()) == bits(theirs[name].to_pylist()), name
    assert ours[0].to_pylist() == theirs[0].to_pylist()


@pytest.mark.parametrize(("options", "words"), [
    ({}, []),
    ({"epochs": 20, "lr": 0.01}, ["--epochs", "20", "--set", "lr=0.01"]),
    ({"set": {"beta2": 0.9, "sgd": {"lr": 0.1}}}, ["--set", "beta2=0.9", "--set", "sgd.lr=0.1"]),
    ({"batch_size": 4, "shuffle": True, "seed": 7}, ["--batch-size", "4", "--shuffle", "--seed", "7"]),
    ({"init": {"a": -0.5, "b": 2}}, ["--init=a=-0.5,b=2"]),
    ({"model": "a*x^2 + b*x + c", "loss": "huber:1.5"}, ["--model", "a*x^2 + b*x + c", "--loss", "huber:1.5"]),
    ({"lr": 3}, ["--set", "lr=3"]),  # diverges: values without a number
    ({"keep": "every:7"}, ["--keep", "every:7"]),
])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_bit_is_that_of_the_command_line(program, samples, options, words):
    traces = gdtrace.run(X, Y, optimizers=OPTIMIZERS, **options)
    program("run", "samples.csv", "--format", "parquet", "-o", "t", "--optimizers", ",".join(OPTIMIZERS), *IN_FILE,
            *words, cwd=samples)
    assert traces.names == ["sgd", "adam keras", "rmsprop"]
    for trace in traces:
        theirs = pyarrow.parquet.read_table(samples / "t" / f"{trace.name}.parquet")
        ours = pyarrow.table(trace)
        ours.validate(full=True)
        assert_same(ours, theirs)
        for column in trace.columns:
            assert trace[column] == theirs[column].to_pylist()


def test_a_file_is_read_as_by_the_command_line(program, tmp_path):
    program("run", EXAMPLES / "graddes.xlsx", "--format", "parquet", "-o", tmp_path / "t", cwd=tmp_path)
    traces = gdtrace.run(EXAMPLES / "graddes.xlsx")
    for trace in traces:
        theirs = pyarrow.parquet.read_table(tmp_path / "t" / f"{trace.name}.parquet")
        ours = pyarrow.table(trace)
        assert_same(ours, theirs)
        assert ours.schema.metadata[b"gdtrace"] == theirs.schema.metadata[b"gdtrace"]


@pytest.mark.parametrize("held", [
    lambda: (numpy.array(X), numpy.array(Y)),
    lambda: (tuple(X), iter(Y)),
    lambda: (pandas.Series(X, name="area"), pandas.Series(Y)),
    lambda: (polars.Series("area", X), polars.Series(Y)),
    lambda: (pyarrow.array(X), pyarrow.chunked_array([Y[:5], Y[5:]])),
    lambda: (numpy.array(X).reshape(-1, 1), numpy.array(Y).reshape(-1, 1)),
], ids=["numpy", "any", "pandas", "polars", "arrow", "columns"])
def test_x_and_y_may_be_held_by_anything(held):
    wanted = pyarrow.table(gdtrace.run(X, Y, optimizers="adam"))
    x, y = held()
    assert pyarrow.table(gdtrace.run(x, y, optimizers="adam")) == wanted
    x, y = held()
    assert pyarrow.table(gdtrace.run(x=x, y=y, optimizers="adam")) == wanted


@pytest.mark.parametrize("frame", [dict, pandas.DataFrame, polars.DataFrame, pyarrow.table])
def test_a_table_has_named_columns(program, samples, frame):
    (samples / "samples.csv").write_text("area,price\n" + "".join(f"{x!r},{y!r}\n" for x, y in zip(X, Y)))
    program("run", "samples.csv", "--format", "parquet", "-o", "t", "--optimizers", "adam", "--model", "w*area + b",
            "--y", "price", *IN_FILE, cwd=samples)
    table = frame({"area": X, "price": Y, "name": ["a flat"] * len(X)})
    traces = gdtrace.run(table, y="price", model="w*area + b", optimizers="adam")
    assert_same(pyarrow.table(traces["adam"]), pyarrow.parquet.read_table(samples / "t" / "adam.parquet"))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numbers_of_any_size_keep_their_bits():
    x = [5e-324, 1e-300, 0.1 + 0.2, 1 / 3, 1.234, 1234567.891, 2.0**53, 1e300, -1.7976931348623157e308, 1.0]
    trace = gdtrace.run(x, x[::-1], optimizers="sgd", epochs=1, lr=0.1)["sgd"]
    assert bits(trace["x"]) == bits(x) and bits(trace["y"]) == bits(x[::-1])


def test_features_are_columns_of_x():
    features = numpy.column_stack([X, numpy.square(X)])
    traces = gdtrace.run(features, Y, optimizers="sgd", epochs=2)
    assert {"x1", "x2"} <= set(traces["sgd"].columns)
    assert traces["sgd"]["x2"][:29] == list(features[:, 1])


def test_all_optimizers_are_one_table():
    traces = gdtrace.run(X, Y, optimizers=OPTIMIZERS, epochs=2)
    table = pyarrow.table(traces)
    table.validate(full=True)
    assert table["optimizer"].to_pylist() == [name for name in traces.names for _ in range(58)]
    for trace in traces:
        rows = table.filter(pyarrow.compute.equal(table["optimizer"], trace.name))
        for column in table.column_names:
            assert rows[column].to_pylist() == (trace[column] if column in trace.columns else [None] * 58)
    frame = traces.to_pandas()
    assert list(frame["optimizer"].unique()) == traces.names and len(frame) == 3 * 58
    assert polars.DataFrame(traces).shape == table.shape
    assert polars.DataFrame(traces["sgd"])["a"].to_list() == traces["sgd"]["a"]


def test_buffers_are_shared_and_outlive_their_owner():
    traces = gdtrace.run(X, Y, optimizers="sgd")
    first, second = pyarrow.table(traces["sgd"]), pyarrow.table(traces["sgd"])
    address = first["a"].chunk(0).buffers()[1].address
    assert address == second["a"].chunk(0).buffers()[1].address
    values = first["a"].to_pylist()
    unread = traces["sgd"].__arrow_c_stream__(), traces.__arrow_c_schema__()
    del traces, second, unread
    column = first["a"].chunk(0)
    del first
    assert column.to_pylist() == values and column.buffers()[1].address == address


def test_pandas_without_pyarrow(monkeypatch):
    traces = gdtrace.run(X, Y, optimizers=["sgd", "adam"], epochs=3, lr=0.01)
    wanted = traces["adam"].to_pandas(), traces.to_pandas()
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    for ours, other in zip((traces["adam"].to_pandas(), traces.to_pandas()), wanted):
        pandas.testing.assert_frame_equal(ours, other, check_dtype=False, check_exact=True)


@pytest.mark.parametrize("source", ["memory", "graddes.xlsx"])
def test_workbook_and_report_have_the_bytes_of_the_command_line(program, samples, source):
    if source == "memory":
        traces, words = gdtrace.run(X, Y, epochs=5), ["samples.csv", *IN_FILE]
    else:
        traces, words = gdtrace.run(EXAMPLES / source, epochs=5), [EXAMPLES / source]
    program("run", *words, "--epochs", "5", "--format", "xlsx", "-o", "theirs.xlsx", cwd=samples)
    program("run", *words, "--epochs", "5", "--format", "html", "-o", "theirs.html", cwd=samples)
    traces.to_excel(samples / "ours.xlsx")
    report = traces.report(samples / "ours.html")
    assert (samples / "ours.xlsx").read_bytes() == (samples / "theirs.xlsx").read_bytes()
    assert (samples / "ours.html").read_bytes() == (samples / "theirs.html").read_bytes()
    assert zipfile.ZipFile(samples / "ours.xlsx").testzip() is None
    assert report.html.splitlines()[5:20] == (samples / "ours.html").read_text().splitlines()[5:20]
    assert report._repr_html_().startswith("<iframe srcdoc=")


def test_what_is_told_is_what_the_command_prints(program, samples):
    import json

    traces = gdtrace.run(X, Y, epochs=3, optimizers="sgd")
    told = program("run", "samples.csv", "--epochs", "3", "--optimizers", "sgd", *IN_FILE, cwd=samples).stdout
    assert told.startswith(repr(traces))
    printed = json.loads(program("run", "samples.csv", "--epochs", "3", "--optimizers", "sgd", "--json", *IN_FILE, cwd=samples).stdout)
    ours = traces.results
    assert {key: ours[key] for key in ours if key != "outputs"} == {key: printed[key] for key in printed if key != "outputs"}


def test_divergence_is_a_warning(program, samples):
    with pytest.warns(RuntimeWarning) as caught:
        traces = gdtrace.run(X, Y, optimizers="sgd", lr=3)
    told = program("run", "samples.csv", "--optimizers", "sgd", "--set", "lr=3", *IN_FILE, cwd=samples).stderr
    assert [f"warning: {one.message}" for one in caught] == [line for line in told.splitlines() if line.startswith("warning")]
    assert None in traces["sgd"]["a"] and traces["sgd"].to_pandas()["a"].isna().any()


@pytest.mark.parametrize(("options", "words"), [
    ({"epochs": 0}, ["--epochs=0"]),
    ({"epoch": 3}, ["--epoch=3"]),
    ({"optimizers": ["adm"]}, ["--optimizers=adm"]),
    ({"lr": "fast"}, ["--set=lr=fast"]),
    ({"loss": "square"}, ["--loss=square"]),
    ({"model": "a*z + b"}, ["--model=a*z + b"]),
    ({"model": "a*x +"}, ["--model=a*x +"]),
    ({"init": {"c": 1}}, ["--init=c=1"]),
    ({"dialect": "walk"}, ["--dialect=walk"]),
])
def test_errors_have_the_words_of_the_command_line(program, samples, options, words):
    with pytest.raises(gdtrace.Error) as caught:
        gdtrace.run(X, Y, **options)
    done = program("run", "samples.csv", *words, *IN_FILE, cwd=samples, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {caught.value}") and len(str(caught.value)) > 20


@pytest.mark.parametrize(("arguments", "options", "told"), [
    ((X, Y[1:]), {}, "x has 29, y has 28"),
    ((X,), {}, "there is no y"),
    ((None, Y), {}, "there is no x"),
    (([], []), {}, "empty"),
    ((X, [float("nan"), *Y[1:]]), {}, r"y\[0\] is nan"),
    ((["1", *X[1:]], Y), {}, r"x\[0\] is '1'"),
    (([1, 2, None], [1, 2, 3]), {}, r"x\[2\] is None"),
    (([[1, 2], [3]], [1, 2]), {}, r"x\[1\] has 1 numbers"),
    ((3.5, Y), {}, "3.5 is no column"),
    ((X, Y), {"x": X}, "x is given twice"),
    ((X, Y), {"output": "t.xlsx"}, "to_excel"),
    ((X, Y), {"format": "csv"}, "--format"),
    (("none.csv",), {}, "there is no such file"),
    ((X, Y), {"help": True}, "computes nothing"),
])
def test_bad_input_is_refused_in_words(arguments, options, told):
    with pytest.raises(gdtrace.Error, match=told):
        gdtrace.run(*arguments, **options)


def test_no_trace_of_that_name():
    traces = gdtrace.run(X, Y, optimizers=["adam:keras"])
    assert traces["adam:keras"].name == traces["adam keras"].name == "adam keras"
    with pytest.raises(KeyError, match="there are adam keras"):
        traces["sgd"]
    with pytest.raises(KeyError):
        traces["adam:keras"]["slope"]


def test_nothing_is_replaced_that_gdtrace_did_not_write(tmp_path):
    traces = gdtrace.run(X, Y, optimizers="sgd", epochs=1)
    book = tmp_path / "t.xlsx"
    book.write_text("mine")
    with pytest.raises(gdtrace.Error, match="t.xlsx"):
        traces.to_excel(book)
    assert book.read_text() == "mine"
    traces.to_excel(book, force=True)
    traces.to_excel(book)
    assert zipfile.is_zipfile(book)
    for write in (traces.to_excel, traces.report):
        with pytest.raises(gdtrace.Error):
            write(tmp_path / "t.doc")
        with pytest.raises(gdtrace.Error):
            write(tmp_path / "nowhere" / "t.xlsx")


def test_settings_of_the_working_directory_are_for_files_only(tmp_path, monkeypatch):
    (tmp_path / "gdtrace.toml").write_text('epochs = 3\noptimizers = ["sgd"]\n')
    (tmp_path / "samples.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in zip(X, Y)))
    monkeypatch.chdir(tmp_path)
    assert len(gdtrace.run("samples.csv")["sgd"]["a"]) == 3 * 29
    assert len(gdtrace.run(X, Y)) == 4
    assert gdtrace.run(X, Y, config="gdtrace.toml").names == ["sgd"]


def test_like_goes_on_from_a_sheet(tmp_path):
    traces = gdtrace.run(like=EXAMPLES / "backprop.xlsx", epochs=2)
    assert any("like" in note for note in traces.notes)


def test_threads_run_side_by_side():
    """The lock of the interpreter is released: another thread goes on while a run computes."""
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(1)

    ticker = threading.Thread(target=tick)
    ticker.start()
    x = numpy.linspace(0, 1, 20_000)
    try:
        before = len(ticks)
        trace = gdtrace.run(x, 2 * x, optimizers="sgd", epochs=5, lr=0.1)["sgd"]
        rows = trace.rows
        during = len(ticks) - before
    finally:
        done.set()
        ticker.join()
    assert rows == 100_000
    assert during > 20
