"""Where a policy stood at the end of each of several periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from policylab.adoption import ADOPTED, NOT_ADOPTED, rows_of

BEFORE, DURING, BY_THEN, ABSENT, OPEN = "before", "during", "by_then", "not_adopted", "unknown"
STANDINGS = (BEFORE, DURING, BY_THEN, ABSENT, OPEN)


def by_period(adoptions: pd.DataFrame, policy: str, years: Sequence[int]) -> pd.DataFrame:
    """Say of every jurisdiction and period whether it had adopted a policy before, adopted it then, or had not.

    Parameters
    ----------
    adoptions : pandas.DataFrame
        From :func:`policylab.adoptions`.
    policy : str
    years : sequence of int
        Last years of the periods, increasing; the first period has no start, and one that reaches beyond the last day
        of which the frame says anything ends there.

    Returns
    -------
    pandas.DataFrame
        jurisdiction, start (first year of the period; missing for the first one), end (its last year), and standing
        at its end: ``before`` (adopted before the period), ``during``, ``by_then`` (adopted by the end of the period,
        in it or before), ``not_adopted`` (seen without it at the end of the period, or adopted later), or ``unknown``,
        which includes those not seen any more.

    Raises
    ------
    KeyError
        If there is no such policy.
    ValueError
        If there are no years, or they do not increase.

    Examples
    --------
    >>> import policylab as lab
    >>> table = lab.adoptions(lab.load().select(jurisdictions=["CT"]))
    >>> by_period(table, "rr_year", [2012, 2014, 2016])["standing"].tolist()
    ['not_adopted', 'during', 'before']
    """
    years = list(years)
    if not years or any(later <= earlier for earlier, later in pairwise(years)):
        raise ValueError(f"years is {years}: expected increasing years")
    rows, last = rows_of(adoptions, policy), adoptions[["earliest", "latest"]].max(axis=None)
    parts = []
    for previous, end in pairwise([None, *years]):
        start = None if previous is None else previous + 1
        standing = _standing(rows, previous, min(_last_day(end), last))
        parts.append(
            pd.DataFrame({"jurisdiction": rows["jurisdiction"], "start": start, "end": end, "standing": standing})
        )
    table = pd.concat(parts, ignore_index=True).astype({"start": "Int64"})
    return table.astype({"standing": pd.CategoricalDtype(list(STANDINGS))})


def _last_day(year: int) -> pd.Timestamp:
    return pd.Timestamp(dt.date(year, 12, 31))


def _standing(rows: pd.DataFrame, previous: int | None, day: pd.Timestamp) -> np.ndarray:
    adopted = rows["status"] == ADOPTED
    by_end = adopted & (rows["latest"] <= day)
    eve = None if previous is None else _last_day(previous)
    before = by_end & False if eve is None else adopted & (rows["latest"] <= eve)
    during = by_end if eve is None else by_end & (rows["earliest"] > eve)
    absent = (adopted & (rows["earliest"] > day)) | ((rows["status"] == NOT_ADOPTED) & (rows["earliest"] >= day))
    return np.select([before, during, by_end, absent], STANDINGS[:-1], OPEN)
