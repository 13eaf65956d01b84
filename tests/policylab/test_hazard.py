"""The hazard model: what it estimates, how it pools, and when it refuses."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policylab as lab
from policylab.binomial import SeparationError, fit_binomial, separates
from policylab.hazard import hazard_model
from policylab.hazard_draws import BASELINES
from policylab.pooling import pool


def simulate(random: np.random.Generator, near: np.ndarray, effect: float, years: int = 15) -> pd.DataFrame:
    """Let units adopt on a map with a known effect of the share of neighbours that had adopted."""
    adopted = np.full(len(near), years + 1)
    rows = []
    for year in range(1, years + 1):
        share = near @ (adopted < year) / near.sum(axis=1)
        left = adopted > years
        adopts = left & (random.random(len(near)) < 1 / (1 + np.exp(3 - 0.6 * np.log(year) - effect * share)))
        adopted[adopts] = year
        rows += [(unit, year, int(adopts[unit]), share[unit]) for unit in np.flatnonzero(left)]
    panel = pd.DataFrame(rows, columns=["jurisdiction", "duration", "event", "neighbours"])
    return panel.assign(n_neighbours=near.sum(axis=1)[panel["jurisdiction"]])


@pytest.fixture(scope="module")
def near() -> np.ndarray:
    places = lab.load_jurisdictions().query("level == 'state' and neighbours != ''")
    return np.array(
        [[other in text.split() for other in places["jurisdiction"]] for text in places["neighbours"]], float
    )


@pytest.fixture(scope="module")
def panel(near) -> pd.DataFrame:
    return simulate(np.random.default_rng(3), near, 1.0)


def test_known_effect_is_recovered(near):
    """25 panels with an effect of 2 and 25 without: 95 % intervals hold the truth in all but a few."""
    random = np.random.default_rng(20261121)
    found = {}
    for effect in (0.0, 2.0):
        fits = [
            hazard_model(simulate(random, near, effect), baseline="log", errors="cluster").table.iloc[1]
            for _ in range(25)
        ]
        found[effect] = pd.DataFrame(fits)
        held = (found[effect]["low"] <= effect) & (effect <= found[effect]["high"])
        assert held.sum() >= 21  # about 24 expected; fewer than 21 in one of 100 runs
        assert abs(found[effect]["estimate"].mean() - effect) < 3 * found[effect]["estimate"].std() / np.sqrt(25) + 0.1
    assert (found[2.0]["low"] > 0).mean() > 0.5
    assert (found[0.0]["low"] > 0).mean() < 0.15


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_and_names_of_units_do_not_matter(panel, seed):
    names = np.random.default_rng(seed).permutation(100)
    other = panel.sample(frac=1, random_state=seed)
    other = other.assign(jurisdiction=[f"unit {names[unit]}" for unit in other["jurisdiction"]])
    first, second = hazard_model(panel), hazard_model(other)
    numbers = ["estimate", "se", "low", "high", "lowest", "highest"]
    for table in ("table", "effects"):
        one, two = getattr(first, table), getattr(second, table)
        np.testing.assert_allclose(one[numbers], two[numbers], rtol=1e-7, atol=1e-9)


def test_leaving_a_unit_out_is_fitting_without_it(panel):
    whole = hazard_model(panel)
    lone = hazard_model(panel[panel["jurisdiction"] != 7])
    row = whole.leave_one_out.set_index("jurisdiction").loc[7]
    np.testing.assert_allclose(row[: len(lone.table)], lone.table["estimate"], rtol=1e-7)
    np.testing.assert_allclose(row[len(lone.table) :], lone.effects["estimate"], rtol=1e-7)
    assert (whole.table["lowest"] <= whole.table["estimate"]).all()
    assert (whole.table["estimate"] <= whole.table["highest"]).all()
    assert len(whole.leave_one_out) == panel["jurisdiction"].nunique()


def test_interval_of_an_effect_is_simulated_and_not_symmetric(panel):
    first, again, other = (hazard_model(panel, random_state=seed).effects for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)
    assert ((first["low"] < first["estimate"]) & (first["estimate"] < first["high"])).all()
    whole = first.loc[0]
    assert whole["high"] - whole["estimate"] > 1.02 * (whole["estimate"] - whole["low"])
    assert (whole["high"] - whole["low"]) / (2 * 2.01 * whole["se"]) == pytest.approx(1, abs=0.2)
    narrow = hazard_model(panel, level=0.5).effects.loc[0]
    assert whole["low"] < narrow["low"] < narrow["high"] < whole["high"]


def test_leaving_nobody_out_saves_the_time(panel):
    quick, whole = (hazard_model(panel, errors="cluster", leave_one_out=every) for every in (False, True))
    assert quick.table["lowest"].isna().all() and quick.leave_one_out.iloc[:, 1:].isna().all(axis=None)
    numbers = ["estimate", "se", "low", "high"]
    pd.testing.assert_frame_equal(quick.table[numbers], whole.table[numbers])
    with pytest.raises(ValueError, match="'jackknife' without leave_one_out"):
        hazard_model(panel, leave_one_out=False)


def test_effect_is_the_mean_change_of_the_chance(panel):
    model = hazard_model(panel, baseline="none")
    constant, slope = model.table["estimate"]
    none, every = (1 / (1 + np.exp(-constant - slope * share)) for share in (0, 1))
    all_row, one_row = model.effects.itertuples()
    assert (all_row.before, all_row.after) == pytest.approx((none, every))
    assert all_row.estimate == pytest.approx(every - none)
    left = panel[panel["neighbours"] < 1]
    shares = left["neighbours"], left["neighbours"] + 1 / left["n_neighbours"]
    before, after = (np.mean(1 / (1 + np.exp(-constant - slope * share))) for share in shares)
    assert one_row.estimate == pytest.approx(after - before)
    assert list(hazard_model(panel.drop(columns="n_neighbours")).effects["effect"]) == ["none to all"]
    assert hazard_model(panel, "n_neighbours").effects.empty


def test_terms_and_counts(panel):
    for baseline, shapes in BASELINES.items():
        model = hazard_model(panel, baseline=baseline)
        assert list(model.table["term"]) == ["constant", "neighbours", *shapes]
    assert (model.table["n_events"] == panel["event"].sum()).all()
    assert (model.table["n_risk"] == len(panel)).all() and (model.table["n_units"] == 49).all()
    assert model.table["n_unknown"].isna().all() and "left out: not stated" in repr(model)
    stated = panel.copy()
    stated.attrs["unknown"] = ["X", "Y"]
    assert (hazard_model(stated).table["n_unknown"] == 2).all()
    assert "left out: 2" in repr(hazard_model(stated))


def test_rows_with_a_missing_term_are_left_out_and_counted(panel):
    gaps = panel.assign(neighbours=panel["neighbours"].mask(panel["jurisdiction"] == 7))
    model, lone = hazard_model(gaps), hazard_model(panel[panel["jurisdiction"] != 7])
    pd.testing.assert_frame_equal(model.table, lone.table)
    assert model.n_incomplete == (panel["jurisdiction"] == 7).sum() > 0


def test_draws_that_agree_pool_to_one(panel):
    one = hazard_model(panel)
    many = hazard_model(pd.concat([panel.assign(draw=draw) for draw in range(3)]))
    pd.testing.assert_frame_equal(one.table, many.table)
    ends = ["low", "high"]
    pd.testing.assert_frame_equal(one.effects.drop(columns=ends), many.effects.drop(columns=ends))
    np.testing.assert_allclose(one.effects[ends], many.effects[ends], atol=0.02)  # simulated anew
    assert many.draws == 3


def test_draws_that_differ_widen_the_interval(panel, near):
    other = simulate(np.random.default_rng(4), near, 1.0)
    first, second = hazard_model(panel).table, hazard_model(other).table
    both = hazard_model(pd.concat([panel.assign(draw=0), other.assign(draw=1)])).table
    np.testing.assert_allclose(both["estimate"], (first["estimate"] + second["estimate"]) / 2)
    assert (both["se"] ** 2 >= (first["se"] ** 2 + second["se"] ** 2) / 2).all()
    assert (both["df"] < first["df"]).all()


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(-5, 5), min_size=2, max_size=12),
    within=st.floats(0.01, 4),
    df=st.integers(5, 200),
)
def test_rubins_rules(values, within, df):
    estimates = np.array(values)[:, None]
    pooled = pool(estimates, np.full_like(estimates, within), df)
    between = np.var(values, ddof=1)
    assert pooled.estimate[0] == pytest.approx(np.mean(values))
    assert pooled.variance[0] == pytest.approx(within + (1 + 1 / len(values)) * between)
    assert 0 < pooled.df[0] <= df


def test_rubins_rules_need_draws():
    with pytest.raises(ValueError, match="expected draws x quantities"):
        pool(np.zeros((0, 2)), np.zeros((0, 2)), 10)


def test_bounds_are_the_same_model_on_other_panels(panel, near):
    other = simulate(np.random.default_rng(4), near, 1.0)
    model = hazard_model(panel, bounds={"never": other})
    lone = hazard_model(other)
    cases = model.bounds.groupby("case", sort=False)
    assert list(cases.groups) == ["as given", "never"]
    quantities = [*lone.table["estimate"], *lone.effects["estimate"]]
    assert cases.get_group("never")["estimate"].tolist() == quantities
    assert cases.get_group("as given")["low"].tolist() == [*model.table["low"], *model.effects["low"]]


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_separation_is_an_error_not_a_large_number(link):
    share = np.tile([0.0, 0.2, 0.6, 0.8], 10)
    panel = pd.DataFrame({"jurisdiction": np.repeat(range(10), 4), "event": (share > 0.5) * 1, "neighbours": share})
    with pytest.raises(SeparationError, match="tell events from the rest without error"):
        hazard_model(panel, baseline="none", link=link)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 1)), min_size=4, max_size=12))
def test_separation_is_found_exactly(rows):
    """Against the definition for one term: all events on one side of all others, ties allowed."""
    x, event = (np.array(column) for column in zip(*rows, strict=True))
    if event.min() == event.max() or x.min() == x.max():
        return
    yes, no = x[event == 1], x[event == 0]
    assert separates(event, np.column_stack([np.ones(len(x)), x])) == (yes.min() >= no.max() or yes.max() <= no.min())


def test_separation_without_one_unit(panel):
    """One unit alone keeps the term finite: no jackknife, and a gap where that unit is left out."""
    flag = ((panel["jurisdiction"] == 7) | (panel["event"] == 1) & panel["jurisdiction"].isin([1, 2])).astype(int)
    odd = panel.assign(flag=flag)
    with pytest.raises(ValueError, match=r"without 7 there is no finite estimate .* errors='cluster'"):
        hazard_model(odd, ["neighbours", "flag"])
    model = hazard_model(odd, ["neighbours", "flag"], errors="cluster")
    assert model.leave_one_out.set_index("jurisdiction")["flag"].isna().sum() == 1


def test_few_events_are_said(panel):
    few = panel[panel["jurisdiction"] < 12]
    with pytest.warns(
        UserWarning, match=r"events for 4 terms and a constant: estimates from fewer than 5 events per term"
    ):
        hazard_model(few, errors="model")


def test_wrong_questions(panel):
    with pytest.raises(ValueError, match="link is 'probit': expected one of logit, cloglog"):
        hazard_model(panel, link="probit")
    with pytest.raises(ValueError, match="baseline is 'spline': expected one of cubic, linear, log, none"):
        hazard_model(panel, baseline="spline")
    with pytest.raises(ValueError, match="errors is 'robust'"):
        hazard_model(panel, errors="robust")
    with pytest.raises(ValueError, match="level is 95"):
        hazard_model(panel, level=95)
    with pytest.raises(KeyError, match="lacks rain: its columns are jurisdiction, duration"):
        hazard_model(panel, ["neighbours", "rain"])
    with pytest.raises(ValueError, match="has no rows: nobody is at risk"):
        hazard_model(panel[:0])
    with pytest.raises(ValueError, match="an event of 2"):
        hazard_model(panel.assign(event=2))
    with pytest.raises(ValueError, match="the panel 'as given' has no event among"):
        hazard_model(panel.assign(event=0))
    with pytest.raises(ValueError, match="nothing but events"):
        hazard_model(panel.assign(event=1))
    with pytest.raises(ValueError, match="neighbours of the panel 'never' is str: expected numbers"):
        hazard_model(panel, bounds={"never": panel.astype({"neighbours": str})})
    with pytest.raises(ValueError, match="a single jurisdiction, 0: expected at least two"):
        hazard_model(panel.assign(jurisdiction=0))
    with pytest.raises(ValueError, match="repeat each other"):
        hazard_model(panel.assign(twice=2 * panel["neighbours"]), ["neighbours", "twice"])
    with pytest.raises(ValueError, match="a duration of 0: expected years counted from 1"):
        hazard_model(panel.assign(duration=panel["duration"] - 1))


def test_statsmodels_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.api", None)
    with pytest.raises(ImportError, match=r"pip install 'policylab\[models\]'"):
        fit_binomial(np.array([0, 1]), np.ones((2, 1)), "logit")


def test_whole_way_on_the_law(laws):
    """From the law to the model: counts agree with the adoptions, unknown units are stated."""
    cases = {
        case: lab.event_history(laws, "wt_trafficking_year", 2005, 2025, unknown=case, draws=2)
        for case in ("never", "at_start")
    }
    given = lab.event_history(laws, "wt_trafficking_year", 2005, 2025, draws=2)
    model = lab.hazard_model(given, bounds=cases)
    table = lab.adoptions(laws.select(level="state"), {"wt_trafficking_year": "wt_trafficking_year"})
    status = table["status"].value_counts()
    assert model.table["n_unknown"].iloc[0] == status["unknown"] > 0
    assert 0 < model.table["n_events"].iloc[0] <= status["adopted"]
    assert set(model.bounds["case"]) == {"as given", "never", "at_start"}
    assert model.draws == 2 and model.n_incomplete > 0
