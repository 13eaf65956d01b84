"""Jurisdictions on a scale of time: since when, until when, and of which nothing is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from policylab.adoption import ADOPTED, NOT_ADOPTED, rows_of

UNITS = ("year", "day")

EVERYONE = "all"

_KINDS = ["open", "interval", "exact", NOT_ADOPTED, "unknown"]

_DAY = pd.Timedelta(days=1)


def check_options(**options: tuple[str, tuple[str, ...]]) -> None:
    """Refuse the first option whose value is not among those allowed."""
    for name, (value, allowed) in options.items():
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}: expected {' or '.join(allowed)}")


def timed(adoptions: pd.DataFrame, policy: str, unit: str, by: Mapping[str, str] | pd.Series | None) -> pd.DataFrame:
    """Give each jurisdiction its group, and the first and last time at which it can have adopted.

    One that was seen without the policy has the last time it was seen so as its first, and no last. Of the unknown
    neither is known.
    """
    rows = rows_of(adoptions, policy)
    adopted = (rows["status"] == ADOPTED).to_numpy()
    absent = ((rows["status"] == NOT_ADOPTED) & rows["earliest"].notna()).to_numpy()
    first, last = (_on_scale(rows[side], unit) for side in ("earliest", "latest"))
    middle = _on_scale(rows["earliest"] + ((rows["latest"] - rows["earliest"]) // _DAY // 2) * _DAY, unit)
    # The last whole year that was seen: a text of some day in 2015 says nothing of the rest of 2015.
    seen = _on_scale(rows["earliest"] + _DAY, unit) - 1 if unit == "year" else first
    kind = np.select([adopted & first.isna(), adopted & (first < last), adopted, absent], _KINDS[:-1], _KINDS[-1])
    return pd.DataFrame(
        {
            "group": _groups(rows["jurisdiction"], by),
            "event": adopted,
            "first": first.fillna(-np.inf).where(adopted, seen.where(absent, -np.inf)),
            "last": last.where(adopted, np.inf),
            "middle": middle,
            "kind": kind,
        }
    )


def _groups(places: pd.Series, by: Mapping[str, str] | pd.Series | None) -> pd.Series:
    if by is None:
        return pd.Series(EVERYONE, index=places.index)
    groups = places.map(dict(by))
    if groups.isna().any():
        raise ValueError(f"no group for {', '.join(places[groups.isna()])}: expected one for every jurisdiction")
    return groups.astype(str)


def _on_scale(days: pd.Series, unit: str) -> pd.Series:
    years = days.dt.year.astype(float)
    if unit == "year":
        return years
    return years + (days.dt.day_of_year - 1) / np.where(days.dt.is_leap_year, 366, 365)
