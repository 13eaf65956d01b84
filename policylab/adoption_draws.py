"""Days for adoptions that are known only within bounds, and the years that follow from them."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from policylab.adoption import ADOPTED, NOT_ADOPTED
from policylab.codebook import UNKNOWN

Unknown = Literal["left_out", "never", "at_start"]

_NEVER, _LAST = 9999, 9998  # later than any year of a panel: not adopted; seen to the end


class Histories(NamedTuple):
    """Year of adoption and last year in which the status is known, draws x units."""

    adopted: np.ndarray
    seen: np.ndarray


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


def draw_histories(
    table: pd.DataFrame,
    units: pd.DataFrame,
    day: dt.date,
    start: int,
    draws: int,
    random_state: int,
    unknown: Unknown,
) -> Histories:
    """Draw the year in which each unit adopted, and say up to which year each is seen."""
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
    return Histories(adopted, seen)
