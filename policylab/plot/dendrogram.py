"""Trees of hierarchical clustering, lying on their side so that every leaf name can be read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from scipy.cluster import hierarchy

from policylab.plot.style import FAINT, SMALL, text_colour
from policylab.plot.tile_map import cluster_colours


def leaf_order(Z: np.ndarray) -> list[int]:  # noqa: N803
    """List the observations of a linkage matrix in the order in which :func:`dendrogram` draws them, from the top.

    Examples
    --------
    >>> leaf_order([[0, 2, 1, 2], [1, 3, 4, 3]])
    [1, 0, 2]
    """
    return hierarchy.leaves_list(np.asarray(Z, float)).tolist()


def dendrogram(
    Z: np.ndarray,  # noqa: N803
    labels: Sequence[str],
    clusters: pd.Series,
    ax: Axes,
    orientation: str = "left",
) -> Axes:
    """Draw a tree of jurisdictions, each cluster in its colour up to the cut and grey above it.

    Parameters
    ----------
    Z : numpy.ndarray
        Linkage matrix of scipy; heights may tie.
    labels : sequence of str
        Names of the observations of `Z`, in their order.
    clusters : pandas.Series
        Name to the number of its cluster, at most six different ones.
    ax : matplotlib.axes.Axes
        Row i is centred on y = i, counted from the top, as in a heatmap of the same order.
    orientation : {"left", "right"}
        Side of the root, as in scipy; the names stand on the other side.

    Returns
    -------
    matplotlib.axes.Axes
        The number of a cluster stands where its branch meets the cut. Clusters that no cut of the tree
        yields are coloured as far as a branch holds one cluster only.

    Raises
    ------
    ValueError
        If there is not one label per observation, or no such orientation.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> Z = [[0, 1, 0.1, 2], [2, 3, 0.6, 3]]
    >>> ax = dendrogram(Z, ["CT", "ND", "WY"], pd.Series({"CT": 1, "ND": 1, "WY": 2}), new_figure(3.5, 2).subplots())
    >>> [tick.get_text() for tick in ax.get_yticklabels()], [text.get_text() for text in ax.texts]
    (['WY', 'CT', 'ND'], ['2', '1'])
    """
    Z = np.asarray(Z, float)  # noqa: N806
    count = len(Z) + 1
    if len(labels) != count:
        raise ValueError(f"{len(labels)} labels for {count} observations: expected one each")
    if orientation not in ("left", "right"):
        raise ValueError(f"no orientation {orientation!r}: expected left or right")
    # scipy colours a link by a function of its number: returning the number tells which link a bracket is.
    tree = hierarchy.dendrogram(Z, no_plot=True, link_color_func=str)
    within = _within(Z, [clusters.loc[label] for label in labels])
    cut = _cut(Z, within[count:])
    colours = cluster_colours(clusters.loc[list(labels)])
    lines: list[tuple[list[tuple[float, float]], str]] = []
    for places, heights, link in zip(tree["icoord"], tree["dcoord"], tree["color_list"], strict=True):
        low, high = ((place - 5) / 10 for place in places[1:3])
        top, mixed = heights[1], within[int(link)] is None
        lines.append(([(top, low), (top, high)], FAINT if mixed else colours[within[int(link)]]))
        ends = zip((low, high), (heights[0], heights[3]), Z[int(link) - count, :2].astype(int), strict=True)
        for y, start, child in ends:
            number = within[child]
            stop = top if not mixed else start if number is None else min(max(cut, start), top)
            if number is not None:
                lines.append(([(start, y), (stop, y)], colours[number]))
            lines.append(([(stop, y), (top, y)], FAINT))
            if mixed and number is not None:
                _number(ax, stop, y, number, colours[number])
    lines = [line for line in lines if line[0][0] != line[0][1]]
    paths, strokes = zip(*sorted(lines, key=lambda line: line[1] != FAINT), strict=True)
    ax.add_collection(LineCollection(paths, colors=strokes, linewidths=0.9, capstyle="projecting"), autolim=False)
    widest = Z[:, 2].max() * 1.03
    ax.set_xlim((widest, 0) if orientation == "left" else (0, widest))
    ax.set_ylim(count - 0.4, -0.6)
    ax.set_yticks(range(count), [labels[leaf] for leaf in tree["leaves"]])
    names = "right" if orientation == "left" else "left"
    ax.yaxis.set_ticks_position(names)
    ax.tick_params(axis="y", length=0, pad=2, labelsize=SMALL)
    ax.tick_params(axis="x", length=2, color=FAINT, labelsize=SMALL)
    ax.set_xlabel("dissimilarity")
    ax.spines[["top", "left", "right"]].set_visible(False)
    return ax


def _within(Z: np.ndarray, leaves: list[int]) -> list[int | None]:  # noqa: N803
    """Say of each leaf and link which cluster it lies in, None where it joins several."""
    within: list[int | None] = list(leaves)
    for left, right in Z[:, :2].astype(int):
        within.append(within[left] if within[left] == within[right] else None)
    return within


def _cut(Z: np.ndarray, links: list[int | None]) -> float:  # noqa: N803
    """Find the height halfway between the last link inside a cluster and the first one between clusters."""
    mixed = np.array([number is None for number in links])
    inside, between = Z[~mixed, 2].max(initial=0), Z[mixed, 2].min(initial=np.inf)
    return (inside + between) / 2 if inside <= between else np.inf


def _number(ax: Axes, x: float, y: float, number: int, colour: str) -> None:
    box = {"boxstyle": "square,pad=0.15", "facecolor": colour, "edgecolor": "none"}
    ink = text_colour(colour)
    ax.text(x, y, f"{number}", ha="center", va="center_baseline", fontsize=SMALL, color=ink, bbox=box)
