"""Where to put labels under their marks so that none meets another."""

from __future__ import annotations

from functools import cache
from itertools import permutations, product
from typing import NamedTuple

from matplotlib import rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from policylab.plot.style import SMALL

_CLEAR = 3.0  # points kept free around a label
_WIDER = 1.04  # what hinting may add to the width of a text
_FEW, _MANY = 5, 8  # labels of a lane: up to so many every order is tried, beyond so many one side only


class _Box(NamedTuple):
    """A stretch of points on some lines of text."""

    left: float
    right: float
    first: int
    last: int

    def meets(self, other: _Box) -> bool:
        apart = self.right + _CLEAR <= other.left or other.right + _CLEAR <= self.left
        return not apart and self.first <= other.last and other.first <= self.last


def place_labels(
    labels: list[str], anchors: list[float], width: float
) -> tuple[list[tuple[float, int, list[str]]], int]:
    """Find for each label, anchored at some points from the left, a place where it meets no other label.

    Parameters
    ----------
    labels : list of str
        Each of one or more lines; empty ones need no place.
    anchors : list of float
        Where the mark of each label stands, in points from the left edge.
    width : float
        Points from edge to edge.

    Returns
    -------
    places : list of tuple
        For each label where it begins (points from the left), its first line of text (0 is the line under the marks),
        and its lines after wrapping.
    used : int
        Lines of text that are taken.

    Notes
    -----
    Labels stand to the right or to the left of their marks; one that is lower than line 0 needs a leader from its
    mark. Of all orders and sides the arrangement is taken in which the fewest leaders pass behind a label, and of
    these the one with the fewest lines. For many labels only two orders are tried.

    Examples
    --------
    >>> place_labels(["begun", "ended"], [0.0, 10.0], 200.0)[0]
    [(0.0, 1, ['begun']), (10.0, 0, ['ended'])]
    """
    kept = [n for n, label in enumerate(labels) if label]
    kept.sort(key=lambda n: (-anchors[n], n))
    sides = [_shapes(labels[n], anchors[n], width) for n in kept]
    orders = list(permutations(kept)) if len(kept) <= _FEW else [tuple(kept), tuple(kept[::-1])]
    if len(kept) > _MANY:
        sides = [shapes[:1] for shapes in sides]
    best = None
    for chosen in product(*sides):
        shapes = dict(zip(kept, chosen, strict=True))
        for order in orders:
            cost, rows = _set(shapes, anchors, order)
            if best is None or cost < best[0]:
                best = cost, rows, shapes
    _, rows, shapes = best
    used = max((row + len(shapes[n][1]) for n, row in rows.items()), default=0)
    return [(shapes[n][0], rows[n], shapes[n][1]) if n in shapes else (0.0, 0, []) for n in range(len(labels))], used


def _set(
    shapes: dict[int, tuple[float, list[str]]], anchors: list[float], order: tuple[int, ...]
) -> tuple[tuple[int, int, int], dict[int, int]]:
    """Set labels in one order, each on the first lines that are free; give the cost of it and the rows."""
    boxes: dict[int, _Box] = {}
    for n in order:
        left, words = shapes[n]
        box = _Box(left, left + max(map(_width, words)), 0, len(words) - 1)
        while any(box.meets(other) for other in boxes.values()):
            box = _Box(box.left, box.right, box.first + 1, box.last + 1)
        boxes[n] = box
    rows = {n: box.first for n, box in boxes.items()}
    leaders = {n: _Box(anchors[n], anchors[n], 0, row - 1) for n, row in rows.items() if row}
    crossed = sum(leader.meets(box) for n, leader in leaders.items() for other, box in boxes.items() if n != other)
    return (crossed, max((box.last for box in boxes.values()), default=0), sum(rows.values())), rows


def _shapes(label: str, anchor: float, width: float) -> list[tuple[float, list[str]]]:
    """Give the ways to set a label beside its mark: where it begins and its lines, the better way first."""
    shapes = []
    for room, to_the_right in ((width - anchor, True), (anchor, False)):
        words = wrap(label, max(room, 0.0))
        extent = max(map(_width, words))
        left = anchor if to_the_right else anchor - extent
        left = min(max(left, 0.0), max(width - extent, 0.0))
        shapes.append((extent > room, len(words), left, words))
    best = min(shapes, key=lambda shape: shape[:2])
    # The other side is worth a try where it holds every word and needs at most one line more.
    fit = [shape for shape in shapes if shape is best or (not shape[0] and shape[1] <= best[1] + 1)]
    return [(left, words) for _, _, left, words in sorted(fit, key=lambda shape: shape is not best)]


def wrap(label: str, room: float) -> list[str]:
    """Break a label of small text into lines of at most `room` points; a word that is wider stays whole.

    Examples
    --------
    >>> wrap("Acts on section 230", 42.0)
    ['Acts on', 'section 230']
    """
    lines = []
    for part in label.split("\n"):
        words, line = part.split(), ""
        for word in words:
            longer = f"{line} {word}".strip()
            if line and _width(longer) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _width(text: str) -> float:
    """Measure a line of small text in points."""
    return _measured(text, tuple(rcParams["font.family"])) if text.strip() else 0.0


@cache
def _measured(text: str, family: tuple[str, ...]) -> float:
    path = TextPath((0, 0), text, size=SMALL, prop=FontProperties(family=list(family)))
    return float(path.get_extents().width) * _WIDER
