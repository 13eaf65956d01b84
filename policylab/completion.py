"""Completed datasets: what the law might be where it is not known, or where the coding may be wrong.

Multiple overimputation (Blackwell, Honaker and King 2017) treats a missing cell and a doubtful one alike: both are
drawn from a model of what the cell could hold. The model here is local: the levels that a variable has among the
jurisdictions most like this one, weighted by likeness (a kernel hot deck). A missing cell is always drawn; a coded
one keeps its value, except for the share of draws in which a coder of its confidence would have erred. A year
known within bounds is drawn from its bounds. Parents are drawn before their children, and a child is drawn only
where its parent's draw lets it apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from policylab.codebook import NOT_APPLICABLE, Variable, parents_first
from policylab.dates import parse_date
from policylab.dissimilarity import dissimilarity
from policylab.provisions import Provisions
from policylab.resolve import CODED
from policylab.scales import Scale, variable_scales, without_attrs
from policylab.second_codings import SAME_TEXT, comparable

ERROR_RATES = {"high": 0.02, "medium": 0.08, "low": 0.25}
_PRIOR = 10  # cells that an assumed error rate is worth
_SLIP = 2  # years that a year may be off when its coding is wrong
_CHUNK = 500  # draws that one task makes: the same chunks, hence the same draws, for any number of workers


@dataclass(frozen=True, eq=False)
class Cell:
    """One variable's cells as the sampler needs them.

    Attributes
    ----------
    name : str
    scale : Scale
        Codes of the coded cells (-1 elsewhere) and the table of distances.
    chances : ndarray, shape (units, codes)
        Cumulative chances of each code by the model.
    error : ndarray, shape (units,)
        Chance that the coded value is wrong; 1 where there is none.
    low, high : ndarray of int, shape (units,)
        Bounds of the code where only an interval is known; -1 elsewhere.
    slips : bool
        Whether an error moves the value by a few codes instead of drawing it from the model (years).
    parent : str or None
    allowed : ndarray of bool or None
        For each code of the parent, whether the variable applies.
    blocked : ndarray of bool, shape (units,)
        Where the variable does not apply whatever the draw (its parent is not drawn).
    """

    name: str
    scale: Scale
    chances: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slips: bool
    parent: str | None
    allowed: np.ndarray | None
    blocked: np.ndarray


def error_rates(recodings: pd.DataFrame | None = None, rates: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Estimate the chance that a coding is wrong, by confidence, from blind second codings.

    Parameters
    ----------
    recodings : pandas.DataFrame, optional
        first_value, first_confidence, second_value and, where it matters, sample of cells that two coders coded.
    rates : mapping of str to float, optional
        Rates to use instead of the estimates.

    Returns
    -------
    pandas.DataFrame
        Index high, medium, low; compared (cells as in :func:`policylab.second_codings.comparable`), disagreements,
        assumed (the rate without any evidence) and rate.

    Raises
    ------
    ValueError
        If a confidence is not known or a rate lies outside 0 to 1.

    Notes
    -----
    A disagreement is as likely the second coder's error as the first's and counts half. The assumed rate counts as
    much as ten cells, so that a few agreements do not make a confidence level free of error. Second codings of the
    sample ``state`` are left out: both coders mostly read the same copy of a code, and where a copy is wrong or out of
    date neither shows it.

    Examples
    --------
    >>> pairs = pd.DataFrame({"first_value": ["yes"] * 30, "first_confidence": "high", "second_value": "yes"})
    >>> error_rates(pairs)["rate"].round(3).to_dict()
    {'high': 0.005, 'medium': 0.08, 'low': 0.25}
    """
    table = pd.DataFrame({"compared": 0, "disagreements": 0, "assumed": pd.Series(ERROR_RATES)})
    if recodings is not None and len(recodings):
        apart = recodings["sample"] != SAME_TEXT if "sample" in recodings else True
        both = recodings[comparable(recodings) & apart]
        differ = both["first_value"] != both["second_value"]
        table["compared"] = both.groupby("first_confidence").size().reindex(table.index, fill_value=0)
        table["disagreements"] = differ.groupby(both["first_confidence"]).sum().reindex(table.index, fill_value=0)
    evidence = table["disagreements"] / 2 + _PRIOR * table["assumed"]
    table["rate"] = evidence / (table["compared"] + _PRIOR)
    given = dict(rates or {})
    bad = {key: rate for key, rate in given.items() if key not in ERROR_RATES or not 0 <= rate <= 1}
    if bad:
        raise ValueError(f"error rates {bad}: expected shares from 0 to 1 for {', '.join(ERROR_RATES)}")
    table.loc[list(given), "rate"] = list(given.values())
    return table.rename_axis("confidence")


def sampling_cells(
    laws: Provisions,
    neighbours: int = 10,
    rates: Mapping[str, float] | None = None,
    keep_constant: bool = False,
) -> list[Cell]:
    """Prepare the cells of a view for drawing, parents before children.

    Parameters
    ----------
    laws : Provisions
    neighbours : int
        Most similar jurisdictions that lend their levels to a cell.
    rates : mapping of str to float, optional
        See :func:`error_rates`.
    keep_constant : bool
        Draw also variables that the codebook marks as constant today.

    Returns
    -------
    list of Cell
    """
    matrix = laws.matrix()
    matrix = matrix.loc[canonical_rows(matrix)]
    scales = variable_scales(_widened(matrix, laws), keep_constant=keep_constant)
    lent = _likeness(matrix, neighbours)
    matrix = without_attrs(matrix)
    status, values, confidence = (
        laws.cells.pivot(index="jurisdiction", columns="variable", values=field).loc[matrix.index]
        for field in ("status", "value", "confidence")
    )
    wrong = {**error_rates(laws.tables.recodings, rates)["rate"], "": 1.0}
    inside = {name: variable for name, variable in laws.variables.items() if name in scales}
    cells = []
    for variable in parents_first(inside):
        scale = scales[variable.name]
        coded = (status[variable.name] == CODED).to_numpy()
        low, high = _bounds(values[variable.name], coded, scale, variable, matrix[variable.name])
        doubt = [wrong[level] for level in confidence[variable.name]]
        error = np.where(coded & (scale.codes >= 0), doubt, 1.0)
        rule = variable.requires
        parent = rule.parent if rule is not None and rule.parent in inside else None
        cells.append(
            Cell(
                name=variable.name,
                scale=scale,
                chances=_chances(scale, lent),
                error=error,
                low=low,
                high=high,
                slips=variable.scale == "year",
                parent=parent,
                allowed=np.array([rule.holds(value) for value in _values(matrix[parent], inside[parent])])
                if parent
                else None,
                blocked=(status[variable.name] == NOT_APPLICABLE).to_numpy() & (parent is None),
            )
        )
    return cells


def chunks(draws: int, random_state: int) -> list[tuple[int, np.random.SeedSequence]]:
    """Split draws into tasks, each with its number of draws and a seed of its own.

    Raises
    ------
    ValueError
        If there is nothing to draw.
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}: expected at least 1")
    sizes = [min(_CHUNK, draws - start) for start in range(0, draws, _CHUNK)]
    return list(zip(sizes, np.random.SeedSequence(random_state).spawn(len(sizes)), strict=True))


def draw_codes(cells: list[Cell], draws: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw completed datasets.

    Returns
    -------
    dict of str to ndarray of int, shape (draws, units)
        Codes by variable; -1 where the variable does not apply.
    """
    drawn: dict[str, np.ndarray] = {}
    for cell in cells:
        units = len(cell.error)
        codes = np.tile(cell.scale.codes, (draws, 1))
        open_to_draw = np.flatnonzero(random.random(codes.shape) < np.where(cell.low >= 0, 1.0, cell.error))
        codes.flat[open_to_draw] = _drawn_values(cell, open_to_draw % units, random)
        codes[:, cell.blocked] = -1
        if cell.parent is not None:
            np.copyto(codes, -1, where=np.append(~cell.allowed, True)[drawn[cell.parent]])  # -1 is the place added
        drawn[cell.name] = codes
    return drawn


def _drawn_values(cell: Cell, units: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a value for each cell that is open: from the model, from the bounds, or a few codes beside the coded one."""
    chance = random.random(len(units))
    top = len(cell.scale.table) - 1
    values = np.zeros(len(units), dtype=np.intp)
    for column in cell.chances.T[:top]:
        values += chance >= column[units]
    if not cell.slips:
        return values
    coded = cell.scale.codes[units]
    step = random.integers(1, _SLIP + 1, size=len(units)) * np.where(chance < 0.5, -1, 1)
    values = np.where(coded >= 0, np.clip(coded + step, 0, top), values)
    low, high = cell.low[units], cell.high[units]
    return np.where(low >= 0, low + (chance * (high - low + 1)).astype(int), values)


def canonical_rows(matrix: pd.DataFrame) -> list:
    """Order units by what they hold and, where they hold the same, by name."""
    columns = sorted(matrix.columns)
    content = ["|".join("" if pd.isna(value) else str(value) for value in row) for row in matrix[columns].to_numpy()]
    return [unit for _, _, unit in sorted(zip(content, matrix.index.astype(str), matrix.index, strict=True))]


def _widened(matrix: pd.DataFrame, laws: Provisions) -> pd.DataFrame:
    """Give year variables every year from the first to the last as a level, so that a draw can fall between."""
    attrs, matrix = matrix.attrs, without_attrs(matrix)
    wide = matrix.copy()
    for name in matrix:
        if laws.variables[name].scale == "year" and matrix[name].notna().any():
            years = np.arange(matrix[name].min(), matrix[name].max() + 1)
            wide[name] = pd.Categorical(matrix[name], categories=years, ordered=True)
    wide.attrs = attrs
    return wide


def _values(column: pd.Series, variable: Variable) -> list[str]:
    """Name the codes of a variable as conditions name its values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.categories)
    unlimited = "none" if "none" in variable.levels else "inf"
    return [unlimited if np.isinf(value) else f"{value:g}" for value in np.sort(column.dropna().unique())]


def _likeness(matrix: pd.DataFrame, neighbours: int) -> np.ndarray:
    """Weights that other units lend their levels with: falling with distance, zero beyond the nearest."""
    distances = dissimilarity(matrix).to_numpy().copy()
    np.fill_diagonal(distances, np.inf)
    distances[np.isnan(distances)] = np.inf
    comparable = np.isfinite(distances)
    farthest = distances.max(axis=1, initial=0.0, where=comparable)  # a unit may have few others to compare with
    reach = np.sort(distances, axis=1)[:, min(neighbours, len(distances) - 1) - 1]
    reach = np.minimum(reach, farthest)[:, None]
    near = comparable & (distances <= reach)
    return np.where(near, np.exp(-3 * np.where(near, distances, 0.0) / np.maximum(reach, 1e-9)), 0.0)


def _chances(scale: Scale, lent: np.ndarray) -> np.ndarray:
    """Cumulative chances of each code: what the like units hold, smoothed by what all hold."""
    width = len(scale.table)
    held = np.vstack([np.eye(width), np.zeros(width)])[scale.codes]
    local = lent @ held
    overall = held.sum(axis=0) / held.sum()
    mixed = local + overall * np.maximum(local.sum(axis=1, keepdims=True) * 0.1, 1e-3)
    own = held.astype(bool)  # an error is a value other than the coded one
    mixed = np.where(own & (mixed.sum(axis=1, keepdims=True) - mixed > 0), 0.0, mixed)
    return np.cumsum(mixed / mixed.sum(axis=1, keepdims=True), axis=1)


def _bounds(
    values: pd.Series, coded: np.ndarray, scale: Scale, variable: Variable, column: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full(len(values), -1), np.full(len(values), -1)
    if variable.scale != "year" or not column.notna().any():
        return low, high
    first, last = int(column.min()), int(column.max())
    for place, (value, known) in enumerate(zip(values, coded, strict=True)):
        if known and "/" in value:
            date = parse_date(value)
            start = date.earliest.year if date.earliest else first
            end = date.latest.year if date.latest else last
            low[place] = np.clip(start, first, last) - first
            high[place] = np.clip(end, first, last) - first
    return low, high
