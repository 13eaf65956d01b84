"""The generated pages must say what the tables say now."""

import pytest

from policylab.pages import pages
from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["codebook.md", "data.md"])
def test_page_is_not_stale(name, laws):
    """Prevents a codebook that describes last month's data."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages(laws)[name], "run: make reproduce"
