"""Text: CSV that a spreadsheet opens without running anything, and a folder that R reads with its levels in order."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd

from policylab.export.labelled import Labelled, codebook_table

BOM = "\ufeff"  # so that a spreadsheet reads the file as UTF-8
_RUNS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # a cell beginning with one of these is run as a formula
_DANGEROUS = re.compile(f"'*[{_RUNS}]")
_LOAD_R = """\
# Reads the table with its levels in order: source("load.R", chdir = TRUE). Missing is NA; `status` says why.
read <- function(file) read.csv(file, colClasses = "character", na.strings = NULL, encoding = "UTF-8")
laws <- status <- read("matrix.csv"); codebook <- read("codebook.csv"); levels_of <- read("levels.csv")
for (i in seq_len(nrow(codebook))) {
  name <- codebook$column[i]; own <- levels_of[levels_of$column == name, ]; text <- laws[[name]]
  status[[name]] <- ifelse(text %in% own$value[own$missing == "yes"], text, "coded")
  laws[[name]] <- if (codebook$scale[i] %in% c("count", "year")) {
    suppressWarnings(as.numeric(ifelse(text %in% own$value, own$rank[match(text, own$value)], text)))
  } else factor(text, own$value[own$missing == "no"], ordered = codebook$scale[i] != "nominal")
  attr(laws[[name]], "label") <- codebook$label[i]
}
"""


def safe_csv(frame: pd.DataFrame) -> bytes:
    r"""Write a frame of text as CSV that can be opened in a spreadsheet.

    Parameters
    ----------
    frame : pandas.DataFrame
        Every cell is written as text.

    Returns
    -------
    bytes
        UTF-8 with a byte order mark, lines ended as RFC 4180 has it; cells in quotes where they hold a comma, a quote
        or a line end.

    Notes
    -----
    A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end (or the full-width forms
    of the signs) as a formula. Such a cell gets an apostrophe in front, and so does one that begins with apostrophes
    followed by such a sign: taking one apostrophe away (:func:`unescape`) gives back exactly what was there.

    References
    ----------
    OWASP Foundation. CSV Injection.

    Examples
    --------
    >>> safe_csv(pd.DataFrame({"note": ["=1+1", "plain"]})).decode("utf-8-sig")
    "note\r\n'=1+1\r\nplain\r\n"
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")  # with another end, a cell with a lone \r is not quoted
    writer.writerow(map(escape, map(str, frame.columns)))
    writer.writerows([escape(str(cell)) for cell in row] for row in frame.itertuples(index=False, name=None))
    return (BOM + buffer.getvalue()).encode()


def escape(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would run.

    Examples
    --------
    >>> escape("=1+1"), escape("2015"), escape("'=1")
    ("'=1+1", '2015', "''=1")
    """
    return "'" + cell if _DANGEROUS.match(cell) else cell


def unescape(cell: str) -> str:
    """Undo :func:`escape`.

    Examples
    --------
    >>> unescape(escape("-5")), unescape("'quoted'")
    ('-5', "'quoted'")
    """
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell


def r_files(table: Labelled) -> dict[str, bytes]:
    """Write a folder for R: the table, its codebook, its levels in order, and the script that loads them.

    Parameters
    ----------
    table : Labelled

    Returns
    -------
    dict of str to bytes
        matrix.csv, codebook.csv, levels.csv and load.R. After ``source("load.R", chdir = TRUE)`` the data frame `laws`
        has factors (ordered where the variable is) and numbers (a count without limit is ``Inf``), and `status`, of the
        same shape, says of each cell ``coded`` or why it is missing.
    """
    rows = []
    for column in table.columns:
        gaps = column.gaps()
        for level, label in column.levels.items():
            if level not in gaps:
                rows.append((column.name, level, column.ranks.get(level, ""), label, "no"))
        rows += [(column.name, word, "", kind.label, "yes") for word, kind in gaps.items()]
    levels = pd.DataFrame(rows, columns=["column", "value", "rank", "label", "missing"])
    codebook = codebook_table(table).drop_duplicates("column")
    codebook = codebook.drop(columns=["value", "code", "value_label", "reads", "cells"])
    return {
        "matrix.csv": plain_csv(table.in_words()),
        "codebook.csv": plain_csv(codebook),
        "levels.csv": plain_csv(levels),
        "load.R": _LOAD_R.encode(),
    }


def plain_csv(frame: pd.DataFrame) -> bytes:
    """Write a frame of text as CSV for programs: no byte order mark, nothing escaped."""
    return frame.to_csv(index=False, lineterminator="\n").encode()
