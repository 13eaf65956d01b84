"""Adoption curves as steps, with their band, their bounds and the number at risk."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from policylab.plot.style import FAINT, INK, SMALL, UNKNOWN_STYLE

_LINE, _BAND = "#0f3b57", "#9cc3d5"
AT_RISK = -0.22  # height of the numbers at risk, below the axis
_OUTER = UNKNOWN_STYLE | {"linewidth": 0.0}


def adoption_steps(table: pd.DataFrame, ax: Axes, limits: tuple[float, float], ticks: Sequence[int]) -> Axes:
    """Draw the share that has adopted over time.

    Parameters
    ----------
    table : pandas.DataFrame
        One group of the table of an adoption curve: time, at_risk, share, lower, upper, at_least, at_most.
    ax : matplotlib.axes.Axes
    limits : tuple of float
        First and last time shown.
    ticks : sequence of int
        Times at which the axis is marked and the number at risk is written below it.

    Returns
    -------
    matplotlib.axes.Axes
        The band is filled; what lies between the bounds but outside of it is hatched. A share of one is drawn only
        if all adopt in the end: an estimate reaches it when the last one still seen adopts, whatever became of others.

    Examples
    --------
    >>> import policylab as lab
    >>> from policylab.plot.style import new_figure
    >>> table = lab.adoptions(lab.load().select(level="state"), {"offence": "cr_first_year"})
    >>> curve = lab.adoption_curve(table, "offence")
    >>> ax = adoption_steps(curve.table, new_figure(2, 2).subplots(), (2000, 2026), [2000, 2020])
    >>> [text.get_text() for text in ax.texts]
    ['51', '0']
    """
    steps = _extended(table, limits)
    ax.fill_between(steps["time"], steps["at_least"], steps["at_most"], step="post", **_OUTER)
    ax.fill_between(steps["time"], steps["lower"], steps["upper"], step="post", color=_BAND, linewidth=0)
    founded = (steps["share"] < 1) | (table["at_least"].iloc[-1] == 1)
    ax.plot(steps["time"], steps["share"].where(founded), drawstyle="steps-post", color=_LINE, linewidth=1.2)
    for tick in ticks:
        later = table.loc[table["time"] >= tick, "at_risk"]
        count = later.iloc[0] if len(later) else 0
        ax.text(tick, AT_RISK, f"{count:.0f}", ha="center", va="top", fontsize=SMALL, color=INK, clip_on=False)
    ax.set_xlim(*limits)
    ax.set_ylim(0, 1)
    ax.set_xticks(list(ticks))
    ax.set_yticks([0, 0.5, 1], ["0", "50", "100 %"])
    ax.tick_params(length=2, color=FAINT)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def steps_legend() -> list:
    """Make the handles that explain :func:`adoption_steps`."""
    return [
        Line2D([], [], color=_LINE, linewidth=1.2, label="estimated share"),
        Patch(color=_BAND, label="95 % band"),
        Patch(**UNKNOWN_STYLE, label="share if all that is not known were a no, or a yes"),
    ]


def _extended(table: pd.DataFrame, limits: tuple[float, float]) -> pd.DataFrame:
    """Carry the first and the last value to the ends of the axis."""
    ends = [table.iloc[[0]].assign(time=min(limits[0], table["time"].iloc[0])), table.iloc[[-1]].assign(time=limits[1])]
    lines = ["lower", "upper"]
    whole = pd.concat([ends[0], table, ends[1]], ignore_index=True)
    return whole.assign(
        **{line: whole[line].ffill(limit=1) for line in lines}
    )  # a step ends where the next would begin
