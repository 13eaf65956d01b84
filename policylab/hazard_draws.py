"""The hazard model of each draw of a panel: coefficients, effects and what they move with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from policylab.binomial import fit_binomial, jackknife, leave_out, sandwich
from policylab.marginal import average_effect, settings, simulated_effects

BASELINES = {
    "cubic": {f"(duration/10)^{power}": lambda years, power=power: (years / 10) ** power for power in (1, 2, 3)},
    "linear": {"duration": lambda years: years},
    "log": {"log(duration)": np.log},
    "none": {},
}
_SIMULATED = 4000  # coefficients drawn for the interval of an effect, over all draws of the panel


class Model(NamedTuple):
    """What to fit."""

    terms: tuple[str, ...]
    baseline: str
    link: str
    cluster: str
    errors: str
    share: str
    leave_one_out: bool
    random_state: int


class Draw(NamedTuple):
    """What one draw gives: coefficients, then effects, with what they rest on."""

    names: list[str]
    estimate: np.ndarray
    variance: np.ndarray
    settings: np.ndarray  # effects x (mean hazard before, after)
    simulated: np.ndarray  # effects x simulated values
    without: pd.DataFrame  # units x names
    n_events: int
    n_risk: int
    n_incomplete: int


def fit_draws(panel: pd.DataFrame, model: Model, called: str) -> list[Draw]:
    """Check a panel and fit the model to each of its draws.

    Parameters
    ----------
    panel : pandas.DataFrame
        As in :func:`policylab.hazard_model`.
    model : Model
    called : str
        The panel's name in messages.

    Returns
    -------
    list of Draw
        In the order of the column ``draw``; one where there is none.

    Raises
    ------
    KeyError, ValueError
        As in :func:`policylab.hazard_model`.
    """
    needed = [model.cluster, "event", *model.terms, *(["duration"] if BASELINES[model.baseline] else [])]
    missing = [name for name in needed if name not in panel]
    if missing:
        raise KeyError(f"{called} lacks {', '.join(missing)}: its columns are {', '.join(map(str, panel.columns))}")
    if panel.empty:
        raise ValueError(f"{called} has no rows: nobody is at risk")
    odd = panel.loc[~panel["event"].isin([0, 1]), "event"]
    if len(odd):
        raise ValueError(f"{called} has an event of {odd.iloc[0]}: expected 0 or 1")
    for name in needed[2:]:
        if not pd.api.types.is_numeric_dtype(panel[name]):
            raise ValueError(f"{name} of {called} is {panel[name].dtype}: expected numbers")
    parts = [part for _, part in panel.groupby("draw")] if "draw" in panel else [panel]
    seeds = np.random.SeedSequence(model.random_state).spawn(len(parts))
    return [
        _draw(part, model, called, seed, -(-_SIMULATED // len(parts))) for part, seed in zip(parts, seeds, strict=True)
    ]


def _draw(panel: pd.DataFrame, model: Model, called: str, seed: np.random.SeedSequence, simulated: int) -> Draw:
    rows = panel[panel[list(model.terms)].notna().all(axis=1)]
    events, groups = rows["event"].to_numpy(dtype=float), rows[model.cluster].to_numpy()
    if not 0 < events.sum() < len(events):
        found = "nothing but events" if events.any() else "no event"
        raise ValueError(f"{called} has {found} among {len(events)} rows with all terms: nothing to model")
    if len(set(groups)) < 2:
        raise ValueError(f"{called} has a single {model.cluster}, {groups[0]}: expected at least two")
    names, design = _design(rows, model, called)
    fit = fit_binomial(events, design, model.link)
    units = np.unique(groups)
    without = leave_out(fit, groups, model.link) if model.leave_one_out else np.full((len(units), len(names)), np.nan)
    covariance = _covariance(fit, groups, units, without, model, called)
    curve, column = fit.model.family.link, names.index(model.share) if model.share in names else 0
    moves = settings(rows, model.share) if model.share in names else {}
    effects = [average_effect(curve, fit.params, design, column, *move) for move in moves.values()]
    random = np.random.default_rng(seed)
    spread = [
        simulated_effects(
            curve, fit.params, covariance, len(units) - 1, design, column, *move, draws=simulated, random=random
        )
        for move in moves.values()
    ]
    left = np.empty((len(units), len(moves)))
    for place, unit in enumerate(units):
        kept = groups != unit
        for effect, (before, after) in enumerate(moves.values()):
            again = average_effect(curve, without[place], design[kept], column, before[kept], after[kept])
            left[place, effect] = again.value
    slopes = [effect.gradient for effect in effects]
    return Draw(
        names=[*names, *moves],
        estimate=np.array([*fit.params, *(effect.value for effect in effects)]),
        variance=np.array([*np.diag(covariance), *(slope @ covariance @ slope for slope in slopes)]),
        settings=np.array([(effect.before, effect.after) for effect in effects]),
        simulated=np.array(spread).reshape(len(moves), simulated),
        without=pd.DataFrame(np.hstack([without, left]), index=units, columns=[*names, *moves]),
        n_events=int(events.sum()),
        n_risk=len(rows),
        n_incomplete=len(panel) - len(rows),
    )


def _design(rows: pd.DataFrame, model: Model, called: str) -> tuple[list[str], np.ndarray]:
    columns = {"constant": np.ones(len(rows))} | {name: rows[name].to_numpy(dtype=float) for name in model.terms}
    if BASELINES[model.baseline]:
        years = rows["duration"].to_numpy(dtype=float)
        if not (years >= 1).all():
            raise ValueError(f"{called} has a duration of {years.min():g}: expected years counted from 1")
        columns |= {name: shape(years) for name, shape in BASELINES[model.baseline].items()}
    design = np.column_stack(list(columns.values()))
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError(f"the terms {', '.join(columns)} repeat each other in {called}: leave one out")
    return list(columns), design


def _covariance(
    fit, groups: np.ndarray, units: np.ndarray, without: np.ndarray, model: Model, called: str
) -> np.ndarray:
    if model.errors == "model":
        return fit.normalized_cov_params
    if model.errors == "cluster":
        return sandwich(fit, groups)
    lost = units[np.isnan(without).any(axis=1)]
    if len(lost):
        raise ValueError(
            f"without {', '.join(map(str, lost))} there is no finite estimate in {called}, hence no jackknife: "
            "use fewer terms, another baseline or errors='cluster'"
        )
    return jackknife(fit.params, without)
