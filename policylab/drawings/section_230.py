"""Figures of notebook 02: the immunity of online services, its exceptions, and who could act against whom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from textwrap import wrap
from typing import NamedTuple

import pandas as pd

from policylab.codebook import MISSING, UNKNOWN
from policylab.dates import parse_date
from policylab.drawings.provisions import Drawing, tiles
from policylab.plot.grid import grid
from policylab.plot.style import COLUMN, PAGE, new_figure, nominal_colours
from policylab.plot.tile_map import tile_map
from policylab.plot.timeline import timeline, timeline_height
from policylab.plot.votes import vote_handles, votes
from policylab.provisions import Provisions
from policylab.side_tables import load_instruments

DAY = "2018-04-11"  # the exceptions of paragraph (e)(5) took effect
FEDERATION, IMMUNITY = "US", "s230_immunity"
SEATS = {"House": 435, "Senate": 100}

SHORT = {
    "cda-1996": "Communications Decency Act, s. 509",
    "copa-1998": "Child Online Protection Act, s. 1404",
    "tvpa-2000": "Trafficking Victims Protection Act",
    "protect-act-2003": "PROTECT Act",
    "tvpra-2003": "Reauthorization Act of 2003",
    "tvpra-2005": "Reauthorization Act of 2005",
    "tvpra-2008": "Wilberforce Act",
    "vawa-2013": "Violence Against Women Act, title XII",
    "jvta-2015": "Justice for Victims of Trafficking Act",
    "save-act-2015": "SAVE Act",
    "sesta-2017": "SESTA (bill)",
    "fosta-2018": "FOSTA",
    "adam-walsh-2006": "Adam Walsh Act",
    "protect-our-children-2008": "PROTECT Our Children Act",
    "ptssfa-2014": "Preventing Sex Trafficking Act",
    "protect-our-children-2017": "PROTECT Our Children Act",
    "voca-fix-2021": "VOCA Fix Act",
    "report-act-2024": "REPORT Act",
    "take-it-down-2025": "TAKE IT DOWN Act",
    "tsra-2026": "Trafficking Survivors Relief Act",
}
LANES = {
    "Acts on section 230": {"cda-1996": "", "copa-1998": "", "sesta-2017": "introduced", "fosta-2018": ""},
    "Federal trafficking law beside it": {
        "tvpa-2000": "offence, 18 U.S.C. 1591",
        "tvpra-2003": "civil claim, 1595",
        "tvpra-2008": "claim reaches those who benefit",
        "save-act-2015": "advertising",
    },
}


class Power(NamedTuple):
    """Who could act against whom: what gives the power, and the exception to section 230 that it needs.

    `basis` lists variables that must all be ``yes``; empty where the power comes from state law.
    """

    target: str
    actor: str
    basis: tuple[str, ...]
    exception: str = ""


OFFENDER, GAINER, SERVICE = "those who traffic", "those who benefit from it", "online services, for what users post"
PROSECUTOR, STATE, GENERAL, VICTIM = (
    "federal prosecutors",
    "state prosecutors",
    "state attorneys general",
    "victims",
)
POWERS = (
    Power(OFFENDER, PROSECUTOR, ("cr_minor_no_force",)),
    Power(OFFENDER, STATE, ()),
    Power(OFFENDER, GENERAL, ("cv_action", "pl_ag_civil")),
    Power(OFFENDER, VICTIM, ("cv_action",)),
    Power(GAINER, PROSECUTOR, ("cr_minor_no_force", "cr_benefit")),
    Power(GAINER, STATE, ()),
    Power(GAINER, GENERAL, ("cv_action", "pl_ag_civil")),
    Power(GAINER, VICTIM, ("cv_action", "cv_benefit")),
    Power(SERVICE, PROSECUTOR, ("cr_minor_no_force", "cr_benefit"), "s230_e1_federal_criminal"),
    Power(SERVICE, STATE, (), "s230_e5b_state_1591"),
    Power(SERVICE, GENERAL, ("cv_action", "pl_ag_civil"), "s230_e5a_civil_1595"),
    Power(SERVICE, VICTIM, ("cv_action", "cv_benefit"), "s230_e5a_civil_1595"),
)
LEVELS = {
    "barred": "barred by section 230",
    "none": "no trafficking provision in federal law",
    "state": "under state law, where it provides",
    "matched": "under state law that matches a federal crime",
    "open": "open under federal law",
    UNKNOWN: "not known",
}


def vote_words(act: pd.Series) -> str:
    """Spell the recorded votes of an act: ``House 388–25, Senate 97–2``; empty if there are none."""
    chambers = (("House", "house"), ("Senate", "senate"))
    counts = [
        f"{name} {act[f'{key}_yea']}–{act[f'{key}_nay']}" for name, key in chambers if not pd.isna(act[f"{key}_yea"])
    ]
    return ", ".join(counts)


def timeline_frame(laws: Provisions) -> pd.DataFrame:
    """Lay out the acts on section 230 and the periods of the immunity and its exceptions."""
    acts = load_instruments().set_index("instrument")
    rows = []
    for lane, keys in LANES.items():
        for key, words in keys.items():
            act = acts.loc[key]
            kind = "bill" if act["type"] == "bill" else "act"
            date = act["signed"] or act["effective"] or act["introduced"]
            label = "\n".join(filter(None, [f"{date} {SHORT[key]}", words, vote_words(act)]))
            sources = filter(None, dict.fromkeys(act[["source", "house_source", "senate_source"]]))
            rows.append((lane, kind, date, "", label, key, " ".join(sources)))
    book = laws.codebook[laws.codebook["scale"] == "binary"]
    immunity = (book["variable"] == IMMUNITY) | (book["requires"] == f"{IMMUNITY} = yes")
    codings = laws.select(jurisdictions=[FEDERATION], variables=book.loc[immunity, "variable"]).codings
    for row in codings[codings["value"] == "yes"].itertuples(index=False):
        lane = laws.variables[row.variable].label
        rows.append((lane, "period", row.effective, row.ended, "", row.variable, row.source))
    return pd.DataFrame(rows, columns=["lane", "kind", "start", "end", "label", "key", "source"])


def carve_outs(laws: Provisions) -> Drawing:
    """Timeline of section 230 since 1996: the acts with their recorded votes, the immunity, and each exception."""
    frame = timeline_frame(laws)
    first, last = 1995, laws.date.year
    fig = new_figure(COLUMN, timeline_height(frame, COLUMN, first, last))
    timeline(frame, fig.subplots(), first, last)
    return fig, frame


def power(values: Mapping[str, str], entry: Power) -> str:
    """Say what stood in the way of one actor, given the federal values of one day: a key of :data:`LEVELS`."""
    if entry.exception and values[IMMUNITY] == "yes":
        exception = values[entry.exception]
        if exception != "yes":
            return UNKNOWN if exception in MISSING else "barred"
        if not entry.basis:
            return "matched"
    if not entry.basis:
        return "state"
    found = [values[name] for name in entry.basis]
    if any(value not in (*MISSING, "yes") for value in found):
        return "none"
    return UNKNOWN if any(value in MISSING for value in found) else "open"


def powers_frame(laws: Provisions) -> pd.DataFrame:
    """Compute who could act against whom on every day on which that changed.

    Returns
    -------
    pandas.DataFrame
        target, actor, date, level; the first date is the day before the immunity.
    """
    used = {name for entry in POWERS for name in (*entry.basis, entry.exception) if name} | {IMMUNITY}
    federal = laws.select(jurisdictions=[FEDERATION], variables=used)
    codings = federal.codings
    texts = {text for column in ("effective", "ended") for text in codings[column] if text}
    start = parse_date(codings.loc[codings["variable"] == IMMUNITY, "effective"].item()).earliest
    days = sorted({parse_date(text).latest for text in texts if parse_date(text).latest} - {None})
    days = [start - dt.timedelta(days=1), *(day for day in days if start <= day <= laws.date)]
    rows, before = [], None
    for day in days:
        values = federal.as_of(day).cells.set_index("variable")["value"].to_dict()
        levels = [power(values, entry) for entry in POWERS]
        if levels != before:
            rows += [(e.target, e.actor, day.isoformat(), level) for e, level in zip(POWERS, levels, strict=True)]
        before = levels
    return pd.DataFrame(rows, columns=["target", "actor", "date", "level"])


def powers(laws: Provisions) -> Drawing:
    """Who could act against whom under federal law, on each day on which that changed since section 230 began."""
    frame = powers_frame(laws)
    dates = list(dict.fromkeys(frame["date"]))
    words = {date: f"{date[:4]}\n{date[5:]}" for date in dates}
    cells = frame.rename(columns={"target": "group", "actor": "row", "level": "value"})
    cells = cells.assign(column=cells["date"].map(words), group="against " + cells["group"])
    colours = {"barred": "#e69f00", "none": "#f4f1e6", "state": "#b5d3e8", "matched": "#3a8ba0"}
    colours["open"] = "#0f3b57"
    fig = new_figure(COLUMN, 3.9)
    grid(cells, colours, fig.subplots(), LEVELS)
    return fig, frame


def votes_frame() -> pd.DataFrame:
    """List the votes on federal acts with a recorded count, each roll call once.

    Returns
    -------
    pandas.DataFrame
        instrument, act, chamber, date, yea, nay, cast, source.
    """
    acts = load_instruments()
    counts = ["house_yea", "house_nay", "senate_yea", "senate_nay"]
    federal = acts[(acts["jurisdiction"] == FEDERATION) & acts[counts].notna().any(axis=1)]
    federal = federal.drop_duplicates(["passed_house", "passed_senate", *counts]).sort_values("signed")
    rows = []
    for _, act in federal.iterrows():
        name = SHORT.get(act["instrument"], act["name"])
        year = act["signed"][:4]
        name = "\n".join(wrap(name if re.search(r"\d{4}", name) else f"{name}, {year}", 24))
        for chamber in SEATS:
            key = chamber.lower()
            yea, nay = act[f"{key}_yea"], act[f"{key}_nay"]
            source = act[f"{key}_source"] or act["source"]
            rows.append((act["instrument"], name, chamber, act[f"passed_{key}"], yea, nay, source))
    frame = pd.DataFrame(rows, columns=["instrument", "act", "chamber", "date", "yea", "nay", "source"])
    frame = frame.astype({"yea": "Int64", "nay": "Int64"})
    frame.insert(6, "cast", frame["yea"] + frame["nay"])
    return frame


def recorded_votes(laws: Provisions) -> Drawing:
    """Votes of House and Senate on the federal acts for which a count is recorded, as shares of all seats."""
    frame = votes_frame()
    fig = new_figure(COLUMN, 0.95 + 0.24 * frame["instrument"].nunique())
    for place, (chamber, ax) in enumerate(zip(SEATS, fig.subplots(1, 2), strict=True)):
        votes(frame[frame["chamber"] == chamber], ax, chamber, SEATS[chamber], names=place == 0)
    fig.legend(handles=vote_handles(), loc="outside lower left", ncols=2, frameon=False, handlelength=1.3)
    return fig, frame


def states_frame(laws: Provisions) -> pd.DataFrame:
    """Join the tile grid with three provisions of the states on the day before the exceptions of 2018 and today.

    The civil action and whom it reaches become one scale.
    """
    frames = []
    for day in (dt.date.fromisoformat(DAY) - dt.timedelta(days=1), laws.date):
        view = laws.as_of(day)
        action = tiles(view, "cv_action").set_index("jurisdiction")
        for name in ("pl_ad_offense", "cv_benefit", "pl_ag_civil"):
            frame = tiles(view, name)
            if name == "cv_benefit":
                frame = _with_action(frame, action)
            frames.append(frame.assign(variable=name, day=day.isoformat()))
    return pd.concat(frames, ignore_index=True)


def _with_action(frame: pd.DataFrame, action: pd.DataFrame) -> pd.DataFrame:
    absent = frame["jurisdiction"].map(action["value"]) == "no"
    frame.loc[absent, ["value", "status"]] = ["no_action", "coded"]
    frame.loc[absent, "confidence"] = frame.loc[absent, "jurisdiction"].map(action["confidence"])
    return frame


def before_and_after(laws: Provisions) -> Drawing:
    """Tile maps of three provisions of the states on 10 April 2018 and today; undated and unknown cells are hatched."""
    frame = states_frame(laws)
    titles = {
        "pl_ad_offense": "Offence of advertising",
        "cv_benefit": "Civil action for victims",
        "pl_ag_civil": "Suit by an attorney general",
    }
    grey, blue, orange = nominal_colours(3)
    looks = {
        "pl_ad_offense": {"no": grey, "enjoined": orange, "yes": blue},
        "cv_benefit": {"no_action": grey, "no": "#8ab6d6", "yes": blue},
        "pl_ag_civil": {"no": grey, "yes": blue},
    }
    labels = {
        "pl_ad_offense": {"no": "none", "enjoined": "enacted, enjoined", "yes": "in force"},
        "cv_benefit": {"no_action": "none", "no": "only the offender", "yes": "those who benefit"},
        "pl_ag_civil": {"no": "none", "yes": "yes"},
    }
    days = list(dict.fromkeys(frame["day"]))
    fig = new_figure(PAGE, 5.6)
    for line, day in zip(fig.subplots(2, 3), days, strict=True):
        for ax, (name, title) in zip(line, titles.items(), strict=True):
            shown = frame[(frame["variable"] == name) & (frame["day"] == day) & (frame["level"] != "federal")]
            tile_map(shown, looks[name], ax, labels[name], legend_columns=1)
            ax.set_title(f"{title}\n{day}")
    return fig, frame
