"""A matrix of provisions: jurisdictions by variables from light to dark, beside the clusters they fall into."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch, Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import ScaledTranslation

from policylab.plot.style import (
    FAINT,
    GAP_STYLES,
    INK,
    SMALL,
    ordered_colours,
    text_colour,
)
from policylab.plot.tile_map import cluster_colours

_FAMILY_GAP = 0.35
_CLUSTER, _CERTAINTY = -3.0, -1.6  # centres of the two strips; the first column of cells is centred on 0
_EDGE = {"edgecolor": "white", "linewidth": 0.3}


def heatmap(
    matrix: pd.DataFrame,
    status: pd.DataFrame,
    families: pd.Series,
    clusters: pd.Series,
    certainty: pd.Series,
    ax: Axes,
    colours: Sequence[str] | None = None,
) -> Axes:
    """Draw jurisdictions (rows) by variables (columns), both in the order given.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Position of each cell on the scale of its variable, 0 (lowest) to 1 (highest); NaN where missing.
    status : pandas.DataFrame
        Of the same shape: coded, unknown, undated or not_applicable.
    families : pandas.Series
        Variable to the label of its family; a gap stands wherever the family changes.
    clusters : pandas.Series
        Jurisdiction to the number of its cluster, at most six different ones.
    certainty : pandas.Series
        Jurisdiction to 0 (none) to 1 (full).
    ax : matplotlib.axes.Axes
        51 x 45 cells need about 7.2 x 8.5 inches. Row i is centred on y = i, counted from the top.
    colours : sequence of str, optional
        From the lowest level to the highest.

    Returns
    -------
    matplotlib.axes.Axes
        Missing cells are hatched, also coded ones without a position; cells that do not apply are dotted.

    Raises
    ------
    ValueError
        If `matrix` and `status` differ in their labels, or a position or certainty lies outside 0 to 1.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> matrix = pd.DataFrame({"a": [0, 1], "b": [0.5, None]}, index=["CT", "ND"])
    >>> status = pd.DataFrame({"a": "coded", "b": ["coded", "unknown"]}, index=matrix.index)
    >>> families = pd.Series({"a": "Wiretap", "b": "Civil"})
    >>> clusters, certainty = pd.Series({"CT": 1, "ND": 2}), pd.Series({"CT": 0.9, "ND": 0.6})
    >>> ax = heatmap(matrix, status, families, clusters, certainty, new_figure(3.5, 3).subplots())
    >>> [tick.get_text() for tick in ax.get_xticklabels()]
    ['cluster', 'certainty', 'a', 'b']
    """
    if not (matrix.index.equals(status.index) and matrix.columns.equals(status.columns)):
        raise ValueError("matrix and status differ in their labels: expected the same rows and columns in one order")
    positions, sure = matrix.to_numpy(float), certainty.loc[matrix.index].to_numpy(float)
    for name, values in (("position", positions), ("certainty", sure)):
        if (outside := (values < 0) | (values > 1)).any():
            raise ValueError(f"a {name} is {values[outside][0]}: expected 0 to 1")
    groups = [(name, len(list(run))) for name, run in groupby(families.loc[matrix.columns])]
    shift = np.repeat(np.arange(len(groups)) * _FAMILY_GAP, [size for _, size in groups])
    centres = np.arange(matrix.shape[1]) + shift
    ramp = LinearSegmentedColormap.from_list("levels", list(colours or ordered_colours(6)))
    greys = LinearSegmentedColormap.from_list("certainty", ["#f4f4f4", INK])
    gaps = _draw_cells(ax, positions, status.to_numpy(str), centres, ramp)
    column = [Rectangle((_CERTAINTY - 0.5, row - 0.5), 1, 1) for row in range(len(sure))]
    ax.add_collection(PatchCollection(column, facecolor=greys(sure), **_EDGE), autolim=False)
    _draw_clusters(ax, clusters.loc[matrix.index].tolist(), cluster_colours(clusters.loc[matrix.index]))
    ax.set_xlim(_CLUSTER - 0.7, centres[-1] + 0.6)
    ax.set_ylim(len(matrix) - 0.4, -0.6)
    ax.set_yticks(range(len(matrix)), matrix.index)
    names = ["cluster", "certainty", *map(str, matrix.columns)]
    ax.set_xticks([_CLUSTER, _CERTAINTY, *centres], names, rotation=90)
    ax.tick_params(length=0, pad=2, labelsize=SMALL)
    ax.spines[:].set_visible(False)
    _name_families(ax, groups, centres)
    handles = [_steps(ramp, "lowest to highest level"), *gaps, _steps(greys, "certainty 0 to 1")]
    _legend(ax, handles, max(TextPath((0, 0), name, size=SMALL).get_extents().width for name in names))
    return ax


def _draw_cells(ax: Axes, positions: np.ndarray, status: np.ndarray, centres: np.ndarray, ramp) -> list[Patch]:
    words = np.where(np.isnan(positions), "not known", "").astype(object)
    for name, (_, word) in GAP_STYLES.items():
        words[status == name] = word
    looks = {word: look for look, word in GAP_STYLES.values()}
    for word, look in {"": _EDGE, **looks}.items():
        rows, columns = np.nonzero(words == word)
        cells = [Rectangle((centres[c] - 0.5, r - 0.5), 1, 1) for r, c in zip(rows, columns, strict=True)]
        fill = {} if word else {"facecolor": ramp(positions[rows, columns])}
        if cells:
            ax.add_collection(PatchCollection(cells, **(look | fill)), autolim=False)
    return [Patch(**look, label=word) for word, look in looks.items() if (words == word).any()]


def _draw_clusters(ax: Axes, clusters: list[int], colours: dict[int, str]) -> None:
    start = 0
    for number, run in groupby(clusters):
        size = len(list(run))
        ax.add_patch(Rectangle((_CLUSTER - 0.5, start - 0.5), 1, size, facecolor=colours[number], **_EDGE))
        middle, ink = start + (size - 1) / 2, text_colour(colours[number])
        ax.text(_CLUSTER, middle, f"{number}", ha="center", va="center_baseline", fontsize=SMALL, color=ink)
        start += size


def _name_families(ax: Axes, groups: list[tuple[str, int]], centres: np.ndarray) -> None:
    # The layout is not known yet: take the names as too wide somewhat before they are.
    points = 0.85 * ax.get_window_extent().width * 72 / ax.figure.dpi / np.ptp(ax.get_xlim())
    ends = np.cumsum([size for _, size in groups])
    middles = [(centres[end - size] + centres[end - 1]) / 2 for (_, size), end in zip(groups, ends, strict=True)]
    fits = all(
        TextPath((0, 0), word, size=SMALL).get_extents().width < size * points
        for name, size in groups
        for word in name.split()
    )
    names = [name.replace(" ", "\n") if fits else name for name, _ in groups]
    top = ax.secondary_xaxis("top")
    top.set_xticks(middles, names, rotation=0 if fits else 90, fontsize=SMALL)
    top.tick_params(length=0, pad=2)
    top.spines[:].set_visible(False)


def _steps(ramp: LinearSegmentedColormap, label: str) -> tuple[Patch, ...]:
    return tuple(
        Patch(facecolor=ramp(step / 4), edgecolor=FAINT, linewidth=0.4, label=label if not step else None)
        for step in range(5)
    )


def _legend(ax: Axes, handles: list, depth: float) -> None:
    words = [handle[0].get_label() if isinstance(handle, tuple) else handle.get_label() for handle in handles]
    below = ax.transAxes + ScaledTranslation(0, -(depth + 6) / 72, ax.figure.dpi_scale_trans)
    ax.legend(
        handles,
        words,
        handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=below,
        ncols=len(handles),
        frameon=False,
        borderaxespad=0.2,
        handlelength=3,
        columnspacing=1.2,
    )
