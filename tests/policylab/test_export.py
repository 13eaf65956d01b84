"""Exports: what is read back is what was written, and a missing cell never turns into another kind, or into a value."""

import csv
import dataclasses
import io
import json
import random
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import policylab as lab
from policylab.cli import app
from policylab.export.formats import FORMATS
from policylab.export.labelled import KINDS, PLACE, codebook_table, column_names, labelled
from policylab.export.parquet import parquet_bytes
from policylab.export.spss import spss_bytes
from policylab.export.stata import stata_bytes
from policylab.export.text import escape, safe_csv, unescape
from tests.conftest import ROOT

R_READS = """
setwd("{folder}"); source("load.R")
facts <- do.call(rbind, lapply(codebook$column, function(name) {{
  column <- laws[[name]]
  text <- ifelse(is.na(column), "NA", as.character(column))
  data.frame(name, class = class(column)[1], label = attr(column, "label"),
             levels = paste(levels(column), collapse = "|"), row = seq_along(text),
             jurisdiction = laws$jurisdiction, value = text, status = status[[name]])
}}))
write.csv(facts, "read.csv", row.names = FALSE)
"""


@pytest.fixture(scope="module")
def table(laws):
    return labelled(laws)


@pytest.fixture(scope="module")
def own():
    return lab.read_package(ROOT / "tests" / "data" / "own" / "belts")


def read(reader, content: bytes, path):
    path.write_bytes(content)
    return reader(path, user_missing=True)


@pytest.fixture(scope="module")
def stata(table, tmp_path_factory):
    return read(pyreadstat.read_dta, stata_bytes(table), tmp_path_factory.mktemp("stata") / "law.dta")


@pytest.fixture(scope="module")
def spss(table, tmp_path_factory):
    return read(pyreadstat.read_sav, spss_bytes(table), tmp_path_factory.mktemp("spss") / "law.sav")


# ------------------------------------------------------------------------------------------------ the table behind all
def test_words_are_those_of_the_cells(laws, table):
    """Prevents a reshaping that moves a value to another state or another variable."""
    words = table.in_words().set_index("jurisdiction")
    names = {column.variable: column.name for column in reversed(table.columns)}
    for cell in laws.cells.itertuples(index=False):
        word = words.loc[cell.jurisdiction, names[cell.variable]]
        if cell.status == "undated":
            assert word == "(undated)"
        elif "/" in cell.value:
            assert word == "(interval)"
        else:
            assert word == cell.value
    asked = set(zip(laws.cells["jurisdiction"], laws.cells["variable"], strict=True))
    for column in table.columns:
        for place, word in zip(table.places["jurisdiction"], column.held, strict=True):
            assert (word == "(not asked)") == ((place, column.variable) not in asked)


def test_bounds_of_years(laws, table):
    columns = {column.name: column for column in table.columns}
    bounded = laws.cells[laws.cells["value"].str.contains("/") & (laws.cells["status"] == "coded")]
    assert len(bounded)
    rows = {place: row for row, place in enumerate(table.places["jurisdiction"])}
    for cell in bounded.itertuples(index=False):
        for end, text in zip(("from", "to"), cell.value.split("/"), strict=True):
            held = columns[f"{cell.variable}_{end}"].held[rows[cell.jurisdiction]]
            assert held == ("(open)" if text == ".." else text)


def test_codebook_counts_every_cell(table):
    for format_name in ("", "stata", "spss"):
        book = codebook_table(table, format_name)
        assert (book.groupby("column")["cells"].sum() == len(table.places)).all()
        assert list(dict.fromkeys(book["column"])) == [column.name for column in table.columns]
        assert not book.duplicated(["column", "code"]).any()


@given(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,40}", fullmatch=True), max_size=40))
def test_names_fit_and_stay_apart(names):
    fitted = column_names(names, taken=PLACE)
    assert len(set(fitted) | set(PLACE)) == len(fitted) + len(PLACE)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,27}", name) for name in fitted)
    assert not {"if", "in", "with", "byte"} & set(fitted)


def test_level_that_has_the_name_of_a_missing_value_is_a_fault(package, edit):
    edit("levels.csv", {"variable": "wt_consent", "level": "mixed"}, level="unknown")
    assert "another name: unknown is the word for a missing value" in "".join(map(str, lab.check_package(package)))


# ------------------------------------------------------------------------------------------------------ Stata and SPSS
@pytest.mark.parametrize("format_name", ["stata", "spss"])
def test_values_and_kinds_of_missing_come_back(table, request, format_name):
    frame, meta = request.getfixturevalue(format_name)
    assert list(frame["jurisdiction"]) == list(table.places["jurisdiction"])
    for column in table.columns:
        kinds = {getattr(kind, format_name): word for word, kind in column.words().items()}
        levels = list(column.levels)
        for code, word in zip(frame[column.name], column.held, strict=True):
            if code in kinds:
                assert kinds[code] == word
            elif column.numeric:
                assert float(word) == code
            else:
                assert levels[int(code)] == word
        assert meta.column_names_to_labels[column.name] == column.label[:80]


@pytest.mark.parametrize("format_name", ["stata", "spss"])
def test_value_labels_come_back(table, request, format_name):
    _, meta = request.getfixturevalue(format_name)
    for column in table.columns:
        labels = meta.variable_value_labels.get(column.name, {})
        for place, label in enumerate(() if column.numeric else column.levels.values()):
            assert labels[place] == label
        for word, kind in column.words().items():
            if word in column.held:
                assert labels[getattr(kind, format_name)] == kind.label


def test_stata_has_extended_missing_values(table, tmp_path):
    path = tmp_path / "law.dta"
    path.write_bytes(stata_bytes(table))
    frame = pd.read_stata(path, convert_categoricals=False, convert_missing=True).set_index("jurisdiction")
    words = table.in_words().set_index("jurisdiction")
    seen = set()
    for column in (column for column in table.columns if column.numeric):
        for word, kind in KINDS.items():
            places = words.index[words[column.name] == word]
            assert [str(frame.loc[place, column.name]) for place in places] == [f".{kind.stata}"] * len(places)
            seen |= {word} if len(places) else set()
    assert {"unknown", "not_applicable"} <= seen
    plain = pd.read_stata(path, convert_categoricals=False)
    assert plain["rr_year"].notna().sum() == sum(word not in KINDS for word in words["rr_year"])


def test_spss_declares_codes_missing_and_measures(spss, tmp_path, table):
    frame, meta = spss
    assert meta.variable_measure["wt_trafficking"] == "ordinal"
    assert meta.variable_measure["wt_consent"] == "nominal"
    assert meta.variable_measure["rr_year"] == "scale"
    path = tmp_path / "law.sav"
    path.write_bytes(spss_bytes(table))
    plain, _ = pyreadstat.read_sav(path)
    for column in table.columns:
        assert plain[column.name].isna().tolist() == [word in column.words() for word in column.held]
    assert (frame["rr_year"] < 0).any()


def test_time_stamps_are_those_of_the_data(table):
    moved = dataclasses.replace(table, stamp=table.stamp.replace(year=1999, month=3, day=4))
    assert b"<timestamp>\x1104 Mar 1999 00:00</timestamp>" in stata_bytes(moved)
    assert spss_bytes(moved)[92:109] == b"04 Mar 9900:00:00"
    assert pyreadstat.__version__


# ------------------------------------------------------------------------------------------------------- Parquet and R
def test_parquet_gives_the_matrix_back(laws, table):
    frame = pd.read_parquet(io.BytesIO(parquet_bytes(table))).set_index("jurisdiction")
    matrix, status = laws.matrix(), laws.status()
    names = {column.variable: column.name for column in reversed(table.columns)}
    attributes = frame.attrs
    for variable in matrix:
        pd.testing.assert_series_equal(frame[names[variable]], matrix[variable], check_names=False)
        told = frame[attributes["status"][names[variable]]].astype(str)
        for place in matrix.index:
            expected = status.loc[place, variable]
            if told[place] in ("unknown", "not_applicable", "(undated)"):
                assert told[place].strip("()") == expected
            elif told[place] == "(not asked)":
                assert pd.isna(expected)
            else:
                assert expected == "coded"
                assert (told[place] == "coded") == pd.notna(matrix.loc[place, variable])
        assert attributes["labels"][names[variable]] == laws.variables[variable].label
        assert attributes["families"][names[variable]] == laws.variables[variable].family


def test_parquet_can_be_compared_at_once(own, tmp_path):
    lab.save(own, tmp_path / "belts.parquet")
    frame = pd.read_parquet(tmp_path / "belts.parquet").set_index("jurisdiction")
    names = [name for name in own.matrix() if own.variables[name].scale != "year"]
    back = frame[names]
    back.attrs = frame.attrs
    pd.testing.assert_frame_equal(
        lab.dissimilarity(back), lab.dissimilarity(own.select(variables=names).matrix()), check_names=False
    )


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_levels_in_order_and_the_reasons(own, tmp_path):
    lab.save(own, tmp_path / "r", to="r")
    assert 10 <= len((tmp_path / "r" / "load.R").read_text().splitlines()) <= 12
    subprocess.run(["Rscript", "-e", R_READS.format(folder=tmp_path / "r")], check=True, capture_output=True)
    facts = pd.read_csv(tmp_path / "r" / "read.csv", dtype=str, keep_default_na=False)
    table = labelled(own)
    for column in table.columns:
        rows = facts[facts["name"] == column.name]
        assert set(rows["label"]) == {column.label}
        assert rows["jurisdiction"].tolist() == table.places["jurisdiction"].tolist()
        assert rows["status"].tolist() == column.statuses()
        if not column.numeric:
            assert set(rows["levels"]) == {"|".join(column.levels)}
            assert set(rows["class"]) == {"ordered" if column.ordered else "factor"}
        for word, value, status in zip(column.held, rows["value"], rows["status"], strict=True):
            assert value == ("NA" if status != "coded" else word)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_a_count_without_limit_as_infinite(laws, tmp_path):
    view = laws.select(family="compensation", level="state")
    lab.save(view, tmp_path / "r", to="r")
    subprocess.run(["Rscript", "-e", R_READS.format(folder=tmp_path / "r")], check=True, capture_output=True)
    facts = pd.read_csv(tmp_path / "r" / "read.csv", dtype=str, keep_default_na=False)
    months = facts[facts["name"] == "cvc_deadline_months"].set_index("jurisdiction")
    expected = view.matrix()["cvc_deadline_months"]
    assert months.index[months["value"] == "Inf"].tolist() == expected.index[np.isinf(expected)].tolist()
    assert (months["status"] == "not_fixed").sum() == (view.cells["value"] == "not_fixed").sum() - (
        view.cells.query("variable != 'cvc_deadline_months'")["value"] == "not_fixed"
    ).sum()


# ----------------------------------------------------------------------------------------------------------------- CSV
def test_csv_comes_back(table):
    text = safe_csv(table.in_words()).decode("utf-8")
    assert text.startswith("\ufeff")
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    frame = pd.DataFrame([[unescape(cell) for cell in row] for row in rows], columns=header)
    pd.testing.assert_frame_equal(frame, table.in_words(), check_dtype=False)
    assert {"unknown", "not_applicable"} <= set(frame.to_numpy().ravel())
    assert "" not in set(frame.to_numpy().ravel())


@given(st.text(max_size=12) | st.text(alphabet="='+-@\t\r\n＝a1", max_size=6))
def test_no_cell_is_a_formula_and_none_is_lost(cell):
    safe = escape(cell)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert unescape(safe) == cell
    written = safe_csv(pd.DataFrame({"a": [cell], "b": ["end"]})).decode("utf-8-sig")
    (_, back) = csv.reader(io.StringIO(written, newline=""))
    assert unescape(back[0]) == cell


# --------------------------------------------------------------------------------------------------------------- files
OPTIONS = {"qca": {"conditions": ["belt_law", "belt_seats"], "outcome": "bottle_law"}}


@pytest.mark.parametrize("to", FORMATS)
def test_files_are_the_same_whatever_the_order_of_rows(to, own, tmp_path):
    source = ROOT / "tests" / "data" / "own" / "belts"
    shuffled = shutil.copytree(source, tmp_path / "belts")
    for path in [*(shuffled / "codings").glob("*.csv"), shuffled / "sources.csv"]:
        header, *body = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(5).shuffle(body)
        path.write_text("".join([header, *body]), encoding="utf-8")
    views = {"one": own, "two": lab.read_package(shuffled)}
    written = {}
    for name, view in views.items():
        files = lab.save(view, tmp_path / name / "table", to=to, **OPTIONS.get(to, {}))
        written[name] = {path.name: path.read_bytes() for path in files}
    assert written["one"] == written["two"]
    assert all(written["one"].values())


def test_nothing_is_overwritten_and_nothing_half_written(own, tmp_path):
    (tmp_path / "t_codebook.csv").write_text("mine")
    with pytest.raises(FileExistsError, match=r"t_codebook.csv is there already"):
        lab.save(own, tmp_path / "t.dta")
    assert [path.name for path in tmp_path.iterdir()] == ["t_codebook.csv"]
    lab.save(own, tmp_path / "t.dta", overwrite=True)
    assert (tmp_path / "t_codebook.csv").read_text(encoding="utf-8-sig").startswith("column,variable")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="expected a folder"):
        lab.save(own, tmp_path / "file", to="r")


@pytest.mark.parametrize(
    ("path", "to", "options", "message"),
    [
        ("t", None, {}, "'t' does not tell the format: give `to`, one of csv, stata"),
        ("t.xlsx", "excel", {}, "no format 'excel': expected one of csv, stata"),
        ("t.csv", "stata", {}, "'t.csv' ends with .csv: expected .dta for stata"),
        ("t.csv", "csv", {"outcome": "x"}, "the format csv takes no outcome"),
    ],
)
def test_wrong_format(own, tmp_path, path, to, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        lab.save(own, tmp_path / path, to, **options)
    assert not list(tmp_path.iterdir())


def test_empty_view(own, tmp_path):
    with pytest.raises(ValueError, match="nothing to export"):
        lab.save(own.select(variables=[]), tmp_path / "t.csv")


def test_missing_package_is_named(own, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    for to in ("stata", "spss"):
        with pytest.raises(ImportError, match=r"needs pyreadstat: pip install 'policylab\[export\]'"):
            lab.save(own, tmp_path / "t", to=to)
    assert not list(tmp_path.iterdir())


def test_command(tmp_path):
    folder = str(ROOT / "tests" / "data" / "own" / "belts")

    def call(*arguments):
        return CliRunner().invoke(app, ["export", *arguments, "--package", folder])

    target = str(tmp_path / "law.dta")
    first = call(target, "--to", "stata", "--family", "belts", "--as-of", "1990-01-01")
    assert first.exit_code == 0, first.output
    frame, _ = pyreadstat.read_dta(target, user_missing=True)
    assert list(frame.columns[3:]) == ["belt_law", "belt_year", "belt_fine", "belt_seats"]
    again = call(target)
    assert again.exit_code == 2 and "is there already" in again.stderr and "--force" in again.stderr
    assert call(target, "--force").exit_code == 0
    lost = call(str(tmp_path / "q"), "--to", "qca", "--condition", "belt_law")
    assert lost.exit_code == 2 and "--outcome" in lost.stderr
    done = call(str(tmp_path / "q"), "--to", "qca", "--condition", "belt_law", "--outcome", "bottle_law")
    assert done.exit_code == 0 and (tmp_path / "q" / "truth_table.csv").exists()


# ------------------------------------------------------------------------------------------------------------- Bunch
def test_bunch_of_any_view(own, laws):
    bunch = lab.load_matrix(laws=own, as_frame=True)
    assert bunch.data.shape == (25, 7) and bunch.filename == ""
    pd.testing.assert_frame_equal(bunch.status, own.status())
    plain = lab.load_matrix()
    assert plain.jurisdictions == list(laws.select(level="state").jurisdiction_keys)
    assert np.isnan(plain.data).sum() == lab.load_matrix(as_frame=True).data.isna().to_numpy().sum()


# ---------------------------------------------------------------------------------------------------------------- QCA
def test_truth_table_by_hand(own):
    """Every complete case once, in its own configuration; missing cells are listed and never 0."""
    conditions, outcome = ["belt_law", "belt_seats"], "bottle_law"
    found = lab.truth_table(own, conditions, outcome)
    place = {"none": 0, "secondary": 1, "primary": 2, "front": 0, "all": 1, "no": 0, "yes": 1}
    groups: dict[tuple, list] = {}
    for key in own.jurisdiction_keys:
        words = [own.value(key, name) for name in (*conditions, outcome)]
        groups.setdefault(tuple(place[word] for word in words[:2]), []).append((key, place[words[2]]))
    rows = {(row.belt_law, row.belt_seats): row for row in found.table.itertuples(index=False)}
    assert set(rows) == set(groups)
    for key, members in groups.items():
        outcomes = [value for _, value in members]
        assert rows[key].n == len(members) and rows[key].cases == " ".join(case for case, _ in members)
        assert rows[key].incl == sum(outcomes) / len(outcomes)
        agreed = len(set(outcomes)) == 1
        out = str(outcomes[0]) if agreed else "C"
        assert out == rows[key].OUT
    assert found.left_out.empty


def test_truth_table_leaves_missing_cells_out(laws):
    states = laws.select(level="state")
    conditions = ["wt_trafficking", "cr_buyer", "cvc_trafficking"]
    found = lab.truth_table(states, conditions, "rr_relief", present="vacate")
    status = states.select(variables=[*conditions, "rr_relief"]).status()
    whole = (status == "coded").all(axis=1)
    assert found.table["n"].sum() == len(found.cases) == whole.sum() < len(states.jurisdiction_keys)
    assert set(found.left_out["case"]) == set(whole.index[~whole])
    assert len(found.left_out) == (status.loc[~whole] != "coded").to_numpy().sum()
    levels = list(states.variables["rr_relief"].levels)
    for case, value in found.cases["rr_relief"].items():
        assert value == (levels.index(states.value(case, "rr_relief")) >= levels.index("vacate"))
    matrix = states.matrix()[conditions]
    barred = (status[conditions] == "not_applicable").any(axis=1)
    for row in found.table.itertuples(index=False):
        may = 0
        for case in whole.index[~whole & ~barred]:
            may += all(
                pd.isna(matrix.loc[case, name])
                or list(states.variables[name].levels).index(matrix.loc[case, name]) == getattr(row, name)
                for name in conditions
            )
        assert row.open == may


@pytest.mark.parametrize(
    ("conditions", "outcome", "present", "error", "message"),
    [
        ([], "bottle_law", None, ValueError, "at least one condition"),
        (["bottle_law"], "bottle_law", None, ValueError, "expected it not to be a condition"),
        (["belt_year"], "bottle_law", None, ValueError, "belt_year is a year"),
        (["belt_fine"], "bottle_law", None, ValueError, "belt_fine is a count"),
        (["belt_seats"], "belt_law", None, ValueError, "say from which on it is present"),
        (["belt_seats"], "belt_law", "maximal", KeyError, "no level 'maximal' of belt_law"),
        (["belt_seat"], "belt_law", None, KeyError, "no variable 'belt_seat'"),
    ],
)
def test_truth_table_errors(own, conditions, outcome, present, error, message):
    with pytest.raises(error, match=message):
        lab.truth_table(own, conditions, outcome, present)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_script_for_qca_runs(own, tmp_path):
    lab.save(own, tmp_path / "q", to="qca", **OPTIONS["qca"])
    code = f'setwd("{tmp_path / "q"}"); source("load.R"); cat(nrow(cases), outcome, conditions)'
    done = subprocess.run(["Rscript", "-e", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("25 bottle_law belt_law belt_seats")


# ---------------------------------------------------------------------------------------------------------- citations
def entries(text: str) -> dict[str, dict[str, str]]:
    """Read BibTeX strictly: braces balance, every field is named once."""
    found = {}
    for block in re.split(r"(?m)^(?=@)", text)[1:]:
        kind, key, body = re.fullmatch(r"@(\w+)\{([^,\s]+),\n(.*)\n\}\s*", block, re.DOTALL).groups()
        assert kind == "misc" and key not in found
        fields = {}
        for line in body.split("\n"):
            name, value = re.fullmatch(r"  (\w+) = \{(.*)\},?", line).groups()
            assert name not in fields
            depth = 0
            for char in value.replace(r"\{", "").replace(r"\}", ""):
                depth += {"{": 1, "}": -1}.get(char, 0)
                assert depth >= 0
            assert depth == 0
            fields[name] = value
        found[key] = fields
    return found


def test_cite_parses_and_holds_every_section(laws):
    text = laws.cite()
    found = entries(text)
    coded = laws.cells[laws.cells["status"] == "coded"]
    assert set(found) == {laws.tables.meta["name"], *coded["source"]}
    for cell in coded.itertuples(index=False):
        note = re.sub(r"\\([&%$#_{}])", r"\1", found[cell.source]["note"])
        assert cell.citation in note
    notes = {entry["id"]: entry.get("note", "") for entry in json.loads(laws.cite(style="csl"))}
    assert all(cell.citation in notes[cell.source] for cell in coded.itertuples(index=False))


def test_cite_names_the_authors_of_the_package_and_nobody_else(own, laws):
    assert "policylab" not in own.cite()
    assert "author" not in entries(own.cite())["belts"]
    assert entries(laws.cite())["policylab"]["author"] == "{The policylab developers}"
