"""Timelines: acts as marks, authorisations as bars, votes as labels, and nothing that overlaps."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from policylab.dates import parse_date
from policylab.plot.labels import place_labels, wrap
from policylab.plot.style import FAINT, INK, SMALL, new_figure

COLUMNS = ("lane", "kind", "start", "end", "label")
KINDS = {"act": "act or event", "bill": "bill that did not pass", "period": "in force or authorised"}
PITCH = SMALL * 1.32 / 72  # inches from one line of text to the next
_PAPER = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none"}
_BAR, _MARK, _OPEN = "#3a8ba0", "#0f3b57", "#bfd9df"
_BOLD = 0.86  # share of the width that a title may fill by the measure of plain text
_GAP = 0.45  # lines between two lanes


def timeline(frame: pd.DataFrame, ax: Axes, first: int, last: int, period: str = KINDS["period"]) -> Axes:
    """Draw lanes of acts and periods over the years, each with its label under it.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per act or period, with the columns

        * lane : its title; lanes stand in the order in which they come;
        * kind : ``act``, ``bill`` or ``period``;
        * start, end : dates as in the tables (EDTF); a period without an end is still in force, and `end` is the
          first day on which it no longer held;
        * label : text of one or more lines, may be empty;
        * colour : optional, of a bar.
    ax : matplotlib.axes.Axes
        Its height should be that of :func:`timeline_height`.
    first, last : int
        Years at the two ends of the axis.
    period : str
        Words of the legend for the bars.

    Returns
    -------
    matplotlib.axes.Axes
        A date known only to an interval is a paler bar as long as the interval. Labels stand under their mark, or a
        line lower on a leader where there is no room.

    Raises
    ------
    ValueError
        If a column is missing, a kind is not known, or a date cannot be read.

    Examples
    --------
    >>> from policylab.plot.style import new_figure
    >>> acts = pd.DataFrame({"lane": ["Acts"] * 2, "kind": "act", "start": ["1996-02-08", "2018-04-11"], "end": ""})
    >>> ax = timeline(acts.assign(label=["begun", "cut back"]), new_figure(3.5, 1).subplots(), 1995, 2020)
    >>> [text.get_text() for text in ax.texts]
    ['Acts', 'begun', 'cut back']
    """
    _check(frame)
    ax.set_xlim(first, last + 1)
    step = 2 if last - first <= 14 else 5
    ax.set_xticks(range(-(-first // step) * step, last + 2, step))
    ax.set_yticks([])
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(length=2, color=FAINT)
    ax.grid(axis="x", color="#e6e6e6", linewidth=0.5)
    ax.set_axisbelow(True)
    _legend(frame, ax, period)
    width = _points_across(ax)
    scale = width / (last + 1 - first)
    line = 0.0
    for title, lane in frame.groupby("lane", sort=False):
        line = _lane(ax, title, lane, line, first, last + 1, scale, width)
    ax.set_ylim(line, 0)
    return ax


def timeline_height(frame: pd.DataFrame, width: float, first: int, last: int, period: str = KINDS["period"]) -> float:
    """Tell how high in inches a figure with one timeline must be for its lines of text not to touch.

    Examples
    --------
    >>> acts = pd.DataFrame({"lane": ["Acts"], "kind": "act", "start": "1996", "end": "", "label": "begun"})
    >>> 0.4 < timeline_height(acts, 3.5, 1995, 2020) < 1.2
    True
    """
    fig = new_figure(width, 6)
    ax = timeline(frame, fig.subplots(), first, last, period)
    fig.draw_without_rendering()
    margins = 6 - ax.get_window_extent().height / fig.dpi
    return float(round(margins + ax.get_ylim()[0] * PITCH, 2))


def _lane(
    ax: Axes, title: str, lane: pd.DataFrame, line: float, first: float, last: float, scale: float, width: float
) -> float:
    """Draw one lane from a line of text on; give the line on which the next one starts."""
    for words in wrap(title, width * _BOLD):
        _write(ax, first, line + 0.5, words, fontweight="bold")
        line += 1
    rows = sorted(lane.itertuples(index=False), key=lambda row: (_extent(row, first, last), row.kind, row.label))
    ends = [_extent(row, first, last) for row in rows]
    room = [0 if row.kind == "period" else 3 / scale for row in rows]  # of a mark on either side of its date
    tracks = _tracks([(start - pad, end + pad) for (_, start, end, _), pad in zip(ends, room, strict=True)])
    for row, extent, track in zip(rows, ends, tracks, strict=True):
        _mark(ax, row, extent, line + track + 0.5)
    below = line + max(tracks) + 1
    # A period is labelled where it may have begun, an act at its mark.
    anchors = [extent[0] if row.kind == "period" else extent[1] for row, extent in zip(rows, ends, strict=True)]
    labels, used = place_labels([row.label for row in rows], [(anchor - first) * scale for anchor in anchors], width)
    for (left, row, words), anchor, track in zip(labels, anchors, tracks, strict=True):
        if not words:
            continue
        top = line + track + 0.8
        if row or track < max(tracks):
            ax.plot([anchor] * 2, [top, below + row + 0.1], color=FAINT, linewidth=0.4, zorder=1)
        for place, phrase in enumerate(words):
            _write(ax, first + left / scale, below + row + place + 0.5, phrase, bbox=_PAPER)
    return below + used + _GAP


def _write(ax: Axes, x: float, y: float, words: str, **look) -> None:
    text = ax.text(x, y, words, ha="left", va="center", fontsize=SMALL, color=INK, **look)
    text.set_in_layout(False)  # else the layout would make room for it and the axes narrower than was measured


def _mark(ax: Axes, row, extent: tuple[float, float, float, float], y: float) -> None:
    earliest, start, end, latest = extent
    if row.kind == "period":
        colour = getattr(row, "colour", "") or _BAR
        if earliest < start or latest > end:
            ax.add_patch(Rectangle((earliest, y - 0.26), latest - earliest, 0.52, facecolor=_OPEN, edgecolor="none"))
        look = {"facecolor": colour, "edgecolor": INK, "linewidth": 0.3, "zorder": 2}
        ax.add_patch(Rectangle((start, y - 0.26), max(end - start, 0), 0.52, **look))
        return
    if latest - earliest > 0.12:
        ax.add_patch(Rectangle((earliest, y - 0.12), latest - earliest, 0.24, facecolor=_OPEN, edgecolor="none"))
    ax.plot([start], [y], **_dot(row.kind), zorder=3)


def _dot(kind: str) -> dict:
    face = _MARK if kind == "act" else "white"
    return {"marker": "o", "markersize": 4, "markerfacecolor": face, "markeredgecolor": _MARK, "linestyle": "none"}


def _tracks(extents: list[tuple[float, float]]) -> list[int]:
    """Give bars and marks that overlap different tracks, the first one that is free."""
    ends: list[float] = []
    tracks = []
    for start, end in extents:
        track = next((n for n, taken in enumerate(ends) if taken <= start), len(ends))
        ends[track:] = [end] if track == len(ends) else [end, *ends[track + 1 :]]
        tracks.append(track)
    return tracks


def _extent(row, first: float, last: float) -> tuple[float, float, float, float]:
    """Earliest start, certain start, certain end and latest end of a row on the axis."""
    start = parse_date(row.start)
    earliest, latest = _year(start.earliest, first), _year(start.latest, last)
    if row.kind != "period":
        middle = (earliest + latest) / 2
        return earliest, middle, middle, latest
    end = parse_date(row.end) if row.end else None
    stop, late = (last, last) if end is None else (_year(end.earliest, first), _year(end.latest, last))
    clipped = [min(max(value, first), last) for value in (earliest, latest, stop, late)]
    return clipped[0], clipped[1], clipped[2], clipped[3]


def _year(day: dt.date | None, otherwise: float) -> float:
    """Turn a day into a year with its fraction."""
    if day is None:
        return otherwise
    start = dt.date(day.year, 1, 1)
    return day.year + (day - start).days / (dt.date(day.year + 1, 1, 1) - start).days


def _points_across(ax: Axes) -> float:
    ax.figure.draw_without_rendering()  # the layout gives the axes its width only now
    return ax.get_window_extent().width / ax.figure.dpi * 72


def _legend(frame: pd.DataFrame, ax: Axes, period: str) -> None:
    periods = frame[frame["kind"] == "period"]
    coloured = "colour" in frame and (periods["colour"] != "").mean() > 0.5  # then no one colour stands for all
    bar = {"facecolor": "white" if coloured else _BAR, "edgecolor": INK, "linewidth": 0.3}
    handles = [
        Patch(**bar, label=period) if kind == "period" else Line2D([], [], label=words, **_dot(kind))
        for kind, words in KINDS.items()
        if (frame["kind"] == kind).any()
    ]
    if any(_vague(row) for row in frame.itertuples(index=False)):
        handles.append(Patch(facecolor=_OPEN, label="date known to an interval"))
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        frameon=False,
        borderaxespad=0.1,
        handlelength=1.1,
        columnspacing=1,
    )


def _vague(row) -> bool:
    dates = [parse_date(text) for text in (row.start, row.end) if text]
    return any(_year(d.latest, 9999) - _year(d.earliest, 0) > 0.12 for d in dates)


def _check(frame: pd.DataFrame) -> None:
    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        raise ValueError(f"a timeline needs the column {missing[0]}: expected {', '.join(COLUMNS)}")
    strangers = sorted(set(frame["kind"]) - set(KINDS))
    if strangers:
        raise ValueError(f"no kind {strangers[0]!r} of a row in a timeline: expected one of {', '.join(KINDS)}")
    if frame.empty:
        raise ValueError("nothing to draw: the timeline has no rows")
