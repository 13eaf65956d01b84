"""Tile-grid maps: every jurisdiction one square of the same size, so that area does not mislead."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from policylab.plot.style import FAINT, GAP_STYLES, INK, SMALL, UNKNOWN_STYLE, legend_below, text_colour

_GAP = 0.06


def tile_map(
    frame: pd.DataFrame, colours: Mapping[str, str], ax: Axes, labels: Mapping[str, str] | None = None
) -> Axes:
    """Colour the tiles of jurisdictions by level.

    Parameters
    ----------
    frame : pandas.DataFrame
        jurisdiction, tile_row, tile_column, level (of government), value, status (coded, unknown, undated,
        not_applicable), confidence; one row per tile.
    colours : mapping of str to str
        Level to colour, in the order of the legend.
    ax : matplotlib.axes.Axes
    labels : mapping of str to str, optional
        Level to the words of the legend.

    Returns
    -------
    matplotlib.axes.Axes
        Missing tiles are hatched, tiles to which the question does not apply are dotted, codings of low
        confidence carry a question mark. The legend counts states; the federal tile stands apart.

    Raises
    ------
    KeyError
        If a coded value has no colour.

    Examples
    --------
    >>> import policylab as lab
    >>> from policylab.figures import tiles
    >>> from policylab.plot.style import new_figure, ordered_colours
    >>> frame = tiles(lab.load(), "rr_juvenile")
    >>> ax = tile_map(frame, dict(zip(["no", "yes"], ordered_colours(2))), new_figure(3.5, 3).subplots())
    >>> sorted({text.get_text() for text in ax.texts})[:3]
    ['?', 'AK', 'AL']
    """
    for tile in frame.itertuples(index=False):
        look = _look(tile.status, tile.value, colours)
        _tile(ax, tile, look)
        _name(ax, tile, text_colour(look["facecolor"]), boxed="hatch" in look)
        if _doubtful(tile.status, tile.confidence):
            corner = (tile.tile_column + 0.86, -tile.tile_row + 0.8)
            ax.text(
                *corner,
                "?",
                ha="center",
                va="center",
                fontsize=SMALL - 1,
                color=text_colour(look["facecolor"]),
            )
    states = frame[frame["level"] != "federal"]
    legend_below(ax, _legend(states, colours, labels or {}), 2, f"Number of {len(states)} jurisdictions")
    return _finish(ax, frame)


def share_map(frame: pd.DataFrame, ax: Axes, colour: str, label: str, rest: str) -> Axes:
    """Fill the tiles of jurisdictions from below in proportion to a share.

    Parameters
    ----------
    frame : pandas.DataFrame
        jurisdiction, tile_row, tile_column, level, share (0 to 1).
    ax : matplotlib.axes.Axes
    colour : str
    label, rest : str
        What the filled and the hatched part of a tile mean.

    Returns
    -------
    matplotlib.axes.Axes
    """
    for tile in frame.itertuples(index=False):
        _tile(ax, tile, UNKNOWN_STYLE)
        x, y, size = tile.tile_column + _GAP / 2, -tile.tile_row + _GAP / 2, 1 - _GAP
        ax.add_patch(Rectangle((x, y), size, size * tile.share, facecolor=colour, edgecolor="none"))
        _name(ax, tile, INK, boxed=True)
    handles = [Patch(facecolor=colour, label=label), Patch(**UNKNOWN_STYLE, label=rest)]
    legend_below(ax, handles, 2)
    return _finish(ax, frame)


def _look(status: str, value: str, colours: Mapping[str, str]) -> dict:
    if status in GAP_STYLES:
        return GAP_STYLES[status][0]
    if value not in colours:
        raise KeyError(f"no colour for {value!r}: expected one of {', '.join(colours)}")
    return {"facecolor": colours[value], "edgecolor": FAINT, "linewidth": 0.4}


def _tile(ax: Axes, tile, look: dict) -> None:
    side = 1 - _GAP
    ax.add_patch(Rectangle((tile.tile_column + _GAP / 2, -tile.tile_row + _GAP / 2), side, side, **look))


def _name(ax: Axes, tile, colour: str, boxed: bool) -> None:
    box = {"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none"} if boxed else None
    ax.text(
        tile.tile_column + 0.5,
        -tile.tile_row + 0.5,
        tile.jurisdiction,
        ha="center",
        va="center_baseline",
        fontsize=SMALL,
        fontweight="bold" if tile.level == "federal" else "normal",
        color=INK if boxed else colour,
        bbox=box,
    )


def _legend(states: pd.DataFrame, colours: Mapping[str, str], labels: Mapping[str, str]) -> list[Artist]:
    coded = states[states["status"] == "coded"]["value"].value_counts()
    handles = [
        Patch(
            facecolor=colour,
            edgecolor=FAINT,
            linewidth=0.4,
            label=f"{labels.get(level, level)} ({coded.get(level, 0)})",
        )
        for level, colour in colours.items()
    ]
    gaps = states["status"].astype(str).map(lambda status: GAP_STYLES[status][1] if status in GAP_STYLES else "")
    doubtful = sum(map(_doubtful, states["status"], states["confidence"]))
    if doubtful:
        mark = {"marker": "$?$", "linestyle": "none", "color": INK, "markersize": 4}
        handles.append(Line2D([], [], **mark, label=f"of these on low confidence ({doubtful})"))
    for words, look in {words: look for look, words in GAP_STYLES.values()}.items():
        if (gaps == words).any():
            handles.append(Patch(**look, label=f"{words} ({(gaps == words).sum()})"))
    return handles


def _doubtful(status: str, confidence: str) -> bool:
    return status == "coded" and confidence == "low"


def _finish(ax: Axes, frame: pd.DataFrame) -> Axes:
    ax.set_xlim(frame["tile_column"].min(), frame["tile_column"].max() + 1)
    ax.set_ylim(-frame["tile_row"].max(), 1)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax
