# SPDX-License-Identifier: BSD-3-Clause
"""Power over time, coloured by phase, one panel for each kind of joule."""

import numpy as np

from ... import power
from ...quantity import KINDS, Quantity, digits, prefix
from .. import figures
from ..document import Bold, Paragraph, Picture, Section, Table
from ..html import KIND_WORDS

PHASE_COLOURS = {
    "init": "#b08a00",
    "data": "#56b4e9",
    "train": "#0072b2",
    "inference": "#009e73",
    "communication": "#d55e00",
    "checkpoint": "#8a4f9e",
    "idle": "#b8bec7",
    "meter": "#14181f",
    "disputed": "#b5179e",
    "unattributed": "#7b8794",
}
_BINS, _MOST_NODES = 480, 6


def section(subject):
    blocks = [*_pictures(subject), _means(subject)]
    return Section("power", "Power over time, by phase", blocks)


def _pictures(subject):
    blocks, drawn = [], 0
    for record, book, _ in subject.labels():
        for host, node in zip(record.strings("/energy/node"), book.nodes):
            if drawn >= _MOST_NODES:
                text = f"Only {_MOST_NODES} of {len(subject.ledger.nodes)} nodes are drawn."
                return [*blocks, Paragraph(text, css="reading")]
            picture = _picture(record, book, host, node, drawn)
            blocks += [picture] if picture else []
            drawn += picture is not None
    if not blocks:
        text = "These records keep no series of readings: power over time is absent."
        return [Paragraph(text, css="reading")]
    return blocks


def _picture(record, book, host, node, index):
    series = {}
    for device in (one for one in book.devices if one.node == node and one.counted):
        found = power.of(device)
        if found is not None:
            series.setdefault(device.kind, []).append((device, found))
    if not series:
        return None
    begin = min(found.time_ns[0] for some in series.values() for _, found in some)
    end = max(found.time_ns[-1] for some in series.values() for _, found in some)
    longest = max(len(found.time_ns) for some in series.values() for _, found in some)
    edges = np.unique(np.linspace(begin, end, min(_BINS, max(longest, 2))).astype(np.int64))
    spans = power.phase_spans(record, host)
    only = _only_phase(book, node)
    kinds = [kind for kind in KINDS if kind in series]
    with figures.matplotlib.rc_context(figures._STYLE):
        drawing, axes = _panels(len(kinds))
        said = [
            _panel(panel, kind, series[kind], edges, spans, only)
            for panel, kind in zip(axes, kinds)
        ]
        axes[-1].set_xlabel("time in s" if end - begin < 600e9 else "time in min")
        _legend(axes[0], _shares(edges, spans, only), spans)
    title = f"Power of {node} over time"
    told = _told(spans, only)
    svg = figures.inline(
        drawing, f"plot-energy-power-{index + 1}", title, f"{title}. {'; '.join(said)}. {told}"
    )
    return Picture(svg, [Bold(f"{title}. "), told], f"{title}. {'; '.join(said)}. {told}")


def _told(spans, only):
    if spans:
        return "Colour is the phase that took most of each interval between readings."
    if only:
        return f"The whole time belongs to one phase, {only}."
    return (
        "This record does not say when which phase was, so the curve has one colour; the mean power"
        " of each phase is below."
    )


def _only_phase(book, node):
    used = [phase for phase in book.phases if book.seconds.get((node, phase), 0) > 0]
    return used[0] if len(used) == 1 else None


def _panels(count):
    drawing = figures.Figure(figsize=(11.6, 1.55 * count + 0.9))
    figures.FigureCanvasSVG(drawing)
    axes = drawing.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
    drawing.subplots_adjust(hspace=0.28)
    return drawing, axes


def _panel(axes, kind, devices, edges, spans, only):
    """Mean power of one kind; what it says in words."""
    binned = np.array([found.between(edges) for _, found in devices])
    total = np.where(np.isnan(binned).all(axis=0), np.nan, np.nansum(binned, axis=0))
    scale, unit = prefix(float(np.nanmax(total)), "W") if np.nanmax(total) > 0 else (1.0, "W")
    seconds = (edges - edges[0]) * 1e-9
    times = seconds if seconds[-1] < 600 else seconds / 60
    steps = np.append(total, total[-1]) / scale
    for phase, where in _shares(edges, spans, only).items():
        colour = PHASE_COLOURS.get(phase, "#7b8794") if phase else figures.KIND_COLOURS[kind]
        mask = np.append(where, where[-1])
        mask[1:] |= where  # a step ends where the next one begins: no gap between two phases
        axes.fill_between(times, 0, np.where(mask, steps, np.nan), step="post", color=colour, lw=0)
    axes.step(times, steps, where="post", color=figures.INK, linewidth=0.9)
    axes.set_ylim(0, 1.12 * float(np.nanmax(steps)) or 1)
    axes.set_xlim(0, times[-1])
    axes.set_ylabel(unit)
    names = ", ".join(device.id for device, _ in devices[:4]) + (" …" if len(devices) > 4 else "")
    axes.set_title(f"{KIND_WORDS[kind]}: {names}", fontsize=9, fontweight="normal")
    low, mean, high = (float(f(total)) for f in (np.nanmin, np.nanmean, np.nanmax))
    figures_said = ", ".join(f"{digits(one / scale)}" for one in (low, mean, high))
    return f"{KIND_WORDS[kind]}: lowest, mean and highest {figures_said} {unit}"


def _shares(edges, spans, only):
    """{phase: mask of bins}; the phase None where nothing tells."""
    middle = 0.5 * (edges[1:] + edges[:-1])
    found = {}
    left = np.ones(len(middle), dtype=bool)
    for begin, end, phase in spans:
        inside = (middle >= begin) & (middle < end)
        found[phase] = found.get(phase, np.zeros(len(middle), dtype=bool)) | inside
        left &= ~inside
    if left.any():
        name = only if not spans else "unattributed"
        found[name] = found.get(name, np.zeros(len(middle), dtype=bool)) | left
    return found


def _legend(axes, drawn, spans):
    """Phases that are drawn, in the order in which they come first."""
    seen = [phase for phase, where in drawn.items() if phase and where.any()]
    order = [phase for _, _, phase in spans]
    phases = sorted(seen, key=lambda phase: order.index(phase) if phase in order else -1)
    if not phases:
        return
    patches = [
        figures.matplotlib.patches.Patch(color=PHASE_COLOURS.get(phase, "#7b8794"))
        for phase in phases
    ]
    axes.legend(patches, phases, loc="lower left", bbox_to_anchor=(-0.008, 1.16), ncol=len(phases))


def _means(subject):
    """Mean power by phase and kind: joules over node time."""
    book, kinds = subject.ledger, list(subject.by_kind)
    rows = []
    for phase in book.used_phases():
        cells = []
        for kind in kinds:
            joules = book.sum(phase=phase, kind=kind)
            nodes = {n for (n, d, p), j in book.joules.items() if p == phase and j.kind == kind}
            seconds = sum(book.seconds.get((node, phase), 0) for node in nodes)
            cells.append(_per(joules, seconds))
        rows.append(("", [phase, *(one if one.present else "–" for one in cells)]))
    return Table(
        ["Phase", *(f"Power of a node, {KIND_WORDS[kind]}" for kind in kinds)],
        rows,
        "Mean power by phase",
        numeric=tuple(range(1, len(kinds) + 1)),
        css="facts-table compact",
        ident="power-by-phase",
    )


def _per(joules, seconds):
    if not joules.present or not seconds > 0:
        return Quantity(unit="W")
    ends = (end / seconds for end in (joules.low, joules.value, joules.high))
    return Quantity(*ends, joules.kind, "W")
