"""What a share does to a hazard: mean change of the chance as the share goes from one setting to another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

ALL, ONE = "none to all", "one more"


class Effect(NamedTuple):
    """An average marginal effect: its value, its slope in the coefficients, and the mean hazards it lies between."""

    value: float
    gradient: np.ndarray
    before: float
    after: float


def settings(rows: pd.DataFrame, share: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each effect the share before and after in every row; NaN in the rows that it does not concern.

    Parameters
    ----------
    rows : pandas.DataFrame
    share : str
        Column from 0 to 1. If there is a column ``n_`` plus its name, the number of units it is a share of, the
        effect of one more of them is given too, in the rows where one is left.

    Returns
    -------
    dict of str to tuple of ndarray

    Examples
    --------
    >>> rows = pd.DataFrame({"neighbours": [0.0, 0.5, 1.0], "n_neighbours": [4, 2, 2]})
    >>> settings(rows, "neighbours")["one more"][1].tolist()
    [0.25, 1.0, nan]
    """
    here = rows[share].to_numpy(dtype=float)
    found = {ALL: (np.zeros_like(here), np.ones_like(here))}
    if f"n_{share}" in rows:
        number = rows[f"n_{share}"].to_numpy(dtype=float)
        step = np.divide(1, number, out=np.full_like(here, np.nan), where=number > 0)
        more = np.where(here + step < 1 + 1e-9, here + step, np.nan)
        if not np.isnan(more).all():
            found[ONE] = (np.where(np.isnan(more), np.nan, here), more)
    return found


def average_effect(
    curve, params: np.ndarray, design: np.ndarray, column: int, before: np.ndarray, after: np.ndarray
) -> Effect:
    """Average the change of the hazard over the rows as one column goes from one setting to the other.

    Parameters
    ----------
    curve : statsmodels link
        With ``inverse`` and ``inverse_deriv``.
    params : ndarray, shape (terms,)
    design : ndarray, shape (rows, terms)
    column : int
        Which term is moved.
    before, after : ndarray, shape (rows,)
        Its settings; rows of NaN are left out.

    Returns
    -------
    Effect

    Examples
    --------
    >>> from statsmodels.genmod.families.links import Logit
    >>> design = np.array([[1.0, 0.2], [1.0, 0.6]])
    >>> effect = average_effect(Logit(), np.array([0.0, 1.0]), design, 1, np.zeros(2), np.ones(2))
    >>> round(effect.value, 4), effect.before
    (0.2311, 0.5)
    """
    concerned = ~np.isnan(after)
    means, slopes = [], []
    for setting in (before, after):
        moved = design[concerned].copy()
        moved[:, column] = setting[concerned]
        line = moved @ params
        means.append(float(curve.inverse(line).mean()))
        slopes.append((curve.inverse_deriv(line)[:, None] * moved).mean(axis=0))
    return Effect(means[1] - means[0], slopes[1] - slopes[0], means[0], means[1])


def simulated_effects(
    curve,
    params: np.ndarray,
    covariance: np.ndarray,
    df: int,
    design: np.ndarray,
    column: int,
    before: np.ndarray,
    after: np.ndarray,
    draws: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Draw coefficients from their sampling distribution and average the change of the hazard for each draw.

    Parameters
    ----------
    curve, params, design, column, before, after
        As in :func:`average_effect`.
    covariance : ndarray, shape (terms, terms)
    df : int
        Of the multivariate t distribution that the coefficients are drawn from.
    draws : int
    random : numpy.random.Generator

    Returns
    -------
    ndarray, shape (draws,)

    References
    ----------
    King, G., Tomz, M. and Wittenberg, J. (2000). Making the most of statistical analyses: improving interpretation and
    presentation. American Journal of Political Science 44, 347-361.

    Examples
    --------
    >>> from statsmodels.genmod.families.links import Logit
    >>> design, sure = np.array([[1.0, 0.2], [1.0, 0.6]]), np.zeros((2, 2))
    >>> setting = (np.zeros(2), np.ones(2), 3, np.random.default_rng(0))
    >>> simulated_effects(Logit(), np.array([0.0, 1.0]), sure, 50, design, 1, *setting).round(4).tolist()
    [0.2311, 0.2311, 0.2311]
    """
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T  # the symmetric root, the same however the terms are turned
    normal = random.standard_normal((draws, len(params))) @ root
    drawn = params + normal * np.sqrt(df / random.chisquare(df, (draws, 1)))
    concerned = ~np.isnan(after)
    rest = design[concerned].copy()
    rest[:, column] = 0
    lines = drawn @ rest.T
    slope = drawn[:, [column]]
    with np.errstate(over="ignore"):
        means = [curve.inverse(lines + slope * setting[concerned]).mean(axis=1) for setting in (before, after)]
    return means[1] - means[0]
