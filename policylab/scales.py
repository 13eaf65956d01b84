"""The variables of a matrix as codes, and the tables of distances between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

Ordinal = Literal["podani", "levels"]
_FEW = 64  # a number with no more values than this is looked up in a table of distances


class Scale(NamedTuple):
    """A variable as codes and the table of distances between them.

    Attributes
    ----------
    codes : ndarray of int, shape (units,)
        Position in the table; -1 where missing.
    table : ndarray of float, shape (codes, codes)
        Distances, from 0 to 1.
    asymmetric : bool
        Whether two units at code 0 (both absent) are not compared.
    """

    codes: np.ndarray
    table: np.ndarray
    asymmetric: bool


def variable_scales(
    matrix: pd.DataFrame, ordinal: Ordinal = "podani", asymmetric: Iterable[str] = (), keep_constant: bool = False
) -> dict[str, Scale]:
    """Turn the columns of a matrix into codes and tables of distances, without those that separate no units.

    Numbers with many values have no table: their `codes` are the numbers over their range.
    """
    left_out = set() if keep_constant else set(matrix.attrs.get("constant", ()))
    absent = set(asymmetric)
    scales = {}
    for name, column in without_attrs(matrix).items():
        scale = None if name in left_out else _scale(column, ordinal, name in absent)
        if scale is not None:
            scales[name] = scale
    return scales


def without_attrs(matrix: pd.DataFrame) -> pd.DataFrame:
    """Look at a matrix without its attrs, which pandas would copy with every column."""
    plain = matrix.copy(deep=False)
    plain.attrs = {}
    return plain


def _scale(column: pd.Series, ordinal: Ordinal, asymmetric: bool) -> Scale | None:
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        codes, values = column.array.codes.astype(np.intp), np.arange(float(len(kind.categories)))
    else:
        codes, values = pd.factorize(column, sort=True)
    seen = np.bincount(codes[codes >= 0], minlength=len(values))
    if np.count_nonzero(seen) < 2:
        return None
    if isinstance(kind, pd.CategoricalDtype):
        if not kind.ordered:
            table = 1.0 - np.eye(len(values))
        else:
            table = _podani(seen) if ordinal == "podani" else _ranges(values, seen)
    elif pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        values = np.asarray(values, dtype=float)
        if not np.isfinite(values).all():
            table = _podani(seen)
        elif len(values) > _FEW:
            numbers = column.to_numpy(dtype=float, na_value=np.nan)
            return Scale((numbers - values.min()) / np.ptp(values), np.empty((0, 0)), False)
        else:
            table = _ranges(values, seen)
    else:
        table = 1.0 - np.eye(len(values))
    return Scale(codes, table, asymmetric)


def _ranges(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    observed = values[seen > 0]
    return np.abs(values[:, None] - values[None, :]) / (observed.max() - observed.min())


def _podani(seen: np.ndarray) -> np.ndarray:
    """Distances between levels by mean ranks, less the ties at both ends (Podani 1999, equation 2b)."""
    rank = np.cumsum(seen) - (seen - 1) / 2
    ties = np.where(seen > 0, (seen - 1) / 2, 0.0)
    low, high = np.flatnonzero(seen)[[0, -1]]
    span = rank[high] - rank[low] - ties[high] - ties[low]
    table = (np.abs(rank[:, None] - rank[None, :]) - ties[:, None] - ties[None, :]) / span
    np.fill_diagonal(table, 0.0)
    return np.where((seen > 0)[:, None] & (seen > 0)[None, :], table, 0.0)
