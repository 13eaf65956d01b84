"""The rules of the codings that a schema cannot state: one row at a time, then cell by cell."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from policylab.codebook import MISSING, NOT_APPLICABLE, UNKNOWN, Variable
from policylab.dates import LegalDate, parse_date
from policylab.resolve import CODED
from policylab.schema import Fault
from policylab.tables import EVERYWHERE, build_cells

ABSENT = ("no", "none")


def row_faults(codings: pd.DataFrame, variables: dict[str, Variable]) -> list[Fault]:
    """Find rows that contradict themselves or their variable.

    Parameters
    ----------
    codings : pandas.DataFrame
        Rows of sound form, with the columns `file` and `row` that say where each stands.
    variables : dict of str to Variable

    Returns
    -------
    list of Fault
    """
    faults: list[Fault] = []
    for row in codings.itertuples(index=False):
        faults += _own_faults(row, variables[row.variable])
    return faults


def cell_faults(
    codings: pd.DataFrame, sound: pd.DataFrame, variables: dict[str, Variable], tables: dict[str, pd.DataFrame]
) -> list[Fault]:
    """Find what is wrong between rows: missing cells, overlapping periods, orphans, dates out of order.

    Parameters
    ----------
    codings, sound : pandas.DataFrame
        All rows, and those without a fault of their own.
    variables : dict of str to Variable
    tables : dict of str to pandas.DataFrame

    Returns
    -------
    list of Fault
    """
    places = dict(zip(tables["jurisdictions"]["jurisdiction"], tables["jurisdictions"]["level"], strict=True))
    faults = _presence_faults(codings[codings["superseded"] == ""], variables, places)
    held = sound[sound["superseded"] == ""]
    if held.empty:
        return faults
    resolver = build_cells(held, variables, tables["sources"])
    today = max(parse_date(text).latest for text in held["verified_on"])
    answers = {place: resolver.on(place, today) for place in places}
    standing = held[held["ended"].map(lambda text: not text or parse_date(text).reached(today) is not True)]
    faults += _period_faults(held)
    faults += [fault for row in standing.itertuples(index=False) for fault in _parent_faults(row, variables, answers)]
    return faults + _order_faults(held, variables)


def recoding_faults(file: str, recodings: pd.DataFrame, variables: dict[str, Variable]) -> list[Fault]:
    """Find second codings whose values are not in the codebook, and agreements with a reason to differ."""
    faults = []
    for row, place in zip(recodings.itertuples(index=False), recodings.index, strict=True):
        if row.variable not in variables:
            continue
        for column in ("first_value", "second_value"):
            value = getattr(row, column)
            if value and (expected := _wrong_value(value, variables[row.variable])):
                faults.append(Fault(file, place, column, value, expected))
        if row.reason and row.first_value == row.second_value:
            faults.append(Fault(file, place, "reason", row.reason, "no reason, since the two codings agree"))
    return faults


def _at(row, column: str, expected: str, value: str | None = None) -> Fault:
    return Fault(row.file, row.row, column, getattr(row, column) if value is None else value, expected)


def _own_faults(row, variable: Variable) -> list[Fault]:
    faults = []
    if row.file != f"codings/{variable.family}.csv":
        faults.append(
            _at(row, "variable", f"a variable of this file's family ({row.variable} is of {variable.family})")
        )
    if expected := _wrong_value(row.value, variable):
        return [*faults, _at(row, "value", expected)]
    if row.superseded and row.superseded < row.recorded:
        faults.append(_at(row, "superseded", f"a day not before recorded {row.recorded}"))
    if row.value in MISSING:
        if row.evidence != "none":
            faults.append(_at(row, "evidence", f"none, since the value is {row.value}"))
        if not row.note:
            faults.append(_at(row, "note", "what was searched" if row.value == UNKNOWN else "why it does not apply"))
        return faults
    faults += [
        _at(row, column, "an entry, since the cell has a value")
        for column in ("citation", "source", "confidence")
        if not getattr(row, column)
    ]
    if row.evidence == "none":
        faults.append(_at(row, "evidence", "primary, official or secondary, since the cell has a value"))
    if row.value in ABSENT and not row.note:
        faults.append(_at(row, "note", "where the absence was read"))
    if row.effective and row.ended and _before(row.ended, row.effective):
        faults.append(_at(row, "ended", f"a date after effective {row.effective}"))
    if row.enacted and row.effective and _before(row.effective, row.enacted):
        faults.append(_at(row, "enacted", f"a date not after effective {row.effective}"))
    dated_year = variable.scale == "year" and row.effective
    if dated_year and (_before(row.value, row.effective) or _before(row.effective, row.value)):
        faults.append(_at(row, "value", f"the year of effective {row.effective}"))
    return faults


def _wrong_value(value: str, variable: Variable) -> str:
    """What was expected instead of `value`, or nothing."""
    if value in MISSING or value in variable.levels:
        return ""
    words = ", ".join([*variable.levels, *MISSING])
    if variable.scale == "count":
        return "" if value.replace(".", "", 1).isdigit() else f"a number, or one of {words}"
    if variable.scale == "year":
        parts = value.split("/")
        plain = len(parts) <= 2 and all(part == ".." or (len(part) == 4 and part.isdigit()) for part in parts)
        expected = f"a year such as 2015, an interval such as 2009/2012, or one of {words}"
        try:
            parse_date(value)
        except ValueError:
            return expected
        return "" if plain else expected
    return f"one of {words}"


def _presence_faults(held: pd.DataFrame, variables: dict[str, Variable], places: dict[str, str]) -> list[Fault]:
    present = set(zip(held["jurisdiction"], held["variable"], strict=True))
    faults = []
    for place, level in places.items():
        for name, variable in variables.items():
            applies = variable.applies_to in (EVERYWHERE, level)
            if applies == ((place, name) in present):
                continue
            expected = (
                f"a row, {UNKNOWN} with what was searched if nothing was found"
                if applies
                else f"no row, since the variable applies to {variable.applies_to} only"
            )
            file = f"codings/{variable.family}.csv"
            faults.append(Fault(file, None, "jurisdiction + variable", f"{place} + {name}", expected))
    return faults


def _period_faults(held: pd.DataFrame) -> list[Fault]:
    faults = []
    for _, rows in held.groupby(["jurisdiction", "variable"], sort=False):
        earlier: list[tuple[LegalDate | None, LegalDate | None]] = []
        for row in rows.itertuples(index=False) if len(rows) > 1 else ():
            start = parse_date(row.effective) if row.effective else None
            end = parse_date(row.ended) if row.ended else None
            if any(not (_gone(end, other[0]) or _gone(other[1], start)) for other in earlier):
                period = f"{row.effective or 'start not known'} to {row.ended or 'now'}"
                faults.append(_at(row, "effective + ended", "a period that no other row of the cell overlaps", period))
            earlier.append((start, end))
    return faults


def _gone(end: LegalDate | None, start: LegalDate | None) -> bool:
    """Tell whether one period is over when another begins; the same partial date may end one and begin the next."""
    if end is None or start is None:
        return False
    if end.text == start.text:
        return True
    return end.earliest is not None and start.earliest is not None and end.earliest <= start.earliest


def _parent_faults(row, variables: dict[str, Variable], answers: dict[str, dict]) -> list[Fault]:
    rule = variables[row.variable].requires
    if rule is None:
        expected = f"a value or {UNKNOWN}: the variable requires nothing"
        return [_at(row, "value", expected)] if row.value == NOT_APPLICABLE else []
    parent = answers[row.jurisdiction][rule.parent]
    if parent.status not in (CODED, NOT_APPLICABLE):
        return []
    holds = parent.status == CODED and rule.holds(parent.value)
    if holds == (row.value != NOT_APPLICABLE):
        return []
    expected = f"a value or {UNKNOWN}" if holds else NOT_APPLICABLE
    return [_at(row, "value", f"{expected}, since {rule.parent} is {parent.value}")]


def _order_faults(held: pd.DataFrame, variables: dict[str, Variable]) -> list[Fault]:
    """Find dates out of order: before the onset of the variable, before a year it follows, before its parent."""
    cells: dict[tuple[str, str], list] = {}
    for row in held[~held["value"].isin(MISSING)].itertuples(index=False):
        cells.setdefault((row.jurisdiction, row.variable), []).append(row)
    onsets = {variable.onset_of: name for name, variable in variables.items() if variable.onset_of}
    faults = []
    for rows in cells.values():
        variable = variables[rows[0].variable]
        for row in rows:
            column = "value" if variable.scale == "year" else "effective"
            date = getattr(row, column)
            limits = _limits(row, variable, variables, cells, onsets) if date else []
            faults += [
                _at(row, column, f"a date not before {other}, which began {start}")
                for other, start in limits
                if _before(date, start)
            ]
    return faults


def _limits(row, variable: Variable, variables: dict[str, Variable], cells: dict, onsets: dict[str, str]):
    """The (variable, date) pairs that a row's date cannot precede."""
    limits = []
    onset = onsets.get(variable.name, "")
    if row.value != next(iter(variable.levels), None):
        limits += [(onset, other.value) for other in cells.get((row.jurisdiction, onset), [])]
    limits += [(variable.follows, other.value) for other in cells.get((row.jurisdiction, variable.follows), [])]
    if variable.requires is not None:
        parent = variable.requires.parent
        dated = cells.get((row.jurisdiction, onsets.get(parent, "")), [])
        fitting = [r.effective for r in cells.get((row.jurisdiction, parent), []) if variable.requires.holds(r.value)]
        starts = [other.value for other in dated] or fitting
        if starts and all(starts):
            limits.append((parent, min(starts, key=lambda text: parse_date(text).latest or dt.date.max)))
    return limits


def _before(date: str, other: str) -> bool:
    return parse_date(date).precedes(parse_date(other)) is True
