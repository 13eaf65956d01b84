"""Checking a data package: the form of every table first, then the rules on the rows that are sound."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from policylab.codebook import ORDERED, Variable, parents_first, read_variables
from policylab.dates import parse_date
from policylab.rules import cell_faults, row_faults
from policylab.schema import (
    Fault,
    columns_of,
    key_faults,
    read_strictly,
    reference_faults,
    table_files,
    table_schema,
)
from policylab.tables import EVERYWHERE

_FOUNDATION = ("codebook.csv", "levels.csv", "jurisdictions.csv")


def check_package(folder: str | Path) -> list[Fault]:
    """Find every fault in a data package.

    Parameters
    ----------
    folder : path
        With codebook.csv, levels.csv, jurisdictions.csv, sources.csv and the tables of the folder codings.

    Returns
    -------
    list of Fault
        Empty for a sound package. Faults in the codebook or the jurisdictions come alone, since the codings
        cannot be judged without them; a faulty row is left out of the rules that compare rows.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.

    Examples
    --------
    >>> from policylab.schema import data_path
    >>> check_package(data_path())
    []
    """
    folder = Path(folder)
    read: dict[str, tuple[str, pd.DataFrame]] = {}
    faults: list[Fault] = []
    for file, table in table_files(folder).items():
        frame, found = read_strictly(folder, file, table)
        read[file] = (table, frame)
        faults += found + key_faults(file, frame, table) + _date_faults(file, frame, table)
    tables = {
        table: pd.concat([frame for kind, frame in read.values() if kind == table])
        for table in dict.fromkeys(kind for kind, _ in read.values())
    }
    for file, (table, frame) in read.items():
        faults += reference_faults(file, frame, table, tables)
    if any(fault.file in _FOUNDATION for fault in faults):
        return faults
    try:
        variables = read_variables(tables["codebook"], tables["levels"])
        parents_first(variables)
    except ValueError as error:
        return [*faults, Fault("codebook.csv", None, "requires", "", str(error))]
    found = _codebook_faults(variables, tables)
    if found:
        return faults + found
    codings = pd.concat(
        [frame.assign(file=file, row=frame.index) for file, (table, frame) in read.items() if table == "codings"],
        ignore_index=True,
    )
    faults += row_faults(_sound(codings, faults), variables)
    return faults + cell_faults(codings, _sound(codings, faults), variables, tables) + _idle_sources(tables)


def _sound(codings: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    bad = {(fault.file, fault.row) for fault in faults}
    return codings[[key not in bad for key in zip(codings["file"], codings["row"], strict=True)]]


def _date_faults(file: str, frame: pd.DataFrame, table: str) -> list[Fault]:
    """Find dates that have the form of a date and cannot be one."""
    faults = []
    for field in table_schema(table)["fields"]:
        pattern = field.get("constraints", {}).get("pattern", "")
        if r"\d{4}" not in pattern:
            continue
        column = frame[field["name"]]
        for row, text in column[column.str.fullmatch(pattern)].items():
            try:
                parse_date(text)
            except ValueError as error:
                faults.append(Fault(file, row, field["name"], text, f"a date that can be ({error})"))
    return faults


def _codebook_faults(variables: dict[str, Variable], tables: dict[str, pd.DataFrame]) -> list[Fault]:
    rows = dict(zip(tables["codebook"]["variable"], tables["codebook"].index, strict=True))
    reach = set(tables["jurisdictions"]["level"]) | {EVERYWHERE}
    faults = []
    for name, variable in variables.items():

        def fault(column: str, value: str, expected: str, name: str = name) -> None:
            faults.append(Fault("codebook.csv", rows[name], column, value, expected))

        if variable.requires is not None:
            parent = variables.get(variable.requires.parent)
            if parent is None:
                fault("requires", variable.requires.parent, "a variable of the codebook")
            elif strangers := [level for level in variable.requires.levels if level not in parent.levels]:
                fault("requires", strangers[0], f"a level of {parent.name}: {', '.join(parent.levels)}")
        dated = variables.get(variable.onset_of)
        if variable.onset_of and (dated is None or dated.scale in ("count", "year")):
            fault("onset_of", variable.onset_of, "a variable with levels, the first of which stands for absence")
        if variable.follows and getattr(variables.get(variable.follows), "scale", "") != "year":
            fault("follows", variable.follows, "a year variable of the codebook")
        if variable.applies_to not in reach:
            fault("applies_to", variable.applies_to, f"one of {', '.join(sorted(reach))}")
        if variable.scale == "binary" and len(variable.levels) != 2:
            fault("scale", "binary", f"two levels in levels.csv, found {len(variable.levels)}")
        if variable.scale in ("nominal", "ordinal") and len(variable.levels) < 2:
            fault("scale", variable.scale, "at least two levels in levels.csv")
    levels = tables["levels"]
    unranked = levels[levels["variable"].map(lambda name: variables[name].scale in ORDERED) & (levels["rank"] == "")]
    return faults + [
        Fault("levels.csv", row, "rank", "", "a rank, since the variable is ordered") for row in unranked.index
    ]


def _idle_sources(tables: dict[str, pd.DataFrame]) -> list[Fault]:
    used: set[str] = set()
    for table, frame in tables.items():
        for column in columns_of(table) if table != "sources" else []:
            if column in ("source", "item") or column.endswith("_source"):
                used.update(frame[column])
            if column == "items":
                used.update(key for keys in frame[column] for key in keys.split())
    idle = tables["sources"].loc[~tables["sources"]["source"].isin(used), "source"]
    return [Fault("sources.csv", row, "source", key, "a use in another table") for row, key in idle.items()]
