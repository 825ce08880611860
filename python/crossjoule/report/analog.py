# SPDX-License-Identifier: BSD-3-Clause
"""What an analog estimate is made of: parts of the energy, map of layers to tiles, terms."""

import math
from dataclasses import dataclass

import numpy as np

from ..points import BOUNDARIES
from ..quantity import Quantity, prefix
from . import figures
from .estimate_roofline import roofline
from .estimate_timeline import timeline
from .estimate_what_if import what_ifs
from .html import KIND_WORDS, digits, escape, figure, kind_badge, plot, table

ROOT = "/result/estimate"
#: Part of the energy -> (name in print, colour, the term that gives it or None for the arrays).
PARTS = {
    "mvm": ("arrays with DAC and ADC", "#0072b2", None),
    "array": ("arrays", "#0072b2", None),
    "dac": ("DACs", "#56799a", None),
    "adc": ("ADCs", "#003f63", None),
    "digital": ("digital units", "#009e73", "digital_joules_per_output"),
    "links": ("on-chip links", "#56b4e9", "link_joules_per_byte"),
    "static": ("static power", "#8a4f9e", "static_watts_per_tile"),
    "programming": ("programming", "#b08a00", "write_joules_per_weight"),
    "calibration": ("calibration", "#6b6b6b", "calibration_interval_seconds"),
    "host_link": ("host link", "#e69f00", "host_link_joules_per_byte"),
    "host_idle": ("host idle", "#d55e00", "host_idle_watts"),
}


@dataclass
class Estimate:
    """One chip in one read mode, as its record holds it."""

    record: object
    path: str
    facts: dict
    kinds: dict

    @property
    def name(self):
        return f"{self.facts.get('chip', '')} {self.facts.get('mode', '')}".strip()

    def batches(self):
        return [int(batch) for batch in self.record.array(f"{self.path}/parts/batch").values]

    def parts(self, boundary, index):
        """{part: Quantity} of the parts within a boundary that have a value, at batch `index`."""
        found = {}
        for name in PARTS:
            stem = f"{self.path}/parts/{boundary}/{name}"
            if not self.record.exists(f"{stem}_value"):
                continue
            ends = [
                float(self.record.array(f"{stem}_{end}").values[index])
                for end in ("low", "value", "high")
            ]
            if all(map(math.isfinite, ends)):
                found[name] = Quantity(*ends, self.kinds.get(PARTS[name][2], "modelled"), "J")
        return found

    def terms(self):
        """{term: attributes} of the figures beside the arrays."""
        group = f"{self.path}/terms"
        return {
            name: self.record.attributes(f"{group}/{name}") for name in self.record.children(group)
        }


def estimates(chapter):
    """Every estimate of the chapter's records."""
    found = []
    for record in chapter.records:
        for chip in record.children(ROOT):
            for mode in record.children(f"{ROOT}/{chip}"):
                path = f"{ROOT}/{chip}/{mode}"
                if not record.exists(f"{path}/parts/batch"):
                    continue
                terms = {
                    name: record.attributes(f"{path}/terms/{name}").get("kind", "absent")
                    for name in record.children(f"{path}/terms")
                }
                kinds = {
                    name: kind if kind in ("assumed", "modelled") else "modelled"
                    for name, kind in terms.items()
                }
                found.append(Estimate(record, path, record.attributes(path), kinds))
    return found


def section(chapter):
    """Facts, plot and tables of the estimates, or None where there is none."""
    found = estimates(chapter)
    if not found:
        return None
    intro = (
        "<p>Nothing in this section was measured: every figure follows from published numbers of"
        f" the chip ({kind_badge('modelled')}) or from an assumption of the study"
        f" ({kind_badge('assumed')}). A part without a value is left open, not set to zero: the sum"
        " is then partial and no ratio is formed.</p>"
    )
    return "".join(
        [
            intro,
            _facts(found),
            _plot(chapter, found),
            timeline(chapter, found),
            roofline(chapter, found),
            what_ifs(chapter),
            _parts_table(found),
            _layers(found),
            _terms(found),
        ]
    )


def _facts(found):
    rows = [
        ("Tiles", "tiles"),
        ("Chips", "chips"),
        ("Weights placed", "weights"),
        ("Utilisation", "utilisation"),
        ("Pipeline depth", "depth"),
        ("Copies for the fixed rate", "fixed_rate_replicas"),
        ("Chips for the fixed rate", "fixed_rate_chips"),
    ]
    body = [
        (
            None,
            [
                ("", [escape(title)] + [_fact(one.facts.get(key), key) for one in found])
                for title, key in rows
                if any(key in one.facts for one in found)
            ],
        )
    ]
    for title, name in (
        ("One product of one array", "product"),
        ("Between samples, pipeline full", "interval"),
        ("Energy of one product", "product_energy"),
        ("Area of one chip", "chip_area"),
    ):
        cells = [figure(_quantity(one, name)) for one in found]
        if any(_quantity(one, name).present for one in found):
            body[0][1].append(("", [escape(title)] + cells))
    rates = [figure(_quantity(one, "interval").inverse("1/s")) for one in found]
    body[0][1].append(("", ["Samples per second, one copy"] + rates))
    return table(
        ["Map and pipeline"] + [one.name for one in found],
        body,
        "How the network lies on each chip",
        numeric=range(1, len(found) + 1),
        css="facts-table",
    )


def _quantity(one, name):
    path = f"{one.path}/{name}"
    return one.record.quantity(path) if one.record.exists(path) else Quantity()


def _fact(value, key):
    if value is None:
        return '<span class="none">–</span>'
    if key == "utilisation":
        return f"{100 * float(value):.1f} %"
    return f"{int(value):,}".replace(",", " ")


def _plot(chapter, found):
    bars = [
        (one, boundary, one.parts(boundary, 0))
        for one in found
        for boundary in reversed(BOUNDARIES)
    ]
    bars = [bar for bar in bars if bar[2]][::-1]
    if not bars:
        return ""
    largest = max(sum(part.value for part in parts.values()) for _, _, parts in bars)
    scale, unit = prefix(largest, "J")
    used = [name for name in PARTS if any(name in parts for _, _, parts in bars)]
    with figures.matplotlib.rc_context(figures._STYLE):
        height = 0.34 * len(bars) + 1.0
        drawing, axes = figures.new(8.2, height)
        handles = {}
        for row, (one, _, parts) in enumerate(bars):
            left = 0.0
            for name, part in parts.items():
                bar = axes.barh(
                    row,
                    part.value / scale,
                    left=left,
                    height=0.66,
                    color=PARTS[name][1],
                    alpha=0.85,
                    hatch=figures.KIND_HATCHES.get(part.kind, ""),
                    edgecolor="white",
                    linewidth=0.5,
                )
                handles[name] = bar
                left += part.value / scale
            low = left - sum(part.value - part.low for part in parts.values()) / scale
            high = left + sum(part.high - part.value for part in parts.values()) / scale
            axes.hlines(row, low, high, color=figures.INK, linewidth=1.2)
            axes.text(
                max(left, high) + 0.012 * largest / scale,
                row,
                f"{digits(left)} {unit}",
                va="center",
                fontsize=9,
            )
        axes.set_yticks(range(len(bars)), [f"{one.name} · {boundary}" for one, boundary, _ in bars])
        axes.set_xlim(
            0, 1.16 * max(sum(part.high for part in parts.values()) for _, _, parts in bars) / scale
        )
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"energy per sample in {unit}, modelled, batch {found[0].batches()[0]}")
        axes.tick_params(axis="y", length=0, labelcolor=figures.INK)
        kinds = {name: KIND_WORDS[parts[name].kind] for _, _, parts in bars for name in parts}
        axes.legend(
            [handles[name] for name in used],
            [f"{PARTS[name][0]} ({kinds[name]})" for name in used],
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.5 / (0.77 * height)),
            ncol=3,
            borderaxespad=0,
        )
    svg = figures.inline(
        drawing,
        chapter.ident("plot-analog"),
        "Parts of the analog energy per sample",
        "Stacked bars of modelled joules per sample: "
        + "; ".join(
            f"{one.name}, {boundary}: {digits(sum(p.value for p in parts.values()) / scale)} {unit}"
            for one, boundary, parts in bars
        )
        + ". All modelled.",
    )
    return plot(
        svg,
        "<b>Where the modelled joules of a sample go.</b> One sample at a time; the black line is"
        " the interval of the sum. Only parts that have a value are drawn.",
    )


def _parts_table(found):
    body = []
    for boundary in reversed(BOUNDARIES):
        rows = []
        values = [one.parts(boundary, 0) for one in found]
        for name, (title, _, _) in PARTS.items():
            if any(name in parts for parts in values):
                rows.append(
                    (
                        "",
                        [escape(title)] + [figure(parts.get(name, Quantity())) for parts in values],
                    )
                )
        if rows:
            body.append((f"<b>{escape(boundary)} boundary</b>", rows))
    return table(
        ["Part of the energy per sample"] + [one.name for one in found],
        body,
        "Parts of the modelled energy, batch " + str(found[0].batches()[0]),
        numeric=range(1, len(found) + 1),
        css="facts-table",
    )


def _layers(found):
    one = found[0]
    group = f"{one.path}/layers"
    if not one.record.exists(f"{group}/name"):
        return ""
    names = one.record.strings(f"{group}/name")
    columns = {
        key: np.ravel(one.record.array(f"{group}/{key}").values)
        for key in ("inputs", "outputs", "row_tiles", "column_tiles", "vectors")
        if one.record.exists(f"{group}/{key}")
    }
    if len(columns) < 5:
        return ""
    rows = [
        (
            "",
            [escape(name)]
            + [str(int(columns[key][index])) for key in columns]
            + [str(int(columns["row_tiles"][index] * columns["column_tiles"][index]))],
        )
        for index, name in enumerate(names)
    ]
    return table(
        [
            "Layer",
            "Inputs",
            "Outputs",
            "Tiles along inputs",
            "Tiles along outputs",
            "Products per sample",
            "Tiles",
        ],
        [(None, rows)],
        f"Map of the layers to tiles: {escape(one.name)}",
        numeric=range(1, 7),
    )


def _terms(found):
    rows = []
    for one in found:
        for name, term in one.terms().items():
            kind = str(term.get("kind", "absent"))
            value = Quantity()
            if "value" in term:
                value = Quantity(
                    term["low"], term["value"], term["high"], kind, str(term.get("unit", "1"))
                )
            rows.append(
                (
                    "",
                    [
                        escape(one.name),
                        escape(name.replace("_", " ")),
                        escape(term.get("boundary", "")),
                        figure(value),
                        escape(term.get("citation", term.get("description", ""))),
                    ],
                )
            )
    if not rows:
        return ""
    return table(
        ["Estimate", "Term", "Boundary", "Figure", "Source, reason or meaning"],
        [(None, rows)],
        "Terms beside the arrays: absent ones close a boundary to ratios",
        css="terms",
    )
