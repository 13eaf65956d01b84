"""Clustering: the same answer for any order and any names, and honest errors."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

import policylab as lab
from policylab.clustering import agglomerate
from policylab.partitions import canonical_order

LEVELS = pd.CategoricalDtype(["none", "some", "full"], ordered=True)


@st.composite
def matrices(draw):
    """Small mixed tables with many ties and some missing cells; every pair shares the first column."""
    units, width = draw(st.integers(4, 12)), draw(st.integers(1, 4))
    code = st.lists(st.integers(0, 2), min_size=units, max_size=units)
    columns = {}
    for number in range(width + 1):
        codes = np.array(draw(code))
        if number:
            codes[
                np.array(draw(st.lists(st.booleans(), min_size=units, max_size=units))) & (np.arange(units) % 3 == 0)
            ] = -1
        columns[f"v{number}"] = pd.Categorical.from_codes(codes, dtype=LEVELS)
    columns["v0"] = pd.Categorical.from_codes(np.arange(units) % 3, dtype=LEVELS)
    return pd.DataFrame(columns, index=[f"u{number:02d}" for number in range(units)])


def partition(labels: pd.Series) -> set[frozenset]:
    return {frozenset(labels.index[labels == label]) for label in labels.unique()}


def cluster(matrix: pd.DataFrame, k: int) -> set[frozenset]:
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return partition(lab.hierarchy(lab.dissimilarity(matrix, "equal"), k).labels)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(matrices(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_shuffling_rows_and_columns_changes_no_label(matrix, k, random):
    rows, columns = list(matrix.index), list(matrix.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    assert cluster(matrix, k) == cluster(matrix.loc[rows, columns], k)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(matrices(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_renaming_changes_no_label(matrix, k, random):
    names = [f"place {number}" for number in range(len(matrix))]
    random.shuffle(names)
    new = dict(zip(matrix.index, names, strict=True))
    renamed = {frozenset(new[unit] for unit in group) for group in cluster(matrix, k)}
    assert renamed == cluster(matrix.rename(index=new), k)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(matrices())
def test_dissimilarity_is_one(matrix):
    distances = lab.dissimilarity(matrix, "equal").to_numpy()
    assert (distances == distances.T).all()
    assert (np.diag(distances) == 0).all()
    assert distances.min() >= 0
    assert distances.max() <= 1 + 1e-12


def test_number_of_threads_changes_no_label(laws):
    matrix = laws.select(level="state").matrix()
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            distances = lab.dissimilarity(matrix)
            found.append([lab.hierarchy(distances, k).labels.tolist() for k in (2, 4, 6)])
            found[-1].append(lab.medoids(distances, 4).labels.tolist())
    assert found[0] == found[1]


def test_shuffled_law_gives_the_same_medoids_and_labels(laws):
    matrix = laws.select(level="state").matrix()
    shuffled = matrix.sample(frac=1, random_state=5)
    for method in (lab.hierarchy, lab.medoids):
        one = method(lab.dissimilarity(matrix), 4).labels
        assert one.equals(method(lab.dissimilarity(shuffled), 4).labels.loc[one.index])


def test_ties_give_fewer_clusters_and_say_so():
    triangle = pd.DataFrame(1 - np.eye(3), index=list("abc"), columns=list("abc"))
    with pytest.warns(UserWarning, match="ties allow 1 clusters, not 2"):
        assert lab.hierarchy(triangle, 2).k == 1


def test_tree_is_monotone_and_complete(laws):
    tree = agglomerate(lab.dissimilarity(laws.select(level="state").matrix()).to_numpy())
    assert (np.diff(tree[:, 2]) >= 0).all()
    assert tree[-1, 3] == 51
    assert sorted(tree[:, :2].ravel()) == list(range(100))


def test_a_child_is_compared_only_where_its_parent_applies(laws):
    """An absent parent must not count again through its children."""
    matrix = laws.select(level="state").matrix()
    children = [name for name, book in laws.variables.items() if book.requires and book.requires.parent == "rr_relief"]
    children = [name for name in children if name in matrix]
    pair = matrix.loc[["IA", "NJ"]]  # no relief for convictions, and vacatur with expungement
    assert pair["rr_relief"].tolist() == ["none", "vacate_expunge"]
    assert pair.loc["IA", children].isna().all()
    only_relief = lab.dissimilarity(matrix[["rr_relief", *children]], "equal")
    parent_alone = lab.dissimilarity(matrix[["rr_relief"]], "equal")
    assert only_relief.loc["IA", "NJ"] == parent_alone.loc["IA", "NJ"]


def test_constant_variables_are_left_out_and_years_stay(laws):
    matrix = laws.select(level="state").matrix()
    _, with_counts = lab.dissimilarity(matrix, return_counts=True)
    _, all_counts = lab.dissimilarity(matrix, return_counts=True, keep_constant=True)
    assert (all_counts.to_numpy() >= with_counts.to_numpy()).all()
    assert all_counts.to_numpy().sum() > with_counts.to_numpy().sum()
    assert "cr_minor_no_force" in matrix.attrs["constant"]
    assert "cr_minor_no_force_year" not in matrix.attrs["constant"]


def test_family_weights_count_families_alike():
    matrix = pd.DataFrame({"a1": [0.0, 1.0], "b1": [0.0, 0.0], "b2": [0.0, 0.0], "b3": [0.0, 1.0]}, index=["x", "y"])
    matrix.loc["z"] = [1.0, 1.0, 1.0, 0.0]
    matrix.attrs["families"] = {"a1": "a", "b1": "b", "b2": "b", "b3": "b"}
    assert lab.dissimilarity(matrix, "family").loc["x", "y"] == pytest.approx((1 + 1 / 3) / 2)
    assert lab.dissimilarity(matrix, "equal").loc["x", "y"] == pytest.approx(2 / 4)
    assert lab.dissimilarity(matrix, {"b2": 1.0}).loc["x", "y"] == 0


def test_two_absences_are_no_likeness_on_request():
    matrix = pd.DataFrame(
        {"a": pd.Categorical(list("nny"), ["n", "y"], ordered=True), "b": [0.0, 1.0, 2.0]}, index=list("xyz")
    )
    _, counts = lab.dissimilarity(matrix, "equal", asymmetric=["a"], return_counts=True)
    assert counts.loc["x", "y"] == 1
    assert counts.loc["x", "z"] == 2
    assert lab.dissimilarity(matrix, "equal", asymmetric=["a"]).loc["x", "y"] == 0.5


def test_no_limit_is_farther_than_any_number():
    """A count without limit turns the variable into ranks: 12 < 36 < none."""
    matrix = pd.DataFrame({"months": [12.0, 36.0, np.inf]}, index=list("abc"))
    assert lab.dissimilarity(matrix, "equal").loc["a"].tolist() == [0, 0.5, 1]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda m: m.iloc[:0], ValueError, "the matrix is empty"),
        (lambda m: pd.concat([m, m.iloc[:1]]), ValueError, "more than once"),
        (lambda m: m[["a"]].assign(a=1.0), ValueError, "no variable is left"),
    ],
)
def test_matrices_that_cannot_be_compared(change, error, message):
    matrix = pd.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]}, index=["x", "y"])
    with pytest.raises(error, match=message):
        lab.dissimilarity(change(matrix), "equal")


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ("families", ValueError, "expected family, equal or a mapping"),
        ("family", ValueError, "does not know its families"),
        ({"c": 1}, KeyError, "expected variables of the matrix"),
        ({"a": -1}, ValueError, "not negative"),
        ({"a": np.nan}, ValueError, "not negative"),
        ({"a": 0}, ValueError, "no variable is left"),
    ],
)
def test_weights_that_make_no_sense(weights, error, message):
    matrix = pd.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]}, index=["x", "y"])
    with pytest.raises(error, match=message):
        lab.dissimilarity(matrix, weights)


@pytest.mark.parametrize("k", [0, 4, 2.5, True])
def test_impossible_number_of_clusters(k):
    line = pd.DataFrame([[0.0, 1, 3], [1, 0, 2], [3, 2, 0]], index=list("abc"), columns=list("abc"))
    for method in (lab.hierarchy, lab.medoids):
        with pytest.raises(ValueError, match="expected a whole number from 1 to 3"):
            method(line, k)


def test_distances_that_cannot_be_clustered():
    line = pd.DataFrame([[0.0, 1], [1, 0]], index=list("ab"), columns=list("ab"))
    with pytest.raises(ValueError, match="a and b have no distance"):
        lab.hierarchy(line.replace(1.0, np.nan), 2)
    with pytest.raises(ValueError, match="square frame with the same names"):
        lab.hierarchy(line.rename(columns={"b": "c"}), 2)
    with pytest.raises(ValueError, match="symmetric"):
        lab.hierarchy(line + np.array([[0, 1], [0, 0]]), 2)


def test_works_on_a_users_own_table():
    """Nothing depends on law, on two-letter codes or on 51 units."""
    animals = pd.DataFrame(
        {"legs": [4.0, 4, 2, 2, 0, 0], "flies": list("nnyynn"), "eggs": [False, False, True, True, True, True]},
        index=["cat", "dog", "owl", "hen", "eel", "cod"],
    )
    distances = lab.dissimilarity(animals, "equal")
    expected = {frozenset({"cat", "dog"}), frozenset({"owl", "hen"}), frozenset({"eel", "cod"})}
    assert partition(lab.hierarchy(distances, 3).labels) == expected
    assert partition(lab.medoids(distances, 3).labels) == expected
    assert partition(lab.latent_classes(animals, 3, n_init=5).labels) == expected
    assert len(canonical_order(distances)) == 6


def test_latent_classes_take_missing_cells_and_a_seed(laws):
    matrix = laws.select(level="state").matrix()
    one, two = (lab.latent_classes(matrix, 2, n_init=3, random_state=1).labels for _ in range(2))
    assert one.equals(two)
    assert one.notna().all()
    shuffled = lab.latent_classes(matrix.sample(frac=1, random_state=2), 2, n_init=3, random_state=1).labels
    assert one.equals(shuffled.loc[one.index])


def test_choose_k_and_stability_tables(laws):
    matrix = laws.select(level="state").matrix()
    table = lab.choose_k(lab.dissimilarity(matrix), range(2, 5), matrix=matrix, draws=20)
    assert table.index.tolist() == [2, 3, 4]
    assert table["silhouette"].between(-1, 1).all()
    assert table[["jaccard", "jaccard_min"]].stack().between(0, 1).all()
    assert table["bic"].notna().all()
    firm = lab.stability(matrix, 3, draws=20)
    assert firm["size"].sum() == len(matrix)
    assert firm.filter(like="jaccard").stack().between(0, 1).all()


def test_scikit_learn_takes_what_we_give():
    from sklearn.cluster import KMeans
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    frame = lab.load_matrix(as_frame=True).data
    words = [name for name in frame if frame[name].dtype == "category"]
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), words), sparse_threshold=0)
    labels = make_pipeline(encoder, SimpleImputer(), KMeans(3, n_init=2, random_state=0)).fit_predict(frame)
    assert len(labels) == 51
