# SPDX-License-Identifier: BSD-3-Clause
"""The energy ledger of each metered record: joules by phase and device, and how weighed."""

import numpy as np

from .. import ledger
from ..ledger import ROOT, total
from ..quantity import Quantity, digits, prefix
from . import figures
from .html import KIND_WORDS, escape, figure, plot, table


def section(chapter):
    """Plot and tables of each ledger, or None where no record has one."""
    parts = []
    for record in chapter.records:
        cells = read(record)
        if cells:
            parts.append(_block(chapter, record, cells, len(parts)))
    return "".join(parts) if parts else None


def read(record):
    """{(phase, device): Quantity} over all nodes, counted devices only, in the order of the file;
    {} where there is none."""
    book = ledger.read(record)
    if book is None:
        return {}
    counted = {(device.node, device.id) for device in book.devices if device.counted}
    found = {}
    for (node, device, phase), joules in book.joules.items():
        if (node, device) in counted:
            found.setdefault((phase, device), []).append(joules)
    return {key: total(parts) for key, parts in found.items()}


def _block(chapter, record, ledger, index):
    headline = record.text(f"{ROOT}/headline")
    words = f"<h3>{escape(record.name)}</h3><p>Weighed by: <b>{escape(headline)}</b></p>"
    return words + _plot(chapter, record, ledger, index) + _table(record, ledger) + _probe(record)


def _plot(chapter, record, ledger, index):
    bars = [(key, joules) for key, joules in _in_order(record, ledger) if joules.high > 0][::-1]
    if not bars:
        return ""
    scale, unit = prefix(max(joules.value for _, joules in bars), "J")
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = figures.new(7.6, 0.34 * len(bars) + 1.0)
        handles = {}
        for row, ((phase, device), joules) in enumerate(bars):
            handles[joules.kind] = figures.bar(axes, row, joules, scale, unit)
        axes.set_yticks(range(len(bars)), [f"{phase} · {device}" for (phase, device), _ in bars])
        axes.set_xlim(0, 1.15 * max(joules.high for _, joules in bars) / scale)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0, labelcolor=figures.INK)
        axes.set_xlabel(f"energy in {unit}")
        axes.legend(
            list(handles.values()),
            [KIND_WORDS[kind] for kind in handles],
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncol=4,
        )
    said = "; ".join(
        f"{phase}, {device}: {digits(joules.value / scale)} {unit}, {KIND_WORDS[joules.kind]}"
        for (phase, device), joules in bars[::-1]
    )
    svg = figures.inline(
        drawing,
        chapter.ident(f"plot-energy-{index + 1}"),
        f"Energy ledger of {record.name}",
        f"Joules by phase and device. {said}.",
    )
    return plot(
        svg,
        f"<b>Joules of {escape(record.name)} by phase and device.</b> Colour is the kind of joule,"
        " the black line its interval.",
    )


def _in_order(record, ledger):
    phases = record.strings(f"{ROOT}/phases/name")
    devices = list(dict.fromkeys(device for _, device in ledger))
    return [
        ((phase, device), ledger[phase, device])
        for phase in phases
        for device in devices
        if (phase, device) in ledger
    ]


def _table(record, ledger):
    phases = record.strings(f"{ROOT}/phases/name")
    devices = list(dict.fromkeys(device for _, device in ledger))
    seconds = record.array(f"{ROOT}/phases/seconds").values
    seconds = np.atleast_2d(seconds).max(axis=0)
    rows = []
    for index, phase in enumerate(phases):
        cells = [ledger.get((phase, device), Quantity(unit="J")) for device in devices]
        if seconds[index] > 0 or any(one.present and one.high > 0 for one in cells):
            present = [one for one in cells if one.present]
            rows.append(
                (
                    "",
                    [
                        escape(phase),
                        f"{digits(float(seconds[index]))} s",
                        *map(figure, cells),
                        figure(total(present)),
                    ],
                )
            )
    columns = [
        [joules for (_, device), joules in ledger.items() if device == one] for one in devices
    ]
    rows.append(
        (
            "best",
            [
                "all phases",
                f"{digits(float(seconds.sum()))} s",
                *(figure(total(column)) for column in columns),
                figure(total(list(ledger.values()))),
            ],
        )
    )
    return table(
        ["Phase", "Time", *devices, "Sum"],
        [(None, rows)],
        f"Energy ledger of {escape(record.name)}: the phases add up to the total",
        numeric=range(1, len(devices) + 3),
        css="facts-table",
    )


def _probe(record):
    group = f"{ROOT}/probe"
    if not record.exists(f"{group}/backend"):
        return ""
    columns = [
        record.strings(f"{group}/{name}") for name in ("backend", "id", "status", "role", "advice")
    ]
    rows = [("", [escape("" if cell == "-" else cell) for cell in row]) for row in zip(*columns)]
    content = table(
        ["Backend", "Sensor", "Status", "Role", "What to do"],
        [(None, rows)],
        "Every backend that was tried",
        css="facts-table",
    )
    return f"<details open><summary>Sensors looked for ({len(rows)})</summary>{content}</details>"
