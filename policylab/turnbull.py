"""Estimating a distribution of times of which some are known only within bounds.

The estimate is Turnbull's (1976), of maximum likelihood without a model; where every time is single or right-censored
it is that of Kaplan and Meier (1958). It is found by Wang's (2008) constrained Newton steps, since the usual iteration
can take for ever where mass goes to zero.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.optimize import nnls
from scipy.stats import norm

ROUNDS, SETTLED, NOBODY = 500, 1e-12, 1e-9


def spread_over(first: np.ndarray, last: np.ndarray, censored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spread adoptions over the times at which they can have been, in proportion to the estimate.

    Parameters
    ----------
    first, last : ndarray, shape (adoptions,)
        First and last possible time, both included; the first may be minus infinity.
    censored : ndarray, shape (others,)
        Last times at which the others had not adopted.

    Returns
    -------
    support : ndarray
        Times that can carry adoptions: the ends of the intervals that lie in every interval they meet.
    adopted : ndarray
        Adoptions at each, not whole where they were spread.
    """
    support = _support(first, last, censored)
    may = ((first[:, None] <= support) & (last[:, None] >= support)).astype(float)
    if (may.sum(axis=1) == 1).all():
        return support, may.sum(axis=0)
    never = np.concatenate([np.zeros(len(first)), np.ones(len(censored))])
    later = np.vstack([may, censored[:, None] < support])
    mass = _most_likely(np.column_stack([later, never]))[:-1]
    return support, (may * mass / (may @ mass)[:, None]).sum(axis=0)


def _most_likely(may: np.ndarray) -> np.ndarray:
    """Find the masses under which what was observed is most likely.

    Each step solves the quadratic approximation of the likelihood under the constraints, as least squares without
    negative values (Dax 1990 for the sum), and is halved until the likelihood grows.
    """
    mass = np.full(may.shape[1], 1 / may.shape[1])
    for _ in range(ROUNDS):
        fit = may @ mass
        target = np.vstack([may / fit[:, None] - 2, np.ones(len(mass))])
        goal = nnls(target, np.append(np.zeros(len(may)), 1.0))[0]
        step = goal / goal.sum() - mass
        while np.abs(step).max() >= SETTLED and _likelihood(may, mass + step) < _likelihood(may, mass):
            step = step / 2
        mass = mass + step
        if np.abs(step).max() < SETTLED:
            return mass
    raise RuntimeError(f"the estimate did not settle in {ROUNDS} rounds")


def _likelihood(may: np.ndarray, mass: np.ndarray) -> float:
    fit = may @ mass
    return float(np.log(fit).sum()) if (fit > 0).all() else -np.inf


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
