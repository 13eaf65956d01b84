"""Figures of any package, whatever its field, its units and their codes: coverage, tree, matrix, map, pairs.

They compare the level of government that most jurisdictions belong to, by what its law provides; years enter only
where a package has nothing else.
"""

from __future__ import annotations

from policylab.drawings.clusters import Typology, draw_map, draw_matrix, draw_tree, typology
from policylab.drawings.doubt import draw_pairs
from policylab.drawings.provisions import Drawing, evidence_bars
from policylab.plot.style import COLUMN, PAGE, new_figure
from policylab.provisions import Provisions

K = 3
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


def peers(laws: Provisions) -> Provisions:
    """Narrow a view to the level of government that most of its jurisdictions belong to, and to what its law provides.

    Raises
    ------
    ValueError
        If fewer than three jurisdictions are left.
    """
    level = laws.jurisdictions.groupby("level", sort=False).size().idxmax()
    view = laws.select(level=level)
    if len(view.jurisdiction_keys) < 3:
        raise ValueError(
            f"clusters need at least three jurisdictions of one level: found {len(view.jurisdiction_keys)} ({level})"
        )
    provides = [name for name in view.variable_keys if laws.variables[name].scale != "year"]
    return view.select(variables=provides or None)


def _typology(laws: Provisions, k: int) -> Typology:
    view = peers(laws)
    return typology(view, min(k, len(view.jurisdiction_keys) - 1))
