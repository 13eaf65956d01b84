"""Gower dissimilarity for mixed data with missing cells.

Gower (1971) averages, over the variables that two units can be compared on, a dissimilarity between 0 and 1:
a mismatch for nominal variables, a difference over the range for numbers, and for ordered levels Podani's
(1999) difference of ranks, which counts the units between two levels and gives tied units no distance.

**Missing and not applicable.** A pair is compared on a variable only where both units have a value (pairwise
deletion). A variable that does not apply has none: a child is therefore compared only between units whose
parent meets its condition, so that an absent parent never counts a second time through its children.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from policylab.scales import Ordinal, Scale, variable_scales

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_BLOCK = 96  # rows at a time: they fit the cache, and 20,000 units fit the memory of their result


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


def _compare(scales: list[Scale], weights: np.ndarray, with_counts: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Sum weighted distances and weights over all pairs, by blocks of rows that threads share.

    Distances between codes are sums over indicators, hence a matrix product; so is the sum of weights.
    """
    coded = [
        (scale.codes, scale.table * weight) for scale, weight in zip(scales, weights, strict=True) if scale.table.size
    ]
    smooth = [(scale.codes, weight) for scale, weight in zip(scales, weights, strict=True) if not scale.table.size]
    held, lost = indicators(coded, len(scales[0].codes))
    absent = [
        np.where(scale.codes == 0, weight, 0.0)
        for scale, weight in zip(scales, weights, strict=True)
        if scale.asymmetric
    ]
    absent = np.array(absent).reshape(len(absent), held.shape[1])
    there = (absent > 0).astype(float)
    present = np.array([s.codes >= 0 if s.table.size else ~np.isnan(s.codes) for s in scales], dtype=float)
    weighed = present * weights[:, None]
    units = held.shape[1]
    distances = np.empty((units, units))
    counts = np.empty((units, units), dtype=np.int32) if with_counts else None

    def fill(start: int) -> None:
        rows, rest = slice(start, start + _BLOCK), slice(start, units)
        total = held[:, rows].T @ lost[:, rest]
        for numbers, weight in smooth:
            gap = np.abs(numbers[rows, None] - numbers[None, rest])
            np.nan_to_num(gap, copy=False, nan=0.0)
            gap *= weight
            total += gap
        compared = weighed[:, rows].T @ present[:, rest]
        if len(absent):
            compared -= absent[:, rows].T @ there[:, rest]
        with np.errstate(invalid="ignore", divide="ignore"):
            total /= compared
        own = total[:, : len(total)]  # a product may differ from its mirror in the last bit
        total[:, : len(total)] = np.triu(own) + np.triu(own, 1).T
        distances[rows, rest] = total
        distances[rest, rows] = total.T
        if counts is not None:
            both = present[:, rows].T @ present[:, rest] - there[:, rows].T @ there[:, rest]
            counts[rows, rest] = both
            counts[rest, rows] = both.T

    _share_out(fill, range(0, units, _BLOCK))
    np.fill_diagonal(distances, 0.0)
    return distances, counts


def indicators(coded: list[tuple[np.ndarray, np.ndarray]], units: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay codes out so that a matrix product sums their distances.

    Parameters
    ----------
    coded : list of (ndarray of int, ndarray of float)
        For each variable the code of each unit, -1 where missing, and the weighted table of distances.
    units : int

    Returns
    -------
    held, lost : ndarray, shape (codes of all variables, units)
        Which code a unit holds, and how far each code is from it: ``held.T @ lost`` is the sum of distances over
        the variables in which both units have a code.

    Examples
    --------
    >>> held, lost = indicators([(np.array([0, 1, -1]), np.array([[0.0, 0.5], [0.5, 0.0]]))], 3)
    >>> (held.T @ lost).tolist()
    [[0.0, 0.5, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    width = sum(len(table) for _, table in coded)
    held, lost = np.empty((2, width, units))
    start = 0
    for codes, table in coded:
        stop = start + len(table)
        np.equal(codes, np.arange(len(table))[:, None], out=held[start:stop])
        padded = np.zeros((len(table), len(table) + 1))  # code -1 wraps round to the last column
        padded[:, :-1] = table
        np.take(padded, codes, axis=1, out=lost[start:stop], mode="wrap")
        start = stop
    return held, lost


def _share_out(work: Callable[[int], None], starts: range) -> None:
    """Give blocks to as many threads as the matrix product would have used, each with a product of one thread."""
    pools = thread_pools()
    workers = max((pool["num_threads"] for pool in pools.info() if pool["user_api"] == "blas"), default=1)
    if workers == 1 or len(starts) < 2:
        for start in starts:
            work(start)
        return
    with pools.limit(limits=1, user_api="blas"), ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, starts))


@cache
def thread_pools() -> ThreadpoolController:
    """Find the thread pools of numerical libraries, which takes a millisecond, once."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
