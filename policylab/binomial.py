"""Binary outcomes by year: the fit, what separates it, and the covariance of what is estimated."""

from __future__ import annotations

import warnings
from types import ModuleType

import numpy as np
from scipy.optimize import linprog

LINKS = {"logit": "Logit", "cloglog": "CLogLog"}
ERRORS = ("jackknife", "cluster", "model")
_FAR = 12.0  # a fitted value beyond this on the scale of the link is where a search for separation pays


class SeparationError(ValueError):
    """The terms tell events from the rest without error, so that the estimate runs off to infinity."""


def statsmodels_api() -> ModuleType:
    """Import statsmodels, or say how to get it."""
    try:
        import statsmodels.api as api
    except ImportError as missing:
        raise ImportError(
            "hazard models need statsmodels, which is not installed: pip install 'policylab[models]'"
        ) from missing
    return api


def fit_binomial(events: np.ndarray, design: np.ndarray, link: str, start: np.ndarray | None = None):
    """Fit a generalised linear model of 0/1 events by maximum likelihood.

    Parameters
    ----------
    events : ndarray, shape (rows,)
        0 or 1.
    design : ndarray, shape (rows, terms)
        With a column of ones for the constant.
    link : {"logit", "cloglog"}
    start : ndarray, optional
        Where the search begins.

    Returns
    -------
    statsmodels.genmod.generalized_linear_model.GLMResults

    Raises
    ------
    ImportError
        If statsmodels is not installed.
    SeparationError
        If no finite estimate exists.

    Examples
    --------
    >>> design = np.column_stack([np.ones(6), [0, 1, 2, 3, 4, 5]])
    >>> fit_binomial(np.array([0, 1, 0, 0, 1, 1]), design, "logit").params.round(4).tolist()
    [-1.6841, 0.6736]
    """
    api = statsmodels_api()
    family = api.families.Binomial(link=getattr(api.families.links, LINKS[link])())
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        model = api.GLM(events.astype(float), design, family=family)
        try:
            fit = model.fit(start_params=start, tol_criterion="params", tol=1e-10)
        except (np.linalg.LinAlgError, ValueError):
            fit = None
    if fit is None or not fit.converged or np.abs(design @ fit.params).max() > _FAR:
        if separates(events, design):
            raise SeparationError("the terms tell events from the rest without error: no finite estimate exists")
        if fit is None or not fit.converged:
            raise ValueError("the estimate did not converge: use fewer terms, or scale them to similar size")
    return fit


def separates(events: np.ndarray, design: np.ndarray) -> bool:
    """Tell whether some combination of the terms separates the events, completely or but for ties.

    Notes
    -----
    Solved as a linear programme: is there a direction along which every event lies at or above, and every other
    row at or below, zero, and at least one of them off it?

    References
    ----------
    Albert, A. and Anderson, J. A. (1984). On the existence of maximum likelihood estimates in logistic regression
    models. Biometrika 71, 1-10.
    Konis, K. (2007). Linear programming algorithms for detecting separated data in binary logistic regression
    models. DPhil thesis, University of Oxford.

    Examples
    --------
    >>> design = np.column_stack([np.ones(4), [0, 1, 2, 3]])
    >>> separates(np.array([0, 0, 1, 1]), design), separates(np.array([0, 1, 0, 1]), design)
    (True, False)
    """
    sided = design * np.where(events > 0, 1.0, -1.0)[:, None]
    sided = sided / np.abs(design).max(axis=0)
    found = linprog(-sided.sum(axis=0), A_ub=-sided, b_ub=np.zeros(len(sided)), bounds=(-1, 1))
    return bool(-found.fun > 1e-7)


def sandwich(fit, groups: np.ndarray) -> np.ndarray:
    """Covariance of the estimates that allows any dependence within groups, times G / (G - 1) for G groups.

    Notes
    -----
    Expected information outside, sums of the scores by group inside, as in ``vcovCL`` of the R package sandwich.

    References
    ----------
    Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models. Biometrika 73,
    13-22.
    Zeileis, A., Koell, S. and Graham, N. (2020). Various versatile variances: an object-oriented implementation of
    clustered covariances in R. Journal of Statistical Software 95(1).

    Examples
    --------
    >>> design = np.column_stack([np.ones(6), [0, 1, 2, 3, 4, 5]])
    >>> fit = fit_binomial(np.array([0, 1, 0, 0, 1, 1]), design, "logit")
    >>> sandwich(fit, np.array([0, 0, 1, 1, 2, 2])).shape
    (2, 2)
    """
    names, place = np.unique(groups, return_inverse=True)
    sums = np.zeros((len(names), len(fit.params)))
    np.add.at(sums, place, fit.model.score_obs(fit.params))
    bread = fit.normalized_cov_params
    return bread @ (sums.T @ sums) @ bread * len(names) / (len(names) - 1)


def leave_out(fit, groups: np.ndarray, link: str) -> np.ndarray:
    """Fit again without each group in turn, in sorted order.

    Returns
    -------
    ndarray, shape (groups, terms)
        A row of NaN where what is left has no finite estimate.
    """
    names = np.unique(groups)
    estimates = np.full((len(names), len(fit.params)), np.nan)
    for place, name in enumerate(names):
        kept = groups != name
        try:
            again = fit_binomial(fit.model.endog[kept], fit.model.exog[kept], link, fit.params)
        except ValueError:
            continue
        estimates[place] = again.params
    return estimates


def jackknife(estimate: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Covariance from the estimates without each of G groups, around the estimate from all: (G - 1) / G of the sum.

    References
    ----------
    MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023). Leverage, influence, and the jackknife in clustered
    regression models: reliable inference using summclust. Stata Journal 23, 942-982.

    Examples
    --------
    >>> jackknife(np.array([2.0]), np.array([[1.0], [3.0]])).tolist()
    [[1.0]]
    """
    off = without - estimate
    return off.T @ off * (len(without) - 1) / len(without)
