"""Claims that name a quantity, beside the value that a check found."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

_NUMBER = r"(\d+(?:\.\d+)?)"
_FOUND = re.compile(rf"(more than )?{_NUMBER}(?: to {_NUMBER})?")
_NAMES = ("year", "date", "weekday", "votes")  # numbers that name something and measure nothing


def quantities(claims: pd.DataFrame) -> pd.DataFrame:
    """Pick out the claims that name a quantity, and read both values as numbers.

    Parameters
    ----------
    claims : pandas.DataFrame
        As from :func:`policylab.load_claims`.

    Returns
    -------
    pandas.DataFrame
        claim, item, subject, unit, verdict, claimed (number), low and high (of the checked value, in the same unit:
        equal for one value, infinite `high` for a lower bound, both missing where no value was found).

    Notes
    -----
    Claims about a year, a date or a vote are left out: they name something and do not measure it.

    Examples
    --------
    >>> import policylab as lab
    >>> table = quantities(lab.load_claims()).set_index("claim")
    >>> table.loc["004-03", ["claimed", "low", "high"]].tolist()
    [20.0, 3.0, 20.0]
    """
    rows = claims[claims["claimed"].str.fullmatch(_NUMBER) & ~claims["unit"].isin(_NAMES)]
    found = [_FOUND.fullmatch(text) for text in rows["checked"]]
    low = [float(match[2]) if match else np.nan for match in found]
    high = [np.nan if not match else np.inf if match[1] else float(match[3] or match[2]) for match in found]
    table = rows[["claim", "item", "subject", "unit", "verdict"]].assign(claimed=rows["claimed"].astype(float))
    return table.assign(low=low, high=high).reset_index(drop=True)
