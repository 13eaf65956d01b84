"""A made-up data package of another field: what towns say on helmets and paths for cyclists."""

import csv
from collections.abc import Iterable
from pathlib import Path

from policylab.schema import columns_of

TOWNS = ("A", "B", "C", "north-end")

CODEBOOK = [
    {"variable": "helmet", "scale": "ordinal"},
    {"variable": "helmet_year", "scale": "year", "requires": "helmet != none", "onset_of": "helmet"},
    {"variable": "level_year", "scale": "year", "requires": "helmet != none", "follows": "helmet_year"},
    {"variable": "paths", "scale": "binary"},
    {"variable": "paths_year", "scale": "year", "requires": "paths = yes", "onset_of": "paths"},
    {"variable": "lights", "scale": "binary", "requires": "paths = yes"},
    {"variable": "lights_year", "scale": "year", "requires": "lights = yes"},
]
LEVELS = {"helmet": ("none", "some", "full"), "paths": ("no", "yes"), "lights": ("no", "yes")}
PARENTS = {"helmet_year": "helmet", "level_year": "helmet", "paths_year": "paths", "lights": "paths"}
PARENTS |= {"lights_year": "lights"}
ABSENT = {"helmet": "none", "paths": "no", "lights": "no"}


def foreign_package(folder: Path, rows: Iterable[tuple[str, ...]], text: str = "2015", towns=TOWNS) -> Path:
    """Write a sound package around some codings; everything else about the towns is absent.

    Parameters
    ----------
    folder : path
    rows : iterable of tuple
        jurisdiction, variable, value, and where known effective and ended.
    text : str
        Date of the one text behind all rows.
    towns : iterable of str
    """
    given: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for place, variable, value, *dates in rows:
        given.setdefault((place, variable), []).append((value, *dates, "", "")[:3])
    for place in towns:
        for row in CODEBOOK:
            name = row["variable"]
            given.setdefault((place, name), [(_default(given, place, name), "", "")])
    codings = [_coding(place, variable, *period) for (place, variable), periods in given.items() for period in periods]
    (folder / "codings").mkdir(parents=True, exist_ok=True)
    common = {"family": "cycling", "label": "A label", "question": "A question?", "applies_to": "all"}
    common = dict.fromkeys(columns_of("codebook"), "") | common | {"since_version": "1"}
    _write(folder / "codebook.csv", [common | row for row in CODEBOOK])
    ranks = [(variable, level, rank) for variable, levels in LEVELS.items() for rank, level in enumerate(levels)]
    _write(
        folder / "levels.csv",
        [{"variable": v, "level": lv, "rank": str(rank), "label": lv, "reads": lv} for v, lv, rank in ranks],
    )
    blank = dict.fromkeys(columns_of("jurisdictions"), "")
    places = [
        blank | {"jurisdiction": key, "name": f"Town {key}", "level": "town", "tile_row": "0", "tile_column": str(n)}
        for n, key in enumerate(towns)
    ]
    _write(folder / "jurisdictions.csv", places)
    source = {"source": "bylaws", "title": "By-laws", "publisher": "The towns", "kind": "statute"}
    _write(folder / "sources.csv", [source | {"date": text, "url": "", "copy": ""}])
    _write(folder / "codings" / "cycling.csv", codings)
    return folder


def _default(given: dict, place: str, name: str) -> str:
    """What a cell holds that was not given: absent, or what its parent leaves it."""
    if name not in PARENTS:
        return ABSENT[name]
    parent = given[place, PARENTS[name]][-1][0]
    if parent == "unknown":
        return "unknown"
    if parent in ("not_applicable", *ABSENT.values()):
        return "not_applicable"
    return ABSENT.get(name, "unknown")


def _coding(place: str, variable: str, value: str, effective: str, ended: str) -> dict[str, str]:
    missing = value in ("unknown", "not_applicable")
    return {
        "jurisdiction": place,
        "variable": variable,
        "value": value,
        "effective": effective,
        "ended": ended,
        "enacted": "",
        "citation": "" if missing else "§ 1",
        "source": "bylaws",
        "evidence": "none" if missing else "primary",
        "confidence": "" if missing else "high",
        "verified_on": "2020-05-01",
        "recorded": "2020-05-01",
        "superseded": "",
        "note": "Read in the by-laws.",
    }


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
