"""The page on methods: every part is there, what it names exists, and one formula that has no test elsewhere."""

import re
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from policylab.multiverse import partition_agreement
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
SECTIONS = dict(section.split("\n", 1) for section in PAGE.split("\n## ")[1:])
FUNCTION = re.compile(r"`(policylab(?:\.\w+)+)`")
LATER = {"adoption", "hazard", "ordering", "panels", "survival"}  # modules that a checkout may not have yet


@pytest.mark.parametrize("title", SECTIONS)
def test_every_method_says_the_same_things(title):
    text = SECTIONS[title]
    assert text.count("$$") >= 2
    assert text.count("$$") % 2 == 0
    for part in ("Source", "Assumes", "Cannot say", "Function", "Tested"):
        assert text.count(f"- **{part}.**") == 1, part


@pytest.mark.parametrize("title", SECTIONS)
def test_named_functions_and_tests_exist(title):
    names = FUNCTION.findall(SECTIONS[title].split("**Function.**")[1])
    assert names
    for name in names:
        _, module, *inside = name.split(".")
        if module in LATER and find_spec(f"policylab.{module}") is None:
            pytest.skip(f"policylab.{module} is not here yet")
        thing = import_module(f"policylab.{module}")
        for part in inside:
            thing = getattr(thing, part)
        assert thing.__doc__, name
    for path in re.findall(r"`(tests/[\w/]+\.py)`", SECTIONS[title]):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_rand_index_is_scikit_learns(seed):
    random = np.random.default_rng(seed)
    one, other = (pd.Series(random.integers(0, 4, 40)) for _ in range(2))
    mixed = other.where(random.random(40) < 0.5, one)
    for labels in (other, mixed):
        found = partition_agreement(one, labels, permutations=9)
        assert found.index == pytest.approx(adjusted_rand_score(one, labels), abs=1e-12)
        assert 0.1 <= found.p_value <= 1
