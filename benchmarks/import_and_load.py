"""What policylab costs beside pandas alone: import, and loading the law beside reading the same files.

Run ``.venv/bin/python benchmarks/import_and_load.py``. The two sides of each ratio take turns in one run, so that a
busy machine slows both; the smallest of many turns is compared. The last result is in ``import_and_load.md``.
"""

import subprocess
import sys
import timeit
from datetime import UTC, datetime

import pandas as pd

import policylab as lab
from policylab.schema import data_path, table_files

TURNS = 15


def import_cost(module: str) -> float:
    """Time the import of a module in milliseconds, by the interpreter's own account."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    return next(int(line.split("|")[1]) for line in reversed(lines) if line.split("|")[-1].strip() == module) / 1000


def read_bare() -> None:
    """Read with pandas' defaults the files that `load` reads."""
    for file, table in table_files(data_path()).items():
        if table in ("codebook", "levels", "jurisdictions", "sources", "codings"):
            pd.read_csv(data_path() / file)


def main() -> None:
    """Print the table of ratios."""
    imports = [(import_cost("pandas"), import_cost("policylab")) for _ in range(TURNS)]
    loads = [(timeit.timeit(read_bare, number=3) / 3, timeit.timeit(lab.load, number=3) / 3) for _ in range(TURNS)]
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {sys.version.split()[0]}, pandas {pd.__version__}")
    print(f"best of {TURNS} turns\n")
    print("| policylab | beside | ratio | allowed |\n|---|---|---|---|")
    for name, peer, pairs, allowed in (
        ("import policylab", "import pandas", imports, 1.2),
        ("lab.load()", "pd.read_csv of the same files", [(a * 1000, b * 1000) for a, b in loads], 4),
    ):
        theirs, ours = (min(side) for side in zip(*pairs, strict=True))
        print(f"| {name}: {ours:.0f} ms | {peer}: {theirs:.0f} ms | {ours / theirs:.2f} | {allowed} |")


if __name__ == "__main__":
    main()
