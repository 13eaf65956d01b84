"""Every fault is named by file, row, column, value and what was expected; nothing is written; exit status 2."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

import policylab as lab
from policylab.cli import app

WIRETAP = "codings/wiretap.csv"
CT_LIST = {"jurisdiction": "CT", "variable": "wt_trafficking"}


def check(package: Path):
    """Run the command on a package; assert status 2 and an untouched folder, and give its output."""
    before = {path: path.read_bytes() for path in package.rglob("*") if path.is_file()}
    result = CliRunner().invoke(app, ["check", str(package)])
    assert result.exit_code == 2, result.output
    assert before == {path: path.read_bytes() for path in package.rglob("*") if path.is_file()}
    with pytest.raises(lab.PackageError) as caught:
        lab.read_package(package)
    assert [str(fault) for fault in caught.value.faults] == result.stdout.splitlines()
    return result.stdout


@pytest.mark.parametrize(
    ("cells", "column", "value", "expected"),
    [
        ({"value": "enumerted"}, "value", "'enumerted'", "one of no, general, enumerated"),
        ({"jurisdiction": "CX"}, "jurisdiction", "'CX'", "a key of jurisdictions.csv"),
        ({"variable": "wt_traficking"}, "variable", "'wt_traficking'", "did you mean wt_trafficking?"),
        ({"source": "no-such-text"}, "source", "'no-such-text'", "a key of sources.csv"),
        ({"effective": "2015-02-30"}, "effective", "'2015-02-30'", "no day of the calendar"),
        ({"effective": "October 2015"}, "effective", "'October 2015'", "a date such as 2015-10-01"),
        ({"effective": "2012/2009"}, "effective", "'2012/2009'", "runs backwards"),
        ({"ended": "2001-01-01"}, "ended", "'2001-01-01'", "a date after effective"),
        ({"citation": ""}, "citation", "''", "an entry, since the cell has a value"),
        ({"evidence": "hearsay"}, "evidence", "'hearsay'", "one of primary, official, secondary, none"),
        ({"confidence": "sure"}, "confidence", "'sure'", "one of high, medium, low"),
        ({"note": "=HYPERLINK(1)"}, "note", "'=HYPERLINK(1)'", "a spreadsheet would run this as a formula"),
        ({"verified_on": "yesterday"}, "verified_on", "'yesterday'", "a day as YYYY-MM-DD"),
        ({"value": "unknown"}, "evidence", "'primary'", "none, since the value is unknown"),
        ({"value": "", "note": ""}, "value", "''", "a value"),
    ],
)
def test_bad_cell(package, edit, cells, column, value, expected):
    row = edit(WIRETAP, CT_LIST, **cells)
    lines = [line for line in check(package).splitlines() if f"row {row}, column {column}: {value}" in line]
    assert lines and lines[0].startswith(f"{WIRETAP}, ") and expected in lines[0]


def test_child_under_an_absent_parent(package, edit):
    source = (package / "sources.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    coded = {"evidence": "primary", "confidence": "high", "citation": "Section 1", "source": source}
    row = edit(WIRETAP, {"jurisdiction": "ME", "variable": "wt_trafficking"}, value="no", note="Read whole.", **coded)
    assert f"{WIRETAP}, row {row}, column value: 'no', expected not_applicable, since wt_authority is no" in check(
        package
    )


def test_value_withheld_under_a_present_parent(package, edit):
    row = edit(WIRETAP, CT_LIST, value="not_applicable", evidence="none", effective="", ended="")
    assert f"row {row}, column value: 'not_applicable', expected a value or unknown" in check(package)


def test_duplicate_key_within_a_period(package):
    path = package / WIRETAP
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    held = next(line for line in lines if line.startswith("WY,wt_consent,"))
    path.write_text("".join([*lines, held]), encoding="utf-8")
    output = check(package)
    assert f"{WIRETAP}, row {len(lines) + 1}, column effective + ended: " in output
    assert "a period that no other row of the cell overlaps" in output


def test_missing_cell(package):
    path = package / WIRETAP
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("WY,wt_consent,")), encoding="utf-8")
    assert "column jurisdiction + variable: 'WY + wt_consent', expected a row" in check(package)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("citation", "citaton", "column citaton: 'citaton', expected one of the columns"),
        ("citation", "citaton", "did you mean citation?"),
        (",confidence", "", "column confidence: '', expected this column to be there"),
        ("citation", "source", "column source: 'source', expected this column only once"),
    ],
)
def test_wrong_header(package, old, new, expected):
    path = package / WIRETAP
    header, body = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(header.replace(old, new, 1) + "\n" + body, encoding="utf-8")
    output = check(package)
    assert f"{WIRETAP}, row 1, {expected}" in output or (expected in output and WIRETAP in output)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", f"{WIRETAP}: expected a header and rows, but the file is empty"),
        (b"\n \n", f"{WIRETAP}: expected a header and rows, but the file is empty"),
        (
            b"<!DOCTYPE html><html>not found</html>",
            f"{WIRETAP}, row 1: '<!DOCTYPE html><html', expected CSV, but this is a web page",
        ),
        (b"jurisdiction,variable\nCT,\xff\xfe\n", f"{WIRETAP}, row 2: "),
    ],
)
def test_file_that_is_no_table(package, content, expected):
    (package / WIRETAP).write_bytes(content)
    output = check(package)
    assert expected in output
    assert "UTF-8" in output or b"\xff" not in content


def test_row_with_too_few_cells(package):
    with (package / WIRETAP).open("a", encoding="utf-8") as file:
        file.write("CT,wt_consent\n")
    assert "'2 cells', expected 14 cells" in check(package)


def test_missing_table(package):
    (package / "sources.csv").unlink()
    assert "sources.csv: expected the file to exist" in check(package)


def test_every_fault_is_reported_at_once(package, edit):
    """A form fault in one table must not hide a fault of meaning in another."""
    rows = [
        edit(WIRETAP, CT_LIST, value="enumerted"),
        edit("codings/crime.csv", {"jurisdiction": "ND", "variable": "cr_buyer"}, effective="2015-99"),
        edit("codings/civil.csv", {"jurisdiction": "WA", "variable": "cv_action"}, source="nothing"),
        edit("codings/safe_harbor.csv", {"jurisdiction": "NY", "variable": "sh_services"}, note="=1+1"),
        edit("codings/record_relief.csv", {"jurisdiction": "TX", "variable": "rr_relief"}, citation=""),
    ]
    output = check(package)
    for file, row in zip(("wiretap", "crime", "civil", "safe_harbor", "record_relief"), rows, strict=True):
        assert f"codings/{file}.csv, row {row}, " in output


def test_codebook_faults(package, edit):
    edit("codebook.csv", {"variable": "wt_trafficking"}, requires="wt_authority is yes")
    assert "'wt_authority is yes' is not a condition" in check(package)
    edit("codebook.csv", {"variable": "wt_trafficking"}, requires="wt_authority = perhaps")
    assert "column requires: 'perhaps', expected a level of wt_authority: no, yes" in check(package)
    edit("codebook.csv", {"variable": "wt_trafficking"}, requires="wt_trafficking_year = yes")
    assert "require each other in a circle" in check(package)


def test_folder_that_is_not_there():
    result = CliRunner().invoke(app, ["check", "no/such/folder"])
    assert result.exit_code == 2
    assert "no/such/folder is not a folder" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["show", "XX"], "no jurisdiction 'XX'"),
        (["explain", "CT", "wt_traffic"], "names: did you mean wt_trafficking or"),
        (["explain", "CT", "s230_immunity"], "s230_immunity does not apply to CT"),
        (["compare", "CT", "--family", "wiretaps"], "no family 'wiretaps'"),
        (["show", "CT", "--as-of", "2015-13-01"], "'2015-13-01' is no day of the calendar"),
        (["show", "CT", "--as-of", "2015"], "does not name one day"),
        (["figures", "--only", "99_none"], "no figure '99_none'"),
    ],
)
def test_wrong_questions_on_the_command_line(arguments, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert not list(tmp_path.iterdir())


def test_order_of_rows_and_line_ends_do_not_matter(package, laws):
    """Files come back from spreadsheets sorted otherwise, with a byte order mark and Windows line ends."""
    shuffle = random.Random(7)
    for path in package.rglob("*.csv"):
        if path.name in ("jurisdictions.csv", "codebook.csv", "levels.csv"):
            continue
        header, *body = path.read_text(encoding="utf-8").splitlines()
        shuffle.shuffle(body)
        path.write_bytes(("\ufeff" + "\r\n".join([header, *body]) + "\r\n").encode())
    same = lab.read_package(package)
    assert same.cells.equals(laws.cells)
    assert same.matrix().equals(laws.matrix())
