"""The tables beside the shipped law: places, acts, claims, series and second codings."""

from __future__ import annotations

import pandas as pd

from policylab.schema import data_path, table_schema
from policylab.tables import read_as_text


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
        One row per instrument, in the order of time:

        * instrument : key
        * name : official name, or the name in use
        * jurisdiction : key of :func:`load_jurisdictions`
        * type : ``act``, ``bill`` (not passed as such), ``code_section``, ``programme``, ``strategy``, or
          ``public_act`` (of Connecticut)
        * citation : public law, bill or section
        * introduced, passed_house, passed_senate, signed, effective : EDTF dates as text (:func:`parse_date` reads
          them); empty where the day is not established. For a bill with a conference the days are those of the
          conference report; a programme or strategy has only `effective`, when it began or came out
        * house_yea, house_nay, senate_yea, senate_nay : recorded votes on the passage so dated (Int64); missing for
          voice votes, for unanimous consent, and where no count was seen
        * amends, amended_by : keys or sections, separated by semicolons
        * summary : what it does, in own words
        * items : news items that speak of it, keys of the sources separated by spaces
        * evidence : ``primary`` (text of the law), ``official`` (government summary), ``secondary``, or ``none``
        * confidence : ``high``, ``medium``, ``low``
        * source : key of the sources, for the row as a whole
        * house_source, senate_source : key of the sources for the day and the vote of that chamber, where another
          document than `source` gives them; empty otherwise
        * note

    Notes
    -----
    Sources: the public laws and their notes in copies of the US Code, bill pages, and press for some votes; for
    Connecticut the public acts, histories of the sections, and summaries of the legislature's research office. Licence
    of the data: CC BY 4.0. The list was made around five news items and is not a complete list of acts. An act may
    carry another one (the SAVE Act is section 118 of the JVTA): counting rows counts such votes twice.

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
        One row per claim:

        * claim : key, news item and number
        * item : the news item, key of the sources
        * states : what the item says, in own words
        * subject : what the claim is about
        * claimed, unit : the value claimed, as text, and its unit; empty where the claim has none
        * period_start, period_end : EDTF dates of the time that the claim is about
        * checked : what the check found, in the same unit: a number, ``more than`` a number, a range such as ``3 to
          20``, or words; empty where nothing was found
        * verdict : ``supported`` (a source says the same), ``imprecise`` (right in part, or right of something
          narrower or other than stated), ``contradicted`` (a source says otherwise), ``unverifiable`` (no source that
          could decide was found, or the claim is an opinion)
        * evidence : kind of the source behind the verdict (``primary``, ``official``, ``secondary``, ``none``)
        * source : key of the sources
        * note : why, and what a careful reader should add

    Notes
    -----
    A verdict is about the words of the item and no judgement of its author. *Supported* says that the number or the
    fact is right, not that it means what it seems to mean: the notes say what a figure counts. *Unverifiable* is not
    *wrong*. :func:`policylab.claims.quantities` reads the claims that name a quantity as numbers. Licence of the data:
    CC BY 4.0.

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
        One row per series, jurisdiction and year:

        * indicator : key of the series
        * label : short name
        * jurisdiction : key of :func:`load_jurisdictions`
        * year : calendar or fiscal year, which the note says (Int64)
        * value : Float64
        * unit
        * break_before : why the value does not continue the one before it; empty if it does, or if it is the first
        * evidence : ``primary``, ``official``, ``secondary`` (also for transcriptions of official tables), ``none``
        * source : key of the sources
        * note : begins with ``Lower bound`` or ``Approximate`` where the number is one
        * definition : what the series measures and what not

    Notes
    -----
    The series count reports, complaints, arrests or cases, never how often something happens, and most are patchy. A
    row does not say that years between are missing: see the years. :func:`policylab.segments` cuts a series at its
    breaks, :func:`policylab.growth` compares two years and warns across a break, and
    :func:`policylab.plot.series.series` marks the breaks. Sources: NCMEC and its reports to the Department of Justice
    (largely through transcriptions by R. Grimm, Apache-2.0), the National Strategies, the Bureau of Justice Statistics,
    hotline statistics, and press. Licence of the data: CC BY 4.0.

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
        second_confidence, citation, source, evidence, recorded, sample (how the cell was chosen: block, random,
        filled, state), reason (why the two differ, settled afterwards), note (the second coder's).

    See Also
    --------
    policylab.second_codings.agreement_table : percent agreement, kappa and alpha of these codings.

    Examples
    --------
    >>> import policylab as lab
    >>> set(lab.load_recodings()["first_confidence"]) <= {"high", "medium", "low", ""}
    True
    """
    return _typed_table("recodings")


def _typed_table(table: str) -> pd.DataFrame:
    frame = read_as_text(data_path() / f"{table}.csv")
    kinds = {"integer": "Int64", "number": "Float64"}
    for field in table_schema(table)["fields"]:
        if field["type"] in kinds:
            frame[field["name"]] = pd.to_numeric(frame[field["name"]].replace("", None)).astype(kinds[field["type"]])
    return frame
