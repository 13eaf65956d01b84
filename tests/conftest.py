"""What the tests share: the law, and a way to make a copy of the data package and spoil it."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import policylab as lab
from policylab.schema import data_path

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def laws() -> lab.Provisions:
    return lab.load()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the shipped data package."""
    return Path(shutil.copytree(data_path(), tmp_path / "package"))


@pytest.fixture
def edit(package: Path) -> Callable[..., int]:
    """Change cells of the first row in a file of the copy that matches; give the number of that row."""

    def change(file: str, match: dict[str, str], **cells: str) -> int:
        with (package / file).open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            rows, columns = list(reader), reader.fieldnames
        place = next(n for n, row in enumerate(rows) if all(row[column] == value for column, value in match.items()))
        rows[place].update(cells)
        with (package / file).open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return place + 2

    return change


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a table with nothing but the standard library, so that a test of the data does not lean on the reader."""
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))
