"""The tables of a data package, and the step from their rows to cells that can be asked about any day."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from policylab.codebook import MISSING, Variable, parents_first
from policylab.dates import parse_date
from policylab.resolve import Cells, Row, start_of

EVERYWHERE = "all"  # in the codebook: the variable applies to every level of jurisdiction
FEDERAL = "federal"  # the level of a federation as a whole, which stands beside its members and is no peer of them


class Tables(NamedTuple):
    """The tables of a data package as text, in canonical order; `meta` has its name, title, version, date and authors.

    `recodings`, blind second codings, is empty where a package has none.
    """

    meta: dict[str, str]
    codebook: pd.DataFrame
    levels: pd.DataFrame
    codings: pd.DataFrame
    sources: pd.DataFrame
    jurisdictions: pd.DataFrame
    recodings: pd.DataFrame


def build_cells(codings: pd.DataFrame, variables: Mapping[str, Variable], sources: pd.DataFrame) -> Cells:
    """Group codings by cell, with their dates read.

    Parameters
    ----------
    codings : pandas.DataFrame
        Rows that are held to be right; its index labels the records.
    variables : mapping of str to Variable
    sources : pandas.DataFrame
        For the dates of the texts.

    Returns
    -------
    Cells
    """
    text_dates = dict(zip(sources["source"], sources["date"], strict=True))
    rows: dict[tuple[str, str], list[Row]] = {}
    columns = ["jurisdiction", "variable", "value", "effective", "ended", "source", "verified_on"]
    for record, (place, name, value, effective, ended, source, seen) in zip(
        codings.index, codings[columns].itertuples(index=False, name=None), strict=True
    ):
        if variables[name].scale == "year" and value not in MISSING:
            effective = effective or value
        start, known = start_of(effective, text_dates.get(source, ""), seen)
        row = Row(value, start, known, parse_date(ended) if ended else None, record)
        rows.setdefault((place, name), []).append(row)
    onsets = {variable.onset_of: variable.name for variable in variables.values() if variable.onset_of}
    return Cells(parents_first(variables), rows, onsets)


def read_as_text(path: Path) -> pd.DataFrame:
    """Read a table as text, with empty cells as empty text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
