"""A grid of named cells: rows in groups, columns over time, each cell one of a few levels."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from policylab.plot.style import FAINT, SMALL, UNKNOWN_STYLE, legend_below

_GAP = 0.9  # rows left for the title of a group


def grid(frame: pd.DataFrame, colours: Mapping[str, str], ax: Axes, labels: Mapping[str, str]) -> Axes:
    """Colour the cells of a table whose rows fall into groups.

    Parameters
    ----------
    frame : pandas.DataFrame
        group, row, column, value; one row per cell, in the order in which they are to stand.
    colours : mapping of str to str
        Value to colour for all but ``unknown``, which is hatched.
    ax : matplotlib.axes.Axes
    labels : mapping of str to str
        Value to the words of the legend.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    KeyError
        If a value has no colour.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> cells = pd.DataFrame({"group": ["g"] * 2, "row": ["a"] * 2, "column": ["1996", "2018"], "value": ["no", "yes"]})
    >>> ax = grid(cells, {"no": "#ffffff", "yes": "#000000"}, new_figure(3, 2).subplots(), {"no": "no", "yes": "yes"})
    >>> [text.get_text() for text in ax.texts]
    ['g']
    """
    columns = list(dict.fromkeys(frame["column"]))
    y, places, names = 0.0, [], []
    for group, rows in frame.groupby("group", sort=False):
        ax.text(0, y + _GAP - 0.2, group, ha="left", va="bottom", fontsize=SMALL, fontweight="bold")
        y += _GAP
        for row, cells in rows.groupby("row", sort=False):
            for cell in cells.itertuples(index=False):
                corner = (columns.index(cell.column) + 0.03, y + 0.06)
                ax.add_patch(Rectangle(corner, 0.94, 0.88, **_look(cell.value, colours)))
            places.append(y + 0.5)
            names.append(row)
            y += 1
    ax.set_xlim(0, len(columns))
    ax.set_ylim(y, 0)
    ax.set_yticks(places, names)
    ax.set_xticks([n + 0.5 for n in range(len(columns))], columns)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    present = [value for value in labels if (frame["value"] == value).any()]
    legend_below(ax, [Patch(**_look(value, colours), label=labels[value]) for value in present], 1)
    return ax


def _look(value: str, colours: Mapping[str, str]) -> dict:
    if value == "unknown":
        return UNKNOWN_STYLE
    if value not in colours:
        raise KeyError(f"no colour for {value!r}: expected one of {', '.join(colours)}")
    return {"facecolor": colours[value], "edgecolor": FAINT, "linewidth": 0.4}
