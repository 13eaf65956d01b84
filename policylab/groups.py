"""Whether groups of jurisdictions adopted a policy at the same rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from policylab.censoring import UNITS, check_options, timed

PLACES = ("middle", "earliest", "latest")


@dataclass(frozen=True)
class LogRank:
    """Whether groups adopted at the same rate.

    Attributes
    ----------
    statistic : float
        Chi-squared.
    df : int
    p_value : float
    table : pandas.DataFrame
        One row per group: at_risk (jurisdictions with a date or seen without the policy), observed and expected
        adoptions.
    left_out : int
        Jurisdictions of which nothing is known, or not the time.
    """

    statistic: float
    df: int
    p_value: float
    table: pd.DataFrame
    left_out: int


def log_rank(
    adoptions: pd.DataFrame,
    policy: str,
    groups: Mapping[str, str] | pd.Series,
    unit: str = "year",
    dates: str = "middle",
) -> LogRank:
    """Test whether groups of jurisdictions adopted a policy at the same rate.

    Parameters
    ----------
    adoptions : pandas.DataFrame
        From :func:`policylab.adoptions`.
    policy : str
    groups : mapping of str to str
        Jurisdiction to group.
    unit : {"year", "day"}
    dates : {"middle", "earliest", "latest"}
        Where an adoption known within bounds stands. One without a lower bound has no middle and is then left out;
        it stands before all others with ``earliest``.

    Returns
    -------
    LogRank

    Raises
    ------
    KeyError
        If there is no such policy.
    ValueError
        If a jurisdiction has no group, fewer than two groups are seen, or nobody is known to have adopted.

    References
    ----------
    Mantel (1966); Peto and Peto (1972).

    Examples
    --------
    >>> import policylab as lab
    >>> regions = lab.load_jurisdictions().set_index("jurisdiction")["region"]
    >>> test = log_rank(lab.adoptions(lab.load().select(level="state")), "rr_year", regions)
    >>> test.df, bool(0 < test.p_value < 1)
    (3, True)
    """
    check_options(unit=(unit, UNITS), dates=(dates, PLACES))
    frame = timed(adoptions, policy, unit, groups)
    seen = _placed(frame, dates).dropna(subset="time")
    names = sorted(set(seen["group"]))
    if len(names) < 2:
        raise ValueError(f"{len(names)} group(s) of {policy!r} have known jurisdictions: expected at least two")
    if not seen["event"].any():
        raise ValueError(f"nobody is known to have adopted {policy!r}: there is nothing to compare")
    member = (seen["group"].to_numpy()[:, None] == np.array(names)).astype(float)
    times, events = seen["time"].to_numpy(), seen["event"].to_numpy()
    moments = np.unique(times[events])
    at_risk = np.array([member[times >= moment].sum(axis=0) for moment in moments])
    observed = np.array([member[events & (times == moment)].sum(axis=0) for moment in moments])
    n, d = at_risk.sum(axis=1), observed.sum(axis=1)
    expected = at_risk * (d / n)[:, None]
    weight = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    share = at_risk / n[:, None]
    spread = sum(w * (np.diag(p) - np.outer(p, p)) for w, p in zip(weight, share, strict=True))
    used = expected.sum(axis=0) > 0
    difference = (observed - expected).sum(axis=0)[used][1:]
    statistic = float(difference @ np.linalg.solve(spread[np.ix_(used, used)][1:, 1:], difference))
    table = pd.DataFrame(
        {
            "at_risk": member.sum(axis=0).astype(int),
            "observed": observed.sum(axis=0).astype(int),
            "expected": expected.sum(axis=0),
        },
        index=pd.Index(names, name="group"),
    )
    df = int(used.sum()) - 1
    return LogRank(statistic, df, float(chi2.sf(statistic, df)), table, len(frame) - len(seen))


def _placed(frame: pd.DataFrame, dates: str) -> pd.DataFrame:
    """Give every jurisdiction of which something is known a single time."""
    time = frame[{"middle": "middle", "earliest": "first", "latest": "last"}[dates]]
    time = time.where(frame["event"], frame["first"]).where(frame["kind"] != "unknown")
    return frame.assign(time=time)
