"""Discrete-time hazard models: the chance per year that a jurisdiction still without a law adopts it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from policylab.binomial import ERRORS, LINKS
from policylab.hazard_draws import BASELINES, Draw, Model, fit_draws
from policylab.pooling import pool

Link = Literal["logit", "cloglog"]
Baseline = Literal["cubic", "linear", "log", "none"]
Errors = Literal["jackknife", "cluster", "model"]

_FEW = 5  # events per term, below which estimates of binary models are known to drift (Vittinghoff and McCulloch 2007)


@dataclass(frozen=True, eq=False, repr=False)
class HazardModel:
    """A fitted hazard model.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per term: term, estimate (on the scale of the link), se, df, low, high, p, lowest and highest (of the
        estimates without one jurisdiction), n_events, n_risk (rows at risk), n_units, n_unknown (units left out
        because it is not known whether they adopted; missing where the panel does not say). Where draws differ,
        n_events and n_risk are means over them.
    effects : pandas.DataFrame
        One row per average marginal effect of the share, in probability per year: effect, before and after (mean
        hazard at the two settings), estimate, se, low, high, and the last columns of `table`. ``none to all``: the
        share goes from 0 to 1. ``one more``: the share grows by one jurisdiction, in the rows where one is left.
    leave_one_out : pandas.DataFrame
        One row per unit left out, a column per term and effect; missing where nothing finite can be estimated.
    bounds : pandas.DataFrame
        One row per case and quantity: case (``as given``, then those of `bounds`), quantity, estimate, low, high,
        n_events, n_risk, n_units.
    link, baseline, errors : str
    level : float
    draws : int
    n_incomplete : float
        Rows left out because a term is missing in them, as a mean over draws.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    leave_one_out: pd.DataFrame
    bounds: pd.DataFrame
    link: str
    baseline: str
    errors: str
    level: float
    draws: int
    n_incomplete: float

    def __repr__(self) -> str:
        first = self.table.iloc[0]
        unknown = "not stated" if pd.isna(first["n_unknown"]) else first["n_unknown"]
        effect = "".join(
            f"; {row.effect}: {row.estimate:+.3f} ({100 * self.level:g} % interval {row.low:+.3f} to {row.high:+.3f})"
            for row in self.effects.head(1).itertuples()
        )
        return (
            f"<HazardModel: {self.link}, {first['n_events']:g} events in {first['n_risk']:g} years at risk of "
            f"{first['n_units']} units, unknown units left out: {unknown}, draws: {self.draws}{effect}>"
        )


def hazard_model(
    panel: pd.DataFrame,
    terms: str | Iterable[str] = ("neighbours",),
    baseline: Baseline = "cubic",
    link: Link = "logit",
    cluster: str = "jurisdiction",
    errors: Errors = "jackknife",
    share: str = "neighbours",
    level: float = 0.95,
    bounds: Mapping[str, pd.DataFrame] | None = None,
    leave_one_out: bool = True,
    random_state: int = 0,
) -> HazardModel:
    """Fit a discrete-time hazard model to the units at risk.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row per unit and year at risk, as :func:`policylab.event_history` makes it: `cluster`, ``event`` (0 or 1),
        ``duration`` (years, from 1 on; for the baseline), the `terms`, and, where dates were drawn, ``draw``.
    terms : iterable of str
        Numeric columns of the panel.
    baseline : {"cubic", "linear", "log", "none"}
        How the hazard of a unit without adopting neighbours moves with the duration. The cubic one takes up smooth
        shocks that all units share (Carter and Signorino 2010).
    link : {"logit", "cloglog"}
        The complementary log-log link gives the coefficients of a proportional hazards model in grouped time.
    cluster : str
        Column of the units: errors may depend on each other within one in any way.
    errors : {"jackknife", "cluster", "model"}
        Covariance from the estimates without one unit, from the scores summed by unit, or from the model alone;
        the measured coverage of each is in ``benchmarks/neighbour_effect.md``.
    share : str
        The term whose average marginal effect is given, a share from 0 to 1; the number of units it is a share of
        is read from the column ``n_`` plus its name, if there is one.
    level : float
        Of the intervals.
    bounds : mapping of str to pandas.DataFrame, optional
        Panels that treat unknown units in other ways; the same model is fitted to each.
    leave_one_out : bool
        Fit again without each unit. False saves most of the time; the range is then missing, and errors cannot be
        those of the jackknife.
    random_state : int
        Of the simulated intervals of effects.

    Returns
    -------
    HazardModel

    Raises
    ------
    ImportError
        If statsmodels (extra ``models``) is not installed.
    KeyError
        If the panel lacks a column.
    ValueError
        If an option or value is not possible, there is no event, or the terms separate the events from the rest.

    Warns
    -----
    UserWarning
        If there are fewer than five events per term.

    Notes
    -----
    Rows with a missing term are left out and counted. Draws are pooled by Rubin's rules. Intervals of coefficients
    use Student's t with the units less one as degrees of freedom (Cameron and Miller 2015), fewer where draws differ
    (Barnard and Rubin 1999). Standard errors of effects follow by the delta method; their intervals, which are not
    symmetric, are percentiles over coefficients simulated from their sampling distribution (King, Tomz and Wittenberg
    2000), those of all draws put together. The panel is taken as given.

    In panels simulated on the map of the states the intervals hold the truth at about the nominal rate, provided that
    the baseline can follow the shocks that all units share; the coefficient of the share then lies a little below the
    truth on average (``benchmarks/neighbour_effect.md``). A neighbour's adoption is not assigned at random: an effect
    is an association, which a shock common to neighbours would produce as well.

    References
    ----------
    Allison, P. D. (1982). Discrete-time methods for the analysis of event histories. Sociological Methodology 13,
    61-98.
    Berry, F. S. and Berry, W. D. (1990). State lottery adoptions as policy innovations: an event history analysis.
    American Political Science Review 84, 395-415.
    Cameron, A. C. and Miller, D. L. (2015). A practitioner's guide to cluster-robust inference. Journal of Human
    Resources 50, 317-372.
    Carter, D. B. and Signorino, C. S. (2010). Back to the future: modeling time dependence in binary data. Political
    Analysis 18, 271-292.
    King, G., Tomz, M. and Wittenberg, J. (2000). Making the most of statistical analyses: improving interpretation and
    presentation. American Journal of Political Science 44, 347-361.
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys. Wiley.
    Vittinghoff, E. and McCulloch, C. E. (2007). Relaxing the rule of ten events per variable in logistic and Cox
    regression. American Journal of Epidemiology 165, 710-718.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> panel = pd.DataFrame({"jurisdiction": np.repeat(list("ABCDEFGH"), 20), "event": random.integers(0, 2, 160)})
    >>> panel["neighbours"] = random.random(160)
    >>> hazard_model(panel, baseline="none").table[["term", "n_events"]].values.tolist()
    [['constant', 88.0], ['neighbours', 88.0]]
    """
    for name, value, known in (("link", link, LINKS), ("baseline", baseline, BASELINES), ("errors", errors, ERRORS)):
        if value not in known:
            raise ValueError(f"{name} is {value!r}: expected one of {', '.join(known)}")
    if errors == "jackknife" and not leave_one_out:
        raise ValueError("errors is 'jackknife' without leave_one_out: expected cluster or model")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}: expected a number between 0 and 1, for example 0.95")
    terms = (terms,) if isinstance(terms, str) else tuple(terms)
    model = Model(terms, baseline, link, cluster, errors, share, leave_one_out, random_state)
    panels = {"as given": panel, **(bounds or {})}
    results = {case: fit_draws(given, model, f"the panel {case!r}") for case, given in panels.items()}
    summary = {case: _pooled(draws, level) for case, draws in results.items()}
    main = results["as given"]
    n_effects = len(main[0].settings)
    _warn_if_few(main, len(main[0].names) - n_effects - 1)
    unknown = panel.attrs.get("unknown")
    table = (
        summary["as given"].assign(n_unknown=pd.NA if unknown is None else len(unknown)).astype({"n_unknown": "Int64"})
    )
    ends = np.mean([draw.settings for draw in main], axis=0).reshape(n_effects, 2)
    effects = table.tail(n_effects).reset_index(drop=True).rename(columns={"quantity": "effect"})
    effects = effects.assign(before=ends[:, 0], after=ends[:, 1]).drop(columns=["df", "p"])
    few = ["quantity", "estimate", "low", "high", "n_events", "n_risk", "n_units"]
    cases = [found[few].assign(case=case) for case, found in summary.items()]
    return HazardModel(
        table=table.head(len(table) - n_effects).rename(columns={"quantity": "term"}),
        effects=effects[["effect", "before", "after", *effects.columns[1:-2]]],
        leave_one_out=_without(main).rename_axis(cluster).reset_index(),
        bounds=pd.concat(cases, ignore_index=True)[["case", *few]],
        link=link,
        baseline=baseline,
        errors=errors,
        level=level,
        draws=len(main),
        n_incomplete=float(np.mean([draw.n_incomplete for draw in main])),
    )


def _warn_if_few(draws: list[Draw], terms: int) -> None:
    events = min(draw.n_events for draw in draws)
    if events < _FEW * terms:
        warnings.warn(
            f"{events} events for {terms} terms and a constant: estimates from fewer than {_FEW} events per term "
            "can lie far from the truth, and their intervals are too short",
            stacklevel=3,
        )


def _without(draws: list[Draw]) -> pd.DataFrame:
    """Estimates without each unit, as means over draws; leaving out a unit changes the draws in which it is at risk."""
    units = sorted(frozenset().union(*(draw.without.index for draw in draws)))
    parts = []
    for draw in draws:
        part = draw.without.reindex(units)
        part.loc[~part.index.isin(draw.without.index)] = draw.estimate
        parts.append(part.to_numpy())
    return pd.DataFrame(np.mean(parts, axis=0), index=units, columns=draws[0].names)


def _pooled(draws: list[Draw], level: float) -> pd.DataFrame:
    """Pool the draws into one row per term and effect."""
    names = draws[0].names
    if any(draw.names != names for draw in draws):
        raise ValueError("one more unit is possible in some draws only: leave out the column that counts the units")
    df = min(len(draw.without) for draw in draws) - 1
    pooled = pool(np.array([draw.estimate for draw in draws]), np.array([draw.variance for draw in draws]), df)
    se = np.sqrt(pooled.variance)
    half = stats.t.ppf(0.5 + level / 2, pooled.df) * se
    low, high = pooled.estimate - half, pooled.estimate + half
    spread = np.hstack([draw.simulated for draw in draws])
    if len(spread):
        ends = np.quantile(spread, [0.5 - level / 2, 0.5 + level / 2], axis=1)
        low[-len(spread) :], high[-len(spread) :] = ends
    without = _without(draws)
    return pd.DataFrame(
        {
            "quantity": names,
            "estimate": pooled.estimate,
            "se": se,
            "df": pooled.df,
            "low": low,
            "high": high,
            "p": 2 * stats.t.sf(np.abs(pooled.estimate) / se, pooled.df),
            "lowest": without.min().to_numpy(),
            "highest": without.max().to_numpy(),
            "n_events": np.mean([draw.n_events for draw in draws]),
            "n_risk": np.mean([draw.n_risk for draw in draws]),
            "n_units": len(without),
        }
    )
