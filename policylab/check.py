"""Checking a data package: form by schema, then the rules that a schema cannot state."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from policylab.codebook import MISSING, NOT_APPLICABLE, ORDERED, UNKNOWN, Variable, parents_first, read_variables
from policylab.dates import parse_date
from policylab.provisions import EVERYWHERE, build_cells
from policylab.resolve import CODED
from policylab.schema import (
    Fault,
    columns_of,
    key_faults,
    read_strictly,
    reference_faults,
    table_files,
    table_schema,
)

_DATE_COLUMNS = ("effective", "ended", "enacted", "verified_on", "recorded", "superseded")
ABSENT = ("no", "none")


def check_package(folder: str | Path) -> list[Fault]:
    """Find every fault in a data package.

    Parameters
    ----------
    folder : path
        With codebook.csv, levels.csv, jurisdictions.csv, sources.csv and codings/*.csv.

    Returns
    -------
    list of Fault
        Empty for a sound package.

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
    tables: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    read: dict[str, tuple[str, pd.DataFrame]] = {}
    for file, table in table_files(folder).items():
        frame, found = read_strictly(folder, file, table)
        faults += found + key_faults(file, frame, table)
        read[file] = (table, frame)
        tables[table] = pd.concat([tables[table], frame]) if table in tables else frame
    for file, (table, frame) in read.items():
        faults += reference_faults(file, frame, table, tables) + _date_faults(file, frame, table)
    if faults:
        return faults  # the rules below read values that must be sound first
    try:
        variables = read_variables(tables["codebook"], tables["levels"])
        parents_first(variables)
    except ValueError as error:
        return [Fault("codebook.csv", None, "requires", "", str(error))]
    faults += _codebook_faults(variables, tables)
    codings = pd.concat([frame.assign(file=file, row=frame.index) for file, (kind, frame) in read.items() if kind == "codings"])
    if faults or codings.empty:
        return faults
    codings = codings.reset_index(drop=True)
    faults += _row_faults(codings, variables)
    if faults:
        return faults
    return _cell_faults(codings, variables, tables) + _source_faults(tables)


def _date_faults(file: str, frame: pd.DataFrame, table: str) -> list[Fault]:
    dated = [f["name"] for f in table_schema(table)["fields"] if r"\d{4}-\d{2}" in f.get("constraints", {}).get("pattern", "")]
    faults = []
    for column in dated:
        for row, text in frame.loc[frame[column] != "", column].items():
            try:
                parse_date(text)
            except ValueError as error:
                faults.append(Fault(file, row, column, text, f"a date that can be ({error})"))
    return faults


def _codebook_faults(variables: dict[str, Variable], tables: dict[str, pd.DataFrame]) -> list[Fault]:
    rows = dict(zip(tables["codebook"]["variable"], tables["codebook"].index, strict=True))
    reach = set(tables["jurisdictions"]["level"]) | {EVERYWHERE}

    def fault(name: str, column: str, value: str, expected: str) -> Fault:
        return Fault("codebook.csv", rows[name], column, value, expected)

    faults = []
    for name, variable in variables.items():
        if variable.requires is not None:
            parent = variables.get(variable.requires.parent)
            if parent is None:
                faults.append(fault(name, "requires", variable.requires.parent, "a variable of the codebook"))
            elif strangers := [level for level in variable.requires.values if level not in parent.levels]:
                faults.append(fault(name, "requires", strangers[0], f"a level of {parent.name}: {', '.join(parent.levels)}"))
        if variable.onset_of and variable.onset_of not in variables:
            faults.append(fault(name, "onset_of", variable.onset_of, "a variable of the codebook"))
        if variable.onset_of in variables and variables[variable.onset_of].scale in ("count", "year"):
            faults.append(fault(name, "onset_of", variable.onset_of, "a variable with levels, the first of which stands for absence"))
        if variable.follows and getattr(variables.get(variable.follows), "scale", "") != "year":
            faults.append(fault(name, "follows", variable.follows, "a year variable of the codebook"))
        if variable.applies_to not in reach:
            faults.append(fault(name, "applies_to", variable.applies_to, f"one of {', '.join(sorted(reach))}"))
        if variable.scale == "binary" and len(variable.levels) != 2:
            faults.append(fault(name, "scale", "binary", f"two levels in levels.csv, found {len(variable.levels)}"))
        if variable.scale in ("nominal", "ordinal") and len(variable.levels) < 2:
            faults.append(fault(name, "scale", variable.scale, "at least two levels in levels.csv"))
    ordered = tables["levels"]["variable"].map(lambda name: variables[name].scale in ORDERED)
    unranked = tables["levels"][ordered & (tables["levels"]["rank"] == "")]
    return faults + [Fault("levels.csv", row, "rank", "", "a rank, since the variable is ordered") for row in unranked.index]


def _row_faults(codings: pd.DataFrame, variables: dict[str, Variable]) -> list[Fault]:
    faults = []
    for row in codings.itertuples(index=False):
        variable = variables[row.variable]

        def fault(column: str, value: str, expected: str, row=row) -> None:
            faults.append(Fault(row.file, row.row, column, value, expected))

        if row.file != f"codings/{variable.family}.csv":
            fault("variable", row.variable, f"a variable of this file's family; {row.variable} belongs to {variable.family}")
        if expected := _wrong_value(row.value, variable):
            fault("value", row.value, expected)
        if row.value in MISSING:
            if row.evidence != "none":
                fault("evidence", row.evidence, f"none, since the value is {row.value}")
            if not row.note:
                fault("note", "", "what was searched" if row.value == UNKNOWN else "why the variable does not apply")
            continue
        for column in ("citation", "source", "confidence"):
            if not getattr(row, column):
                fault(column, "", "an entry, since the cell has a value")
        if row.evidence == "none":
            fault("evidence", "none", "primary, official or secondary, since the cell has a value")
        if row.value in ABSENT and not row.note:
            fault("note", "", "where the absence was read")
        if row.effective and row.ended and parse_date(row.ended).precedes(parse_date(row.effective)):
            fault("ended", row.ended, f"a date after effective {row.effective}")
        if row.enacted and row.effective and parse_date(row.effective).precedes(parse_date(row.enacted)):
            fault("enacted", row.enacted, f"a date not after effective {row.effective}")
        if row.superseded and row.superseded < row.recorded:
            fault("superseded", row.superseded, f"a day not before recorded {row.recorded}")
        if variable.scale == "year" and row.effective and _apart(row.value, row.effective):
            fault("value", row.value, f"the year of effective {row.effective}")
    return faults


def _wrong_value(value: str, variable: Variable) -> str:
    """What was expected instead of `value`, or nothing."""
    if value in MISSING or value in variable.levels:
        return ""
    words = ", ".join([*variable.levels, *MISSING])
    if variable.scale == "count":
        try:
            float(value)
        except ValueError:
            return f"a number, or one of {words}"
        return ""
    if variable.scale == "year":
        try:
            date = parse_date(value)
        except ValueError:
            date = None
        plain = date is not None and all(part in ("", "..") or len(part) == 4 for part in value.split("/"))
        return "" if plain else f"a year such as 2015, an interval such as 2009/2012, or one of {words}"
    return f"one of {words}"


def _cell_faults(codings: pd.DataFrame, variables: dict[str, Variable], tables: dict[str, pd.DataFrame]) -> list[Fault]:
    held = codings[codings["superseded"] == ""]
    present = set(zip(held["jurisdiction"], held["variable"], strict=True))
    levels = dict(zip(tables["jurisdictions"]["jurisdiction"], tables["jurisdictions"]["level"], strict=True))
    faults = []
    for place, level in levels.items():
        for name, variable in variables.items():
            applies = variable.applies_to in (EVERYWHERE, level)
            if applies and (place, name) not in present:
                file = f"codings/{variable.family}.csv"
                faults.append(Fault(file, None, "jurisdiction + variable", f"{place} + {name}", f"a row, or {UNKNOWN} with what was searched"))
            elif not applies and (place, name) in present:
                faults.append(Fault(f"codings/{variable.family}.csv", None, "variable", name, f"no row for {place}: it applies to {variable.applies_to} only"))
    faults += _period_faults(held)
    if not faults:
        faults += _parent_faults(held, variables, tables, levels) + _order_faults(held, variables)
    return faults


def _period_faults(held: pd.DataFrame) -> list[Fault]:
    faults = []
    for _, rows in held.groupby(["jurisdiction", "variable"], sort=False):
        if len(rows) == 1:
            continue
        periods = [(parse_date(r.effective) if r.effective else None, parse_date(r.ended) if r.ended else None, r) for r in rows.itertuples()]
        for place, (start, end, row) in enumerate(periods):
            for other_start, other_end, _ in periods[:place]:
                later = end is not None and other_start is not None and _not_before(other_start, end)
                earlier = other_end is not None and start is not None and _not_before(start, other_end)
                if not (later or earlier):
                    period = f"{row.effective or 'start not known'} to {row.ended or 'now'}"
                    faults.append(Fault(row.file, row.row, "effective + ended", period, "a period that no other row of the cell overlaps"))
                    break
    return faults


def _not_before(later, earlier) -> bool:
    return later.text == earlier.text or later.precedes(earlier) is not True and (
        later.earliest is not None and earlier.earliest is not None and later.earliest >= earlier.earliest
    )


def _parent_faults(held: pd.DataFrame, variables: dict[str, Variable], tables: dict[str, pd.DataFrame], levels: dict[str, str]) -> list[Fault]:
    resolver = build_cells(held, variables, tables["sources"])
    today = max(parse_date(text).latest for text in held["verified_on"])
    answers = {place: resolver.on(place, today) for place in levels}
    faults = []
    standing = held[held["ended"].map(lambda text: not text or parse_date(text).reached(today) is not True)]
    for row in standing.itertuples():
        variable = variables[row.variable]
        if variable.requires is None:
            if row.value == NOT_APPLICABLE:
                faults.append(Fault(row.file, row.row, "value", row.value, "a value or unknown: the variable requires nothing"))
            continue
        parent = answers[row.jurisdiction].get(variable.requires.parent)
        if parent is None or parent.status not in (CODED, NOT_APPLICABLE):
            continue
        holds = parent.status == CODED and variable.requires.holds(parent.value)
        if not holds and row.value != NOT_APPLICABLE:
            faults.append(Fault(row.file, row.row, "value", row.value, f"{NOT_APPLICABLE}, since {variable.requires.parent} is {parent.value}"))
        if holds and row.value == NOT_APPLICABLE:
            faults.append(Fault(row.file, row.row, "value", row.value, f"a value or unknown, since {variable.requires.parent} is {parent.value}"))
    return faults


def _order_faults(held: pd.DataFrame, variables: dict[str, Variable]) -> list[Fault]:
    """Find dates out of order: a row before the onset of its variable, a year before the year it follows, a detail before its parent."""
    coded = held[~held["value"].isin(MISSING)]
    cells: dict[tuple[str, str], list] = {}
    for row in coded.itertuples():
        cells.setdefault((row.jurisdiction, row.variable), []).append(row)
    onsets = {variable.onset_of: name for name, variable in variables.items() if variable.onset_of}
    faults = []
    for (place, name), rows in cells.items():
        variable = variables[name]
        onset = cells.get((place, onsets.get(name, "")))
        follows = cells.get((place, variable.follows))
        parent = cells.get((place, variable.requires.parent)) if variable.requires else None
        for row in rows:
            date = row.value if variable.scale == "year" else row.effective
            if not date:
                continue
            if onset and row.value != variable.levels[0] and _before(date, onset[0].value):
                faults.append(Fault(row.file, row.row, "effective", date, f"a date not before {onset[0].variable} {onset[0].value}"))
            if follows and _before(date, follows[0].value):
                faults.append(Fault(row.file, row.row, "value", date, f"a year not before {variable.follows} {follows[0].value}"))
            begun = cells.get((place, onsets.get(variable.requires.parent, ""))) if parent else None
            starts = [begun[0].value] if begun else [r.effective for r in parent or [] if variable.requires.holds(r.value)]
            if starts and all(starts) and all(_before(date, start) for start in starts):
                faults.append(Fault(row.file, row.row, "effective", date, f"a date not before {variable.requires.parent}, which began {starts[0]}"))
    return faults


def _before(date: str, other: str) -> bool:
    return parse_date(date).precedes(parse_date(other)) is True


def _source_faults(tables: dict[str, pd.DataFrame]) -> list[Fault]:
    used: Counter[str] = Counter()
    for table, frame in tables.items():
        for column in columns_of(table):
            if table != "sources" and (column in ("source", "item") or column.endswith("_source")):
                used.update(frame[column])
            if column == "items":
                used.update(key for keys in frame[column] for key in keys.split())
    idle = tables["sources"][~tables["sources"]["source"].isin(used)]
    return [Fault("sources.csv", row, "source", key, "a use in another table") for row, key in idle["source"].items()]


def _apart(year: str, effective: str) -> bool:
    return _before(year, effective) or _before(effective, year)
