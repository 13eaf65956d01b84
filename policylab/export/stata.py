"""Stata: codes with value labels, variable labels, and an extended missing value for every reason of having none."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from policylab.export.labelled import PLACE, Column, Labelled

_VERSION = 14  # any Stata since 14 reads it, and it keeps text in UTF-8
_LABEL = 80  # characters that Stata allows in a label of a variable or file
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def stata_bytes(table: Labelled) -> bytes:
    """Write a table as a .dta file of Stata 14 or later.

    Parameters
    ----------
    table : Labelled

    Returns
    -------
    bytes
        Levels are codes from 0, lowest first, with value labels. ``.a`` unknown, ``.b`` not applicable, ``.c``
        undated, ``.d`` a year known only within bounds, ``.e`` no bound, ``.f`` not asked of this level of
        government; from ``.g`` on the levels that stand beside numbers, such as no limit. The time stamp is the date
        of the data.

    Raises
    ------
    ImportError
        If pyreadstat is not installed.
    """
    pyreadstat = need("pyreadstat", "Stata")
    # pyreadstat takes letters, and labels for them, only in a column that has some.
    gaps = {column.name: sorted(set(column.held) & set(column.words())) for column in table.columns}
    labels = {column.name: value_labels(column, "stata", bool(gaps[column.name])) for column in table.columns}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.dta"
        pyreadstat.write_dta(
            frame_of_codes(table, "stata"),
            path,
            file_label=table.title[:_LABEL],
            column_labels=column_labels(table, _LABEL),
            version=_VERSION,
            variable_value_labels={name: words for name, words in labels.items() if words},
            missing_user_values={
                column.name: sorted(kind.stata for kind in column.words().values())
                for column in table.columns
                if gaps[column.name]
            },
            variable_format={column.name: "%9.0g" for column in table.columns},
        )
        content = path.read_bytes()
    stamp = f"{table.stamp.day:02d} {MONTHS[table.stamp.month - 1]} {table.stamp.year} 00:00".encode()
    return re.sub(rb"<timestamp>\x11.{17}", lambda _: b"<timestamp>\x11" + stamp, content, count=1, flags=re.DOTALL)


def frame_of_codes(table: Labelled, format_name: str) -> pd.DataFrame:
    """Put codes in the place of words: numbers as they are, levels by position, reasons as the format codes them."""
    return table.frame(lambda column: _codes(column, format_name))


def value_labels(column: Column, format_name: str, missing: bool = True) -> dict[Any, str]:
    """Label the codes of a column, on request also those of missing values."""
    labels: dict[Any, str] = {}
    if not column.numeric:
        labels |= {float(place): label for place, label in enumerate(column.levels.values())}
    if missing:
        labels |= {getattr(kind, format_name): kind.label for kind in column.words().values()}
    return labels


def column_labels(table: Labelled, limit: int) -> dict[str, str]:
    """Label the columns, cut to what the format allows."""
    words = dict(zip(PLACE, ("Code of the jurisdiction", "Jurisdiction", "Level of government"), strict=True))
    return words | {column.name: column.label[:limit] for column in table.columns}


def need(package: str, what: str):
    """Import a package of the extra `export`, or say which command installs it."""
    try:
        return __import__(package)
    except ImportError:
        raise ImportError(f"writing {what} needs {package}: pip install 'policylab[export]'") from None


def _codes(column: Column, format_name: str) -> pd.Series:
    codes: dict[str, Any] = {word: getattr(kind, format_name) for word, kind in column.words().items()}
    if not column.numeric:
        codes |= {level: float(place) for place, level in enumerate(column.levels)}
    coded = [codes[value] if value in codes else float(value) for value in column.held]
    return pd.Series(coded, dtype=object if any(isinstance(code, str) for code in coded) else float)
