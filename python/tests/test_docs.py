"""The examples of docs/python.md are run as they stand there, from top to bottom, and print what stands below them."""

import contextlib
import io
import re
import shutil

from conftest import EXAMPLES, ROOT

EXAMPLE = re.compile(r"^```python\n(?P<code>.*?)^```\n\n^```output\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page(tmp_path, monkeypatch):
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path / "examples")
    page = (ROOT / "docs" / "python.md").read_text()
    found = list(EXAMPLE.finditer(page))
    assert len(found) == page.count("```python\n") == 6
    names = {}
    for example in found:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(example["code"], names)
        assert printed.getvalue() == example["shown"], example["code"]
