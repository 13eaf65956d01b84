"""How firm the order is that an index gives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from policylab.completion import Cell, canonical_rows, chunks, draw_codes, sampling_cells
from policylab.provisions import Provisions
from policylab.score import index
from policylab.weights import stated_shares

_DIGITS = 9  # sums of the same numbers in another order tie


def rank_intervals(
    laws: Provisions,
    weights: Mapping[str, float],
    draws: int = 10_000,
    random_weights: float | None = None,
    probability: float = 0.9,
    neighbours: int = 10,
    rates: Mapping[str, float] | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """Give each jurisdiction the interval of ranks that missing cells, doubtful codings and ties leave open.

    Parameters
    ----------
    laws : Provisions
        The jurisdictions to compare, for example ``laws.select(level="state")``; all its variables help to draw
        the missing cells, only those with a weight count.
    weights : mapping of str to float
        As in :func:`index`.
    draws : int
        Completed datasets, drawn as in :func:`policylab.co_membership`.
    random_weights : float, optional
        Draw the weights too, from a Dirichlet distribution around the stated ones with this concentration: a
        share of s then has the standard deviation ``sqrt(s (1 - s) / (1 + random_weights))``. By default the
        weights are taken as stated.
    probability : float
        Of the intervals.
    neighbours, rates, random_state, n_jobs
        As in :func:`policylab.co_membership`.

    Returns
    -------
    pandas.DataFrame
        One row per jurisdiction, by median rank, with rank 1 for the highest score: rank_low and rank_high (the
        interval, from the best rank that a tie allows to the worst), rank_median (of the middle of the tie),
        score_low, score_median, score_high, top_quarter and bottom_quarter (probability of standing in the first
        or last quarter of the places, ties broken at random), tied (mean number of others with the same score),
        and coded, unknown, not_applicable, share_coded of :func:`index`.

    Raises
    ------
    ValueError, KeyError
        As in :func:`index`; also if all coded jurisdictions hold the same value of a weighted variable, or `draws`,
        `random_weights` or `probability` is out of range.

    Notes
    -----
    A rank without its interval is not returned: where intervals overlap, the order is not known. What the intervals
    leave out: other variables, other steps between levels, and texts that were read wrongly by everyone.

    References
    ----------
    Goldstein, H. and Spiegelhalter, D. J. (1996). League tables and their limitations. Journal of the Royal
    Statistical Society A 159, 385-443.
    Saisana, M., Saltelli, A. and Tarantola, S. (2005). Uncertainty and sensitivity analysis techniques as tools for
    the quality assessment of composite indicators. Journal of the Royal Statistical Society A 168, 307-323.

    Examples
    --------
    >>> import policylab as lab
    >>> states = lab.load().select(level="state", family="safe_harbor")
    >>> ranks = rank_intervals(states, {"sh_immunity": 1, "sh_services": 1}, draws=50)
    >>> bool((ranks["rank_low"] <= ranks["rank_high"]).all())
    True
    """
    matrix = laws.matrix()
    known = index(matrix, weights)
    share = stated_shares(matrix, weights)
    if random_weights is not None and not (np.isfinite(random_weights) and random_weights > 0):
        raise ValueError(f"random_weights is {random_weights}: expected a positive concentration, or None")
    if not 0 < probability < 1:
        raise ValueError(f"probability is {probability}: expected a number between 0 and 1")
    work = chunks(draws, random_state)
    cells = sampling_cells(laws, neighbours, rates, keep_constant=True)
    drawn = {cell.name for cell in cells}
    if same := [name for name in share.index if name not in drawn]:
        raise ValueError(f"all coded jurisdictions hold the same value of {', '.join(same)}: it cannot order them")
    tasks = (delayed(_draw_ranks)(cells, share, random_weights, size, seed) for size, seed in work)
    scores, best, worst = (np.concatenate(parts) for parts in zip(*Parallel(n_jobs=n_jobs)(tasks), strict=True))
    table = pd.DataFrame(_summary(scores, best, worst, probability), index=canonical_rows(matrix))
    table = table.loc[matrix.index].rename_axis(matrix.index.name)
    table = table.join(known[["coded", "unknown", "not_applicable", "share_coded"]])
    order = ["rank_median", "rank_low", "rank_high"]
    return table.iloc[np.lexsort([table.index.astype(str), *(table[name] for name in reversed(order))])]


def _draw_ranks(
    cells: list[Cell], share: pd.Series, concentration: float | None, draws: int, seed: np.random.SeedSequence
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw scores and, for each, the best and the worst rank of its tie."""
    from scipy.stats import rankdata

    random = np.random.default_rng(seed)
    codes = draw_codes(cells, draws, random)
    last = {cell.name: len(cell.scale.table) - 1 for cell in cells}
    places = np.stack([np.maximum(codes[name], 0) / last[name] for name in share.index])  # variables, draws, units
    stated = share.to_numpy()
    weights = np.tile(stated, (draws, 1)) if concentration is None else random.dirichlet(stated * concentration, draws)
    scores = np.einsum("vdu,dv->du", places, weights).round(_DIGITS)
    return scores, rankdata(-scores, "min", axis=1), rankdata(-scores, "max", axis=1)


def _summary(scores: np.ndarray, best: np.ndarray, worst: np.ndarray, probability: float) -> dict[str, np.ndarray]:
    below, above = (1 - probability) / 2, (1 + probability) / 2
    units = scores.shape[1]
    quarter = -(-units // 4)
    size = worst - best + 1
    return {
        "rank_low": np.quantile(best, below, axis=0, method="inverted_cdf").astype(int),
        "rank_median": np.quantile((best + worst) / 2, 0.5, axis=0, method="inverted_cdf"),
        "rank_high": np.quantile(worst, above, axis=0, method="inverted_cdf").astype(int),
        "score_low": np.quantile(scores, below, axis=0, method="inverted_cdf"),
        "score_median": np.quantile(scores, 0.5, axis=0, method="inverted_cdf"),
        "score_high": np.quantile(scores, above, axis=0, method="inverted_cdf"),
        "top_quarter": (np.clip(quarter - best + 1, 0, size) / size).mean(axis=0),
        "bottom_quarter": (np.clip(worst - (units - quarter), 0, size) / size).mean(axis=0),
        "tied": (size - 1).mean(axis=0),
    }
