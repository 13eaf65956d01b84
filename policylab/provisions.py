"""`Provisions`: the tables of one data package and the questions asked of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import pandas as pd

from policylab import questions
from policylab.citations import cite
from policylab.codebook import NOT_APPLICABLE, Variable, family_label, read_variables
from policylab.dates import as_day, parse_date
from policylab.names import expected_one_of
from policylab.render import Description, Explanation
from policylab.resolve import CODED, Cells
from policylab.tables import EVERYWHERE, FEDERAL, Tables, build_cells


@dataclass(frozen=True, eq=False, repr=False)
class Provisions:
    """Coded law: one row per jurisdiction, variable and period, and questions over it.

    Every question returns a new value; nothing is changed in place. Get one from :func:`policylab.load`.

    Attributes
    ----------
    tables : Tables
        The whole package, whatever the view.
    day : datetime.date or None
        The day of law that is asked about (:meth:`as_of`); None for the day the dataset was last checked.
    known : datetime.date or None
        The day of knowledge (:meth:`known_on`); None for today's.
    jurisdiction_keys, variable_keys : tuple of str
        What is in view (:meth:`select`).
    min_confidence : str
        Cells below it count as unknown.

    Examples
    --------
    >>> import policylab as lab
    >>> lab.load().select(jurisdictions=["CT", "ND"], family="wiretap").matrix().shape[0]
    2
    """

    tables: Tables
    day: dt.date | None = None
    known: dt.date | None = None
    jurisdiction_keys: tuple[str, ...] = ()
    variable_keys: tuple[str, ...] = ()
    min_confidence: str = "low"

    # ------------------------------------------------------------------ tables
    @property
    def codings(self) -> pd.DataFrame:
        """The rows in view that were held to be right on the day of knowledge, as text."""
        rows = self._held
        chosen = rows["jurisdiction"].isin(self.jurisdiction_keys) & rows["variable"].isin(self.variable_keys)
        return rows[chosen].reset_index(drop=True)

    @property
    def codebook(self) -> pd.DataFrame:
        """One row per variable in view: question, scale, what it requires."""
        table = self.tables.codebook
        return table[table["variable"].isin(self.variable_keys)].reset_index(drop=True)

    @property
    def levels(self) -> pd.DataFrame:
        """The levels of the variables in view, with rank, label and the phrase they read as."""
        table = self.tables.levels
        return table[table["variable"].isin(self.variable_keys)].reset_index(drop=True)

    @property
    def sources(self) -> pd.DataFrame:
        """The documents behind the cells in view."""
        table = self.tables.sources
        return table[table["source"].isin(set(self.cells["source"]))].reset_index(drop=True)

    @property
    def jurisdictions(self) -> pd.DataFrame:
        """One row per jurisdiction in view."""
        table = self.tables.jurisdictions
        return table[table["jurisdiction"].isin(self.jurisdiction_keys)].reset_index(drop=True)

    @cached_property
    def variables(self) -> MappingProxyType[str, Variable]:
        """All variables of the package by name, in codebook order."""
        return MappingProxyType(read_variables(self.tables.codebook, self.tables.levels))

    @cached_property
    def date(self) -> dt.date:
        """The day of law that the answers are about."""
        if self.day is not None:
            return self.day
        return max(parse_date(text).latest for text in self.tables.codings["verified_on"] if text)

    # ------------------------------------------------------------------- views
    def as_of(self, date: str | dt.date) -> Provisions:
        """Ask about the law in force on a day.

        Parameters
        ----------
        date : str or datetime.date
            ``YYYY-MM-DD``.

        Returns
        -------
        Provisions

        Raises
        ------
        ValueError
            If the date does not name one day.

        Notes
        -----
        A value is in force from the end of the interval that its date names; inside the interval the cell
        is missing. Before the year in which a provision began the value is the lowest level. A start that
        is not known is never carried back before the date of the text that was seen.

        Examples
        --------
        >>> import policylab as lab
        >>> laws = lab.load()
        >>> [laws.as_of(day).value("CT", "cr_minor_no_force") for day in ("2015-09-30", "2015-10-01")]
        ['no', 'yes']
        """
        return replace(self, day=as_day(date))

    def known_on(self, date: str | dt.date) -> Provisions:
        """Ask what the dataset held on a day, before later corrections.

        Raises
        ------
        ValueError
            If the date does not name one day, or nothing had been recorded by then.

        Examples
        --------
        >>> import policylab as lab
        >>> lab.load().known_on("2010-01-01")
        Traceback (most recent call last):
        ...
        ValueError: nothing was recorded by 2010-01-01: the first rows are of 2026-11-21
        """
        day = as_day(date)
        first = min(self.tables.codings["recorded"])
        if first > day.isoformat():
            raise ValueError(f"nothing was recorded by {day}: the first rows are of {first}")
        return replace(self, known=day)

    def select(
        self,
        family: str | Iterable[str] | None = None,
        jurisdictions: Iterable[str] | None = None,
        variables: Iterable[str] | None = None,
        level: str | None = None,
        min_confidence: str | None = None,
    ) -> Provisions:
        """Narrow the view.

        Parameters
        ----------
        family : str or iterable of str, optional
            Families of the codebook, for example ``"wiretap"``.
        jurisdictions, variables : iterable of str, optional
            Keys; order does not matter, the canonical order is kept.
        level : str, optional
            Level of government in ``jurisdictions.csv``, for example ``"state"``.
        min_confidence : {"low", "medium", "high"}, optional
            Cells below it become unknown.

        Returns
        -------
        Provisions
            With the variables that apply to at least one jurisdiction in view.

        Raises
        ------
        KeyError
            If a name is not in the package.

        Examples
        --------
        >>> import policylab as lab
        >>> lab.load().select(family="compensation", jurisdictions=["ND", "CT"]).matrix().index.tolist()
        ['CT', 'ND']
        """
        table = self.jurisdictions
        places = _pick("jurisdiction", self.jurisdiction_keys, jurisdictions)
        if level is not None:
            _pick("level", tuple(dict.fromkeys(table["level"])), [level])
            places = tuple(key for key in places if key in set(table.loc[table["level"] == level, "jurisdiction"]))
        families = tuple(dict.fromkeys(self.codebook["family"]))
        chosen = set(_pick("family", families, [family] if isinstance(family, str) else family))
        reach = set(table.loc[table["jurisdiction"].isin(places), "level"]) | {EVERYWHERE}
        names = tuple(
            name
            for name in _pick("variable", self.variable_keys, variables)
            if self.variables[name].family in chosen and self.variables[name].applies_to in reach
        )
        confidence = min_confidence or self.min_confidence
        _pick("min_confidence", questions.CERTAINTY, [confidence])
        return replace(self, jurisdiction_keys=places, variable_keys=names, min_confidence=confidence)

    # --------------------------------------------------------------- questions
    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row per cell in view: the answer on :attr:`date`, why, and the coding behind it.

        Columns: jurisdiction, variable, family, value, status (``coded``, ``unknown``, ``undated``,
        ``not_applicable``), because, and effective, ended, enacted, citation, source, evidence, confidence,
        verified_on and note of the coding used.
        """
        variables = [self.variables[name] for name in self.variable_keys]
        table = self.jurisdictions
        places = list(zip(table["jurisdiction"], table["level"], strict=True))
        return questions.cells(self._resolver, self._held, variables, places, self.date, self.min_confidence)

    def matrix(self) -> pd.DataFrame:
        """The cells in view as jurisdiction x variable.

        Returns
        -------
        pandas.DataFrame
            Ordered categoricals for binary and ordinal variables, unordered ones for nominal, floats for
            counts and years. Missing is missing: unknown, undated and not applicable cells are NaN
            (:meth:`status` tells them apart), as are years known only within bounds. A count without limit
            is infinite.

        Examples
        --------
        >>> import policylab as lab
        >>> print(*lab.load().matrix().loc["CT", ["wt_trafficking", "rr_year"]])
        enumerated 2013.0
        """
        variables = [self.variables[name] for name in self.variable_keys]
        return questions.matrix(self.cells, variables, list(self.jurisdiction_keys), self.tables.levels)

    def status(self) -> pd.DataFrame:
        """Say of each cell of :meth:`matrix` whether it is coded, unknown, undated or not_applicable.

        Examples
        --------
        >>> import policylab as lab
        >>> lab.load().status().loc["ND", "wt_trafficking_year"]
        'not_applicable'
        """
        wide = self.cells.astype({"status": str}).pivot(index="jurisdiction", columns="variable", values="status")
        return wide.reindex(index=list(self.jurisdiction_keys), columns=list(self.variable_keys))

    def value(self, jurisdiction: str, variable: str) -> str:
        """The value of one cell in words: a level, a number, ``unknown`` or ``not_applicable``.

        Examples
        --------
        >>> import policylab as lab
        >>> lab.load().as_of("2015-10-01").value("CT", "wt_trafficking")
        'enumerated'
        """
        return self._cell(jurisdiction, variable)["value"]

    def compare(
        self,
        *jurisdictions: str,
        family: str | None = None,
        variables: Iterable[str] | None = None,
        citations: bool = False,
        include_us: bool = False,
    ) -> pd.DataFrame:
        """Put jurisdictions side by side.

        Parameters
        ----------
        *jurisdictions : str
            At least one key; the order given is the order of the columns.
        family, variables : optional
            Which rows; all in view by default.
        citations : bool
            Add each cell's citation.
        include_us : bool
            Add the column of the federal level, beside and never inside those of the states.

        Returns
        -------
        pandas.DataFrame
            Index variable, a column ``label``, then one column per jurisdiction (two with citations); blank
            where a variable does not belong to that level of government.

        Raises
        ------
        KeyError
            If a name is not in the package.

        Examples
        --------
        >>> import policylab as lab
        >>> lab.load().compare("CT", "ND", variables=["wt_trafficking"])
                                                label          CT  ND
        variable
        wt_trafficking  Wiretap order for trafficking  enumerated  no
        """
        keys = list(dict.fromkeys([*jurisdictions, *(self._federal() if include_us else [])]))
        if not keys:
            raise ValueError("compare needs at least one jurisdiction")
        view = self.select(family=family, jurisdictions=keys, variables=variables)
        return questions.compare(view.cells, view.codebook, keys, citations)

    def changes(self, start: str | dt.date, end: str | dt.date) -> pd.DataFrame:
        """List what entered or left force between two days, both included.

        Returns
        -------
        pandas.DataFrame
            date, jurisdiction, variable, before, after, certain (False where the date is known only to an
            interval that reaches beyond the period), citation, source, note. Year variables are left out: they
            repeat the date of the provision they belong to.

        Raises
        ------
        ValueError
            If the period runs backwards.

        Examples
        --------
        >>> import policylab as lab
        >>> acts = lab.load().select(jurisdictions=["CT"]).changes("2015-10-01", "2015-10-01")
        >>> acts.loc[acts["variable"] == "cvc_trafficking", ["before", "after"]].values.tolist()
        [['no', 'deadline']]
        """
        return questions.changes(self._resolver, self.codings, self.variable_keys, as_day(start), as_day(end))

    def explain(self, jurisdiction: str, variable: str) -> Explanation:
        """Show all the dataset holds on one cell: value, sentence, citation, dates, source, note, other codings.

        Raises
        ------
        KeyError
            If the jurisdiction or the variable is not in the package.

        Examples
        --------
        >>> import policylab as lab
        >>> print(lab.load().explain("CT", "cvc_trafficking").facts["citation"])
        Conn. Gen. Stat. § 54-211(a)(3)
        """
        cell = self._cell(jurisdiction, variable)
        place = self._place(jurisdiction)
        rows = self.tables.codings
        same = rows[(rows["jurisdiction"] == jurisdiction) & (rows["variable"] == variable)]
        others = same[same.index != self._resolver.on(jurisdiction, self.date)[variable].record]
        return questions.explain(cell, self.variables[variable], place, self.date, self.tables.sources, others)

    def describe(self, jurisdiction: str) -> Description:
        """Write one jurisdiction's law on one page, every sentence with its citation.

        Examples
        --------
        >>> import policylab as lab
        >>> lab.load().as_of("2026-11-01").describe("CT").title
        'Connecticut: law as coded for 2026-11-01'
        """
        cells = self.select(jurisdictions=[jurisdiction]).cells
        return questions.describe(cells, self.variables, self._place(jurisdiction), self.date)

    def coverage(self, by: str = "variable") -> pd.DataFrame:
        """Count what is coded and on what evidence.

        Parameters
        ----------
        by : {"variable", "family", "jurisdiction"}

        Returns
        -------
        pandas.DataFrame
            cells, not_applicable, applicable, coded, unknown, undated, may_not_apply (of the last two, those whose
            parent is missing as well), share_coded (coded / applicable, so that cells which may not apply count
            as gaps), and of the coded cells primary, official, secondary and high, medium, low.

        Examples
        --------
        >>> import policylab as lab
        >>> table = lab.load().coverage(by="family")
        >>> bool((table["coded"] + table["unknown"] + table["undated"] == table["applicable"]).all())
        True
        """
        orders = {
            "variable": list(self.variable_keys),
            "family": list(dict.fromkeys(self.codebook["family"])),
            "jurisdiction": list(self.jurisdiction_keys),
        }
        if by not in orders:
            raise ValueError(f"by is {by!r}: expected {', '.join(orders)}")
        return questions.coverage(self.cells, by, orders[by])

    def cite(self, cells: pd.DataFrame | None = None, style: str = "bibtex") -> str:
        """Write citations for the dataset and for exactly the sources behind some cells.

        Parameters
        ----------
        cells : pandas.DataFrame, optional
            Any frame with the columns jurisdiction and variable; all cells in view by default.
        style : {"bibtex", "csl"}

        Returns
        -------
        str
            One entry for the dataset and one for each source; the note of a source lists the sections of law that
            the cells cite from it.

        Raises
        ------
        KeyError
            If the frame lacks one of the two columns.

        Examples
        --------
        >>> import policylab as lab
        >>> text = lab.load().select(jurisdictions=["CT"], variables=["wt_authority"]).cite()
        >>> print([line for line in text.splitlines() if "note" in line][-1])
          note = {Statute; Conn. Gen. Stat. § 54-41b},
        """
        used = self.cells[self.cells["status"] == CODED]
        if cells is not None:
            keys = pd.MultiIndex.from_frame(cells[["jurisdiction", "variable"]])
            used = used[pd.MultiIndex.from_frame(used[["jurisdiction", "variable"]]).isin(keys)]
        table = self.tables.sources
        sections = used.groupby("source")["citation"].agg(list).to_dict()
        return cite(table[table["source"].isin(set(used["source"]))], self.tables.meta, style, sections)

    # ---------------------------------------------------------------- internal
    @cached_property
    def _held(self) -> pd.DataFrame:
        rows = self.tables.codings
        if self.known is None:
            return rows[rows["superseded"] == ""]
        day = self.known.isoformat()
        return rows[(rows["recorded"] <= day) & ((rows["superseded"] == "") | (rows["superseded"] > day))]

    @cached_property
    def _resolver(self) -> Cells:
        return build_cells(self._held, self.variables, self.tables.sources)

    def _federal(self) -> list[str]:
        table = self.jurisdictions
        keys = table.loc[table["level"] == FEDERAL, "jurisdiction"].tolist()
        if not keys:
            raise KeyError(f"no jurisdiction of level {FEDERAL!r} to include")
        return keys

    def _place(self, jurisdiction: str) -> str:
        _pick("jurisdiction", self.jurisdiction_keys, [jurisdiction])
        table = self.tables.jurisdictions
        return table.loc[table["jurisdiction"] == jurisdiction, "name"].item()

    def _cell(self, jurisdiction: str, variable: str) -> pd.Series:
        cells = self.select(jurisdictions=[jurisdiction], variables=[variable]).cells
        if cells.empty:
            raise KeyError(f"{variable} does not apply to {jurisdiction}")
        return cells.iloc[0]

    def __repr__(self) -> str:
        coded = self.cells[self.cells["status"] == CODED]
        primary = (coded["evidence"] == "primary").mean() if len(coded) else 0
        return (
            f"<Provisions: {len(self.jurisdiction_keys)} jurisdictions x {len(self.variable_keys)} variables, "
            f"{len(coded)} of {(self.cells['status'] != NOT_APPLICABLE).sum()} applicable cells coded, "
            f"{primary:.0%} on primary evidence; law of {self.date}; {self.tables.meta['name']} data {self.version}>"
        )

    def _repr_html_(self) -> str:
        table = self.coverage(by="family").reset_index()
        table["family"] = table["family"].map(family_label)
        shown = table[["family", "cells", "applicable", "coded", "share_coded", "primary", "official", "secondary"]]
        head = repr(self)[1:-1]
        return f"<p><b>{head}</b></p>{shown.to_html(index=False, float_format='{:.2f}'.format)}"

    @property
    def version(self) -> str:
        """The version of the data package."""
        return self.tables.meta["version"]


def _pick(kind: str, known: tuple[str, ...], wanted: Iterable[str] | None) -> tuple[str, ...]:
    if wanted is None:
        return known
    wanted = list(wanted)
    strangers = [name for name in wanted if name not in known]
    if strangers:
        raise KeyError(f"no {kind} {', '.join(map(repr, strangers))}: {expected_one_of(strangers[0], known)}")
    return tuple(name for name in known if name in wanted)
