"""Ctrl-C ends a computation at once, as KeyboardInterrupt, and leaves nothing half-written."""

import os
import signal
import threading
import time

import gdtrace
import numpy
import pytest

X = numpy.linspace(0, 1, 1000)


@pytest.fixture
def interrupted():
    """Sends the signal of Ctrl-C after a moment; where it is ignored from outside, as in the background of a shell, it is heard again."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    began = time.monotonic()
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    yield
    timer.join()
    signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 20


def test_a_run_is_ended(interrupted):
    with pytest.raises(KeyboardInterrupt):
        gdtrace.run(X, 2 * X, optimizers="sgd", lr=0.01, epochs=10_000_000)


def test_a_table_is_ended(interrupted):
    traces = None
    with pytest.raises(KeyboardInterrupt):
        traces = gdtrace.run(X, 2 * X, optimizers=["sgd", "adam"], lr=0.01, epochs=50)
        while True:
            traces.to_pandas()
            traces = gdtrace.run(X, 2 * X, optimizers=["sgd", "adam"], lr=0.01, epochs=50)


def test_a_workbook_is_not_left_half_written(interrupted, tmp_path):
    traces = gdtrace.run(X, 2 * X, optimizers="sgd", lr=0.01, epochs=1)
    with pytest.raises(KeyboardInterrupt):
        while True:
            traces.to_excel(tmp_path / "t.xlsx", force=True)
            (tmp_path / "t.xlsx").unlink()
    assert {one.name for one in tmp_path.iterdir()} <= {"t.xlsx"}


def test_a_comparison_is_ended(interrupted, tmp_path):
    log = tmp_path / "log.csv"
    rows = "".join(f"{at},{at * 0.37 % 1},{at * 0.71 % 1}\n" for at in range(3000))
    log.write_text("step,w,w.grad\n" + rows)
    with pytest.raises(KeyboardInterrupt):
        while True:
            gdtrace.compare(log)
    time.sleep(1)
    used = time.process_time()
    time.sleep(1)
    assert time.process_time() - used < 0.2  # nothing computes on out of sight


def test_a_comparison_that_was_given_up_writes_nothing(interrupted, tmp_path):
    log, marked = tmp_path / "log.csv", tmp_path / "marked.xlsx"
    rows = "".join(f"{at},{at * 0.37 % 1},{at * 0.71 % 1}\n" for at in range(3000))
    log.write_text("step,w,w.grad\n" + rows)
    with pytest.raises(KeyboardInterrupt):
        while True:
            gdtrace.compare(log, output=marked)
            marked.unlink()
    time.sleep(5)  # longer than it takes to compare
    assert not marked.exists()
