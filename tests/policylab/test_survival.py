"""Curves, bounds, tests, order and cascades: what they must keep, whatever the law says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policylab as lab
from policylab.drawings.diffusion import POLICIES
from policylab.periods import by_period
from policylab.plot.steps import adoption_steps
from policylab.plot.style import new_figure
from policylab.turnbull import _most_likely
from tests.policylab.foreign import foreign_package


@pytest.fixture(scope="module")
def table(laws):
    return lab.adoptions(laws.select(level="state"), POLICIES)


@pytest.fixture(scope="module")
def regions():
    return lab.load_jurisdictions().set_index("jurisdiction")["region"]


def made_up(*rows: tuple) -> pd.DataFrame:
    """Write a frame of adoptions from (jurisdiction, policy, first, last): years, a missing one left out as None.

    Without a last year the policy was seen absent to the end of the first; without both nothing is known.
    """
    frame = pd.DataFrame(rows, columns=["jurisdiction", "policy", "first", "last"])
    first, last = frame["first"], frame["last"]
    status = np.select([last.notna(), first.notna()], ["adopted", "not_adopted"], "unknown")
    ends = np.where(status == "adopted", "-01-01", "-12-31")
    years = [side.map(lambda year: f"{year:04.0f}", na_action="ignore").astype("str") for side in (first, last)]
    return pd.DataFrame(
        {
            "jurisdiction": frame["jurisdiction"],
            "policy": frame["policy"],
            "status": status,
            "earliest": pd.to_datetime((years[0] + ends).where(first.notna())),
            "latest": pd.to_datetime((years[1] + "-12-31").where(last.notna())),
            "precision": "",
        }
    )


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=3)


YEARS = st.integers(2000, 2012)
CELLS = st.one_of(
    st.tuples(YEARS, YEARS).map(sorted).map(tuple),  # adopted within bounds
    YEARS.map(lambda year: (None, year)),  # by a year
    YEARS.map(lambda year: (year, None)),  # not by a year
    st.just((None, None)),
)


def frame_of(cells: list[tuple], policy: str = "p") -> pd.DataFrame:
    return made_up(*((f"u{place:02}", policy, *cell) for place, cell in enumerate(cells)))


# ------------------------------------------------------------------------ curves
@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=15).filter(lambda cells: any(last is not None for _, last in cells)))
def test_curves_rise_within_their_bounds(cells):
    curve = lab.adoption_curve(frame_of(cells), "p", band="linear")
    lines = curve.table[["share", "at_least", "at_most"]]
    for name in lines:
        assert (lines[name].dropna().diff().dropna() > -1e-9).all()
    known = lines.dropna()
    assert (known["at_least"] <= known["share"] + 1e-9).all() and (known["share"] <= known["at_most"] + 1e-9).all()
    counts = curve.counts.iloc[0]
    assert counts["adopted"] + counts["not_adopted"] + counts["unknown"] == counts["jurisdictions"] == len(cells)
    assert curve.table["adopted"].sum() == pytest.approx(counts["adopted"])


def test_bounds_by_hand():
    """Four units: one adopts in 2001, one between 2001 and 2003, one absent through 2002, one unknown."""
    frame = made_up(("A", "p", 2001, 2001), ("B", "p", 2001, 2003), ("C", "p", 2002, None), ("D", "p", None, None))
    table = lab.adoption_curve(frame, "p").table.set_index("time")
    assert table["at_least"].to_dict() == {2000: 0, 2001: 0.25, 2002: 0.25, 2003: 0.5}
    assert table["at_most"].to_dict() == {2000: 0.25, 2001: 0.75, 2002: 0.75, 2003: 1}
    assert table.loc[2000, "at_risk"] == 3


def test_line_stops_where_the_last_one_seen_adopts():
    """An estimate of one says nothing of those last seen without the policy; dates within bounds are another matter."""
    rows = [("AK", "p", 2010, 2010), ("AL", "p", 2012, None), ("AR", "p", 2014, 2014)]
    for case, height in ((rows, 1 / 3), ([rows[0], ("AZ", "p", 2013, 2016), rows[2]], 1)):
        table = lab.adoption_curve(made_up(*case), "p").table
        assert table["share"].iloc[-1] == 1
        line = adoption_steps(table, new_figure(2, 2).subplots(), (2008, 2020), [2010]).lines[0]
        assert np.nanmax(line.get_ydata()) == pytest.approx(height)


def test_interval_is_spread_over_what_others_did():
    """The unit within 2001 to 2004 follows those at 2002 and 2003: two thirds and one third, if nobody is censored."""
    frame = made_up(*((f"u{n}", "p", year, year) for n, year in enumerate([2002, 2002, 2003])), ("v", "p", 2001, 2004))
    table = lab.adoption_curve(frame, "p").table.set_index("time")
    assert table["adopted"].loc[[2002, 2003]].tolist() == pytest.approx([2 + 2 / 3, 1 + 1 / 3])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5).filter(any), min_size=1, max_size=12))
def test_estimate_is_the_most_likely_one(rows):
    """Karush, Kuhn and Tucker: no mass would do more good elsewhere. For any pattern of what may have been."""
    may = np.array(rows, dtype=float)
    mass = _most_likely(may)
    gain = (may / (may @ mass)[:, None]).sum(axis=0) / len(may)
    assert mass.min() >= 0 and mass.sum() == pytest.approx(1)
    assert gain.max() <= 1 + 1e-6
    assert gain[mass > 1e-6] == pytest.approx(1, abs=1e-5)


def test_year_is_never_at_risk_and_adopted_at_once():
    """A law known to the year is at risk through the year before, and adopted at its own."""
    frame = made_up(("A", "p", 2005, 2005), ("B", "p", 2010, None))
    table = lab.adoption_curve(frame, "p").table.set_index("time")
    assert table["at_risk"].to_dict() == {2004: 2, 2005: 2, **dict.fromkeys(range(2006, 2011), 1)}
    assert table["share"].loc[[2004, 2005]].tolist() == [0, 0.5]


def test_days_and_years_agree_where_years_end(table):
    """By 31 December both units count the same for laws known to the year or better."""
    exact = table[(table["earliest"].dt.year == table["latest"].dt.year) | (table["status"] == "not_adopted")]
    years = lab.adoption_curve(exact, "Trafficking offence").table.set_index("time")["share"]
    days = lab.adoption_curve(exact, "Trafficking offence", unit="day").table
    for year in range(2003, 2015):
        upto = days.loc[days["time"] < year + 1, "share"].iloc[-1]
        assert upto == pytest.approx(years[year])


def test_groups_add_up(table, regions):
    curve = lab.adoption_curve(table, "Record relief", by=regions)
    whole = lab.adoption_curve(table, "Record relief")
    assert curve.counts.drop(columns="median").sum().equals(whole.counts.drop(columns="median").iloc[0])
    assert set(curve.counts.index) == set(regions.drop("US"))
    start = curve.at_risk([1990]).sum().iloc[0]
    assert (
        start
        == whole.at_risk([1990]).iloc[0, 0]
        == whole.counts["jurisdictions"].iloc[0] - whole.counts["unknown"].iloc[0]
    )


def test_order_of_rows_does_not_matter(table, regions):
    mixed = shuffled(table)
    one, other = (lab.adoption_curve(frame, "Record relief", by=regions) for frame in (table, mixed))
    pd.testing.assert_frame_equal(one.table, other.table)
    assert lab.log_rank(table, "Record relief", regions).statistic == pytest.approx(
        lab.log_rank(mixed, "Record relief", regions).statistic, abs=1e-12
    )
    pd.testing.assert_frame_equal(lab.precedence(table).pairs, lab.precedence(mixed).pairs)
    pd.testing.assert_frame_equal(lab.precedence(table).order, lab.precedence(mixed).order)
    pd.testing.assert_frame_equal(lab.cascades(table), lab.cascades(mixed))


def test_renamed_units_and_groups_change_nothing(table, regions):
    renamed = table.assign(jurisdiction=[f"unit {name}" for name in table["jurisdiction"]])
    groups = {f"unit {name}": f"x {region}" for name, region in regions.items()}
    one = lab.log_rank(table, "Civil action", regions)
    other = lab.log_rank(renamed, "Civil action", groups)
    assert one.p_value == pytest.approx(other.p_value, abs=1e-12) and one.left_out == other.left_out


def test_log_rank_of_equal_groups_is_nothing():
    cells = [(2001, 2001), (2003, 2003), (2004, None), (2006, 2006)]
    frame = frame_of(cells * 2)
    groups = {f"u{place:02}": "left" if place < 4 else "right" for place in range(8)}
    test = lab.log_rank(frame, "p", groups)
    assert test.statistic == pytest.approx(0) and test.p_value == pytest.approx(1)
    assert test.table["observed"].sum() == pytest.approx(test.table["expected"].sum())


def test_wrong_questions_about_curves(table, regions):
    with pytest.raises(KeyError, match="no policy 'Record releif': expected one of Trafficking offence"):
        lab.adoption_curve(table, "Record releif")
    with pytest.raises(KeyError, match="no column precision"):
        lab.adoption_curve(table.drop(columns="precision"), "Record relief")
    with pytest.raises(ValueError, match="unit is 'month': expected year or day"):
        lab.adoption_curve(table, "Record relief", unit="month")
    with pytest.raises(ValueError, match="band is 'plain'"):
        lab.adoption_curve(table, "Record relief", band="plain")
    with pytest.raises(ValueError, match="confidence is 95"):
        lab.adoption_curve(table, "Record relief", confidence=95)
    with pytest.raises(ValueError, match="no group for CT, WY: expected one for every jurisdiction"):
        lab.adoption_curve(table, "Record relief", by=regions.drop(["CT", "WY"]))
    with pytest.raises(ValueError, match=r"1 group\(s\) of 'Record relief'"):
        lab.log_rank(table, "Record relief", dict.fromkeys(regions.index, "one"))
    with pytest.raises(ValueError, match="dates is 'midpoint': expected middle or earliest or latest"):
        lab.log_rank(table, "Record relief", regions, dates="midpoint")


def test_policy_that_nobody_adopted():
    frame = made_up(("A", "p", 2010, None), ("B", "p", 2011, None), ("C", "p", None, None))
    with pytest.raises(ValueError, match="nobody is known to have adopted 'p': 2 not adopted, 1 unknown"):
        lab.adoption_curve(frame, "p")
    with pytest.raises(ValueError, match="nobody is known to have adopted 'p'"):
        lab.log_rank(frame, "p", {"A": "x", "B": "y", "C": "y"})
    assert lab.cascades(frame).empty
    assert lab.cascades(frame, "wide").isna().all(axis=None)


# ------------------------------------------------------------------------- order
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12))
def test_every_jurisdiction_is_counted_once_in_each_pair(cells):
    frame = pd.concat([frame_of([cell[place] for cell in cells], name) for place, name in enumerate("pq")])
    found = lab.precedence(frame)
    counts = found.pairs[["before", "after", "same_day", "undetermined", "neither", "unknown"]]
    assert (counts.sum(axis=1) == len(cells)).all()
    forth, back = found.pairs.iloc[0], found.pairs.iloc[1]
    assert (forth["before"], forth["after"]) == (back["after"], back["before"])
    shares = found.pairs["share"].dropna()
    assert shares.empty or shares.sum() == pytest.approx(1)


def test_order_by_hand():
    frame = made_up(
        ("A", "p", 2001, 2001), ("A", "q", 2002, 2002),  # p first
        ("B", "p", 2003, 2003), ("B", "q", 2003, 2005),  # overlap: undetermined
        ("C", "p", 2003, 2003), ("C", "q", 2003, None),  # q absent to the end of 2003, by when p was there: p first
        ("D", "p", 2004, 2004), ("D", "q", 2003, None),  # q may have come before p: undetermined
        ("E", "p", 2004, None), ("E", "q", None, 2001),  # q there by 2001, p absent until 2004: q first
        ("F", "p", 2004, None), ("F", "q", 2004, None),  # neither
        ("G", "p", 2004, 2004), ("G", "q", None, None),  # unknown
    )  # fmt: skip
    row = lab.precedence(frame).pairs.iloc[0]
    kinds = ["before", "after", "same_day", "undetermined", "neither", "unknown"]
    assert row[kinds].tolist() == [2, 1, 0, 2, 1, 1]
    assert (row["share"], round(row["lower"], 4), round(row["upper"], 4)) == (2 / 3, 0.2077, 0.9385)  # Wilson
    assert lab.precedence(frame).order["policy"].tolist() == ["p", "q"]


def test_laws_of_one_day_are_tied():
    frame = made_up(("A", "p", 2001, 2001), ("A", "q", 2001, 2001))
    assert lab.precedence(frame).pairs["undetermined"].tolist() == [1, 1]
    day = frame.assign(earliest=pd.Timestamp("2001-07-01"), latest=pd.Timestamp("2001-07-01"))
    found = lab.precedence(day)
    assert found.pairs["same_day"].tolist() == [1, 1]
    assert found.order["rank"].tolist() == [1, 1] and found.order["open"].tolist() == [1, 1]


def test_majorities_in_a_circle_are_told():
    years = {"A": (1, 2, 3), "B": (2, 3, 1), "C": (3, 1, 2)}
    rows = [
        (unit, policy, 2000 + y, 2000 + y)
        for unit, when in years.items()
        for policy, y in zip("pqr", when, strict=True)
    ]
    found = lab.precedence(made_up(*rows))
    assert found.order["rank"].tolist() == [1, 1, 1] and found.contradictions.empty
    rows = [(unit, policy, 2000 + y, 2000 + y) for unit, policy, y in [
        ("A", "p", 1), ("A", "q", 2), ("B", "q", 1), ("B", "r", 2), ("C", "r", 1), ("C", "p", 2),
        ("D", "p", 1), ("D", "s", 2), ("E", "q", 1), ("E", "s", 2), ("F", "p", 1), ("F", "t", 2),
        ("G", "t", 1), ("G", "q", 2), ("H", "t", 1), ("H", "r", 2), ("I", "s", 1), ("I", "r", 2),
    ]]  # fmt: skip
    table = made_up(*rows)
    every = pd.MultiIndex.from_product(
        [sorted(set(table["jurisdiction"])), list("pqrst")], names=["jurisdiction", "policy"]
    )
    whole = table.set_index(["jurisdiction", "policy"]).reindex(every).reset_index()
    found = lab.precedence(whole.fillna({"status": "unknown", "precision": ""}))
    assert list(found.contradictions[["first", "second"]].itertuples(index=False, name=None)) == [("r", "p")]


def test_wrong_questions_about_order(table):
    with pytest.raises(ValueError, match="1 policy in the frame"):
        lab.precedence(table[table["policy"] == "Record relief"])
    with pytest.raises(ValueError, match="method is 'wald': expected wilson or exact"):
        lab.precedence(table, method="wald")


# ----------------------------------------------------------------------- periods
def test_periods_partition_the_states(table):
    ends = [2010, 2013, 2020, 2026]
    frame = by_period(table, "Record relief", ends)
    assert frame.groupby("end").size().tolist() == [51] * 4
    wide = frame.pivot(index="jurisdiction", columns="end", values="standing").astype(str)
    assert wide.loc["NY"].tolist() == ["during", "before", "before", "before"]
    adopted = wide.isin(["before", "during", "by_then"])
    assert (adopted.astype(int).diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    bounds = lab.adoption_curve(table, "Record relief").table.set_index("time")
    for end in ends:
        assert adopted[end].mean() == pytest.approx(bounds.loc[end, "at_least"])
        assert 1 - (wide[end] == "not_adopted").mean() == pytest.approx(bounds.loc[end, "at_most"])
    with pytest.raises(ValueError, match="expected increasing years"):
        by_period(table, "Record relief", [2012, 2010])


# ---------------------------------------------------------------------- cascades
def test_cascades_hold_what_is_dated_and_count_the_rest(table):
    long, wide = lab.cascades(table), lab.cascades(table, "wide")
    assert list(long) == ["node_name", "event_time", "cascade_id"]
    assert wide.shape == (51, len(POLICIES)) and list(wide.columns) == list(POLICIES)
    assert wide.notna().sum().sum() == len(long)
    for policy, rest in long.attrs["left_out"].items():
        assert wide[policy].notna().sum() + sum(rest.values()) == 51
    for row in long.itertuples():
        assert wide.loc[row.node_name, row.cascade_id] == row.event_time
    early, late = (lab.cascades(table, "wide", dates=dates) for dates in ("earliest", "latest"))
    assert (early.fillna(0) <= wide.fillna(0)).all(axis=None) and (wide.fillna(0) <= late.fillna(0)).all(axis=None)
    wider = (early != late).sum().to_dict()
    assert wider == long.attrs["within_bounds"]


def test_cascades_in_days_count_as_r_dates_do(table):
    days = lab.cascades(table[table["policy"] == "Record relief"], unit="day").set_index("node_name")["event_time"]
    assert days["CT"] == (pd.Timestamp("2013-10-01") - pd.Timestamp("1970-01-01")).days
    with pytest.raises(ValueError, match="layout is 'matrix': expected long, wide"):
        lab.cascades(table, layout="matrix")


# --------------------------------------------------------------- another field
def test_all_of_it_on_a_package_of_another_field(tmp_path):
    rows = [
        ("A", "helmet", "full"), ("A", "helmet_year", "2001"), ("A", "paths", "yes"), ("A", "paths_year", "2004"),
        ("B", "helmet", "some"), ("B", "helmet_year", "2003/2005"), ("B", "paths", "yes"),
        ("C", "helmet", "some"), ("C", "helmet_year", "unknown"), ("C", "paths", "unknown"),
    ]  # fmt: skip
    towns = lab.read_package(foreign_package(tmp_path / "towns", rows))
    table = lab.adoptions(towns)
    assert lab.adoption_curve(table, "helmet_year").counts.loc["all"].tolist()[:6] == [4, 3, 1, 1, 1, 0]
    found = lab.precedence(table)
    assert found.order["policy"].tolist() == ["helmet_year", "paths_year"]
    assert lab.cascades(table)["node_name"].tolist() == ["A", "B", "A"]
    groups = {"A": "old", "B": "old", "C": "new", "north-end": "new"}
    assert lab.log_rank(table, "helmet_year", groups).left_out == 1
