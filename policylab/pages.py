"""The generated pages: docs/codebook.md and docs/data.md, written from the tables and nothing else."""

from __future__ import annotations

from itertools import groupby

import pandas as pd

from policylab.codebook import ANY, family_label
from policylab.provisions import Provisions
from policylab.schema import OPTIONAL_TABLES, REQUIRED_TABLES, table_schema
from policylab.side_tables import load_claims, load_indicators, load_instruments, load_recodings

_HEAD = "<!-- Written by `policylab reproduce` from data/. Do not edit: change the tables. -->\n"
_GAPS_SHOWN = 15
_CODEBOOK = """# Codebook

Version {version} of the data: {variables} variables in {families} families. Values beside the levels: `unknown`
(searched, not found) and `not_applicable` (the parent provision is absent). A year may be an interval such as
2009/2012; `not_fixed` means that a limit exists but is not a number.
"""
_DATA = """{head}
# The data

Version {version}, law as coded for {date}. Schema of record: `data/datapackage.json` (Data Package v2). Licence:
CC BY 4.0. Summaries of law, not legal advice.

## Tables

{tables}
## Columns of the codings

{columns}
## Coverage of the states, by family

{coded} of {applicable} applicable cells of the {places} jurisdictions are coded ({share:.1%}). Of the others {open}
may not apply at all, because what they depend on is not known either; if none of them does, the share is {most:.1%}.

{families}
## Known gaps

Cells are not missing at random: a long list or a long section is more often seen only in part, and a long list is
more likely to name what was looked for. A comparison made today is biased by that. The variables with most gaps
among the states:

{gaps}
{low} coded state cells are of low confidence. Where only the year of enactment was seen, `enacted` carries it and
`effective` spans that year and the next. Undated cells are those whose rows do not reach the day that is asked for.

## How dates are read

A value is in force from its `effective` date until the day before its `ended` date. A partial date is the interval
that it names: inside it the cell is missing. Without `effective` a row holds from the date of the text that was
seen, never earlier. Before the year in an onset variable the value is the first level.

## How to correct a cell

`policylab explain CT cvc_minor` shows what stands there and why. Open an issue with the correction form, or follow
the path in [CONTRIBUTING.md](CONTRIBUTING.md): the old row stays with `superseded`, the new row gives its reason.
"""


def pages(laws: Provisions) -> dict[str, str]:
    """Write the generated pages.

    Returns
    -------
    dict of str to str
        File name under docs/ to text.
    """
    return {"codebook.md": codebook_page(laws), "data.md": data_page(laws)}


def codebook_page(laws: Provisions) -> str:
    """Write the codebook: every variable with its question, rule, levels and coverage."""
    counts = laws.coverage(by="variable")
    families = laws.codebook["family"].nunique()
    parts = [_HEAD, _CODEBOOK.format(version=laws.version, variables=len(laws.codebook), families=families)]
    for family, rows in groupby(laws.codebook.itertuples(index=False), key=lambda row: row.family):
        parts.append(f"## {family_label(family)}\n")
        parts += [_variable(row, laws, counts.loc[row.variable]) for row in rows]
    return "\n".join(parts)


def data_page(laws: Provisions) -> str:
    """Write the page on the data: tables, coverage, known gaps, how to correct a cell."""
    states = laws.select(level="state")
    coverage = states.coverage(by="family")
    gaps = states.coverage(by="variable").query("coded < applicable").sort_values("share_coded", kind="stable")
    fields = [{"column": field["name"], "meaning": field["description"]} for field in table_schema("codings")["fields"]]
    shown = ["applicable", "coded", "unknown", "undated", "may_not_apply", "share_coded"]
    return _DATA.format(
        head=_HEAD,
        version=laws.version,
        date=laws.date,
        tables=_table(_tables(laws)),
        columns=_table(pd.DataFrame(fields)),
        coded=coverage["coded"].sum(),
        applicable=coverage["applicable"].sum(),
        places=len(states.jurisdictions),
        share=coverage["coded"].sum() / coverage["applicable"].sum(),
        open=coverage["may_not_apply"].sum(),
        most=coverage["coded"].sum() / (coverage["applicable"] - coverage["may_not_apply"]).sum(),
        families=_table(_readable(coverage.rename(index=family_label).reset_index())),
        gaps=_table(_readable(gaps.head(_GAPS_SHOWN)[shown].reset_index())),
        low=int(coverage["low"].sum()),
    )


def _variable(row, laws: Provisions, count: pd.Series) -> str:
    levels = laws.levels[laws.levels["variable"] == row.variable]
    facts = [f"- Scale: {row.scale}" + (f" ({row.unit})" if row.unit else "")]
    facts += [f"- Applies to: {row.applies_to}"] if row.applies_to != "all" else []
    facts += [f"- Requires: `{row.requires}`"] if row.requires else []
    facts += [f"- Dates the onset of: `{row.onset_of}`"] if row.onset_of else []
    facts += [f"- Not before: `{row.follows}`"] if row.follows else []
    facts += [f"- A higher level means: {row.higher_means}"] if row.higher_means else []
    facts += [f"- Status: {row.status}"] if row.status else []
    facts += [f"- Coded: {count['coded']:.0f} of {count['applicable']:.0f} applicable cells"]
    named = levels[levels["level"] != ANY]
    facts += [f"- `{level.level}`: {level.label}" for level in named.itertuples(index=False)]
    rule = f"{row.rule}\n\n" if row.rule else ""
    return f"### `{row.variable}`: {row.label}\n\n{row.question}\n\n{rule}" + "\n".join(facts) + "\n"


def _tables(laws: Provisions) -> pd.DataFrame:
    sizes = {
        "codings": len(laws.tables.codings),
        "codebook": len(laws.codebook),
        "levels": len(laws.levels),
        "jurisdictions": len(laws.jurisdictions),
        "sources": len(laws.tables.sources),
        "instruments": len(load_instruments()),
        "claims": len(load_claims()),
        "series": load_indicators()["indicator"].nunique(),
        "indicators": len(load_indicators()),
        "recodings": len(load_recodings()),
    }
    words = {
        "codings": "one row per jurisdiction, variable and period; one file per family",
        "codebook": "the variables: question, rule, scale, dependencies",
        "levels": "their levels: order, label, phrase",
        "jurisdictions": "names, regions, populations, tile grid, neighbours",
        "sources": "one row per document that was read",
        "instruments": "acts, bills, programmes and strategies with dates and votes",
        "claims": "what the five news items claim, checked",
        "series": "what each indicator measures, and what not",
        "indicators": "reporting and enforcement series with their breaks",
        "recodings": "blind second codings by another coder",
    }
    order = ["codings", *REQUIRED_TABLES, *OPTIONAL_TABLES]
    files = {name: f"`{name}.csv`" for name in order} | {"codings": "`codings/*.csv`"}
    return pd.DataFrame(
        {
            "file": [files[n] for n in order],
            "rows": [sizes[n] for n in order],
            "what it is": [words[n] for n in order],
        }
    )


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    table = frame.rename(columns={"share_coded": "coded %"}).rename(columns=lambda name: name.replace("_", " "))
    table["coded %"] = (100 * table["coded %"]).round().astype(int)
    return table


def _table(frame: pd.DataFrame) -> str:
    head = f"| {' | '.join(map(str, frame.columns))} |\n|{'---|' * len(frame.columns)}\n"
    return head + "".join(f"| {' | '.join(map(str, row))} |\n" for row in frame.itertuples(index=False))
