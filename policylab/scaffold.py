"""A package to start from: small, valid, and explained column by column."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from policylab.check import check_package
from policylab.dates import as_day
from policylab.export.text import plain_csv
from policylab.schema import PackageError, needed_columns, table_schema

_TABLES = {
    "codebook": "the variables: one row per question that a coder answers",
    "levels": "the levels of the variables: order, label, phrase",
    "jurisdictions": "the units that are compared: countries, states, cities, agencies",
    "sources": "the documents that were read",
    "codings": "the coded law: one row per jurisdiction, variable and period, in one file per family",
}
_FAMILY = "example"
_WORDS = {  # where the shipped schema speaks of the United States
    ("jurisdictions", "jurisdiction"): "Key: a short code of letters, digits, - and _; figures show it",
    ("codebook", "status"): "`constant today` where all but at most one of the coded units share one value",
    ("jurisdictions", "level"): "Level of government, for example state or country; `applies_to` refers to it",
}
_ROWS = {
    "codebook": [
        {
            "variable": "ex_rule",
            "family": _FAMILY,
            "label": "Example rule",
            "question": "Does the law have the rule? Put a question here that a reader of the text can answer.",
            "rule": "Full: without limits. Partial: with limits. Say here how to decide hard cases.",
            "scale": "ordinal",
            "applies_to": "all",
            "higher_means": "wider rule",
            "since_version": "0.1.0",
        }
    ],
    "levels": [
        {"variable": "ex_rule", "level": "none", "rank": "0", "label": "none", "reads": "there is no such rule"},
        {
            "variable": "ex_rule",
            "level": "partial",
            "rank": "1",
            "label": "partial",
            "reads": "the rule has exceptions",
        },
        {"variable": "ex_rule", "level": "full", "rank": "2", "label": "full", "reads": "the rule has no limits"},
    ],
    "jurisdictions": [
        {"jurisdiction": "EX-A", "name": "Example A", "level": "country"},
        {"jurisdiction": "EX-B", "name": "Example B", "level": "country"},
    ],
    "sources": [
        {
            "source": "example-text",
            "title": "Example statute, to be replaced by the document that you read",
            "publisher": "Publisher of the document",
            "kind": "statute",
            "date": "2020",
        }
    ],
    "codings": [
        {
            "jurisdiction": "EX-A",
            "variable": "ex_rule",
            "value": "partial",
            "effective": "2015-07-01",
            "citation": "Example statute, section 1(2)",
            "source": "example-text",
            "evidence": "primary",
            "confidence": "high",
            "note": "Example row: in own words, what the text says.",
        },
        {
            "jurisdiction": "EX-B",
            "variable": "ex_rule",
            "value": "unknown",
            "evidence": "none",
            "note": "Example row: what was searched without finding a text.",
        },
    ],
}
_README = """\
# {title}

Coded law as a data package for policylab: CSV files, described by `datapackage.json` and `schemas/` (Data Package v2).
The rows in it are examples: replace them.

```sh
policylab check .                                # every fault by file, row, column and value
policylab show EX-A --package .                  # one jurisdiction in sentences
policylab figures --package . --only dendrogram  # a cluster figure, from three jurisdictions on
policylab export table.dta --package .           # Stata; also csv, spss, parquet, r, qca
```

## Rules

- One row per jurisdiction, variable and period. Every jurisdiction has a row for every variable that applies to it.
- A value is a level of the variable, a number, a year (`2015`, or `2009/2012` where only bounds are known), or one of
  two words: `unknown` (searched, not found; the note says what was searched) and `not_applicable` (the condition in
  `requires` fails). A cell is never empty, and unknown is never "no".
- A row with a value has a citation, a source, evidence and confidence. The levels `no` and `none` need a note that says
  where the absence was read.
- Dates are days, months, years or intervals: `2015-10-01`, `2015-10`, `2015`, `2009/2012`, `../2013`, `2014/..`.
- The variables of a family stand in `codings/<family>.csv`.
- A correction never overwrites: `policylab correct` marks the old row and adds the new one.
- Text that begins with =, +, @ or a tab is refused, since a spreadsheet would run it.

## Scales

| scale | values | in levels.csv |
|---|---|---|
| binary | two levels, absence first | two rows with ranks 0 and 1 |
| ordinal | levels with an order, lowest first | one row per level with its rank |
| nominal | levels without an order | one row per level, rank empty |
| count | a number | a row `*` with the phrase; `none` with rank inf for "no limit" |
| year | a year or an interval of years | a row `*` with the phrase |

A year variable with `onset_of` dates another variable's first departure from its lowest level; before that year the
other variable is at its lowest level.

## To publish it

Add `contributors` and `licenses` to datapackage.json: `laws.cite()` names the contributors. Each new file under
codings/ gets a resource there. Tile maps need the columns `tile_row` and `tile_column` in jurisdictions.csv and in its
schema.
{tables}"""


def new_package(folder: str | Path, title: str = "", day: str | dt.date | None = None) -> list[Path]:
    """Write a small valid data package with a commented codebook and two example rows.

    Parameters
    ----------
    folder : path
        Not there yet, or empty.
    title : str, optional
        By default the name of the folder.
    day : str or datetime.date, optional
        Date of the example rows; today by default.

    Returns
    -------
    list of pathlib.Path
        datapackage.json, README.md (every column explained), codebook.csv, levels.csv, jurisdictions.csv, sources.csv,
        codings/example.csv and the schemas.

    Raises
    ------
    FileExistsError
        If the folder has something in it, or is a file; nothing is written then.
    FileNotFoundError
        If the folder that it should stand in is not there.

    Examples
    --------
    >>> import policylab as lab
    >>> with tempfile.TemporaryDirectory() as home:
    ...     files = new_package(f"{home}/my-data")
    ...     lab.read_package(f"{home}/my-data").value("EX-A", "ex_rule")
    'partial'
    """
    folder = Path(folder)
    if not folder.resolve().parent.is_dir():
        raise FileNotFoundError(f"{folder.parent} is not a folder: expected one to put {folder.name} into")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already: expected a new or empty folder")
    today = dt.date.today() if day is None else as_day(day)
    files = _files(folder.resolve().name, title or folder.resolve().name, today)
    half = Path(tempfile.mkdtemp(dir=folder.resolve().parent, prefix=f".{folder.name}."))
    try:
        for name, content in files.items():
            (half / name).parent.mkdir(parents=True, exist_ok=True)
            (half / name).write_bytes(content)
        if faults := check_package(half):
            raise PackageError(faults)
        half.chmod(0o755)
        if folder.is_dir():
            folder.rmdir()
        half.replace(folder.resolve())
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return [folder / name for name in files]


def _files(name: str, title: str, today: dt.date) -> dict[str, bytes]:
    texts = {"datapackage.json": _as_json(_descriptor(name, title, today)), "README.md": _readme(title)}
    for table in _TABLES:
        texts[f"schemas/{table}.json"] = _as_json(_schema(table))
    files = {file: text.encode() for file, text in texts.items()}
    return files | {_path(table): plain_csv(_frame(table, today)) for table in _TABLES}


def _path(table: str) -> str:
    return f"codings/{_FAMILY}.csv" if table == "codings" else f"{table}.csv"


def _schema(table: str) -> dict:
    """The shipped schema without the columns that a package may leave out."""
    schema = table_schema(table)
    needed = needed_columns(table)
    fields = [
        {**field, "description": _WORDS.get((table, field["name"]), field["description"])}
        for field in schema["fields"]
        if field["name"] in needed
    ]
    links = [link for link in schema.get("foreignKeys", []) if set(link["fields"]) <= set(needed)]
    rest = {key: value for key, value in schema.items() if key not in ("fields", "foreignKeys")}
    return {"fields": fields, **rest, **({"foreignKeys": links} if links else {})}


def _frame(table: str, today: dt.date) -> pd.DataFrame:
    dated = {"verified_on": today.isoformat(), "recorded": today.isoformat()} if table == "codings" else {}
    empty = dict.fromkeys(needed_columns(table), "")
    return pd.DataFrame([{**empty, **dated, **row} for row in _ROWS[table]])


def _descriptor(name: str, title: str, today: dt.date) -> dict:
    resources = [
        {
            "name": f"codings-{_FAMILY}" if table == "codings" else table,
            "title": what[:1].upper() + what[1:],
            "type": "table",
            "path": _path(table),
            "schema": f"schemas/{table}.json",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
        }
        for table, what in _TABLES.items()
    ]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "my-data",
        "title": title,
        "version": "0.1.0",
        "created": f"{today}T00:00:00Z",
        "resources": resources,
    }


def _readme(title: str) -> str:
    parts = []
    for table, what in _TABLES.items():
        lines = [
            f"\n## {_path(table)}",
            f"\n{what[:1].upper() + what[1:]}.\n",
            "| column | must | meaning |",
            "|---|---|---|",
        ]
        for field in _schema(table)["fields"]:
            rules = field.get("constraints", {})
            words = ", ".join(f"`{word}`" for word in rules.get("enum", ()))
            meaning = field["description"] + (f": one of {words}" if words else "")
            lines.append(f"| {field['name']} | {'yes' if rules.get('required') else ''} | {meaning} |")
        parts.append("\n".join(lines) + "\n")
    return _README.format(title=title, tables="".join(parts))


def _as_json(content: dict) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
