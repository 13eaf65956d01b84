"""Numbers in the text of a notebook are not typed from memory: they stand in its code or its outputs."""

import re

import nbformat
import pytest

from tests.conftest import ROOT

# names of code, headings and list numbers, other notebooks, years of publications
NOT_CLAIMS = r"`[^`]*`|^#+ \d\d ·|^\d+\. |[Nn]otebooks? \d\d|\b[A-Z]\w+(?: and [A-Z]\w+)? \d{4}(?=\))"
NUMBER = r"\d(?:[\d,.]*\d)?"


def typed_numbers(notebook) -> list[str]:
    """Numbers in the markdown of a notebook that neither its code nor its outputs hold."""
    shown = [
        str(text)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        for kind, text in [("text", output.get("text", "")), *output.get("data", {}).items()]
        if kind.startswith("text")
    ]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    known = set(re.findall(NUMBER, "\n".join(shown + code).replace(",", "")))
    found = [
        number for text in prose for number in re.findall(NUMBER, re.sub(NOT_CLAIMS, "", text, flags=re.MULTILINE))
    ]
    return [number for number in found if number.replace(",", "") not in known]


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_numbers_in_the_text_stand_in_the_notebook(path):
    assert typed_numbers(nbformat.read(path, as_version=4)) == []


def test_a_typed_number_is_found():
    cells = [
        nbformat.v4.new_markdown_cell("## 01 · Text\n\nOf 51 states 47 do (Berry and Berry 1990), see notebook 05."),
        nbformat.v4.new_code_cell("51"),
    ]
    assert typed_numbers(nbformat.v4.new_notebook(cells=cells)) == ["47"]
