"""Points by category."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from policylab.plot.style import FAINT, INK


def dots_by_choice(frame: pd.DataFrame, choice: str, values: Sequence, y: str, ax: Axes, title: str) -> Axes:
    """Draw every row as a dot over the value of one of its choices, with the median of each value.

    Parameters
    ----------
    frame : pandas.DataFrame
    choice, y : str
        Columns of the category and the number.
    values : sequence
        Categories in order.
    ax : matplotlib.axes.Axes
    title : str

    Returns
    -------
    matplotlib.axes.Axes
        Dots of one category stand side by side in the order of their numbers, so that none hides another.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> frame = pd.DataFrame({"method": ["a", "a", "b"], "score": [0.1, 0.2, 0.3]})
    >>> ax = dots_by_choice(frame, "method", ["a", "b"], "score", new_figure(2, 2).subplots(), "method")
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['a', 'b']
    """
    for place, value in enumerate(values):
        numbers = frame.loc[frame[choice] == value, y].sort_values().to_numpy()
        spread = np.linspace(-0.3, 0.3, len(numbers)) if len(numbers) > 1 else np.zeros(1)
        ax.scatter(place + spread, numbers, s=3, color="#3a8ba0", alpha=0.6, linewidths=0)
        ax.hlines(np.median(numbers), place - 0.36, place + 0.36, color=INK, linewidth=1.2)
    words = [str(value).replace("_", " ") for value in values]
    ax.set_xticks(range(len(values)), words, rotation=90 if max(map(len, words)) > 3 else 0)
    ax.set_xlim(-0.6, len(values) - 0.4)
    ax.set_title(title)
    ax.axhline(0, color=FAINT, linewidth=0.5)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
