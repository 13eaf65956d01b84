"""How a policy spread over time: adoption curves with bands and bounds, and the comparison of groups.

Every jurisdiction is at risk from the start, and time is calendar time, so that no origin has to be chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from policylab.adoption import ADOPTED, NOT_ADOPTED, rows_of
from policylab.turnbull import NOBODY, at_risk_at, band_at, spread_over

UNITS = ("year", "day")
BANDS = ("log-log", "linear")
PLACES = ("middle", "earliest", "latest")
EVERYONE = "all"
_KINDS = ["open", "interval", "exact", NOT_ADOPTED, "unknown"]
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, repr=False)
class AdoptionCurve:
    """The share of jurisdictions that have adopted a policy, over time.

    Attributes
    ----------
    policy : str
    table : pandas.DataFrame
        One row per group and time:

        - group : str, ``all`` where there are no groups
        - time : calendar year, whole or decimal by the unit
        - at_risk : jurisdictions that had not adopted before, and were still seen
        - adopted : adoptions at that time; both are estimates where dates are known within bounds only
        - share : the estimate; NaN from where less than one jurisdiction is at risk, unless all have adopted
        - lower, upper : pointwise confidence band; NaN where it is not defined
        - at_least, at_most : bounds that assume nothing about what is not known
    counts : pandas.DataFrame
        One row per group: jurisdictions, adopted (with a date), of these interval (known within bounds) and open
        (known only to have been there by a date), not_adopted (right-censored), unknown (in the bounds only), and
        median, the first time at which the share reaches one half.
    unit : str
    confidence : float
    band : str
    """

    policy: str
    table: pd.DataFrame
    counts: pd.DataFrame
    unit: str
    confidence: float
    band: str

    def at_risk(self, times: Iterable[float]) -> pd.DataFrame:
        """Count those at risk just before some times.

        Returns
        -------
        pandas.DataFrame
            Group x time, rounded; 0 after the last time, and everybody who is known before the first.

        Examples
        --------
        >>> import policylab as lab
        >>> table = lab.adoptions(lab.load().select(level="state"))
        >>> adoption_curve(table, "rr_year").at_risk([2009, 2014]).loc["all"].is_monotonic_decreasing
        True
        """
        columns = {}
        for time in times:
            later = self.table[self.table["time"] >= time].groupby("group", sort=False)["at_risk"].first()
            columns[time] = later.reindex(self.counts.index).fillna(0).round().astype(int)
        return pd.DataFrame(columns).rename_axis(index="group", columns="time")

    def __repr__(self) -> str:
        whole = self.counts.drop(columns="median").sum()
        return (
            f"<AdoptionCurve of {self.policy!r}: {whole['adopted']} of {whole['jurisdictions']} jurisdictions adopted "
            f"({whole['interval']} within bounds, {whole['open']} by a date), {whole['not_adopted']} not by the last "
            f"text seen, {whole['unknown']} unknown; {len(self.counts)} group{'s' if len(self.counts) > 1 else ''}>"
        )


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


def adoption_curve(
    adoptions: pd.DataFrame,
    policy: str,
    by: Mapping[str, str] | pd.Series | None = None,
    unit: str = "year",
    confidence: float = 0.95,
    band: str = "log-log",
) -> AdoptionCurve:
    """Estimate the share of jurisdictions that have adopted a policy by each point in time.

    Parameters
    ----------
    adoptions : pandas.DataFrame
        From :func:`policylab.adoptions`.
    policy : str
    by : mapping of str to str, optional
        Jurisdiction to group; one curve for each.
    unit : {"year", "day"}
        Time in whole calendar years, at which a law known to the day and one known to the year are alike, or to the
        day, as decimal years.
    confidence : float
        Between 0 and 1.
    band : {"log-log", "linear"}
        Greenwood's variance on the scale of log(-log S), or of S itself.

    Returns
    -------
    AdoptionCurve

    Raises
    ------
    KeyError
        If there is no such policy.
    ValueError
        If nobody is known to have adopted it, a jurisdiction has no group, or an option is not allowed.

    Notes
    -----
    The curve is the complement of the nonparametric maximum likelihood estimate: that of Kaplan and Meier where every
    date is single or right-censored, and Turnbull's where a date is known within bounds or only from above. Such an
    adoption is spread over the times in its bounds at which others adopted, in proportion to the estimate, until
    nothing changes; where no other falls within, it stands at the last time it can have. Jurisdictions without the
    policy are censored at the last year that was wholly seen (or the last day). The band takes spread adoptions as
    if they had been seen, and is a little too narrow for it.

    Unknown jurisdictions are not part of the curve but of the bounds, which assume nothing: `at_least` counts those
    that surely had adopted among all, `at_most` those that may have, the unknown and the no longer seen included.

    Adoptions by states are not independent draws; the band describes 51 units as if they were.

    References
    ----------
    Kaplan and Meier (1958); Turnbull (1976), computed after Wang (2008); Greenwood (1926); Kalbfleisch and Prentice
    (2002) on log(-log S); Manski (1990) on bounds.

    Examples
    --------
    >>> import policylab as lab
    >>> curve = adoption_curve(lab.adoptions(lab.load().select(level="state")), "rr_year")
    >>> curve.table.loc[curve.table["time"] == 2015, ["time", "at_least", "share", "at_most"]].round(2)
        time  at_least  share  at_most
    6  2015.0      0.61   0.67     0.69
    """
    _check(unit=(unit, UNITS), band=(band, BANDS))
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}: expected a number between 0 and 1")
    frame = _timed(adoptions, policy, unit, by)
    if not frame["event"].any():
        kinds = frame["kind"].value_counts()
        raise ValueError(
            f"nobody is known to have adopted {policy!r}: {kinds.get(NOT_ADOPTED, 0)} not adopted, "
            f"{kinds.get('unknown', 0)} unknown, so there is no curve"
        )
    grid = _grid(frame, unit)
    parts = {group: _curve(rows, grid, confidence, band) for group, rows in frame.groupby("group", sort=True)}
    table = pd.concat([part.assign(group=group) for group, part in parts.items()], ignore_index=True)
    counts = pd.DataFrame({group: _counts(rows) for group, rows in frame.groupby("group", sort=True)}).T
    half = table[table["share"] >= 0.5].groupby("group")["time"].min()
    counts = counts.rename_axis("group").assign(median=half.reindex(counts.index))
    order = ["group", "time", "at_risk", "adopted", "share", "lower", "upper", "at_least", "at_most"]
    return AdoptionCurve(policy, table[order], counts, unit, confidence, band)


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
    _check(unit=(unit, UNITS), dates=(dates, PLACES))
    frame = _timed(adoptions, policy, unit, groups)
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


def _check(**options: tuple[str, tuple[str, ...]]) -> None:
    for name, (value, allowed) in options.items():
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}: expected {' or '.join(allowed)}")


def _timed(adoptions: pd.DataFrame, policy: str, unit: str, by: Mapping[str, str] | pd.Series | None) -> pd.DataFrame:
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


def _grid(frame: pd.DataFrame, unit: str) -> np.ndarray:
    """Times at which anything can have happened, after one at which nothing had."""
    ends = frame[["first", "last"]].to_numpy(dtype=float)
    times = np.unique(ends[np.isfinite(ends)])
    return np.arange(times[0] - 1, times[-1] + 1) if unit == "year" else np.concatenate([[times[0] - 1], times])


def _curve(rows: pd.DataFrame, grid: np.ndarray, confidence: float, band: str) -> pd.DataFrame:
    known = rows[rows["kind"] != "unknown"]
    adopters = known[known["event"]]
    censored = known.loc[~known["event"], "first"].to_numpy()
    support, adopted = spread_over(adopters["first"].to_numpy(), adopters["last"].to_numpy(), censored)
    at_risk = at_risk_at(grid, support, adopted, censored)
    exposed = at_risk_at(support, support, adopted, censored)
    share, lower, upper = band_at(grid, support, adopted, exposed, confidence, band)
    before = np.concatenate([[0.0], share[:-1]])
    gone = np.logical_or.accumulate((at_risk < 1 - NOBODY) & (before < 1))
    first, last, event = rows["first"].to_numpy(), rows["last"].to_numpy(), rows["event"].to_numpy()
    # Adopted after a time, or seen without the policy up to that time and all through it: surely not adopted by then.
    surely_not = np.where(event[:, None], first[:, None] > grid, first[:, None] >= grid)
    frame = pd.DataFrame({"time": grid, "at_risk": at_risk, "adopted": 0.0})
    frame.loc[np.searchsorted(grid, support), "adopted"] = adopted
    lines = {"share": share, "lower": lower, "upper": upper}
    frame = frame.assign(**{name: np.where(gone, np.nan, line) for name, line in lines.items()})
    frame["at_least"] = (last[:, None] <= grid).sum(axis=0) / len(rows)
    return frame.assign(at_most=1 - surely_not.sum(axis=0) / len(rows))


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    kinds = rows["kind"].value_counts()
    return {
        "jurisdictions": len(rows),
        "adopted": int(rows["event"].sum()),
        **{kind: int(kinds.get(kind, 0)) for kind in ("interval", "open", NOT_ADOPTED, "unknown")},
    }
