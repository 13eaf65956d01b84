"""The `policylab` command."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import policylab as lab
from policylab.render import terminal_table
from policylab.schema import data_path

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
out, err = Console(), Console(stderr=True)

AsOf = Annotated[str, typer.Option("--as-of", help="Law in force on this day, YYYY-MM-DD.")]
Package = Annotated[Path | None, typer.Option("--package", help="A data package of your own.")]
Root = Annotated[Path, typer.Option("--root", help="The project folder.")]


@contextmanager
def told() -> Iterator[None]:
    """Turn an expected error into one message and exit status 2."""
    try:
        yield
    except (KeyError, ValueError, FileNotFoundError, FileExistsError, NotADirectoryError, ImportError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        err.print(f"policylab: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None


@contextmanager
def _doubts_told() -> Iterator[None]:
    """Turn warnings of the library into lines, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        _doubt(text)


def _doubt(text: str) -> None:
    err.print(f"policylab: {text}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _laws(package: Path | None, as_of: str) -> lab.Provisions:
    laws = lab.read_package(package) if package else lab.load()
    return laws.as_of(as_of) if as_of else laws


@app.command()
def reproduce(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if anything would change.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes at once.")] = os.cpu_count() or 1,
    root: Root = Path(),
) -> None:
    """Validate the data, run every notebook, redraw every figure."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from policylab.figures import FIGURES
    from policylab.pages import pages
    from policylab.reproduce import SAME, NotebookError, notebooks, run

    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    outcomes = []
    with told(), Progress(*columns, console=err) as progress:
        total = len(notebooks(root)) + len(FIGURES) + len(pages(lab.load()))
        task = progress.add_task("reproduce", total=total)
        try:
            for outcome in run(root.resolve(), check, workers):
                outcomes.append(outcome)
                progress.update(task, advance=1, description=outcome.name)
        except NotebookError as error:
            err.print(str(error), markup=False, highlight=False)
            raise typer.Exit(2) from None
        progress.update(task, description="done")
    table = Table(title="Reproduced", title_justify="left")
    for name in ("kind", "name", "state"):
        table.add_column(name)
    for outcome in sorted(outcomes):
        table.add_row(*outcome, style=None if outcome.state == SAME else "bold yellow")
    out.print(table)
    moved = [outcome for outcome in outcomes if outcome.state != SAME]
    out.print(f"{len(outcomes) - len(moved)} of {len(outcomes)} with the same bytes, {len(moved)} changed or new.")
    if check and moved:
        raise typer.Exit(1)


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(help="A package folder; the shipped data by default.")] = None,
) -> None:
    """Check the shipped data, or a package folder, and report every fault."""
    with told():
        faults = lab.check_package(path or data_path())
    for fault in faults:
        out.print(str(fault), markup=False, highlight=False, soft_wrap=True)
    if faults:
        err.print(f"{len(faults)} faults", style="red")
        raise typer.Exit(2)
    out.print("no faults")


@app.command()
def show(jurisdiction: str, as_of: AsOf = "", package: Package = None) -> None:
    """Describe one jurisdiction's law, sentence by sentence, with citations."""
    with told():
        out.print(_laws(package, as_of).describe(jurisdiction))


@app.command()
def compare(
    jurisdictions: list[str],
    family: Annotated[str | None, typer.Option(help="One family of the codebook.")] = None,
    citations: Annotated[bool, typer.Option("--citations", help="Add the citations.")] = False,
    as_of: AsOf = "",
    package: Package = None,
) -> None:
    """Put jurisdictions side by side."""
    with told():
        laws = _laws(package, as_of)
        out.print(
            terminal_table(laws.compare(*jurisdictions, family=family, citations=citations), f"Law of {laws.date}")
        )


@app.command()
def explain(jurisdiction: str, variable: str, as_of: AsOf = "", package: Package = None) -> None:
    """Show everything the dataset holds on one cell."""
    with told():
        out.print(_laws(package, as_of).explain(jurisdiction, variable))


@app.command()
def figures(
    only: Annotated[list[str] | None, typer.Option("--only", help="Stem of a figure; may be repeated.")] = None,
    to: Annotated[Path | None, typer.Option(help="Folder; by default figures, inside a --package.")] = None,
    package: Package = None,
    clusters: Annotated[int | None, typer.Option(min=2, max=6, help="Clusters, in figures of any package.")] = None,
) -> None:
    """Draw the figures: those of the shipped law, or with --package those that any package has."""
    from policylab.figures import FIGURES, OF_ANY_PACKAGE, draw, write

    pictures = []
    with told():
        laws = _laws(package, "")
        for stem in only or (OF_ANY_PACKAGE if package else FIGURES):
            takes_k = stem in OF_ANY_PACKAGE and stem not in ("coverage", "adoption")
            with _doubts_told():
                try:
                    pictures.append(draw(stem, laws, **({"k": clusters} if clusters and takes_k else {})))
                except (KeyError, ValueError) as error:
                    if not package:
                        raise
                    message = error.args[0] if error.args else error
                    if only:
                        general = "" if stem in OF_ANY_PACKAGE else f"; of any package: {', '.join(OF_ANY_PACKAGE)}"
                        raise ValueError(f"{stem} cannot be drawn: {message}{general}") from None
                    _doubt(f"{stem} left out: {message}")
        folder = to or (package / "figures" if package else Path("figures"))
        write(pictures, folder)
    for picture in pictures:
        out.print(f"{folder / picture.stem}: {', '.join(picture.files)}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="File, or folder for r, qca and cascades.")],
    to: Annotated[str | None, typer.Option("--to", help="csv, stata, spss, parquet, r, qca or cascades.")] = None,
    as_of: AsOf = "",
    family: Annotated[list[str] | None, typer.Option(help="Family of the codebook; may be repeated.")] = None,
    level: Annotated[str | None, typer.Option(help="Level of government, for example state.")] = None,
    package: Package = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    condition: Annotated[list[str] | None, typer.Option(help="qca: a condition; may be repeated.")] = None,
    outcome: Annotated[str | None, typer.Option(help="qca: the outcome.")] = None,
    present: Annotated[str | None, typer.Option(help="qca: level from which on the outcome is present.")] = None,
) -> None:
    """Write the table for another program, with labels, codebook and every kind of missing cell."""
    given = {"conditions": condition, "outcome": outcome, "present": present}
    with told():
        if to == "qca" and not (condition and outcome):
            raise ValueError("a truth table needs --condition, once or more, and --outcome")
        laws = _laws(package, as_of).select(family=family, level=level)
        files = lab.save(laws, path, to, overwrite=force, **{name: value for name, value in given.items() if value})
    for file in files:
        out.print(str(file), markup=False, highlight=False, soft_wrap=True)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Not there yet, or empty.")],
    title: Annotated[str, typer.Option(help="Title of the package.")] = "",
) -> None:
    """Write a small valid data package of your own to start from."""
    with told():
        lab.new_package(folder, title)
    out.print(f"{folder}: start with {folder / 'README.md'}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def correct(
    jurisdiction: str,
    variable: str,
    reason: Annotated[str, typer.Option(help="typo, newer text, whole section now read, sources disagree, ...")],
    note: Annotated[str, typer.Option(help="What was found, in own words.")],
    value: Annotated[str | None, typer.Option()] = None,
    citation: Annotated[str | None, typer.Option()] = None,
    source: Annotated[str | None, typer.Option(help="Key of sources.csv.")] = None,
    evidence: Annotated[str | None, typer.Option(help="primary, official, secondary or none.")] = None,
    confidence: Annotated[str | None, typer.Option(help="high, medium or low.")] = None,
    effective: Annotated[str | None, typer.Option(help="When the value took effect.")] = None,
    ended: Annotated[str | None, typer.Option(help="First day on which it no longer held.")] = None,
    row_effective: Annotated[str | None, typer.Option(help="Which row, where the cell has several.")] = None,
    day: Annotated[str | None, typer.Option(help="Day of the correction; today by default.")] = None,
    package: Package = None,
) -> None:
    """Correct a cell: the old row stays, superseded; the new one gives its reason; the package is checked first."""
    cells = {"value": value, "citation": citation, "source": source, "evidence": evidence}
    cells |= {"confidence": confidence, "effective": effective, "ended": ended}
    given = {name: text for name, text in cells.items() if text is not None}
    with told():
        folder = package or data_path()
        file = lab.correct(folder, jurisdiction, variable, reason, note, day, row_effective, **given)
    out.print(f"{file}: old row superseded, new row added", markup=False, highlight=False, soft_wrap=True)


@app.command()
def version() -> None:
    """Print the versions of the package and of the data."""
    out.print(
        f"policylab {lab.__version__}, data {lab.data_version()}, Python {sys.version.split()[0]}",
        highlight=False,
    )


if __name__ == "__main__":
    app()
