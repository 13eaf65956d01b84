"""Does the hazard model find a known neighbour effect: panels simulated on the map of the states.

Run ``.venv/bin/python benchmarks/neighbour_effect.py`` (about a quarter of an hour on two cores). The last result is in
``neighbour_effect.md``. The seed is fixed, so that the same versions give the same numbers.

Each panel has the 49 jurisdictions that have land neighbours and 15 years. The chance that one of those still without
the law adopts it in a year is ``logit(h) = a(t) + b x``, where x is the share of its neighbours that had adopted by the
end of the year before. The settings:

slow      a(t) = -3 + 0.6 log(t): the chance grows slowly
wave      a(t) = -3.5 + 2.5 exp(-((t - 6) / 3)^2): a shock that all units share comes and goes
bounds    as slow, but the year of a fifth of the adoptions is known only within four years, and drawn five times
regions   as wave, but the wave comes at another time in each census region, and neighbours have no effect
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import statsmodels
from scipy import stats

import policylab as lab
from policylab.binomial import ERRORS, fit_binomial, jackknife, leave_out, sandwich
from policylab.hazard_draws import BASELINES
from policylab.marginal import average_effect, settings, simulated_effects
from policylab.pooling import pool

PANELS, YEARS, LEVEL, SEED = 500, 15, 0.95, 20261121
EFFECTS = (0.0, 0.5, 1.0, 2.0)
DRAWS, BLURRED, WIDTH = 5, 0.2, 4
SIMULATED, COPIES = 1000, (1, 2, 4, 8)
QUANTITIES = ("coefficient", "none to all", "one more")


def read_map() -> tuple[np.ndarray, np.ndarray]:
    """Matrix of neighbours, and the region of each unit as a number."""
    places = lab.load_jurisdictions().query("level == 'state' and neighbours != ''")
    names = list(places["jurisdiction"])
    near = np.array([[other in text.split() for other in names] for text in places["neighbours"]], dtype=float)
    return near, pd.factorize(places["region"])[0]


def baseline(setting: str, year: int, region: np.ndarray) -> np.ndarray:
    """a(t) of every unit."""
    if setting in ("slow", "bounds"):
        return np.full(len(region), -3 + 0.6 * np.log(year))
    peak = 4 + 3 * region if setting == "regions" else np.full(len(region), 6)
    return -3.5 + 2.5 * np.exp(-(((year - peak) / 3) ** 2))


def simulate(setting: str, effect: float, near: np.ndarray, region: np.ndarray, random: np.random.Generator):
    """Year of adoption of every unit; YEARS + 1 for those that never adopt."""
    adopted = np.full(len(near), YEARS + 1)
    for year in range(1, YEARS + 1):
        share = near @ (adopted < year) / near.sum(axis=1)
        chance = 1 / (1 + np.exp(-baseline(setting, year, region) - effect * share))
        adopts = (adopted > YEARS) & (random.random(len(near)) < chance)
        adopted[adopts] = year
    return adopted


def at_risk(adopted: np.ndarray, near: np.ndarray):
    """Unit, year, event and share of the neighbours for every row of the panel."""
    unit, year = np.nonzero(np.arange(1, YEARS + 1) <= adopted[:, None])
    year += 1
    share = (near[unit] * (adopted < year[:, None])).sum(axis=1) / near[unit].sum(axis=1)
    return unit, year, (adopted[unit] == year).astype(float), share


def blur(adopted: np.ndarray, random: np.random.Generator) -> list[np.ndarray]:
    """Know some adoptions only within bounds that hold the true year somewhere, and draw them within the bounds."""
    blurred = (adopted <= YEARS) & (random.random(len(adopted)) < BLURRED)
    first = np.maximum(adopted - random.integers(0, WIDTH, len(adopted)), 1)
    return [
        np.where(blurred, np.minimum(first + random.integers(0, WIDTH, len(adopted)), YEARS), adopted)
        for _ in range(DRAWS)
    ]


def estimate(adopted: np.ndarray, shape: str, near: np.ndarray, random: np.random.Generator, simulated: int):
    """Coefficient and effects of the share, their variances for every kind of error, and simulated effects."""
    unit, year, event, share = at_risk(adopted, near)
    columns = [function(year.astype(float)) for function in BASELINES[shape].values()]
    design = np.column_stack([np.ones(len(unit)), share, *columns])
    fit = fit_binomial(event, design, "logit")
    without = leave_out(fit, unit, "logit")
    if np.isnan(without).any():
        raise ValueError("no finite estimate without one of the units")
    curve, moves = fit.model.family.link, effects_on(unit, share, near)
    effects = [average_effect(curve, fit.params, design, 1, *move) for move in moves]
    covariances = {
        "jackknife": jackknife(fit.params, without),
        "cluster": sandwich(fit, unit),
        "model": fit.normalized_cov_params,
    }
    variances = {
        kind: np.array([covariance[1, 1], *(effect.gradient @ covariance @ effect.gradient for effect in effects)])
        for kind, covariance in covariances.items()
    }
    given = (curve, fit.params, covariances["jackknife"], len(near) - 1, design, 1)
    drawn = [simulated_effects(*given, *move, draws=simulated, random=random) for move in moves]
    return np.array([fit.params[1], *(effect.value for effect in effects)]), variances, np.array(drawn)


def effects_on(unit: np.ndarray, share: np.ndarray, near: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The settings of the two effects, as the library makes them."""
    rows = pd.DataFrame({"share": share, "n_share": near.sum(axis=1)[unit]})
    return list(settings(rows, "share").values())


def true_values(setting: str, effect: float, adopted: np.ndarray, near: np.ndarray, region: np.ndarray) -> np.ndarray:
    """The coefficient, and the average effects of the share over the rows of this panel."""
    unit, year, _, share = at_risk(adopted, near)
    base = np.array([baseline(setting, when, region) for when in range(1, YEARS + 1)])[year - 1, unit]
    values = [effect]
    for before, after in effects_on(unit, share, near):
        first, second = (1 / (1 + np.exp(-base - effect * moved)) for moved in (before, after))
        values.append(np.nanmean(second - first))
    return np.array(values)


def one_panel(setting: str, effect: float, shape: str, near: np.ndarray, region: np.ndarray, seed) -> list[dict]:
    """One row per quantity and kind of interval: what was estimated, what is true, whether the interval holds it."""
    random = np.random.default_rng(seed)
    adopted = simulate(setting, effect, near, region, random)
    completed = blur(adopted, random) if setting == "bounds" else [adopted]
    truth = true_values(setting, effect, adopted, near, region)
    try:
        draws = [estimate(years, shape, near, random, SIMULATED // len(completed)) for years in completed]
    except ValueError:
        return [{"failed": True}]
    values, variances, simulated = zip(*draws, strict=True)
    tail, rows = 0.5 - LEVEL / 2, []
    ends = np.quantile(np.hstack(simulated), [tail, 1 - tail], axis=1)
    for kind in ERRORS:
        pooled = pool(np.array(values), np.array([found[kind] for found in variances]), len(near) - 1)
        half = stats.t.ppf(1 - tail, pooled.df) * np.sqrt(pooled.variance)
        off = pooled.estimate - truth
        for place, quantity in enumerate(QUANTITIES):
            row = {"failed": False, "quantity": quantity, "interval": kind, "truth": truth[place], "off": off[place]}
            row |= {"covered": abs(off[place]) <= half[place], "width": 2 * half[place]}
            rows.append(row | {"events": (adopted <= YEARS).sum()})
            if kind == ERRORS[0] and place > 0:
                low, high = ends[:, place - 1]
                held = {"interval": "simulated", "covered": low <= truth[place] <= high, "width": high - low}
                rows.append(rows[-1] | held)
    return rows


def summary(table: pd.DataFrame, cell: tuple[str, float, str]) -> list[str]:
    """One line per quantity: bias, spread, and the coverage of each kind of interval."""
    lines = []
    kept = table[~table["failed"]]
    for quantity in QUANTITIES:
        rows = kept[kept["quantity"] == quantity]
        first = rows[rows["interval"] == "jackknife"]
        coverage = []
        for kind in (*ERRORS, "simulated"):
            share = rows.loc[rows["interval"] == kind, "covered"].astype(float).mean()
            error = np.sqrt(share * (1 - share) / len(first))
            coverage.append("" if np.isnan(share) else f"{100 * share:.1f} ± {100 * error:.1f}")
        spread = first["off"].std()
        lines.append(
            f"| {cell[0]} | {cell[1]:g} | {cell[2]} | {quantity} | {len(first)} | {first['events'].mean():.1f} "
            f"| {first['truth'].mean():.3f} | {first['off'].mean():+.3f} ± {spread / np.sqrt(len(first)):.3f} "
            f"| {spread:.3f} | {first['width'].mean():.3f} | {' | '.join(coverage)} |"
        )
    return lines


def mean_error(copies: int, near: np.ndarray, region: np.ndarray, seed) -> float:
    """How far the coefficient lies from its true value of 0 in one slow panel on some copies of the map."""
    several = np.kron(np.eye(copies), near)
    adopted = simulate("slow", 0.0, several, np.tile(region, copies), np.random.default_rng(seed))
    _, year, event, share = at_risk(adopted, several)
    return fit_binomial(event, np.column_stack([np.ones(len(year)), share, np.log(year)]), "logit").params[1]


def main() -> None:
    """Simulate, fit, count, write the tables."""
    near, region = read_map()
    cells = [
        *((setting, effect, "cubic") for setting in ("slow", "wave") for effect in EFFECTS),
        *((setting, effect, "log") for setting in ("slow", "wave") for effect in (0.0, 1.0)),
        *(("bounds", effect, "cubic") for effect in (0.0, 1.0)),
        ("regions", 0.0, "cubic"),
    ]
    *roots, last = np.random.SeedSequence(SEED).spawn(len(cells) + 1)
    lines, failed = [], 0
    for cell, root in zip(cells, roots, strict=True):
        tasks = (joblib.delayed(one_panel)(*cell, near, region, seed) for seed in root.spawn(PANELS))
        table = pd.DataFrame([row for rows in joblib.Parallel(n_jobs=2)(tasks) for row in rows])
        failed += int(table["failed"].sum())
        lines += summary(table, cell)
        print(*cell, "done", file=sys.stderr)
    copies = {}
    for number, root in zip(COPIES, last.spawn(len(COPIES)), strict=True):
        tasks = (joblib.delayed(mean_error)(number, near, region, seed) for seed in root.spawn(PANELS))
        errors = np.array(joblib.Parallel(n_jobs=2)(tasks))
        copies[number] = f"{errors.mean():+.3f} ± {errors.std(ddof=1) / np.sqrt(PANELS):.3f}"
    write(lines, failed, copies)


def write(lines: list[str], failed: int, copies: dict[int, str]) -> None:
    """Write the tables beside the script."""
    text = [
        f"{datetime.now(UTC):%Y-%m-%d}, numpy {np.__version__}, statsmodels {statsmodels.__version__}, seed {SEED}; "
        f"the settings are in the script. Coverage of {100 * LEVEL:g} % intervals with its Monte Carlo error, by the "
        "covariance used; simulated: the interval of an effect from coefficients simulated with the jackknife's "
        "covariance, the others by the delta method. "
        f"Widths are those of the jackknife. Panels without an estimate: {failed}.\n",
        "| setting | b | fitted | quantity | panels | events | truth | mean error | spread | width | "
        + " | ".join(f"{kind}, %" for kind in (*ERRORS, "simulated"))
        + " |",
        "|" + "---|" * 14,
        *lines,
        "\nMean error of the coefficient where neighbours have no effect (slow, with the true baseline fitted), on one "
        f"map and on several copies of it side by side, {PANELS} panels each:\n",
        "| copies | units | mean error |",
        "|---|---|---|",
        *(f"| {number} | {49 * number} | {error} |" for number, error in copies.items()),
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
