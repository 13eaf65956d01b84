"""Values beside the values claimed for them, as ratios."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from policylab.plot.style import FAINT, INK, UNKNOWN_STYLE, rows_from_top

_SHAPES = ("o", "s", "D", "^")


def ratios(frame: pd.DataFrame, colours: Mapping[str, str], ax: Axes) -> Axes:
    """Draw for each claim the value found as a ratio to the value claimed.

    Parameters
    ----------
    frame : pandas.DataFrame
        label, verdict, claimed, low, high (equal for one value, infinite `high` for a lower bound, missing where no
        value was found); one row per claim.
    colours : mapping of str to str
        Verdict to colour, in the order of the legend; each also has a shape of its own.
    ax : matplotlib.axes.Axes

    Returns
    -------
    matplotlib.axes.Axes
        The vertical line at 1 is the value claimed. Claims without a value found are hatched along their row.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> table = pd.DataFrame({"label": ["a"], "verdict": ["supported"], "claimed": [2.0], "low": [2.0], "high": [2.0]})
    >>> ax = ratios(table, {"supported": "#0f3b57"}, new_figure(3, 2).subplots())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['a']
    """
    shapes = dict(zip(colours, _SHAPES, strict=False))
    low, high = frame["low"] / frame["claimed"], frame["high"] / frame["claimed"]
    finite = [value for value in [*low, *high] if np.isfinite(value)]
    left, right = min([*finite, 1]) - 0.1, max([*finite, 1]) + 0.25
    ax.axvline(1, color=INK, linewidth=0.8, zorder=1)
    for place, (row, start, end) in enumerate(zip(frame.itertuples(index=False), low, high, strict=True)):
        if np.isnan(start):
            ax.barh(place, right - left, left=left, height=0.5, zorder=2, **UNKNOWN_STYLE)
            continue
        look = {"color": colours[row.verdict], "zorder": 3}
        if np.isinf(end):
            ax.annotate("", (right, place), (start, place), arrowprops={"arrowstyle": "->", **look, "linewidth": 1})
        elif end > start:
            ax.hlines(place, start, end, linewidth=1.6, **look)
        ends = [start] if np.isinf(end) else sorted({start, end})
        ax.plot(ends, [place] * len(ends), linestyle="none", marker=shapes[row.verdict], markersize=4, **look)
    ax.set_xlim(left, right)
    ax.set_xlabel("found / claimed" + (" (arrow: at least)" if np.isinf(high).any() else ""))
    ax.tick_params(length=2, color=FAINT)
    rows_from_top(ax, frame["label"], len(frame))
    handles = [
        Line2D([], [], linestyle="none", marker=shapes[verdict], markersize=4, color=colour, label=verdict)
        for verdict, colour in colours.items()
        if ((frame["verdict"] == verdict) & frame["low"].notna()).any()
    ]
    if frame["low"].isna().any():
        handles.append(Patch(**UNKNOWN_STYLE, label="no value found"))
    ax.legend(
        handles=handles,
        loc="upper right",
        bbox_to_anchor=(1.04, -0.12),
        ncols=len(handles),
        frameon=False,
        handlelength=1.3,
        columnspacing=1.2,
    )
    return ax
