"""Against R: cluster (daisy, pam, silhouette), stats (hclust, cutree, cmdscale) and fpc (clusterboot).

The values are in expected/, made by clustering.R from data/. Where definitions are the same, agreement is to 1e-10.
They differ in two places, each with its own test here: ordered levels (Podani's ranks are our default, daisy's spacing
an option), and ties (R merges one pair of a tie by the order of the rows, we merge the whole tie).
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from policylab.clustering import agglomerate, hierarchy, medoids
from policylab.dissimilarity import dissimilarity
from policylab.resampling import jaccard_of_units, trees_of_samples

HERE = Path(__file__).parent
NAMES = ["states", "mixed", "ties"]
UNTIED = ["states", "mixed"]


def expected(file: str, **options) -> pd.DataFrame:
    return pd.read_csv(HERE / "expected" / f"{file}.csv", keep_default_na=False, na_values=[""], **options)


def data(name: str) -> tuple[pd.DataFrame, list[str]]:
    """Read a data set with its types, and the names of its asymmetric columns."""
    text = pd.read_csv(HERE / "data" / f"{name}.csv", dtype=str, keep_default_na=False, index_col="unit")
    types = pd.read_csv(HERE / "data" / f"{name}_types.csv", dtype=str, keep_default_na=False)
    columns, asymmetric = {}, []
    for column, kind, levels in types[["column", "type", "levels"]].itertuples(index=False):
        values = text[column].replace("", None)
        if kind == "numeric":
            columns[column] = values.astype(float)
        else:
            columns[column] = values.astype(pd.CategoricalDtype(levels.split("|"), ordered=kind == "ordinal"))
        asymmetric += [column] if kind == "asymmetric" else []
    return pd.DataFrame(columns, index=text.index), asymmetric


def distances(name: str, weights="equal") -> pd.DataFrame:
    matrix, asymmetric = data(name)
    return dissimilarity(matrix, weights, ordinal="levels", asymmetric=asymmetric)


def same_partition(first, second) -> bool:
    first, second = np.asarray(first), np.asarray(second)
    return bool(((first[:, None] == first) == (second[:, None] == second)).all())


@pytest.mark.parametrize("name", NAMES)
def test_daisy(name):
    theirs = expected(f"{name}_daisy").iloc[:, 1:].to_numpy(float)
    assert np.abs(distances(name).to_numpy() - theirs).max() < 1e-10


@pytest.mark.parametrize("name", NAMES)
def test_daisy_weighted(name):
    matrix, _ = data(name)
    weights = {column: 1 + place % 3 for place, column in enumerate(matrix)}
    theirs = expected(f"{name}_daisy_weighted").iloc[:, 1:].to_numpy(float)
    assert np.abs(distances(name, weights).to_numpy() - theirs).max() < 1e-10


@pytest.mark.parametrize("linkage", ["average", "complete", "single"])
@pytest.mark.parametrize("name", UNTIED)
def test_hclust_and_cutree(name, linkage):
    ours = distances(name)
    heights = np.sort(agglomerate(ours.to_numpy(), linkage)[:, 2])
    assert np.abs(heights - expected(f"{name}_{linkage}_heights").iloc[:, -1].to_numpy(float)).max() < 1e-10
    labels = expected(f"{name}_{linkage}_labels").set_index("unit")
    for k in range(2, 7):
        with warnings.catch_warnings(action="ignore"):
            mine = hierarchy(ours, k, linkage)
        if mine.k == k:
            assert same_partition(mine.labels, labels[f"k{k}"].loc[ours.index]), (name, linkage, k)
        else:  # single linkage ties even here: R tears the tie apart
            assert linkage == "single"


def test_ties_are_merged_whole():
    """R's cut of tied data is one of many; ours is refined by, or equal to, every cut that respects the ties."""
    ours = distances("ties")
    assert (
        np.abs(
            np.sort(agglomerate(ours.to_numpy(), "single")[:, 2]) - expected("ties_single_heights").iloc[:, -1]
        ).max()
        < 1e-10
    )
    shuffled = ours.sample(frac=1, random_state=1)
    shuffled = shuffled[shuffled.index]
    for k in range(2, 7):
        with warnings.catch_warnings(action="ignore"):
            first, second = hierarchy(ours, k), hierarchy(shuffled, k)
        assert first.k == second.k <= k
        assert same_partition(first.labels, second.labels.loc[ours.index])


@pytest.mark.parametrize("name", NAMES)
def test_silhouette(name):
    ours, theirs = distances(name), expected(f"{name}_silhouette").set_index("k")
    labels = expected(f"{name}_average_labels").set_index("unit")
    for k in range(2, 7):
        width = silhouette_score(ours.to_numpy(), labels[f"k{k}"].loc[ours.index], metric="precomputed")
        assert abs(width - theirs.loc[k].iloc[-1]) < 1e-10


@pytest.mark.parametrize("name", NAMES)
def test_pam(name):
    """The same medoids where R's optimum is the only one; elsewhere never a worse objective than R's."""
    ours = distances(name)
    theirs = expected(f"{name}_pam", dtype={"medoids": str}).set_index("k")
    labels = expected(f"{name}_pam_labels").set_index("unit")
    for k in range(2, 6):
        mine = medoids(ours, k)
        objective = mine.model.loss / len(ours)
        assert objective <= float(theirs.loc[k, "objective"]) + 1e-10
        if name == "states":
            assert abs(objective - float(theirs.loc[k, "objective"])) < 1e-10
            assert {str(mine.model.names[m]) for m in mine.model.medoids} == set(theirs.loc[k, "medoids"].split())
            agreement = (mine.labels.to_numpy()[:, None] == mine.labels.to_numpy()) == (
                labels[f"k{k}"].loc[ours.index].to_numpy()[:, None] == labels[f"k{k}"].loc[ours.index].to_numpy()
            )
            assert (~agreement).any(axis=1).sum() == 0 or (~agreement).all(axis=1).sum() <= 1


@pytest.mark.parametrize("name", UNTIED)
def test_clusterboot(name):
    ours = distances(name)
    labels = expected(f"{name}_clusterboot_labels").set_index("unit").iloc[:, -1].loc[ours.index]
    samples = [
        np.array(units.split(), dtype=int) - 1 for units in expected(f"{name}_clusterboot_draws", dtype=str)["units"]
    ]
    mine = jaccard_of_units(labels, samples, trees_of_samples(ours, samples, "average")).groupby(level="cluster").mean()
    theirs = expected(f"{name}_clusterboot").set_index("cluster")["bootmean"]
    for cluster in theirs.index:
        tied = name == "states"  # a few draws tie: R answers by the order drawn, we merge the tie whole
        assert abs(mine[cluster] - theirs[cluster]) < (0.02 if tied else 1e-10)


def test_principal_coordinates():
    from policylab.ordination import principal_coordinates

    result = principal_coordinates(distances("mixed"))
    values = np.sort(expected("mixed_cmdscale_eig").iloc[:, -1].to_numpy(float))[::-1]
    assert np.abs(np.sort(result.eigenvalues)[::-1] - values).max() < 1e-10
    theirs = expected("mixed_cmdscale").iloc[:, -2:].to_numpy(float)
    assert np.abs(np.abs(result.points.to_numpy()[:, :2]) - np.abs(theirs)).max() < 1e-10


def test_podani_differs_from_daisy_only_on_ordered_levels():
    matrix, asymmetric = data("mixed")
    ordered = [name for name in matrix if getattr(matrix[name].dtype, "ordered", False)]
    others = matrix.drop(columns=ordered)
    ranks = dissimilarity(others, "equal", asymmetric=asymmetric)
    assert np.allclose(ranks, dissimilarity(others, "equal", ordinal="levels", asymmetric=asymmetric))
    assert not np.allclose(
        dissimilarity(matrix[ordered], "equal"), dissimilarity(matrix[ordered], "equal", ordinal="levels")
    )


def test_podani_by_hand():
    """Podani (1999), equation 2b: ranks 1.5, 3, 5, 5, 5 for levels a a b c c c give these distances."""
    level = pd.CategoricalDtype(["a", "b", "c"], ordered=True)
    matrix = pd.DataFrame({"x": pd.Series(list("aabccc"), dtype=level)})
    result = dissimilarity(matrix, "equal").to_numpy()
    span = 5 - 1.5 - 1.0 - 0.5
    assert result[0, 1] == 0
    assert result[0, 2] == pytest.approx((3 - 1.5 - 0.5) / span)
    assert result[2, 3] == pytest.approx((5 - 3 - 1.0) / span)
    assert result[0, 3] == pytest.approx(1.0)
