"""Tile-grid maps: every jurisdiction one square of the same size, so that area does not mislead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.textpath import TextPath

from policylab.plot.style import (
    FAINT,
    GAP_STYLES,
    INK,
    SMALL,
    UNKNOWN_STYLE,
    legend_below,
    nominal_colours,
    text_colour,
)

_GAP = 0.06


def tile_map(
    frame: pd.DataFrame,
    colours: Mapping[str, str],
    ax: Axes,
    labels: Mapping[str, str] | None = None,
    legend_columns: int = 2,
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
    legend_columns : int

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
    >>> from policylab.drawings.provisions import tiles
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
    legend_below(ax, _legend(states, colours, labels or {}), legend_columns, f"Number of {len(states)} jurisdictions")
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


def cluster_map(frame: pd.DataFrame, ax: Axes, names: Mapping[int, str] | None = None) -> Axes:
    """Colour the tiles of jurisdictions by cluster, paler the less certain it is.

    Parameters
    ----------
    frame : pandas.DataFrame
        jurisdiction, tile_row, tile_column, level, cluster (number, missing where there is none), certainty
        (0 to 1). Rows of the federal level are left out.
    ax : matplotlib.axes.Axes
    names : mapping of int to str, optional
        Cluster to the words of the legend.

    Returns
    -------
    matplotlib.axes.Axes
        The certainty stands below each code, in percent; jurisdictions without a cluster are hatched.

    Raises
    ------
    ValueError
        If there are more than six clusters, or a certainty lies outside 0 to 1.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> places = {"jurisdiction": ["CT", "ND"], "tile_row": [3, 2], "tile_column": [9, 4], "level": "state"}
    >>> frame = pd.DataFrame({**places, "cluster": [1, None], "certainty": [0.84, None]})
    >>> ax = cluster_map(frame, new_figure(3.5, 3).subplots(), {1: "early"})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['1 early (1, mean 84 %)', 'no cluster (1)']
    """
    states = frame[frame["level"] != "federal"]
    placed = states.dropna(subset="cluster").astype({"cluster": int, "certainty": float})
    if not placed["certainty"].between(0, 1).all():
        raise ValueError(f"a certainty lies outside 0 to 1: {placed['certainty'].tolist()}")
    colours = cluster_colours(placed["cluster"])
    for tile in placed.itertuples(index=False):
        shade = _fade(colours[tile.cluster], 0.25 + 0.75 * tile.certainty)
        _tile(ax, tile, {"facecolor": shade, "edgecolor": FAINT, "linewidth": 0.4})
        ink = text_colour(shade)
        _name(ax, tile, ink, boxed=False)
        percent, middle = f"{100 * tile.certainty:02.0f}", (tile.tile_column + 0.5, -tile.tile_row + 0.19)
        ax.text(*middle, percent, ha="center", va="center_baseline", fontsize=SMALL - 1, color=ink)
    homeless = states[states["cluster"].isna()]
    for tile in homeless.itertuples(index=False):
        _tile(ax, tile, UNKNOWN_STYLE)
        _name(ax, tile, INK, boxed=True)
    handles = []
    for number, colour in colours.items():
        sure = placed.loc[placed["cluster"] == number, "certainty"]
        title = f"{number} {(names or {}).get(number, '')}".strip()
        words = f"{title} ({len(sure)}, mean {100 * sure.mean():.0f} %)"
        handles.append(Patch(facecolor=colour, edgecolor=FAINT, linewidth=0.4, label=words))
    if len(homeless):
        handles.append(Patch(**UNKNOWN_STYLE, label=f"no cluster ({len(homeless)})"))
    legend_below(ax, handles, 2, "Cluster (jurisdictions, certainty); figures in tiles: certainty in %")
    return _finish(ax, states)


def cluster_colours(clusters: Iterable[int]) -> dict[int, str]:
    """Give each cluster its colour, in the order of their numbers: the same in every figure.

    Raises
    ------
    ValueError
        If there are more than six clusters.

    Examples
    --------
    >>> cluster_colours([2, 1, 2])
    {1: '#0072b2', 2: '#e69f00'}
    """
    numbers = sorted(set(clusters))
    # The first colour stands for absence, which no cluster is.
    return dict(zip(numbers, nominal_colours(len(numbers) + 1)[1:], strict=True))


def _fade(colour: str, alpha: float) -> str:
    return to_hex([1 - alpha * (1 - channel) for channel in to_rgb(colour)])


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
        mark = {"marker": TextPath((-0.28, -0.35), "?", size=1), "linestyle": "none", "color": INK, "markersize": 5}
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
