# SPDX-License-Identifier: BSD-3-Clause
"""When a single sample passes which part of the network: the critical path of an estimate."""

import numpy as np

from ..quantity import digits, prefix
from . import figures
from .html import plot

#: Steps drawn one by one; the rest of a deep network would only be lines.
MOST_STEPS = 40


def steps(one):
    """[(name, seconds)] of what the last output waits for, in order; empty in older records."""
    group = f"{one.path}/critical_path"
    if not one.record.exists(f"{group}/name"):
        return []
    names = one.record.strings(f"{group}/name")
    return list(zip(names, np.ravel(one.record.array(f"{group}/seconds").values)))


def timeline(chapter, found):
    """One lane per step of the first estimate that has a critical path, or nothing."""
    one = next((each for each in found if steps(each)), None)
    if one is None:
        return ""
    path = steps(one)
    total = sum(seconds for _, seconds in path)
    scale, unit = prefix(total, "s")
    shown = path[:MOST_STEPS]
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(6.4, 0.26 * len(shown) + 1.0)
        begin = 0.0
        for lane, (name, seconds) in enumerate(shown):
            colour = "#0072b2" if name.endswith("(tiles)") else "#009e73"
            axes.barh(lane, seconds / scale, left=begin / scale, height=0.7, color=colour)
            begin += seconds
        axes.set_yticks(range(len(shown)), [name for name, _ in shown])
        axes.invert_yaxis()
        axes.set_xlabel(f"time since the first input ({unit}, modelled)")
    svg = figures.inline(
        drawing,
        chapter.ident("plot-analog-timeline"),
        "Critical path of one sample",
        f"{one.name}: "
        + "; ".join(f"{name}, {digits(seconds / scale)} {unit}" for name, seconds in shown)
        + ". All modelled.",
    )
    rest = "" if len(shown) == len(path) else f" The first {len(shown)} of {len(path)} steps."
    return plot(
        svg,
        f"<b>What a single sample waits for on {one.name}.</b> Each bar is the time that a step adds"
        f" to the latency; blue are tiles, green is the chip's digital unit.{rest}",
    )
