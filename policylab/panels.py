"""Who could still adopt a policy in which year, and what had happened around them by then."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from policylab.adoption import ADOPTED, NOT_ADOPTED, Definition, adoptions
from policylab.codebook import UNKNOWN
from policylab.dates import parse_date
from policylab.provisions import Provisions

Unknown = Literal["left_out", "never", "at_start"]
_NEVER, _LAST = 9999, 9998  # later than any year of a panel: not adopted; seen to the end


class _Histories(NamedTuple):
    """Year of adoption and last year in which the status is known, draws x units."""

    adopted: np.ndarray
    seen: np.ndarray


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
    histories = _histories(table, units, laws.date, start, draws if drawn else min(draws, 1), random_state, unknown)
    years = np.arange(start, end + 1)
    panel = _at_risk(histories, list(units["jurisdiction"]), years)
    if panel.empty:
        raise ValueError(f"nobody is at risk of {name} from {start} to {end}: {_why(table)}")
    if not panel["event"].any():
        raise ValueError(f"nobody is known to have adopted {name} from {start} to {end}: {_why(table)}")
    panel = _with_shares(panel, histories, units)
    panel = _with_population(panel, units)
    for event, date in (periods or {}).items():
        _add(panel, event, _step(event, date, panel["year"]))
    if covariates is not None:
        panel = _with_covariates(panel, covariates, units)
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


def draw_adoptions(
    table: pd.DataFrame, draws: int = 1, random_state: int = 0, since: dt.date | str | None = None
) -> pd.DataFrame:
    """Draw a day for every adoption that is known only within bounds.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`policylab.adoptions`.
    draws : int
    random_state : int
        The same number gives the same days for any order of the rows.
    since : datetime.date or str, optional
        First possible day of the adoptions that are open to the left; by default, for each policy, the first day on
        which another unit may have adopted it.

    Returns
    -------
    pandas.DataFrame
        draw, jurisdiction, policy, date: one row per draw and adoption.

    Raises
    ------
    ValueError
        If `draws` is below 1, or nobody's adoption of a policy has a lower bound and `since` is not given.

    Notes
    -----
    Every day within the bounds is as likely as any other. The draws know nothing of what the model is to explain, so
    that they pull an effect estimated from them towards none: the more so, the wider the bounds (Meng 1994). An open
    adoption whose `latest` lies before `since` is put on its `latest`.

    References
    ----------
    Meng, X.-L. (1994). Multiple-imputation inferences with uncongenial sources of input. Statistical Science 9,
    538-558.

    Examples
    --------
    >>> import policylab as lab
    >>> table = lab.adoptions(lab.load().select(jurisdictions=["CT"]), {"relief": "rr_year"})
    >>> draw_adoptions(table, draws=2)
       draw jurisdiction  policy       date
    0     0           CT  relief 2013-10-01
    1     1           CT  relief 2013-10-01
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}: expected at least 1")
    adopted = table[table["status"] == ADOPTED].astype({"policy": str})
    adopted = adopted.sort_values(["policy", "jurisdiction"], ignore_index=True)
    if since is None:
        first = adopted.groupby("policy")["earliest"].transform("min")
    else:
        first = pd.Series(pd.Timestamp(since), index=adopted.index)
    nowhere = adopted.loc[first.isna(), "policy"].unique()
    if len(nowhere):
        raise ValueError(f"no adoption of {', '.join(nowhere)} has a lower bound: say since when they are possible")
    latest = adopted["latest"]
    earliest = adopted["earliest"].fillna(np.minimum(first, latest))
    days = (latest - earliest).dt.days.to_numpy() + 1
    ahead = np.floor(np.random.default_rng(random_state).random((draws, len(adopted))) * days).astype(int)
    drawn = np.tile(earliest.to_numpy("datetime64[D]"), draws) + ahead.ravel()
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(draws), len(adopted)),
            "jurisdiction": np.tile(adopted["jurisdiction"].to_numpy(), draws),
            "policy": np.tile(adopted["policy"].to_numpy(), draws),
            "date": drawn.astype("datetime64[s]"),
        }
    )


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


def _histories(
    table: pd.DataFrame,
    units: pd.DataFrame,
    day: dt.date,
    start: int,
    draws: int,
    random_state: int,
    unknown: Unknown,
) -> _Histories:
    place = pd.Series(range(len(units)), index=units["jurisdiction"])
    adopted = np.full((draws, len(units)), _NEVER)
    seen = np.full((draws, len(units)), _LAST)
    drawn = draw_adoptions(table, draws, random_state)
    adopted[drawn["draw"], drawn["jurisdiction"].map(place)] = drawn["date"].dt.year
    absent = table[table["status"] == NOT_ADOPTED]
    whole = absent["earliest"] + pd.Timedelta(days=1)  # the year ends with its last day
    last = np.where(absent["earliest"] >= pd.Timestamp(day), day.year, whole.dt.year - 1)
    seen[:, absent["jurisdiction"].map(place)] = np.where(absent["earliest"].isna(), 0, last)
    open_units = table.loc[table["status"] == UNKNOWN, "jurisdiction"].map(place)
    if unknown == "left_out":
        seen[:, open_units] = 0
    elif unknown == "at_start":
        adopted[:, open_units] = start - 1
    return _Histories(adopted, seen)


def _at_risk(histories: _Histories, units: list[str], years: np.ndarray) -> pd.DataFrame:
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


def _with_shares(panel: pd.DataFrame, histories: _Histories, units: pd.DataFrame) -> pd.DataFrame:
    """Add the shares of units that had adopted by the end of the year before, among those whose status is known."""
    names = units["jurisdiction"]
    place = pd.Series(range(len(units)), index=names)
    before = panel["year"].to_numpy()[:, None] - 1
    draw, unit = panel["draw"].to_numpy(), panel["jurisdiction"].map(place).to_numpy()
    has = histories.adopted[draw] <= before
    known = has | (before <= histories.seen[draw])
    others = ~np.eye(len(units), dtype=bool)
    circles = {}
    if (units["neighbours"] != "").any():
        circles["neighbours"] = np.array([[other in near.split() for other in names] for near in units["neighbours"]])
    if (units["region"] != "").any():
        region = units["region"].to_numpy()
        circles["region_share"] = (region[:, None] == region) & (region != "")[:, None] & others
    circles["national_share"] = others
    for name, circle in circles.items():
        counted = circle[unit] & known
        number = counted.sum(axis=1)
        share = np.full(len(panel), np.nan)
        panel[name] = np.divide((counted & has).sum(axis=1), number, out=share, where=number > 0)
        if name == "neighbours":
            panel["n_neighbours"] = number
    return panel


def _with_population(panel: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    columns = {int(match[1]): name for name in units if (match := re.fullmatch(r"population_(\d{4})", name))}
    columns = {year: columns[year] for year in sorted(columns) if (units[columns[year]] != "").any()}
    if not columns:
        return panel
    table = units.set_index("jurisdiction")[list(columns.values())].replace("", None).astype(float)
    logs = np.log(table.where(table > 0)).reindex(panel["jurisdiction"]).to_numpy()
    year, censuses = panel["year"].to_numpy(), np.array(list(columns))
    if len(censuses) == 1:
        panel["log_population"] = logs[:, 0]
        return panel
    rows = np.arange(len(panel))
    left = np.clip(np.searchsorted(censuses, year, side="right") - 1, 0, len(censuses) - 2)
    growth = (logs[rows, left + 1] - logs[rows, left]) / (censuses[left + 1] - censuses[left])
    panel["log_population"] = logs[rows, left] + growth * (year - censuses[left])
    return panel


def _step(event: str, text: str, years: pd.Series) -> pd.Series:
    date = parse_date(text)
    if (
        date.earliest is None
        or date.latest is None
        or _first_whole_year(date.earliest) != _first_whole_year(date.latest)
    ):
        raise ValueError(f"the period {event!r} begins {text!r}: expected a date that says which year it comes before")
    return (years >= _first_whole_year(date.latest)).astype(int)


def _first_whole_year(day: dt.date) -> int:
    return day.year if (day.month, day.day) == (1, 1) else day.year + 1


def _with_covariates(panel: pd.DataFrame, covariates: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    keys = ["jurisdiction", "year"]
    missing = [key for key in keys if key not in covariates]
    if missing:
        raise KeyError(f"covariates lack {', '.join(missing)}: expected jurisdiction, year and others")
    twice = covariates[covariates.duplicated(keys)]
    if len(twice):
        raise ValueError(f"covariates have {' '.join(map(str, twice[keys].iloc[0]))} twice: expected one row for each")
    if not covariates["jurisdiction"].isin(units["jurisdiction"]).any():
        raise ValueError(
            f"no jurisdiction of the covariates is among the units: expected some of {', '.join(units['jurisdiction'])}"
        )
    for name in covariates.columns.difference(keys, sort=False):
        _add(panel, name, None)
    return panel.merge(covariates, on=keys, how="left", validate="many_to_one")


def _add(panel: pd.DataFrame, name: str, values: pd.Series | None) -> None:
    if name in panel:
        raise ValueError(f"the panel has a column {name!r} already: give it another name")
    if values is not None:
        panel[name] = values


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
