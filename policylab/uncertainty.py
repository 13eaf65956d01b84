"""Who belongs with whom, when missing and doubtful cells are drawn again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.cluster.hierarchy import linkage as scipy_linkage

from policylab.clustering import Linkage, hierarchy
from policylab.completion import Cell, canonical_rows, chunks, draw_codes, sampling_cells
from policylab.dissimilarity import indicators, thread_pools, variable_weights
from policylab.partitions import Clustering
from policylab.provisions import Provisions

_BATCH = 50  # draws whose matrices are held at once, small enough for the cache


@dataclass(frozen=True, eq=False)
class CoMembership:
    """How often two jurisdictions fall into one cluster.

    Attributes
    ----------
    probability : pandas.DataFrame, shape (jurisdictions, jurisdictions)
        Share of the draws in which the two share a cluster.
    consensus : Clustering
        Clusters of ``1 - probability`` (Fred and Jain 2005).
    certainty : pandas.Series
        For each jurisdiction its mean probability with the others of its consensus cluster; for one alone,
        1 less its highest probability with anybody.
    draws, k : int
    """

    probability: pd.DataFrame
    consensus: Clustering
    certainty: pd.Series
    draws: int
    k: int

    def pairs(self) -> pd.DataFrame:
        """All pairs with their probability, the firmest first.

        Returns
        -------
        pandas.DataFrame
            first, second, probability.
        """
        upper = np.triu_indices(len(self.probability), 1)
        names = self.probability.index.to_numpy()
        table = pd.DataFrame(
            {"first": names[upper[0]], "second": names[upper[1]], "probability": self.probability.to_numpy()[upper]}
        )
        return table.sort_values(["probability", "first", "second"], ascending=[False, True, True], ignore_index=True)

    def __repr__(self) -> str:
        return f"<CoMembership: {self.draws} draws of {self.k} clusters, mean certainty {self.certainty.mean():.2f}>"


def co_membership(
    laws: Provisions,
    k: int,
    draws: int = 10_000,
    weights: str | Mapping[str, float] = "family",
    linkage: Linkage = "average",
    neighbours: int = 10,
    rates: Mapping[str, float] | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
) -> CoMembership:
    """Draw completed datasets, cluster each, and count who shares a cluster (multiple overimputation).

    Parameters
    ----------
    laws : Provisions
        The view to cluster, for example ``laws.select(level="state")``.
    k : int
        Clusters of each draw.
    draws : int
    weights : {"family", "equal"} or mapping
        As in :func:`policylab.dissimilarity`.
    linkage : {"average", "complete", "single"}
    neighbours : int
        Most similar jurisdictions that lend their levels to a missing cell.
    rates : mapping of str to float, optional
        Chance that a coding of high, medium or low confidence is wrong; by default estimated from the blind
        second codings of the package (:func:`policylab.completion.error_rates`).
    random_state : int
        The same number gives the same answer for any order of rows and any number of workers.
    n_jobs : int, optional
        Workers; by default as joblib is set up, so that ``joblib.parallel_config(backend="dask")`` moves the
        draws to a cluster.

    Returns
    -------
    CoMembership

    Raises
    ------
    ValueError
        If `k` or `draws` is out of range, or a rate or weight is not possible.

    Notes
    -----
    Distances between levels are those of the coded data and the same in every draw. Ties within a draw are broken
    by a canonical order of the jurisdictions.

    References
    ----------
    Blackwell, M., Honaker, J. and King, G. (2017). A unified approach to measurement error and missing data.
    Sociological Methods and Research 46, 303-341.
    Fred, A. and Jain, A. (2005). Combining multiple clusterings using evidence accumulation. IEEE Transactions on
    Pattern Analysis and Machine Intelligence 27, 835-850.

    Examples
    --------
    >>> import policylab as lab
    >>> states = lab.load().select(level="state")
    >>> co_membership(states, 3, draws=50).probability.shape
    (51, 51)
    """
    matrix = laws.matrix()
    if not 2 <= k <= len(matrix):
        raise ValueError(f"k is {k}: expected a number from 2 to {len(matrix)}")
    work = chunks(draws, random_state)
    cells = sampling_cells(laws, neighbours, rates)
    share = variable_weights(matrix, [cell.name for cell in cells], weights)
    used = [(cell, share[cell.name]) for cell in cells]
    tasks = (delayed(_count_together)(used, k, size, linkage, seed) for size, seed in work)
    together = sum(Parallel(n_jobs=n_jobs)(tasks))
    order = canonical_rows(matrix)
    probability = pd.DataFrame(together / draws, index=order, columns=order)
    probability = probability.loc[matrix.index, matrix.index].rename_axis(index="jurisdiction", columns="jurisdiction")
    consensus = hierarchy(1 - probability, k, "average")
    return CoMembership(probability, consensus, certainty(probability, consensus.labels), draws, k)


def certainty(probability: pd.DataFrame, labels: pd.Series) -> pd.Series:
    """How firmly each unit belongs to its cluster: see :class:`CoMembership`."""
    values = probability.to_numpy()
    same = labels.to_numpy()[:, None] == labels.to_numpy()[None, :]
    np.fill_diagonal(same, False)
    others = values - np.diag(np.diag(values))
    size = same.sum(axis=1)
    mean = np.divide((values * same).sum(axis=1), size, out=1 - others.max(axis=1), where=size > 0)
    return pd.Series(mean, index=probability.index, name="certainty")


def drawn_distances(codes: list[np.ndarray], tables: list[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Gower distances of many completed datasets at once.

    Parameters
    ----------
    codes : list of ndarray of int, shape (draws, units)
        One for each variable, -1 where it does not apply.
    tables : list of ndarray of float
        Distances between the codes of each variable.
    weights : ndarray, shape (variables,)

    Returns
    -------
    ndarray, shape (draws, units, units)
        1 for a pair with nothing to compare.
    """
    draws, units = codes[0].shape
    flat = [drawn.reshape(-1) for drawn in codes]
    coded = [(drawn, table * weight) for drawn, table, weight in zip(flat, tables, weights, strict=True)]
    held, lost = (side.reshape(-1, draws, units) for side in indicators(coded, draws * units))
    there = np.array([drawn >= 0 for drawn in flat]) * np.sqrt(weights)[:, None]
    there = there.reshape(-1, draws, units)
    total = held.transpose(1, 2, 0) @ lost.transpose(1, 0, 2)
    compared = there.transpose(1, 2, 0) @ there.transpose(1, 0, 2)
    nothing = compared <= 0
    total /= np.where(nothing, 1, compared)
    total[nothing] = 1
    return total


def cut_trees(trees: np.ndarray, k: int) -> np.ndarray:
    """Cut many trees of the same units into `k` clusters at once.

    Parameters
    ----------
    trees : ndarray, shape (draws, units - 1, 4)
        In the form of scipy's linkage.
    k : int

    Returns
    -------
    ndarray of int, shape (draws, units)
        Labels that mean nothing beyond one row.

    Examples
    --------
    >>> tree = scipy_linkage(np.array([[0.0], [1.0], [5.0]]), "average")
    >>> cut_trees(tree[None], 2).tolist()
    [[3, 3, 2]]
    """
    draws, merges = trees.shape[:2]
    units = merges + 1
    up = np.tile(np.arange(2 * units - 1), (draws, 1))
    every = np.arange(draws)
    for merge in range(units - k):
        for side in (0, 1):
            up[every, trees[:, merge, side].astype(int)] = units + merge
    for node in range(2 * units - k - 1, -1, -1):  # from the top down, each node takes what its parent took
        up[:, node] = up[every, up[:, node]]
    return up[:, :units]


def _count_together(
    used: list[tuple[Cell, float]], k: int, draws: int, linkage: Linkage, seed: np.random.SeedSequence
) -> np.ndarray:
    codes = draw_codes([cell for cell, _ in used], draws, np.random.default_rng(seed))
    tables, weights = [cell.scale.table for cell, _ in used], np.array([weight for _, weight in used])
    units = len(used[0][0].error)
    first, second = np.triu_indices(units, 1)
    together = np.zeros((units, units))
    with thread_pools().limit(limits=1):  # the matrices are small; the workers are the parallelism
        for start in range(0, draws, _BATCH):
            batch = [codes[cell.name][start : start + _BATCH] for cell, _ in used]
            distances = drawn_distances(batch, tables, weights)
            pairs = distances[:, first, second].round(10)  # sums of the same numbers in another order tie
            labels = cut_trees(np.stack([scipy_linkage(row, linkage) for row in pairs]), k)
            together += (labels[:, :, None] == labels[:, None, :]).sum(axis=0)
    return together
