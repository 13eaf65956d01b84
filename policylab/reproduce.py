"""Run everything: check the data, execute the notebooks, redraw the figures, write the generated pages."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from policylab.check import check_package
from policylab.figures import DRAWN, FIGURES, Picture, draw, read_manifest, write
from policylab.files import write_atomically
from policylab.package import load
from policylab.pages import pages
from policylab.schema import PackageError, data_path

SAME, CHANGED, NEW = "same bytes", "changed", "new"
_TIMEOUT = 600  # seconds for one cell of a notebook


class Outcome(NamedTuple):
    """What became of one product: its kind, name and whether its bytes changed."""

    kind: str
    name: str
    state: str


class NotebookError(RuntimeError):
    """A notebook that did not run to its end."""


def run(root: Path, check: bool = False, workers: int = 2, stems: Iterable[str] = tuple(FIGURES)) -> Iterator[Outcome]:
    """Reproduce everything, in parallel, and tell product by product how it compares with what is there.

    Parameters
    ----------
    root : pathlib.Path
        The project folder, with notebooks/, figures/ and docs/.
    check : bool
        Compare only, write nothing.
    workers : int
        Processes at once.
    stems : iterable of str
        Figures to draw; all by default.

    Yields
    ------
    Outcome
        One per notebook, figure and page, in the order in which they finish.

    Raises
    ------
    FileNotFoundError
        If `root` is not the project folder.
    PackageError
        If the data have faults; nothing is run then.
    NotebookError
        If a notebook fails; it keeps its old outputs.
    """
    for folder in ("notebooks", "figures", "docs"):
        if not (root / folder).is_dir():
            raise FileNotFoundError(f"{root / folder} is not there: run this in the project folder")
    faults = check_package(data_path())
    if faults:
        raise PackageError(faults)
    pictures: list[Picture] = []
    with (
        tempfile.TemporaryDirectory() as drawn,
        ProcessPoolExecutor(workers, get_context("spawn"), _share, (drawn,)) as pool,
    ):
        jobs = {pool.submit(execute, path): path for path in notebooks(root)}
        jobs |= {pool.submit(_draw, stem): stem for stem in stems}
        try:
            for job in as_completed(jobs):
                product, result = jobs[job], job.result()
                if isinstance(product, Path):
                    yield _settle("notebook", product, result.encode(), check)
                else:
                    pictures.append(result)
                    yield Outcome("figure", product, _compare_figure(result, root / "figures"))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if not check:
        write(sorted(pictures, key=lambda picture: picture.stem), root / "figures")
    for name, text in pages(load()).items():
        yield _settle("page", root / "docs" / name, text.encode(), check)


def notebooks(root: Path) -> list[Path]:
    """The notebooks of the project in order."""
    return sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def execute(path: Path) -> str:
    """Run one notebook in a kernel of its own and give its text with the new outputs.

    Raises
    ------
    NotebookError
        With the cell and its error.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=_TIMEOUT,
        coalesce_streams=True,  # a line may arrive in pieces
        resources={"metadata": {"path": path.parent}},
        extra_arguments=["--log-level=ERROR"],  # the kernel warns of its own loopback port at every start
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise NotebookError(f"{path.name}: {error}") from None
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return nbformat.writes(notebook) + "\n"


def _share(folder: str) -> None:
    """Let a worker, and the kernels it starts, draw each figure once."""
    os.environ[DRAWN] = folder


def _draw(stem: str) -> Picture:
    return draw(stem, load())


def _settle(kind: str, path: Path, content: bytes, check: bool) -> Outcome:
    old = path.read_bytes() if path.exists() else None
    state = NEW if old is None else SAME if old == content else CHANGED
    if state != SAME and not check:
        write_atomically(path, content)
    return Outcome(kind, path.name, state)


def _compare_figure(picture: Picture, folder: Path) -> str:
    """Compare with the files themselves and with the manifest, so that an edited file counts as changed too."""
    manifest = read_manifest(folder)
    states = set()
    for suffix, content in picture.files.items():
        name = f"{picture.stem}.{suffix}"
        path = folder / name
        if name not in manifest or not path.exists():
            states.add(NEW)
        elif manifest[name] != hashlib.sha256(content).hexdigest() or path.read_bytes() != content:
            states.add(CHANGED)
    return CHANGED if CHANGED in states else NEW if states else SAME
