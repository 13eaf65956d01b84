"""How a policy spread over time: adoption curves with bands and bounds.

Every jurisdiction is at risk from the start, and time is calendar time, so that no origin has to be chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from policylab.adoption import NOT_ADOPTED
from policylab.censoring import UNITS, check_options, timed
from policylab.turnbull import NOBODY, at_risk_at, band_at, spread_over

BANDS = ("log-log", "linear")


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
    >>> known = curve.table.set_index("time").loc[2015]
    >>> bool(known["at_least"] <= known["share"] <= known["at_most"])
    True
    """
    check_options(unit=(unit, UNITS), band=(band, BANDS))
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}: expected a number between 0 and 1")
    frame = timed(adoptions, policy, unit, by)
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
