"""A package of another field: nothing may depend on trafficking, on 51 units or on codes of two letters."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import policylab as lab
from policylab.cli import app
from policylab.correction import REASONS
from policylab.drawings.own import peers
from policylab.figures import FIGURES, OF_ANY_PACKAGE, draw
from policylab.resampling import bootstrap, jaccard_of_units, trees_of_samples
from tests.conftest import ROOT, read_rows

OWN = ROOT / "tests" / "data" / "own"
NAMES = ("belts", "votes")


@pytest.fixture(scope="module", params=NAMES)
def own(request):
    return lab.read_package(OWN / request.param)


@pytest.fixture(scope="module")
def belts():
    return lab.read_package(OWN / "belts")


@pytest.fixture
def my_data(tmp_path) -> Path:
    lab.new_package(tmp_path / "my-data", day="2026-01-05")
    return tmp_path / "my-data"


def frictionless(folder: Path) -> list[str]:
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert len(report["tasks"]) == len(json.loads((folder / "datapackage.json").read_text())["resources"])
    return [error["message"] for task in report["tasks"] for error in task["errors"]]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --------------------------------------------------------------------------------------------- two data sets, all of it
@pytest.mark.parametrize("name", NAMES)
def test_own_data_are_sound(name):
    assert lab.check_package(OWN / name) == []
    assert frictionless(OWN / name) == []


def test_every_question_can_be_asked(own):
    first, *_, last = own.jurisdiction_keys
    assert list(own.compare(first, last).columns) == ["label", first, last]
    for key in own.jurisdiction_keys[:6]:
        description = own.describe(key)
        assert (
            sum(map(len, description.sections.values()))
            == (own.select(jurisdictions=[key]).cells["status"] == "coded").sum()
        )
        for variable in own.variable_keys:
            assert own.explain(key, variable).facts["value"] == own.value(key, variable)
    assert own.coverage(by="jurisdiction")["cells"].sum() == len(own.cells)
    dated = own.codings.query("effective != '' and not variable.str.endswith('_year')")
    assert own.changes("1900-01-01", "2020-12-31").empty == dated.empty
    with pytest.raises(KeyError, match="no jurisdiction of level 'federal'"):
        own.compare(first, include_us=True)


def test_day_of_law(belts):
    """The first law of US-AL began on 18 July 1992; what it was between then and the table of 2002 is not known."""
    assert belts.as_of("1992-07-17").value("US-AL", "belt_law") == "none"
    assert belts.as_of("1995-01-01").status().loc["US-AL", "belt_law"] == "undated"
    assert belts.as_of("2003-01-01").value("US-AL", "belt_law") == "primary"
    assert belts.as_of("2000-01-01").value("US-DE", "bottle_law") == "yes"
    assert belts.value("US-DE", "bottle_law") == "no"


def test_distances_clusters_and_their_doubt(own):
    view = peers(own)
    distances = lab.dissimilarity(view.matrix())
    assert distances.shape == (len(own.jurisdiction_keys),) * 2
    assert set(lab.hierarchy(distances, 3, "complete").labels) == {1, 2, 3}
    assert lab.medoids(distances, 3).k == 3
    found = lab.co_membership(view, 3, draws=60)
    assert list(found.probability.index) == list(own.jurisdiction_keys)
    assert found.probability.equals(lab.co_membership(view, 3, draws=60).probability)
    assert lab.choose_k(distances, [3], draws=5)["clusters"].tolist() == [3]
    assert lab.stability(view.matrix(), 2, draws=5)["size"].sum() == len(own.jurisdiction_keys)
    assert lab.latent_classes(view.matrix(), 2, n_init=2).labels.index.tolist() == list(own.jurisdiction_keys)


def test_adoptions(own):
    table = lab.adoptions(own)
    years = [name for name, variable in own.variables.items() if variable.onset_of]
    assert set(table["policy"]) == set(years)
    assert len(table) == len(years) * len(own.jurisdiction_keys)
    for row in table[table["precision"].isin(["day", "year"])].itertuples(index=False):
        dated = own.value(row.jurisdiction, row.policy)
        if dated not in ("unknown", "not_applicable"):
            assert row.earliest.year == row.latest.year == int(dated)


def dated_policies(own: lab.Provisions) -> list[str]:
    return [name for name, variable in own.variables.items() if variable.onset_of]


def test_event_history_and_hazard(own):
    for policy in dated_policies(own):
        table = lab.adoptions(own).query("policy == @policy and status == 'adopted'")
        years = pd.Series({row.jurisdiction: row.latest.year for row in table.itertuples(index=False)})
        start, end = int(years.min()), int(years.max())
        panel = lab.event_history(own, policy, start, end)
        single = table.set_index("jurisdiction")["precision"].isin(["day", "year"])
        at_risk = panel.groupby("jurisdiction")["year"]
        assert panel["event"].sum() == len(table)
        for place in single.index[single]:
            assert at_risk.min()[place] == start
            assert at_risk.max()[place] == years[place]
        model = lab.hazard_model(panel, terms=["duration"], baseline="none")
        estimates = model.table
        assert (estimates["low"] < estimates["high"]).all()


def test_groups_adopt_at_the_same_rate_or_not(own):
    halves = {key: str(place % 2) for place, key in enumerate(own.jurisdiction_keys)}
    for policy in dated_policies(own):
        test = lab.log_rank(lab.adoptions(own), policy, halves)
        assert test.table["observed"].sum() == pytest.approx(test.table["expected"].sum())
        assert test.table["at_risk"].sum() + test.left_out == len(own.jurisdiction_keys)
        adopters = lab.adoptions(own).query("policy == @policy and status == 'adopted'")["jurisdiction"]
        split = {key: str(key in set(adopters)) for key in own.jurisdiction_keys}
        if len(set(split.values())) == 2:
            assert lab.log_rank(lab.adoptions(own), policy, split).p_value < test.p_value


def test_scores_and_ranks(belts):
    weights = {"belt_law": 2, "belt_seats": 1, "bottle_law": 1}
    scores = lab.index(belts.matrix(), weights)
    place = {"none": 0.0, "secondary": 0.5, "primary": 1.0, "front": 0.0, "all": 1.0, "no": 0.0, "yes": 1.0}
    complete = scores.index[scores["share_coded"].eq(1) & scores["not_applicable"].eq(0)]
    assert len(complete) > 20
    for key in complete:
        values = {name: place[belts.value(key, name)] for name in weights}
        expected = sum(weights[name] * value for name, value in values.items()) / sum(weights.values())
        assert scores.loc[key, "score"] == pytest.approx(expected)
    ranks = lab.rank_intervals(belts, weights, draws=40, n_jobs=1)
    assert set(ranks.index) == set(belts.jurisdiction_keys)
    assert (ranks["rank_low"] <= ranks["rank_median"]).all()
    assert (ranks["rank_median"] <= ranks["rank_high"]).all()
    assert ranks["score_median"].is_monotonic_decreasing


def test_two_coders(own):
    first = own.cells.query("status == 'coded'").set_index(["jurisdiction", "variable"])["value"]
    assert lab.agreement(first, first, draws=20)["alpha"].item() == 1
    second = first.mask(first.index.get_level_values("variable") == first.index[0][1], "other")
    found = lab.agreement(first, second, draws=20)
    assert found["agreed"].item() == (first == second).sum() < len(first)


def renamed(belts: lab.Provisions, tmp_path: Path, name) -> lab.Provisions:
    """The package with other codes, in the same order of rows."""
    folder = tmp_path / "renamed"
    for file, content in contents(OWN / "belts").items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        if file.endswith(".csv"):
            with (OWN / "belts" / file).open(encoding="utf-8", newline="") as text:
                rows = [
                    [name(cell) if cell in belts.jurisdiction_keys else cell for cell in row]
                    for row in csv.reader(text)
                ]
            with (folder / file).open("w", encoding="utf-8", newline="") as text:
                csv.writer(text, lineterminator="\n").writerows(rows)
        else:
            (folder / file).write_bytes(content)
    return lab.read_package(folder)


def test_codes_do_not_matter(belts, tmp_path):
    """Prevents a rule that reads a code: other names give the same partition."""
    codes = dict(zip(belts.jurisdiction_keys, reversed([f"Unit_{n}-of-many" for n in range(25)]), strict=True))
    other = renamed(belts, tmp_path, codes.get)
    one, two = (lab.dissimilarity(peers(laws).matrix()) for laws in (belts, other))
    assert (one.to_numpy() == two.to_numpy()).all()
    first, second = (lab.hierarchy(gaps, 3, "complete").labels for gaps in (one, two))
    assert first.rename(codes).equals(second)
    picture = draw("dendrogram", other)
    assert picture.files["png"] != draw("dendrogram", belts).files["png"]
    assert picture.files["csv"].count(b"\n") == draw("dendrogram", belts).files["csv"].count(b"\n")


# -------------------------------------------------------------------------------------------------------------- figures
@pytest.mark.parametrize("stem", OF_ANY_PACKAGE)
def test_figure_of_any_package(stem, belts):
    picture = draw(stem, belts)
    frame = pd.read_csv(pd.io.common.BytesIO(picture.files["csv"]))
    assert not frame.empty and picture.caption
    if stem in ("heatmap", "ordination"):
        assert set(frame["jurisdiction"]) == set(belts.jurisdiction_keys) and frame["cluster"].nunique() == 3
    if stem == "coverage":
        counts = belts.coverage(by="family")
        assert frame["unknown"].tolist() == (counts["unknown"] + counts["undated"]).tolist()


def test_number_of_clusters(belts):
    frame = pd.read_csv(pd.io.common.BytesIO(draw("heatmap", belts, k=4).files["csv"]))
    assert frame["cluster"].nunique() == 4


def test_what_cannot_be_drawn_says_why(tmp_path, my_data):
    def call(*arguments):
        return CliRunner().invoke(app, ["figures", "--to", str(tmp_path / "f"), *arguments])

    few = call("--package", str(my_data), "--only", "dendrogram")
    assert few.exit_code == 2 and "at least three jurisdictions of one level: found 2 (country)" in few.stderr
    foreign = call("--package", str(OWN / "belts"), "--only", "01_coverage")
    assert foreign.exit_code == 2
    assert "US-AL has no tile" in foreign.stderr and "of any package: coverage, dendrogram" in foreign.stderr
    assert not (tmp_path / "f").exists()
    flat = call("--package", str(OWN / "votes"), "--only", "ordination", "--only", "coverage")
    assert flat.exit_code == 2 and "one dimension only" in flat.stderr
    rest = call("--package", str(my_data))
    assert rest.exit_code == 0 and "dendrogram left out: " in rest.stderr
    assert {path.stem for path in (tmp_path / "f").iterdir()} == {"coverage", "manifest"}
    assert not set(OF_ANY_PACKAGE) & set(FIGURES)


# -------------------------------------------------------------------------------------------------------- a new package
def test_new_package_is_valid(my_data):
    assert lab.check_package(my_data) == []
    assert frictionless(my_data) == []
    laws = lab.read_package(my_data)
    assert len(laws.codings) == 2
    assert "tile_row" not in (my_data / "jurisdictions.csv").read_text()
    readme = (my_data / "README.md").read_text(encoding="utf-8")
    for file in my_data.rglob("*.csv"):
        assert f"## {file.relative_to(my_data).as_posix()}" in readme
        for column in read_rows(file)[0]:
            assert f"| {column} |" in readme
    assert {path.name for path in my_data.parent.iterdir()} == {"my-data"}


def test_new_package_takes_only_new_ground(tmp_path, monkeypatch):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("full", "file"):
        with pytest.raises(FileExistsError, match="expected a new or empty folder"):
            lab.new_package(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="expected one to put my-data into"):
        lab.new_package(tmp_path / "no" / "my-data")
    (tmp_path / "empty").mkdir()
    lab.new_package(tmp_path / "empty", "A title")
    assert lab.read_package(tmp_path / "empty").tables.meta["title"] == "A title"
    before = contents(tmp_path)
    monkeypatch.setattr("policylab.scaffold.check_package", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        lab.new_package(tmp_path / "killed")
    assert contents(tmp_path) == before and not (tmp_path / "killed").exists()


def test_small_packages_give_clear_errors(my_data):
    laws = lab.read_package(my_data)
    with pytest.raises(ValueError, match="no variable is left to compare on"):
        lab.dissimilarity(laws.matrix())
    with pytest.raises(ValueError, match="k is 3: expected a number from 2 to 2"):
        lab.co_membership(laws, 3)


def test_three_units_are_enough_for_a_stability():
    """A bootstrap draw of three units may hold one of them only."""
    gaps = pd.DataFrame([[0, 0.1, 1], [0.1, 0, 1], [1, 1, 0]], index=list("abc"), columns=list("abc"))
    labels = lab.hierarchy(gaps, 2).labels
    samples = bootstrap(3, 200, 0)
    assert min(map(len, samples)) == 1
    firm = jaccard_of_units(labels, samples, trees_of_samples(gaps, samples, "average"))
    assert firm.between(0, 1).all() and firm.groupby(level="cluster").size().tolist() == [200, 200]


# ---------------------------------------------------------------------------------------------------------- corrections
def test_correction_keeps_the_old_row(my_data):
    file = my_data / "codings" / "example.csv"
    before = read_rows(file)
    lab.correct(
        my_data, "EX-A", "ex_rule", "newer text", "The limits are gone.", "2026-02-01", value="full", effective="2026"
    )
    old, new, other = read_rows(file)
    assert old == {**before[0], "superseded": "2026-02-01"} and other == before[1]
    changed = {"value": "full", "effective": "2026", "verified_on": "2026-02-01", "recorded": "2026-02-01"}
    assert new == {**before[0], **changed, "note": "Correction, newer text: The limits are gone."}
    laws = lab.read_package(my_data)
    assert laws.as_of("2027-01-01").value("EX-A", "ex_rule") == "full"
    assert laws.known_on("2026-01-20").as_of("2027-01-01").value("EX-A", "ex_rule") == "partial"


def test_correction_to_unknown(my_data):
    lab.correct(my_data, "EX-A", "ex_rule", "sources disagree", "Two texts differ.", "2026-02-01", value="unknown")
    assert lab.read_package(my_data).status().loc["EX-A", "ex_rule"] == "unknown"


@pytest.mark.parametrize(
    ("arguments", "cells", "error", "message"),
    [
        (("EX-A", "ex_rule", "better", "n"), {"value": "full"}, ValueError, "expected one of typo, newer text"),
        (("EX-A", "ex_rule", "typo", " "), {"value": "full"}, ValueError, "the note is empty"),
        (("EX-A", "ex_rule", "typo", "n"), {"valeu": "full"}, KeyError, "no column 'valeu' to correct"),
        (("EX-A", "ex_rule", "typo", "n"), {"recorded": "2020-01-01"}, KeyError, "no column 'recorded'"),
        (("EX-A", "ex_rule", "typo", "n"), {"value": "partial"}, ValueError, "nothing to correct"),
        (("EX-C", "ex_rule", "typo", "n"), {"value": "full"}, KeyError, "no row of EX-C ex_rule"),
        (("EX-A", "ex_role", "typo", "n"), {"value": "full"}, KeyError, "no variable 'ex_role'"),
        (
            ("EX-A", "ex_rule", "typo", "n"),
            {"value": "fully"},
            lab.PackageError,
            "'fully', expected one of none, partial",
        ),
        (("EX-B", "ex_rule", "newer text", "n"), {"value": "full"}, lab.PackageError, "column citation"),
        (("EX-A", "ex_rule", "typo", "n"), {"source": "other"}, lab.PackageError, "a key of sources.csv"),
    ],
)
def test_correction_that_is_refused_changes_nothing(my_data, arguments, cells, error, message):
    before = contents(my_data)
    with pytest.raises(error, match=message):
        lab.correct(my_data, *arguments, "2026-02-01", **cells)
    assert contents(my_data) == before


def test_correction_before_the_row_was_recorded(my_data):
    with pytest.raises(lab.PackageError, match="superseded"):
        lab.correct(my_data, "EX-A", "ex_rule", "typo", "n", "2025-12-31", value="full")


def test_correction_of_a_cell_with_two_rows(tmp_path, belts):
    folder = tmp_path / "belts"
    for file, content in contents(OWN / "belts").items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    cell = ("US-DE", "bottle_law", "whole section now read", "The repeal dates from 2010.")
    with pytest.raises(ValueError, match="has 2 rows, effective '1982', '2009/2010': say which one"):
        lab.correct(folder, *cell, ended="2010")
    lab.correct(folder, *cell, "2026-12-01", row_effective="2009/2010", effective="2010")
    lab.correct(folder, *cell, "2026-12-01", row_effective="1982", ended="2010")
    assert lab.read_package(folder).as_of("2009-12-31").value("US-DE", "bottle_law") == "yes"
    kept = [
        line for line in contents(OWN / "belts")["codings/bottles.csv"].splitlines() if not line.startswith(b"US-DE")
    ]
    now = [line for line in contents(folder)["codings/bottles.csv"].splitlines() if not line.startswith(b"US-DE")]
    assert kept == now


def test_correction_keeps_line_ends_and_mark(my_data):
    file = my_data / "codings" / "example.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    lab.correct(my_data, "EX-A", "ex_rule", "typo", "Read again.", "2026-02-01", value="full")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf") and file.read_bytes().count(b"\r\n") == 4


def test_reasons_are_the_documented_ones():
    text = (ROOT / "docs" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert all(f"*{reason}*" in " ".join(text.split()) for reason in REASONS)


# ---------------------------------------------------------------------------------------------- a new user's whole path
def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    columns = read_rows(path)[0].keys()
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_from_nothing_to_a_cluster_figure_in_ten_commands(tmp_path):
    """What a student types, as it is typed; the tables are filled in between, as in a spreadsheet."""
    command = [sys.executable, "-m", "policylab.cli"]
    typed: list[str] = []

    def policylab(line: str, status: int = 0) -> str:
        typed.append(line)
        done = subprocess.run([*command, *line.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    policylab("new my-data")
    folder = tmp_path / "my-data"
    for table in ("codebook", "levels", "jurisdictions", "sources"):
        write_table(folder / f"{table}.csv", read_rows(OWN / "belts" / f"{table}.csv"))
    example = folder / "codings" / "example.csv"
    for family in ("belts", "bottles"):
        (folder / "codings" / f"{family}.csv").write_bytes(example.read_bytes())
        write_table(folder / "codings" / f"{family}.csv", read_rows(OWN / "belts" / "codings" / f"{family}.csv"))
    example.unlink()
    cells = read_rows(folder / "codings" / "belts.csv")
    cells[0]["value"] = "primry"
    write_table(folder / "codings" / "belts.csv", cells)
    told = policylab("check my-data", status=2)
    assert "codings/belts.csv, row 2, column value: 'primry', expected one of none, secondary, primary" in told
    cells[0]["value"] = "primary"
    write_table(folder / "codings" / "belts.csv", cells)
    assert "no faults" in policylab("check my-data")
    assert "the fine is 25 dollars" in policylab("show US-AL --package my-data").lower()
    policylab("figures --package my-data --only dendrogram")
    policylab("export table.dta --package my-data")
    assert (folder / "figures" / "dendrogram.png").stat().st_size > 10_000
    assert (tmp_path / "table.dta").exists()
    assert len(typed) <= 10
