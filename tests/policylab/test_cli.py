"""The command line on its good days (its bad ones are in test_bad_input)."""

import pytest
from rich.console import Console
from typer.testing import CliRunner

import policylab as lab
from policylab import cli
from policylab.cli import app
from policylab.figures import FIGURES


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    """A terminal that does not break the lines that are looked for."""
    monkeypatch.setattr(cli, "out", Console(width=400))


def call(*arguments):
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_version():
    assert f"policylab {lab.__version__}, data {lab.data_version()}" in call("version")


def test_check():
    assert call("check").strip() == "no faults"


def test_show_says_what_describe_says(laws):
    shown = call("show", "CT")
    for sentences in laws.describe("CT").sections.values():
        for sentence, _ in sentences:
            assert sentence in shown


def test_as_of():
    assert "general" in call("explain", "CT", "wt_trafficking", "--as-of", "2015-09-30")
    assert "enumerated" in call("explain", "CT", "wt_trafficking", "--as-of", "2015-10-01")


def test_compare():
    table = call("compare", "CT", "ND", "--family", "wiretap", "--citations")
    assert "Conn. Gen. Stat. § 54-41b" in table
    assert "N.D. Cent. Code § 29-29.2-02" in table


def test_own_package(package):
    assert "Connecticut" in call("show", "CT", "--package", str(package))


def test_figures(tmp_path):
    call("figures", "--only", "01_safe_harbor", "--to", str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        "manifest.json",
        *(f"01_safe_harbor.{s}" for s in ("svg", "png", "csv")),
    }


COMMANDS = [
    *("reproduce", "check", "show", "compare", "explain", "figures", "export", "new", "correct", "version"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    assert "Usage" in call(command, "--help")


def test_figures_are_registered_in_order():
    assert list(FIGURES) == sorted(FIGURES, key=lambda stem: stem[:2])
