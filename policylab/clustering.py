"""Typologies from dissimilarities: a hierarchy that no order of rows can change, medoids, latent classes.

Coded law ties often: many pairs of states are equally far apart, and textbook agglomeration then answers by the
order of the rows. Here all clusters that tie are merged at once (Fernández and Gómez 2008), so that neither a
shuffle nor a new name changes the partition; where a tie makes the number of clusters that was asked for
impossible, there are fewer, and the result says so.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, optimal_leaf_ordering
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from policylab.partitions import TIE, Clustering, canonical_order, check_distances, number_clusters

Linkage = Literal["average", "complete", "single"]

_BANDS = 3

_SMALL = 600  # up to this many units the leaves are put in optimal order


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """An agglomerative tree.

    Attributes
    ----------
    tree : ndarray, shape (units - 1, 4)
        In the form of scipy's linkage; merges of one tie stand in it one after another at one height.
    distances : pandas.DataFrame
    linkage : str
    """

    tree: np.ndarray
    distances: pd.DataFrame
    linkage: str

    @cached_property
    def ordered_tree(self) -> np.ndarray:
        """The tree with its branches turned so that neighbouring leaves are alike (Bar-Joseph et al. 2001)."""
        if len(self.distances) > _SMALL:
            return self.tree
        return optimal_leaf_ordering(self.tree, squareform(self.distances.to_numpy(), checks=False))

    def cut(self, k: int) -> pd.Series:
        """Cut the tree into `k` clusters, or into fewer where a tie forbids it."""
        labels = fcluster(self.tree, k, "maxclust")
        return number_clusters(labels, self.distances)


def hierarchy(distances: pd.DataFrame, k: int, linkage: Linkage = "average") -> Clustering:
    """Cluster by agglomeration, the same for any order and any names of the units.

    Parameters
    ----------
    distances : pandas.DataFrame, shape (units, units)
        From :func:`policylab.dissimilarity`.
    k : int
        Clusters, from 1 to the number of units.
    linkage : {"average", "complete", "single"}

    Returns
    -------
    Clustering
        Its `model` is a :class:`Hierarchy`. `k` is smaller than asked for, with a warning, where clusters that
        tie would have to be torn apart.

    Raises
    ------
    ValueError
        If the distances are not square and symmetric or have missing entries, or `k` or `linkage` is out of range.

    References
    ----------
    Fernández, A. and Gómez, S. (2008). Solving non-uniqueness in agglomerative hierarchical clustering using
    multidendrograms. Journal of Classification 25, 43-65.

    Examples
    --------
    >>> gaps = pd.DataFrame([[0, 1, 5, 6], [1, 0, 5, 6], [5, 5, 0, 2], [6, 6, 2, 0]], index=list("abcd"))
    >>> hierarchy(gaps.set_axis(list("abcd"), axis=1) / 6, 2).labels.tolist()
    [1, 1, 2, 2]
    """
    values = check_distances(distances, k)
    if linkage not in ("average", "complete", "single"):
        raise ValueError(f"linkage is {linkage!r}: expected average, complete or single")
    model = Hierarchy(agglomerate(values, linkage), distances, linkage)
    labels = model.cut(k)
    found = labels.nunique()
    if found < k:
        warnings.warn(f"ties allow {found} clusters, not {k}", stacklevel=2)
    return Clustering(labels, found, f"{linkage} linkage", model)


def medoids(
    distances: pd.DataFrame, k: int, n_init: int = 20, random_state: int | np.random.Generator | None = 0
) -> Clustering:
    """Cluster around `k` most central units (partitioning around medoids).

    Parameters
    ----------
    distances : pandas.DataFrame, shape (units, units)
    k : int
    n_init : int
        Random starts beside the greedy one of Kaufman and Rousseeuw; the best is kept. With 0 the result is
        that of the original algorithm.
    random_state : int, numpy.random.Generator or None

    Returns
    -------
    Clustering
        Its `model` is the result of the kmedoids package, whose `medoids` are positions in
        ``model.names``.

    References
    ----------
    Kaufman, L. and Rousseeuw, P. J. (1990). Finding Groups in Data. Wiley.
    Schubert, E. and Rousseeuw, P. J. (2021). Fast and eager k-medoids clustering. Information Systems 101.

    Examples
    --------
    >>> gaps = pd.DataFrame([[0, 1, 5, 6], [1, 0, 5, 6], [5, 5, 0, 2], [6, 6, 2, 0]], index=list("abcd"))
    >>> medoids(gaps.set_axis(list("abcd"), axis=1) / 6, 2).labels.tolist()
    [1, 1, 2, 2]
    """
    import kmedoids

    values = check_distances(distances, k)
    order = canonical_order(distances)
    sorted_values = np.ascontiguousarray(values[np.ix_(order, order)])
    best = kmedoids.pam(sorted_values, k)
    random = np.random.default_rng(random_state)
    for seed in random.integers(2**31, size=n_init):
        other = kmedoids.fasterpam(sorted_values, k, init="random", random_state=int(seed))
        if other.loss < best.loss - TIE:
            best = other
    labels = np.empty(len(order), dtype=int)
    labels[order] = best.labels
    best.names = distances.index[order]
    return Clustering(number_clusters(labels, distances), k, "k-medoids", best)


def latent_classes(
    matrix: pd.DataFrame, k: int, n_init: int = 20, random_state: int | None = 0, keep_constant: bool = False
) -> Clustering:
    """Cluster by a latent class model with missing cells (full-information maximum likelihood).

    Parameters
    ----------
    matrix : pandas.DataFrame, shape (units, variables)
        Levels are categories; numbers become three, by the thirds of their distribution, since a Gaussian model
        degenerates where a class agrees on a number.
    k : int
    n_init : int
        Random starts; the likeliest is kept.
    random_state : int or None
    keep_constant : bool
        Keep variables that the codebook marks as constant today.

    Returns
    -------
    Clustering
        Its `model` is the fitted StepMix; ``model.bic(model.data)`` gives the BIC.

    References
    ----------
    Morin, S. et al. (2025). StepMix: a Python package for pseudo-likelihood estimation of generalized mixture models
    with external variables. Journal of Statistical Software 113(8).

    Examples
    --------
    >>> rules = pd.DataFrame({"a": list("xxxyyy"), "b": list("uuuvvv")})
    >>> latent_classes(rules, 2, n_init=3).labels.tolist()
    [1, 1, 1, 2, 2, 2]
    """
    from stepmix.stepmix import StepMix

    if not 1 <= k <= len(matrix):
        raise ValueError(f"k is {k}: expected a number from 1 to {len(matrix)}")
    left_out = [] if keep_constant else [name for name in matrix.attrs.get("constant", ()) if name in matrix]
    data = _as_categories(matrix.drop(columns=left_out).sort_index())
    model = StepMix(
        k, measurement="categorical_nan", n_init=n_init, random_state=random_state, verbose=0, progress_bar=0
    )
    model.fit(data)
    model.data = data
    labels = pd.Series(model.predict(data), index=data.index).reindex(matrix.index)
    return Clustering(_number_by_size(labels), labels.nunique(), "latent classes", model)


def agglomerate(distances: np.ndarray, linkage: Linkage = "average") -> np.ndarray:
    """Build the tree, merging everything that ties at once; see :func:`hierarchy`.

    Returns
    -------
    ndarray, shape (units - 1, 4)
    """
    gap = distances.astype(float)
    units = len(gap)
    np.fill_diagonal(gap, np.inf)
    size, node = np.ones(units), np.arange(units)
    partner, tree = gap.argmin(axis=1), []
    nearest = gap[np.arange(units), partner]
    while len(tree) < units - 1:
        height = nearest.min()
        rows = np.flatnonzero(nearest <= height + TIE)
        for members in [rows] if len(rows) == 2 else _tied(gap[np.ix_(rows, rows)] <= height + TIE, rows):
            first, others = members[0], members[1:]
            if linkage == "average":
                merged = size[members] @ np.where(np.isinf(gap[members]), 0.0, gap[members]) / size[members].sum()
                merged[np.isinf(gap[first])] = np.inf
            else:
                merged = (np.min if linkage == "single" else np.max)(gap[members], axis=0)
            for other in others:
                tree.append((*sorted((node[first], node[other])), height, size[first] + size[other]))
                size[first] += size[other]
                node[first] = units + len(tree) - 1
            gap[first], gap[:, first] = merged, merged
            gap[members[:, None], members] = np.inf
            gap[others], gap[:, others] = np.inf, np.inf
            inside = np.zeros(units, dtype=bool)
            inside[members] = True
            stale = np.flatnonzero(inside | inside[partner])
            partner[stale] = gap[stale].argmin(axis=1)
            nearest[stale] = gap[stale, partner[stale]]
    result = np.array(tree, dtype=float).reshape(-1, 4)
    result[:, 2] = np.maximum.accumulate(result[:, 2]) if len(result) else result[:, 2]
    return result


def _tied(near: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    """Split rows into the groups that chains of near pairs hold together."""
    count, group = connected_components(near, directed=False)
    return [rows[group == number] for number in range(count)]


def _number_by_size(labels: pd.Series) -> pd.Series:
    sizes = labels.value_counts()
    first = {label: min(labels.index[labels == label].astype(str)) for label in sizes.index}
    number = {label: n for n, label in enumerate(sorted(sizes.index, key=lambda x: (-sizes[x], first[x])), start=1)}
    return labels.map(number).rename("cluster")


def _as_categories(matrix: pd.DataFrame) -> pd.DataFrame:
    """Code every variable as categories from 0; numbers by the thirds of their distribution."""
    coded = {}
    for name in matrix:
        column = matrix[name]
        if pd.api.types.is_numeric_dtype(column.dtype) and column.nunique() > _BANDS:
            column = pd.qcut(column.rank(method="average"), _BANDS, duplicates="drop")
        codes, values = pd.factorize(column, sort=True)
        if len(values) > 1:
            coded[name] = np.where(codes < 0, np.nan, codes.astype(float))
    return pd.DataFrame(coded, index=matrix.index)
