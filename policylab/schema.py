"""Reading tables strictly: every fault of form named by file, row, column, value and what was expected.

The schema of record is ``datapackage.json`` with the table schemas beside it (Data Package v2). The same
schemas check a user's own package.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

FORMULA = ("=", "+", "@", "\t", "\r")
REQUIRED_TABLES = ("codebook", "levels", "jurisdictions", "sources")
OPTIONAL_TABLES = ("instruments", "claims", "series", "indicators", "recodings")
# Only maps, regions and population need the other columns of jurisdictions.csv: a package may leave them out.
NEEDED_COLUMNS = {"jurisdictions": ("jurisdiction", "name", "level")}


class Fault(NamedTuple):
    """One fault in a package: where it is, what stands there, and what was expected.

    Examples
    --------
    >>> print(Fault("codings/wiretap.csv", 7, "value", "yse", "one of no, yes"))
    codings/wiretap.csv, row 7, column value: 'yse', expected one of no, yes
    """

    file: str
    row: int | None
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        found = f"{self.value!r}, " if self.value or self.column else ""
        return f"{', '.join(place)}: {found}expected {self.expected}"


class PackageError(ValueError):
    """A data package with faults; `faults` lists every one of them.

    Examples
    --------
    >>> print(PackageError([Fault("levels.csv", 3, "rank", "high", "a whole number")]))
    1 fault in the data package
    levels.csv, row 3, column rank: 'high', expected a whole number
    """

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        noun = "fault" if len(faults) == 1 else "faults"
        super().__init__("\n".join([f"{len(faults)} {noun} in the data package", *map(str, faults)]))


def data_path() -> Path:
    """Folder of the shipped data: inside an installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "_data"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "data"


@cache
def table_schema(table: str) -> dict:
    """Read the schema of one kind of table (``codings``, ``sources`` ...)."""
    return json.loads((data_path() / "schemas" / f"{table}.json").read_text(encoding="utf-8"))


def columns_of(table: str) -> list[str]:
    """Column names of one kind of table, in order."""
    return [field["name"] for field in table_schema(table)["fields"]]


def needed_columns(table: str) -> list[str]:
    """Names of the columns that a table of this kind cannot do without."""
    return list(NEEDED_COLUMNS.get(table, columns_of(table)))


def complete_columns(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Add the columns that were left out, empty."""
    return frame.assign(**{name: "" for name in columns_of(table) if name not in frame})


def table_files(folder: Path) -> dict[str, str]:
    """The tables of a package: file name to the kind of table it should be.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder: expected a data package")
    files = {f"{name}.csv": name for name in REQUIRED_TABLES}
    files |= {f"{name}.csv": name for name in OPTIONAL_TABLES if (folder / f"{name}.csv").exists()}
    codings = sorted(path.name for path in (folder / "codings").glob("*.csv"))
    return files | {f"codings/{name}": "codings" for name in codings or ["*.csv"]}


def read_strictly(folder: Path, file: str, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read one file as text and check its form.

    Returns
    -------
    frame : pandas.DataFrame
        The columns of the schema as text; empty if the file cannot be read as a table. The index is the row
        number that a spreadsheet shows (the header is row 1).
    faults : list of Fault
    """
    empty = pd.DataFrame(columns=columns_of(table), dtype=str)
    try:
        text = (folder / file).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return empty, [Fault(file, None, "", "", "the file to exist")]
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        return empty, [Fault(file, row, "", repr(error.object[error.start : error.start + 4]), "text in UTF-8")]
    if not text.strip():
        return empty, [Fault(file, None, "", "", "a header and rows, but the file is empty")]
    if re.match(r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        return empty, [Fault(file, 1, "", text.strip()[:20], "CSV, but this is a web page")]
    records = list(csv.reader(io.StringIO(text, newline="")))
    header, body = records[0], records[1:]
    faults = _header_faults(file, header, columns_of(table), needed_columns(table))
    if faults:
        return empty, faults
    faults = [
        Fault(file, row, "", f"{len(record)} cells", f"{len(header)} cells")
        for row, record in enumerate(body, start=2)
        if len(record) != len(header)
    ]
    body = {row: record for row, record in enumerate(body, start=2) if len(record) == len(header)}
    frame = complete_columns(pd.DataFrame.from_dict(body, orient="index", columns=header, dtype=str), table)
    return frame, faults + [
        fault for field in table_schema(table)["fields"] for fault in _cell_faults(file, frame, field)
    ]


def key_faults(file: str, frame: pd.DataFrame, table: str) -> list[Fault]:
    """Find repeated primary keys."""
    key = table_schema(table).get("primaryKey", [])
    repeated = frame[frame.duplicated(key)] if key else frame.iloc[:0]
    return [
        Fault(file, row, " + ".join(key), " + ".join(values), "a key that no earlier row has")
        for row, values in zip(repeated.index, repeated[key].itertuples(index=False), strict=True)
    ]


def reference_faults(file: str, frame: pd.DataFrame, table: str, tables: dict[str, pd.DataFrame]) -> list[Fault]:
    """Find keys that point to nothing."""
    faults = []
    for link in table_schema(table).get("foreignKeys", []):
        column, target, field = (
            link["fields"][0],
            link["reference"]["resource"],
            link["reference"]["fields"][0],
        )
        known = set(tables[target][field]) if target in tables else set()
        strangers = frame.loc[~frame[column].isin(known | {""}), column]
        faults += [
            Fault(file, row, column, value, _near(value, known, f"a key of {target}.csv"))
            for row, value in strangers.items()
        ]
    return faults


def _header_faults(file: str, header: list[str], columns: list[str], needed: list[str]) -> list[Fault]:
    strangers = [name for name in header if name not in columns]
    absent = set(columns) - set(header)
    missing = [name for name in needed if name not in header]
    faults = [
        Fault(file, 1, name, name, _near(name, absent, f"one of the columns {', '.join(columns)}"))
        for name in strangers
    ]
    guessed = {
        difflib.get_close_matches(name, missing, 1, 0.7)[0]
        for name in strangers
        if difflib.get_close_matches(name, missing, 1, 0.7)
    }
    faults += [Fault(file, 1, name, "", "this column to be there") for name in missing if name not in guessed]
    repeated = {name for name in header if header.count(name) > 1}
    return faults + [Fault(file, 1, name, name, "this column only once") for name in sorted(repeated)]


def _cell_faults(file: str, frame: pd.DataFrame, field: dict) -> list[Fault]:
    name, rules = field["name"], field.get("constraints", {})
    column = frame[name]
    filled = column[column != ""]
    faults = [
        Fault(file, row, name, value, "text, but a spreadsheet would run this as a formula")
        for row, value in filled[filled.str.startswith(FORMULA)].items()
    ]

    def report(bad: pd.Series, expected: str) -> None:
        faults.extend(Fault(file, row, name, value, expected) for row, value in bad.items())

    if rules.get("required"):
        report(column[column.str.strip() == ""], "a value")
    if "enum" in rules:
        report(filled[~filled.isin(rules["enum"])], f"one of {', '.join(rules['enum'])}")
    if "pattern" in rules:
        report(filled[~filled.str.fullmatch(rules["pattern"])], _pattern_words(rules["pattern"]))
    if field["type"] in ("integer", "number"):
        number = r"\d+" if field["type"] == "integer" else r"-?\d+(\.\d+)?"
        report(
            filled[~filled.str.fullmatch(number)],
            "a whole number" if field["type"] == "integer" else "a number",
        )
    return faults


def _pattern_words(pattern: str) -> str:
    known = {
        r"^\d{4}-\d{2}-\d{2}$": "a day as YYYY-MM-DD",
        r"^https?://\S+$": "an address that starts with https:// or http://",
    }
    if r"\.\." in pattern:
        return "a date such as 2015-10-01, 2015-10, 2015, 2009/2012, ../2013 or 2014/.."
    return known.get(pattern, f"text that matches {pattern}")


def _near(value: str, known: set[str], otherwise: str) -> str:
    close = difflib.get_close_matches(value, sorted(known), 1, 0.7)
    return f"{otherwise} (did you mean {close[0]}?)" if close else otherwise
