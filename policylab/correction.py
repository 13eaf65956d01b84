"""The documented path of a correction: the old row stays, superseded; the new row gives its reason."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import tempfile
from pathlib import Path

from policylab.check import check_package
from policylab.codebook import MISSING
from policylab.dates import as_day
from policylab.files import write_atomically
from policylab.names import expected_one_of
from policylab.schema import PackageError, columns_of, read_strictly, table_files

REASONS = ("typo", "newer text", "whole section now read", "sources disagree", "definition sharpened")
_BOM = "\ufeff"
_OWN = ("jurisdiction", "variable", "verified_on", "recorded", "superseded", "note")  # not for the caller to change


def correct(
    folder: str | Path,
    jurisdiction: str,
    variable: str,
    reason: str,
    note: str,
    day: str | dt.date | None = None,
    row_effective: str | None = None,
    **cells: str,
) -> Path:
    """Correct a cell of a data package without overwriting what stood there.

    Parameters
    ----------
    folder : path
        The data package.
    jurisdiction, variable : str
        The cell.
    reason : {"typo", "newer text", "whole section now read", "sources disagree", "definition sharpened"}
        A change of the law itself is no correction: it ends the old row and begins a new one.
    note : str
        In own words; the row's note becomes ``Correction, reason: note``.
    day : str or datetime.date, optional
        When the source was seen and the row recorded; today by default.
    row_effective : str, optional
        The `effective` of the row to correct, where the cell has several.
    **cells : str
        What changes: value, effective, ended, enacted, citation, source, evidence, confidence.

    Returns
    -------
    pathlib.Path
        The file that changed: the old row has `superseded`, and the new row stands below it.

    Raises
    ------
    KeyError
        If the variable, a column, or the row to correct is not there.
    ValueError
        If the reason is not one of the list, nothing changes, or the cell has several rows and none is named.
    PackageError
        If the package would have a fault with the new row; nothing is written then.

    Notes
    -----
    Where a date at which one row of a cell ends and the next begins moves, both rows are corrected, in the order that
    leaves no overlap between the two steps: the package is checked after each.

    Examples
    --------
    >>> import policylab as lab
    >>> from policylab.scaffold import new_package
    >>> with tempfile.TemporaryDirectory() as home:
    ...     files = new_package(f"{home}/my-data", day="2026-01-05")
    ...     file = correct(f"{home}/my-data", "EX-A", "ex_rule", "typo", "Section 1(2) has no exception.", value="full")
    ...     lab.read_package(f"{home}/my-data").value("EX-A", "ex_rule")
    'full'
    """
    folder = Path(folder)
    _check_arguments(reason, note, cells)
    today = (dt.date.today() if day is None else as_day(day)).isoformat()
    file = folder / "codings" / f"{_family(folder, variable)}.csv"
    text = file.read_bytes().decode("utf-8")
    header, *body = csv.reader(io.StringIO(text.removeprefix(_BOM), newline=""))
    rows = [dict(zip(header, row, strict=True)) for row in body]
    place = _row(rows, jurisdiction, variable, row_effective)
    old = rows[place]
    if cells.get("value") in MISSING:
        cells = {"evidence": "none", "confidence": "", **cells}
    changed = {name: value for name, value in cells.items() if old[name] != value}
    if not changed:
        raise ValueError(f"nothing to correct: {jurisdiction} {variable} already has what was given")
    new = {**old, **cells, "verified_on": today, "recorded": today, "superseded": ""}
    new["note"] = f"Correction, {reason}: {note}"
    rows[place] = {**old, "superseded": today}
    rows.insert(place + 1, new)
    content = _as_text(header, rows, text)
    faults = _faults_with(folder, file, content)
    if faults:
        raise PackageError(faults)
    write_atomically(file, content)
    return file


def _check_arguments(reason: str, note: str, cells: dict[str, str]) -> None:
    if reason not in REASONS:
        raise ValueError(f"reason is {reason!r}: expected one of {', '.join(REASONS)}")
    if not note.strip():
        raise ValueError("the note is empty: expected what was found, in own words")
    open_columns = [name for name in columns_of("codings") if name not in _OWN]
    strangers = [name for name in cells if name not in open_columns]
    if strangers:
        raise KeyError(f"no column {strangers[0]!r} to correct: expected one of {', '.join(open_columns)}")


def _family(folder: Path, variable: str) -> str:
    codebook, faults = read_strictly(folder, "codebook.csv", "codebook")
    if faults:
        raise PackageError(faults)
    families = dict(zip(codebook["variable"], codebook["family"], strict=True))
    if variable not in families:
        raise KeyError(f"no variable {variable!r}: {expected_one_of(variable, list(families))}")
    return families[variable]


def _row(rows: list[dict[str, str]], jurisdiction: str, variable: str, effective: str | None) -> int:
    found = [
        place
        for place, row in enumerate(rows)
        if (row["jurisdiction"], row["variable"], row["superseded"]) == (jurisdiction, variable, "")
        and effective in (None, row["effective"])
    ]
    if not found:
        which = f" effective {effective!r}" if effective is not None else ""
        raise KeyError(f"no row of {jurisdiction} {variable}{which} to correct")
    if len(found) > 1:
        dates = ", ".join(repr(rows[place]["effective"]) for place in found)
        raise ValueError(f"{jurisdiction} {variable} has {len(found)} rows, effective {dates}: say which one")
    return found[0]


def _as_text(header: list[str], rows: list[dict[str, str]], like: str) -> bytes:
    """Write rows as the file had them: its byte order mark and line ends stay."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, header, lineterminator="\r\n" if "\r\n" in like else "\n")
    writer.writeheader()
    writer.writerows(rows)
    return ((_BOM if like.startswith(_BOM) else "") + buffer.getvalue()).encode()


def _faults_with(folder: Path, file: Path, content: bytes) -> list:
    """Find the faults that the package would have with another content of one file."""
    with tempfile.TemporaryDirectory() as copy:
        trial = Path(copy)
        (trial / "codings").mkdir()
        for name in table_files(folder):
            shutil.copyfile(folder / name, trial / name)
        (trial / file.relative_to(folder)).write_bytes(content)
        return check_package(trial)
