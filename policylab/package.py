"""Loading: the shipped law, the tables beside it, and a user's own package."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from policylab.check import check_package
from policylab.provisions import Provisions
from policylab.schema import PackageError, columns_of, data_path, table_files, table_schema
from policylab.tables import Tables

_LAW = ("codebook", "levels", "jurisdictions", "sources", "codings", "recodings")


def load() -> Provisions:
    """Load the law that ships with policylab.

    Returns
    -------
    Provisions
        All jurisdictions and variables, as the law was coded when the data were last checked.

    Notes
    -----
    Licence of the data: CC BY 4.0. Sources: ``laws.sources``. They are summaries of law, not legal advice;
    docs/data.md lists the known gaps.

    Examples
    --------
    >>> import policylab as lab
    >>> lab.load().value("CT", "rr_relief")
    'vacate'
    """
    return _read(data_path())


def read_package(path: str | Path) -> Provisions:
    """Load and check a data package of one's own.

    Parameters
    ----------
    path : path
        A folder with codebook.csv, levels.csv, jurisdictions.csv, sources.csv and the tables of the folder codings; a
        datapackage.json gives its name, title and version.

    Returns
    -------
    Provisions

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    PackageError
        If anything in it is wrong; the message names every fault by file, row, column, value and what was
        expected.

    Examples
    --------
    >>> import policylab as lab
    >>> lab.read_package("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere is not a folder: expected a data package
    """
    folder = Path(path)
    faults = check_package(folder)
    if faults:
        raise PackageError(faults)
    return _read(folder)


def load_jurisdictions() -> pd.DataFrame:
    """Load the jurisdictions: the federation, the states and the District of Columbia.

    Returns
    -------
    pandas.DataFrame
        jurisdiction (postal code), name, fips, level (federal, state), region and division of the Census
        Bureau, population_2010 and population_2020 (residents on 1 April; US is the sum of the 51), tile_row
        and tile_column of the tile grid, neighbours (common border on land or river, space-separated), and the
        sources of region and populations.

    Examples
    --------
    >>> import policylab as lab
    >>> lab.load_jurisdictions().set_index("jurisdiction").loc["CT", "neighbours"]
    'MA NY RI'
    """
    return _typed_table("jurisdictions")


def load_instruments() -> pd.DataFrame:
    """Load the acts, bills, programmes and strategies around the subject, federal and of Connecticut.

    Returns
    -------
    pandas.DataFrame
        instrument (key), name, jurisdiction, type, citation, introduced, passed_house, passed_senate, signed,
        effective (EDTF dates as text; empty where not established), house_yea ... senate_nay (votes),
        amends, amended_by, summary, items (news items that speak of it), evidence, confidence, source, note.

    Examples
    --------
    >>> import policylab as lab
    >>> print(*lab.load_instruments().set_index("instrument").loc["fosta-2018", ["signed", "senate_yea"]])
    2018-04-11 97
    """
    return _typed_table("instruments")


def load_claims() -> pd.DataFrame:
    """Load the checked claims of the five news items that the subject came from.

    Returns
    -------
    pandas.DataFrame
        claim (key), item (the news item, key of sources), states (what it says, in own words), subject,
        claimed, unit, period_start, period_end, checked (the value found), verdict (supported, imprecise,
        contradicted, unverifiable), evidence, source, note.

    Examples
    --------
    >>> import policylab as lab
    >>> len(lab.load_claims())
    66
    """
    return _typed_table("claims")


def load_indicators() -> pd.DataFrame:
    """Load the reporting and enforcement series as tidy rows.

    Returns
    -------
    pandas.DataFrame
        indicator, label, jurisdiction, year, value, unit, break_before (why the value does not continue the
        one before, if so), evidence, source, note, definition.

    Notes
    -----
    The series count reports, complaints, arrests or cases, never incidence; most are patchy.

    Examples
    --------
    >>> import policylab as lab
    >>> table = lab.load_indicators()
    >>> int(table.query("indicator == 'cybertipline_reports_total' and year == 2014")["value"].item())
    1106071
    """
    series = _typed_table("series")
    table = _typed_table("indicators").merge(series, on="indicator", validate="many_to_one")
    table.insert(1, "label", table.pop("label"))
    return table


def load_recodings() -> pd.DataFrame:
    """Load the blind second codings: cells that another coder coded anew without seeing the first coding.

    Returns
    -------
    pandas.DataFrame
        jurisdiction, variable, first_value and first_confidence (the coding at that time), second_value and
        second_confidence, citation, source, evidence, recorded, note (the second coder's).

    Examples
    --------
    >>> import policylab as lab
    >>> set(lab.load_recodings()["first_confidence"]) <= {"high", "medium", "low", ""}
    True
    """
    return _typed_table("recodings")


def load_matrix(as_frame: bool = False):
    """Load the state law as a scikit-learn dataset.

    Parameters
    ----------
    as_frame : bool
        Give `data` as a DataFrame of categoricals and numbers; otherwise as floats with levels coded by rank
        (nominal ones by position) and NaN for missing.

    Returns
    -------
    sklearn.utils.Bunch
        data (51 jurisdictions x variables), feature_names, jurisdictions, frame, DESCR, filename.

    Examples
    --------
    >>> import policylab as lab
    >>> lab.load_matrix().data.shape == lab.load().select(level="state").matrix().shape
    True
    """
    from sklearn.utils import Bunch

    laws = load().select(level="state")
    frame = laws.matrix()
    coded = frame.apply(lambda column: column.cat.codes.where(column.notna()) if column.dtype == "category" else column)
    return Bunch(
        data=frame if as_frame else coded.to_numpy(dtype=np.float64),
        feature_names=list(frame.columns),
        jurisdictions=list(frame.index),
        frame=frame if as_frame else None,
        DESCR=f"{laws.tables.meta['title']}, version {laws.version}. {laws!r}",
        filename=str(data_path()),
    )


def data_version() -> str:
    """Version of the shipped data.

    Examples
    --------
    >>> import policylab as lab
    >>> lab.data_version().count(".")
    2
    """
    return _meta(data_path())["version"]


def _read(folder: Path) -> Provisions:
    files = table_files(folder)
    frames: dict[str, list[pd.DataFrame]] = {}
    for file, table in files.items():
        if table in _LAW:
            frames.setdefault(table, []).append(_text(folder / file))
    codebook, levels, jurisdictions, sources = (
        frames[name][0] for name in ("codebook", "levels", "jurisdictions", "sources")
    )
    codings = pd.concat(frames["codings"], ignore_index=True) if len(frames["codings"]) > 1 else frames["codings"][0]
    ordered = _canonical(codings, list(jurisdictions["jurisdiction"]), list(codebook["variable"]))
    recodings = frames.get("recodings", [pd.DataFrame(columns=columns_of("recodings"), dtype=str)])[0]
    tables = Tables(_meta(folder), codebook, levels, ordered, sources, jurisdictions, recodings)
    return Provisions(
        tables,
        jurisdiction_keys=tuple(jurisdictions["jurisdiction"]),
        variable_keys=tuple(codebook["variable"]),
    )


def _canonical(codings: pd.DataFrame, places: list[str], variables: list[str]) -> pd.DataFrame:
    """Order rows by jurisdiction, variable and period, so that the order in the files never matters."""
    place = codings["jurisdiction"].map({key: n for n, key in enumerate(places)})
    variable = codings["variable"].map({key: n for n, key in enumerate(variables)})
    standing = codings["ended"].where(codings["ended"] != "", "9999")
    keys = [codings["value"], codings["effective"], standing, codings["superseded"] == "", variable, place]
    return codings.iloc[np.lexsort([key.to_numpy() for key in keys])].reset_index(drop=True)


def _meta(folder: Path) -> dict[str, str]:
    path = folder / "datapackage.json"
    given = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        "name": given.get("name", folder.name),
        "title": given.get("title", folder.name),
        "version": given.get("version", "unversioned"),
        "date": given.get("created", "")[:10],
    }


def _text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def _typed_table(table: str) -> pd.DataFrame:
    frame = _text(data_path() / f"{table}.csv")
    kinds = {"integer": "Int64", "number": "Float64"}
    for field in table_schema(table)["fields"]:
        if field["type"] in kinds:
            frame[field["name"]] = pd.to_numeric(frame[field["name"]].replace("", None)).astype(kinds[field["type"]])
    return frame
