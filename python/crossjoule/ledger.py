# SPDX-License-Identifier: BSD-3-Clause
"""The energy ledger of a metered record: joules by phase, device and node (docs/energy.md)."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .errors import BadInput
from .quantity import KINDS, Quantity, worst

ROOT = "/energy"


@dataclass(frozen=True)
class Device:
    """A row of the ledger: a sensor, or the model that stands in for one. `facts` are the
    attributes that the record has of it; `record` is where its time series lies."""

    node: str
    id: str
    host: str
    record: object
    facts: dict = field(compare=False)

    @property
    def counted(self):
        """False for a cross-check, which is inside another device that counts."""
        return self.facts.get("use", "counted") == "counted"

    @property
    def kind(self):
        kind = self.facts.get("kind", "absent")
        return kind if kind in KINDS else "absent"

    @property
    def path(self):
        return f"{ROOT}/nodes/{self.host}/devices/{self.id.replace('/', '_')}"

    @property
    def name(self):
        return str(self.facts.get("name") or self.id)


@dataclass
class Ledger:
    """joules: {(node, device id, phase): Quantity} of all devices, absent ones left out; seconds:
    {(node, phase): float}. Sums are over counted devices alone; ends add to ends, since one
    constant may drive them all."""

    phases: list
    nodes: list
    devices: list
    joules: dict
    seconds: dict

    @cached_property
    def _cells(self):
        """{(node, device id): {phase: Quantity}}: a job of many nodes is gone through once."""
        cells = {(device.node, device.id): {} for device in self.devices}
        for (node, name, phase), joules in self.joules.items():
            cells.setdefault((node, name), {})[phase] = joules
        return cells

    def of(self, *, nodes=None, device=None, phase=None, kind=None, skip=()):
        """The counted figures that match, as a list."""
        return [
            joules
            for one in self.devices
            if one.counted
            and (nodes is None or one.node in nodes)
            and (device is None or one.id == device)
            for part, joules in self._cells[one.node, one.id].items()
            if (phase is None or part == phase)
            and (kind is None or joules.kind == kind)
            and part not in skip
        ]

    def sum(self, **which):
        """The sum of the counted figures that match; its kind is that of the worst part."""
        return total(self.of(**which))

    def of_device(self, device):
        """All phases of one device, counted or not."""
        return total(list(self._cells[device.node, device.id].values()))

    def by_kind(self):
        """{kind: Quantity} in the order of KINDS, present ones alone."""
        sums = {kind: self.sum(kind=kind) for kind in KINDS[:-1]}
        return {kind: joules for kind, joules in sums.items() if joules.present}

    def used_phases(self):
        """Phases that took time or joules, in the record's order."""
        return [
            phase
            for phase in self.phases
            if any(self.seconds.get((node, phase), 0) > 0 for node in self.nodes)
            or any(joules.high > 0 for joules in self.of(phase=phase))
        ]


def total(quantities):
    """The sum of figures; its kind is that of the worst part. Absent for none."""
    if not quantities:
        return Quantity(unit="J")
    ends = (sum(getattr(one, end) for one in quantities) for end in ("low", "value", "high"))
    return Quantity(*ends, worst(*(one.kind for one in quantities)), quantities[0].unit)


def read(record, label=""):
    """The Ledger of a record, or None where it has none. `label` is put before node names."""
    if not record.exists(f"{ROOT}/phases/name") or not record.exists(f"{ROOT}/node"):
        return None
    phases = record.strings(f"{ROOT}/phases/name")
    hosts = record.strings(f"{ROOT}/node")
    orders = [text.split() for text in record.strings(f"{ROOT}/device_order")]
    nodes = [label + host for host in hosts]
    if len(orders) != len(hosts):
        raise _misshapen(record, "device_order")
    devices = _devices(record, hosts, nodes, orders)
    joules = _joules(record, phases, nodes, orders)
    if not joules:
        return None
    seconds = np.atleast_2d(record.array(f"{ROOT}/phases/seconds").values)
    if seconds.shape != (len(nodes), len(phases)):
        raise _misshapen(record, "phases/seconds")
    times = {
        (node, phase): float(seconds[index, column])
        for index, node in enumerate(nodes)
        for column, phase in enumerate(phases)
    }
    return Ledger(phases, nodes, devices, joules, times)


def _devices(record, hosts, nodes, orders):
    found = []
    for host, node, order in zip(hosts, nodes, orders):
        for name in order:
            if name == "-":
                continue
            path = f"{ROOT}/nodes/{host}/devices/{name.replace('/', '_')}"
            found.append(Device(node, name, host, record, record.attributes(path)))
    return found


def _joules(record, phases, nodes, orders):
    found = {}
    for kind in KINDS[:-1]:
        stem = f"{ROOT}/joules/{kind.replace('-', '_')}"
        if not record.exists(stem):
            continue
        cubes = [record.array(stem + end).values for end in ("_low", "", "_high")]
        fits = all(cube.ndim == 3 and cube.shape == cubes[1].shape for cube in cubes)
        if not fits or cubes[1].shape[::2] != (len(nodes), len(phases)):
            raise _misshapen(record, stem)
        for node, device, phase in zip(*np.nonzero(np.isfinite(cubes[1]))):
            order = orders[node]
            name = order[device] if device < len(order) else f"device {device}"
            ends = [float(cube[node, device, phase]) for cube in cubes]
            found[nodes[node], name, phases[phase]] = Quantity(*ends, kind, "J")
    return found


def _misshapen(record, name):
    return BadInput(
        f"{record.path}: {name} does not fit the nodes and phases of the record (it was not"
        " written by this program) restore the file from a copy"
    )


def join(ledgers):
    """Several ledgers as one; their node names must differ."""
    phases = list(dict.fromkeys(phase for one in ledgers for phase in one.phases))
    joined = Ledger(phases, [], [], {}, {})
    for one in ledgers:
        joined.nodes += one.nodes
        joined.devices += one.devices
        joined.joules.update(one.joules)
        joined.seconds.update(one.seconds)
    return joined
