"""Figure of notebook 06: federal programmes against child exploitation, from codings, acts and checked claims."""

from __future__ import annotations

import pandas as pd

from policylab.drawings.provisions import Drawing
from policylab.plot.style import COLUMN, new_figure
from policylab.plot.timeline import timeline, timeline_height
from policylab.provisions import Provisions
from policylab.side_tables import load_claims, load_instruments

FEDERATION = "US"
STRATEGY = "National Strategy: editions"
FORCES, MONEY = "ICAC task forces", "ICAC task forces: money authorised"
SYSTEM, POST, DUTY = "National ICAC data system", "National coordinator", "Duty of providers to report"
LOST, CENTRE = "Innocence Lost National Initiative", "National Sex Offender Targeting Center"
HOLDER = "004-08"  # the claim that dates the first holder of the post
AUTHORISED_TO, CYCLE = "fed_icac_authorization_end", "fed_strategy_cycle"

_DUTIES = {STRATEGY: "fed_strategy", FORCES: "fed_icac_task_forces", SYSTEM: "fed_icac_data_system"}
_DUTIES |= {POST: "fed_coordinator", DUTY: "fed_report_duty"}
_EVENTS = {
    STRATEGY: {"national-strategy-2010": "1st", "national-strategy-2016": "2nd", "national-strategy-2023": "3rd"},
    FORCES: {"icac-program-1998": "programme begun by appropriation"},
    LOST: {"innocence-lost-2003": "founded"},
    CENTRE: {"nsotc": "founded"},
    DUTY: {"report-act-2024": "trafficking and enticement added"},
}
_ORDER = (FORCES, MONEY, SYSTEM, STRATEGY, POST, LOST, CENTRE, DUTY)


def programmes_frame(laws: Provisions) -> pd.DataFrame:
    """Lay out the duties in force, the events and the periods of authorisation.

    Returns
    -------
    pandas.DataFrame
        lane, kind, start, end, label, key (instrument, variable or claim), source. An authorisation runs from the day
        of its act to the end of its last fiscal year, 30 September.
    """
    rows = []
    codings = laws.select(jurisdictions=[FEDERATION], family="federal_programmes").codings
    words = dict.fromkeys(_DUTIES, "statute")
    words[STRATEGY] += f", every {laws.value(FEDERATION, CYCLE)} years"
    for lane, name in _DUTIES.items():
        held = codings[(codings["variable"] == name) & (codings["value"] == "yes")]
        rows += [
            (lane, "period", row.effective, row.ended, f"{row.effective} {words[lane]}", name, row.source)
            for row in held.itertuples(index=False)
        ]
    for row in codings[codings["variable"] == AUTHORISED_TO].itertuples(index=False):
        label = f"to FY {row.value}"
        rows.append((MONEY, "period", row.effective, f"{row.value}-10-01", label, AUTHORISED_TO, row.source))
    acts = load_instruments().set_index("instrument")
    for lane, events in _EVENTS.items():
        for key, words in events.items():
            date = acts.loc[key, "effective"] or acts.loc[key, "signed"]
            rows.append((lane, "act", date, "", f"{date} {words}", key, acts.loc[key, "source"]))
    holder = load_claims().set_index("claim").loc[HOLDER]
    label = f"first holder, {holder['period_start']} to {holder['period_end']}"
    rows.append((POST, "period", holder["period_start"], holder["period_end"], label, HOLDER, holder["source"]))
    frame = pd.DataFrame(rows, columns=["lane", "kind", "start", "end", "label", "key", "source"])
    frame["colour"] = frame["key"].map({HOLDER: "#e69f00"}).fillna("")
    return frame.sort_values("lane", key=lambda lanes: lanes.map(_ORDER.index), kind="stable").reset_index(drop=True)


def programmes(laws: Provisions) -> Drawing:
    """Timeline of federal programmes against child exploitation: duties in force, authorisations and events."""
    frame = programmes_frame(laws)
    first, last = 1997, laws.date.year
    fig = new_figure(COLUMN, timeline_height(frame, COLUMN, first, last))
    timeline(frame, fig.subplots(), first, last)
    return fig, frame
