# SPDX-License-Identifier: BSD-3-Clause
"""What a network reaches of a chip's peak, and what its links would allow: the chip's roofline."""

import math

import numpy as np

from ..quantity import digits
from . import figures
from .html import escape, plot

TERA = 1e12


def roof(one):
    """{peak, ops, points, slopes} of an estimate in op/s and ops per byte, or None in older
    records. Points are (way, ops per byte, op/s, batch); slopes (way, ops per byte, byte/s)."""
    group = f"{one.path}/merits/system/throughput_value"
    if not one.record.exists(group) or not one.record.exists(f"{one.path}/peak/throughput"):
        return None
    ops = 2 * float(one.facts["macs_per_sample"])
    bytes_of = {
        "links": float(one.facts.get("link_bytes_per_sample", 0)),
        "host link": float(one.facts.get("host_bytes_per_sample", 0)),
    }
    reached = TERA * np.ravel(one.record.array(group).values)
    terms = one.terms()
    tiles = float(one.facts.get("tiles", 1))
    bandwidth = {
        "links": tiles * float(terms.get("link_bytes_per_second", {}).get("value", math.nan)),
        "host link": float(terms.get("host_link_bytes_per_second", {}).get("value", math.nan)),
    }
    ways = [way for way, size in bytes_of.items() if size > 0]
    return {
        "peak": TERA * one.record.quantity(f"{one.path}/peak/throughput").value,
        "points": [
            (way, ops / bytes_of[way], float(value), batch)
            for way in ways
            for batch, value in zip(one.batches(), reached)
        ],
        "slopes": [
            (way, ops / bytes_of[way], bandwidth[way])
            for way in ways
            if math.isfinite(bandwidth[way])
        ],
    }


def roofline(chapter, found):
    """The roofline of the first estimate that has one, or nothing."""
    one = next((each for each in found if roof(each)), None)
    if one is None:
        return ""
    roofs = roof(one)
    points = roofs["points"]
    if not points:
        return ""
    axis = [at for _, at, _, _ in points]
    left, right = min(axis) / 30, max(axis) * 30
    markers = {"links": "o", "host link": "s"}
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(5.6, 3.6)
        axes.set_xscale("log")
        axes.set_yscale("log")
        entries = [
            (
                axes.axhline(roofs["peak"] / TERA, color=figures.INK, linewidth=1.4),
                "all cells of the chips at work (modelled)",
            )
        ]
        for way, _, rate in roofs["slopes"]:
            along = np.geomspace(left, right, 200)
            (line,) = axes.plot(
                along,
                np.minimum(along * rate, roofs["peak"]) / TERA,
                color=figures.MUTED,
                linestyle="--" if way == "links" else ":",
            )
            carries = "carry" if way == "links" else "carries"
            entries.append((line, f"what the {way} {carries} (assumed)"))
        for way in dict.fromkeys(way for way, _, _, _ in points):
            own = [(at, value / TERA) for name, at, value, _ in points if name == way]
            handle = axes.scatter(
                *zip(*own),
                color=figures.ANALOG[0],
                marker=markers[way],
                facecolor="white",
                zorder=3,
            )
            entries.append((handle, f"batches, by bytes on the {way} (modelled)"))
        axes.set_xlim(left, right)
        lowest = min(value for _, _, value, _ in points) / TERA
        axes.set_ylim(min(lowest / 2, roofs["peak"] / TERA / 12), 2 * roofs["peak"] / TERA)
        axes.set_xlabel("ops of the network per byte moved")
        axes.set_ylabel("Top/s")
        figures.log_axis(axes.xaxis, "1")
        figures.log_axis(axes.yaxis, "1")
        figures.legend_below(axes, entries)
    best = max(value for _, _, value, _ in points)
    said = (
        f"{one.name}: peak {digits(roofs['peak'] / TERA)} Top/s, best batch"
        f" {digits(best / TERA)} Top/s, that is {100 * best / roofs['peak']:.2g} % of it."
    )
    svg = figures.inline(
        drawing, chapter.ident("plot-analog-roofline"), "Roofline of the chip", said
    )
    missing = [way for way in markers if way not in {name for name, _, _ in roofs["slopes"]}]
    left_out = (
        f" No bandwidth is given for the {' and the '.join(missing)}: no slope is drawn."
        if missing
        else ""
    )
    return plot(svg, f"<b>Roofline of the chip.</b> {escape(said)}{left_out}")
