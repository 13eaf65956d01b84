"""Legal dates: what is known of a day, as the interval it lies in.

A law is dated to the day, the month, the year, or only within bounds. Every date in the tables is
therefore text in a subset of the Extended Date/Time Format (EDTF, ISO 8601-2:2019): ``2015-10-01``,
``2015-10``, ``2015``, ``2009/2012`` (some day from the start of 2009 to the end of 2012), ``../2013``
(by the end of 2013) and ``2014/..`` (not before 2014).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

_POINT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
EXPECTED = "a date such as 2015-10-01, 2015-10, 2015, 2009/2012, ../2013 or 2014/.."


@dataclass(frozen=True)
class LegalDate:
    """The interval in which a legal date lies, both ends included.

    Attributes
    ----------
    text : str
        The date as written.
    earliest, latest : datetime.date or None
        First and last possible day; None where that side is open.

    Examples
    --------
    >>> parse_date("2015-10")
    LegalDate('2015-10': 2015-10-01 to 2015-10-31)
    """

    text: str
    earliest: dt.date | None
    latest: dt.date | None

    def __repr__(self) -> str:
        return f"LegalDate({self.text!r}: {self.earliest or '..'} to {self.latest or '..'})"

    def reached(self, day: dt.date) -> bool | None:
        """Tell whether the date has come on `day`: True, False, or None where the interval leaves it open.

        Examples
        --------
        >>> law = parse_date("2015")
        >>> law.reached(dt.date(2014, 12, 31)), law.reached(dt.date(2015, 6, 1)), law.reached(dt.date(2015, 12, 31))
        (False, None, True)
        """
        if self.latest is not None and day >= self.latest:
            return True
        if self.earliest is not None and day < self.earliest:
            return False
        return None

    def precedes(self, other: LegalDate) -> bool | None:
        """Tell whether this date lies before `other`; None where the two intervals overlap.

        Examples
        --------
        >>> parse_date("2009/2012").precedes(parse_date("2013")), parse_date("2015").precedes(parse_date("2015-10-01"))
        (True, None)
        """
        if self.latest is not None and other.earliest is not None and self.latest < other.earliest:
            return True
        if self.earliest is not None and other.latest is not None and self.earliest >= other.latest:
            return False
        return None

    def within(self, first: dt.date, last: dt.date) -> bool | None:
        """Tell whether the date lies from `first` to `last`; None where it may.

        Examples
        --------
        >>> parse_date("2015").within(dt.date(2015, 1, 1), dt.date(2015, 12, 31))
        True
        """
        earliest, latest = self.earliest or dt.date.min, self.latest or dt.date.max
        if latest < first or earliest > last:
            return False
        return True if first <= earliest and latest <= last else None

    @property
    def precision(self) -> str:
        """``day``, ``month``, ``year`` or ``interval``."""
        if "/" in self.text:
            return "interval"
        return {4: "year", 7: "month", 10: "day"}[len(self.text)]


@cache
def parse_date(text: str) -> LegalDate:
    """Read a date in the subset of EDTF that the tables use.

    Parameters
    ----------
    text : str
        For example ``2015-10-01``, ``2015``, ``2009/2012``, ``../2013`` or ``2014/..``.

    Returns
    -------
    LegalDate

    Raises
    ------
    ValueError
        If the text is not in the subset, names a day that does not exist, or runs backwards.

    Examples
    --------
    >>> parse_date("2009/2012").latest
    datetime.date(2012, 12, 31)
    >>> parse_date("2015-02-30")
    Traceback (most recent call last):
    ...
    ValueError: '2015-02-30' is no day of the calendar
    """
    if "/" not in text:
        return LegalDate(text, *_point(text, text))
    ends = text.split("/")
    if len(ends) != 2 or ends == ["..", ".."]:
        raise ValueError(f"{text!r} is not {EXPECTED}")
    earliest = None if ends[0] == ".." else _point(ends[0], text)[0]
    latest = None if ends[1] == ".." else _point(ends[1], text)[1]
    if earliest is not None and latest is not None and latest < earliest:
        raise ValueError(f"{text!r} runs backwards")
    return LegalDate(text, earliest, latest)


def as_day(when: str | dt.date) -> dt.date:
    """Turn a question's date into one day: a date, or text that names a day.

    Raises
    ------
    ValueError
        If the text does not name one day.

    Examples
    --------
    >>> as_day("2015-10-01")
    datetime.date(2015, 10, 1)
    """
    if isinstance(when, dt.datetime):
        return when.date()
    if isinstance(when, dt.date):
        return when
    date = parse_date(str(when))
    if date.precision != "day":
        raise ValueError(f"{when!r} does not name one day: expected YYYY-MM-DD")
    return date.earliest


def _point(part: str, whole: str) -> tuple[dt.date, dt.date]:
    match = _POINT.fullmatch(part)
    if match is None:
        raise ValueError(f"{whole!r} is not {EXPECTED}")
    year, month, day = (int(group) if group else None for group in match.groups())
    try:
        first = dt.date(year, 1 if month is None else month, 1 if day is None else day)
        if day is not None:
            return first, first
        last_month = 12 if month is None else month
        after = dt.date(year + last_month // 12, last_month % 12 + 1, 1)
        return first, after - dt.timedelta(days=1)
    except ValueError:
        raise ValueError(f"{whole!r} is no day of the calendar") from None
