"""Comparative policy analysis of US law against child sexual exploitation and trafficking.

>>> import policylab as lab
>>> laws = lab.load()
>>> laws.as_of("2015-10-01").value("CT", "wt_trafficking")
'enumerated'
"""

from importlib import import_module

from policylab.check import check_package
from policylab.dates import LegalDate, parse_date
from policylab.dissimilarity import dissimilarity
from policylab.package import data_version, load, load_matrix, read_package
from policylab.provisions import Provisions
from policylab.schema import Fault, PackageError
from policylab.series import BreakWarning, growth, segments
from policylab.side_tables import load_claims, load_indicators, load_instruments, load_jurisdictions, load_recodings

__version__ = "0.1.0"

# Imported when first asked for: they need scipy and joblib, which loading the law does not.
_ON_DEMAND = {
    "adoption_curve": "survival",
    "adoptions": "adoption",
    "agreement": "reliability",
    "cascades": "export.cascades",
    "choose_k": "resampling",
    "co_membership": "uncertainty",
    "correct": "correction",
    "event_history": "panels",
    "hazard_model": "hazard",
    "hierarchy": "clustering",
    "index": "score",
    "latent_classes": "clustering",
    "log_rank": "groups",
    "medoids": "clustering",
    "new_package": "scaffold",
    "precedence": "ordering",
    "rank_intervals": "ranks",
    "save": "export.formats",
    "stability": "resampling",
    "truth_table": "export.qca",
}

__all__ = [
    "BreakWarning",
    "Fault",
    "LegalDate",
    "PackageError",
    "Provisions",
    "adoption_curve",
    "adoptions",
    "agreement",
    "cascades",
    "check_package",
    "choose_k",
    "co_membership",
    "correct",
    "data_version",
    "dissimilarity",
    "event_history",
    "growth",
    "hazard_model",
    "hierarchy",
    "index",
    "latent_classes",
    "load",
    "load_claims",
    "load_indicators",
    "load_instruments",
    "load_jurisdictions",
    "load_matrix",
    "load_recodings",
    "log_rank",
    "medoids",
    "new_package",
    "parse_date",
    "precedence",
    "rank_intervals",
    "read_package",
    "save",
    "segments",
    "stability",
    "truth_table",
]


def __getattr__(name: str):
    if name in _ON_DEMAND:
        return getattr(import_module(f"policylab.{_ON_DEMAND[name]}"), name)
    raise AttributeError(f"module 'policylab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
