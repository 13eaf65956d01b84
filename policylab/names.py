"""What to say of a name that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

_FEW = 60  # the jurisdictions of the law are still listed, its hundred variables are not


def expected_one_of(name: object, known: Sequence[str]) -> str:
    """Say what was expected instead of a name: one of a few, or the nearest of many.

    Examples
    --------
    >>> expected_one_of("CX", ["CT", "ND"])
    'expected one of CT, ND'
    >>> expected_one_of("wt_consnt", ["wt_consent", *(f"v{number}" for number in range(99))])
    'expected one of 100 names: did you mean wt_consent?'
    """
    if len(known) <= _FEW:
        return f"expected one of {', '.join(known)}"
    near = get_close_matches(str(name), known, n=3, cutoff=0.5)
    return f"expected one of {len(known)} names" + (f": did you mean {' or '.join(near)}?" if near else "")
