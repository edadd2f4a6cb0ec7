"""The program and its data, for tests that hold the package to it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
X = [0.25 * at - 3.1 for at in range(29)]
Y = [1.7 * x + 4.2 + 0.3 * (at % 5) for at, x in enumerate(X)]


@pytest.fixture(scope="session")
def program():
    """Runs `gdtrace` with arguments in a folder."""
    usual = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "gdtrace"
    binary = Path(os.environ.get("GDTRACE", usual)).resolve()

    def run(*arguments, cwd, check=True):
        done = subprocess.run([str(binary), *map(str, arguments)], cwd=cwd, text=True, capture_output=True, timeout=300)
        assert done.returncode < 2 or not check, done.stderr
        return done

    return run


@pytest.fixture
def samples(tmp_path):
    """X and Y as the file that data in memory stand for."""
    rows = "".join(f"{x!r},{y!r}\n" for x, y in zip(X, Y))
    (tmp_path / "samples.csv").write_text("x,y\n" + rows)
    return tmp_path
