"""Timelines: no text touches another, nothing leaves the page, and vague dates look vague."""

from itertools import combinations

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from policylab.drawings.federal import programmes_frame
from policylab.drawings.section_230 import timeline_frame
from policylab.plot.style import COLUMN, PAGE, RC, new_figure, use_bundled_font
from policylab.plot.timeline import timeline, timeline_height

YEARS = (1995, 2026)


def drawn(frame, width=COLUMN, first=YEARS[0], last=YEARS[1]):
    """Draw with the looks of the figures and give the axes and a renderer."""
    use_bundled_font()
    with mpl.rc_context(fname=None, rc=mpl.rcParamsDefault | RC | {"backend": "agg"}):
        fig = new_figure(width, timeline_height(frame, width, first, last))
        ax = timeline(frame, fig.subplots(), first, last)
        canvas = FigureCanvasAgg(fig)
        canvas.draw()
        return ax, canvas.get_renderer()


def boxes(ax, renderer):
    """Boxes of all texts: lanes, labels, ticks and legend, in pixels."""
    texts = [*ax.texts, *ax.get_xticklabels(), *ax.get_legend().get_texts()]
    return {text: text.get_window_extent(renderer) for text in texts if text.get_text()}


def overlaps(first, second, slack=0.5):
    """Tell whether two boxes share more than `slack` pixels in both directions."""
    across = min(first.x1, second.x1) - max(first.x0, second.x0)
    down = min(first.y1, second.y1) - max(first.y0, second.y0)
    return across > slack and down > slack


def assert_legible(ax, renderer):
    found = boxes(ax, renderer)
    for (one, first), (other, second) in combinations(found.items(), 2):
        assert not overlaps(first, second), f"{one.get_text()!r} overlaps {other.get_text()!r}"
    page = ax.figure.bbox
    for text, box in found.items():
        assert box.x0 >= page.x0 and box.x1 <= page.x1, f"{text.get_text()!r} leaves the page"
        assert text.get_fontsize() >= 6


@pytest.mark.parametrize("width", [COLUMN, PAGE])
@pytest.mark.parametrize("build", [timeline_frame, programmes_frame])
def test_no_text_of_the_figures_overlaps(laws, build, width):
    frame = build(laws)
    ax, renderer = drawn(frame, width)
    assert_legible(ax, renderer)
    words = " ".join(text.get_text() for text in ax.texts).split()
    assert set(" ".join(frame["label"]).split()) <= set(words)  # nothing was left out to make room


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["act", "bill", "period"]),
            st.dates(pd.Timestamp("1995-01-01").date(), pd.Timestamp("2026-12-31").date()),
            st.text("abcdefg MW", min_size=1, max_size=40).filter(str.strip),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_text_overlaps_whatever_the_dates_and_words(rows):
    frame = pd.DataFrame(
        [("Lane", kind, date.isoformat(), "", " ".join(words.split())) for kind, date, words in rows],
        columns=["lane", "kind", "start", "end", "label"],
    )
    assert_legible(*drawn(frame))


def test_labels_do_not_depend_on_the_order_of_the_rows(laws):
    frame = timeline_frame(laws)
    shuffled = frame.sample(frac=1, random_state=4)
    shuffled = pd.concat([shuffled[shuffled["lane"] == lane] for lane in dict.fromkeys(frame["lane"])])

    def places(table):
        return sorted((t.get_text(), *(round(x, 3) for x in t.get_position())) for t in drawn(table)[0].texts)

    assert places(shuffled) == places(frame)


def bars(ax):
    return [(round(p.get_x(), 2), round(p.get_x() + p.get_width(), 2)) for p in ax.patches]


def one(kind, start, end=""):
    return pd.DataFrame([("Lane", kind, start, end, "label")], columns=["lane", "kind", "start", "end", "label"])


def test_period_is_as_long_as_it_was_in_force():
    ax, _ = drawn(one("period", "2000-01-01", "2010-01-01"))
    assert bars(ax) == [(2000.0, 2010.0)]
    ax, _ = drawn(one("period", "2000-01-01"))
    assert bars(ax) == [(2000.0, 2027.0)]


def test_uncertain_ends_are_paler_and_longer_than_the_certain_part():
    ax, _ = drawn(one("period", "2000", "2010/2011"))
    (outer, inner), legend = bars(ax), [text.get_text() for text in ax.get_legend().get_texts()]
    assert outer == (2000.0, 2012.0)
    assert inner == (2001.0, 2010.0)
    assert "date known to an interval" in legend
    ax, _ = drawn(one("act", "2009/2012"))
    assert bars(ax) == [(2009.0, 2013.0)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "law"}, "no kind 'law'"),
        ({"start": "2015-02-30"}, "no day of the calendar"),
        ({"start": ""}, "expected a date|is not a date"),
    ],
)
def test_bad_rows_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        timeline(one("act", "2000").assign(**change), new_figure(3, 2).subplots(), *YEARS)


def test_missing_column_and_empty_frame_are_named():
    frame = one("act", "2000")
    with pytest.raises(ValueError, match="needs the column label"):
        timeline(frame.drop(columns="label"), new_figure(3, 2).subplots(), *YEARS)
    with pytest.raises(ValueError, match="no rows"):
        timeline(frame.iloc[:0], new_figure(3, 2).subplots(), *YEARS)
