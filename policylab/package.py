"""Loading: the shipped law, and a user's own package."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from policylab.check import check_package
from policylab.provisions import Provisions
from policylab.schema import PackageError, columns_of, complete_columns, data_path, table_files
from policylab.tables import Tables, read_as_text

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


def load_matrix(as_frame: bool = False, laws: Provisions | None = None):
    """Load law as a scikit-learn dataset.

    Parameters
    ----------
    as_frame : bool
        Give `data` as a DataFrame of categoricals and numbers; otherwise as floats with levels coded by rank
        (nominal ones by position) and NaN for missing.
    laws : Provisions, optional
        The view to give, also of a package of one's own; by default the shipped law of the states.

    Returns
    -------
    sklearn.utils.Bunch
        data (jurisdictions x variables), feature_names, jurisdictions, frame, status (why a cell is missing:
        unknown, undated, not_applicable; NaN where the variable belongs to another level of government), DESCR,
        filename (of the shipped data only).

    Examples
    --------
    >>> import policylab as lab
    >>> lab.load_matrix().data.shape == lab.load().select(level="state").matrix().shape
    True
    """
    from sklearn.utils import Bunch

    view = load().select(level="state") if laws is None else laws
    frame = view.matrix()
    coded = frame.apply(lambda column: column.cat.codes.where(column.notna()) if column.dtype == "category" else column)
    return Bunch(
        data=frame if as_frame else coded.to_numpy(dtype=np.float64),
        feature_names=list(frame.columns),
        jurisdictions=list(frame.index),
        frame=frame if as_frame else None,
        status=view.status(),
        DESCR=f"{view.tables.meta['title']}, version {view.version}. {view!r}",
        filename=str(data_path()) if laws is None else "",
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
            frames.setdefault(table, []).append(complete_columns(read_as_text(folder / file), table))
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
        "authors": " and ".join(person["title"] for person in given.get("contributors", []) if "title" in person),
    }
