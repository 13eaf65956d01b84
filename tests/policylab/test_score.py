"""An index with stated weights: its value by hand, its bounds, its refusals, and the intervals of its ranks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policylab as lab
from policylab.completion import chunks
from policylab.weights import spread, stated_shares, what_counts

CERTAIN = {"high": 0.0, "medium": 0.0, "low": 0.0}


@pytest.fixture(scope="module")
def states(laws):
    return laws.select(level="state")


def made_up() -> pd.DataFrame:
    """Four towns: a rule with three levels, a detail of it, and a fee, with all kinds of cells."""
    rule = pd.CategoricalDtype(["none", "some", "full"], ordered=True)
    yes = pd.CategoricalDtype(["no", "yes"], ordered=True)
    frame = pd.DataFrame(
        {
            "rule": pd.Series(["none", "some", "full", None], dtype=rule),
            "detail": pd.Series([None, "yes", None, None], dtype=yes),
            "days": [10.0, 30.0, np.inf, 10.0],
            "kind": pd.Categorical(["a", "b", "a", "b"]),
        }
    ).set_axis(["Aber", "Bree", "Cove", "Dale"])
    frame.attrs = {
        "higher_means": {"rule": "more cover", "detail": "more cover", "days": "more time", "kind": ""},
        "requires": {"detail": "rule != none"},
        "unlimited": {"days": "endless"},
    }
    return frame


def test_by_hand():
    table = lab.index(made_up(), {"rule": 2, "detail": 1, "days": 1})
    assert table["score"].round(9).fillna(-1).tolist() == [0.0, 0.625, -1, -1]
    assert table["low"].tolist() == [0.0, 0.625, 0.75, 0.0]
    assert table["high"].tolist() == [0.0, 0.625, 1.0, 0.75]
    assert table[["coded", "unknown", "not_applicable"]].to_numpy().tolist() == [
        [2, 0, 1],
        [3, 0, 0],
        [2, 1, 0],
        [1, 2, 0],
    ]
    assert table["share_coded"].round(9).tolist() == [1.0, 1.0, round(2 / 3, 9), round(1 / 3, 9)]


def test_a_child_of_a_number_without_limit_does_not_apply():
    matrix = made_up()
    matrix.attrs["requires"]["detail"] = "days != endless"
    matrix["detail"] = pd.Categorical(["yes", "yes", None, None], ["no", "yes"], ordered=True)
    table = lab.index(matrix, {"detail": 1})
    assert table["score"].fillna(-1).tolist() == [1, 1, 0, -1]
    assert table["not_applicable"].tolist() == [0, 0, 1, 0]
    assert table["share_coded"].isna().tolist() == [False, False, True, False]


def test_a_grandchild_of_an_absent_provision_counts_as_lowest():
    matrix = made_up()
    matrix["note"] = pd.Categorical([None] * 4, ["no", "yes"], ordered=True)
    matrix.attrs = made_up().attrs | {"requires": {"detail": "rule != none", "note": "detail = yes"}}
    matrix.attrs["higher_means"]["note"] = "more cover"
    table = lab.index(matrix, {"note": 1})
    assert table["not_applicable"].tolist() == [1, 0, 0, 0]
    assert table["high"].tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ({}, ValueError, "there is no default"),
        ("equal", ValueError, "there is no default"),
        (None, ValueError, "there is no default"),
        ({"kind": 1}, ValueError, "kind: no direction is stated"),
        ({"tax": 1}, KeyError, "'tax'"),
        ({"rule": 0}, ValueError, "expected positive numbers"),
        ({"rule": -1}, ValueError, "expected positive numbers"),
        ({"rule": float("nan")}, ValueError, "expected positive numbers"),
    ],
)
def test_refused_weights(weights, error, message):
    with pytest.raises(error, match=message):
        lab.index(made_up(), weights)


def test_refused_matrices():
    with pytest.raises(ValueError, match="detail require rule, not in the matrix"):
        lab.index(made_up()[["detail", "days"]], {"detail": 1})
    with pytest.raises(ValueError, match="does not know which direction counts"):
        lab.index(pd.DataFrame({"rule": [1.0, 2.0]}), {"rule": 1})
    matrix = made_up()
    matrix["days"] = 10.0
    with pytest.raises(ValueError, match="days has fewer than two different numbers"):
        lab.index(matrix, {"days": 1})


def test_not_applicable_is_what_the_law_says(states):
    """The rule read from the codebook finds the cells that the resolver calls not applicable."""
    matrix, status = states.matrix(), states.status()
    weights = {name: 1 for name, words in matrix.attrs["higher_means"].items() if words}
    table = lab.index(matrix, weights)
    shown = status[list(weights)]
    assert table["not_applicable"].tolist() == (shown == "not_applicable").sum(axis=1).tolist()
    number = matrix[list(weights)].notna().sum(axis=1)
    assert table["coded"].tolist() == number.tolist()


def test_years_and_unordered_levels_have_no_direction(states):
    matrix = states.matrix()
    for name in matrix:
        if laws_scale(states, name) in ("year", "nominal"):
            with pytest.raises(ValueError, match=f"{name}: no direction"):
                lab.index(matrix, {name: 1})


def laws_scale(view, name: str) -> str:
    return view.variables[name].scale


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 100))
def test_order_of_rows_names_and_units_of_weights_do_not_matter(laws, seed, scale):
    random = np.random.default_rng(seed)
    matrix = laws.select(level="state").matrix()
    names = [name for name, words in matrix.attrs["higher_means"].items() if words]
    weights = {name: float(random.random() + 0.01) for name in random.permutation(names)[:8]}
    weights |= {
        parent: 1.0
        for name in weights
        for parent in [matrix.attrs["requires"].get(name, "").split(" ")[0]]
        if parent in names
    }
    first = lab.index(matrix, weights)
    shuffled = matrix.loc[random.permutation(matrix.index)]
    second = lab.index(shuffled.rename(index=str.lower), {name: scale * weight for name, weight in weights.items()})
    second = second.rename(index=str.upper).loc[first.index]
    pd.testing.assert_frame_equal(first, second)
    assert (first["low"] <= first["high"] + 1e-12).all()
    assert first[["low", "high"]].stack().between(-1e-12, 1 + 1e-12).all()
    assert (first["score"].notna() == (first["unknown"] == 0)).all()


def test_raising_a_level_raises_the_score(states):
    matrix = states.matrix()
    weights = {"sh_immunity": 2, "sh_services": 1}
    before = lab.index(matrix, weights)
    better = matrix.copy()
    levels = list(matrix["sh_immunity"].cat.categories)
    higher = dict(zip(levels, [*levels[1:], levels[-1]], strict=True))
    better["sh_immunity"] = matrix["sh_immunity"].map(higher, na_action="ignore").astype(matrix["sh_immunity"].dtype)
    after = lab.index(better, weights)
    raised = matrix["sh_immunity"].notna() & (matrix["sh_immunity"] != levels[-1])
    assert raised.any()
    assert (after.loc[raised, "low"] > before.loc[raised, "low"]).all()
    assert after.loc[~raised, "low"].equals(before.loc[~raised, "low"])


# ------------------------------------------------------------------------------------------------ ranks
def test_ranks_without_doubt_are_the_order_of_the_index(states):
    """Where nothing is missing and no coder errs, every draw gives the ranks of the index, ties as ranges."""
    matrix = states.matrix()
    full = ["cr_minor_age", "cr_minor_no_force", "cvc_deadline_months", "sh_immunity", "wt_authority", "wt_consent"]
    known = matrix.index[matrix[["sh_immunity", "wt_authority"]].notna().all(axis=1)]
    view = states.select(jurisdictions=known, variables=full)
    weights = {"sh_immunity": 1, "wt_authority": 1}
    ranks = lab.rank_intervals(view, weights, draws=20, rates=CERTAIN)
    score = lab.index(view.matrix(), weights)["score"].round(9).loc[ranks.index]
    assert ranks["rank_low"].tolist() == score.rank(ascending=False, method="min").tolist()
    assert ranks["rank_high"].tolist() == score.rank(ascending=False, method="max").tolist()
    assert ranks["rank_median"].tolist() == score.rank(ascending=False, method="average").tolist()
    assert (ranks["tied"] == ranks["rank_high"] - ranks["rank_low"]).all()
    assert ranks["rank_median"].is_monotonic_increasing


def test_intervals_hold_their_medians_and_places_add_up(states):
    weights = spread(states, {"record_relief": 1, "safe_harbor": 1})
    ranks = lab.rank_intervals(states, weights, draws=300)
    assert (ranks["rank_low"] <= ranks["rank_median"]).all()
    assert (ranks["rank_median"] <= ranks["rank_high"]).all()
    assert (ranks["score_low"] <= ranks["score_high"]).all()
    assert ranks["top_quarter"].sum() == pytest.approx(13)  # of 51 places the first 13
    assert ranks["bottom_quarter"].sum() == pytest.approx(13)
    assert ranks[["top_quarter", "bottom_quarter"]].stack().between(0, 1).all()
    assert set(ranks.index) == set(states.matrix().index)


def test_scores_of_draws_stay_within_the_bounds_of_missing_cells(states):
    weights = spread(states, {"civil": 1, "platform": 1})
    bounds = lab.index(states.matrix(), weights)
    ranks = lab.rank_intervals(states, weights, draws=200, rates=CERTAIN).loc[bounds.index]
    assert (ranks["score_low"] >= bounds["low"] - 1e-9).all()
    assert (ranks["score_high"] <= bounds["high"] + 1e-9).all()
    whole = bounds["score"].notna()
    assert whole.any()
    assert np.allclose(ranks.loc[whole, "score_low"], bounds.loc[whole, "score"])


def test_same_ranks_for_any_number_of_workers(states):
    weights = {"sh_immunity": 1, "rr_relief": 1}
    one = lab.rank_intervals(states, weights, draws=600, random_weights=5, n_jobs=1)
    two = lab.rank_intervals(states, weights, draws=600, random_weights=5, n_jobs=2)
    pd.testing.assert_frame_equal(one, two)


def test_doubt_about_weights_widens_intervals(states):
    weights = spread(states, {"record_relief": 1, "safe_harbor": 1, "crime": 1, "civil": 1})
    fixed, near, free = (lab.rank_intervals(states, weights, 400, c) for c in (None, 1e6, 4))
    width = [(table["rank_high"] - table["rank_low"]).mean() for table in (fixed, near, free)]
    assert abs(width[0] - width[1]) < 1.5
    assert width[2] > width[0] + 2


def test_doubt_about_codings_widens_intervals(states):
    weights = spread(states, {"safe_harbor": 1, "crime": 1})
    sure = lab.rank_intervals(states, weights, 300, rates=CERTAIN)
    unsure = lab.rank_intervals(states, weights, 300, rates={"high": 0.3, "medium": 0.3, "low": 0.3})
    assert (unsure["rank_high"] - unsure["rank_low"]).mean() > (sure["rank_high"] - sure["rank_low"]).mean()


def test_a_state_that_compares_with_none_is_drawn_from_all_levels(states):
    """Nothing in view is known of such a state: its draws vary as the levels of the others do."""
    names = ["pl_ag_civil", "cv_treble"]
    view = states.select(variables=[*names, "cv_action"], min_confidence="high")
    unknown = view.matrix().isna().all(axis=1)
    assert unknown.any()
    ranks = lab.rank_intervals(view, dict.fromkeys(names, 1), draws=300).loc[unknown[unknown].index]
    assert (ranks["score_low"] < ranks["score_high"]).all()


def test_bad_questions(states):
    weights = {"sh_immunity": 1}
    for options, message in (
        ({"random_weights": 0}, "random_weights is 0: expected a positive concentration"),
        ({"probability": 1}, "probability is 1: expected a number between 0 and 1"),
        ({"draws": 0}, "draws is 0"),
    ):
        with pytest.raises(ValueError, match=message):
            lab.rank_intervals(states, weights, **options)
    agreed = states.matrix()["cv_action"] == "yes"
    with pytest.raises(ValueError, match="all coded jurisdictions hold the same value of cv_action"):
        lab.rank_intervals(states.select(jurisdictions=agreed[agreed].index), {"cv_action": 1})


def test_chunks_cover_the_draws():
    assert [size for size, _ in chunks(1200, 0)] == [500, 500, 200]
    assert len({seed.generate_state(1)[0] for _, seed in chunks(1200, 0)}) == 3


# ------------------------------------------------------------------------------------------------ the statement
def test_weights_are_spelt_out(states):
    table = what_counts(states, {"cvc_deadline_months": 1, "rr_relief": 3})
    assert table["share"].tolist() == [0.75, 0.25]  # in the order of the codebook
    assert table.loc["cvc_deadline_months", "highest"] == "no deadline"
    assert table.loc["cvc_deadline_months", "lowest"].endswith(" months")
    assert (table["counts_as"] != "").all()


def test_spread_keeps_the_weights_of_families(states):
    weights = spread(states, {"record_relief": 3, "crime": 1})
    families = pd.Series({name: states.variables[name].family for name in weights})
    total = pd.Series(weights).groupby(families).sum()
    assert total.round(9).to_dict() == {"record_relief": 3, "crime": 1}
    assert not any(states.variables[name].constant for name in weights)
    with pytest.raises(KeyError, match="family 'tax' has no variable with a direction"):
        spread(states, {"tax": 1})


def test_shares_sum_to_one(states):
    share = stated_shares(states.matrix(), {"rr_relief": 5, "sh_immunity": 20})
    assert share.to_dict() == {"rr_relief": 0.2, "sh_immunity": 0.8}
