"""Figures of notebook 01: what is coded, four provisions as maps, one act before and after."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from policylab.codebook import ORDERED, family_label
from policylab.plot.bars import before_after, stacked_shares
from policylab.plot.style import COLUMN, PAGE, new_figure, nominal_colours, ordered_colours
from policylab.plot.tile_map import share_map, tile_map
from policylab.provisions import Provisions

Drawing = tuple[Figure, pd.DataFrame]


def tile_grid(laws: Provisions) -> pd.DataFrame:
    """Give the jurisdictions in view with their places in the tile grid as numbers.

    Raises
    ------
    ValueError
        If a jurisdiction has no place in the grid.
    """
    places = laws.jurisdictions
    homeless = places.loc[(places["tile_row"] == "") | (places["tile_column"] == ""), "jurisdiction"]
    if len(homeless):
        raise ValueError(
            f"{homeless.iloc[0]} has no tile: a tile map needs tile_row and tile_column in jurisdictions.csv "
            f"({len(homeless)} of {len(places)} jurisdictions lack them)"
        )
    return places.astype({"tile_row": int, "tile_column": int})


def tiles(laws: Provisions, variable: str) -> pd.DataFrame:
    """Join one variable's cells with the tile grid.

    Returns
    -------
    pandas.DataFrame
        jurisdiction, name, level, tile_row, tile_column, value, status, evidence, confidence, citation.
    """
    cells = laws.select(variables=[variable]).cells
    places = tile_grid(laws)[["jurisdiction", "name", "level", "tile_row", "tile_column"]]
    joined = places.merge(
        cells[["jurisdiction", "value", "status", "evidence", "confidence", "citation"]], on="jurisdiction"
    )
    return joined.astype({"status": str})


def coverage(laws: Provisions) -> Drawing:
    """Share of the applicable provisions that are coded, by jurisdiction on a tile map and by family as bars."""
    states = laws.select(level="state")
    places = tile_grid(laws)
    by_place = states.coverage(by="jurisdiction")[["applicable", "coded", "share_coded"]].reset_index()
    mapped = by_place.merge(places[["jurisdiction", "level", "tile_row", "tile_column"]], on="jurisdiction")
    mapped = mapped.rename(columns={"share_coded": "share"})
    fig = new_figure(PAGE, 3.1)
    left, right = fig.subplots(1, 2, width_ratios=[1.5, 1])
    share_map(mapped, left, "#6db5a5", "share of cells coded", "share not known")
    left.set_title("Cells coded, of those that apply")
    parts = evidence_bars(states, right)
    frame = pd.concat(
        [
            mapped.assign(panel="jurisdiction")[["panel", "jurisdiction", "applicable", "coded", "share"]],
            parts.rename_axis("family").reset_index().assign(panel="family"),
        ],
        ignore_index=True,
    )
    return fig, frame.astype(dict.fromkeys(("applicable", "coded", *parts.columns), "Int64"))


def evidence_bars(laws: Provisions, ax: Axes) -> pd.DataFrame:
    """Draw the evidence behind the applicable cells of each family as bars, and give the counts."""
    by_family = laws.coverage(by="family")
    by_family["unknown"] = by_family["unknown"] + by_family["undated"]
    parts = by_family[["primary", "official", "secondary", "unknown"]].rename(index=family_label)
    colours = dict(zip(["secondary", "official", "primary"], ordered_colours(3), strict=True))
    words = {
        "primary": "primary text",
        "official": "official summary",
        "secondary": "secondary source",
        "unknown": "not known",
    }
    stacked_shares(parts, colours, ax, words)
    ax.set_title("Evidence by family")
    return parts


def level_map(laws: Provisions, variable: str) -> Drawing:
    """Draw one variable as a tile map, levels in the order of the codebook."""
    frame = tiles(laws, variable)
    coding = laws.variables[variable]
    pick = ordered_colours if coding.scale in ORDERED else nominal_colours
    colours = dict(zip(coding.levels, pick(len(coding.levels)), strict=True))
    table = laws.levels
    labels = table[table["variable"] == variable].set_index("level")["label"].to_dict()
    fig = new_figure(COLUMN, 3.5)
    ax = tile_map(frame, colours, fig.subplots(), labels)
    ax.set_title(f"{coding.label}, {laws.date}")
    return fig, frame


def wiretap_reach(laws: Provisions) -> Drawing:
    """Tile map of whether a court may order interception to investigate trafficking, and how the statute reaches it."""
    return level_map(laws, "wt_trafficking")


def record_relief(laws: Provisions) -> Drawing:
    """Tile map of the strongest remedy for convictions that result from having been trafficked."""
    return level_map(laws, "rr_relief")


def minor_compensation(laws: Provisions) -> Drawing:
    """Tile map of the time rule for victims who were minors in crime victim compensation."""
    return level_map(laws, "cvc_minor")


def safe_harbor(laws: Provisions) -> Drawing:
    """Tile map of how far minors are protected from charges for prostitution offences."""
    return level_map(laws, "sh_immunity")


def connecticut_2015(laws: Provisions) -> Drawing:
    """What Connecticut Public Act 15-195 changed on 1 October 2015, each provision on its scale of levels."""
    changes = laws.select(jurisdictions=["CT"]).changes("2015-10-01", "2015-10-01")
    changes = changes[changes["before"] != "not_applicable"]
    rows = []
    for change in changes.itertuples(index=False):
        variable = laws.variables[change.variable]
        words = laws.levels[laws.levels["variable"] == change.variable].set_index("level")["label"]
        for rank, level in enumerate(variable.levels):
            rows.append(
                (
                    change.variable,
                    variable.label,
                    variable.scale,
                    rank,
                    level,
                    words[level],
                    level == change.before,
                    level == change.after,
                )
            )
    columns = ["variable", "label", "scale", "rank", "level", "level_label", "is_before", "is_after"]
    frame = pd.DataFrame(rows, columns=columns)
    fig = new_figure(PAGE, 2.9)
    ax = before_after(frame, fig.subplots(), "30 September 2015", "1 October 2015 (P.A. 15-195)")
    ax.set_title("Connecticut before and after Public Act 15-195")
    return fig, frame
