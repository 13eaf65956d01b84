"""Figures of notebook 05: how policies spread, where, and in which order."""

from __future__ import annotations

import pandas as pd

from policylab.adoption import adoptions
from policylab.drawings.provisions import Drawing
from policylab.ordering import precedence
from policylab.periods import by_period
from policylab.plot.sequence import sequence, sequence_legend
from policylab.plot.shares import share_matrix
from policylab.plot.steps import AT_RISK, adoption_steps, steps_legend
from policylab.plot.style import PAGE, SMALL, new_figure
from policylab.plot.waves import wave, wave_legend
from policylab.provisions import Provisions
from policylab.survival import adoption_curve

LAW, RELIEF = "Trafficking offence", "Record relief"
POLICIES = {
    LAW: "cr_first_year",
    "Minors: no force needed": "cr_minor_no_force_year",
    "First safe harbor": "sh_first_year",
    "Full safe harbor": ("sh_immunity_year", "sh_immunity", ("full",)),
    RELIEF: "rr_year",
    "Civil action": "cv_action_year",
    "Compensation names trafficking": "cvc_trafficking_year",
    "Wiretap list names trafficking": ("wt_trafficking_year", "wt_trafficking", ("enumerated",)),
    "Advertising offence": "pl_ad_offense_year",
}
SPAN, TICKS = (1998.0, 2027.0), (2000, 2005, 2010, 2015, 2020, 2025)
PERIODS = (2010, 2012, 2013, 2014, 2015, 2017, 2019, 2022, 2026)


def dated(laws: Provisions) -> pd.DataFrame:
    """Date the policies of this study in the states."""
    return adoptions(laws.select(level="state"), POLICIES)


def adoption_curves(laws: Provisions) -> Drawing:
    """Share of the states that have adopted each of nine policies: 95 % band, bounds, and the number at risk."""
    table = dated(laws)
    curves = {policy: adoption_curve(table, policy) for policy in POLICIES}
    fig = new_figure(PAGE, 5.6)
    panels = fig.subplots(3, 3, sharex=True, sharey=True)
    for ax, (policy, curve) in zip(panels.flat, curves.items(), strict=True):
        counts = curve.counts.iloc[0]
        adoption_steps(curve.table.round(8), ax, SPAN, TICKS)
        ax.tick_params(labelbottom=True)
        words = f"{counts['adopted']:.0f} of {counts['jurisdictions']:.0f} adopted, {counts['unknown']:.0f} not known"
        ax.set_title(f"{policy}\n{words}", loc="left", fontsize=7)
    for ax in panels[:, 0]:
        ax.text(-0.03, AT_RISK, "at risk", transform=ax.transAxes, ha="right", va="top", fontsize=SMALL)
    fig.legend(handles=steps_legend(), loc="outside lower left", ncols=3, frameon=False)
    frame = pd.concat([curve.table.assign(policy=policy) for policy, curve in curves.items()], ignore_index=True)
    return fig, frame.drop(columns="group").set_index("policy").reset_index().round(6)


def record_relief_wave(laws: Provisions) -> Drawing:
    """Tile maps of the states with record relief for trafficked persons, period by period from New York in 2010."""
    places = laws.jurisdictions.astype({"tile_row": int, "tile_column": int})
    frame = by_period(dated(laws), RELIEF, PERIODS)
    frame = frame.merge(places[["jurisdiction", "level", "tile_row", "tile_column"]], on="jurisdiction")
    fig = new_figure(PAGE, 5.9)
    panels = fig.subplots(3, 3)
    for ax, (end, tiles) in zip(panels.flat, frame.groupby("end"), strict=True):
        start = tiles["start"].iloc[0]
        wave(tiles, ax, f"by {end}" if pd.isna(start) else f"{start}" if start == end else f"{start} to {end}")
    handles = wave_legend(set(frame["standing"].astype(str)))
    fig.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False)
    return fig, frame.drop(columns=["tile_row", "tile_column", "level"])


def order_of_policies(laws: Provisions) -> Drawing:
    """Share of states in which the policy of the row took effect before that of the column, where dates settle it."""
    found = precedence(dated(laws))
    fig = new_figure(PAGE, 4.9)
    ax = share_matrix(found.pairs.round(8), list(found.order["policy"]), fig.subplots())
    ax.set_ylabel("this policy ...")
    ax.set_xlabel(
        "... before this one: percent (bold: 95 % interval excludes 50), interval, number of states that settle it"
    )
    frame = found.pairs.merge(found.order[["rank", "policy"]], left_on="first", right_on="policy")
    return fig, frame.drop(columns="policy").rename(columns={"rank": "rank_of_first"}).round(6)


def dates_by_state(laws: Provisions) -> Drawing:
    """What is known of the date of each policy in each state, policies in their typical order from left to right."""
    table = dated(laws)
    names = list(precedence(table).order["policy"])
    rows = list(dict.fromkeys(table["jurisdiction"]))
    frame = table.assign(first=_decimal(table["earliest"]), last=_decimal(table["latest"]))
    law = frame[(frame["policy"] == LAW) & frame["first"].notna()].set_index("jurisdiction")
    reference = ((law["first"] + law["last"]) / 2).to_dict()
    fig = new_figure(PAGE, 8.6)
    panels = fig.subplots(1, len(names), sharey=True)
    for ax, name in zip(panels, names, strict=True):
        mark = None if name == LAW else reference
        sequence(frame[frame["policy"] == name], ax, rows, (1998, 2028.5), name.replace(" ", "\n"), mark)
        ax.set_xticks([2005, 2015, 2025], ["’05", "’15", "’25"])
    handles = sequence_legend(f"{LAW.lower()} of the state")
    fig.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False)
    return fig, table.assign(
        earliest=table["earliest"].dt.strftime("%Y-%m-%d"), latest=table["latest"].dt.strftime("%Y-%m-%d")
    )


def _decimal(days: pd.Series) -> pd.Series:
    return (days.dt.year + (days.dt.day_of_year - 1) / 365.25).round(4)
