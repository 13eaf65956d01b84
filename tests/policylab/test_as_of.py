"""Law in time: what `as_of`, `changes` and `known_on` may and may not say."""

import csv
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policylab as lab
from policylab.dates import parse_date
from policylab.schema import columns_of

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2030, 12, 31))


@pytest.fixture
def build(tmp_path):
    """Write a small package about something else and load it: libraries in two towns."""

    def write(file: str, rows: list[dict[str, str]]) -> None:
        table = file.split("/", maxsplit=1)[0].removesuffix(".csv")
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, columns_of(table), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def make(*codings: dict[str, str]) -> lab.Provisions:
        common = {"family": "library", "question": "?", "applies_to": "town", "since_version": "1", "unit": ""}
        write(
            "codebook.csv",
            [
                common | {"variable": "card", "label": "Card", "scale": "binary"},
                common
                | {
                    "variable": "card_year",
                    "label": "Since",
                    "scale": "year",
                    "requires": "card = yes",
                    "onset_of": "card",
                },
                common | {"variable": "loans", "label": "Loans", "scale": "ordinal", "requires": "card = yes"},
            ],
        )
        levels = [
            ("card", "no", "0"),
            ("card", "yes", "1"),
            ("loans", "few", "0"),
            ("loans", "some", "1"),
            ("loans", "many", "2"),
        ]
        write(
            "levels.csv",
            [{"variable": v, "level": n, "rank": r, "label": n, "reads": f"{v} {n}"} for v, n, r in levels],
        )
        write("jurisdictions.csv", [{"jurisdiction": "Aston", "name": "Aston", "level": "town"}])
        write(
            "sources.csv", [{"source": "bylaw", "title": "Bylaw", "publisher": "Aston", "kind": "act", "date": "2018"}]
        )
        row = {
            "jurisdiction": "Aston",
            "citation": "s. 1",
            "source": "bylaw",
            "evidence": "primary",
            "confidence": "high",
            "verified_on": "2020-06-01",
            "recorded": "2020-06-01",
            "note": "Section read whole.",
        }
        write("codings/library.csv", [row | coding for coding in codings])
        return lab.read_package(tmp_path)

    return make


CARD = {"variable": "card", "value": "yes"}
YEAR = {"variable": "card_year", "value": "2010"}
FEW = {"variable": "loans", "value": "few", "effective": "2010", "ended": "2015-07"}
MANY = {"variable": "loans", "value": "many", "effective": "2015-07"}


def status(laws, day, variable):
    cell = laws.as_of(day).cells.set_index("variable").loc[variable]
    return cell["value"], cell["status"]


def test_partial_date_is_open_inside_its_interval(build):
    laws = build(CARD, YEAR, FEW, MANY)
    assert status(laws, "2015-06-30", "loans") == ("few", "coded")
    assert status(laws, "2015-07-15", "loans") == ("unknown", "undated")
    assert status(laws, "2015-07-31", "loans") == ("many", "coded")


def test_lowest_level_before_the_onset(build):
    laws = build(CARD, YEAR, FEW, MANY)
    assert status(laws, "2009-12-31", "card") == ("no", "coded")
    assert status(laws, "2010-06-01", "card") == ("unknown", "undated")
    assert status(laws, "2010-12-31", "card") == ("yes", "coded")


def test_children_follow_their_parent_in_time(build):
    laws = build(CARD, YEAR, FEW, MANY)
    assert status(laws, "2009-12-31", "loans") == ("not_applicable", "not_applicable")
    assert status(laws, "2009-12-31", "card_year") == ("not_applicable", "not_applicable")
    assert status(laws, "2011-01-01", "card_year") == ("2010", "coded")


def test_unknown_start_is_never_carried_back(build):
    """The text of 2018 vouches for 2018 on, and for nothing before."""
    laws = build(CARD, YEAR, {"variable": "loans", "value": "some"})
    assert status(laws, "2017-12-31", "loans") == ("unknown", "undated")
    assert status(laws, "2018-06-01", "loans") == ("unknown", "undated")
    assert status(laws, "2018-12-31", "loans") == ("some", "coded")


def test_gap_between_onset_and_present_level(build):
    laws = build(CARD, YEAR, MANY)
    assert status(laws, "2012-01-01", "loans") == ("unknown", "undated")


def test_searched_and_not_found_is_unknown_on_any_day(build):
    laws = build(CARD, YEAR, {"variable": "loans", "value": "unknown", "evidence": "none", "confidence": ""})
    assert status(laws, "2019-01-01", "loans") == ("unknown", "unknown")


def test_repeal_without_successor(build):
    laws = build(
        {**CARD, "effective": "2010", "ended": "2016-01-01"},
        {**YEAR, "ended": "2016-01-01"},
        FEW,
        {**MANY, "ended": "2016-01-01"},
    )
    assert status(laws, "2015-12-31", "card") == ("yes", "coded")
    assert status(laws, "2016-01-01", "card") == ("unknown", "undated")
    lost = laws.changes("2016-01-01", "2016-12-31").set_index("variable")
    assert lost.loc["card", ["before", "after"]].tolist() == ["yes", "unknown"]


def test_correction_keeps_the_old_row(build):
    wrong = {**MANY, "value": "some", "recorded": "2020-06-01", "superseded": "2020-07-01"}
    laws = build(CARD, YEAR, FEW, wrong, {**MANY, "recorded": "2020-07-01"})
    assert laws.value("Aston", "loans") == "many"
    assert laws.known_on("2020-06-15").value("Aston", "loans") == "some"
    assert laws.known_on("2020-07-01").value("Aston", "loans") == "many"
    assert len(laws.explain("Aston", "loans").others) == 2
    with pytest.raises(ValueError, match="nothing was recorded by 2020-01-01"):
        laws.known_on("2020-01-01")


def test_changes_mark_dates_that_reach_beyond_the_period(build):
    laws = build({**CARD, "effective": "2010"}, YEAR, FEW, MANY)
    inside = laws.changes("2015-07-10", "2015-12-31").set_index("variable")
    assert not inside.loc["loans", "certain"]
    assert laws.changes("2015-07-01", "2015-07-31").set_index("variable").loc["loans", "certain"]
    assert laws.changes("2016-01-01", "2016-12-31").empty
    with pytest.raises(ValueError, match="runs backwards"):
        laws.changes("2016-01-01", "2015-01-01")


@given(DAYS, DAYS)
def test_a_date_once_reached_stays_reached(first, second):
    """Time runs one way: False, then open, then True, whatever the precision."""
    order = {False: 0, None: 1, True: 2}
    early, late = sorted((first, second))
    for text in ("2015-10-01", "2015-10", "2015", "2009/2012", "../2013", "2014/.."):
        date = parse_date(text)
        assert order[date.reached(early)] <= order[date.reached(late)]


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_month_covers_its_days(year, month):
    date = parse_date(f"{year}-{month:02d}")
    assert date.earliest.day == 1
    assert (date.latest + dt.timedelta(days=1)).day == 1
    assert date.earliest.month == date.latest.month == month


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2015-13",
        "2015-00",
        "15-10-01",
        "2015/",
        "/2015",
        "../..",
        "2015/2016/2017",
        "2016/2015",
        "2015-10-01T00:00",
        "NA",
    ],
)
def test_what_is_no_date(text):
    with pytest.raises(ValueError, match=repr(text) if text else "''"):
        parse_date(text)


# ---------------------------------------------------------------- the shipped law
ACT = {
    "wt_trafficking": ("general", "enumerated"),
    "wt_minor_exploitation": ("general", "enumerated"),
    "rr_juvenile": ("no", "yes"),
    "cvc_trafficking": ("no", "deadline"),
    "cr_minor_no_force": ("no", "yes"),
}
HANGS_ON_IT = {"wt_trafficking_year", "cvc_trafficking_year", "cr_minor_no_force_year", "cr_minor_age"}


def test_connecticut_2015_in_changes(laws):
    """P.A. 15-195: wiretap list, juvenile records, compensation waiver, minors without force; and what stood before."""
    year = laws.select(jurisdictions=["CT"]).changes("2015-01-01", "2015-12-31").set_index("variable")
    assert set(year["date"]) == {"2015-10-01"}
    assert {name: (year.loc[name, "before"], year.loc[name, "after"]) for name in ACT} == ACT
    assert set(year.index) - set(ACT) <= HANGS_ON_IT
    assert year["certain"].all()


def test_connecticut_2015_in_as_of(laws):
    connecticut = laws.select(jurisdictions=["CT"])
    before, after = (connecticut.as_of(day).cells.set_index("variable") for day in ("2015-09-30", "2015-10-01"))
    moved = set(before.index[(before["value"] != after["value"]) | (before["status"] != after["status"])])
    assert moved == set(ACT) | HANGS_ON_IT
    assert before.loc["cr_minor_no_force_year", "value"] == "not_applicable"
    assert after.loc["cr_minor_no_force_year", "value"] == "2015"


def test_corrected_connecticut_year_is_kept(laws):
    """The research row said 2013 on a bare history credit; it stays, superseded."""
    rows = laws.tables.codings.query("jurisdiction == 'CT' and variable == 'cr_minor_no_force_year'")
    assert rows.loc[rows["superseded"] != "", "value"].tolist() == ["2013"]


def test_no_exception_of_paragraph_five_before_its_day(laws):
    for day, value in (("2018-04-10", "no"), ("2018-04-11", "yes")):
        federal = laws.as_of(day).select(jurisdictions=["US"], family="section_230").cells.set_index("variable")
        assert {
            federal.loc[f"s230_e5{part}", "value"] for part in ("a_civil_1595", "b_state_1591", "c_state_2421a")
        } == {value}
    early = laws.as_of("1996-02-07").select(jurisdictions=["US"], family="section_230").cells.set_index("variable")
    assert early.loc["s230_immunity", "value"] == "no"
    assert early.loc["s230_e1_federal_criminal", "status"] == "not_applicable"


def test_nothing_is_in_force_before_the_text_that_was_seen(laws):
    """Every coded cell of 1900 must follow from an onset or a dated row, never from an undated text."""
    cells = laws.as_of("1900-01-01").cells
    coded = cells[cells["status"] == "coded"]
    assert coded["because"].str.startswith("before ").all()
