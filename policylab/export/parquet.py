"""Parquet: categories and numbers as pandas reads them back, with the reasons of missing cells beside them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from policylab.export.labelled import NUMERIC, Column, Labelled, column_names
from policylab.export.stata import need
from policylab.resolve import CODED


def parquet_bytes(table: Labelled) -> bytes:
    """Write a table as a Parquet file.

    Parameters
    ----------
    table : Labelled

    Returns
    -------
    bytes
        Levels are categories in their order, numbers are floats (a count without limit is infinite). A missing cell is
        null; the column ``<name>_status`` says why. ``pandas.read_parquet(...).attrs`` holds the title, the labels of
        variables and levels, and the families.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    """
    need("pyarrow", "Parquet")
    frame = typed_frame(table)
    names = [*table.places, *(column.name for column in table.columns)]
    statuses = column_names((f"{column.name}_status" for column in table.columns), names, limit=64)
    reasons = {
        name: pd.Categorical(column.statuses(), [CODED, *column.gaps()])
        for name, column in zip(statuses, table.columns, strict=True)
    }
    frame = pd.concat([frame, pd.DataFrame(reasons)], axis=1)
    families = dict(zip(table.codebook["variable"], table.codebook["family"], strict=True))
    frame.attrs = {
        "title": table.title,
        "labels": {column.name: column.label for column in table.columns},
        "levels": {column.name: dict(column.levels) for column in table.columns if not column.numeric},
        "missing": {word: kind.label for column in table.columns for word, kind in column.gaps().items()},
        "status": dict(zip((column.name for column in table.columns), statuses, strict=True)),
        "families": {column.name: families[column.variable] for column in table.columns},
    }
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def typed_frame(table: Labelled) -> pd.DataFrame:
    """The table with categories and numbers in the place of words; missing is missing."""
    return table.frame(_typed)


def _typed(column: Column) -> pd.Categorical | np.ndarray:
    if column.scale not in NUMERIC:
        held = [value if value in column.levels else None for value in column.held]
        return pd.Categorical(held, list(column.levels), ordered=column.ordered)
    words = {word: float(column.ranks.get(word) or "nan") for word in column.words()}
    return np.array([words[value] if value in words else float(value) for value in column.held])
