# SPDX-License-Identifier: BSD-3-Clause
"""What-ifs of an estimate: the tornado of what drives it, and the points of a sweep."""

import numpy as np

from ..quantity import digits, prefix
from . import figures
from .html import escape, plot, plots

ROOT = "/result/what_if"
#: Bars of a tornado; the shorter ones change nothing.
MOST_BARS = 14


def what_ifs(chapter):
    """Tornado and sweep of every chip and mode that has them."""
    found = []
    for record in chapter.records:
        for chip in record.children(ROOT):
            for mode in record.children(f"{ROOT}/{chip}"):
                path = f"{ROOT}/{chip}/{mode}"
                name = f"{chip} {mode}"
                drawn = [
                    draw(chapter, record, f"{path}/{what}", name, len(found) + k)
                    for k, (what, draw) in enumerate((("tornado", _tornado), ("sweep", _sweep)))
                    if record.children(f"{path}/{what}")
                ]
                found += [one for one in drawn if one]
    return plots(found) if found else ""


def bars(record, path):
    """[(figure, joules at its low end, at its high end)], longest first, and the joules with all
    figures at their value (None in older records)."""
    names = record.strings(f"{path}/figure")
    low = np.ravel(record.array(f"{path}/joules_low").values)
    high = np.ravel(record.array(f"{path}/joules_high").values)
    found = sorted(zip(names, low, high), key=lambda bar: -abs(bar[2] - bar[1]))
    return found, record.attributes(path).get("joules")


def _tornado(chapter, record, path, name, number):
    found, middle = bars(record, path)
    longest = max((abs(high - low) for _, low, high in found), default=0)
    shown = [bar for bar in found if abs(bar[2] - bar[1]) > 1e-3 * longest][:MOST_BARS]
    if not shown:
        return ""
    middle = float(middle) if middle is not None else None
    scale, unit = prefix(max(max(low, high) for _, low, high in shown), "J")
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(5.6, 0.3 * len(shown) + 1.0)
        for lane, (_, low, high) in enumerate(shown):
            start = low if middle is None else middle
            for end, colour in ((high, "#d55e00"), (low, "#0072b2")):
                axes.barh(
                    lane, (end - start) / scale, left=start / scale, color=colour, height=0.7
                )
        if middle is not None:
            axes.axvline(middle / scale, color=figures.INK, linewidth=1.2)
        axes.set_yticks(range(len(shown)), [figure for figure, _, _ in shown])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"energy per sample in {unit}, modelled, boundary system")
    said = "; ".join(
        f"{figure}: {digits(low / scale)} to {digits(high / scale)} {unit}"
        for figure, low, high in shown
    )
    svg = figures.inline(
        drawing,
        chapter.ident(f"plot-tornado-{number}"),
        f"What drives the energy of {name}",
        f"{said}. All modelled.",
    )
    return plot(
        svg,
        f"<b>What drives the energy of {escape(name)}.</b> One figure at a time at its ends, all"
        " others at their value: blue is its low end, orange its high end.",
    )


def _sweep(chapter, record, path, name, number):
    latency = np.ravel(record.array(f"{path}/latency").values)
    joules = np.ravel(record.array(f"{path}/joules_system").values)
    best = np.ravel(record.array(f"{path}/pareto").values) > 0
    fits = np.isfinite(latency) & np.isfinite(joules)
    if not fits.any():
        return ""
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(4.5, 3.4)
        axes.set_xscale("log")
        axes.set_yscale("log")
        rest = fits & ~best
        entries = [
            (
                axes.scatter(latency[best], joules[best], color="#d55e00", marker="D", zorder=3),
                "no other point beats it in latency, joules and area (modelled)",
            )
        ]
        if rest.any():
            grey = axes.scatter(latency[rest], joules[rest], color="#9aa3ad", marker="o", s=12)
            entries.append((grey, "the other points (modelled)"))
        for values, limit in ((latency[fits], axes.set_xlim), (joules[fits], axes.set_ylim)):
            least, most = values.min(), values.max()
            limit(least / 1.6, max(most * 1.6, least * 12))  # a decade, or there are no ticks
        axes.set_xlabel("latency")
        axes.set_ylabel("energy per sample, boundary system")
        figures.log_axis(axes.xaxis, "s")
        figures.log_axis(axes.yaxis, "J")
        figures.legend_below(axes, entries)
    refused = int((~fits).sum())
    said = f"{fits.sum()} points, {int(best.sum())} on the front, {refused} refused"
    svg = figures.inline(
        drawing,
        chapter.ident(f"plot-sweep-{number}"),
        f"Design points of {name}",
        f"Energy against latency, both axes logarithmic: {said}.",
    )
    return plot(svg, f"<b>Design points of {escape(name)}.</b> {said}.")
