"""Truth tables for qualitative comparative analysis, in the form of the R package QCA."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from policylab.codebook import NOT_APPLICABLE
from policylab.export.labelled import Column, Labelled, codebook_table, labelled
from policylab.export.text import plain_csv
from policylab.provisions import Provisions
from policylab.resolve import CODED

_LOAD_R = """\
# Reads the cases and builds the truth table with the R package QCA: source("load.R", chdir = TRUE).
cases <- read.csv("cases.csv", row.names = 1, check.names = FALSE)
conditions <- c({conditions})
outcome <- "{outcome}"
left_out <- read.csv("left_out.csv", colClasses = "character")
message(nrow(left_out), " cells are missing; the cases with a missing cell are not in the table")
if (requireNamespace("QCA", quietly = TRUE)) {{
  truth <- QCA::truthTable(cases, outcome = outcome, conditions = conditions, show.cases = TRUE)
  print(truth)
}}
"""


class TruthTable(NamedTuple):
    """A truth table with the cases it stands on and those it had to leave out.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per configuration that a case has: the conditions; OUT (1 or 0 where all its cases agree on the
        outcome, C where they contradict each other); n (cases); incl (share of them with the outcome); open (cases left
        out that may belong here: nothing known of them contradicts); cases (their codes).
    cases : pandas.DataFrame
        Case by conditions and outcome, in codes from 0.
    left_out : pandas.DataFrame
        One row per missing cell: case, variable, reason.
    """

    table: pd.DataFrame
    cases: pd.DataFrame
    left_out: pd.DataFrame


def truth_table(laws: Provisions, conditions: Iterable[str], outcome: str, present: str | None = None) -> TruthTable:
    """List the configurations of conditions, with the outcome and the cases of each.

    Parameters
    ----------
    laws : Provisions
        The view whose jurisdictions are the cases.
    conditions : iterable of str
        Binary, nominal or ordinal variables; codes run from 0, lowest level first (binary: crisp, others:
        multi-value).
    outcome : str
        A binary variable, or any with levels if `present` is given.
    present : str, optional
        The level of the outcome from which on it counts as present (for nominal ones that level alone); by
        default the second of two.

    Returns
    -------
    TruthTable

    Raises
    ------
    KeyError
        If a variable or the level is not in the package.
    ValueError
        If a variable is a number or a year, the outcome has more than two levels and no `present`, it is also a
        condition, there is no condition, or no case is complete.

    Notes
    -----
    A missing cell is never 0. A case with a missing condition or outcome, also one to which a condition does not apply,
    is left out, listed with its reason, and counted in `open` beside every configuration that it may belong to.
    Configurations without a case (remainders) are not listed.

    References
    ----------
    Ragin, C. C. (1987). The Comparative Method. University of California Press.
    Dusa, A. (2019). QCA with R. Springer.

    Examples
    --------
    >>> import policylab as lab
    >>> found = truth_table(lab.load().select(level="state"), ["wt_authority", "wt_trafficking"], "rr_juvenile")
    >>> found.table.drop(columns="cases").columns.tolist()
    ['wt_authority', 'wt_trafficking', 'OUT', 'n', 'incl', 'open']
    """
    names = list(dict.fromkeys(conditions))
    if not names:
        raise ValueError("a truth table needs at least one condition")
    if outcome in names:
        raise ValueError(f"{outcome!r} is the outcome: expected it not to be a condition too")
    view = laws.select(variables=[*names, outcome])
    away = [name for name in (*names, outcome) if name not in view.variable_keys]
    if away:
        raise ValueError(f"{away[0]} does not apply to the jurisdictions in view")
    table = labelled(view)
    columns = {column.variable: column for column in table.columns}
    numbers = [name for name in (*names, outcome) if laws.variables[name].scale in ("count", "year")]
    if numbers:
        scale = laws.variables[numbers[0]].scale
        raise ValueError(f"{numbers[0]} is a {scale}: expected a binary, nominal or ordinal variable")
    coded = pd.DataFrame({name: _codes(columns[name]) for name in names})
    coded[outcome] = _presence(columns[outcome], present)
    coded.index = pd.Index(table.places["jurisdiction"], name="case")
    status = pd.DataFrame({name: columns[name].statuses() for name in coded}, index=coded.index)
    whole = coded.notna().all(axis=1)
    if not whole.any():
        raise ValueError(f"no case has a value on all of {', '.join(coded)}: nothing to tabulate")
    cases = coded[whole].astype(int)
    left_out = status.stack().rename("reason").rename_axis(["case", "variable"]).reset_index()
    left_out = left_out[left_out["reason"] != CODED].reset_index(drop=True)
    return TruthTable(_rows(cases, coded[~whole], status, names, outcome), cases, left_out)


def qca_files(
    laws: Provisions, conditions: Iterable[str], outcome: str, present: str | None = None
) -> dict[str, bytes]:
    """Write a folder for R QCA: truth_table.csv, cases.csv, left_out.csv, codebook.csv and load.R.

    See :func:`truth_table` for the parameters and errors.
    """
    found = truth_table(laws, conditions, outcome, present)
    names = list(found.cases.columns[:-1])
    table: Labelled = labelled(laws.select(variables=[*names, outcome]))
    codebook = codebook_table(table)
    place = {(c.name, level): str(n) for c in table.columns for n, level in enumerate(c.levels)}
    codebook["code"] = [place.get(key, "") for key in zip(codebook["column"], codebook["value"], strict=True)]
    quoted = ", ".join(f'"{name}"' for name in names)
    return {
        "truth_table.csv": plain_csv(found.table.assign(incl=found.table["incl"].round(6))),
        "cases.csv": plain_csv(found.cases.reset_index()),
        "left_out.csv": plain_csv(found.left_out),
        "codebook.csv": plain_csv(codebook),
        "load.R": _LOAD_R.format(conditions=quoted, outcome=outcome).encode(),
    }


def _codes(column: Column) -> list[float]:
    place = {level: float(number) for number, level in enumerate(column.levels)}
    return [place.get(value, float("nan")) for value in column.held]


def _presence(column: Column, present: str | None) -> list[float]:
    levels = list(column.levels)
    if present is None:
        if len(levels) != 2:
            raise ValueError(
                f"the outcome {column.variable} has the levels {', '.join(levels)}: say from which on it is present"
            )
        present = levels[1]
    if present not in levels:
        raise KeyError(f"no level {present!r} of {column.variable}: expected one of {', '.join(levels)}")
    there = levels[levels.index(present) :] if column.ordered else [present]
    return [float(value in there) if value in levels else float("nan") for value in column.held]


def _rows(
    cases: pd.DataFrame, others: pd.DataFrame, status: pd.DataFrame, names: list[str], outcome: str
) -> pd.DataFrame:
    barred = (status.loc[others.index, names] == NOT_APPLICABLE).any(axis=1)
    may = others.loc[~barred, names]
    rows = []
    for key, members in cases.groupby(names):
        share = members[outcome].mean()
        fits = ((may == list(key)) | may.isna()).all(axis=1).sum()
        out = {1.0: "1", 0.0: "0"}.get(share, "C")
        rows.append((*key, out, len(members), share, int(fits), " ".join(members.index)))
    return pd.DataFrame(rows, columns=[*names, "OUT", "n", "incl", "open", "cases"])
