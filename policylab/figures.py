"""The figures: one stem per result, each a function from the law to a picture and the tidy frame it draws.

The first sentence of a function's docstring is the caption and the text alternative of its figure.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import os
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import joblib
import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg

from policylab.drawings import (
    claims,
    clusters,
    connecticut,
    diffusion,
    doubt,
    federal,
    neighbours,
    own,
    provisions,
    scores,
    section_230,
)
from policylab.drawings.provisions import Drawing
from policylab.files import write_atomically
from policylab.plot.style import RC, use_bundled_font
from policylab.provisions import Provisions

FIGURES: dict[str, Callable[[Provisions], Drawing]] = {
    "01_coverage": provisions.coverage,
    "01_wiretap_reach": provisions.wiretap_reach,
    "01_record_relief": provisions.record_relief,
    "01_minor_compensation": provisions.minor_compensation,
    "01_safe_harbor": provisions.safe_harbor,
    "01_connecticut_2015": provisions.connecticut_2015,
    "02_timeline": section_230.carve_outs,
    "02_powers": section_230.powers,
    "02_votes": section_230.recorded_votes,
    "02_states_before_after": section_230.before_and_after,
    "03_choose_k": clusters.number_of_clusters,
    "03_dendrogram": clusters.tree,
    "03_heatmap": clusters.matrix_of_provisions,
    "03_ordination": clusters.map_of_distances,
    "03_multiverse": clusters.dependence_on_choices,
    "04_co_membership": doubt.pair_probabilities,
    "04_certainty": doubt.certainty_map,
    "05_curves": diffusion.adoption_curves,
    "05_wave": diffusion.record_relief_wave,
    "05_neighbours": neighbours.effect_by_policy,
    "05_precedence": diffusion.order_of_policies,
    "05_sequence": diffusion.dates_by_state,
    "06_claims": claims.claimed_and_checked,
    "06_reports": claims.reports,
    "06_federal": federal.programmes,
    "07_connecticut": connecticut.acts_and_changes,
    "07_travelled": connecticut.travelled,
    "08_rank_intervals": scores.rank_of_states,
    "08_agreement": scores.agreement_of_coders,
}

# A folder in which one run of everything keeps what it has drawn, so that notebooks and figures draw it once.
DRAWN = "POLICYLAB_DRAWN"

# What can be drawn of any package; `k` clusters on request.
OF_ANY_PACKAGE: dict[str, Callable[..., Drawing]] = {
    "coverage": own.coverage,
    "dendrogram": own.tree,
    "heatmap": own.matrix,
    "ordination": own.distances,
    "co_membership": own.pairs,
    "adoption": own.adoption,
}


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawn figure: its files as bytes, by suffix, and its caption."""

    stem: str
    caption: str
    files: dict[str, bytes]

    def __repr__(self) -> str:
        return f"Figure {self.stem}. {self.caption}"

    @property
    def frame(self) -> pd.DataFrame:
        """The tidy frame that is drawn, as its csv file holds it."""
        return pd.read_csv(io.BytesIO(self.files["csv"]))

    def _repr_png_(self) -> bytes:
        return self.files["png"]


def draw(stem: str, laws: Provisions, **options) -> Picture:
    """Draw one figure as the bytes of its svg, png and csv files.

    Parameters
    ----------
    stem : str
        One of `FIGURES`, which draw the shipped law, or of `OF_ANY_PACKAGE`.
    laws : Provisions
    **options
        Of the function that draws it: `k`, the number of clusters.

    Raises
    ------
    KeyError
        If there is no figure of that name.

    Examples
    --------
    >>> import policylab as lab
    >>> draw("01_safe_harbor", lab.load())
    Figure 01_safe_harbor. Tile map of how far minors are protected from charges for prostitution offences.
    """
    known = FIGURES | OF_ANY_PACKAGE
    if stem not in known:
        raise KeyError(f"no figure {stem!r}: expected one of {', '.join(known)}")
    shared = os.environ.get(DRAWN)
    if not shared:
        return _draw(stem, known[stem], laws, options)
    question = [stem, options, *(getattr(laws, field.name) for field in fields(laws))]
    path = Path(shared) / f"{stem}-{joblib.hash(question)}"
    if not path.exists():
        write_atomically(path, pickle.dumps(_draw(stem, known[stem], laws, options)))
    return pickle.loads(path.read_bytes())


def _draw(stem: str, function: Callable[..., Drawing], laws: Provisions, options: dict) -> Picture:
    use_bundled_font()
    with mpl.rc_context(fname=None, rc=mpl.rcParamsDefault | RC | {"backend": "agg"}):
        fig, frame = function(laws, **options)
        FigureCanvasAgg(fig)
        files = {
            "svg": _bytes(partial(fig.savefig, format="svg", metadata={"Date": None})),
            "png": _bytes(partial(fig.savefig, format="png", metadata={"Software": None})),
            "csv": frame.to_csv(index=False, lineterminator="\n").encode(),
        }
    return Picture(stem, inspect.getdoc(function).split("\n\n")[0].replace("\n", " "), files)


def write(pictures: Iterable[Picture], folder: Path) -> None:
    """Write figures and the manifest of their hashes; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for picture in pictures:
        for suffix, content in picture.files.items():
            name = f"{picture.stem}.{suffix}"
            hashes[name] = hashlib.sha256(content).hexdigest()
            write_atomically(folder / name, content)
    manifest = read_manifest(folder) | hashes
    known = {name: manifest[name] for name in sorted(manifest) if name.rsplit(".", 1)[0] in FIGURES | OF_ANY_PACKAGE}
    write_atomically(folder / "manifest.json", (json.dumps(known, indent=1) + "\n").encode())


def read_manifest(folder: Path) -> dict[str, str]:
    """Read the hashes of the figures in a folder: file name to SHA-256; empty if there is none."""
    path = folder / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _bytes(save: Callable[[io.BytesIO], None]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()
