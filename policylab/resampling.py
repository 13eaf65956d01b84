"""How many clusters, and how firm each of them is when jurisdictions or variables are drawn anew."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster

from policylab.clustering import Linkage, agglomerate, hierarchy, latent_classes
from policylab.dissimilarity import dissimilarity, variable_weights
from policylab.partitions import check_distances
from policylab.scales import variable_scales


def choose_k(
    distances: pd.DataFrame,
    ks: Iterable[int],
    matrix: pd.DataFrame | None = None,
    linkage: Linkage = "average",
    draws: int = 200,
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Compare numbers of clusters by how well separated, how stable and how parsimonious they are.

    Parameters
    ----------
    distances : pandas.DataFrame, shape (units, units)
    ks : iterable of int
        From 2 on.
    matrix : pandas.DataFrame, optional
        For the BIC of latent class models of the same number of classes.
    linkage : {"average", "complete", "single"}
    draws : int
        Bootstrap draws of the units.
    random_state : int or None

    Returns
    -------
    pandas.DataFrame
        Index k; clusters (fewer than k where ties forbid k), silhouette (mean width), jaccard (mean over the
        clusters of their bootstrap stability), jaccard_min (the least stable cluster), smallest (size of the
        smallest cluster) and, with a matrix, bic (lower is better).

    References
    ----------
    Rousseeuw, P. J. (1987). Silhouettes. Journal of Computational and Applied Mathematics 20, 53-65.
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data Analysis 52.

    Examples
    --------
    >>> import policylab as lab
    >>> view = lab.load().select(level="state")
    >>> choose_k(lab.dissimilarity(view.matrix()), [2, 3], draws=10).columns.tolist()
    ['clusters', 'silhouette', 'jaccard', 'jaccard_min', 'smallest']
    """
    from sklearn.metrics import silhouette_score

    rows = {}
    samples = bootstrap(len(distances), draws, random_state)
    trees = trees_of_samples(distances, samples, linkage)
    for k in ks:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            labels = hierarchy(distances, k, linkage).labels
        found = labels.nunique()
        firm = jaccard_of_units(labels, samples, trees).groupby(level="cluster").mean()
        row = {
            "clusters": found,
            "silhouette": silhouette_score(distances.to_numpy(), labels, metric="precomputed") if found > 1 else np.nan,
            "jaccard": firm.mean(),
            "jaccard_min": firm.min(),
            "smallest": labels.value_counts().min(),
        }
        if matrix is not None:
            model = latent_classes(matrix, k, random_state=random_state).model
            row["bic"] = model.bic(model.data)
        rows[k] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("k")


def stability(
    matrix: pd.DataFrame,
    k: int,
    draws: int = 1000,
    weights: str | Mapping[str, float] = "family",
    linkage: Linkage = "average",
    random_state: int | None = 0,
) -> pd.DataFrame:
    """Resample jurisdictions, and resample variables, and see how well each cluster is found again.

    Parameters
    ----------
    matrix : pandas.DataFrame, shape (units, variables)
    k : int
    draws : int
        Bootstrap draws of each kind.
    weights : {"family", "equal"} or mapping
        As in :func:`policylab.dissimilarity`; a variable drawn twice weighs twice.
    linkage : {"average", "complete", "single"}
    random_state : int or None

    Returns
    -------
    pandas.DataFrame
        Index cluster; size, and for each kind of resampling the mean Jaccard similarity to the most similar
        cluster of the draw and its 5th percentile. Hennig reads below 0.6 as not to be trusted, 0.75 and more
        as a valid cluster, 0.85 and more as highly stable.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data Analysis 52,
    258-271.

    Examples
    --------
    >>> import policylab as lab
    >>> int(stability(lab.load().select(level="state").matrix(), 2, draws=10)["size"].sum())
    51
    """
    distances = dissimilarity(matrix, weights)
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        labels = hierarchy(distances, k, linkage).labels
    samples = bootstrap(len(matrix), draws, random_state)
    units = jaccard_of_units(labels, samples, trees_of_samples(distances, samples, linkage))
    variables = _jaccard_of_variables(matrix, labels, weights, linkage, draws, random_state)
    table = pd.DataFrame({"size": labels.value_counts().sort_index()})
    for name, values in (("jurisdictions", units), ("variables", variables)):
        by_cluster = values.groupby(level="cluster")
        table[f"jaccard_{name}"] = by_cluster.mean()
        table[f"low_{name}"] = by_cluster.quantile(0.05)
    return table.rename_axis("cluster")


def bootstrap(units: int, draws: int, random_state: int | None) -> list[np.ndarray]:
    """Draw units with replacement; each draw holds the positions that came up, once."""
    random = np.random.default_rng(random_state)
    return [np.unique(random.integers(units, size=units)) for _ in range(draws)]


def trees_of_samples(distances: pd.DataFrame, samples: list[np.ndarray], linkage: Linkage) -> list[np.ndarray]:
    """Cluster samples of the units.

    Parameters
    ----------
    distances : pandas.DataFrame, shape (units, units)
    samples : list of ndarray of int
        Positions of the units of each draw, each once.
    linkage : {"average", "complete", "single"}

    Returns
    -------
    list of ndarray
        The tree of each sample, as from :func:`policylab.clustering.agglomerate`.

    Raises
    ------
    ValueError
        If the distances cannot be clustered.
    """
    values = check_distances(distances, 1)
    return [agglomerate(values[np.ix_(sample, sample)], linkage) for sample in samples]


def jaccard_of_units(labels: pd.Series, samples: list[np.ndarray], trees: list[np.ndarray]) -> pd.Series:
    """Compare the clusters of samples with the clusters of all units.

    Parameters
    ----------
    labels : pandas.Series of int
        The clusters to be found again.
    samples, trees : list of ndarray
        See :func:`trees_of_samples`.

    Returns
    -------
    pandas.Series
        Index (draw, cluster): the Jaccard similarity between the drawn part of a cluster and the most similar
        cluster of the draw; 0 for a cluster of which nothing was drawn.
    """
    k = labels.nunique()
    original = labels.to_numpy()
    found = {}
    for draw, (sample, sampled_tree) in enumerate(zip(samples, trees, strict=True)):
        # A draw of few units may hold one of them only, which is one cluster.
        again = fcluster(sampled_tree, k, "maxclust") if len(sample) > 1 else np.ones(1)
        for cluster, similarity in best_jaccard(original[sample], again, np.unique(original)).items():
            found[draw, cluster] = similarity
    return pd.Series(found).rename_axis(["draw", "cluster"])


def best_jaccard(original: np.ndarray, again: np.ndarray, clusters: np.ndarray) -> dict[int, float]:
    """For each original cluster the Jaccard similarity to the most similar new one.

    Examples
    --------
    >>> best_jaccard(np.array([1, 1, 1, 2]), np.array([1, 1, 2, 2]), np.array([1, 2]))
    {1: 0.6666666666666666, 2: 0.5}
    """
    one, other = original[:, None] == clusters, again[:, None] == np.unique(again)
    both = one.T.astype(float) @ other
    either = one.sum(axis=0)[:, None] + other.sum(axis=0)[None, :] - both
    best = (both / either).max(axis=1)
    return dict(zip(clusters.tolist(), best.tolist(), strict=True))


def _jaccard_of_variables(
    matrix: pd.DataFrame,
    labels: pd.Series,
    weights: str | Mapping[str, float],
    linkage: Linkage,
    draws: int,
    random_state: int | None,
) -> pd.Series:
    names = list(variable_scales(matrix))
    base = variable_weights(matrix, names, weights)
    random = np.random.default_rng(random_state)
    original, clusters = labels.to_numpy(), np.unique(labels)
    found = {}
    for draw in range(draws):
        times = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))
        drawn = {name: base[name] * n for name, n in zip(names, times.tolist(), strict=True)}
        distances = dissimilarity(matrix, drawn).to_numpy()
        if np.isnan(distances).any():
            continue  # the draw leaves some pair without a variable in common
        again = fcluster(agglomerate(distances, linkage), labels.nunique(), "maxclust")
        for cluster, similarity in best_jaccard(original, again, clusters).items():
            found[draw, cluster] = similarity
    return pd.Series(found).rename_axis(["draw", "cluster"])
