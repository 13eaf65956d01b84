"""Maps of jurisdictions by likeness: the first two axes of a correspondence analysis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from policylab.plot.style import FAINT, SMALL, legend_below
from policylab.plot.tile_map import cluster_colours

_MARKERS = "os^DvP"  # a second sign of the cluster, for print in grey
_LETTER, _HIGH = 4.75, 6.5  # points taken by a letter of a code
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


def ordination(
    points: pd.DataFrame, inertia: Sequence[float], clusters: pd.Series, certainty: pd.Series, ax: Axes
) -> Axes:
    """Draw jurisdictions as their codes, in the colour of their cluster and paler the less certain it is.

    Parameters
    ----------
    points : pandas.DataFrame
        Jurisdiction by two axes.
    inertia : sequence of float
        Share of each of the two axes, 0 to 1.
    clusters : pandas.Series
        Jurisdiction to the number of its cluster, at most six different ones.
    certainty : pandas.Series
        Jurisdiction to 0 (drawn at an opacity of 0.3) to 1 (full).
    ax : matplotlib.axes.Axes

    Returns
    -------
    matplotlib.axes.Axes
        The mark stands at the point and its code beside it, tied by a line where it had to step aside.

    Raises
    ------
    ValueError
        If there are not two axes with a share each.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> points = pd.DataFrame({"axis1": [-1, 1, 0.5], "axis2": [0, 0.2, -0.4]}, index=["CT", "ND", "WY"])
    >>> clusters, certainty = pd.Series({"CT": 1, "ND": 2, "WY": 2}), pd.Series({"CT": 0.9, "ND": 0.5, "WY": 1})
    >>> ax = ordination(points, [0.231, 0.104], clusters, certainty, new_figure(3.5, 3).subplots())
    >>> ax.get_xlabel()
    'first axis (23 % of inertia)'
    """
    if points.shape[1] != 2 or len(inertia) != 2:
        raise ValueError(f"{points.shape[1]} axes and {len(inertia)} shares of inertia: expected two of each")
    groups = clusters.loc[points.index]
    colours = cluster_colours(groups)
    markers = dict(zip(colours, _MARKERS, strict=False))
    opacity = 0.3 + 0.7 * certainty.loc[points.index].to_numpy(float)
    ax.axhline(0, color=FAINT, linewidth=0.4, zorder=0)
    ax.axvline(0, color=FAINT, linewidth=0.4, zorder=0)
    ax.set_aspect("equal", adjustable="datalim")
    places = points.to_numpy(float)
    ax.update_datalim(places)
    ax.margins(0.06)
    ax.autoscale_view()
    wide = _LETTER * max(2, *(len(str(code)) for code in points.index))
    shifts = _shifts(places * _points_per_unit(ax), wide)
    for code, place, shift, number, alpha in zip(points.index, places, shifts, groups, opacity, strict=True):
        colour = colours[number]
        ax.plot(*place, markers[number], color=colour, markersize=3, markeredgewidth=0, alpha=alpha, zorder=2)
        tie = {"arrowstyle": "-", "color": FAINT, "linewidth": 0.3, "shrinkA": 0, "shrinkB": 1, "zorder": 1}
        ax.annotate(
            code,
            place,
            shift,
            textcoords="offset points",
            ha="center",
            va="center_baseline",
            fontsize=SMALL,
            color=colour,
            alpha=alpha,
            arrowprops=tie if np.abs(shift / (wide, _HIGH)).max() > 1 else None,
            zorder=3,
        )
    for name, share, label in zip(("first", "second"), inertia, (ax.set_xlabel, ax.set_ylabel), strict=True):
        label(f"{name} axis ({100 * share:.0f} % of inertia)")
    ax.tick_params(length=2, color=FAINT)
    ax.spines[["top", "right"]].set_visible(False)
    sizes = groups.value_counts()
    handles = [
        Line2D([], [], marker=markers[key], color=colour, linestyle="none", markersize=4, label=f"{key} ({sizes[key]})")
        for key, colour in colours.items()
    ]
    legend_below(ax, handles, 6, "Cluster (jurisdictions); the paler, the less certain")
    below = ScaledTranslation(0, -26 / 72, ax.figure.dpi_scale_trans)
    ax.get_legend().set_bbox_to_anchor((0, 0), ax.transAxes + below)
    return ax


def _points_per_unit(ax: Axes) -> float:
    # The layout is not known yet: the place reserved for the axes comes close.
    window = ax.get_window_extent()
    scale = min(window.width / np.ptp(ax.get_xlim()), window.height / np.ptp(ax.get_ylim()))
    return scale * 72 / ax.figure.dpi


def _shifts(places: np.ndarray, wide: float) -> np.ndarray:
    """Pick for each code in turn the nearest spot that covers no mark and no code placed before it."""
    taken: list[np.ndarray] = []
    shifts = []
    for place in places:
        spots = [
            np.array(side) * (0.45 * wide + 2.5, 0.45 * _HIGH + 2.5) * reach
            for reach in (1, 1.8, 2.6, 3.4)
            for side in _SIDES
        ]
        costs = []
        for spot in spots:
            marks = np.abs(places - place - spot) < (wide / 2 + 1, _HIGH / 2 + 1)
            codes = np.abs(np.array(taken).reshape(-1, 2) - place - spot) < (wide + 1, _HIGH)
            costs.append(marks.all(axis=1).sum() + 2 * codes.all(axis=1).sum())
        shifts.append(spots[int(np.argmin(costs))])
        taken.append(place + shifts[-1])
    return np.array(shifts)
