"""One look for every figure: sizes of a printed column, bundled font, colours that survive grey and colour blindness.

Missing cells are hatched and cells that do not apply are dotted, so that neither can be read as "no".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib import colormaps, get_data_path
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, fontManager

FONT = "policylab sans"  # a name of our own for the DejaVu Sans that matplotlib ships, see use_bundled_font
COLUMN, PAGE = 3.50, 7.20  # inches: one and two columns of a journal page (89 and 183 mm)
SMALL, TEXT = 6.0, 7.0  # points
INK, FAINT = "#222222", "#8a8a8a"

RC = {
    "font.family": FONT,
    "font.size": TEXT,
    "axes.titlesize": TEXT + 1,
    "axes.labelsize": TEXT,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "figure.dpi": 150,
    "savefig.dpi": 300,
    "hatch.linewidth": 0.6,
    "hatch.color": FAINT,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.6,
    "text.color": INK,
    "text.usetex": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "policylab",
    "path.simplify": False,
}

UNKNOWN_STYLE = {"facecolor": "white", "edgecolor": FAINT, "hatch": "//////", "linewidth": 0.4}
NOT_APPLICABLE_STYLE = {"facecolor": "white", "edgecolor": FAINT, "hatch": "...", "linewidth": 0.4}
GAP_STYLES = {
    "unknown": (UNKNOWN_STYLE, "not known"),
    "undated": (UNKNOWN_STYLE, "not known"),
    "not_applicable": (NOT_APPLICABLE_STYLE, "does not apply"),
}


def use_bundled_font() -> None:
    """Give the fonts that matplotlib ships a name that no font of the system bears.

    Many systems have a DejaVu Sans of their own, in another version: matplotlib may then find that one, and letters
    move by a fraction of a point.
    """
    if FONT in {entry.name for entry in fontManager.ttflist}:
        return
    shipped = Path(get_data_path()) / "fonts" / "ttf"
    for file, weight in (("DejaVuSans.ttf", 400), ("DejaVuSans-Bold.ttf", 700)):
        fontManager.ttflist.append(FontEntry(fname=str(shipped / file), name=FONT, weight=weight, size="scalable"))


def new_figure(width: float, height: float) -> Figure:
    """Make a figure of a given size in inches, outside pyplot and its global state."""
    return Figure(figsize=(width, height), layout="constrained")


def ordered_colours(count: int) -> list[str]:
    """Pick `count` colours from light to dark that stay apart in grey and for colour-blind readers.

    Examples
    --------
    >>> ordered_colours(2)
    ['#f3e6b1', '#0f3b57']
    """
    ramp = ["#f3e6b1", "#b5d3a4", "#6db5a5", "#3a8ba0", "#22608a", "#0f3b57"]
    if count == 1:
        return [ramp[-1]]
    last = len(ramp) - 1
    return [ramp[round(step * last / (count - 1))] for step in range(count)] if count <= len(ramp) else _sampled(count)


def nominal_colours(count: int) -> list[str]:
    """Pick `count` unordered colours (Okabe and Ito 2008), the first one for absence.

    Raises
    ------
    ValueError
        If more than seven are asked for: more cannot be told apart.
    """
    palette = ["#e8e3d3", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"]
    if count > len(palette):
        raise ValueError(f"{count} unordered colours cannot be told apart: expected at most {len(palette)}")
    return palette[:count]


def text_colour(background: str) -> str:
    """Choose dark or white text for a background by its luminance (WCAG 2.2)."""
    channels = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(background)]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return INK if luminance > 0.3 else "white"


def legend_below(ax: Axes, handles: Sequence[Artist], columns: int, title: str = "") -> None:
    """Put a legend under an axes, left-aligned and without a frame."""
    legend = ax.legend(
        handles=list(handles),
        loc="upper left",
        bbox_to_anchor=(0, 0),
        ncols=columns,
        title=title or None,
        frameon=False,
        alignment="left",
        borderaxespad=0.2,
        handlelength=1.3,
        columnspacing=1.2,
    )
    legend.get_title().set_fontsize(SMALL)


def rows_from_top(ax: Axes, labels: Sequence[str] | None, count: int, margin: float = 0.6) -> None:
    """Give an axes one labelled row per item, the first on top, and no frame but the lower one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    labels : sequence of str or None
        None leaves the rows without labels, for an axes beside a labelled one.
    count : int
        Number of rows.
    margin : float
        Space above the first row and below the last, in rows.
    """
    ax.set_ylim(count - 1 + margin, -margin)
    ax.set_yticks([] if labels is None else range(count), labels)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)


def _sampled(count: int) -> list[str]:
    ramp = colormaps["viridis_r"]
    return [to_hex(ramp(step / (count - 1))) for step in range(count)]
