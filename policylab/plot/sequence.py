"""When each jurisdiction adopted a policy: one row each, known days as dots, intervals as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from policylab.adoption import ADOPTED, NOT_ADOPTED
from policylab.plot.style import FAINT, SMALL, UNKNOWN_STYLE, rows_from_top

_MARK, _ABSENT, _REFERENCE = "#0f3b57", "#b9962f", "#d55e00"
_YEAR = 1.01  # what is known to a year is a dot


def sequence(
    frame: pd.DataFrame,
    ax: Axes,
    rows: Sequence[str],
    limits: tuple[float, float],
    title: str,
    reference: Mapping[str, float] | None = None,
) -> Axes:
    """Draw what is known of the date of one policy in each jurisdiction.

    Parameters
    ----------
    frame : pandas.DataFrame
        jurisdiction, status, first and last: decimal years, missing where that side is open.
    ax : matplotlib.axes.Axes
    rows : sequence of str
        Jurisdictions from top to bottom.
    limits : tuple of float
        First and last time shown.
    title : str
    reference : mapping of str to float, optional
        Jurisdiction to a time to be marked by a stroke, such as that of another policy.

    Returns
    -------
    matplotlib.axes.Axes
        A dot for a date known to the year or better, a bar from the first to the last possible time where it is not,
        a dotted line up to an arrowhead where only the last is known; an open arrowhead at the last time at which the
        policy was seen absent; hatching where nothing is known.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> frame = pd.DataFrame({"jurisdiction": ["CT"], "status": ["adopted"], "first": [2013.7], "last": [2013.7]})
    >>> ax = sequence(frame, new_figure(2, 2).subplots(), ["CT"], (2000, 2026), "Record relief")
    >>> len(ax.lines)
    1
    """
    by_place = frame.set_index("jurisdiction")
    for place, name in enumerate(rows):
        if place % 2:
            ax.axhspan(place - 0.5, place + 0.5, facecolor="#f2f2f2", edgecolor="none", zorder=0)
        if reference is not None and name in reference:
            ax.plot([reference[name]] * 2, [place - 0.42, place + 0.42], color=_REFERENCE, linewidth=0.9, zorder=1)
        if name in by_place.index:
            row = by_place.loc[name]
            _draw(ax, place, row["status"], row["first"], row["last"], limits)
    ax.set_xlim(*limits)
    ax.set_title(title, fontsize=SMALL + 0.5)
    ax.tick_params(length=2, color=FAINT, pad=1.5)
    rows_from_top(ax, list(rows), len(rows), margin=0.5)
    return ax


def sequence_legend(reference: str = "") -> list:
    """Make the handles that explain :func:`sequence`."""
    plain = {"linestyle": "none", "markersize": 4}
    return [
        Line2D([], [], color=_MARK, marker="o", **plain, label="known to the year or better"),
        Line2D([], [], color=_MARK, linewidth=2, label="some time within the bar"),
        Line2D(
            [],
            [],
            color=_MARK,
            marker="<",
            linestyle=":",
            linewidth=0.8,
            markersize=4,
            label="by then, since not known",
        ),
        Line2D([], [], color=_ABSENT, marker=">", markerfacecolor="white", **plain, label="still absent then"),
        Patch(**UNKNOWN_STYLE, label="not known"),
        *([Line2D([], [], color=_REFERENCE, marker="|", **plain, label=reference)] if reference else []),
    ]


def _draw(ax: Axes, place: int, status: str, first: float, last: float, limits: tuple[float, float]) -> None:
    if status == ADOPTED and pd.isna(first):
        ax.plot([limits[0], last], [place, place], color=_MARK, linewidth=0.8, linestyle=":")
        ax.plot([last], [place], color=_MARK, marker="<", markersize=3)
    elif status == ADOPTED and last - first <= _YEAR:
        ax.plot([(first + last) / 2], [place], color=_MARK, marker="o", markersize=2.8)
    elif status == ADOPTED:
        ax.plot([first, last], [place, place], color=_MARK, linewidth=2, solid_capstyle="butt")
    elif status == NOT_ADOPTED and pd.notna(first):
        ax.plot([first], [place], color=_ABSENT, marker=">", markersize=3, markerfacecolor="white", markeredgewidth=0.7)
    else:
        ax.add_patch(Rectangle((limits[0], place - 0.4), limits[1] - limits[0], 0.8, **UNKNOWN_STYLE))
