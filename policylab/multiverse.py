"""How far a typology depends on choices that could as well have been others, and what its clusters hold."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from policylab.clustering import hierarchy, medoids
from policylab.dissimilarity import dissimilarity

METHODS = ("average", "complete", "single", "medoids")
WEIGHTS = ("family", "equal")


def multiverse(matrix: pd.DataFrame, ks: Iterable[int] = range(2, 7), methods: Iterable[str] = METHODS) -> pd.DataFrame:
    """Cluster the same table under every combination of defensible choices (Steegen et al. 2016).

    Parameters
    ----------
    matrix : pandas.DataFrame, shape (units, variables)
        From :meth:`policylab.Provisions.matrix`, which remembers its families.
    ks : iterable of int
    methods : iterable of {"average", "complete", "single", "medoids"}

    Returns
    -------
    pandas.DataFrame
        One row per combination: method, weights (family, equal), left_out (a family, or none), k, clusters
        (fewer than k where ties forbid k), largest (share of the units in the largest cluster), silhouette,
        and agreement (mean adjusted Rand index with all other combinations of the same k).

    Raises
    ------
    ValueError
        If the matrix does not know its families.

    References
    ----------
    Steegen, S. et al. (2016). Increasing transparency through a multiverse analysis. Perspectives on Psychological
    Science 11, 702-712.

    Examples
    --------
    >>> import policylab as lab
    >>> table = multiverse(lab.load().select(level="state").matrix(), ks=[2], methods=["complete"])
    >>> len(table) == 2 * (1 + 7)
    True
    """
    from sklearn.metrics import silhouette_score

    families = matrix.attrs.get("families")
    if families is None:
        raise ValueError("the matrix does not know its families: expected one of Provisions.matrix()")
    rows, labels = [], []
    for left_out, weights in itertools.product(["none", *dict.fromkeys(families[c] for c in matrix)], WEIGHTS):
        kept = matrix[[name for name in matrix if families[name] != left_out]]
        distances = dissimilarity(kept, weights)
        if distances.isna().to_numpy().any():
            continue  # without this family some pair has nothing in common
        for method, k in itertools.product(methods, ks):
            with warnings.catch_warnings(action="ignore", category=UserWarning):
                found = medoids(distances, k) if method == "medoids" else hierarchy(distances, k, method)
            width = (
                silhouette_score(distances.to_numpy(), found.labels, metric="precomputed") if found.k > 1 else np.nan
            )
            largest = found.labels.value_counts(normalize=True).iloc[0]
            rows.append((method, weights, left_out, k, found.k, largest, width))
            labels.append(found.labels.to_numpy() - 1)
    table = pd.DataFrame(rows, columns=["method", "weights", "left_out", "k", "clusters", "largest", "silhouette"])
    table["agreement"] = np.nan
    for places in table.groupby("k").groups.values():
        score = np.ones((len(places), len(places)))
        for (row, one), (column, other) in itertools.combinations(enumerate(places), 2):
            score[row, column] = score[column, row] = _rand(labels[one], labels[other])
        table.loc[places, "agreement"] = (score.sum(axis=1) - 1) / (len(places) - 1) if len(places) > 1 else np.nan
    return table


def cluster_profile(matrix: pd.DataFrame, labels: pd.Series, min_share: float = 0.5) -> pd.DataFrame:
    """Find the levels that are more common in a cluster than elsewhere.

    Parameters
    ----------
    matrix : pandas.DataFrame, shape (units, variables)
    labels : pandas.Series of int
    min_share : float
        Least share of the cluster's coded units that hold the level.

    Returns
    -------
    pandas.DataFrame
        cluster, variable, level, inside and of (units of the cluster that hold it, of those coded), share,
        overall (share of all coded units) and lift (share over overall); per cluster by lift.

    Examples
    --------
    >>> import policylab as lab
    >>> matrix = lab.load().select(level="state", family="safe_harbor").matrix()
    >>> labels = pd.Series(1, index=matrix.index)
    >>> float(cluster_profile(matrix, labels)["lift"].max())
    1.0
    """
    rows = []
    for name in matrix:
        column = matrix[name]
        if not isinstance(column.dtype, pd.CategoricalDtype):
            continue
        overall = column.value_counts(normalize=True)
        for cluster, inside in column.groupby(labels):
            counts, coded = inside.value_counts(), int(inside.notna().sum())
            rows += [
                (cluster, name, level, int(n), coded, n / coded, overall[level], n / coded / overall[level])
                for level, n in counts.items()
                if coded and n / coded >= min_share
            ]
    columns = ["cluster", "variable", "level", "inside", "of", "share", "overall", "lift"]
    table = pd.DataFrame(rows, columns=columns)
    order = table.sort_values(["cluster", "lift", "inside", "variable"], ascending=[True, False, False, True])
    return order.reset_index(drop=True)


class RandAgreement(NamedTuple):
    """Adjusted Rand index of two partitions, and the share of random labellings that agree as well."""

    index: float
    p_value: float
    permutations: int


def partition_agreement(
    labels: pd.Series, groups: pd.Series, permutations: int = 9999, random_state: int = 0
) -> RandAgreement:
    """Compare clusters with a grouping known beforehand (adjusted Rand index, permutation test).

    Parameters
    ----------
    labels, groups : pandas.Series
        Over the same units.
    permutations : int
    random_state : int

    Returns
    -------
    RandAgreement
        The p-value counts the observed labelling among the permutations, so it is never zero.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193-218.

    Examples
    --------
    >>> same = pd.Series(list("aabb"))
    >>> partition_agreement(same, same, permutations=99).index
    1.0
    """
    one, other = pd.factorize(labels)[0], pd.factorize(groups.loc[labels.index])[0]
    observed = _rand(one, other)
    random = np.random.default_rng(random_state)
    as_good = sum(_rand(one, random.permutation(other)) >= observed - 1e-12 for _ in range(permutations))
    return RandAgreement(observed, (as_good + 1) / (permutations + 1), permutations)


def _rand(one: np.ndarray, other: np.ndarray) -> float:
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    pairs = (table * (table - 1)).sum() / 2
    rows, columns = table.sum(1), table.sum(0)
    first, second = (rows * (rows - 1)).sum() / 2, (columns * (columns - 1)).sum() / 2
    expected = first * second / (len(one) * (len(one) - 1) / 2)
    largest = (first + second) / 2
    return 1.0 if largest == expected else float((pairs - expected) / (largest - expected))
