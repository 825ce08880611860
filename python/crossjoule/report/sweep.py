# SPDX-License-Identifier: BSD-3-Clause
"""Latency, throughput and joules per sample against the batch, with intervals."""

from ..points import BOUNDARIES
from . import figures
from .html import KIND_WORDS, escape, plot, plots

_EXPLAINED = {
    "device": "the arithmetic alone",
    "chip": "chip: with digital units, links and static power",
    "system": "system: with DRAM, host and idle power",
}


def section(chapter):
    """The three plots of a network, or None where its records hold no points."""
    points = [point for point in chapter.points if not point.at_fixed_rate]
    if not points:
        return None
    style = styles(points)
    widest = _widest(points)
    panels = [
        _panel(
            chapter,
            "latency",
            widest,
            style,
            lambda point: point.latency,
            "s",
            "Latency of one batch",
            "Median time from the first sample of a batch in to the last one out.",
        ),
        _panel(
            chapter,
            "throughput",
            widest,
            style,
            lambda point: point.seconds_per_sample.inverse("1/s"),
            "1/s",
            "Samples per second",
            "Steady throughput of the whole platform: all cores, or one copy of the network on a"
            " chip.",
        ),
    ]
    for boundary in reversed(BOUNDARIES):
        inside = [
            point
            for point in points
            if point.boundary == boundary and point.joules_per_sample.present
        ]
        if inside:
            panels.append(
                _panel(
                    chapter,
                    f"joules-{boundary}",
                    inside,
                    style,
                    lambda point: point.joules_per_sample,
                    "J",
                    f"Energy per sample, {boundary} boundary",
                    f"Gross joules per sample ({escape(_EXPLAINED[boundary])}).{_partial(inside)}",
                    partial_sums=True,
                )
            )
    intro = (
        "<p>Bands and bars are the intervals stored with each figure. Dashed lines and hollow "
        "markers are modelled, not measured; the legend says so for each series.</p>"
    )
    return intro + plots([panel for panel in panels if panel])


def _partial(points):
    """A warning where a curve is a sum with terms left out."""
    if any(point.missing_terms for point in points):
        return " Pale curves are partial sums: a term has no value yet, so they stand for no ratio."
    return ""


def styles(points):
    """{configuration: (label, colour, marker)}: what varies is named, what is common is not."""
    keys = list(dict.fromkeys(point.configuration for point in points))
    digital = [key for key in keys if key[2] != "analog"]
    varies = [len({key[index] for key in digital}) > 1 for index in range(5)]
    found = {}
    for index, key in enumerate(digital):
        platform, mode, device, precision, ranks = key
        words = [platform] if varies[0] else []
        words += [f"{device.upper()} {mode}".strip(), precision]
        words += [f"{ranks} rank{'s' if ranks > 1 else ''}"] if varies[4] else []
        found[key] = (
            ", ".join(word for word in words if word),
            figures.DIGITAL[index % len(figures.DIGITAL)],
            figures.DIGITAL_MARKERS[index % len(figures.DIGITAL_MARKERS)],
        )
    for index, key in enumerate(key for key in keys if key[2] == "analog"):
        found[key] = (
            f"{key[0]} {key[1]}".strip(),
            figures.ANALOG[index % len(figures.ANALOG)],
            figures.ANALOG_MARKERS[index % len(figures.ANALOG_MARKERS)],
        )
    return found


def _widest(points):
    """One point per configuration and batch: the one of the widest boundary."""
    found = {}
    for point in sorted(points, key=lambda point: BOUNDARIES.index(point.boundary)):
        found[point.configuration + (point.batch,)] = point
    return list(found.values())


def _panel(chapter, name, points, style, figure_of, unit, title, meaning, partial_sums=False):
    series = {}
    for point in points:
        if figure_of(point).present:
            series.setdefault(point.configuration, []).append(point)
    if not series:
        return None
    with figures.matplotlib.rc_context(figures._STYLE):
        figure, axes = figures.new(4.5, 3.4)
        axes.set_xscale("log")
        axes.set_yscale("log")
        entries = [
            _draw(
                axes,
                sorted(found, key=lambda point: point.batch),
                style[key],
                figure_of,
                partial_sums,
            )
            for key, found in sorted(series.items(), key=lambda item: list(style).index(item[0]))
        ]
        axes.set_title(title)
        axes.set_xlabel("batch")
        _frame(axes, series, figure_of)
        figures.log_axis(axes.xaxis, "1")
        figures.log_axis(axes.yaxis, unit)
        figures.legend_below(axes, entries)
    said = "; ".join(label for _, label in entries)
    alt = f"{title} against batch, both axes logarithmic. Series: {said}."
    svg = figures.inline(figure, chapter.ident(f"plot-{name}"), title, alt)
    return plot(svg, f"<b>{escape(title)}.</b> {meaning}")


def _draw(axes, points, style, figure_of, partial_sums):
    """One series: line with band, or a single point with bars. (handle, label with the kind)."""
    missing = {name for point in points for name in point.missing_terms.split("; ") if name}
    partial = partial_sums and len(missing)
    label, colour, marker = style
    found = [figure_of(point) for point in points]
    batches = [point.batch for point in points]
    low, value, high = (
        [getattr(figure, end) for figure in found] for end in ("low", "value", "high")
    )
    words = [KIND_WORDS[kind] for kind in dict.fromkeys(figure.kind for figure in found)]
    if partial:
        words.append(f"partial: {partial} term{'s' * (partial > 1)} missing")
    real = all(figure.measured for figure in found)
    (handle,) = axes.plot(
        batches,
        value,
        color=colour,
        marker=marker,
        linestyle="-" if real else "--",
        markerfacecolor=colour if real else "white",
        markeredgecolor=colour,
        markeredgewidth=1.4,
        alpha=0.55 if partial else 1,
        zorder=3,
    )
    if len(points) > 1:
        axes.fill_between(batches, low, high, color=colour, alpha=0.16, linewidth=0, zorder=2)
    else:
        axes.vlines(batches, low, high, color=colour, linewidth=1.4, zorder=2)
    return handle, f"{label} ({', '.join(words)})"


def _frame(axes, series, figure_of):
    """Limits with a little air: at least one decade each way, so that a lone point has an axis."""
    batches = [point.batch for found in series.values() for point in found]
    ends = [
        end
        for found in series.values()
        for point in found
        for end in (figure_of(point).low, figure_of(point).high)
        if 0 < end < float("inf")
    ]
    axes.set_xlim(min(batches) / 1.6, max(max(batches) * 1.6, min(batches) * 12))
    if ends:
        low, high = min(ends), max(ends)
        axes.set_ylim(low / 1.7, max(high * 1.7, low * 12))
