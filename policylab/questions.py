"""The questions behind `Provisions`, as functions over its cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from policylab.codebook import NOT_APPLICABLE, UNKNOWN, Variable, family_label
from policylab.dates import parse_date
from policylab.render import Description, Explanation
from policylab.resolve import CODED, MAY_NOT_APPLY, STATUSES, UNDATED, Answer, Cells
from policylab.tables import EVERYWHERE

EVIDENCE = ("primary", "official", "secondary")
CERTAINTY = ("high", "medium", "low")
RECORD = ("effective", "ended", "enacted", "citation", "source", "evidence", "confidence", "verified_on", "note")
_DAY = dt.timedelta(days=1)


def cells(
    resolver: Cells,
    held: pd.DataFrame,
    variables: list[Variable],
    places: list[tuple[str, str]],
    day: dt.date,
    min_confidence: str,
) -> pd.DataFrame:
    """Answer every cell on one day; see :attr:`policylab.Provisions.cells`."""
    records = dict(zip(held.index, held[list(RECORD)].itertuples(index=False, name=None), strict=True))
    doubtful = CERTAINTY[CERTAINTY.index(min_confidence) + 1 :]
    rows = []
    for place, level in places:
        answers = resolver.on(place, day)
        for variable in variables:
            if variable.applies_to not in (EVERYWHERE, level):
                continue
            answer = answers[variable.name]
            record = records.get(answer.record, ("",) * len(RECORD))
            if answer.status == CODED and record[RECORD.index("confidence")] in doubtful:
                answer = Answer(UNKNOWN, UNKNOWN, f"confidence below {min_confidence}")
            rows.append((place, variable.name, variable.family, answer.value, answer.status, answer.because, *record))
    columns = ["jurisdiction", "variable", "family", "value", "status", "because", *RECORD]
    return pd.DataFrame(rows, columns=columns).astype({"status": pd.CategoricalDtype(list(STATUSES))})


def matrix(table: pd.DataFrame, variables: list[Variable], places: list[str], levels: pd.DataFrame) -> pd.DataFrame:
    """Lay coded cells out as jurisdiction x variable; see :meth:`policylab.Provisions.matrix`."""
    coded = table.assign(value=table["value"].where(table["status"] == CODED))
    wide = coded.pivot(index="jurisdiction", columns="variable", values="value").reindex(index=places)
    ranks = levels.set_index(["variable", "level"])["rank"]
    columns = {v.name: _typed(wide[v.name], v, ranks) for v in variables if v.name in wide}
    table = pd.DataFrame(columns, index=wide.index).rename_axis(columns="variable")
    table.attrs = {
        "families": {v.name: v.family for v in variables},
        "constant": [v.name for v in variables if v.constant],
        "higher_means": {v.name: v.higher_means for v in variables},
        "requires": {v.name: v.requires.text for v in variables if v.requires is not None},
        "unlimited": {v.name: level for v in variables for level in v.levels if ranks[v.name, level] == "inf"},
    }
    return table


def _typed(column: pd.Series, variable: Variable, ranks: pd.Series) -> pd.Series:
    if isinstance(variable.dtype, pd.CategoricalDtype):
        return column.astype(variable.dtype)
    words = {level: float(ranks[variable.name, level] or "nan") for level in variable.levels}
    return pd.to_numeric(column.replace(words), errors="coerce").astype(float)


def compare(cells: pd.DataFrame, codebook: pd.DataFrame, keys: list[str], citations: bool) -> pd.DataFrame:
    """Lay cells out as variable x jurisdiction; see :meth:`policylab.Provisions.compare`."""
    table = pd.DataFrame({"label": codebook.set_index("variable")["label"]})
    values, cited = (
        cells.pivot(index="variable", columns="jurisdiction", values=column).reindex(columns=keys).astype(object)
        for column in ("value", "citation")
    )
    for key in keys:
        table[key] = values[key]
        if citations:
            table[f"{key} citation"] = cited[key]
    return table.fillna("")


def changes(
    resolver: Cells, codings: pd.DataFrame, order: tuple[str, ...], start: dt.date, end: dt.date
) -> pd.DataFrame:
    """Find what entered or left force in a period; see :meth:`policylab.Provisions.changes`."""
    if end < start:
        raise ValueError(f"the period runs backwards: {start} to {end}")
    scales = {variable.name: variable.scale for variable in resolver.variables}
    found: dict[tuple[str, str, str], tuple] = {}
    for row in codings.itertuples(index=False):
        if scales[row.variable] == "year" or row.value == NOT_APPLICABLE:
            continue
        for text, enters in ((row.effective, True), (row.ended, False)):
            if not text:
                continue
            date = parse_date(text)
            inside = date.within(start, end)
            key = (text, row.jurisdiction, row.variable)
            if inside is False or date.earliest is None or date.latest is None or (key in found and not enters):
                continue
            before = resolver.on(row.jurisdiction, date.earliest - _DAY)[row.variable].value
            after = row.value if enters else resolver.on(row.jurisdiction, date.latest)[row.variable].value
            found[key] = (before, after, inside is True, row.citation, row.source, row.note)
    columns = ["date", "jurisdiction", "variable", "before", "after", "certain", "citation", "source", "note"]
    table = pd.DataFrame([(*key, *rest) for key, rest in found.items()], columns=columns)
    table = table[table["before"] != table["after"]]
    position = {name: place for place, name in enumerate(order)}
    return table.sort_values(
        ["date", "jurisdiction", "variable"],
        key=lambda column: column.map(position) if column.name == "variable" else column,
    ).reset_index(drop=True)


def explain(
    cell: pd.Series, variable: Variable, place: str, day: dt.date, sources: pd.DataFrame, others: pd.DataFrame
) -> Explanation:
    """Gather one cell's facts; see :meth:`policylab.Provisions.explain`."""
    facts = {key: str(cell[key]) for key in ("value", "because", "effective", "ended", "enacted", "citation")}
    if cell["status"] != CODED:
        facts |= {"effective": "", "ended": ""}
    facts |= {key: str(cell[key]) for key in ("evidence", "confidence", "verified_on", "note")}
    source = sources[sources["source"] == cell["source"]]
    if len(source):
        document = source.iloc[0]
        facts |= {
            "source_title": f"{document['title']} ({document['publisher']})",
            "text_date": document["date"],
        }
        facts |= {"url": document["url"], "copy": document["copy"]}
    if cell["status"] == CODED:
        sentence = f"{place}, {day}: {variable.read(cell['value'])}."
    else:
        sentence = f"{place}, {day}: {_gap(cell['status'])} ({variable.label.lower()})."
    shown = others[["value", "effective", "ended", "citation", "confidence", "recorded", "superseded", "note"]]
    return Explanation(f"{place} · {variable.label} ({variable.name})", sentence, facts, shown.reset_index(drop=True))


def describe(cells: pd.DataFrame, variables: Mapping[str, Variable], place: str, day: dt.date) -> Description:
    """Write one jurisdiction's sentences; see :meth:`policylab.Provisions.describe`."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for cell in cells[cells["status"] == CODED].itertuples(index=False):
        sentence = variables[cell.variable].read(cell.value)
        sections.setdefault(family_label(cell.family), []).append((sentence[:1].upper() + sentence[1:], cell.citation))
    counts = cells["status"].value_counts()
    gaps = (
        f"{counts[CODED]} of {len(cells) - counts[NOT_APPLICABLE]} applicable provisions are coded, "
        f"{counts['unknown'] + counts[UNDATED]} are unknown; {counts[NOT_APPLICABLE]} do not apply. "
        "Summaries of law, not legal advice."
    )
    return Description(f"{place}: law as coded for {day}", sections, gaps)


def coverage(cells: pd.DataFrame, by: str, order: list[str]) -> pd.DataFrame:
    """Count cells by status, evidence and confidence; see :meth:`policylab.Provisions.coverage`."""
    coded = cells["status"] == CODED
    flags = pd.DataFrame(
        {
            "cells": True,
            "not_applicable": cells["status"] == NOT_APPLICABLE,
            "applicable": cells["status"] != NOT_APPLICABLE,
            "coded": coded,
            "unknown": cells["status"] == "unknown",
            "undated": cells["status"] == UNDATED,
            "may_not_apply": cells["because"] == MAY_NOT_APPLY,
        }
        | {name: coded & (cells["evidence"] == name) for name in EVIDENCE}
        | {name: coded & (cells["confidence"] == name) for name in CERTAINTY},
        index=cells.index,
    )
    table = flags.groupby(cells[by]).sum().reindex(order)
    table.insert(7, "share_coded", table["coded"] / table["applicable"].where(table["applicable"] > 0))
    return table


def _gap(status: str) -> str:
    return {
        "unknown": "not known, a search found no text on this",
        UNDATED: "not known for this day",
        NOT_APPLICABLE: "not applicable, its parent provision is absent",
    }[status]
