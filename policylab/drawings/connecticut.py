"""Figures of notebook 07: what each Connecticut act changed, and how far the measures of 2015 had travelled."""

from __future__ import annotations

import datetime as dt
import re
from textwrap import wrap

import pandas as pd

from policylab.adoption import adoptions
from policylab.codebook import MISSING, NOT_APPLICABLE, UNKNOWN, Variable
from policylab.dates import parse_date
from policylab.drawings.provisions import Drawing
from policylab.plot.bars import stacked_shares
from policylab.plot.style import COLUMN, PAGE, new_figure, ordered_colours
from policylab.plot.timeline import timeline, timeline_height
from policylab.provisions import Provisions
from policylab.side_tables import load_instruments

STATE, SINCE, ACT_DAY = "CT", "2006-01-01", "2015-10-01"
ACTS = "Public acts by date of effect"

_NUMBER = re.compile(r"P\.A\. (\d\d-\d+)")

# The measures of Public Act 15-195: how a state adopts each. Those without a year variable are asked by date.
MEASURES = {
    "wt_trafficking": ("wt_trafficking_year", "wt_trafficking", {"enumerated"}),
    "wt_minor_exploitation": {"enumerated"},
    "rr_juvenile": {"yes"},
    "cvc_trafficking": "cvc_trafficking_year",
    "cr_minor_no_force": "cr_minor_no_force_year",
}
PARTS = {
    "before": "in force the day before the act",
    "later": "adopted later",
    "undated": "adopted, not known when",
    "not_adopted": "not adopted",
    "unknown": "not known",
}


def acts_table(laws: Provisions) -> pd.DataFrame:
    """List what changed in Connecticut since 2006, each change with its act.

    Returns
    -------
    pandas.DataFrame
        date, act (number of the public act; empty if none is known), variable, label, before, after, kind, citation,
        source, note. Kind: ``change`` where both values are coded; ``first`` where nothing is coded for the day
        before; ``detail`` where the parent provision was absent before. Rows that begin with absence are left out:
        there the coding starts, not the law.

    Notes
    -----
    The act is the one that the citation names for the year of the change; else the one act of the instruments table
    that took effect on that day.
    """
    changes = laws.select(jurisdictions=[STATE]).changes(SINCE, laws.date)
    changes.insert(1, "act", [_act(row.date, row.citation) for row in changes.itertuples(index=False)])
    changes.insert(3, "label", [laws.variables[name].label for name in changes["variable"]])
    kinds = {UNKNOWN: "first", NOT_APPLICABLE: "detail"}
    changes.insert(6, "kind", changes["before"].map(kinds).fillna("change"))
    lowest = [row.after == _lowest(laws.variables[row.variable]) for row in changes.itertuples(index=False)]
    begins = (changes["kind"] == "first") & pd.Series(lowest, index=changes.index, dtype=bool)
    return changes[~begins].drop(columns=["jurisdiction", "certain"]).reset_index(drop=True)


def _lowest(variable: Variable) -> str:
    return variable.levels[0] if variable.levels else ""


def _act(date: str, citation: str) -> str:
    named = [number for number in _NUMBER.findall(citation) if number[:2] == date[2:4]]
    if named:
        return named[0]
    period = parse_date(date)
    acts = load_instruments()
    acts = acts[(acts["jurisdiction"] == STATE) & (acts["type"] == "public_act") & (acts["effective"] != "")]
    matching = [
        key.removeprefix("ct-pa-")
        for key, text in zip(acts["instrument"], acts["effective"], strict=True)
        if parse_date(text).within(period.earliest, period.latest)
    ]
    return matching[0] if len(matching) == 1 else ""


def spells(laws: Provisions) -> pd.DataFrame:
    """Lay out the public acts, and for every provision that they changed the values in force one after the other."""
    table = acts_table(laws)
    acts = load_instruments()
    listed = acts[(acts["jurisdiction"] == STATE) & (acts["type"] == "public_act") & (acts["effective"] >= SINCE)]
    dated = dict(zip(listed["instrument"].str.removeprefix("ct-pa-"), listed["effective"], strict=True))
    dated |= {row.act: row.date for row in table.itertuples(index=False) if row.act and row.act not in dated}
    rows = [(ACTS, "act", date, "", f"PA {number}", "", number) for number, date in dated.items()]
    changed = list(dict.fromkeys(table.loc[table["kind"] != "detail", "variable"]))
    codings = laws.select(jurisdictions=[STATE], variables=changed).codings
    words = laws.levels.set_index(["variable", "level"])["label"]
    for name in (name for name in laws.variable_keys if name in changed):
        variable = laws.variables[name]
        colours = dict(zip(variable.levels, ordered_colours(max(len(variable.levels), 2)), strict=False))
        for row in codings[(codings["variable"] == name) & ~codings["value"].isin(MISSING)].itertuples(index=False):
            label = words.get((name, row.value), f"{row.value} {variable.unit}".strip())
            rows.append((variable.label, "period", row.effective, row.ended, label, colours.get(row.value, ""), name))
    frame = pd.DataFrame(rows, columns=["lane", "kind", "start", "end", "label", "colour", "key"])
    return frame[frame["start"] != ""].reset_index(drop=True)


def acts_and_changes(laws: Provisions) -> Drawing:
    """Connecticut public acts since 2006 and the provisions that they changed, from light to dark by level."""
    frame = spells(laws)
    first, last = int(SINCE[:4]) - 2, laws.date.year
    words = "value in force, darker the higher its level"
    fig = new_figure(PAGE, timeline_height(frame, PAGE, first, last, words))
    timeline(frame, fig.subplots(), first, last, words)
    return fig, frame


def travelled_table(laws: Provisions) -> pd.DataFrame:
    """Count where the measures of Public Act 15-195 stood in the other jurisdictions when it took effect.

    Returns
    -------
    pandas.DataFrame
        Index: variable; columns: the keys of :data:`PARTS`. Each row sums to the other jurisdictions.
    """
    others = [key for key in laws.select(level="state").jurisdiction_keys if key != STATE]
    view = laws.select(jurisdictions=others)
    policies = {name: rule for name, rule in MEASURES.items() if not isinstance(rule, set)}
    dated = adoptions(view, policies)
    day, eve = pd.Timestamp(ACT_DAY), dt.date.fromisoformat(ACT_DAY) - dt.timedelta(days=1)
    rows = {}
    for name, rule in MEASURES.items():
        if name in policies:
            places = dated[dated["policy"] == name]
            found = [_of_adoption(row, day) for row in places.itertuples(index=False)]
            found += ["not_adopted"] * (len(others) - len(places))  # the question does not arise there
        else:
            now, then = (one.select(variables=[name]).cells["value"] for one in (view, view.as_of(eve)))
            found = [_of_levels(*values, rule) for values in zip(now, then, strict=True)]
        rows[name] = pd.Series(found).value_counts().reindex(list(PARTS), fill_value=0)
    return pd.DataFrame(rows).T.rename_axis("variable").astype(int)


def _of_adoption(row, day: pd.Timestamp) -> str:
    if row.status != "adopted":
        return str(row.status)
    if pd.notna(row.latest) and row.latest < day:
        return "before"
    return "later" if pd.notna(row.earliest) and row.earliest >= day else "undated"


def _of_levels(now: str, then: str, levels: set[str]) -> str:
    if now not in levels:
        return UNKNOWN if now == UNKNOWN else "not_adopted"
    if then == UNKNOWN:
        return "undated"
    return "before" if then in levels else "later"


def travelled(laws: Provisions) -> Drawing:
    """How far the measures of Connecticut Public Act 15-195 had travelled among the other jurisdictions by its date."""
    table = travelled_table(laws)
    names = {name: "\n".join(wrap(laws.variables[name].label, 22)) for name in table.index}
    colours = {"before": "#0f3b57", "later": "#3a8ba0", "undated": "#a9cfe0", "not_adopted": "#efe9d8"}
    fig = new_figure(COLUMN, 2.9)
    ax = stacked_shares(table.rename(index=names), colours, fig.subplots(), PARTS, unit="others")
    ax.set_title(f"Measures of P.A. 15-195 elsewhere, {ACT_DAY}")
    frame = table.reset_index().melt("variable", var_name="state_on_the_day", value_name="jurisdictions")
    return fig, frame.sort_values("variable", kind="stable").reset_index(drop=True)
