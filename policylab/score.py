"""An additive index with the user's own weights, and how firm the order is that it gives.

There is no default: which provisions count, how much, and that a higher level counts as more is a normative choice,
and the weights state it. Each variable is placed between 0 (its lowest level) and 1 (its highest) in the direction
that the codebook's `higher_means` names, for example "more relief"; the index is the weighted mean of these places.

**Rules.** The levels of a variable stand at equal steps; the numbers of a count stand at equal steps in the order of
the different numbers that are coded, no limit highest. A detail of an absent provision counts as the lowest level: an
absent parent gives its children 0. A missing cell is not 0: it leaves the index open between two bounds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from policylab.codebook import Condition
from policylab.completion import Cell, canonical_rows, chunks, draw_codes, sampling_cells
from policylab.provisions import Provisions

_DIGITS = 9  # sums of the same numbers in another order tie


def index(matrix: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Add up the provisions of each jurisdiction with weights that the user states.

    Parameters
    ----------
    matrix : pandas.DataFrame, shape (jurisdictions, variables)
        From :meth:`policylab.Provisions.matrix`, which remembers directions and dependencies.
    weights : mapping of str to float
        Variable to weight, positive; only their ratios count. There is no default.

    Returns
    -------
    pandas.DataFrame
        One row per jurisdiction: score (0 to 1; missing where a cell is), low and high (the least and the largest
        score that the missing cells allow), coded, unknown and not_applicable (numbers of weighted variables), and
        share_coded (coded over coded and unknown; missing where nothing applies).

    Raises
    ------
    ValueError
        If no weights are stated, a weight is not positive, a variable has no direction or no two numbers to place
        it between, or its parent is not in the matrix.
    KeyError
        If a variable is not in the matrix.

    Notes
    -----
    The bounds take each missing cell at its lowest and at its highest place, whatever the others are; they are
    bounds of the index, not intervals with a probability. See :func:`rank_intervals` for those.

    References
    ----------
    OECD and JRC (2008). Handbook on Constructing Composite Indicators. OECD Publishing.

    Examples
    --------
    >>> import policylab as lab
    >>> matrix = lab.load().select(family="record_relief", jurisdictions=["AK", "NE"]).matrix()
    >>> index(matrix, {"rr_relief": 2, "rr_mandatory": 1})[["score", "low", "high"]].round(2)
                  score   low  high
    jurisdiction
    AK             0.00  0.00  0.00
    NE             0.83  0.83  0.83
    """
    share = stated_shares(matrix, weights)
    places = pd.DataFrame({name: _places(matrix[name]) for name in share.index}, index=matrix.index)
    absent = pd.DataFrame({name: _parent_fails(matrix, name) for name in share.index}, index=matrix.index)
    absent &= places.isna()
    places = places.mask(absent, 0.0)
    low, high = places.fillna(0.0) @ share, places.fillna(1.0) @ share
    coded = places.notna() & ~absent
    table = pd.DataFrame(
        {
            "score": low.where(places.notna().all(axis=1)),
            "low": low,
            "high": high,
            "coded": coded.sum(axis=1),
            "unknown": places.isna().sum(axis=1),
            "not_applicable": absent.sum(axis=1),
        }
    )
    applicable = table["coded"] + table["unknown"]
    return table.assign(share_coded=table["coded"] / applicable.where(applicable > 0))


def rank_intervals(
    laws: Provisions,
    weights: Mapping[str, float],
    draws: int = 2000,
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


def what_counts(laws: Provisions, weights: Mapping[str, float]) -> pd.DataFrame:
    """Spell out the choice that weights make.

    Parameters
    ----------
    laws : Provisions
    weights : mapping of str to float
        As in :func:`index`.

    Returns
    -------
    pandas.DataFrame
        Index variable; family, label, share (of the weights, summing to 1), counts_as (what a higher level means),
        lowest and highest (the labels of the levels at 0 and 1; the smallest and largest number that is coded).

    Raises
    ------
    ValueError, KeyError
        As in :func:`index`.

    Examples
    --------
    >>> import policylab as lab
    >>> what_counts(lab.load(), {"rr_relief": 1})[["counts_as", "lowest", "highest"]].values.tolist()
    [['more relief', 'none', 'vacatur and expungement']]
    """
    matrix = laws.matrix()
    share = stated_shares(matrix, weights)
    labels = laws.levels.set_index(["variable", "level"])["label"]
    ends = {}
    for name in share.index:
        variable = laws.variables[name]
        ordered = variable.levels if isinstance(variable.dtype, pd.CategoricalDtype) else np.sort(matrix[name].dropna())
        words = [_word(end, matrix.attrs["unlimited"].get(name, "inf")) for end in (ordered[0], ordered[-1])]
        ends[name] = [labels.get((name, word), f"{word} {variable.unit}".strip()) for word in words]
    return pd.DataFrame(
        {
            "family": [laws.variables[name].family for name in share.index],
            "label": [laws.variables[name].label for name in share.index],
            "share": share,
            "counts_as": [laws.variables[name].higher_means for name in share.index],
            "lowest": [low for low, _ in ends.values()],
            "highest": [high for _, high in ends.values()],
        }
    ).rename_axis("variable")


def spread(laws: Provisions, families: Mapping[str, float]) -> dict[str, float]:
    """Share the weights of families among their variables.

    Parameters
    ----------
    laws : Provisions
    families : mapping of str to float
        Family to weight.

    Returns
    -------
    dict of str to float
        For :func:`index`: each family's weight in equal parts over those of its variables in view that have a
        direction and are not constant today.

    Raises
    ------
    KeyError
        If a family has no such variable in view.

    Examples
    --------
    >>> import policylab as lab
    >>> spread(lab.load().select(level="state"), {"safe_harbor": 1})
    {'sh_immunity': 0.5, 'sh_services': 0.5}
    """
    weights = {}
    for family, weight in families.items():
        inside = [laws.variables[name] for name in laws.variable_keys]
        names = [v.name for v in inside if v.family == family and v.higher_means and not v.constant]
        if not names:
            known = ", ".join(dict.fromkeys(v.family for v in inside if v.higher_means and not v.constant))
            raise KeyError(f"family {family!r} has no variable with a direction in view: expected one of {known}")
        weights |= {name: weight / len(names) for name in names}
    return weights


def stated_shares(matrix: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Check weights and scale them to sum to 1; see :func:`index`."""
    directions = matrix.attrs.get("higher_means")
    if directions is None:
        raise ValueError("the matrix does not know which direction counts: expected one of Provisions.matrix()")
    if not isinstance(weights, Mapping) or not weights:
        raise ValueError(f"weights are {weights!r}: expected a variable and a weight at least, there is no default")
    if strangers := [name for name in weights if name not in matrix.columns]:
        raise KeyError(f"weights for {', '.join(map(repr, strangers))}: expected variables of the matrix")
    if undirected := [name for name in weights if not directions[name] or _unordered(matrix[name])]:
        raise ValueError(f"{', '.join(undirected)}: no direction is stated (higher_means of the codebook is empty)")
    bad = {name: weight for name, weight in weights.items() if not (np.isfinite(weight) and weight > 0)}
    if bad:
        raise ValueError(f"weights {bad}: expected positive numbers")
    if orphans := [name for name in weights if not _parents(matrix, name) <= set(matrix.columns)]:
        missing = sorted({parent for name in orphans for parent in _parents(matrix, name) - set(matrix.columns)})
        raise ValueError(
            f"{', '.join(orphans)} require {', '.join(missing)}, not in the matrix: "
            "without it an absent provision cannot be told from an unknown one"
        )
    share = pd.Series(weights, dtype=float)[[name for name in matrix.columns if name in weights]]
    return share / share.sum()


def _unordered(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype) and not column.cat.ordered


def _parents(matrix: pd.DataFrame, name: str) -> set[str]:
    """All variables that a variable requires, directly or through its parent."""
    rules, found = matrix.attrs["requires"], set()
    while name in rules and name not in found:
        name = Condition.parse(rules[name]).parent
        found.add(name)
    return found


def _places(column: pd.Series) -> pd.Series:
    """Place values at equal steps from 0 to 1."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, last = column.cat.codes, len(column.cat.categories) - 1
    else:
        codes, values = pd.factorize(column, sort=True)
        codes, last = pd.Series(codes, index=column.index), len(values) - 1
    if last < 1:
        raise ValueError(f"{column.name} has fewer than two different numbers: it cannot be placed between them")
    return codes.where(codes >= 0) / last


def _parent_fails(matrix: pd.DataFrame, name: str) -> pd.Series:
    """Where a variable cannot apply, because its parent is absent or does not apply itself."""
    if name not in matrix.attrs["requires"]:
        return pd.Series(False, index=matrix.index)
    rule = Condition.parse(matrix.attrs["requires"][name])
    parent = matrix[rule.parent]
    unlimited = matrix.attrs["unlimited"].get(rule.parent, "inf")
    words = parent.astype(object).map(lambda value: _word(value, unlimited), na_action="ignore")
    fails = parent.notna() & ~words.map(rule.holds, na_action="ignore").eq(True)
    return fails | (parent.isna() & _parent_fails(matrix, rule.parent))


def _word(value: str | float, unlimited: str) -> str:
    """Name a value as the codebook names it."""
    if isinstance(value, str):
        return value
    return unlimited if np.isinf(value) else f"{value:g}"


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
