"""An additive index with the user's own weights.

There is no default: which provisions count, how much, and that a higher level counts as more is a normative choice,
and the weights state it. Each variable is placed between 0 (its lowest level) and 1 (its highest) in the direction
that the codebook's `higher_means` names, for example "more relief"; the index is the weighted mean of these places.

**Rules.** The levels of a variable stand at equal steps; the numbers of a count stand at equal steps in the order of
the different numbers that are coded, no limit highest. A detail of an absent provision counts as the lowest level: an
absent parent gives its children 0. A missing cell is not 0: it leaves the index open between two bounds.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from policylab.codebook import Condition
from policylab.weights import stated_shares, word_of


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
    words = parent.astype(object).map(lambda value: word_of(value, unlimited), na_action="ignore")
    fails = parent.notna() & ~words.map(rule.holds, na_action="ignore").eq(True)
    return fails | (parent.isna() & _parent_fails(matrix, rule.parent))
