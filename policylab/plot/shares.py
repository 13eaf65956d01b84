"""A square of shares: in how many of the settled cases one thing comes before another."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle

from policylab.plot.style import FAINT, INK, SMALL, UNKNOWN_STYLE, ordered_colours, text_colour


def share_matrix(pairs: pd.DataFrame, names: list[str], ax: Axes) -> Axes:
    r"""Draw the share in which the row comes before the column, with its interval and its denominator.

    Parameters
    ----------
    pairs : pandas.DataFrame
        first, second, before, after, share, lower, upper.
    names : list of str
        In the order of rows and columns.
    ax : matplotlib.axes.Axes
        Each cell needs about 0.6 inches of width.

    Returns
    -------
    matplotlib.axes.Axes
        Cells without a settled case are hatched. Shares whose interval excludes one half are bold.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> counts = {"before": [3, 1], "after": [1, 3], "share": [0.75, 0.25], "lower": [0.3, 0.05], "upper": [0.95, 0.7]}
    >>> pairs = pd.DataFrame({"first": ["a", "b"], "second": ["b", "a"], **counts})
    >>> ax = share_matrix(pairs, ["a", "b"], new_figure(3, 3).subplots())
    >>> [text.get_text() for text in ax.texts]
    ['75', '30–95\nof 4', '25', '5–70\nof 4']
    """
    ramp = LinearSegmentedColormap.from_list("shares", ordered_colours(6))
    place = {name: number for number, name in enumerate(names)}
    for pair in pairs.itertuples(index=False):
        row, column, settled = place[pair.first], place[pair.second], pair.before + pair.after
        corner = (column - 0.5, row - 0.5)
        if not settled:
            ax.add_patch(Rectangle(corner, 1, 1, **UNKNOWN_STYLE))
            continue
        colour = to_hex(ramp(pair.share))
        ax.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor="white", linewidth=0.6))
        ink, firm = text_colour(colour), not pair.lower <= 0.5 <= pair.upper
        look = {"ha": "center", "color": ink, "linespacing": 1.05}
        weight = "bold" if firm else "normal"
        ax.text(
            column, row - 0.08, f"{100 * pair.share:.0f}", va="bottom", fontsize=SMALL + 2, fontweight=weight, **look
        )
        words = f"{100 * pair.lower:.0f}–{100 * pair.upper:.0f}\nof {settled}"
        ax.text(column, row - 0.02, words, va="top", fontsize=SMALL, **look)
    for number in range(len(names)):
        ax.add_patch(Rectangle((number - 0.5, number - 0.5), 1, 1, facecolor="white", edgecolor=FAINT, linewidth=0.3))
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xticks(range(len(names)), [name.replace(" ", "\n") for name in names])
    ax.set_yticks(range(len(names)), names)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.tick_params(length=0, pad=2, labelcolor=INK)
    ax.spines[:].set_visible(False)
    return ax
