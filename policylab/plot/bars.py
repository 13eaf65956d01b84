"""Stacked bars of shares and before-and-after strips."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from policylab.codebook import ORDERED
from policylab.plot.style import FAINT, INK, SMALL, UNKNOWN_STYLE, legend_below


def stacked_shares(
    counts: pd.DataFrame, colours: Mapping[str, str], ax: Axes, labels: Mapping[str, str], unit: str = "cells"
) -> Axes:
    """Draw one horizontal bar per row, split into shares of its total.

    Parameters
    ----------
    counts : pandas.DataFrame
        Index: the label of the bar; columns: the parts, of which ``unknown`` is hatched.
    colours : mapping of str to str
        Part to colour for all but ``unknown``.
    ax : matplotlib.axes.Axes
    labels : mapping of str to str
        Part to the words of the legend.
    unit : str
        What is counted, over the denominators.

    Returns
    -------
    matplotlib.axes.Axes
        Each bar ends with its denominator.
    """
    shares = counts.div(counts.sum(axis=1), axis=0)
    left = pd.Series(0.0, index=counts.index)
    handles = []
    for part in counts.columns:
        look = (
            UNKNOWN_STYLE if part == "unknown" else {"facecolor": colours[part], "edgecolor": FAINT, "linewidth": 0.4}
        )
        handles.append(ax.barh(range(len(counts)), shares[part], left=left, height=0.7, label=labels[part], **look))
        left = left + shares[part]
    for place, total in enumerate(counts.sum(axis=1)):
        ax.text(1.02, place, f"{total}", va="center_baseline", fontsize=SMALL, color=INK)
    ax.text(1.02, -0.85, unit, va="center_baseline", fontsize=SMALL, color=INK)
    ax.set_yticks(range(len(counts)), counts.index)
    ax.set_ylim(len(counts) - 0.4, -1.2)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "50", "100 %"])
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(length=2, color=FAINT)
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, -0.12),
        ncols=2,
        frameon=False,
        handlelength=1.3,
        columnspacing=1.2,
    )
    return ax


def before_after(frame: pd.DataFrame, ax: Axes, before: str, after: str) -> Axes:
    """Show on its scale of levels how each provision moved.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per provision and level: label, scale, rank, level_label, is_before, is_after.
    ax : matplotlib.axes.Axes
    before, after : str
        Words of the legend.

    Returns
    -------
    matplotlib.axes.Axes
        Ordered levels stand on a line; between unordered ones the arrow arches over those it passes.
    """
    names = list(dict.fromkeys(frame["label"]))
    widest = frame["rank"].max()
    for place, name in enumerate(names):
        levels = frame[frame["label"] == name]
        ordered = levels["scale"].iloc[0] in ORDERED
        if ordered:
            ax.hlines(place, levels["rank"].min(), levels["rank"].max(), color=FAINT, linewidth=0.6, zorder=1)
        ax.scatter(
            levels["rank"],
            [place] * len(levels),
            s=10,
            color="white",
            edgecolor=FAINT,
            linewidth=0.6,
            zorder=2,
        )
        start = levels.loc[levels["is_before"], "rank"].item()
        end = levels.loc[levels["is_after"], "rank"].item()
        arrow = {"arrowstyle": "-|>", "color": "#22608a", "shrinkA": 4, "shrinkB": 4, "linewidth": 1.1}
        if not ordered:
            arrow["connectionstyle"] = "arc3,rad=-0.12"
        ax.annotate("", (end, place), (start, place), arrowprops=arrow, zorder=3)
        ax.scatter(
            [start],
            [place],
            s=34,
            color="#f3e6b1",
            edgecolor=INK,
            linewidth=0.8,
            zorder=4,
            label=before if not place else None,
        )
        ax.scatter(
            [end],
            [place],
            s=34,
            color="#0f3b57",
            edgecolor=INK,
            linewidth=0.8,
            zorder=4,
            label=after if not place else None,
        )
        for level in levels.itertuples(index=False):
            ax.text(level.rank, place + 0.24, level.level_label, ha="center", va="top", fontsize=SMALL)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.3, -0.4)
    ax.set_xlim(-0.45, widest + 0.45)
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    legend_below(ax, ax.get_legend_handles_labels()[0], 2)
    return ax
