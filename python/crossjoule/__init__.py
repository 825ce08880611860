# SPDX-License-Identifier: BSD-3-Clause
"""Records of the crossjoule command as xarray and pandas.

>>> import crossjoule
>>> points = crossjoule.open("infer.h5")           # xarray.Dataset of /result/points
>>> record = crossjoule.open_record("infer.h5")    # everything else in the file
>>> table = crossjoule.points(["infer.h5", "estimate.h5"])   # pandas.DataFrame
"""

from .afno import from_upstream, to_upstream
from .afno_reference import dump_afno_reference
from .emissions import Assumptions, carbon
from .errors import BadInput, CrossjouleError, Damaged, Missing
from .grid import read_grid
from .ledger import read as read_ledger
from .points import open, points  # noqa: A004  (the name users expect: crossjoule.open)
from .quantity import KINDS, Quantity
from .record import Record, open_record
from .reference import dense_network, dump_reference

__version__ = "0.1.0"
__all__ = [
    "Assumptions",
    "BadInput",
    "CrossjouleError",
    "Damaged",
    "KINDS",
    "Missing",
    "Quantity",
    "Record",
    "carbon",
    "dense_network",
    "dump_afno_reference",
    "dump_reference",
    "from_upstream",
    "open",
    "open_record",
    "points",
    "read_grid",
    "read_ledger",
    "to_upstream",
]
