"""The data package against its schema, by a validator that is not ours."""

import json
import subprocess
import sys

from policylab.schema import data_path


def test_frictionless_accepts_the_package():
    """Prevents a descriptor that only our own reader understands: a wrong type, a broken key, a stray column."""
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    done = subprocess.run(command, cwd=data_path(), capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    errors = [error["message"] for task in report["tasks"] for error in task["errors"]]
    assert report["valid"], errors[:10]
    assert len(report["tasks"]) == len(json.loads((data_path() / "datapackage.json").read_text())["resources"])


def test_every_table_is_declared():
    """Prevents a table that lies in the folder and in no schema, and so is checked by nobody."""
    declared = {
        resource["path"] for resource in json.loads((data_path() / "datapackage.json").read_text())["resources"]
    }
    found = {path.relative_to(data_path()).as_posix() for path in data_path().rglob("*.csv")}
    assert found == declared
