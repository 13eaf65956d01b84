"""The README's own lines run as they stand, and whoever looks a function up finds an example."""

import inspect
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


def test_every_public_name_has_an_example():
    """The doctests run with the suite; this holds that there is one."""
    methods = [f"Provisions.{name}" for name in vars(lab.Provisions) if not name.startswith("_")]
    attributes = lab.Provisions.__dataclass_fields__
    for path in [*lab.__all__, *methods]:
        name = path.rpartition(".")[2]
        found = getattr(lab.Provisions if "." in path else lab, name)
        if callable(found) and name not in attributes:
            assert ">>> " in (inspect.getdoc(found) or ""), path
