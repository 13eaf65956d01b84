"""The formats of an export: each a function from a view to files as bytes, written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from policylab.adoption import adoptions
from policylab.export.cascades import cascades
from policylab.export.labelled import Labelled, codebook_table, labelled
from policylab.export.parquet import parquet_bytes
from policylab.export.qca import qca_files
from policylab.export.spss import spss_bytes
from policylab.export.stata import stata_bytes
from policylab.export.text import plain_csv, r_files, safe_csv
from policylab.files import write_new
from policylab.provisions import Provisions


class Format(NamedTuple):
    """A format of one file: its suffix, and what makes its content."""

    suffix: str
    make: Callable[[Labelled], bytes]


def _csv_bytes(table: Labelled) -> bytes:
    return safe_csv(table.in_words())


TABLES = {  # one file, with the codebook as a CSV beside it
    "csv": Format(".csv", _csv_bytes),
    "stata": Format(".dta", stata_bytes),
    "spss": Format(".sav", spss_bytes),
    "parquet": Format(".parquet", parquet_bytes),
}


def _cascade_files(laws: Provisions, unit: str = "year", dates: str = "middle") -> dict[str, bytes]:
    found = adoptions(laws)
    long, wide = (cascades(found, layout, unit, dates) for layout in ("long", "wide"))
    left_out = pd.DataFrame(long.attrs["left_out"]).T.rename_axis("cascade_id")
    left_out["within_bounds"] = pd.Series(long.attrs["within_bounds"])
    files = {"cascades_long.csv": long, "cascades_wide.csv": wide.reset_index(), "left_out.csv": left_out.reset_index()}
    return {name: plain_csv(frame) for name, frame in files.items()}


FOLDERS = {  # several files: a function from the view, and options of its own, to their names and contents
    "r": lambda laws: r_files(labelled(laws)),
    "qca": qca_files,
    "cascades": _cascade_files,
}
FORMATS = (*TABLES, *FOLDERS)


def save(laws: Provisions, path: str | Path, to: str | None = None, overwrite: bool = False, **options) -> list[Path]:
    """Write a view to files for other programs, labels, codebook and kinds of missing cells included.

    Parameters
    ----------
    laws : Provisions
        The whole law or a view of it.
    path : path
        File, whose suffix may be left out, or folder (``r``, ``qca``, ``cascades``).
    to : {"csv", "stata", "spss", "parquet", "r", "qca", "cascades"}, optional
        Format; by default told by the suffix (.csv, .dta, .sav, .parquet).
    overwrite : bool
        Whether files that are there may be replaced.
    **options
        For ``qca``: `conditions`, `outcome` and `present` of :func:`policylab.truth_table`; for ``cascades``:
        `unit` and `dates` of :func:`policylab.cascades`.

    Returns
    -------
    list of pathlib.Path
        The files written: the table, and its codebook as ``<name>_codebook.csv``.

    Raises
    ------
    ValueError
        If the format is not known or does not go with the suffix, or nothing is in view.
    FileExistsError
        If a file is there and may not be replaced; nothing is written then.
    ImportError
        If the package that writes the format is not installed (extra ``export``).

    Notes
    -----
    One row per jurisdiction, one column per variable. Unknown and not applicable stay different: as words in
    CSV and R, as ``.a`` and ``.b`` in Stata, as user-missing -91 and -92 in SPSS, as ``<name>_status`` in Parquet;
    :mod:`policylab.export.labelled` lists the other reasons. The same data give the same bytes: time stamps are the
    date of the data. CSV escapes cells that a spreadsheet would run (:func:`policylab.export.text.safe_csv`).

    Examples
    --------
    >>> import tempfile
    >>> import policylab as lab
    >>> laws = lab.load().select(family="wiretap", level="state")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save(laws, f"{folder}/wiretap.csv")]
    ['wiretap.csv', 'wiretap_codebook.csv']
    """
    path = Path(path)
    if to is None:
        suffixes = {form.suffix: name for name, form in TABLES.items()}
        if path.suffix not in suffixes:
            raise ValueError(f"{path.name!r} does not tell the format: give `to`, one of {', '.join(FORMATS)}")
        to = suffixes[path.suffix]
    if to not in FORMATS:
        raise ValueError(f"no format {to!r}: expected one of {', '.join(FORMATS)}")
    if to in FOLDERS:
        if path.exists() and not path.is_dir():
            raise FileExistsError(f"{path} is a file: expected a folder to write to")
        return write_new(path, FOLDERS[to](laws, **options), overwrite)
    if options:
        raise ValueError(f"the format {to} takes no {', '.join(options)}")
    stem, suffix = _stem(path, to), TABLES[to].suffix
    table = labelled(laws)
    codebook = codebook_table(table, to if to in ("stata", "spss") else "")
    files = {f"{stem}{suffix}": TABLES[to].make(table), f"{stem}_codebook.csv": safe_csv(codebook)}
    return write_new(path.parent, files, overwrite)


def _stem(path: Path, to: str) -> str:
    suffix = TABLES[to].suffix
    if path.suffix == suffix:
        return path.stem
    if path.suffix in {form.suffix for form in TABLES.values()}:
        raise ValueError(f"{path.name!r} ends with {path.suffix}: expected {suffix} for {to}")
    return path.name
