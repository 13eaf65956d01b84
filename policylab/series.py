"""Series of counts and their breaks: the stretches of years within which values can be compared."""

from __future__ import annotations

import warnings

import pandas as pd


class BreakWarning(UserWarning):
    """Values on two sides of a break are joined or compared although they do not measure the same.

    Examples
    --------
    >>> import warnings
    >>> import policylab as lab
    >>> reports = lab.load_indicators()
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     _ = lab.growth(reports, "cybertipline_reports_total", 2013, 2014)
    >>> caught[0].category is BreakWarning
    True
    """


def segments(table: pd.DataFrame, indicator: str, jurisdiction: str | None = None) -> pd.DataFrame:
    """Take one series out of a table of indicators, cut where it breaks.

    Parameters
    ----------
    table : pandas.DataFrame
        As from :func:`policylab.load_indicators`: at least the columns indicator, jurisdiction, year, value and
        break_before (why the value does not continue the one before; empty if it does).
    indicator : str
        Key of the series.
    jurisdiction : str, optional
        Needed only where the series has several.

    Returns
    -------
    pandas.DataFrame
        The rows of the series by year, with a column `segment` after `value`, counted from 1: values of the same
        number can be compared.

    Raises
    ------
    KeyError
        If there is no such series, or no such jurisdiction in it.
    ValueError
        If the series has several jurisdictions and none is named, or gives a year twice.

    Notes
    -----
    A break says that what is counted, or how, changed. It does not say in which direction the value is off, and a
    series without a break is not thereby comparable: see its definition.

    Examples
    --------
    >>> import policylab as lab
    >>> series = segments(lab.load_indicators(), "cybertipline_reports_total")
    >>> series.groupby("segment")["year"].agg(["min", "max"]).values.tolist()
    [[1998, 1998], [1999, 2013], [2014, 2023], [2024, 2024]]
    """
    rows = table[table["indicator"] == indicator]
    if rows.empty:
        raise KeyError(f"no series {indicator!r}: expected one of {', '.join(sorted(set(table['indicator'])))}")
    places = sorted(set(rows["jurisdiction"]))
    if jurisdiction is None and len(places) > 1:
        raise ValueError(f"the series {indicator!r} has several jurisdictions: name one of {', '.join(places)}")
    if jurisdiction is not None and jurisdiction not in places:
        raise KeyError(f"no {jurisdiction!r} in the series {indicator!r}: expected one of {', '.join(places)}")
    rows = rows[rows["jurisdiction"] == (jurisdiction or places[0])].sort_values("year").reset_index(drop=True)
    if rows["year"].duplicated().any():
        raise ValueError(f"the series {indicator!r} gives {rows.loc[rows['year'].duplicated(), 'year'].iloc[0]} twice")
    starts = rows["break_before"].fillna("") != ""
    starts.iloc[0] = True  # what stood before the first value is not in the series
    rows.insert(rows.columns.get_loc("value") + 1, "segment", starts.cumsum())
    return rows


def growth(table: pd.DataFrame, indicator: str, start: int, end: int, jurisdiction: str | None = None) -> float:
    """Compute by how much a series grew between two years, as a share of the first value.

    Parameters
    ----------
    table, indicator, jurisdiction
        As in :func:`segments`.
    start, end : int
        Years of the series.

    Returns
    -------
    float
        0.5 for growth by half.

    Raises
    ------
    KeyError
        If the series has no value for a year; values are never interpolated.

    Warns
    -----
    BreakWarning
        If the series breaks between the two years.

    Examples
    --------
    >>> import policylab as lab
    >>> round(growth(lab.load_indicators(), "cybertipline_reports_total", 2020, 2023), 2)
    0.66
    """
    series = segments(table, indicator, jurisdiction).set_index("year")
    for year in (start, end):
        if year not in series.index:
            known = ", ".join(map(str, series.index))
            raise KeyError(f"no value of {indicator!r} for {year}: expected one of {known}")
    warn_of_breaks(series.loc[min(start, end) : max(start, end)].reset_index(), "compared")
    return float(series.loc[end, "value"] / series.loc[start, "value"] - 1)


def warn_of_breaks(series: pd.DataFrame, done: str) -> None:
    """Warn once for all breaks inside a stretch of :func:`segments`; `done` says what was done across them.

    Examples
    --------
    >>> import policylab as lab
    >>> warn_of_breaks(segments(lab.load_indicators(), "nhth_calls"), "joined")
    """
    inside = series.iloc[1:]
    breaks = inside[inside["segment"] != series["segment"].shift().iloc[1:]]
    if len(breaks):
        reasons = "; ".join(f"{row.year}: {row.break_before}" for row in breaks.itertuples(index=False))
        name = series["indicator"].iloc[0]
        warnings.warn(f"the series {name!r} is {done} across a break: {reasons}", BreakWarning, stacklevel=3)
