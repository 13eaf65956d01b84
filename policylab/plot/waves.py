"""Tile maps of one policy, period by period."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from policylab.periods import ABSENT, BEFORE, BY_THEN, DURING, OPEN
from policylab.plot.style import FAINT, SMALL, UNKNOWN_STYLE
from policylab.plot.tile_map import tile_map

COLOURS = {BEFORE: "#0f3b57", DURING: "#d55e00", BY_THEN: "#9ccfc2", ABSENT: "#f3e6b1"}
WORDS = {
    BEFORE: "adopted before the period",
    DURING: "adopted in the period",
    BY_THEN: "adopted in the period or before",
    ABSENT: "not adopted by its end",
    OPEN: "not known at its end",
}


def wave(frame: pd.DataFrame, ax: Axes, title: str) -> Axes:
    r"""Draw where a policy stood at the end of one period.

    Parameters
    ----------
    frame : pandas.DataFrame
        jurisdiction, level (of government), tile_row, tile_column, standing; one row per tile.
    ax : matplotlib.axes.Axes
    title : str
        The period; the counts are added.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> tiles = {"jurisdiction": ["CT", "ND"], "level": "state", "tile_row": [3, 2], "tile_column": [9, 4]}
    >>> frame = pd.DataFrame({**tiles, "standing": ["before", "unknown"]})
    >>> wave(frame, new_figure(2, 2).subplots(), "2013 to 2014").get_title("left")
    '2013 to 2014\n0 new, 1 of 2 in all, 1 not known'
    """
    known = frame["standing"].astype(str) != OPEN
    looks = frame.assign(
        value=frame["standing"].astype(str), status=known.map({True: "coded", False: "unknown"}), confidence=""
    )
    tile_map(looks, COLOURS, ax)
    ax.get_legend().remove()
    new = frame["standing"].isin([DURING, BY_THEN]).sum()
    total = new + (frame["standing"] == BEFORE).sum()
    counts = f"{new} new, {total} of {len(frame)} in all, {(~known).sum()} not known"
    ax.set_title(f"{title}\n{counts}", loc="left", fontsize=SMALL + 0.5)
    return ax


def wave_legend(standings: set[str]) -> list[Patch]:
    """Make the handles that explain :func:`wave`, for the standings that occur."""
    edge = {"edgecolor": FAINT, "linewidth": 0.4}
    handles = [
        Patch(facecolor=colour, label=WORDS[name], **edge) for name, colour in COLOURS.items() if name in standings
    ]
    return handles + ([Patch(**UNKNOWN_STYLE, label=WORDS[OPEN])] if OPEN in standings else [])
