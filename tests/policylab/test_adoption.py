"""Adoptions: what is known of each date, what is censored, and which questions have no answer."""

import random
from pathlib import Path

import pandas as pd
import pytest

import policylab as lab
from policylab.adoption import COLUMNS
from policylab.dates import parse_date
from tests.policylab.foreign import CODEBOOK, foreign_package

DAY = pd.Timestamp


@pytest.fixture(scope="module")
def states(laws):
    return laws.select(level="state")


@pytest.fixture
def foreign(tmp_path):
    """Read a made-up package about helmets in towns, from rows (jurisdiction, variable, value, effective, ended)."""
    return lambda *rows, **changes: lab.read_package(foreign_package(tmp_path / "towns", rows, **changes))


def one(table: pd.DataFrame, place: str, policy: str) -> tuple:
    row = table[(table["jurisdiction"] == place) & (table["policy"] == policy)].iloc[0]
    return row["status"], *("" if pd.isna(row[side]) else str(row[side].date()) for side in ("earliest", "latest"))


def test_one_row_for_every_policy_that_applies(laws):
    table = lab.adoptions(laws)
    assert list(table) == COLUMNS
    assert not table.duplicated(["jurisdiction", "policy"]).any()
    counts = table["policy"].value_counts()
    assert counts["s230_year"] == 1 and counts["cvc_trafficking_year"] == 51 and counts["rr_year"] == 52
    assert list(table["policy"].cat.categories) == [name for name in laws.variables if laws.variables[name].onset_of]


def test_known_years_are_what_the_cells_say(states):
    table = lab.adoptions(states, {"cr_first_year": "cr_first_year"}).set_index("jurisdiction")
    for cell in states.select(variables=["cr_first_year"]).cells.itertuples():
        year, row = parse_date(cell.value), table.loc[cell.jurisdiction]
        assert row["status"] == "adopted"
        assert DAY(year.earliest) <= row["earliest"] <= row["latest"] <= DAY(year.latest)


def test_every_status_keeps_its_own_ends(states):
    table = lab.adoptions(states)
    adopted, absent, unknown = (table[table["status"] == status] for status in ("adopted", "not_adopted", "unknown"))
    assert adopted["latest"].notna().all()
    assert (adopted["earliest"].isna() == (adopted["precision"] == "open")).all()
    assert (adopted["earliest"].isna() | (adopted["earliest"] <= adopted["latest"])).all()
    assert absent["earliest"].notna().all() and absent["latest"].isna().all() and (absent["precision"] == "").all()
    assert unknown[["earliest", "latest"]].isna().all(axis=None) and (unknown["precision"] == "").all()
    assert len(adopted) + len(absent) + len(unknown) == len(table)
    assert (table[["earliest", "latest"]].max() <= DAY(states.date)).all()


def test_unknown_is_not_a_no(states):
    """Cells that are unknown today are never called absent, and cells that are absent never unknown."""
    table = lab.adoptions(states).set_index(["jurisdiction", "policy"])["status"]
    values = states.cells.set_index(["jurisdiction", "variable"])["value"]
    for (place, policy), status in table.items():
        parent = states.variables[states.variables[policy].onset_of]
        value = values[place, parent.name]
        if value == "unknown":
            assert status in ("unknown", "adopted")
        if status == "not_adopted":
            assert value in (parent.levels[0], "not_applicable")  # without its parent a provision is absent too


def test_later_repeal_does_not_undo_an_adoption(states):
    assert states.value("HI", "rr_relief") == "none"
    assert one(lab.adoptions(states), "HI", "rr_year")[0] == "adopted"


@pytest.mark.parametrize(
    ("coding", "expected", "precision"),
    [
        (("2012", ""), ("2012-01-01", "2012-12-31"), "year"),
        (("2012", "2012-07"), ("2012-07-01", "2012-07-31"), "month"),
        (("2012", "2012-07-04"), ("2012-07-04", "2012-07-04"), "day"),
        (("2012", "2012/2013"), ("2012-01-01", "2012-12-31"), "year"),  # wider than the year, which rules
        (("2009/2012", ""), ("2009-01-01", "2012-12-31"), "interval"),
        (("2009/2012", "2010"), ("2010-01-01", "2010-12-31"), "year"),
        (("../2012", ""), ("", "2012-12-31"), "open"),
    ],
)
def test_partial_dates(foreign, coding, expected, precision):
    towns = foreign(("A", "helmet", "some"), ("A", "helmet_year", *coding))
    table = lab.adoptions(towns)
    assert one(table, "A", "helmet_year") == ("adopted", *expected)
    assert table.loc[table["jurisdiction"] == "A", "precision"].iloc[0] == precision


def test_year_not_known_is_left_censored_at_the_text(foreign):
    """The text is of 2015: present by its end; the level of the second town began by the end of 2011."""
    towns = foreign(
        ("A", "helmet", "some"),
        ("A", "helmet_year", "unknown"),
        ("B", "helmet", "full", "2010/2011"),
        ("B", "helmet_year", "unknown"),
    )
    table = lab.adoptions(towns)
    assert one(table, "A", "helmet_year") == ("adopted", "", "2015-12-31")
    assert one(table, "B", "helmet_year") == ("adopted", "", "2011-12-31")


def test_not_adopted_is_right_censored_at_the_text(foreign):
    """Absent on some day of 2015: the rest of that year is not vouched for."""
    towns = foreign(("A", "helmet", "none"), ("B", "helmet", "unknown"))
    table = lab.adoptions(towns)
    assert one(table, "A", "helmet_year") == ("not_adopted", "2015-01-01", "")
    assert one(table, "B", "helmet_year") == ("unknown", "", "")
    undated = foreign(("A", "helmet", "none"), text="")
    assert one(lab.adoptions(undated), "A", "helmet_year") == ("not_adopted", "2020-05-01", "")


def test_absent_parent_means_not_adopted(foreign):
    towns = foreign(("A", "paths", "no"), ("B", "paths", "unknown"))
    table = lab.adoptions(towns, {"lights": ("lights_year", "lights", {"yes"}), "bare": "lights_year"})
    assert one(table, "A", "lights") == one(table, "A", "bare") == ("not_adopted", "2015-01-01", "")
    assert one(table, "B", "lights") == one(table, "B", "bare") == ("unknown", "", "")


def test_levels_of_another_variable(foreign):
    rows = [
        ("A", "helmet", "some", "2001", "2005-06"),
        ("A", "helmet", "full", "2005-06"),
        ("A", "helmet_year", "2001"),
        ("A", "level_year", "2005"),
        ("B", "helmet", "some"),
        ("B", "helmet_year", "2003"),
        ("B", "level_year", "2003"),
    ]
    towns = foreign(*rows)
    full = ("level_year", "helmet", {"full"})
    table = lab.adoptions(towns, {"full": full, "any": ("helmet_year", "helmet", ["some", "full"])})
    assert one(table, "A", "full") == ("adopted", "2005-06-01", "2005-06-30")
    assert one(table, "A", "any") == ("adopted", "2001-01-01", "2001-12-31")
    assert one(table, "B", "full") == ("not_adopted", "2015-01-01", "")
    before = lab.adoptions(towns.as_of("2005-06-15"), {"full": full})
    assert one(before, "A", "full") == ("unknown", "", "")
    assert one(lab.adoptions(towns.as_of("2004-12-31"), {"full": full}), "A", "full")[:2] == (
        "not_adopted",
        "2004-12-31",
    )


def test_present_level_dates_a_set_of_levels_only_from_above(foreign):
    """The second town may have had some rule before its full one; the first surely had."""
    both = {"either": ("level_year", "helmet", {"some", "full"})}
    towns = foreign(
        ("A", "helmet", "none", "2000", "2001-03-01"),
        ("A", "helmet", "some", "2001-03-01", "2005"),
        ("A", "helmet", "full", "2005"),
        ("A", "level_year", "2005"),
        ("B", "helmet", "full", "2005"),
        ("B", "level_year", "2005"),
    )
    table = lab.adoptions(towns, both)
    assert one(table, "A", "either") == ("adopted", "2001-03-01", "2001-03-01")
    assert one(table, "B", "either") == ("adopted", "", "2005-12-31")


def test_year_that_only_says_when_leaves_the_rest_unknown(foreign):
    towns = foreign(("A", "helmet", "some"), ("A", "level_year", "unknown"))
    assert one(lab.adoptions(towns, {"level": "level_year"}), "A", "level") == ("unknown", "", "")


def test_views_are_respected(states):
    before = lab.adoptions(states.as_of("2012-12-31"))
    now = lab.adoptions(states)
    assert (before["latest"].dropna() <= DAY("2012-12-31")).all()
    assert one(before, "CT", "rr_year") == ("not_adopted", "2012-12-31", "")
    assert one(now, "CT", "rr_year") == ("adopted", "2013-10-01", "2013-10-01")
    firm = lab.adoptions(states.select(min_confidence="high"))
    assert (firm["status"] == "unknown").sum() > (now["status"] == "unknown").sum()
    assert set(lab.adoptions(states.select(family="civil"))["policy"]) == {"cv_action_year"}


def test_adoptions_stay_as_time_goes_on(states):
    """What was adopted by 2013 is adopted today, on a day that both views allow."""
    keys = ["jurisdiction", "policy"]
    before = lab.adoptions(states.as_of("2013-12-31")).query("status == 'adopted'")
    both = before.merge(lab.adoptions(states), on=keys, suffixes=("_then", "_now"))
    assert len(both) == len(before) > 100
    assert (both["status_now"] == "adopted").all()
    first, last = DAY("1900-01-01"), DAY(states.date)
    starts = both[["earliest_then", "earliest_now"]].fillna(first).max(axis=1)
    assert (starts <= both[["latest_then", "latest_now"]].fillna(last).min(axis=1)).all()


def test_shuffled_rows_give_the_same_table(package, states):
    shuffle = random.Random(5)
    for path in (package / "codings").glob("*.csv"):
        header, *body = path.read_text(encoding="utf-8").splitlines(keepends=True)
        shuffle.shuffle(body)
        path.write_text("".join([header, *body]), encoding="utf-8")
    shuffled = lab.adoptions(lab.read_package(package).select(level="state"))
    pd.testing.assert_frame_equal(shuffled, lab.adoptions(states))


def test_wrong_questions(states):
    with pytest.raises(KeyError, match="no variable 'rr_yaer' in view"):
        lab.adoptions(states, {"relief": "rr_yaer"})
    with pytest.raises(KeyError, match="no variable 'rr_year' in view"):
        lab.adoptions(states.select(family="civil"), {"relief": "rr_year"})
    with pytest.raises(ValueError, match="dated by rr_relief, a ordinal variable"):
        lab.adoptions(states, {"relief": "rr_relief"})
    with pytest.raises(ValueError, match=r"levels \['total'\] of sh_immunity: expected some of none"):
        lab.adoptions(states, {"full": ("sh_immunity_year", "sh_immunity", {"total"})})
    with pytest.raises(ValueError, match="says nothing of vacate alone"):
        lab.adoptions(states, {"vacatur": ("rr_year", "rr_relief", "vacate")})
    with pytest.raises(ValueError, match="cr_first_year does not date rr_relief"):
        lab.adoptions(states, {"vacatur": ("cr_first_year", "rr_relief", {"vacate"})})
    with pytest.raises(ValueError, match="expected a year variable, or it, a variable and levels"):
        lab.adoptions(states, {"pair": ("rr_year", "rr_relief")})
    with pytest.raises(ValueError, match="0 jurisdictions"):
        lab.adoptions(states.select(jurisdictions=[]))
    with pytest.raises(ValueError, match="0 policies in view"):
        lab.adoptions(states.select(variables=["wt_consent"]))


def test_foreign_package_is_well_formed(tmp_path: Path):
    towns = lab.read_package(foreign_package(tmp_path / "towns", ()))
    assert set(towns.variables) == {row["variable"] for row in CODEBOOK}
    assert set(lab.adoptions(towns)["status"]) == {"not_adopted"}
