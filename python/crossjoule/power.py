# SPDX-License-Identifier: BSD-3-Clause
"""Power over time and phases over time, from the series that a metered record keeps."""

from dataclasses import dataclass

import numpy as np

from .ledger import ROOT


@dataclass(frozen=True)
class Power:
    """Mean power between neighbouring samples: watt[k] from time_ns[k] to time_ns[k + 1] (UTC where
    the record knows its offset). NaN where a counter began anew."""

    time_ns: np.ndarray
    watt: np.ndarray

    @property
    def joule(self):
        """Cumulated joules at each of time_ns, from 0."""
        steps = np.nan_to_num(self.watt) * np.diff(self.time_ns) * 1e-9
        return np.concatenate([[0.0], np.cumsum(steps)])

    def between(self, edges_ns):
        """Mean power in each bin of `edges_ns`; energy is kept. NaN in bins without a sample."""
        energy = np.interp(edges_ns, self.time_ns, self.joule)
        power = np.diff(energy) / (np.diff(edges_ns) * 1e-9)
        outside = (edges_ns[1:] <= self.time_ns[0]) | (edges_ns[:-1] >= self.time_ns[-1])
        return np.where(outside, np.nan, power)


def offset_ns(record, host):
    """What is to be added to a steady stamp of this node for nanoseconds since 1970 UTC."""
    return int(record.attributes(f"{ROOT}/nodes/{host}").get("utc_minus_steady_ns", 0))


def of(device):
    """The Power of a device of a ledger, or None where the record keeps fewer than two samples."""
    record, path = device.record, device.path
    if not record.exists(f"{path}/t_ns"):
        return None
    time = record.array(f"{path}/t_ns").values.astype(np.int64)
    if record.exists(f"{path}/counter"):
        counter = record.array(f"{path}/counter").values.astype(np.uint64)
        if len(counter) != len(time):
            return None
        time, counter = _rising(time, counter)
        steps = _counter_steps(counter, device.facts)
        watt = steps / (np.diff(time) * 1e-9) if len(time) > 1 else np.empty(0)
    elif record.exists(f"{path}/power_watt"):
        samples = record.array(f"{path}/power_watt").values.astype(float)
        if len(samples) != len(time):
            return None
        time, samples = _rising(time, samples)
        watt = 0.5 * (samples[1:] + samples[:-1])
    else:
        return None
    if len(time) < 2 or not np.isfinite(watt).any():
        return None
    return Power(time + offset_ns(record, device.host), watt)


def _rising(time, values):
    keep = np.concatenate([[True], np.diff(np.maximum.accumulate(time)) > 0]) if len(time) else []
    return time[keep], values[keep]


def _counter_steps(counter, facts):
    """Joules between readings, modulo the wrap; NaN where a counter without one fell (a reset)."""
    quantum = float(facts.get("quantum_joule", 0.0))
    text = str(facts.get("modulus", "0"))
    modulus = int(text) if text.isdigit() else 0
    steps = []
    for before, after in zip(counter[:-1].tolist(), counter[1:].tolist()):
        step = after - before
        if step < 0:
            step = step + modulus if modulus else float("nan")
        steps.append(step * quantum)
    return np.array(steps, dtype=float)


def phase_spans(record, host):
    """[(begin_ns, end_ns, phase name)] of a node, in order; [] where the record does not say when
    which phase was."""
    group = f"{ROOT}/nodes/{host}/spans"
    if not record.exists(f"{group}/begin_ns"):
        return []
    names = record.strings(f"{ROOT}/phases/name")
    shift = offset_ns(record, host)
    columns = [record.array(f"{group}/{name}").values for name in ("begin_ns", "end_ns", "phase")]
    return [
        (int(begin) + shift, int(end) + shift, names[int(phase)])
        for begin, end, phase in zip(*columns)
        if 0 <= int(phase) < len(names)
    ]
