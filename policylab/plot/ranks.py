"""Intervals by row: what is known of each, and never more."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from policylab.plot.style import FAINT, INK, SMALL, UNKNOWN_STYLE, rows_from_top

_LINE, _DOT, _BAND = "#22608a", "#0f3b57", "#f0ead8"


def intervals(
    frame: pd.DataFrame,
    ax: Axes,
    label: str,
    low: str,
    middle: str,
    high: str,
    title: str = "",
    floor: float = -np.inf,
) -> Axes:
    """Draw one interval per row, from the top down in the order of the frame.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row without numbers is written out as not defined.
    ax : matplotlib.axes.Axes
    label, low, middle, high : str
        Columns: the name of the row, the ends of the interval and the value marked in it.
    title : str
    floor : float
        An interval that reaches below is cut there, with an arrow.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> rows = pd.DataFrame({"place": ["CT", "ND"], "low": [1, 2], "rank": [2, 3], "high": [5, 4]})
    >>> ax = intervals(rows, new_figure(3, 2).subplots(), "place", "low", "rank", "high")
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['CT', 'ND']
    """
    places = pd.Series(range(len(frame)), index=frame.index)
    known = frame[middle].notna()
    starts, ends = frame.loc[known, low].clip(lower=floor), frame.loc[known, high]
    cut = frame.loc[known, low] < floor
    ax.hlines(places[known], starts, ends, color=_LINE, linewidth=1.6)
    ax.scatter(ends, places[known], marker="|", s=10, color=_LINE, linewidths=0.8)
    ax.scatter(starts[~cut], places[known][~cut], marker="|", s=10, color=_LINE, linewidths=0.8)
    ax.scatter(starts[cut], places[known][cut], marker="<", s=12, color=_LINE, linewidths=0)
    ax.scatter(frame.loc[known, middle], places[known], s=11, color=_DOT, zorder=3)
    for place in places[~known]:
        row = ax.get_yaxis_transform()
        ax.text(0.03, place, "not defined: no variation", transform=row, va="center", fontsize=SMALL)
    rows_from_top(ax, frame[label], len(frame))
    ax.set_title(title)
    return ax


def tie_bands(values: pd.Series, ax: Axes) -> Axes:
    """Shade the rows of an interval plot that stand together because their value is the same.

    Parameters
    ----------
    values : pandas.Series
        In the order of the rows.
    ax : matplotlib.axes.Axes
    """
    place = 0
    for _, group in groupby(values.tolist()):
        size = len(list(group))
        if size > 1:
            ax.axhspan(place - 0.42, place + size - 0.58, color=_BAND, linewidth=0, zorder=0)
        place += size
    return ax


def share_bars(shares: pd.Series, ax: Axes, title: str = "") -> Axes:
    """Draw one bar per row, from the top down, filled to its share and hatched beyond.

    Parameters
    ----------
    shares : pandas.Series
        From 0 to 1; the rest is not known.
    ax : matplotlib.axes.Axes
    title : str

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> ax = share_bars(pd.Series([1.0, 0.5]), new_figure(1, 2).subplots())
    >>> len(ax.patches)
    4
    """
    places = range(len(shares))
    ax.barh(places, shares, height=0.7, color="#b5d3a4", edgecolor=FAINT, linewidth=0.4)
    ax.barh(places, 1 - shares, left=shares, height=0.7, **UNKNOWN_STYLE)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 1], ["0", "100 %"], color=INK)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.set_title(title)
    return ax
