"""What counts in an index, and how much: the user's weights, checked and spelled out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from policylab.codebook import Condition
from policylab.provisions import Provisions


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
        words = [word_of(end, matrix.attrs["unlimited"].get(name, "inf")) for end in (ordered[0], ordered[-1])]
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


def word_of(value: str | float, unlimited: str) -> str:
    """Name a value as the codebook names it."""
    if isinstance(value, str):
        return value
    return unlimited if np.isinf(value) else f"{value:g}"
