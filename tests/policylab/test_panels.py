"""Who is at risk when: partial dates, shares of the year before, units of which nothing is known."""

import csv
import random

import numpy as np
import pandas as pd
import pytest

import policylab as lab
from policylab.adoption_draws import draw_adoptions
from policylab.panels import event_history
from tests.policylab.foreign import foreign_package

MAP = {"A": "B C", "B": "A", "C": "A", "north-end": ""}
CENSUS = {"A": ("100", "400"), "B": ("50", "50"), "C": ("", "70"), "north-end": ("0", "9")}


@pytest.fixture(scope="module")
def states(laws):
    return laws.select(level="state")


@pytest.fixture
def towns(tmp_path):
    """Read a made-up package about helmets in towns, with a map and two censuses."""

    def read(*rows, regions=None, **changes) -> lab.Provisions:
        folder = foreign_package(tmp_path / "towns", rows, **changes)
        path = folder / "jurisdictions.csv"
        with path.open(encoding="utf-8", newline="") as text:
            places = list(csv.DictReader(text))
        for place in places:
            name = place["jurisdiction"]
            first, second = CENSUS[name]
            place |= {"neighbours": MAP[name], "population_2010": first, "population_2020": second}
            place["region"] = (regions or {}).get(name, "")
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, list(places[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(places)
        return lab.read_package(folder)

    return read


def adopted(place: str, year: str) -> list[tuple[str, ...]]:
    return [(place, "helmet", "some"), (place, "helmet_year", year)]


def of(panel: pd.DataFrame, place: str, column: str = "year") -> list:
    return panel.loc[(panel["jurisdiction"] == place) & (panel["draw"] == 0), column].tolist()


@pytest.mark.parametrize("policy", ["cr_first_year", "rr_year", "sh_first_year", "cv_action_year"])
def test_at_risk_in_the_years_before_and_adopted_in_the_year_never_both(states, policy):
    panel = event_history(states, policy, 2003, 2025)
    table = lab.adoptions(states, {policy: policy})
    certain = table[table["earliest"].dt.year == table["latest"].dt.year].set_index("jurisdiction")["earliest"].dt.year
    assert len(certain) > 35
    for place, year in certain.items():
        years = list(range(2003, min(year, 2025) + 1))
        assert of(panel, place) == years
        assert of(panel, place, "event") == [int(when == year) for when in years]
    assert not panel.duplicated(["draw", "jurisdiction", "year"]).any()
    assert (panel["duration"] == panel["year"] - 2002).all()


def test_shares_are_those_of_the_year_before(states):
    """Counted again, row by row, from the adoptions themselves."""
    panel = event_history(states, "rr_year", 2010, 2025, draws=2)
    table = lab.adoptions(states, {"rr_year": "rr_year"})
    days = draw_adoptions(table, 2).set_index(["draw", "jurisdiction"])["date"]
    absent = table[table["status"] == "not_adopted"].set_index("jurisdiction")["earliest"]
    places = states.jurisdictions.set_index("jurisdiction")
    assert panel["draw"].nunique() == 2

    def share(draw: int, year: int, others: list[str]) -> tuple[int, float]:
        end, states_of = pd.Timestamp(year - 1, 12, 31), []
        for other in others:
            if (draw, other) in days.index:
                states_of.append(days[draw, other] <= end)
            elif other in absent.index and absent[other] >= end:
                states_of.append(False)
        return len(states_of), float(np.mean(states_of)) if states_of else np.nan

    for row in panel.sample(150, random_state=1).itertuples():
        near = places.loc[row.jurisdiction, "neighbours"].split()
        number, near_share = share(row.draw, row.year, near)
        region = places.index[places["region"] == places.loc[row.jurisdiction, "region"]].drop(row.jurisdiction)
        assert row.n_neighbours == number
        assert row.neighbours == pytest.approx(near_share, nan_ok=True)
        assert row.region_share == pytest.approx(share(row.draw, row.year, list(region))[1])
        everyone = list(places.index.drop(row.jurisdiction))
        assert row.national_share == pytest.approx(share(row.draw, row.year, everyone)[1])


def test_unknown_and_unseen_neighbours_do_not_count(towns):
    """The text without the helmets is of 2015: it vouches for the ends of the years up to 2014."""
    laws = towns(*adopted("A", "2013"), *adopted("B", "2011"), ("C", "helmet", "unknown"))
    panel = event_history(laws, "helmet_year", 2010, 2018)
    assert of(panel, "A", "neighbours") == [0, 0, 1, 1]
    assert of(panel, "A", "n_neighbours") == [1, 1, 1, 1]
    assert of(panel, "north-end") == [2010, 2011, 2012, 2013, 2014]
    assert np.isnan(of(panel, "north-end", "neighbours")).all()
    assert of(panel, "C") == []
    assert panel.attrs["unknown"] == ["C"] and panel.attrs["without_neighbours"] == ["north-end"]


def test_year_of_the_question_counts_as_far_as_it_has_come(towns):
    laws = towns(*adopted("A", "2012"), text="2013-06-30")
    assert of(event_history(laws, "helmet_year", 2010, 2014), "B") == [2010, 2011, 2012]
    assert of(event_history(laws.as_of("2013-06-30"), "helmet_year", 2010, 2013), "B") == [2010, 2011, 2012, 2013]


def test_unknown_units_as_bounds(towns):
    laws = towns(*adopted("A", "2013"), ("C", "helmet", "unknown"))
    never = event_history(laws, "helmet_year", 2012, 2014, unknown="never")
    assert of(never, "C") == [2012, 2013, 2014] and of(never, "C", "event") == [0, 0, 0]
    assert of(never, "A", "n_neighbours") == [2, 2] and of(never, "A", "neighbours") == [0, 0]
    before = event_history(laws, "helmet_year", 2012, 2014, unknown="at_start")
    assert of(before, "C") == [] and of(before, "A", "neighbours") == [0.5, 0.5]
    assert before.attrs["adopted_before"] == ["C"]


def test_dates_within_bounds_are_drawn_within_them(towns):
    laws = towns(*adopted("A", "2009/2012"), *adopted("B", "../2013"), *adopted("C", "2010"))
    table = lab.adoptions(laws)
    days = draw_adoptions(table, 400).pivot(index="draw", columns="jurisdiction", values="date")
    years = days.apply(lambda column: column.dt.year)
    assert set(years["A"]) == {2009, 2010, 2011, 2012}
    assert set(years["B"]) == {2009, 2010, 2011, 2012, 2013}  # not before the first of the others
    assert set(years["C"]) == {2010}
    assert abs((years["A"] == 2009).mean() - 0.25) < 0.1
    later = draw_adoptions(table, 50, since="2013-01-01").query("jurisdiction == 'B'")
    assert set(later["date"].dt.year) == {2013}
    panel = event_history(laws, "helmet_year", 2008, 2014, draws=30)
    assert panel["draw"].nunique() == 30 and panel.attrs["drawn"] == ["A", "B"]
    events = panel[panel["event"] == 1].groupby(["draw", "jurisdiction"]).size()
    assert (events == 1).all() and len(events) == 90
    assert event_history(towns(*adopted("A", "2010")), "helmet_year", 2008, 2014, draws=30)["draw"].max() == 0


def test_same_seed_same_draws_whatever_the_order_of_rows(states):
    table = lab.adoptions(states)
    shuffled = table.sample(frac=1, random_state=3)
    assert draw_adoptions(table, 3).equals(draw_adoptions(shuffled, 3))
    assert not draw_adoptions(table, 3).equals(draw_adoptions(table, 3, random_state=1))


def test_shuffled_files_give_the_same_panel(package, states):
    shuffle = random.Random(7)
    for path in [package / "jurisdictions.csv", *(package / "codings").glob("*.csv")]:
        header, *body = path.read_text(encoding="utf-8").splitlines(keepends=True)
        shuffle.shuffle(body)
        path.write_text("".join([header, *body]), encoding="utf-8")
    again = event_history(lab.read_package(package), "rr_year", 2010, 2025, draws=3)
    pd.testing.assert_frame_equal(again, event_history(states, "rr_year", 2010, 2025, draws=3))


def test_population_between_and_beyond_the_censuses(towns):
    panel = event_history(towns(*adopted("A", "2014"), text="2025"), "helmet_year", 2005, 2014)
    people = np.exp(of(panel, "A", "log_population"))
    assert people[5] == pytest.approx(100) and people[0] == pytest.approx(50)
    assert people[9] == pytest.approx(100 * 4**0.4)
    assert np.exp(of(panel, "B", "log_population")) == pytest.approx(50)
    assert np.isnan(of(panel, "C", "log_population")).all() and np.isnan(of(panel, "north-end", "log_population")).all()


def test_periods_begin_with_the_first_whole_year(towns):
    laws = towns(*adopted("A", "2014"))
    periods = {"spring": "2012-04-11", "new year": "2012-01-01", "year": "2012", "eve": "2011-12-31"}
    with pytest.raises(ValueError, match="'year' begins '2012': expected a date that says which year"):
        event_history(laws, "helmet_year", 2010, 2014, periods=periods)
    panel = event_history(laws, "helmet_year", 2010, 2014, periods={k: v for k, v in periods.items() if k != "year"})
    assert of(panel, "A", "spring") == [0, 0, 0, 1, 1]
    assert of(panel, "A", "new year") == of(panel, "A", "eve") == [0, 0, 1, 1, 1]
    with pytest.raises(ValueError, match="has a column 'event' already"):
        event_history(laws, "helmet_year", 2010, 2014, periods={"event": "2012-04-11"})


def test_covariates_are_joined_as_they_are(towns):
    laws = towns(*adopted("A", "2012"))
    given = pd.DataFrame({"jurisdiction": ["A", "A", "B"], "year": [2010, 2012, 2010], "rain": [1.0, 2.0, 3.0]})
    panel = event_history(laws, "helmet_year", 2010, 2014, covariates=given)
    np.testing.assert_array_equal(of(panel, "A", "rain"), [1, np.nan, 2])
    assert panel.attrs["policy"] == "helmet_year"
    with pytest.raises(ValueError, match="A 2010 twice"):
        event_history(laws, "helmet_year", 2010, 2014, covariates=pd.concat([given, given]))
    with pytest.raises(KeyError, match="covariates lack year"):
        event_history(laws, "helmet_year", 2010, 2014, covariates=given.drop(columns="year"))
    with pytest.raises(ValueError, match="has a column 'event' already"):
        event_history(laws, "helmet_year", 2010, 2014, covariates=given.rename(columns={"rain": "event"}))
    with pytest.raises(ValueError, match="expected some of A, B, C, north-end"):
        event_history(laws, "helmet_year", 2010, 2014, covariates=given[:2].assign(jurisdiction="Z"))


def test_units_are_of_one_level(laws, states):
    whole = event_history(laws, "rr_year", 2010, 2025)
    assert "US" not in set(whole["jurisdiction"]) and whole.attrs["units"] == 51
    pd.testing.assert_frame_equal(whole, event_history(states, "rr_year", 2010, 2025))


def test_definition_by_levels(states):
    full = {"full": ("sh_immunity_year", "sh_immunity", {"full"})}
    panel = event_history(states, full, 2006, 2025)
    assert panel.attrs["policy"] == "full"
    assert panel["event"].sum() <= (states.matrix()["sh_immunity"] == "full").sum()


def test_package_without_map_region_or_census(tmp_path):
    laws = lab.read_package(foreign_package(tmp_path / "plain", adopted("A", "2012")))
    panel = event_history(laws, "helmet_year", 2010, 2014)
    assert list(panel) == ["draw", "jurisdiction", "year", "event", "duration", "national_share"]


def test_region_without_a_name_is_none(towns):
    regions = {"A": "east", "B": "east", "C": ""}
    panel = event_history(
        towns(*adopted("A", "2012"), *adopted("C", "2011"), regions=regions), "helmet_year", 2010, 2014
    )
    assert of(panel, "B", "region_share") == [0, 0, 0, 1, 1]
    assert np.isnan(of(panel, "C", "region_share")).all() and np.isnan(of(panel, "north-end", "region_share")).all()


def test_wrong_questions(states, towns):
    with pytest.raises(KeyError, match="no variable 'rr_yaer' in view"):
        event_history(states, "rr_yaer", 2010, 2020)
    with pytest.raises(ValueError, match="start is 2020 and end is 2010"):
        event_history(states, "rr_year", 2020, 2010)
    with pytest.raises(ValueError, match="end is 2020, but the law is that of 2015-06-30"):
        event_history(states.as_of("2015-06-30"), "rr_year", 2010, 2020)
    with pytest.raises(ValueError, match="nobody is at risk of cr_first_year from 2020 to 2024: 51 adopted"):
        event_history(states, "cr_first_year", 2020, 2024)
    with pytest.raises(
        ValueError, match="nobody is known to have adopted helmet_year from 2010 to 2014: 0 adopted, 4 not"
    ):
        event_history(towns(), "helmet_year", 2010, 2014)
    with pytest.raises(ValueError, match="policy has 2 entries"):
        event_history(states, {"a": "rr_year", "b": "rr_year"}, 2010, 2020)
    with pytest.raises(ValueError, match="unknown is 'no': expected left_out, never or at_start"):
        event_history(states, "rr_year", 2010, 2020, unknown="no")
    with pytest.raises(ValueError, match="draws is 0"):
        event_history(states, "rr_year", 2010, 2020, draws=0)
    with pytest.raises(ValueError, match="no adoption of helmet_year has a lower bound"):
        event_history(towns(*adopted("A", "../2013")), "helmet_year", 2010, 2014)
