"""When did each jurisdiction first have a policy: dates as intervals, with their censoring explicit.

A policy is dated by a year variable. It may have been adopted on a day that is known only within bounds (interval
censoring), before the first text that was seen (left censoring), or not yet in the last text that was seen (right
censoring). Not adopted and unknown are two answers and never merged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from policylab.codebook import MISSING, NOT_APPLICABLE, UNKNOWN, Variable
from policylab.dates import LegalDate, parse_date
from policylab.policies import Definition, Policy, read_policies
from policylab.provisions import Provisions
from policylab.questions import CERTAINTY
from policylab.resolve import CODED, Answer, Cells, Row
from policylab.tables import EVERYWHERE, build_cells

ADOPTED, NOT_ADOPTED = "adopted", "not_adopted"

STATUSES = (ADOPTED, NOT_ADOPTED, UNKNOWN)

PRECISIONS = ("day", "month", "year", "interval", "open", "")

COLUMNS = ["jurisdiction", "policy", "status", "earliest", "latest", "precision"]


class _Dated(NamedTuple):
    """When a policy took effect, as far as it is known."""

    earliest: dt.date | None
    latest: dt.date | None
    precision: str


@dataclass(frozen=True)
class _Evidence:
    """The rows in view and the law on the day of the question."""

    cells: Cells
    records: dict
    text_dates: dict[str, str]
    day: dt.date

    def rows(self, place: str, variable: Variable) -> list[Row]:
        """Coded rows of a cell that may have begun by the day, whatever came after them."""
        rows = self.cells.rows.get((place, variable.name), [])
        return [row for row in rows if row.value not in MISSING and row.start is not None]


def adoptions(laws: Provisions, policies: Mapping[str, Definition] | None = None) -> pd.DataFrame:
    """Date the first adoption of every policy in every jurisdiction.

    Parameters
    ----------
    laws : Provisions
        :meth:`~policylab.Provisions.select` says for whom, :meth:`~policylab.Provisions.as_of` up to which day, and
        :meth:`~policylab.Provisions.known_on` on what knowledge. Codings below its minimum confidence are unknown.
    policies : mapping of str to str or tuple, optional
        Name of the policy to the year variable that dates it, or to (year variable, variable, levels) for the policy
        that stands while `variable` is at one of `levels`. By default every year variable in view that dates the
        onset of another variable, under its own name.

    Returns
    -------
    pandas.DataFrame
        One row per jurisdiction and policy, where the policy applies:

        - jurisdiction : str
        - policy : categorical, in the order given
        - status : categorical, ``adopted``, ``not_adopted`` or ``unknown``
        - earliest, latest : datetime64; an adopted policy took effect on some day from the one to the other, both
          included. NaT where that side is open.
        - precision : categorical, ``day``, ``month``, ``year``, ``interval``, ``open`` (adopted by `latest`, nobody
          knows since when), or empty where the policy is not adopted or unknown

    Raises
    ------
    KeyError
        If a variable is not in view.
    ValueError
        If a policy is not dated by a year variable, its levels are not levels of its variable, or nothing is in view.

    Notes
    -----
    1. Adopted, year known: the interval of the year. The `effective` date of the same coding replaces it where it
       lies within the year and is narrower; where the two disagree, the year rules. So does the `effective` date of a
       policy that is one single level.
    2. Adopted, year not known (left-censored): `latest` is the date of the text that has it, or the end of the
       interval in which its present level began; `earliest` is NaT.
    3. Not adopted (right-censored): `earliest` is the last day on which it was seen absent, that is the first day to
       which the text that lacks it can belong, or the day on which an undated text was read; never after the day of
       the question. `latest` is NaT. A policy whose parent provision is absent is not adopted.
    4. Unknown: both NaT. A year variable that neither dates an onset nor comes with levels says only when: where
       it is unknown the policy is unknown.
    5. First adoption counts. A policy that was repealed or blocked later remains adopted.
    6. The date of an onset says nothing of a higher level; a year variable that dates the present level dates a set
       of levels only from above, since the jurisdiction may have reached another level of the set before.

    Examples
    --------
    >>> import policylab as lab
    >>> laws = lab.load().select(jurisdictions=["CT", "HI"])
    >>> full = ("sh_immunity_year", "sh_immunity", {"full"})
    >>> table = adoptions(laws, {"relief": "rr_year", "full immunity": full})
    >>> print(table.to_string(index=False))
    jurisdiction        policy      status   earliest     latest precision
              CT        relief     adopted 2013-10-01 2013-10-01       day
              CT full immunity     adopted 2016-10-01 2016-10-01       day
              HI        relief     adopted 2012-01-01 2012-12-31      year
              HI full immunity not_adopted 2026-06-01        NaT
    """
    chosen = read_policies(laws, policies)
    evidence = _evidence(laws)
    rows = []
    for place in laws.jurisdictions.itertuples(index=False):
        answers = evidence.cells.on(place.jurisdiction, evidence.day)
        for name, policy in chosen.items():
            if policy.year.applies_to in (EVERYWHERE, place.level):
                rows.append((place.jurisdiction, name, *_answer(evidence, place.jurisdiction, policy, answers)))
    if not rows:
        raise ValueError(
            f"no policy to date: {len(laws.jurisdiction_keys)} jurisdictions and {len(chosen)} policies in view"
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    categories = {"policy": list(chosen), "status": list(STATUSES), "precision": list(PRECISIONS)}
    table = table.astype({column: pd.CategoricalDtype(names) for column, names in categories.items()})
    days = {side: pd.to_datetime(table[side]).astype("datetime64[s]") for side in ("earliest", "latest")}
    return table.assign(**days)


def rows_of(adoptions: pd.DataFrame, policy: str | None = None) -> pd.DataFrame:
    """Pick the rows of one policy, or of all, in the order of the jurisdictions.

    Raises
    ------
    KeyError
        If the frame does not come from :func:`adoptions`, or has no such policy.
    """
    missing = [column for column in COLUMNS if column not in adoptions]
    if missing:
        raise KeyError(f"no column {', '.join(missing)}: expected the frame that adoptions() returns")
    rows = adoptions if policy is None else adoptions[adoptions["policy"] == policy]
    if policy is not None and rows.empty:
        known = ", ".join(dict.fromkeys(adoptions["policy"].astype(str)))
        raise KeyError(f"no policy {policy!r}: expected one of {known}")
    return rows.sort_values("jurisdiction", kind="stable").reset_index(drop=True)


def policy_names(adoptions: pd.DataFrame) -> list[str]:
    """List the policies of a frame, in the order of the categories where it has them."""
    present = set(adoptions["policy"])
    if isinstance(adoptions["policy"].dtype, pd.CategoricalDtype):
        return [name for name in adoptions["policy"].cat.categories if name in present]
    return sorted(present)


def _evidence(laws: Provisions) -> _Evidence:
    """Gather the codings held, of all variables: a policy in view may turn on a variable that is not."""
    held = replace(laws, variable_keys=tuple(laws.variables)).codings
    doubtful = held["confidence"].isin(CERTAINTY[CERTAINTY.index(laws.min_confidence) + 1 :])
    held = held.assign(value=held["value"].mask(doubtful & ~held["value"].isin(MISSING), UNKNOWN))
    columns = ["variable", "effective", "source", "verified_on"]
    records = dict(zip(held.index, held[columns].itertuples(index=False), strict=True))
    sources = laws.tables.sources
    text_dates = dict(zip(sources["source"], sources["date"], strict=True))
    return _Evidence(build_cells(held, laws.variables, sources), records, text_dates, laws.date)


def _answer(evidence: _Evidence, place: str, policy: Policy, answers: dict[str, Answer]) -> tuple:
    """Status, earliest, latest and precision of one policy in one jurisdiction."""
    dated = _year_date(evidence, place, policy)
    if dated is not None and _reached(dated, evidence.day) is True:
        return ADOPTED, *dated
    standing = _standing(evidence, place, policy)
    if standing is not None:
        return ADOPTED, *standing
    unborn = dated is not None and _reached(dated, evidence.day) is False
    judge = policy.variable or policy.year
    answer = answers[judge.name]
    absent = answer.status == NOT_APPLICABLE or (
        policy.variable is not None and answer.status == CODED and answer.value not in policy.levels
    )
    if unborn:
        return NOT_ADOPTED, evidence.day, None, ""
    if absent:
        return NOT_ADOPTED, _last_seen(evidence, _deciding(evidence, judge, answers)), None, ""
    return UNKNOWN, None, None, ""


def _year_date(evidence: _Evidence, place: str, policy: Policy) -> _Dated | None:
    """The first date that the year variable gives for the policy, refined where a narrower one agrees with it."""
    rows = evidence.rows(place, policy.year)
    if policy.variable is not None and not policy.is_onset:
        last = evidence.cells.rows.get((place, policy.variable.name), [])[-1:]
        if len(policy.levels) > 1 or not last or last[0].value not in policy.levels:
            return None  # the year dates the last level only, and that is not the policy, or not the whole of it
        rows = rows[-1:]
    dates = [_dated(row) for row in rows]
    if not dates:
        return None
    first = min(dates, key=lambda date: (date.latest or dt.date.max, date.earliest or dt.date.min))
    if len(policy.levels) == 1:
        starts = [row.start for row in evidence.rows(place, policy.variable) if _begins(row, policy)]
        for start in starts:
            if _narrower(start, first):
                first = _as_dated(start)
    return first


def _dated(row: Row) -> _Dated:
    year = parse_date(row.value)
    capped = LegalDate(row.value, year.earliest, year.latest or row.start.latest)
    whole = _as_dated(capped)
    return _as_dated(row.start) if _narrower(row.start, whole) else whole


def _standing(evidence: _Evidence, place: str, policy: Policy) -> _Dated | None:
    """Date the policy by the levels at which it stood: since when, or by when at the latest."""
    if policy.variable is None:
        return None
    rows = evidence.rows(place, policy.variable)
    begun = [row for row in rows if row.value in policy.levels and row.start.reached(evidence.day) is True]
    if not begun:
        return None
    first = min(begun, key=lambda row: row.start.latest)
    if first.start_is_known and (len(policy.levels) == 1 or _follows_other(first, rows, policy)):
        return _as_dated(first.start)
    return _Dated(None, first.start.latest, "open")


def _follows_other(first: Row, rows: list[Row], policy: Policy) -> bool:
    """Tell whether the level before is known, and is none of the policy's."""
    ends = [row.end for row in rows if row.value not in policy.levels and row.end is not None]
    return any((end.earliest, end.latest) == (first.start.earliest, first.start.latest) for end in ends)


def _begins(row: Row, policy: Policy) -> bool:
    return row.value in policy.levels and row.start_is_known


def _deciding(evidence: _Evidence, variable: Variable, answers: dict[str, Answer]) -> Answer:
    """The answer that settles an absence: that of the nearest ancestor which is coded."""
    known = {candidate.name: candidate for candidate in evidence.cells.variables}
    while answers[variable.name].status == NOT_APPLICABLE and variable.requires is not None:
        variable = known[variable.requires.parent]
    return answers[variable.name]


def _last_seen(evidence: _Evidence, answer: Answer) -> dt.date | None:
    """The last day on which the text behind an absence surely lacked the policy."""
    record = evidence.records.get(answer.record)
    if record is None:
        return evidence.day
    text = evidence.text_dates.get(record.source, "") or record.verified_on or evidence.day.isoformat()
    read, held = parse_date(text).earliest, parse_date(record.effective).latest if record.effective else None
    days = [day for day in (read, held) if day is not None]
    return min(max(days), evidence.day) if days else None


def _reached(date: _Dated, day: dt.date) -> bool | None:
    return LegalDate("", date.earliest, date.latest).reached(day)


def _narrower(date: LegalDate, outer: _Dated) -> bool:
    """Tell whether `date` lies within `outer` on both sides."""
    after = outer.earliest is None or (date.earliest is not None and date.earliest >= outer.earliest)
    before = outer.latest is None or (date.latest is not None and date.latest <= outer.latest)
    return after and before


def _as_dated(date: LegalDate) -> _Dated:
    is_open = date.earliest is None or date.latest is None
    return _Dated(date.earliest, date.latest, "open" if is_open else date.precision)
