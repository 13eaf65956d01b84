"""The README's own lines run as they stand."""

import re

import policylab as lab
from tests.conftest import ROOT


def test_python_of_the_readme_runs(tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my").mkdir()
    lab.new_package("my/folder")
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert (tmp_path / "law.dta").stat().st_size > 10_000
    assert len(names["adopted"]) == names["adopted"]["policy"].nunique() * 51


def test_readme_counts_the_notebooks():
    words = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"]
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{words[len(notebooks)]} notebooks:" in text
    assert all(f"(notebooks/{path.name})" in text for path in notebooks)
