"""The codebook: variables, their levels and order, and what each one depends on.

The codebook is data (``codebook.csv`` and ``levels.csv``); dtypes, labels, checks and generated pages
derive from it. A variable that `requires` a condition on its parent is ``not_applicable`` where the
condition fails, so that a detail of an absent provision never counts as a second absence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

UNKNOWN, NOT_APPLICABLE = "unknown", "not_applicable"
MISSING = (UNKNOWN, NOT_APPLICABLE)
SCALES = ("binary", "nominal", "ordinal", "count", "year")
ORDERED = ("binary", "ordinal")
CONSTANT = "constant today"  # status of a variable on which all but at most one of the coded units agree
ANY = "*"  # in levels.csv: the phrase for any number or year of a variable

_CONDITION = re.compile(r"(\w+)\s*(!=|=)\s*([\w|]+)")


@dataclass(frozen=True)
class Condition:
    """A parent's value on which a variable depends, as in ``rr_relief != none``.

    Examples
    --------
    >>> rule = Condition.parse("wt_trafficking = enumerated")
    >>> rule.parent, rule.holds("general"), rule.holds("enumerated")
    ('wt_trafficking', False, True)
    """

    parent: str
    negated: bool
    levels: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read ``parent = a|b`` or ``parent != a|b``; raise ValueError for anything else."""
        match = _CONDITION.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a condition such as 'rr_relief != none' or 'wt_authority = yes'")
        parent, operator, levels = match.groups()
        return cls(parent, operator == "!=", tuple(levels.split("|")))

    @property
    def text(self) -> str:
        """The condition as the codebook writes it."""
        return f"{self.parent} {'!=' if self.negated else '='} {'|'.join(self.levels)}"

    def holds(self, value: str) -> bool:
        """Tell whether a parent with this value lets the variable apply."""
        return (value in self.levels) != self.negated


@dataclass(frozen=True)
class Variable:
    """One variable of the codebook with its levels, lowest first.

    The first level of a variable with an onset stands for absence; `higher_means` says what a higher level counts
    as, and is empty where levels have no direction.
    """

    name: str
    family: str
    label: str
    scale: str
    applies_to: str
    unit: str
    requires: Condition | None
    onset_of: str
    follows: str
    constant: bool
    higher_means: str
    levels: tuple[str, ...]
    phrases: dict[str, str]

    @property
    def dtype(self) -> pd.CategoricalDtype | np.dtype:
        """The pandas dtype of the variable's column in a matrix."""
        if self.scale in ("count", "year"):
            return np.dtype(float)
        return pd.CategoricalDtype(list(self.levels), ordered=self.scale in ORDERED)

    def read(self, value: str) -> str:
        """Put a value into the phrase that the codebook gives it.

        A value without a phrase reads as the label and the value.
        """
        phrase = self.phrases.get(value) or self.phrases.get(ANY, f"{self.label}: {{value}}")
        return phrase.replace("{value}", spell_years(value) if self.scale == "year" else value)


def spell_years(value: str) -> str:
    """Spell a year, or an interval of years, as it stands in a sentence.

    Examples
    --------
    >>> spell_years("2010"), spell_years("2009/2012"), spell_years("../2013")
    ('in 2010', 'between 2009 and 2012', 'in 2013 or before')
    """
    first, _, last = value.partition("/")
    if not last:
        return f"in {value}"
    if first == "..":
        return f"in {last} or before"
    return f"in {first} or later" if last == ".." else f"between {first} and {last}"


def read_variables(codebook: pd.DataFrame, levels: pd.DataFrame) -> dict[str, Variable]:
    """Turn the two codebook tables into variables, in codebook order.

    Parameters
    ----------
    codebook, levels : pandas.DataFrame
        ``codebook.csv`` and ``levels.csv`` as text.

    Returns
    -------
    dict of str to Variable

    Raises
    ------
    ValueError
        If a condition in `requires` cannot be read.

    Examples
    --------
    >>> import policylab as lab
    >>> laws = lab.load()
    >>> read_variables(laws.codebook, laws.levels)["wt_trafficking"].levels
    ('no', 'general', 'enumerated')
    """
    ranked = levels[levels["level"] != ANY].assign(rank=lambda table: pd.to_numeric(table["rank"], errors="coerce"))
    order = ranked.sort_values("rank", kind="stable").groupby("variable", sort=False)["level"].agg(tuple)
    phrases: dict[str, dict[str, str]] = {}
    for variable, level, reads in zip(levels["variable"], levels["level"], levels["reads"], strict=True):
        phrases.setdefault(variable, {})[level] = reads
    return {
        row.variable: Variable(
            name=row.variable,
            family=row.family,
            label=row.label,
            scale=row.scale,
            applies_to=row.applies_to,
            unit=row.unit,
            requires=Condition.parse(row.requires) if row.requires else None,
            onset_of=row.onset_of,
            follows=row.follows,
            constant=row.status == CONSTANT,
            higher_means=row.higher_means,
            levels=order.get(row.variable, ()),
            phrases=phrases.get(row.variable, {}),
        )
        for row in codebook.itertuples(index=False)
    }


def parents_first(variables: Mapping[str, Variable]) -> list[Variable]:
    """Order variables so that each comes after the one it requires.

    Raises
    ------
    ValueError
        If variables require each other in a circle.
    """
    done: dict[str, Variable] = {}
    waiting = dict(variables)
    while waiting:
        ready = [
            variable
            for variable in waiting.values()
            if variable.requires is None or variable.requires.parent not in waiting
        ]
        if not ready:
            raise ValueError(f"variables require each other in a circle: {', '.join(waiting)}")
        for variable in ready:
            done[variable.name] = waiting.pop(variable.name)
    return list(done.values())


def family_label(family: str) -> str:
    """Turn a family key into words: ``record_relief`` reads ``Record relief``."""
    return family.replace("_", " ").capitalize()
