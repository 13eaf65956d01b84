"""Figures: the same bytes from any run, the frame that they draw, and what a reader must be able to tell apart."""

import importlib.metadata
import io
import os
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import get_data_path
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, findfont

import policylab as lab
from policylab.drawings.provisions import tiles
from policylab.figures import DRAWN, FIGURES, draw, read_manifest, write
from policylab.files import write_atomically
from policylab.plot.style import RC, new_figure, nominal_colours, ordered_colours, text_colour, use_bundled_font
from policylab.plot.tile_map import tile_map
from tests.conftest import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = all(f"\n{name}=={importlib.metadata.version(name)} " in LOCK for name in ("matplotlib", "pandas", "pillow"))
DRAW_ALL = """
import sys
from itertools import pairwise
from pathlib import Path
import policylab as lab
from policylab.figures import DRAWN, FIGURES, draw, write
laws = lab.read_package(sys.argv[2]) if len(sys.argv) > 2 else lab.load()
write([draw(stem, laws) for stem in FIGURES], Path(sys.argv[1]))
"""


def drawn_elsewhere(folder: Path, *arguments: str, **environment: str) -> dict[str, str]:
    command = [sys.executable, "-c", DRAW_ALL, str(folder), *arguments]
    subprocess.run(command, check=True, env=os.environ | environment)
    return read_manifest(folder)


@pytest.mark.skipif(not LOCKED, reason="bytes are promised in the locked environment only")
@pytest.mark.parametrize("stem", FIGURES)
def test_committed_files_are_what_is_drawn(stem, laws):
    for suffix, content in draw(stem, laws).files.items():
        assert (ROOT / "figures" / f"{stem}.{suffix}").read_bytes() == content, "run: make reproduce"


@pytest.mark.parametrize("stem", FIGURES)
def test_committed_frame_is_what_is_drawn(stem, laws):
    """Holds in any environment: the numbers of a figure do not depend on the drawing library."""
    assert (ROOT / "figures" / f"{stem}.csv").read_bytes() == draw(stem, laws).files["csv"]


@pytest.mark.skipif(not LOCKED, reason="bytes are promised in the locked environment only")
@pytest.mark.parametrize(
    "environment",
    [
        {
            "PYTHONHASHSEED": "0",
            "TZ": "Pacific/Auckland",
            "LC_ALL": "C",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    ],
)
def test_same_bytes_under_other_seeds_zones_locales_and_threads(tmp_path, environment):
    assert drawn_elsewhere(tmp_path / "figures", **environment) == read_manifest(ROOT / "figures")


@pytest.mark.skipif(not LOCKED, reason="bytes are promised in the locked environment only")
def test_same_bytes_from_shuffled_rows(tmp_path, package):
    shuffle = random.Random(3)
    for path in [*(package / "codings").glob("*.csv"), package / "sources.csv"]:
        header, *body = path.read_text(encoding="utf-8").splitlines(keepends=True)
        shuffle.shuffle(body)
        path.write_text("".join([header, *body]), encoding="utf-8")
    assert drawn_elsewhere(tmp_path / "figures", str(package)) == read_manifest(ROOT / "figures")


def test_manifest_lists_every_file_and_no_other():
    files = {path.name for path in (ROOT / "figures").iterdir()} - {"manifest.json"}
    assert files == set(read_manifest(ROOT / "figures"))
    assert {name.rsplit(".", 1)[0] for name in files} == set(FIGURES)


@pytest.mark.parametrize("stem", ["01_wiretap_reach", "01_record_relief", "01_minor_compensation", "01_safe_harbor"])
def test_map_draws_what_the_cells_say(stem, laws):
    frame = pd.read_csv(io.BytesIO(draw(stem, laws).files["csv"]), keep_default_na=False)
    variable = {"01_wiretap_reach": "wt_trafficking", "01_record_relief": "rr_relief"}.get(stem)
    variable = variable or {"01_minor_compensation": "cvc_minor", "01_safe_harbor": "sh_immunity"}[stem]
    for row in frame.itertuples():
        assert row.value == laws.value(row.jurisdiction, variable)


def test_gaps_look_like_nothing_else(laws):
    """Unknown is hatched, not applicable dotted, "no" a plain colour."""
    frame = tiles(laws, "wt_trafficking")
    ax = tile_map(
        frame, dict(zip(["no", "general", "enumerated"], ordered_colours(3), strict=True)), new_figure(3, 3).subplots()
    )
    looks = {}
    for patch, tile in zip(ax.patches, frame.itertuples(), strict=True):
        looks.setdefault(tile.value if tile.status == "coded" else tile.status, set()).add(
            (patch.get_facecolor(), patch.get_hatch())
        )
    assert all(len(look) == 1 for look in looks.values())
    assert len({next(iter(look)) for look in looks.values()}) == len(
        {"unknown" if k == "undated" else k for k in looks}
    )
    assert next(iter(looks["unknown"]))[1] and next(iter(looks["not_applicable"]))[1] and not next(iter(looks["no"]))[1]


def test_unplanned_level_is_an_error(laws):
    with pytest.raises(KeyError, match="no colour for 'enumerated'"):
        tile_map(tiles(laws, "wt_trafficking"), {"no": "#000000", "general": "#ffffff"}, new_figure(3, 3).subplots())


def _grey(colour):
    red, green, blue = to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Machado, Oliveira and Fernandes (2009), full severity, on linear values near enough to sRGB for a distance check.
BLIND = {
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_ordered_colours_darken_step_by_step_in_grey(count):
    greys = [_grey(colour) for colour in ordered_colours(count)]
    assert all(first - second > 0.07 for first, second in pairwise(greys))


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("colours", [ordered_colours(6), nominal_colours(4)])
def test_colours_stay_apart_for_colour_blind_readers(kind, colours):
    seen = [
        tuple(sum(m * c for m, c in zip(line, to_rgb(colour), strict=True)) for line in BLIND[kind])
        for colour in colours
    ]
    for place, one in enumerate(seen):
        for other in seen[place + 1 :]:
            assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 0.1


def test_text_on_a_tile_has_contrast():
    for colour in [*ordered_colours(6), "#ffffff"]:
        light, dark = sorted((_grey(colour), _grey(text_colour(colour))), reverse=True)
        assert light - dark > 0.25


def test_fonts_are_the_bundled_ones_at_print_size():
    """A DejaVu Sans of the system, in another version, must not be found instead."""
    use_bundled_font()
    for weight in ("normal", "bold"):
        found = findfont(FontProperties(family=RC["font.family"], weight=weight), fallback_to_default=False)
        assert Path(found).is_relative_to(get_data_path())
        assert ("Bold" in found) == (weight == "bold")
    assert min(value for key, value in RC.items() if key.endswith("size") and isinstance(value, float)) >= 6


def test_killed_write_leaves_no_half_file(tmp_path, monkeypatch):
    target = tmp_path / "figure.svg"
    target.write_bytes(b"old")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_manifest_forgets_figures_that_are_gone(tmp_path, laws):
    write([draw("01_safe_harbor", laws)], tmp_path)
    (tmp_path / "manifest.json").write_text('{"00_gone.svg": "x"}')
    write([draw("01_record_relief", laws)], tmp_path)
    assert {name.split(".")[0] for name in read_manifest(tmp_path)} == {"01_record_relief"}


def test_importing_policylab_does_not_draw():
    heavy = ("matplotlib", "sklearn", "scipy", "statsmodels", "rich", "typer")
    code = f"import sys, policylab; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert lab.__version__


def test_a_shared_drawing_is_the_one_that_would_be_drawn(tmp_path, laws, monkeypatch):
    own = draw("01_safe_harbor", laws)
    monkeypatch.setenv(DRAWN, str(tmp_path))
    for _ in range(2):  # drawn, then taken
        assert draw("01_safe_harbor", laws).files == own.files
    assert len(list(tmp_path.iterdir())) == 1


def test_another_view_of_the_law_is_never_taken_for_this_one(tmp_path, laws, monkeypatch):
    monkeypatch.setenv(DRAWN, str(tmp_path))
    today, earlier = draw("01_safe_harbor", laws), draw("01_safe_harbor", laws.as_of("2010-01-01"))
    assert today.files["csv"] != earlier.files["csv"]
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.delenv(DRAWN)
    assert earlier.files == draw("01_safe_harbor", laws.as_of("2010-01-01")).files
