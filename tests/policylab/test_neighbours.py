"""The figure on neighbours: no estimate from too few adoptions, and what is drawn is what the model says."""

import numpy as np
import pandas as pd
import pytest

from policylab.drawings.neighbours import CASES, Specification, has_enough, neighbour_effects, panel_of
from policylab.hazard import hazard_model
from policylab.plot.estimates import estimates
from policylab.plot.style import new_figure

FULL, FEW = "Full safe harbor", "Advertising offence"


@pytest.fixture(scope="module")
def effects(laws) -> pd.DataFrame:
    return neighbour_effects(laws, [FULL, FEW]).set_index("policy")


def test_too_few_adoptions_stay_without_an_estimate(laws, effects):
    assert effects.loc[FEW, "n_events"] < 20
    assert effects.loc[FEW, ["estimate", "low", "high", *CASES, "all_estimate"]].isna().all()
    assert effects.loc[FEW, ["n_risk", "n_unknown"]].gt(0).all()
    panel = panel_of(laws, FULL)
    assert has_enough(panel, Specification())
    assert not has_enough(panel, Specification(("neighbours", "region_share", "log_population")))


def test_rows_are_what_the_model_says(laws, effects):
    row = effects.loc[FULL]
    model = hazard_model(panel_of(laws, FULL))
    one = model.effects.set_index("effect").loc["one more"]
    assert row["estimate"] == pytest.approx(100 * one["estimate"], abs=1e-5)
    assert row["lowest"] <= row["estimate"] <= row["highest"]
    assert row["n_events"] == one["n_events"] and row["n_unknown"] == one["n_unknown"]
    never = hazard_model(panel_of(laws, FULL, unknown="never")).effects.set_index("effect").loc["one more"]
    assert row["never"] == pytest.approx(100 * never["estimate"], abs=1e-5)


def test_row_without_an_estimate_is_hatched_and_says_why():
    full = {"estimate": 1.0, "low": -1.0, "high": 3.0, "lowest": 0.5, "highest": 1.5, "note": "unused"}
    frame = pd.DataFrame([full | {"label": "a"}, {"label": "b", "note": "too few"}])
    ax = estimates(frame, new_figure(4, 2).subplots(), "x", {}, {"interval": "i", "range": "r"})
    assert [text.get_text() for text in ax.texts] == ["too few"]
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert len(hatched) == 1 and np.isclose(hatched[0].get_y() + hatched[0].get_height() / 2, 1)
