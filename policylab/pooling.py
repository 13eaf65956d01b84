"""One answer from several completed data sets: Rubin's rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_ROUNDING = 1e-12  # share of the variance below which draws differ by their last bits only


class Pooled(NamedTuple):
    """Estimates pooled over draws; each an array of one entry per quantity."""

    estimate: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    between: np.ndarray


def pool(estimates: np.ndarray, variances: np.ndarray, df: float) -> Pooled:
    """Pool estimates from several draws of the data.

    Parameters
    ----------
    estimates, variances : ndarray, shape (draws, quantities)
        Of each draw by itself.
    df : float
        Degrees of freedom that the complete data would have.

    Returns
    -------
    Pooled
        estimate (the mean), variance (within draws, plus between draws times 1 + 1 / draws), df (Barnard and Rubin's
        for small samples; `df` itself where the draws agree), between (variance between draws).

    Raises
    ------
    ValueError
        If there is no draw, or the shapes differ.

    References
    ----------
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys. Wiley.
    Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86,
    948-955.

    Examples
    --------
    >>> pool(np.array([[1.0], [3.0]]), np.array([[1.0], [1.0]]), 50).variance.tolist()
    [4.0]
    """
    estimates, variances = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if estimates.ndim != 2 or len(estimates) == 0 or estimates.shape != variances.shape:
        raise ValueError(
            f"estimates have shape {estimates.shape} and variances {variances.shape}: expected draws x quantities, both"
        )
    draws = len(estimates)
    mean, within = estimates.mean(axis=0), variances.mean(axis=0)
    between = estimates.var(axis=0, ddof=1) if draws > 1 else np.zeros_like(mean)
    added = (1 + 1 / draws) * between
    total = within + added
    share = np.divide(added, total, out=np.zeros_like(total), where=total > 0)
    observed = (df + 1) / (df + 3) * df * (1 - share)
    small = 1 / (share**2 / max(draws - 1, 1) + 1 / observed)
    return Pooled(mean, total, np.where(share > _ROUNDING, small, df), between)
