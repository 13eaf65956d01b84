"""Votes of a chamber, always with their denominator."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from policylab.plot.style import FAINT, INK, SMALL, UNKNOWN_STYLE, rows_from_top, text_colour

YEA, NAY = "#0f3b57", "#e69f00"


def votes(frame: pd.DataFrame, ax: Axes, chamber: str, seats: int, names: bool = True) -> Axes:
    """Draw yeas and nays of each act in one chamber as shares of its seats.

    Parameters
    ----------
    frame : pandas.DataFrame
        act (label), yea, nay (missing where no count is recorded); one row per act.
    ax : matplotlib.axes.Axes
    chamber : str
    seats : int
        Number of seats of the chamber.
    names : bool
        Write the acts beside their bars.

    Returns
    -------
    matplotlib.axes.Axes
        Acts without a recorded count are hatched.

    Raises
    ------
    ValueError
        If more votes were cast than there are seats.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> table = pd.DataFrame({"act": ["An Act"], "yea": [97], "nay": [2]})
    >>> [text.get_text() for text in votes(table, new_figure(3, 1).subplots(), "Senate", 100).texts]
    ['97–2']
    """
    for place, row in enumerate(frame.itertuples(index=False)):
        if pd.isna(row.yea) or pd.isna(row.nay):
            ax.barh(place, 1, height=0.66, **UNKNOWN_STYLE)
            continue
        if row.yea + row.nay > seats:
            raise ValueError(f"{row.act}, {chamber}: {row.yea + row.nay} votes, expected at most {seats}")
        ax.barh(place, row.yea / seats, height=0.66, color=YEA, linewidth=0)
        ax.barh(place, row.nay / seats, left=row.yea / seats, height=0.66, color=NAY, linewidth=0)
        words = f"{row.yea}–{row.nay}"
        ax.text(0.03, place, words, va="center_baseline", fontsize=SMALL, color=text_colour(YEA))
    ax.set_title(f"{chamber}, {seats} seats", fontsize=SMALL + 1)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "50", "100"])
    ax.set_xlabel("% of seats", fontsize=SMALL)
    ax.spines["bottom"].set_color(INK)
    ax.tick_params(length=2, color=FAINT)
    rows_from_top(ax, frame["act"] if names else None, len(frame), margin=0.5)
    return ax


def vote_handles() -> list[Patch]:
    """Legend of :func:`votes`."""
    return [
        Patch(facecolor=YEA, label="yea"),
        Patch(facecolor=NAY, label="nay"),
        Patch(facecolor="white", edgecolor=FAINT, linewidth=0.4, label="not voting or vacant"),
        Patch(**UNKNOWN_STYLE, label="no count recorded"),
    ]
