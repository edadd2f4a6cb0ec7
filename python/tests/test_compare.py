"""`gdtrace.compare` against what `gdtrace compare --json` prints."""

import json
import shutil

import gdtrace
import pytest
from conftest import EXAMPLES


@pytest.mark.parametrize("book", ["handbuilt.xlsx", "backprop.xlsx"])
def test_findings_are_those_of_the_command_line(program, tmp_path, book):
    found = gdtrace.compare(EXAMPLES / book)
    printed = json.loads(program("compare", EXAMPLES / book, "--json", cwd=tmp_path).stdout)
    assert found.json == printed and found.agrees is False
    told = [one for part in printed["sheets" if book == "handbuilt.xlsx" else "trainings"] for one in part["findings"]]
    assert len(found) == len(told) > 0
    for finding, one in zip(found, told):
        for key, value in one.items():
            assert getattr(finding, key) == value or value is None, key
        assert finding.sheet in {"rents", "network"}
        assert finding.cell in repr(finding) and finding.kind in repr(finding)


def test_a_finding_tells_the_edit():
    first = next(one for one in gdtrace.compare(EXAMPLES / "handbuilt.xlsx") if one.cell == "rents!I12")
    assert first.sheet == "rents" and first.kind == "inconsistent-formula" and first.consequences == 56
    assert "write =$C$3*I11+(1-$C$3)*G12 into I12" in first.fix


def test_a_trace_agrees_and_can_be_compared_against(tmp_path):
    traces = gdtrace.run(EXAMPLES / "graddes.xlsx", optimizers="adam", epochs=2)
    traces.to_excel(tmp_path / "t.xlsx")
    found = gdtrace.compare(tmp_path / "t.xlsx")
    assert found.agrees and found == [] and "adam" in [sheet["optimizer"] for sheet in found.sheets]
    assert gdtrace.compare(tmp_path / "t.xlsx", against=tmp_path / "t.xlsx").agrees


def test_options_are_those_of_the_command(program, tmp_path):
    shutil.copy(EXAMPLES / "handbuilt.xlsx", tmp_path / "-hand.xlsx")
    found = gdtrace.compare(EXAMPLES / "handbuilt.xlsx", sheet="rents", set={"lr": 0.001}, output=tmp_path / "marked.xlsx")
    words = ["--sheet", "rents", "--set", "lr=0.001", "--json"]
    assert found.json == json.loads(program("compare", EXAMPLES / "handbuilt.xlsx", *words, cwd=tmp_path).stdout)
    assert (tmp_path / "marked.xlsx").stat().st_size > 1000


def test_a_name_like_an_option_is_a_file(tmp_path, monkeypatch):
    shutil.copy(EXAMPLES / "handbuilt.xlsx", tmp_path / "-hand.xlsx")
    monkeypatch.chdir(tmp_path)
    assert len(gdtrace.compare("-hand.xlsx")) > 0


@pytest.mark.parametrize(("book", "options", "words"), [
    ("graddes.xlsx", {}, []),
    ("nowhere.xlsx", {}, []),
    ("handbuilt.xlsx", {"tolerance": -1}, ["--tolerance=-1"]),
    ("handbuilt.xlsx", {"sheet": "rent"}, ["--sheet=rent"]),
    ("handbuilt.xlsx", {"sheets": "rents"}, ["--sheets=rents"]),
])
def test_errors_have_the_words_of_the_command_line(program, tmp_path, book, options, words):
    with pytest.raises(gdtrace.Error) as caught:
        gdtrace.compare(EXAMPLES / book, **options)
    done = program("compare", EXAMPLES / book, *words, cwd=tmp_path, check=False)
    assert done.returncode == 2 and done.stderr.startswith(f"error: {caught.value}")
