"""Figures of any package, whatever its field, its units and their codes: coverage, clusters, adoption.

They compare the level of government that most jurisdictions belong to, by what its law provides; years enter only
where a package has nothing else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from policylab.adoption import ADOPTED, adoptions, policy_names
from policylab.drawings.clusters import Typology, draw_map, draw_matrix, draw_tree, typology
from policylab.drawings.doubt import draw_pairs
from policylab.drawings.provisions import Drawing, evidence_bars
from policylab.plot.steps import AT_RISK, adoption_steps, steps_legend
from policylab.plot.style import COLUMN, PAGE, SMALL, TEXT, new_figure
from policylab.provisions import Provisions
from policylab.survival import adoption_curve

K = 3
_MOST = 12  # panels on one page
_ROW = 0.135  # inches that one jurisdiction takes in a column of names


def coverage(laws: Provisions) -> Drawing:
    """Share of the applicable cells that are coded, by family and kind of evidence."""
    fig = new_figure(COLUMN, 1.3 + 0.22 * laws.codebook["family"].nunique())
    return fig, evidence_bars(laws, fig.subplots()).rename_axis("family").reset_index()


def tree(laws: Provisions, k: int = K) -> Drawing:
    """Tree of the jurisdictions by what their law provides, complete linkage, with the stability of the cut."""
    about = _typology(laws, k)
    return draw_tree(about, new_figure(COLUMN, 0.9 + _ROW * len(about.matrix)))


def matrix(laws: Provisions, k: int = K) -> Drawing:
    """Every jurisdiction by every variable, ordered by the tree, with its cluster and how certain that is."""
    about = _typology(laws, k)
    wide, high = about.matrix.shape[1], len(about.matrix)
    return draw_matrix(about, new_figure(min(PAGE, max(4.8, 2.5 + 0.3 * wide)), 2 + _ROW * high))


def distances(laws: Provisions, k: int = K) -> Drawing:
    """Principal coordinates of the jurisdictions: codes in the colour of their cluster."""
    return draw_map(_typology(laws, k), new_figure(PAGE, 4.2))


def pairs(laws: Provisions, k: int = K) -> Drawing:
    """Probability that two jurisdictions share a cluster when missing and doubtful cells are drawn anew."""
    about = _typology(laws, k)
    side = max(3.2, 1.2 + _ROW * len(about.matrix))
    return draw_pairs(about.doubt, new_figure(min(PAGE, 1.1 * side), min(PAGE, side)))


def adoption(laws: Provisions) -> Drawing:
    """Share of the jurisdictions that have adopted each policy: 95 % band, bounds, and the number at risk."""
    table = adoptions(laws.select(level=_main_level(laws)))
    adopted = table[(table["status"] == ADOPTED) & table["earliest"].notna()]
    names = [name for name in policy_names(table) if name in set(adopted["policy"])]
    if not names:
        raise ValueError("no adoption is dated: a policy needs a year variable with onset_of, and a year")
    if len(names) > _MOST:
        raise ValueError(f"{len(names)} policies are too many for one page: select at most {_MOST} year variables")
    span = (float(adopted["earliest"].dt.year.min() - 2), float(laws.date.year + 1))
    ticks = [round(year) for year in np.linspace(span[0] + 2, span[1] - 1, 4)]
    wide = min(3, len(names))
    high = -(-len(names) // wide)
    fig = new_figure(max(COLUMN, PAGE * wide / 3), 0.8 + 1.7 * high)
    panels = np.atleast_1d(fig.subplots(high, wide, sharex=True, sharey=True)).reshape(high, wide)
    curves = []
    for ax, name in zip(panels.flat, names, strict=False):
        curve = adoption_curve(table, name)
        counts = curve.counts.iloc[0]
        adoption_steps(curve.table.round(8), ax, span, ticks)
        ax.tick_params(labelbottom=True)
        words = f"{counts['adopted']:.0f} of {counts['jurisdictions']:.0f} adopted, {counts['unknown']:.0f} not known"
        ax.set_title(f"{laws.variables[name].label}\n{words}", loc="left", fontsize=TEXT)
        curves.append(curve.table.assign(policy=name))
    for ax in panels.flat[len(names) :]:
        ax.set_visible(False)
    for ax in panels[:, 0]:
        ax.text(-0.03, AT_RISK, "at risk", transform=ax.transAxes, ha="right", va="top", fontsize=SMALL)
    fig.legend(handles=steps_legend(), loc="outside lower left", ncols=1 if wide == 1 else 2, frameon=False)
    frame = pd.concat(curves, ignore_index=True)
    return fig, frame.drop(columns="group").set_index("policy").reset_index().round(6)


def peers(laws: Provisions) -> Provisions:
    """Narrow a view to the level of government that most of its jurisdictions belong to, and to what its law provides.

    Raises
    ------
    ValueError
        If fewer than three jurisdictions are left.
    """
    level = _main_level(laws)
    view = laws.select(level=level)
    if len(view.jurisdiction_keys) < 3:
        raise ValueError(
            f"clusters need at least three jurisdictions of one level: found {len(view.jurisdiction_keys)} ({level})"
        )
    provides = [name for name in view.variable_keys if laws.variables[name].scale != "year"]
    return view.select(variables=provides or None)


def _main_level(laws: Provisions) -> str:
    return laws.jurisdictions.groupby("level", sort=False).size().idxmax()


def _typology(laws: Provisions, k: int) -> Typology:
    view = peers(laws)
    return typology(view, min(k, len(view.jurisdiction_keys) - 1))
