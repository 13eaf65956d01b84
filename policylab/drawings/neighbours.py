"""Figure of notebook 05 on neighbours: does a policy spread across the borders of the states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from policylab.adoption import ADOPTED
from policylab.drawings.diffusion import POLICIES, dated
from policylab.drawings.provisions import Drawing
from policylab.hazard import hazard_model
from policylab.hazard_draws import BASELINES
from policylab.marginal import ALL, ONE
from policylab.panels import event_history
from policylab.plot.estimates import counts_beside, estimates
from policylab.plot.style import PAGE, new_figure
from policylab.provisions import Provisions

DRAWS = 5
FEW = 5  # events per term, below which a policy is left without an estimate
CASES = {"never": "if no unknown state ever adopts", "at_start": "if all of them had adopted before"}
COUNTS = {
    "n_events": "adoptions",
    "n_risk": "state-years\nat risk",
    "n_drawn": "years\ndrawn",
    "n_unknown": "states\nunknown",
}
NUMBERS = ["estimate", "low", "high", "lowest", "highest"]


class Specification(NamedTuple):
    """One way to put the question to a panel: as in :func:`policylab.hazard_model`."""

    terms: tuple[str, ...] = ("neighbours",)
    baseline: str = "cubic"
    link: str = "logit"


def first_years(laws: Provisions) -> dict[str, int]:
    """The first year in which any state may have adopted each policy: before it no neighbour can matter."""
    table = dated(laws)
    first = table[table["status"] == ADOPTED].groupby("policy", observed=True)["earliest"].min()
    return first.dt.year.to_dict()


def panel_of(laws: Provisions, label: str, start: int | None = None, **options) -> pd.DataFrame:
    """Panel of one policy, from its first year to the last whole year."""
    start = start or first_years(laws)[label]
    policy = {label: POLICIES[label]}
    return event_history(laws.select(level="state"), policy, start, laws.date.year - 1, draws=DRAWS, **options)


def has_enough(panel: pd.DataFrame, how: Specification) -> bool:
    """Tell whether every draw of a panel has five events for each term."""
    rows = panel[panel[list(how.terms)].notna().all(axis=1)]
    return rows.groupby("draw")["event"].sum().min() >= FEW * (len(how.terms) + len(BASELINES[how.baseline]))


def neighbour_effects(laws: Provisions, labels: Iterable[str] = tuple(POLICIES)) -> pd.DataFrame:
    """What one more neighbour with a policy changes in the chance of adopting it, in percentage points a year.

    Returns
    -------
    pandas.DataFrame
        One row per policy: policy, start, estimate, low, high, lowest and highest (without one state), never and
        at_start (the estimate if unknown states are taken so; missing where none is), before and after (mean chance
        in percent), all_estimate, all_low and all_high (the same for all neighbours against none), n_events, n_risk,
        n_units, n_unknown, n_drawn (states whose date is drawn). Missing where there are too few events.
    """
    rows, starts = [], first_years(laws)
    for label in labels:
        panel = panel_of(laws, label, starts[label])
        used = panel[panel["neighbours"].notna()]
        row = {
            "policy": label,
            "start": panel.attrs["start"],
            **dict.fromkeys([*NUMBERS, *CASES, "before", "after", *(f"all_{name}" for name in NUMBERS[:3])], np.nan),
            "n_events": used["event"].sum() / panel["draw"].nunique(),
            "n_risk": len(used) / panel["draw"].nunique(),
            "n_units": used["jurisdiction"].nunique(),
            "n_unknown": len(panel.attrs["unknown"]),
            "n_drawn": len(panel.attrs["drawn"]),
        }
        if has_enough(panel, Specification()):
            effects = hazard_model(panel).effects.set_index("effect")
            row |= {name: 100 * effects.loc[ONE, name] for name in [*NUMBERS, "before", "after"]}
            row |= {f"all_{name}": 100 * effects.loc[ALL, name] for name in NUMBERS[:3]}
            for case in CASES if row["n_unknown"] else ():
                other = panel_of(laws, label, starts[label], unknown=case)
                again = hazard_model(other, errors="cluster", leave_one_out=False).effects.set_index("effect")
                row[case] = 100 * again.loc[ONE, "estimate"]
        rows.append(row)
    return pd.DataFrame(rows).round(6)


def other_specifications(
    laws: Provisions, ways: Mapping[str, Specification], labels: Iterable[str] = tuple(POLICIES), **options
) -> pd.DataFrame:
    """The effect of one more neighbour under other specifications.

    Returns
    -------
    pandas.DataFrame
        policy, specification, estimate, low, high in percentage points a year; missing where events are too few.
    """
    rows, starts = [], first_years(laws)
    for label in labels:
        panel = panel_of(laws, label, starts[label], **options)
        for name, how in ways.items():
            row = {"policy": label, "specification": name, **dict.fromkeys(NUMBERS[:3], np.nan)}
            if has_enough(panel, how):
                model = hazard_model(panel, how.terms, how.baseline, how.link, errors="cluster", leave_one_out=False)
                effect = model.effects.set_index("effect").loc[ONE]
                row |= {number: 100 * effect[number] for number in NUMBERS[:3]}
            rows.append(row)
    return pd.DataFrame(rows).round(6)


def effect_by_policy(laws: Provisions) -> Drawing:
    """Effect of one more neighbour having a policy on the chance that a state adopts it in a year.

    Drawn with 95 % intervals, the range of estimates without any one state, and the estimates if the states of which
    it is not known never had the policy, or had it from the start.
    """
    frame = neighbour_effects(laws)
    note = [f"too few adoptions to estimate: {events:.0f}" for events in frame["n_events"]]
    fig = new_figure(PAGE, 3.6)
    left, right = fig.subplots(1, 2, width_ratios=(3, 1.45))
    ax = estimates(
        frame.assign(label=frame["policy"], note=note),
        left,
        "change in the chance of adopting in a year, percentage points",
        CASES,
        {"interval": "estimate with 95 % interval", "range": "range of estimates without any one state"},
    )
    counts_beside(frame, right, COUNTS)
    ax.set_title("One more neighbour with the law, and the chance of adopting it", loc="left")
    return fig, frame
