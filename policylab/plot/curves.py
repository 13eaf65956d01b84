"""Lines over a number."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from policylab.plot.style import FAINT

_LOOKS = ({"color": "#0f3b57", "marker": "o"}, {"color": "#d55e00", "marker": "s", "linestyle": "--"})


def curves(
    frame: pd.DataFrame,
    x: str,
    lines: Mapping[str, str],
    ax: Axes,
    title: str,
    limits: tuple[float, float] | None = None,
    floor: float | None = None,
    floor_label: str = "",
) -> Axes:
    """Draw up to two columns over another, each line told apart by colour, mark and dash.

    Parameters
    ----------
    frame : pandas.DataFrame
    x : str
        Column of the horizontal axis.
    lines : mapping of str to str
        Column to the words of the legend.
    ax : matplotlib.axes.Axes
    title : str
    limits : tuple of float, optional
        Of the vertical axis.
    floor : float, optional
        A level to mark.
    floor_label : str, optional
        Its words in the legend.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> frame = pd.DataFrame({"k": [2, 3], "width": [0.4, 0.2]})
    >>> len(curves(frame, "k", {"width": "mean"}, new_figure(2, 2).subplots(), "Silhouette").lines)
    1
    """
    for (column, words), look in zip(lines.items(), _LOOKS, strict=False):
        ax.plot(frame[x], frame[column], markersize=3.5, linewidth=1, label=words, **look)
    if floor is not None:
        ax.axhline(floor, color=FAINT, linewidth=0.8, linestyle=":", label=floor_label)
    if limits:
        ax.set_ylim(limits)
    ax.set_title(title)
    ax.set_xlabel(x)
    ax.set_xticks(frame[x])
    ax.legend(frameon=False, loc="upper left" if limits is None else "upper right")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
