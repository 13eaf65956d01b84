"""Agreement of two coders: chance within variables, missing values, no variation, intervals, one story of errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policylab as lab
from policylab.check import check_package
from policylab.completion import error_rates
from policylab.second_codings import BY, SAME_TEXT, agreement_table, disagreements, pair_codings


def keyed(values: dict[tuple[str, str], str]) -> pd.Series:
    return pd.Series(values).rename_axis(["town", "variable"])


def recodings(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """Second codings of real cells with values of one's own."""
    table = pd.DataFrame(rows, columns=["jurisdiction", "variable", "first_value", "second_value"])
    return table.assign(first_confidence="high", second_confidence="high", sample="random", reason="", note="")


def test_chance_is_worked_out_within_each_variable():
    """Two variables without variation in one of them: only the other says anything beyond chance."""
    first = keyed(
        {
            (town, name): value
            for name, column in {"a": "xxyy", "b": "1111"}.items()
            for town, value in zip("pqrs", column, strict=True)
        }
    )
    second = first.copy()
    second["p", "a"] = "y"
    table = lab.agreement(first, second)
    assert table.loc["all", ["cells", "agreed", "varied"]].tolist() == [8, 7, 4]
    only = lab.agreement(first.xs("a", level="variable"), second.xs("a", level="variable"))
    for name in ("kappa", "alpha"):
        assert table.loc["all", name] == pytest.approx(only.loc["all", name])
    naive = lab.agreement(first.droplevel("variable").set_axis(range(8)), second.set_axis(range(8)))
    assert naive.loc["all", "alpha"] > table.loc["all", "alpha"]


def test_no_variation_is_not_agreement_beyond_chance():
    same = pd.Series(["no"] * 12)
    row = lab.agreement(same, same).loc["all"]
    assert row["percent"] == 1
    assert row["percent_low"] == pytest.approx(0.025 ** (1 / 12))
    assert row[["kappa", "alpha", "kappa_low", "alpha_high"]].isna().all()
    assert row["commonest"] == 1


def test_high_agreement_with_low_kappa_shows_in_the_commonest_share():
    first = pd.Series(["no"] * 48 + ["yes", "no"])
    second = pd.Series(["no"] * 48 + ["no", "yes"])
    row = lab.agreement(first, second).loc["all"]
    assert row["percent"] == 0.96
    assert row["kappa"] < 0
    assert row["commonest"] == 0.98


def test_cells_without_a_value_are_counted_and_not_compared():
    first = pd.Series(["a", "unknown", "b", "not_applicable", None, "b"])
    second = pd.Series(["a", "b", "unknown", "a", "a", "b"])
    row = lab.agreement(first, second).loc["all"]
    assert row[["cells", "unpaired", "agreed"]].tolist() == [2, 4, 2]


def test_frames_are_stacked_and_groups_are_levels_of_the_key():
    first = pd.DataFrame({"a": ["x", "y", None], "b": ["u", "u", "v"]}, index=pd.Index(list("pqr"), name="town"))
    second = first.copy()
    second.loc["q", "a"] = "x"
    by_variable = lab.agreement(first, second, by="variable")
    assert by_variable["cells"].to_dict() == {"a": 2, "b": 3}
    assert by_variable["unpaired"].to_dict() == {"a": 1, "b": 0}
    by_town = lab.agreement(first, second, by="town", cluster="town")
    assert by_town["agreed"].to_dict() == {"p": 2, "q": 1, "r": 1}
    assert lab.agreement(
        first, second, by=pd.Series("g", index=first.stack(future_stack=True).index)
    ).index.tolist() == ["g"]


def test_ordinal_difference_counts_levels():
    order = ["none", "some", "most", "full"]
    first = pd.Series(["none", "some", "most", "full"] * 5)
    near, far = first.copy(), first.copy()
    near[0], far[0] = "some", "full"
    for name in ("kappa", "alpha"):
        assert (
            lab.agreement(first, near, "ordinal", order)[name].item()
            > lab.agreement(first, far, "ordinal", order)[name].item()
        )
        assert lab.agreement(first, near)[name].item() == pytest.approx(
            lab.agreement(first, far)[name].item(), abs=0.01
        )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_and_names_do_not_matter(seed):
    random = np.random.default_rng(seed)
    first = keyed({(f"t{n}", name): random.choice(list("xyz")) for n in range(8) for name in "ab"})
    second = first.where(random.random(16) < 0.7, "x")
    table = lab.agreement(first, second, by="variable", draws=50)
    place = random.permutation(16)
    renamed = {"x": "3", "y": "1", "z": "2"}
    again = lab.agreement(first.iloc[place].map(renamed), second.map(renamed), by="variable", draws=50)
    pd.testing.assert_frame_equal(table, again.loc[table.index])
    swapped = lab.agreement(second, first, by="variable", draws=50)
    assert np.allclose(table[["kappa", "alpha"]], swapped[["kappa", "alpha"]], equal_nan=True)
    known = table.dropna()
    assert (known["alpha_low"] <= known["alpha"] + 1e-9).all()
    assert (known["alpha"] <= known["alpha_high"] + 1e-9).all()
    assert (known[["kappa", "alpha"]] <= 1).all(axis=None)


def test_clusters_that_err_together_widen_the_interval():
    first = keyed({(f"t{town}", f"v{name}"): "xy"[(town + name) % 2] for town in range(20) for name in range(6)})
    second = first.copy()
    second.loc["t3"] = [{"x": "y", "y": "x"}[value] for value in first.loc["t3"]]
    second.loc["t8"] = [{"x": "y", "y": "x"}[value] for value in first.loc["t8"]]
    cells, towns = (lab.agreement(first, second, cluster=cluster).loc["all"] for cluster in (None, "town"))
    assert cells["alpha"] == towns["alpha"]
    assert towns["alpha_high"] - towns["alpha_low"] > 1.5 * (cells["alpha_high"] - cells["alpha_low"])


def test_interval_covers_the_truth_where_variables_have_few_cells():
    """Ten variables of five cells, coders who err in 8 of 100 cells: 95 % intervals, as well as 80 trials can tell."""
    random = np.random.default_rng(0)
    names = np.repeat([f"v{n}" for n in range(10)], 5)
    share, error = 0.7, 0.08
    given_yes = share * (1 - error) + (1 - share) * error
    truth = 1 - 2 * error * (1 - error) / (2 * given_yes * (1 - given_yes))
    inside = 0
    for _ in range(80):
        law = random.random(50) < share
        first, second = (pd.Series(law ^ (random.random(50) < error)) for _ in range(2))
        index = pd.MultiIndex.from_arrays([range(50), names], names=["cell", "variable"])
        row = lab.agreement(first.set_axis(index), second.set_axis(index), draws=200).loc["all"]
        inside += row["alpha_low"] <= truth <= row["alpha_high"]
    assert inside / 80 > 0.85


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"level": "ratio"}, ValueError, "level is 'ratio': expected nominal, ordinal, interval"),
        ({"level": "ordinal"}, ValueError, "needs its order"),
        ({"level": "ordinal", "order": ["a"]}, ValueError, "'b' is not in the order"),
        ({"level": "interval"}, ValueError, "could not convert"),
        ({"by": "family"}, KeyError, "no level 'family' in the key"),
        ({"cluster": "town"}, KeyError, "no level 'town' in the key"),
        ({"probability": 0}, ValueError, "probability is 0"),
        ({"draws": 0}, ValueError, "draws is 0"),
    ],
)
def test_bad_questions(options, error, message):
    with pytest.raises(error, match=message):
        lab.agreement(pd.Series(["a", "b"]), pd.Series(["a", "a"]), **options)


def test_bad_keys():
    with pytest.raises(ValueError, match="cell 1 is coded more than once"):
        lab.agreement(pd.Series(["a", "b"], index=[1, 1]), pd.Series(["a", "a"]))
    with pytest.raises(ValueError, match="different cells"):
        lab.agreement(pd.Series(["a", "b"]), pd.Series(["a", "a"], index=[1, 2]))


# ------------------------------------------------------------------------------------------------ the law
def test_agreement_and_error_rates_tell_one_story(laws):
    """The sample of one text tests the reading alone and stays out of the rates."""
    apart = laws.tables.recodings[laws.tables.recodings["sample"] != SAME_TEXT]
    assert len(apart) < len(laws.tables.recodings)
    table, rates = agreement_table(laws, "confidence", apart, draws=50), error_rates(laws.tables.recodings)
    rates = rates.loc[rates["compared"] > 0]
    table = table.loc[table["cells"] > 0]
    assert table["cells"].to_dict() == rates["compared"].to_dict()
    assert (table["cells"] - table["agreed"]).to_dict() == rates["disagreements"].to_dict()
    differ = (disagreements(laws, apart)["kind"] == "values differ").sum()
    assert differ == rates["disagreements"].sum()


@pytest.mark.parametrize("by", BY)
def test_every_cell_is_compared_or_counted(laws, by):
    table = agreement_table(laws, by, draws=20)
    assert (table["cells"] + table["unpaired"]).sum() == len(laws.tables.recodings)
    total = agreement_table(laws, "all", draws=20).loc["all"]
    assert table["agreed"].sum() == total["agreed"]
    assert table["varied"].sum() == total["varied"]


def test_levels_come_from_the_codebook(laws):
    rows = [
        ("CT", "sh_immunity", "none", "full"),
        ("GA", "sh_immunity", "none", "none"),
        ("CT", "rr_year", "2010/2011", "2011/2012"),
        ("GA", "rr_year", "2012", "2012"),
        ("CT", "cv_action_year", "../2011", "2012"),
        ("CT", "cvc_deadline_months", "none", "24"),
        ("CT", "wt_consent", "one", "all"),
        ("CT", "cv_action", "yes", "no"),
    ]
    table = agreement_table(laws, "variable", recodings(rows), draws=20)
    assert table["level"].to_dict() == {
        "wt_consent": "nominal",
        "rr_year": "interval",
        "cvc_deadline_months": "nominal",
        "sh_immunity": "ordinal",
        "cv_action": "nominal",
        "cv_action_year": "nominal",
    }
    assert agreement_table(laws, "family", recodings(rows), draws=20)["level"].eq("nominal").all()
    listed = disagreements(laws, recodings(rows)).set_index("variable")["steps"]
    assert listed["sh_immunity"] == len(laws.variables["sh_immunity"].levels) - 1
    assert listed["rr_year"] == 1
    assert listed[["cvc_deadline_months", "wt_consent", "cv_action_year"]].isna().all()


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("2010", "2009/2011", "one is less exact"),
        ("2009/2011", "2010", "one is less exact"),
        ("2008/2012", "2009/2012", "one is less exact"),
        ("../2013", "2012", "one is less exact"),
        ("2014/..", "2016/2018", "one is less exact"),
        ("../2010", "../2013", "one is less exact"),
        ("2012", "2013/2014", "values differ"),
        ("2010/2012", "2011/2013", "values differ"),
        ("../2013", "2014", "values differ"),
        ("2012", "unknown", "one has no value"),
    ],
)
def test_bounds_that_hold_a_year_do_not_contradict_it(laws, first, second, kind):
    rows = recodings([("CT", "rr_year", first, second), ("GA", "rr_year", "2012", "2012")])
    compared = 1 + (kind == "values differ")
    assert disagreements(laws, rows)["kind"].tolist() == [kind]
    assert error_rates(rows)[["compared", "disagreements"]].sum().tolist() == [compared, compared - 1]
    table = agreement_table(laws, "all", rows, draws=20).loc["all"]
    assert (table["cells"], table["unpaired"], table["agreed"]) == (compared, 2 - compared, 1)


def test_values_outside_the_codebook_are_named(laws):
    with pytest.raises(ValueError, match="sh_immunity has no level 'maybe': expected none, "):
        agreement_table(laws, "variable", recodings([("CT", "sh_immunity", "maybe", "full")]))
    with pytest.raises(ValueError, match="by is 'county': expected variable, family"):
        agreement_table(laws, "county")
    with pytest.raises(ValueError, match="no second codings are in view"):
        agreement_table(laws.select(level="federal"))


def test_faults_in_second_codings_are_named(package, edit):
    row = edit("recodings.csv", {"variable": "sh_immunity"}, second_value="maybe")
    agreed = edit("recodings.csv", {"variable": "wt_authority", "second_value": "yes"}, reason="typo")
    faults = {(fault.file, fault.row, fault.column) for fault in check_package(package)}
    assert faults == {("recodings.csv", row, "second_value"), ("recodings.csv", agreed, "reason")}


def test_two_codings_of_one_codebook_are_paired(laws):
    view = laws.select(level="state", family="safe_harbor")
    table = agreement_table(view, "all", pair_codings(view, view), draws=20).loc["all"]
    assert table["alpha"] == table["percent"] == 1
    assert table["cells"] == (view.cells["status"] == "coded").sum()
    assert table["cells"] + table["unpaired"] == len(view.cells)
    with pytest.raises(ValueError, match="no cell in common"):
        pair_codings(view, laws.select(family="wiretap"))


def test_settled_reasons_belong_to_disagreements(laws):
    pairs = laws.tables.recodings
    settled = pairs[pairs["reason"] != ""]
    assert (settled["first_value"] != settled["second_value"]).all()
    assert set(pairs["sample"]) <= {"block", "random", "filled", "state"}


def test_lists_are_no_codings():
    with pytest.raises(TypeError, match="a coding is a list: expected a Series or a DataFrame"):
        lab.agreement(["yes"], ["no"])
