"""One set of versions: pyproject.toml, requirements.lock and environment.yml, and a wheel that stands alone."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

import policylab as lab
from policylab.schema import data_path
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = [
    Requirement(line.rstrip(" \\"))
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if re.match(r"[A-Za-z0-9]", line)
]


def locked(name: str, python: str) -> Version:
    matching = [
        pin
        for pin in PINS
        if pin.name == name and (pin.marker is None or pin.marker.evaluate({"python_full_version": python}))
    ]
    assert len(matching) == 1, (name, python, matching)
    return Version(next(iter(matching[0].specifier)).version)


@pytest.mark.parametrize("python", ["3.11.9", "3.12.9", "3.13.9"])
def test_lock_meets_every_requirement(python):
    """The lock is universal: one file for every supported Python."""
    for group in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]:
        for text in group:
            requirement = Requirement(text)
            assert requirement.specifier.contains(locked(requirement.name, python)), text


def test_lock_is_hashed_and_names_no_registry():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert text.count("\n    --hash=sha256:") >= len(PINS)
    assert "://" not in text
    assert "index-url" not in text


def test_environment_file_has_the_locked_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python = next(str(part) for part in environment["dependencies"] if str(part).startswith("python="))
    pip = next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    pins = [Requirement(text) for text in pip if not text.startswith("--")]
    for pin in pins:
        assert next(iter(pin.specifier)).version == str(locked(pin.name, python.removeprefix("python=") + ".9"))
    required = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert required | {"jupyterlab", "nbval"} <= {pin.name for pin in pins}


def test_versions_are_stated_once():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert PROJECT["version"] == lab.__version__ == str(citation["version"])
    assert not (set(lab.load().codebook["since_version"]) - {lab.data_version(), "0.1.0"})


def test_nothing_names_a_machine_or_a_registry():
    """Prevents a path or an address of somebody's machine from being published."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode()
    bad = re.compile(r"/(home|root|Users|work|tmp)/[a-z]|files\.pythonhosted|pypi\.org/simple|localhost:\d")
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".svg") or not path.is_file() or path.name == Path(__file__).name:
            continue
        assert not bad.search(path.read_text(encoding="utf-8")), name


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_wheel_carries_the_data(wheel):
    inside = {name.removeprefix("policylab/_data/") for name in zipfile.ZipFile(wheel).namelist() if "_data/" in name}
    assert inside == {path.relative_to(data_path()).as_posix() for path in data_path().rglob("*") if path.is_file()}


def test_wheel_stands_alone(wheel, tmp_path):
    """Installed in an empty environment, in another folder, without this checkout on the path."""
    venv.create(tmp_path / "empty", with_pip=False)
    python = tmp_path / "empty" / "bin" / "python"
    target = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    # The dependencies come from the environment of the tests; its editable policylab does not, since .pth files
    # are not followed twice.
    (target / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    (tmp_path / "elsewhere").mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}

    def run(*arguments):
        return subprocess.run(
            arguments, cwd=tmp_path / "elsewhere", env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert str(tmp_path) in run(python, "-c", "import policylab; print(policylab.__file__)")
    assert "law as coded for" in run(tmp_path / "empty" / "bin" / "policylab", "show", "CT")
    assert run(tmp_path / "empty" / "bin" / "policylab", "check").strip() == "no faults"
