"""Estimates with their intervals, one row each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from policylab.plot.style import FAINT, INK, SMALL, UNKNOWN_STYLE, legend_below, rows_from_top

_BAR, _DOT = "#6db5a5", "#0f3b57"


def estimates(
    frame: pd.DataFrame,
    ax: Axes,
    xlabel: str,
    marks: Mapping[str, str],
    words: Mapping[str, str],
) -> Axes:
    """Draw one row per estimate: its interval, and how far it moves as the data are varied.

    Parameters
    ----------
    frame : pandas.DataFrame
        In order, the first row on top: label, estimate, low, high, lowest, highest, note and the columns of
        `marks`. A row without an estimate shows its note on a hatched strip.
    ax : matplotlib.axes.Axes
    xlabel : str
    marks : mapping of str to str
        Column of further estimates to the words of the legend, at most two.
    words : mapping of str to str
        Words of the legend for ``interval`` and ``range``.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> row = {"label": "Relief", "estimate": 0.1, "low": -0.1, "high": 0.3, "lowest": 0.0, "highest": 0.2, "note": ""}
    >>> words = {"interval": "95 % interval", "range": "range"}
    >>> ax = estimates(pd.DataFrame([row]), new_figure(4, 2).subplots(), "effect", {}, words)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Relief']
    """
    shapes = dict(zip(marks, ("<", ">"), strict=False))
    ax.axvline(0, color=FAINT, linewidth=0.6)
    for place, row in enumerate(frame.itertuples()):
        if pd.isna(row.estimate):
            continue
        ax.plot([row.lowest, row.highest], [place] * 2, color=_BAR, linewidth=6, solid_capstyle="butt", zorder=2)
        ax.plot([row.low, row.high], [place] * 2, color=INK, linewidth=0.9, zorder=3)
        ax.plot([row.estimate], [place], "o", color=_DOT, markersize=4, zorder=4)
        for column, shape in shapes.items():
            look = {"markersize": 4, "markerfacecolor": "white", "markeredgecolor": INK, "markeredgewidth": 0.7}
            ax.plot([getattr(row, column)], [place + 0.3], shape, zorder=4, **look)
    low, high = ax.get_xlim()
    for place, row in enumerate(frame.itertuples()):
        if pd.isna(row.estimate):
            ax.barh(place, high - low, left=low, height=0.5, **UNKNOWN_STYLE)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            ax.text((low + high) / 2, place, row.note, ha="center", va="center", fontsize=SMALL, bbox=box)
    ax.set_xlim(low, high)
    rows_from_top(ax, frame["label"], len(frame))
    ax.set_xlabel(xlabel)
    _legend(ax, marks, shapes, words)
    return ax


def counts_beside(frame: pd.DataFrame, ax: Axes, counts: Mapping[str, str]) -> Axes:
    """Write the counts behind the rows of :func:`estimates` into an axes beside it.

    Parameters
    ----------
    frame : pandas.DataFrame
        In the order of the rows.
    ax : matplotlib.axes.Axes
    counts : mapping of str to str
        Column of whole numbers to its heading.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> ax = counts_beside(pd.DataFrame({"n": [45.0]}), new_figure(1, 2).subplots(), {"n": "events"})
    >>> [text.get_text() for text in ax.texts]
    ['events', '45']
    """
    for number, (column, heading) in enumerate(counts.items(), start=1):
        ax.text(number, -0.62, heading, ha="right", va="bottom", fontsize=SMALL, linespacing=1.1)
        for place, count in enumerate(frame[column]):
            ax.text(number, place, f"{count:.0f}", ha="right", va="center", fontsize=SMALL)
    ax.set_xlim(0, len(counts) + 0.1)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.axis("off")
    return ax


def _legend(ax: Axes, marks: Mapping[str, str], shapes: Mapping[str, str], words: Mapping[str, str]) -> None:
    handles = [
        Line2D(
            [], [], marker="o", color=INK, markerfacecolor=_DOT, markersize=4, linewidth=0.9, label=words["interval"]
        ),
        Patch(facecolor=_BAR, label=words["range"]),
    ]
    hollow = {"linestyle": "", "markersize": 4, "markerfacecolor": "white", "markeredgecolor": INK}
    handles += [Line2D([], [], marker=shapes[column], label=text, **hollow) for column, text in marks.items()]
    legend_below(ax, handles, 2)
    ax.get_legend().set_bbox_to_anchor((0, -0.14))
