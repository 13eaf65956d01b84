"""Percent agreement, kappa and alpha of compared cells, with their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from policylab.dates import parse_date

Level = Literal["nominal", "ordinal", "interval"]

LEVELS = ("nominal", "ordinal", "interval")

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


def as_numbers(values: Sequence, level: Level, order: Sequence | None) -> np.ndarray:
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


def measure(
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
    numbers = as_numbers(rows[["first", "second"]].to_numpy().ravel(), level, order)
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
