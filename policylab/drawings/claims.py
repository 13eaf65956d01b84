"""Figures of notebook 06: what the news items claim, what a check found, and the reports behind the figures."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import FuncFormatter

from policylab.claims import quantities
from policylab.drawings.provisions import Drawing
from policylab.plot.bars import stacked_shares
from policylab.plot.ratios import ratios
from policylab.plot.series import series
from policylab.plot.style import COLUMN, FAINT, PAGE, SMALL, new_figure
from policylab.provisions import Provisions
from policylab.series import segments
from policylab.side_tables import load_claims, load_indicators

VERDICTS = ("supported", "imprecise", "contradicted", "unverifiable")
ITEMS = {
    "doj-2010-icac-remarks": "Justice Department, 2010",
    "news-2015-hamlethub-ct": "HamletHub, 2015",
    "news-2017-meriden-paper": "Meriden paper, 2017",
    "news-2018-wicker-column": "Wicker column, 2018",
    "news-2018-north-dakota-paper": "North Dakota paper, 2018",
}
COLOURS = {"supported": "#0f3b57", "imprecise": "#e69f00", "contradicted": "#d55e00"}
REPORTS, BY_COUNTRY, BY_USER = (
    "cybertipline_reports_total",
    "cybertipline_reports_resolved_to_us",
    "cybertipline_user_location_us",
)


def verdict_counts(claims: pd.DataFrame) -> pd.DataFrame:
    """Count verdicts by news item, in the order in which the items appeared."""
    table = claims.groupby(["item", "verdict"]).size().unstack(fill_value=0)
    table = table.reindex(index=list(ITEMS), columns=list(VERDICTS), fill_value=0)
    return table.rename(index=ITEMS).rename_axis(index="item", columns=None)


def claimed_and_checked(laws: Provisions) -> Drawing:
    """Verdicts on the claims of five news items, and each quantity claimed beside the value that a check found."""
    claims = load_claims()
    counts = verdict_counts(claims).rename(columns={"unverifiable": "unknown"})
    table = quantities(claims).assign(label=lambda rows: rows.apply(_label, axis=1))
    table = table.sort_values("claim").reset_index(drop=True)
    fig = new_figure(PAGE, 3.5)
    left, right = fig.subplots(1, 2, width_ratios=[1, 1.15])
    words = {part: part for part in VERDICTS} | {"unknown": "unverifiable"}
    stacked_shares(counts, COLOURS, left, words, unit="claims")
    left.set_title("Verdicts by news item")
    ratios(table, COLOURS, right)
    right.set_title("Quantities: found against claimed")
    long = counts.rename(columns={"unknown": "unverifiable"}).stack().rename("count").reset_index()
    long = long.rename(columns={"level_1": "verdict"}).assign(panel="verdicts")
    frame = pd.concat([long, table.drop(columns="label").assign(panel="quantities")], ignore_index=True)
    columns = ["panel", "item", "verdict", "count", "claim", "subject", "unit", "claimed", "low", "high"]
    return fig, frame[columns].astype({"count": "Int64"})


def _label(row: pd.Series) -> str:
    value = f"{row['claimed']:,.1f}".removesuffix(".0")
    return f"{row['subject']}: {value} {row['unit']}"


def located_share() -> pd.DataFrame:
    """Compute the share of the reports of a year that NCMEC located in the United States, by both of its counts.

    Returns
    -------
    pandas.DataFrame
        year, total, by_country, by_user (reports), share_by_country, share_by_user; missing where not counted.
    """
    table = load_indicators()
    columns = {"total": REPORTS, "by_country": BY_COUNTRY, "by_user": BY_USER}
    parts = {name: segments(table, key).set_index("year")["value"] for name, key in columns.items()}
    frame = pd.DataFrame(parts).dropna(subset=["by_country", "by_user"], how="all").reset_index()
    for name in ("by_country", "by_user"):
        frame[f"share_{name}"] = (frame[name] / frame["total"]).round(8)
    return frame


def reports(laws: Provisions) -> Drawing:
    """CyberTipline reports a year since 1998 with the breaks of the series, and the share located in the country."""
    table = segments(load_indicators(), REPORTS)
    located = located_share()
    fig = new_figure(COLUMN, 4.3)
    top, bottom = fig.subplots(2, 1, height_ratios=[1.7, 1])
    series(table, top, "CyberTipline reports a year, logarithmic scale", log=True)
    top.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    looks = {
        "share_by_country": ("counted by country", {"color": "#0f3b57", "marker": "o"}),
        "share_by_user": ("counted by user", {"color": "#d55e00", "marker": "s", "linestyle": "--"}),
    }
    for name, (words, look) in looks.items():
        bottom.plot(located["year"], 100 * located[name], markersize=3, linewidth=1, label=words, **look)
    bottom.set_title("Reports located in the United States, % of all")
    bottom.set_ylim(0, 8)
    bottom.set_xticks(located["year"])
    bottom.legend(frameon=False, loc="upper left", ncols=2, fontsize=SMALL)
    bottom.spines[["top", "right"]].set_visible(False)
    bottom.tick_params(length=2, color=FAINT)
    long = located.melt("year", ["share_by_country", "share_by_user"], "indicator", "value")
    kept = ["indicator", "year", "value", "segment", "break_before", "source"]
    frame = pd.concat([table[kept], long], ignore_index=True)[kept]
    return fig, frame.astype({"segment": "Int64"})
