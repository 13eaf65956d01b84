"""Against R's survival: survfit with both bands, survdiff, and Turnbull's estimate.

The values are in expected/survival_*.csv, made by survival.R from data/survival_*.csv.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import CensoredData, ecdf

import policylab as lab

HERE = Path(__file__).parent
NAMES = ["aml", "lung", "states"]
START = {"aml": 1500, "lung": 1500, "states": 0, "bounds": 0}  # whole times become calendar years


def read(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / folder / f"survival_{name}.csv", keep_default_na=False, na_values=[""])


def as_adoptions(units: pd.Series, first: pd.Series, last: pd.Series, start: int) -> pd.DataFrame:
    """Write times as dates: an adoption is the whole year, an absence was seen to the end of it."""
    adopted = last.notna()
    years = [(side + start).map(lambda year: f"{year:04.0f}", na_action="ignore") for side in (first, last)]
    earliest = (years[0] + np.where(adopted, "-01-01", "-12-31")).astype("datetime64[s]")
    return pd.DataFrame(
        {
            "jurisdiction": units.astype(str),
            "policy": "policy",
            "status": np.where(adopted, "adopted", "not_adopted"),
            "earliest": earliest,
            "latest": (years[1] + "-12-31").astype("datetime64[s]"),
            "precision": "year",
        }
    )


def data(name: str) -> tuple[pd.DataFrame, dict[str, str]]:
    rows = read("data", name)
    last = rows["time"].where(rows["event"] == 1)
    groups = dict(zip(rows["unit"].astype(str), rows["group"].astype(str), strict=True))
    return as_adoptions(rows["unit"], rows["time"], last, START[name]), groups


@pytest.mark.parametrize(("band", "type_"), [("log-log", "log-log"), ("linear", "plain")])
@pytest.mark.parametrize("name", NAMES)
def test_survfit(name, band, type_):
    theirs = read("expected", f"{name}_{type_}").set_index("time")
    adoptions, _ = data(name)
    table = lab.adoption_curve(adoptions, "policy", band=band).table.set_index("time")
    ours = table.loc[theirs.index + START[name]].set_axis(theirs.index)
    assert np.abs(ours["at_risk"] - theirs["at_risk"]).max() < 1e-8
    assert np.abs(ours["adopted"] - theirs["events"]).max() < 1e-8
    assert np.abs(ours["share"] - (1 - theirs["survival"])).max() < 1e-8
    for side, other in (("lower", "upper"), ("upper", "lower")):
        assert ours[side].isna().equals(theirs[other].isna())
        assert np.abs(ours[side] - (1 - theirs[other])).max() < 1e-8


@pytest.mark.parametrize("name", NAMES)
def test_survdiff(name):
    theirs = read("expected", f"{name}_survdiff").astype({"group": str}).set_index("group")
    adoptions, groups = data(name)
    ours = lab.log_rank(adoptions, "policy", groups)
    assert ours.df == len(theirs) - 1 and ours.left_out == 0
    assert abs(ours.statistic - theirs["chisq"].iloc[0]) < 1e-8
    assert abs(ours.p_value - theirs["p"].iloc[0]) < 1e-8
    assert (ours.table["at_risk"] == theirs["n"]).all() and (ours.table["observed"] == theirs["observed"]).all()
    assert np.abs(ours.table["expected"] - theirs["expected"]).max() < 1e-8


def test_turnbull():
    rows = read("data", "bounds")
    adoptions = as_adoptions(rows["unit"], rows["first"], rows["last"], 0)
    assert adoptions["earliest"].isna().any() and (rows["first"] < rows["last"]).any()
    table = lab.adoption_curve(adoptions, "policy").table.set_index("time")
    theirs = read("expected", "bounds_turnbull").set_index("time")["survival"]
    assert np.abs(table["share"] - (1 - theirs)).dropna().max() < 1e-5
    assert len(theirs.index.intersection(table.index)) == len(theirs)


@pytest.mark.parametrize("name", NAMES)
def test_scipy(name):
    """The same curve from scipy, which takes right-censored data only."""
    rows = read("data", name)
    died = rows["event"] == 1
    theirs = ecdf(CensoredData(uncensored=rows.loc[died, "time"], right=rows.loc[~died, "time"])).cdf
    adoptions, _ = data(name)
    table = lab.adoption_curve(adoptions, "policy").table.set_index("time")
    ours = table.loc[theirs.quantiles + START[name], "share"]
    assert np.abs(ours.to_numpy() - theirs.probabilities).max() < 1e-12
