"""Draws of completed data, and what they say of who belongs with whom."""

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

import policylab as lab
from policylab.completion import draw_codes, error_rates, sampling_cells
from policylab.partitions import number_clusters
from policylab.scales import variable_scales
from policylab.second_codings import SAME_TEXT, comparable
from policylab.uncertainty import certainty, cut_trees, drawn_distances

DRAWS = 300


@pytest.fixture(scope="module")
def states(laws):
    return laws.select(level="state")


def test_probabilities_are_probabilities(states):
    result = lab.co_membership(states, 4, draws=DRAWS)
    values = result.probability.to_numpy()
    assert (values == values.T).all()
    assert (np.diag(values) == 1).all()
    assert ((values >= 0) & (values <= 1)).all()
    assert result.certainty.between(0, 1).all()
    assert result.consensus.labels.index.equals(result.probability.index)
    assert len(result.pairs()) == 51 * 50 // 2
    assert result.pairs()["probability"].is_monotonic_decreasing


def test_same_answer_for_any_number_of_workers(states):
    one = lab.co_membership(states, 4, draws=600, n_jobs=1)
    two = lab.co_membership(states, 4, draws=600, n_jobs=2)
    assert one.probability.equals(two.probability)


def test_same_answer_on_a_dask_cluster(states):
    from distributed import Client, LocalCluster

    here = lab.co_membership(states, 4, draws=600, n_jobs=1)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = lab.co_membership(states, 4, draws=600)
    assert here.probability.equals(there.probability)


def test_another_seed_gives_nearly_the_same(states):
    one = lab.co_membership(states, 4, draws=2000, random_state=1).probability
    two = lab.co_membership(states, 4, draws=2000, random_state=2).probability
    assert not one.equals(two)
    assert (one - two).abs().to_numpy().max() < 0.08  # four standard errors of a difference of shares


def test_without_doubt_every_draw_is_the_data(states):
    """With no missing cell and no error the draws repeat the plain clustering."""
    matrix = states.matrix()
    full = states.select(
        variables=[name for name in matrix if matrix[name].notna().all() and name not in matrix.attrs["constant"]]
    )
    certain = {"high": 0.0, "medium": 0.0, "low": 0.0}
    result = lab.co_membership(full, 3, draws=20, rates=certain)
    assert set(np.unique(result.probability)) == {0.0, 1.0}


def test_coded_cells_move_at_the_rate_of_their_confidence(states):
    cells = sampling_cells(states, rates={"high": 0.0, "medium": 0.1, "low": 0.5})
    drawn = draw_codes(cells, 2000, np.random.default_rng(0))
    for cell in cells:
        if cell.parent is None and not cell.slips:
            coded = cell.scale.codes >= 0
            moved = (drawn[cell.name] != cell.scale.codes).mean(axis=0)
            assert np.abs(moved[coded] - cell.error[coded]).max() < 0.06, cell.name


def test_children_are_drawn_only_where_their_parent_lets_them(states):
    cells = sampling_cells(states)
    drawn = draw_codes(cells, 200, np.random.default_rng(0))
    for cell in cells:
        if cell.parent is not None:
            parent = drawn[cell.parent]
            applies = (parent >= 0) & cell.allowed[parent]
            assert (drawn[cell.name][~applies] == -1).all()
            assert (drawn[cell.name][applies] >= 0).all()
        else:
            assert (drawn[cell.name] >= 0).all()


def test_years_within_bounds_stay_there(states):
    cells = sampling_cells(states)
    drawn = draw_codes(cells, 500, np.random.default_rng(0))
    seen = 0
    for cell in cells:
        for unit in np.flatnonzero(cell.low >= 0):
            values = drawn[cell.name][:, unit]
            values = values[values >= 0]
            seen += len(values) > 0
            assert ((values >= cell.low[unit]) & (values <= cell.high[unit])).all()
    assert seen > 5


def test_distances_of_a_draw_are_gower(states):
    """The batch product gives what `dissimilarity` gives for the same table."""
    cells = sampling_cells(states)
    codes = draw_codes(cells, 3, np.random.default_rng(4))
    batch = drawn_distances(
        [codes[cell.name] for cell in cells], [cell.scale.table for cell in cells], np.ones(len(cells))
    )
    for draw in range(3):
        total, compared = np.zeros((51, 51)), np.zeros((51, 51))
        for cell in cells:
            own = codes[cell.name][draw]
            both = (own >= 0)[:, None] & (own >= 0)[None, :]
            total += np.where(both, cell.scale.table[np.ix_(own, own)], 0)
            compared += both
        assert np.abs(batch[draw] - total / compared).max() < 1e-12


@pytest.mark.parametrize("k", [2, 5, 10])
def test_cut_trees_is_scipys_cut(k):
    random = np.random.default_rng(1)
    trees = np.stack([linkage(random.random(20 * 19 // 2), "average") for _ in range(7)])
    for tree, labels in zip(trees, cut_trees(trees, k), strict=True):
        theirs = fcluster(tree, k, "maxclust")
        assert ((labels[:, None] == labels) == (theirs[:, None] == theirs)).all()


def test_error_rates_come_from_the_second_codings(laws):
    table = error_rates(laws.tables.recodings)
    assert table["rate"].is_monotonic_increasing  # high, medium, low
    assert table["compared"].sum() > 50
    pairs = laws.tables.recodings
    both = pairs[comparable(pairs) & (pairs["sample"] != SAME_TEXT)]
    assert table["disagreements"].sum() == (both["first_value"] != both["second_value"]).sum()
    assumed = error_rates()
    assert (assumed["rate"] == assumed["assumed"]).all()
    assert error_rates(pairs, {"low": 0.5}).loc["low", "rate"] == 0.5


def test_certainty_of_one_alone():
    probability = pd.DataFrame([[1, 0.9, 0.2], [0.9, 1, 0.3], [0.2, 0.3, 1]], index=list("abc"), columns=list("abc"))
    labels = number_clusters(np.array([1, 1, 2]), 1 - probability)
    assert certainty(probability, labels).round(6).tolist() == [0.9, 0.9, 0.7]


def test_bad_questions(states):
    for arguments, message in (
        ({"k": 1}, "k is 1: expected a number from 2 to 51"),
        ({"k": 60}, "expected a number from 2 to 51"),
        ({"k": 3, "draws": 0}, "draws is 0"),
        ({"k": 3, "rates": {"low": 2}}, "expected shares from 0 to 1"),
        ({"k": 3, "rates": {"sure": 0.1}}, "expected shares from 0 to 1"),
    ):
        with pytest.raises(ValueError, match=message):
            lab.co_membership(states, **arguments)
    assert variable_scales(states.matrix())
