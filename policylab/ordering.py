"""Which policy comes first: pairs of policies within jurisdictions, and the order they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from policylab.adoption import ADOPTED, NOT_ADOPTED, policy_names, rows_of

METHODS = ("wilson", "exact")
_COUNTS = ["before", "after", "same_day", "undetermined", "neither", "unknown"]


@dataclass(frozen=True, repr=False)
class Precedence:
    """How often each policy precedes each other one.

    Attributes
    ----------
    pairs : pandas.DataFrame
        One row per ordered pair of policies:

        - first, second : str
        - before, after : jurisdictions in which the first surely took effect before, or after, the second
        - same_day : both on the same known day
        - undetermined : adopted, but what is known of the dates leaves the order open
        - neither : neither adopted
        - unknown : of one or both it is not known whether they were adopted
        - share : before / (before + after); NaN where there are none
        - lower, upper : its confidence interval
    order : pandas.DataFrame
        One row per policy, earliest first: rank (equal where the score is), policy, score, wins, ties, losses and
        open (pairs without a determined order).
    contradictions : pandas.DataFrame
        Pairs that go against the order: the policy ranked later precedes the other in most jurisdictions.
    confidence : float
    """

    pairs: pd.DataFrame
    order: pd.DataFrame
    contradictions: pd.DataFrame
    confidence: float

    def matrix(self, column: str = "share") -> pd.DataFrame:
        """Lay a column of the pairs out as first x second, in the typical order.

        Examples
        --------
        >>> import policylab as lab
        >>> found = precedence(lab.adoptions(lab.load().select(level="state")))
        >>> float(found.matrix().loc["cr_minor_no_force_year", "rr_year"]) > 0.8
        True
        """
        names = list(self.order["policy"])
        return self.pairs.pivot(index="first", columns="second", values=column).reindex(index=names, columns=names)

    def __repr__(self) -> str:
        levels = self.order.groupby("rank")["policy"].agg(" = ".join)
        return (
            f"<Precedence of {len(self.order)} policies: {' < '.join(levels)}; "
            f"{len(self.contradictions)} pairs against it>"
        )


def precedence(adoptions: pd.DataFrame, confidence: float = 0.95, method: str = "wilson") -> Precedence:
    """Say for every pair of policies which one tends to come first within a jurisdiction.

    Parameters
    ----------
    adoptions : pandas.DataFrame
        From :func:`policylab.adoptions`, with at least two policies.
    confidence : float
        Between 0 and 1.
    method : {"wilson", "exact"}
        Interval of the shares: Wilson's score interval, or that of Clopper and Pearson.

    Returns
    -------
    Precedence

    Raises
    ------
    ValueError
        If there are fewer than two policies, or an option is not allowed.

    Notes
    -----
    An order counts only where the dates settle it: the last day on which the one can have taken effect lies before
    the first day of the other. A policy that was still absent on a day comes after one that was there by that day,
    whenever it came or if it never did. Laws of the same year, where the year is all that is known, are undetermined.

    The order is Copeland's: a policy scores one for each other policy that it precedes in more jurisdictions than the
    other way round, one half for a tie, nothing where no order is determined; equal scores share a rank. Majorities
    can run in a circle, so that pairs may go against the order; they are listed. Each pair is judged by the
    jurisdictions that settle it, so the shares of two pairs may rest on different ones.

    References
    ----------
    Wilson (1927); Clopper and Pearson (1934); Copeland (1951); Saari and Merlin (1996).

    Examples
    --------
    >>> import policylab as lab
    >>> found = precedence(lab.adoptions(lab.load().select(level="state")))
    >>> found.order["policy"].iloc[0]
    'cr_minor_no_force_year'
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}: expected {' or '.join(METHODS)}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}: expected a number between 0 and 1")
    adoptions = rows_of(adoptions)
    names = policy_names(adoptions)
    if len(names) < 2:
        raise ValueError(f"{len(names)} policy in the frame: expected at least two to compare")
    wide = {
        column: adoptions.pivot(index="jurisdiction", columns="policy", values=column)
        for column in ("status", "earliest", "latest")
    }
    pairs = []
    for first, second in combinations(names, 2):
        counts = _compare(wide, first, second)
        pairs.append((first, second, *counts))
        pairs.append((second, first, counts[1], counts[0], *counts[2:]))
    position = {name: place for place, name in enumerate(names)}
    table = pd.DataFrame(pairs, columns=["first", "second", *_COUNTS])
    table = table.sort_values(["first", "second"], key=lambda column: column.map(position), ignore_index=True)
    table[["share", "lower", "upper"]] = [
        _share(before, before + after, confidence, method)
        for before, after in zip(table["before"], table["after"], strict=True)
    ]
    order = _copeland(table, names)
    rank = order.set_index("policy")["rank"]
    later = table["first"].map(rank) > table["second"].map(rank)
    contradictions = table[later & (table["before"] > table["after"])].reset_index(drop=True)
    return Precedence(table, order, contradictions, confidence)


def _compare(wide: dict[str, pd.DataFrame], first: str, second: str) -> tuple[int, ...]:
    """Count jurisdictions by what is known of the order of two policies, among those to which both apply."""
    both = wide["status"][first].notna() & wide["status"][second].notna()
    status, earliest, latest = ({name: wide[key].loc[both, name] for name in (first, second)} for key in wide)
    known = {name: status[name].isin([ADOPTED, NOT_ADOPTED]) for name in (first, second)}
    adopted = {name: status[name] == ADOPTED for name in (first, second)}
    before = _surely_before(first, second, adopted, earliest, latest) & known[second]
    after = _surely_before(second, first, adopted, earliest, latest) & known[first]
    single = (earliest[first] == latest[first]) & (earliest[second] == latest[second])
    same = adopted[first] & adopted[second] & single & (earliest[first] == earliest[second])
    neither = known[first] & known[second] & ~adopted[first] & ~adopted[second]
    unknown = ~(known[first] & known[second])
    undetermined = ~(before | after | same | neither | unknown)
    return tuple(int(kind.sum()) for kind in (before, after, same, undetermined, neither, unknown))


def _surely_before(first: str, second: str, adopted: dict, earliest: dict, latest: dict) -> pd.Series:
    """The first took effect by a day on which the second had not."""
    dated = adopted[second] & (latest[first] < earliest[second])
    absent = ~adopted[second] & (latest[first] <= earliest[second])  # seen absent on that day itself
    return adopted[first] & (dated | absent)


def _share(hits: int, trials: int, confidence: float, method: str) -> tuple[float, float, float]:
    if trials == 0:
        return np.nan, np.nan, np.nan
    interval = binomtest(hits, trials).proportion_ci(confidence, method=method)
    return hits / trials, interval.low, interval.high


def _copeland(pairs: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    settled = pairs["before"] + pairs["after"] > 0
    kinds = {
        "wins": pairs["before"] > pairs["after"],
        "ties": settled & (pairs["before"] == pairs["after"]),
        "losses": pairs["before"] < pairs["after"],
        "open": ~settled,
    }
    table = pd.DataFrame({kind: flag.groupby(pairs["first"]).sum() for kind, flag in kinds.items()}).loc[names]
    table.insert(0, "score", table["wins"] + table["ties"] / 2)
    table = table.sort_values("score", ascending=False, kind="stable").rename_axis("policy").reset_index()
    table.insert(0, "rank", table["score"].rank(method="min", ascending=False).astype(int))
    return table
