"""Series know where they break, and nothing joins or compares across a break in silence."""

import warnings

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import policylab as lab
from policylab.plot.series import series
from policylab.plot.style import new_figure
from policylab.series import BreakWarning, growth, segments


def table(*rows, indicator="count"):
    frame = pd.DataFrame(rows, columns=["jurisdiction", "year", "value", "break_before"])
    return frame.assign(indicator=indicator)


MADE_UP = table(("X", 2001, 10.0, ""), ("X", 2002, 20.0, ""), ("X", 2003, 90.0, "wider: more is counted"))


def axes():
    return new_figure(3, 2).subplots()


def test_every_shipped_series_has_its_breaks():
    shipped = lab.load_indicators()
    for (name, place), rows in shipped.groupby(["indicator", "jurisdiction"]):
        found = segments(shipped, name, place)
        marked = (rows.sort_values("year")["break_before"].iloc[1:] != "").sum()
        assert found["segment"].iloc[0] == 1
        assert found["segment"].iloc[-1] == 1 + marked
        assert found["year"].is_monotonic_increasing


def test_cybertipline_breaks_are_the_known_ones():
    found = segments(lab.load_indicators(), "cybertipline_reports_total")
    assert found.loc[found["segment"].diff() == 1, "year"].tolist() == [1999, 2014, 2024]


def test_cybertipline_categories_of_2023_do_not_exceed_the_total():
    year = lab.load_indicators().query("year == 2023 and jurisdiction == 'US'").set_index("indicator")["value"]
    parts = [name for name in year.index if name.startswith("cybertipline_child") or name.endswith("enticement")]
    assert len(parts) == 5
    assert year[parts].sum() < year["cybertipline_reports_total"]


@given(st.permutations(range(3)))
def test_segments_do_not_depend_on_the_order_of_rows(order):
    pd.testing.assert_frame_equal(segments(MADE_UP.iloc[list(order)], "count"), segments(MADE_UP, "count"))


def test_plotting_across_a_break_without_marking_it_warns():
    found = segments(MADE_UP, "count")
    with pytest.warns(BreakWarning, match="'count' is joined across a break: 2003: wider: more is counted"):
        ax = series(found, axes(), mark_breaks=False)
    assert len(ax.lines) == 1


def test_plotting_with_marks_does_not_warn_and_cuts_the_line():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = series(segments(MADE_UP, "count"), axes())
    stretches = [line.get_xdata().tolist() for line in ax.lines if line.get_linestyle() == "-"]
    assert stretches == [[2001, 2002], [2003]]
    assert ax.get_xlabel() == "1  2003: wider"


def test_no_line_over_years_without_a_value():
    ax = series(segments(table(("X", 2001, 1.0, ""), ("X", 2003, 2.0, "")), "count"), axes())
    assert [line.get_xdata().tolist() for line in ax.lines] == [[2001], [2003]]


def test_growth_within_a_segment_is_silent_and_across_a_break_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert growth(MADE_UP, "count", 2001, 2002) == 1.0
    with pytest.warns(BreakWarning, match="compared across a break"):
        assert growth(MADE_UP, "count", 2001, 2003) == 8.0


def test_bad_questions_are_named():
    with pytest.raises(KeyError, match="no series 'calls': expected one of count"):
        segments(MADE_UP, "calls")
    with pytest.raises(KeyError, match="no 'Y' in the series 'count': expected one of X"):
        segments(MADE_UP, "count", "Y")
    with pytest.raises(ValueError, match="several jurisdictions: name one of X, Y"):
        segments(table(("X", 2001, 1.0, ""), ("Y", 2001, 1.0, "")), "count")
    with pytest.raises(ValueError, match="gives 2001 twice"):
        segments(table(("X", 2001, 1.0, ""), ("X", 2001, 2.0, "")), "count")
    with pytest.raises(KeyError, match="no value of 'count' for 2009: expected one of 2001, 2002, 2003"):
        growth(MADE_UP, "count", 2001, 2009)


def test_base_behind_914_percent():
    """The growth that was claimed follows from 34 complaints, across a break that is marked."""
    with pytest.warns(BreakWarning, match="reactive complaints"):
        found = growth(lab.load_indicators(), "icac_complaints_child_prostitution", 2004, 2008)
    claimed = lab.load_claims().set_index("claim").loc["004-04"]
    assert int(100 * found) == int(claimed["claimed"])
    assert f"{100 * found:.1f}" == claimed["checked"]
