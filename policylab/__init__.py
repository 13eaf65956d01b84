"""Comparative policy analysis of US law against child sexual exploitation and trafficking.

>>> import policylab as lab
>>> laws = lab.load()
>>> laws.as_of("2015-10-01").value("CT", "wt_trafficking")
'enumerated'
"""

from policylab.check import check_package
from policylab.dates import LegalDate, parse_date
from policylab.package import (
    data_version,
    load,
    load_claims,
    load_indicators,
    load_instruments,
    load_jurisdictions,
    load_matrix,
    read_package,
)
from policylab.provisions import Provisions
from policylab.schema import Fault, PackageError

__version__ = "0.1.0"

__all__ = [
    "Fault",
    "LegalDate",
    "PackageError",
    "Provisions",
    "check_package",
    "data_version",
    "load",
    "load_claims",
    "load_indicators",
    "load_instruments",
    "load_jurisdictions",
    "load_matrix",
    "parse_date",
    "read_package",
]
