"""Principal coordinates: a map of units on which distances are as nearly kept as two axes allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Principal coordinates.

    Attributes
    ----------
    points : pandas.DataFrame, shape (units, axes)
        Columns axis1, axis2 ...; axes with positive eigenvalues only.
    inertia : pandas.Series
        For each axis its share of the inertia: its eigenvalue over the sum of the absolute ones, so that the
        part which no picture can show (negative eigenvalues) counts against it.
    eigenvalues : ndarray
    """

    points: pd.DataFrame
    inertia: pd.Series
    eigenvalues: np.ndarray


def principal_coordinates(distances: pd.DataFrame) -> Coordinates:
    """Place units so that Euclidean distances approach the given ones (classical scaling).

    Parameters
    ----------
    distances : pandas.DataFrame, shape (units, units)

    Returns
    -------
    Coordinates
        The sign of each axis is chosen so that its entry farthest from zero is positive.

    Raises
    ------
    ValueError
        If a distance is missing.

    References
    ----------
    Gower, J. C. (1966). Some distance properties of latent root and vector methods. Biometrika 53, 325-338.

    Examples
    --------
    >>> line = pd.DataFrame([[0.0, 1, 3], [1, 0, 2], [3, 2, 0]], index=list("abc"), columns=list("abc"))
    >>> principal_coordinates(line).inertia.round(6).tolist()[0]
    1.0
    """
    if distances.isna().to_numpy().any():
        raise ValueError("a pair has no distance: expected every pair to share a variable")
    squared = distances.to_numpy(float) ** 2
    centred = -0.5 * (squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean())
    eigenvalues, vectors = np.linalg.eigh(centred)
    order = np.argsort(eigenvalues)[::-1]
    eigenvalues, vectors = eigenvalues[order], vectors[:, order]
    kept = eigenvalues > 1e-9 * max(eigenvalues[0], 0)
    points = vectors[:, kept] * np.sqrt(eigenvalues[kept])
    farthest = np.abs(points.round(9)).argmax(axis=0)
    points = points * np.where(points[farthest, np.arange(points.shape[1])] < 0, -1, 1)
    names = [f"axis{number}" for number in range(1, points.shape[1] + 1)]
    share = eigenvalues[kept] / np.abs(eigenvalues).sum()
    return Coordinates(pd.DataFrame(points, distances.index, names), pd.Series(share, names), eigenvalues)
