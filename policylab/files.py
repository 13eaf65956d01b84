"""Writing files so that each appears whole or not at all, and none is overwritten by accident."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that a killed run leaves no half file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_new(folder: Path, files: Mapping[str, bytes], overwrite: bool = False) -> list[Path]:
    """Write files into a folder; look at all of them before the first is written.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.
    files : mapping of str to bytes
        Name to content.
    overwrite : bool
        Whether files of the same names may be replaced.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    FileExistsError
        If a file is there and may not be replaced; nothing is written then.
    """
    there = [name for name in files if (folder / name).exists()]
    if there and not overwrite:
        raise FileExistsError(f"{folder / there[0]} is there already: choose another name, or overwrite it (--force)")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]
