"""The federal frame: who could act against whom, the votes, the states' side, the claims, and Connecticut's acts."""

import json
from itertools import pairwise

import pandas as pd
import pytest

import policylab as lab
from policylab.claims import quantities
from policylab.codebook import UNKNOWN
from policylab.dates import parse_date
from policylab.drawings import connecticut, section_230
from policylab.drawings.claims import ITEMS, located_share, verdict_counts
from policylab.drawings.federal import programmes_frame
from policylab.plot.grid import grid
from policylab.plot.ratios import ratios
from policylab.plot.style import new_figure
from policylab.plot.votes import votes
from tests.conftest import ROOT

EVE = "2018-04-10"


def axes():
    return new_figure(3, 2).subplots()


# --------------------------------------------------------------------------- powers
def test_powers_before_and_after_the_exceptions(laws):
    frame = section_230.powers_frame(laws)
    wide = frame.pivot(index=["target", "actor"], columns="date", values="level")
    days = sorted(wide)
    before, after = days[days.index(section_230.DAY) - 1], section_230.DAY
    services = wide.loc[section_230.SERVICE]
    assert services[before].to_dict() == {
        section_230.PROSECUTOR: "open",
        section_230.STATE: "barred",
        section_230.GENERAL: "barred",
        section_230.VICTIM: "barred",
    }
    assert "barred" not in set(services[after])
    assert services.loc[section_230.STATE, after] == "matched"
    assert "barred" not in set(wide.loc[[section_230.OFFENDER, section_230.GAINER]].to_numpy().ravel())
    assert "barred" not in set(services[days[0]])  # the day before the immunity


def test_every_column_of_the_powers_differs_from_the_one_before(laws):
    frame = section_230.powers_frame(laws)
    columns = [list(rows["level"]) for _, rows in frame.groupby("date")]
    assert all(one != two for one, two in pairwise(columns))


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({"s230_immunity": "yes", "x": "no", "a": "yes"}, "barred"),
        ({"s230_immunity": "yes", "x": "yes", "a": "yes"}, "open"),
        ({"s230_immunity": "yes", "x": "yes", "a": "no"}, "none"),
        ({"s230_immunity": "yes", "x": UNKNOWN, "a": "yes"}, UNKNOWN),
        ({"s230_immunity": "no", "x": "no", "a": UNKNOWN}, UNKNOWN),
    ],
)
def test_power_never_reads_unknown_as_no(values, level):
    assert section_230.power(values, section_230.Power("t", "a", ("a",), "x")) == level


def test_a_power_is_absent_if_any_part_is_even_if_another_is_unknown():
    entry = section_230.Power("t", "a", ("a", "b"))
    assert section_230.power({"s230_immunity": "no", "a": "no", "b": UNKNOWN}, entry) == "none"


def test_a_level_without_a_colour_is_named():
    cells = pd.DataFrame({"group": ["g"], "row": ["r"], "column": ["c"], "value": ["perhaps"]})
    with pytest.raises(KeyError, match="no colour for 'perhaps': expected one of no"):
        grid(cells, {"no": "#ffffff"}, axes(), {})


# ---------------------------------------------------------------- sources and dates
@pytest.mark.parametrize("build", [section_230.timeline_frame, programmes_frame])
def test_every_date_of_a_timeline_comes_from_the_tables_with_a_source(laws, build):
    frame = build(laws)
    known = set(laws.tables.sources["source"])
    acts, claims = (table.set_index(key) for table, key in _tables())
    for row in frame.itertuples(index=False):
        assert row.source and set(row.source.split()) <= known, row.key
        if row.key in acts.index:
            assert row.start in acts.loc[row.key, ["introduced", "signed", "effective"]].tolist()
        elif row.key in claims.index:
            assert [row.start, row.end] == claims.loc[row.key, ["period_start", "period_end"]].tolist()
        else:
            codings = laws.select(jurisdictions=["US"], variables=[row.key]).codings
            assert row.start in set(codings["effective"])


def _tables():
    return (lab.load_instruments(), "instrument"), (lab.load_claims(), "claim")


def test_bills_are_told_from_acts(laws):
    frame = section_230.timeline_frame(laws).set_index("key")
    types = lab.load_instruments().set_index("instrument")["type"]
    for key in frame.index.intersection(types.index):
        assert (frame.loc[key, "kind"] == "bill") == (types[key] == "bill")


def test_votes_are_counted_once_and_dated(laws):
    frame = section_230.votes_frame()
    assert not frame.duplicated(["chamber", "date", "yea", "nay"]).any() or frame["cast"].isna().any()
    counted = frame.dropna(subset=["cast"])
    assert (counted["yea"] + counted["nay"] == counted["cast"]).all()
    assert (counted["date"] != "").all()
    assert {"jvta-2015", "save-act-2015"} - set(frame["instrument"]) == {"save-act-2015"}
    fosta = counted[counted["instrument"] == "fosta-2018"].set_index("chamber")
    assert fosta.loc["Senate", ["yea", "nay"]].tolist() == [97, 2]
    assert fosta.loc["House", ["yea", "nay"]].tolist() == [388, 25]


def test_a_vote_names_the_document_that_gives_it(laws):
    acts = lab.load_instruments().set_index("instrument")
    frame = section_230.votes_frame()
    kinds = laws.tables.sources.set_index("source")["kind"]
    assert set(frame["source"]) <= set(kinds.index)
    for row in frame.itertuples(index=False):
        own = acts.loc[row.instrument, f"{row.chamber.lower()}_source"]
        assert row.source == (own or acts.loc[row.instrument, "source"])
    assert not set(frame.loc[frame["cast"].notna(), "source"].map(kinds)) & {"statute", "act"}  # they give no votes


def test_more_votes_than_seats_are_refused():
    table = pd.DataFrame({"act": ["An Act"], "yea": [99], "nay": [2]})
    with pytest.raises(ValueError, match="An Act, Senate: 101 votes, expected at most 100"):
        votes(table, axes(), "Senate", 100)


# ------------------------------------------------------------------- the states' side
def test_states_before_and_after_are_what_the_law_says_on_the_day(laws):
    frame = section_230.states_frame(laws)
    assert set(frame["day"]) == {EVE, laws.date.isoformat()}
    for day, rows in frame[frame["level"] == "state"].groupby("day"):
        cells = laws.as_of(day).cells.set_index(["jurisdiction", "variable"])
        assert rows.groupby("variable").size().tolist() == [51, 51, 51]
        for row in rows.itertuples(index=False):
            if row.value == "no_action":
                assert cells.loc[(row.jurisdiction, "cv_action"), "value"] == "no"
            else:
                assert row.value == cells.loc[(row.jurisdiction, row.variable), "value"]


# ------------------------------------------------------------------------------ claims
def test_every_claim_is_counted_by_item_and_verdict():
    claims = lab.load_claims()
    counts = verdict_counts(claims)
    assert counts.to_numpy().sum() == len(claims)
    for item, name in ITEMS.items():
        assert counts.loc[name].sum() == (claims["item"] == item).sum()


def test_quantities_read_numbers_bounds_and_ranges_and_leave_out_names():
    rows = [
        ("10", "m", "10"),
        ("10", "m", "more than 9"),
        ("10", "m", "3 to 12"),
        ("10", "m", "some"),
        ("2015", "year", ""),
    ]
    claims = pd.DataFrame(rows, columns=["claimed", "unit", "checked"]).assign(
        claim="000-01", item="i", subject="s", verdict="supported"
    )
    found = quantities(claims)
    assert found["low"].tolist()[:3] == [10, 9, 3]
    assert found["high"].tolist()[:3] == [10, float("inf"), 12]
    assert found.loc[3, ["low", "high"]].isna().all()
    assert len(found) == 4


def test_supported_quantities_agree_and_agreeing_ones_are_not_contradicted():
    found = quantities(lab.load_claims()).dropna(subset=["low"])
    supported = found[found["verdict"] == "supported"]
    assert ((supported["low"] / supported["claimed"]).between(0.95, 1.05)).all()
    inside = (found["low"] <= found["claimed"]) & (found["claimed"] <= found["high"])
    assert "contradicted" not in set(found.loc[inside, "verdict"])


def test_claims_without_a_value_found_are_hatched():
    table = quantities(lab.load_claims()).assign(label="x")
    colours = {"supported": "#0f3b57", "imprecise": "#e69f00", "contradicted": "#d55e00"}
    ax = ratios(table, colours, axes())
    assert sum(bool(patch.get_hatch()) for patch in ax.patches) == table["low"].isna().sum() > 0


def test_share_located_in_the_country_by_both_counts():
    frame = located_share()
    for name in ("share_by_country", "share_by_user"):
        share = frame[name].dropna()
        assert len(share) >= 4
        assert share.between(0.02, 0.07).all()


# ------------------------------------------------------------------------- Connecticut
def test_public_act_15_195_moved_what_is_known(laws):
    table = connecticut.acts_table(laws)
    act = table[(table["act"] == "15-195") & (table["kind"] == "change")]
    assert dict(zip(act["variable"], act["after"], strict=True)) == {
        "wt_trafficking": "enumerated",
        "wt_minor_exploitation": "enumerated",
        "rr_juvenile": "yes",
        "cvc_trafficking": "deadline",
        "cr_minor_no_force": "yes",
    }
    assert set(act["date"]) == {connecticut.ACT_DAY}
    assert act.set_index("variable").loc["wt_trafficking", "before"] == "general"
    before, after = (
        laws.as_of(day).select(jurisdictions=["CT"]).cells["value"] for day in ("2015-09-30", connecticut.ACT_DAY)
    )
    assert (before != after).sum() == 9  # the five provisions and four cells that depend on them


def test_acts_take_effect_in_the_year_of_their_changes(laws):
    table = connecticut.acts_table(laws)
    assert (table["act"] != "").all()
    effective = lab.load_instruments().set_index("instrument")["effective"]
    for row in table.itertuples(index=False):
        key = f"ct-pa-{row.act}"
        if key in effective.index:
            period = parse_date(row.date)
            assert parse_date(effective[key]).within(period.earliest, period.latest), row.variable


def test_nothing_that_only_begins_to_be_coded_counts_as_a_change(laws):
    table = connecticut.acts_table(laws)
    first = table[table["kind"] == "first"]
    assert not any(laws.variables[row.variable].levels[0] == row.after for row in first.itertuples())
    assert (table.loc[table["kind"] == "change", "before"] != UNKNOWN).all()


def test_measures_elsewhere_sum_to_the_others_and_agree_with_the_law_of_the_day(laws):
    table = connecticut.travelled_table(laws)
    assert set(table.sum(axis=1)) == {50}
    others = laws.as_of("2015-09-30").select(level="state", variables=["wt_trafficking", "cr_minor_no_force"]).cells
    others = others[others["jurisdiction"] != "CT"]
    named = (others.query("variable == 'wt_trafficking'")["value"] == "enumerated").sum()
    none = (others.query("variable == 'cr_minor_no_force'")["value"] == "no").sum()
    assert 0 < named <= table.loc["wt_trafficking", ["before", "undated"]].sum()
    assert none <= table.loc["cr_minor_no_force", ["later", "undated", "not_adopted"]].sum()


# --------------------------------------------------------------------------- notebooks
def test_answer_of_the_exercise_is_collapsed_and_was_run():
    notebook = json.loads((ROOT / "notebooks" / "06_claims.ipynb").read_text(encoding="utf-8"))
    hidden = [cell for cell in notebook["cells"] if cell["metadata"].get("jupyter", {}).get("source_hidden")]
    assert len(hidden) == 1
    assert "hide-input" in hidden[0]["metadata"]["tags"]
    assert hidden[0]["outputs"]
