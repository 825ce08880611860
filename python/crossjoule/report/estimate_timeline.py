# SPDX-License-Identifier: BSD-3-Clause
"""When which resource of a chip works for a single sample, and what the last output waits for."""

from dataclasses import dataclass, field

import numpy as np

from ..quantity import digits, prefix
from . import figures
from .html import escape, plot

#: Lanes drawn one by one; a deeper network gets one lane for each kind of resource.
MOST_LANES = 36
#: Resource in records -> (name in print, colour), in the order in which a sample meets them.
RESOURCES = {
    "host_link": ("host link", "#e69f00"),
    "links": ("links", "#56b4e9"),
    "program": ("writing of weights", "#b08a00"),
    "dac": ("DACs", "#56799a"),
    "tiles": ("tiles", "#0072b2"),
    "adc": ("ADCs", "#003f63"),
    "columns": ("digital units of columns", "#7fcdbb"),
    "shared": ("digital unit", "#009e73"),
}
#: Resources of which a chip has one, whatever node of the network is on it.
ONE_OF_A_CHIP = ("host_link", "shared", "program")


@dataclass
class Lane:
    """One resource: when it is busy, and which of that the last output waits for (seconds)."""

    name: str
    resource: str
    busy: list = field(default_factory=list)
    critical: list = field(default_factory=list)

    def seconds(self):
        """Time in which at least one of its events is under way."""
        total, reached = 0.0, 0.0
        for begin, end in sorted(self.busy):
            total += max(0.0, end - max(begin, reached))
            reached = max(reached, end)
        return total


def steps(one):
    """[(name, seconds)] of what the last output waits for, in order; empty in older records."""
    group = f"{one.path}/critical_path"
    if not one.record.exists(f"{group}/name"):
        return []
    names = one.record.strings(f"{group}/name")
    return list(zip(names, np.ravel(one.record.array(f"{group}/seconds").values)))


def lanes(one):
    """Lanes of the schedule in a record, first used first; [] in older records."""
    group = f"{one.path}/schedule"
    if not one.record.exists(f"{group}/lane"):
        return []
    names = one.record.strings(f"{group}/lane_name")
    resources = one.record.strings(f"{group}/lane_resource")
    column = {
        key: np.ravel(one.record.array(f"{group}/{key}").values) for key in ("lane", "begin", "end")
    }
    found = {}
    order = np.argsort(column["begin"], kind="stable")
    for index in order:
        at = int(column["lane"][index])
        key = _key(names[at], resources[at])
        lane = found.setdefault(key, Lane(key[0], key[1]))
        lane.busy.append((float(column["begin"][index]), float(column["end"][index])))
    begin = 0.0
    for step, seconds in steps(one):
        name, _, resource = step.rpartition(" (")
        lane = found.get(_key(name, resource.rstrip(")")))
        if lane is not None:
            lane.critical.append((begin, begin + float(seconds)))
        begin += float(seconds)
    return list(found.values())


def _key(name, resource):
    return ("" if resource in ONE_OF_A_CHIP else name, resource)


def merged(found):
    """One lane for each kind of resource, where there are too many to draw."""
    if len(found) <= MOST_LANES:
        return found
    kinds = {}
    for lane in found:
        kind = kinds.setdefault(lane.resource, Lane("all layers", lane.resource))
        kind.busy += lane.busy
        kind.critical += lane.critical
    return [kinds[resource] for resource in RESOURCES if resource in kinds]


def _title(lane):
    word = RESOURCES[lane.resource][0]
    return word if lane.resource in ONE_OF_A_CHIP or not lane.name else f"{lane.name}: {word}"


def timeline(chapter, found):
    """Lanes of resources over time for the first estimate that has a schedule, or nothing."""
    one = next((each for each in found if lanes(each)), None)
    if one is None:
        return ""
    every = lanes(one)
    shown = merged(every)
    total = max(end for lane in shown for _, end in lane.busy)
    scale, unit = prefix(total, "s")
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(6.4, 0.24 * len(shown) + 1.3)
        handles = {}
        for row, lane in enumerate(shown):
            word, colour = RESOURCES[lane.resource]
            bars = [(begin / scale, (end - begin) / scale) for begin, end in lane.busy]
            handles[word] = axes.broken_barh(
                bars, (row - 0.36, 0.72), facecolor=colour, linewidth=0, alpha=0.8
            )
            if lane.critical:
                marks = [(begin / scale, (end - begin) / scale) for begin, end in lane.critical]
                handles["critical path"] = axes.broken_barh(
                    marks, (row - 0.46, 0.92), facecolor="none", edgecolor="#d55e00", linewidth=1.4
                )
        if "critical path" in handles:
            handles["critical path"] = handles.pop("critical path")
        axes.set_yticks(range(len(shown)), [_title(lane) for lane in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, total / scale)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"time since the first input ({unit}, modelled)")
        axes.legend(
            handles.values(),
            handles.keys(),
            loc="upper left",
            bbox_to_anchor=(0, -0.55 / (0.24 * len(shown) + 0.5)),
            ncol=3,
            borderaxespad=0,
        )
    svg = figures.inline(
        drawing,
        chapter.ident("plot-analog-timeline"),
        "When each resource works for one sample",
        f"{one.name}: "
        + "; ".join(f"{_title(lane)}, busy {_busy(lane, total)}" for lane in shown)
        + ". All modelled.",
    )
    return plot(svg, _caption(one, every, shown, total))


def _busy(lane, total):
    return f"{100 * lane.seconds() / total:.2g} % of the time"


def _caption(one, every, shown, total):
    path = steps(one)
    longest = sorted(path, key=lambda step: -step[1])[:3]
    scale, unit = prefix(total, "s")
    told = ", ".join(f"{escape(name)} {digits(s / scale)} {unit}" for name, s in longest)
    rest = (
        ""
        if len(shown) == len(every)
        else f" The {len(every)} resources are drawn by kind: a bar is busy where any of them is."
    )
    return (
        f"<b>When each resource works for a single sample on {escape(one.name)}.</b> Framed is the"
        f" critical path, what the last output waits for in {len(path)} steps; its longest:"
        f" {told}. Vectors that follow each other evenly are one bar.{rest}"
    )
