"""Gower dissimilarity for mixed data with missing cells.

Gower (1971) averages, over the variables that two units can be compared on, a dissimilarity between 0 and 1:
a mismatch for nominal variables, a difference over the range for numbers, and for ordered levels Podani's
(1999) difference of ranks, which counts the units between two levels and gives tied units no distance.

**Missing and not applicable.** A pair is compared on a variable only where both units have a value (pairwise
deletion). A variable that does not apply has none: a child is therefore compared only between units whose
parent meets its condition, so that an absent parent never counts a second time through its children.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

Ordinal = Literal["podani", "levels"]
_BLOCK = 96  # rows at a time: they fit the cache, and 20,000 units fit the memory of their result
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


def dissimilarity(
    matrix: pd.DataFrame,
    weights: str | Mapping[str, float] = "family",
    *,
    ordinal: Ordinal = "podani",
    asymmetric: Iterable[str] = (),
    keep_constant: bool = False,
    return_counts: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]:
    """Measure how far apart units are.

    Parameters
    ----------
    matrix : pandas.DataFrame, shape (units, variables)
        Ordered categoricals are ordinal, unordered ones and text nominal, numbers numeric. Infinite numbers
        (a count without limit) turn the variable into ranks.
    weights : {"family", "equal"} or mapping of str to float
        ``"family"`` gives each family of the codebook the same weight, shared by its variables; it needs the
        matrix of :meth:`policylab.Provisions.matrix`, which remembers its families. A mapping gives a weight
        for each variable; those it leaves out have none.
    ordinal : {"podani", "levels"}
        Podani's ranks, or the number of levels between two levels over the number observed (as in R's daisy).
    asymmetric : iterable of str
        Binary variables in which two absences are no likeness.
    keep_constant : bool
        Keep variables that the codebook marks as constant today. Variables with one observed value never count.
    return_counts : bool
        Return also the number of variables that each pair was compared on.

    Returns
    -------
    distances : pandas.DataFrame, shape (units, units)
        Symmetric, from 0 to 1, zero on the diagonal; NaN for a pair with nothing to compare.
    counts : pandas.DataFrame, optional

    Raises
    ------
    ValueError
        If the matrix is empty, a unit stands in it twice, no variable is left, a weight is negative or not
        finite, or the families are not known.
    KeyError
        If a weight or an asymmetric variable is not in the matrix.

    References
    ----------
    Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics 27, 857-871.
    Podani, J. (1999). Extending Gower's general coefficient of similarity to ordinal characters. Taxon 48, 331-340.

    Examples
    --------
    >>> levels = pd.CategoricalDtype(["none", "some", "full"], ordered=True)
    >>> towns = pd.DataFrame({"rule": ["none", "some", "full"], "fee": [0.0, 5.0, None]}, index=list("ABC"))
    >>> dissimilarity(towns.astype({"rule": levels}), "equal").round(2)
          A     B    C
    A  0.00  0.75  1.0
    B  0.75  0.00  0.5
    C  1.00  0.50  0.0
    """
    _check(matrix, asymmetric)
    scales = variable_scales(matrix, ordinal, asymmetric, keep_constant)
    weight = variable_weights(matrix, list(scales), weights)
    scales = {name: scale for name, scale in scales.items() if weight[name] > 0}
    if not scales:
        raise ValueError("no variable is left to compare on: expected one with two different values and a weight")
    share = np.array([weight[name] for name in scales])
    distances, counts = _compare(list(scales.values()), share, return_counts)
    frame = pd.DataFrame(distances, index=matrix.index, columns=matrix.index, copy=False)
    return (frame, pd.DataFrame(counts, index=matrix.index, columns=matrix.index)) if return_counts else frame


def variable_scales(
    matrix: pd.DataFrame, ordinal: Ordinal = "podani", asymmetric: Iterable[str] = (), keep_constant: bool = False
) -> dict[str, Scale]:
    """Turn the columns of a matrix into codes and tables of distances, without those that separate no units.

    Numbers with many values have no table: their `codes` are the numbers over their range.
    """
    left_out = set() if keep_constant else set(matrix.attrs.get("constant", ()))
    absent = set(asymmetric)
    scales = {}
    for name, column in matrix.items():
        scale = None if name in left_out else _scale(column, ordinal, name in absent)
        if scale is not None:
            scales[name] = scale
    return scales


def variable_weights(matrix: pd.DataFrame, names: list[str], weights: str | Mapping[str, float]) -> dict[str, float]:
    """Give each variable its weight.

    Raises
    ------
    ValueError, KeyError
        See :func:`dissimilarity`.
    """
    if isinstance(weights, str):
        if weights == "equal":
            return dict.fromkeys(names, 1.0)
        if weights != "family":
            raise ValueError(f"weights is {weights!r}: expected family, equal or a mapping")
        families = matrix.attrs.get("families")
        if families is None:
            raise ValueError("the matrix does not know its families: give weights='equal' or a weight per variable")
        sizes = pd.Series([families[name] for name in names]).value_counts()
        return {name: 1.0 / int(sizes[families[name]]) for name in names}
    strangers = [name for name in weights if name not in matrix.columns]
    if strangers:
        raise KeyError(f"weights for {', '.join(map(repr, strangers))}: expected variables of the matrix")
    bad = {name: value for name, value in weights.items() if not np.isfinite(value) or value < 0}
    if bad:
        raise ValueError(f"weights {bad}: expected numbers that are not negative")
    return {name: float(weights.get(name, 0.0)) for name in names}


def _check(matrix: pd.DataFrame, asymmetric: Iterable[str]) -> None:
    if matrix.empty:
        raise ValueError(f"the matrix is empty ({matrix.shape[0]} units x {matrix.shape[1]} variables)")
    if not matrix.index.is_unique:
        raise ValueError(f"unit {matrix.index[matrix.index.duplicated()][0]!r} stands in the matrix more than once")
    for name in asymmetric:
        if name not in matrix.columns:
            raise KeyError(f"asymmetric variable {name!r} is not in the matrix")
        if matrix[name].nunique() > 2:
            raise ValueError(f"asymmetric variable {name!r} has more than two values")


def _scale(column: pd.Series, ordinal: Ordinal, asymmetric: bool) -> Scale | None:
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy().astype(np.intp), np.arange(float(len(kind.categories)))
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


def _compare(scales: list[Scale], weights: np.ndarray, with_counts: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Sum weighted distances and weights over all pairs, by blocks of rows.

    Distances between codes are sums over indicator columns, hence a matrix product; so is the sum of weights.
    """
    left, right, absent = indicator_columns(scales, weights)
    smooth = [(scale.codes, weight) for scale, weight in zip(scales, weights, strict=True) if not scale.table.size]
    present = np.column_stack([~np.isnan(s.codes) if not s.table.size else s.codes >= 0 for s in scales]).astype(float)
    units = len(present)
    there, weighed = (absent > 0).astype(float), present * weights
    distances = np.empty((units, units))
    counts = np.empty((units, units), dtype=np.int32) if with_counts else None

    for start in range(0, units, _BLOCK):
        rows, rest = slice(start, start + _BLOCK), slice(start, units)
        total = left[rows] @ right[rest].T
        for numbers, weight in smooth:
            gap = np.abs(numbers[rows, None] - numbers[None, rest])
            np.nan_to_num(gap, copy=False, nan=0.0)
            gap *= weight
            total += gap
        compared = weighed[rows] @ present[rest].T
        if absent.shape[1]:
            compared -= absent[rows] @ there[rest].T
        with np.errstate(invalid="ignore", divide="ignore"):
            total /= compared
        own = total[:, : len(total)]
        total[:, : len(total)] = (
            np.triu(own) + np.triu(own, 1).T
        )  # a product may differ from its mirror in the last bit
        distances[rows, rest] = total
        distances[rest, rows] = total.T
        if counts is not None:
            both = present[rows] @ present[rest].T - there[rows] @ there[rest].T
            counts[rows, rest] = both
            counts[rest, rows] = both.T
    np.fill_diagonal(distances, 0.0)
    return distances, counts


def indicator_columns(scales: list[Scale], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay codes out so that a matrix product sums their weighted distances.

    Returns
    -------
    left, right : ndarray, shape (units, codes of all variables)
        ``left @ right.T`` is the weighted sum of distances over the variables that have a table.
    absent : ndarray, shape (units, asymmetric variables)
        The weight of the variable where a unit is at code 0.
    """
    units = len(scales[0].codes)
    coded = [(scale, weight) for scale, weight in zip(scales, weights, strict=True) if scale.table.size]
    width = sum(len(scale.table) for scale, _ in coded)
    left, right = np.zeros((units, width)), np.zeros((units, width))
    start = 0
    for scale, weight in coded:
        there = np.flatnonzero(scale.codes >= 0)
        left[there, start + scale.codes[there]] = 1.0
        right[there, start : start + len(scale.table)] = (scale.table * weight)[scale.codes[there]]
        start += len(scale.table)
    absent = [np.where(scale.codes == 0, weight, 0.0) for scale, weight in coded if scale.asymmetric]
    return left, right, np.column_stack(absent) if absent else np.empty((units, 0))
