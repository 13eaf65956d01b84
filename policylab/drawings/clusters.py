"""Figures of notebook 03: how many clusters, what they hold, and how far they depend on choices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from policylab.clustering import hierarchy
from policylab.codebook import family_label
from policylab.dissimilarity import dissimilarity
from policylab.drawings.provisions import Drawing
from policylab.multiverse import METHODS, multiverse
from policylab.ordination import principal_coordinates
from policylab.partitions import Clustering
from policylab.plot.curves import curves
from policylab.plot.dendrogram import dendrogram, leaf_order
from policylab.plot.dots import dots_by_choice
from policylab.plot.heatmap import heatmap
from policylab.plot.ordination import ordination
from policylab.plot.style import COLUMN, PAGE, new_figure
from policylab.provisions import Provisions
from policylab.resampling import bootstrap, choose_k, jaccard_of_units, trees_of_samples
from policylab.uncertainty import CoMembership, co_membership

K, LINKAGE, BOOTSTRAPS = 4, "complete", 200


class Typology(NamedTuple):
    """What the figures of notebooks 03 and 04 share."""

    view: Provisions
    matrix: pd.DataFrame
    distances: pd.DataFrame
    clustering: Clustering
    doubt: CoMembership


def content(laws: Provisions, level: str = "state") -> Provisions:
    """Narrow the law to what the jurisdictions of one level provide, leaving out when they did (year variables)."""
    peers = laws.select(level=level)
    return peers.select(variables=[name for name in peers.variable_keys if laws.variables[name].scale != "year"])


def typology(view: Provisions, k: int = K) -> Typology:
    """Cluster the jurisdictions in view, with the uncertainty beside it."""
    matrix = view.matrix()
    distances = dissimilarity(matrix)
    doubt = co_membership(view, k, linkage=LINKAGE, n_jobs=1)
    return Typology(view, matrix, distances, hierarchy(distances, k, LINKAGE), doubt)


def number_of_clusters(laws: Provisions) -> Drawing:
    """Silhouette, bootstrap stability and BIC for two to eight clusters of the states by content of their law."""
    matrix = content(laws).matrix()
    table = choose_k(dissimilarity(matrix), range(2, 9), matrix, linkage=LINKAGE, draws=BOOTSTRAPS).reset_index()
    fig = new_figure(PAGE, 2.3)
    panels = fig.subplots(1, 3)
    curves(table, "k", {"silhouette": "mean width"}, panels[0], "Silhouette", (0, 1))
    lines = {"jaccard": "mean of the clusters", "jaccard_min": "least stable cluster"}
    curves(table, "k", lines, panels[1], "Bootstrap Jaccard", (0, 1), floor=0.6, floor_label="not to be trusted below")
    curves(table, "k", {"bic": "latent classes"}, panels[2], "BIC (lower is better)")
    return fig, table.round(4)


def tree(laws: Provisions) -> Drawing:
    """Tree of the states by content of their law, complete linkage, with the bootstrap stability of the cut."""
    return draw_tree(typology(content(laws)), new_figure(COLUMN, 6.8))


def matrix_of_provisions(laws: Provisions) -> Drawing:
    """Every state by every provision, ordered by the tree, with its cluster and how certain that is."""
    return draw_matrix(typology(content(laws)), new_figure(PAGE, 8.5))


def map_of_distances(laws: Provisions) -> Drawing:
    """Principal coordinates of the states by content of their law: codes in the colour of their cluster."""
    return draw_map(typology(content(laws)), new_figure(PAGE, 4.6))


def dependence_on_choices(laws: Provisions) -> Drawing:
    """How much each way of clustering agrees with all the others of the same number of clusters."""
    table = multiverse(content(laws).matrix())
    fig = new_figure(PAGE, 2.8)
    panels = fig.subplots(1, 4, sharey=True, width_ratios=[4, 2, 5, 8])
    choices = {"method": list(METHODS), "weights": ["family", "equal"], "k": sorted(table["k"].unique())}
    choices["left_out"] = list(dict.fromkeys(table["left_out"]))
    titles = {"method": "method", "weights": "weights", "k": "clusters", "left_out": "family left out"}
    for ax, (choice, values) in zip(panels, choices.items(), strict=True):
        dots_by_choice(table, choice, values, "agreement", ax, titles[choice])
    panels[0].set_ylabel("mean adjusted Rand index\nwith the other ways")
    return fig, table.round(8)


def draw_tree(about: Typology, fig: Figure) -> Drawing:
    """Draw the tree of a typology, with the bootstrap stability of its clusters in the title."""
    model = about.clustering.model
    ax = dendrogram(model.ordered_tree, list(about.distances.index), about.clustering.labels, fig.subplots())
    samples = bootstrap(len(about.distances), BOOTSTRAPS, 0)
    trees = trees_of_samples(about.distances, samples, LINKAGE)
    firm = jaccard_of_units(about.clustering.labels, samples, trees).groupby(level="cluster").mean()
    ax.set_title("Bootstrap Jaccard of cluster " + ", ".join(f"{n}: {value:.2f}" for n, value in firm.items()))
    frame = pd.DataFrame(model.ordered_tree, columns=["first", "second", "height", "size"])
    return fig, frame.round(10)


def draw_matrix(about: Typology, fig: Figure) -> Drawing:
    """Draw the cells of a typology, ordered by its tree, beside the clusters and their certainty."""
    order = about.distances.index[leaf_order(about.clustering.model.ordered_tree)]
    position = about.matrix.loc[order].apply(_position)
    status = about.view.status().loc[order]
    variables = about.view.variables
    families = pd.Series({name: family_label(variables[name].family) for name in position})
    labels, certainty = about.clustering.labels.loc[order], about.doubt.certainty.loc[order]
    heatmap(position, status, families, labels, certainty, fig.subplots())
    frame = position.round(6).stack(future_stack=True).rename("position").reset_index()
    frame["status"] = status.stack(future_stack=True).to_numpy()
    frame = frame.merge(labels.rename("cluster").reset_index(), on="jurisdiction")
    return fig, frame.merge(certainty.round(6).reset_index(), on="jurisdiction")


def draw_map(about: Typology, fig: Figure) -> Drawing:
    """Draw the principal coordinates of a typology."""
    result = principal_coordinates(about.distances)
    if result.points.shape[1] < 2:
        raise ValueError("the distances have one dimension only: a map needs two, from more variables")
    points = result.points.iloc[:, :2].round(6)  # the last bits differ between builds of numpy, and so would pixels
    ordination(points, result.inertia.iloc[:2].tolist(), about.clustering.labels, about.doubt.certainty, fig.subplots())
    frame = points.round(8).rename_axis("jurisdiction").reset_index()
    frame["cluster"] = about.clustering.labels.to_numpy()
    frame["certainty"] = about.doubt.certainty.round(6).to_numpy()
    return fig, frame.assign(**{f"inertia_{axis}": round(share, 6) for axis, share in result.inertia.iloc[:2].items()})


def _position(column: pd.Series) -> pd.Series:
    """Place values between 0 (lowest) and 1: levels by rank, numbers by rank, no limit highest."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.where(column.notna()).astype(float)
        return codes / max(len(column.cat.categories) - 1, 1)
    rank = column.rank(method="dense")
    return (rank - 1) / max(np.nanmax(rank) - 1, 1)
