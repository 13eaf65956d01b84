"""The table that every export writes: jurisdictions by variables in words, with labels, codes and kinds of missing.

A cell without a value says why it has none, and the reasons stay apart in every format: ``unknown`` (searched, not
found), ``not_applicable`` (the parent provision is absent), ``(undated)`` (no coding reaches the day), ``(interval)``
(a year known only within bounds, which two more columns give), ``(open)`` (no bound on that side), ``(not asked)``
(the variable belongs to another level of government). No level can have one of these names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from policylab.codebook import ANY, NOT_APPLICABLE, ORDERED, UNKNOWN, Variable
from policylab.dates import parse_date
from policylab.provisions import Provisions
from policylab.resolve import CODED, UNDATED

NO_DATE, INTERVAL, OPEN, NOT_ASKED = "(undated)", "(interval)", "(open)", "(not asked)"
PLACE = ("jurisdiction", "name", "level")  # what stands before the variables
NUMERIC = ("count", "year")
# Names that Stata or SPSS keep for themselves.
_RESERVED = {
    *("all", "and", "by", "byte", "double", "eq", "float", "ge", "gt", "if", "in", "int", "le", "long", "lt", "ne"),
    *("not", "or", "str", "strl", "to", "using", "with"),
}


class Kind(NamedTuple):
    """A reason for having no value: in words, as Stata's extended missing value, as a user-missing code of SPSS."""

    label: str
    stata: str
    spss: int


KINDS: Mapping[str, Kind] = {
    UNKNOWN: Kind("unknown: searched, not found", "a", -91),
    NOT_APPLICABLE: Kind("not applicable: the parent provision is absent", "b", -92),
    NO_DATE: Kind("undated: no coding reaches the day", "c", -93),
    INTERVAL: Kind("year known only within bounds", "d", -94),
    OPEN: Kind("no bound known on this side", "e", -95),
    NOT_ASKED: Kind("not asked of this level of government", "f", -96),
}
_WORDS_OF_NUMBERS = ("g", -81)  # the first codes of levels that stand beside numbers, such as "none" for no limit
LOWEST_CODE, HIGHEST_CODE = -99, -71  # the range of user-missing codes in SPSS


@dataclass(frozen=True)
class Column:
    """One variable of an export.

    Attributes
    ----------
    name : str
        Of the column: at most 28 characters, not a word that Stata or SPSS reserve.
    variable : str
        The variable of the codebook.
    label : str
    scale : {"binary", "nominal", "ordinal", "count", "year"}
    held : tuple of str
        One per jurisdiction: a level, a number in digits, or one of the words in `KINDS`.
    levels : mapping of str to str
        Level to label, lowest first; for a count those that stand beside its numbers.
    ranks : mapping of str to str
        Rank of the levels beside numbers (``inf`` for no limit).
    """

    name: str
    variable: str
    label: str
    scale: str
    held: tuple[str, ...]
    levels: Mapping[str, str]
    ranks: Mapping[str, str]

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers rather than levels."""
        return self.scale in NUMERIC

    @property
    def ordered(self) -> bool:
        """Whether the levels have an order."""
        return self.scale in ORDERED

    def words(self) -> dict[str, Kind]:
        """Every word that stands for a missing value here, levels beside numbers included."""
        if not self.numeric:
            return dict(KINDS)
        letter, code = _WORDS_OF_NUMBERS
        own = {
            level: Kind(label, chr(ord(letter) + place), code + place)
            for place, (level, label) in enumerate(self.levels.items())
        }
        return {**KINDS, **own}

    def gaps(self) -> dict[str, Kind]:
        """The words that have no place on the scale: all but levels with a rank, such as no limit."""
        return {word: kind for word, kind in self.words().items() if not self.ranks.get(word)}

    def statuses(self) -> list[str]:
        """``coded`` for a cell with a value, or the word that says why there is none."""
        gaps = self.gaps()
        return [value if value in gaps else CODED for value in self.held]


@dataclass(frozen=True)
class Labelled:
    """A view as a table of words with everything that a statistics package wants to know about it.

    Attributes
    ----------
    places : pandas.DataFrame
        jurisdiction, name and level.
    columns : tuple of Column
    codebook, levels : pandas.DataFrame
        Of the variables in view.
    title : str
        Dataset, version and day of law.
    stamp : datetime.date
        Date of the data, for formats that want a time of writing: the same data give the same bytes.
    """

    places: pd.DataFrame
    columns: tuple[Column, ...]
    codebook: pd.DataFrame
    levels: pd.DataFrame
    title: str
    stamp: dt.date

    def in_words(self) -> pd.DataFrame:
        """The table as text."""
        return self.frame(lambda column: list(column.held))

    def frame(self, content: Callable[[Column], Any]) -> pd.DataFrame:
        """The places with what `content` makes of each column beside them."""
        return pd.DataFrame({**self.places, **{column.name: content(column) for column in self.columns}})


def labelled(laws: Provisions) -> Labelled:
    """Lay a view out for export.

    Parameters
    ----------
    laws : Provisions

    Returns
    -------
    Labelled
        One row per jurisdiction in view. A year variable with a year that is known only within bounds is followed by
        two columns, ``<name>_from`` and ``<name>_to``; a year known exactly stands in both.

    Raises
    ------
    ValueError
        If nothing is in view.

    Examples
    --------
    >>> import policylab as lab
    >>> table = labelled(lab.load().select(family="wiretap", jurisdictions=["CT", "ND"]))
    >>> print(table.in_words().set_index("jurisdiction")[["wt_trafficking", "wt_trafficking_year"]])
                 wt_trafficking wt_trafficking_year
    jurisdiction
    CT               enumerated                2015
    ND                       no      not_applicable
    """
    if not laws.jurisdiction_keys or not laws.variable_keys:
        raise ValueError("nothing to export: expected a view with at least one jurisdiction and one variable")
    places = laws.jurisdictions[list(PLACE)]
    words = _words(laws)
    named = [(name, *_edges(words[name], laws.variables[name])) for name in laws.variable_keys]
    wanted = [suffix for name, *bounds in named for suffix in (name, *(f"{name}_{end}" for end, _ in bounds))]
    short = dict(zip(wanted, column_names(wanted, taken=PLACE), strict=True))
    columns: list[Column] = []
    for name, *bounds in named:
        variable = laws.variables[name]
        columns.append(_column(short[name], variable, variable.label, words[name], laws.levels))
        columns += [
            _column(short[f"{name}_{end}"], variable, f"{variable.label}: {_END[end]}", values, laws.levels)
            for end, values in bounds
        ]
    meta = laws.tables.meta
    title = f"{meta['name']} {meta['version']}, law of {laws.date}"
    stamp = meta["date"] or max(laws.tables.codings["recorded"])
    return Labelled(places, tuple(columns), laws.codebook, laws.levels, title, dt.date.fromisoformat(stamp))


def codebook_table(table: Labelled, format_name: str = "") -> pd.DataFrame:
    """Write the codebook of an export: one row per column and level, with the code it has in the file.

    Parameters
    ----------
    table : Labelled
    format_name : {"", "stata", "spss"}
        Whose codes to show; where there are none the words themselves stand in the file.

    Returns
    -------
    pandas.DataFrame
        column, variable, family, label, question, rule, scale, unit, requires, higher_means, value (as in the data
        package), code (as in the file), value_label, reads, cells (how many have it). Numbers have one row, ``*``.
    """
    about = table.codebook.set_index("variable")[_FACTS]
    phrases = table.levels.set_index(["variable", "level"])["reads"].to_dict()
    rows = []
    for column in table.columns:
        family, *facts = about.loc[column.variable]
        fixed = (column.name, column.variable, family, column.label, *facts)
        missing = column.words()
        numbers = [value for value in column.held if value not in missing]
        if column.numeric:
            rows.append((*fixed, ANY, ANY, "a number", phrases.get((column.variable, ANY), ""), len(numbers)))
        else:
            for place, (level, label) in enumerate(column.levels.items()):
                code = str(place) if format_name else level
                read = phrases.get((column.variable, level), "")
                rows.append((*fixed, level, code, label, read, column.held.count(level)))
        for word, kind in missing.items():
            code = {"stata": f".{kind.stata}", "spss": str(kind.spss)}.get(format_name, word)
            read = phrases.get((column.variable, word), "")
            if column.held.count(word) or word in column.levels:
                rows.append((*fixed, word, code, kind.label, read, column.held.count(word)))
    family, *facts = _FACTS
    names = ["column", "variable", family, "label", *facts, "value", "code", "value_label", "reads", "cells"]
    return pd.DataFrame(rows, columns=names)


def column_names(names: Iterable[str], taken: Iterable[str] = (), limit: int = 28) -> list[str]:
    """Fit names to the statistics packages: short enough, not reserved, each once.

    Stata allows 32 characters, and the library that writes its files adds a number of up to four digits to the names of
    value labels.

    Examples
    --------
    >>> column_names(["rr_year", "in", "fed_wiretap_state_trafficking_named"])
    ['rr_year', 'in_1', 'fed_wiretap_state_traffick_1']
    """
    used = set(taken) | _RESERVED
    given = []
    for name in names:
        fitting, number = name[:limit], 0
        while fitting in used or (number == 0 and len(name) > limit):
            number += 1
            end = f"_{number}"
            fitting = name[: limit - len(end)].rstrip("_") + end
        used.add(fitting)
        given.append(fitting)
    return given


_FACTS = ["family", "question", "rule", "scale", "unit", "requires", "higher_means"]
_END = {"from": "first possible year", "to": "last possible year"}


def _words(laws: Provisions) -> pd.DataFrame:
    cells = laws.cells
    word = cells["value"].where(cells["status"].astype(str) != UNDATED, NO_DATE)
    wide = cells.assign(word=word).pivot(index="jurisdiction", columns="variable", values="word")
    return wide.reindex(index=list(laws.jurisdiction_keys), columns=list(laws.variable_keys)).fillna(NOT_ASKED)


def _edges(words: pd.Series, variable: Variable) -> list[tuple[str, pd.Series]]:
    """First and last possible year of a variable that has a year known only within bounds."""
    if variable.scale != "year" or not words.str.contains("/", regex=False).any():
        return []
    return [("from", words.map(lambda word: _edge(word, 0))), ("to", words.map(lambda word: _edge(word, 1)))]


def _edge(word: str, side: int) -> str:
    if word in KINDS:
        return word
    date = parse_date(word)
    day = (date.earliest, date.latest)[side]
    return OPEN if day is None else str(day.year)


def _column(name: str, variable: Variable, label: str, words: pd.Series, levels: pd.DataFrame) -> Column:
    own = levels[(levels["variable"] == variable.name) & (levels["level"] != ANY)].set_index("level")
    values = words
    if variable.scale == "year":
        values = words.mask(words.str.contains("/", regex=False), INTERVAL)
    return Column(
        name=name,
        variable=variable.name,
        label=label,
        scale=variable.scale,
        held=tuple(values),
        levels={level: own.loc[level, "label"] for level in variable.levels},
        ranks={level: own.loc[level, "rank"] for level in variable.levels} if variable.scale in NUMERIC else {},
    )
