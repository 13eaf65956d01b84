"""Dissimilarity and co-membership beside R's cluster package and the Python package gower, in one run.

Run ``.venv/bin/python benchmarks/clustering.py`` with R, its package cluster and the Python package gower at hand
(``pip install gower``). The last result is in ``clustering.md``.
"""

import importlib.metadata
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import gower
import joblib
import numpy as np
import pandas as pd

import policylab as lab
from policylab.completion import sampling_cells

UNITS, MISSING = 2000, 0.1
R_DRAWS, DRAWS = 300, 10_000


def large_matrix(states: lab.Provisions) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw 2,000 x 40 from the values of the coded law, column by column, with 10 % missing."""
    random = np.random.default_rng(20261121)
    matrix = states.matrix()
    columns, types = {}, []
    for name in [name for name in matrix if matrix[name].nunique() > 1][:40]:
        held = matrix[name].dropna()
        numeric = held.dtype == float
        if numeric:
            held = held.replace(np.inf, held[np.isfinite(held)].max() + 1)  # daisy knows no infinite number
        drawn = held.iloc[random.integers(len(held), size=UNITS)].reset_index(drop=True)
        columns[name] = drawn.mask(random.random(UNITS) < MISSING)
        ordered = not numeric and held.cat.ordered and len(held.cat.categories) > 2
        levels = "" if numeric else "|".join(held.cat.categories)
        types.append(
            {"column": name, "type": "numeric" if numeric else "ordinal" if ordered else "nominal", "levels": levels}
        )
    return pd.DataFrame(columns), pd.DataFrame(types)


def fastest(function, turns: int) -> float:
    """Time the fastest of some turns in seconds."""
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def write_cells(states: lab.Provisions, folder: Path) -> None:
    """Write what a draw needs, for R to make the same kind of draws."""
    cells = sampling_cells(states)
    names = [cell.name for cell in cells]
    codes = pd.DataFrame({cell.name: np.where(cell.blocked, -1, cell.scale.codes) for cell in cells})
    codes.to_csv(folder / "codes.csv", index=False)
    pd.DataFrame({cell.name: cell.error for cell in cells}).to_csv(folder / "errors.csv", index=False)
    allowed = ["" if c.parent is None else " ".join(map(str, np.flatnonzero(c.allowed))) for c in cells]
    parents = [cell.parent or "" for cell in cells]
    pd.DataFrame({"name": names, "parent": parents, "allowed": allowed}).to_csv(folder / "parents.csv", index=False)
    for cell in cells:
        chances = np.diff(cell.chances, axis=1, prepend=0)
        pd.DataFrame(chances.clip(0)).to_csv(folder / f"chances_{cell.name}.csv", index=False)


def in_r(folder: Path) -> dict[str, float]:
    """Run the R side."""
    script = Path(__file__).with_suffix(".R")
    done = subprocess.run(["Rscript", script, folder, str(R_DRAWS)], capture_output=True, text=True, check=True)
    return {name: float(value) for name, value in (line.split(",") for line in done.stdout.splitlines())}


MEMORY = """
import resource, numpy as np, pandas as pd, policylab as lab
random, columns = np.random.default_rng(0), {}
for number in range(40):
    codes = random.integers(5, size=20_000)
    columns[f"v{number}"] = pd.Series(pd.Categorical.from_codes(codes, list("abcde"), ordered=number % 2 == 0))
    columns[f"v{number}"] = columns[f"v{number}"].mask(random.random(20_000) < 0.1)
assert lab.dissimilarity(pd.DataFrame(columns), "equal").shape == (20_000, 20_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def peak_memory() -> float:
    """Measure the peak memory of the dissimilarity of 20,000 x 40 in GiB, in a process of its own."""
    return float(subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Print the table of ratios."""
    states = lab.load().select(level="state")
    matrix, types = large_matrix(states)
    assert matrix.shape == (UNITS, 40)
    lab.co_membership(states, 4, draws=500, n_jobs=2)  # start the workers
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        matrix.to_csv(folder / "large.csv", index=False)
        types.to_csv(folder / "large_types.csv", index=False)
        write_cells(states, folder)
        before = fastest(lambda: lab.dissimilarity(matrix, "equal"), 25)
        r = in_r(folder)
        ours = min(before, fastest(lambda: lab.dissimilarity(matrix, "equal"), 25))  # both sides of R's own turns
        plain = matrix.astype(object).where(matrix.notna(), np.nan).to_numpy()
        categories = np.array([kind != "numeric" for kind in types["type"]])
        plain[:, ~categories] = np.nan_to_num(plain[:, ~categories].astype(float), nan=2010.0)
        plain[:, categories] = np.where(pd.isna(plain[:, categories]), "missing", plain[:, categories])
        package = fastest(lambda: gower.gower_matrix(plain, cat_features=categories), 1)
        turns = [
            [fastest(lambda n=n: lab.co_membership(states, 4, draws=DRAWS, n_jobs=n), 1) for n in (1, 2)]
            for _ in range(4)
        ]
        one, two = (min(times) / DRAWS for times in zip(*turns, strict=True))
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "scipy", "gower"))
    print(f"{datetime.now(UTC):%Y-%m-%d}, {joblib.cpu_count()} cores, {versions}\n")
    print("| policylab | beside | ratio | aim |\n|---|---|---|---|")
    rows = [
        ("dissimilarity", ours, "R daisy", r["daisy"], "20"),
        ("dissimilarity", ours, "Python gower", package, "200"),
        ("a draw, 2 workers", two, "R daisy + hclust + cutree on one drawn table", r["loop_without_drawing"], "20"),
        ("a draw, 2 workers", two, "R loop: draw, daisy, hclust, cutree, count", r["loop_with_drawing"], "20"),
        ("a draw, 1 worker", one, "R loop: draw, daisy, hclust, cutree, count", r["loop_with_drawing"], ""),
        ("a draw, 2 workers", two, "a draw, 1 worker", one, "1.6"),
    ]
    for name, mine, peer, theirs, aim in rows:
        print(f"| {name}: {1000 * mine:.3g} ms | {peer}: {1000 * theirs:.3g} ms | {theirs / mine:.1f} | {aim} |")
    print(f"\nPeak memory for 20,000 x 40: {peak_memory():.2f} GiB (aim: at most 4).")


if __name__ == "__main__":
    main()
