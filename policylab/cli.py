"""The `policylab` command."""

from __future__ import annotations

import os
import sys
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
    except (KeyError, ValueError, FileNotFoundError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        err.print(f"policylab: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None


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
    to: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("figures"),
) -> None:
    """Draw the figures."""
    from policylab.figures import FIGURES, draw, write

    with told():
        laws = lab.load()
        pictures = [draw(stem, laws) for stem in only or FIGURES]
        write(pictures, to)
    for picture in pictures:
        out.print(f"{to / picture.stem}: {', '.join(picture.files)}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def version() -> None:
    """Print the versions of the package and of the data."""
    out.print(
        f"policylab {lab.__version__}, data {lab.data_version()}, Python {sys.version.split()[0]}",
        highlight=False,
    )


if __name__ == "__main__":
    app()
