"""Figures of notebook 04: which pairs of states are firm, and which states cannot be placed."""

from __future__ import annotations

from matplotlib.figure import Figure

from policylab.drawings.clusters import content, typology
from policylab.drawings.provisions import Drawing, tile_grid
from policylab.plot.dendrogram import leaf_order
from policylab.plot.pairs import pair_matrix
from policylab.plot.style import COLUMN, PAGE, new_figure
from policylab.plot.tile_map import cluster_map
from policylab.provisions import Provisions
from policylab.uncertainty import CoMembership


def pair_probabilities(laws: Provisions) -> Drawing:
    """Probability that two states share a cluster when missing and doubtful cells are drawn anew."""
    return draw_pairs(typology(content(laws)).doubt, new_figure(PAGE, 6.6))


def certainty_map(laws: Provisions) -> Drawing:
    """Consensus clusters on the tile map, paler where a state cannot be placed."""
    about = typology(content(laws)).doubt
    frame = tile_grid(laws)[["jurisdiction", "level", "tile_row", "tile_column"]].set_index("jurisdiction")
    frame = frame.assign(cluster=about.consensus.labels, certainty=about.certainty.round(6)).reset_index()
    frame = frame[frame["level"] == "state"].reset_index(drop=True)
    fig = new_figure(COLUMN, 3.3)
    ax = cluster_map(frame, fig.subplots())
    ax.set_title("Consensus clusters and their certainty")
    return fig, frame


def draw_pairs(about: CoMembership, fig: Figure) -> Drawing:
    """Draw the probabilities of all pairs, ordered by the consensus tree."""
    order = about.probability.index[leaf_order(about.consensus.model.ordered_tree)]
    pair_matrix(about.probability.loc[order, order], about.consensus.labels.loc[order], fig.subplots())
    return fig, about.pairs().round(6)
