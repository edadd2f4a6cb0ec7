"""The pages' scripts outside of a browser: what is pure in them under Node's test runner, and what they bring with them."""

import subprocess
from pathlib import Path

from bench import ROOT

JAVASCRIPT = ROOT / "templates" / "js"


def scripts(bench):
    """The tests of the modules that need no page."""
    done = subprocess.run(["node", "--test", ROOT / "tests" / "js"], capture_output=True, text=True)
    bench.check("scripts: node --test tests/js", done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:])


def bundle(bench):
    """What is committed of d3 and of the minified modules is what their script makes, to the byte."""
    made = Path(bench.folder)
    subprocess.run([JAVASCRIPT / "vendor" / "bundle.sh", made], check=True)
    for name, folder in [("d3.js", JAVASCRIPT / "vendor"), ("LICENSES", JAVASCRIPT / "vendor"), ("minified.js", JAVASCRIPT)]:
        same = (made / name).read_bytes() == (folder / name).read_bytes()
        bench.check(f"bundle: {name} is what bundle.sh makes", same)
