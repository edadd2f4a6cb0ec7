"""examples/notebook.ipynb runs from top to bottom, and shows what it says."""

import shutil

import pytest
from conftest import EXAMPLES


def test_the_notebook(tmp_path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # none is kept in the repository
    resources = {"metadata": {"path": str(tmp_path / "examples")}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources).execute()
    shown = {
        kind: str(content)
        for cell in notebook.cells for output in cell.get("outputs", []) for kind, content in output.get("data", {}).items()
        if "srcdoc" in str(content) or kind != "text/html"
    }
    assert shown["text/html"].startswith("<iframe srcdoc=")
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert "rents!I12 inconsistent-formula" in printed and "momentum:" in printed.replace("momentum(", "momentum:")
    assert (tmp_path / "examples" / "graddes.trace.xlsx").stat().st_size > 10_000
