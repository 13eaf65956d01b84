"""Lines over years that stop where a series breaks."""

from __future__ import annotations

import re

import pandas as pd
from matplotlib.axes import Axes

from policylab.plot.style import FAINT, INK, SMALL
from policylab.series import warn_of_breaks

_LINE = "#0f3b57"


def series(frame: pd.DataFrame, ax: Axes, title: str = "", log: bool = False, mark_breaks: bool = True) -> Axes:
    """Draw one series over the years, cut at its breaks.

    Parameters
    ----------
    frame : pandas.DataFrame
        As from :func:`policylab.series.segments`: indicator, year, value, segment, break_before.
    ax : matplotlib.axes.Axes
    title : str
    log : bool
        Draw the values on a logarithmic scale.
    mark_breaks : bool
        Cut the line at each break and mark it with a numbered dashed line, explained below the axes. Otherwise one
        line is drawn over everything, which warns.

    Returns
    -------
    matplotlib.axes.Axes
        A line joins values of consecutive years only; a lone value is a dot.

    Warns
    -----
    BreakWarning
        If a line is drawn across a break.

    Examples
    --------
    >>> import policylab as lab
    >>> from policylab.plot.style import new_figure
    >>> table = lab.segments(lab.load_indicators(), "cybertipline_reports_total")
    >>> ax = series(table, new_figure(3.5, 2.5).subplots(), "Reports", log=True)
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', '3']
    """
    if not mark_breaks:
        warn_of_breaks(frame, "joined")
    cut = frame["segment"].diff().fillna(0) != 0 if mark_breaks else pd.Series(False, index=frame.index)
    gap = frame["year"].diff().fillna(1) != 1
    for _, stretch in frame.groupby((cut | gap).cumsum()):
        ax.plot(stretch["year"], stretch["value"], color=_LINE, marker="o", markersize=2.6, linewidth=1)
    if log:
        ax.set_yscale("log")
    notes = []
    if mark_breaks:
        years = frame["year"].astype(int).tolist()
        for number, place in enumerate(frame.index[cut], start=1):
            position = frame.index.get_loc(place)
            middle = (years[position - 1] + years[position]) / 2
            ax.axvline(middle, color="#d55e00", linewidth=0.8, linestyle=(0, (4, 2)))
            where = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "bottom"}
            ax.text(middle, 1.01, f"{number}", fontsize=SMALL, color=INK, **where)
            notes.append(f"{number}  {years[position]}: {_short(frame['break_before'].iloc[position])}")
    ax.set_xlabel("\n".join(notes), fontsize=SMALL, loc="left")
    ax.xaxis.label.set_horizontalalignment("left")
    ax.set_title(title, pad=11 if notes else None)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(length=2, color=FAINT)
    ax.tick_params(which="minor", length=1.2, color=FAINT)
    return ax


def _short(reason: str) -> str:
    """Take the first clause of a reason."""
    words = re.split(r"[:;,.]", reason)[0]
    return words[:1].lower() + words[1:]
