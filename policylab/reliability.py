"""How far two coders agree who coded the same cells without seeing each other's answers.

Percent agreement says how often they differ; Cohen's kappa and Krippendorff's alpha say how much less often than by
chance. **Several variables at once.** Values of different variables have no common vocabulary, so that chance is
worked out within each variable, over all its compared cells, and the disagreements, observed and by chance, are added
up; any difference counts as one. **Missing.** A cell that one coder could not find, or that does not apply for one, is
not compared, and counted. **No variation.** Where all values of a variable are the same, kappa and alpha are not
defined: agreement could not have been lower by chance. Such cells count for the percentage only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from policylab.codebook import MISSING, Variable
from policylab.dates import parse_date
from policylab.provisions import Provisions

Level = Literal["nominal", "ordinal", "interval"]
LEVELS = ("nominal", "ordinal", "interval")
BY = ("variable", "family", "confidence", "sample", "jurisdiction", "all")
_COEFFICIENTS = ("percent", "kappa", "alpha")
_CONTRIBUTIONS = [name + part for name in _COEFFICIENTS for part in ("", "_chance", "_differs")] + [
    "varied",
    "commonest",
]


class _Pairs(NamedTuple):
    """The compared cells of one variable as codes into its domain, and the distances between the codes."""

    first: np.ndarray
    second: np.ndarray
    level: Level
    numbers: np.ndarray

    def kappa_distances(self) -> np.ndarray:
        gap = np.abs(self.numbers[:, None] - self.numbers[None, :])
        return {"nominal": (gap > 0).astype(float), "ordinal": gap, "interval": gap**2}[self.level]

    def alpha_distances(self) -> np.ndarray:
        if self.level != "ordinal":
            return self.kappa_distances()
        held = self.held()
        middle = np.cumsum(held) - held / 2
        return (middle[:, None] - middle[None, :]) ** 2

    def held(self) -> np.ndarray:
        """How often the two coders together gave each value."""
        return np.bincount(np.concatenate([self.first, self.second]), minlength=len(self.numbers)).astype(float)


def agreement(
    first: pd.Series | pd.DataFrame,
    second: pd.Series | pd.DataFrame,
    level: Level = "nominal",
    order: Sequence | None = None,
    by: pd.Series | str | None = None,
    cluster: str | None = None,
    draws: int = 2000,
    probability: float = 0.95,
    random_state: int = 0,
) -> pd.DataFrame:
    """Measure the agreement of two coders.

    Parameters
    ----------
    first, second : pandas.Series or pandas.DataFrame
        The codings of the same cells, keyed alike. A level ``variable`` of the key says to which variable a value
        belongs; without one all are of one variable. A frame is jurisdictions x variables and is stacked.
    level : {"nominal", "ordinal", "interval"}
        What a difference is: any, a number of levels, or a difference of numbers. Where a group holds several
        variables, all are compared as nominal.
    order : sequence, optional
        The levels of an ordinal variable, lowest first.
    by : pandas.Series or str, optional
        Groups: a level of the key, or a Series over it; by default all cells together.
    cluster : str, optional
        A level of the key whose cells are drawn together, for example ``"jurisdiction"`` where one misread
        statute spoils several cells. By default each cell is drawn by itself.
    draws : int
        Bootstrap draws.
    probability : float
        Of the intervals.
    random_state : int

    Returns
    -------
    pandas.DataFrame
        One row per group: level; cells (compared), unpaired (one coder or both have no value), agreed; percent
        (share agreed, from 0 to 1), kappa and alpha with ``_low`` and ``_high``; varied (cells of variables with
        more than one value, the only ones that kappa and alpha rest on) and commonest (the share of the codings
        that hold the commonest value of their variable: near 1, a few disagreements make kappa and alpha small).

    Raises
    ------
    ValueError
        If keys are repeated or differ, `level` or `probability` is not possible, an ordinal value is not in
        `order`, or an interval value is no number.
    KeyError
        If `by` or `cluster` is not a level of the key.

    Notes
    -----
    Kappa weighs ordinal differences by the number of levels and interval differences by their square; alpha uses
    Krippendorff's difference functions. The bootstrap draws disagreements and holds the disagreement expected by
    chance where it is, as Krippendorff does (Hayes and Krippendorff 2007), because few cells of a variable often hold
    one value only when they are drawn anew. Where no cell differs the draws cannot tell how many could: the low end
    is then that of the exact binomial interval of the share agreed, each disagreement of the size of chance. For one
    variable alpha is that of the package krippendorff, which has neither chance within variables nor intervals.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20,
    37-46.
    Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70, 213-220.
    Feinstein, A. R. and Cicchetti, D. V. (1990). High agreement but low kappa. Journal of Clinical Epidemiology 43,
    543-549.
    Hayes, A. F. and Krippendorff, K. (2007). Answering the call for a standard reliability measure for coding data.
    Communication Methods and Measures 1, 77-89.
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.

    Examples
    --------
    >>> jon, han = pd.Series([0, 1, 0, 0, 0, 0, 0, 0, 1, 0]), pd.Series([1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
    >>> agreement(jon, han).loc["all", ["cells", "agreed", "alpha"]].round(3).tolist()
    [10.0, 6.0, 0.095]
    """
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}: expected {', '.join(LEVELS)}")
    if level == "ordinal" and order is None:
        raise ValueError("an ordinal level needs its order: expected the levels, lowest first")
    cells = _aligned(first, second)
    strata = cells.index.get_level_values("variable") if "variable" in cells.index.names else ["one"] * len(cells)
    cells["variable"] = np.asarray(strata)
    scales = dict.fromkeys(cells["variable"].unique(), (level, order))
    cells["group"] = _groups(cells, by)
    cells["cluster"] = range(len(cells)) if cluster is None else _key_level(cells, cluster)
    return _measure(cells, scales, draws, probability, random_state)


def agreement_table(
    laws: Provisions,
    by: str = "variable",
    recodings: pd.DataFrame | None = None,
    cluster: str | None = None,
    draws: int = 2000,
    probability: float = 0.95,
    random_state: int = 0,
) -> pd.DataFrame:
    """Measure the agreement of the blind second codings with the first, each variable at its own level.

    Parameters
    ----------
    laws : Provisions
        For the codebook, and for what is in view.
    by : {"variable", "family", "confidence", "sample", "jurisdiction", "all"}
        One row per value; ``confidence`` is the first coder's. By variable, ordinal variables are compared by the
        ranks of their levels, and years and counts as numbers where all values are (the middle of a closed interval
        of years); everything else, and several variables together, as nominal.
    recodings : pandas.DataFrame, optional
        As :func:`policylab.load_recodings` gives them, or :func:`pair_codings`; by default those of the package.
    cluster, draws, probability, random_state
        As in :func:`agreement`.

    Returns
    -------
    pandas.DataFrame
        As :func:`agreement`.

    Raises
    ------
    ValueError
        If there are no second codings in view, `by` is not possible, or a value is not in the codebook.

    Notes
    -----
    ``1 - percent`` by confidence is what :func:`policylab.completion.error_rates` halves, a disagreement being as
    likely the second coder's error, and draws towards an assumed rate.

    Examples
    --------
    >>> import policylab as lab
    >>> table = agreement_table(lab.load(), by="confidence", draws=100)
    >>> bool((table["agreed"] <= table["cells"]).all())
    True
    """
    if by not in BY:
        raise ValueError(f"by is {by!r}: expected {', '.join(BY)}")
    pairs = _in_view(laws, recodings)
    if pairs.empty:
        raise ValueError("no second codings are in view")
    cells = pairs.rename(columns={"first_value": "first", "second_value": "second", "first_confidence": "confidence"})
    cells[["first", "second"]] = cells[["first", "second"]].mask(cells[["first", "second"]].isin(MISSING))
    scales = {
        name: _scale(laws.variables[name], rows[["first", "second"]].dropna().to_numpy().ravel())
        for name, rows in cells.groupby("variable")
    }
    cells["group"] = pd.Categorical(cells[by], _order(laws, by, cells[by])) if by != "all" else "all"
    cells["cluster"] = range(len(cells)) if cluster is None else cells[cluster]
    return _measure(cells, scales, draws, probability, random_state).rename_axis(by)


def disagreements(laws: Provisions, recodings: pd.DataFrame | None = None) -> pd.DataFrame:
    """List the cells on which two coders differ, with the reason where it has been settled.

    Parameters
    ----------
    laws : Provisions
    recodings : pandas.DataFrame, optional
        As in :func:`agreement_table`.

    Returns
    -------
    pandas.DataFrame
        jurisdiction, variable, first_value, second_value, kind (``values differ``, or ``one has no value``: not
        compared), steps (levels or years between two values, where they have an order), first_confidence,
        second_confidence, reason and note.

    Examples
    --------
    >>> import policylab as lab
    >>> table = disagreements(lab.load())
    >>> bool((table["first_value"] != table["second_value"]).all())
    True
    """
    pairs = _in_view(laws, recodings)
    differ = pairs[pairs["first_value"] != pairs["second_value"]].reset_index(drop=True)
    unpaired = differ[["first_value", "second_value"]].isin(MISSING).any(axis=1)
    steps = []
    for row, gap in zip(differ.itertuples(index=False), unpaired, strict=True):
        level, order = _scale(laws.variables[row.variable], [row.first_value, row.second_value])
        values = None if gap or level == "nominal" else _numbers([row.first_value, row.second_value], level, order)
        steps.append(np.nan if values is None else abs(values[0] - values[1]))
    table = differ.assign(kind=np.where(unpaired, "one has no value", "values differ"), steps=steps)
    shown = ["jurisdiction", "variable", "first_value", "second_value", "kind", "steps"]
    return table[[*shown, "first_confidence", "second_confidence", "reason", "note"]]


def pair_codings(first: Provisions, second: Provisions) -> pd.DataFrame:
    """Put two codings of the same codebook side by side, cell by cell.

    Parameters
    ----------
    first, second : Provisions
        Two packages, or two views of one (for example :meth:`policylab.Provisions.known_on` two days).

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`policylab.load_recodings` that a comparison needs, for the cells that both have;
        sample and reason are empty, the note is the second coder's.

    Raises
    ------
    ValueError
        If they have no cell in common.

    Examples
    --------
    >>> import policylab as lab
    >>> laws = lab.load().select(family="crime", level="state")
    >>> agreement_table(laws, "all", pair_codings(laws, laws), draws=10).loc["all", "percent"]
    np.float64(1.0)
    """
    keys = ["jurisdiction", "variable"]
    kept = [*keys, "value", "confidence"]
    names = {"value": "{}_value", "confidence": "{}_confidence"}
    one, other = (
        view.cells[[*kept, "note"]].rename(columns={old: new.format(which) for old, new in names.items()})
        for view, which in ((first, "first"), (second, "second"))
    )
    table = one.drop(columns="note").merge(other, on=keys)
    if table.empty:
        raise ValueError("the two codings have no cell in common")
    return table.assign(sample="", reason="")


def _in_view(laws: Provisions, recodings: pd.DataFrame | None) -> pd.DataFrame:
    pairs = laws.tables.recodings if recodings is None else recodings
    inside = pairs["variable"].isin(laws.variable_keys) & pairs["jurisdiction"].isin(laws.jurisdiction_keys)
    pairs = pairs[inside].reset_index(drop=True)
    return pairs.assign(family=pairs["variable"].map(lambda name: laws.variables[name].family))


def _order(laws: Provisions, by: str, found: pd.Series) -> list[str]:
    """The rows of a table in the order of the codebook, or by name."""
    orders = {
        "variable": laws.variable_keys,
        "family": tuple(dict.fromkeys(laws.codebook["family"])),
        "jurisdiction": laws.jurisdiction_keys,
        "confidence": ("high", "medium", "low", ""),
    }
    known = orders.get(by, tuple(sorted(found.unique())))
    return [name for name in known if name in set(found)]


def _scale(variable: Variable, values: Sequence[str]) -> tuple[Level, Sequence[str] | None]:
    """The level at which a variable can be compared, given the values that were coded."""
    if variable.scale in ("binary", "nominal", "ordinal"):
        if strangers := sorted(set(values) - set(variable.levels) - set(MISSING)):
            known = ", ".join(variable.levels)
            raise ValueError(f"{variable.name} has no level {', '.join(map(repr, strangers))}: expected {known}")
        return ("ordinal", variable.levels) if variable.scale == "ordinal" else ("nominal", None)
    try:
        _numbers(values, "interval", None)
    except ValueError:
        return "nominal", None
    return "interval", None


def _numbers(values: Sequence, level: Level, order: Sequence | None) -> np.ndarray:
    """Values as numbers that keep what the level means."""
    if level == "ordinal":
        ranks = {value: float(rank) for rank, value in enumerate(order)}
        if strangers := [value for value in values if value not in ranks]:
            raise ValueError(f"{strangers[0]!r} is not in the order: expected one of {', '.join(map(str, order))}")
        return np.array([ranks[value] for value in values])
    if level == "interval":
        return np.array([_number(value) for value in values], dtype=float)
    return pd.factorize(np.asarray(values, dtype=object))[0].astype(float)


def _number(value: str | float) -> float:
    """A number, or the middle of a closed interval of years."""
    if isinstance(value, str) and "/" in value:
        date = parse_date(value)
        if date.earliest is None or date.latest is None:
            raise ValueError(f"{value!r} has no middle: expected a number or a closed interval")
        return (date.earliest.year + date.latest.year) / 2
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{value!r} is no finite number")
    return number


def _aligned(first: pd.Series | pd.DataFrame, second: pd.Series | pd.DataFrame) -> pd.DataFrame:
    one, other = (
        codings.rename_axis(columns="variable").astype(object).stack(future_stack=True)
        if isinstance(codings, pd.DataFrame)
        else codings.astype(object)
        for codings in (first, second)
    )
    for codings in (one, other):
        if not codings.index.is_unique:
            raise ValueError(f"cell {codings.index[codings.index.duplicated()][0]} is coded more than once")
    if len(one) != len(other) or not other.index.isin(one.index).all():
        raise ValueError("the two codings are of different cells: expected the same keys in both")
    cells = pd.DataFrame({"first": one, "second": other.reindex(one.index)})
    return cells.mask(cells.isin(MISSING))


def _groups(cells: pd.DataFrame, by: pd.Series | str | None) -> pd.Series | str:
    if by is None:
        return "all"
    groups = by.reindex(cells.index) if isinstance(by, pd.Series) else _key_level(cells, by)
    return pd.Categorical(groups, list(dict.fromkeys(groups)))


def _key_level(cells: pd.DataFrame, name: str) -> np.ndarray:
    if name not in cells.index.names:
        raise KeyError(f"no level {name!r} in the key: expected one of {', '.join(map(str, cells.index.names))}")
    return cells.index.get_level_values(name).to_numpy()


def _measure(
    cells: pd.DataFrame,
    scales: Mapping[str, tuple[Level, Sequence | None]],
    draws: int,
    probability: float,
    random_state: int,
) -> pd.DataFrame:
    """Measure each group; `cells` has first, second, variable, group and cluster."""
    if not 0 < probability < 1:
        raise ValueError(f"probability is {probability}: expected a number between 0 and 1")
    if draws < 1:
        raise ValueError(f"draws is {draws}: expected at least 1")
    cells = cells.reset_index(drop=True)
    alone = (cells.groupby("group", observed=True)["variable"].nunique() <= 1).all()
    levels = {name: level if alone else "nominal" for name, (level, _) in scales.items()}
    both = cells[cells["first"].notna() & cells["second"].notna()]
    parts = [
        _contributions(_as_pairs(rows, levels[name], scales[name][1]), rows)
        for name, rows in both.groupby("variable", sort=False)
    ]
    parts = both[["group", "cluster"]].join(pd.concat(parts) if parts else pd.DataFrame(columns=_CONTRIBUTIONS))
    rows = {}
    for group, inside in cells.groupby("group", observed=True, sort=True):
        own = parts[parts["group"] == group]
        row = {"level": levels[inside["variable"].iloc[0]], "cells": len(own), "unpaired": len(inside) - len(own)}
        row["agreed"] = int((own["percent"] == 0).sum())
        for name in _COEFFICIENTS:
            found = _interval(own, name, draws, probability, random_state)
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), found, strict=True))
        rows[group] = row | {"varied": int(own["varied"].sum()), "commonest": own["commonest"].mean()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _contributions(pairs: _Pairs, rows: pd.DataFrame) -> pd.DataFrame:
    """What each cell of a variable adds: its disagreement, the one expected by chance, and the chance to differ."""
    differ = (pairs.numbers[:, None] != pairs.numbers[None, :]).astype(float)
    own, common = _own_margins(pairs), _common_margin(pairs)
    apart = (rows["first"] != rows["second"]).astype(float)
    columns = {"percent": apart, "percent_chance": 1.0, "percent_differs": 1.0}
    for name, distances, expected in (
        ("kappa", pairs.kappa_distances(), own),
        ("alpha", pairs.alpha_distances(), common),
    ):
        columns[name] = distances[pairs.first, pairs.second]
        columns[f"{name}_chance"] = (expected * distances).sum()
        columns[f"{name}_differs"] = (expected * differ).sum()
    most = pairs.held().argmax()
    columns["varied"] = float(len(pairs.numbers) > 1)
    columns["commonest"] = ((pairs.first == most).astype(float) + (pairs.second == most)) / 2
    return pd.DataFrame(columns, index=rows.index)


def _as_pairs(rows: pd.DataFrame, level: Level, order: Sequence | None) -> _Pairs:
    numbers = _numbers(rows[["first", "second"]].to_numpy().ravel(), level, order)
    values, codes = np.unique(numbers, return_inverse=True)
    codes = codes.reshape(-1, 2)
    return _Pairs(codes[:, 0], codes[:, 1], level, values)


def _own_margins(pairs: _Pairs) -> np.ndarray:
    """Chance of each pair of values if each coder keeps the shares of values they gave (Cohen)."""
    shares = [np.bincount(codes, minlength=len(pairs.numbers)) / len(codes) for codes in (pairs.first, pairs.second)]
    return np.outer(*shares)


def _common_margin(pairs: _Pairs) -> np.ndarray:
    """Chance of each pair of values if any two of the values given by both are paired (Krippendorff)."""
    held = pairs.held()
    return (np.outer(held, held) - np.diag(held)) / (held.sum() * (held.sum() - 1))


def _interval(
    cells: pd.DataFrame, name: str, draws: int, probability: float, random_state: int
) -> tuple[float, float, float]:
    """``1 - observed / chance`` with its interval; not a number where nothing could differ by chance."""
    far, chance, size = cells[name].to_numpy(float), fsum(cells[f"{name}_chance"]), len(cells)
    if chance <= 0:
        return (np.nan,) * 3
    value = 1 - fsum(far) / chance
    clusters = pd.factorize(cells["cluster"])[0]
    number = clusters.max() + 1
    if number < 2:
        return value, np.nan, np.nan
    if not far.any():
        agreed = ((1 - probability) / 2) ** (1 / number)
        return value, float(1 - (1 - agreed) * size / fsum(cells[f"{name}_differs"])), value
    times = np.random.default_rng(random_state).multinomial(number, [1 / number] * number, size=draws)
    apart, sizes = np.bincount(clusters, far), np.bincount(clusters)
    order = np.lexsort([sizes, apart.round(9)])  # by what they hold, so that the order of the rows does not matter
    observed = (times @ apart[order]) / (times @ sizes[order])
    low, high = np.quantile(1 - observed * size / chance, [(1 - probability) / 2, (1 + probability) / 2])
    return value, float(low), float(high)
