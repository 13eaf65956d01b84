"""What a panel says of each jurisdiction and year: others that had adopted, people, periods, columns of one's own."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from policylab.adoption_draws import Histories
from policylab.dates import parse_date


def with_shares(panel: pd.DataFrame, histories: Histories, units: pd.DataFrame) -> pd.DataFrame:
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


def with_population(panel: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Add the logarithm of the population of the year, between and beyond the censuses."""
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


def period_step(event: str, text: str, years: pd.Series) -> pd.Series:
    """Give 1 to the years that begin on or after a date, and 0 to those before."""
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


def with_covariates(panel: pd.DataFrame, covariates: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Join columns of the user's own, as they are."""
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
        add_column(panel, name, None)
    return panel.merge(covariates, on=keys, how="left", validate="many_to_one")


def add_column(panel: pd.DataFrame, name: str, values: pd.Series | None) -> None:
    """Add a column in place, or refuse a name that is taken; without values only refuse."""
    if name in panel:
        raise ValueError(f"the panel has a column {name!r} already: give it another name")
    if values is not None:
        panel[name] = values
