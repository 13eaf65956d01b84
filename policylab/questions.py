"""The questions behind `Provisions`, as functions over its cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from policylab.codebook import NOT_APPLICABLE, Variable, family_label
from policylab.dates import parse_date
from policylab.render import Description, Explanation
from policylab.resolve import CODED, UNDATED, Cells

EVIDENCE = ("primary", "official", "secondary")
CERTAINTY = ("high", "medium", "low")
_DAY = dt.timedelta(days=1)


def compare(cells: pd.DataFrame, codebook: pd.DataFrame, keys: list[str], citations: bool) -> pd.DataFrame:
    """Lay cells out as variable x jurisdiction; see :meth:`policylab.Provisions.compare`."""
    values = cells.pivot(index="variable", columns="jurisdiction", values="value")
    labels = codebook.set_index("variable")["label"]
    table = pd.DataFrame({"label": labels})
    cited = cells.pivot(index="variable", columns="jurisdiction", values="citation")
    for key in keys:
        table[key] = values[key]
        if citations:
            table[f"{key} citation"] = cited[key]
    return table.fillna("")


def changes(resolver: Cells, codings: pd.DataFrame, start: dt.date, end: dt.date) -> pd.DataFrame:
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
    position = {variable.name: place for place, variable in enumerate(resolver.variables)}
    order = table.assign(_variable=table["variable"].map(position))
    return order.sort_values(["date", "jurisdiction", "_variable"])[columns].reset_index(drop=True)


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
        facts |= {"source_title": f"{document['title']} ({document['publisher']})", "text_date": document["date"]}
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
        }
        | {name: coded & (cells["evidence"] == name) for name in EVIDENCE}
        | {name: coded & (cells["confidence"] == name) for name in CERTAINTY},
        index=cells.index,
    )
    table = flags.groupby(cells[by]).sum().reindex(order)
    table.insert(6, "share_coded", table["coded"] / table["applicable"].where(table["applicable"] > 0))
    return table


def _gap(status: str) -> str:
    return {
        "unknown": "not known, a search found no text on this",
        UNDATED: "not known for this day",
        NOT_APPLICABLE: "not applicable, its parent provision is absent",
    }[status]
