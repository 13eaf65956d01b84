"""Against published worked examples, and against the packages krippendorff and scikit-learn.

Krippendorff (2011), "Computing Krippendorff's alpha-reliability", works out sections A (two observers, binary), B (two
observers, nominal) and C (four observers, missing values, all metrics). Cohen (1968) gives kappa and weighted kappa of
one table of 200 cases. R's irr is not used: it need not be on the machine.
"""

import numpy as np
import pandas as pd
import pytest
from krippendorff import alpha as krippendorff_alpha
from sklearn.metrics import cohen_kappa_score

import policylab as lab
from policylab.coefficients import _own_margins, _Pairs

COHEN = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]])  # the published proportions, of 200 cases
COHEN_WEIGHTS = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])


def as_series(table: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """Spell a table of counts out case by case: rows are the first coder's values."""
    rows, columns = np.indices(table.shape)
    times = table.ravel()
    return pd.Series(rows.ravel().repeat(times)), pd.Series(columns.ravel().repeat(times))


def random_codings(seed: int, cells: int = 60) -> tuple[pd.Series, pd.Series]:
    random = np.random.default_rng(seed)
    first = random.integers(0, 5, cells)
    moved = np.clip(first + random.integers(-2, 3, cells), 0, 4)
    return pd.Series(first), pd.Series(np.where(random.random(cells) < 0.6, first, moved))


def test_krippendorff_2011_binary():
    jon = pd.Series([0, 1, 0, 0, 0, 0, 0, 0, 1, 0])
    han = pd.Series([1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
    assert lab.agreement(jon, han).loc["all", "alpha"] == pytest.approx(0.095, abs=5e-4)


def test_krippendorff_2011_nominal():
    ben = pd.Series(list("aabbdcccedda"))
    gerry = pd.Series(list("babbbccceddd"))
    assert lab.agreement(ben, gerry).loc["all", "alpha"] == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorff_2011_four_observers(level, published):
    """Ours takes two observers; the package that it is held to below takes all four, and gives the published values."""
    missing = np.nan
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, missing, missing, missing],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, missing, 3],
        [missing, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, missing],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, missing],
    ]
    assert krippendorff_alpha(observers, level_of_measurement=level) == pytest.approx(published, abs=5e-4)
    pair = pd.DataFrame(observers[:2])
    ours = lab.agreement(pair.iloc[0], pair.iloc[1], level, [1, 2, 3, 4, 5]).loc["all", "alpha"]
    assert ours == pytest.approx(krippendorff_alpha(pair.to_numpy(), level_of_measurement=level), abs=1e-12)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_the_packages(level, seed):
    first, second = random_codings(seed)
    first[3] = second[7] = None
    ours = lab.agreement(first, second, level, range(5)).loc["all"]
    theirs = krippendorff_alpha(np.array([first, second], dtype=float), level_of_measurement=level)
    assert ours["alpha"] == pytest.approx(theirs, abs=1e-12)
    assert (ours["cells"], ours["unpaired"]) == (58, 2)


def test_cohen_1968():
    first, second = as_series(COHEN)
    assert lab.agreement(first, second).loc["all", "kappa"] == pytest.approx(0.492, abs=5e-4)
    pairs = _Pairs(first.to_numpy(), second.to_numpy(), "nominal", np.arange(3.0))
    observed = COHEN_WEIGHTS[first, second].mean()
    assert 1 - observed / (_own_margins(pairs) * COHEN_WEIGHTS).sum() == pytest.approx(0.348, abs=5e-4)


@pytest.mark.parametrize(("level", "weights"), [("nominal", None), ("ordinal", "linear"), ("interval", "quadratic")])
@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_scikit_learns(level, weights, seed):
    """Values 0 to 4 are their own ranks, so that quadratic weights are squared differences."""
    first, second = random_codings(seed)
    ours = lab.agreement(first, second, level, range(5)).loc["all", "kappa"]
    assert ours == pytest.approx(cohen_kappa_score(first, second, weights=weights), abs=1e-12)
