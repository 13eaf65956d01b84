"""Adoptions as cascades, for programs that infer networks of diffusion."""

from __future__ import annotations

import pandas as pd

from policylab.adoption import ADOPTED, NOT_ADOPTED, policy_names, rows_of

LAYOUTS = ("long", "wide")
UNITS = ("year", "day")
PLACES = ("earliest", "middle", "latest")
_DAY = pd.Timedelta(days=1)


def cascades(adoptions: pd.DataFrame, layout: str = "long", unit: str = "year", dates: str = "middle") -> pd.DataFrame:
    """Lay adoptions out as the events of cascades, one cascade per policy.

    Parameters
    ----------
    adoptions : pandas.DataFrame
        From :func:`policylab.adoptions`.
    layout : {"long", "wide"}
        One row per event, as the R package NetworkInference reads with ``as_cascade_long``; or one row per
        jurisdiction and one column per policy, missing where there was no event, as ``as_cascade_wide`` reads.
    unit : {"year", "day"}
        Time as a calendar year, or as days since 1 January 1970 (which R's dates count as well).
    dates : {"earliest", "middle", "latest"}
        Where an adoption known within bounds stands.

    Returns
    -------
    pandas.DataFrame
        Long: node_name, event_time, cascade_id, ordered by cascade, time and node. Wide: nodes x cascades.
        ``attrs["left_out"]`` counts, by policy, the jurisdictions without an event: open (adopted, but since when is
        not known), not_adopted and unknown. ``attrs["within_bounds"]`` counts the events that stand for an interval
        wider than the unit.

    Raises
    ------
    ValueError
        If an option is not allowed.

    Notes
    -----
    A cascade treats everyone without an event as not yet reached. That holds for ``not_adopted`` up to the last text
    seen, but not for ``open`` and ``unknown``: leave such jurisdictions out of a network, or show that it does not
    hang on them.

    References
    ----------
    Linder and Desmarais (2019), NetworkInference: Inferring Latent Diffusion Networks, R package version 1.2.4.

    Examples
    --------
    >>> import policylab as lab
    >>> table = lab.adoptions(lab.load().select(level="state"), {"relief": "rr_year"})
    >>> cascades(table).head(2)
      node_name  event_time cascade_id
    0        NY        2010     relief
    1        MD        2011     relief
    >>> cascades(table).attrs["left_out"]
    {'relief': {'open': 1, 'not_adopted': 4, 'unknown': 1}}
    """
    options = {"layout": (layout, LAYOUTS), "unit": (unit, UNITS), "dates": (dates, PLACES)}
    for name, (value, allowed) in options.items():
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}: expected {', '.join(allowed)}")
    adoptions = rows_of(adoptions)
    adopted = adoptions["status"] == ADOPTED
    is_open = adopted & adoptions["earliest"].isna()
    bounds = adoptions[["earliest", "latest"]].apply(lambda days: _time(days, unit))
    left_out = {
        "open": is_open,
        "not_adopted": adoptions["status"] == NOT_ADOPTED,
        "unknown": ~adoptions["status"].isin([ADOPTED, NOT_ADOPTED]),
    }
    within = adopted & ~is_open & (bounds["earliest"] < bounds["latest"])
    events = adoptions[adopted & ~is_open]
    middle = events["earliest"] + ((events["latest"] - events["earliest"]) // _DAY // 2) * _DAY
    days = middle if dates == "middle" else events[dates]
    policies = {name: adoptions["policy"] == name for name in policy_names(adoptions)}
    columns = {"node_name": events["jurisdiction"], "event_time": _time(days, unit), "cascade_id": events["policy"]}
    table = pd.DataFrame(columns).astype({"event_time": int})
    table = table.sort_values(["cascade_id", "event_time", "node_name"], ignore_index=True)
    if layout == "wide":
        nodes = sorted(set(adoptions["jurisdiction"]))
        table = table.pivot(index="node_name", columns="cascade_id", values="event_time")
        table = table.reindex(index=nodes, columns=list(policies)).astype("Int64")
    table.attrs = {
        "left_out": {
            name: {kind: int(flag[rows].sum()) for kind, flag in left_out.items()} for name, rows in policies.items()
        },
        "within_bounds": {name: int(within[rows].sum()) for name, rows in policies.items()},
    }
    return table


def _time(days: pd.Series, unit: str) -> pd.Series:
    return days.dt.year if unit == "year" else (days - pd.Timestamp(0)) // _DAY
