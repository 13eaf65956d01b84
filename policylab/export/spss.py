"""SPSS: codes with value labels, variable labels, measures, and user-missing codes that keep the reasons apart."""

from __future__ import annotations

import tempfile
from pathlib import Path

from policylab.export.labelled import HIGHEST_CODE, LOWEST_CODE, Labelled
from policylab.export.stata import MONTHS, column_labels, frame_of_codes, need, value_labels

_LABEL = 120  # characters of a label that every version of SPSS shows
_STAMP = 92  # where the header holds the date and the time of writing, 17 characters


def spss_bytes(table: Labelled) -> bytes:
    """Write a table as a .sav file.

    Parameters
    ----------
    table : Labelled

    Returns
    -------
    bytes
        Levels are codes from 0, lowest first, with value labels. The codes -99 to -71 are user-missing: -91 unknown,
        -92 not applicable, -93 undated, -94 a year known only within bounds, -95 no bound, -96 not asked of this level
        of government; from -81 up the levels that stand beside numbers, such as no limit. The time stamp is the date
        of the data.

    Raises
    ------
    ImportError
        If pyreadstat is not installed.
    """
    pyreadstat = need("pyreadstat", "SPSS")
    frame = frame_of_codes(table, "spss")
    numbers = {column.name: float for column in table.columns}
    measures = {column.name: "scale" if column.numeric else "ordinal" for column in table.columns}
    measures |= {column.name: "nominal" for column in table.columns if not column.numeric and not column.ordered}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.sav"
        pyreadstat.write_sav(
            frame.astype(numbers),
            path,
            file_label=table.title[:64],
            column_labels=column_labels(table, _LABEL),
            variable_value_labels={column.name: value_labels(column, "spss") for column in table.columns},
            missing_ranges={column.name: [{"lo": LOWEST_CODE, "hi": HIGHEST_CODE}] for column in table.columns},
            variable_measure=measures,
            variable_format={column.name: "F8.0" if _whole(column.held) else "F8.2" for column in table.columns},
        )
        content = path.read_bytes()
    day = table.stamp
    stamp = f"{day.day:02d} {MONTHS[day.month - 1]} {day.year % 100:02d}00:00:00".encode()
    return content[:_STAMP] + stamp + content[_STAMP + len(stamp) :]


def _whole(values: tuple[str, ...]) -> bool:
    return not any("." in value for value in values)
