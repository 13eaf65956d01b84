"""The one command: what it writes, what it compares, and what it leaves alone when something fails."""

import shutil

import nbformat
import pytest
from typer.testing import CliRunner

from policylab import reproduce
from policylab.cli import app
from policylab.reproduce import SAME, NotebookError, execute, notebooks, run
from tests.conftest import ROOT


@pytest.fixture
def project(tmp_path):
    """A copy of the project's products with one short notebook."""
    for folder in ("figures", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "notebooks").mkdir()
    write(tmp_path / "notebooks" / "01_short.ipynb", "import policylab as lab\nlab.load().value('CT', 'rr_relief')")
    return tmp_path


def write(path, *cells):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(cells)]
    )
    nbformat.write(notebook, path)


STEMS = ("01_safe_harbor", "01_record_relief")  # two stand for all, which test_figures draws


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_second_run_changes_nothing(project):
    first = {(o.kind, o.name): o.state for o in run(project, stems=STEMS)}
    assert first.pop(("notebook", "01_short.ipynb")) == "changed"
    assert set(first.values()) == {SAME}
    before = snapshot(project)
    assert {outcome.state for outcome in run(project, stems=STEMS)} == {SAME}
    assert snapshot(project) == before
    assert "'vacate'" in (project / "notebooks" / "01_short.ipynb").read_text()


def test_check_reports_a_change_and_writes_nothing(project):
    (project / "figures" / "01_safe_harbor.csv").write_text("edited\n")
    (project / "docs" / "data.md").write_text("edited\n")
    before = snapshot(project)
    states = {outcome.name: outcome.state for outcome in run(project, check=True, stems=STEMS)}
    assert {name for name, state in states.items() if state != SAME} == {"01_safe_harbor", "data.md", "01_short.ipynb"}
    assert snapshot(project) == before


@pytest.mark.parametrize(("state", "code"), [(SAME, 0), ("changed", 1)])
def test_check_fails_if_anything_would_change(project, monkeypatch, state, code):
    monkeypatch.setattr(reproduce, "run", lambda *_: iter([reproduce.Outcome("figure", "01_safe_harbor", state)]))
    result = CliRunner().invoke(app, ["reproduce", "--check", "--root", str(project)])
    assert result.exit_code == code, result.output
    assert f"{1 - code} of 1 with the same bytes, {code} changed or new" in result.stdout


def test_failing_notebook_keeps_its_outputs(project):
    path = project / "notebooks" / "01_short.ipynb"
    write(path, "1 / 0")
    before = path.read_bytes()
    with pytest.raises(NotebookError, match="ZeroDivisionError"):
        list(run(project, stems=STEMS))
    assert path.read_bytes() == before


def test_execution_leaves_no_times_and_no_addresses():
    text = execute(notebooks(ROOT)[0])
    assert "iopub" not in text
    assert " at 0x" not in text


def test_outside_the_project_folder(tmp_path):
    result = CliRunner().invoke(app, ["reproduce", "--root", str(tmp_path)])
    assert result.exit_code == 2
    assert "run this in the project folder" in result.stderr
