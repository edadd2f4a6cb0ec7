"""The Python package: its wheel is built, installed and tested beside the program, bit for bit; the notebook is executed.

GDTRACE_LIBRARIES_PYTHON names a Python that has PyTorch, Keras or Optax, and pytest, whose optimizers are recorded then. Without it the
recording is tested with what stands in for PyTorch's hooks, and the libraries' tests are reported as skipped.
"""

import os
import subprocess

from bench import ROOT


def python(bench):
    """The wheel by maturin, on what the checks have built already, and python/tests with it."""
    own = bench.tools / "venv" / "bin" / "python"
    wheels, site = bench.folder / "wheels", bench.folder / "site"
    build = [own, "-m", "maturin", "build", "--profile", "dev", "--locked", "--manifest-path", ROOT / "python" / "Cargo.toml", "--out", wheels,
             "--interpreter", own]
    if not done(bench, "the wheel is built", build, ROOT):
        return
    built = list(wheels.glob("*.whl"))
    bench.check("python: it is one for all versions", len(built) == 1 and "-abi3-" in built[0].name, str(built))
    install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--target", site, *built]
    if not done(bench, "the wheel is installed", install):
        return
    tests(bench, "python/tests pass", own, site, ROOT / "python" / "tests")
    libraries = os.environ.get("GDTRACE_LIBRARIES_PYTHON")
    if libraries:
        tests(bench, "optimizers of the libraries are recorded", libraries, site, ROOT / "python" / "tests" / "test_record.py")


def tests(bench, name, interpreter, site, path):
    """Runs tests with the installed package, and prints which were skipped."""
    # In a folder that is not the project's, whose package has no library in it.
    command = [interpreter, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--rootdir", bench.folder, path]
    run = done(bench, name, command, PYTHONPATH=str(site), GDTRACE=bench.args.gdtrace, PYTHONDONTWRITEBYTECODE="1")
    skipped = [line for line in (run or "").splitlines() if line.startswith("SKIPPED")]
    for line in skipped:
        print(f"----  {line}", flush=True)


def done(bench, name, command, folder=None, **variables):
    """Runs a command as a check; what it printed, where it went well."""
    run = subprocess.run([str(word) for word in command], cwd=folder or bench.folder, env={**os.environ, **variables}, text=True,
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=900)
    well = bench.check(f"python: {name}", run.returncode == 0, (run.stdout[-3000:] + run.stderr[-2000:]).strip())
    return run.stdout or " " if well else None
