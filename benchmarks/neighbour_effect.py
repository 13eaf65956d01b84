"""Does the hazard model find a known neighbour effect: panels simulated on the map of the states.

Run ``.venv/bin/python benchmarks/neighbour_effect.py`` (about half an hour on two cores). The last result is in
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
from policylab.marginal import average_effect
from policylab.pooling import pool

PANELS, YEARS, LEVEL, SEED = 600, 15, 0.95, 20261121
EFFECTS = (0.0, 0.5, 1.0, 2.0)
DRAWS, BLURRED, WIDTH = 5, 0.2, 4


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


def estimate(adopted: np.ndarray, shape: str, near: np.ndarray):
    """Coefficient and average effect of the share, with a variance of each for every kind of error."""
    unit, year, event, share = at_risk(adopted, near)
    columns = [function(year.astype(float)) for function in BASELINES[shape].values()]
    design = np.column_stack([np.ones(len(unit)), share, *columns])
    fit = fit_binomial(event, design, "logit")
    without = leave_out(fit, unit, "logit")
    if np.isnan(without).any():
        raise ValueError("no finite estimate without one of the units")
    found = {
        "jackknife": jackknife(fit.params, without),
        "cluster": sandwich(fit, unit),
        "model": fit.normalized_cov_params,
    }
    move = (np.zeros(len(unit)), np.ones(len(unit)))
    effect = average_effect(fit.model.family.link, fit.params, design, 1, *move)
    variances = {kind: (found[kind][1, 1], effect.gradient @ found[kind] @ effect.gradient) for kind in ERRORS}
    return np.array([fit.params[1], effect.value]), variances


def true_effects(setting: str, effect: float, adopted: np.ndarray, near: np.ndarray, region: np.ndarray) -> np.ndarray:
    """The coefficient, and the average effect of the share over the rows of this panel."""
    unit, year, _, _ = at_risk(adopted, near)
    base = np.array([baseline(setting, when, region) for when in range(1, YEARS + 1)])[year - 1, unit]
    return np.array([effect, np.mean(1 / (1 + np.exp(-base - effect)) - 1 / (1 + np.exp(-base)))])


def one_panel(setting: str, effect: float, shape: str, near: np.ndarray, region: np.ndarray, seed) -> list[dict]:
    """One row per quantity and kind of error: what was estimated, what is true, whether the interval holds it."""
    random = np.random.default_rng(seed)
    adopted = simulate(setting, effect, near, region, random)
    completed = blur(adopted, random) if setting == "bounds" else [adopted]
    truth = true_effects(setting, effect, adopted, near, region)
    try:
        draws = [estimate(years, shape, near) for years in completed]
    except ValueError:
        return [{"failed": True}]
    rows = []
    for kind in ERRORS:
        pooled = pool(np.array([d[0] for d in draws]), np.array([d[1][kind] for d in draws]), len(near) - 1)
        half = stats.t.ppf(0.5 + LEVEL / 2, pooled.df) * np.sqrt(pooled.variance)
        for place, quantity in enumerate(("coefficient", "none to all")):
            off = pooled.estimate[place] - truth[place]
            rows.append(
                {
                    "failed": False,
                    "quantity": quantity,
                    "errors": kind,
                    "truth": truth[place],
                    "off": off,
                    "covered": abs(off) <= half[place],
                    "width": 2 * half[place],
                    "events": (adopted <= YEARS).sum(),
                }
            )
    return rows


def main() -> None:
    """Simulate, fit, count, write the table."""
    near, region = read_map()
    cells = [
        *((setting, effect, "cubic") for setting in ("slow", "wave") for effect in EFFECTS),
        *((setting, effect, "log") for setting in ("slow", "wave") for effect in (0.0, 1.0)),
        *(("bounds", effect, "cubic") for effect in (0.0, 1.0)),
        ("regions", 0.0, "cubic"),
    ]
    lines = []
    for (setting, effect, shape), root in zip(cells, np.random.SeedSequence(SEED).spawn(len(cells)), strict=True):
        tasks = (joblib.delayed(one_panel)(setting, effect, shape, near, region, seed) for seed in root.spawn(PANELS))
        table = pd.DataFrame([row for rows in joblib.Parallel(n_jobs=2)(tasks) for row in rows])
        failed = int(table["failed"].sum())
        for (quantity, kind), rows in table[~table["failed"]].groupby(["quantity", "errors"]):
            covered = rows["covered"].astype(float).mean()
            spread = rows["off"].std()
            lines.append(
                f"| {setting} | {effect:g} | {shape} | {quantity} | {kind} | {len(rows)} | {failed} "
                f"| {rows['events'].mean():.1f} | {rows['truth'].mean():.3f} | {rows['off'].mean():+.3f} "
                f"± {spread / np.sqrt(len(rows)):.3f} | {spread:.3f} | {rows['width'].mean():.3f} "
                f"| {100 * covered:.1f} ± {100 * np.sqrt(covered * (1 - covered) / len(rows)):.1f} |"
            )
        print(setting, effect, shape, "done", file=sys.stderr)
    write(lines)


def write(lines: list[str]) -> None:
    """Write the table beside the script."""
    head = (
        f"{datetime.now(UTC):%Y-%m-%d}, numpy {np.__version__}, statsmodels {statsmodels.__version__}, seed {SEED}\n\n"
        "| setting | b | baseline fitted | quantity | errors | panels | no estimate | events | truth | mean error "
        "| spread | mean width | coverage of 95 % intervals, % |\n|" + "---|" * 13 + "\n"
    )
    Path(__file__).with_suffix(".md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
