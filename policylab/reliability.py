"""How far two coders agree who coded the same cells without seeing each other's answers.

Percent agreement says how often they differ; Cohen's kappa and Krippendorff's alpha say how much less often than by
chance. **Several variables at once.** Values of different variables have no common vocabulary, so that chance is
worked out within each variable, over all its compared cells, and the disagreements, observed and by chance, are added
up; any difference counts as one. **Missing.** A cell that one coder could not find, or that does not apply for one, is
not compared, and counted. **No variation.** Where all values of a variable are the same, kappa and alpha are not
defined: agreement could not have been lower by chance. Such cells count for the percentage only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from policylab.codebook import MISSING
from policylab.coefficients import LEVELS, Level, measure


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
    TypeError
        If a coding is neither a Series nor a DataFrame.
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
    return measure(cells, scales, draws, probability, random_state)


def _aligned(first: pd.Series | pd.DataFrame, second: pd.Series | pd.DataFrame) -> pd.DataFrame:
    for codings in (first, second):
        if not isinstance(codings, pd.Series | pd.DataFrame):
            raise TypeError(f"a coding is a {type(codings).__name__}: expected a Series or a DataFrame keyed by cell")
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
