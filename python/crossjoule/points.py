# SPDX-License-Identifier: BSD-3-Clause
"""/result/points, the one table that infer and estimate both write, as xarray and pandas."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from .errors import BadInput
from .quantity import KINDS, Quantity
from .record import Record

GROUP = "/result/points"
#: Columns of text and of integers, in the order of the table.
TEXTS = (
    "platform",
    "mode",
    "device",
    "precision",
    "boundary",
    "missing_terms",
    "assumed_terms",
    "note",
)
INTEGERS = ("batch", "ranks")
#: Figures: name -> (unit, description). Columns NAME, NAME_low, NAME_high, NAME_kind.
FIGURES = {
    "latency": ("s", "one batch, first sample in to last out (median)"),
    "seconds_per_sample": ("s", "reciprocal of the steady throughput of the whole platform"),
    "joules_per_sample": ("J", "gross: idle power is part of it"),
    "idle_joules_per_sample": ("J", "the part that idle power alone would have taken"),
}
ENDS = {"low": "_low", "value": "", "high": "_high"}
BOUNDS = tuple(ENDS)
BOUNDARIES = ("device", "chip", "system")


def open(path):  # noqa: A001  (crossjoule.open is the documented name)
    """The points of one record as an xarray.Dataset.

    Dimension `point` carries platform, mode, device, precision, boundary, batch and ranks as
    coordinates; each figure has the dimensions (point, bound) with bound = low, value, high, its
    unit in `attrs["units"]` and a companion `<figure>_kind` (point). An absent figure is NaN with
    kind "absent". `attrs` of the Dataset name the file, verb, network, build and system; the rest
    of the file is at `crossjoule.open_record(path)`.
    """
    return of(Record(path))


def of(record):
    """As open(), of a record that is already open."""
    if not record.is_group(GROUP):
        raise BadInput(
            f"{record.path} has no {GROUP} (its verb is '{record.verb}'; infer and estimate "
            "write that table) use crossjoule.open_record for other records"
        )
    columns = record.group(GROUP)
    _require(record, columns)
    coords = {name: ("point", columns[name].values.astype(str)) for name in TEXTS}
    coords.update({name: ("point", columns[name].values.astype(np.int64)) for name in INTEGERS})
    coords["bound"] = list(BOUNDS)
    variables = {}
    for name, (unit, description) in FIGURES.items():
        kinds = columns[f"{name}_kind"].values.astype(str)
        _refuse_unknown_kinds(record, name, kinds)
        figures = np.stack(
            [columns[name + ENDS[bound]].values.astype(float) for bound in BOUNDS], axis=1
        )
        figures[kinds == "absent"] = np.nan
        variables[name] = (("point", "bound"), figures, {"units": unit, "description": description})
        variables[f"{name}_kind"] = ("point", kinds, {"description": f"where {name} comes from"})
    return xr.Dataset(variables, coords=coords, attrs=_attrs(record))


def points(files):
    """The points of several records as one pandas.DataFrame, a row per point: file, network,
    digest, the text and integer columns, and `<figure>`, `<figure>_low`, `<figure>_high`,
    `<figure>_kind` for each figure (SI units)."""
    if isinstance(files, (str, bytes)) or hasattr(files, "__fspath__"):
        files = [files]
    records = [file if isinstance(file, Record) else Record(file) for file in files]
    frames = [_frame(record) for record in records]
    if not frames:
        raise BadInput("no record given (there is nothing to read) name at least one file")
    return pd.concat(frames, ignore_index=True)


def _frame(record):
    data = of(record)
    frame = pd.DataFrame({"file": [record.path] * data.sizes["point"]})
    frame["network"] = record.network.name if record.network else ""
    frame["digest"] = record.network.digest if record.network else ""
    for name in ("platform", "mode", "device", "precision", "batch", "ranks", "boundary"):
        frame[name] = data[name].values
    for name in FIGURES:
        for bound in ("value", "low", "high"):
            frame[name + ENDS[bound]] = data[name].sel(bound=bound).values
        frame[f"{name}_kind"] = data[f"{name}_kind"].values
    for name in ("missing_terms", "assumed_terms", "note"):
        frame[name] = data[name].values
    return frame


def _attrs(record):
    attrs = {"file": record.path, "verb": record.verb}
    if record.network:
        attrs.update(
            network=record.network.name,
            digest=record.network.digest,
            params=record.network.params,
            macs=record.network.macs,
        )
    attrs["build"] = record.build
    attrs["system"] = record.system
    return attrs


def _require(record, columns):
    wanted = list(TEXTS) + list(INTEGERS)
    wanted += [name + end for name in FIGURES for end in (*ENDS.values(), "_kind")]
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise BadInput(
            f"{record.path}: {GROUP} lacks the column {missing[0]} (the table of format 1 has "
            f"{len(wanted)} columns) write the record again with this version"
        )
    lengths = {columns[name].size for name in wanted}
    if len(lengths) != 1:
        raise BadInput(
            f"{record.path}: the columns of {GROUP} differ in length write the record again"
        )


def _refuse_unknown_kinds(record, name, kinds):
    for kind in kinds:
        if kind not in KINDS:
            raise BadInput(
                f"{record.path}: {GROUP}/{name}_kind = '{kind}' (not one of "
                f"{', '.join(KINDS)}) write the record again with this version"
            )


@dataclass(frozen=True)
class Point:
    """One line of the table: a network on one platform at one batch, at one boundary."""

    record: str
    platform: str
    mode: str
    device: str
    precision: str
    batch: int
    ranks: int
    boundary: str
    latency: Quantity
    seconds_per_sample: Quantity
    joules_per_sample: Quantity
    idle_joules_per_sample: Quantity
    missing_terms: str = ""
    assumed_terms: str = ""
    note: str = ""

    @property
    def analog(self):
        return self.device == "analog"

    @property
    def at_fixed_rate(self):
        """Single samples that arrive at a fixed rate: no batch of a sweep, a what-if beside it."""
        return self.analog and re.search(r", at [0-9.e+]+ ?[kMG]?Hz", self.mode) is not None

    @property
    def configuration(self):
        """What stays the same along a batch sweep."""
        return (self.platform, self.mode, self.device, self.precision, self.ranks)


def lines_of(record):
    """The points of a record as a list of Point, in the order of the file."""
    data, lines = of(record), []
    texts = {name: data[name].values for name in (*TEXTS, *INTEGERS)}
    for index in range(data.sizes["point"]):
        fields = {name: texts[name][index] for name in TEXTS}
        fields.update({name: int(texts[name][index]) for name in INTEGERS})
        for name, (unit, _) in FIGURES.items():
            low, value, high = (float(number) for number in data[name].values[index])
            kind = str(data[f"{name}_kind"].values[index])
            present = kind != "absent" and math.isfinite(value)
            fields[name] = (
                Quantity(low, value, high, kind, unit) if present else Quantity(unit=unit)
            )
        lines.append(
            Point(record=record.name, **{key: _plain(value) for key, value in fields.items()})
        )
    return lines


def _plain(value):
    return str(value) if isinstance(value, np.str_) else value
