"""A square of pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from policylab.plot.style import INK, SMALL, ordered_colours


def pair_matrix(probability: pd.DataFrame, clusters: pd.Series, ax: Axes) -> Axes:
    """Draw the probability of every pair, light to dark, with the clusters framed.

    Parameters
    ----------
    probability : pandas.DataFrame, shape (units, units)
        In the order to draw.
    clusters : pandas.Series of int
        In the same order; neighbours of one cluster are framed together.
    ax : matplotlib.axes.Axes

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> pairs = pd.DataFrame([[1, 0.2], [0.2, 1]], index=["CT", "ND"], columns=["CT", "ND"])
    >>> ax = pair_matrix(pairs, pd.Series([1, 2], index=pairs.index), new_figure(3, 3).subplots())
    >>> len(ax.images)
    1
    """
    ramp = LinearSegmentedColormap.from_list("pairs", ordered_colours(6))
    image = ax.imshow(probability.to_numpy(), cmap=ramp, vmin=0, vmax=1, interpolation="nearest")
    names = list(probability.index)
    ax.set_xticks(range(len(names)), names, rotation=90, fontsize=SMALL)
    ax.set_yticks(range(len(names)), names, fontsize=SMALL)
    ax.tick_params(length=0, pad=1.5)
    ends = [*np.flatnonzero(np.diff(clusters.to_numpy())).tolist(), len(names) - 1]
    start = -0.5
    for end in ends:
        side = end + 0.5 - start
        ax.plot(
            start + side * np.array([0, 1, 1, 0, 0]), start + side * np.array([0, 0, 1, 1, 0]), color=INK, linewidth=1
        )
        start = end + 0.5
    ax.figure.colorbar(image, ax=ax, shrink=0.5, label="probability of sharing a cluster")
    ax.spines[:].set_visible(False)
    return ax
