"""How far blind second codings agree with the first, and the cells on which they differ."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from policylab.codebook import MISSING, Variable
from policylab.coefficients import Level, as_numbers, measure
from policylab.dates import LegalDate, parse_date
from policylab.provisions import Provisions

BY = ("variable", "family", "confidence", "sample", "jurisdiction", "all")
SAME_TEXT = "state"  # the sample in which the second coder mostly read what the first had read
_YEARS = re.compile(r"\d{4}(/(\d{4}|\.\.))?|\.\./\d{4}")


def comparable(pairs: pd.DataFrame) -> pd.Series:
    """Tell which pairs of codings can contradict each other.

    Parameters
    ----------
    pairs : pandas.DataFrame
        first_value and second_value.

    Returns
    -------
    pandas.Series of bool
        False where one coder or both have no value, and where the year of one lies within the bounds that the other
        gives: a history note that does not tell which act brought a rule leaves bounds, which are less exact than a
        year from further documents and no contradiction of it.

    Examples
    --------
    >>> pairs = pd.DataFrame({"first_value": "2012", "second_value": ["2013", "2009/2015", "unknown"]})
    >>> comparable(pairs).tolist()
    [True, False, False]
    """
    gap = pairs[["first_value", "second_value"]].isin(MISSING).any(axis=1)
    return ~gap & ~_less_exact(pairs)


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
    Pairs that :func:`comparable` rules out count as unpaired. ``1 - percent`` by confidence, the sample ``state`` left
    out, is what :func:`policylab.completion.error_rates` halves, a disagreement being as likely the second coder's
    error, and draws towards an assumed rate.

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
    cells.loc[~comparable(pairs), ["first", "second"]] = np.nan
    scales = {
        name: _scale(laws.variables[name], rows[["first", "second"]].dropna().to_numpy().ravel())
        for name, rows in cells.groupby("variable")
    }
    cells["group"] = pd.Categorical(cells[by], _order(laws, by, cells[by])) if by != "all" else "all"
    cells["cluster"] = range(len(cells)) if cluster is None else cells[cluster]
    return measure(cells, scales, draws, probability, random_state).rename_axis(by)


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
        jurisdiction, variable, first_value, second_value, kind (``values differ``; ``one has no value`` and ``one is
        less exact``, of :func:`comparable`, are not compared), steps (levels or years between two values, where they
        have an order), first_confidence, second_confidence, reason and note.

    Examples
    --------
    >>> import policylab as lab
    >>> table = disagreements(lab.load())
    >>> bool((table["first_value"] != table["second_value"]).all())
    True
    """
    pairs = _in_view(laws, recodings)
    differ = pairs[pairs["first_value"] != pairs["second_value"]].reset_index(drop=True)
    compared = comparable(differ)
    steps = []
    for row, both in zip(differ.itertuples(index=False), compared, strict=True):
        level, order = _scale(laws.variables[row.variable], [row.first_value, row.second_value])
        ordered = both and level != "nominal"
        values = as_numbers([row.first_value, row.second_value], level, order) if ordered else None
        steps.append(np.nan if values is None else abs(values[0] - values[1]))
    kind = np.where(_less_exact(differ), "one is less exact", np.where(compared, "values differ", "one has no value"))
    table = differ.assign(kind=kind, steps=steps)
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


def _less_exact(pairs: pd.DataFrame) -> pd.Series:
    """One value is the bounds of a year, and holds the other."""
    first, second = ([_year(value) for value in pairs[column]] for column in ("first_value", "second_value"))
    inside = [_holds(a, b) or _holds(b, a) for a, b in zip(first, second, strict=True)]
    return pd.Series(inside, index=pairs.index, dtype=bool)


def _holds(outer: LegalDate | None, inner: LegalDate | None) -> bool:
    if None in (outer, inner) or outer == inner:
        return False
    return inner.within(outer.earliest or dt.date.min, outer.latest or dt.date.max) is True


def _year(value: str) -> LegalDate | None:
    return parse_date(value) if _YEARS.fullmatch(value) else None


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
        as_numbers(values, "interval", None)
    except ValueError:
        return "nominal", None
    return "interval", None
