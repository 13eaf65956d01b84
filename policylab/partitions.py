"""Clusters as labels, numbered alike whatever the order of the units, and the distances they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

TIE = 1e-10  # heights closer than this are one height


@dataclass(frozen=True, eq=False)
class Clustering:
    """Cluster labels with the model behind them.

    Attributes
    ----------
    labels : pandas.Series of int
        Cluster of each unit, from 1: the largest first, then the tightest.
    k : int
        Number of clusters.
    method : str
    model : object
        :class:`Hierarchy`, the fitted k-medoids result or the fitted StepMix.
    """

    labels: pd.Series
    k: int
    method: str
    model: Any

    def __repr__(self) -> str:
        sizes = ", ".join(map(str, self.labels.value_counts(sort=False).sort_index()))
        return f"<Clustering: {self.method}, {self.k} clusters of {sizes}>"


def canonical_order(distances: pd.DataFrame) -> np.ndarray:
    """Order units by what they are: by their sorted distances to all others, and by name only where these tie."""
    profile = np.round(np.sort(distances.to_numpy(), axis=1), 9)
    names = np.argsort(np.argsort(distances.index.astype(str).to_numpy(), kind="stable"), kind="stable")
    return np.lexsort([names, *profile.T[::-1]])


def number_clusters(labels: np.ndarray, distances: pd.DataFrame) -> pd.Series:
    """Number clusters from 1: the largest first, then the tightest, then the most central, then by name."""
    values = distances.to_numpy()
    names = distances.index.astype(str)
    keys = {}
    for label in np.unique(labels):
        inside = labels == label
        within = round(float(values[np.ix_(inside, inside)].mean()), 9)
        keys[label] = (-int(inside.sum()), within, round(float(values[inside].mean()), 9), min(names[inside]))
    number = {label: place for place, label in enumerate(sorted(keys, key=keys.get), start=1)}
    return pd.Series([number[label] for label in labels], index=distances.index, name="cluster")


def check_distances(distances: pd.DataFrame, k: int) -> np.ndarray:
    """Check that distances can be clustered into `k`, and give them as an array.

    Raises
    ------
    ValueError
    """
    values = distances.to_numpy(dtype=float)
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not distances.index.equals(distances.columns):
        raise ValueError(f"distances are {values.shape}: expected a square frame with the same names on both sides")
    if np.isnan(values).any():
        row, column = np.argwhere(np.isnan(values))[0]
        pair = f"{distances.index[row]} and {distances.columns[column]}"
        raise ValueError(f"{pair} have no distance: expected every pair to share a variable")
    if (np.abs(values - values.T) > TIE).any() or (np.abs(np.diag(values)) > TIE).any() or (values < 0).any():
        raise ValueError("expected symmetric distances that are not negative, with zeros on the diagonal")
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= len(values):
        raise ValueError(f"k is {k!r}: expected a whole number from 1 to {len(values)}")
    return values
