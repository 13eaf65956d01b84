"""Against R: glm (logit, complementary log-log), vcovCL of sandwich, and numerical gradients of the effects.

The values are in expected/, made by hazard.R from the panel of record relief in data/ (a snapshot: the shipped data
move on) and from the Veterans' Administration lung cancer trial (Kalbfleisch and Prentice 1980). Agreement is to 1e-8.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from policylab.binomial import ERRORS, LINKS
from policylab.hazard import HazardModel, hazard_model

HERE = Path(__file__).parent
RELIEF = ["neighbours", "log_population"]
VETERAN = ["trt", "karno", "smallcell", "adeno", "large"]


def expected(file: str, **match: str) -> pd.DataFrame:
    table = pd.read_csv(HERE / "expected" / f"{file}.csv", dtype={"draw": str})
    for column, value in match.items():
        table = table[table[column] == value]
    return table.reset_index(drop=True)


def relief() -> pd.DataFrame:
    return pd.read_csv(HERE / "data" / "relief_panel.csv", keep_default_na=False, na_values=[""])


def fit(data: str, link: str, errors: str, draw: str = "0") -> HazardModel:
    if data == "veteran":
        panel = pd.read_csv(HERE / "data" / "veteran_periods.csv")
        return hazard_model(panel, VETERAN, "log", link, cluster="id", errors=errors)
    panel = relief()
    return hazard_model(panel[panel["draw"] == int(draw)], RELIEF, "cubic", link, errors=errors)


def close(ours, theirs) -> None:
    np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("data", ["relief", "veteran"])
def test_terms(data, link, errors):
    theirs = expected("hazard_terms", data=data, link=link, draw="0")
    ours = fit(data, link, errors).table
    close(ours["estimate"], theirs["estimate"])
    close(ours["se"], theirs[errors])
    close(ours[["lowest", "highest"]], theirs[["lowest", "highest"]])


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("draw", ["0", "1", "2"])
def test_effects(draw, link):
    theirs = expected("hazard_effects", link=link, draw=draw)
    ours = fit("relief", link, "cluster", draw).effects
    assert ours["effect"].tolist() == theirs["effect"].tolist()
    close(ours[["before", "after", "estimate", "se"]], theirs[["before", "after", "estimate", "cluster"]])


@pytest.mark.parametrize("link", LINKS)
def test_pooled(link):
    theirs = expected("hazard_pooled", link=link)
    ours = hazard_model(relief(), RELIEF, "cubic", link, errors="cluster").table
    columns = ["estimate", "se", "df", "low", "high", "p"]
    close(ours[columns], theirs[columns])
