"""`make reproduce` beside `jupyter nbconvert --execute` on one notebook after another, in one run.

Run ``.venv/bin/python benchmarks/reproduce.py``. Ours also checks the data, redraws every figure and writes the pages.
The last result is in ``reproduce.md``.
"""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import joblib

from policylab.reproduce import notebooks

ROOT = Path(__file__).parent.parent


def seconds(*commands: list[str]) -> float:
    """Time some commands, one after another."""
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    python = [sys.executable, "-m"]
    with tempfile.TemporaryDirectory() as folder:
        convert = [*python, "nbconvert", "--execute", "--to", "notebook", "--output-dir", folder]
        ours, theirs = [], []
        for _ in range(2):
            ours.append(seconds([*python, "policylab.cli", "reproduce", "--check"]))
            theirs.append(seconds(*([*convert, str(path)] for path in notebooks(ROOT))))
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {joblib.cpu_count()} cores, {len(notebooks(ROOT))} notebooks, faster of two\n"
    )
    print("| `policylab reproduce` | `jupyter nbconvert --execute`, one by one | ratio | aim |\n|---|---|---|---|")
    print(f"| {min(ours):.0f} s | {min(theirs):.0f} s | {min(ours) / min(theirs):.2f} | at most 0.6 |")


if __name__ == "__main__":
    main()
