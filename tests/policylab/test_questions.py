"""The questions asked of the law, on the shipped data."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import policylab as lab


def test_repr_counts_what_is_there(laws):
    text = repr(laws)
    assert f"{len(laws.jurisdictions)} jurisdictions x {len(laws.codebook)} variables" in text
    assert f"{(laws.cells['status'] == 'coded').sum()} of " in text
    assert lab.data_version() in text
    assert "<table" in laws._repr_html_()


def test_plain_tables(laws):
    for table in (laws.codings, laws.codebook, laws.sources, laws.levels, laws.jurisdictions):
        assert type(table) is pd.DataFrame
        assert len(table)


def test_select_keeps_canonical_order_and_narrows_variables(laws):
    view = laws.select(family="compensation", jurisdictions=["ND", "CT"])
    assert view.matrix().index.tolist() == ["CT", "ND"]
    assert set(view.codings["variable"]) == set(view.codebook["variable"])
    assert "s230_immunity" not in laws.select(level="state").matrix()
    assert "cvc_minor" not in laws.select(level="federal").matrix()


def test_select_by_confidence_turns_doubt_into_unknown(laws):
    states = laws.select(level="state")
    firm = states.select(min_confidence="high")
    lost = (states.cells["status"] == "coded") & (firm.cells["status"] != "coded")
    assert set(states.cells.loc[lost, "confidence"]) == {"low", "medium"}
    assert (firm.cells.loc[lost, "because"] == "confidence below high").all()
    assert (firm.cells.loc[firm.cells["status"] == "coded", "confidence"] == "high").all()


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"family": "wiretaps"}, "no family 'wiretaps': expected one of wiretap"),
        ({"jurisdictions": ["CT", "ZZ"]}, "no jurisdiction 'ZZ'"),
        ({"variables": ["rr"]}, "no variable 'rr'"),
        ({"level": "county"}, "no level 'county': expected one of federal, state"),
        ({"min_confidence": "certain"}, "no min_confidence 'certain'"),
    ],
)
def test_select_names_what_it_does_not_know(laws, question, message):
    with pytest.raises(KeyError, match=re.escape(message)):
        laws.select(**question)


def test_matrix_types(laws):
    matrix = laws.select(level="state").matrix()
    assert matrix["sh_immunity"].cat.ordered
    assert matrix["sh_immunity"].cat.categories[0] == "none"
    assert not matrix["wt_consent"].cat.ordered
    assert matrix["cvc_deadline_months"].dtype == float
    assert np.isinf(matrix.loc["CO", "cvc_deadline_months"])
    assert matrix.shape == (51, len(laws.select(level="state").codebook))
    assert pd.isna(matrix.loc["ND", "wt_trafficking_year"])


def test_status_and_matrix_agree(laws):
    """A number may be missing although it is coded (bounds only); nothing else that is coded may be."""
    view = laws.select(level="state")
    matrix, status = view.matrix(), view.status()
    assert (status.notna() & matrix.isna() & (status == "coded")).sum().drop(
        [name for name, book in laws.variables.items() if book.scale in ("year", "count") and name in status]
    ).sum() == 0
    assert not (matrix.notna() & (status != "coded")).to_numpy().any()


def test_compare_never_reads_federal_law_into_a_state(laws):
    table = laws.compare("CT", "ND", family="section_230", include_us=True)
    assert (table[["CT", "ND"]] == "").all().all()
    assert table.loc["s230_immunity", "US"] == "yes"
    assert list(laws.compare("ND", "CT", family="wiretap").columns) == ["label", "ND", "CT"]
    with pytest.raises(ValueError, match="at least one"):
        laws.compare()


def test_every_jurisdiction_describes_and_every_cell_explains(laws):
    for place in laws.jurisdiction_keys:
        page = laws.describe(place)
        assert page.title.endswith(f"law as coded for {laws.date}")
        assert all(citation for sentences in page.sections.values() for _, citation in sentences)
        assert "{value}" not in repr(page)
    for place, variable in [
        ("CT", "cvc_trafficking"),
        ("MN", "rr_relief"),
        ("ME", "wt_trafficking"),
        ("US", "s230_immunity"),
    ]:
        explanation = laws.explain(place, variable)
        assert explanation.facts["value"] in repr(explanation)
        assert "<table" in explanation._repr_html_()
        console = Console(record=True, width=100, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
        console.print(explanation)
        assert explanation.facts["value"] in console.export_text()


def test_html_is_escaped(laws):
    from policylab.render import Explanation

    page = Explanation("<b>", "x & y", {"value": "<script>"}, pd.DataFrame())._repr_html_()
    assert "<script>" not in page
    assert "x &amp; y" in page


def test_explain_shows_earlier_law(laws):
    others = laws.explain("CT", "wt_trafficking").others
    assert others["value"].tolist() == ["general"]


@pytest.mark.parametrize("by", ["variable", "family", "jurisdiction"])
def test_coverage_adds_up(laws, by):
    table = laws.coverage(by=by)
    assert (table["applicable"] + table["not_applicable"] == table["cells"]).all()
    assert (table["coded"] + table["unknown"] + table["undated"] == table["applicable"]).all()
    assert (table[["primary", "official", "secondary"]].sum(axis=1) == table["coded"]).all()
    assert (table[["high", "medium", "low"]].sum(axis=1) == table["coded"]).all()
    assert table["cells"].sum() == len(laws.cells)
    assert (table["may_not_apply"] <= table["unknown"] + table["undated"]).all()


def test_coverage_tells_gaps_that_may_not_apply(laws):
    """A cell that is unknown because its parent is: whether there is a gap at all is not known."""
    cells = laws.cells.set_index(["jurisdiction", "variable"])["status"].astype(str)
    counts = laws.coverage(by="variable")["may_not_apply"]
    assert counts.sum() > 0
    for name, variable in laws.variables.items():
        parent = variable.requires.parent if variable.requires else None
        missing = [
            cells[place, name] in ("unknown", "undated") and cells[place, parent] in ("unknown", "undated")
            for place in laws.jurisdiction_keys
            if parent and (place, name) in cells.index
        ]
        assert counts[name] == sum(missing), name


def test_coverage_by_something_else(laws):
    with pytest.raises(ValueError, match="expected variable, family, jurisdiction"):
        laws.coverage(by="evidence")


def test_cite_gives_exactly_the_sources_used(laws):
    cells = pd.DataFrame({"jurisdiction": ["CT", "ND"], "variable": ["rr_relief", "rr_relief"]})
    text = laws.cite(cells)
    used = laws.cells.merge(cells)["source"]
    assert set(re.findall(r"@misc\{(.+),", text)) == {"policylab", *used}
    assert text.count("{") == text.count("}")
    entries = json.loads(laws.cite(cells, style="csl"))
    assert {entry["id"] for entry in entries} == {"policylab", *used}
    with pytest.raises(ValueError, match="expected one of bibtex, csl"):
        laws.cite(cells, style="apa")


def test_views_do_not_change_the_law(laws):
    before = laws.cells.copy()
    laws.as_of("2010-01-01").select(jurisdictions=["CT"]).matrix()
    laws.cells.assign(value="x")
    assert laws.cells.equals(before)
    with pytest.raises(AttributeError):
        laws.day = None


def test_loaders_have_types_and_keys():
    assert lab.load_instruments()["house_yea"].dtype == "Int64"
    assert lab.load_indicators()["value"].dtype == "Float64"
    assert set(lab.load_claims()["verdict"]) == {"supported", "imprecise", "contradicted", "unverifiable"}
    assert len(lab.load_jurisdictions()) == 52


def test_matrix_for_scikit_learn():
    bunch = lab.load_matrix()
    assert bunch.data.dtype == float
    assert bunch.data.shape == (len(bunch.jurisdictions), len(bunch.feature_names))
    frame = lab.load_matrix(as_frame=True).frame
    assert (np.isnan(bunch.data) == frame.isna().to_numpy()).all()
