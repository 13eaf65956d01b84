"""Citations for exactly the sources behind a table, and for the dataset itself.

BibTeX goes into a manuscript, CSL-JSON into Zotero and other reference managers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

import pandas as pd

STYLES = ("bibtex", "csl")
_CSL_TYPE = {
    "statute": "legislation",
    "act": "legislation",
    "regulation": "regulation",
    "bill": "bill",
    "case": "legal_case",
    "dataset": "dataset",
    "official summary": "report",
    "survey": "report",
    "article": "webpage",
}
_ESCAPES = {char: "\\" + char for char in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}


def cite(
    sources: pd.DataFrame,
    dataset: dict[str, str],
    style: str = "bibtex",
    citations: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """Write citations for a dataset and the sources that were used from it.

    Parameters
    ----------
    sources : pandas.DataFrame
        Rows of ``sources.csv``: source, title, publisher, url, date, kind.
    dataset : dict
        Keys name, title, version and, where known, date and authors.
    style : {"bibtex", "csl"}
        BibTeX, or CSL-JSON.
    citations : mapping of str to iterable of str, optional
        Source to the sections of law that were read in it; they go into the note of its entry.

    Returns
    -------
    str
        The dataset first, then the sources in the order of their ids.

    Raises
    ------
    ValueError
        If the style is neither.

    Examples
    --------
    >>> import policylab as lab
    >>> laws = lab.load().select(jurisdictions=["CT"], variables=["rr_year"])
    >>> print(laws.cite().splitlines()[0])
    @misc{policylab,
    """
    if style not in STYLES:
        raise ValueError(f"style is {style!r}: expected one of {', '.join(STYLES)}")
    sections = {source: "; ".join(sorted(set(found))) for source, found in (citations or {}).items()}
    ordered = sources.assign(note=sources["source"].map(sections).fillna("")).sort_values("source").to_dict("records")
    own = {
        "source": dataset["name"],
        "title": dataset["title"],
        "publisher": dataset.get("authors", ""),
        "date": dataset.get("date", ""),
        "url": "",
        "kind": "dataset",
        "note": f"Version {dataset['version']}",
    }
    if style == "csl":
        return json.dumps([_csl(row) for row in [own, *ordered]], indent=2, ensure_ascii=False)
    return "\n\n".join(_bibtex(row) for row in [own, *ordered]) + "\n"


def _year(date: str) -> str:
    years = re.findall(r"\d{4}", date)
    return years[-1] if years else ""


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in text)


def _bibtex(row: dict[str, str]) -> str:
    fields = {
        "title": f"{{{_escape(row['title'])}}}",
        "author": f"{{{_escape(row['publisher'])}}}" if row["publisher"] else "",
        "year": _year(row["date"]),
        "note": _escape("; ".join(filter(None, [row["kind"].capitalize(), row.get("note", "")]))),
        "url": row["url"],
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{row['source']},\n" + ",\n".join(lines) + "\n}"


def _csl(row: dict[str, str]) -> dict:
    entry = {
        "id": row["source"],
        "type": _CSL_TYPE.get(row["kind"], "document"),
        "title": row["title"],
        "author": [{"literal": row["publisher"]}] if row["publisher"] else [],
        "URL": row["url"],
        "note": row.get("note", ""),
    }
    if _year(row["date"]):
        entry["issued"] = {"date-parts": [[int(_year(row["date"]))]]}
    return {name: value for name, value in entry.items() if value}
