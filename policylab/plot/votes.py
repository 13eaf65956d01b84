"""Votes of two chambers, always with their denominators."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from policylab.plot.style import FAINT, INK, SMALL, UNKNOWN_STYLE, text_colour

YEA, NAY = "#0f3b57", "#e69f00"


def votes(frame: pd.DataFrame, axes: Mapping[str, Axes], seats: Mapping[str, int]) -> None:
    """Draw yeas and nays of each act as shares of the seats of a chamber.

    Parameters
    ----------
    frame : pandas.DataFrame
        act (label), chamber, yea, nay (missing where no count is recorded); one row per act and chamber.
    axes : mapping of str to matplotlib.axes.Axes
        Chamber to its axes, in the order from left to right.
    seats : mapping of str to int
        Chamber to its number of seats.

    Raises
    ------
    ValueError
        If more votes were cast than there are seats.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> table = pd.DataFrame({"act": ["An Act"], "chamber": "Senate", "yea": [97], "nay": [2]})
    >>> ax = new_figure(3, 1).subplots()
    >>> votes(table, {"Senate": ax}, {"Senate": 100})
    >>> [text.get_text() for text in ax.texts]
    ['97–2']
    """
    for place, (chamber, ax) in enumerate(axes.items()):
        rows = frame[frame["chamber"] == chamber].reset_index(drop=True)
        size = seats[chamber]
        for n, row in enumerate(rows.itertuples(index=False)):
            if pd.isna(row.yea) or pd.isna(row.nay):
                ax.barh(n, 1, height=0.66, **UNKNOWN_STYLE)
                continue
            if row.yea + row.nay > size:
                raise ValueError(f"{row.act}, {chamber}: {row.yea + row.nay} votes, expected at most {size}")
            ax.barh(n, row.yea / size, height=0.66, color=YEA, linewidth=0)
            ax.barh(n, row.nay / size, left=row.yea / size, height=0.66, color=NAY, linewidth=0)
            words = f"{row.yea}–{row.nay}"
            ax.text(0.03, n, words, va="center_baseline", fontsize=SMALL, color=text_colour(YEA))
        ax.set_title(f"{chamber}, {size} seats", fontsize=SMALL + 1)
        ax.set_xlim(0, 1)
        ax.set_xticks([0, 0.5, 1], ["0", "50", "100"])
        ax.set_xlabel("% of seats", fontsize=SMALL)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_yticks(range(len(rows)), rows["act"] if place == 0 else [])
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.spines["bottom"].set_color(INK)
        ax.tick_params(length=2, color=FAINT)
        ax.tick_params(axis="y", length=0)


def vote_handles() -> list[Patch]:
    """Legend of :func:`votes`."""
    return [
        Patch(facecolor=YEA, label="yea"),
        Patch(facecolor=NAY, label="nay"),
        Patch(facecolor="white", edgecolor=FAINT, linewidth=0.4, label="not voting or vacant"),
        Patch(**UNKNOWN_STYLE, label="no count recorded"),
    ]
