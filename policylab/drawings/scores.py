"""Figures of notebook 08: intervals of ranks under two stated choices, and how far two coders agree."""

from __future__ import annotations

import pandas as pd

from policylab.codebook import family_label
from policylab.drawings.provisions import Drawing
from policylab.plot.ranks import intervals, share_bars, tie_bands
from policylab.plot.style import COLUMN, FAINT, PAGE, SMALL, new_figure
from policylab.provisions import Provisions
from policylab.ranks import rank_intervals
from policylab.second_codings import agreement_table
from policylab.weights import spread

CUSTOMARY = 0.8  # Krippendorff (2004): rely on variables that reach it, below 0.667 draw no conclusion
_REMEDIES = ("record_relief", "compensation", "safe_harbor", "civil")
_ENFORCEMENT = ("wiretap", "crime", "platform")
READERS = {
    "remedies": dict.fromkeys(_REMEDIES, 3) | dict.fromkeys(_ENFORCEMENT, 1),
    "enforcement": dict.fromkeys(_REMEDIES, 1) | dict.fromkeys(_ENFORCEMENT, 3),
}


def ranks_of_readers(laws: Provisions) -> pd.DataFrame:
    """Rank the states by the weights of each reader.

    Returns
    -------
    pandas.DataFrame
        reader, jurisdiction and the columns of :func:`policylab.rank_intervals`.
    """
    states = laws.select(level="state")
    tables = {
        reader: rank_intervals(states, spread(states, families), n_jobs=1) for reader, families in READERS.items()
    }
    return pd.concat(tables, names=["reader"]).reset_index()


def rank_of_states(laws: Provisions) -> Drawing:
    """Intervals of the rank of each state under two readers' weights, beside the share of its cells that is coded."""
    table = ranks_of_readers(laws).round(6)
    fig = new_figure(PAGE, 7.6)
    left, right, bars = fig.subplots(1, 3, sharey=True, width_ratios=[5, 5, 1])
    order = table.loc[table["reader"] == "remedies", "jurisdiction"].tolist()
    for ax, reader in ((left, "remedies"), (right, "enforcement")):
        rows = table[table["reader"] == reader].set_index("jurisdiction").loc[order].reset_index()
        intervals(rows, ax, "jurisdiction", "rank_low", "rank_median", "rank_high", f"Reader with weight on {reader}")
        ax.set_xlabel("rank by score, 1 highest: median and 90 % interval")
        ax.set_xlim(0, len(order) + 1)
        ax.set_xticks([1, *range(10, len(order), 10)])
        ax.xaxis.grid(True, linewidth=0.3)
        ax.set_axisbelow(True)
    tie_bands(table.loc[table["reader"] == "remedies", "rank_median"], left)
    left.tick_params(axis="y", labelsize=SMALL)
    share_bars(rows["share_coded"], bars, "Coded")
    note = "Both panels are in the order of the left one; its shaded rows have the same median rank."
    fig.supxlabel(note, fontsize=SMALL)
    return fig, table


def agreement_of_coders(laws: Provisions) -> Drawing:
    """Krippendorff's alpha of two coders by family of provisions, with bootstrap intervals and numbers of cells."""
    table = agreement_table(laws.select(level="state"), by="family").reset_index().round(6)
    table = table.replace(-0.0, 0.0)  # either may come out of the same sum in another order
    words = [f"{family_label(row.family)} ({row.agreed} of {row.cells})" for row in table.itertuples(index=False)]
    fig = new_figure(COLUMN, 2.5)
    ax = intervals(table.assign(row=words), fig.subplots(), "row", "alpha_low", "alpha", "alpha_high", floor=0)
    ax.axvline(CUSTOMARY, color=FAINT, linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
    ax.text(CUSTOMARY, -0.62, f"{CUSTOMARY}: often asked for", ha="center", va="bottom", fontsize=SMALL)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel("Krippendorff's alpha and 95 % interval\n(cells on which both agree, of cells compared)")
    return fig, table
