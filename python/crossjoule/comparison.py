# SPDX-License-Identifier: BSD-3-Clause
"""Ratios by the rules of `crossjoule compare`, recomputed so that the page needs records alone.

1. Ratios are formed within one boundary (device, chip, system) only.
2. A point whose boundary has a term without a value shows its numbers and no ratio.
3. Gross on both sides: idle power is subtracted nowhere.
4. The headline ratio is against the most efficient (for time: the fastest) digital line over all
   batches, precisions, devices and modes; the ratio against the best digital line at the same batch
   stands beside it.
5. A digital joule that nobody measured is at least a factor 2 wide either way.
6. Measured and modelled digital joules never stand in one ratio: where any is measured, the
   modelled ones show values without a ratio.
"""

import math
from dataclasses import dataclass, field, replace

from .points import BOUNDARIES
from .quantity import Quantity, worst

#: A modelled digital joule may be off by this much either way.
MODELLED_BAND = 2.0


@dataclass(frozen=True)
class Line:
    """A point and how many times less energy and time than digital lines it takes."""

    point: object
    joules: Quantity
    energy_to_best: Quantity = None
    energy_to_same_batch: Quantity = None
    time_to_best: Quantity = None
    time_to_same_batch: Quantity = None
    role: str = ""
    why_no_ratio: str = ""


@dataclass(frozen=True)
class Comparison:
    """The lines of one network by boundary, widest boundary first."""

    lines: dict = field(default_factory=dict)
    any_measured: bool = False


def compare(points):
    """Every point with its ratios, by boundary."""
    lines = {}
    for boundary in reversed(BOUNDARIES):
        inside = [Line(point, _banded(point)) for point in points if point.boundary == boundary]
        if inside:
            lines[boundary] = _within(inside)
    return Comparison(lines, any(point.joules_per_sample.measured for point in points))


def best_digital(lines, figure_of, batch=None):
    """The digital line of the smallest figure that may stand in a ratio, or None."""
    usable = [
        line
        for line in lines
        if not line.point.analog
        and not line.point.missing_terms
        and (batch is None or line.point.batch == batch)
        and figure_of(line).present
        and figure_of(line).value > 0
    ]
    return min(usable, key=lambda line: figure_of(line).value, default=None)


def ratio(reference, figure):
    """reference / figure, the ends combined as independent; None where either is absent."""
    if not (reference.present and figure.present and figure.value > 0):
        return None
    low = reference.low / figure.high if figure.high > 0 else 0.0
    high = reference.high / figure.low if figure.low > 0 else math.inf
    return Quantity(
        low, reference.value / figure.value, high, worst(reference.kind, figure.kind), "1"
    )


def _banded(point):
    joules = point.joules_per_sample
    if point.analog or not joules.present or joules.measured:
        return joules
    return replace(
        joules,
        low=min(joules.low, joules.value / MODELLED_BAND),
        high=max(joules.high, joules.value * MODELLED_BAND),
    )


def _joules(line):
    return line.joules


def _seconds(line):
    return line.point.seconds_per_sample


def _within(lines):
    measured = any(line.joules.measured for line in lines if not line.point.analog)
    mixed = [
        line
        for line in lines
        if measured and not line.point.analog and line.joules.present and not line.joules.measured
    ]
    joined = [line for line in lines if all(line is not other for other in mixed)]
    best, fastest = best_digital(joined, _joules), best_digital(lines, _seconds)
    first = best_digital(joined, _joules, batch=1)
    found = []
    for line in lines:
        alone = any(line is other for other in mixed)
        found.append(_finished(line, joined, lines, (best, fastest, first), alone))
    return found


def _finished(line, joined, lines, references, alone):
    best, fastest, first = references
    role = (
        "most efficient digital"
        if line is best
        else "most efficient digital at batch 1" if line is first else ""
    )
    if line is fastest:
        role += (", " if role else "") + "fastest digital"
    reason = _why_not(line, best, alone)
    if line.point.missing_terms:
        return replace(line, role=role, why_no_ratio=reason)
    batch = line.point.batch
    line = replace(
        line,
        role=role,
        why_no_ratio=reason,
        time_to_best=_against(fastest, line, _seconds),
        time_to_same_batch=_against(best_digital(lines, _seconds, batch), line, _seconds),
    )
    if reason:
        return line
    return replace(
        line,
        energy_to_best=_against(best, line, _joules),
        energy_to_same_batch=_against(best_digital(joined, _joules, batch), line, _joules),
    )


def _against(reference, line, figure_of):
    return ratio(figure_of(reference), figure_of(line)) if reference is not None else None


def _why_not(line, best, alone):
    if line.point.missing_terms:
        names = line.point.missing_terms.split("; ")
        words = names[0] if len(names) == 1 else f"{len(names)} terms"
        return f"no ratio: no value yet for {words}"
    if not line.joules.present:
        return "no ratio: joules absent"
    if alone:
        return "no ratio: modelled joules beside measured ones"
    if best is None:
        return "no ratio: no digital joules in this boundary"
    return ""
