"""From rows with periods to the law in force on one day.

Each cell (jurisdiction x variable) may have several rows: what stood before, what stands now. Here they
become one answer per cell and a reason for it. The rules, in order:

1. A row holds from its `effective` date until the day before its `ended` date. A partial date is the
   interval it names: before its start the row does not hold yet, after its end it does, inside it the
   answer is open.
2. A row without `effective` holds from the date of the text that was seen, never earlier.
3. Before the date in an onset variable (``rr_year`` for ``rr_relief``) the law stands at its first level,
   the one for absence.
4. A variable whose parent does not meet the condition in `requires` is not applicable.
5. Everything else is missing: ``unknown`` where a search found nothing, ``undated`` where the rows do
   not reach the day that is asked for. Where the parent is missing too, it may not even apply.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from policylab.codebook import MISSING, NOT_APPLICABLE, UNKNOWN, Variable
from policylab.dates import LegalDate, parse_date

CODED, UNDATED = "coded", "undated"
STATUSES = (CODED, UNKNOWN, UNDATED, NOT_APPLICABLE)
MAY_NOT_APPLY = "what it depends on is not known"


class Row(NamedTuple):
    """One coding with its period, as the resolver needs it."""

    value: str
    start: LegalDate | None
    start_is_known: bool
    end: LegalDate | None
    record: Any  # label of the row in the codings table


class Answer(NamedTuple):
    """What a cell says on one day."""

    value: str
    status: str
    because: str
    record: Any = None


@dataclass(frozen=True)
class Cells:
    """The rows of every cell of one package, ready to be asked about any day.

    Attributes
    ----------
    variables : list of Variable
        Parents before children.
    rows : dict
        (jurisdiction, variable) to its rows.
    onsets : dict
        Variable to the year variable that dates its first departure from the lowest level.
    """

    variables: list[Variable]
    rows: dict[tuple[str, str], list[Row]]
    onsets: dict[str, str]

    def on(self, jurisdiction: str, day: dt.date) -> dict[str, Answer]:
        """Answer every variable for one jurisdiction on one day."""
        answers: dict[str, Answer] = {}
        for variable in self.variables:
            answers[variable.name] = self._answer(jurisdiction, variable, day, answers)
        return answers

    def onset(self, jurisdiction: str, variable: str) -> Row | None:
        """The coded row of the year variable that dates the onset of `variable`, if there is one."""
        return _dated(self.rows.get((jurisdiction, self.onsets.get(variable, "")), []))

    def _answer(self, jurisdiction: str, variable: Variable, day: dt.date, answers: dict[str, Answer]) -> Answer:
        parent = answers.get(variable.requires.parent) if variable.requires is not None else None
        if parent is not None and parent.status == NOT_APPLICABLE:
            return Answer(NOT_APPLICABLE, NOT_APPLICABLE, f"{variable.requires.parent} is not applicable")
        if parent is not None and parent.status == CODED and not variable.requires.holds(parent.value):
            reason = f"{variable.requires.parent} is {parent.value}"
            return Answer(NOT_APPLICABLE, NOT_APPLICABLE, reason, self._last(jurisdiction, variable.name))
        rows = self.rows.get((jurisdiction, variable.name), [])
        if variable.scale == "year":
            answer = _year(rows, day)
        else:
            answer = _level(rows, day, variable, self.onset(jurisdiction, variable.name))
        if answer.status in (UNKNOWN, UNDATED) and parent is not None and parent.status != CODED:
            return answer._replace(because=MAY_NOT_APPLY)
        return answer

    def _last(self, jurisdiction: str, variable: str) -> Any:
        rows = self.rows.get((jurisdiction, variable), [])
        return rows[-1].record if rows else None


def _level(rows: list[Row], day: dt.date, variable: Variable, onset: Row | None) -> Answer:
    coded = [row for row in rows if row.value not in MISSING]
    for row in coded:
        start = row.start
        if not row.start_is_known and onset is not None and len(variable.levels) == 2 and len(coded) == 1:
            start = onset.start  # of two levels the departure from one is the start of the other
        begun = None if start is None else start.reached(day)
        if begun is True and (row.end is None or row.end.reached(day) is False):
            return Answer(row.value, CODED, "in force", row.record)
    if onset is not None and onset.start.reached(day) is False:
        return Answer(variable.levels[0], CODED, f"before {onset.value}", onset.record)
    return _open(rows)


def _year(rows: list[Row], day: dt.date) -> Answer:
    row = _dated(rows)
    if row is None:
        return _open(rows)
    begun = row.start.reached(day)
    if begun is False:
        return Answer(NOT_APPLICABLE, NOT_APPLICABLE, "not yet", row.record)
    return Answer(row.value, CODED, "dated", row.record) if begun else _open(rows)


def _open(rows: list[Row]) -> Answer:
    searched = [row for row in rows if row.value == UNKNOWN]
    if searched:
        return Answer(UNKNOWN, UNKNOWN, "searched, not found", searched[-1].record)
    return Answer(UNKNOWN, UNDATED, "no row reaches this day", rows[-1].record if rows else None)


def _dated(rows: list[Row]) -> Row | None:
    coded = [row for row in rows if row.value not in MISSING]
    return coded[-1] if coded else None


def start_of(effective: str, text_date: str, verified_on: str) -> tuple[LegalDate | None, bool]:
    """The day from which a row is known to hold, and whether that is the start of the provision.

    Parameters
    ----------
    effective, text_date, verified_on : str
        The row's date of effect, the date of the text that was seen, and the day it was seen; each may be
        empty. A text cannot be younger than the day on which it was read.

    Returns
    -------
    start : LegalDate or None
    known : bool
        False where only the text vouches for the row, so that the true start may lie earlier.

    Examples
    --------
    >>> start_of("2015-10-01", "", "2026-11-21")
    (LegalDate('2015-10-01': 2015-10-01 to 2015-10-01), True)
    >>> start_of("", "2022", "2026-11-21")
    (LegalDate('2022': .. to 2022-12-31), False)
    """
    seen = parse_date(verified_on) if verified_on else None
    known = bool(effective)
    date = parse_date(effective or text_date) if effective or text_date else None
    latest = date.latest if date is not None else None
    if seen is not None and (latest is None or latest > seen.latest) and not (date and _after(date, seen)):
        latest = seen.latest
    if latest is None and date is None:
        return None, False
    return LegalDate(date.text if date else verified_on, date.earliest if known and date else None, latest), known


def _after(date: LegalDate, seen: LegalDate) -> bool:
    return date.earliest is not None and date.earliest > seen.latest
