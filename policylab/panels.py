"""Who could still adopt a policy in which year, and what had happened around them by then."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from policylab.adoption import ADOPTED, NOT_ADOPTED, adoptions
from policylab.adoption_draws import Histories, Unknown, draw_histories
from policylab.codebook import UNKNOWN
from policylab.covariates import add_column, period_step, with_covariates, with_population, with_shares
from policylab.policies import Definition
from policylab.provisions import Provisions


def event_history(
    laws: Provisions,
    policy: str | Mapping[str, Definition],
    start: int,
    end: int,
    covariates: pd.DataFrame | None = None,
    periods: Mapping[str, str] | None = None,
    unknown: Unknown = "left_out",
    draws: int = 1,
    random_state: int = 0,
    level: str | None = None,
) -> pd.DataFrame:
    """Make the panel of jurisdictions at risk of adopting a policy, one row per jurisdiction and year.

    Parameters
    ----------
    laws : Provisions
    policy : str or mapping
        A year variable, or one name with its definition as in :func:`policylab.adoptions`.
    start, end : int
        First and last year of the panel.
    covariates : pandas.DataFrame, optional
        Columns jurisdiction, year and any others; they are joined as they are, without a lag.
    periods : mapping of str to str, optional
        Name of an event common to all to its date (EDTF), for example the acts in
        ``load_instruments().set_index("instrument")["effective"]``. Each becomes a column, 1 in the years that begin
        on or after that date, else 0.
    unknown : {"left_out", "never", "at_start"}
        What to make of units of which it is not known whether they adopted: leave them out, or, as bounds, let them
        never adopt, or have adopted before the first year.
    draws : int
        How many panels to draw, stacked; they differ where a date of adoption is known only within bounds. Where
        every date is known to the year, one is made.
    random_state : int
    level : str, optional
        Level of government of the units; by default that of most jurisdictions in view.

    Returns
    -------
    pandas.DataFrame
        One row per draw, jurisdiction and year at risk:

        - draw : int, from 0
        - jurisdiction : str
        - year : int
        - event : int, 1 in the year of adoption, after which there is no row
        - duration : int, years since `start`, which is 1
        - neighbours : float, share of the land neighbours that had adopted by the end of the year before; NaN
          where there is no neighbour, or none whose status was known
        - n_neighbours : int, number of neighbours whose status was known then, what the share is of
        - region_share, national_share : float, likewise for the other units of the region, and for all other units
        - log_population : float
        - the columns of `periods` and of `covariates`

        A column is left out where jurisdictions.csv holds nothing to make it from. ``attrs`` has policy, start, end,
        units (in view), and the units by name: unknown (left out or bounded), drawn (date known within bounds that
        cross a year), adopted_before (before `start` in every draw), without_neighbours.

    Raises
    ------
    KeyError
        If a variable is not in view.
    ValueError
        If `start` lies after `end`, or `end` after the day of the question, no unit is at risk, no unit adopts, or
        an argument is not possible.

    Notes
    -----
    1. A unit is at risk in a year if it had not adopted by the end of the year before. A date known to the year is an
       event in that year and no event in the years before; it never counts as both.
    2. A date known within bounds that cross a year is drawn, see :func:`draw_adoptions`.
    3. A unit that has not adopted is at risk in the years at whose end, or on the day of the question where that comes
       first, it was seen without the policy. After that its status is not known, and neither it nor its place in a
       share counts.
    4. Shares are those of the year before, so that they come before the event they are to explain.
    5. Population: logarithms are interpolated linearly between the censuses of jurisdictions.csv, and the growth of
       the first and the last pair goes on before and after them.

    References
    ----------
    Allison, P. D. (1982). Discrete-time methods for the analysis of event histories. Sociological Methodology 13,
    61-98.
    Berry, F. S. and Berry, W. D. (1990). State lottery adoptions as policy innovations: an event history analysis.
    American Political Science Review 84, 395-415.

    Examples
    --------
    >>> import policylab as lab
    >>> panel = event_history(lab.load(), "rr_year", 2010, 2024)
    >>> panel.loc[panel["jurisdiction"] == "NY", ["year", "event", "duration"]].values.tolist()
    [[2010, 1, 1]]
    """
    if start > end:
        raise ValueError(f"start is {start} and end is {end}: expected the start first")
    if end > laws.date.year:
        raise ValueError(f"end is {end}, but the law is that of {laws.date}: expected no later year")
    if unknown not in ("left_out", "never", "at_start"):
        raise ValueError(f"unknown is {unknown!r}: expected left_out, never or at_start")
    name, table, units = _adoptions_of(laws, policy, level)
    drawn = table.loc[_crosses_a_year(table), "jurisdiction"].tolist()
    histories = draw_histories(table, units, laws.date, start, draws if drawn else min(draws, 1), random_state, unknown)
    years = np.arange(start, end + 1)
    panel = _at_risk(histories, list(units["jurisdiction"]), years)
    if panel.empty:
        raise ValueError(f"nobody is at risk of {name} from {start} to {end}: {_why(table)}")
    if not panel["event"].any():
        raise ValueError(f"nobody is known to have adopted {name} from {start} to {end}: {_why(table)}")
    panel = with_shares(panel, histories, units)
    panel = with_population(panel, units)
    for event, date in (periods or {}).items():
        add_column(panel, event, period_step(event, date, panel["year"]))
    if covariates is not None:
        panel = with_covariates(panel, covariates, units)
    panel.attrs = {
        "policy": name,
        "start": start,
        "end": end,
        "units": len(units),
        "unknown": table.loc[table["status"] == UNKNOWN, "jurisdiction"].tolist(),
        "drawn": drawn,
        "adopted_before": units["jurisdiction"][(histories.adopted < start).all(axis=0)].tolist(),
        "without_neighbours": _without_neighbours(units),
    }
    return panel


def _adoptions_of(
    laws: Provisions, policy: str | Mapping[str, Definition], level: str | None
) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """Name of the policy, its adoptions and the units, each in the order of the jurisdictions' keys."""
    definitions = {policy: policy} if isinstance(policy, str) else dict(policy)
    if len(definitions) != 1:
        raise ValueError(f"policy has {len(definitions)} entries: expected one policy")
    level = level or laws.jurisdictions["level"].mode().iloc[0]
    view = laws.select(level=level)
    table = adoptions(view, definitions).sort_values("jurisdiction", ignore_index=True)
    units = view.jurisdictions.sort_values("jurisdiction", ignore_index=True)
    units = units.assign(**{name: "" for name in ("neighbours", "region") if name not in units})
    return next(iter(definitions)), table, units


def _at_risk(histories: Histories, units: list[str], years: np.ndarray) -> pd.DataFrame:
    adopted, seen = histories.adopted[:, :, None], histories.seen[:, :, None]
    draw, unit, year = np.nonzero((adopted >= years) & (years <= seen))
    event = histories.adopted[draw, unit] == years[year]
    return pd.DataFrame(
        {
            "draw": draw,
            "jurisdiction": np.array(units, dtype=object)[unit],
            "year": years[year],
            "event": event.astype(int),
            "duration": year + 1,
        }
    ).astype({"jurisdiction": "str"})


def _crosses_a_year(table: pd.DataFrame) -> pd.Series:
    return (table["status"] == ADOPTED) & (table["earliest"].dt.year != table["latest"].dt.year)


def _without_neighbours(units: pd.DataFrame) -> list[str]:
    if not (units["neighbours"] != "").any():
        return []
    return units.loc[units["neighbours"] == "", "jurisdiction"].tolist()


def _why(table: pd.DataFrame) -> str:
    counts = table["status"].value_counts()
    return ", ".join(
        f"{counts.get(status, 0)} {status.replace('_', ' ')}" for status in (ADOPTED, NOT_ADOPTED, UNKNOWN)
    )
