"""Estimating a distribution of times of which some are known only within bounds.

Self-consistency after Turnbull (1976). Where every time is single or right-censored it gives Kaplan and Meier's (1958)
estimate at once.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.stats import norm

ROUNDS, SETTLED, NOBODY = 100_000, 1e-12, 1e-9


def spread_over(first: np.ndarray, last: np.ndarray, censored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spread adoptions over the times at which they can have been, until that agrees with the estimate it leads to.

    Returns
    -------
    support : ndarray
        Times that can carry adoptions: the ends of the intervals that lie in every interval they meet.
    adopted : ndarray
        Adoptions at each, not whole where they were spread.
    """
    support = _support(first, last, censored)
    may = ((first[:, None] <= support) & (last[:, None] >= support)).astype(float)
    adopted = (may / may.sum(axis=1, keepdims=True)).sum(axis=0)
    for _ in range(ROUNDS):
        at_risk = at_risk_at(support, support, adopted, censored)
        left = np.cumprod(1 - adopted / at_risk)
        mass = may * (np.concatenate([[1.0], left[:-1]]) - left)
        spread = (mass / mass.sum(axis=1, keepdims=True)).sum(axis=0)
        if np.abs(spread - adopted).max(initial=0) < SETTLED:
            return support, spread
        adopted = spread
    raise RuntimeError(f"the estimate did not settle in {ROUNDS} rounds")


def _support(first: np.ndarray, last: np.ndarray, censored: np.ndarray) -> np.ndarray:
    """Turnbull's innermost intervals, by their ends: an end before which a start comes next."""
    starts = [(time, 0) for time in first] + [(time, 2) for time in censored]  # censored: it begins after that time
    marks = sorted({*starts, *((time, 1) for time in last)})
    return np.array([mark[0] for before, mark in pairwise(marks) if mark[1] == 1 and before[1] != 1])


def at_risk_at(times: np.ndarray, support: np.ndarray, adopted: np.ndarray, censored: np.ndarray) -> np.ndarray:
    """Count those who had not adopted before some times and were seen until then."""
    later = (support[:, None] >= times) * adopted[:, None]
    return later.sum(axis=0) + (censored[:, None] >= times).sum(axis=0)


def band_at(
    grid: np.ndarray, support: np.ndarray, adopted: np.ndarray, at_risk: np.ndarray, confidence: float, band: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share and band at the times of a grid, from what happened at the times of the support."""
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = 1 - adopted / at_risk
        stay[stay < NOBODY] = 0
        left = np.concatenate([[1.0], np.cumprod(stay)])
        sums = np.concatenate([[0.0], np.cumsum(adopted / (at_risk**2 * stay))])
        reach = norm.ppf((1 + confidence) / 2) * np.sqrt(sums)
        if band == "linear":
            ends = np.clip([left - left * reach, left + left * reach], 0, 1)
        else:
            ends = np.exp(-np.exp(np.log(-np.log(left)) + np.outer([1, -1], reach / np.log(left))))
    ends[:, left == 0] = np.nan
    place = np.searchsorted(support, grid, side="right")
    return 1 - left[place], 1 - ends.max(axis=0)[place], 1 - ends.min(axis=0)[place]
